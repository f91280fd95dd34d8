//! What is told of a log at once, while it grows.

use super::{AnomalyReason, RuleReason};
use crate::{Severity, Timestamp, Untrusted};
use serde::Serialize;

/// What is found in a log that grows, as soon as it is known: a rule that holds, what a finding will say at the end, or a window of
/// time that is unlike those before it.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// Of what is unusual: the share of ordinary windows that are as unusual or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// The numbers that set it apart, the weightiest first.
    pub unusual: Vec<AnomalyReason>,
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
