//! A file that is not what its name says: a program named like a picture.
//!
//! | case | weight | why |
//! |---|---|---|
//! | named like a document, picture or film; runs by content | 0.60 | content does not lie, and tools do not rename programs so |

use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file, file_name};
use watchfire_formats::identify::media;
use watchfire_model::{Confidence, FactSet, MediaType, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct DisguisedType;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("archive-disguised-type"),
    describes: "a file is named like something to look at, and its content runs",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 600,
    group: "disguise",
    techniques: &[TechniqueId::new("T1036.008")],
    false_positives: "resource libraries of old programs with extensions of their own",
};

impl Detector for DisguisedType {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some(what) = runs(facts.media_type) else { return };
        let name = facts.origin.name();
        if file_name::promises_content(name.raw()) {
            let shown = watchfire_model::Untrusted::new(file_name::base(name.raw()));
            let title = format!("'{}' is {what}", shown.shown(60));
            let finding = INFO.draft(title).at(evidence(facts, Place::Whole, name.raw()));
            scene.found(finding.about(file(name.raw())));
        }
    }
}

/// Types that are unmistakable by content. Scripts are text, and text may be about anything.
fn runs(media_type: MediaType) -> Option<&'static str> {
    Some(match media_type {
        media::PE | media::MZ => "a Windows program",
        media::ELF => "a Linux program",
        media::MACH_O => "a macOS program",
        media::MSI => "an installer",
        media::LNK => "a shortcut",
        media::JAVA_CLASS => "a Java program",
        media::VBSCRIPT_ENCODED | media::JSCRIPT_ENCODED => "an encoded script",
        _ => return None,
    })
}
