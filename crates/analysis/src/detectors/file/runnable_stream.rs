//! A program in a stream beside a file's content, where no list of files shows it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a stream that begins as something that runs | 0.50 | streams carry marks and small pictures, and no programs |

use super::name;
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{Confidence, FactSet, Place, RuleId, Severity, TechniqueId, Untrusted};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct RunnableStream;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-runnable-stream"),
    describes: "a program is stored in an alternate data stream",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 500,
    group: "stream",
    techniques: &[TechniqueId::new("T1564.004")],
    false_positives: "copies of disks of other systems, whose programs keep their resources so",
};

impl Detector for RunnableStream {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let streams = facts.stored().into_iter().flat_map(|stored| &stored.streams);
        for stream in streams.filter(|stream| stream.runs) {
            let title = format!(
                "'{}' carries a program in the stream '{}'",
                Untrusted::new(name(facts)).shown(60),
                stream.name.shown(60)
            );
            let said = format!("{}: {} bytes", stream.name.raw(), stream.size);
            let finding = INFO.draft(title).at(evidence(facts, Place::Whole, &said));
            scene.found(finding.about(file(name(facts))));
        }
    }
}
