//! A script whose words for loading and running stand nowhere in it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | made of numbers, reversed, formatted, cut or padded | 0.50 | takes pains that no honest script takes |
//! | encoded with the script encoder of Windows | 0.35 | out of use for twenty years, but for those who hide |
//! | put together of pieces | 0.25 | some programs write scripts so |

use super::{Family, is_masked};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{
    Act, ActKind, Confidence, FactSet, Layer, Place, RuleId, ScriptFacts, Severity, TechniqueId, Weight,
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct HidesWords {
    family: Family,
}

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("script-hides-words"),
    describes: "a script hides the words by which it loads and runs",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "script-disguise",
    techniques: &[TechniqueId::new("T1027.010"), TechniqueId::new("T1140")],
    false_positives: "scripts that protect their source, and scripts written by programs",
};

impl Detector for HidesWords {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((script, _)) = self.family.script(facts) else {
            return;
        };
        let (word, how, weight) = match hidden(script) {
            Some(act) if is_masked(script) => (act.word.raw(), "hides the word", 500),
            Some(act) if script.layers.contains(&Layer::Joined) => (act.word.raw(), "puts together the word", 250),
            _ if script.layers.contains(&Layer::ScriptEncoder) => ("", "is encoded", 350),
            _ => return,
        };
        let name = facts.origin.name().shown(60);
        let title = match word {
            "" => format!("'{name}' {how}"),
            word => format!("'{name}' {how} '{}'", watchfire_model::Untrusted::new(word).shown(30)),
        };
        let mut draft = INFO.draft(title);
        draft.weight = Weight::from_thousandths(weight);
        if weight < 400 {
            draft.severity = Severity::Medium;
        }
        let finding = draft.at(evidence(facts, Place::Whole, word));
        scene.found(finding.about(file(facts.origin.name().raw())));
    }
}

/// A word of weight that only the folded script shows.
pub(in crate::detectors) fn hidden(script: &ScriptFacts) -> Option<&Act> {
    let grave = |kind| {
        matches!(kind, ActKind::Download | ActKind::Run | ActKind::Weaken)
            || (kind == ActKind::Evaluate && script.language != "javascript")
    };
    script.acts.iter().find(|act| act.hidden && grave(act.kind))
}
