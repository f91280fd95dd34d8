//! Functions that together are what malware is made of.
//!
//! | case | weight | why |
//! |---|---|---|
//! | reads accounts from the database of passwords | 0.35 | hardly anything else needs these functions |
//! | replaces the content of a process that it starts | 0.30 | process hollowing; protectors do it as well |
//! | writes code into another process and starts it | 0.25 | injection; debuggers and overlays of games do it as well |
//! | loads a file and starts it | 0.20 | installers that fetch the rest |
//! | watches keys, knows the window in front, and talks to the network | 0.15 | a recorder of keys; games and remote control |
//! | for Linux: writes into other processes, or runs programs from memory | 0.15 | debuggers; managers of containers and services |
//! | next to nothing but the means to find everything else | 0.15 | the rest is hidden; small tools in assembler |
//!
//! Libraries that offer such functions themselves are parts of Windows, and left alone. Functions that are found at run time
//! are not seen, and most malware does that: silence says nothing.

use super::{elf, pe};
use crate::detectors::file::about;
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::HashSet;
use watchfire_model::executable::pe::{ImportedFunction, PeKind};
use watchfire_model::executable::{Elf, Pe};
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Calls;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-odd-calls"),
    describes: "a program calls functions that together inject code, steal passwords or load and start something",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 250,
    group: "executable-calls",
    techniques: &[TechniqueId::new("T1106")],
    false_positives: "debuggers, overlays of games, tools for remote control, installers",
};

/// Functions of which one of each row is needed, without the `A`, `W` or `Ex` at their ends.
struct Set {
    rows: &'static [&'static [&'static str]],
    weight: u16,
    what: &'static str,
    technique: &'static str,
}

/// Of Windows, heaviest first.
const WINDOWS: &[Set] = &[
    Set {
        rows: &[
            &["SamConnect", "SamIConnect"],
            &[
                "SamQueryInformationUser",
                "SamIQueryInformationUser",
                "SamrQueryInformationUser",
                "SamEnumerateUsersInDomain",
            ],
        ],
        weight: 350,
        what: "reads accounts from the database of passwords",
        technique: "T1003.002",
    },
    Set {
        rows: &[
            &["NtUnmapViewOfSection", "ZwUnmapViewOfSection"],
            &["CreateProcess", "NtCreateUserProcess"],
            &[
                "WriteProcessMemory",
                "NtWriteVirtualMemory",
                "ZwWriteVirtualMemory",
                "NtMapViewOfSection",
            ],
            &[
                "SetThreadContext",
                "Wow64SetThreadContext",
                "ResumeThread",
                "NtResumeThread",
            ],
        ],
        weight: 300,
        what: "replaces the content of a process that it starts",
        technique: "T1055.012",
    },
    Set {
        rows: &[
            &["VirtualAllocEx", "NtAllocateVirtualMemory", "ZwAllocateVirtualMemory"],
            &["WriteProcessMemory", "NtWriteVirtualMemory", "ZwWriteVirtualMemory"],
            &[
                "CreateRemoteThread",
                "NtCreateThread",
                "RtlCreateUserThread",
                "QueueUserAPC",
            ],
        ],
        weight: 250,
        what: "writes code into other processes and starts it",
        technique: "T1055",
    },
    Set {
        rows: &[
            &["URLDownloadToFile", "URLDownloadToCacheFile"],
            &["WinExec", "ShellExecute", "CreateProcess"],
        ],
        weight: 200,
        what: "loads a file from the network and starts it",
        technique: "T1105",
    },
    Set {
        rows: &[
            &["SetWindowsHook", "GetAsyncKeyState", "GetKeyboardState"],
            &["GetForegroundWindow"],
            &["GetWindowText"],
            &[
                "InternetOpen",
                "WinHttpOpen",
                "HttpSendRequest",
                "send",
                "WSASend",
                "FtpPutFile",
            ],
        ],
        weight: 150,
        what: "watches keys and the window in front, and talks to the network",
        technique: "T1056.001",
    },
];

/// Of Linux.
const LINUX: &[Set] = &[
    Set {
        rows: &[&["ptrace"], &["process_vm_writev"]],
        weight: 150,
        what: "writes into other processes",
        technique: "T1055.008",
    },
    Set {
        rows: &[&["memfd_create"], &["fexecve", "execveat"]],
        weight: 150,
        what: "runs programs from memory",
        technique: "T1620",
    },
];

impl Detector for Calls {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let (names, sets) = match (pe(facts), elf(facts)) {
            (Some(pe), _) if pe.kind != PeKind::Efi => (names(pe), WINDOWS),
            (None, Some(elf)) => (functions(elf), LINUX),
            _ => return,
        };
        let used = |set: &Set| -> Option<Vec<&str>> {
            let first = |row: &&'static [&'static str]| row.iter().find(|name| names.contains(*name)).copied();
            set.rows.iter().map(first).collect()
        };
        let found = sets
            .iter()
            .find_map(|set| Some((set, used(set)?)))
            .filter(|(_, used)| !pe(facts).is_some_and(|pe| offers(pe, used)));
        if let Some((set, used)) = found {
            let finding = about(&INFO, facts, set.weight, set.what, &used.join(", "));
            scene.found(finding.showing(vec![TechniqueId::new(set.technique)]));
        } else if let Some(said) = pe(facts).and_then(finds_the_rest) {
            let what = "takes from Windows next to nothing but the means to find the rest";
            let finding = about(&INFO, facts, 150, what, &said);
            scene.found(finding.showing(vec![TechniqueId::new("T1027.007")]));
        }
    }
}

