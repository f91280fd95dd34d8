//! HTTP/1 (RFC 9112): requests and their answers, in turn.
//!
//! Bodies are gone through by their length, by their chunks or until the end, and counted. After `CONNECT` and after a change
//! of the protocol, what follows is told anew. What a server says to a request is told by their order.

pub(super) mod head;
mod proof;
#[cfg(test)]
mod tests;

use super::{Carried, Carrier, Context, Description, Dissector, Guess, Heard, Here, Inner, Opening, Protocol, Side};
use head::{Head, chunk};
use proof::Proof;
use std::collections::VecDeque;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Http, HttpReply, Login};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "http",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// Bytes of a head, its first line with it.
const LONGEST_HEAD: usize = 64 << 10;
/// Requests that wait for an answer.
const MOST_OPEN: usize = 256;
/// Characters of a method.
const LONGEST_METHOD: usize = 24;

fn recognise(opening: &Opening<'_>) -> Guess {
    match (request(opening.originator), answer(opening.responder)) {
        (Guess::Yes, Guess::No) if !opening.responder.is_empty() => Guess::No,
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        _ => Guess::Perhaps,
    }
}

/// Whether a side begins with a request: a method, a blank, and `HTTP/` before the end of the line.
fn request(bytes: &[u8]) -> Guess {
    let method = bytes
        .iter()
        .take(LONGEST_METHOD + 1)
        .take_while(|byte| is_token(**byte))
        .count();
    match bytes.get(method) {
        None => return Guess::Perhaps,
        Some(b' ') if (3..=LONGEST_METHOD).contains(&method) => {}
        Some(_) => return Guess::No,
    }
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => Guess::only_if(has(bytes.get(..end).unwrap_or_default(), b" HTTP/")),
        None => Guess::Perhaps,
    }
}

fn answer(bytes: &[u8]) -> Guess {
    const MARK: &[u8] = b"HTTP/1.";
    if bytes.len() < MARK.len() {
        return if MARK.starts_with(bytes) {
            Guess::Perhaps
        } else {
            Guess::No
        };
    }
    Guess::only_if(bytes.starts_with(MARK))
}

/// RFC 9110 5.6.2.
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Where a side is within its messages.
#[derive(Debug, Default)]
enum At {
    /// Before or in a head.
    #[default]
    Head,
    /// In a body, with so many bytes to come.
    Body(u64),
    /// Before the length of a chunk.
    Chunk,
    /// In a chunk, with so many bytes to come, and the end of its line.
    InChunk(u64),
    /// Behind the last chunk.
    Trailer,
    /// In a body that ends when the stream does.
    Rest,
}

/// One side.
#[derive(Debug, Default)]
struct Speech {
    at: At,
    /// A line or a head that is not whole.
    held: Vec<u8>,
    /// Where that began.
    began: Option<Here>,
    /// The body that passes.
    body: Option<Box<Carried>>,
}

/// A request, and its answer as far as it came.
#[derive(Debug)]
struct Request {
    began: Here,
    http: Http,
    /// There is no body behind the answer, whatever that says.
    is_head: bool,
    password: Option<Untrusted>,
    /// Bytes of the heads whose texts it may hold.
    size: usize,
}

impl Request {
    /// One of which only the answer is known.
    fn unknown(began: Here) -> Self {
        Self {
            began,
            http: Http::default(),
            is_head: false,
            password: None,
            size: 0,
        }
    }

    fn say(self, context: &mut Context<'_>) {
        if let Some(password) = self.password {
            let mut login = Login::clear("http", self.http.user.clone(), password);
            let status = self.http.reply.as_ref().map(|reply| reply.status);
            login.accepted = status.map(|status| !matches!(status, 401 | 403 | 407));
            context.say(self.began, Exchange::Login(Box::new(login)));
        }
        if self.http.reply.is_some() || !self.http.method.raw().is_empty() {
            context.say(self.began, Exchange::Http(Box::new(self.http)));
        }
    }
}

