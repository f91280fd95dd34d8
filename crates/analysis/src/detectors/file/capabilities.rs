//! A program that has parts of root's rights by capabilities, where no package puts one.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a shell, an interpreter or what else does as it is told, with a capability that leads to root | 0.60 | a door to root that no list of setuid programs shows |
//! | a capability that leads to root, among temporary files or under a hidden name | 0.60 | nothing is installed there |
//! | the same, elsewhere outside of the folders of programs | 0.40 | packages give them to few programs, and put those elsewhere |
//! | the network as it is (`cap_net_raw`, `cap_net_admin`), outside of those folders | 0.20 | listens to what others send; tools that people build do it too |
//!
//! What leads to root: becoming any user, reading or writing any file, another process or the kernel (capabilities(7);
//! GTFOBins, "Capabilities"). A low port, a priority or locked memory does not.

use super::rights::raises;
use super::setuid_shell::does_anything;
use super::{about, placed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct OddCapabilities;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-odd-capabilities"),
    describes: "a program has parts of root's rights by capabilities, where no package puts one",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 600,
    group: "rights",
    techniques: &[TechniqueId::new("T1548")],
    false_positives: "sniffers and servers that administrators build themselves, and machines for exercises",
};

const LEAD_TO_ROOT: &[&str] = &[
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "setgid",
    "setuid",
    "sys_module",
    "sys_rawio",
    "sys_ptrace",
    "sys_admin",
    "setfcap",
    "mac_admin",
    "bpf",
];
const NETWORK: &[&str] = &["net_raw", "net_admin"];

impl Detector for OddCapabilities {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let (Some((folders, what)), Some(stored)) = (placed(facts), facts.stored()) else {
            return;
        };
        let has_any = |names: &[&str]| names.iter().any(|name| stored.capabilities.has(name));
        if stored.capabilities.is_empty() || !raises(&folders, what) {
            return;
        }
        let is_root = has_any(LEAD_TO_ROOT);
        let is_loose = folders.are_temporary() || folders.name.starts_with('.');
        let (weight, said) = match () {
            () if is_root && does_anything(folders.name) => (600, "does what it is told, with rights of root"),
            () if folders.are_of_own_programs() => return,
            () if is_root && is_loose => (600, "has rights of root, and lies where nothing is installed"),
            () if is_root => (400, "has rights of root, and lies outside of the folders of programs"),
            () if has_any(NETWORK) => (
                200,
                "may use the network as it is, and lies outside of the folders of programs",
            ),
            () => return,
        };
        scene.found(about(&INFO, facts, weight, said, &stored.capabilities.to_string()));
    }
}
