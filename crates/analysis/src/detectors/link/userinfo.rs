//! A host in front of the host: `http://brand.com@evil.example/` leads to `evil.example`.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the part before `@` reads like a host | 0.55 | credentials do not look like this, and browsers have long warned |

use super::{place, shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::HashSet;
use watchfire_knowledge::host;
use watchfire_model::url::percent_decoded;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Userinfo;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("link-userinfo"),
    describes: "a link names a well-known host where the user name belongs",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 550,
    group: "link-deception",
    techniques: &[TechniqueId::new("T1566.002"), TechniqueId::new("T1204.001")],
    false_positives: "user names that are domains, as some mail and git hosts have them",
};

impl Detector for Userinfo {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let mut seen = HashSet::new();
        for lead in scene.leads() {
            let Some(url) = lead.url() else { continue };
            let web = url.scheme.eq_ignore_ascii_case("http") || url.scheme.eq_ignore_ascii_case("https");
            let Some(userinfo) = url.userinfo.filter(|_| web) else {
                continue;
            };
            let userinfo = percent_decoded(userinfo);
            let Some(posing) = posing_host(&userinfo) else { continue };
            let same = host::registrable(&posing) == host::registrable(&host::normal(url.host));
            if !same && seen.insert((posing.clone(), url.host)) {
                let title = format!("link poses as {} and leads to {}", shown(&posing), shown(url.host));
                let finding = INFO.draft(title).at(place(facts, &lead.link));
                scene.found(finding.about(target(&lead.to, url.host)));
            }
        }
    }
}

/// The host that the user name pretends to be: in `brand.com`, `www.brand.com:443`, `brand.com/login/`.
fn posing_host(userinfo: &str) -> Option<String> {
    let first = userinfo.split([':', '/', '\\', '?', '#', '@', ';', '&']).next()?;
    host::is_host(first).then(|| host::normal(first))
}
