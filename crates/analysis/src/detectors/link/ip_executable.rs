//! A link to something that runs, on a host without a name.
//!
//! | case | weight | why |
//! |---|---|---|
//! | `http://203.0.113.7/update.exe` | 0.45 | software is published under a name; private addresses are left alone |

use super::{place, shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene, file_name};
use std::collections::HashSet;
use std::net::IpAddr;
use watchfire_knowledge::extension::{self, Class};
use watchfire_knowledge::reserved;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct IpExecutable;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("link-ip-executable"),
    describes: "a link leads to a program or script on a bare address",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "link-payload",
    techniques: &[TechniqueId::new("T1204.001")],
    false_positives: "devices and laboratories that serve their firmware by address",
};

impl Detector for IpExecutable {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let mut seen = HashSet::new();
        for lead in scene.leads() {
            let Some(url) = lead.url() else { continue };
            let Some(address) = url.address().filter(|_| runs(url.path)) else {
                continue;
            };
            if is_internal(address) || scene.organisation().owns_address(address) || !seen.insert((url.host, url.path))
            {
                continue;
            }
            let name = watchfire_model::Untrusted::new(file_name::base(url.path));
            let title = format!(
                "link leads to '{}' on the bare address {}",
                name.shown(40),
                shown(url.host)
            );
            let finding = INFO.draft(title).at(place(facts, &lead.link));
            scene.found(finding.about(target(&lead.to, &address.to_string())));
        }
    }
}

fn is_internal(address: IpAddr) -> bool {
    let range = match address {
        IpAddr::V4(v4) => reserved::ipv4(v4),
        IpAddr::V6(v6) => reserved::ipv6(v6),
    };
    range.is_some_and(reserved::Range::is_internal)
}

fn runs(path: &str) -> bool {
    let class = file_name::split(path).and_then(|(_, extension)| extension::class(extension.as_bytes()));
    file_name::runs(path).is_some() || matches!(class, Some(Class::Executable))
}
