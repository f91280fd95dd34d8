//! The arguments of `watchfire find`.

use super::JudgingArgs;
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

    /// Say what is wrong with the files that are asked for; without a name, size, time, owner, permission or kind asked
    /// for, and with --format or --yara, that is done anyway.
    #[arg(long, conflicts_with_all = ["list", "print0", "long"])]
    judge: bool,

    /// Do not look for programs inside of archives (zip, 7z, tar).
    #[arg(long)]
    no_archives: bool,

    /// Remember what was judged and found to be nothing, and do not read it again while it stays as it is: a search that
    /// was interrupted goes on, a repeated one reads what is new.
    #[arg(long)]
    resume: bool,

    #[command(flatten)]
    wanted: WantedArgs,
    #[command(flatten)]
    way: WayArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
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

impl WantedArgs {
    /// What is asked of names and of what the file system says.
    fn names(&self) -> Wanted {
        Wanted {
            names: self.name.clone(),
            extensions: self.extension.clone(),
            smallest: self.min_size.clone(),
            largest: self.max_size.clone(),
            changed_within: self.changed_within.clone(),
            changed_before: self.changed_before.clone(),
            owner: self.owner.clone(),
            modes: self.mode.clone(),
        }
    }
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

    /// Leave out what fits this pattern, and all below it; with a slash it is about paths, else about names.
    #[arg(long, short = 'E', value_name = "GLOB")]
    exclude: Vec<String>,

    /// Leave out what .gitignore and .ignore files say.
    #[arg(long)]
    ignore_files: bool,

    /// Stay on the file system of each root.
    #[arg(long, short = 'x')]
    one_file_system: bool,
}

/// How paths are written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Paths alone")]
pub(crate) struct ListArgs {
    /// Print the paths of what is found and judge nothing: fast, unordered, for a pipe.
    #[arg(long)]
    list: bool,

    /// End each path with a zero instead of a line end, for xargs -0.
    #[arg(long, short = '0', conflicts_with = "long")]
    pub(crate) print0: bool,

    /// The kind and a tab before each path, and paths escaped.
    #[arg(long, short = 'l')]
    pub(crate) long: bool,
}

impl FindArgs {
    /// Whether files are judged; else their paths are listed. A filter alone is the job of whoever pipes names on.
    pub(crate) fn judges(&self) -> bool {
        let list = &self.list;
        let filters = !self.wanted.kind.is_empty() || !self.wanted.names().is_empty();
        let JudgingArgs { output, rules, .. } = &self.judging;
        let reports = self.judge || self.resume || output.wants_report() || !rules.yara.is_empty();
        !(list.list || list.print0 || list.long) && (reports || !filters)
    }

    /// What is searched for, and where.
    pub(crate) fn search(&self) -> Search {
        let wanted = &self.wanted;
        let names = wanted.names();
        let kinds = if wanted.kind.is_empty() && names.is_empty() && !self.judges() {
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
            excluded: self.way.exclude.clone(),
            heeds_ignore_files: self.way.ignore_files,
            without_archives: self.no_archives,
            resume: self.resume,
        }
    }
}
