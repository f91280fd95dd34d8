//! A program or script that lists of files do not show, or under a name that nobody can see.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a file or folder whose name is blanks or dots | 0.45 | made to be passed over |
//! | a program or script in a hidden folder of the system or of temporary files | 0.30 | homes have hidden folders, systems have next to none |
//! | a program whose own name is hidden | 0.25 | programs are there to be called |
//! | the folders in which tools build, mount and unpack | 0.10 | they are hidden, and everybody has them |

use super::{Folders, System, about_place, is_program, placed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_formats::identify::runnable::Runnable;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Hidden;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-hidden"),
    describes: "a program or script has a hidden name, or lies in a hidden folder where there are none",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "hidden",
    techniques: &[TechniqueId::new("T1564.001")],
    false_positives: "tools that build and unpack in hidden folders, and people who hide what they share with a system",
};

impl Detector for Hidden {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((folders, what)) = placed(facts) else { return };
        if !is_program(what) && what != Runnable::Script {
            return;
        }
        let found = unseen(&folders).or_else(|| in_folder(&folders)).or_else(|| {
            let is_own = is_program(what) && is_hidden(folders.name) && !is_ours(&folders.name.to_lowercase());
            is_own.then_some((250, "is a program with a hidden name"))
        });
        if let Some((weight, said)) = found {
            scene.found(about_place(&INFO, facts, weight, said));
        }
    }
}

/// Names of which a list shows nothing.
fn unseen(folders: &Folders<'_>) -> Option<(u16, &'static str)> {
    let is_nothing = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c == '.' || c.is_whitespace() || watchfire_knowledge::confusable::is_invisible(c))
    };
    if is_nothing(folders.name) {
        return Some((450, "has a name of blanks and dots"));
    }
    folders
        .iter()
        .any(is_nothing)
        .then_some((450, "lies in a folder whose name is blanks and dots"))
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && name.len() > 1
}

/// Hidden folders that are for developers and desktops, wherever they are, in lower case.
const HONEST: &[&str] = &[
    ".build-id",
    ".cache",
    ".cargo",
    ".circleci",
    ".config",
    ".debug",
    ".dwz",
    ".dylibs",
    ".eggs",
    ".git",
    ".github",
    ".gitlab",
    ".gradle",
    ".hg",
    ".husky",
    ".idea",
    ".libs",
    ".local",
    ".m2",
    ".mypy_cache",
    ".next",
    ".nox",
    ".npm",
    ".nuget",
    ".pnpm",
    ".pytest_cache",
    ".rustup",
    ".snapshots",
    ".svn",
    ".tools",
    ".tox",
    ".venv",
    ".virtualenv",
    ".vscode",
    ".yarn",
    ".zfs",
    ".bin",
    ".ci",
    ".deps",
    ".wine",
    ".steam",
    ".flatpak",
    ".nv",
    ".ccache",
    ".azure",
    ".devcontainer",
    ".ruff_cache",
    ".bundle",
    ".nvm",
];
/// Folders for a while that tools make: `.tmpAbCdEf`, `.mount_…`, `.org.chromium.…`.
const PASSING: &[&str] = &[".tmp", ".mount_", ".org.", ".com.", ".io."];

/// Beginnings of such names: bins, what network file systems keep while it is open.
const HONEST_BEGINNINGS: &[&str] = &[".trash", ".nfs0", ".venv", ".vscode-"];

fn is_ours(folder: &str) -> bool {
    HONEST.contains(&folder) || HONEST_BEGINNINGS.iter().any(|known| folder.starts_with(known))
}

/// Homes have hidden folders with programs in them; the rest of a system does not.
fn in_folder(folders: &Folders<'_>) -> Option<(u16, &'static str)> {
    // Services have their homes below `/var/lib`.
    const SYSTEM: &[&str] = &[
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib64",
        "/boot",
        "/etc",
        "/dev",
        "/run",
        "/tmp",
        "/private/tmp",
        "/var/tmp",
        "/var/log",
        "/var/mail",
        "/var/spool",
        "/var/www",
    ];
    if folders.system() != System::Unix || !SYSTEM.iter().any(|pattern| folders.are(pattern)) {
        return None;
    }
    let mut hidden = folders.iter().filter(|folder| is_hidden(folder) && !is_ours(folder));
    let first = hidden.next()?;
    // A home that is stored elsewhere, as in a container.
    let is_home = folders
        .iter()
        .take_while(|folder| *folder != first)
        .any(|folder| matches!(folder, "home" | "root"));
    let is_tool = is_home || PASSING.iter().any(|known| first.starts_with(known));
    if is_tool && folders.are_temporary() {
        return Some((100, "lies in a hidden folder of a tool"));
    }
    if is_home {
        return None;
    }
    Some((300, "lies in a hidden folder of the system"))
}
