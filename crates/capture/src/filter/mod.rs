//! Filters of frames: a subset of the language of `tcpdump` (pcap-filter(7)).
//!
//! A filter asks about the outermost IP of a frame, as `tcpdump` does, not about what a tunnel carries. Tags and labels below
//! IP (VLAN, MPLS, PPPoE) hide nothing: `tcp` also finds what is in a VLAN, for which `tcpdump` wants `vlan and tcp`. Ports
//! and flags stand in the first piece of a fragmented packet alone, so the others have none.
//!
//! Absent: names of hosts (nothing is looked up), arithmetic, bytes at any place but the flags of TCP and the kinds of ICMP,
//! and what depends on one kind of link (`wlan`, `inbound`, `ifname`).

mod kernel;
mod names;
mod parse;
#[cfg(test)]
mod tests;
mod words;

pub use kernel::Instruction;
pub use parse::FilterError;

use crate::Frame;
use crate::bytes::{be16, byte, place};
use crate::link::{EtherType, Undecoded, Why};
use crate::packet::{Ethernet, Packet, Ports, Transport};
use std::net::{IpAddr, Ipv4Addr};

/// What frames have to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    /// Walked from the front with one answer in hand: no stack is needed, and it only goes forward.
    steps: Vec<Step>,
}

/// One step of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Answers.
    Ask(Test),
    /// The answer turns around.
    Not,
    /// If this is the answer, it stands until a later step.
    Unless(bool, usize),
}

/// What is asked of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// IPv4.
    Ip,
    /// IPv6.
    Ip6,
    /// ARP.
    Arp,
    /// What IP carries.
    Protocol(Layer, u8),
    Address(Layer, Way, Network),
    /// Ports from one to another; of one transport, or of all that are known.
    Port(Option<u8>, Way, u16, u16),
    Vlan(Option<u16>),
    Ether(Way, [u8; 6]),
    EtherType(u16),
    /// To everybody.
    Broadcast,
    /// To a group on the link, or everybody.
    Multicast,
    /// To a group of IP.
    Group(Layer),
    /// So many bytes on the wire, from one number to another.
    Length(u32, u32),
    Field(Field, u8, bool, u8),
}

/// Where addresses are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Any,
    Ip,
    Ip6,
    Arp,
}

/// Which end is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Source,
    Destination,
    Either,
    Both,
}

impl Way {
    #[inline]
    fn of<T>(self, source: T, destination: T, test: impl Fn(T) -> bool) -> bool {
        match self {
            Self::Source => test(source),
            Self::Destination => test(destination),
            Self::Either => test(source) || test(destination),
            Self::Both => test(source) && test(destination),
        }
    }
}

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Network {
    V4(u32, u32),
    V6(u128, u128),
}

impl Network {
    #[inline]
    fn has(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4(network, mask), IpAddr::V4(address)) => u32::from(address) & mask == network,
            (Self::V6(network, mask), IpAddr::V6(address)) => u128::from(address) & mask == network,
            _ => false,
        }
    }
}

/// A byte of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    TcpFlags,
    IcmpType,
    IcmpCode,
    Icmp6Type,
    Icmp6Code,
}

/// What a filter asks about, of one frame.
#[derive(Clone, Copy, Debug)]
struct Facts {
    length: u32,
    ethernet: Option<Ethernet>,
    vlan: Option<u16>,
    ether_type: Option<u16>,
    ip: Option<(IpAddr, IpAddr)>,
    /// What IP carries; of no meaning without it.
    protocol: u8,
    ports: Option<Ports>,
    /// The flags of TCP; of ICMP its kind and code.
    flags: Option<u8>,
    icmp: Option<(u8, u8)>,
    arp: Option<(Ipv4Addr, Ipv4Addr)>,
}

