//! Where a file was loaded from, by the mark that browsers and mail programs put on it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | from a bare address | 0.20 | who offers software has a name |
//! | from a site that is not trusted (zone 4) | 0.15 | somebody put the site on a list |
//! | from the internet (zone 3) | 0.05 | most software is; it is context for what else is found |

use super::{about, acts_as};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use watchfire_model::url::Url;
use watchfire_model::{Confidence, Downloaded, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct FromElsewhere;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-downloaded"),
    describes: "something that acts was loaded from the network, by its mark of the web",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 50,
    group: "downloaded",
    techniques: &[TechniqueId::new("T1105")],
    false_positives: "all software that people download: it is context, and weighs little",
};

impl Detector for FromElsewhere {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let mark = facts.stored().and_then(|stored| stored.downloaded.as_ref());
        let Some(mark) = mark.filter(|_| acts_as(facts).is_some()) else {
            return;
        };
        let Some((weight, what)) = case(mark) else { return };
        let said = match (mark.url.is_empty(), mark.referrer.is_empty()) {
            (false, _) => mark.url.raw().to_owned(),
            (true, false) => format!("from the page {}", mark.referrer.raw()),
            (true, true) => mark.zone.map_or_else(String::new, |zone| format!("zone {zone}")),
        };
        scene.found(about(&INFO, facts, weight, what, &said));
    }
}

fn case(mark: &Downloaded) -> Option<(u16, &'static str)> {
    let is_from_network = mark.zone.is_some_and(|zone| zone >= 3) || !mark.url.is_empty() || !mark.referrer.is_empty();
    let host = Url::parse(mark.url.raw()).map(|url| url.host.to_owned());
    let address = host.and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
    let is_public = address.is_some_and(|address| match address {
        IpAddr::V4(address) => !(address.is_private() || address.is_loopback() || address.is_link_local()),
        IpAddr::V6(address) => !(address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()),
    });
    match mark.zone {
        _ if is_public => Some((200, "was loaded from a bare address")),
        Some(4) => Some((150, "was loaded from a site that is not trusted")),
        _ if is_from_network => Some((50, "was loaded from the internet")),
        _ => None,
    }
}
