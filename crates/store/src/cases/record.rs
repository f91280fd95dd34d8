//! What is kept of a case.

use super::words::{CaseId, CaseName, Resolution, Status};
use crate::values::Name;
use watchfire_model::{ArtifactId, Moment, Observable, Severity, Tlp, Untrusted, Verdict};

/// When what happened to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseTimes {
    /// When it happened, as far as anything tells.
    pub occurred: Option<Moment>,
    /// When it was noticed.
    pub detected: Moment,
    /// When somebody took it up.
    pub acknowledged: Option<Moment>,
    /// From when on it did no more harm.
    pub contained: Option<Moment>,
    /// When it was over.
    pub resolved: Option<Moment>,
}

/// The head of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Counts the cases of this store, from 1.
    pub number: u64,
    /// Tells it from all others.
    pub id: CaseId,
    /// What it is called.
    pub name: CaseName,
    /// What it is about.
    pub title: Untrusted,
    /// Of which type: `mail`, `capture`, `log`, `file`, or what people say.
    pub kind: Name,
    /// Of the gravest finding, unless somebody said otherwise; nothing where nothing was found.
    pub severity: Option<Severity>,
    /// The worst of its reports.
    pub verdict: Verdict,
    /// Of that report.
    pub score: u8,
    /// How it may be shared.
    pub tlp: Option<Tlp>,
    /// Whose it is.
    pub assignee: Option<Untrusted>,
    /// Sorted.
    pub tags: Vec<Name>,
    /// When what happened.
    pub times: CaseTimes,
    /// What people decided that it was.
    pub resolution: Option<Resolution>,
    /// Why.
    pub why: Untrusted,
    /// The case that it became part of.
    pub merged_into: Option<CaseId>,
    /// The case that it was taken out of.
    pub split_from: Option<CaseId>,
}

impl Case {
    /// How far people are with it.
    pub fn status(&self) -> Status {
        let times = &self.times;
        if times.resolved.is_some() {
            Status::Resolved
        } else if times.contained.is_some() {
            Status::Contained
        } else if times.acknowledged.is_some() || self.assignee.is_some() {
            Status::InProgress
        } else {
            Status::New
        }
    }
}

/// A value that was seen in an artifact of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseObservable {
    /// The value.
    pub observable: Observable,
    /// Whether it says something that two cases share it: it is nobody's own, and not everybody's.
    pub is_telling: bool,
}

/// An artifact of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseArtifact {
    /// Nothing where it was not hashed; its path stands for it, then.
    pub sha256: Option<ArtifactId>,
    /// Where it was first met.
    pub path: Untrusted,
    /// Bytes.
    pub size: u64,
    /// What it is, by content.
    pub media_type: Untrusted,
    /// 0 for what was given.
    pub depth: u32,
    /// What was seen in it.
    pub observables: Vec<CaseObservable>,
    /// Its bytes in an encrypted archive, where somebody asked to keep them.
    pub sealed: Option<Vec<u8>>,
}

impl CaseArtifact {
    /// What tells it from the others of its case.
    pub fn identity(&self) -> String {
        match self.sha256 {
            Some(sha256) => sha256.to_string(),
            None => format!("path:{}", self.path.raw()),
        }
    }
}

/// A report of a case, as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseReport {
    /// Over what it says, whenever it was made: the same twice is kept once.
    pub digest: ArtifactId,
    /// When it was made.
    pub made: Moment,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its score.
    pub score: u8,
    /// All of it, packed by whoever made it.
    pub content: Vec<u8>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseTask {
    /// From 1.
    pub number: u64,
    /// What.
    pub text: Untrusted,
    /// When it was done.
    pub done: Option<Moment>,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEvent {
    /// From 1, without gaps.
    pub number: u64,
    /// When.
    pub at: Moment,
    /// Who.
    pub who: Untrusted,
    /// What was done, `noted`.
    pub action: Name,
    /// In words; of a note, the note.
    pub text: Untrusted,
    /// What it was hashed with; nothing where it was erased.
    pub salt: Option<[u8; 16]>,
    /// The salted hash of what was done.
    pub sealed: ArtifactId,
    /// The hash over that and the event before.
    pub hash: ArtifactId,
}

/// All of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRecord {
    /// Its head.
    pub case: Case,
    /// Its artifacts, in the order in which they were met.
    pub artifacts: Vec<CaseArtifact>,
    /// Its reports, the oldest first.
    pub reports: Vec<CaseReport>,
    /// What is and was to be done.
    pub tasks: Vec<CaseTask>,
    /// What people did, the first first.
    pub events: Vec<CaseEvent>,
}

/// Another case that shares observables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLink {
    /// The other case.
    pub name: CaseName,
    /// Its number.
    pub number: u64,
    /// What both hold, sorted; at most [`CaseLink::MOST`].
    pub shared: Vec<Observable>,
    /// How many there are.
    pub count: u64,
}

impl CaseLink {
    /// How many shared observables are named.
    pub const MOST: usize = 20;
    /// What more cases hold than these is everybody's.
    pub const UBIQUITOUS: u64 = 25;
}

/// What triage found, for a case.
#[derive(Clone, Debug)]
pub struct NewTriage {
    /// What a case that is opened is about.
    pub title: Untrusted,
    /// Of which type such a case is: a [`Name`].
    pub kind: &'static str,
    /// Of the gravest finding.
    pub severity: Option<Severity>,
    /// How the report may be shared.
    pub tlp: Option<Tlp>,
    /// The earliest moment that the evidence tells.
    pub occurred: Option<Moment>,
    /// The report.
    pub report: CaseReport,
    /// What was looked at.
    pub artifacts: Vec<CaseArtifact>,
}

/// What triage did to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extended {
    /// The case, as it is now.
    pub case: Case,
    /// Whether it was opened.
    pub is_new: bool,
    /// Artifacts that it did not have.
    pub artifacts: u64,
    /// Observables that it did not have.
    pub observables: u64,
    /// Whether the report says something that those before do not.
    pub report: bool,
    /// Files whose bytes are kept from now on.
    pub kept: u64,
}
