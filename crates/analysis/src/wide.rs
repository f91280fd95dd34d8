//! Roots of UTF-16 and UTF-32 too large for memory: decoded and read piece by piece, each of which ends with a line, or
//! with a word where a line is longer than a piece.
//!
//! What spans pieces, such as a key of many lines, is not found there.

use crate::Engine;
use crate::analyzers::TEXT;
use crate::context::Context;
use crate::run::stopped;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;
use watchfire_model::{
    Artifact, Budget, Digests, Fact, Halt, Hints, LimitKind, MediaType, Observable, Observed, Origin, Problem,
};

/// How much is read at once. Bytes.
const PIECE: usize = 8 << 20;

/// How text in an encoding of more than one byte to a character begins, and where its lines and words end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wide {
    /// The byte order mark, which tells each piece what it is.
    mark: &'static [u8],
    newline: &'static [u8],
    space: &'static [u8],
}

/// By the name that the decoder gives.
pub(crate) fn of(encoding: &str) -> Option<Wide> {
    let (mark, newline, space): (&[u8], &[u8], &[u8]) = match encoding {
        "utf-16le" => (b"\xff\xfe", b"\n\0", b" \0"),
        "utf-16be" => (b"\xfe\xff", b"\0\n", b"\0 "),
        "utf-32le" => (b"\xff\xfe\0\0", b"\n\0\0\0", b" \0\0\0"),
        "utf-32be" => (b"\0\0\xfe\xff", b"\0\0\0\n", b"\0\0\0 "),
        _ => return None,
    };
    Some(Wide { mark, newline, space })
}

/// What was read.
#[derive(Default)]
pub(crate) struct Pieces {
    pub(crate) observed: Vec<Observed>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) bytes: u64,
    pub(crate) digest: [u8; 32],
    pub(crate) digests: Digests,
    pub(crate) problem: Option<Problem>,
    pub(crate) halt: Option<Halt>,
}

/// Reads `reader` to its end, or until a limit is reached.
pub(crate) fn read(
    engine: &Engine,
    reader: &mut dyn Read,
    wide: Wide,
    media_type: MediaType,
    origin: &Arc<Origin>,
    budget: &Budget,
) -> io::Result<Pieces> {
    let mut out = Pieces::default();
    let mut hash = Sha256::new();
    let mut others = engine.tagger.digester();
    let mut index: HashMap<Observable, usize> = HashMap::new();
    let mut rest: Vec<u8> = Vec::new();
    let mut lines = 0;
    loop {
        let before = rest.len();
        (&mut *reader)
            .take((PIECE - before.min(PIECE)) as u64)
            .read_to_end(&mut rest)?;
        let new = rest.get(before..).unwrap_or_default();
        hash.update(new);
        others.update(new);
        if rest.is_empty() {
            break;
        }
        let whole = if rest.len() < PIECE {
            rest.len()
        } else {
            wide.piece(&rest)
        };
        let next = rest.split_off(whole);
        let first = out.bytes == 0 && rest.starts_with(wide.mark);
        let mark = if first { &[][..] } else { wide.mark };
        let artifact = Artifact::new([mark, &rest].concat(), Arc::clone(origin), Hints::default());
        let mut cx = Context::new(&artifact, media_type, budget, engine, &[]);
        let ended = TEXT.analyze(&artifact, &mut cx);
        let outcome = cx.into_outcome();
        if out.bytes == 0 {
            out.facts = outcome.facts;
        }
        let base = out.bytes;
        for mut observed in outcome.observed {
            observed.span.start = (base + observed.span.start).saturating_sub(mark.len() as u64);
            observed.span.end = (base + observed.span.end).saturating_sub(mark.len() as u64);
            observed.line += lines;
            if let Some(known) = index.get(&observed.observable) {
                if let Some(known) = out.observed.get_mut(*known) {
                    known.count = known.count.saturating_add(observed.count);
                }
            } else if out.observed.len() as u64 >= budget.limits().records {
                out.halt = Some(Halt(LimitKind::Records));
            } else {
                index.insert(observed.observable.clone(), out.observed.len());
                out.observed.push(observed);
            }
        }
        lines += wide.lines(&rest);
        out.bytes += rest.len() as u64;
        out.halt = out.halt.or(ended.err());
        if let Some(halt) = out.halt {
            out.problem = Some(stopped(halt));
            break;
        }
        rest = next;
    }
    out.digest = hash.finalize().into();
    out.digests = others.finish();
    Ok(out)
}

impl Wide {
    /// How much of `bytes` makes a piece: up to the end of its last line or, if that is far, of its last word, or as many
    /// whole characters.
    fn piece(self, bytes: &[u8]) -> usize {
        let unit = self.newline.len();
        let aligned = bytes.len() - bytes.len() % unit;
        let behind_last = |mark: &[u8]| {
            let at = memchr::memmem::rfind_iter(bytes, mark).find(|at| at % unit == 0)?;
            (at > aligned / 2).then_some(at + unit)
        };
        let character = || aligned - if self.is_cut(bytes, aligned) { unit } else { 0 };
        behind_last(self.newline)
            .or_else(|| behind_last(self.space))
            .unwrap_or_else(character)
    }

    /// Whether a character of two units ends behind `end`: its first half stands before it.
    fn is_cut(self, bytes: &[u8], end: usize) -> bool {
        let unit = end.checked_sub(self.newline.len()).and_then(|at| bytes.get(at..end));
        let high = match (self.newline, unit) {
            ([b'\n', 0], Some([_, high])) | ([0, b'\n'], Some([high, _])) => *high,
            _ => return false,
        };
        (0xD8..0xDC).contains(&high)
    }

    /// The line ends in `bytes`, which begin with a character.
    fn lines(self, bytes: &[u8]) -> u64 {
        let ends = memchr::memmem::find_iter(bytes, self.newline);
        ends.filter(|at| at % self.newline.len() == 0).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, encoding: &str) -> Vec<u8> {
        let bytes = |unit: u16| match encoding {
            "utf-16be" => unit.to_be_bytes(),
            _ => unit.to_le_bytes(),
        };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[track_caller]
    fn check(text: &str, piece: &str) {
        for encoding in ["utf-16le", "utf-16be"] {
            let wide = of(encoding).unwrap();
            let bytes = utf16(text, encoding);
            assert_eq!(wide.piece(&bytes), utf16(piece, encoding).len(), "{text:?} {encoding}");
        }
    }

    #[test]
    fn a_piece_ends_with_a_line_or_a_word_or_a_character() {
        check("one\ntwo\nthr", "one\ntwo\n");
        check("a\nmore evil.example http://ev", "a\nmore evil.example ");
        check("aaaaaaaa", "aaaaaaaa");
        check("aaaa😀", "aaaa😀");
        for encoding in ["utf-16le", "utf-16be"] {
            let (wide, bytes) = (of(encoding).unwrap(), utf16("aaaa😀", encoding));
            assert_eq!(wide.piece(&bytes[..10]), 8, "{encoding}");
            assert_eq!(wide.piece(&bytes[..11]), 8, "{encoding}");
        }
    }

    #[test]
    fn lines_end_at_characters_only() {
        // U+0A00 and U+000A have the same bytes.
        for encoding in ["utf-16le", "utf-16be"] {
            let text = utf16("\u{a41}\u{4100}\u{a}\u{a00}\u{a}", encoding);
            assert_eq!(of(encoding).unwrap().lines(&text), 2, "{encoding}");
        }
    }
}
