//! Texts, times and names as Windows writes them (MS-DTYP).

use std::fmt::Write;
use watchfire_model::{Timestamp, Untrusted};

/// Bytes of one text that are read.
const LONGEST_TEXT: usize = 8 << 10;

/// Text of UTF-16, the lowest byte first, until its end or the first zero.
pub(crate) fn utf16(bytes: &[u8]) -> String {
    let (units, _) = bytes.get(..LONGEST_TEXT).unwrap_or(bytes).as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    char::decode_utf16(units.take_while(|unit| *unit != 0))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Text of UTF-16, or nothing where there is none.
pub(crate) fn wide(bytes: &[u8]) -> Option<Untrusted> {
    Some(utf16(bytes)).filter(|text| !text.is_empty()).map(Untrusted::from)
}

/// Text of one byte a character until its end or the first zero, or nothing where there is none.
pub(crate) fn narrow(bytes: &[u8]) -> Option<Untrusted> {
    let text = bytes.get(..LONGEST_TEXT).unwrap_or(bytes);
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    (!text.is_empty()).then(|| Untrusted::from_bytes(text))
}

/// A time in tenths of microseconds since 1601; nothing where it is none that can be told.
pub(crate) fn filetime(ticks: u64) -> Option<Timestamp> {
    const BEFORE_1970: u64 = 116_444_736_000_000_000;
    let since = i64::try_from(ticks.checked_sub(BEFORE_1970)?).ok()?;
    since.checked_mul(100).map(Timestamp::from_nanoseconds)
}

/// An identifier as it is written: the first three parts stand with their lowest byte first.
pub(crate) fn guid(bytes: &[u8; 16]) -> String {
    let &[a, b, c, d, e, f, g, h, ref rest @ ..] = bytes;
    let mut text = format!(
        "{:08x}-{:04x}-{:04x}-",
        u32::from_le_bytes([a, b, c, d]),
        u16::from_le_bytes([e, f]),
        u16::from_le_bytes([g, h]),
    );
    for (at, byte) in rest.iter().enumerate() {
        if at == 2 {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_end_at_a_zero_and_broken_ones_are_shown() {
        assert_eq!(utf16(b"A\0\xfc\0\0\0B\0"), "Aü");
        assert_eq!(utf16(b"\x00\xd8A\0B"), "\u{fffd}A");
        assert_eq!(wide(b"\0\0"), None);
        assert_eq!(narrow(b"C:\\X\0Y"), Some(Untrusted::from("C:\\X")));
        assert_eq!(narrow(b"\0"), None);
    }

    #[test]
    fn times_count_from_1601() {
        assert_eq!(
            filetime(116_444_736_000_000_001),
            Some(Timestamp::from_nanoseconds(100))
        );
        assert_eq!(filetime(0), None);
        assert_eq!(filetime(u64::MAX), None);
    }

    #[test]
    fn identifiers_are_written_as_microsoft_does() {
        let bytes = [
            0xc8, 0x4f, 0x32, 0x4b, 0x70, 0x16, 0xd3, 0x01, 0x12, 0x78, 0x5a, 0x47, 0xbf, 0x6e, 0xe1, 0x88,
        ];
        assert_eq!(guid(&bytes), "4b324fc8-1670-01d3-1278-5a47bf6ee188");
    }
}
