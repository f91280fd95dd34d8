//! A loss and what prevents it: the two sentences of most lures for passwords.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a loss and a demand, and nothing proves the sender, or links lead to neither it nor whom it speaks for | 0.30 | services that lead to themselves write the same |
//! | a loss and a demand, from a sender that proved itself and leads elsewhere | 0.20 | click counters |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::brand;
use watchfire_knowledge::host;
use watchfire_knowledge::wording::Theme;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct AccountThreat;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-account-threat"),
    describes: "something will be taken away unless the reader acts",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "lure-wording",
    techniques: &[TechniqueId::new("T1566.002")],
    false_positives: "real reminders of services behind a mail service that signs with its own name",
};

impl Detector for AccountThreat {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let found = &letter.found;
        if !found.has(Theme::Threat)
            || !found.has(Theme::Demand)
            || letter.links.is_empty() && letter.parts.iter().all(|part| part.is_body)
        {
            return;
        }
        let owner = brand::owner(&letter.domain);
        let own = letter.links.iter().any(|led| {
            led.site() == letter.site()
                || host::name(&led.host) == host::name(&letter.domain)
                || (owner.is_some() && owner == brand::owner(&led.host))
        });
        let weight = match (own, letter.is_vouched_for(), letter.proof.is_looked_for()) {
            (true, true, _) | (true, _, false) => return,
            (true, false, true) => 300,
            (false, true, _) => 200,
            (false, false, true) => 300,
            // Nothing is known about the origin.
            (false, false, false) => 250,
        };
        let phrase = found.first(Theme::Threat).unwrap_or_default();
        let demand = found.first(Theme::Demand).unwrap_or_default();
        let title = format!("something is lost unless the reader acts: '{phrase}', '{demand}'");
        scene.found(weighed(&INFO, title, weight, letter.words(phrase)));
    }
}
