//! What leaves the house.

use crate::digests::hex;
use crate::executable::Essentials;
use crate::log::{LogFile, LogSummary};
use crate::network::CaptureFacts;
use crate::{
    ArtifactId, Coverage, Diagnostic, Digests, FactSet, Finding, Incident, JudgedFile, JudgedMail, Judgement,
    KnownGood, MediaType, Observable, ObservableType, Observed, Reputation, RuleId, Search, Target, Tlp, Untrusted,
};
use serde::Serialize;

/// One artifact as the report lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArtifactRecord {
    /// Its SHA-256; roots that were streamed without hashing have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ArtifactId>,
    /// Its path from the root down.
    pub path: Untrusted,
    /// 0 for roots.
    pub depth: u32,
    /// Bytes.
    pub size: u64,
    /// What it is, by content.
    pub media_type: MediaType,
    /// Whether an analyzer understood it.
    pub read: bool,
    /// The path of an earlier artifact with the same bytes. Such a duplicate is not analysed again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<Untrusted>,
    /// What it is known by besides its SHA-256, where something that is known here needs it.
    #[serde(flatten)]
    pub digests: Digests,
    /// The list of known-good identities that holds it.
    #[serde(flatten)]
    pub known_good: Option<KnownGood>,
    /// Where among the inputs its SHA-256 is written, `report.txt:31`. Says nothing of guilt by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed_in: Option<Untrusted>,
    /// What tells it from other executables, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executable: Option<Box<Essentials>>,
    /// What it holds as a whole, if it is a capture of a network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture: Option<Box<CaptureFacts>>,
    /// What was read of it, if it is a log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Box<LogFile>>,
    /// What was observed in it, in order of appearance.
    pub observables: Vec<Observed>,
    /// Facts, kept for detectors and interested readers.
    #[serde(skip)]
    pub facts: Option<FactSet>,
}

impl ArtifactRecord {
    /// An artifact of which nothing is known but `facts`: not read, of no bytes.
    pub fn of(facts: FactSet) -> Self {
        Self {
            sha256: Some(facts.artifact),
            path: facts.origin.path(),
            depth: facts.origin.depth(),
            size: 0,
            media_type: facts.media_type,
            read: false,
            duplicate_of: None,
            digests: Digests::default(),
            known_good: None,
            listed_in: None,
            executable: None,
            capture: None,
            log: None,
            observables: Vec::new(),
            facts: Some(facts),
        }
    }

    /// What may be known about it: its digests, the strongest first. None where it was not read to its end.
    pub fn identities(&self) -> Vec<Observable> {
        let Some(sha256) = self.sha256 else { return Vec::new() };
        let sha1 = self.digests.sha1.map(|digest| (ObservableType::Sha1, hex(&digest)));
        let md5 = self.digests.md5.map(|digest| (ObservableType::Md5, hex(&digest)));
        [Some((ObservableType::Sha256, sha256.to_string())), sha1, md5]
            .into_iter()
            .flatten()
            .filter_map(|(kind, digest)| Observable::parse(kind, &digest).ok())
            .collect()
    }
}

/// What to do, from a rule table; never claims what was not seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// One imperative sentence without a full stop. Values that it names are defanged.
    pub text: Untrusted,
    /// What it is about, all of it, in the order of the findings.
    pub targets: Vec<Target>,
    /// The rules that led to it.
    pub because: Vec<RuleId>,
}

/// What a rule is, for formats that explain the rules of what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleNote {
    /// The rule.
    pub rule: RuleId,
    /// One line, lower case, no full stop.
    pub describes: &'static str,
    /// When it is wrong.
    pub false_positives: &'static str,
}

/// A finding that a suppression hides. It stays counted and listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// What is hidden.
    pub finding: Finding,
    /// The reason somebody gave.
    pub why: String,
    /// The day on which it ends, `2027-01-31`.
    pub expires: String,
}

/// Numbers for the head of a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Occurrences of observables.
    pub occurrences: u64,
    /// Distinct observables over all artifacts.
    pub observables: u64,
    /// Findings that count.
    pub findings: u64,
    /// Findings that a suppression hides.
    pub suppressed: u64,
}

/// Data of others that a report rests on: whose it is, under which terms, and of which day. What licences want said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DataSource {
    /// What it says, `countries and networks of addresses`, or the name of a feed.
    pub name: Untrusted,
    /// Whose it is.
    pub source: Untrusted,
    /// Its terms.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub terms: Untrusted,
    /// The day of the data, `2026-06-17`; of its newest part where the parts have days of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// The day of its oldest part, where the parts have days of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<String>,
}

/// The result of an analysis, `watchfire.report/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `watchfire.report/1`
    pub schema: &'static str,
    /// The version of Watchfire that made it.
    pub version: &'static str,
    /// The instant that decay, expiry and missing years refer to, RFC 3339.
    pub as_of: String,
    /// How it may be shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlp: Option<Tlp>,
    /// Verdict, score and reasons.
    pub judgement: Judgement,
    /// What of it belongs together, the worst first.
    pub incidents: Vec<Incident>,
    /// What detectors found, most severe first.
    pub findings: Vec<Finding>,
    /// What suppressions hide.
    pub suppressed: Vec<Suppressed>,
    /// What to do.
    pub recommendations: Vec<Recommendation>,
    /// Every artifact in the order of the queue.
    pub artifacts: Vec<ArtifactRecord>,
    /// The mails among them, each with a verdict of its own.
    pub mails: Vec<JudgedMail>,
    /// Of a search: the files that something is said about, each with a verdict of its own, the worst first.
    pub files: Vec<JudgedFile>,
    /// Of a search: what it met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<Box<Search>>,
    /// What logs say, all together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Box<LogSummary>>,
    /// What is known about observables: those that were asked for, or that are known to be bad.
    pub reputations: Vec<Reputation>,
    /// What went less than perfectly.
    pub diagnostics: Vec<Diagnostic>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Numbers.
    pub totals: Totals,
    /// Whose data it rests on.
    pub data: Vec<DataSource>,
    /// The rules of its findings, also of those that are hidden, by name.
    #[serde(skip)]
    pub rules: Vec<RuleNote>,
}
