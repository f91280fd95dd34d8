//! A macro whose source was taken out.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a module has compiled code, and no source | 0.55 | what runs is not what can be read; editors always write both |

use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{Confidence, Fact, FactSet, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct MacroStomped;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("document-macro-stomped"),
    describes: "a macro has compiled code and no source to read",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 550,
    group: "macro-disguise",
    techniques: &[TechniqueId::new("T1564.007")],
    false_positives: "projects that a tool has damaged",
};

impl Detector for MacroStomped {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        for fact in &facts.facts {
            let Fact::Macros(macros) = fact else { continue };
            let Some(first) = macros.stomped.first() else { continue };
            let title = format!("the module '{}' has compiled code and no source", first.shown(40));
            let finding = INFO.draft(title).at(evidence(facts, Place::Whole, first.raw()));
            scene.found(finding.about(file(facts.origin.name().raw())));
        }
    }
}
