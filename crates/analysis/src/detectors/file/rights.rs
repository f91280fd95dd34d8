//! Rights that a file should not have.
//!
//! | case | weight | why |
//! |---|---|---|
//! | runs with the rights of root, in a folder where everybody may put files | 0.60 | nothing is installed there |
//! | the same, and everybody may write the file itself | 0.60 | whoever is there becomes root |
//! | the same, elsewhere outside of the folders of programs | 0.40 | packages put such programs into few places |
//! | runs with the rights of somebody else, outside of those folders | 0.15 | shared tools of a group |
//! | everybody may write what the system starts by itself, or a program of the system | 0.35 | whoever is there is run by others |
//!
//! Disks of Windows have no such rights: what a system shows in their place is made up, but for the bits that raise rights.
//! A system that is stored below a folder (a container, a tree to be packed) has folders of programs too; so that nobody need
//! only make one, what runs as root there has to bear a name that distributions give these rights.

use super::system_names::RAISED;
use super::{Folders, System, about, placed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_formats::identify::runnable::Runnable;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, Stored, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Rights;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-odd-rights"),
    describes: "a program runs with the rights of somebody else where none should, or everybody may change it",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 600,
    group: "rights",
    techniques: &[TechniqueId::new("T1548.001"), TechniqueId::new("T1222.002")],
    false_positives: "systems that are stored below a folder, and shares that are mounted without rights",
};

pub(super) const SETUID: u32 = 0o4000;
const SETGID: u32 = 0o2000;
const EXECUTABLE: u32 = 0o111;
const WRITABLE_BY_ALL: u32 = 0o002;

impl Detector for Rights {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let (Some((folders, what)), Some(stored)) = (placed(facts), facts.stored()) else {
            return;
        };
        let Some(mode) = stored.mode else { return };
        let found = raises(&folders, what)
            .then(|| raised(mode, stored, &folders))
            .flatten()
            .or_else(|| writable(mode, &folders, what));
        if let Some((weight, said)) = found {
            let owner = stored
                .owner
                .map_or_else(String::new, |owner| format!(", of user {owner}"));
            scene.found(about(&INFO, facts, weight, said, &format!("mode {mode:04o}{owner}")));
        }
    }
}

/// Whether systems give a file of that kind the rights of somebody else, where its bits say so. Scripts never get them.
pub(super) fn raises(folders: &Folders<'_>, what: Runnable) -> bool {
    folders.system() != System::Unknown && matches!(what, Runnable::Elf | Runnable::MachO)
}

/// Runs with the rights of its owner or group.
fn raised(mode: u32, stored: &Stored, folders: &Folders<'_>) -> Option<(u16, &'static str)> {
    if mode & (SETUID | SETGID) == 0 || mode & EXECUTABLE == 0 {
        return None;
    }
    let is_root = mode & SETUID != 0 && stored.owner == Some(0);
    let is_usual = !is_root || RAISED.contains(&folders.name);
    Some(match () {
        () if is_root && mode & WRITABLE_BY_ALL != 0 => (600, "runs as root, and everybody may change it"),
        () if holds_system(folders) || folders.are_of_own_programs() => return None,
        () if is_usual && folders.are_of_programs() => return None,
        () if is_root && folders.are_temporary() => (600, "runs as root, and lies where everybody may put files"),
        () if is_root => (400, "runs as root, and lies outside of the folders of programs"),
        () => (
            150,
            "runs with the rights of somebody else, and lies outside of the folders of programs",
        ),
    })
}

/// Whether a whole system is stored there.
fn holds_system(folders: &Folders<'_>) -> bool {
    const SYSTEMS: &[&str] = &[
        "/var/lib/docker",
        "/var/lib/containers",
        "/var/lib/containerd",
        "/var/lib/lxc",
        "/var/lib/lxd",
        "/var/lib/machines",
        "/var/lib/flatpak",
        "/var/lib/snapd",
        "/var/lib/kubelet",
        "/var/cache/pbuilder",
        "/var/lib/schroot",
        ".local/share/containers",
    ];
    SYSTEMS.iter().any(|pattern| folders.are(pattern))
}

/// Everybody may write it.
fn writable(mode: u32, folders: &Folders<'_>, what: Runnable) -> Option<(u16, &'static str)> {
    const STARTED: &[&str] = &[
        "/etc",
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib64",
        "/boot",
        "/var/spool/cron",
        "/root",
    ];
    if folders.system() != System::Unix || !matches!(what, Runnable::Elf | Runnable::MachO | Runnable::Script) {
        return None;
    }
    let is_system = STARTED.iter().any(|pattern| folders.are(pattern));
    (mode & WRITABLE_BY_ALL != 0 && is_system).then_some((350, "belongs to the system, and everybody may change it"))
}
