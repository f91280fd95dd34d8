//! The same bytes under several names: who else has them, and a program whose names do not go together.
//!
//! No file shows it alone, and copies may be read at different times: this remembers a little about the names of each
//! content. Of more contents and names than it keeps, those stay that come first in an order that no one chooses by the
//! way files are met, so that the result is the same for any number of threads.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a program of the system, and a copy among temporary files or under a hidden name of its own | 0.40 | a tool that is renamed is not looked for (`/tmp/.x` that is `/bin/bash`) |
//! | one name of a program of the system where the system keeps none, and another one | 0.40 | nobody ships a program as `svchost.exe` and as something else |
//! | one name of something to look at, and another one of a program | 0.30 | one of the two is a disguise |
//! | a program of the system, and a copy elsewhere under another name | 0.10 | people do that, too |
//!
//! Libraries, numbered names (`python3.11`, `python`) and names that are digests are no other names.

use super::system_names::{DAEMONS, PROCESSES};
use super::{Folders, System, is_program};
use crate::detectors::{DetectorInfo, file, file_name};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_formats::identify::runnable::Runnable;
use watchfire_model::{
    ArtifactId, ArtifactRecord, Confidence, Evidence, Finding, Place, RuleId, Severity, TechniqueId, Untrusted, Weight,
};

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-several-names"),
    describes: "a program lies under several names that do not go together",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 400,
    group: "disguise",
    techniques: &[TechniqueId::new("T1036.003"), TechniqueId::new("T1036.005")],
    false_positives: "tools that people copy under names of their own, and programs that carry out what they are called (busybox)",
};

/// Contents whose names are remembered.
const CONTENTS: usize = 100_000;
/// Names of one content that are remembered.
const NAMES: usize = 8;
/// Findings that are told.
const MOST: usize = 1_000;

/// What is remembered of names, by content.
#[derive(Debug, Default)]
pub struct Copies {
    met: BTreeMap<ArtifactId, BTreeSet<Name>>,
}

/// One name of a content: what is odd about it comes first, then paths in their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    kind: Kind,
    path: Untrusted,
    /// The last part of the path, in lower case and without what Windows adds to programs.
    stem: Box<str>,
    depth: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Of something to look at.
    Content,
    /// Of a program of the system, where the system keeps none.
    Borrowed,
    /// Where the system keeps its programs.
    System,
    /// Hidden, or among temporary files.
    Loose,
    /// Of a program, anywhere.
    Plain,
    /// No program: nothing is said about its names.
    Other,
}

impl Copies {
    /// Those of a whole report.
    pub fn of(artifacts: &[ArtifactRecord]) -> Self {
        let mut copies = Self::default();
        for artifact in artifacts {
            copies.note(artifact);
        }
        copies
    }

    /// Remembers the name of an artifact.
    pub fn note(&mut self, record: &ArtifactRecord) {
        let (Some(id), Some(facts)) = (record.sha256, &record.facts) else {
            return;
        };
        // An empty file is the same as every other one.
        let is_beyond = || self.met.len() >= CONTENTS && self.met.last_key_value().is_some_and(|(last, _)| id > *last);
        if record.size == 0 || is_beyond() {
            return;
        }
        let base = super::name(facts);
        let kind = match Runnable::of(record.media_type) {
            Some(what) if is_program(what) => kind(base, facts.stored().map(Folders::of).as_ref()),
            _ => Kind::Other,
        };
        let names = self.met.entry(id).or_default();
        names.insert(Name {
            kind,
            path: record.path.clone(),
            stem: stem(base).into(),
            depth: record.depth,
        });
        if names.len() > NAMES {
            names.pop_last();
        }
        if self.met.len() > CONTENTS {
            self.met.pop_last();
        }
    }

    /// Adds what another one remembers.
    pub fn merge(&mut self, other: Self) {
        for (id, names) in other.met {
            let here = self.met.entry(id).or_default();
            here.extend(names);
            while here.len() > NAMES {
                here.pop_last();
            }
        }
        while self.met.len() > CONTENTS {
            self.met.pop_last();
        }
    }

    /// Files with the bytes of `id` besides the one at `path`, as far as they are remembered, by path.
    pub fn besides(&self, id: ArtifactId, path: &Untrusted) -> Vec<Untrusted> {
        let names = self.met.get(&id).into_iter().flatten();
        let mut others: Vec<Untrusted> = names
            .filter(|name| name.depth == 0 && name.path != *path)
            .map(|name| name.path.clone())
            .collect();
        others.sort_unstable();
        others
    }

