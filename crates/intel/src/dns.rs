//! Messages of the DNS (RFC 1035), as far as asking for addresses, names, mail servers and texts needs them.
//!
//! Pure: bytes in, records out; [`crate::transport`] carries them. Several questions and their answers travel as one
//! body, each with its length before it as over TCP (section 4.2.2); an answer that did not come has no length.
//! Questions announce 1,232 bytes by EDNS (RFC 6891). Names are read with their compression, whose pointers may only
//! lead backwards, and shown as zone files write them. Not here: validation of signatures (DNSSEC), zone transfers,
//! updates.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest name, as it travels. Bytes.
const LONGEST_NAME: usize = 255;
/// What an answer by datagram may be long. Bytes.
const PAYLOAD: u16 = 1232;
/// Most records that are read of one answer.
const MOST: usize = 256;

/// A type of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type(pub(crate) u16);

impl Type {
    pub(crate) const A: Self = Self(1);
    pub(crate) const NS: Self = Self(2);
    pub(crate) const CNAME: Self = Self(5);
    pub(crate) const PTR: Self = Self(12);
    pub(crate) const MX: Self = Self(15);
    pub(crate) const TXT: Self = Self(16);
    pub(crate) const AAAA: Self = Self(28);
}

/// How a question ended (section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) u8);

impl Code {
    pub(crate) const NO_ERROR: Self = Self(0);
    pub(crate) const SERVER_FAILURE: Self = Self(2);
    pub(crate) const NO_SUCH_NAME: Self = Self(3);
    pub(crate) const REFUSED: Self = Self(5);
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    /// A and AAAA.
    Address(IpAddr),
    /// NS and PTR.
    Name(String),
    /// MX: lower numbers go first.
    Mail(u16, String),
    /// TXT: its strings joined.
    Text(String),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) code: Code,
    /// The records of the type that was asked for, in their order.
    pub(crate) records: Vec<Data>,
}

/// A question about `name`, with the identifier 0 that whoever sends it replaces. Nothing for what is no name.
pub(crate) fn question(name: &str, kind: Type) -> Option<Vec<u8>> {
    // Recursion is desired; one question, and one additional record: EDNS.
    let mut out = vec![0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    let start = out.len();
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len())
            .ok()
            .filter(|length| (1..64).contains(length))?;
        out.push(length);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    if out.len() - start > LONGEST_NAME {
        return None;
    }
    out.extend_from_slice(&kind.0.to_be_bytes());
    out.extend_from_slice(&[0, 1]);
    let [high, low] = PAYLOAD.to_be_bytes();
    out.extend_from_slice(&[0, 0, 41, high, low, 0, 0, 0, 0, 0, 0]);
    Some(out)
}

/// The name under which an address is looked up (RFC 1035, section 3.5; RFC 3596, section 2.5).
pub(crate) fn reverse(address: IpAddr) -> String {
    let mut out = String::new();
    match address {
        IpAddr::V4(address) => {
            for byte in address.octets().iter().rev() {
                let _infallible = write!(out, "{byte}.");
            }
            out.push_str("in-addr.arpa");
        }
        IpAddr::V6(address) => {
            for byte in address.octets().iter().rev() {
                let _infallible = write!(out, "{:x}.{:x}.", byte & 0xf, byte >> 4);
            }
            out.push_str("ip6.arpa");
        }
    }
    out
}

/// Messages in one body.
pub(crate) fn framed<'m>(messages: impl IntoIterator<Item = &'m [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        let length = u16::try_from(message.len()).unwrap_or(0);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(message.get(..usize::from(length)).unwrap_or_default());
    }
    out
}

/// The messages of one body, up to where it is cut off.
pub(crate) fn frames(mut body: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = body.split_first_chunk()?;
        let (message, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        body = rest;
        Some(message)
    })
}

/// Whether `answer` answers `question`: an answer, with its identifier, about the same name and type.
pub(crate) fn answers(answer: &[u8], question: &[u8]) -> bool {
    let asked = |message: &[u8]| {
        let mut cursor = Cursor { message, at: 12 };
        Some((cursor.name()?.to_ascii_lowercase(), cursor.number()?))
    };
    let is_answer = answer.get(2).is_some_and(|flags| flags & 0x80 != 0);
    is_answer && answer.get(..2) == question.get(..2) && asked(answer).is_some() && asked(answer) == asked(question)
}

