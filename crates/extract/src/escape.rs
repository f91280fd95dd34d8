//! Escapes of programs, JSON, logs and terminals in front of a value: `\n`, `\u003c`, `\x20`, `\033[0m`, `#012`.
//!
//! The letters and digits of an escape are no part of what follows it. `\n`, `\t` and `\r` can also begin the name of a
//! folder: what is unmistakable without its first letter (an address, a digest, a catalogue number) shows the escape, for
//! names the text around has to ([`Lines::decide`]). Which character an escape means does not matter beyond that; escapes of
//! letters and of the punctuation of names are left to others.

use crate::chain::Chain;
use crate::foreign::{self, Kind};
use crate::text::{ALNUM, BLANK, DASH, DELIMITER, DIGIT, HIGH, HOST, LETTER, LOCAL, Text, is};

/// How far the text around is looked at on each side.
const NEAR: usize = 256;
/// Backslashes of one escape: JSON in JSON doubles them each time.
const MOST_BACKSLASHES: usize = 8;
const ESCAPE: u32 = 0x1B;

/// An escape in front of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Escape {
    pub(crate) end: usize,
    /// Only the text beyond the word told.
    pub(crate) outside: bool,
}

fn ending(end: usize) -> Option<Escape> {
    Some(Escape { end, outside: false })
}

/// The escape that begins with the backslash at `at`, in the word that begins at `word`.
pub(crate) fn read(text: Text<'_>, word: usize, at: usize) -> Option<Escape> {
    if text.before(at) == b'\\' {
        return None;
    }
    let letter = (at..at + MOST_BACKSLASHES).find(|i| text.at(*i) != b'\\')?;
    match text.at(letter) {
        b'n' | b't' | b'r' => {
            let lines = Lines { text, word, at, letter };
            lines.decide()
        }
        b'u' => {
            let digits = letter + 1 + usize::from(text.at(letter + 1) == b'{');
            let end = hexadecimal(text, digits, if digits == letter + 1 { 4 } else { 6 });
            let closed = if digits == letter + 1 {
                (end == digits + 4).then_some(end)
            } else {
                (text.at(end) == b'}').then_some(end + 1)
            };
            character(text, number(text, digits, end, 16), closed?)
        }
        b'U' => {
            let end = hexadecimal(text, letter + 1, 8);
            character(
                text,
                number(text, letter + 1, end, 16),
                Some(end).filter(|end| *end == letter + 9)?,
            )
        }
        b'x' => {
            let end = hexadecimal(text, letter + 1, 2);
            let value = number(text, letter + 1, end, 16);
            // "bin\x86\a.exe"
            let folder = value >= 0x80 && text.at(end) == b'\\' && !is_hexadecimal(text, end);
            (end == letter + 3 && !folder).then(|| character(text, value, end))?
        }
        b'0'..=b'3' => octal(text, letter).or_else(|| {
            let null = text.at(letter) == b'0';
            null.then(|| Lines { text, word, at, letter }.decide_rare())?
        }),
        b'a' | b'b' | b'f' | b'v' => Lines { text, word, at, letter }.decide_rare(),
        b'e' | b'E' if text.at(letter + 1) == b'[' => ending(control_sequence(text, letter + 1)?),
        _ => None,
    }
}

fn is_hexadecimal(text: Text<'_>, at: usize) -> bool {
    let letter = (at..at + MOST_BACKSLASHES).find(|i| text.at(*i) != b'\\');
    letter.is_some_and(|letter| text.at(letter) == b'x' && hexadecimal(text, letter + 1, 2) == letter + 3)
}

fn hexadecimal(text: Text<'_>, at: usize, most: usize) -> usize {
    text.skip(at, at + most, crate::text::HEX)
}

fn number(text: Text<'_>, start: usize, end: usize, base: u32) -> u32 {
    let digit = |byte: &u8| char::from(*byte).to_digit(base).unwrap_or(0);
    text.slice(start, end)
        .iter()
        .fold(0, |value, byte| value * base + digit(byte))
}

