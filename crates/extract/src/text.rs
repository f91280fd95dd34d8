//! The text under the scanner: bytes that answer beyond their end, and what each byte can be part of.
//!
//! Every look at a byte goes through [`Text::at`], which returns 0 outside the text. So no look can panic, and a build
//! with the `count-visits` feature can prove that the scanner is linear.

use crate::foreign;

/// Bytes with answers everywhere.
#[derive(Clone, Copy)]
pub(crate) struct Text<'t> {
    bytes: &'t [u8],
    /// Looking back from here shows nothing, as at the start.
    wall: usize,
}

impl<'t> Text<'t> {
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        Self { bytes, wall: 0 }
    }

    /// The same text with nothing to be seen from `wall` back: what ends there says nothing about what begins.
    #[inline(always)]
    pub(crate) fn behind(self, wall: usize) -> Self {
        Self { wall, ..self }
    }

    /// Whether something hides what is behind.
    pub(crate) fn is_walled(self) -> bool {
        self.wall > 0
    }

    pub(crate) fn len(self) -> usize {
        self.bytes.len()
    }

    /// The byte at `i`, 0 outside the text.
    #[inline(always)]
    pub(crate) fn at(self, i: usize) -> u8 {
        visits::count(1);
        match self.bytes.get(i) {
            Some(byte) => *byte,
            None => 0,
        }
    }

    /// The byte before `i`, 0 at the start and behind the wall.
    #[inline(always)]
    pub(crate) fn before(self, i: usize) -> u8 {
        // In front of the start there is nothing either: the largest index.
        if i == self.wall { 0 } else { self.at(i.wrapping_sub(1)) }
    }

    /// `start..end`, cut to the text.
    #[inline]
    pub(crate) fn slice(self, start: usize, end: usize) -> &'t [u8] {
        visits::count(end.saturating_sub(start));
        let end = end.min(self.bytes.len());
        self.bytes.get(start.min(end)..end).unwrap_or(&[])
    }

    /// Whether `word` (ASCII, lower case) stands at `i` in any case.
    #[inline]
    pub(crate) fn is_word(self, i: usize, word: &[u8]) -> bool {
        word.iter()
            .enumerate()
            .all(|(k, expected)| self.at(i + k).to_ascii_lowercase() == *expected)
    }

    /// The end of the label at `i`, and the classes of its bytes, joined. A label ends at punctuation of other scripts,
    /// where a script without blanks meets ASCII, and at the `DOT` of "fooDOTcom": nothing behind its end is looked at.
    #[inline(always)]
    pub(crate) fn label(self, i: usize) -> (usize, u16) {
        let mut classes = 0;
        let mut end = i;
        loop {
            for byte in self.bytes.get(end..).unwrap_or(&[]) {
                let class = class_of(*byte);
                if class & LABEL == 0 {
                    break;
                }
                classes |= class;
                end += 1;
            }
            let class = class_of(self.at(end));
            if class & UNUSUAL == 0 {
                break;
            }
            let Some((next, last)) = self.unusual(i, end) else {
                break;
            };
            classes |= class;
            end = next;
            if last {
                break;
            }
        }
        visits::count(end - i);
        (end, classes)
    }

    /// The same for a label that may mix scripts.
    pub(crate) fn mixed_label(self, i: usize) -> (usize, u16) {
        let mut classes = 0;
        let mut end = i;
        while is(self.at(end), HOST) && !(is(self.at(end), HIGH) && foreign::is_mark(self, end)) {
            classes |= class_of(self.at(end));
            end += if is(self.at(end), HIGH) {
                foreign::read(self, end).1
            } else {
                1
            };
        }
        (end, classes)
    }

    /// Where the label that began at `start` goes on behind the unusual byte at `i`, unless it ends there, and whether it
    /// ends behind it.
    #[cold]
    fn unusual(self, start: usize, i: usize) -> Option<(usize, bool)> {
        if self.at(i) >= 0x80 {
            return foreign::in_label(self, start, i);
        }
        let dot = i > start
            && self.before(i).is_ascii_lowercase()
            && self.at(i + 1) == b'O'
            && self.at(i + 2) == b'T'
            && self.at(i + 3).is_ascii_lowercase();
        (!dot).then_some((i + 1, false))
    }

    /// The first index from `i` on, before `limit`, whose byte is not in `class`.
    #[inline]
    pub(crate) fn skip(self, mut i: usize, limit: usize, class: u16) -> usize {
        let limit = limit.min(self.bytes.len());
        while i < limit && is(self.at(i), class) {
            i += 1;
        }
        i
    }

    /// The last index down from `i`, after `limit`, such that everything in `index..i` is in `class`.
    #[inline]
    pub(crate) fn skip_back(self, mut i: usize, limit: usize, class: u16) -> usize {
        while i > limit && is(self.before(i), class) {
            i -= 1;
        }
        i
    }
}

