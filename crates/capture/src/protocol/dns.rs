//! DNS (RFC 1035), over UDP and TCP, and those that speak it: mDNS (RFC 6762), LLMNR (RFC 4795) and NetBIOS names
//! (RFC 1002).
//!
//! Names may point back into their message; each pointer has to lead to before the name that it is in, so that none leads
//! around. A question and its answer are one exchange. Sections beside the answers are skipped.

#[cfg(test)]
mod tests;

use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use std::collections::VecDeque;
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};
use watchfire_model::network::{Dns, DnsAnswer, DnsClass, DnsReply, DnsType, Exchange};
use watchfire_model::{Untrusted, digest_hex};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "dns",
    carrier: Carrier::Datagram,
    recognise: recognise_datagram,
    dissector: || Box::new(Talk::default()),
};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "dns",
    carrier: Carrier::Stream,
    recognise: recognise_stream,
    dissector: || {
        Box::new(Talk {
            stream: Some([Vec::new(), Vec::new()]),
            ..Talk::default()
        })
    },
};

/// Ports where names are asked for: elsewhere, a message has to be whole and without a fault.
const PORTS: &[u16] = &[53, 137, 5353, 5355];
/// Types of NetBIOS (RFC 1002 4.2.1.2): a name, and what a host says of itself; the second is that of SRV elsewhere.
const NETBIOS: u16 = 32;
const NETBIOS_STATUS: u16 = 33;
/// Questions that wait for an answer.
const MOST_OPEN: usize = 256;
/// Bytes of memory that one needs, with its name.
const EACH: usize = 192;
/// Answers that are kept of one message.
const MOST_ANSWERS: usize = 200;
/// Bytes of text that are kept of the answers of one message, at once and for each of its bytes: names are short where they
/// point to others.
const TEXT_AT_ONCE: usize = 2 << 10;
const TEXT_FOR_EACH: usize = 8;
/// Octets of a name (RFC 1035 2.3.4).
const LONGEST_NAME: usize = 255;
/// Pointers within one name: more than it can have labels.
const MOST_POINTERS: usize = 128;
/// Octets of data that are kept of a record that is not text.
const LONGEST_DATA: usize = 1_024;

/// The header of a message.
#[derive(Clone, Copy, Debug)]
struct Header {
    id: u16,
    flags: u16,
    questions: u16,
    answers: u16,
    others: u32,
}

impl Header {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        Some(Self {
            id: cursor.be16()?,
            flags: cursor.be16()?,
            questions: cursor.be16()?,
            answers: cursor.be16()?,
            others: u32::from(cursor.be16()?) + u32::from(cursor.be16()?),
        })
    }

    const fn is_reply(self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// Whether such a header is ever sent.
    fn is_plausible(self) -> bool {
        let operation = self.flags >> 11 & 0x0f;
        let is_known = matches!(operation, 0 | 1 | 2 | 4 | 5 | 6 | 8);
        let records = u32::from(self.questions) + u32::from(self.answers) + self.others;
        is_known && self.questions <= 16 && (1..=1_000).contains(&records)
    }
}

fn recognise_datagram(opening: &Opening<'_>) -> Guess {
    let first = if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    };
    Guess::only_if(is_message(first, PORTS.contains(&opening.port)))
}

fn recognise_stream(opening: &Opening<'_>) -> Guess {
    let first = if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    };
    let mut cursor = Cursor::new(first);
    let Some(length) = cursor.be16() else {
        return Guess::Perhaps;
    };
    if length < 17 {
        return Guess::No;
    }
    let mut header = cursor;
    match (Header::read(&mut header), cursor.take(length.into())) {
        (Some(header), _) if !header.is_plausible() => Guess::No,
        (_, Some(message)) => Guess::only_if(is_message(message, false)),
        _ => Guess::Perhaps,
    }
}

/// Whether bytes are a message. Where it is expected, the first question is enough.
fn is_message(bytes: &[u8], is_expected: bool) -> bool {
    let mut cursor = Cursor::new(bytes);
    let Some(header) = Header::read(&mut cursor).filter(|header| header.is_plausible()) else {
        return false;
    };
    for _ in 0..header.questions {
        let is_whole = name(bytes, &mut cursor).is_some() && cursor.be16().is_some();
        let class = cursor.be16().filter(|_| is_whole);
        // mDNS asks for an answer to itself alone by the highest bit.
        if !class.is_some_and(|class| matches!(class & 0x7fff, 1 | 3 | 4 | 254 | 255)) {
            return false;
        }
        if is_expected {
            return true;
        }
    }
    let records = u32::from(header.answers) + header.others;
    (0..records).all(|_| record(bytes, &mut cursor).is_some()) && (is_expected || cursor.is_empty())
}

