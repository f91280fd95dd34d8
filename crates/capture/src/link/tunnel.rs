//! Packets around packets: IP in IP (RFC 2003, 2473, 4213), GRE (RFC 2784, 2890, 2637), VXLAN (RFC 7348), Geneve (RFC
//! 8926), GTP-U (3GPP TS 29.281), Teredo (RFC 4380), AYIYA, L2TP (RFC 2661), MPLS in UDP (RFC 7510), EtherIP (RFC 3378).
//!
//! What only a port announces is entered only if it looks like a packet: see [`Decoder::doubtful`]. What is encrypted
//! (IPsec, WireGuard, OpenVPN) stays a packet of its own.

use super::ip::stated;
use super::{Cursor, Decoder, Layer};
use crate::bytes::{be16, be32, byte, place};
use crate::frame::LinkType;
use crate::packet::{Datagram, Packet, Ports, Transport, Tunnel};

/// What kind of tunnel, and what follows its header.
type Inside = (&'static str, Layer);

impl Decoder<'_> {
    /// Whether there may be a packet inside of this one, and how to go on then.
    #[inline]
    pub(super) fn tunnel(&mut self, packet: &Packet) -> Option<Layer> {
        if !may_carry(self.cursor.bytes, packet) || self.tunnels.len() >= Packet::MOST_TUNNELS {
            return None;
        }
        let mut cursor = Cursor {
            at: place(packet.payload.start),
            end: place(packet.payload.end),
            wire: place(packet.payload.start).saturating_add(place(packet.payload_length)),
            ..self.cursor
        };
        let (kind, layer) = match packet.transport {
            Transport::Udp(ports) => {
                self.doubtful = true;
                let bytes = self.cursor.bytes;
                in_udp(ports, &mut cursor).or_else(|| is_teredo(bytes, packet).then_some(("teredo", Layer::Ip)))?
            }
            _ => in_ip(packet.protocol, &mut cursor)?,
        };
        self.cursor = cursor;
        self.tunnels.push(Tunnel {
            kind,
            source: packet.source,
            destination: packet.destination,
            datagram: match packet.transport {
                Transport::Udp(ports) => Some(Datagram {
                    ports,
                    hops: packet.hops,
                    length: packet.length,
                    payload_length: packet.payload_length,
                }),
                _ => None,
            },
        });
        Some(layer)
    }
}

/// Whether there may be a packet inside of this one, whose places are in `bytes`.
#[inline]
pub(super) fn may_carry(bytes: &[u8], packet: &Packet) -> bool {
    match (packet.protocol, packet.transport) {
        (6 | 1 | 58, _) => false,
        _ if packet.fragment.is_some() => false,
        (17, Transport::Udp(ports)) => {
            is_tunnel_port(ports.destination) || is_tunnel_port(ports.source) || is_teredo(bytes, packet)
        }
        (4 | 41 | 47 | 97 | 137, _) => true,
        _ => false,
    }
}

/// Whether a datagram between any ports is of Teredo: those whom its servers have introduced to one another speak
/// without them. It is IPv6 of just its length, with an address of Teredo's (RFC 4380 2.6).
fn is_teredo(bytes: &[u8], packet: &Packet) -> bool {
    const PREFIX: u32 = 0x2001_0000;
    let from = place(packet.payload.start);
    if byte(bytes, from).is_none_or(|first| first >> 4 != 6) {
        return false;
    }
    let header = bytes.get(from..place(packet.payload.end));
    header
        .and_then(|header| header.first_chunk::<40>())
        .is_some_and(|header| {
            let addresses = [be32(header, 8), be32(header, 24)];
            be16(header, 4).is_some_and(|length| u32::from(length) + 40 == packet.payload_length)
                && addresses.contains(&Some(PREFIX))
        })
}

