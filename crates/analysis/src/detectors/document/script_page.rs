//! A page that shows next to nothing until its scripts run.
//!
//! | case | weight | why |
//! |---|---|---|
//! | scripts in the page, and fewer than 100 visible characters | 0.20 | lures that arrive as files hide their form or their next address in a script; so do applications that build themselves in the browser, which seldom arrive as files |
//!
//! Scripts that are only loaded from elsewhere weigh nothing here: their addresses are links.

use crate::analyzers::SHOWS_LITTLE;
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{Confidence, Fact, FactSet, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ScriptPage;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("document-script-page"),
    describes: "a page shows next to nothing until its scripts run",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    weight: 200,
    group: "active-content",
    techniques: &[TechniqueId::new("T1059.007")],
    false_positives: "applications that build themselves in the browser",
};

impl Detector for ScriptPage {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        for fact in &facts.facts {
            let Fact::Scripted { shown, scripts } = fact else {
                continue;
            };
            if *shown < SHOWS_LITTLE && *scripts > 0 {
                let title = format!(
                    "'{}' shows next to nothing until its scripts run",
                    facts.origin.name().shown(60)
                );
                let excerpt = format!("{scripts} bytes of script, {shown} visible characters");
                let finding = INFO.draft(title).at(evidence(facts, Place::Whole, &excerpt));
                scene.found(finding.about(file(facts.origin.name().raw())));
            }
        }
    }
}
