//! The word in front of a value, which decides between look-alikes: thirty-two hexadecimal digits can be an MD5, an
//! imphash or a JA3.

use crate::text::{ALNUM, DIGIT, Text, is};

/// How far back a keyword may begin.
const REACH: usize = 48;
/// Punctuation and blanks between keyword and value.
const GAP: usize = 16;

/// The two words before `at`, lower case, nearest first; empty where there are none.
pub(crate) struct Before {
    nearest: Word,
    further: Word,
}

#[derive(Default)]
struct Word {
    letters: [u8; 20],
    len: usize,
}

impl Word {
    fn get(&self) -> &[u8] {
        self.letters.get(..self.len).unwrap_or(&[])
    }
}

impl Before {
    pub(crate) fn read(text: Text<'_>, at: usize) -> Self {
        let floor = at.saturating_sub(REACH);
        let (nearest, start) = word_ending(text, at, floor, GAP);
        let (further, _) = if nearest.len > 0 {
            word_ending(text, start, floor, 2)
        } else {
            (Word::default(), start)
        };
        Self { nearest, further }
    }

    /// No words.
    pub(crate) fn none() -> Self {
        Self {
            nearest: Word::default(),
            further: Word::default(),
        }
    }

    /// The nearest word.
    pub(crate) fn nearest(&self) -> &[u8] {
        self.nearest.get()
    }

    /// The word before the nearest.
    pub(crate) fn further(&self) -> &[u8] {
        self.further.get()
    }

    /// Whether `word` is the nearest, or stands before a word such as "hash", "digest", "fingerprint" or "value".
    pub(crate) fn says(&self, word: &[u8]) -> bool {
        if self.nearest() == word {
            return true;
        }
        let filler = matches!(
            self.nearest(),
            b"hash" | b"digest" | b"fingerprint" | b"value" | b"sum" | b"checksum" | b"is" | b"md5" | b"id" | b"string"
        );
        filler && self.further() == word
    }
}

fn word_ending(text: Text<'_>, at: usize, floor: usize, gap: usize) -> (Word, usize) {
    let mut end = at;
    while end > floor && at - end < gap && !is(text.before(end), ALNUM) {
        end -= 1;
    }
    let mut start = end;
    while start > floor && is(text.before(start), ALNUM) {
        start -= 1;
    }
    let mut word = Word::default();
    for (slot, byte) in word.letters.iter_mut().zip(text.slice(start, end)) {
        *slot = byte.to_ascii_lowercase();
        word.len += 1;
    }
    if end - start > word.letters.len() {
        word.len = 0;
    }
    (word, start)
}

/// Whether the text before a word says nothing about numbers or digests in it. Cautious: words that merely end like a
/// keyword count as one.
pub(crate) fn is_silent_before(text: Text<'_>, at: usize) -> bool {
    let mut end = at;
    while end > 0 && at - end < GAP && !is(text.before(end), ALNUM) {
        end -= 1;
    }
    let letter = |back: usize| {
        if end >= back {
            text.at(end - back).to_ascii_lowercase()
        } else {
            0
        }
    };
    let three = [letter(3), letter(2), letter(1)];
    if !is(three[2], ALNUM) {
        return true;
    }
    if is(three[2], DIGIT) {
        // "md5", "sha256", "256", "ja3": short words; digests and numbers are long, or are not letters.
        return end >= 8 && (1..=8).all(|back| is(text.at(end - back), ALNUM));
    }
    let short = !is(three[0], ALNUM) || !is(three[1], ALNUM);
    !short
        && !matches!(
            &three,
            b"ash"
                | b"ssh"
                | b"lsh"
                | b"ort"
                | b"rts"
                | b"ver"
                | b"est"
                | b"int"
                | b"lue"
                | b"sum"
                | b"ing"
                | b"arm"
                | b"tox"
                | b"ion"
                | b"ons"
                | b"ild"
                | b"ase"
                | b"are"
                | b"ate"
                | b"oid"
                | b"tch"
        )
        && &three != b"a3s"
}
