//! A sender's domain that nobody chose to be remembered.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a label that nobody can say (`qmqhlwxzdtr`) was registered | 0.25 | machines name domains so that are used for a day |
//! | somebody's tenant of an office or application service sends under its technical name | 0.30 | real tenants send from their own domain |
//! | a part below it that nobody can say | 0.15 | some services number their customers so |
//! | a mailbox that nobody can say, in letters of both cases | 0.15 | the same |
//! | a top-level domain that is sold in bulk | 0.08 | many honest people are thrifty |

use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_knowledge::mail as carriers;
use watchfire_knowledge::sayable::is_unsayable;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct SenderThrowaway;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-throwaway-sender"),
    describes: "the domain of the sender looks made by a machine, or costs next to nothing",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 250,
    group: "sender-domain",
    techniques: &[TechniqueId::new("T1583.001")],
    false_positives: "acronyms, and services that name their customers by number",
};

impl Detector for SenderThrowaway {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let domain = letter.domain.as_str();
        if domain.is_empty() || letter.is_free() || scene.organisation().owns_domain(domain) {
            return;
        }
        let address = letter.author().and_then(|author| author.address.as_ref());
        let local = address
            .and_then(|address| address.raw().split('@').next())
            .unwrap_or_default();
        let below = domain.strip_suffix(letter.site()).unwrap_or_default();
        let (what, weight) = match () {
            () if is_unsayable(host::name(domain)) => ("looks made by a machine", 250),
            () if is_tenant(domain) => ("is the technical name of somebody's account with a service", 300),
            () if below.split('.').any(is_unsayable) => ("looks made by a machine", 150),
            () if is_random(local) => ("has a mailbox that looks made by a machine", 150),
            () if carriers::is_bulk(domain) => ("is of a kind that costs next to nothing", 80),
            () => return,
        };
        let title = format!("the sender's domain {} {what}", shown(domain));
        scene.found(weighed(&INFO, title, weight, letter.header("From", domain)));
    }
}

/// Whether the sender's domain was made by a machine, or is a technical name of somebody's account.
pub(super) fn is_throwaway(letter: &Letter<'_>) -> bool {
    let domain = letter.domain.as_str();
    !letter.is_free() && (is_unsayable(host::name(domain)) || is_tenant(domain))
}

/// Services below whose names every account has one.
const TENANTS: &[&str] = &[
    "onmicrosoft.com",
    "firebaseapp.com",
    "web.app",
    "appspotmail.com",
    "herokuapp.com",
    "intercom-mail.com",
    "ddns.net",
    "duckdns.org",
    "myshopify.com",
    "weebly.com",
    "wixsite.com",
    "github.io",
];

/// Whether a domain is the technical name of somebody's account.
pub(super) fn is_tenant(domain: &str) -> bool {
    TENANTS
        .iter()
        .any(|tenants| domain.strip_suffix(tenants).is_some_and(|rest| rest.ends_with('.')))
}

/// Whether a mailbox is letters of both cases in no order, or cannot be said.
fn is_random(local: &str) -> bool {
    let plain = local.chars().all(|c| c.is_ascii_alphanumeric());
    // `TrackingUpdates` are words.
    let next = local.chars().skip(1);
    let turns = local
        .chars()
        .zip(next)
        .filter(|(one, next)| !one.is_ascii_uppercase() && next.is_ascii_uppercase())
        .count();
    plain
        && (5..=24).contains(&local.len())
        && (turns >= 3 || (local.len() >= 8 && is_unsayable(&local.to_ascii_lowercase())))
}

#[cfg(test)]
mod tests {
    use super::is_random;

    #[test]
    fn words_run_together_are_not_random() {
        for mailbox in [
            "TrackingUpdates",
            "USPSInformedDelivery",
            "noreply",
            "NoReplyPlease",
            "j.meyer",
        ] {
            assert!(!is_random(mailbox), "{mailbox}");
        }
        for mailbox in ["aBcDeFg", "xK9vQzR", "hjkwqzxt"] {
            assert!(is_random(mailbox), "{mailbox}");
        }
    }
}
