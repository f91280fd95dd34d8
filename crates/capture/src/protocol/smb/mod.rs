//! SMB 1 (MS-CIFS, MS-SMB), 2 and 3 (MS-SMB2), over TCP and over the session service of NetBIOS (RFC 1002 4.3): who connects
//! to which shares as whom, and what is done to which files; what services are called through pipes is DCE/RPC.
//!
//! Bytes of files are not held: they pass on to what carries them. What is encrypted or compressed is counted. Locks,
//! listings of folders, and whatever else is asked for are gone through.

mod state;
#[cfg(test)]
mod tests;
mod v1;
mod v2;

use super::windows::narrow;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use state::{FileId, State};
use watchfire_model::Untrusted;

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "smb",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Talk::new()),
};

/// How messages begin: of SMB 1, of SMB 2 and 3, encrypted ones, and compressed ones.
const MAGIC_1: &[u8] = b"\xffSMB";
const MAGIC_2: &[u8] = b"\xfeSMB";
const ENCRYPTED: &[u8] = b"\xfdSMB";
const COMPRESSED: &[u8] = b"\xfcSMB";
/// What stands before a message: its kind, and its length.
const FRAME: usize = 4;
const MESSAGE: u8 = 0x00;
const CALL: u8 = 0x81;
const KEEP_ALIVE: u8 = 0x85;
/// Bytes of a call: two names in the form of RFC 1001 14.1.
const CALL_LENGTH: usize = 68;
/// Bytes of a message that are held; what is behind them is not read.
const LONGEST_MESSAGE: usize = 64 << 10;
/// How far into a message the bytes of a file may begin.
const FARTHEST: usize = 1_024;
/// Encrypted messages on end after which nothing in clear is waited for.
const MOST_ENCRYPTED: u32 = 64;

fn recognise(opening: &Opening<'_>) -> Guess {
    match (says(opening.originator), says(opening.responder)) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        _ => Guess::Perhaps,
    }
}

fn says(bytes: &[u8]) -> Guess {
    let Some(length) = length(bytes) else {
        let begins = match bytes.first() {
            None => true,
            Some(kind) => matches!(*kind, MESSAGE | CALL..=KEEP_ALIVE),
        };
        return if begins { Guess::Perhaps } else { Guess::No };
    };
    let rest = bytes.get(FRAME..).unwrap_or_default();
    match bytes.first() {
        Some(&MESSAGE) if length >= 32 => match rest.first_chunk::<4>() {
            Some(magic) => {
                let magics = [MAGIC_1, MAGIC_2, ENCRYPTED, COMPRESSED];
                Guess::only_if(magics.contains(&magic.as_slice()))
            }
            None => match rest {
                [] | [0xfc..=0xff] | [0xfc..=0xff, b'S'] | [0xfc..=0xff, b'S', b'M'] => Guess::Perhaps,
                _ => Guess::No,
            },
        },
        // The first octet of a name is its length, and each of its letters is half an octet.
        Some(&CALL) if length == CALL_LENGTH => match rest {
            [] | [0x20] => Guess::Perhaps,
            [0x20, b'A'..=b'P', ..] => Guess::Yes,
            _ => Guess::No,
        },
        // The answers to a call, and what comes in between.
        Some(0x82 | &KEEP_ALIVE) if length == 0 => Guess::Perhaps,
        Some(0x83) if length == 1 => Guess::Perhaps,
        _ => Guess::No,
    }
}

/// The length of what is in a frame.
fn length(bytes: &[u8]) -> Option<usize> {
    let &[_, a, b, c, ..] = bytes else { return None };
    Some(usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c))
}

/// Bytes of something open, which make up the rest of a message.
#[derive(Clone, Copy, Debug)]
struct Bulk {
    /// Who says them.
    side: Side,
    file: FileId,
    /// Where the next one belongs.
    offset: u64,
    left: u64,
}

/// What one end said and was not read yet.
#[derive(Debug, Default)]
struct Speech {
    held: Vec<u8>,
    began: Option<Here>,
    bulk: Option<Bulk>,
    /// Bytes of a message to come that say nothing.
    skipped: u64,
    /// Where a message begins is not known.
    is_lost: bool,
}

/// What is to be done with what is held.
enum Next {
    /// So many bytes of it are needed.
    Wait(usize),
    /// It is a message of so many bytes, with bytes of a file behind it.
    Pass(usize, Bulk),
    /// It is a message as far as it is read.
    Read,
    /// It is none.
    Lost,
}

