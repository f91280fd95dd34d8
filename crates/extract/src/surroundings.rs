//! The text around an occurrence, as it is kept beside it.
//!
//! What must not be shown is looked for in a wider text than is kept: a secret that the edge of the context cuts in two
//! can no longer be told by its place.

use crate::text::{DELIMITER, is};
use std::ops::Range;
use watchfire_model::Untrusted;

/// Where something stands in a text that contexts must not show, in order and apart.
pub type Conceal = fn(&str) -> Vec<Range<usize>>;

/// What stands for it.
const MASK: &str = "***";
/// So much more tells whether an edge cuts a character. Bytes.
const LONGEST_CHARACTER: usize = 4;
/// How much more is looked at on each side for what must not be shown. Bytes.
const MARGIN: usize = 512;
/// And how much more of a word that goes on there: what it begins with tells what it is. Bytes.
const LONGEST_WORD: usize = 8192;

/// How much of the surroundings is kept, and what of it is not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Surroundings {
    /// Bytes on each side; 0 for no context at all.
    pub(crate) size: usize,
    pub(crate) conceal: Option<Conceal>,
}

impl Surroundings {
    /// What stands around `start..end`: up to `size` bytes on each side, within the line, cut between characters.
    pub(crate) fn of(self, bytes: &[u8], start: usize, end: usize) -> Option<Untrusted> {
        if self.size == 0 {
            return None;
        }
        let margin = self.conceal.map_or(LONGEST_CHARACTER, |_| MARGIN);
        let words = self.conceal.map_or(0, |_| LONGEST_WORD);
        let reach = self.size.saturating_add(margin);
        let goes_on = |byte: &&u8| !is(**byte, DELIMITER);
        let outer = bytes.get(..start.saturating_sub(reach)).unwrap_or(&[]);
        let outer = outer.iter().rev().take(words).take_while(goes_on).count();
        let before = bytes.get(start.saturating_sub(reach) - outer..start).unwrap_or(&[]);
        let before = before.rsplit(|byte| *byte == b'\n').next().unwrap_or(&[]);
        let to = end.saturating_add(reach).min(bytes.len());
        let outer = bytes
            .get(to..)
            .unwrap_or(&[])
            .iter()
            .take(words)
            .take_while(goes_on)
            .count();
        let after = bytes.get(end..to + outer).unwrap_or(&[]);
        let line = after.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
        let ended = line.len() < after.len() || end + after.len() == bytes.len();
        let after = line.strip_suffix(b"\r").filter(|_| ended).unwrap_or(line);
        // What is kept of them is decided by bytes, before what is not UTF-8 grows into replacement characters.
        let (left, before) = before.split_at(before.len() - kept_before(before, self.size));
        let (after, right) = after.split_at(kept_after(after, self.size));
        let kept = bytes.get(start - before.len()..end + after.len()).unwrap_or(&[]);
        let Some(conceal) = self.conceal else {
            return Some(Untrusted::from_bytes(kept));
        };
        let [left, kept, right] = [left, kept, right].map(String::from_utf8_lossy);
        let edges = left.len()..left.len() + kept.len();
        let whole = format!("{left}{kept}{right}");
        Some(masked(&whole, edges, &conceal(&whole)).into())
    }
}

/// `text[kept]` with a mask for each of `hidden`, also for those that only reach into it.
fn masked(text: &str, kept: Range<usize>, hidden: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(kept.len());
    let mut from = kept.start;
    for place in hidden {
        if place.end <= from || place.start >= kept.end {
            continue;
        }
        out.push_str(text.get(from..place.start).unwrap_or_default());
        out.push_str(MASK);
        from = place.end;
    }
    out.push_str(text.get(from..kept.end).unwrap_or_default());
    out
}

/// How many of the last bytes of `text`, at most `size`, are whole characters.
fn kept_before(text: &[u8], size: usize) -> usize {
    let from = text.len().saturating_sub(size);
    let last = text.get(from..).unwrap_or_default();
    let inside = if from == 0 {
        0
    } else {
        last.iter().take_while(|byte| continues(**byte)).count()
    };
    last.len() - inside
}

/// How many of the first bytes of `text`, at most `size`, are whole characters.
fn kept_after(text: &[u8], size: usize) -> usize {
    let mut end = text.len().min(size);
    // At most three bytes continue a character; more are none.
    let cut = |end: usize| text.get(end).is_some_and(|byte| continues(*byte));
    for _ in 0..3 {
        if end > 0 && cut(end) {
            end -= 1;
        }
    }
    end
}

/// Whether `byte` is inside a character of UTF-8.
fn continues(byte: u8) -> bool {
    (0x80..0xC0).contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything between `<` and `>`.
    fn brackets(text: &str) -> Vec<Range<usize>> {
        let opened = text.match_indices('<').map(|(at, _)| at);
        opened
            .filter_map(|at| Some(at..at + text.get(at..)?.find('>')? + 1))
            .collect()
    }

    /// Everything between `{` and `}`.
    fn braces(text: &str) -> Vec<Range<usize>> {
        brackets(&text.replace('{', "<").replace('}', ">"))
    }

    #[track_caller]
    fn check(text: &str, word: &str, size: usize, expected: &str) {
        let start = text.find(word).unwrap();
        let around = |conceal| Surroundings { size, conceal }.of(text.as_bytes(), start, start + word.len());
        let shown = around(Some(brackets as Conceal)).unwrap();
        assert_eq!(shown.raw(), expected);
        if !text.contains('<') {
            assert_eq!(around(None), Some(shown), "what hides nothing changes nothing");
        }
    }

    #[test]
    fn the_line_cut_between_characters() {
        check("one\nab WORD cd\r\ntwo", "WORD", 40, "ab WORD cd");
        check("ab WORD cd", "WORD", 2, "b WORD c");
        check("é WORD é", "WORD", 2, " WORD ");
        check("é WORD é", "WORD", 3, "é WORD é");
        check("x WORD \u{20ac} end", "WORD", 2, "x WORD ");
    }

    #[test]
    fn what_the_edge_cuts_is_hidden_too() {
        for size in 1..20 {
            let text = "a <secret> b WORD c <secret> d";
            let start = text.find("WORD").unwrap();
            let shown = Surroundings {
                size,
                conceal: Some(brackets),
            }
            .of(text.as_bytes(), start, start + 4)
            .unwrap();
            assert!(!shown.raw().contains(['s', 'e', 't']), "{shown}");
        }
        check("a <secret> b WORD c", "WORD", 6, "*** b WORD c");
        // Angle brackets end words; these do not.
        let long = format!("x {{{}}} WORD {{{}}} y", "s".repeat(3000), "t".repeat(3000));
        let start = long.find("WORD").unwrap();
        for size in [1, 20, 600] {
            let conceal = Some(braces as Conceal);
            let shown = Surroundings { size, conceal }
                .of(long.as_bytes(), start, start + 4)
                .unwrap();
            assert!(!shown.raw().contains(['s', 't']), "{size}: {shown}");
        }
        check("a <WORD> b", "WORD", 6, "a *** b");
    }
}
