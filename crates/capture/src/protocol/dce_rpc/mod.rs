//! DCE/RPC (C706, MS-RPCE), over TCP and through pipes of SMB: which interfaces are bound, what is called on them, and who
//! proves who he is.
//!
//! What is handed over is not read, but for texts of calls that are about services, tasks, keys and the like. Version 4,
//! over datagrams, is left out.

mod interfaces;
#[cfg(test)]
mod tests;

use super::field::filled;
use super::windows::guid;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side, ntlm, spnego, windows};
use crate::cursor::Cursor;
use std::collections::VecDeque;
use watchfire_model::Untrusted;
use watchfire_model::network::{DceRpc, Exchange};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "dce_rpc",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Calls::new(None)),
};

/// Kinds of units (C706 12.6.4).
const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
const FAULT: u8 = 3;
const BIND: u8 = 11;
const BIND_ACK: u8 = 12;
const BIND_NAK: u8 = 13;
const ALTER: u8 = 14;
const ALTER_ACK: u8 = 15;
const AUTH3: u8 = 16;
/// The last of them (MS-RPCE 2.2.2).
const LAST: u8 = 20;
/// Flags: the first part of a call, and it names an object.
const FIRST: u8 = 0x01;
const OBJECT: u8 = 0x80;
/// Bytes of a header, and of the trailer before what somebody proves himself by.
const HEADER: usize = 16;
const TRAILER: usize = 8;
/// By what (MS-RPCE 2.2.1.1.7), and that everything is encrypted.
const NTLM: u8 = 10;
const PRIVACY: u8 = 6;
/// Bytes of a request that are read if its texts are wanted, and of any.
const LONGEST_REQUEST: usize = 2_048;
const SHORTEST_REQUEST: usize = 64;
/// Calls that wait for their answer, interfaces of a connection, texts of a call.
const MOST_OPEN: usize = 128;
const MOST_INTERFACES: usize = 64;
const MOST_TEXTS: usize = 16;
/// Bytes of memory that a call needs, with its texts.
const EACH: usize = 512;
/// Numbers of Windows for what is not allowed.
const DENIED: u32 = 5;

/// The header of a unit.
#[derive(Clone, Copy, Debug)]
struct Header {
    kind: u8,
    flags: u8,
    is_little: bool,
    length: usize,
    proof: usize,
    call: u32,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let [_, _, kind, flags, order, _, _, _, ref rest @ ..] = *bytes.first_chunk::<HEADER>()?;
        let [a, b, c, d, call @ ..] = *rest;
        let is_little = order & 0xf0 != 0;
        let short = |pair| {
            usize::from(if is_little {
                u16::from_le_bytes(pair)
            } else {
                u16::from_be_bytes(pair)
            })
        };
        Some(Self {
            kind,
            flags,
            is_little,
            length: short([a, b]),
            proof: short([c, d]),
            call: if is_little {
                u32::from_le_bytes(call)
            } else {
                u32::from_be_bytes(call)
            },
        })
    }
}

/// Whether a unit begins here.
fn is_unit(bytes: &[u8]) -> Guess {
    let is_so = |at: usize, is: fn(u8) -> bool| bytes.get(at).is_none_or(|byte| is(*byte));
    let looks = is_so(0, |byte| byte == 5)
        && is_so(1, |byte| byte <= 1)
        && is_so(2, |byte| byte <= LAST)
        && is_so(4, |byte| matches!(byte, 0x00 | 0x10))
        && is_so(5, |byte| byte <= 3)
        && is_so(6, |byte| byte == 0)
        && is_so(7, |byte| byte == 0);
    match Header::read(bytes) {
        _ if !looks => Guess::No,
        Some(header) => Guess::only_if(header.length >= HEADER && header.proof < header.length),
        None => Guess::Perhaps,
    }
}

fn recognise(opening: &Opening<'_>) -> Guess {
    match (is_unit(opening.originator), is_unit(opening.responder)) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        _ => Guess::Perhaps,
    }
}

/// What one end said and was not read yet.
#[derive(Debug, Default)]
struct Speech {
    held: Vec<u8>,
    began: Option<Here>,
    /// Bytes to come that say nothing.
    skipped: usize,
}

/// A call that is not answered yet.
#[derive(Debug)]
struct Open {
    began: Here,
    call: u32,
    rpc: DceRpc,
}

/// The calls of a connection, or of a pipe.
#[derive(Debug)]
pub(super) struct Calls {
    pipe: Option<Untrusted>,
    speeches: [Speech; 2],
    interfaces: Vec<(u16, String)>,
    open: VecDeque<Open>,
    proofs: ntlm::Proofs,
    /// What is handed over is encrypted.
    is_private: bool,
}

impl Dissector for Calls {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let at = usize::from(side == Side::Responder);
        let Some(speech) = self.speeches.get_mut(at) else {
            return Heard::Enough;
        };
        let mut speech = std::mem::take(speech);
        let mut rest = bytes;
        let mut heard = Heard::More;
        while !rest.is_empty() && heard == Heard::More {
            let skipped = speech.skipped.min(rest.len());
            speech.skipped -= skipped;
            rest = rest.get(skipped..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            (rest, heard) = self.step(&mut speech, rest, context);
        }
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        heard
    }

