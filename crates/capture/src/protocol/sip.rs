//! SIP (RFC 3261), over UDP and TCP: requests and their answers, and log-ins by digest (RFC 2617 3). Bodies are passed over.

#[cfg(test)]
mod tests;

use super::http::head::Head;
use super::text::{begins, number};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use std::collections::VecDeque;
use watchfire_model::network::{Exchange, Hashcat, Login, LoginMethod, Sip, SipReply};
use watchfire_model::{Secret, Untrusted};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "sip",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Calls::default()),
};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "sip",
    carrier: Carrier::Stream,
    recognise,
    dissector: || {
        Box::new(Calls {
            heads: Some(Default::default()),
            ..Calls::default()
        })
    },
};

/// hashcat's number of SIP's digests, <https://hashcat.net/wiki/doku.php?id=example_hashes>.
const DIGEST: u32 = 11_400;
/// Bytes of a head.
const LONGEST_HEAD: usize = 16 << 10;
/// Requests that wait for an answer.
const MOST_OPEN: usize = 32;
/// Bytes of memory that one needs, with its texts.
const EACH: usize = 768;
/// Bytes of a field that are kept.
const LONGEST_FIELD: usize = 1 << 10;
/// Characters of a first line by which it has to be told.
const LONGEST_LINE: usize = 1 << 10;

fn recognise(opening: &Opening<'_>) -> Guess {
    let says = |bytes: &[u8]| match bytes {
        [] => Guess::Perhaps,
        _ => message(bytes),
    };
    match (says(opening.originator), says(opening.responder)) {
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        _ => Guess::Perhaps,
    }
}

/// Whether a side begins with an answer, or with a method, whom it is about, and the version at the end of the line.
fn message(bytes: &[u8]) -> Guess {
    match begins(bytes, &[b"SIP/2.0 "]) {
        Guess::Yes => return Guess::Yes,
        Guess::Perhaps => return Guess::Perhaps,
        Guess::No => {}
    }
    let method = bytes.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    match bytes.get(method) {
        None if method <= 16 => return Guess::Perhaps,
        Some(b' ') if (3..=16).contains(&method) => {}
        _ => return Guess::No,
    }
    let line = bytes.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n');
    match line {
        Some(end) => Guess::only_if(bytes.get(..end).unwrap_or_default().trim_ascii().ends_with(b" SIP/2.0")),
        None if bytes.len() < LONGEST_LINE => Guess::Perhaps,
        None => Guess::No,
    }
}

/// The head of a message, whose body may stand behind it.
fn head(bytes: &[u8]) -> Head<'_> {
    let message = bytes.trim_ascii_start();
    let lines = message.split_inclusive(|byte| *byte == b'\n');
    let lines = lines.take_while(|line| !line.trim_ascii().is_empty());
    let length = lines.map(<[u8]>::len).sum();
    Head::read(message.get(..length).unwrap_or_default())
}

/// A field by its name, or by the letter that stands for it (RFC 3261 7.3.3).
fn field<'h>(head: &Head<'h>, name: &[u8], letter: &[u8]) -> Option<&'h [u8]> {
    let value = head.field(name).or_else(|| head.field(letter))?;
    Some(value.get(..LONGEST_FIELD).unwrap_or(value))
}

fn text(head: &Head<'_>, name: &[u8], letter: &[u8]) -> Option<Untrusted> {
    field(head, name, letter).map(Untrusted::from_bytes)
}

fn length(head: &Head<'_>) -> Option<u64> {
    number(field(head, b"content-length", b"l")?)
}

/// A request that waits for answers.
#[derive(Debug)]
struct Request {
    began: Here,
    sip: Sip,
    is_answered: bool,
}

/// One side of a stream.
#[derive(Debug, Default)]
struct Speech {
    held: Vec<u8>,
    /// Bytes of a body to come.
    left: u64,
}

#[derive(Debug, Default)]
struct Calls {
    /// Of streams, what is not whole.
    heads: Option<[Speech; 2]>,
    open: VecDeque<Request>,
}

impl Dissector for Calls {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let Some(heads) = &mut self.heads else {
            self.message(bytes, context);
            return Heard::More;
        };
        let at = usize::from(side == Side::Responder);
        let mut speech = heads.get_mut(at).map(std::mem::take).unwrap_or_default();
        let heard = self.stream(&mut speech, bytes, context);
        if let Some(place) = self.heads.as_mut().and_then(|heads| heads.get_mut(at)) {
            *place = speech;
        }
        heard
    }

    fn miss(&mut self, side: Side, length: u64, _: &mut Context<'_>) -> Heard {
        let at = usize::from(side == Side::Responder);
        match self.heads.as_mut().and_then(|heads| heads.get_mut(at)) {
            Some(speech) if length <= speech.left => {
                speech.left -= length;
                Heard::More
            }
            _ => Heard::Enough,
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        while let Some(request) = self.open.pop_front() {
            request.end(context);
        }
    }

    fn memory(&self) -> usize {
        let heads = self.heads.iter().flatten();
        heads.map(|speech| speech.held.capacity()).sum::<usize>() + self.open.len() * EACH
    }
}

impl Calls {
    fn stream(&mut self, speech: &mut Speech, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let mut rest = bytes;
        while !rest.is_empty() {
            let passed = usize::try_from(speech.left).unwrap_or(usize::MAX).min(rest.len());
            speech.left -= passed as u64;
            rest = rest.get(passed..).unwrap_or_default();
            let Some((line, behind)) = split_line(rest) else {
                speech.held.extend_from_slice(rest);
                rest = &[];
                if speech.held.len() > LONGEST_HEAD {
                    return Heard::Enough;
                }
                continue;
            };
            rest = behind;
            speech.held.extend_from_slice(line);
            if speech.held.len() > LONGEST_HEAD {
                return Heard::Enough;
            }
            let before = speech.held.strip_suffix(b"\n").unwrap_or_default();
            let before = before.strip_suffix(b"\r").unwrap_or(before);
            if before.is_empty() {
                // Lines between messages keep the connection alive.
                speech.held.clear();
            } else if before.ends_with(b"\n") {
                let held = std::mem::take(&mut speech.held);
                speech.left = self.message(&held, context);
            }
        }
        Heard::More
    }

