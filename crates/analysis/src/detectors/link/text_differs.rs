//! A link whose text names one site and whose target is another.
//!
//! | case | weight | why |
//! |---|---|---|
//! | the target imitates the shown site (`micros0ft` for `microsoft`) | 0.50 | there is no innocent reason |
//! | the target is a bare address | 0.45 | no organisation links to itself by number |
//! | the target is another registrable domain | 0.35 | the oldest trick; but newsletters count clicks in the same way |
//! | the target is a shortener or other service for everyone | 0.25 | used by both sides |
//! | the same name under another suffix | 0.15 | `example.com` and `example.net` are often one owner |
//! | the target names the shown site in its path or query | 0.10 | a click counter that passes on to it |
//!
//! Sites of one well-known owner (`youtu.be` and `youtube.com`) are one site. A link-protection service that rewrote the link is looked through: what counts is where it leads in the end.

use super::{host, is_for_everyone, links, place, shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use crate::url::Url;
use std::collections::HashSet;
use watchfire_knowledge::brand;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId, Weight};

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

/// Services that rewrite links in mail and carry the original in the query. The last labels of their hosts.
const PROTECTION: &[&str] = &[
    "safelinks.protection.outlook.com",
    "safelinks.protection.office365.us",
    "urldefense.com",
    "urldefense.proofpoint.com",
    "mimecast.com",
    "mimecastprotect.com",
    "linkprotect.cudasvc.com",
    "secure-web.cisco.com",
    "urlsand.esvalabs.com",
    "clicktime.symantec.com",
    "url.emailprotection.link",
    "emailprotection.link",
    "trendmicro.com",
    "fireeye.com",
    "sophos.com",
    "mcas.ms",
];

impl Detector for TextDiffers {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let mut seen = HashSet::new();
        for link in links(facts) {
            let Some(text_host) = host::shown_in(link.text.raw()) else {
                continue;
            };
            let leads_to = unwrapped(link.target.raw());
            let Some(url) = Url::parse(&leads_to) else { continue };
            let target_host = host::normal(url.host);
            if scene.organisation().owns_domain(&target_host) {
                continue;
            }
            let Some(weight) = weight(&text_host, &url, &target_host) else {
                continue;
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
    let beyond_host = host::percent_decoded(url.query).contains(host::registrable(text_host))
        || host::percent_decoded(url.path).contains(host::registrable(text_host));
    Some(match () {
        () if beyond_host => 100,
        () if host::name(text_host) == host::name(target_host) => 150,
        () if is_for_everyone(target_host) => 250,
        () => 350,
    })
}

/// Where a link leads behind link-protection services. They may be nested; a few layers are enough.
pub(super) fn unwrapped(target: &str) -> String {
    let mut target = target.trim().to_owned();
    for _ in 0..4 {
        let inner = Url::parse(&target).filter(is_protection).and_then(|url| original(&url));
        match inner {
            Some(inner) => target = inner,
            None => break,
        }
    }
    target
}

fn is_protection(url: &Url<'_>) -> bool {
    let host = host::normal(url.host);
    PROTECTION.iter().any(|known| {
        host.strip_suffix(known)
            .is_some_and(|below| below.is_empty() || below.ends_with('.'))
    })
}

/// The URL in the query (`?url=https%3A%2F%2F…`) or in the path (`/v3/__https://…__;`).
fn original(url: &Url<'_>) -> Option<String> {
    let in_query = url
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(_, value)| {
            let value = host::percent_decoded(value);
            Url::parse(&value).is_some().then(|| value.into_owned())
        });
    in_query.or_else(|| {
        let (_, inner) = url.path.split_once("__")?;
        let inner = inner.split("__;").next()?;
        Url::parse(inner).is_some().then(|| inner.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_protection_is_looked_through() {
        for (target, expected) in [
            (
                "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fx&data=05",
                "https://a.example/x",
            ),
            (
                "https://urldefense.com/v3/__https://a.example/x__;!!abc$",
                "https://a.example/x",
            ),
            (
                "https://notmimecast.com/?u=https%3A%2F%2Fa.example",
                "https://notmimecast.com/?u=https%3A%2F%2Fa.example",
            ),
        ] {
            assert_eq!(unwrapped(target), expected);
        }
    }
}