    fn miss(&mut self, side: Side, length: u64, _: &mut Context<'_>) -> Heard {
        let speech = self.speeches.get_mut(usize::from(side == Side::Responder));
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        match speech {
            Some(speech) if speech.skipped >= length => {
                speech.skipped -= length;
                Heard::More
            }
            _ => Heard::Enough,
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.proofs.finish(context);
        for open in std::mem::take(&mut self.open) {
            context.say(open.began, Exchange::DceRpc(Box::new(open.rpc)));
        }
    }

    fn memory(&self) -> usize {
        let held: usize = self.speeches.iter().map(|speech| speech.held.capacity()).sum();
        held + self.open.len() * EACH
    }
}

impl Calls {
    /// Those of a pipe, by its name, or of a connection.
    pub(super) fn new(pipe: Option<&str>) -> Self {
        Self {
            pipe: pipe.and_then(|pipe| filled(pipe.as_bytes())),
            speeches: Default::default(),
            interfaces: Vec::new(),
            open: VecDeque::new(),
            proofs: ntlm::Proofs::new("dce_rpc"),
            is_private: false,
        }
    }

    /// How many bytes of a unit have to be there before more can be said; nothing where it is none.
    fn wanted(&self, held: &[u8]) -> Option<usize> {
        if held.len() < HEADER {
            return (is_unit(held) != Guess::No).then_some(HEADER);
        }
        let header = Header::read(held).filter(|_| is_unit(held) == Guess::Yes)?;
        let most = match header.kind {
            _ if held.len() < HEADER + 8 => HEADER + 8,
            REQUEST => match self.called(&header, held) {
                Some((_, Some(operation), _)) if operation.has_texts => LONGEST_REQUEST,
                _ => SHORTEST_REQUEST,
            },
            RESPONSE | FAULT => SHORTEST_REQUEST,
            _ => usize::MAX,
        };
        Some(most.min(header.length))
    }

    /// Goes on until a unit can be read; what is left of the bytes.
    fn step<'b>(&mut self, speech: &mut Speech, bytes: &'b [u8], context: &mut Context<'_>) -> (&'b [u8], Heard) {
        let began = *speech.began.get_or_insert(context.here);
        let mut rest = bytes;
        loop {
            let Some(wanted) = self.wanted(&speech.held) else {
                return (rest, Heard::Enough);
            };
            let missing = wanted.saturating_sub(speech.held.len());
            if missing == 0 {
                break;
            }
            let (part, behind) = rest.split_at_checked(missing).unwrap_or((rest, &[]));
            speech.held.extend_from_slice(part);
            rest = behind;
            if part.len() < missing {
                return (rest, Heard::More);
            }
        }
        let unit = std::mem::take(&mut speech.held);
        speech.began = None;
        if let Some(header) = Header::read(&unit) {
            speech.skipped = header.length.saturating_sub(unit.len());
            self.unit(&header, &unit, began, context);
        }
        (rest, Heard::More)
    }

    fn unit(&mut self, header: &Header, unit: &[u8], began: Here, context: &mut Context<'_>) {
        match header.kind {
            BIND | ALTER => self.bind(unit),
            BIND_ACK | ALTER_ACK => self.bound(unit),
            REQUEST => return self.request(header, unit, began, context),
            RESPONSE => return self.answer(header, None, context),
            FAULT => {
                let status = unit.get(24..28).and_then(|status| <[u8; 4]>::try_from(status).ok());
                let status = status.map(if header.is_little {
                    u32::from_le_bytes
                } else {
                    u32::from_be_bytes
                });
                return self.answer(header, status.or(Some(0)), context);
            }
            BIND_NAK => {
                self.proofs.outcome(false, context);
                return;
            }
            AUTH3 => {}
            _ => return,
        }
        self.prove(header, unit, context);
    }

    /// Hears what somebody proves himself by.
    fn prove(&mut self, header: &Header, unit: &[u8], context: &mut Context<'_>) {
        let Some(from) = unit.len().checked_sub(header.proof).filter(|_| header.proof > 0) else {
            return;
        };
        let trailer = from.checked_sub(TRAILER).and_then(|at| unit.get(at..));
        let &[kind, level, ..] = trailer.unwrap_or_default() else {
            return;
        };
        self.is_private = level == PRIVACY;
        let proof = unit.get(from..).unwrap_or_default();
        if kind == NTLM {
            context.serves("ntlm");
            self.proofs.hear(proof, context);
            return;
        }
        let token = spnego::token(proof);
        if let Some(message) = token.ntlm {
            context.serves("ntlm");
            self.proofs.hear(message, context);
        }
        if let Some(ticket) = token.ticket.and_then(super::kerberos::ticket) {
            context.say(context.here, Exchange::Kerberos(Box::new(ticket)));
        }
    }

