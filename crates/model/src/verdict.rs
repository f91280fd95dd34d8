//! The machine's judgement, and why.

use crate::{Confidence, Evidence, Untrusted};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// STIX 2.1 `malware-analysis.result`. Ordered from the least to the most alarming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Positively known to be good, on full coverage. Absence of evidence never leads here.
    Benign,
    /// Nothing decisive is known.
    Unknown,
    /// Enough speaks against it that a person should look.
    Suspicious,
    /// The evidence suffices to act.
    Malicious,
}

impl Verdict {
    /// The word used in every format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Benign => "benign",
            Self::Unknown => "unknown",
            Self::Suspicious => "suspicious",
            Self::Malicious => "malicious",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How strongly one piece of evidence speaks, in thousandths (0 to 1000). An integer, so that sums do not depend on
/// the order in which threads finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(u16);

impl Weight {
    /// No weight at all.
    pub const NONE: Self = Self(0);

    /// `thousandths` above 1000 count as 1000.
    pub const fn from_thousandths(thousandths: u16) -> Self {
        Self(if thousandths > 1000 { 1000 } else { thousandths })
    }

    /// 0 to 1000.
    pub const fn thousandths(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / 1000, self.0 % 1000 / 10))
    }
}

impl Serialize for Weight {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1000.0)
    }
}

/// 0 to 100: `round(100·(1−Π(1−w)))` over independent groups of evidence, with the largest weight of each group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Score(u8);

impl Score {
    /// Values above 100 count as 100.
    pub const fn new(score: u8) -> Self {
        Self(if score > 100 { 100 } else { score })
    }

    /// 0 to 100.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// One line under WHY: a statement, what it weighs, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What speaks for or against, in one sentence without a full stop.
    pub text: String,
    /// Towards which verdict it speaks.
    pub towards: Verdict,
    /// Its share in the score; [`Weight::NONE`] for context.
    pub weight: Weight,
    /// Reasons of one group are not independent: only the heaviest counts.
    pub group: Cow<'static, str>,
    /// Who says so, where it is not our own evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Untrusted>,
    /// Where to look. Empty only for what others say, and for what is about the whole, such as partial coverage.
    pub evidence: Vec<Evidence>,
}

/// A verdict never comes without its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The judgement.
    pub verdict: Verdict,
    /// Badness, 0 to 100.
    pub score: Score,
    /// How sure the judge is.
    pub confidence: Confidence,
    /// One sentence for line 1 of the screen.
    pub summary: String,
    /// Ranked, heaviest first. Never empty.
    pub reasons: Vec<Reason>,
    /// Of one observable: which rule decided, `a fresh entry on a curated list: feodo`. Else empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub decided_by: String,
    /// The rules by which it was judged, `watchfire.judge/3`.
    pub ruleset: &'static str,
}
