//! Frames and packets from the inside out.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The sender of every frame of [`ethernet`], locally administered.
pub const SOURCE: [u8; 6] = [0x02, 0, 0, 0, 0, 0x01];

/// The receiver of every frame of [`ethernet`].
pub const DESTINATION: [u8; 6] = [0x02, 0, 0, 0, 0, 0x02];

/// An Ethernet frame without padding.
pub fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&DESTINATION[..], &SOURCE, &ether_type.to_be_bytes(), payload].concat()
}

/// An Ethernet frame around a packet of IP.
pub fn frame(packet: &[u8]) -> Vec<u8> {
    ethernet(ether_type_of(packet), packet)
}

fn ether_type_of(packet: &[u8]) -> u16 {
    if packet.first().is_some_and(|first| first >> 4 == 6) {
        0x86dd
    } else {
        0x0800
    }
}

/// An Ethernet frame in a VLAN around a packet of IP.
pub fn vlan(id: u16, packet: &[u8]) -> Vec<u8> {
    let tagged = [&id.to_be_bytes(), &ether_type_of(packet).to_be_bytes(), packet].concat();
    ethernet(0x8100, &tagged)
}

/// Labels of MPLS, the last at the bottom, around a packet: what follows type 0x8847.
pub fn mpls(labels: &[u32], packet: &[u8]) -> Vec<u8> {
    let mut made = Vec::new();
    for (place, label) in labels.iter().enumerate() {
        let bottom = u32::from(place.saturating_add(1) == labels.len());
        made.extend((label << 12 | bottom << 8 | 64).to_be_bytes());
    }
    made.extend(packet);
    made
}

/// An Ethernet frame of ARP: `operation` 1 asks, 2 answers.
pub fn arp(operation: u16, sender: ([u8; 6], Ipv4Addr), target: ([u8; 6], Ipv4Addr)) -> Vec<u8> {
    let mut made = vec![0, 1, 8, 0, 6, 4];
    made.extend(operation.to_be_bytes());
    for (link, address) in [sender, target] {
        made.extend(link);
        made.extend(address.octets());
    }
    ethernet(0x0806, &made)
}

/// A packet of IPv4 or IPv6, by its addresses; the two must be of one version.
pub fn ip(source: IpAddr, destination: IpAddr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let length = short(payload.len().saturating_add(20));
            let mut made = vec![0x45, 0];
            made.extend(length.to_be_bytes());
            made.extend([0x12, 0x34, 0, 0, 64, protocol, 0, 0]);
            made.extend(source.octets());
            made.extend(destination.octets());
            let sum = checksum(&[&made]);
            put(&mut made, 10, sum);
            made.extend(payload);
            made
        }
        _ => {
            let octets = |address: IpAddr| match address {
                IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
                IpAddr::V6(address) => address.octets(),
            };
            let mut made = vec![0x60, 0, 0, 0];
            made.extend(short(payload.len()).to_be_bytes());
            made.extend([protocol, 64]);
            made.extend(octets(source));
            made.extend(octets(destination));
            made.extend(payload);
            made
        }
    }
}

/// A packet of IPv4 in pieces of at most `size` bytes of what it carries, a multiple of eight.
pub fn fragments(packet: &[u8], size: usize) -> Vec<Vec<u8>> {
    let Some((header, payload)) = packet.split_at_checked(20) else {
        return Vec::new();
    };
    let pieces: Vec<&[u8]> = payload.chunks(size).collect();
    let mut made = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let more = number.saturating_add(1) < pieces.len();
        let place = short(number.saturating_mul(size) / 8) | if more { 0x2000 } else { 0 };
        let mut packet = header.to_vec();
        put(&mut packet, 2, short(piece.len().saturating_add(20)));
        put(&mut packet, 6, place);
        put(&mut packet, 10, 0);
        let sum = checksum(&[&packet]);
        put(&mut packet, 10, sum);
        packet.extend(*piece);
        made.push(packet);
    }
    made
}