#[derive(Debug)]
struct Talk {
    speeches: [Speech; 2],
    state: State,
    encrypted: u32,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let at = usize::from(side == Side::Responder);
        let Some(speech) = self.speeches.get_mut(at) else {
            return Heard::Enough;
        };
        let mut speech = std::mem::take(speech);
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = self.step(&mut speech, rest, context);
        }
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        if self.encrypted > MOST_ENCRYPTED {
            return Heard::Enough;
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        let Some(speech) = self.speeches.get_mut(usize::from(side == Side::Responder)) else {
            return Heard::Enough;
        };
        let mut length = length;
        if let Some(bulk) = &mut speech.bulk {
            let missing = bulk.left.min(length);
            self.state.gap(bulk.side, &bulk.file, bulk.offset, missing, context);
            bulk.offset = bulk.offset.saturating_add(missing);
            bulk.left -= missing;
            length -= missing;
            if bulk.left == 0 {
                speech.bulk = None;
            }
        }
        let skipped = speech.skipped.min(length);
        speech.skipped -= skipped;
        length -= skipped;
        if length > 0 {
            *speech = Speech {
                is_lost: true,
                ..Speech::default()
            };
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.state.finish(context);
    }

    fn memory(&self) -> usize {
        let held: usize = self.speeches.iter().map(|speech| speech.held.capacity()).sum();
        held + self.state.memory()
    }
}

impl Talk {
    fn new() -> Self {
        Self {
            speeches: Default::default(),
            state: State::new(),
            encrypted: 0,
        }
    }

    /// Goes on with one end; what is left of the bytes.
    fn step<'b>(&mut self, speech: &mut Speech, bytes: &'b [u8], context: &mut Context<'_>) -> &'b [u8] {
        if let Some(bulk) = &mut speech.bulk {
            let (part, rest) = split(bytes, bulk.left);
            self.state.data(bulk.side, &bulk.file, bulk.offset, part, context);
            bulk.offset = bulk.offset.saturating_add(part.len() as u64);
            bulk.left -= part.len() as u64;
            if bulk.left == 0 {
                speech.bulk = None;
            }
            return rest;
        }
        if speech.skipped > 0 {
            let (part, rest) = split(bytes, speech.skipped);
            speech.skipped -= part.len() as u64;
            return rest;
        }
        if speech.is_lost {
            return find(speech, bytes);
        }
        let began = *speech.began.get_or_insert(context.here);
        self.state.began.get_or_insert(began);
        match self.next(&speech.held) {
            Next::Wait(wanted) if wanted > speech.held.len() => {
                let (part, rest) = split(bytes, wanted.saturating_sub(speech.held.len()) as u64);
                speech.held.extend_from_slice(part);
                // The last bytes of a message are not followed by others that could ask for it to be read.
                if rest.is_empty() {
                    self.settle(speech, began, context);
                }
                rest
            }
            Next::Lost | Next::Wait(_) => {
                speech.is_lost = true;
                bytes
            }
            Next::Read | Next::Pass(..) => {
                self.settle(speech, began, context);
                bytes
            }
        }
    }

    /// Reads what is held, if it can be read.
    fn settle(&mut self, speech: &mut Speech, began: Here, context: &mut Context<'_>) {
        let (length_read, bulk) = match self.next(&speech.held) {
            Next::Wait(wanted) if wanted > speech.held.len() => return,
            Next::Lost => {
                speech.is_lost = true;
                return;
            }
            Next::Pass(from, bulk) => (from, Some(bulk)),
            Next::Read | Next::Wait(_) => (speech.held.len(), None),
        };
        let held = std::mem::take(&mut speech.held);
        speech.began = None;
        let total = length(&held).unwrap_or_default() + FRAME;
        // To tell what it is, some of what passes on was read as well.
        let (frame, ahead) = held.split_at_checked(length_read).unwrap_or((&held, &[]));
        let mut left = total.saturating_sub(held.len()) as u64;
        self.frame(frame, began, context);
        if let Some(mut bulk) = bulk {
            let (part, _) = split(ahead, bulk.left);
            self.state.data(bulk.side, &bulk.file, bulk.offset, part, context);
            bulk.offset = bulk.offset.saturating_add(part.len() as u64);
            bulk.left = (bulk.left - part.len() as u64).min(left);
            left -= bulk.left;
            speech.bulk = (bulk.left > 0).then_some(bulk);
        }
        speech.skipped = left;
    }

