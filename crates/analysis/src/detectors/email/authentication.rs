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
//! Mailing lists rewrite mails and break proofs: with a chain of intermediaries that held, or a list's header, it weighs a quarter. A mail that a known gateway handed on is judged by what the gateway recorded; what is recorded
//! behind a gateway of one's own is about that gateway, and weighs nothing.

use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::{Confidence, DmarcOutcome, RuleId, Severity, TechniqueId};

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
        if let Some(verified) = letter
            .verified
            .filter(|verified| verified.dmarc.outcome == DmarcOutcome::Fail)
        {
            let title = format!(
                "the sender failed to prove its domain {}: DMARC fail, verified here",
                shown(&letter.domain)
            );
            let weight = if letter.mail.header("List-Post").is_some() {
                100
            } else {
                400
            };
            scene.found(weighed(
                &INFO,
                title,
                weight,
                letter.header("From", verified.dmarc.why.raw()),
            ));
            return;
        }
        let Some(recorded) = &letter.recorded else { return };
        if recorded.about_gateway {
            return;
        }
        if letter.domain.is_empty() || letter.is_vouched_for() && recorded.word("compauth") != Some("fail") {
            return;
        }
        let proved = recorded.proved();
        let (what, weight) = match () {
            () if recorded.word("dmarc") == Some("fail") || recorded.word("compauth") == Some("fail") => {
                ("the sender failed to prove its domain", 400)
            }
            () if proved.is_empty() && matches!(recorded.word("spf"), Some("fail" | "softfail")) => {
                ("the sender's domain does not name the server that sent it", 380)
            }
            // A server that looked at one thing only says little by what it did not find.
            () if proved.is_empty() && !recorded.is_thorough() => return,
            () if proved.is_empty() => ("nothing proves the sender", 320),
            () if recorded.has_signature() => ("what proved itself is another domain than the sender's,", 120),
            () => (
                "nobody signed, and what proved itself is another domain than the sender's,",
                220,
            ),
        };
        let list = letter.mail.header("List-Id").is_some() || letter.mail.header("List-Post").is_some();
        let chain = recorded.word("arc") == Some("pass");
        let weight = if chain
            || (list && letter.mail.header("List-Unsubscribe").is_some() && recorded.word("dmarc") != Some("fail"))
            || (list && letter.mail.header("List-Post").is_some())
        {
            weight / 4
        } else {
            weight
        };
        let title = format!(
            "{what} {} (recorded by {}: {})",
            shown(&letter.domain),
            shown(&recorded.by),
            recorded.summary()
        );
        scene.found(weighed(
            &INFO,
            title,
            weight,
            letter.header(recorded.field(), &recorded.excerpt()),
        ));
    }
}
