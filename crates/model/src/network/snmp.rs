//! Management of devices.

use crate::{Timestamp, Untrusted};
use serde::{Serialize, Serializer};
use std::fmt;

/// What one flow of SNMP said (RFC 1157, RFC 3416, RFC 3412).
///
/// Numbers are those of variables; of bulk requests and traps, those of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Snmp {
    /// The version.
    pub version: SnmpVersion,
    /// The user, of version 3. The community of other versions is a password and stands with log-ins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// Nanoseconds from the first message to the last.
    pub duration: u64,
    /// Messages that are encrypted.
    pub encrypted: u64,
    /// Variables that were asked for, with those behind them.
    pub get_requests: u64,
    /// Requests for many.
    pub get_bulk_requests: u64,
    /// Variables that were answered.
    pub get_responses: u64,
    /// Variables that were to be set.
    pub set_requests: u64,
    /// Messages that nobody asked for.
    pub traps: u64,
    /// Messages that answer with an error or a report.
    pub errors: u64,
    /// What the device says that it is (`sysDescr`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Untrusted>,
    /// What it is called (`sysName`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// Since when it runs (`sysUpTime`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_since: Option<Timestamp>,
    /// The first variables that were to be set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// The first variables that were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
}

/// A version, by its number in messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnmpVersion(pub u8);

/// `1`, `2c`, `3`.
impl fmt::Display for SnmpVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("1"),
            1 => f.write_str("2c"),
            other => write!(f, "{other}"),
        }
    }
}

impl Serialize for SnmpVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
