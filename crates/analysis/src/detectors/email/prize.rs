//! Prizes of draws that nobody took part in.
//!
//! | case | weight | why |
//! |---|---|---|
//! | three or more phrases of the kind, and nothing proves the sender, or it shows another's name | 0.30 | shops give prizes away too, under their own name |
//! | three or more, from a sender that proved itself and leads to itself; or two | 0.15 | shops |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::wording::Theme;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Prize;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-prize"),
    describes: "the reader has won something",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    weight: 300,
    group: "lure-wording",
    techniques: &[TechniqueId::new("T1566.002")],
    false_positives: "shops with prize draws and programmes of rewards",
};

impl Detector for Prize {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let found = &letter.found;
        let foreign = letter.foreign_name().is_some();
        let known = letter.is_vouched_for() && letter.links.iter().any(|led| led.site() == letter.site());
        if !foreign && !letter.proof.is_looked_for() {
            return;
        }
        let weight = match found.count(Theme::Prize) {
            3.. if !foreign && known => 150,
            3.. => 300,
            2 if foreign || !letter.is_vouched_for() => 150,
            _ => return,
        };
        let phrase = found.first(Theme::Prize).unwrap_or_default();
        scene.found(weighed(
            &INFO,
            format!("the reader has won something: '{phrase}'"),
            weight,
            letter.words(phrase),
        ));
    }
}
