//! HTTP/2 (RFC 9113): requests and their answers in many streams of one connection, in clear or as it was decrypted.
//!
//! Heads are unpacked, bodies are counted and hashed while they pass. Absent: priorities, flow control, what a server pushes.

mod hpack;
mod huffman;
#[cfg(test)]
mod tests;

use super::http::head::Head;
use super::{Carried, Carrier, Context, Description, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use hpack::Unpacker;
use std::collections::BTreeMap;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Http, HttpReply, Login};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "http",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// What a client says before anything else (RFC 9113 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Streams that may be open at a time.
const MOST_OPEN: usize = 256;
/// Bytes of a head, packed.
const LONGEST_HEAD: usize = 64 << 10;
/// What may be kept of heads: so many bytes at once, and so many for each byte that was sent. Heads name fields that were sent
/// before, and a few bytes of them could fill the memory otherwise.
const KEPT_AT_ONCE: u64 = 64 << 10;
const KEPT_FOR_EACH: u64 = 32;
/// Fields that are kept.
const KEPT: [&[u8]; 12] = [
    b":method",
    b":authority",
    b":path",
    b"host",
    b"referer",
    b"user-agent",
    b"content-disposition",
    b"content-encoding",
    b"content-type",
    b"server",
    b"location",
    b"authorization",
];
/// Bytes of a frame's head.
const HEAD: usize = 9;

/// Kinds of frames.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const PUSH: u8 = 5;
const CONTINUATION: u8 = 9;
/// Flags.
const END_STREAM: u8 = 0x01;
const END_HEADERS: u8 = 0x04;
const PADDED: u8 = 0x08;
const PRIORITY: u8 = 0x20;

/// By the first line of it, as soon as others could take that for theirs.
fn recognise(opening: &Opening<'_>) -> Guess {
    const LINE: &[u8] = b"PRI * HTTP/2.0\r\n";
    let said = opening.originator;
    if said.len() < LINE.len() && LINE.starts_with(said) {
        return Guess::Perhaps;
    }
    Guess::only_if(said.starts_with(LINE))
}

/// A frame whose payload passes.
#[derive(Clone, Copy, Debug)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    /// Bytes of its payload that are to come.
    left: u32,
    /// Bytes of padding at its end.
    padding: u32,
}

/// One side.
#[derive(Debug, Default)]
struct Speech {
    /// A frame's head, or what is held of a payload.
    held: Vec<u8>,
    frame: Option<Frame>,
    /// A head that goes on in further frames.
    head: Option<Begun>,
    /// Where the head began.
    began: Option<Here>,
    unpacker: Unpacker,
    /// The client's first words are behind it, or it is the server.
    is_open: bool,
}

/// A head that is not whole.
#[derive(Debug)]
struct Begun {
    stream: u32,
    /// The stream ends with it.
    ends: bool,
    /// It is that of a request that nobody made.
    is_push: bool,
    block: Vec<u8>,
}

/// A request and its answer, as far as they came.
#[derive(Debug, Default)]
struct Stream {
    began: Option<Here>,
    http: Http,
    password: Option<Untrusted>,
    bodies: [Option<Box<Carried>>; 2],
    /// Bytes of the heads whose texts it may hold.
    size: usize,
    /// Who said everything.
    is_done: [bool; 2],
}

impl Stream {
    fn say(mut self, context: &mut Context<'_>) {
        for (body, is_done) in self.bodies.into_iter().zip(self.is_done) {
            if let Some(body) = body {
                body.end(is_done, context);
            }
        }
        let Some(began) = self.began.take() else { return };
        if let Some(password) = self.password {
            let mut login = Login::clear("http", self.http.user.clone(), password);
            let status = self.http.reply.as_ref().map(|reply| reply.status);
            login.accepted = status.map(|status| !matches!(status, 401 | 403 | 407));
            context.say(began, Exchange::Login(Box::new(login)));
        }
        if self.http.reply.is_some() || !self.http.method.raw().is_empty() {
            context.say(began, Exchange::Http(Box::new(self.http)));
        }
    }
}

