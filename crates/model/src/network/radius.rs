//! Who is let into networks.

use crate::Untrusted;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};

/// A request of RADIUS with all its rounds (RFC 2865), or a report of a session (RFC 2866).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Radius {
    /// Who wants to be let in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Untrusted>,
    /// From where, as the access point says: an address of the link or a number, mostly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calling: Option<Untrusted>,
    /// To where: an access point and its network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called: Option<Untrusted>,
    /// Who lets in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_address: Option<IpAddr>,
    /// What that calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_name: Option<Untrusted>,
    /// The address that the user is to have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framed_address: Option<Ipv4Addr>,
    /// From where a tunnel comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tunnel_client: Option<Untrusted>,
    /// How the user is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_info: Option<Untrusted>,
    /// What the user is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_message: Option<Untrusted>,
    /// How the user proves who he is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<RadiusProof>,
    /// What came of it; none was captured otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// Questions of the server before it decided.
    pub challenges: u32,
    /// Nanoseconds from the first message to the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// What is reported of a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<RadiusSession>,
}

/// How users prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RadiusProof {
    /// A password, hidden by the secret of both servers.
    Password,
    /// CHAP (RFC 1994).
    Chap,
    /// MS-CHAP (RFC 2548).
    MsChap,
    /// EAP (RFC 3579).
    Eap,
}

/// A report of a session (RFC 2866).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RadiusSession {
    /// What is reported: 1 it began, 2 it ended, 3 it goes on.
    pub status: u32,
    /// What tells it apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Untrusted>,
    /// Seconds of it.
    pub seconds: u32,
    /// Bytes from the user.
    pub received: u64,
    /// Bytes to the user.
    pub sent: u64,
}
