//! A link whose text names one site and whose target is another.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the target imitates the shown site (`micros0ft` for `microsoft`) | 0.50 | there is no innocent reason |
//! | the target is a bare address | 0.45 | no organisation links to itself by number |
//! | the target is another registrable domain | 0.35 | the oldest trick; but newsletters count clicks in the same way |
//! | the target is a shortener or other service for everyone | 0.25 | used by both sides |
//! | the same name under another suffix | 0.15 | `example.com` and `example.net` are often one owner |
//! | the target's host carries six other links of the mail or page | 0.12 | a click counter; lures lead to one place |
//! | the target names the shown site in its path or query | 0.10 | a click counter that passes on to it |
//!
//! Sites of one well-known owner (`youtu.be` and `youtube.com`) are one site. Link protection
//! and redirectors are looked through: what counts is where the link leads in the end.

use super::{is_for_everyone, links, place, shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use crate::unwrap::unwrap;
use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use watchfire_knowledge::brand;
use watchfire_knowledge::host;
use watchfire_model::url::{Url, percent_decoded};
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId, Weight};

/// A host that carries more links than these is what the mail's links go through.
const MANY: usize = 6;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct TextDiffers;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("link-text-differs"),
    describes: "a link shows one site and leads to another",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 450,
    group: "link-deception",
    techniques: &[TechniqueId::new("T1566.002"), TechniqueId::new("T1204.001")],
    false_positives: "newsletters whose links count clicks on another domain",
};

impl Detector for TextDiffers {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let mut seen = HashSet::new();
        let counts = LazyCell::new(|| carried(facts));
        for link in links(facts) {
            let Some(text_host) = host::shown_in(link.text.raw()) else {
                continue;
            };
            let leads_to = destination(link.target.raw());
            let Some(url) = Url::parse(&leads_to) else { continue };
            let target_host = host::normal(url.host);
            if scene.organisation().owns_domain(&target_host) {
                continue;
            }
            let Some(weight) = weight(&text_host, &url, &target_host) else {
                continue;
            };
            let weight = match counts.get(&target_host) {
                // What imitates and what has no name is no counter.
                Some(links) if *links > MANY && weight < 450 => weight.min(120),
                _ => weight,
            };
            if !seen.insert((text_host.clone(), target_host.clone())) {
                continue;
            }
            let title = format!(
                "link text says {}, target is {}",
                shown(&text_host),
                shown(&target_host)
            );
            let mut draft = INFO.draft(title);
            draft.weight = Weight::from_thousandths(weight);
            if weight < 300 {
                draft.severity = Severity::Low;
                draft.confidence = Confidence::Low;
            }
            scene.found(draft.at(place(facts, link)).about(target(&leads_to, &target_host)));
        }
    }
}

/// How many different links of a document lead to each host, at first sight. What one program shows is no counter's doing.
fn carried(facts: &FactSet) -> HashMap<String, usize> {
    let mut counts: HashMap<String, HashSet<&str>> = HashMap::new();
    for link in links(facts).filter(|link| !link.loaded && !link.in_outlook) {
        let target = link.target.raw();
        if let Some(url) = Url::parse(target.trim()) {
            counts.entry(host::normal(url.host)).or_default().insert(target);
        }
    }
    counts
        .into_iter()
        .map(|(host, targets)| (host, targets.len()))
        .collect()
}

fn weight(text_host: &str, url: &Url<'_>, target_host: &str) -> Option<u16> {
    if url.address().is_some() {
        return (text_host != target_host).then_some(450);
    }
    if host::registrable(text_host) == host::registrable(target_host) {
        return None;
    }
    let owner = brand::owner(text_host);
    if owner.is_some() && owner == brand::owner(target_host) {
        return None;
    }
    if owner.is_some() && owner == brand::imitated(target_host) {
        return Some(500);
    }
    let beyond_host = percent_decoded(url.query).contains(host::registrable(text_host))
        || percent_decoded(url.path).contains(host::registrable(text_host));
    Some(match () {
        () if beyond_host => 100,
        () if host::name(text_host) == host::name(target_host) => 150,
        () if is_for_everyone(target_host) => 250,
        () => 350,
    })
}

/// Where a link leads behind the services in front of it. Where they tell the host alone, to that.
pub(super) fn destination(target: &str) -> String {
    match unwrap(target) {
        Some(behind) if behind.resolved => behind.target,
        Some(behind) => format!("https://{}/", behind.target),
        None => target.trim().to_owned(),
    }
}
