//! What somebody learns of his own address, and of those who relay for him.

use crate::Untrusted;
use serde::Serialize;
use std::net::SocketAddr;

/// Messages of STUN and TURN (RFC 8489, RFC 8656) between two ends, as one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stun {
    /// What is asked for first: `binding`, `allocate`, or the number of what else.
    pub method: Untrusted,
    /// Who asks, as he is named there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// The realm of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realm: Option<Untrusted>,
    /// What the client says to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_software: Option<Untrusted>,
    /// What the server says to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_software: Option<Untrusted>,
    /// Where the client is, as seen from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapped: Option<SocketAddr>,
    /// Where a server relays for him.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relayed: Option<SocketAddr>,
    /// With whom he speaks through it; the first 16.
    pub peers: Vec<SocketAddr>,
}
