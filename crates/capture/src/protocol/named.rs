//! Protocols that are told and not read: of machines, of neighbours, of those who share files. What is rare in a network is
//! worth a look for being there.
//!
//! BACnet/IP (ASHRAE 135 annex J), S7comm (behind RFC 1006), EtherNet/IP (ODVA), IEC 60870-5-104, SSDP (UPnP 1.1), BitTorrent
//! (BEP 3) and its hash table (BEP 5).

#[cfg(test)]
mod tests;

use super::{Carrier, Context, Dissector, Guess, Heard, Opening, Protocol, Side};
use crate::cursor::Cursor;

pub(super) static BACNET: Protocol = datagram("bacnet", bacnet);
pub(super) static BITTORRENT: Protocol = stream("bittorrent", bittorrent);
pub(super) static BITTORRENT_DHT: Protocol = datagram("bittorrent-dht", hash_table);
pub(super) static ENIP_OVER_TCP: Protocol = stream("enip", enip_stream);
pub(super) static ENIP_OVER_UDP: Protocol = datagram("enip", enip_datagram);
pub(super) static IEC_104: Protocol = stream("iec104", iec_104);
pub(super) static S7COMM: Protocol = stream("s7comm", s7comm);
pub(super) static SSDP: Protocol = datagram("ssdp", ssdp);

const fn datagram(name: &'static str, recognise: fn(&Opening<'_>) -> Guess) -> Protocol {
    Protocol {
        name,
        carrier: Carrier::Datagram,
        recognise,
        dissector: || Box::new(Named),
    }
}

const fn stream(name: &'static str, recognise: fn(&Opening<'_>) -> Guess) -> Protocol {
    Protocol {
        name,
        carrier: Carrier::Stream,
        recognise,
        dissector: || Box::new(Named),
    }
}

/// Its name is all that is wanted.
#[derive(Debug)]
pub(super) struct Named;

impl Dissector for Named {
    fn hear(&mut self, _: Side, _: &[u8], _: &mut Context<'_>) -> Heard {
        Heard::Enough
    }
}

/// The datagram that came first.
const fn first<'o>(opening: &Opening<'o>) -> &'o [u8] {
    if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    }
}

/// What both ends of a stream make likely: one that says yes is enough, and both have to be able to.
const fn both(originator: Guess, responder: Guess) -> Guess {
    match (originator, responder) {
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        (Guess::Perhaps, Guess::Perhaps) => Guess::Perhaps,
        _ => Guess::No,
    }
}

/// Whether bytes begin with `magic`, as far as there are some.
fn begins(bytes: &[u8], magic: &[u8]) -> Guess {
    if bytes.starts_with(magic) {
        Guess::Yes
    } else if magic.starts_with(bytes) {
        Guess::Perhaps
    } else {
        Guess::No
    }
}

/// The link's header says how long the datagram is; on other ports, the network's has to follow.
fn bacnet(opening: &Opening<'_>) -> Guess {
    let bytes = first(opening);
    let mut cursor = Cursor::new(bytes);
    let is_header = matches!(cursor.array(), Some([0x81, 0..=0x0c]));
    let is_length = cursor.be16().is_some_and(|length| usize::from(length) == bytes.len());
    // What is passed on has the sender's address first.
    let is_network = matches!(
        bytes,
        [_, 0x09..=0x0b, _, _, 1, ..] | [_, 4, _, _, _, _, _, _, _, _, 1, ..]
    );
    Guess::only_if(is_header && is_length && (opening.port == 47_808 || is_network))
}

fn bittorrent(opening: &Opening<'_>) -> Guess {
    let magic = b"\x13BitTorrent protocol";
    both(begins(opening.originator, magic), begins(opening.responder, magic))
}

/// A dictionary with the identity of whoever asks or answers, or an error.
fn hash_table(opening: &Opening<'_>) -> Guess {
    let bytes = first(opening);
    let is_kind = |window: &[u8]| matches!(window, b"1:y1:q" | b"1:y1:r" | b"1:y1:e");
    let ends = bytes.ends_with(b"e") && bytes.windows(6).any(is_kind);
    let begins = [b"d1:ad2:id20:".as_slice(), b"d1:rd2:id20:", b"d1:eli20", b"d2:ip"]
        .iter()
        .any(|begin| bytes.starts_with(begin));
    Guess::only_if(begins && ends)
}