    /// What is wrong, with the paths of the files that it is about; by weight, then by path.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.met.iter().filter_map(|(id, names)| finding(*id, names)).collect();
        findings.sort_by(|a, b| {
            let path = |finding: &Finding| finding.evidence().first().map(|evidence| evidence.path.clone());
            b.weight.cmp(&a.weight).then_with(|| path(a).cmp(&path(b)))
        });
        findings.truncate(MOST);
        findings
    }
}

/// What is odd, what it weighs, beside what, and whether the names have to be those of two things.
const CASES: &[(Kind, u16, &[Kind], bool)] = &[
    (Kind::Loose, 400, &[Kind::System], true),
    (Kind::Borrowed, 400, &[Kind::System, Kind::Loose, Kind::Plain], true),
    (
        Kind::Content,
        300,
        &[Kind::Borrowed, Kind::System, Kind::Loose, Kind::Plain],
        false,
    ),
    (Kind::Plain, 100, &[Kind::System], true),
];

/// What two names of one content say together.
fn finding(id: ArtifactId, names: &BTreeSet<Name>) -> Option<Finding> {
    if names.len() < 2 {
        return None;
    }
    let (weight, odd, other) = CASES.iter().find_map(|(odd, weight, others, must_differ)| {
        let of = |kinds: &'static [Kind]| names.iter().filter(move |name| kinds.contains(&name.kind));
        let fits = |odd: &Name, other: &Name| !must_differ || is_other(&odd.stem, &other.stem);
        of(std::slice::from_ref(odd)).find_map(|odd| {
            let other = of(others).find(|other| fits(odd, other))?;
            Some((*weight, odd, other))
        })
    })?;
    let base = |name: &Name| Untrusted::new(file_name::base(name.path.raw()));
    let (shown, also) = (base(odd), base(other));
    let title = format!("'{}' is the same program as '{}'", shown.shown(60), also.shown(60));
    let mut draft = INFO.draft(title);
    draft.weight = Weight::from_thousandths(weight);
    if weight < 200 {
        (draft.severity, draft.confidence) = (Severity::Low, Confidence::Low);
    }
    let evidence = |name: &Name, said: String| Evidence {
        artifact: id,
        path: name.path.clone(),
        place: Place::Whole,
        excerpt: said.into(),
    };
    let said = |path: &Untrusted| format!("the same bytes as {}", path.raw());
    let finding = draft.at(evidence(odd, said(&other.path)));
    // The system's own is as it should be, and only what is a copy of it alarms.
    let finding = match other.kind {
        Kind::System => finding,
        _ => finding.and_at(evidence(other, said(&odd.path))),
    };
    Some(finding.about(file(shown.raw())))
}

/// What a name says of a program.
fn kind(base: &str, folders: Option<&Folders<'_>>) -> Kind {
    let stem = stem(base);
    if file_name::promises_content(base) {
        return Kind::Content;
    }
    if let Some(folders) = folders {
        const OF_WINDOWS: &[&str] = &["/windows/system32", "/windows/syswow64", "/windows/."];
        const OF_OTHERS: &[&str] = &["/usr/bin", "/usr/sbin", "/bin", "/sbin"];
        let are_any = |patterns: &[&str]| patterns.iter().any(|pattern| folders.are(pattern));
        match folders.system() {
            System::Windows if are_any(OF_WINDOWS) => return Kind::System,
            System::Unix if are_any(OF_OTHERS) => return Kind::System,
            _ if folders.are_temporary() || base.starts_with('.') => return Kind::Loose,
            _ if folders.are_of_programs() => return Kind::Plain,
            _ => {}
        }
    }
    let is_windows = base.len() > stem.len() && PROCESSES.contains(&stem.as_str());
    if is_windows || DAEMONS.contains(&stem.as_str()) && stem != "init" {
        return Kind::Borrowed;
    }
    Kind::Plain
}

/// A name in lower case, without the ending that programs of Windows have.
fn stem(base: &str) -> String {
    let base = base.to_lowercase();
    base.strip_suffix(".exe").unwrap_or(&base).to_owned()
}

/// Whether these are names of two things: neither tells the other's with a number or a few letters more, and neither is a
/// library's or made by a machine.
fn is_other(one: &str, two: &str) -> bool {
    let is_library = |name: &str| {
        [".so", ".dll", ".dylib", ".node", ".pyd"]
            .iter()
            .any(|end| name.contains(end))
    };
    let is_digest = |name: &str| name.len() >= 32 && name.bytes().filter(u8::is_ascii_hexdigit).count() >= 32;
    let word = |name: &str| -> String { name.chars().filter(|letter| letter.is_alphabetic()).collect() };
    let (first, second) = (word(one), word(two));
    let is_part = first.contains(&second) || second.contains(&first);
    let odd = |name: &str| is_library(name) || is_digest(name);
    !(odd(one) || odd(two) || is_part && !first.is_empty() && !second.is_empty())
}
