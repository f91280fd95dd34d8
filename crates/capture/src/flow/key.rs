//! Which flow a packet belongs to.

use crate::{Icmp, Packet, Transport};
use std::net::IpAddr;
use watchfire_model::network::TransportProtocol;

/// Two ends and a transport, the same in both directions: the smaller end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FlowKey {
    low: u128,
    high: u128,
    /// Ports of both, and the transport.
    ports: u64,
}

/// A packet's two ends in its own direction, and whether what it begins has a way back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(super) source: (IpAddr, u16),
    pub(super) destination: (IpAddr, u16),
    /// A message that nobody answers, such as ICMP's `destination unreachable`.
    pub(super) one_way: bool,
}

impl Ends {
    pub(crate) fn of(packet: &Packet) -> Self {
        let (source, destination, one_way) = match packet.transport {
            Transport::Tcp(tcp) => (tcp.ports.source, tcp.ports.destination, false),
            Transport::Udp(ports) | Transport::Sctp(ports) => (ports.source, ports.destination, false),
            Transport::Icmp(icmp) => match answer(icmp, packet.protocol) {
                Some(answer) => (u16::from(icmp.kind), answer, false),
                None => (u16::from(icmp.kind), u16::from(icmp.code), true),
            },
            Transport::Neighbourly(_) | Transport::Other => (0, 0, false),
        };
        Self {
            source: (packet.source, source),
            destination: (packet.destination, destination),
            one_way,
        }
    }

    pub(crate) fn key(&self, protocol: u8) -> FlowKey {
        let source = (number(self.source.0), self.source.1);
        let destination = (number(self.destination.0), self.destination.1);
        let (low, high) = if source <= destination || self.one_way {
            (source, destination)
        } else {
            (destination, source)
        };
        FlowKey {
            low: low.0,
            high: high.0,
            ports: u64::from(low.1)
                | u64::from(high.1) << 16
                | u64::from(protocol) << 32
                | u64::from(self.one_way) << 40,
        }
    }
}

/// The type of ICMP's message that answers this one, or is answered by it; none of those that stand alone.
pub(super) fn answer(icmp: Icmp, protocol: u8) -> Option<u16> {
    let pairs: &[(u8, u8)] = if protocol == TransportProtocol::ICMP.0 {
        // Echo, router discovery, timestamp, information, address mask (RFC 792, 950, 1256).
        &[(8, 0), (10, 9), (13, 14), (15, 16), (17, 18)]
    } else {
        // Echo, multicast listeners, router and neighbour discovery, node information, home agents (RFC 2710, 3775, 4443,
        // 4620, 4861).
        &[(128, 129), (130, 131), (133, 134), (135, 136), (139, 140), (144, 145)]
    };
    pairs.iter().find_map(|&(asks, answers)| match icmp.kind {
        kind if kind == asks => Some(u16::from(answers)),
        kind if kind == answers => Some(u16::from(asks)),
        _ => None,
    })
}

/// Addresses of IPv4 are numbered as IPv6 maps them (RFC 4291 2.5.5.2).
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) | 0xffff << 32,
        IpAddr::V6(address) => u128::from(address),
    }
}