/// Whether an answer is cut, and the whole is to be had over TCP.
pub(crate) fn is_cut(answer: &[u8]) -> bool {
    answer.get(2).is_some_and(|flags| flags & 0x02 != 0)
}

/// Reads an answer. Nothing where it is not a whole one.
pub(crate) fn read(message: &[u8]) -> Option<Message> {
    let code = Code(message.get(3)? & 0x0f);
    let mut cursor = Cursor { message, at: 4 };
    let (questions, answers) = (cursor.number()?, cursor.number()?);
    cursor.at = 12;
    if questions != 1 {
        return None;
    }
    cursor.name()?;
    let asked = Type(cursor.number()?);
    cursor.number()?;
    let mut records = Vec::new();
    for _ in 0..usize::from(answers).min(MOST) {
        cursor.name()?;
        let (kind, class) = (Type(cursor.number()?), cursor.number()?);
        cursor.skip(4)?;
        let length = usize::from(cursor.number()?);
        let end = cursor.at.checked_add(length).filter(|end| *end <= message.len())?;
        if kind == asked && class == 1 {
            records.push(cursor.data(kind, end)?);
        }
        cursor.at = end;
    }
    Some(Message { code, records })
}

/// A place in a message.
#[derive(Clone, Copy)]
struct Cursor<'m> {
    message: &'m [u8],
    at: usize,
}

impl<'m> Cursor<'m> {
    fn skip(&mut self, count: usize) -> Option<&'m [u8]> {
        let end = self.at.checked_add(count)?;
        let skipped = self.message.get(self.at..end)?;
        self.at = end;
        Some(skipped)
    }

    fn number(&mut self) -> Option<u16> {
        let bytes = self.skip(2)?.first_chunk()?;
        Some(u16::from_be_bytes(*bytes))
    }

    /// A name, without its last dot; the root is `.`.
    fn name(&mut self) -> Option<String> {
        let mut out = String::new();
        let mut place = *self;
        let mut back = None;
        let mut length = 1;
        loop {
            // A pointer leads to before where the name began, or what a pointer led to: no loop is possible.
            let start = place.at;
            loop {
                let first = *place.skip(1)?.first()?;
                match first {
                    0 => {
                        self.at = back.unwrap_or(place.at);
                        return Some(if out.is_empty() { ".".to_owned() } else { out });
                    }
                    1..64 => {
                        length += usize::from(first) + 1;
                        if length > LONGEST_NAME {
                            return None;
                        }
                        let label = place.skip(usize::from(first))?;
                        if !out.is_empty() {
                            out.push('.');
                        }
                        shown(label, b".\\\"", &mut out);
                    }
                    192.. => {
                        let low = *place.skip(1)?.first()?;
                        back = back.or(Some(place.at));
                        let to = usize::from(u16::from_be_bytes([first & 0x3f, low]));
                        if to >= start {
                            return None;
                        }
                        place.at = to;
                        break;
                    }
                    _ => return None,
                }
            }
        }
    }

    fn data(&mut self, kind: Type, end: usize) -> Option<Data> {
        let data = match kind {
            Type::A => Data::Address(Ipv4Addr::from(*self.skip(4)?.first_chunk::<4>()?).into()),
            Type::AAAA => Data::Address(Ipv6Addr::from(*self.skip(16)?.first_chunk::<16>()?).into()),
            Type::MX => Data::Mail(self.number()?, self.name()?),
            Type::TXT => {
                let mut text = String::new();
                while self.at < end {
                    let length = *self.skip(1)?.first()?;
                    shown(self.skip(usize::from(length))?, b"\\", &mut text);
                }
                Data::Text(text)
            }
            _ => Data::Name(self.name()?),
        };
        (self.at == end).then_some(data)
    }
}

