//! A part that says twice what it is: programs take the first or the last, and filters look at what readers do not see.
//!
//! | case | weight | why |
//! |---|---|---|
//! | two types, or two places where its parts begin, that differ | 0.20 | no program writes such a header; one was put in front of another |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct TwoTypes;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-two-types"),
    describes: "a part declares two types, and programs differ in which they take",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 200,
    group: "evasion",
    techniques: &[TechniqueId::new("T1027")],
    false_positives: "old gateways that add a header without looking for one",
};

impl Detector for TwoTypes {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let parts = letter.mail.parts.iter();
        let mut twice = parts.filter_map(|part| Some((part, part.other_type.as_ref()?)));
        let Some((part, other)) = twice.next() else { return };
        let (taken, other) = (part.media_type.shown(60), other.shown(60));
        let what = if taken == other {
            format!(
                "part {} says twice where its parts begin, and programs differ in which they take",
                part.number
            )
        } else {
            format!(
                "part {} says that it is {other} and {taken}, and programs differ in which they take",
                part.number
            )
        };
        scene.found(weighed(&INFO, what, INFO.weight, letter.header("Content-Type", &other)));
    }
}
