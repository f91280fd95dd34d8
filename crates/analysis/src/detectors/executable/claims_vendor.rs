//! A program that says it is a well-known maker's, and is not signed by anybody.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a program of Microsoft without a signature, outside of the folders of Windows and of programs | 0.25 | its programs are signed, or listed in a catalog of Windows where they are installed |
//! | a program of another maker that signs all it ships, without a signature | 0.20 | the same; old versions were not signed |
//! | a library of these | 0.10 | parts for developers are not always signed |
//!
//! Stand-ins for Windows (Wine, ReactOS) bear its maker's name where programs look for it.

use super::{pe, signatures, version};
use crate::detectors::file::{Folders, about};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::Pe;
use watchfire_model::executable::pe::PeKind;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ClaimsVendor;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-claims-vendor"),
    describes: "a program says that a well-known maker made it, and is not signed",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 250,
    group: "executable-identity",
    techniques: &[TechniqueId::new("T1036")],
    false_positives: "old software, parts for developers, and files of Windows that only a catalog lists, once they are copied",
};

/// Makers that sign what they ship, as they stand at the beginning of `CompanyName`.
const MAKERS: &[&str] = &[
    "microsoft",
    "google",
    "mozilla",
    "adobe",
    "apple inc",
    "oracle",
    "intel corp",
    "nvidia corp",
    "vmware",
    "cisco",
    "dropbox",
    "zoom video",
    "kaspersky",
    "eset",
    "symantec",
    "mcafee",
    "sophos",
    "avast",
    "bitdefender",
    "trend micro",
    "teamviewer",
];

impl Detector for ClaimsVendor {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some(pe) = pe(facts) else { return };
        let Some(company) = version(pe, "CompanyName") else {
            return;
        };
        let lower = company.to_lowercase();
        let Some(maker) = MAKERS.iter().find(|maker| lower.starts_with(**maker)) else {
            return;
        };
        let by_catalog = facts.signed().is_some_and(|signed| signed.catalog.is_some());
        if !signatures(facts).is_empty() || by_catalog || is_at_home(facts) || is_stand_in(pe) {
            return;
        }
        let weight = match pe.kind {
            PeKind::Program if *maker == "microsoft" => 250,
            PeKind::Program => 200,
            PeKind::Library | PeKind::Driver => 100,
            _ => return,
        };
        let shown = watchfire_model::Untrusted::new(company);
        let what = format!("says that '{}' made it, and is not signed", shown.shown(40));
        scene.found(about(&INFO, facts, weight, &what, &format!("CompanyName: {company}")));
    }
}

/// Whether it lies where a catalog may list it.
fn is_at_home(facts: &FactSet) -> bool {
    const HOMES: &[&str] = &[
        "windows",
        "windows.old",
        "program files",
        "program files (x86)",
        "system32",
        "syswow64",
        "winsxs",
        "wine",
        "mono",
        "dotnet",
    ];
    facts
        .stored()
        .is_some_and(|stored| Folders::of(stored).iter().any(|folder| HOMES.contains(&folder)))
}

/// Whether it says that it stands in for a part of Windows.
fn is_stand_in(pe: &Pe) -> bool {
    let says = |word: &str| {
        pe.version
            .iter()
            .any(|string| string.value.raw().to_lowercase().contains(word))
    };
    says("wine") || says("reactos")
}
