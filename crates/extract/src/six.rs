//! IPv6 addresses whose colons stand in brackets: `2001[:]db8[:][:]7`.

use crate::found::{Found, Sink};
use crate::reader::{Reader, is_edge};
use crate::separator;
use crate::text::{DIGIT, HEX, Text, is};
use std::net::Ipv6Addr;
use watchfire_model::{Confidence, ObservableType, Via};

/// Longest text of an address.
const MOST: usize = 46;

/// An address and where it ends.
pub(crate) struct Six {
    clean: [u8; MOST],
    length: usize,
    pub(crate) end: usize,
    /// Some colon or dot was in brackets.
    pub(crate) defanged: bool,
}

impl Six {
    /// Reads hexadecimal digits, colons and dots, brackets around them or not.
    pub(crate) fn read(text: Text<'_>, start: usize) -> Option<Self> {
        let mut six = Self {
            clean: [0; MOST],
            length: 0,
            end: start,
            defanged: false,
        };
        while six.step(text) {}
        let address = std::str::from_utf8(six.clean()).ok()?.parse::<Ipv6Addr>().ok()?;
        (!address.is_unspecified()).then_some(six)
    }

    fn step(&mut self, text: Text<'_>) -> bool {
        let next = text.at(self.end + 1);
        let (taken, bracketed) = match (text.at(self.end), next) {
            (b'[' | b'(' | b'{', b':' | b'.') if closes(text.at(self.end + 2)) => (1, true),
            (b'[' | b'(' | b'{', b':') if text.at(self.end + 2) == b':' && closes(text.at(self.end + 3)) => (2, true),
            // The end of a sentence is no part of an address.
            (b':' | b'.', _) if !is(next, HEX) && !matches!(next, b':' | b'[' | b'(' | b'{') => (0, false),
            (b':' | b'.', _) => (1, false),
            (byte, _) if is(byte, HEX) => (1, false),
            _ => (0, false),
        };
        for i in 0..taken {
            let Some(slot) = self.clean.get_mut(self.length) else {
                return false;
            };
            *slot = text.at(self.end + i + usize::from(bracketed));
            self.length += 1;
        }
        self.end += taken + 2 * usize::from(bracketed);
        self.defanged |= bracketed;
        taken > 0
    }

    /// The address without brackets.
    pub(crate) fn clean(&self) -> &[u8] {
        self.clean.get(..self.length).unwrap_or(&[])
    }
}

fn closes(byte: u8) -> bool {
    matches!(byte, b']' | b')' | b'}')
}

/// A defanged address at `start`, with its prefix length or port; returns its end.
pub(crate) fn defanged<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    let before = text.before(start);
    if !reader.policy.refang || !is_edge(before) || before == b':' {
        return None;
    }
    let six = Six::read(text, start).filter(|six| six.defanged && is_edge(text.at(six.end)))?;
    let enclosed = before == b'[' && text.at(six.end) == b']';
    let (kind, whole) = if let Some(end) = port(text, six.end + 1).filter(|_| enclosed) {
        (ObservableType::Socket, end)
    } else if let Some(end) = prefix(text, six.end) {
        (ObservableType::Ipv6Cidr, end)
    } else {
        (ObservableType::Ipv6, six.end)
    };
    let via = match kind {
        ObservableType::Socket => Some(Via::Socket),
        ObservableType::Ipv6Cidr => Some(Via::Network),
        _ => None,
    };
    if via.is_some() {
        let socket = kind == ObservableType::Socket;
        let digits = text.skip_back(whole, six.end, DIGIT);
        reader.scratch.clear();
        reader.scratch.extend_from_slice(if socket { b"[" } else { b"" });
        reader.scratch.extend_from_slice(six.clean());
        reader.scratch.extend_from_slice(if socket { b"]:" } else { b"/" });
        reader.scratch.extend_from_slice(text.slice(digits, whole));
        if reader.types.contains(kind) {
            let found = Found::new(kind, reader.scratch, start - usize::from(socket), whole).defanged(true);
            reader.sink.found(found);
        }
    }
    if via.is_none() || reader.policy.parts {
        let mut found = Found::new(ObservableType::Ipv6, six.clean(), start, six.end)
            .because(Confidence::High, "defanged")
            .defanged(true);
        found.via = via;
        reader.emit(found);
    }
    Some(whole)
}

/// `:443`, `[:]443` behind the closing bracket.
fn port(text: Text<'_>, at: usize) -> Option<usize> {
    let colon = separator::port_colon(text, at)?;
    let end = text.skip(colon.end, colon.end + 6, DIGIT);
    (end > colon.end && is_edge(text.at(end))).then_some(end)
}

/// `/64`
fn prefix(text: Text<'_>, at: usize) -> Option<usize> {
    let end = text.skip(at + 1, at + 5, DIGIT);
    (text.at(at) == b'/' && end > at + 1 && is_edge(text.at(end))).then_some(end)
}
