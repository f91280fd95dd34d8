//! What is asked of a directory.

use crate::Untrusted;
use serde::{Serialize, Serializer};
use std::fmt;

/// A request beside searches, and the answer (RFC 4511). A password is in a [`Login`](super::Login).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ldap {
    /// What request and answer share.
    pub message_id: i64,
    /// The version that is spoken, where it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// What is asked for: `bind simple`, `bind SASL`, `modify`.
    pub operation: &'static str,
    /// About which entry, or for which extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Untrusted>,
    /// With what: a mechanism of SASL, what is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argument: Option<Untrusted>,
    /// What came of it; nothing where no answer was captured, or there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<LdapResult>,
    /// What the server says of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnostic: Option<Untrusted>,
}

/// A search, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LdapSearch {
    /// What request and answer share.
    pub message_id: i64,
    /// Under which entry; nothing for the server itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Untrusted>,
    /// How far below it.
    pub scope: LdapScope,
    /// Whether what stands for another entry is followed.
    pub aliases: LdapAliases,
    /// For what, as RFC 4515 writes it.
    pub filter: Untrusted,
    /// Which attributes of what is found are wanted; all, mostly, if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Untrusted>,
    /// Entries that were found.
    pub entries: u64,
    /// Other servers that were named.
    pub references: u64,
    /// What came of it; nothing where that was not captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<LdapResult>,
    /// What the server says of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnostic: Option<Untrusted>,
}

/// How far below its base a search goes (RFC 4511 4.5.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LdapScope(pub i64);

/// As Zeek writes it, or the number.
impl fmt::Display for LdapScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("base"),
            1 => f.write_str("single"),
            2 => f.write_str("tree"),
            other => write!(f, "{other}"),
        }
    }
}

impl Serialize for LdapScope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether what stands for another entry is followed (RFC 4511 4.5.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LdapAliases(pub i64);

/// As Zeek writes it, or the number.
impl fmt::Display for LdapAliases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("never"),
            1 => f.write_str("searching"),
            2 => f.write_str("finding"),
            3 => f.write_str("always"),
            other => write!(f, "{other}"),
        }
    }
}

impl Serialize for LdapAliases {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A code of what came of it (RFC 4511 4.1.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LdapResult(pub i64);

impl LdapResult {
    /// It was done.
    pub const SUCCESS: Self = Self(0);
    /// The other end has to say more.
    pub const BIND_IN_PROGRESS: Self = Self(14);

    /// Its name in words, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "success",
            1 => "operations error",
            2 => "protocol error",
            3 => "time limit exceeded",
            4 => "size limit exceeded",
            5 => "compare false",
            6 => "compare true",
            7 => "auth method not supported",
            8 => "stronger auth required",
            10 => "referral",
            11 => "admin limit exceeded",
            12 => "unavailable critical extension",
            13 => "confidentiality required",
            14 => "SASL bind in progress",
            16 => "no such attribute",
            17 => "undefined attribute type",
            18 => "inappropriate matching",
            19 => "constraint violation",
            20 => "attribute or value exists",
            21 => "invalid attribute syntax",
            32 => "no such object",
            33 => "alias problem",
            34 => "invalid DN syntax",
            36 => "alias dereferencing problem",
            48 => "inappropriate authentication",
            49 => "invalid credentials",
            50 => "insufficient access rights",
            51 => "busy",
            52 => "unavailable",
            53 => "unwilling to perform",
            54 => "loop detect",
            64 => "naming violation",
            65 => "object class violation",
            66 => "not allowed on non-leaf",
            67 => "not allowed on RDN",
            68 => "entry already exists",
            69 => "object class mods prohibited",
            71 => "affects multiple DSAs",
            80 => "other",
            _ => return None,
        })
    }
}

/// The name, or the number.
impl fmt::Display for LdapResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "result {}", self.0),
        }
    }
}

impl Serialize for LdapResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
