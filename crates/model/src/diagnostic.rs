//! What went less than perfectly, and what was not looked at.

use crate::{LimitKind, Untrusted};
use serde::Serialize;
use std::fmt;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing was lost.
    Note,
    /// Something could not be read; the rest was.
    Warning,
    /// An input or a whole part was lost.
    Error,
}

/// One remark about the analysis itself. It never says anything about guilt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// A stable, greppable name such as `zip-truncated`.
    pub code: &'static str,
    /// One sentence, lower case, no full stop. May quote the input; hence untrusted.
    pub message: Untrusted,
    /// The artifact's path, as evidence prints it.
    pub artifact: Untrusted,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.artifact, self.message)
    }
}

/// What was and was not looked at. Full coverage is a condition of `benign`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Inputs named on the command line or found below a folder.
    pub inputs: u64,
    /// Inputs that could be read.
    pub inputs_read: u64,
    /// Artifacts met, roots and children.
    pub artifacts: u64,
    /// Artifacts whose content an analyzer understood.
    pub artifacts_read: u64,
    /// Bytes that went through an analyzer.
    pub bytes: u64,
    /// Limits that were reached, each once.
    pub limits_reached: Vec<LimitKind>,
    /// Calls that left the machine.
    pub network_calls: u64,
}

impl Coverage {
    /// Whether everything that was given was also looked at.
    pub fn is_complete(&self) -> bool {
        self.inputs == self.inputs_read && self.artifacts == self.artifacts_read && self.limits_reached.is_empty()
    }

    /// Adds what another part of the work covered.
    pub fn merge(&mut self, other: &Self) {
        self.inputs += other.inputs;
        self.inputs_read += other.inputs_read;
        self.artifacts += other.artifacts;
        self.artifacts_read += other.artifacts_read;
        self.bytes += other.bytes;
        self.network_calls += other.network_calls;
        for kind in &other.limits_reached {
            if !self.limits_reached.contains(kind) {
                self.limits_reached.push(*kind);
            }
        }
        self.limits_reached.sort_unstable();
    }
}
