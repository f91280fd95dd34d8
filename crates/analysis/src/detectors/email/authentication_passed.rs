//! A proof of origin that proves the wrong thing: whoever registers a domain can prove it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | SPF, DKIM or DMARC passed, and the sender shows a well-known name or imitates one | 0 | said so that nobody takes the pass for innocence |
//!
//! The same is said where a gateway of one's own stands between the sender and whoever recorded a failure: that failure is
//! about the gateway; and of a signature that leaves the end of the mail to anybody.

use super::recorded::Recorded;
use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::brand;
use watchfire_model::{Confidence, Evidence, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct AuthenticationPassed;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-authentication-own-name"),
    describes: "the sender proved its own domain, which is not the one that it shows",
    severity: Severity::Informational,
    confidence: Confidence::High,
    weight: 0,
    group: "sender-authentication-passed",
    techniques: &[TechniqueId::new("T1684.001")],
    false_positives: "none: it weighs nothing",
};

impl Detector for AuthenticationPassed {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let mut note = |what: String, how: &str, evidence: Evidence| {
            scene.found(weighed(&INFO, format!("{what} ({how})"), 0, evidence));
        };
        if let Some(dkim) = letter.proof.partial_signature() {
            let what = format!(
                "what {} signed is a part of the mail: anybody can have added the rest",
                shown(dkim.domain.raw())
            );
            let how = match dkim.body_signed {
                Some(bytes) => format!("l={bytes}"),
                None => "a field that people see stands more often than it was signed".to_owned(),
            };
            note(what, &how, letter.header("DKIM-Signature", dkim.why.raw()));
        }
        let Some((how, evidence)) = letter.proof.told() else {
            return;
        };
        let fails = |recorded: &&Recorded<'_>| matches!(recorded.word("spf"), Some("fail" | "softfail"));
        if let Some(recorded) = letter.proof.recorded.as_ref().filter(fails)
            && recorded.about_gateway
        {
            let what = "SPF failed for a gateway of yours, which handed the mail on, and not for its sender";
            note(what.to_owned(), &how, evidence.clone());
        }
        let shows = letter.foreign_name().is_some() || brand::imitated(&letter.domain).is_some();
        if letter.is_vouched_for() && shows {
            let domain = shown(&letter.domain);
            note(
                format!("authentication passed, for the sender's own domain {domain}"),
                &how,
                evidence,
            );
        }
    }
}