#[derive(Debug, Default)]
struct Talk {
    speeches: [Speech; 2],
    streams: BTreeMap<u32, Stream>,
    /// Bytes that were sent, and those of fields that are kept.
    sent: u64,
    kept: u64,
    is_over: bool,
}

const fn index(side: Side) -> usize {
    match side {
        Side::Originator => 0,
        Side::Responder => 1,
    }
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let mut speech = self
            .speeches
            .get_mut(index(side))
            .map(std::mem::take)
            .unwrap_or_default();
        let mut rest = bytes;
        if side == Side::Originator && !speech.is_open {
            let taken = rest.len().min(PREFACE.len().saturating_sub(speech.held.len()));
            let (words, behind) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
            speech.held.extend_from_slice(words);
            rest = behind;
            self.is_over |= !PREFACE.starts_with(&speech.held);
            if speech.held.len() == PREFACE.len() {
                speech.held.clear();
                speech.is_open = true;
            }
        }
        while !rest.is_empty() && !self.is_over {
            rest = self.step(side, &mut speech, rest, context);
        }
        if let Some(place) = self.speeches.get_mut(index(side)) {
            *place = speech;
        }
        if self.is_over { Heard::Enough } else { Heard::More }
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        let mut speech = self
            .speeches
            .get_mut(index(side))
            .map(std::mem::take)
            .unwrap_or_default();
        // A hole within a body costs nothing but what is in it; what is unpacked depends on all that came before.
        let hole = u32::try_from(length).ok();
        let frame = speech.frame.filter(|frame| frame.kind == DATA);
        let Some((mut frame, hole)) = frame.zip(hole).filter(|(frame, hole)| *hole <= frame.left) else {
            return Heard::Enough;
        };
        let data = hole.min(frame.left.saturating_sub(frame.padding.saturating_sub(1)));
        // Where the length of the padding is missing, there is none.
        frame.padding = frame.padding.max(1);
        self.body(side, &frame, None, data, context);
        frame.left -= hole;
        speech.frame = Some(frame).filter(|frame| frame.left > 0);
        if frame.left == 0 {
            self.ended(side, &frame, context);
        }
        if let Some(place) = self.speeches.get_mut(index(side)) {
            *place = speech;
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        for (_, stream) in std::mem::take(&mut self.streams) {
            stream.say(context);
        }
    }

    fn memory(&self) -> usize {
        let held = self.speeches.iter().map(|speech| {
            let head = speech.head.as_ref().map_or(0, |head| head.block.capacity());
            speech.held.capacity() + head + speech.unpacker.memory()
        });
        let open = self.streams.values().map(|stream| size_of::<Stream>() + stream.size);
        held.sum::<usize>() + open.sum::<usize>()
    }
}

impl Talk {
    /// Goes on with one side; what is left of the bytes.
    fn step<'b>(&mut self, side: Side, speech: &mut Speech, bytes: &'b [u8], context: &mut Context<'_>) -> &'b [u8] {
        let Some(frame) = speech.frame else {
            let taken = bytes.len().min(HEAD.saturating_sub(speech.held.len()));
            self.sent = self.sent.saturating_add(taken as u64);
            let (part, rest) = bytes.split_at_checked(taken).unwrap_or((bytes, &[]));
            speech.held.extend_from_slice(part);
            if let Some([a, b, c, kind, flags, stream @ ..]) = speech.held.first_chunk::<HEAD>() {
                let frame = Frame {
                    kind: *kind,
                    flags: *flags,
                    stream: u32::from_be_bytes(*stream) & 0x7fff_ffff,
                    left: u32::from_be_bytes([0, *a, *b, *c]),
                    padding: 0,
                };
                speech.held.clear();
                self.begins(side, speech, frame, context);
            }
            return rest;
        };
        let taken = bytes.len().min(frame.left as usize);
        self.sent = self.sent.saturating_add(taken as u64);
        let (part, rest) = bytes.split_at_checked(taken).unwrap_or((bytes, &[]));
        match frame.kind {
            DATA => self.data(side, speech, frame, part, context),
            HEADERS | CONTINUATION | PUSH => {
                speech.held.extend_from_slice(part);
                self.passed(side, speech, frame, taken, context);
            }
            _ => self.passed(side, speech, frame, taken, context),
        }
        rest
    }

