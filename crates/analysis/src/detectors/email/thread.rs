//! An answer to nothing: `Re:` opens mails that nobody would open.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the subject begins like an answer or a forwarded mail, and refers to no other | 0.15 | programs for mail have referred for thirty years; some of tickets and telephones do not |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::subject;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ThreadHijack;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-false-thread"),
    describes: "the subject says that it is an answer, and the mail answers nothing",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 150,
    group: "thread",
    techniques: &[TechniqueId::new("T1566"), TechniqueId::new("T1684.001")],
    false_positives: "programs of tickets and telephones that answer without a reference",
};

impl Detector for ThreadHijack {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let mail = letter.mail;
        let subject = mail.subject.raw().trim();
        // Without an identity of its own it was taken out of its context, and its references may have been too.
        if !subject::answers(subject)
            || mail.refers_to > 0
            || mail.message_id.is_none()
            || mail.quoted
            || mail.header("Thread-Index").is_some()
            || letter.is_bulk() && letter.is_vouched_for()
        {
            return;
        }
        if letter.plain.contains(" original message ")
            || letter.plain.contains(" forwarded message ")
            || letter.plain.contains(" wrote ")
        {
            return;
        }
        let title = "the subject says that it is an answer, and the mail refers to none".to_owned();
        scene.found(weighed(&INFO, title, 150, letter.header("Subject", subject)));
    }
}
