//! Links that lead to where anyone can put a page and be gone tomorrow.
//!
//! | case | weight | why |
//! |---|---|---|
//! | all links lead to free pages, storage for everyone or shorteners, and the sender is not theirs | 0.36 | whoever has a house invites there |
//! | most links lead to free pages, storage for everyone or shorteners, and the sender is not theirs | 0.30 | the same |
//! | the same, and the mail is somebody's own | 0.20 | people send short links to one another |
//! | most links lead to where people share documents | 0.12 | so do colleagues |
//! | a link leads to a bare address, or to a machine that is called after its address | 0.35 | no organisation invites to a number |
//! | a link leads to a service that tells who follows it | 0.35 | it has no other use |

use super::{Led, Letter, weighed};
use crate::detectors::link::{shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_knowledge::host;
use watchfire_knowledge::mail::Place;
use watchfire_knowledge::{brand, mail as carriers};
use watchfire_model::url::Url;
use watchfire_model::{Confidence, Organisation, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Landing;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-open-landing"),
    describes: "what the mail wants clicked lies where anyone can put a page",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "link-landing",
    techniques: &[TechniqueId::new("T1566.002"), TechniqueId::new("T1583.006")],
    false_positives: "small senders that keep their forms and files with such services",
};

impl Detector for Landing {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        let links: Vec<_> = letter.links.iter().filter(|led| !is_beside(led)).collect();
        let odd = links
            .iter()
            .find_map(|led| Some((strange(led, scene.organisation())?, led)));
        if let Some((what, led)) = odd {
            let title = format!("a link leads to {}, {what}", shown(&led.host));
            scene.found(weighed(&INFO, title, 350, led.evidence()).about(target(&led.to, &led.host)));
            return;
        }
        let own = |host: &str| {
            let owner = brand::owner(host);
            host::registrable(host) == letter.site() || (owner.is_some() && owner == brand::owner(&letter.domain))
        };
        let mut open = links
            .iter()
            .filter_map(|led| Some((carriers::place(&led.host)?, *led)))
            .filter(|(_, led)| !own(&led.host));
        let all = open.clone().count();
        // The heaviest kind, and the first of it.
        let Some((place, first)) = open
            .clone()
            .find(|(place, _)| *place == Place::Open)
            .or_else(|| open.next())
        else {
            return;
        };
        if all * 2 < links.len() {
            return;
        }
        let personal = letter.is_free();
        let (what, weight) = match place {
            Place::Shared => ("documents are shared", 120),
            Place::Open if personal => ("anyone can put a page or hide where it leads", 200),
            Place::Open if all == links.len() => ("anyone can put a page or hide where it leads", 360),
            Place::Open => ("anyone can put a page or hide where it leads", 300),
        };
        let title = format!("the mail's links lead to {}, where {what}", shown(&first.host));
        scene.found(weighed(&INFO, title, weight, first.evidence()).about(target(&first.to, &first.host)));
    }
}

/// What is strange about where a single link leads.
fn strange(led: &Led<'_>, organisation: &Organisation) -> Option<&'static str> {
    let address = Url::parse(&led.to).and_then(|url| url.address());
    match address {
        Some(address) => (!organisation.owns_address(address)).then_some("a bare address"),
        None if organisation.owns_domain(&led.host) => None,
        None if host::is_numbered(&led.host) => Some("a machine that is called after its address"),
        None if carriers::is_logger(&led.host) => Some("which tells who follows it"),
        None => None,
    }
}

/// What stands beside what a mail wants: social networks, programs to get, fonts.
pub(super) fn is_beside(led: &Led<'_>) -> bool {
    const BESIDE: &[&str] = &[
        "facebook.com",
        "instagram.com",
        "twitter.com",
        "x.com",
        "linkedin.com",
        "youtube.com",
        "pinterest.com",
        "tiktok.com",
        "apps.apple.com",
        "itunes.apple.com",
        "play.google.com",
        "fonts.googleapis.com",
        "www.w3.org",
        "schema.org",
        "schemas.microsoft.com",
        "aka.ms",
    ];
    let host = led.host.as_str();
    BESIDE.iter().any(|known| {
        host.strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}