    /// A frame's head was read.
    fn begins(&mut self, side: Side, speech: &mut Speech, frame: Frame, context: &mut Context<'_>) {
        let is_head = matches!(frame.kind, HEADERS | CONTINUATION | PUSH);
        // Between the frames of one head, nothing else may come (RFC 9113 6.10).
        self.is_over |= (frame.kind == CONTINUATION) != speech.head.is_some();
        self.is_over |= is_head && frame.left as usize > LONGEST_HEAD;
        if is_head {
            speech.began.get_or_insert(context.here);
        }
        speech.frame = Some(frame);
        if frame.left == 0 {
            self.passed(side, speech, frame, 0, context);
        }
    }

    /// So many bytes of a frame's payload passed.
    fn passed(&mut self, side: Side, speech: &mut Speech, mut frame: Frame, taken: usize, context: &mut Context<'_>) {
        frame.left = frame.left.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
        if frame.left > 0 {
            speech.frame = Some(frame);
            return;
        }
        speech.frame = None;
        match frame.kind {
            HEADERS | CONTINUATION | PUSH => {
                let payload = std::mem::take(&mut speech.held);
                self.is_over |= self.head(side, speech, frame, &payload, context).is_none();
            }
            DATA => self.ended(side, &frame, context),
            RESET => {
                if let Some(stream) = self.streams.remove(&frame.stream) {
                    stream.say(context);
                }
            }
            _ => {}
        }
    }

    /// Bytes of a body, which may end in padding.
    fn data(&mut self, side: Side, speech: &mut Speech, mut frame: Frame, part: &[u8], context: &mut Context<'_>) {
        let mut data = part;
        let mut taken = part.len();
        if frame.flags & PADDED != 0 && frame.padding == 0 {
            // The length of the padding comes first; from then on it is counted with one more, so that it is known.
            let Some((padding, behind)) = part.split_first() else {
                return;
            };
            frame.padding = u32::from(*padding) + 1;
            frame.left = frame.left.saturating_sub(1);
            data = behind;
            taken -= 1;
        }
        let padding = frame.padding.saturating_sub(1);
        let body = (frame.left.saturating_sub(padding) as usize).min(data.len());
        let bytes = data.get(..body).unwrap_or_default();
        self.body(side, &frame, Some(bytes), 0, context);
        self.passed(side, speech, frame, taken, context);
    }

    /// Counts bytes of a body, which are there or missing.
    fn body(&mut self, side: Side, frame: &Frame, bytes: Option<&[u8]>, missing: u32, context: &mut Context<'_>) {
        let Some(stream) = self.streams.get_mut(&frame.stream) else {
            return;
        };
        let length = bytes.map_or(u64::from(missing), |bytes| bytes.len() as u64);
        match (side, &mut stream.http.reply) {
            (Side::Originator, _) => stream.http.sent += length,
            (Side::Responder, Some(reply)) => reply.received += length,
            (Side::Responder, None) => {}
        }
        if let Some(Some(body)) = stream.bodies.get_mut(index(side)) {
            match bytes {
                Some(bytes) => body.data(bytes, context),
                None => body.gap(length),
            }
        }
    }

    /// A frame with which a side may have said everything.
    fn ended(&mut self, side: Side, frame: &Frame, context: &mut Context<'_>) {
        if frame.flags & END_STREAM == 0 {
            return;
        }
        let Some(stream) = self.streams.get_mut(&frame.stream) else {
            return;
        };
        if let Some(place) = stream.is_done.get_mut(index(side)) {
            *place = true;
        }
        if stream.is_done == [true; 2]
            && let Some(stream) = self.streams.remove(&frame.stream)
        {
            stream.say(context);
        }
    }