    /// What is to be done with what is held.
    fn next(&self, held: &[u8]) -> Next {
        let (Some(&kind), Some(length)) = (held.first(), length(held)) else {
            return Next::Wait(FRAME);
        };
        let total = length + FRAME;
        match kind {
            // So short that there is no message in it.
            MESSAGE if length < FRAME => {
                return if held.len() < total {
                    Next::Wait(total)
                } else {
                    Next::Read
                };
            }
            MESSAGE => {}
            CALL..=KEEP_ALIVE if length <= CALL_LENGTH => {
                return if held.len() < total {
                    Next::Wait(total)
                } else {
                    Next::Read
                };
            }
            _ => return Next::Lost,
        }
        let message = held.get(FRAME..).unwrap_or_default();
        let Some(magic) = message.first_chunk::<4>() else {
            return Next::Wait(FRAME + 4);
        };
        let head = match magic.as_slice() {
            magic if magic == MAGIC_1 => v1::WITH_WORDS,
            magic if magic == MAGIC_2 => v2::WITH_WRITE,
            magic if magic == ENCRYPTED || magic == COMPRESSED => return Next::Read,
            _ => return Next::Lost,
        };
        if message.len() < head.min(length) {
            return Next::Wait(FRAME + head.min(length));
        }
        let bulk = v1::bulk(message, &self.state).or_else(|| v2::bulk(message, &self.state));
        if let Some((from, bulk)) = bulk.filter(|(from, _)| *from <= length.min(FARTHEST)) {
            return if message.len() < from {
                Next::Wait(FRAME + from)
            } else {
                Next::Pass(FRAME + from, bulk)
            };
        }
        let wanted = total.min(LONGEST_MESSAGE);
        if held.len() < wanted {
            Next::Wait(wanted)
        } else {
            Next::Read
        }
    }

    /// Reads a frame.
    fn frame(&mut self, frame: &[u8], began: Here, context: &mut Context<'_>) {
        let (Some(&kind), Some(message)) = (frame.first(), frame.get(FRAME..)) else {
            return;
        };
        if kind == CALL {
            self.state.smb.called = name(message.get(..34).unwrap_or_default());
            self.state.smb.calling = name(message.get(34..).unwrap_or_default());
            return;
        }
        self.encrypted = if message.starts_with(ENCRYPTED) {
            self.state.smb.encrypted = self.state.smb.encrypted.saturating_add(1);
            self.encrypted.saturating_add(1)
        } else {
            0
        };
        if message.starts_with(COMPRESSED) {
            self.state.smb.compressed = self.state.smb.compressed.saturating_add(1);
        } else if message.starts_with(MAGIC_1) {
            v1::message(message, began, &mut self.state, context);
        } else if message.starts_with(MAGIC_2) {
            v2::message(message, began, &mut self.state, context);
        }
    }
}

/// At most so many bytes, and the rest.
fn split(bytes: &[u8], at: u64) -> (&[u8], &[u8]) {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    bytes.split_at_checked(at).unwrap_or((bytes, &[]))
}

/// Looks for where a message begins again. What is left of the bytes behind it.
fn find<'b>(speech: &mut Speech, bytes: &'b [u8]) -> &'b [u8] {
    let is_message = |window: &[u8]| {
        let magics = [MAGIC_1, MAGIC_2, ENCRYPTED, COMPRESSED];
        window.first() == Some(&MESSAGE) && window.get(FRAME..).is_some_and(|magic| magics.contains(&magic))
    };
    speech.held.extend_from_slice(bytes);
    match speech.held.windows(FRAME + 4).position(is_message) {
        Some(at) => {
            let from = speech.held.len() - at;
            // What is before it may have been held.
            let (before, rest) = bytes
                .split_at_checked(bytes.len().saturating_sub(from))
                .unwrap_or_default();
            let kept = speech.held.len().saturating_sub(bytes.len()).saturating_sub(at);
            speech.held = if before.is_empty() {
                speech.held.get(at..at + kept).unwrap_or_default().to_vec()
            } else {
                Vec::new()
            };
            speech.is_lost = false;
            speech.began = None;
            rest
        }
        None => {
            let over = speech.held.len().saturating_sub(FRAME + 3);
            speech.held.drain(..over);
            &[]
        }
    }
}

/// A name of NetBIOS as a call has it.
fn name(bytes: &[u8]) -> Option<Untrusted> {
    let (pairs, _) = bytes.get(1..33)?.as_chunks::<2>();
    let octet = |[high, low]: &[u8; 2]| high.wrapping_sub(b'A') << 4 | (low.wrapping_sub(b'A') & 0x0f);
    let octets: Vec<u8> = pairs.iter().take(15).map(octet).collect();
    narrow(octets.trim_ascii_end())
}
