//! A script that takes away the copies by which files could be restored.
//!
//! | case | weight | why |
//! |---|---|---|
//! | deletes shadow copies, catalogues of backups or logs | 0.45 | what encrypts files does that first; administrators short of room do it by hand |

use super::scripts;
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{ActKind, Confidence, FactSet, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct DestroysCopies;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("script-destroys-copies"),
    describes: "a script deletes shadow copies, backups or logs",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "script-destroys",
    techniques: &[TechniqueId::new("T1490"), TechniqueId::new("T1059")],
    false_positives: "scripts of administrators that make room",
};

impl Detector for DestroysCopies {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some(act) = scripts(facts).find_map(|script| script.act(ActKind::Destroy)) else {
            return;
        };
        let title = format!("'{}' uses '{}'", facts.origin.name().shown(60), act.word.shown(30));
        let finding = INFO.draft(title).at(evidence(facts, Place::Whole, act.word.raw()));
        scene.found(finding.about(file(facts.origin.name().raw())));
    }
}
