//! The arguments of `watchfire find`.

use clap::{Args, ValueHint};
use std::path::PathBuf;
use watchfire::{EVERY_KIND, Links, Search, Wanted};

#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    /// Files and folders to search.
    #[arg(value_name = "ROOT", required_unless_present = "all_drives", value_hint = ValueHint::AnyPath)]
    roots: Vec<PathBuf>,

    /// Search every disk of this computer; virtual and network file systems and read-only media are left out.
    #[arg(long)]
    all_drives: bool,

    #[command(flatten)]
    wanted: WantedArgs,
    #[command(flatten)]
    way: WayArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// Which files are meant.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which files")]
struct WantedArgs {
    /// Names that fit this pattern, whatever their case; several times for any of them.
    #[arg(long, short = 'n', value_name = "GLOB")]
    name: Vec<String>,

    /// Names with this extension, whatever their case.
    #[arg(long, short = 'e', value_name = "EXT", value_delimiter = ',')]
    extension: Vec<String>,

    /// What can act by its content, of this kind: pe, elf, mach-o, java, android, wasm, bytecode, dos, script, shortcut,
    /// package, disk-image, document; 'any' for all of them, which is what is searched where nothing else is asked for.
    #[arg(long, short = 'k', value_name = "KIND", value_delimiter = ',')]
    kind: Vec<String>,

    /// At least so many bytes: 500, 10k, 2M, 1GiB.
    #[arg(long, value_name = "SIZE")]
    min_size: Option<String>,

    /// At most so many bytes.
    #[arg(long, value_name = "SIZE")]
    max_size: Option<String>,

    /// Written since then: 2d, 12h, or a day.
    #[arg(long, value_name = "TIME")]
    changed_within: Option<String>,

    /// Written before then.
    #[arg(long, value_name = "TIME")]
    changed_before: Option<String>,

    /// Owned by this user: a name or a number.
    #[arg(long, value_name = "USER")]
    owner: Option<String>,

    /// With these permissions: setuid, setgid, world-writable, executable.
    #[arg(long, value_name = "PERMISSION", value_delimiter = ',')]
    mode: Vec<String>,
}

/// How to go through the folders.
#[derive(Debug, Args)]
#[command(next_help_heading = "Way")]
struct WayArgs {
    /// Follow symbolic links below a root.
    #[arg(long, short = 'L')]
    follow_links: bool,

    /// Go so deep: 1 is what lies in a root itself.
    #[arg(long, short = 'd', value_name = "N")]
    max_depth: Option<usize>,

    /// Stay on the file system of each root.
    #[arg(long, short = 'x')]
    one_file_system: bool,
}

/// How paths are written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ListArgs {
    /// End each path with a zero instead of a line end, for xargs -0.
    #[arg(long, short = '0', conflicts_with = "long")]
    pub(crate) print0: bool,

    /// The kind and a tab before each path, and paths escaped.
    #[arg(long, short = 'l')]
    pub(crate) long: bool,
}

impl FindArgs {
    /// What is searched for, and where.
    pub(crate) fn search(&self) -> Search {
        let wanted = &self.wanted;
        let names = Wanted {
            names: wanted.name.clone(),
            extensions: wanted.extension.clone(),
            smallest: wanted.min_size.clone(),
            largest: wanted.max_size.clone(),
            changed_within: wanted.changed_within.clone(),
            changed_before: wanted.changed_before.clone(),
            owner: wanted.owner.clone(),
            modes: wanted.mode.clone(),
        };
        let kinds = if wanted.kind.is_empty() && names.is_empty() {
            vec![EVERY_KIND.to_owned()]
        } else {
            wanted.kind.clone()
        };
        Search {
            roots: self.roots.clone(),
            all_drives: self.all_drives,
            links: if self.way.follow_links {
                Links::Follow
            } else {
                Links::Skip
            },
            deepest: self.way.max_depth,
            one_file_system: self.way.one_file_system,
            wanted: names,
            kinds,
        }
    }
}
