//! Text that a reader does not see, with links in it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | hidden text names sites that the visible text does not | 0.12 | feeds filters, or machines that read for people; newsletters hide a preview line, seldom with links |

use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{Confidence, Fact, FactSet, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct HiddenLink;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("document-hidden-link"),
    describes: "text that a reader does not see names sites that the visible text does not",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    weight: 120,
    group: "hidden-content",
    techniques: &[TechniqueId::new("T1564")],
    false_positives: "pages with menus that unfold, and templates",
};

impl Detector for HiddenLink {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        for fact in &facts.facts {
            let Fact::Hidden { links } = fact else { continue };
            let Some(first) = links.first() else { continue };
            let site = watchfire_model::observable::defang(&first.shown(80));
            let title = match links.len() {
                1 => format!("hidden text names {site}"),
                more => format!("hidden text names {site} and {} more", more - 1),
            };
            let finding = INFO.draft(title).at(evidence(facts, Place::Whole, first.raw()));
            scene.found(finding.about(file(facts.origin.name().raw())));
        }
    }
}
