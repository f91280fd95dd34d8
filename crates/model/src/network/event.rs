//! What two ends exchanged, and where that stands in the capture.

use super::{
    Arp, CarriedFile, Dhcp, Dhcp6, Discovery, Dnp3, Dns, Http, Icmp, Login, Modbus, Mqtt, NetbiosDatagram, Ntp, Radius,
    Snmp, Syslog, Tftp, Tls,
};
use crate::Timestamp;
use serde::Serialize;
use std::net::SocketAddr;

/// One exchange within a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its flow, by the number of that flow's first frame. Of flows that begin in the same frame, it is the innermost. 0 of
    /// what is below IP and in no flow.
    pub flow: u64,
    /// The frame in which it began.
    pub frame: u64,
    /// When that was captured.
    pub time: Timestamp,
    /// Who began the flow.
    pub originator: SocketAddr,
    /// Who answered.
    pub responder: SocketAddr,
    /// What was exchanged.
    #[serde(flatten)]
    pub exchange: Exchange,
}

/// What was exchanged: a question and its answer, a handshake, a log-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Exchange {
    /// Who has which address on a link.
    Arp(Box<Arp>),
    /// A transaction of DHCP.
    Dhcp(Box<Dhcp>),
    /// A transaction of DHCP for IPv6.
    Dhcp6(Box<Dhcp6>),
    /// What a device says to its neighbours.
    Discovery(Box<Discovery>),
    /// What an outstation of DNP3 is asked or says.
    Dnp3(Box<Dnp3>),
    /// A question of DNS or of its kin (mDNS, LLMNR, NetBIOS names), and the answer.
    Dns(Box<Dns>),
    /// A file that was carried.
    File(Box<CarriedFile>),
    /// A request of HTTP, and the answer.
    Http(Box<Http>),
    /// What a network says about itself.
    Icmp(Box<Icmp>),
    /// Credentials.
    Login(Box<Login>),
    /// What a device is told by Modbus.
    Modbus(Box<Modbus>),
    /// A message of MQTT.
    Mqtt(Box<Mqtt>),
    /// A datagram of NetBIOS.
    NetbiosDatagram(Box<NetbiosDatagram>),
    /// A question for the time, and the answer.
    Ntp(Box<Ntp>),
    /// Who is let into a network.
    Radius(Box<Radius>),
    /// What was asked of a device, and answered.
    Snmp(Box<Snmp>),
    /// A line of a log.
    Syslog(Box<Syslog>),
    /// A file, or the request for it.
    Tftp(Box<Tftp>),
    /// A handshake of TLS.
    Tls(Box<Tls>),
}

impl Exchange {
    /// Its protocol, as services are named; of what several protocols show, what it is.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Arp(_) => "arp",
            Self::Dhcp(_) | Self::Dhcp6(_) => "dhcp",
            Self::Discovery(discovery) => discovery.service,
            Self::Dnp3(_) => "dnp3",
            Self::Dns(_) => "dns",
            Self::File(_) => "file",
            Self::Http(_) => "http",
            Self::Icmp(_) => "icmp",
            Self::Login(_) => "login",
            Self::Modbus(_) => "modbus",
            Self::Mqtt(_) => "mqtt",
            Self::NetbiosDatagram(_) => "netbios-dgm",
            Self::Ntp(_) => "ntp",
            Self::Radius(_) => "radius",
            Self::Snmp(_) => "snmp",
            Self::Syslog(_) => "syslog",
            Self::Tftp(_) => "tftp",
            Self::Tls(_) => "tls",
        }
    }
}
