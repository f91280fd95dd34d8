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
use std::collections::BTreeSet;
use watchfire_model::{Confidence, FactSet, Finding, Place, RuleId, Severity, Untrusted, Weight};

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
        let mut written = None;
        let mut leading: Vec<(u32, &str)> = Vec::new();
        for (number, member) in members(facts) {
            let name = member.name.raw();
            if let Some((what, weight)) = escape(name) {
                scene.found(finding(facts, number, name, what, weight));
                continue;
            }
            let leads = |target: &&Untrusted| leads_out(name, target.raw());
            if member.links_to.as_ref().filter(leads).is_none() {
                continue;
            }
            if written.get_or_insert_with(|| Written::of(facts)).is_through(name) {
                let what = "is a link that leads out of the folder, and a member is written through it";
                scene.found(finding(facts, number, name, what, 450));
            } else {
                leading.push((number, name));
            }
        }
        let what = match leading.len() {
            0 => return,
            1 => "is a link that leads out of the folder".to_owned(),
            more => format!("and {} more are links that lead out of the folder", more - 1),
        };
        if let Some((number, name)) = leading.first() {
            scene.found(finding(facts, *number, name, &what, 50));
        }
    }
}

fn finding(facts: &FactSet, number: u32, name: &str, what: &str, weight: u16) -> Finding {
    let mut draft = INFO.draft(format!("'{}' {what}", Untrusted::new(name).shown(60)));
    draft.weight = Weight::from_thousandths(weight);
    if weight < 100 {
        draft.severity = Severity::Informational;
    }
    let finding = draft.at(evidence(facts, Place::Member(number), name));
    finding.about(file(facts.origin.name().raw()))
}

/// The files of an archive by their paths, whatever way these are spelled.
struct Written(BTreeSet<String>);

impl Written {
    fn of(facts: &FactSet) -> Self {
        let files = members(facts).filter(|(_, member)| member.links_to.is_none());
        let names = files.map(|(_, member)| member.name.raw());
        Self(names.filter(|name| !name.ends_with('/')).map(plain).collect())
    }

    /// Whether a file has the name of the link, or one below it.
    fn is_through(&self, link: &str) -> bool {
        let link = plain(link);
        let below = format!("{link}/");
        let next = self.0.range(below.clone()..).next();
        !link.is_empty() && (self.0.contains(&link) || next.is_some_and(|name| name.starts_with(&below)))
    }
}

/// A path without what makes no difference: `./a//b/../c` is `a/c`.
fn plain(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a link leaves the folder that the archive is unpacked into. A relative one starts where the link stands.
fn leads_out(name: &str, target: &str) -> bool {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    is_absolute(target) || escape(&format!("./{folder}/{target}")).is_some()
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
    if has_drive(name) || name.starts_with("\\\\") {
        return Some(("names a drive or share to be unpacked to", 300));
    }
    name.starts_with('/').then_some(("has an absolute path", 50))
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || has_drive(path)
}

fn has_drive(path: &str) -> bool {
    let mut letters = path.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.next() == Some(':')
        && letters.next().is_some_and(|c| c == '\\' || c == '/')
}
