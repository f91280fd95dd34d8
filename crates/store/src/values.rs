//! Words of the vocabulary as columns, and back. A column that holds no such word is damage.

use crate::error::Fault;
use rusqlite::Row;
use std::fmt;
use std::sync::Arc;
use watchfire_model::{ArtifactId, Grade, Invalid, Moment, Observable, ObservableType, Untrusted, Verdict};

/// What identifies a feed, format, provider or group: 1 to 64 of `a-z 0-9 . _ -`, the first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(byte);
        let fits = text.len() <= 64
            && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
            && text.as_bytes().iter().all(inner);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Invalid("not a name: 1 to 64 of a-z, 0-9, '.', '_' and '-'"))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Who does something, and when: what the audit log says of every change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// The account of the person, or the command.
    pub who: Untrusted,
    /// Now.
    pub at: Moment,
}

impl By {
    /// Longest name that is kept. Bytes.
    pub const MAX_WHO: usize = 240;

    /// `who`, at `at`.
    pub fn new(who: impl Into<Untrusted>, at: Moment) -> Self {
        Self { who: who.into(), at }
    }

    /// The account or the command.
    pub fn who(&self) -> &str {
        cut(&self.who, Self::MAX_WHO)
    }
}

/// An observable as a key: its type, and its value as equality sees it.
pub(crate) struct Key {
    pub(crate) kind: String,
    pub(crate) folded: String,
}

impl Key {
    pub(crate) fn of(observable: &Observable) -> Self {
        let kind = match observable.pattern() {
            Some(pattern) => format!("pattern:{pattern}"),
            None => observable.kind().name().to_owned(),
        };
        let folded = if observable.ignores_case() {
            observable.raw().chars().map(small).collect()
        } else {
            observable.raw().to_owned()
        };
        Self { kind, folded }
    }
}

/// One character for one, as `Observable` folds.
fn small(c: char) -> char {
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) => small,
        _ => c,
    }
}

/// The observable that was kept as a type and a value.
pub(crate) fn observable(kind: &str, value: &str) -> Result<Observable, Fault> {
    let parsed = match kind.strip_prefix("pattern:") {
        Some(pattern) => Observable::of_pattern(Arc::from(pattern), value),
        None => ObservableType::from_name(kind)
            .ok_or(Invalid("of no known type"))
            .and_then(|kind| Observable::parse(kind, value)),
    };
    parsed.map_err(|why| damaged(kind, value, why))
}

fn damaged(what: &str, text: &str, why: impl fmt::Display) -> Fault {
    let text = Untrusted::new(text).shown(80);
    Fault::Corrupt(format!("{what} '{text}' is {why}"))
}

pub(crate) fn moment(row: &Row<'_>, column: usize) -> Result<Moment, Fault> {
    Ok(Moment::from_unix(row.get(column)?))
}

pub(crate) fn maybe_moment(row: &Row<'_>, column: usize) -> Result<Option<Moment>, Fault> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Moment::from_unix))
}

pub(crate) fn text(row: &Row<'_>, column: usize) -> Result<Untrusted, Fault> {
    Ok(row.get::<_, String>(column)?.into())
}

pub(crate) fn maybe_text(row: &Row<'_>, column: usize) -> Result<Option<Untrusted>, Fault> {
    Ok(row.get::<_, Option<String>>(column)?.map(Untrusted::from))
}

pub(crate) fn name(row: &Row<'_>, column: usize) -> Result<Name, Fault> {
    let text: String = row.get(column)?;
    Name::parse(&text).map_err(|why| damaged("name", &text, why))
}

pub(crate) fn count(row: &Row<'_>, column: usize) -> Result<u64, Fault> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| Fault::Corrupt(format!("{number} is no count")))
}

pub(crate) fn digest(row: &Row<'_>, column: usize) -> Result<ArtifactId, Fault> {
    Ok(ArtifactId::from_digest(row.get(column)?))
}

/// One of `words`, by what it is written as.
pub(crate) fn word<T: Copy>(
    row: &Row<'_>,
    column: usize,
    words: &[T],
    spelling: impl Fn(T) -> &'static str,
) -> Result<T, Fault> {
    let text: String = row.get(column)?;
    let found = words.iter().copied().find(|word| spelling(*word) == text);
    found.ok_or_else(|| damaged("word", &text, "not known"))
}

pub(crate) fn verdict(row: &Row<'_>, column: usize) -> Result<Verdict, Fault> {
    use Verdict::{Benign, Malicious, Suspicious, Unknown};
    word(row, column, &[Benign, Unknown, Suspicious, Malicious], |verdict| {
        verdict.as_str()
    })
}

pub(crate) fn grade(row: &Row<'_>, column: usize) -> Result<Grade, Fault> {
    use Grade::{A, B, C, D, E, F};
    word(row, column, &[A, B, C, D, E, F], Grade::as_str)
}

/// A number as SQLite keeps it. Larger ones than it can do not occur.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Text cut to at most `most` bytes, at a character.
pub(crate) fn cut(text: &Untrusted, most: usize) -> &str {
    let raw = text.raw();
    let mut end = most.min(raw.len());
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    raw.split_at_checked(end).map_or("", |(head, _)| head)
}
