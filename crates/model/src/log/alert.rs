//! What is told of a log at once, while it grows.

use super::RuleReason;
use crate::{Severity, Timestamp, Untrusted};
use serde::Serialize;

/// Something that a finding will say at the end, as soon as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogAlert {
    /// When it happened, by the record; of several, the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// How urgent.
    pub severity: Severity,
    /// Which detector says so, by its rule: `sigma-match`, `log-password-guessing`.
    pub detector: &'static str,
    /// The identifier of the Sigma rule; empty where there is none.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub rule: Untrusted,
    /// What, in a few words.
    pub title: Untrusted,
    /// On which machine; empty where nobody says.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub host: Untrusted,
    /// The file.
    pub source: Untrusted,
    /// The line there, or the number of the record where there are no lines; 0 where it is no single one.
    pub line: u64,
    /// What made a rule hold.
    pub reasons: Vec<RuleReason>,
    /// What the record is about, in a line.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub text: Untrusted,
    /// Further matches of the same rule that came with it and are not told one by one.
    #[serde(skip_serializing_if = "is_none")]
    pub more: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}
