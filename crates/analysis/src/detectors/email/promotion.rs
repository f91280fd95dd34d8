//! What nobody asked for, from somebody who cannot be told.
//!
//! | case | weight | why |
//! |---|---|---|
//! | three or more phrases of cures, games, loans or company, and nothing proves the sender or its domain was made by a machine | 0.20 | shops prove who they are |
//! | one or two | 0.10 | the same |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_knowledge::sayable::is_unsayable;
use watchfire_knowledge::wording::Theme;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Promotion;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-unproved-promotion"),
    describes: "a sender that nothing proves praises cures, games or company",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 200,
    group: "lure-wording",
    techniques: &[TechniqueId::new("T1566.002")],
    false_positives: "small shops whose mail is set up badly",
};

impl Detector for Promotion {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let found = &letter.found;
        let unproved = letter.proof.is_looked_for() && !letter.is_vouched_for();
        let made = letter.domain.split('.').any(is_unsayable) || is_unsayable(host::name(&letter.domain));
        if !unproved && !made || letter.links.is_empty() {
            return;
        }
        let weight = match found.count(Theme::Promotion) {
            3.. => 200,
            1..=2 => 100,
            _ => return,
        };
        let phrase = found.first(Theme::Promotion).unwrap_or_default();
        scene.found(weighed(
            &INFO,
            format!("an offer from a sender that nothing proves: '{phrase}'"),
            weight,
            letter.words(phrase),
        ));
    }
}
