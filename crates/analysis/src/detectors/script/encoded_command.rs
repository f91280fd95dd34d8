//! A script that hands PowerShell a command in base64.
//!
//! | case | weight | why |
//! |---|---|---|
//! | in a hidden window, or with protection off | 0.45 | nobody is to see the window or read the command |
//! | plainly | 0.15 | tools for deployment do, since they cannot pass quotes; those that the organisation names say nothing |

use super::{Family, is_deployment_tool};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{ActKind, Confidence, FactSet, Layer, Place, RuleId, Severity, TechniqueId, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct EncodedCommand {
    family: Family,
}

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("script-encoded-command"),
    describes: "a script hands PowerShell a command that nobody can read as it stands",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 450,
    group: "script-disguise",
    techniques: &[TechniqueId::new("T1059.001"), TechniqueId::new("T1027.010")],
    false_positives: "tools for deployment, which weigh less",
};

impl Detector for EncodedCommand {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((script, _)) = self.family.script(facts) else {
            return;
        };
        if !script.layers.contains(&Layer::EncodedCommand) {
            return;
        }
        let hides = script.act(ActKind::Hide).or_else(|| script.act(ActKind::Weaken));
        let weight = if hides.is_some() { 450 } else { 150 };
        if hides.is_none() && is_deployment_tool(facts, scene) {
            return;
        }
        let title = format!(
            "'{}' hands PowerShell an encoded command",
            facts.origin.name().shown(60)
        );
        let mut draft = INFO.draft(title);
        draft.weight = Weight::from_thousandths(weight);
        if weight < 400 {
            draft.severity = Severity::Low;
        }
        let word = hides
            .or_else(|| script.act(ActKind::Decode))
            .map_or("", |act| act.word.raw());
        let finding = draft.at(evidence(facts, Place::Whole, word));
        scene.found(finding.about(file(facts.origin.name().raw())));
    }
}
