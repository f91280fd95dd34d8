//! Bytes to Unicode text: byte order marks, UTF-16 and UTF-32 without them, legacy code pages.
//!
//! Text keeps the way back: every place in it can be named by its byte offset in the source, whatever the encoding.
//! Names of encodings are those of the WHATWG Encoding Standard in lower case, plus `utf-32le` and `utf-32be`.

mod detect;
mod offsets;
mod strings;
mod utf32;

pub use detect::{is_charset, is_plausible};
pub use strings::{Run, Strings, strings};

use detect::Guess;
use encoding_rs::{CoderResult, Encoding};
use offsets::{Offsets, safe_cut};
use std::borrow::Cow;
use std::ops::Range;

/// Text, and how it was encoded.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text, without byte order mark. Borrowed where the source is valid UTF-8.
    pub text: Cow<'a, str>,
    /// WHATWG name of the encoding, lower case.
    pub encoding: &'static str,
    /// Whether some bytes were not valid in that encoding; they are U+FFFD in the text.
    pub damaged: bool,
    offsets: Offsets<'a>,
}

impl Decoded<'_> {
    /// The byte offset in the source of the character at byte `offset` of the text; the end for offsets past it.
    pub fn source_offset(&self, offset: usize) -> usize {
        self.offsets.source_of(&self.text, offset)
    }

    /// The bytes in the source of a range of the text.
    pub fn source_range(&self, range: Range<usize>) -> Range<usize> {
        self.source_offset(range.start)..self.source_offset(range.end)
    }
}

/// Whether the text that begins with `head` has to be decoded before it can be read: it is in no encoding in which ASCII
/// is ASCII and the rest is UTF-8. A character that the end of `head` cuts says nothing.
pub fn is_in_code_page(head: &[u8]) -> bool {
    let invalid = std::str::from_utf8(head).is_err_and(|error| error.error_len().is_some());
    invalid && decode(head, None).encoding != "utf-8"
}

/// Decodes `bytes`. A byte order mark wins, then what the bytes show, then `charset` as a header or a person names it,
/// and windows-1252 where nothing tells.
pub fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Decoded<'a> {
    let (guess, mark) = detect::guess(bytes, charset);
    let body = bytes.get(mark..).unwrap_or_default();
    match guess {
        Guess::Utf8 => match std::str::from_utf8(body) {
            Ok(text) => Decoded {
                text: Cow::Borrowed(text),
                encoding: "utf-8",
                damaged: false,
                offsets: Offsets::shifted(mark, bytes.len()),
            },
            Err(_) => decode_with(bytes, mark, encoding_rs::UTF_8),
        },
        Guess::Encoding(encoding) => decode_with(bytes, mark, encoding),
        Guess::Utf32(order) => {
            let (text, damaged) = utf32::decode(body, order);
            Decoded {
                text: Cow::Owned(text),
                encoding: order.name(),
                damaged,
                offsets: Offsets::utf32(mark, bytes.len()),
            }
        }
    }
}

/// Decodes in pieces that begin where a fresh decoder can begin too, and remembers those places.
fn decode_with<'a>(bytes: &'a [u8], mark: usize, encoding: &'static Encoding) -> Decoded<'a> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut offsets = Offsets::decoded(encoding, bytes);
    let mut text = String::with_capacity(bytes.len().saturating_add(bytes.len() / 8));
    // Decoding straight into the text would clear all of its spare room for every piece.
    let mut scratch = vec![0; 16 << 10];
    let mut damaged = false;
    let mut at = mark;
    loop {
        offsets.remember(text.len(), at);
        let end = safe_cut(encoding, bytes, at);
        let last = end == bytes.len();
        let mut piece = bytes.get(at..end).unwrap_or_default();
        loop {
            let (result, read, written, bad) = decoder.decode_to_utf8(piece, &mut scratch, last);
            text.push_str(
                scratch
                    .get(..written)
                    .and_then(|out| std::str::from_utf8(out).ok())
                    .unwrap_or_default(),
            );
            damaged |= bad;
            piece = piece.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        at = end;
        if last {
            break;
        }
    }
    Decoded {
        text: Cow::Owned(text),
        encoding: detect::name(encoding),
        damaged,
        offsets,
    }
}

#[cfg(test)]
mod tests;
