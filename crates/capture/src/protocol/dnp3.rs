//! DNP3 (IEEE 1815) over TCP and UDP: what outstations are told, and what they say of themselves.
//!
//! A request and its answer are one exchange; what an outstation says unasked is one by itself, and confirmations are none.
//! Frames whose checksums are wrong are counted and left out. Absent: objects, and parts of a message behind its first frame.

#[cfg(test)]
mod tests;

use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use watchfire_model::network::{Dnp3, Dnp3Function, Exchange};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "dnp3",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Talk::default()),
};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "dnp3",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// What a frame of the link begins with.
const START: [u8; 2] = [0x05, 0x64];
/// Bytes of its header, with their checksum.
const HEADER: usize = 10;
/// Bytes of a block, without its checksum.
const BLOCK: usize = 16;
/// Functions that are no requests and no answers.
const CONFIRM: u8 = 0x00;
const UNSOLICITED: u8 = 0x82;

/// The checksum of a block: the polynomial 0x3d65 from the lowest bit on, and inverted.
fn checksum(bytes: &[u8]) -> u16 {
    let sum = bytes.iter().fold(0, |sum: u16, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum, _| {
            sum >> 1 ^ if sum & 1 == 1 { 0xa6bc } else { 0 }
        })
    });
    !sum
}

/// Whether bytes are followed by their checksum.
fn is_whole(bytes: &[u8]) -> bool {
    bytes
        .split_last_chunk::<2>()
        .is_some_and(|(block, stated)| checksum(block) == u16::from_le_bytes(*stated))
}

fn recognise(opening: &Opening<'_>) -> Guess {
    let says = |bytes: &[u8]| match bytes.get(..HEADER) {
        Some(header) => Guess::only_if(header.starts_with(&START) && is_whole(header)),
        None if bytes.starts_with(&START) || START.starts_with(bytes) => Guess::Perhaps,
        None => Guess::No,
    };
    match (says(opening.originator), says(opening.responder)) {
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        (Guess::Perhaps, Guess::Perhaps) => Guess::Perhaps,
        _ => Guess::No,
    }
}

/// A connection.
#[derive(Debug, Default)]
struct Talk {
    held: [Vec<u8>; 2],
    /// A request that waits.
    asked: Option<(Here, Dnp3)>,
    damaged: u32,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let at = usize::from(side == Side::Responder);
        let Some(mut held) = self.held.get_mut(at).map(std::mem::take) else {
            return Heard::Enough;
        };
        held.extend_from_slice(bytes);
        let mut done = 0;
        while let Some(header) = held.get(done..).and_then(|rest| rest.first_chunk::<HEADER>()) {
            if !header.starts_with(&START) || !is_whole(header) {
                // The next frame may begin behind this byte.
                done += 1;
                continue;
            }
            // Control and addresses count for five.
            let [_, _, length, _, d0, d1, s0, s1, ..] = *header;
            let length = usize::from(length).saturating_sub(5);
            let blocks = length + 2 * length.div_ceil(BLOCK);
            let Some(blocks) = held.get(done + HEADER..done + HEADER + blocks) else {
                break;
            };
            done += HEADER + blocks.len();
            if !blocks.chunks(BLOCK + 2).all(is_whole) {
                self.damaged = self.damaged.saturating_add(1);
                continue;
            }
            let ends = (u16::from_le_bytes([d0, d1]), u16::from_le_bytes([s0, s1]));
            self.frame(ends, blocks, context);
        }
        held.drain(..done);
        if let Some(place) = self.held.get_mut(at) {
            *place = held;
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, _: u64, _: &mut Context<'_>) -> Heard {
        if let Some(held) = self.held.get_mut(usize::from(side == Side::Responder)) {
            held.clear();
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.say(context);
    }
}

impl Talk {
    fn say(&mut self, context: &mut Context<'_>) {
        if let Some((began, mut dnp3)) = self.asked.take() {
            dnp3.damaged = self.damaged;
            context.say(began, Exchange::Dnp3(Box::new(dnp3)));
        }
    }

    /// A frame with its blocks: transport, control, function, and what an outstation says of itself.
    fn frame(&mut self, (destination, source): (u16, u16), blocks: &[u8], context: &mut Context<'_>) {
        let mut cursor = Cursor::new(blocks);
        let Some([transport, _control, function]) = cursor.array() else {
            return;
        };
        // Others go on with what a first one began.
        if transport & 0x40 == 0 || function == CONFIRM {
            return;
        }
        let answer = Dnp3Function(function);
        if function & 0x80 == 0 {
            self.say(context);
            let dnp3 = Dnp3 {
                master: source,
                outstation: destination,
                asked: Some(answer),
                ..Dnp3::default()
            };
            self.asked = Some((context.here, dnp3));
            return;
        }
        let unasked = || {
            let dnp3 = Dnp3 {
                master: destination,
                outstation: source,
                ..Dnp3::default()
            };
            (context.here, dnp3)
        };
        let asked = if function == UNSOLICITED {
            None
        } else {
            self.asked.take()
        };
        let (began, mut dnp3) = asked.unwrap_or_else(unasked);
        dnp3.answer = Some(answer);
        dnp3.answer_frame = Some(context.here.frame);
        dnp3.indications = cursor.be16();
        dnp3.damaged = self.damaged;
        context.say(began, Exchange::Dnp3(Box::new(dnp3)));
    }
}
