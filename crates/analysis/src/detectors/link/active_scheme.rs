//! A link that does something instead of leading somewhere.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a scheme that hands its argument to a program (`ms-msdt:`, `search-ms:`) | 0.50 | abused by exploits, unknown in ordinary pages |
//! | a page inside the link (`data:text/html`) | 0.40 | the page comes from nowhere and has no address to check |
//! | `vbscript:` | 0.40 | nothing has made use of it for years |
//! | a network share (`file://host/`) | 0.30 | sends the user's credentials to the host |
//! | `javascript:` in a document | 0.30 | documents have no use for it; pages do, and there it is not reported |

use super::{links, place, shown};
use crate::detectors::{Detector, DetectorInfo, Scene, file};
use std::collections::HashSet;
use watchfire_formats::identify::media;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ActiveScheme;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("link-active-scheme"),
    describes: "a link runs code or starts a program instead of leading to a page",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 500,
    group: "link-active",
    techniques: &[TechniqueId::new("T1204.001")],
    false_positives: "intranet pages that link to shares",
};

/// Protocol handlers of Windows that take more than an address.
const HANDLERS: &[&str] = &[
    "ms-msdt:",
    "search-ms:",
    "search:",
    "ms-officecmd:",
    "ms-appinstaller:",
    "ms-cxh:",
    "shell:",
];

impl Detector for ActiveScheme {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let is_page = matches!(facts.media_type, media::HTML | media::XHTML);
        let mut seen = HashSet::new();
        for link in links(facts) {
            let target = cleaned(link.target.raw());
            let Some((what, weight)) = activity(&target, is_page) else {
                continue;
            };
            if own_share(&target, scene) || !seen.insert(target.clone()) {
                continue;
            }
            let mut draft = INFO.draft(format!("link {what}: {}", shown(&target)));
            draft.weight = Weight::from_thousandths(weight);
            if weight >= 400 {
                draft.severity = Severity::High;
            }
            let finding = draft.at(place(facts, link));
            scene.found(finding.about(file(facts.origin.name().raw())));
        }
    }
}

/// As browsers read it: without the blanks and controls that hide a scheme, and in lower case. Only the beginning.
fn cleaned(target: &str) -> String {
    target
        .chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .take(120)
        .collect::<String>()
        .to_lowercase()
}

fn activity(target: &str, is_page: bool) -> Option<(&'static str, u16)> {
    let data = target
        .strip_prefix("data:")
        .map(|data| data.split(',').next().unwrap_or(data));
    Some(match () {
        () if HANDLERS.iter().any(|scheme| target.starts_with(scheme)) => ("starts a program", 500),
        () if data.is_some_and(|kind| {
            kind.starts_with("text/html") || kind.starts_with("application/") || kind.contains("svg")
        }) =>
        {
            ("carries a page of its own", 400)
        }
        () if target.starts_with("vbscript:") => ("runs a script", 400),
        () if share(target).is_some() => ("opens a network share", 300),
        () if target.starts_with("javascript:") && !is_page => ("runs a script", 300),
        () => return None,
    })
}

/// The host of a share: `file://host/…`, `\\host\…`.
fn share(target: &str) -> Option<&str> {
    let rest = target.strip_prefix("file:").unwrap_or(target);
    let rest = rest
        .strip_prefix("\\\\")
        .or_else(|| rest.strip_prefix("//").filter(|_| target.starts_with("file:")))?;
    let host = rest.split(['/', '\\']).next()?;
    (!host.is_empty() && host != "localhost" && host.contains('.')).then_some(host)
}

fn own_share(target: &str, scene: &Scene<'_>) -> bool {
    share(target).is_some_and(|host| match host.parse() {
        Ok(address) => scene.organisation().owns_address(address),
        Err(_) => scene.organisation().owns_domain(host),
    })
}
