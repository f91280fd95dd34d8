//! A file, and next to nothing about it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a document with a name that nobody can say, in a short mail from a mailbox that anyone can have | 0.25 | whoever makes a document names it |
//! | a document in a mail of a few words from a mailbox that anyone can have, to somebody whom it does not answer | 0.10 | people send scans to their office so |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file, file_name};
use watchfire_knowledge::sayable::is_unsayable;
use watchfire_model::{Confidence, Fact, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct FileAlone;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-file-alone"),
    describes: "a short mail from a free mailbox carries a document",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 250,
    group: "attachment",
    techniques: &[TechniqueId::new("T1566.001")],
    false_positives: "people who send scans to their office",
};

/// Characters of a mail that says next to nothing.
const SHORT: u64 = 400;

impl Detector for FileAlone {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        if !letter.is_free() || letter.mail.refers_to > 0 || letter.visible() > SHORT {
            return;
        }
        let is_document = |fact: &Fact| matches!(fact, Fact::Document(_));
        let documents = letter.parts.iter().filter(|part| !part.is_body);
        let Some(part) = documents
            .into_iter()
            .find(|part| part.facts.facts.iter().any(is_document))
        else {
            return;
        };
        let name = part.facts.origin.name();
        let (stem, _) = file_name::split(name.raw()).unwrap_or((name.raw(), ""));
        let turns = stem.chars().zip(stem.chars().skip(1));
        let turns = turns
            .filter(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase())
            .count();
        let odd = stem
            .split(['_', '-', ' ', '.'])
            .any(|piece| is_unsayable(&piece.to_lowercase()))
            || turns >= 3;
        let weight = if odd { 250 } else { 100 };
        let title = format!("a few words from a free mailbox, and the document '{}'", name.shown(60));
        let finding = weighed(&INFO, title, weight, evidence(part.facts, Place::Whole, name.raw()));
        scene.found(finding.about(file(name.raw())));
    }
}
