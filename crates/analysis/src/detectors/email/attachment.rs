//! Attachments that act, by name and by content.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a name that shows a document's extension before one that runs, or letters in another order | 0.60 | there is no innocent reason |
//! | a program, script or shortcut | 0.55 | gateways have refused them for twenty years, so nobody sends them who means well |
//! | a disk image or notebook | 0.45 | carries files past the mark that says where they came from |
//! | a page | 0.20 | brings a form or a script past the filters; some services send receipts so |
//! | a drawing that may hold scripts | 0.25 | pictures are sent in other formats |
//! | an office document with macros, by its name | 0.20 | some offices live on them |
//! | two names that differ | 0.25 | programs show the one and open the other |
//! | declared as a picture or document, and by content a page or a program | 0.35 | mailers know what they attach |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file, file_name};
use watchfire_formats::identify::media;
use watchfire_model::{Confidence, FactSet, MediaType, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Attachment;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-dangerous-attachment"),
    describes: "the mail carries something that runs, or a container that hides what does",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 600,
    group: "attachment",
    techniques: &[TechniqueId::new("T1566.001"), TechniqueId::new("T1204.002")],
    false_positives: "colleagues who send tools, pages and disk images to one another",
};

impl Detector for Attachment {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        for part in letter.parts.iter().filter(|part| !part.is_body) {
            let name = part.facts.origin.name().raw();
            let Some((what, weight)) = case(name, part.facts) else {
                continue;
            };
            let title = format!(
                "attachment '{}' {what}",
                watchfire_model::Untrusted::new(file_name::base(name)).shown(60)
            );
            let finding = weighed(&INFO, title, weight, evidence(part.facts, Place::Whole, name));
            scene.found(finding.about(file(name)));
        }
        for told in &letter.mail.parts {
            if let (Some(name), Some(other)) = (&told.name, &told.other_name) {
                let differ = file_name::split(name.raw()).map(|(_, extension)| extension.to_lowercase())
                    != file_name::split(other.raw()).map(|(_, extension)| extension.to_lowercase());
                if differ {
                    let title = format!("attachment is called '{}' and '{}'", name.shown(40), other.shown(40));
                    scene.found(weighed(&INFO, title, 250, letter.whole(other.raw())));
                }
            }
        }
    }
}

/// Containers that lose the mark of the web on what they hold, and notebooks that hold anything.
const CARRIERS: &[&str] = &[
    "iso", "img", "vhd", "vhdx", "udf", "one", "onepkg", "cab", "ace", "arj", "xz", "uue",
];
/// Office documents that may hold macros.
const MACROS: &[&str] = &[
    "docm", "dotm", "xlsm", "xltm", "xlam", "xll", "pptm", "ppam", "slk", "iqy", "rdp", "wll", "chm", "mht", "mhtml",
];

fn case(name: &str, facts: &FactSet) -> Option<(&'static str, u16)> {
    let (stem, extension) = file_name::split(name).unwrap_or((name, ""));
    let extension = extension.to_lowercase();
    let runs = file_name::runs(name);
    let by_content = file_name::runs_by_content(facts.media_type).is_some();
    let looks = file_name::promises_content(name);
    Some(match () {
        () if runs.is_some() && file_name::promises_content(stem) => ("runs, and looks like a document", 600),
        () if name.contains('\u{202e}') => ("shows its name in another order", 600),
        () if by_content && looks => ("is named like a document, and runs", 600),
        () if runs.is_some() || by_content => ("runs when it is opened", 550),
        () if CARRIERS.contains(&extension.as_str()) => {
            ("carries files past the mark that says where they came from", 450)
        }
        () if is_page(facts.media_type) && !is_page_name(&extension) && looks => {
            ("is named like a document, and is a page", 350)
        }
        () if facts.media_type == media::SVG || extension == "svg" => ("is a drawing that may hold scripts", 250),
        () if is_page(facts.media_type) || is_page_name(&extension) => ("is a page", 200),
        () if MACROS.contains(&extension.as_str()) => ("is a document of a kind that may hold macros", 200),
        () => return None,
    })
}

fn is_page(media_type: MediaType) -> bool {
    matches!(media_type, media::HTML | media::XHTML)
}

fn is_page_name(extension: &str) -> bool {
    matches!(extension, "html" | "htm" | "xhtml" | "shtml" | "xht")
}