impl Facts {
    fn of(decoded: Result<&Packet, &Undecoded>, frame: &Frame, bytes: &[u8]) -> Self {
        let mut facts = Self {
            length: frame.length,
            ethernet: None,
            vlan: None,
            ether_type: None,
            ip: None,
            protocol: 0,
            ports: None,
            flags: None,
            icmp: None,
            arp: None,
        };
        match decoded {
            Ok(packet) => facts.packet(packet, bytes),
            Err(undecoded) => facts.undecoded(undecoded),
        }
        facts
    }

    fn packet(&mut self, packet: &Packet, bytes: &[u8]) {
        self.ethernet = packet.ethernet;
        self.vlan = packet.vlan;
        match packet.tunnels.first() {
            None => {
                self.ip = Some((packet.source, packet.destination));
                self.protocol = packet.protocol;
                self.transport(packet, bytes);
            }
            Some(tunnel) => {
                self.ip = Some((tunnel.source, tunnel.destination));
                self.ports = tunnel.datagram.map(|datagram| datagram.ports);
                let inside = packet.tunnels.get(1).map_or(packet.source, |next| next.source);
                self.protocol = match (tunnel.datagram, tunnel.kind) {
                    (Some(_), _) => 17,
                    (None, "ip") if inside.is_ipv4() => 4,
                    (None, "ip") => 41,
                    (None, "etherip") => 97,
                    (None, "mpls") => 137,
                    _ => 47,
                };
            }
        }
        let is_version_4 = self.ip.is_some_and(|(source, _)| source.is_ipv4());
        self.ether_type = Some(if is_version_4 { 0x0800 } else { 0x86dd });
    }

    fn transport(&mut self, packet: &Packet, bytes: &[u8]) {
        match packet.transport {
            Transport::Tcp(tcp) => {
                self.ports = Some(tcp.ports);
                self.flags = Some(tcp.flags.0);
            }
            Transport::Udp(ports) | Transport::Sctp(ports) => self.ports = Some(ports),
            Transport::Icmp(icmp) => self.icmp = Some((icmp.kind, icmp.code)),
            Transport::Neighbourly(_) => {}
            // Its header may still be there: in the first piece of a packet, or where the capture cut it short.
            Transport::Other => {
                if packet.fragment.is_some_and(|piece| piece.offset > 0) {
                    return;
                }
                let end = place(packet.payload.end).min(bytes.len());
                let header = bytes.get(place(packet.payload.start)..end).unwrap_or_default();
                match packet.protocol {
                    6 | 17 | 132 => {
                        self.ports = be16(header, 0)
                            .zip(be16(header, 2))
                            .map(|(source, destination)| Ports { source, destination });
                        self.flags = byte(header, 13).filter(|_| packet.protocol == 6);
                    }
                    1 | 58 => self.icmp = byte(header, 0).zip(byte(header, 1)),
                    _ => {}
                }
            }
        }
    }

    fn undecoded(&mut self, undecoded: &Undecoded) {
        self.ethernet = undecoded.ethernet;
        self.vlan = undecoded.vlan;
        match undecoded.why {
            Why::Arp(arp) => {
                self.ether_type = Some(0x0806);
                self.arp = Some((arp.sender_address, arp.target_address));
            }
            Why::NotIp(EtherType(number)) => self.ether_type = Some(number),
            _ => {}
        }
    }

