//! A Sigma rule that holds for a record, or a correlation of several.

use super::LogPlace;
use crate::{Period, Severity, Timestamp, Trace, Untrusted};
use serde::Serialize;
use std::sync::Arc;

/// How critical the author of a rule holds a match to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleLevel {
    /// The rule says nothing.
    #[default]
    Unset,
    /// Enriches records; no alert.
    Informational,
    /// Notable, rarely an incident.
    Low,
    /// Worth a look.
    Medium,
    /// Worth a prompt look.
    High,
    /// Points at an incident.
    Critical,
}

impl RuleLevel {
    /// From the lowest to the highest.
    pub const ALL: [Self; 6] = [
        Self::Unset,
        Self::Informational,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The same as the urgency of a finding.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Unset | Self::Informational => Severity::Informational,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

/// What a rule says of itself. All texts are its author's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleSaid {
    /// Its identifier; empty where it has none.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub id: Untrusted,
    /// Its title.
    pub title: Untrusted,
    /// How critical a match is.
    pub level: RuleLevel,
    /// How far it is tested: `stable`, `test`, `experimental`, `deprecated`, `unsupported`, `unset`.
    pub status: &'static str,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub author: Untrusted,
    /// Under which licence.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub license: Untrusted,
    /// The file that it was read from.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub source: Untrusted,
    /// ATT&CK techniques that it names, `T1059.001`.
    pub techniques: Vec<Untrusted>,
    /// ATT&CK tactics that it names, `credential-access`.
    pub tactics: Vec<Untrusted>,
    /// When it is wrong, as its author has it.
    pub false_positives: Vec<Untrusted>,
    /// Whether it counts matches of other rules.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_correlation: bool,
}

impl RuleSaid {
    /// What the source of a rule that comes with Watchfire begins with; no set and no path can be called so.
    pub const SHIPPED: &'static str = "builtin:";

    /// Whether it comes with Watchfire.
    pub fn is_shipped(&self) -> bool {
        self.source.raw().starts_with(Self::SHIPPED)
    }
}

/// A match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleHit {
    /// The rule.
    pub rule: Arc<RuleSaid>,
    /// When the record is from; the last one, where several count.
    pub time: Option<Timestamp>,
    /// The record; the last one, where several count.
    pub place: LogPlace,
    /// On which machines the rule holds: the first few.
    pub hosts: Vec<Untrusted>,
    /// Whom the record is about; empty where nobody says.
    pub user: Untrusted,
    /// Machines and files that the record names.
    pub traces: Vec<Trace>,
    /// From when to when the rule holds.
    pub seen: Option<Period>,
    /// What made the rule hold.
    pub reasons: Vec<RuleReason>,
    /// What the record is about, in a line.
    pub text: Untrusted,
    /// How many such matches there are, where more are told than shown.
    pub count: u64,
}

/// One answer that made a rule hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleReason {
    /// The field; empty for words anywhere.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// The beginning of its value.
    pub value: Untrusted,
    /// What was asked, by the name of its modifier: `contains`, `equals`, `cidr`.
    pub operator: &'static str,
    /// What was asked for.
    pub pattern: Untrusted,
}
