//! A form for a password in the mail itself, or in a page that is attached.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a field for a password, wherever it is sent | 0.55 | services ask on their own pages, and say so |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence};
use watchfire_model::{Confidence, Fact, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct PasswordPage;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-password-page"),
    describes: "a page that came by mail asks for a password",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 550,
    group: "credential-form",
    techniques: &[TechniqueId::new("T1056.003"), TechniqueId::new("T1566.001")],
    false_positives: "saved pages of services that colleagues send one another",
};

impl Detector for PasswordPage {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        for part in &letter.parts {
            let asks = part
                .facts
                .facts
                .iter()
                .any(|fact| matches!(fact, Fact::Form(form) if form.asks_password));
            if asks {
                let title = format!("'{}' asks for a password", part.facts.origin.name().shown(60));
                scene.found(weighed(
                    &INFO,
                    title,
                    550,
                    evidence(part.facts, Place::Whole, "a field for a password"),
                ));
            }
        }
    }
}
