//! The way back from a place in decoded text to its bytes.
//!
//! Nothing is kept per character. Checkpoints are set where a fresh decoder gives the same text as the one that came
//! all the way; between two of them the source is decoded again, or counted where every character's length in the
//! source follows from the character itself.

use encoding_rs::{CoderResult, Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes of source between checkpoints, as a rule.
const STRIDE: usize = 1024;

/// The longest stretch that is searched for a place to cut. Stretches without one hold no white space or punctuation,
/// hence nothing that anyone would ask the offset of.
const SEARCH: usize = 64 << 10;

#[derive(Debug)]
enum Kind<'a> {
    /// The text is the source.
    Same,
    /// Four bytes for each character.
    Utf32,
    /// Decoded by this encoding from this source.
    Decoded(&'static Encoding, &'a [u8]),
}

const ESCAPE: u8 = 0x1b;

/// See the module.
#[derive(Debug)]
pub(super) struct Offsets<'a> {
    kind: Kind<'a>,
    /// Where the text begins in the source, behind a byte order mark.
    start: usize,
    /// The source's length.
    end: usize,
    checkpoints: Vec<Checkpoint>,
}

/// A place where decoding can begin.
#[derive(Clone, Copy, Debug, Default)]
struct Checkpoint {
    text: usize,
    source: usize,
    /// Where the escape sequence in force stands, plus one; only ISO-2022-JP has such a state.
    escape: usize,
}

impl<'a> Offsets<'a> {
    pub(super) fn shifted(start: usize, end: usize) -> Self {
        Self::new(Kind::Same, start, end)
    }

    pub(super) fn utf32(start: usize, end: usize) -> Self {
        Self::new(Kind::Utf32, start, end)
    }

    pub(super) fn decoded(encoding: &'static Encoding, source: &'a [u8]) -> Self {
        Self::new(Kind::Decoded(encoding, source), 0, source.len())
    }

    fn new(kind: Kind<'a>, start: usize, end: usize) -> Self {
        Self {
            kind,
            start,
            end,
            checkpoints: Vec::new(),
        }
    }

    pub(super) fn remember(&mut self, text: usize, source: usize) {
        let before = self.checkpoints.last().copied().unwrap_or_default();
        let mut escape = before.escape;
        if let Kind::Decoded(encoding, bytes) = &self.kind
            && *encoding == ISO_2022_JP
        {
            let passed = bytes.get(before.source..source).unwrap_or_default();
            escape = memchr::memrchr(ESCAPE, passed).map_or(escape, |at| before.source + at + 1);
        }
        self.checkpoints.push(Checkpoint { text, source, escape });
    }

    pub(super) fn source_of(&self, text: &str, offset: usize) -> usize {
        if offset >= text.len() {
            return self.end;
        }
        match &self.kind {
            Kind::Same => self.start.saturating_add(offset).min(self.end),
            Kind::Utf32 => {
                let before = text.get(..offset).unwrap_or_default();
                self.start.saturating_add(4 * before.chars().count()).min(self.end)
            }
            Kind::Decoded(encoding, source) => {
                let after = self.checkpoints.partition_point(|checkpoint| checkpoint.text <= offset);
                let from = after
                    .checked_sub(1)
                    .and_then(|at| self.checkpoints.get(at))
                    .copied()
                    .unwrap_or_default();
                let between = text.get(from.text..offset).unwrap_or_default();
                from.source
                    + match fixed_length(encoding, between) {
                        Some(len) => len,
                        None => replay(encoding, source, from, between.len()),
                    }
            }
        }
    }
}

/// The length of `text` in the source, where it follows from the text. A replaced byte or code unit counts as one.
fn fixed_length(encoding: &'static Encoding, text: &str) -> Option<usize> {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        Some(2 * text.encode_utf16().count())
    } else if encoding.is_single_byte() {
        Some(text.chars().count())
    } else if text.is_ascii() && encoding != ISO_2022_JP {
        Some(text.len())
    } else {
        None
    }
}

/// How many bytes behind `from` give the first `len` bytes of text.
fn replay(encoding: &'static Encoding, source: &[u8], from: Checkpoint, len: usize) -> usize {
    let rest = source.get(from.source..).unwrap_or_default();
    if encoding == UTF_8 {
        return replay_utf8(rest, len);
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = [0; 16];
    let escape = from
        .escape
        .checked_sub(1)
        .and_then(|at| source.get(at..)?.first_chunk::<3>());
    // Two escape sequences in a row count as damage, so none is replayed before another.
    if let Some(escape) = escape.filter(|_| rest.first() != Some(&ESCAPE)) {
        let _ = decoder.decode_to_utf8(escape, &mut out, false);
    }
    let mut written = 0;
    for (taken, byte) in rest.iter().enumerate() {
        if written == len {
            return taken;
        }
        let (result, _, now, _) = decoder.decode_to_utf8(std::slice::from_ref(byte), &mut out, false);
        written += now;
        // This byte ended a broken character and is one itself: the place asked for is before it.
        if written > len || result != CoderResult::InputEmpty {
            return taken;
        }
    }
    rest.len()
}

/// The same for UTF-8 with invalid sequences, each of which is one U+FFFD.
fn replay_utf8(source: &[u8], len: usize) -> usize {
    let mut left = len;
    let mut taken = 0;
    for chunk in source.utf8_chunks() {
        let valid = chunk.valid().len();
        if left <= valid {
            return taken + left;
        }
        left = (left - valid).saturating_sub(char::REPLACEMENT_CHARACTER.len_utf8());
        taken += valid + chunk.invalid().len();
        if left == 0 {
            break;
        }
    }
    taken
}

/// The end of a piece that begins at `from`: a place where no decoder is in the middle of anything.
pub(super) fn safe_cut(encoding: &'static Encoding, bytes: &[u8], from: usize) -> usize {
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    let stride = if wide || encoding.is_single_byte() {
        4 * STRIDE
    } else {
        STRIDE
    };
    let Some(first) = from.checked_add(stride).filter(|&at| at < bytes.len()) else {
        return bytes.len();
    };
    let rest = bytes.get(first..).unwrap_or_default();
    if encoding.is_single_byte() {
        return first;
    }
    if wide {
        let high = |unit: &[u8]| match *unit {
            [low, high] => (0xd8..0xdc).contains(if encoding == UTF_16LE { &high } else { &low }),
            _ => false,
        };
        // Behind a unit that is not the first half of a pair.
        let before = bytes.get(first - 2..).unwrap_or_default();
        let pairs = before.chunks(2).take(SEARCH / 2).position(|unit| !high(unit));
        return pairs.map_or(bytes.len(), |at| first + 2 * at).min(bytes.len());
    }
    // Behind a byte that is never part of a longer character.
    let is_end = |&byte: &u8| match byte {
        b' ' | b'\n' => true,
        _ if encoding == ISO_2022_JP => false,
        _ if encoding == UTF_8 => byte < 0x80,
        _ => byte < 0x30,
    };
    rest.iter()
        .take(SEARCH)
        .position(is_end)
        .map_or_else(|| first + SEARCH.min(rest.len()), |at| first + at + 1)
}
