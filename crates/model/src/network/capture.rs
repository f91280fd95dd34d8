//! What a capture of a network holds, as a whole.

use super::{CarriedFile, Certificate, Dialogue, Login, Rhythm};
use crate::{ArtifactId, Timestamp, Untrusted};
use serde::{Serialize, Serializer};
use std::net::{IpAddr, SocketAddr};

/// Totals and top lists of a capture. Lists are cut; what they leave out is in the totals.
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
    /// The files that it came in, one behind the other.
    pub files: Vec<CaptureFile>,
    /// Flows.
    pub flows: u64,
    /// Hosts, as far as they were counted apart.
    pub hosts: u64,
    /// Bytes over time.
    pub timeline: Timeline,
    /// Times without any frame that stand out, the longest first.
    pub gaps: Vec<Gap>,
    /// What was spoken, the most bytes first. Flows of which nothing was recognised stand under their transport.
    pub services: Vec<ServiceTraffic>,
    /// The same with the layers below, `ipv4/tcp/http`, the most bytes first.
    pub layers: Vec<ServiceTraffic>,
    /// Who sent and received the most, the most bytes first.
    pub talkers: Vec<Talker>,
    /// Which pairs of hosts and services did, the most bytes first.
    pub conversations: Vec<Conversation>,
    /// Countries of public addresses, the most bytes first.
    pub countries: Vec<CountryTraffic>,
    /// Files that were carried, in the order in which they began.
    pub carried: Vec<Carried>,
    /// How many there were in all.
    pub carried_in_all: u64,
    /// Credentials, each once.
    pub logins: Vec<SeenLogin>,
    /// Certificates that servers showed, each once.
    pub certificates: Vec<SeenCertificate>,
    /// Hosts that reach for others at regular times: what few hosts do before what many do, and the most regular first.
    pub rhythms: Vec<Rhythm>,
    /// Frames in which no packet of IP was found, by what they are, the most first.
    pub not_ip: Vec<OtherFrames>,
    /// The flow that was followed: then, all the rest is about it as well, but for the counts of frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followed: Option<Box<Dialogue>>,
}

/// A file of a capture that is several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaptureFile {
    /// Its name.
    pub name: Untrusted,
    /// The number of its first frame in the sequence; of none, the one that comes next.
    pub first_frame: u64,
}

/// Bytes of frames over time, in steps of the same length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// When the first step begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<Timestamp>,
    /// How long each is, in seconds.
    pub step: u64,
    /// Bytes in each.
    pub bytes: Vec<u64>,
}

/// A time without any frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// How long it is, in seconds.
    pub seconds: u64,
    /// The last frame before it.
    pub frame: u64,
    /// When that was captured.
    pub from: Timestamp,
}

/// Flows that spoke the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceTraffic {
    /// What, as services are named.
    pub name: String,
    /// Flows.
    pub flows: u64,
    /// Packets.
    pub packets: u64,
    /// Bytes of packets with their IP headers.
    pub bytes: u64,
}

/// A host and its traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Talker {
    /// Who.
    pub address: IpAddr,
    /// Names that it was called by, or that it calls itself by, the surest first.
    pub names: Vec<Untrusted>,
    /// Its address on the link; of hosts behind a router, none.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mac")]
    pub mac: Option<[u8; 6]>,
    /// Who made its network card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<&'static str>,
    /// What it seems to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<Untrusted>,
    /// The country of its network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<&'static str>,
    /// The number of its network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    /// Bytes that it sent, with IP headers.
    pub sent: u64,
    /// Bytes that it received.
    pub received: u64,
    /// Flows that it was in.
    pub flows: u64,
    /// The first frame of its first flow.
    pub frame: u64,
}

fn mac<S: Serializer>(mac: &Option<[u8; 6]>, serializer: S) -> Result<S::Ok, S::Error> {
    super::flow::mac(mac, serializer)
}

/// What two hosts said to one another over one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conversation {
    /// Who began.
    pub originator: IpAddr,
    /// Who answered, and where.
    pub responder: SocketAddr,
    /// What was spoken; the transport, where that was not recognised.
    pub service: String,
    /// What the responder is called in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// Flows.
    pub flows: u64,
    /// Bytes that the originator sent, with IP headers.
    pub sent: u64,
    /// Bytes that the responder sent.
    pub received: u64,
    /// When the first flow began.
    pub first: Timestamp,
    /// When the last one ended.
    pub last: Timestamp,
    /// The first frame.
    pub frame: u64,
}

/// Traffic with the hosts of a country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CountryTraffic {
    /// The country (ISO 3166-1 alpha-2); none where nothing says in which an address is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<&'static str>,
    /// Hosts.
    pub hosts: u64,
    /// Bytes that they sent.
    pub sent: u64,
    /// Bytes that they received.
    pub received: u64,
}

/// A file that was carried, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// The frame in which it begins.
    pub frame: u64,
    /// When that was captured.
    pub time: Timestamp,
    /// Who sent it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// What is known of it.
    #[serde(flatten)]
    pub file: CarriedFile,
    /// What it is, by content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<&'static str>,
    /// SHA-256 of its content, unpacked; nothing where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<ArtifactId>,
}

/// Credentials, and where they were seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenLogin {
    /// The first frame.
    pub frame: u64,
    /// When that was captured.
    pub time: Timestamp,
    /// Who logs in.
    pub from: IpAddr,
    /// Where.
    pub to: SocketAddr,
    /// How often the same was seen.
    pub count: u64,
    /// What was seen.
    #[serde(flatten)]
    pub login: Login,
}

/// A certificate, and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenCertificate {
    /// The frame in which its first handshake begins.
    pub frame: u64,
    /// Who showed it there.
    pub server: SocketAddr,
    /// Whom the client wanted to speak to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Untrusted>,
    /// In how many handshakes it was shown.
    pub count: u64,
    /// What it says.
    #[serde(flatten)]
    pub certificate: Certificate,
}

/// Frames without a packet of IP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherFrames {
    /// What they are.
    pub what: String,
    /// How many.
    pub frames: u64,
}
