//! A script that loads something from the network and runs something.
//!
//! | case | weight | why |
//! |---|---|---|
//! | carried encoded by another script or a shortcut | 0.60 | whoever reads the script is not to see it |
//! | hides its window or switches protection off as well | 0.50 | installers have nothing to hide |
//! | plainly | 0.25 | so do installers and tools of administrators; those that the organisation names say nothing |

use super::{Family, is_deployment_tool, runs};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{ActKind, Confidence, FactSet, Place, RuleId, Severity, TechniqueId, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct DownloadsAndRuns {
    family: Family,
}

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("script-downloads-and-runs"),
    describes: "a script loads something from the network and runs something",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 600,
    group: "script-acts",
    techniques: &[TechniqueId::new("T1059"), TechniqueId::new("T1105")],
    false_positives: "installers and tools of administrators, which weigh less",
};

impl Detector for DownloadsAndRuns {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((script, is_carried)) = self.family.script(facts) else {
            return;
        };
        let (Some(loads), Some(runs)) = (script.act(ActKind::Download), runs(script)) else {
            return;
        };
        let hides = script.act(ActKind::Hide).or_else(|| script.act(ActKind::Weaken));
        let (why, weight) = match hides {
            _ if is_carried => (", and came encoded in another".to_owned(), 600),
            Some(act) => (format!(", and uses '{}'", act.word.shown(30)), 500),
            None => (String::new(), 250),
        };
        if weight < 400 && is_deployment_tool(facts, scene) {
            return;
        }
        let title = format!(
            "'{}' loads something and runs something{why}",
            facts.origin.name().shown(60)
        );
        let mut draft = INFO.draft(title);
        draft.weight = Weight::from_thousandths(weight);
        if weight < 400 {
            draft.severity = Severity::Low;
        }
        let words = format!("{}, {}", loads.word.raw(), runs.word.raw());
        let finding = draft.at(evidence(facts, Place::Whole, &words));
        scene.found(finding.about(file(facts.origin.name().raw())));
    }
}
