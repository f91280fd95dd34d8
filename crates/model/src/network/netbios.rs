//! Datagrams of NetBIOS.

use crate::Untrusted;
use serde::Serialize;

/// A datagram of NetBIOS (RFC 1002 4.4): hosts of Windows tell their names by them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NetbiosDatagram {
    /// Who sends.
    pub source: Untrusted,
    /// What for that name stands: 0 is a host, 0x20 one with files to share (RFC 1001 and its registry).
    pub source_kind: u8,
    /// To whom.
    pub destination: Untrusted,
    /// What for that name stands: 0x1d and 0x1e are a network's list of hosts.
    pub destination_kind: u8,
    /// What a host says of itself in the list of its network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced: Option<NetbiosHost>,
}

/// What a host announces (MS-BRWS 2.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NetbiosHost {
    /// Its name; of an announcement of a domain, that domain.
    pub name: Untrusted,
    /// The version of its system: `10.0`.
    pub version: String,
    /// What it serves, a bit each: 0x8 is a controller of a domain (MS-BRWS 2.2.1.1).
    pub serves: u32,
    /// What somebody wrote about it.
    pub comment: Untrusted,
}
