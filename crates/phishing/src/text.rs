//! Text as the model knows it: folded, without what differs from mail to mail.
//!
//! URLs and addresses become one token each, digits become `0`, letters of other scripts that stand among Latin ones
//! become the letters that they look like, and characters that nobody sees are gone. Languages without blanks give one
//! token per character.

use std::ops::Range;
use watchfire_knowledge::confusable;

/// Words of one text, in one piece of memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    text: String,
    ends: Vec<usize>,
}

/// Longer words are somebody's noise.
const LONGEST_WORD: usize = 25;

/// Words that say where a mail was collected.
const COLLECTORS: &[&str] = &[
    "redacted",
    "phishing",
    "pot",
    "jose",
    "monkey",
    "spamassassin",
    "zzzz",
    "jm",
    "taint",
    "netnoteinc",
    "example",
    "xxxx",
    "yyyy",
    "linux",
];

impl Words {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let range = start.unwrap_or(0)..self.ends.get(index).copied().unwrap_or(0);
        self.text.get(range).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    fn push(&mut self, word: &str) {
        self.text.push_str(word);
        self.ends.push(self.text.len());
    }

    /// Reads at most `limit` words from `text`.
    pub(crate) fn read(text: &str, limit: usize) -> Self {
        let mut words = Self::default();
        let mut word = String::new();
        for piece in pieces(text) {
            if words.len() >= limit {
                break;
            }
            match piece {
                Piece::Url(_) => words.push("URL"),
                Piece::Address(_) => words.push("ADDRESS"),
                Piece::Sign(sign) => words.push(sign.encode_utf8(&mut [0; 4])),
                Piece::Word(raw) => {
                    fold(raw, &mut word);
                    words.put(&word, limit);
                }
            }
        }
        words
    }

    fn put(&mut self, word: &str, limit: usize) {
        if word.is_empty() || COLLECTORS.contains(&word) {
            return;
        }
        if word
            .chars()
            .next()
            .is_some_and(|first| ('\u{2e80}'..'\u{1d400}').contains(&first))
        {
            let mut buffer = [0; 4];
            for character in word.chars().take(limit.saturating_sub(self.len())) {
                self.push(character.encode_utf8(&mut buffer));
            }
        } else if word.len() > LONGEST_WORD && word.chars().count() > LONGEST_WORD {
            self.push("LONG");
        } else {
            self.push(word);
        }
    }
}

/// A stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Url(&'t str),
    Address(&'t str),
    Word(&'t str),
    Sign(char),
}

/// Cuts a text into pieces. Linear: each character is looked at a bounded number of times.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')' | '[' | ']' | '|'))
        .filter(|chunk| !chunk.is_empty())
        .flat_map(chunk)
}

fn chunk(chunk: &str) -> Pieces<'_> {
    if is_url(chunk) {
        return Pieces::one(Piece::Url(chunk));
    }
    if is_address(chunk) {
        return Pieces::one(Piece::Address(chunk));
    }
    Pieces { one: None, rest: chunk }
}

/// The URLs that stand in a text, in order.
pub fn urls(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Url(url) => Some(url),
        _ => None,
    })
}

fn is_url(chunk: &str) -> bool {
    let starts = |prefix: &str| {
        let head = chunk.get(..prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    starts("http://") || starts("https://") || starts("www.")
}

fn is_address(chunk: &str) -> bool {
    let chunk = chunk.trim_matches(|c: char| c.is_ascii_punctuation());
    chunk
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'))
}

struct Pieces<'t> {
    one: Option<Piece<'t>>,
    rest: &'t str,
}

impl<'t> Pieces<'t> {
    fn one(piece: Piece<'t>) -> Self {
        Self {
            one: Some(piece),
            rest: "",
        }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        if let Some(piece) = self.one.take() {
            return Some(piece);
        }
        loop {
            let first = self.rest.chars().next()?;
            if is_part(first) {
                let end = self.rest.find(|c: char| !is_part(c)).unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                return Some(Piece::Word(word));
            }
            self.rest = self.rest.get(first.len_utf8()..)?;
            if matches!(first, '!' | '$' | '€' | '£' | '%') {
                return Some(Piece::Sign(first));
            }
        }
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || confusable::is_invisible(c)
}

/// Writes `word` to `out` as the model knows it.
pub(crate) fn fold(word: &str, out: &mut String) {
    out.clear();
    if word.is_ascii() {
        for byte in word.bytes() {
            put(char::from(byte.to_ascii_lowercase()), out);
        }
        return;
    }
    let latin = word.chars().any(|c| styled(c).is_ascii_alphabetic());
    for c in word.chars().filter(|c| !confusable::is_invisible(*c)) {
        for c in styled(c).to_lowercase() {
            put(if latin { confusable::latin(c) } else { c }, out);
        }
    }
}

/// A run of digits is one `0`.
fn put(c: char, out: &mut String) {
    if !c.is_numeric() {
        out.push(c);
    } else if !out.ends_with('0') {
        out.push('0');
    }
}

/// The letter that a styled one stands for; any other character stays.
fn styled(c: char) -> char {
    confusable::styled(c).unwrap_or(c)
}

/// Whether a text has a word that mixes Latin letters with others that look like them, or styled letters.
pub(crate) fn is_disguised(text: &str) -> bool {
    pieces(text).any(|piece| match piece {
        Piece::Word(word) => {
            !word.is_ascii() && (confusable::is_mixed(word) || word.chars().any(confusable::is_styled))
        }
        _ => false,
    })
}

/// The first `bytes` of a text, cut between characters.
pub(crate) fn head(text: &str, bytes: usize) -> &str {
    let range: Range<usize> = 0..text.floor_char_boundary(bytes);
    text.get(range).unwrap_or(text)
}
