//! Fields of messages as they are kept: text of bounded length, numbers in hexadecimal.

use watchfire_model::{Untrusted, digest_hex};

/// Bytes of a text that are kept.
const LONGEST: usize = 256;

/// Bytes of a path that are kept.
const LONGEST_PATH: usize = 1_024;

/// Text without what fills it up.
pub(super) fn text(bytes: &[u8]) -> Untrusted {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    Untrusted::from_bytes(bytes.get(..end.min(LONGEST)).unwrap_or_default())
}

/// Text, where there is some.
pub(super) fn filled(bytes: &[u8]) -> Option<Untrusted> {
    Some(text(bytes)).filter(|text| !text.is_empty())
}

/// A path, or what stands for one, as far as one is kept: what a session knows is said with each of its exchanges.
pub(super) fn path(text: String) -> Untrusted {
    Untrusted::from(text.get(..text.floor_char_boundary(LONGEST_PATH)).unwrap_or_default())
}

/// Digits, two for each byte.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    digest_hex(bytes.get(..LONGEST).unwrap_or(bytes))
}

/// A name of DNS (RFC 1035 3.1) without pointers, and what stands behind it; none of what is none.
pub(super) fn labels(bytes: &[u8]) -> Option<(Untrusted, &[u8])> {
    let mut name = Vec::new();
    let mut rest = bytes;
    loop {
        let (length, behind) = rest.split_first()?;
        if *length == 0 {
            return Some((text(&name), behind));
        }
        let (label, behind) = behind.split_at_checked(usize::from(*length)).filter(|_| *length < 64)?;
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(label);
        if name.len() > LONGEST {
            return None;
        }
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_bounded_and_without_what_fills_it_up() {
        assert_eq!(text(b"printer\0\0").raw(), "printer");
        assert_eq!(text(&[b'a'; 1_000]).raw().len(), LONGEST);
        assert_eq!(filled(b"\0\0"), None);
        assert_eq!(path("a/é".repeat(500)).raw().len(), LONGEST_PATH);
        assert_eq!(path(format!("a{}", "é".repeat(600))).raw().len(), LONGEST_PATH - 1);
    }

    #[test]
    fn names_end_with_an_empty_label() {
        let (name, rest) = labels(b"\x04host\x07example\0rest").expect("a name");
        assert_eq!((name.raw(), rest), ("host.example", b"rest".as_slice()));
        assert_eq!(labels(b"\x04host"), None);
        assert_eq!(labels(b"\xc0\x0c"), None);
    }

    #[test]
    fn numbers_are_two_digits_each() {
        assert_eq!(hexadecimal(&[0, 0x1f, 0xff]), "001fff");
    }
}
