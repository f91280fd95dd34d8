//! Values of binary XML, by their type.

use super::super::record::RawValue;
use crate::bytes::{le16, le32, le64, piece};
use std::fmt::Write as _;

/// A value and where it stands in its chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) kind: u8,
    pub(super) at: usize,
    pub(super) len: usize,
}

/// UTF-16 in little endian, without zeros at its end. Halves of letters are U+FFFD.
pub(super) fn utf16(bytes: &[u8], out: &mut String) {
    let (mut units, _) = bytes.as_chunks::<2>();
    while let Some((last, rest)) = units.split_last() {
        if *last != [0, 0] {
            break;
        }
        units = rest;
    }
    // Nearly all text is ASCII: thirty-two letters at a time.
    let mut narrow = [0_u8; 32];
    while !units.is_empty() {
        let (now, rest) = units.split_at_checked(32).unwrap_or((units, &[]));
        let mut high = 0_u8;
        for (to, [low, top]) in narrow.iter_mut().zip(now) {
            *to = *low;
            high |= *top | (*low & 0x80);
        }
        let plain = narrow.get(..now.len()).unwrap_or_default();
        match std::str::from_utf8(plain) {
            Ok(text) if high == 0 => out.push_str(text),
            _ => break,
        }
        units = rest;
    }
    let letters = char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit)));
    out.extend(letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

impl Value {
    fn bytes<'a>(&self, chunk: &'a [u8]) -> &'a [u8] {
        piece(chunk, self.at, self.len)
    }

    /// The value; text of it goes into `scratch`.
    #[inline]
    pub(super) fn typed(&self, chunk: &[u8], scratch: &mut String) -> RawValue {
        let bytes = self.bytes(chunk);
        let number = match (self.kind, bytes) {
            (0x00, _) => return RawValue::Null,
            (0x03, [byte, ..]) => Some(i64::from(*byte as i8)),
            (0x04, [byte, ..]) => Some(i64::from(*byte)),
            (0x05, _) => le16(bytes, 0).map(|value| i64::from(value as i16)),
            (0x06, _) => le16(bytes, 0).map(i64::from),
            (0x07, _) => le32(bytes, 0).map(|value| i64::from(value as i32)),
            (0x08, _) => le32(bytes, 0).map(i64::from),
            (0x09, _) => le64(bytes, 0).map(|value| value as i64),
            (0x0a, _) => le64(bytes, 0).and_then(|value| i64::try_from(value).ok()),
            (0x0b, _) => {
                let float = le32(bytes, 0).map(f32::from_bits).filter(|float| float.is_finite());
                return float.map_or(RawValue::Null, |float| RawValue::Float(f64::from(float)));
            }
            (0x0c, _) => {
                let float = le64(bytes, 0).map(f64::from_bits).filter(|float| float.is_finite());
                return float.map_or(RawValue::Null, RawValue::Float);
            }
            (0x0d, _) => return le32(bytes, 0).map_or(RawValue::Null, |is| RawValue::Bool(is != 0)),
            _ => None,
        };
        if let Some(number) = number {
            return RawValue::Integer(number);
        }
        // A number with too few bytes is none; only 64 bits without a sign may be too large for one.
        if (0x03..=0x09).contains(&self.kind) {
            return RawValue::Null;
        }
        let start = scratch.len();
        self.write(chunk, scratch);
        RawValue::Scratch(start as u32, scratch.len().saturating_sub(start) as u32)
    }

    /// Writes it as text.
    pub(super) fn write(&self, chunk: &[u8], out: &mut String) {
        let bytes = self.bytes(chunk);
        match self.kind {
            0x01 => utf16(bytes, out),
            0x02 => {
                let end = bytes
                    .iter()
                    .rposition(|byte| *byte != 0)
                    .map_or(0, |at| at.saturating_add(1));
                super::super::encoding::code_page(bytes.get(..end).unwrap_or_default(), out);
            }
            0x0a => put(out, le64(bytes, 0)),
            0x0e => hex(bytes, out),
            0x0f => guid(bytes, out),
            0x10 if self.len == 8 => put_hex(out, le64(bytes, 0)),
            0x10 | 0x14 => put_hex(out, le32(bytes, 0).map(u64::from)),
            0x15 => put_hex(out, le64(bytes, 0)),
            0x11 => time(bytes, out),
            0x12 => system_time(bytes, out),
            0x13 => sid(bytes, out),
            0x00 => {}
            kind if kind & 0x80 != 0 => {
                let mut first = true;
                self.each(chunk, &mut |one| {
                    if !first {
                        out.push_str(", ");
                    }
                    first = false;
                    out.push_str(one);
                });
            }
            0x03..=0x0d => match self.typed(chunk, &mut String::new()) {
                RawValue::Integer(number) => put(out, Some(number)),
                RawValue::Float(number) => put(out, Some(number)),
                RawValue::Bool(is) => put(out, Some(is)),
                _ => {}
            },
            // A type that nobody has described.
            _ => hex(bytes, out),
        }
    }

    /// The values of an array, one by one, as text.
    pub(super) fn each(&self, chunk: &[u8], give: &mut dyn FnMut(&str)) {
        let bytes = self.bytes(chunk);
        let kind = self.kind & 0x7f;
        let mut text = String::new();
        if kind == 0x01 {
            // Texts stand one behind the other, each with a zero at its end.
            let (units, _) = bytes.as_chunks::<2>();
            let mut texts: Vec<&[[u8; 2]]> = units.split(|unit| *unit == [0, 0]).collect();
            if texts.last().is_some_and(|last| last.is_empty()) {
                texts.pop();
            }
            for one in texts {
                text.clear();
                utf16(one.as_flattened(), &mut text);
                give(&text);
            }
            return;
        }
        let len = match kind {
            0x03 | 0x04 => 1,
            0x05 | 0x06 => 2,
            0x07 | 0x08 | 0x0b | 0x0d | 0x14 => 4,
            0x09 | 0x0a | 0x0c | 0x11 | 0x15 => 8,
            0x0f | 0x12 => 16,
            _ => self.len.max(1),
        };
        let mut at = self.at;
        let end = self.at.saturating_add(bytes.len());
        while at < end {
            text.clear();
            Value { kind, at, len }.write(chunk, &mut text);
            give(&text);
            at = at.saturating_add(len);
        }
    }
}

