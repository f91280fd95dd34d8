//! A picture instead of words: filters read words.
//!
//! | case | weight | why |
//! |---|---|---|
//! | fewer than 60 characters to read, a picture, and a link to one place that is not the sender's | 0.35 | posters of shops lead to the shop |
//! | fewer than 100 letters to read besides the subject, and the same | 0.25 | a line of small print |
//! | the same in a proved newsletter | 0.20 | click counters |

use super::{Letter, weighed};
use crate::detectors::link::{shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_model::{Confidence, Fact, PartRole, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct PictureOnly;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-picture-only"),
    describes: "the mail is a picture with a link, and next to no text",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 250,
    group: "evasion",
    techniques: &[TechniqueId::new("T1566.002"), TechniqueId::new("T1027")],
    false_positives: "shops that send posters",
};

impl Detector for PictureOnly {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let visible = letter.visible();
        let Some(first) = letter.links.first().filter(|_| visible < 60 || letters(letter) < 100) else {
            return;
        };
        let carried = letter
            .mail
            .parts
            .iter()
            .any(|part| part.role == PartRole::Inline || part.media_type.raw().starts_with("image/"));
        let loaded = letter
            .parts
            .iter()
            .flat_map(|part| &part.facts.facts)
            .any(|fact| match fact {
                Fact::Link(link) => link.loaded || link.text.is_empty(),
                _ => false,
            });
        let places = letter.links.iter().filter(|led| led.site() != first.site()).count();
        let own = host::registrable(&first.host) == letter.site();
        if (carried || loaded) && places <= 2 && !own {
            let title = format!(
                "the mail shows {visible} characters and a picture that leads to {}",
                shown(&first.host)
            );
            let weight = match visible < 60 {
                _ if letter.is_bulk() && letter.is_vouched_for() => 200,
                true => 350,
                false => 250,
            };
            scene.found(weighed(&INFO, title, weight, first.evidence()).about(target(&first.to, &first.host)));
        }
    }
}

/// Letters and digits that there are to read, without what repeats the subject.
fn letters(letter: &Letter<'_>) -> usize {
    let count = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let subject = letter.mail.subject.raw().trim();
    let bodies = letter.bodies().map(|(_, wording)| match subject.is_empty() {
        true => count(wording.shown.raw()),
        false => count(&wording.shown.raw().replace(subject, "")),
    });
    bodies.max().unwrap_or(0)
}
