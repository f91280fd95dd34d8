//! A shell, or another program that does whatever it is told, that runs with the rights of its owner.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a shell by its name, or by what it takes from libraries | 0.60 | the way to leave a door open to root |
//! | a program that starts others or writes any file, by its name (GTFOBins) | 0.50 | the same, one step longer |
//!
//! By what it takes from libraries, a shell is told under names only that distributions do not give these rights: `sudo` is
//! much like one.

use super::rights::{SETUID, raises};
use super::system_names::RAISED;
use super::{about, placed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::{Elf, Executable};
use watchfire_model::{Confidence, Fact, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct SetuidShell;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-setuid-shell"),
    describes: "a shell or an interpreter runs with the rights of its owner",
    severity: Severity::Critical,
    confidence: Confidence::High,
    weight: 600,
    group: "setuid-shell",
    techniques: &[TechniqueId::new("T1548.001")],
    false_positives: "machines for exercises, and tools that are wrapped by hand",
};

const SHELLS: &[&str] = &[
    "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "rbash", "sh", "tcsh", "yash", "zsh",
];
/// Programs that start others or write any file, and that no distribution gives these rights (GTFOBins, "SUID").
const DOES_ANYTHING: &[&str] = &[
    "awk",
    "base64",
    "cat",
    "chmod",
    "chown",
    "cp",
    "curl",
    "dd",
    "docker",
    "ed",
    "emacs",
    "env",
    "find",
    "gawk",
    "gdb",
    "git",
    "grep",
    "install",
    "java",
    "less",
    "lua",
    "make",
    "man",
    "mawk",
    "more",
    "mv",
    "nano",
    "nc",
    "ncat",
    "netcat",
    "nice",
    "nmap",
    "node",
    "nodejs",
    "openssl",
    "perl",
    "php",
    "pip",
    "python",
    "rsync",
    "ruby",
    "rview",
    "rvim",
    "sed",
    "socat",
    "ssh",
    "start-stop-daemon",
    "strace",
    "systemctl",
    "tar",
    "taskset",
    "tclsh",
    "tee",
    "timeout",
    "vi",
    "view",
    "vim",
    "watch",
    "wget",
    "xargs",
    "zip",
];

impl Detector for SetuidShell {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let (Some((folders, what)), Some(stored)) = (placed(facts), facts.stored()) else {
            return;
        };
        let raised = stored.mode.filter(|mode| mode & SETUID != 0 && mode & 0o111 != 0);
        let Some(mode) = raised.filter(|_| raises(&folders, what)) else {
            return;
        };
        let name = folders.name.to_lowercase();
        let plain = plain(&name);
        let imports = || !RAISED.contains(&folders.name) && facts.facts.iter().any(works_like_shell);
        let found = match () {
            () if SHELLS.contains(&plain) => (600, "is a shell that runs with the rights of its owner"),
            () if DOES_ANYTHING.contains(&plain) => (500, "does what it is told, with the rights of its owner"),
            () if imports() => (600, "works like a shell, and runs with the rights of its owner"),
            () => return,
        };
        let owner = stored
            .owner
            .map_or_else(String::new, |owner| format!(", of user {owner}"));
        scene.found(about(
            &INFO,
            facts,
            found.0,
            found.1,
            &format!("mode {mode:04o}{owner}"),
        ));
    }
}

/// A name without its number: `python3.11` is `python`.
fn plain(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'))
}

/// Whether a program of that name does whatever it is told.
pub(super) fn does_anything(name: &str) -> bool {
    let name = name.to_lowercase();
    SHELLS.contains(&plain(&name)) || DOES_ANYTHING.contains(&plain(&name))
}

/// Controls jobs on a terminal, starts programs and waits for them.
fn works_like_shell(fact: &Fact) -> bool {
    let Fact::Executable(executable) = fact else {
        return false;
    };
    let Executable::Elf(elf) = &**executable else {
        return false;
    };
    let imports = |wanted: &[&str]| wanted.iter().any(|name| takes(elf, name));
    imports(&["tcsetpgrp"])
        && imports(&["execve"])
        && imports(&["fork", "vfork"])
        && imports(&["setpgid", "setpgrp"])
        && imports(&["waitpid", "wait3", "wait4"])
}

/// Whether a function is taken from a library, whatever its version.
fn takes(elf: &Elf, name: &str) -> bool {
    elf.imports
        .iter()
        .any(|import| import.raw().split('@').next() == Some(name))
}