/// What was asked and is not answered yet.
#[derive(Debug)]
struct Question {
    began: Here,
    side: Side,
    dns: Dns,
}

/// The questions of a flow.
#[derive(Debug, Default)]
struct Talk {
    open: VecDeque<Question>,
    /// Over TCP, what is not whole yet.
    stream: Option<[Vec<u8>; 2]>,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let Some(mut stream) = self.stream.take() else {
            self.message(side, bytes, context);
            return Heard::More;
        };
        let [originator, responder] = &mut stream;
        let held = if side == Side::Originator {
            originator
        } else {
            responder
        };
        held.extend_from_slice(bytes);
        let mut cursor = Cursor::new(held);
        let mut done = 0;
        while let Some(message) = cursor.behind16() {
            self.message(side, message, context);
            done = cursor.at();
        }
        held.drain(..done);
        self.stream = Some(stream);
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        for question in std::mem::take(&mut self.open) {
            context.say(question.began, Exchange::Dns(Box::new(question.dns)));
        }
    }

    fn memory(&self) -> usize {
        self.stream.iter().flatten().map(Vec::capacity).sum::<usize>() + self.open.len() * EACH
    }
}

impl Talk {
    fn message(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) {
        let mut cursor = Cursor::new(bytes);
        let Some(header) = Header::read(&mut cursor).filter(|header| header.is_plausible()) else {
            return;
        };
        let Some(dns) = question(bytes, &header, &mut cursor) else {
            return;
        };
        if !header.is_reply() {
            let is_again = |open: &Question| open.side == side && open.dns == dns;
            if self.open.iter().any(is_again) {
                return;
            }
            if self.open.len() >= MOST_OPEN
                && let Some(oldest) = self.open.pop_front()
            {
                context.say(oldest.began, Exchange::Dns(Box::new(oldest.dns)));
            }
            self.open.push_back(Question {
                began: context.here,
                side,
                dns,
            });
            return;
        }
        let is_meant = |open: &Question| {
            open.side != side && open.dns.id == dns.id && open.dns.kind == dns.kind && open.dns.query == dns.query
        };
        let asked = self.open.iter().position(is_meant).and_then(|at| self.open.remove(at));
        let reply = DnsReply {
            frame: context.here.frame,
            code: header.flags & 0x0f,
            after: asked.as_ref().map(|asked| context.here.time.since(asked.began.time)),
            authoritative: header.flags & 0x0400 != 0,
            truncated: header.flags & 0x0200 != 0,
            recursion_available: header.flags & 0x0080 != 0,
            answers: answers(bytes, &header, &mut cursor),
        };
        let (began, mut dns) = asked.map_or((context.here, dns), |asked| (asked.began, asked.dns));
        dns.reply = Some(reply);
        context.say(began, Exchange::Dns(Box::new(dns)));
    }
}

/// The first question of a message; the others are gone through.
fn question<'m>(bytes: &'m [u8], header: &Header, cursor: &mut Cursor<'m>) -> Option<Dns> {
    let mut first = None;
    for _ in 0..header.questions {
        let query = name(bytes, cursor)?;
        let (kind, class) = (cursor.be16()?, cursor.be16()?);
        first.get_or_insert((query, kind, class & 0x7fff));
    }
    // Answers that nobody asked for (mDNS) have no question: they are about the name of the first of them.
    let (query, kind, class) = match first {
        Some(first) => first,
        None => {
            let mut ahead = *cursor;
            let query = name(bytes, &mut ahead)?;
            (query, ahead.be16()?, ahead.be16()? & 0x7fff)
        }
    };
    Some(Dns {
        id: header.id,
        query: Untrusted::new(meant(query, kind)),
        kind: DnsType(kind),
        class: DnsClass(class),
        asked: !header.is_reply(),
        recursion_desired: header.flags & 0x0100 != 0,
        reply: None,
    })
}

/// A name as it is meant where such types are asked for.
fn meant(name: String, kind: u16) -> String {
    match kind {
        NETBIOS | NETBIOS_STATUS => netbios(&name).unwrap_or(name),
        _ => name,
    }
}

/// A name of NetBIOS without the blanks that fill it up and the octet behind them that says what for it stands (RFC 1001
/// 14.1); none of what is none. Each octet is two letters, half of it each.
fn netbios(query: &str) -> Option<String> {
    let label = query.split('.').next()?;
    let (pairs, rest) = label.as_bytes().as_chunks::<2>();
    if pairs.len() != 16 || !rest.is_empty() || !label.bytes().all(|letter| (b'A'..=b'P').contains(&letter)) {
        return None;
    }
    let octets: Vec<u8> = pairs
        .iter()
        .map(|[high, low]| (high - b'A') << 4 | (low - b'A'))
        .collect();
    let name = octets.get(..15)?;
    let end = name
        .iter()
        .rposition(|octet| !matches!(octet, b' ' | 0))
        .map_or(0, |last| last + 1);
    let mut text = String::new();
    name.iter().take(end).for_each(|byte| octet(*byte, &mut text));
    Some(text)
}

