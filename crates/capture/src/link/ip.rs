//! IPv4 (RFC 791), IPv6 with its extension headers (RFC 8200), and the headers of what they carry: TCP, UDP, UDP-Lite,
//! SCTP, ICMP.

use super::{Cursor, Decoder, Why};
use crate::bytes::{array, be16, be32, byte, field, place};
use crate::packet::{Fragment, Icmp, Packet, Ports, Tcp, TcpFlags, Transport};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Extension headers that a packet may have.
const MOST_EXTENSIONS: usize = 16;

impl Decoder<'_> {
    /// Writes into `packet` what IP and its transport say. A packet is large, and moving it costs more than all the rest.
    pub(super) fn ip(&mut self, packet: &mut Packet) -> Result<(), Why> {
        match byte(self.cursor.rest(), 0).map(|first| first >> 4) {
            Some(4) => version_4(&mut self.cursor, self.doubtful, packet)?,
            Some(6) => version_6(&mut self.cursor, self.doubtful, packet)?,
            Some(_) => return Err(Why::Senseless),
            None => return Err(self.cursor.missing(1)),
        }
        self.around_ip(packet);
        carry(&mut self.cursor, packet);
        Ok(())
    }

    /// Writes into `packet` what lies around it.
    #[inline]
    pub(super) fn around_ip(&self, packet: &mut Packet) {
        packet.ethernet = self.ethernet;
        packet.vlan = self.vlan;
        if !self.tunnels.is_empty() {
            packet.tunnels.clone_from(&self.tunnels);
        }
    }
}

#[inline]
pub(super) fn version_4(cursor: &mut Cursor<'_>, doubtful: bool, packet: &mut Packet) -> Result<(), Why> {
    let begin = *cursor;
    let header: [u8; 20] = cursor.array()?;
    let [first, _, l0, l1, i0, i1, f0, f1, hops, protocol, _, _, addresses @ ..] = header;
    let [s0, s1, s2, s3, d0, d1, d2, d3] = addresses;
    let own = usize::from(first & 0x0f) * 4;
    let stated = usize::from(u16::from_be_bytes([l0, l1]));
    // The card has still to cut what has no length, so it is all that was on the wire.
    let length = if stated == 0 { begin.on_wire() } else { stated };
    if own < 20 || length < own {
        return Err(Why::Senseless);
    }
    if doubtful && (length > begin.on_wire() || !(length == begin.on_wire() || is_summed(begin.rest(), own))) {
        return Err(Why::Senseless);
    }
    let options = own.saturating_sub(20);
    cursor.at = cursor.at.saturating_add(options).min(cursor.end);
    cursor.limit(length.saturating_sub(own));
    let pieces = u16::from_be_bytes([f0, f1]);
    let offset = u32::from(pieces & 0x1fff) * 8;
    let more = pieces & 0x2000 != 0;
    packet.source = Ipv4Addr::new(s0, s1, s2, s3).into();
    packet.destination = Ipv4Addr::new(d0, d1, d2, d3).into();
    packet.protocol = protocol;
    packet.hops = hops;
    packet.length = field(length);
    packet.fragment = (more || offset > 0).then(|| Fragment {
        id: u32::from(u16::from_be_bytes([i0, i1])),
        offset,
        more,
    });
    Ok(())
}

#[inline]
pub(super) fn version_6(cursor: &mut Cursor<'_>, doubtful: bool, packet: &mut Packet) -> Result<(), Why> {
    let header: [u8; 40] = cursor.array()?;
    let protocol = header.get(6).copied().unwrap_or_default();
    let stated = usize::from(be16(&header, 4).unwrap_or_default());
    // 0 is a jumbogram (RFC 2675), or what the card has still to cut; or nothing at all.
    let length = if stated == 0 && protocol != 59 {
        cursor.on_wire()
    } else {
        stated
    };
    if doubtful && (length > cursor.on_wire() || !is_carried(protocol)) {
        return Err(Why::Senseless);
    }
    cursor.limit(length);
    packet.source = Ipv6Addr::from(array::<16>(&header, 8).unwrap_or_default()).into();
    packet.destination = Ipv6Addr::from(array::<16>(&header, 24).unwrap_or_default()).into();
    packet.protocol = protocol;
    packet.hops = header.get(7).copied().unwrap_or_default();
    packet.length = field(length.saturating_add(40));
    packet.fragment = None;
    Ok(())
}

/// The packet of a reassembled payload: `like` says all about it but what is inside. Places are places in `payload`.
pub(crate) fn whole(like: &Packet, payload: &[u8]) -> Packet {
    let mut cursor = Cursor {
        bytes: payload,
        at: 0,
        end: payload.len(),
        wire: payload.len(),
    };
    let own = if like.source.is_ipv4() { 20 } else { 40 };
    let mut packet = Packet {
        length: field(payload.len()).saturating_add(own),
        fragment: None,
        ..like.clone()
    };
    carry(&mut cursor, &mut packet);
    let mut decoder = Decoder {
        ethernet: like.ethernet,
        vlan: like.vlan,
        tunnels: like.tunnels.clone(),
        ..Decoder::new(cursor)
    };
    let Some(layer) = decoder.tunnel(&packet) else {
        return packet;
    };
    let mut inner = Packet::blank();
    match decoder.run(layer, &mut inner) {
        Ok(()) => inner,
        Err(_) => packet,
    }
}

