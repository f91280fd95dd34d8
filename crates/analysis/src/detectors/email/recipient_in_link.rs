//! The recipient's address in a link: the page behind it fills in the user name.
//!
//! | case | weight | why |
//! |---|---|---|
//! | behind `#`, or in base64 | 0.30 | made for a script on the page |
//! | elsewhere in the link, which does not lead to the sender, and nothing proves that | 0.12 | newsletters know their readers so, too |

use super::{Letter, weighed};
use crate::detectors::link::{shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_formats::email::transfer;
use watchfire_knowledge::host;
use watchfire_model::url::percent_decoded;
use watchfire_model::{Confidence, Mailbox, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct RecipientInLink;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-recipient-in-link"),
    describes: "a link carries the address of the recipient to somebody else",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "link-tailored",
    techniques: &[TechniqueId::new("T1566.002")],
    false_positives: "newsletters that carry it in the link to leave them",
};

impl Detector for RecipientInLink {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let readers = Readers::of(letter);
        if readers.addresses.is_empty() {
            return;
        }
        for led in letter.links.iter().take(100) {
            let own = host::registrable(&led.host) == letter.site() || scene.organisation().owns_domain(&led.host);
            let lower = percent_decoded(&led.to).to_lowercase();
            let (front, fragment) = lower.split_once('#').unwrap_or((&lower, ""));
            let hidden = readers.named_in(fragment) || readers.encoded_in(&led.to);
            let plain = readers.named_in(front);
            let leaves = ["unsub", "optout", "opt-out", "preference", "abmelden", "desabo"]
                .iter()
                .any(|word| front.contains(word));
            let weight = match (hidden, plain) {
                (true, _) if !own && !leaves => 300,
                (_, true) if !own && !leaves && letter.proof.is_looked_for() && !letter.is_vouched_for() => 120,
                _ => continue,
            };
            let title = format!("a link carries the recipient's address to {}", shown(&led.host));
            scene.found(weighed(&INFO, title, weight, led.evidence()).about(target(&led.to, &led.host)));
            return;
        }
    }
}

/// Who a mail is for, by their addresses in lower case.
pub(super) struct Readers {
    addresses: Vec<String>,
}

impl Readers {
    pub(super) fn of(letter: &Letter<'_>) -> Self {
        let mail = letter.mail;
        let recipients = mail.to.iter().chain(&mail.delivered_to).chain(&mail.cc);
        Self {
            addresses: recipients.filter_map(address).take(8).collect(),
        }
    }

    /// Whether a link holds one of the addresses, plain or in base64.
    pub(super) fn stand_in(&self, link: &str) -> bool {
        self.named_in(&percent_decoded(link).to_lowercase()) || self.encoded_in(link)
    }

    /// Whether a text in lower case holds one of the addresses.
    fn named_in(&self, text: &str) -> bool {
        self.addresses.iter().any(|address| text.contains(address))
    }

    /// Whether a piece of the link is one of the addresses in base64.
    fn encoded_in(&self, link: &str) -> bool {
        const LONGEST: usize = 400;
        let pieces = link.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '_')));
        pieces
            .filter(|piece| (12..LONGEST).contains(&piece.len()))
            .take(40)
            .any(|piece| {
                let (decoded, _) = transfer::base64(piece.as_bytes());
                self.named_in(&String::from_utf8_lossy(&decoded).to_lowercase())
            })
    }
}

fn address(entry: &Mailbox) -> Option<String> {
    let address = entry.address.as_ref()?.raw().to_lowercase();
    (address.len() > 5 && address.contains('@')).then_some(address)
}
