//! Lines of logs on their way to who keeps them.

use crate::Untrusted;
use serde::Serialize;

/// One message of syslog (RFC 3164, RFC 5424).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Syslog {
    /// What part of a system says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facility: Option<&'static str>,
    /// How bad it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<&'static str>,
    /// Which host says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Untrusted>,
    /// Which program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<Untrusted>,
    /// Everything behind the priority; at most 1,024 bytes.
    pub message: Untrusted,
}
