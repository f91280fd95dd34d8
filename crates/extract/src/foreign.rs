//! Characters beyond ASCII: which of them are part of a name, and which end it.
//!
//! Punctuation, symbols, arrows and blanks of any script end what they touch, as the comma does; so do bytes that are no
//! UTF-8, whatever they mean in their code page. Letters are told apart by how their script is written: with blanks between
//! words, so that a letter beside a name belongs to it ("bücher.example", "аpple.example" with a Cyrillic letter), or
//! without, so that a name in the Latin script ends where the other script begins ("访问evil.example获取").
//! The ranges are blocks of the Unicode standard, not its properties of single characters.

use crate::text::{ALNUM, DASH, Text, is};

/// What a character beyond ASCII is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A letter of the Latin script, or a mark upon one.
    Latin,
    /// A letter of another script that is written with blanks between words.
    Letter,
    /// A letter of a script that is written without them, or glues particles to foreign words: Han, kana, Hangul, Thai.
    Wide,
    /// Anything else, bytes that are no UTF-8 among it.
    Mark,
}

/// The character at `at`, whose first byte is beyond ASCII, and how many bytes it has.
pub(crate) fn read(text: Text<'_>, at: usize) -> (Kind, usize) {
    let tail = |i: usize| {
        Some(text.at(at + i))
            .filter(|byte| byte & 0xC0 == 0x80)
            .map(|byte| u32::from(byte & 0x3F))
    };
    let first = u32::from(text.at(at));
    let decoded = match first {
        0xC2..=0xDF => tail(1).map(|a| ((first & 0x1F) << 6 | a, 2)),
        0xE0..=0xEF => tail(1)
            .zip(tail(2))
            .map(|(a, b)| ((first & 0x0F) << 12 | a << 6 | b, 3))
            .filter(|(code, _)| *code >= 0x800 && !(0xD800..0xE000).contains(code)),
        0xF0..=0xF4 => tail(1)
            .zip(tail(2).zip(tail(3)))
            .map(|(a, (b, c))| ((first & 0x07) << 18 | a << 12 | b << 6 | c, 4))
            .filter(|(code, _)| (0x1_0000..0x11_0000).contains(code)),
        _ => None,
    };
    decoded.map_or((Kind::Mark, 1), |(code, length)| (kind(code), length))
}

/// The character that ends at `end`, whose last byte is beyond ASCII, and where it begins.
pub(crate) fn read_back(text: Text<'_>, end: usize) -> (Kind, usize) {
    for length in 2..=4 {
        let Some(start) = end.checked_sub(length) else { break };
        if text.at(start) & 0xC0 != 0x80 {
            let (kind, read) = read(text, start);
            return if text.at(start) >= 0x80 && read == length {
                (kind, start)
            } else {
                break;
            };
        }
    }
    (Kind::Mark, end.saturating_sub(1))
}

/// Whether a mark stands at `at`.
#[inline]
pub(crate) fn is_mark(text: Text<'_>, at: usize) -> bool {
    text.at(at) >= 0x80 && read(text, at).0 == Kind::Mark
}

/// Where the label that began at `start` goes on behind the character at `at`, if that belongs to it, and whether it ends
/// there at the latest.
#[cold]
pub(crate) fn in_label(text: Text<'_>, start: usize, at: usize) -> Option<(usize, bool)> {
    let (kind, length) = read(text, at);
    let end = at + length;
    match kind {
        Kind::Mark => None,
        Kind::Latin | Kind::Letter => Some((end, false)),
        Kind::Wide if at > start && text.before(at) < 0x80 => None,
        Kind::Wide => {
            let next = text.at(end);
            let changes = is(next, ALNUM) || (is(next, DASH) && is(text.at(end + 1), ALNUM));
            Some((end, changes))
        }
    }
}

/// Whether the character at `at` ends the name of a file, too: punctuation of sentences, and what is no UTF-8. Other marks
/// occur in names.
pub(crate) fn ends_path(text: Text<'_>, at: usize) -> bool {
    match text.slice(at, at + 3) {
        [0xE2, 0x80, 0x9C..=0x9F] | [0xE2, 0x86 | 0x87, _] => true,
        [0xE3, 0x80, 0x80..=0x82 | 0x8A..=0x8F] => true,
        [0xEF, 0xBC, 0x81 | 0x8C | 0x9A | 0x9B | 0x9F] => true,
        [0xC2, 0xA0 | 0xAB | 0xBB, ..] => true,
        _ => read(text, at) == (Kind::Mark, 1),
    }
}