    #[inline]
    fn ask(&self, test: &Test) -> bool {
        match *test {
            Test::Ip => self.is(0x0800),
            Test::Ip6 => self.is(0x86dd),
            Test::Arp => self.is(0x0806),
            Test::Protocol(layer, number) => self.carries(layer, number),
            Test::Address(layer, way, network) => self.address(layer, way, network),
            Test::Port(transport, way, low, high) => {
                transport.is_none_or(|number| self.protocol == number)
                    && matches!(self.protocol, 6 | 17 | 132)
                    && self.ports.is_some_and(|ports| {
                        way.of(ports.source, ports.destination, |port| (low..=high).contains(&port))
                    })
            }
            Test::Vlan(number) => self.vlan.is_some_and(|vlan| number.is_none_or(|number| number == vlan)),
            Test::Ether(way, address) => self
                .ethernet
                .is_some_and(|ethernet| way.of(ethernet.source, ethernet.destination, |one| one == address)),
            Test::EtherType(number) => self.is(number),
            Test::Broadcast => self.ethernet.is_some_and(|ethernet| ethernet.destination == [0xff; 6]),
            Test::Multicast => self.ethernet.is_some_and(|ethernet| {
                let [first, ..] = ethernet.destination;
                first & 1 == 1
            }),
            Test::Group(layer) => self.ip.is_some_and(|(_, destination)| match destination {
                IpAddr::V4(address) => layer != Layer::Ip6 && address.octets() >= [224, 0, 0, 0],
                IpAddr::V6(address) => layer != Layer::Ip && address.is_multicast(),
            }),
            Test::Length(low, high) => (low..=high).contains(&self.length),
            Test::Field(field, mask, is_equal, value) => {
                self.field(field).is_some_and(|byte| (byte & mask == value) == is_equal)
            }
        }
    }

    fn is(&self, ether_type: u16) -> bool {
        self.ether_type == Some(ether_type)
    }

    #[inline]
    fn carries(&self, layer: Layer, number: u8) -> bool {
        self.protocol == number
            && self.ip.is_some_and(|(source, _)| match layer {
                Layer::Any => true,
                Layer::Ip => source.is_ipv4(),
                Layer::Ip6 => source.is_ipv6(),
                Layer::Arp => false,
            })
    }

    #[inline]
    fn address(&self, layer: Layer, way: Way, network: Network) -> bool {
        if let Some((source, destination)) = self.ip {
            let is_asked = match layer {
                Layer::Any => true,
                Layer::Ip => source.is_ipv4(),
                Layer::Ip6 => source.is_ipv6(),
                Layer::Arp => false,
            };
            return is_asked && way.of(source, destination, |address| network.has(address));
        }
        matches!(layer, Layer::Any | Layer::Arp)
            && self
                .arp
                .is_some_and(|(sender, target)| way.of(sender, target, |address| network.has(address.into())))
    }

    fn field(&self, field: Field) -> Option<u8> {
        let icmp = |number: u8| self.icmp.filter(|_| self.protocol == number);
        match field {
            Field::TcpFlags => self.flags.filter(|_| self.protocol == 6),
            Field::IcmpType => icmp(1).map(|(kind, _)| kind),
            Field::IcmpCode => icmp(1).map(|(_, code)| code),
            Field::Icmp6Type => icmp(58).map(|(kind, _)| kind),
            Field::Icmp6Code => icmp(58).map(|(_, code)| code),
        }
    }
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// Where it stops making sense, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let steps = parse::steps(text)?;
        Ok(Self {
            text: text.to_owned(),
            steps,
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a frame is meant. `decoded` is what [`crate::decode`] said of it, `bytes` are what was captured of it.
    /// Allocates nothing.
    pub fn matches(&self, decoded: Result<&Packet, &Undecoded>, frame: &Frame, bytes: &[u8]) -> bool {
        let facts = Facts::of(decoded, frame, bytes);
        let mut answer = true;
        let mut at = 0;
        while let Some(step) = self.steps.get(at) {
            at += 1;
            match step {
                Step::Ask(test) => answer = facts.ask(test),
                Step::Not => answer = !answer,
                Step::Unless(stands, until) if *stands == answer => at = at.max(*until),
                Step::Unless(..) => {}
            }
        }
        answer
    }
}

/// The beginning of an address of which so many bits count.
fn network(address: IpAddr, bits: u32) -> Network {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0);
            Network::V4(u32::from(address) & mask, mask)
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
            Network::V6(u128::from(address) & mask, mask)
        }
    }
}