#[derive(Debug, Default)]
struct Talk {
    speeches: [Speech; 2],
    open: VecDeque<Request>,
    /// The request whose body is sent: the last.
    is_sending: bool,
    /// The answer to the first request has begun.
    is_answering: bool,
    /// What follows `CONNECT` or a change of the protocol.
    tunnel: Option<Box<Inner>>,
    is_over: bool,
    /// Who proves who he is by NTLM or by a ticket.
    proof: Proof,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let at = usize::from(side == Side::Responder);
        let mut speech = self.speeches.get_mut(at).map(std::mem::take).unwrap_or_default();
        let mut rest = bytes;
        while !rest.is_empty() && !self.is_over && self.tunnel.is_none() {
            rest = self.step(side, &mut speech, rest, context);
        }
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        if let Some(tunnel) = &mut self.tunnel {
            // What the client said without waiting for the answer.
            let early = std::mem::take(&mut self.speeches[0].held);
            for (side, bytes) in [(Side::Originator, early.as_slice()), (side, rest)] {
                if !bytes.is_empty() && tunnel.hear(side, bytes, context) == Heard::Enough {
                    return Heard::Enough;
                }
            }
        }
        if self.is_over { Heard::Enough } else { Heard::More }
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        if let Some(tunnel) = &mut self.tunnel {
            return tunnel.miss(side, length, context);
        }
        let at = usize::from(side == Side::Responder);
        let place = self.speeches.get(at).map(|speech| match speech.at {
            At::Body(left) | At::InChunk(left) => left,
            At::Rest => u64::MAX,
            At::Head | At::Chunk | At::Trailer => 0,
        });
        // The rest of a request's head is missing, and what follows it is another's, mostly.
        if side == Side::Originator && place == Some(0) && self.cut(side, context) {
            return Heard::More;
        }
        // A hole within a body costs nothing but what is in it.
        if place.is_none_or(|left| left < length) {
            return Heard::Enough;
        }
        let data = match self.speeches.get(at).map(|speech| &speech.at) {
            Some(At::InChunk(left)) => length.min(left.saturating_sub(2)),
            _ => length,
        };
        self.count(side, data);
        let mut speech = self.speeches.get_mut(at).map(std::mem::take).unwrap_or_default();
        if let Some(body) = &mut speech.body {
            body.gap(data);
        }
        match &mut speech.at {
            At::Body(left) | At::InChunk(left) => *left -= length,
            _ => {}
        }
        if matches!(speech.at, At::Body(0)) {
            speech.at = At::Head;
            self.done(side, &mut speech, context);
        }
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.cut(Side::Originator, context);
        self.cut(Side::Responder, context);
        for (speech, side) in self.speeches.iter_mut().zip([Side::Originator, Side::Responder]) {
            // Only one that ends with its stream may be whole now.
            let is_whole = matches!(speech.at, At::Rest) && context.has_ended(side);
            end(&mut speech.body, is_whole, context);
        }
        while let Some(request) = self.open.pop_front() {
            request.say(context);
        }
        self.proof.finish(context);
        if let Some(mut tunnel) = self.tunnel.take() {
            tunnel.finish(context);
        }
    }

    fn memory(&self) -> usize {
        let held: usize = self.speeches.iter().map(|speech| speech.held.capacity()).sum();
        let open = self.open.iter().map(|request| size_of::<Request>() + request.size);
        held + open.sum::<usize>() + Inner::held(self.tunnel.as_deref())
    }
}

impl Talk {
    /// Takes a head for whole whose rest does not come, if its first line did.
    fn cut(&mut self, side: Side, context: &mut Context<'_>) -> bool {
        let speech = self.speeches.get_mut(usize::from(side == Side::Responder));
        let Some(speech) = speech.filter(|speech| matches!(speech.at, At::Head)) else {
            return false;
        };
        let held = std::mem::take(&mut speech.held);
        let began = speech.began.take().unwrap_or(context.here);
        // A line that is not whole may say anything.
        let lines = held.iter().rposition(|byte| *byte == b'\n');
        let head = Head::read(lines.and_then(|end| held.get(..end)).unwrap_or_default());
        if self.is_over || head.first.is_empty() {
            return false;
        }
        let mut speech = std::mem::take(speech);
        self.message(side, &mut speech, &head, began, context);
        if let Some(place) = self.speeches.get_mut(usize::from(side == Side::Responder)) {
            *place = Speech {
                at: At::Head,
                ..Speech::default()
            };
        }
        true
    }

    /// The head of a message is known.
    fn message(&mut self, side: Side, speech: &mut Speech, head: &Head<'_>, began: Here, context: &mut Context<'_>) {
        // What a body that has no end went before, or one that was cut short.
        end(&mut speech.body, false, context);
        speech.at = match side {
            Side::Originator => self.asked(head, began, context),
            Side::Responder => self.answered(head, speech, began, context),
        };
        if !matches!(speech.at, At::Head) && !self.is_over {
            let request = match side {
                Side::Originator => self.open.back(),
                Side::Responder => self.open.front(),
            };
            let description = Description {
                service: "http",
                side,
                name: head.name(request.map(|request| &request.http)),
                media_type: head.text(b"content-type"),
                encoding: head
                    .text(b"content-encoding")
                    .filter(|coding| coding.raw() != "identity"),
            };
            speech.body = Some(Carried::begin(description, context));
        }
    }