/// Whether it offers such functions itself, as parts of Windows do.
fn offers(pe: &Pe, used: &[&str]) -> bool {
    let exports = pe.exports.iter().filter(|_| pe.kind == PeKind::Library);
    exports
        .flat_map(|exports| &exports.functions)
        .filter_map(|function| function.name.as_ref())
        .any(|name| spellings(name.raw()).iter().any(|name| used.contains(name)))
}

/// A function's name, and without the endings that tell letters and versions apart.
fn spellings(name: &str) -> [&str; 3] {
    let plain = name.strip_suffix(['A', 'W']).unwrap_or(name);
    [name, plain, plain.strip_suffix("Ex").unwrap_or(plain)]
}

/// The functions that a program imports, in all spellings.
fn names(pe: &Pe) -> HashSet<&str> {
    let functions = pe
        .imports
        .iter()
        .chain(&pe.delayed_imports)
        .flat_map(|import| &import.functions);
    let names = functions.filter_map(|function| match function {
        ImportedFunction::Name(name) => Some(name.raw()),
        ImportedFunction::Ordinal { name, .. } => *name,
    });
    names.flat_map(spellings).collect()
}

/// Without their versions.
fn functions(elf: &Elf) -> HashSet<&str> {
    let plain = |name: &'_ watchfire_model::Untrusted| -> usize { name.raw().find('@').unwrap_or(name.raw().len()) };
    elf.imports
        .iter()
        .filter_map(|import| import.raw().get(..plain(import)))
        .collect()
}

/// Whether it loads libraries, looks functions up, makes code executable, and does nothing else.
fn finds_the_rest(pe: &Pe) -> Option<String> {
    let count: usize = pe.imports.iter().map(|import| import.functions.len()).sum();
    if pe.kind != PeKind::Program || pe.dot_net.is_some() || !(2..=8).contains(&count) {
        return None;
    }
    let names = names(pe);
    let finds =
        names.contains("GetProcAddress") && (names.contains("LoadLibrary") || names.contains("GetModuleHandle"));
    let makes = names.contains("VirtualProtect") || names.contains("VirtualAlloc");
    (finds && makes).then(|| format!("{count} imports"))
}