/// Goes through extension headers. False if they are not all there, or do not end.
#[inline]
fn extensions(cursor: &mut Cursor<'_>, packet: &mut Packet) -> bool {
    for _ in 0..MOST_EXTENSIONS {
        let version_6 = packet.source.is_ipv6();
        let rest = cursor.rest();
        let size = match packet.protocol {
            // Hop by hop, routing, destination, mobility, host identity, shim6.
            0 | 43 | 60 | 135 | 139 | 140 if version_6 => {
                byte(rest, 1).map(|length| usize::from(length).saturating_add(1) * 8)
            }
            // Authentication counts differently (RFC 4302).
            51 => byte(rest, 1).map(|length| usize::from(length).saturating_add(2) * 4),
            44 if version_6 => Some(8),
            _ => return true,
        };
        let Some((size, whole)) = size.and_then(|size| Some((size, rest.get(..size)?))) else {
            return false;
        };
        if packet.protocol == 44 {
            let place = be16(whole, 2).unwrap_or_default();
            let piece = Fragment {
                id: be32(whole, 4).unwrap_or_default(),
                offset: u32::from(place & 0xfff8),
                more: place & 1 != 0,
            };
            // A packet in one piece is none (RFC 6946).
            packet.fragment = (piece.more || piece.offset > 0).then_some(piece);
        }
        packet.protocol = byte(whole, 0).unwrap_or_default();
        cursor.at = cursor.at.saturating_add(size);
        if packet.fragment.is_some() {
            return true;
        }
    }
    false
}

/// Writes into `packet` what is behind its header: extension headers, then a transport.
#[inline]
pub(super) fn carry(cursor: &mut Cursor<'_>, packet: &mut Packet) {
    let readable = packet.fragment.is_none() && extensions(cursor, packet) && packet.fragment.is_none();
    let all = cursor.on_wire();
    let protocol = if readable { packet.protocol } else { 255 };
    let (transport, header, all) = match protocol {
        6 => tcp(cursor).map(|(segment, header)| (Transport::Tcp(segment), header, all)),
        17 | 136 => udp(protocol, cursor).map(|(ports, all)| (Transport::Udp(ports), 8, all)),
        132 => sctp(cursor).map(|ports| (Transport::Sctp(ports), 12, all)),
        1 | 58 => icmp(protocol, cursor).map(|message| (Transport::Icmp(message), 8, all)),
        _ => None,
    }
    .unwrap_or((Transport::Other, 0, all));
    packet.transport = transport;
    // Of so many bytes in all, so many are a header.
    let end = cursor.end.min(cursor.at.saturating_add(all)).max(cursor.at);
    let start = cursor.at.saturating_add(header).min(end);
    packet.payload = field(start)..field(end);
    packet.payload_length = field(all.saturating_sub(header));
}

/// A segment's header, and how long it is.
#[inline]
fn tcp(cursor: &Cursor<'_>) -> Option<(Tcp, usize)> {
    let [s0, s1, d0, d1, n0, n1, n2, n3, a0, a1, a2, a3, offset, flags, w0, w1] = *cursor.rest().first_chunk::<16>()?;
    let header = usize::from(offset >> 4) * 4;
    if header < 20 || header > cursor.on_wire() {
        return None;
    }
    let segment = Tcp {
        ports: Ports {
            source: u16::from_be_bytes([s0, s1]),
            destination: u16::from_be_bytes([d0, d1]),
        },
        sequence: u32::from_be_bytes([n0, n1, n2, n3]),
        acknowledged: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: TcpFlags(flags),
        window: u16::from_be_bytes([w0, w1]),
    };
    Some((segment, header))
}

#[inline]
fn ports(cursor: &Cursor<'_>) -> Option<Ports> {
    Some(Ports {
        source: be16(cursor.rest(), 0)?,
        destination: be16(cursor.rest(), 2)?,
    })
}

/// UDP states its own length; UDP-Lite (RFC 3828) states there how much its checksum covers.
#[inline]
fn udp(protocol: u8, cursor: &Cursor<'_>) -> Option<(Ports, usize)> {
    let ports = ports(cursor)?;
    let stated = usize::from(be16(cursor.rest(), 4)?);
    let all = cursor.on_wire();
    if all < 8 {
        return None;
    }
    let all = if protocol == 136 || stated < 8 {
        all
    } else {
        all.min(stated)
    };
    Some((ports, all))
}

fn sctp(cursor: &Cursor<'_>) -> Option<Ports> {
    ports(cursor).filter(|_| cursor.on_wire() >= 12)
}

/// Echoes and answers are 8 and 0, of IPv6 128 and 129.
fn icmp(protocol: u8, cursor: &Cursor<'_>) -> Option<Icmp> {
    let rest = cursor.rest();
    let kind = byte(rest, 0)?;
    let echo = matches!((protocol, kind), (1, 0 | 8) | (58, 128 | 129));
    Some(Icmp {
        kind,
        code: byte(rest, 1)?,
        id: if echo { be16(rest, 4).unwrap_or_default() } else { 0 },
        rest: array(rest, 4).unwrap_or_default(),
    })
}

/// Whether the checksum of an IPv4 header of so many bytes is right (RFC 1071).
fn is_summed(bytes: &[u8], header: usize) -> bool {
    let Some(header) = bytes.get(..header) else {
        return false;
    };
    let words = header
        .chunks_exact(2)
        .map(|pair| u32::from(be16(pair, 0).unwrap_or_default()));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff).saturating_add(sum >> 16);
    (folded & 0xffff).saturating_add(folded >> 16) == 0xffff
}

/// What IPv6 carries in practice: extension headers, transports, tunnels, routing.
fn is_carried(protocol: u8) -> bool {
    matches!(
        protocol,
        0 | 4 | 6 | 17 | 41 | 43 | 44 | 47 | 50 | 51 | 58 | 59 | 60 | 88 | 89 | 103 | 132 | 135 | 136 | 139 | 140
    )
}

/// A length that a header gives in so many bytes.
pub(super) fn stated(bytes: &[u8], at: usize) -> Option<usize> {
    be16(bytes, at).map(place)
}
