//! A name that ends like a document for the eye and like a program for the system: `invoice.pdf.exe`.
//!
//! | case | weight | why |
//! |---|---|---|
//! | content, then program, script or shortcut | 0.55 | there is hardly an innocent reason to name a file so |

use super::members;
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file, file_name};
use watchfire_model::{Confidence, FactSet, Place, RuleId, Severity, TechniqueId, Untrusted};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct DoubleExtension;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("archive-double-extension"),
    describes: "a file's name shows a document's extension before the real one, which runs",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 550,
    group: "disguise",
    techniques: &[TechniqueId::new("T1036.007"), TechniqueId::new("T1204.002")],
    false_positives: "build tools that append an extension, such as 'logo.svg.js'",
};

impl Detector for DoubleExtension {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        // An input comes with a name of its own; what lies inside something is named by its container.
        if facts.origin.depth() == 0 {
            look(facts.origin.name().raw(), Place::Whole, facts, scene);
        }
        for (number, member) in members(facts) {
            look(member.name.raw(), Place::Member(number), facts, scene);
        }
    }
}

fn look(name: &str, place: Place, facts: &FactSet, scene: &mut Scene<'_>) {
    let (Some(runs), Some((stem, _))) = (file_name::runs(name), file_name::split(name)) else {
        return;
    };
    if !file_name::promises_content(stem) || is_built(stem, name) {
        return;
    }
    let shown = Untrusted::new(file_name::base(name));
    let title = format!(
        "'{}' is a {} that looks like a document",
        shown.shown(60),
        runs.as_str()
    );
    scene.found(INFO.draft(title).at(evidence(facts, place, name)).about(file(name)));
}

/// Bundlers turn pictures and style sheets into scripts and keep their names.
fn is_built(stem: &str, name: &str) -> bool {
    let script = file_name::split(name).is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("js"));
    let source = file_name::split(stem).is_some_and(|(_, inner)| {
        ["svg", "md", "txt"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(inner))
    });
    script && source
}