/// Bytes as zone files write them (section 5.1): printable ones as they are, `\` before those of `marks`, others as
/// `\DDD`.
fn shown(bytes: &[u8], marks: &[u8], out: &mut String) {
    for byte in bytes {
        match byte {
            byte if marks.contains(byte) => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _infallible = write!(out, "\\{byte:03}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer to a question about `a.test`, with these records behind it.
    fn answer(kind: Type, code: u8, records: &[(Type, &[u8])]) -> Vec<u8> {
        let mut out = question("a.test", kind).unwrap();
        out.truncate(12 + 8 + 4);
        out[2] |= 0x80;
        out[3] = code;
        out[7] = u8::try_from(records.len()).unwrap();
        out[11] = 0;
        for (kind, data) in records {
            out.extend([0xc0, 12]);
            out.extend(kind.0.to_be_bytes());
            out.extend([0, 1, 0, 0, 1, 0]);
            out.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            out.extend(*data);
        }
        out
    }

    #[track_caller]
    fn check(kind: Type, data: &[u8], expected: Option<Data>) {
        let message = answer(kind, 0, &[(Type(5), b"\x01x\x00"), (kind, data)]);
        let read = read(&message).map(|message| message.records);
        assert_eq!(read, expected.map(|data| vec![data]), "{data:?}");
    }

    #[test]
    fn records_are_read() {
        check(Type::A, &[1, 2, 3, 4], Some(Data::Address([1, 2, 3, 4].into())));
        let six = Ipv6Addr::LOCALHOST.octets();
        check(Type::AAAA, &six, Some(Data::Address(Ipv6Addr::LOCALHOST.into())));
        check(
            Type::MX,
            b"\0\x0a\x02mx\xc0\x0c",
            Some(Data::Mail(10, "mx.a.test".to_owned())),
        );
        check(Type::NS, b"\xc0\x0c", Some(Data::Name("a.test".to_owned())));
        check(Type::PTR, b"\0", Some(Data::Name(".".to_owned())));
        check(Type::TXT, b"\x03v=s\x02pf", Some(Data::Text("v=spf".to_owned())));
        check(Type::TXT, b"\x04\x1b[2\\", Some(Data::Text("\\027[2\\\\".to_owned())));
        check(Type::NS, b"\x03a.b\0", Some(Data::Name("a\\.b".to_owned())));
    }

    #[test]
    fn damaged_records_are_none() {
        for (kind, data) in [
            (Type::A, &b"\x01\x02\x03"[..]),
            (Type::A, b"\x01\x02\x03\x04\x05"),
            (Type::TXT, b"\x09short"),
            (Type::NS, b"\xc0\xff"),
            (Type::NS, b"\x41"),
            (Type::MX, b"\0"),
        ] {
            check(kind, data, None);
        }
        // To itself, and to what leads back to it.
        check(Type::NS, b"\xc0\x3d", None);
        check(Type::NS, b"\x01a\xc0\x3d", None);
        let whole = answer(Type::A, 0, &[(Type::A, &[1, 2, 3, 4])]);
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn only_the_answer_to_a_question_counts() {
        let question = question("a.test", Type::A).unwrap();
        let good = answer(Type::A, 0, &[]);
        assert!(answers(&good, &question));
        let mut other = good.clone();
        other[1] = 9;
        assert!(!answers(&other, &question), "another identifier");
        assert!(!answers(&answer(Type::NS, 0, &[]), &question), "another type");
        assert!(!answers(&question, &question), "a question");
        assert!(!answers(&[], &question));
        let mut capitals = good;
        capitals[13] = b'A';
        assert!(answers(&capitals, &question), "names have no case");
    }

    #[test]
    fn names_that_do_not_fit_are_not_asked_about() {
        for name in ["", "a..test", &"a".repeat(64), &format!("{}test", "a.".repeat(126))] {
            assert_eq!(question(name, Type::A), None, "{name}");
        }
        assert_eq!(reverse([8, 8, 4, 4].into()), "4.4.8.8.in-addr.arpa");
        assert!(reverse(Ipv6Addr::LOCALHOST.into()).starts_with("1.0.0.0."));
        assert!(question(&reverse(Ipv6Addr::LOCALHOST.into()), Type::PTR).is_some());
    }

    #[test]
    fn damage_anywhere_is_read_or_refused() {
        let question = question("a.test", Type::MX).unwrap();
        let mail = (Type::MX, &b"\0\x0a\x02mx\xc0\x0c"[..]);
        let whole = answer(Type::MX, 0, &[mail, (Type::TXT, b"\x03abc"), mail]);
        for place in 0..whole.len() {
            for byte in [0, 1, 12, 0x3f, 0x40, 0xc0, 0xff] {
                let mut damaged = whole.clone();
                damaged[place] = byte;
                answers(&damaged, &question);
                let records = read(&damaged).map_or(0, |message| message.records.len());
                assert!(records <= MOST, "byte {byte} at {place}");
            }
        }
    }

    #[test]
    fn bodies_hold_several() {
        let body = framed([&b"ab"[..], b"", b"c"]);
        assert_eq!(frames(&body).collect::<Vec<_>>(), [&b"ab"[..], b"", b"c"]);
        assert_eq!(frames(&body[..3]).count(), 0);
    }
}
