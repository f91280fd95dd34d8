//! Answers that go elsewhere: whoever cannot receive mail at the domain that they show asks for answers at another.
//!
//! | case | weight | why |
//! |---|---|---|
//! | to a mailbox that anyone can have, and the sender shows a domain of its own | 0.30 | companies answer from their domain |
//! | to another mailbox that anyone can have | 0.20 | people have two, seldom so |
//! | to another organisation, and nothing proves the sender | 0.15 | services that answer for their customers prove theirs |

use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_knowledge::{brand, mail as carriers};
use watchfire_model::{Confidence, Mailbox, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ReplyTo;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-reply-elsewhere"),
    describes: "answers go to somebody else than the sender that is shown",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "reply-to",
    techniques: &[TechniqueId::new("T1684.001")],
    false_positives: "services that collect answers for their customers",
};

impl Detector for ReplyTo {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let Some((domain, address)) = elsewhere(letter) else {
            return;
        };
        if scene.organisation().owns_domain(&domain) {
            return;
        }
        let weight = match (carriers::is_free(&domain), letter.is_free()) {
            (true, false) if letter.mail.header("List-Id").is_none() => 300,
            (true, true) => 200,
            _ if letter.is_vouched_for() => return,
            _ if letter.proof.is_looked_for() => 150,
            // Nothing is known of its origin: services that answer for their customers are as likely.
            _ => 50,
        };
        let title = format!(
            "answers go to {}, the mail is from {}",
            shown(&address),
            shown(&letter.domain)
        );
        scene.found(weighed(&INFO, title, weight, letter.header("Reply-To", &address)));
    }
}

/// The first address for answers that is not the sender's, where none is.
fn elsewhere(letter: &Letter<'_>) -> Option<(String, String)> {
    let own = letter.author()?.address.as_ref()?.raw().to_lowercase();
    let owner = brand::owner(&letter.domain);
    let mut first = None;
    for entry in &letter.mail.reply_to {
        let Some(domain) = entry.domain().map(host::normal) else {
            continue;
        };
        let address = entry
            .address
            .as_ref()
            .map(|address| address.raw().to_lowercase())
            .unwrap_or_default();
        let same_owner = owner.is_some() && owner == brand::owner(&domain) && !carriers::is_free(&domain);
        let same = host::registrable(&domain) == letter.site()
            || same_owner
            || host::name(&domain) == host::name(&letter.domain);
        if (same && !carriers::is_free(&domain)) || address == own {
            return None;
        }
        first.get_or_insert((domain, address));
    }
    let _: Option<&Mailbox> = letter.author();
    first
}
