//! The name of a program of the system, in a folder where the system does not keep it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a process of Windows, outside of its folders | 0.50 | each lies in one folder of Windows, and malware borrows the name |
//! | the same, where no system was recognised around it | 0.20 | it may be a copy, or Windows under another name |
//! | a thread of the kernel: `[kworker/0:1]`, `kthreadd` | 0.50 | they have no file |
//! | a daemon, or a shell, among temporary files | 0.40 | nobody runs the real one from there |
//! | a daemon in somebody's home | 0.10 | developers build them |

use super::system_names::{DAEMONS, PROCESSES, THREADS};
use super::{Folders, System, about_place, placed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_formats::identify::runnable::Runnable;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct SystemElsewhere;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-system-name-elsewhere"),
    describes: "a program has the name of one of the system, and lies where the system does not keep it",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "system-name",
    techniques: &[TechniqueId::new("T1036.005")],
    false_positives: "copies and backups of systems, and what developers of such programs build",
};

impl Detector for SystemElsewhere {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((folders, what)) = placed(facts) else { return };
        let name = folders.name.to_lowercase();
        let found = match what {
            Runnable::Pe | Runnable::Dos => of_windows(&name, &folders),
            Runnable::Elf => of_thread(&name).or_else(|| of_linux(&name, &folders)),
            Runnable::Script if !name.contains('.') => of_thread(&name).or_else(|| of_linux(&name, &folders)),
            _ => None,
        };
        if let Some((weight, said)) = found {
            scene.found(about_place(&INFO, facts, weight, said));
        }
    }
}

/// Whether it lies where a drive of Windows keeps its own, its updates and the systems in its containers. Anybody can call
/// a folder of his `System32`.
fn are_of_windows(folders: &Folders<'_>) -> bool {
    const HOMES: &[&str] = &[
        "/windows/system32",
        "/windows/syswow64",
        "/windows/sysarm32",
        "/windows/sysnative",
        "/windows/winsxs",
        "/windows/servicing",
        "/windows/servicepackfiles",
        "/windows/softwaredistribution",
        "/windows.old",
        "/$windows.~bt",
        "/$windows.~ws",
        "/i386",
        "/programdata/docker/windowsfilter",
        "/programdata/microsoft/windows/containers",
    ];
    HOMES.iter().any(|home| folders.are(home))
}

/// Whether it lies where something that looks like Windows keeps its own: what belongs to which system is not known.
fn are_like_windows(folders: &Folders<'_>) -> bool {
    const OWN: &[&str] = &[
        "system32",
        "syswow64",
        "sysarm32",
        "sysnative",
        "winsxs",
        "servicing",
        "system",
        "$windows.~bt",
        "$windows.~ws",
        "softwaredistribution",
        "i386",
        "amd64",
        "dllcache",
        "wine",
    ];
    folders.iter().any(|folder| OWN.contains(&folder))
}

fn of_windows(name: &str, folders: &Folders<'_>) -> Option<(u16, &'static str)> {
    let is_windows = folders.system() == System::Windows;
    let is_at_home = if is_windows { are_of_windows } else { are_like_windows };
    let stem = name.strip_suffix(".exe")?;
    if !PROCESSES.contains(&stem) || is_at_home(folders) {
        return None;
    }
    // The shell lies beside the folders of the system.
    if stem == "explorer" && (folders.are("/windows/.") || !is_windows && folders.last() == "windows") {
        return None;
    }
    let weight = if is_windows { 500 } else { 200 };
    Some((weight, "has the name of a program of Windows, and lies elsewhere"))
}

fn of_thread(name: &str) -> Option<(u16, &'static str)> {
    let inner = name.strip_prefix('[').map(|rest| rest.trim_end_matches(']'));
    let is_bracketed = name.ends_with(']') && inner.is_some_and(|inner| inner.len() > 1);
    let is_thread = |name: &str| {
        THREADS.iter().any(|thread| {
            let rest = name.strip_prefix(thread);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '_', '-', '0', '1', '2', '3']))
        })
    };
    (is_bracketed || !name.contains('.') && is_thread(inner.unwrap_or(name)))
        .then_some((500, "has the name of a thread of the kernel, which has no file"))
}

fn of_linux(name: &str, folders: &Folders<'_>) -> Option<(u16, &'static str)> {
    const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "ash"];
    let is_daemon = DAEMONS.contains(&name);
    // A system that is stored below a folder has its daemons where they belong.
    if !(is_daemon || SHELLS.contains(&name)) || folders.are_of_programs() {
        return None;
    }
    match () {
        () if folders.are_temporary() => Some((
            400,
            "has the name of a program of the system, and lies among temporary files",
        )),
        () if is_daemon && (folders.are("/home") || folders.are("/root") || folders.are("/var/www")) => {
            Some((100, "has the name of a program of the system, and lies elsewhere"))
        }
        () => None,
    }
}
