//! A shortcut whose arguments cannot be seen.
//!
//! | case | weight | why |
//! |---|---|---|
//! | arguments behind a long run of blanks | 0.60 | dialogs show the beginning only (ZDI-CAN-25373); there is no innocent reason |
//! | arguments longer than dialogs and prompts take | 0.40 | made by a program; installers stay far below |
//! | a file behind the end of the link | 0.40 | a link carries nothing; what is hung on is unpacked by its arguments |

use super::shortcut;
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{Confidence, FactSet, Place, RuleId, Severity, TechniqueId, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct HiddenArguments;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("shortcut-hidden-arguments"),
    describes: "a shortcut hides what it starts, or carries a file behind its end",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 600,
    group: "disguise",
    techniques: &[TechniqueId::new("T1027.012"), TechniqueId::new("T1036")],
    false_positives: "links damaged by programs that hang notes onto files",
};

/// Blanks in a row that nobody types.
const BLANKS: u64 = 64;
/// Characters of arguments that dialogs show and programs that make links write at most.
const LONGEST: usize = 1_024;
/// Bytes behind the end that are a file.
const BEHIND: u64 = 1_024;

impl Detector for HiddenArguments {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((shortcut, _)) = shortcut(facts) else { return };
        let length = shortcut.arguments.raw().chars().count();
        let case = if shortcut.blanks >= BLANKS {
            Some((format!("hides its arguments behind {} blanks", shortcut.blanks), 600))
        } else if length > LONGEST {
            Some((format!("has arguments of {length} characters"), 400))
        } else if shortcut.behind >= BEHIND {
            Some((format!("carries {} bytes behind its end", shortcut.behind), 400))
        } else {
            None
        };
        let Some((what, weight)) = case else { return };
        let mut draft = INFO.draft(format!("'{}' {what}", facts.origin.name().shown(60)));
        draft.weight = Weight::from_thousandths(weight);
        let shown = shortcut
            .arguments
            .raw()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let finding = draft.at(evidence(facts, Place::Whole, &shown));
        scene.found(finding.about(file(facts.origin.name().raw())));
    }
}
