//! An address spelled so that nobody recognises it: `http://0xcb007142/`, `http://3405803842/`.
//!
//! | case | weight | why |
//! |---|---|---|
//! | octal, hexadecimal or one number | 0.40 | browsers still accept these spellings, and only people with something to hide use them |

use super::{place, shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::HashSet;
use std::net::Ipv4Addr;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct NumericHost;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("link-numeric-host"),
    describes: "a link's host is an address in octal, hexadecimal or as one number",
    severity: Severity::Medium,
    confidence: Confidence::High,
    weight: 400,
    group: "link-deception",
    techniques: &[TechniqueId::new("T1566.002")],
    false_positives: "texts about spellings of addresses",
};

impl Detector for NumericHost {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let mut seen = HashSet::new();
        for lead in scene.leads() {
            let Some(url) = lead.url() else { continue };
            let Some(address) = url.address().filter(std::net::IpAddr::is_ipv4) else {
                continue;
            };
            let plain = url.host.trim_end_matches('.').parse::<Ipv4Addr>().is_ok();
            if !plain && seen.insert(address) {
                let title = format!("link to {} is one to {}", shown(url.host), shown(&address.to_string()));
                let finding = INFO.draft(title).at(place(facts, &lead.link));
                scene.found(finding.about(target(&lead.to, &address.to_string())));
            }
        }
    }
}
