//! A file that is not what its name says: a program named like a picture.
//!
//! | case | weight | why |
//! |---|---|---|
//! | named like a document, picture or film; runs by content | 0.60 | content does not lie, and tools do not rename programs so |
//! | named like a picture, a film or an office document; a script by its first line | 0.45 | nobody writes text into such a file |
//! | on a disk: named like a font, a log or settings; a program | 0.40 | these are what somebody who searches passes over |
//! | on a disk: named like data or a file for a while; a program | 0.15 | installers and updates keep theirs so |

use crate::detectors::file_name::{self, Runs};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file, weighed};
use watchfire_formats::identify::media;
use watchfire_model::{Confidence, FactSet, MediaType, Place, RuleId, Severity, TechniqueId, Untrusted};

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
        let name = facts.origin.name().raw();
        let Some((weight, what)) = case(name, facts) else {
            return;
        };
        let shown = Untrusted::new(file_name::base(name));
        let title = format!("'{}' is {what}", shown.shown(60));
        scene.found(weighed(&INFO, title, weight, evidence(facts, Place::Whole, name)).about(file(name)));
    }
}

/// Files that people pass over, on a disk.
const PASSED_OVER: &[&str] = &[
    "conf", "cfg", "css", "csv", "ini", "json", "log", "otf", "ttf", "woff", "woff2", "xml", "yaml", "yml",
];
/// Files that programs keep.
const KEPT: &[&str] = &["dat", "db", "tmp"];

fn case(name: &str, facts: &FactSet) -> Option<(u16, &'static str)> {
    let by_content = file_name::runs_by_content(facts.media_type);
    let extension = file_name::split(name)
        .map_or("", |(_, extension)| extension)
        .to_lowercase();
    let is_found = facts.stored().is_some();
    let is_listed = |list: &[&str]| list.contains(&extension.as_str());
    match by_content {
        Some((_, said)) if is_text(facts.media_type) => file_name::is_never_text(name).then_some((450, said)),
        Some((_, said)) if file_name::promises_content(name) => Some((600, said)),
        Some((Runs::Program, said)) if is_found && is_listed(PASSED_OVER) => Some((400, said)),
        Some((Runs::Program, said)) if is_found && is_listed(KEPT) => Some((150, said)),
        None if says_so(facts.media_type) && file_name::is_never_text(name) => Some((450, "a script")),
        _ => None,
    }
}

/// What acts and is text all the same.
fn is_text(media_type: MediaType) -> bool {
    matches!(media_type, media::URL_SHORTCUT | media::HTA | media::WSF)
}

/// Scripts that their first line tells.
fn says_so(media_type: MediaType) -> bool {
    matches!(
        media_type,
        media::SHELL | media::PYTHON | media::PERL | media::RUBY | media::PHP
    )
}
