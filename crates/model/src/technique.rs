//! MITRE ATT&CK identifiers as detectors name them.

use serde::Serialize;
use std::fmt;

/// An ATT&CK technique such as `T1566.001`. The name behind it is in `watchfire-knowledge`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TechniqueId(&'static str);

impl TechniqueId {
    /// Names a technique. Detectors are code, so the identifier is a constant; a test checks all of them against the
    /// embedded ATT&CK table.
    pub const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// `T1566.001`
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for TechniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}