/// An escaped character that ends what stands before it. A word of letters is no number: "\udead".
fn character(text: Text<'_>, value: u32, end: usize) -> Option<Escape> {
    let numbered = text.slice(end.saturating_sub(4), end).iter().any(u8::is_ascii_digit);
    let ends = match value {
        ESCAPE => return ending(control_sequence(text, end).unwrap_or(end)),
        0..0x80 => {
            let byte = value as u8;
            !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'.')
        }
        // Bytes of UTF-8 one by one, or letters of Latin-1: what is in them cannot be told from one.
        0x80..0x100 => true,
        // Halves of a pair.
        0xD800..0xE000 => true,
        _ => matches!(foreign::kind(value), Kind::Mark | Kind::Wide),
    };
    (numbered && ends).then_some(Escape { end, outside: false })
}

/// `\012`, `\033[0m`, `\302\240`
fn octal(text: Text<'_>, digits: usize) -> Option<Escape> {
    let end = text.skip(digits, digits + 3, DIGIT);
    let value = number(text, digits, end, 8);
    if end != digits + 3 || text.slice(digits, end).iter().any(|byte| *byte > b'7') {
        return None;
    }
    match value {
        ESCAPE => ending(control_sequence(text, end)?),
        0o11..=0o15 => ending(end),
        0o200.. if text.at(end) == b'\\' || (text.before(digits - 1) & 0xF8 == b'0') => ending(end),
        _ => None,
    }
}

/// `#012`, `#033[0m`: control characters as rsyslog writes them.
pub(crate) fn numbered(text: Text<'_>, at: usize) -> Option<usize> {
    match text.slice(at, at + 4) {
        b"#009" | b"#010" | b"#011" | b"#012" | b"#015" => Some(at + 4),
        b"#033" => control_sequence(text, at + 4),
        _ => None,
    }
}

/// The end of a control sequence of a terminal (ECMA-48) whose bracket is at `at`.
pub(crate) fn control_sequence(text: Text<'_>, at: usize) -> Option<usize> {
    const MOST: usize = 48;
    if matches!(text.at(at), b'(' | b')') {
        // The choice of a character set.
        return is(text.at(at + 1), ALNUM).then_some(at + 2);
    }
    if text.at(at) != b'[' {
        return None;
    }
    let end = (at + 1..at + MOST).find(|i| !matches!(text.at(*i), b'0'..=b';' | b'?'))?;
    is(text.at(end), LETTER).then_some(end + 1)
}

/// The end of a colour whose escape character was lost: `[1;31m`.
pub(crate) fn colour(text: Text<'_>, at: usize) -> Option<usize> {
    let end = control_sequence(text, at)?;
    let numbers = text.slice(at + 1, end - 1);
    let short = numbers.split(|byte| *byte == b';').all(|number| number.len() <= 3);
    (text.before(end) == b'm' && short && numbers.iter().all(|byte| matches!(byte, b'0'..=b'9' | b';'))).then_some(end)
}

/// An escape for a line end or a tab, or the first letter of a folder.
struct Lines<'t> {
    text: Text<'t>,
    word: usize,
    at: usize,
    letter: usize,
}