fn in_ip(protocol: u8, cursor: &mut Cursor<'_>) -> Option<Inside> {
    match protocol {
        4 | 41 => cursor.is_ip().then_some(("ip", Layer::Ip)),
        47 => gre(cursor),
        97 => {
            let [version, _] = cursor.array().ok()?;
            (version == 0x30).then_some(("etherip", Layer::Ethernet))
        }
        137 => Some(("mpls", Layer::Mpls)),
        _ => None,
    }
}

fn is_tunnel_port(port: u16) -> bool {
    matches!(
        port,
        1701 | 2152 | 3544 | 4754 | 4789 | 4790 | 5072 | 6081 | 6635 | 8472
    )
}

fn in_udp(ports: Ports, cursor: &mut Cursor<'_>) -> Option<Inside> {
    let by_port = |port, cursor: &mut Cursor<'_>| match port {
        4789 | 8472 => vxlan(cursor),
        4790 => vxlan_generic(cursor),
        6081 => geneve(cursor),
        2152 => gtp(cursor),
        3544 => teredo(cursor),
        5072 => ayiya(cursor),
        1701 => l2tp(cursor),
        4754 => gre(cursor),
        6635 => Some(("mpls", Layer::Mpls)),
        _ => None,
    };
    let mut other = *cursor;
    by_port(ports.destination, cursor).or_else(|| {
        let found = by_port(ports.source, &mut other);
        *cursor = other;
        found
    })
}

/// GRE: flags, protocol, then what the flags announce.
fn gre(cursor: &mut Cursor<'_>) -> Option<Inside> {
    let flags = cursor.be16().ok()?;
    let protocol = cursor.be16().ok()?;
    let version = flags & 7;
    let word = |bit: u16| if flags & bit != 0 { 4_usize } else { 0 };
    if version == 1 {
        // PPTP: the key is length and call; a sequence number, and one that is acknowledged.
        cursor
            .take(word(0x2000).saturating_add(word(0x1000)).saturating_add(word(0x0080)))
            .ok()?;
        return (protocol == 0x880b && !cursor.rest().is_empty()).then_some(("pptp", Layer::Ppp));
    }
    // Routes (RFC 1701) are not used any more.
    if version != 0 || flags & 0x4000 != 0 {
        return None;
    }
    cursor
        .take(word(0x8000).saturating_add(word(0x2000)).saturating_add(word(0x1000)))
        .ok()?;
    match protocol {
        // ERSPAN: the first kind has no header and no sequence number, the second has eight bytes.
        0x88be => {
            cursor.take(word(0x1000).saturating_mul(2)).ok()?;
            Some(("erspan", Layer::Ethernet))
        }
        // The third has twelve, and eight more if its last bit is set.
        0x22eb => {
            let header: [u8; 12] = cursor.array().ok()?;
            if header.last().is_some_and(|last| last & 1 != 0) {
                cursor.take(8).ok()?;
            }
            Some(("erspan", Layer::Ethernet))
        }
        // WCCP's second version puts four bytes before the packet.
        0x883e => {
            if !cursor.is_ip() {
                cursor.take(4).ok()?;
            }
            Some(("gre", Layer::Ip))
        }
        // Access points of Aruba.
        0x8200..=0x82f0 | 0x9000 => Some(("gre", Layer::Link(LinkType(105)))),
        _ => Some(("gre", Layer::EtherType(protocol))),
    }
}

/// VXLAN: flags, of which 0x08 says that there is a network's number; the last byte is 0.
fn vxlan(cursor: &mut Cursor<'_>) -> Option<Inside> {
    let header: [u8; 8] = cursor.array().ok()?;
    let [flags, .., last] = header;
    (flags & 0x08 != 0 && last == 0).then_some(("vxlan", Layer::Ethernet))
}

/// VXLAN for other protocols (`draft-ietf-nvo3-vxlan-gpe`).
fn vxlan_generic(cursor: &mut Cursor<'_>) -> Option<Inside> {
    let header: [u8; 8] = cursor.array().ok()?;
    let [flags, _, _, next, .., last] = header;
    let layer = match next {
        1 | 2 => Layer::Ip,
        3 => Layer::Ethernet,
        5 => Layer::Mpls,
        _ => return None,
    };
    (flags & 0x0c == 0x0c && last == 0).then_some(("vxlan", layer))
}