fn put(out: &mut String, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        let _ = write!(out, "{value}");
    }
}

fn put_hex(out: &mut String, value: Option<u64>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let Some(value) = value else { return };
    out.push_str("0x");
    let digits = (64_u32.saturating_sub(value.leading_zeros()).div_ceil(4)).max(1);
    for place in (0..digits).rev() {
        let digit = (value >> (place * 4)) & 0xf;
        out.push(DIGITS.get(digit as usize).copied().map_or('0', char::from));
    }
}

fn nibbles(byte: u8, digits: &[u8; 16], out: &mut String) {
    for digit in [byte >> 4, byte & 0xf] {
        out.push(digits.get(usize::from(digit)).copied().map_or('0', char::from));
    }
}

fn hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        nibbles(*byte, b"0123456789ABCDEF", out);
    }
}

/// `{54849625-5478-4994-a5ba-3e3b0328c30d}`: the first three numbers are in little endian.
fn guid(bytes: &[u8], out: &mut String) {
    let Some([a, b, c, d, e, f, g, h, rest @ ..]) = bytes.first_chunk::<16>() else {
        return;
    };
    out.push('{');
    for (index, byte) in [d, c, b, a, f, e, h, g].into_iter().chain(rest).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        nibbles(*byte, b"0123456789abcdef", out);
    }
    out.push('}');
}

/// `S-1-5-21-…`, [MS-DTYP] 2.4.2.
fn sid(bytes: &[u8], out: &mut String) {
    let Some([revision, count, authority @ ..]) = bytes.first_chunk::<8>() else {
        return;
    };
    let authority = authority.iter().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    let _ = write!(out, "S-{revision}-{authority}");
    let parts = bytes.get(8..).unwrap_or_default().as_chunks::<4>().0;
    for part in parts.iter().take(usize::from(*count)) {
        let _ = write!(out, "-{}", u32::from_le_bytes(*part));
    }
}

/// Two digits, and more where the number has more.
fn digits(out: &mut String, value: u64, places: u32) {
    for place in (0..places).rev() {
        let digit = (value / 10_u64.pow(place)) % 10;
        out.push(char::from(b'0'.wrapping_add(digit as u8)));
    }
}

/// As Windows writes it: seven digits of a second.
fn time(bytes: &[u8], out: &mut String) {
    let Some(ticks) = le64(bytes, 0) else { return };
    let Some(time) = super::filetime(ticks) else {
        return put(out, Some(ticks));
    };
    let second = time.at.moment();
    let (year, month, day) = second.date().parts();
    let of_day = second.unix().rem_euclid(86_400) as u64;
    digits(out, u64::from(year), 4);
    out.push('-');
    digits(out, u64::from(month), 2);
    out.push('-');
    digits(out, u64::from(day), 2);
    out.push('T');
    digits(out, of_day / 3600, 2);
    out.push(':');
    digits(out, of_day / 60 % 60, 2);
    out.push(':');
    digits(out, of_day % 60, 2);
    out.push('.');
    digits(out, ticks % 10_000_000, 7);
    out.push('Z');
}

fn system_time(bytes: &[u8], out: &mut String) {
    let part = |index: usize| le16(bytes, index * 2).map_or(0, u64::from);
    for (index, places, mark) in [
        (0, 4, '-'),
        (1, 2, '-'),
        (3, 2, 'T'),
        (4, 2, ':'),
        (5, 2, ':'),
        (6, 2, '.'),
        (7, 3, 'Z'),
    ] {
        digits(out, part(index), places);
        out.push(mark);
    }
}
