//! A QR code instead of a link: filters follow links, and whoever scans a code leaves the protected machine for a telephone.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a code leads elsewhere than to the sender, and the mail or the document tells of a loss, a demand or little time, or nothing proves the sender | 0.30 | who wants something and means well has a link for it |
//! | a code leads elsewhere than to the sender | 0.12 | tickets, parcels and posters have codes, too |
//!
//! Where a link of the mail leads to the same site, the code hides nothing.

use super::landing::is_beside;
use super::{Letter, weighed};
use crate::detectors::link::{shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_knowledge::wording::{self, Found, Theme};
use watchfire_knowledge::{brand, confusable};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct QrLink;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-qr-link"),
    describes: "the mail carries a QR code that leads elsewhere than to its sender",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "evasion",
    techniques: &[TechniqueId::new("T1566.002"), TechniqueId::new("T1027")],
    false_positives: "tickets, invoices and posters whose codes lead to a service of somebody else",
};

impl Detector for QrLink {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let owner = brand::owner(&letter.domain);
        let is_linked = |site: &str| letter.links.iter().any(|led| !led.is_scanned && led.site() == site);
        let foreign = letter.links.iter().find(|led| {
            led.is_scanned
                && !is_beside(led)
                && led.site() != letter.site()
                && host::name(&led.host) != host::name(&letter.domain)
                && (owner.is_none() || owner != brand::owner(&led.host))
                && !scene.organisation().owns_domain(&led.host)
                && !is_linked(led.site())
        });
        let Some(code) = foreign else { return };
        let is_unproved = letter.proof.is_thorough() && !letter.is_vouched_for();
        let weight = if is_unproved || presses(&letter.found) || letter.parts.iter().any(part_presses) {
            300
        } else {
            120
        };
        let title = format!("a QR code leads to {}", shown(&code.host));
        scene.found(weighed(&INFO, title, weight, code.evidence()).about(target(&code.to, &code.host)));
    }
}

fn presses(found: &Found) -> bool {
    found.has(Theme::Threat) || found.has(Theme::Demand) || found.count(Theme::Urgency) >= 2
}

/// Whether the words of a document with codes do.
fn part_presses(part: &super::letter::Part<'_>) -> bool {
    let words = part.wording().filter(|_| !part.is_body);
    words.is_some_and(|words| presses(&wording::themes(&confusable::plain(words.shown.raw()))))
}
