//! Money from strangers.
//!
//! | case | weight | why |
//! |---|---|---|
//! | five or more phrases of the kind, in a mail that is not a newsletter | 0.45 | the genre is unmistakable |
//! | three or four, and the sender is a free mailbox, asks for answers at one, or is not proved | 0.40 | the same, shorter |
//! | three or four | 0.15 | reports speak of such things |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::subject;
use watchfire_knowledge::wording::Theme;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Windfall;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-windfall"),
    describes: "a stranger offers millions, a legacy or a loan",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 450,
    group: "lure-wording",
    techniques: &[TechniqueId::new("T1566"), TechniqueId::new("T1657")],
    false_positives: "news and lawyers that write about such matters",
};

impl Detector for Windfall {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let found = &letter.found;
        let count = found.count(Theme::Windfall);
        let answers = letter.mail.reply_to.iter().filter_map(watchfire_model::Mailbox::domain);
        let free = letter.is_free()
            || answers
                .map(str::to_lowercase)
                .any(|domain| watchfire_knowledge::mail::is_free(&domain));
        let unproved = letter.proof.is_looked_for() && !letter.is_vouched_for();
        // Whoever hands such a mail on quotes it, and is in no conversation with it.
        let converses = letter.mail.refers_to > 0 && !subject::forwards(letter.mail.subject.raw());
        let many_links = letter.links.len() > 3 || letter.is_bulk() || converses;
        let weight = match count {
            _ if many_links => return,
            5.. => 450,
            3..=4 if free || unproved => 400,
            3..=4 => 150,
            _ => return,
        };
        let phrase = found.first(Theme::Windfall).unwrap_or_default();
        let title = format!(
            "speaks like a stranger with money to give: '{phrase}' and {} more",
            count - 1
        );
        scene.found(weighed(&INFO, title, weight, letter.words(phrase)));
    }
}
