//! The word in front of a value, which decides between look-alikes: thirty-two hexadecimal digits can be an MD5, an
//! imphash or a JA3.

use crate::text::{ALNUM, Text, is};
use watchfire_model::ObservableType;

/// How far back a keyword may begin.
pub(crate) const REACH: usize = 48;
/// Longer words are no keywords.
const LONGEST: usize = 20;
/// Punctuation and blanks between keyword and value.
const GAP: usize = 16;

/// The two words before `at`, lower case, nearest first; empty where there are none.
pub(crate) struct Before {
    nearest: Word,
    further: Word,
}

#[derive(Default)]
struct Word {
    letters: [u8; LONGEST],
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
        let words = Self { nearest, further };
        if words.are_of_another_line(text, start, at) {
            return Self {
                nearest: Word::default(),
                further: Word::default(),
            };
        }
        words
    }

    /// Whether the words stand in a line before, and are no heading of this one: a title beside other titles says nothing
    /// about the cell that begins the next line.
    fn are_of_another_line(&self, text: Text<'_>, start: usize, at: usize) -> bool {
        let end = start + self.nearest.len;
        let gap = text.slice(end, at);
        if self.nearest.len == 0 || !gap.contains(&b'\n') {
            return false;
        }
        let delimits = |byte: u8| matches!(byte, b',' | b';' | b'|' | b'\t');
        let mut before = start;
        while before + 4 > start && matches!(text.before(before), b' ' | b'"' | b'*' | b'`') {
            before -= 1;
        }
        let types = 1..POINTERS + 1;
        let both = types.contains(&number(self.nearest())) && types.contains(&number(self.further()));
        gap.iter().copied().any(delimits) || delimits(text.before(before)) || (both && self.further() != b"sha")
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

#[inline]
fn word_ending(text: Text<'_>, at: usize, floor: usize, gap: usize) -> (Word, usize) {
    let mut end = at;
    while end > floor && at - end < gap && !is(text.before(end), ALNUM) {
        end -= 1;
    }
    let mut start = end;
    while start > floor && end - start <= LONGEST && is(text.before(start), ALNUM) {
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

/// What the words before `at` say about a number or a digest there: the same for all words that say the same, 0 for
/// words that say nothing.
#[inline]
pub(crate) fn context(text: Text<'_>, at: usize) -> u16 {
    let floor = at.saturating_sub(REACH);
    let mut end = at;
    while end > floor && at - end < GAP && !is(text.before(end), ALNUM) {
        end -= 1;
    }
    if end == floor || !ends_like_one(text.before(end - 1), text.before(end)) {
        return 0;
    }
    let words = Before::read(text, at);
    let first = number(words.nearest());
    if first < POINTERS {
        return first;
    }
    first << 8 | number(words.further())
}

/// The fingerprint that the sentence before `at` speaks of, a few words back: "the JA3 of the client was".
pub(crate) fn in_sentence(text: Text<'_>, at: usize) -> Option<ObservableType> {
    const WORDS: usize = 7;
    let floor = at.saturating_sub(REACH + LONGEST);
    let mut end = at;
    for _ in 0..WORDS {
        let (word, start) = word_ending(text, end, floor, 6);
        if word.len == 0
            || text
                .slice(start + word.len, end)
                .iter()
                .any(|byte| matches!(byte, b'\n' | b'.' | b';' | b'|'))
        {
            return None;
        }
        match word.get() {
            b"imphash" | b"importhash" => return Some(ObservableType::Imphash),
            b"ja3" => return Some(ObservableType::Ja3),
            b"ja3s" => return Some(ObservableType::Ja3s),
            b"hassh" => return Some(ObservableType::Hassh),
            b"md5" | b"sha1" | b"sha256" | b"hash" | b"checksum" => return None,
            _ => end = start,
        }
    }
    None
}

/// Whether some keyword ends in these two letters. Refuses most words before they are read.
#[inline]
fn ends_like_one(last_but_one: u8, last: u8) -> bool {
    matches!(
        (last_but_one | 0x20, last | 0x20),
        (b's', b'h')
            | (b'r', b't')
            | (b't', b's')
            | (b'm', b'p')
            | (b'a', b'3')
            | (b'3', b's')
            | (b'e', b'r')
            | (b'h', b'a')
            | (b'a', b'1')
            | (b'2', b'4')
            | (b'5', b'6')
            | (b'8', b'4')
            | (b'1', b'2')
            | (b'l', b'h')
            | (b'r', b'm')
            | (b'o', b'x')
            | (b'd', b'5')
            | (b's', b't')
            | (b'n', b't')
            | (b'u', b'e')
            | (b'u', b'm')
            | (b'i', b's')
            | (b'i', b'd')
            | (b'n', b'g')
            | (b'o', b'n')
            | (b'n', b's')
            | (b'l', b'd')
            | (b's', b'e')
            | (b'r', b'e')
            | (b't', b'e')
            | (b'c', b'h')
    ) || !is(last_but_one, ALNUM)
}

/// Whether `word` gets its meaning from the word before it.
pub(crate) fn points_back(word: &[u8]) -> bool {
    number(word) >= POINTERS
}

/// Whether `word` says what kind of digest follows.
pub(crate) fn names_a_digest(word: &[u8]) -> bool {
    (1..20).contains(&number(word)) || matches!(word, b"md5" | b"hash" | b"digest" | b"sum" | b"checksum")
}

/// Words with this number and above point to the word before them.
const POINTERS: u16 = 64;

/// A number for each word that says something, 0 for the others.
#[inline]
fn number(word: &[u8]) -> u16 {
    match word {
        b"imphash" => 1,
        b"importhash" => 2,
        b"import" => 3,
        b"imports" => 4,
        b"imp" => 5,
        b"ja3" => 6,
        b"ja3s" => 7,
        b"hassh" => 8,
        b"hasshserver" => 9,
        b"authentihash" => 10,
        b"sha" => 11,
        b"sha1" => 12,
        b"sha224" => 13,
        b"sha256" => 14,
        b"sha384" => 15,
        b"sha512" => 16,
        b"tlsh" => 17,
        b"jarm" => 18,
        b"tox" => 19,
        b"md5" => POINTERS,
        b"hash" => POINTERS + 1,
        b"digest" => POINTERS + 2,
        b"fingerprint" => POINTERS + 3,
        b"value" => POINTERS + 4,
        b"sum" => POINTERS + 5,
        b"checksum" => POINTERS + 6,
        b"is" => POINTERS + 7,
        b"id" => POINTERS + 8,
        b"string" => POINTERS + 9,
        b"1" => POINTERS + 10,
        b"224" => POINTERS + 11,
        b"256" => POINTERS + 12,
        b"384" => POINTERS + 13,
        b"512" => POINTERS + 14,
        _ if names_a_version(word) => 20,
        _ => 0,
    }
}

/// Whether `word` announces a version, which four numbers with dots then are.
pub(crate) fn names_a_version(word: &[u8]) -> bool {
    matches!(
        word,
        b"version"
            | b"versions"
            | b"ver"
            | b"v"
            | b"build"
            | b"release"
            | b"firmware"
            | b"update"
            | b"oid"
            | b"fileversion"
            | b"productversion"
            | b"patch"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_passes_the_first_look() {
        for keyword in [
            "imphash",
            "importhash",
            "import",
            "imports",
            "imp",
            "ja3",
            "ja3s",
            "hassh",
            "hasshserver",
            "authentihash",
            "sha",
            "sha1",
            "sha224",
            "sha256",
            "sha384",
            "sha512",
            "tlsh",
            "jarm",
            "tox",
            "md5",
            "hash",
            "digest",
            "fingerprint",
            "value",
            "sum",
            "checksum",
            "is",
            "id",
            "string",
            "1",
            "224",
            "256",
            "384",
            "512",
            "version",
            "versions",
            "ver",
            "v",
            "build",
            "release",
            "firmware",
            "update",
            "oid",
            "fileversion",
            "productversion",
            "patch",
        ] {
            for text in [format!("{keyword}: "), format!(" {}=", keyword.to_uppercase())] {
                assert_ne!(context(Text::new(text.as_bytes()), text.len()), 0, "{text}");
            }
        }
        assert_eq!(context(Text::new(b"from "), 5), 0);
        assert_eq!(context(Text::new(b"nothing of the sort "), 20), 0);
    }
}