    /// Reads a message; the bytes of its body.
    fn message(&mut self, bytes: &[u8], context: &mut Context<'_>) -> u64 {
        let head = head(bytes);
        let mut words = head.first.splitn(3, |byte| *byte == b' ');
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let third = words.next().unwrap_or_default();
        if first == b"SIP/2.0" {
            let status = number(second).and_then(|status| u16::try_from(status).ok());
            if let Some(status) = status {
                self.answered(&head, status, third, context);
            }
        } else if third == b"SIP/2.0" {
            self.asked(&head, first, second, context);
        }
        length(&head).unwrap_or(0)
    }

    fn asked(&mut self, head: &Head<'_>, method: &[u8], uri: &[u8], context: &mut Context<'_>) {
        let sip = Sip {
            method: Untrusted::from_bytes(method),
            uri: Untrusted::from_bytes(uri.get(..LONGEST_FIELD).unwrap_or(uri)),
            from: text(head, b"from", b"f"),
            to: text(head, b"to", b"t"),
            call_id: text(head, b"call-id", b"i"),
            sequence: text(head, b"cseq", b""),
            subject: text(head, b"subject", b"s"),
            user_agent: text(head, b"user-agent", b""),
            sent: length(head),
            reply: None,
        };
        // The same once more, since nobody answered.
        if self.of(sip.call_id.as_ref(), sip.sequence.as_ref()).is_some() {
            return;
        }
        let proof = field(head, b"authorization", b"").or_else(|| field(head, b"proxy-authorization", b""));
        if let Some(login) = proof.and_then(|proof| digest(proof, method, context)) {
            context.say(context.here, Exchange::Login(Box::new(login)));
        }
        if self.open.len() >= MOST_OPEN
            && let Some(oldest) = self.open.pop_front()
        {
            oldest.end(context);
        }
        self.open.push_back(Request {
            began: context.here,
            sip,
            is_answered: false,
        });
    }

    /// Where the request is that has both. Without them, nothing belongs to anything (RFC 3261 8.1.1).
    fn of(&self, call: Option<&Untrusted>, sequence: Option<&Untrusted>) -> Option<usize> {
        let (call, sequence) = (Some(call?), Some(sequence?));
        let is = |request: &Request| request.sip.call_id.as_ref() == call && request.sip.sequence.as_ref() == sequence;
        self.open.iter().position(is)
    }

    fn answered(&mut self, head: &Head<'_>, status: u16, reason: &[u8], context: &mut Context<'_>) {
        let (call, sequence) = (text(head, b"call-id", b"i"), text(head, b"cseq", b""));
        let at = self.of(call.as_ref(), sequence.as_ref());
        let (began, mut sip) = match at.and_then(|at| self.open.get_mut(at)) {
            Some(request) => {
                request.is_answered = true;
                (request.began, request.sip.clone())
            }
            None => (
                context.here,
                Sip {
                    call_id: call,
                    sequence,
                    ..Sip::default()
                },
            ),
        };
        sip.reply = Some(SipReply {
            frame: context.here.frame,
            status,
            reason: Untrusted::from_bytes(reason),
            from: text(head, b"from", b"f"),
            to: text(head, b"to", b"t"),
            server: text(head, b"server", b"").or_else(|| text(head, b"user-agent", b"")),
            warning: text(head, b"warning", b""),
            received: length(head),
        });
        context.say(began, Exchange::Sip(Box::new(sip)));
        // Others come before the last answer (RFC 3261 7.2).
        if status >= 200
            && let Some(at) = at
        {
            self.open.remove(at);
        }
    }
}

impl Request {
    /// Nothing more comes to it.
    fn end(self, context: &mut Context<'_>) {
        if !self.is_answered {
            context.say(self.began, Exchange::Sip(Box::new(self.sip)));
        }
    }
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    bytes.split_at_checked(end + 1)
}

/// A log-in by digest, as hashcat reads it.
fn digest(proof: &[u8], method: &[u8], context: &Context<'_>) -> Option<Login> {
    let text = String::from_utf8_lossy(proof);
    let (scheme, rest) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("digest") {
        return None;
    }
    let value = |name: &str| {
        let parts = rest.split(',').map(str::trim);
        let found = parts
            .filter_map(|part| part.split_once('='))
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or(String::new(), |(_, value)| value.trim_matches('"').to_owned())
    };
    let (user, realm, response) = (value("username"), value("realm"), value("response"));
    let uri = value("uri");
    let (prefix, place) = uri.split_once(':')?;
    let (resource, suffix) = place.split_once(':').unwrap_or((place, ""));
    if response.len() != 32 {
        return None;
    }
    let line = [
        "$sip$",
        &context.responder.ip().to_string(),
        &context.originator.ip().to_string(),
        &user,
        &realm,
        &String::from_utf8_lossy(method),
        prefix,
        resource,
        suffix,
        &value("nonce"),
        &value("cnonce"),
        &value("nc"),
        &value("qop"),
        "MD5",
        &response,
    ]
    .join("*");
    Some(Login {
        service: "sip",
        method: LoginMethod::Challenge,
        user: Some(user.into()),
        domain: Some(realm.into()),
        secret: None,
        hashcat: Some(Hashcat {
            mode: DIGEST,
            line: Secret::new(line),
        }),
        accepted: None,
    })
}
