//! A document that acts.
//!
//! | case | weight | why |
//! |---|---|---|
//! | an action that starts a program or opens a file | 0.50 | readers have long refused it; what still carries it is old, or hostile |
//! | a template, object or frame from another machine | 0.50 | what it brings may act, and nobody is asked; some offices keep their templates so |
//! | an equation with a name that overruns the old editor | 0.60 | nothing writes such names but what runs code by them |
//! | an object of that editor in rich text | 0.50 | nobody has written those since 2018 |
//! | the same in a document of Word | 0.12 | science has written millions |
//! | an object that is loaded at once, without a click | 0.35 | Word does not write that; some generators of forms do |
//! | a macro | 0.25 | some offices live on them |
//! | a script | 0.12 | forms check their fields with scripts |

use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use std::collections::BTreeMap;
use watchfire_formats::identify::media;
use watchfire_model::{ActiveKind, Confidence, Fact, FactSet, Place, RuleId, Severity, TechniqueId, Untrusted, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ActiveContent;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("document-active-content"),
    describes: "a document starts programs, runs code or loads it from elsewhere",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "active-content",
    techniques: &[TechniqueId::new("T1204.002")],
    false_positives: "forms with scripts and templates with macros, which weigh less",
};

/// Template injection.
const TEMPLATE: &[TechniqueId] = &[TechniqueId::new("T1221")];

/// A flaw of the program that shows it.
const EQUATION: &[TechniqueId] = &[TechniqueId::new("T1203")];

/// What a reader said, for a title: escaped and defanged.
fn said(detail: &Untrusted) -> String {
    watchfire_model::observable::defang(&detail.shown(160))
}

impl Detector for ActiveContent {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        // One finding for each kind: a form has a script for every field.
        let mut kinds: BTreeMap<ActiveKind, &Untrusted> = BTreeMap::new();
        for fact in &facts.facts {
            if let Fact::Active { kind, detail } = fact {
                kinds.entry(*kind).or_insert(detail);
            }
        }
        for (kind, detail) in kinds {
            let (what, weight, severity) = match kind {
                ActiveKind::Launch => ("starts a program or opens a file", 500, Severity::High),
                ActiveKind::Remote => ("loads a template or object from elsewhere", 500, Severity::High),
                ActiveKind::Macro => ("holds macros", 250, Severity::Medium),
                ActiveKind::Script => ("holds scripts", 120, Severity::Low),
                ActiveKind::Update => ("loads an object as soon as it is opened", 350, Severity::Medium),
                ActiveKind::Overflow => ("holds an equation that overruns its editor", 600, Severity::Critical),
                ActiveKind::Equation if facts.media_type == media::RTF => {
                    ("holds an object of the old equation editor", 500, Severity::High)
                }
                ActiveKind::Equation => ("holds an object of the old equation editor", 120, Severity::Low),
            };
            let mut title = format!("'{}' {what}", facts.origin.name().shown(60));
            if weight >= 500 {
                title = format!("{title}: {}", said(detail));
            }
            let mut draft = INFO.draft(title);
            draft.weight = Weight::from_thousandths(weight);
            draft.techniques = match kind {
                ActiveKind::Remote => TEMPLATE,
                ActiveKind::Overflow | ActiveKind::Equation => EQUATION,
                _ => draft.techniques,
            };
            draft.severity = severity;
            let finding = draft.at(evidence(facts, Place::Whole, detail.raw()));
            scene.found(finding.about(file(facts.origin.name().raw())));
        }
    }
}
