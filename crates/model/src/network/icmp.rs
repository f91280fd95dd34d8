//! What networks say about themselves: ICMP.

use super::Mac;
use crate::Untrusted;
use serde::Serialize;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The messages of one flow of ICMP or ICMPv6 (RFC 792, RFC 4443, RFC 4861).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Icmp {
    /// The type of the first message, by IANA's number.
    pub message: u8,
    /// Its code.
    pub code: u8,
    /// What the originator sent.
    pub sent: IcmpMessages,
    /// What the responder sent.
    pub received: IcmpMessages,
    /// Answers to echoes that say what the echo said.
    pub same_answers: u64,
    /// Answers to echoes that say something else. Systems repeat; tunnels do not.
    pub other_answers: u64,
    /// How the first payload begins, in hexadecimal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sample: String,
    /// The first packets that it is about, where it says that they did not arrive, or should go elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<IcmpPacket>,
    /// Where packets should go to instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<IpAddr>,
    /// A router that offers itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub router: Option<RouterAdvertisement>,
    /// Who says that he has which address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub neighbours: Vec<NeighbourClaim>,
}

/// Messages of one end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IcmpMessages {
    /// How many.
    pub messages: u64,
    /// Bytes behind their headers.
    pub bytes: u64,
    /// The shortest payload.
    pub shortest: u32,
    /// The longest.
    pub longest: u32,
    /// Different payloads, without their first sixteen bytes, where systems put the time; at most 64 are told apart.
    pub different: u32,
}

/// A packet that a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct IcmpPacket {
    /// What carried it, by IANA's number.
    pub transport: u8,
    /// Who sent it; the port is 0 where there is none.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
}

/// A router that offers itself (RFC 4861 4.2, RFC 8106).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RouterAdvertisement {
    /// Seconds for which it is a router; 0 says that it is none any more.
    pub lifetime: u16,
    /// Whether hosts are to ask DHCP for addresses.
    pub managed: bool,
    /// Whether hosts are to ask DHCP for all else.
    pub other: bool,
    /// Its address on the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<Mac>,
    /// Networks on this link.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// Resolvers that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<Ipv6Addr>,
    /// Domains that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<Untrusted>,
}

/// Somebody says that he has an address (RFC 4861 4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NeighbourClaim {
    /// Which one.
    pub address: Ipv6Addr,
    /// His address on the link.
    pub mac: Mac,
    /// Whether he was asked.
    pub solicited: bool,
    /// Whether it is to replace what others know.
    pub overrides: bool,
}
