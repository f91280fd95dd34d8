//! Hurry keeps people from thinking.
//!
//! | case | weight | why |
//! |---|---|---|
//! | two or more phrases that press, and nothing proves the sender or it shows another's name | 0.10 | everyone is in a hurry |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::wording::Theme;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Urgency;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-urgent-wording"),
    describes: "the mail presses for time",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 100,
    group: "urgency",
    techniques: &[TechniqueId::new("T1566")],
    false_positives: "people who are in a hurry",
};

impl Detector for Urgency {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let found = &letter.found;
        let foreign = letter.foreign_name().is_some();
        let unproved = letter.proof.is_looked_for() && !letter.is_vouched_for();
        if found.count(Theme::Urgency) >= 2 && (unproved || foreign) {
            let phrase = found.first(Theme::Urgency).unwrap_or_default();
            scene.found(weighed(
                &INFO,
                format!("presses for time: '{phrase}'"),
                100,
                letter.words(phrase),
            ));
        }
    }
}
