//! How sure we are that something is what we say it is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Three levels, because nobody can tell 71 from 74.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Plausible; something speaks against it.
    Low,
    /// The shape fits and nothing contradicts it.
    Medium,
    /// A checksum, a registry or an unmistakable context confirms it.
    High,
}

impl Confidence {
    /// The word used in every format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
