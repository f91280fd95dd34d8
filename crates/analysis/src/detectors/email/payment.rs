//! A request for money by mail alone: nothing to click, nothing to open, an answer is all it wants.
//!
//! | case | weight | why |
//! |---|---|---|
//! | cards that are money are asked for, and the sender is not proved or wants answers elsewhere | 0.45 | nobody pays with cards |
//! | the same from a mailbox that anyone can have | 0.30 | families give them to one another |
//! | accounts are to be changed or money to be moved, with a task from somebody who cannot talk, and the sender is not who it shows or not proved | 0.45 | the pattern of false superiors and suppliers |
//! | a task from somebody who cannot talk, in a short mail that is not proved or wants answers elsewhere | 0.40 | the opening move |
//! | the same from a mailbox that anyone can have | 0.25 | families are in meetings, too |
//! | accounts are to be changed or money to be moved, from a mailbox that anyone can have | 0.25 | people write about payments too |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::wording::Theme;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct PaymentRequest;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-payment-request"),
    describes: "somebody whom nobody can check asks for a payment, cards or changed accounts",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "lure-wording",
    techniques: &[TechniqueId::new("T1566"), TechniqueId::new("T1657")],
    false_positives: "colleagues who write from their own mailbox, and suppliers that do change banks",
};

impl Detector for PaymentRequest {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        if letter.links.len() > 2
            || letter.is_known_bulk()
            || letter.mail.refers_to > 0 && letter.is_vouched_for() && !letter.is_free()
        {
            return;
        }
        let found = &letter.found;
        let unproved =
            letter.is_free() || (letter.proof.is_looked_for() && !letter.is_vouched_for()) || replies_free(letter);
        let (payment, errand) = (found.count(Theme::Payment), found.count(Theme::Errand));
        let short = letter.visible() < 1200;
        // A mailbox that anyone can have is how families write, too.
        let poses = !letter.is_vouched_for() || replies_free(letter);
        let (what, weight, theme) = match () {
            () if found.has(Theme::GiftCard) && errand >= 1 && unproved && !found.has(Theme::Prize) => (
                "cards that are money are asked for",
                if poses { 450 } else { 300 },
                Theme::GiftCard,
            ),
            () if payment >= 1 && errand >= 1 && unproved && short => (
                "money is to be moved for somebody who cannot be called",
                450,
                Theme::Payment,
            ),
            () if errand >= 2 && unproved && short && letter.links.is_empty() => (
                "a task from somebody who cannot talk",
                if poses { 400 } else { 250 },
                Theme::Errand,
            ),
            () if payment >= 2 && unproved && short => {
                ("money is to be moved or an account changed", 250, Theme::Payment)
            }
            () => return,
        };
        let phrase = found.first(theme).unwrap_or_default();
        scene.found(weighed(
            &INFO,
            format!("{what}: '{phrase}'"),
            weight,
            letter.words(phrase),
        ));
    }
}

fn replies_free(letter: &Letter<'_>) -> bool {
    let answers = letter.mail.reply_to.iter().filter_map(watchfire_model::Mailbox::domain);
    answers
        .map(str::to_lowercase)
        .any(|domain| watchfire_knowledge::mail::is_free(&domain) && domain != letter.domain)
}