/// Geneve: version and length of options, flags, protocol, number, 0.
fn geneve(cursor: &mut Cursor<'_>) -> Option<Inside> {
    let header: [u8; 8] = cursor.array().ok()?;
    let [first, _, high, low, .., last] = header;
    if first >> 6 != 0 || last != 0 {
        return None;
    }
    cursor.take(usize::from(first & 0x3f) * 4).ok()?;
    Some(("geneve", Layer::EtherType(u16::from_be_bytes([high, low]))))
}

/// GTP-U: a message of kind 255 carries a packet; extension headers may come before it.
fn gtp(cursor: &mut Cursor<'_>) -> Option<Inside> {
    let [flags, kind, high, low, ..] = cursor.array::<8>().ok()?;
    if flags >> 4 != 3 || kind != 255 {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > cursor.on_wire() {
        return None;
    }
    cursor.limit(length);
    if flags & 7 != 0 {
        let [_, _, _, mut next] = cursor.array::<4>().ok()?;
        // Each has at least four bytes, of which the last says what follows.
        while next != 0 && flags & 4 != 0 {
            let size = usize::from(byte(cursor.rest(), 0)?) * 4;
            if size == 0 {
                return None;
            }
            next = *cursor.take(size).ok()?.last()?;
        }
    }
    cursor.is_ip().then_some(("gtp", Layer::Ip))
}

/// Teredo: what a server says of authentication (1) and origin (0) may come before IPv6.
fn teredo(cursor: &mut Cursor<'_>) -> Option<Inside> {
    if be16(cursor.rest(), 0) == Some(1) {
        let (client, authentication) = (byte(cursor.rest(), 2)?, byte(cursor.rest(), 3)?);
        // A nonce of eight bytes and one of confirmation follow.
        let size = 13_usize
            .saturating_add(usize::from(client))
            .saturating_add(usize::from(authentication));
        cursor.take(size).ok()?;
    }
    if be16(cursor.rest(), 0) == Some(0) {
        cursor.take(8).ok()?;
    }
    is_version_6(cursor).then_some(("teredo", Layer::Ip))
}

/// "Anything in anything" (`draft-massar-v6ops-ayiya`): sizes of identity and signature, then what is carried.
fn ayiya(cursor: &mut Cursor<'_>) -> Option<Inside> {
    let [identity, signature, operation, next, ..] = cursor.array::<8>().ok()?;
    let identity = 1_usize.checked_shl(u32::from(identity >> 4))?;
    let signature = usize::from(signature >> 4) * 4;
    cursor.take(identity.saturating_add(signature)).ok()?;
    // The first operation is to forward.
    (operation & 0x0f == 1 && matches!(next, 4 | 41) && cursor.is_ip()).then_some(("ayiya", Layer::Ip))
}

/// L2TP, second version: data messages carry PPP.
fn l2tp(cursor: &mut Cursor<'_>) -> Option<Inside> {
    let flags = cursor.be16().ok()?;
    if flags & 0x8000 != 0 || flags & 0x000f != 2 {
        return None;
    }
    if flags & 0x4000 != 0 {
        let length = stated(cursor.rest(), 0)?.checked_sub(2)?;
        if length > cursor.on_wire() {
            return None;
        }
        cursor.limit(length);
        cursor.take(2).ok()?;
    }
    cursor.take(4).ok()?;
    if flags & 0x0800 != 0 {
        cursor.take(4).ok()?;
    }
    if flags & 0x0200 != 0 {
        let padding = cursor.be16().ok()?;
        cursor.take(usize::from(padding)).ok()?;
    }
    (!cursor.rest().is_empty()).then_some(("l2tp", Layer::Ppp))
}

fn is_version_6(cursor: &Cursor<'_>) -> bool {
    byte(cursor.rest(), 0).is_some_and(|first| first >> 4 == 6)
}
