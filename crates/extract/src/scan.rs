//! The first look at every byte: which words are worth reading.
//!
//! Sixty-four bytes at a time become two bit masks (see [`crate::masks`]): where words end, and where something stands
//! that an observable could contain. Words without such a trigger are never touched again, which is most of prose.

use crate::masks::{self, LANES, Masks, PAGE};
use crate::text::Text;

/// Words of at least this many bytes are read even without a trigger: hashes and wallets have none.
const LONG: u32 = 25;

/// Finds the words of `from..to` that are worth reading, page by page.
pub(crate) struct Words<'t> {
    text: Text<'t>,
    to: usize,
    chunk: usize,
    /// Runs that the chunk before ended in.
    runs: Runs,
    /// Where the last word that reaches into the current chunk began.
    open: usize,
    /// That word has a trigger, and its end is in a later chunk.
    unfinished: bool,
    masks: masks::Page,
    /// Every word is worth reading.
    every: bool,
}

impl<'t> Words<'t> {
    pub(crate) fn new(text: Text<'t>, from: usize, to: usize) -> Self {
        Self {
            text,
            to,
            chunk: from,
            runs: Runs::default(),
            open: from,
            unfinished: false,
            masks: masks::Page::default(),
            every: false,
        }
    }

    /// For types that nothing but their digits shows: finds every word.
    pub(crate) fn every(mut self, every: bool) -> Self {
        self.every = every;
        self
    }

    /// Appends the words that end in the next page, as `start..end`; false at the end of the text.
    pub(crate) fn page(&mut self, words: &mut Vec<(usize, usize)>) -> bool {
        if self.chunk >= self.to {
            return false;
        }
        let limit = (self.chunk + PAGE + masks::BEHIND).min(self.to);
        match self.chunk.checked_sub(masks::BEFORE) {
            Some(from) => masks::fill(&mut self.masks, self.text.slice(from, limit)),
            None => {
                // The text begins here: a line end stands in for what was before.
                let mut first = [b'\n'; PAGE + masks::BEFORE + masks::BEHIND];
                let length = limit - self.chunk;
                first
                    .iter_mut()
                    .skip(masks::BEFORE)
                    .zip(self.text.slice(0, limit))
                    .for_each(|(to, from)| *to = *from);
                masks::fill(&mut self.masks, first.get(..masks::BEFORE + length).unwrap_or(&first));
            }
        }
        let mut cursor = Cursor {
            chunk: self.chunk,
            open: self.open,
            unfinished: self.unfinished,
        };
        for number in 0..(self.to - self.chunk).min(PAGE).div_ceil(LANES) {
            let Masks { delimiters, triggers } = self.masks.get(number);
            let triggers = if self.every {
                !delimiters
            } else {
                triggers | self.runs.long(delimiters)
            };
            cursor.chunk(delimiters, triggers, words);
        }
        Cursor {
            chunk: self.chunk,
            open: self.open,
            unfinished: self.unfinished,
        } = cursor;
        if self.chunk >= self.to && std::mem::take(&mut self.unfinished) {
            words.push((self.open, self.to));
        }
        true
    }
}

/// Where the cutting of a page into words stands.
struct Cursor {
    chunk: usize,
    open: usize,
    unfinished: bool,
}

impl Cursor {
    /// Appends the words with a trigger that end in the next chunk.
    #[inline(always)]
    fn chunk(&mut self, delimiters: u64, triggers: u64, words: &mut Vec<(usize, usize)>) {
        // A trigger added to the ones of its word carries over to the delimiter behind it.
        let (sum, over) = (!delimiters).overflowing_add(triggers & !delimiters);
        let (sum, over_too) = sum.overflowing_add(u64::from(self.unfinished));
        self.unfinished = over | over_too;
        let mut ends = sum & delimiters;
        while ends != 0 {
            let last = ends.trailing_zeros();
            let start = match delimiters & low_bits(last) {
                0 => self.open,
                earlier => self.chunk + 64 - earlier.leading_zeros() as usize,
            };
            words.push((start, self.chunk + last as usize));
            ends &= ends - 1;
        }
        if delimiters != 0 {
            self.open = self.chunk + 64 - delimiters.leading_zeros() as usize;
        }
        self.chunk += LANES;
    }
}

/// Calls `word(start, end)` for every one of `words`, in order. It returns the index up to which it has read, which may
/// lie behind `end`; words before that are skipped.
pub(crate) fn each(mut words: Words<'_>, mut word: impl FnMut(usize, usize) -> usize) {
    let mut found = Vec::new();
    let mut done = words.open;
    while words.page(&mut found) {
        for (start, end) in found.drain(..) {
            if end > done {
                done = word(start.max(done), end).max(end);
            }
        }
    }
}

#[inline(always)]
fn low_bits(count: u32) -> u64 {
    (1 << count) - 1
}

/// Runs without a delimiter, over the borders of chunks: for each stage, a bit where so many bytes are in one run.
#[derive(Default)]
struct Runs([u64; 5]);

/// By how much each stage doubles, up to [`LONG`].
const STEPS: [u32; 5] = [1, 2, 4, 8, LONG - 16];

impl Runs {
    /// Bits of the next chunk at which a run of [`LONG`] bytes ends.
    #[inline(always)]
    fn long(&mut self, delimiters: u64) -> u64 {
        let mut runs = !delimiters;
        for (before, step) in self.0.iter_mut().zip(STEPS) {
            let earlier = std::mem::replace(before, runs);
            runs &= runs << step | earlier >> (64 - step);
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        each(Words::new(Text::new(text.as_bytes()), 0, text.len()), |start, end| {
            found.push(text.get(start..end).unwrap_or("?"));
            end
        });
        found
    }

    #[test]
    fn prose_is_passed_over() {
        assert_eq!(
            read("nothing here looks like an observable at all, or does it"),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn words_with_triggers_are_read_once_and_whole() {
        let long = "x".repeat(200);
        let text = format!("see evil.example/a.b and {long} or CVE-2026-1 \"10.0.0.1\"");
        assert_eq!(read(&text), ["evil.example/a.b", &long, "CVE-2026-1", "10.0.0.1"]);
    }

    #[test]
    fn a_word_is_found_wherever_it_stands_in_a_chunk() {
        for pad in 0..200 {
            let text = format!("{} a.b {}", "z ".repeat(pad), "y ".repeat(pad));
            assert_eq!(read(&text), ["a.b"], "{pad}");
        }
    }

    #[test]
    fn long_words_are_found_at_every_length_and_place() {
        for pad in 0..130 {
            for length in [24, 25, 26, 63, 64, 65, 129] {
                let word = "f".repeat(length);
                let text = format!("{}{word} end", " ".repeat(pad));
                let expected = if length >= LONG as usize {
                    vec![word.as_str()]
                } else {
                    vec![]
                };
                assert_eq!(read(&text), expected, "{pad} {length}");
            }
        }
    }
}
