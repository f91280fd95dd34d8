//! A name whose letters show in another order than they stand, or whose end is pushed out of sight: of an archive's
//! member, of what is embedded elsewhere, and of the input itself.
//!
//! | case | weight | why |
//! |---|---|---|
//! | bidirectional override, and the name ends in what runs | 0.60 | made to read `exe.fdp` as `pdf.exe` backwards |
//! | a run of spaces before an extension that runs | 0.50 | the column of a file list ends before the extension |
//! | an extension in letters of another alphabet that reads as one that runs or as a document's | 0.45 | the eye reads `.exe`, filters do not |
//! | a name that runs, with blanks or dots behind it | 0.30 | Windows leaves them away, filters compare with them |
//! | bidirectional override alone | 0.25 | names in right-to-left scripts may carry one |

use super::members;
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file, file_name};
use std::collections::HashSet;
use watchfire_knowledge::confusable;
use watchfire_model::{Confidence, Fact, FactSet, Finding, Place, RuleId, Severity, TechniqueId, Untrusted, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct DeceptiveName {
    /// Paths of archives, whose members were looked at in the listing.
    archives: HashSet<Untrusted>,
}

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("archive-deceptive-name"),
    describes: "a file's name is reordered or padded so that its extension cannot be seen",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 600,
    group: "disguise",
    techniques: &[TechniqueId::new("T1036.002"), TechniqueId::new("T1204.002")],
    false_positives: "names in right-to-left scripts, which weigh less",
};

/// Characters that override the direction of what follows (Unicode UAX #9): embeddings, overrides, isolates.
const OVERRIDES: &[char] = &[
    '\u{202A}', '\u{202B}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}',
];

/// As many blanks as nobody types by accident.
const PADDING: usize = 5;

impl Detector for DeceptiveName {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let listed = facts
            .origin
            .parent()
            .is_some_and(|archive| self.archives.contains(&archive.path()));
        let own = finding(facts, Place::Whole, facts.origin.name());
        if let Some(found) = own.filter(|_| !listed) {
            scene.found(found);
        }
        if facts.facts.iter().any(|fact| matches!(fact, Fact::Archive(_))) {
            self.archives.insert(facts.origin.path());
        }
        for (number, member) in members(facts) {
            if let Some(found) = finding(facts, Place::Member(number), &member.name) {
                scene.found(found);
            }
        }
    }
}

fn finding(facts: &FactSet, place: Place, name: &Untrusted) -> Option<Finding> {
    let base = file_name::base(name.raw());
    let (what, weight) = deception(base)?;
    let mut draft = INFO.draft(format!("'{}' {what}", Untrusted::new(base).shown(60)));
    draft.weight = Weight::from_thousandths(weight);
    if weight < 500 {
        draft.severity = Severity::Medium;
        draft.confidence = Confidence::Medium;
    }
    Some(draft.at(evidence(facts, place, name.raw())).about(file(name.raw())))
}

fn deception(name: &str) -> Option<(&'static str, u16)> {
    let runs = file_name::runs(name).is_some();
    let overridden = name.contains(OVERRIDES);
    let padded = file_name::split(name).is_some_and(|(stem, _)| {
        stem.chars()
            .rev()
            .take_while(|c| c.is_whitespace() || *c == '\u{2800}')
            .count()
            >= PADDING
    });
    let is_trailed = name.ends_with([' ', '.']);
    match (runs, overridden, padded) {
        (true, true, _) => Some(("reads backwards to hide what it runs", 600)),
        (true, _, true) => Some(("hides its extension behind blanks", 500)),
        _ if is_imitated(name) => Some(("has an extension in letters of another alphabet", 450)),
        (true, ..) if is_trailed => Some(("ends in blanks or dots, which Windows leaves away", 300)),
        (false, true, _) => Some(("changes the direction of its letters", 250)),
        _ => None,
    }
}

/// Whether its extension is read as one that runs or as a document's, and is not.
fn is_imitated(name: &str) -> bool {
    let Some((stem, extension)) = file_name::split(name).filter(|(_, extension)| !extension.is_ascii()) else {
        return false;
    };
    let plain: String = extension.chars().take(8).filter_map(confusable::plain_char).collect();
    let read = format!("{}.{plain}", if stem.is_empty() { "" } else { "x" });
    plain.len() >= 2
        && plain.is_ascii()
        && extension.chars().any(|c| !confusable::is_invisible(c))
        && (file_name::runs(&read).is_some() || file_name::promises_content(&read))
}
