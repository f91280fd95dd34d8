//! A link that browsers follow and filters overlook: `https:/a.example`, `http:\\\\a.example`.
//!
//! | case | weight | why |
//! |---|---|---|
//! | after the scheme of a page stands anything but two slashes, and a host | 0.30 | browsers mend it, which is why it works; typing errors are seldom sent |

use super::{links, place, shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::HashSet;
use watchfire_knowledge::host;
use watchfire_model::url::Url;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct OddSlashes;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("link-odd-slashes"),
    describes: "a link is written so that browsers follow it and filters do not see it",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "link-deception",
    techniques: &[TechniqueId::new("T1566.002"), TechniqueId::new("T1027")],
    false_positives: "typing errors in pages written by hand",
};

impl Detector for OddSlashes {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let mut seen = HashSet::new();
        for link in links(facts).filter(|link| !link.loaded) {
            let written = link.target.raw().trim();
            let Some(url) = Url::parse(written).filter(Url::is_of_the_web) else {
                continue;
            };
            let host = host::normal(url.host);
            if !is_ordinary(written) && host::is_host(&host) && seen.insert(host.clone()) {
                let title = format!("a link to {} is written so that filters overlook it", shown(&host));
                let finding = INFO.draft(title).at(place(facts, link));
                scene.found(finding.about(target(written, &host)));
            }
        }
    }
}

/// Whether exactly two slashes stand after the scheme.
fn is_ordinary(link: &str) -> bool {
    let rest = link.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//"));
    rest.is_some_and(|rest| !rest.starts_with(['/', '\\']))
}
