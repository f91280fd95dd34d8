//! A proof of origin that proves the wrong thing: whoever registers a domain can prove it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | SPF, DKIM or DMARC passed, and the sender shows a well-known name or imitates one | 0 | said so that nobody takes the pass for innocence |
//!
//! The same is said where a gateway stands between the sender and whoever recorded a failure: that failure is
//! about the gateway.

use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::brand;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

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
        let Some(recorded) = &letter.recorded else { return };
        let (by, summary) = (shown(&recorded.by), recorded.summary());
        let mut note = |what: String| {
            let title = format!("{what} (recorded by {by}: {summary})");
            scene.found(weighed(
                &INFO,
                title,
                0,
                letter.header(recorded.field(), &recorded.excerpt()),
            ));
        };
        if recorded.about_gateway && matches!(recorded.word("spf"), Some("fail" | "softfail")) {
            note("SPF failed for a gateway of yours, which handed the mail on, and not for its sender".to_owned());
        }
        if !letter.is_vouched_for() {
            return;
        }
        if recorded.behind_gateway {
            note("authentication passed at the gateway, and failures recorded behind it are the gateway's".to_owned());
        }
        let shows = letter.foreign_name().is_some();
        if shows || brand::imitated(&letter.domain).is_some() {
            let domain = shown(&letter.domain);
            note(format!("authentication passed, for the sender's own domain {domain}"));
        }
    }
}
