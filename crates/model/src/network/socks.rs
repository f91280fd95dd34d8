//! What is asked of proxies.

use crate::Untrusted;
use serde::Serialize;

/// A request to a proxy and what came back (SOCKS 4, RFC 1928).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Socks {
    /// The version: 4 or 5.
    pub version: u8,
    /// Who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// What is asked for: 1 to connect, 2 to listen, 3 to hand datagrams on; none if that was not captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<u8>,
    /// To which host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Untrusted>,
    /// To which port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The code of the answer: of SOCKS 5, 0 is success; of SOCKS 4, 90.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// Whether the proxy does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// From where the proxy does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_host: Option<Untrusted>,
    /// From which port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_port: Option<u16>,
}