/// `0`–`9`
pub(crate) const DIGIT: u16 = 1;
/// `a`–`f`, `A`–`F`
pub(crate) const HEX_LETTER: u16 = 1 << 1;
/// `g`–`z`, `G`–`Z`
pub(crate) const OTHER_LETTER: u16 = 1 << 2;
/// Bytes of characters beyond ASCII.
pub(crate) const HIGH: u16 = 1 << 3;
/// `-` and `_`
pub(crate) const DASH: u16 = 1 << 4;
/// Ends a word: white space, controls, quotes, `<`, `>`, `|`.
pub(crate) const DELIMITER: u16 = 1 << 5;
/// May stand in a URL after its host (RFC 3986, and what browsers tolerate).
pub(crate) const URL: u16 = 1 << 6;
/// May stand in the local part of an e-mail address without quotes (RFC 5322 atext, and the dot).
pub(crate) const LOCAL: u16 = 1 << 7;
/// `[](){}`
pub(crate) const BRACKET: u16 = 1 << 8;
/// Space or tab.
pub(crate) const BLANK: u16 = 1 << 9;
/// Base64, standard and URL-safe, without padding.
pub(crate) const BASE64: u16 = 1 << 10;

/// In a label it has to be asked what it begins: the letter `D` ("DOT"), and every character beyond ASCII.
const UNUSUAL: u16 = 1 << 11;
/// Goes on in a label without a question.
const LABEL: u16 = 1 << 12;

/// Letters and digits.
pub(crate) const ALNUM: u16 = DIGIT | HEX_LETTER | OTHER_LETTER;
/// Letters.
pub(crate) const LETTER: u16 = HEX_LETTER | OTHER_LETTER;
/// Hexadecimal digits.
pub(crate) const HEX: u16 = DIGIT | HEX_LETTER;
/// What host names and most identifiers are made of.
pub(crate) const HOST: u16 = ALNUM | HIGH | DASH;

/// Whether `byte` is in `class`.
#[inline(always)]
pub(crate) fn is(byte: u8, class: u16) -> bool {
    class_of(byte) & class != 0
}

#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "a u8 indexes a table of 256")]
pub(crate) fn class_of(byte: u8) -> u16 {
    CLASSES[byte as usize]
}

static CLASSES: [u16; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler; i < 256")]
const fn classes() -> [u16; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let byte = i as u8;
        let mut class = 0;
        class |= match byte {
            b'0'..=b'9' => DIGIT | URL | LOCAL | BASE64,
            b'a'..=b'f' | b'A'..=b'F' => HEX_LETTER | URL | LOCAL | BASE64,
            b'g'..=b'z' | b'G'..=b'Z' => OTHER_LETTER | URL | LOCAL | BASE64,
            b'-' | b'_' => DASH | URL | LOCAL | BASE64,
            b'+' | b'/' => URL | BASE64,
            0x80.. => HIGH | URL | LOCAL,
            b'[' | b']' | b'(' | b')' | b'{' | b'}' => BRACKET | URL,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | 0..=b' ' | 0x7F => DELIMITER,
            _ => URL,
        };
        if matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'*' | b'+' | b'=' | b'?' | b'^' | b'~' | b'.' | b'/'
        ) {
            class |= LOCAL;
        }
        if matches!(byte, b' ' | b'\t') {
            class |= BLANK;
        }
        if matches!(byte, b'\\' | b'^') {
            class &= !URL;
        }
        if matches!(byte, b'D' | 0x80..) {
            class |= UNUSUAL;
        } else if class & HOST != 0 {
            class |= LABEL;
        }
        table[i] = class;
        i += 1;
    }
    table
}

/// Counts looks at bytes in builds that ask for it; nothing otherwise.
pub(crate) mod visits {
    #[cfg(feature = "count-visits")]
    thread_local!(static VISITS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) });

    #[inline(always)]
    pub(crate) fn count(looks: usize) {
        #[cfg(feature = "count-visits")]
        VISITS.with(|visits| visits.set(visits.get() + looks as u64));
        #[cfg(not(feature = "count-visits"))]
        let _ = looks;
    }

    /// Looks by this thread since the last call.
    #[cfg(feature = "count-visits")]
    pub(crate) fn take() -> u64 {
        VISITS.with(|visits| visits.replace(0))
    }
}