    /// Goes on with one side; what is left of the bytes.
    fn step<'b>(&mut self, side: Side, speech: &mut Speech, bytes: &'b [u8], context: &mut Context<'_>) -> &'b [u8] {
        match speech.at {
            At::Head => self.head(side, speech, bytes, context),
            At::Body(left) => {
                let (part, rest) = split(bytes, left);
                self.body(side, speech, part, context);
                speech.at = At::Body(left - part.len() as u64);
                if left == part.len() as u64 {
                    speech.at = At::Head;
                    self.done(side, speech, context);
                }
                rest
            }
            At::InChunk(left) => {
                let (part, rest) = split(bytes, left);
                // Two of them are the end of the line behind it.
                let (data, _) = split(part, left.saturating_sub(2));
                self.body(side, speech, data, context);
                speech.at = At::InChunk(left - part.len() as u64);
                if left == part.len() as u64 {
                    speech.at = At::Chunk;
                }
                rest
            }
            At::Rest => {
                self.body(side, speech, bytes, context);
                &[]
            }
            At::Chunk | At::Trailer => {
                let rest = line(&mut speech.held, bytes);
                self.is_over |= speech.held.len() > LONGEST_HEAD;
                let Some(rest) = rest.filter(|_| !self.is_over) else {
                    return &[];
                };
                let line = std::mem::take(&mut speech.held);
                let text = line.trim_ascii();
                if matches!(speech.at, At::Trailer) {
                    if text.is_empty() {
                        speech.at = At::Head;
                        self.done(side, speech, context);
                    }
                } else {
                    match chunk(text) {
                        Some(0) => speech.at = At::Trailer,
                        Some(length) => speech.at = At::InChunk(length.saturating_add(2)),
                        None => self.is_over = true,
                    }
                }
                rest
            }
        }
    }

    /// Reads on until a head is whole.
    fn head<'b>(&mut self, side: Side, speech: &mut Speech, bytes: &'b [u8], context: &mut Context<'_>) -> &'b [u8] {
        let mut rest = bytes;
        loop {
            speech.began.get_or_insert(context.here);
            let Some(next) = line(&mut speech.held, rest) else {
                self.is_over |= speech.held.len() > LONGEST_HEAD;
                return &[];
            };
            rest = next;
            let is_blank = last_line(&speech.held).trim_ascii().is_empty();
            self.is_over |= speech.held.len() > LONGEST_HEAD;
            if self.is_over {
                return rest;
            }
            if !is_blank {
                continue;
            }
            let head = std::mem::take(&mut speech.held);
            let began = speech.began.take().unwrap_or(context.here);
            // Lines between messages mean nothing.
            if head.trim_ascii().is_empty() {
                return rest;
            }
            let head = Head::read(&head);
            self.message(side, speech, &head, began, context);
            return rest;
        }
    }

    fn asked(&mut self, head: &Head<'_>, began: Here, context: &mut Context<'_>) -> At {
        let mut words = head.first.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let method = words.next().unwrap_or_default();
        let rest: Vec<&[u8]> = words.collect();
        let is_request = !method.is_empty() && method.iter().all(|byte| is_token(*byte)) && !rest.is_empty();
        let (version, target) = match rest.split_last() {
            Some((last, before)) if last.starts_with(b"HTTP/") => {
                (last.get(5..).unwrap_or_default(), before.join(&b' '))
            }
            _ => (&[][..], rest.join(&b' ')),
        };
        if self.open.len() >= MOST_OPEN
            && let Some(oldest) = self.open.pop_front()
        {
            oldest.say(context);
        }
        // What is no request is answered as well, mostly by saying so.
        if !is_request {
            self.open.push_back(Request::unknown(began));
            return At::Head;
        }
        if let Some(token) = head.token([b"authorization", b"proxy-authorization"]) {
            self.proof.hear(&token, context);
        }
        // What is asked for here is to manage Windows from afar (MS-WSMV).
        if target.starts_with(b"/wsman") {
            context.serves("winrm");
        }
        let (user, password) = head.credentials().unzip();
        self.open.push_back(Request {
            began,
            is_head: method == b"HEAD",
            password,
            size: head.size(),
            http: Http {
                method: Untrusted::from_bytes(method),
                host: head.text(b"host"),
                target: Untrusted::from_bytes(&target),
                version: Untrusted::from_bytes(version),
                referrer: head.text(b"referer"),
                user_agent: head.text(b"user-agent"),
                user,
                sent_type: head.text(b"content-type"),
                ..Http::default()
            },
        });
        self.is_sending = true;
        head.body(At::Head)
    }

