//! A conversation of two ends.

use crate::{Timestamp, Untrusted};
use serde::{Serialize, Serializer};
use std::fmt;
use std::net::IpAddr;

/// What two ends said to one another over one transport and pair of ports, until they closed it or fell silent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// The Community ID, version 1: what other tools call the same flow. <https://github.com/corelight/community-id-spec>
    pub community_id: String,
    /// The transport.
    pub protocol: TransportProtocol,
    /// Who began it, or seems to have.
    pub originator: Endpoint,
    /// Who answered.
    pub responder: Endpoint,
    /// When the first packet was captured.
    pub first: Timestamp,
    /// When the last was.
    pub last: Timestamp,
    /// The number of the first frame. Flows that carry others may begin in the same frame as those.
    pub first_frame: u64,
    /// The number of the last.
    pub last_frame: u64,
    /// What the originator sent.
    pub sent: Traffic,
    /// What the responder sent.
    pub received: Traffic,
    /// How it began and ended.
    pub state: ConnectionState,
    /// What was spoken, in the order in which it was told; none where nothing was recognised.
    pub services: Vec<&'static str>,
    /// What happened, in order, a letter each the first time: of the originator in capitals, of the responder in small
    /// ones. `S` SYN, `H` SYN and ACK, `A` bare ACK, `D` data, `F` FIN, `R` RST, `T` sent again, `W` window of zero, `I`
    /// FIN and RST, `Q` other flags that exclude one another; `^` says that the ends were swapped, since the capture did
    /// not see the beginning. Letters that come back stand there again for each tenfold (`T`, `W`).
    pub history: String,
    /// Which VLAN its first packet was in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vlan: Option<u16>,
    /// Kinds of the tunnels around its first packet, from the outside.
    pub tunnels: Vec<&'static str>,
    /// Whether it is a tunnel over UDP around packets that are in flows of their own: sums over flows leave it out, since
    /// its bytes are counted there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub carries: bool,
    /// Which program of the host that captured owned the originator's socket; known of live captures alone, as far as rights
    /// allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originator_process: Option<Box<LocalProcess>>,
    /// The same of the responder's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responder_process: Option<Box<LocalProcess>>,
}

/// A program that runs on the host that captures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocalProcess {
    /// Its number.
    pub pid: u32,
    /// The name of its command, at most 15 bytes of it.
    pub name: Untrusted,
}

/// One end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Endpoint {
    /// Its address.
    pub address: IpAddr,
    /// Its port. Of ICMP, the type of what the originator sent and the code or the type of the answer; 0 where the
    /// transport has no ports.
    pub port: u16,
    /// Its address on the link, as its first frame shows it: of hosts behind a router, the router's.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mac")]
    pub mac: Option<[u8; 6]>,
}

pub(super) fn mac<S: Serializer>(mac: &Option<[u8; 6]>, serializer: S) -> Result<S::Ok, S::Error> {
    match mac {
        Some([a, b, c, d, e, f]) => {
            serializer.collect_str(&format_args!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"))
        }
        None => serializer.serialize_none(),
    }
}

/// What one end sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Packets.
    pub packets: u64,
    /// Bytes of payload. Of TCP, as many as the sequence numbers say, sent again or not, captured or not.
    pub bytes: u64,
    /// Bytes of packets with their IP headers.
    pub ip_bytes: u64,
}

/// A number of IANA's list of what IP carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransportProtocol(pub u8);

impl TransportProtocol {
    /// ICMP.
    pub const ICMP: Self = Self(1);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// ICMPv6.
    pub const ICMP6: Self = Self(58);
    /// SCTP.
    pub const SCTP: Self = Self(132);
    /// UDP-Lite.
    pub const UDP_LITE: Self = Self(136);

    /// Its name in small letters, where Watchfire looks into it.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::ICMP => Some("icmp"),
            Self::TCP => Some("tcp"),
            Self::UDP => Some("udp"),
            Self::ICMP6 => Some("icmp6"),
            Self::SCTP => Some("sctp"),
            Self::UDP_LITE => Some("udp-lite"),
            _ => None,
        }
    }
}

/// The name, or `ip-` and the number.
impl fmt::Display for TransportProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "ip-{}", self.0),
        }
    }
}

impl Serialize for TransportProtocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How a flow began and ended, in the words of Zeek's `conn_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ConnectionState {
    /// Asked for, never answered.
    S0,
    /// Established, not closed.
    S1,
    /// Established; the originator closed, the responder did not answer that.
    S2,
    /// Established; the responder closed, the originator did not answer that.
    S3,
    /// Established and closed by both; of UDP, both sent.
    Sf,
    /// Refused.
    Rej,
    /// Established; the originator broke it off.
    Rsto,
    /// Established; the responder broke it off.
    Rstr,
    /// The originator asked and broke it off; the responder said nothing.
    Rstos0,
    /// The responder answered and broke it off; the originator's question was not captured.
    Rstrh,
    /// The originator asked and closed; the responder said nothing.
    Sh,
    /// The responder answered and closed; the originator's question was not captured. Of UDP, only the responder sent.
    Shr,
    /// The beginning was not captured, or there is none.
    Oth,
}

impl ConnectionState {
    /// As Zeek writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S0 => "S0",
            Self::S1 => "S1",
            Self::S2 => "S2",
            Self::S3 => "S3",
            Self::Sf => "SF",
            Self::Rej => "REJ",
            Self::Rsto => "RSTO",
            Self::Rstr => "RSTR",
            Self::Rstos0 => "RSTOS0",
            Self::Rstrh => "RSTRH",
            Self::Sh => "SH",
            Self::Shr => "SHR",
            Self::Oth => "OTH",
        }
    }
}
