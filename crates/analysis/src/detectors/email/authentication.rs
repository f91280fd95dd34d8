//! What was verified about the origin, else what the receiver's own server found, where it may be believed: see `recorded`.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the domain's policy failed, or the receiver's composite judgement did | 0.40 | the domain itself says how to tell its mail |
//! | SPF failed and no signature held | 0.38 | the domain names its servers, and this is none |
//! | neither SPF nor a signature passed | 0.32 | hardly an honest sender proves nothing today |
//! | only the domain of the envelope proved itself, which is another, and nobody signed | 0.22 | services that send for others sign |
//! | only another domain proved itself | 0.12 | small senders behind a service that signs with its own name |
//!
//! Mailing lists rewrite mails and break proofs: where the list proved its own name, it weighs a quarter, and with a chain of
//! intermediaries that held, half, since anybody can seal. What failed behind a well-known gateway may have failed for the gateway,
//! and weighs a quarter; what is recorded behind a gateway of one's own is about that gateway, and weighs nothing.

use super::proof::Missed;
use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct AuthenticationFailed;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-authentication-failed"),
    describes: "the receiving server recorded that nothing proves the sender",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 400,
    group: "sender-authentication",
    techniques: &[TechniqueId::new("T1684.001")],
    false_positives: "forwarded mail, mailing lists, and small senders without a policy",
};

impl Detector for AuthenticationFailed {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let (Some(missed), false) = (letter.proof.missed(), letter.domain.is_empty()) else {
            return;
        };
        let Some((how, evidence)) = letter.proof.told() else {
            return;
        };
        let domain = shown(&letter.domain);
        let (what, weight) = match missed {
            Missed::Policy => (format!("the sender failed to prove its domain {domain}"), 400),
            Missed::Server => (format!("{domain} does not name the server that sent it"), 380),
            Missed::Nothing => (format!("nothing proves that {domain} sent it"), 320),
            Missed::OtherSigned => (format!("another domain than {domain} proved itself"), 120),
            Missed::OtherSent => (
                format!("another domain than {domain} proved itself, and nobody signed"),
                220,
            ),
        };
        let recorded = letter.proof.recorded.as_ref();
        let is_sealed = recorded.is_some_and(|recorded| recorded.word("arc") == Some("pass"));
        let is_excused = letter.proof.verified.is_none() && recorded.is_some_and(|recorded| recorded.behind_gateway);
        let (why, weight) = match () {
            () if is_excused => (", which may be the doing of the gateway in front", weight / 4),
            () if letter.is_from_list() => (", as mailing lists do", weight / 4),
            () if is_sealed => ("", weight / 2),
            () => ("", weight),
        };
        scene.found(weighed(&INFO, format!("{what}{why} ({how})"), weight, evidence));
    }
}
