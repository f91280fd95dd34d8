//! A host that reads like another because of letters that look alike (Unicode UTS #39).
//!
//! | case | weight | why |
//! |---|---|---|
//! | letters of several alphabets in one label, which together read as ASCII | 0.55 | registries forbid it; only subdomains and lenient registries allow it |
//! | a label of another alphabet that reads as ASCII, under an ASCII top-level domain | 0.45 | `аррӏе.com` |
//!
//! | a well-known name in other characters (`micros0ft`), or beside what lures use (`paypal-login`) | 0.35 | fan pages and resellers do it too |
//!
//! Names that merely use another alphabet are names.

use super::{place, shown, target};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::HashSet;
use std::sync::Arc;
use watchfire_knowledge::brand;
use watchfire_knowledge::host;
use watchfire_model::url::percent_decoded;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Lookalike {
    /// Hosts that were told, each with what it stands in: texts and pages of one mail mostly say the same.
    seen: HashSet<(usize, String)>,
}

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("link-lookalike-host"),
    describes: "a link's host is made to be taken for another: by letters of another alphabet, or by a well-known name",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 550,
    group: "link-deception",
    techniques: &[TechniqueId::new("T1583.001"), TechniqueId::new("T1566.002")],
    false_positives: "short Cyrillic or Greek names that happen to read as Latin, and resellers with a name in theirs",
};

/// What the imitation of a well-known name weighs, in thousandths.
const IMITATION: u16 = 350;

impl Detector for Lookalike {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let carrier = facts.role.and(facts.origin.parent()).unwrap_or(&facts.origin);
        let carrier = Arc::as_ptr(carrier) as usize;
        for lead in scene.leads() {
            let Some(url) = lead.url() else { continue };
            let host = percent_decoded(url.host);
            let unicode = host::unicode(&host);
            let name = host::normal(&host);
            let imitated = || {
                let brand = brand::imitated(&name)?;
                Some((brand.name().to_owned(), IMITATION))
            };
            let Some((reads_as, weight)) = host::disguise(&unicode).or_else(imitated) else {
                continue;
            };
            if scene.organisation().owns_domain(&name) || !self.seen.insert((carrier, unicode)) {
                continue;
            }
            let verb = if weight == IMITATION { "imitates" } else { "reads as" };
            let title = format!("link to {} {verb} {}", shown(&host), shown(&reads_as));
            let mut draft = INFO.draft(title);
            draft.weight = Weight::from_thousandths(weight);
            if weight == IMITATION {
                (draft.severity, draft.confidence) = (Severity::Medium, Confidence::Medium);
            }
            scene.found(draft.at(place(facts, &lead.link)).about(target(&lead.to, &host)));
        }
    }
}
