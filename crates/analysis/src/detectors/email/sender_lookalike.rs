//! A sender's domain that is made to be taken for another.
//!
//! | case | weight | why |
//! |---|---|---|
//! | like one of the organisation's own domains: one letter off, or with a word beside it | 0.60 | there is no innocent reason to write to it from there |
//! | like a well-known one (`micros0ft`, `paypal-login`) | 0.45 | resellers do it too |
//! | letters of other alphabets that read as ASCII (`pаypal.com`, `xn--pypal-4ve.com`) | 0.55 | registries forbid most of it |
//! | free names of a service that begin like a brand (`onlinedhl-team.intercom-mail.com`) | 0.45 | the tenant chose it |

use super::{Letter, weighed};
use crate::detectors::link::shown;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_knowledge::{brand, confusable};
use watchfire_model::{Confidence, Organisation, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct SenderLookalike;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-lookalike-sender"),
    describes: "the domain of the sender is made to be taken for a well-known one or for your own",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 600,
    group: "sender-identity",
    techniques: &[TechniqueId::new("T1583.001"), TechniqueId::new("T1684.001")],
    false_positives: "resellers and fan pages with a name in theirs",
};

impl Detector for SenderLookalike {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let domain = letter.domain.as_str();
        if domain.is_empty() || scene.organisation().owns_domain(domain) {
            return;
        }
        let seen = host::unicode(domain);
        let disguise = host::disguise(&seen);
        let own = own_imitated(&seen, scene.organisation()).map(|own| (own, 600));
        let known = || Some((brand::imitated(domain)?.name().to_owned(), 450));
        let Some((imitated, weight)) = own.or(disguise).or_else(known) else {
            return;
        };
        let title = format!("the sender's domain {} imitates {}", shown(domain), shown(&imitated));
        scene.found(weighed(&INFO, title, weight, letter.header("From", domain)));
    }
}

/// The own domain that `domain` is taken for.
fn own_imitated(domain: &str, organisation: &Organisation) -> Option<String> {
    let label = plain(host::name(domain));
    let own = organisation.domains.iter().map(watchfire_model::DomainName::as_str);
    own.filter(|own| host::registrable(own) != host::registrable(domain))
        .find(|own| {
            let name = plain(host::name(own));
            // Short names are near to everything.
            let long = name.len() >= 5;
            let beside = label.split('-').any(|token| token == name) && label != name;
            (long && (is_near(&label, &name) || label == name || beside)) || (name.len() >= 4 && beside)
        })
        .map(str::to_owned)
}

fn plain(label: &str) -> String {
    label
        .chars()
        .filter_map(confusable::plain_char)
        .collect::<String>()
        .replace('0', "o")
        .replace('1', "l")
        .replace("rn", "m")
}

/// Whether one letter was added, dropped, exchanged, or has changed places with its neighbour.
fn is_near(a: &str, b: &str) -> bool {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let (Some(a), Some(b)) = (a.as_bytes().get(same..), b.as_bytes().get(same..)) else {
        return false;
    };
    match (a, b) {
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([a0, a1, a @ ..], [b0, b1, b @ ..]) if a0 == b1 && a1 == b0 && a == b => true,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) => a == b,
        _ => false,
    }
}