    /// Learns which interfaces are meant by which numbers (C706 12.6.4.3).
    fn bind(&mut self, unit: &[u8]) {
        let mut cursor = Cursor::new(unit.get(HEADER + 8..).unwrap_or_default());
        let count = cursor.array::<4>().map_or(0, |[count, ..]| count);
        for _ in 0..count {
            let Some([number, other, transfers, _]) = cursor.array::<4>() else {
                return;
            };
            let Some(id) = cursor.array::<16>() else { return };
            // Its version, and how what is handed over may be written.
            if cursor.take(4 + usize::from(transfers) * 20).is_none() {
                return;
            }
            let number = u16::from_le_bytes([number, other]);
            self.interfaces.retain(|(known, _)| *known != number);
            if self.interfaces.len() < MOST_INTERFACES {
                self.interfaces.push((number, guid(&id)));
            }
        }
    }

    /// Where the server listens (C706 12.6.4.4).
    fn bound(&mut self, unit: &[u8]) {
        let mut cursor = Cursor::new(unit.get(HEADER + 8..).unwrap_or_default());
        let length = cursor.le16().unwrap_or_default();
        let address = cursor.take(length.into()).unwrap_or_default();
        let address = address.split(|byte| *byte == 0).next().unwrap_or_default();
        self.pipe = filled(address).or(self.pipe.take());
    }

    /// Which interface a request is for, what of it, and how many bytes are before what is handed over.
    fn called(&self, header: &Header, unit: &[u8]) -> Option<(&str, Option<interfaces::Operation>, u16)> {
        let [.., a, b, c, d] = *unit.get(HEADER..)?.first_chunk::<8>()?;
        let short = |pair| {
            if header.is_little {
                u16::from_le_bytes(pair)
            } else {
                u16::from_be_bytes(pair)
            }
        };
        let (number, operation) = (short([a, b]), short([c, d]));
        let (_, id) = self.interfaces.iter().find(|(known, _)| *known == number)?;
        Some((id, interfaces::operation(id, operation), operation))
    }

    fn request(&mut self, header: &Header, unit: &[u8], began: Here, context: &mut Context<'_>) {
        // What is called on an interface whose binding was not captured says nothing.
        let Some((id, known, operation)) = self.called(header, unit).filter(|_| header.flags & FIRST != 0) else {
            return;
        };
        let from = HEADER + 8 + if header.flags & OBJECT != 0 { 16 } else { 0 };
        let trailer = unit
            .len()
            .checked_sub(header.proof + TRAILER)
            .filter(|_| header.proof > 0);
        let is_private = self.is_private && header.proof > 0;
        let handed = unit.get(from..trailer.unwrap_or(unit.len())).unwrap_or_default();
        let has_texts = known.is_some_and(|operation| operation.has_texts) && !is_private;
        let rpc = DceRpc {
            pipe: self.pipe.clone(),
            interface: id.to_owned(),
            endpoint: interfaces::endpoint(id),
            operation,
            name: known.map(|operation| operation.name),
            texts: if has_texts { texts(handed) } else { Vec::new() },
            encrypted: is_private,
            ..DceRpc::default()
        };
        if self.open.len() >= MOST_OPEN
            && let Some(oldest) = self.open.pop_front()
        {
            context.say(oldest.began, Exchange::DceRpc(Box::new(oldest.rpc)));
        }
        let call = header.call;
        self.open.push_back(Open { began, call, rpc });
    }

    fn answer(&mut self, header: &Header, fault: Option<u32>, context: &mut Context<'_>) {
        if header.flags & FIRST == 0 {
            return;
        }
        // Whoever is not let in is told at the first call.
        self.proofs.outcome(fault != Some(DENIED), context);
        let at = self.open.iter().position(|open| open.call == header.call);
        if let Some(mut open) = at.and_then(|at| self.open.remove(at)) {
            open.rpc.after = Some(context.here.time.since(open.began.time));
            open.rpc.fault = fault;
            context.say(open.began, Exchange::DceRpc(Box::new(open.rpc)));
        }
    }
}

/// Strings as NDR writes them (C706 14.3.4): how long they may be, where they begin, which is 0, how long they are, and
/// their characters with a zero behind them.
fn texts(bytes: &[u8]) -> Vec<Untrusted> {
    let mut texts = Vec::new();
    let mut at = 0;
    while let Some(from) = bytes
        .get(at..)
        .filter(|from| from.len() > 12 && texts.len() < MOST_TEXTS)
    {
        match string(from) {
            Some((text, length)) => {
                texts.push(text);
                at = at.saturating_add(length.next_multiple_of(4));
            }
            None => at += 4,
        }
    }
    texts
}

fn string(bytes: &[u8]) -> Option<(Untrusted, usize)> {
    let mut cursor = Cursor::new(bytes);
    let (most, from, count) = (cursor.le32()?, cursor.le32()?, cursor.le32()?);
    if from != 0 || count < 2 || count > most {
        return None;
    }
    let count = usize::try_from(count).ok()?;
    let units = cursor.take(count.checked_mul(2)?)?;
    let text = windows::utf16(units);
    // A zero may end it or not, but none stands in it.
    let length = text.encode_utf16().count();
    let is_text = (length == count || length + 1 == count) && !text.contains(char::REPLACEMENT_CHARACTER);
    (is_text && !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n')))
        .then(|| (Untrusted::from(text), cursor.at()))
}
