//! What a capture of a network holds, as a whole.

use crate::Timestamp;
use serde::Serialize;
use std::net::IpAddr;

/// Totals and top lists of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CaptureFacts {
    /// Frames.
    pub frames: u64,
    /// Bytes of frames on the wire.
    pub bytes: u64,
    /// Bytes of them that were captured.
    pub captured: u64,
    /// When the first frame was captured; the earliest, where they are not in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// When the last one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// Flows.
    pub flows: u64,
    /// Hosts, as far as they were counted apart.
    pub hosts: u64,
    /// What was spoken, the most bytes first. Flows of which nothing was recognised stand under their transport.
    pub services: Vec<ServiceTraffic>,
    /// Who sent and received the most, the most bytes first; at most twenty.
    pub talkers: Vec<Talker>,
    /// Frames in which no packet of IP was found, by what they are, the most first.
    pub not_ip: Vec<OtherFrames>,
}

/// Flows that spoke the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceTraffic {
    /// What, as services are named.
    pub name: String,
    /// Flows.
    pub flows: u64,
    /// Bytes of packets with their IP headers.
    pub bytes: u64,
}

/// A host and its traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Talker {
    /// Who.
    pub address: IpAddr,
    /// Bytes that it sent, with IP headers.
    pub sent: u64,
    /// Bytes that it received.
    pub received: u64,
    /// Flows that it was in.
    pub flows: u64,
}

/// Frames without a packet of IP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherFrames {
    /// What they are.
    pub what: String,
    /// How many.
    pub frames: u64,
}