impl Lines<'_> {
    fn decide(&self) -> Option<Escape> {
        let behind = self.letter + 1;
        if self.is_unmistakable(behind) {
            return ending(behind);
        }
        match self.nearby() {
            Some(true) => return ending(behind),
            Some(false) => return None,
            None => {}
        }
        let shown = self.is_shown_around() || self.is_in_json();
        Some(Escape {
            end: if shown { behind } else { self.at },
            outside: true,
        })
    }

    /// The same for `\b`, `\f`, `\0` and their like, which folders begin with more often than escapes are.
    fn decide_rare(&self) -> Option<Escape> {
        let behind = self.letter + 1;
        if self.is_unmistakable(behind) {
            return ending(behind);
        }
        let null = self.text.at(self.letter) == b'0' && self.is_shown_around();
        let shown = null || (self.nearby() != Some(false) && self.is_in_json());
        Some(Escape {
            end: if shown { behind } else { self.at },
            outside: true,
        })
    }

    /// Whether nothing could be read wrongly behind the escape: only names with dots and addresses of mail are the same with
    /// a letter more.
    fn is_unmistakable(&self, behind: usize) -> bool {
        let text = self.text;
        if !is(text.at(behind), ALNUM | DASH | HIGH) {
            return true;
        }
        let chain = Chain::read(text, behind);
        if chain.ipv4(text).is_some() {
            return true;
        }
        let first = chain.first_end(text);
        let technique = matches!(text.at(behind), b'T' | b't') && text.skip(behind + 1, first, DIGIT) == behind + 5;
        if technique && first == behind + 5 {
            return true;
        }
        if chain.labels > 1 {
            return false;
        }
        let local = (chain.end..chain.end + 64).find(|i| !is(text.at(*i), LOCAL));
        local.is_some_and(|end| !matches!(text.at(end), b'@' | b'[' | b'(' | b'{'))
    }

    /// What stands directly before tells: folders and users' domains end in letters and digits, lines in anything.
    fn nearby(&self) -> Option<bool> {
        let text = self.text;
        let before = text.before(self.at);
        let follows = match before {
            // The start of a string, or another escape.
            0 => true,
            byte if is(byte, DELIMITER) => true,
            b':' | b',' | b';' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'!' | b'?' | b'=' => true,
            b'.' => is(text.before(self.at - 1), ALNUM),
            0x80.. => foreign::read_back(text, self.at).0 == Kind::Mark,
            _ => false,
        };
        // "\temp\Sub"
        let path = || {
            (self.letter..self.letter + 64)
                .take_while(|i| !is(text.at(*i), DELIMITER))
                .any(|i| text.at(i) == b'\\' && text.before(i) != b'\\' && !begins_escape(text, i))
        };
        if follows { Some(!path()) } else { None }
    }

    /// Whether the line around has several such escapes with as many backslashes, and no backslash that is none.
    fn is_shown_around(&self) -> bool {
        let text = self.text;
        let from = (self.at.saturating_sub(NEAR)..self.at)
            .rev()
            .find(|i| text.at(*i) == b'\n')
            .map_or(self.at.saturating_sub(NEAR), |i| i + 1);
        let backslashes = self.letter - self.at;
        let mut escapes = 0;
        let mut at = from;
        while at < self.at + NEAR && text.at(at) != b'\n' {
            if text.at(at) != b'\\' {
                at += 1;
                continue;
            }
            let letter = (at..at + MOST_BACKSLASHES)
                .find(|i| text.at(*i) != b'\\')
                .unwrap_or(at + MOST_BACKSLASHES);
            if letter - at == backslashes {
                if !begins_escape(text, at) {
                    return false;
                }
                escapes += 1;
            }
            at = letter + 1;
        }
        escapes > 1
    }

    /// Whether the string around is a value of JSON, where no backslash stands alone: `"key": "…`.
    fn is_in_json(&self) -> bool {
        let text = self.text;
        let floor = self.at.saturating_sub(NEAR);
        let quote = (floor..self.at)
            .rev()
            .take_while(|i| text.at(*i) != b'\n')
            .find(|i| matches!(text.at(*i), b'"' | b'\'') && text.before(*i) != b'\\');
        let Some(quote) = quote.filter(|_| self.letter == self.at + 1) else {
            return false;
        };
        let colon = text.skip_back(quote, floor, BLANK);
        let key = text.skip_back(colon.saturating_sub(1), floor, BLANK);
        text.before(colon) == b':' && text.before(key) == text.at(quote) && self.word <= self.at
    }
}

/// Whether the backslashes at `at` begin some escape of JSON or of a program.
fn begins_escape(text: Text<'_>, at: usize) -> bool {
    let letter = (at..at + MOST_BACKSLASHES).find(|i| text.at(*i) != b'\\').unwrap_or(at);
    match text.at(letter) {
        b'n' | b't' | b'r' | b'"' | b'\'' | b'/' | b'0' => true,
        b'u' => hexadecimal(text, letter + 1, 4) == letter + 5,
        b'x' => hexadecimal(text, letter + 1, 2) == letter + 3,
        _ => false,
    }
}

/// Whether the backslash at `at` is an escape of its own behind a path whose backslashes are doubled.
pub(crate) fn ends_doubled(text: Text<'_>, at: usize) -> bool {
    text.at(at + 1) != b'\\'
        && text.before(at) != b'\\'
        && begins_escape(text, at)
        && !is(text.at(at + 1), HOST & !ALNUM)
}
