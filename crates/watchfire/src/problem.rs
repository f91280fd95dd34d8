//! What is wrong with what a person asked for, and what to do next.

use std::fmt;
use std::io;
use std::path::Path;

/// A usage error. `Display` is one sentence without a full stop, safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    message: String,
    hint: Option<String>,
    excerpt: Option<[String; 2]>,
}

impl Problem {
    /// Says what is wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            excerpt: None,
        }
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Shows what it is about: a line, and another that points into it.
    #[must_use]
    pub(crate) fn excerpt(mut self, lines: [String; 2]) -> Self {
        self.excerpt = Some(lines);
        self
    }

    /// Says what else there is to know, behind what to do next.
    #[must_use]
    pub(crate) fn and(self, more: &str) -> Self {
        let hint = match self.hint {
            None => more.to_owned(),
            Some(hint) if hint.ends_with(more) => hint,
            Some(hint) if hint.ends_with(['?', '!']) => format!("{hint} {more}"),
            Some(hint) => format!("{hint}; {more}"),
        };
        Self {
            hint: Some(hint),
            ..self
        }
    }

    /// The same, with what it is about in front: `what: …`.
    #[must_use]
    pub(crate) fn about(self, what: &str) -> Self {
        Self {
            message: format!("{what}: {}", self.message),
            ..self
        }
    }

    /// A word that is not one of `known`, with the nearest that is.
    pub fn unknown(what: &str, word: &str, known: &[&str]) -> Self {
        let problem = Self::new(format!("unknown {what} '{word}'"));
        match nearest(word, known) {
            Some(near) => problem.hint(format!("did you mean '{near}'?")),
            None if known.is_empty() => problem,
            None => problem.hint(format!("known are {}", known.join(", "))),
        }
    }

    /// What the operating system says about a file, in our voice: `cannot WHAT 'PATH': …`.
    pub fn of_file(what: &str, path: &Path, error: &io::Error) -> Self {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
            io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
            io::ErrorKind::NotADirectory => "a part of its path is not a folder".to_owned(),
            io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
            io::ErrorKind::StorageFull => "the disk is full".to_owned(),
            _ => error.to_string(),
        };
        Self::new(format!("cannot {what} '{}': {why}", path.display()))
    }

    /// A line that it is about and one that points into it, where there are such.
    pub fn shown(&self) -> Option<&[String; 2]> {
        self.excerpt.as_ref()
    }

    /// What to do next, where there is something to do.
    pub fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = watchfire_model::Untrusted::new(self.message.as_str());
        write!(f, "{shown}")
    }
}

impl std::error::Error for Problem {}

/// The known word that is closest to what was typed, if it is close enough to be meant.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = word.to_ascii_lowercase();
    known
        .iter()
        .map(|candidate| (distance(&word, &candidate.to_ascii_lowercase()), *candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and substitutions between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.chars().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_that_was_meant() {
        let known = ["ipv4", "ipv6", "domain", "sha256"];
        assert_eq!(nearest("domian", &known), Some("domain"));
        assert_eq!(nearest("SHA265", &known), Some("sha256"));
        assert_eq!(nearest("banana", &known), None);
    }

    #[test]
    fn nothing_is_offered_where_nothing_is_known() {
        assert_eq!(Problem::unknown("feed", "x", &[]).next_step(), None);
        assert_eq!(
            Problem::unknown("feed", "x", &["abcdef"]).next_step(),
            Some("known are abcdef")
        );
    }

    #[test]
    fn counts_edits() {
        for (a, b, edits) in [("", "abc", 3), ("kitten", "sitting", 3), ("same", "same", 0)] {
            assert_eq!(distance(a, b), edits);
        }
    }
}