fn answers<'m>(bytes: &'m [u8], header: &Header, cursor: &mut Cursor<'m>) -> Vec<DnsAnswer> {
    let wanted = usize::from(header.answers).min(MOST_ANSWERS);
    let mut room = TEXT_AT_ONCE + bytes.len() * TEXT_FOR_EACH;
    let records = std::iter::from_fn(|| record(bytes, cursor));
    let answers = records.take(wanted).map_while(|record| {
        let answer = record.answer(bytes);
        room = room.checked_sub(answer.name.raw().len() + answer.data.raw().len())?;
        Some(answer)
    });
    answers.collect()
}

/// A record as it stands in its message.
struct Record {
    name: String,
    kind: u16,
    ttl: u32,
    /// Where its data begin.
    from: usize,
    length: usize,
}

fn record<'m>(bytes: &'m [u8], cursor: &mut Cursor<'m>) -> Option<Record> {
    let name = name(bytes, cursor)?;
    let (kind, _class, ttl) = (cursor.be16()?, cursor.be16()?, cursor.be32()?);
    let length = usize::from(cursor.be16()?);
    let from = cursor.at();
    cursor.take(length)?;
    Some(Record {
        name,
        kind,
        ttl,
        from,
        length,
    })
}

impl Record {
    fn answer(self, message: &[u8]) -> DnsAnswer {
        let data = message.get(self.from..self.from + self.length).unwrap_or_default();
        // Names may point to anywhere before them in the message.
        let named = |skip: usize| {
            let mut cursor = Cursor::new(message);
            cursor.take(self.from + skip)?;
            name(message, &mut cursor)
        };
        let text = match (self.kind, data) {
            // What stands for it comes before the address (RFC 1002 4.2.1.3).
            (1, &[a, b, c, d]) | (NETBIOS, &[_, _, a, b, c, d]) => Some(Ipv4Addr::new(a, b, c, d).to_string()),
            (28, data) => <[u8; 16]>::try_from(data)
                .ok()
                .map(|address| Ipv6Addr::from(address).to_string()),
            (2 | 5 | 6 | 12 | 39, _) => named(0),
            (15, _) => named(2),
            (33, _) => named(6),
            (16 | 99, data) => Some(strings(data)),
            _ => None,
        };
        let text = text.unwrap_or_else(|| digest_hex(data.get(..LONGEST_DATA).unwrap_or(data)));
        DnsAnswer {
            name: Untrusted::new(meant(self.name, self.kind)),
            kind: DnsType(self.kind),
            ttl: self.ttl,
            data: Untrusted::new(text),
        }
    }
}

/// The strings of a TXT, one after another.
fn strings(data: &[u8]) -> String {
    let mut cursor = Cursor::new(data);
    let mut text = Vec::new();
    while let Some(string) = cursor.behind8() {
        text.extend_from_slice(string);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A name, with what is not printable escaped; none of what is no name.
fn name<'m>(message: &'m [u8], cursor: &mut Cursor<'m>) -> Option<String> {
    let mut text = String::with_capacity(32);
    let mut octets = 0;
    let mut pointers = 0;
    // Where labels are read once a pointer led elsewhere, and before where the next has to lead.
    let mut elsewhere: Option<Cursor<'m>> = None;
    let mut before = cursor.at();
    loop {
        let from = match &mut elsewhere {
            Some(there) => there,
            None => &mut *cursor,
        };
        let length = from.u8()?;
        match length {
            0 => return Some(text),
            1..=0x3f => {
                let label = from.take(length.into())?;
                octets += label.len() + 1;
                if octets >= LONGEST_NAME {
                    return None;
                }
                if !text.is_empty() {
                    text.push('.');
                }
                label.iter().for_each(|byte| octet(*byte, &mut text));
            }
            0xc0.. => {
                let target = usize::from(length & 0x3f) << 8 | usize::from(from.u8()?);
                pointers += 1;
                if target >= before || pointers > MOST_POINTERS {
                    return None;
                }
                before = target;
                let mut there = Cursor::new(message);
                there.take(target)?;
                elsewhere = Some(there);
            }
            _ => return None,
        }
    }
}

/// An octet of a label in the form of RFC 4343.
fn octet(byte: u8, text: &mut String) {
    match byte {
        b'.' | b'\\' => {
            text.push('\\');
            text.push(char::from(byte));
        }
        0x21..=0x7e => text.push(char::from(byte)),
        _ => {
            let _ = write!(text, "\\{byte:03}");
        }
    }
}
