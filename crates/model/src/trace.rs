//! What an incident leaves behind: what several findings share, and by which they belong together.

use crate::{ArtifactId, Timestamp, Untrusted};
use serde::Serialize;
use std::fmt;

/// Something that a finding is about besides what to act on. `Display` is defanged and escaped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
pub enum Trace {
    /// A machine that did it, or on which it was done, by name or address.
    Machine(Untrusted),
    /// An account that was used, or that it is about.
    Account(Untrusted),
    /// A file, by its SHA-256.
    File(ArtifactId),
    /// A machine that somebody tried to get into.
    Tried(Untrusted),
    /// A machine that somebody got into by it. What happens there soon afterwards may be theirs.
    Entered(Untrusted),
}

impl Trace {
    /// Longest value that is shown. Characters.
    const SHOWN: usize = 60;
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(value) | Self::Account(value) | Self::Tried(value) | Self::Entered(value) => {
                f.write_str(&crate::observable::defang(&value.shown(Self::SHOWN)))
            }
            Self::File(id) => write!(f, "{id}"),
        }
    }
}

/// From when to when something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Period {
    /// The first instant.
    pub first: Timestamp,
    /// The last one; the first, where there is no other.
    pub last: Timestamp,
}

impl Period {
    /// Both, where one is known at least.
    pub fn of(first: Option<Timestamp>, last: Option<Timestamp>) -> Option<Self> {
        let first = first.or(last)?;
        Some(Self {
            first,
            last: last.unwrap_or(first).max(first),
        })
    }

    /// Both together.
    pub fn with(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}
