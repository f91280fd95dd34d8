//! A library that hands everything on to another one, under the name of a library of Windows.
//!
//! | case | weight | why |
//! |---|---|---|
//! | all or most of its functions stand for those of one other library, and Windows has a library of its name | 0.45 | a program loads it in place of the real one |
//! | all or most of its functions stand for those of one other library | 0.10 | parts that were moved elsewhere |
//!
//! Windows itself has many such libraries, and those whose names begin with `api-ms-` come with other software as well.

use super::pe;
use crate::detectors::file::{Folders, about, name};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeMap;
use watchfire_knowledge::system_library::is_system_library;
use watchfire_model::executable::Pe;
use watchfire_model::executable::pe::PeKind;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Proxy;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-proxy-library"),
    describes: "a library stands in for one of Windows and hands everything on",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "executable-proxy",
    techniques: &[TechniqueId::new("T1574.001")],
    false_positives: "additions to games, and tools that watch what a program calls",
};

/// Fewer functions may all be moved by chance.
const ENOUGH: usize = 3;

impl Detector for Proxy {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((target, all)) = pe(facts).and_then(hands_on_to) else {
            return;
        };
        let own = name(facts).to_lowercase();
        let is_at_home = facts.stored().is_some_and(|stored| {
            let folders = Folders::of(stored);
            ["windows", "system32", "syswow64", "winsxs", "wine"]
                .iter()
                .any(|folder| folders.are(folder))
        });
        if is_at_home || own.starts_with("api-ms-") || own.starts_with("ext-ms-") {
            return;
        }
        let weight = if is_system_library(&own) { 450 } else { 100 };
        let shown = watchfire_model::Untrusted::new(target);
        let count = if all { "all" } else { "most of" };
        let what = format!("hands {count} its functions on to '{}'", shown.shown(40));
        scene.found(about(&INFO, facts, weight, &what, &format!("forwards to {target}")));
    }
}

/// The library that most functions stand for, and whether all do: one of its own is easily added.
fn hands_on_to(pe: &Pe) -> Option<(&str, bool)> {
    let exports = pe.exports.as_ref().filter(|_| pe.kind == PeKind::Library)?;
    let mut targets: BTreeMap<&str, usize> = BTreeMap::new();
    let forwarders = exports
        .functions
        .iter()
        .filter_map(|function| function.forwarder.as_ref());
    for (library, _) in forwarders.filter_map(|forwarder| forwarder.raw().rsplit_once('.')) {
        *targets.entry(library).or_default() += 1;
    }
    let (target, count) = targets.into_iter().max_by_key(|(_, count)| *count)?;
    let all = exports.functions.len();
    (count >= ENOUGH && count * 4 >= all * 3).then_some((target, count == all))
}