/// Whether a name in a script without blanks ends at `at`, or a name in ASCII in front of such a script.
pub(crate) fn changes_script(text: Text<'_>, at: usize) -> bool {
    let wide = |kind| kind == Kind::Wide;
    match (text.before(at) >= 0x80, text.at(at) >= 0x80) {
        (false, true) => is(text.before(at), ALNUM | DASH) && wide(read(text, at).0),
        (true, false) => is(text.at(at), ALNUM | DASH) && wide(read_back(text, at).0),
        _ => false,
    }
}

/// What the character with this number is; ASCII and surrogates do not occur.
pub(crate) fn kind(code: u32) -> Kind {
    match code {
        0xD7 | 0xF7 => Kind::Mark,
        0xC0..=0x2AF | 0x300..=0x36F | 0x1E00..=0x1EFF => Kind::Latin,
        // Punctuation inside the blocks of alphabets.
        0..=0xBF
        | 0x37E
        | 0x387
        | 0x55A..=0x55F
        | 0x589
        | 0x5BE
        | 0x5C0
        | 0x5C3
        | 0x5F3..=0x5F4
        | 0x60C..=0x60D
        | 0x61B..=0x61F
        | 0x66A..=0x66D
        | 0x6D4
        | 0x964..=0x965 => Kind::Mark,
        0xE3F | 0xE4F | 0xE5A..=0xE5B => Kind::Mark,
        // Thai, Lao, Tibetan, Burmese; Korean letters; Khmer.
        0xE00..=0x109F | 0x1100..=0x11FF | 0x1780..=0x17FF => Kind::Wide,
        // Letters in circles, which browsers read as letters.
        0x24B6..=0x24E9 => Kind::Latin,
        0x2000..=0x2BFF | 0x2E00..=0x2E7F => Kind::Mark,
        0x3005..=0x3007 | 0x3021..=0x3029 | 0x3031..=0x3035 => Kind::Wide,
        0x2FF0..=0x303F | 0x30A0 | 0x30FB | 0x3200..=0x33FF | 0x4DC0..=0x4DFF => Kind::Mark,
        0x2E80..=0x2FEF | 0x3040..=0xA4CF | 0xA960..=0xA97F | 0xAC00..=0xD7FF | 0xF900..=0xFAFF => Kind::Wide,
        // Digits and letters of full width, kana and Korean letters of half width.
        0xFF10..=0xFF19 | 0xFF21..=0xFF3A | 0xFF41..=0xFF5A | 0xFF66..=0xFFDC => Kind::Wide,
        0xE000..=0xF8FF | 0xFE00..=0xFE6F | 0xFEFF | 0xFF00..=0xFFFF => Kind::Mark,
        0x1_B000..=0x1_B2FF | 0x2_0000..=0x3_FFFF => Kind::Wide,
        0x1_D000..=0x1_D3FF | 0x1_F000..=0x1_FBFF | 0xE_0000.. => Kind::Mark,
        _ => Kind::Letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        text.chars().map(|c| kind(u32::from(c))).collect()
    }

    #[test]
    fn punctuation_of_any_script_is_no_part_of_a_name() {
        let marks = "：；，。、？！（）【】「」『』《》〈〉＜＝＞＠｜～→⇒⇐►▶•·×÷“”„‟‘’‹›«»…–—✅🔴❌①™\u{a0}\u{200b}\u{feff}\u{3000}\u{202e}،؛؟।׳\u{e000}";
        for (c, kind) in marks.chars().zip(kinds(marks)) {
            assert_eq!(kind, Kind::Mark, "{c} {:x}", u32::from(c));
        }
    }

    #[test]
    fn letters_are_told_apart_by_their_script() {
        assert!(kinds("éüßøłőḂ").iter().all(|kind| *kind == Kind::Latin));
        assert!(kinds("яΩאبदՀ").iter().all(|kind| *kind == Kind::Letter));
        assert!(kinds("中々あアー한ก၀ខＡ１ｱ").iter().all(|kind| *kind == Kind::Wide));
    }

    #[test]
    fn characters_are_read_from_both_sides() {
        for c in ['é', 'я', '中', '→', '🔴', '\u{a0}'] {
            let bytes = c.to_string();
            let text = Text::new(bytes.as_bytes());
            let expected = kind(u32::from(c));
            assert_eq!(read(text, 0), (expected, bytes.len()), "{c}");
            assert_eq!(read_back(text, bytes.len()), (expected, 0), "{c}");
        }
        for bytes in [
            b"\x93".as_slice(),
            b"\xE9 x",
            b"\xE4\xBB",
            b"\xC3",
            b"\xED\xA0\x80",
            b"\xC0\x80",
        ] {
            assert_eq!(read(Text::new(bytes), 0), (Kind::Mark, 1), "{bytes:?}");
        }
        assert_eq!(read_back(Text::new(b"a\x80"), 2), (Kind::Mark, 1));
    }
}
