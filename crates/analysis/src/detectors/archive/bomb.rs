//! A container made to exhaust whoever opens it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | unpacks to a thousand times its size and more | 0.30 | sparse data can do this too |
//! | members that claim the bytes of other members | 0.35 | no archiver writes this; one copy of the data poses as many |
//! | containers inside containers beyond the limit | 0.35 | nobody packs so deep on purpose, but to hide |

use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{Confidence, Fact, FactSet, LimitKind, Place, RuleId, Severity, TechniqueId, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Bomb;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("archive-bomb"),
    describes: "a container unpacks to far more than it packs, or holds containers without end",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 350,
    group: "evasion",
    techniques: &[TechniqueId::new("T1027")],
    false_positives: "disk images and dumps that are mostly empty",
};

impl Detector for Bomb {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        for fact in &facts.facts {
            let (what, weight) = match fact {
                Fact::Halted {
                    limit: LimitKind::Ratio,
                } => ("unpacks to far more than it packs", 300),
                Fact::Halted {
                    limit: LimitKind::Depth,
                } => ("holds containers inside containers beyond the limit", 350),
                Fact::Archive(archive) if archive.overlapping > 0 => ("holds members that claim the same bytes", 350),
                _ => continue,
            };
            let name = facts.origin.name();
            let mut draft = INFO.draft(format!("'{}' {what}", name.shown(60)));
            draft.weight = Weight::from_thousandths(weight);
            let finding = draft.at(evidence(facts, Place::Whole, name.raw()));
            scene.found(finding.about(file(name.raw())));
        }
    }
}
