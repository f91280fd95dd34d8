//! What is called on another machine.

use crate::Untrusted;
use serde::Serialize;

/// A call by DCE/RPC and what came back (C706, MS-RPCE). WMI and DCOM are such calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DceRpc {
    /// Through which pipe, or on which port, as the server says, or as the client calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipe: Option<Untrusted>,
    /// The interface, by its identifier.
    pub interface: String,
    /// What it is called, where that is known: `svcctl`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<&'static str>,
    /// What is called, by its number.
    pub operation: u16,
    /// What that is called, where it is known: `CreateServiceW`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
    /// Texts that were handed over, in order: names of services, command lines, paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<Untrusted>,
    /// Whether what was handed over is encrypted.
    pub encrypted: bool,
    /// Nanoseconds until the answer; none was captured otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Why it failed, as a status of DCE or a number of Windows: 5 is that it is not allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<u32>,
}
