//! An encrypted container whose password stands in the text it came with.
//!
//! | case | weight | why |
//! |---|---|---|
//! | opened with a password from text below the same root | 0.30 | keeps scanners out and lets the victim in; also what careful people do in the wrong way |

use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{Confidence, Fact, FactSet, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct PasswordBeside;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("archive-password-beside"),
    describes: "an encrypted archive came together with its password",
    severity: Severity::Medium,
    confidence: Confidence::High,
    weight: 300,
    group: "evasion",
    techniques: &[TechniqueId::new("T1027.013")],
    false_positives: "people who send the password in the same mail out of convenience; malware samples between analysts",
};

impl Detector for PasswordBeside {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        for fact in &facts.facts {
            let Fact::Unlocked(unlocked) = fact else { continue };
            let title = format!(
                "encrypted '{}' opens with the password it came with",
                facts.origin.name().shown(60)
            );
            let finding = INFO
                .draft(title)
                .at(evidence(facts, Place::Whole, facts.origin.name().raw()));
            let finding = finding.and_at(unlocked.password_at.clone());
            scene.found(finding.about(file(facts.origin.name().raw())));
        }
    }
}
