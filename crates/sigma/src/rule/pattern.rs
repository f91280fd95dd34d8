//! Text with wildcards, as rules write it: `*` for any number of characters, `?` for exactly one, a backslash before
//! either of them, or before itself, for the character alone.
//!
//! Patterns are over bytes, since encodings (`wide`, `utf16be`) make bytes that are no text. They are anchored at both
//! ends; `contains` and its like put [`Piece::Any`] there.

use std::fmt::{self, Write};

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// These bytes.
    Literal(Vec<u8>),
    /// One character.
    One,
    /// Any number of characters.
    Any,
    /// One of the characters that Windows takes for the dash of an option: `-`, `/`, and three long dashes.
    Dash,
}

/// The characters of [`Piece::Dash`].
pub(crate) const DASHES: [&str; 5] = ["-", "/", "\u{2013}", "\u{2014}", "\u{2015}"];

/// Pieces in normal form: no empty literal, no two literals and no two [`Piece::Any`] side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

/// What a pattern asks for, where that is simple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape<'p> {
    Exact(&'p [u8]),
    Prefix(&'p [u8]),
    Suffix(&'p [u8]),
    Contains(&'p [u8]),
    /// Anything at all.
    Anything,
    Other,
}

impl Pattern {
    /// Reads what a rule says.
    pub fn parse(text: &str) -> Self {
        let mut pattern = Self::default();
        let mut literal = String::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let wildcard = match c {
                '\\' => {
                    let mut ahead = rest.clone();
                    let escaped = ahead.next().filter(|next| matches!(next, '\\' | '*' | '?'));
                    if escaped.is_some() {
                        rest = ahead;
                    }
                    literal.push(escaped.unwrap_or(c));
                    continue;
                }
                '*' => Piece::Any,
                '?' => Piece::One,
                _ => {
                    literal.push(c);
                    continue;
                }
            };
            pattern.push(Piece::Literal(std::mem::take(&mut literal).into_bytes()));
            pattern.push(wildcard);
        }
        pattern.push(Piece::Literal(literal.into_bytes()));
        pattern
    }

    /// These bytes and nothing else.
    pub fn literal(bytes: impl Into<Vec<u8>>) -> Self {
        Self::of([Piece::Literal(bytes.into())])
    }

    pub(crate) fn of(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut pattern = Self::default();
        pieces.into_iter().for_each(|piece| pattern.push(piece));
        pattern
    }

    /// The pieces.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    pub(crate) fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (_, Piece::Literal(bytes)) if bytes.is_empty() => {}
            (Some(Piece::Literal(before)), Piece::Literal(bytes)) => before.extend(bytes),
            (Some(Piece::Any), Piece::Any) => {}
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// `*` at the chosen ends.
    pub(crate) fn open(self, at_start: bool, at_end: bool) -> Self {
        let start = at_start.then_some(Piece::Any);
        let end = at_end.then_some(Piece::Any);
        Self::of(start.into_iter().chain(self.pieces).chain(end))
    }

    /// The bytes, where there are no wildcards.
    pub(crate) fn as_literal(&self) -> Option<&[u8]> {
        match self.pieces.as_slice() {
            [] => Some(&[]),
            [Piece::Literal(bytes)] => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn shape(&self) -> Shape<'_> {
        match self.pieces.as_slice() {
            [] => Shape::Exact(&[]),
            [Piece::Literal(bytes)] => Shape::Exact(bytes),
            [Piece::Literal(bytes), Piece::Any] => Shape::Prefix(bytes),
            [Piece::Any, Piece::Literal(bytes)] => Shape::Suffix(bytes),
            [Piece::Any, Piece::Literal(bytes), Piece::Any] => Shape::Contains(bytes),
            [Piece::Any] => Shape::Anything,
            _ => Shape::Other,
        }
    }

    /// With each literal changed by `change`.
    pub(crate) fn map(&self, change: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        Self::of(self.pieces.iter().map(|piece| match piece {
            Piece::Literal(bytes) => Piece::Literal(change(bytes)),
            other => other.clone(),
        }))
    }

    /// In lower case.
    pub(crate) fn lower(&self) -> Self {
        self.map(lower)
    }

    /// The longest literal, which everything that matches contains.
    pub(crate) fn longest(&self) -> Option<&[u8]> {
        let literals = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        literals.max_by_key(|bytes| bytes.len())
    }

    /// Where the pattern matches `text`, were it not for `*` at its ends: start and end in bytes. The pattern is in lower
    /// case if the text is.
    pub(crate) fn find(&self, text: &[u8]) -> Option<(usize, usize)> {
        glob(&self.pieces, text)
    }
}

/// Lower case, character by character: what a text holds is found in the lower case of a text that holds it.
pub(crate) fn lower(bytes: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.is_ascii() => text
            .chars()
            .flat_map(char::to_lowercase)
            .collect::<String>()
            .into_bytes(),
        _ => bytes.to_ascii_lowercase(),
    }
}

/// How many bytes `piece` takes at `at`, where it fits and takes a fixed number.
fn fits(piece: &Piece, text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    match piece {
        Piece::Literal(bytes) => rest.starts_with(bytes).then_some(bytes.len()),
        Piece::One => {
            let first = *rest.first()?;
            let length = match first {
                0xf0.. => 4,
                0xe0.. => 3,
                0xc0.. => 2,
                _ => 1,
            };
            Some(length.min(rest.len()))
        }
        Piece::Dash => DASHES
            .iter()
            .find(|dash| rest.starts_with(dash.as_bytes()))
            .map(|dash| dash.len()),
        Piece::Any => None,
    }
}

/// Pieces without `*` at `at`: where they end.
fn run(pieces: &[Piece], text: &[u8], at: usize) -> Option<usize> {
    pieces
        .iter()
        .try_fold(at, |at, piece| Some(at + fits(piece, text, at)?))
}

/// The first place from `from` where pieces without `*` fit.
fn search(pieces: &[Piece], text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    while at <= text.len() {
        if let Some(Piece::Literal(bytes)) = pieces.first() {
            at += memchr::memmem::find(text.get(at..)?, bytes)?;
        }
        if is_start(text, at)
            && let Some(end) = run(pieces, text, at)
        {
            return Some((at, end));
        }
        at += 1;
    }
    None
}

/// Runs between `*` are looked for from left to right, each at its first place: what comes later loses nothing by that.
/// The last run is tied to the end, where no `*` follows.
fn glob(pieces: &[Piece], text: &[u8]) -> Option<(usize, usize)> {
    let mut runs = pieces.split(|piece| *piece == Piece::Any);
    let first = runs.next()?;
    let mut end = run(first, text, 0)?;
    let mut start = (!first.is_empty()).then_some(0);
    let rest: Vec<&[Piece]> = runs.collect();
    let Some((last, middle)) = rest.split_last() else {
        return (end == text.len()).then_some((0, end));
    };
    for pieces in middle.iter().filter(|run| !run.is_empty()) {
        let found = search(pieces, text, end)?;
        start.get_or_insert(found.0);
        end = found.1;
    }
    if last.is_empty() {
        return Some((start.unwrap_or(0), if start.is_some() { end } else { text.len() }));
    }
    // Characters have from one to four bytes, so that the last run is tried at each place where it could begin.
    let least: usize = last.iter().map(least).sum();
    let most: usize = last.iter().map(most).sum();
    let from = text.len().saturating_sub(most).max(end);
    let to = text.len().checked_sub(least)?;
    let at = (from..=to).find(|at| is_start(text, *at) && run(last, text, *at) == Some(text.len()))?;
    Some((start.unwrap_or(at), text.len()))
}

/// Whether a character begins here.
fn is_start(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|byte| byte & 0xc0 != 0x80)
}

fn least(piece: &Piece) -> usize {
    match piece {
        Piece::Literal(bytes) => bytes.len(),
        Piece::One | Piece::Dash => 1,
        Piece::Any => 0,
    }
}

fn most(piece: &Piece) -> usize {
    match piece {
        Piece::Literal(bytes) => bytes.len(),
        Piece::One => 4,
        Piece::Dash => 3,
        Piece::Any => 0,
    }
}

impl fmt::Display for Pattern {
    /// As a rule would write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Any => f.write_char('*')?,
                Piece::One => f.write_char('?')?,
                Piece::Dash => f.write_char('-')?,
                Piece::Literal(bytes) => {
                    for c in String::from_utf8_lossy(bytes).chars() {
                        if matches!(c, '*' | '?') {
                            f.write_char('\\')?;
                        }
                        f.write_char(c)?;
                    }
                }
            }
        }
        Ok(())
    }
}
