//! Who has which address on a link.

use super::Mac;
use crate::{Timestamp, Untrusted};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};

/// What one host said of one address of its own by ARP (RFC 826, RFC 5227), until it was silent for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arp {
    /// Its address on the link, as it says.
    pub mac: Mac,
    /// The address that it says to have; 0.0.0.0 of a host that looks whether one is free.
    pub address: Ipv4Addr,
    /// From where the frames came, where that is another address on the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_mac: Option<Mac>,
    /// In which VLAN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vlan: Option<u16>,
    /// Questions who has an address.
    pub questions: u64,
    /// Different addresses that were asked for; at most 256 are told apart.
    pub targets: u32,
    /// The first of them.
    pub first_targets: Vec<Ipv4Addr>,
    /// Questions about whether an address is free.
    pub probes: u64,
    /// Answers to somebody who had asked.
    pub answers: u64,
    /// Answers that nobody had asked for.
    pub unasked: u64,
    /// Announcements to everybody of its own address.
    pub announcements: u64,
    /// The last frame.
    pub last_frame: u64,
    /// When that was captured.
    pub last: Timestamp,
}

/// What a device says of itself to its neighbours (IEEE 802.1AB; Cisco's CDP).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Discovery {
    /// By which protocol: `lldp`, `cdp`.
    pub service: &'static str,
    /// Its address on the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<Mac>,
    /// What tells it apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Untrusted>,
    /// Which of its ports speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<Untrusted>,
    /// What that port is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_description: Option<Untrusted>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// What runs on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<Untrusted>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Untrusted>,
    /// Where it is managed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// The VLAN of what has no tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native_vlan: Option<u16>,
}