/// What the header of a TCP segment says besides ports.
#[derive(Clone, Copy, Debug, Default)]
pub struct Segment {
    /// Where its first byte is in the stream.
    pub sequence: u32,
    /// Which byte is expected next.
    pub acknowledged: u32,
    /// FIN is 0x01, SYN 0x02, RST 0x04, PSH 0x08, ACK 0x10.
    pub flags: u8,
}

/// A segment of TCP in a packet of IP.
pub fn tcp(source: SocketAddr, destination: SocketAddr, segment: Segment, payload: &[u8]) -> Vec<u8> {
    let mut made = Vec::new();
    made.extend(source.port().to_be_bytes());
    made.extend(destination.port().to_be_bytes());
    made.extend(segment.sequence.to_be_bytes());
    made.extend(segment.acknowledged.to_be_bytes());
    made.extend([0x50, segment.flags, 0xfa, 0xf0, 0, 0, 0, 0]);
    made.extend(payload);
    let sum = transport_sum(source.ip(), destination.ip(), 6, &made);
    put(&mut made, 16, sum);
    ip(source.ip(), destination.ip(), 6, &made)
}

/// A datagram of UDP in a packet of IP.
pub fn udp(source: SocketAddr, destination: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut made = Vec::new();
    made.extend(source.port().to_be_bytes());
    made.extend(destination.port().to_be_bytes());
    made.extend(short(payload.len().saturating_add(8)).to_be_bytes());
    made.extend([0, 0]);
    made.extend(payload);
    let sum = transport_sum(source.ip(), destination.ip(), 17, &made);
    // 0 would say that there is none.
    put(&mut made, 6, if sum == 0 { 0xffff } else { sum });
    ip(source.ip(), destination.ip(), 17, &made)
}

/// An echo of ICMP, of IPv4: `kind` 8 asks, 0 answers.
pub fn icmp_echo(kind: u8, source: Ipv4Addr, destination: Ipv4Addr, id: u16, number: u16, payload: &[u8]) -> Vec<u8> {
    let mut made = vec![kind, 0, 0, 0];
    made.extend(id.to_be_bytes());
    made.extend(number.to_be_bytes());
    made.extend(payload);
    let sum = checksum(&[&made]);
    put(&mut made, 2, sum);
    ip(source.into(), destination.into(), 1, &made)
}

/// A packet of IP in GRE, with a key and a sequence number, in a packet of IPv4.
pub fn gre(source: Ipv4Addr, destination: Ipv4Addr, packet: &[u8]) -> Vec<u8> {
    let mut made = vec![0x30, 0];
    made.extend(ether_type_of(packet).to_be_bytes());
    made.extend([0, 0, 0, 9, 0, 0, 0, 1]);
    made.extend(packet);
    ip(source.into(), destination.into(), 47, &made)
}

/// A frame in VXLAN, in a packet of IP.
pub fn vxlan(source: IpAddr, destination: IpAddr, network: u32, frame: &[u8]) -> Vec<u8> {
    let mut made = vec![0x08, 0, 0, 0];
    made.extend((network << 8).to_be_bytes());
    made.extend(frame);
    let (source, destination) = (SocketAddr::new(source, 50_000), SocketAddr::new(destination, 4789));
    udp(source, destination, &made)
}

fn short(number: usize) -> u16 {
    u16::try_from(number).unwrap_or_default()
}

fn put(bytes: &mut [u8], at: usize, number: u16) {
    for (byte, new) in bytes.iter_mut().skip(at).zip(number.to_be_bytes()) {
        *byte = new;
    }
}

fn transport_sum(source: IpAddr, destination: IpAddr, protocol: u8, segment: &[u8]) -> u16 {
    let octets = |address| match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let length = u32::try_from(segment.len()).unwrap_or_default().to_be_bytes();
    let (source, destination) = (octets(source), octets(destination));
    checksum(&[&source, &destination, &[0, 0, 0, protocol], &length, segment])
}

/// RFC 1071, over parts of which only the last may be odd.
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u64;
    for pair in parts.iter().flat_map(|part| part.chunks(2)) {
        let high = pair.first().copied().unwrap_or_default();
        let low = pair.get(1).copied().unwrap_or_default();
        sum = sum.saturating_add(u64::from(u16::from_be_bytes([high, low])));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff).saturating_add(sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}
