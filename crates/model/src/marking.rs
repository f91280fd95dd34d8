//! What may be shared and what may be done.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Traffic Light Protocol 2.0 (FIRST). Ordered from open to closed; never translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tlp {
    /// No limit on disclosure.
    #[serde(rename = "TLP:CLEAR")]
    Clear,
    /// The community.
    #[serde(rename = "TLP:GREEN")]
    Green,
    /// The organisation and its clients.
    #[serde(rename = "TLP:AMBER")]
    Amber,
    /// The organisation only.
    #[serde(rename = "TLP:AMBER+STRICT")]
    AmberStrict,
    /// The recipients only.
    #[serde(rename = "TLP:RED")]
    Red,
}

impl Tlp {
    /// The label as FIRST writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "TLP:CLEAR",
            Self::Green => "TLP:GREEN",
            Self::Amber => "TLP:AMBER",
            Self::AmberStrict => "TLP:AMBER+STRICT",
            Self::Red => "TLP:RED",
        }
    }

    /// Reads a label. `TLP:WHITE`, the name of version 1, is `TLP:CLEAR`.
    pub fn parse(label: &str) -> Option<Self> {
        Some(match label.to_ascii_uppercase().as_str() {
            "TLP:CLEAR" | "TLP:WHITE" => Self::Clear,
            "TLP:GREEN" => Self::Green,
            "TLP:AMBER" => Self::Amber,
            "TLP:AMBER+STRICT" => Self::AmberStrict,
            "TLP:RED" => Self::Red,
            _ => return None,
        })
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Permissible Actions Protocol: what may be done with the information. Ordered from free to forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Pap {
    /// Anything.
    #[serde(rename = "PAP:CLEAR")]
    Clear,
    /// Active measures on own systems, such as blocking.
    #[serde(rename = "PAP:GREEN")]
    Green,
    /// Passive look-ups at third parties.
    #[serde(rename = "PAP:AMBER")]
    Amber,
    /// Nothing that the adversary could notice.
    #[serde(rename = "PAP:RED")]
    Red,
}

impl Pap {
    /// Reads a label, with or without `PAP:`. `PAP:WHITE`, its older name, is `PAP:CLEAR`.
    pub fn parse(label: &str) -> Option<Self> {
        let label = label.to_ascii_uppercase();
        Some(match label.strip_prefix("PAP:").unwrap_or(&label) {
            "CLEAR" | "WHITE" => Self::Clear,
            "GREEN" => Self::Green,
            "AMBER" => Self::Amber,
            "RED" => Self::Red,
            _ => return None,
        })
    }
}
