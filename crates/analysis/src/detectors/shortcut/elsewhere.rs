//! A shortcut that reaches for another machine.
//!
//! | case | weight | why |
//! |---|---|---|
//! | opens a file on a share or web folder out on the internet | 0.50 | runs without the mark of where it came from; shares are not served across the internet |
//! | has its program work in such a place | 0.50 | the program looks for what it starts there first (CVE-2025-33053) |
//! | fetches its picture from such a place | 0.45 | hands over the credentials of whoever looks at the folder |
//!
//! Names without a dot and private addresses are of the same network, and say nothing.

use super::shortcut;
use crate::detectors::{Detector, DetectorInfo, Scene, evidence};
use std::net::IpAddr;
use watchfire_model::{Confidence, FactSet, Organisation, Place, RuleId, Severity, Target, TechniqueId, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ShortcutElsewhere;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("shortcut-remote-file"),
    describes: "a shortcut opens a file, or shows a picture, on a share of another network",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "shortcut-remote",
    techniques: &[TechniqueId::new("T1204.002"), TechniqueId::new("T1187")],
    false_positives: "shares of partners, reached by their full name",
};

impl Detector for ShortcutElsewhere {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((shortcut, _)) = shortcut(facts) else { return };
        let targets = std::iter::once(&shortcut.target).chain(&shortcut.also);
        let opened = targets.map(|path| (path, "opens a file on", 500));
        let works = std::iter::once((&shortcut.working_folder, "has its program work on", 500));
        let shown = std::iter::once((&shortcut.icon, "fetches its picture from", 450));
        let found = opened.chain(works).chain(shown).find_map(|(path, what, weight)| {
            let host = share(path.raw()).filter(|host| is_outside(host, scene.organisation()))?;
            Some((path, host, what, weight))
        });
        let Some((path, host, what, weight)) = found else {
            return;
        };
        let at = watchfire_model::observable::defang(&watchfire_model::Untrusted::new(host.as_str()).shown(60));
        let mut draft = INFO.draft(format!("'{}' {what} {at}", facts.origin.name().shown(60)));
        draft.weight = Weight::from_thousandths(weight);
        let finding = draft.at(evidence(facts, Place::Whole, path.raw()));
        scene.found(finding.about(Target::Host(host.into())));
    }
}

/// The host of a share or web folder: `\\host\share`, `\\host@SSL\DavWWWRoot`, `file://host/share`.
fn share(path: &str) -> Option<String> {
    let path = path.trim().replace('/', "\\");
    let lower = path.to_ascii_lowercase();
    let rest = match lower.strip_prefix("file:") {
        Some(rest) => rest.strip_prefix("\\\\")?,
        None => lower.strip_prefix("\\\\")?,
    };
    let rest = rest.trim_start_matches('\\');
    let rest = ["?\\unc\\", ".\\unc\\"]
        .iter()
        .find_map(|prefix| rest.strip_prefix(prefix))
        .unwrap_or(rest);
    let host = rest.split('\\').next()?.split('@').next()?;
    (!host.is_empty() && !host.contains(':') && !host.starts_with(['?', '.'])).then(|| host.to_owned())
}

/// Whether a host is neither the organisation's nor on the same network.
fn is_outside(host: &str, organisation: &Organisation) -> bool {
    // An address may be written as one number.
    let number = host.parse::<u32>().map(|number| IpAddr::from(number.to_be_bytes()));
    match number.or_else(|_| host.parse::<IpAddr>()) {
        Ok(IpAddr::V4(address)) => {
            let is_near = address.is_private() || address.is_loopback() || address.is_link_local();
            !is_near && !organisation.owns_address(IpAddr::V4(address))
        }
        Ok(address) => !organisation.owns_address(address),
        Err(_) => {
            let is_local = [".local", ".lan", ".internal", ".corp", ".home.arpa", ".localdomain"];
            host.contains('.') && !is_local.iter().any(|end| host.ends_with(end)) && !organisation.owns_domain(host)
        }
    }
}
