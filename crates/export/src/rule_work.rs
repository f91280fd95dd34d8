//! What comes of work with detection rules, for machines: rules checked, tried on logs, held to their regression data, and
//! explained. What people see of it is the front end's.
//!
//! Everything that a rule says of itself, and every value, is text that others wrote, and raw.

use crate::json;
use serde::Serialize;
use std::io::{self, Write};
use watchfire_model::{Timestamp, Untrusted};

/// Something with a schema of its own that is written as one document of JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleDocument<T> {
    /// Its name and version.
    pub schema: &'static str,
    /// The version of Watchfire.
    pub version: &'static str,
    /// What it is about.
    #[serde(flatten)]
    pub content: T,
}

impl<T: Serialize> RuleDocument<T> {
    /// Writes it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::pretty(self, out)
    }
}

/// `watchfire.rule-check/1`: what is wrong with rules.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedRules {
    /// Files of rules.
    pub files: u64,
    /// Rules that can be used.
    pub rules: u64,
    /// Correlations that can be used.
    pub correlations: u64,
    /// Filters.
    pub filters: u64,
    /// What is wrong, in the order of files and places.
    pub problems: Vec<RuleProblem>,
    /// Rules that are told apart.
    pub not_used: Vec<UnusedRule>,
    /// Files in which there is no rule.
    pub without_rule: Vec<Untrusted>,
    /// What could not be read, in words.
    pub unread: Vec<Untrusted>,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleProblem {
    /// `error`, `warning` or `note`: of an error, the rule is not used.
    pub severity: &'static str,
    /// A stable name for the kind of problem.
    pub code: &'static str,
    /// In words.
    pub message: Untrusted,
    /// What to do next.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub hint: Untrusted,
    /// The file.
    pub file: Untrusted,
    /// Where in it, from 1.
    #[serde(flatten)]
    pub place: Option<RulePlace>,
    /// The line; of a long one 160 characters, beginning 40 before the column.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub excerpt: Untrusted,
}

/// A place in a file of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RulePlace {
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1. Characters.
    pub column: u32,
    /// How long it is. Characters.
    pub length: u32,
}

/// A rule that is not used, which is no mistake of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnusedRule {
    /// `deprecated`, `unsupported` or `repeated`.
    pub why: &'static str,
    /// Its title.
    pub title: Untrusted,
    /// Its file.
    pub file: Untrusted,
    /// The file of the rule that has its identifier and came first.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub first: Untrusted,
}

/// What was read of logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TriedLogs {
    /// Logs that were named or found.
    pub inputs: u64,
    /// Of these, how many were read.
    pub inputs_read: u64,
    /// Bytes, unpacked.
    pub bytes: u64,
    /// Records.
    pub records: u64,
    /// Records of each format.
    pub formats: Vec<TriedFormat>,
}

/// A format of logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriedFormat {
    /// Its name.
    pub format: &'static str,
    /// Records.
    pub records: u64,
}

/// `watchfire.rule-trial/1`: rules on logs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TriedRules {
    /// Rules and correlations that were tried.
    pub rules: u64,
    /// Files with rules that cannot be used.
    pub unusable: u64,
    /// What was read.
    pub logs: TriedLogs,
    /// Rules that match, those with the highest level first.
    pub matched: Vec<MatchedRule>,
    /// What could not be read of the rules, in words.
    pub unread: Vec<Untrusted>,
}

/// A rule that matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatchedRule {
    /// Its identifier; empty where it has none.
    pub id: Untrusted,
    /// Its title.
    pub title: Untrusted,
    /// `critical` to `informational`, or `unset`.
    pub level: String,
    /// `stable`, `test`, `experimental` or `unset`.
    pub status: String,
    /// Its file.
    pub file: Untrusted,
    /// Records that it matches; of a correlation, how often it held.
    pub count: u64,
    /// The first of them.
    pub places: Vec<MatchedPlace>,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatchedPlace {
    /// The log; of a correlation, its group.
    pub source: Untrusted,
    /// Line, or number of the record; nothing for correlations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
}

/// `watchfire.rule-regression/1`: regression data as it states itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegressedRules {
    /// Every log of every test.
    pub cases: Vec<RegressedRule>,
}

/// One log and what is expected of one rule on it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegressedRule {
    /// `as-stated`, `differs`, `no-rule` or `unread`.
    pub outcome: &'static str,
    /// The file that states it.
    pub stated: Untrusted,
    /// The rule's identifier.
    pub rule: Untrusted,
    /// The rule's title; empty where the rule is not there.
    pub title: Untrusted,
    /// The log.
    pub log: Untrusted,
    /// Matches that are expected.
    pub expected: u64,
    /// Matches that there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<u64>,
}

/// `watchfire.rule/1`: one rule in words, and why it matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToldRule {
    /// As in a list of rules.
    #[serde(flatten)]
    pub rule: crate::ListedRule,
    /// What it says of itself.
    pub description: Untrusted,
    /// What it refers to.
    pub references: Vec<Untrusted>,
    /// What looks the same and is innocent.
    pub false_positives: Vec<Untrusted>,
    /// How its selections go together; one is enough.
    pub conditions: Vec<Untrusted>,
    /// What each looks for.
    pub selections: Vec<ToldSelection>,
    /// What it counts, where it is a correlation.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub counts: Untrusted,
    /// Rules that a correlation counts, by title; filters that exclude from a rule, by title.
    pub beside: Vec<Untrusted>,
    /// What was read, where logs were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs: Option<TriedLogs>,
    /// Matches in all.
    pub count: u64,
    /// Why it matches, as many as are kept.
    pub matches: Vec<ToldMatch>,
}

/// A selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldSelection {
    /// Its name.
    pub name: Untrusted,
    /// What it looks for.
    pub statements: Vec<ToldStatement>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldStatement {
    /// How deep it stands below its selection, from 0.
    pub depth: usize,
    /// In words.
    pub says: Untrusted,
    /// What is compared with.
    pub values: Vec<Untrusted>,
}

/// A match.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToldMatch {
    /// Where.
    #[serde(flatten)]
    pub place: MatchedPlace,
    /// The rule; of a correlation, what it counted.
    pub rule: Untrusted,
    /// Values that made it match.
    pub reasons: Vec<ToldReason>,
}

/// A value that made a rule match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldReason {
    /// The selection.
    pub selection: Untrusted,
    /// The field; empty for keywords.
    pub field: Untrusted,
    /// What was asked: `contains`, `equals`, `cidr`.
    pub operator: &'static str,
    /// What was asked for.
    pub pattern: Untrusted,
    /// The value.
    pub value: Untrusted,
    /// Where in the value it is: begin and end in bytes.
    pub span: [usize; 2],
}
