//! Which flow a packet belongs to.

use crate::{Icmp, Packet, Transport};
use foldhash::fast::RandomState;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use watchfire_model::network::TransportProtocol;

/// How keys are hashed where flows are looked up: in each process in another way, so that nobody can choose addresses whose
/// flows are all looked for at one place. Nothing is gone through in its order.
pub(crate) type KeyHasher = RandomState;

/// Two ends and a transport, the same in both directions: the smaller end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlowKey {
    low: Number,
    high: Number,
    /// Ports of both, the transport, whether nobody answers, and whether the addresses are of IPv6: those of IPv4 have
    /// twins there.
    ports: u64,
}

/// An address of IPv6, or of IPv4 as IPv6 maps it (RFC 4291 2.5.5.2): its upper and its lower half.
type Number = [u64; 2];

/// All at once, which is faster than array by array.
impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let whole = |[high, low]: Number| u128::from(high) << 64 | u128::from(low);
        state.write_u128(whole(self.low));
        state.write_u128(whole(self.high));
        state.write_u64(self.ports);
    }
}

/// A packet's two ends in its own direction, and whether what it begins has a way back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(super) source: (IpAddr, u16),
    pub(super) destination: (IpAddr, u16),
    /// A message that nobody answers, such as ICMP's `destination unreachable`.
    pub(super) one_way: bool,
}

impl FlowKey {
    /// The key of a packet, and whether it comes from the end that is second there.
    #[inline]
    pub(crate) fn of(packet: &Packet) -> (Self, bool) {
        let (from, to, one_way) = match packet.transport {
            Transport::Tcp(tcp) => (tcp.ports.source, tcp.ports.destination, false),
            Transport::Udp(ports) | Transport::Sctp(ports) => (ports.source, ports.destination, false),
            Transport::Icmp(icmp) => match answer(icmp, packet.protocol) {
                Some(answer) => (u16::from(icmp.kind), answer, false),
                None => (u16::from(icmp.kind), u16::from(icmp.code), true),
            },
            Transport::Neighbourly(_) | Transport::Other => (0, 0, false),
        };
        let source = (number(packet.source), from);
        let destination = (number(packet.destination), to);
        let is_second = source > destination && !one_way;
        let (low, high) = if is_second {
            (destination, source)
        } else {
            (source, destination)
        };
        let ports = u64::from(low.1)
            | u64::from(high.1) << 16
            | u64::from(packet.protocol) << 32
            | u64::from(one_way) << 40
            | u64::from(packet.source.is_ipv6()) << 41;
        let key = Self {
            low: halves(low.0),
            high: halves(high.0),
            ports,
        };
        (key, is_second)
    }

    /// Which of so many tables it is in, the same in each process: what a table says depends on what else is in it. Whoever
    /// chooses addresses can choose the table as well, which costs nobody else his place (`crate::room`).
    #[inline]
    pub(crate) const fn table(&self, tables: usize) -> usize {
        let ([a, b], [c, d]) = (self.low, self.high);
        // Odd numbers that are known to mix well; every bit of an address reaches the uppermost ones of the sum.
        let sum = a
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(b.wrapping_mul(0xbf58_476d_1ce4_e5b9))
            .wrapping_add(c.wrapping_mul(0x94d0_49bb_1331_11eb))
            .wrapping_add(d.wrapping_mul(0xd6e8_feb8_6659_fd93))
            .wrapping_add(self.ports.wrapping_mul(0xff51_afd7_ed55_8ccd));
        ((sum >> 48) as usize * tables) >> 16
    }

    /// What IP carries, by IANA's number.
    pub(super) const fn protocol(&self) -> u8 {
        (self.ports >> 32) as u8
    }

    /// Whether both ends are one: then there is but one direction.
    pub(super) fn is_loop(&self) -> bool {
        self.low == self.high && self.ports as u16 == (self.ports >> 16) as u16
    }

    /// Whether its addresses are of IPv6.
    pub(crate) const fn is_version_6(&self) -> bool {
        self.ports >> 41 & 1 != 0
    }

    /// The ends as one of them sees it.
    pub(super) fn ends(&self, from_second: bool) -> Ends {
        let address = |[high, low]: Number| {
            if self.is_version_6() {
                IpAddr::V6(Ipv6Addr::from(u128::from(high) << 64 | u128::from(low)))
            } else {
                IpAddr::from((low as u32).to_be_bytes())
            }
        };
        let first = (address(self.low), self.ports as u16);
        let second = (address(self.high), (self.ports >> 16) as u16);
        let (source, destination) = if from_second { (second, first) } else { (first, second) };
        Ends {
            source,
            destination,
            one_way: self.ports >> 40 & 1 != 0,
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

#[inline]
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) | 0xffff << 32,
        IpAddr::V6(address) => u128::from(address),
    }
}

const fn halves(number: u128) -> Number {
    [(number >> 64) as u64, number as u64]
}