    /// A frame of a head is whole. None where nothing behind it can be unpacked.
    fn head(
        &mut self,
        side: Side,
        speech: &mut Speech,
        frame: Frame,
        payload: &[u8],
        context: &mut Context<'_>,
    ) -> Option<()> {
        let begun = speech.head.take().unwrap_or_else(|| Begun {
            stream: frame.stream,
            ends: frame.flags & END_STREAM != 0,
            is_push: frame.kind == PUSH,
            block: Vec::new(),
        });
        let mut begun = Some(begun).filter(|begun| begun.stream == frame.stream)?;
        begun.block.extend_from_slice(block_of(frame, payload)?);
        if begun.block.len() > LONGEST_HEAD {
            return None;
        }
        if frame.flags & END_HEADERS == 0 {
            speech.head = Some(begun);
            return Some(());
        }
        let fields = speech.unpacker.head(&begun.block)?;
        let began = speech.began.take().unwrap_or(context.here);
        if begun.is_push {
            return Some(());
        }
        let kept = fields.iter().filter(|field| KEPT.contains(&&*field.name));
        self.kept = kept.fold(self.kept, |kept, field| kept.saturating_add(field.value.len() as u64));
        if self.kept > KEPT_AT_ONCE.saturating_add(self.sent.saturating_mul(KEPT_FOR_EACH)) {
            return None;
        }
        let fields = fields.iter().map(|field| (&*field.name, &*field.value));
        self.message(side, frame.stream, &Head::of(fields), began, context);
        let flags = if begun.ends { END_STREAM } else { 0 };
        self.ended(side, &Frame { flags, ..frame }, context);
        Some(())
    }

    fn message(&mut self, side: Side, number: u32, head: &Head<'_>, began: Here, context: &mut Context<'_>) {
        if !self.streams.contains_key(&number)
            && self.streams.len() >= MOST_OPEN
            && let Some((_, oldest)) = self.streams.pop_first()
        {
            oldest.say(context);
        }
        let stream = self.streams.entry(number).or_default();
        stream.size = stream.size.saturating_add(head.size());
        match side {
            Side::Originator if stream.http.method.raw().is_empty() => {
                stream.http = asked(head, stream.http.reply.take());
                (stream.http.user, stream.password) = head.credentials().unzip();
                stream.began = Some(began);
            }
            Side::Responder => {
                let status = head
                    .field(b":status")
                    .and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
                // Fields behind the body have no status, and what comes before the answer is none.
                let Some(status) = status.filter(|status: &u16| !(100..200).contains(status)) else {
                    return;
                };
                stream.began.get_or_insert(began);
                stream.http.reply = Some(HttpReply {
                    frame: began.frame,
                    status,
                    server: head.text(b"server"),
                    location: head.text(b"location"),
                    received_type: head.text(b"content-type"),
                    ..HttpReply::default()
                });
            }
            Side::Originator => return,
        }
        let description = Description {
            service: "http",
            side,
            name: head.name(Some(&stream.http)),
            media_type: head.text(b"content-type"),
            encoding: head
                .text(b"content-encoding")
                .filter(|coding| coding.raw() != "identity"),
        };
        let before = match stream.bodies.get_mut(index(side)) {
            Some(place) => place.replace(Carried::begin(description, context)),
            None => None,
        };
        if let Some(before) = before {
            before.end(false, context);
        }
    }
}

/// The part of a head in a frame, without padding and priority.
fn block_of(frame: Frame, payload: &[u8]) -> Option<&[u8]> {
    let mut block = payload;
    let mut padding = 0;
    if frame.kind != CONTINUATION && frame.flags & PADDED != 0 {
        let (length, rest) = block.split_first()?;
        (padding, block) = (usize::from(*length), rest);
    }
    let skipped = match frame.kind {
        HEADERS if frame.flags & PRIORITY != 0 => 5,
        PUSH => 4,
        _ => 0,
    };
    let block = block.get(skipped..)?;
    block.get(..block.len().checked_sub(padding)?)
}

fn asked(head: &Head<'_>, reply: Option<HttpReply>) -> Http {
    Http {
        method: head.text(b":method").unwrap_or_default(),
        host: head.text(b":authority").or_else(|| head.text(b"host")),
        target: head.text(b":path").unwrap_or_default(),
        version: "2".into(),
        referrer: head.text(b"referer"),
        user_agent: head.text(b"user-agent"),
        sent_type: head.text(b"content-type"),
        reply,
        ..Http::default()
    }
}
