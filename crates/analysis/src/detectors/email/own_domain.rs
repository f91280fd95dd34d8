//! The organisation's own domain as sender of a mail that came from outside.
//!
//! | case | weight | why |
//! |---|---|---|
//! | it failed to prove its origin | 0.50 | own mail proves it |
//! | nothing was recorded about its origin, and the first server that took it from outside is not one's own | 0.25 | services that send for one may do so |

use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct OwnDomain;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-own-domain-spoofed"),
    describes: "the sender shows one of your own domains, and the mail came from outside",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "sender-identity",
    techniques: &[TechniqueId::new("T1684.001"), TechniqueId::new("T1566")],
    false_positives: "services that send in your name, and mail that was forwarded from outside",
};

impl Detector for OwnDomain {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let organisation = scene.organisation();
        if letter.domain.is_empty() || !organisation.owns_domain(&letter.domain) || letter.is_vouched_for() {
            return;
        }
        let outside = letter.mail.hops.iter().any(|hop| {
            let public = hop
                .address
                .is_some_and(|address| !organisation.owns_address(address) && !is_private(address));
            // By the name that was looked up: how a host calls itself proves nothing.
            let own = hop
                .reverse
                .as_ref()
                .is_some_and(|name| organisation.owns_domain(name.raw()));
            public && !own
        });
        let (why, weight) = match letter.proof.told() {
            Some((how, _)) if letter.proof.is_looked_for() => (format!("without proof ({how})"), 500),
            _ if outside => ("and nothing is recorded about its origin".to_owned(), 250),
            _ => return,
        };
        let title = format!(
            "the mail says to be from {}, came from outside, {why}",
            shown(&letter.domain)
        );
        scene.found(weighed(&INFO, title, weight, letter.header("From", &letter.domain)));
    }
}

fn is_private(address: std::net::IpAddr) -> bool {
    let range = match address.to_canonical() {
        std::net::IpAddr::V4(v4) => watchfire_knowledge::reserved::ipv4(v4),
        std::net::IpAddr::V6(v6) => watchfire_knowledge::reserved::ipv6(v6),
    };
    range.is_some_and(watchfire_knowledge::reserved::Range::is_internal)
}
