//! A member that would land outside the folder it is unpacked into.
//!
//! | case | weight | why |
//! |---|---|---|
//! | `..` that climbs out | 0.45 | no archiver writes this by itself |
//! | drive letter or network share | 0.30 | only old or careless tools write this |
//! | a link that leads out, and a member written through it | 0.45 | what follows the link is overwritten |
//! | absolute path | 0.05 | `tar -P` and backups |
//! | a link that leads out | 0.05 | images of whole systems are full of them |

use super::members;
use crate::detectors::{Detector, DetectorInfo, Scene, evidence, file};
use watchfire_model::{Confidence, FactSet, Place, RuleId, Severity, Untrusted, Weight};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct PathTraversal;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("archive-path-traversal"),
    describes: "a member's path leads out of the folder that the archive is unpacked into",
    severity: Severity::Medium,
    confidence: Confidence::High,
    weight: 450,
    group: "traversal",
    techniques: &[],
    false_positives: "backups with absolute paths, which weigh next to nothing",
};

impl Detector for PathTraversal {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        for (number, member) in members(facts) {
            let name = member.name.raw();
            let through = |target: &Untrusted| leads_out(name, target.raw(), facts);
            let led = || member.links_to.as_ref().and_then(through);
            let Some((what, weight)) = escape(name).or_else(led) else {
                continue;
            };
            let mut draft = INFO.draft(format!("'{}' {what}", Untrusted::new(name).shown(60)));
            draft.weight = Weight::from_thousandths(weight);
            if weight < 100 {
                draft.severity = Severity::Informational;
            }
            let finding = draft.at(evidence(facts, Place::Member(number), name));
            scene.found(finding.about(file(facts.origin.name().raw())));
        }
    }
}

/// Whether a link leaves the folder that the archive is unpacked into, and whether something is written through it.
fn leads_out(name: &str, target: &str, facts: &FactSet) -> Option<(&'static str, u16)> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    escape(&format!("{folder}/{target}").trim_start_matches('/').replace("//", "/"))
        .filter(|_| !target.starts_with('/'))
        .or_else(|| escape(target))?;
    let is_written = members(facts).any(|(_, other)| {
        let rest = other.name.raw().strip_prefix(name);
        other.links_to.is_none() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    Some(if is_written {
        (
            "is a link that leads out of the folder, and a member is written through it",
            450,
        )
    } else {
        ("is a link that leads out of the folder", 50)
    })
}

fn escape(name: &str) -> Option<(&'static str, u16)> {
    let mut depth = 0i64;
    for part in name.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return Some(("climbs out of the folder it is unpacked into", 450));
        }
    }
    let mut letters = name.chars();
    let drive = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.next() == Some(':')
        && letters.next().is_some_and(|c| c == '\\' || c == '/');
    if drive || name.starts_with("\\\\") {
        return Some(("names a drive or share to be unpacked to", 300));
    }
    name.starts_with('/').then_some(("has an absolute path", 50))
}