/// A header of 24 bytes: command, length, session, status, context, and options that are 0.
fn enip(bytes: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(bytes);
    let [command, high, l0, l1] = cursor.array()?;
    let is_command = matches!((high, command), (0, 0x01 | 0x04 | 0x63..=0x66 | 0x6f | 0x70));
    cursor.take(4)?;
    let status = cursor.array().map(u32::from_le_bytes)?;
    cursor.take(8)?;
    let options = cursor.be32()?;
    (is_command && status < 0x100 && options == 0).then(|| usize::from(u16::from_le_bytes([l0, l1])) + 24)
}

fn enip_stream(opening: &Opening<'_>) -> Guess {
    let says = |bytes: &[u8]| match bytes.len() {
        _ if opening.port != 44_818 => Guess::No,
        0..24 => Guess::Perhaps,
        _ => Guess::only_if(enip(bytes).is_some()),
    };
    both(says(opening.originator), says(opening.responder))
}

fn enip_datagram(opening: &Opening<'_>) -> Guess {
    let bytes = first(opening);
    Guess::only_if(opening.port == 44_818 && enip(bytes) == Some(bytes.len()))
}

/// On its port, a frame; elsewhere, that transfer is to begin and does.
fn iec_104(opening: &Opening<'_>) -> Guess {
    if opening.port != 2_404 {
        let asks = begins(opening.originator, &[0x68, 4, 0x07, 0, 0, 0]);
        let answers = begins(opening.responder, &[0x68, 4, 0x0b, 0, 0, 0]);
        return match (asks, answers) {
            (Guess::No, _) | (_, Guess::No) => Guess::No,
            (Guess::Yes, Guess::Yes) => Guess::Yes,
            _ => Guess::Perhaps,
        };
    }
    let says = |bytes: &[u8]| match *bytes {
        [] | [0x68] => Guess::Perhaps,
        [0x68, 4..=253, first, ..] => {
            Guess::only_if(matches!(first, 0x01 | 0x07 | 0x0b | 0x13 | 0x23 | 0x43 | 0x83) || first & 1 == 0)
        }
        [0x68, 4..=253] => Guess::Perhaps,
        _ => Guess::No,
    };
    both(says(opening.originator), says(opening.responder))
}

/// Data behind RFC 1006 and ISO 8073 that begins as S7 does, in one of its two ways.
fn s7comm(opening: &Opening<'_>) -> Guess {
    let says = |bytes: &[u8]| {
        let mut cursor = Cursor::new(bytes);
        loop {
            if begins(cursor.rest(), &[3, 0]) == Guess::No {
                return Guess::No;
            }
            let length = cursor
                .array::<4>()
                .map(|[_, _, high, low]| usize::from(u16::from_be_bytes([high, low])));
            if length.is_some_and(|length| length < 7) {
                return Guess::No;
            }
            let Some(packet) = length.and_then(|length| cursor.take(length - 4)) else {
                return Guess::Perhaps;
            };
            match packet {
                [2, 0xf0, _, 0x32 | 0x72, ..] => return Guess::Yes,
                // Asking for a connection, and getting it.
                [_, 0xe0 | 0xd0, ..] => {}
                _ => return Guess::No,
            }
        }
    };
    if opening.port != 102 {
        return Guess::No;
    }
    both(says(opening.originator), says(opening.responder))
}

fn ssdp(opening: &Opening<'_>) -> Guess {
    let bytes = first(opening);
    let is_asked = bytes.starts_with(b"M-SEARCH * HTTP/1.1\r\n") || bytes.starts_with(b"NOTIFY * HTTP/1.1\r\n");
    let is_answer = bytes.starts_with(b"HTTP/1.1 200 OK\r\n") && opening.port == 1_900;
    Guess::only_if(is_asked || is_answer)
}
