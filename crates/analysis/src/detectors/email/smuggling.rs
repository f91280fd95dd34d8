//! A page that brings its own content, so that no gateway sees it on the way.
//!
//! | case | weight | why |
//! |---|---|---|
//! | its scripts decode what they carry and hand out a file | 0.60 | nobody sends files so who could attach them |
//! | its scripts decode what they carry and write a page | 0.50 | some banks wrap protected mail so |
//! | its scripts lead to another page | 0.30 | a link would do |
//! | scripts in the body of a mail | 0.04 | no program for mail runs them, and some shops leave them in |

use super::{Letter, weighed};
use crate::detectors::{Detector, DetectorInfo, Scene, evidence};
use watchfire_model::{Confidence, Fact, FactSet, Place, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Smuggling;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("mail-html-smuggling"),
    describes: "a page that came by mail makes a file or a page of what its scripts carry",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 600,
    group: "smuggling",
    techniques: &[TechniqueId::new("T1027.006"), TechniqueId::new("T1204.002")],
    false_positives: "protected mail of some banks and authorities, which comes as such a page",
};

impl Detector for Smuggling {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_mail(&mut self, letter: &Letter<'_>, scene: &mut Scene<'_>) {
        for part in &letter.parts {
            let Some((what, weight)) = case(part.facts, part.is_body) else {
                continue;
            };
            let name = part.facts.origin.name();
            let title = format!("'{}' {what}", name.shown(60));
            scene.found(weighed(&INFO, title, weight, evidence(part.facts, Place::Whole, what)));
        }
    }
}

fn case(facts: &FactSet, is_body: bool) -> Option<(&'static str, u16)> {
    let smuggling = facts.facts.iter().find_map(|fact| match fact {
        Fact::Smuggling(smuggling) => Some(smuggling),
        _ => None,
    });
    let runs = facts
        .facts
        .iter()
        .any(|fact| matches!(fact, Fact::Scripted { scripts, .. } if *scripts > 0));
    let Some(smuggling) = smuggling else {
        return (is_body && runs).then_some(("runs scripts, which no program for mail does", 40));
    };
    let calls = |names: &[&str]| smuggling.calls.iter().any(|call| names.contains(call));
    let decodes = calls(&["atob", "fromCharCode", "unescape", "decodeURIComponent"]) && smuggling.packed > 200;
    let hands_out =
        calls(&["createObjectURL", "msSaveBlob", "msSaveOrOpenBlob"]) || (calls(&["Blob"]) && calls(&["download"]));
    Some(match () {
        () if hands_out => ("makes a file of what its scripts carry", 600),
        () if decodes && calls(&["document.write", "eval"]) => ("makes a page of what its scripts carry", 500),
        () if calls(&["location"]) => ("leads on by a script", 300),
        () if decodes => ("decodes what its scripts carry", 300),
        () if is_body => ("runs scripts, which no program for mail does", 40),
        () => return None,
    })
}
