//! Matched bytes as a person can read them.

use std::fmt::Write;
use watchfire_model::Untrusted;

/// Longest excerpt. Bytes of what matched.
pub(crate) const LONGEST: usize = 64;

/// Text where it is text, in one byte or two for each character; else two hexadecimal digits for each byte. `…` where
/// more matched than `bytes` are.
pub(crate) fn excerpt(bytes: &[u8], is_cut: bool) -> Untrusted {
    let mut shown = text(bytes, is_cut)
        .or_else(|| wide(bytes))
        .unwrap_or_else(|| hexadecimal(bytes));
    if is_cut {
        shown.push('…');
    }
    Untrusted::new(shown)
}

fn is_plain(c: char) -> bool {
    !c.is_control() || matches!(c, '\t' | '\r' | '\n')
}

/// UTF-8, whose last character may be halved where it was cut.
fn text(bytes: &[u8], is_cut: bool) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if is_cut && error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    text.chars().all(is_plain).then(|| text.to_owned())
}

/// What `wide` strings match: ASCII with a zero behind each.
fn wide(bytes: &[u8]) -> Option<String> {
    let mut shown = String::new();
    for pair in bytes.chunks(2) {
        match pair {
            [byte, 0] | [byte] if byte.is_ascii() && is_plain(char::from(*byte)) => shown.push(char::from(*byte)),
            _ => return None,
        }
    }
    (bytes.len() > 1).then_some(shown)
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len() * 3);
    for (at, byte) in bytes.iter().enumerate() {
        let gap = if at == 0 { "" } else { " " };
        let _ = write!(shown, "{gap}{byte:02x}");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_text_and_the_rest_as_digits() {
        for (bytes, is_cut, expected) in [
            (&b"IEX (New"[..], false, "IEX (New"),
            (b"I\0E\0X\0", false, "IEX"),
            (b"I\0E\0X", true, "IEX…"),
            (b"MZ\x90\0", false, "4d 5a 90 00"),
            (b"\0", false, "00"),
            ("é".as_bytes(), false, "é"),
            (b"a\xc3", true, "a…"),
            (b"a\xc3", false, "61 c3"),
            (b"", false, ""),
        ] {
            assert_eq!(excerpt(bytes, is_cut).raw(), expected, "{bytes:?}");
        }
    }
}
