//! Datagrams of NetBIOS (RFC 1002 4.4), and what hosts of Windows announce in them (MS-BRWS): names and versions.
//!
//! Hosts say the same again and again; of each flow, what is new is an exchange. Absent: fragments, what else is carried.

#[cfg(test)]
mod tests;

use super::field::{filled, text};
use super::{Carrier, Context, Dissector, Guess, Heard, Opening, Protocol, Side};
use crate::cursor::Cursor;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, NetbiosDatagram, NetbiosHost};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "netbios-dgm",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// Different datagrams of a flow that are told.
const MOST_TOLD: usize = 32;
/// Where announcements go to.
const BROWSER: &[u8] = b"\\MAILSLOT\\BROWSE\0";

fn recognise(opening: &Opening<'_>) -> Guess {
    Guess::only_if(opening.port == 138 && read(opening.originator).is_some())
}

fn read(bytes: &[u8]) -> Option<NetbiosDatagram> {
    let mut cursor = Cursor::new(bytes);
    // To one, to a group, to everybody.
    let kind = cursor.u8().filter(|kind| (0x10..=0x12).contains(kind))?;
    // Flags, number, address, port, length, place in the whole.
    cursor.take(13)?;
    let (source, source_kind) = name(&mut cursor)?;
    let (destination, destination_kind) = name(&mut cursor)?;
    Some(NetbiosDatagram {
        source,
        source_kind,
        destination,
        destination_kind,
        announced: announced(cursor.rest()).filter(|_| kind != 0x10),
    })
}

/// A name of sixteen octets, half an octet in each letter (RFC 1001 14.1), with its scope.
fn name(cursor: &mut Cursor<'_>) -> Option<(Untrusted, u8)> {
    let letters = cursor.behind8().filter(|letters| letters.len() == 32)?;
    let (pairs, _) = letters.as_chunks::<2>();
    let octet = |[high, low]: &[u8; 2]| {
        let (high, low) = (high.wrapping_sub(b'A'), low.wrapping_sub(b'A'));
        (high < 16 && low < 16).then_some(high << 4 | low)
    };
    let octets: Vec<u8> = pairs.iter().map(octet).collect::<Option<_>>()?;
    // The scope is a name of its own behind it.
    while !cursor.behind8()?.is_empty() {}
    let (kind, name) = octets.split_last()?;
    Some((text(name.trim_ascii_end()), *kind))
}

/// What a host announces, behind the name of the mail slot.
fn announced(bytes: &[u8]) -> Option<NetbiosHost> {
    let at = bytes.windows(BROWSER.len()).position(|window| window == BROWSER)?;
    let mut cursor = Cursor::new(bytes.get(at + BROWSER.len()..)?);
    // A host, its domain, the keeper of a list.
    cursor.u8().filter(|command| matches!(command, 0x01 | 0x0c | 0x0f))?;
    // How often that was said, and after how long it is again.
    cursor.take(5)?;
    let name = cursor.take(16)?;
    let [major, minor, a, b, c, d] = cursor.array()?;
    // The version of the protocol, and a constant.
    cursor.take(4)?;
    let end = |text: &[u8]| text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    Some(NetbiosHost {
        name: filled(name.get(..end(name))?)?,
        version: format!("{major}.{minor}"),
        serves: u32::from_le_bytes([a, b, c, d]),
        comment: text(cursor.rest().get(..end(cursor.rest()))?),
    })
}

/// A flow.
#[derive(Debug, Default)]
struct Talk {
    told: Vec<NetbiosDatagram>,
}

impl Dissector for Talk {
    fn hear(&mut self, _: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let Some(datagram) = read(bytes).filter(|datagram| !self.told.contains(datagram)) else {
            return Heard::More;
        };
        if self.told.len() < MOST_TOLD {
            self.told.push(datagram.clone());
            context.say(context.here, Exchange::NetbiosDatagram(Box::new(datagram)));
        }
        Heard::More
    }
}
