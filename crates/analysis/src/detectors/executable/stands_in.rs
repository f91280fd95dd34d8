//! A library for Linux that stands in for the functions through which others see files, users and the network.
//!
//! The loader takes a function from the first library that has it, and `LD_PRELOAD` or `/etc/ld.so.preload` put one before all
//! others. A library that has `readdir` and hands on what it does not hide, hides files from every program.
//!
//! | case | weight | why |
//! |---|---|---|
//! | hides files or processes, and is asked for passwords, connections or captures as well | 0.60 | a rootkit in user space; nothing else needs both |
//! | hides files or processes, and stands in for three other kinds of functions | 0.35 | the same; what measures or moves all input and output (gprofng, fakechroot) comes close |
//! | is asked for passwords in the place of PAM | 0.40 | whoever types one, types it for this library |
//!
//! What stands in for other functions says nothing: fakeroot (owners and rights), libfaketime (times), jemalloc (memory), tsocks
//! and proxychains (connections), stderred (writing). A C library, PAM and libpcap have theirs to offer, and are told by the
//! rest of what they offer; so are sanitizers (asan, tsan) and Wine, which offer many hundreds of names.

use super::elf;
use crate::detectors::file::about;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::Elf;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId, Untrusted};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct StandsIn;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-stands-in"),
    describes: "a library stands in for the functions through which programs see files, users and the network",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 600,
    group: "executable-stands-in",
    techniques: &[TechniqueId::new("T1574.006"), TechniqueId::new("T1014")],
    false_positives: "what measures all input and output or shows programs another disk (gprofng, fakechroot, libraries of build farms)",
};

/// A library that offers so many names is one of its own, and no addition to others.
const MANY: u64 = 500;

const HIDES: &[&str] = &["readdir", "readdir64", "getdents64"];
const PASSWORDS: &[&str] = &[
    "pam_acct_mgmt",
    "pam_authenticate",
    "pam_open_session",
    "pam_sm_authenticate",
    "getspnam",
];
const WATCHES: &[&str] = &["accept", "accept4", "pcap_loop", "pcap_dispatch", "pcap_open_live"];
/// Kinds of other functions.
const OTHERS: &[&[&str]] = &[
    &[
        "open",
        "open64",
        "openat",
        "openat64",
        "fopen",
        "fopen64",
        "opendir",
        "fdopendir",
    ],
    &[
        "stat",
        "stat64",
        "lstat",
        "lstat64",
        "statx",
        "__xstat",
        "__xstat64",
        "__lxstat",
        "__lxstat64",
        "__fxstat",
        "__fxstat64",
        "access",
        "readlink",
    ],
    &["unlink", "unlinkat", "rmdir", "rename", "link"],
    &["read", "write"],
    &["execve", "kill", "ptrace"],
];

impl Detector for StandsIn {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some(elf) = elf(facts).filter(|elf| elf.kind.0 == 3 && elf.exports < MANY) else {
            return;
        };
        if let Some((weight, what)) = case(elf) {
            let names: Vec<&str> = elf.stands_in.iter().map(Untrusted::raw).collect();
            let finding = about(&INFO, facts, weight, what, &names.join(", "));
            scene.found(finding);
        }
    }
}

fn case(elf: &Elf) -> Option<(u16, &'static str)> {
    let has = |names: &[&str]| elf.stands_in.iter().any(|name| names.contains(&name.raw()));
    // PAM itself begins and ends what it does, and modules of PAM offer nothing else.
    let is_pam = has(&["pam_start"]);
    let is_pcap = has(&["pcap_open_live"]) && has(&["pcap_loop"]) && !has(HIDES);
    if is_pam || is_pcap {
        return None;
    }
    let kinds = OTHERS.iter().filter(|kind| has(kind)).count();
    Some(match () {
        () if has(HIDES) && (has(PASSWORDS) || has(WATCHES)) => (
            600,
            "stands in for what shows files, and for what takes passwords or connections",
        ),
        () if has(HIDES) && kinds >= 3 => (350, "stands in for what shows, opens and removes files"),
        () if has(&["pam_authenticate", "pam_acct_mgmt"]) => (400, "stands in for what takes passwords"),
        () => return None,
    })
}
