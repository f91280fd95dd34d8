//! What is wrong with a rule, told so that its author can mend it: where, what, and what to do next.
//!
//! Rules come from anybody. What is quoted of them is printed with control characters escaped.

use std::fmt::{self, Write};

/// A place in a rule file. Lines and columns count from 1; columns are in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
    /// How many characters are meant, at least 1.
    pub length: u32,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The rule works; its author may like to know.
    Note,
    /// The rule works, but not as the specification wants it, or perhaps not as it was meant.
    Warning,
    /// The rule is not used.
    Error,
}

impl Severity {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// A stable name for the kind of problem, such as `modifier-unknown`.
    pub code: &'static str,
    /// What is wrong: lower case, no full stop, the thing in quotes.
    pub message: String,
    /// What to do next.
    pub hint: Option<Box<str>>,
    /// The file.
    pub source: String,
    /// Where in the file.
    pub place: Option<Place>,
    /// The line that `place` names; of a long one, the part around the column.
    pub excerpt: Option<Box<str>>,
}

impl Problem {
    pub(crate) fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            message: cut(message.into()),
            hint: None,
            source: String::new(),
            place: None,
            excerpt: None,
        }
    }

    pub(crate) fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    pub(crate) fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    pub(crate) fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(cut(hint.into()).into_boxed_str());
        self
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }

    /// Names the file, and quotes the line from its text.
    pub(crate) fn of(mut self, name: &str, lines: &mut Lines<'_>) -> Self {
        name.clone_into(&mut self.source);
        if let Some(place) = self.place {
            let part = |line: &str| line.trim_end().chars().skip(from(place)).take(LONGEST).collect();
            self.excerpt = lines.get(place.line).map(part);
        }
        self
    }
}

/// Longest line that is quoted whole. Characters.
const LONGEST: usize = 160;
/// Longest message. Bytes.
const LONGEST_MESSAGE: usize = 1_000;

/// As much of a message as is kept: it may quote anything.
fn cut(mut message: String) -> String {
    if message.len() > LONGEST_MESSAGE {
        message.truncate(message.floor_char_boundary(LONGEST_MESSAGE));
        message.push('…');
        message.shrink_to_fit();
    }
    message
}

/// Which character of a line its quotation begins with.
fn from(place: Place) -> usize {
    let column = usize::try_from(place.column).unwrap_or(1).saturating_sub(1);
    if column < LONGEST / 2 { 0 } else { column - LONGEST / 4 }
}

/// The lines of a file by their numbers, found without walking over all that is before.
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// Where every so many lines begin, once a line was asked for.
    starts: Vec<usize>,
}

/// Lines between two whose place is known.
const STEP: usize = 32;

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let starts = Vec::new();
        Self { text, starts }
    }

    /// The line of this number, from 1.
    fn get(&mut self, number: u32) -> Option<&'t str> {
        if self.starts.is_empty() {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|end| end + 1);
            self.starts = [0].into_iter().chain(ends).step_by(STEP).collect();
        }
        let line = usize::try_from(number).ok()?.saturating_sub(1);
        let start = *self.starts.get(line / STEP)?;
        self.text.get(start..)?.lines().nth(line % STEP)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity.word(), Shown(&self.message))?;
        if let Some(place) = self.place {
            write!(f, "\n  --> {}:{}:{}", Shown(&self.source), place.line, place.column)?;
        } else if !self.source.is_empty() {
            write!(f, "\n  --> {}", Shown(&self.source))?;
        }
        if let (Some(place), Some(excerpt)) = (self.place, &self.excerpt) {
            quote(f, place, excerpt)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {}", Shown(hint))?;
        }
        Ok(())
    }
}

/// The line with a mark under what is meant. Of a long line, the part around it.
fn quote(f: &mut fmt::Formatter<'_>, place: Place, excerpt: &str) -> fmt::Result {
    let column = usize::try_from(place.column).unwrap_or(1).saturating_sub(1);
    let from = from(place);
    let part: String = excerpt.chars().take(LONGEST).collect();
    let before: String = part.chars().take(column - from).collect();
    let meant: String = part
        .chars()
        .skip(column - from)
        .take(usize::try_from(place.length).unwrap_or(1).max(1))
        .collect();
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let blank = |text: &str| " ".repeat(Shown(text).to_string().chars().count());
    let marks = Shown(&meant).to_string().chars().count().max(1);
    write!(f, "\n{margin} |\n{number} | {}", Shown(&part))?;
    write!(f, "\n{margin} | {}{}", blank(&before), "^".repeat(marks))
}

/// Text with control characters and those that turn the direction of writing escaped.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c == '\t' {
                f.write_char(' ')?;
            } else if c.is_control() || turns {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// The word of `known` that is nearest to `word`, where one is near.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 64 {
        return None;
    }
    let best = known.into_iter().map(|other| (distance(word, other), other)).min()?;
    (best.0 <= 2 && best.0 < word.chars().count()).then_some(best.1)
}

/// How many letters differ, are missing or too many.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, a) in one.chars().enumerate() {
        let mut next = vec![at + 1];
        for (to, b) in other.iter().enumerate() {
            let get = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
            let changed = get(&row, to) + usize::from(a != *b);
            next.push(changed.min(get(&row, to + 1) + 1).min(get(&next, to) + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