    fn answered(&mut self, head: &Head<'_>, speech: &mut Speech, began: Here, context: &mut Context<'_>) -> At {
        let mut words = head.first.splitn(3, |byte| *byte == b' ');
        let is_version = words.next().is_some_and(|version| version.starts_with(b"HTTP/"));
        let status = words
            .next()
            .and_then(|status| std::str::from_utf8(status).ok()?.trim().parse().ok());
        let Some(status) = status.filter(|_| is_version) else {
            self.is_over = true;
            return At::Head;
        };
        // What comes before the answer (RFC 9110 15.2).
        if (100..200).contains(&status) && status != 101 {
            return At::Head;
        }
        let token = head.token([b"www-authenticate", b"proxy-authenticate"]);
        self.proof
            .answered(matches!(status, 401 | 407), token.as_deref(), context);
        if self.open.is_empty() {
            self.open.push_back(Request::unknown(began));
        }
        let Some(request) = self.open.front_mut() else {
            return At::Head;
        };
        request.size += head.size();
        request.http.reply = Some(HttpReply {
            frame: began.frame,
            status,
            reason: Untrusted::from_bytes(words.next().unwrap_or_default().trim_ascii()),
            server: head.text(b"server"),
            location: head.text(b"location"),
            received: 0,
            received_type: head.text(b"content-type"),
        });
        self.is_answering = true;
        let is_tunnel = request.http.method.raw() == "CONNECT" && (200..300).contains(&status);
        if status == 101 || is_tunnel {
            self.tunnel = Some(Box::default());
            self.done(Side::Responder, speech, context);
            return At::Head;
        }
        let at = if request.is_head || matches!(status, 204 | 304) {
            At::Head
        } else {
            head.body(At::Rest)
        };
        if matches!(at, At::Head) {
            self.done(Side::Responder, speech, context);
        }
        at
    }

    /// A part of a body.
    fn body(&mut self, side: Side, speech: &mut Speech, bytes: &[u8], context: &mut Context<'_>) {
        self.count(side, bytes.len() as u64);
        if let Some(body) = &mut speech.body {
            body.data(bytes, context);
        }
    }

    fn count(&mut self, side: Side, bytes: u64) {
        match side {
            Side::Originator => {
                if let Some(request) = self.open.back_mut().filter(|_| self.is_sending) {
                    request.http.sent += bytes;
                }
            }
            Side::Responder => {
                let reply = self.open.front_mut().and_then(|request| request.http.reply.as_mut());
                if let Some(reply) = reply {
                    reply.received += bytes;
                }
            }
        }
    }

    /// A message is whole.
    fn done(&mut self, side: Side, speech: &mut Speech, context: &mut Context<'_>) {
        end(&mut speech.body, true, context);
        match side {
            Side::Originator => self.is_sending = false,
            Side::Responder => {
                if std::mem::take(&mut self.is_answering)
                    && let Some(request) = self.open.pop_front()
                {
                    request.say(context);
                }
            }
        }
    }
}

/// Says that nothing more of a body comes.
fn end(body: &mut Option<Box<Carried>>, whole: bool, context: &mut Context<'_>) {
    if let Some(body) = body.take() {
        body.end(whole, context);
    }
}

/// At most so many bytes, and the rest.
fn split(bytes: &[u8], at: u64) -> (&[u8], &[u8]) {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    bytes.split_at_checked(at).unwrap_or((bytes, &[]))
}

/// Adds bytes to a line until it ends. What is behind it; nothing where it does not end.
fn line<'b>(held: &mut Vec<u8>, bytes: &'b [u8]) -> Option<&'b [u8]> {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => {
            let (line, rest) = bytes.split_at_checked(end + 1)?;
            held.extend_from_slice(line);
            Some(rest)
        }
        None => {
            held.extend_from_slice(bytes);
            None
        }
    }
}

/// The last line, which is whole, however it came.
fn last_line(held: &[u8]) -> &[u8] {
    let before = held.strip_suffix(b"\n").unwrap_or(held);
    let from = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    before.get(from..).unwrap_or_default()
}
