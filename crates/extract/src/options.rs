//! What to look for, and where the field's tools disagree, which way to decide.

use crate::surroundings::{Conceal, Surroundings};
use regex::bytes::{Regex, RegexBuilder, RegexSetBuilder};
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use watchfire_model::TypeSet;

/// Everything that shapes an extraction.
#[derive(Clone, Debug)]
pub struct Options {
    /// Types to look for.
    pub types: TypeSet,
    /// The user's own patterns.
    pub patterns: Vec<Pattern>,
    /// Characters of context to keep on each side of an occurrence; 0 for none.
    pub context: usize,
    /// What contexts must not show, however they are cut.
    pub conceal: Option<Conceal>,
    /// Decisions on contested questions.
    pub policy: Policy,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            types: TypeSet::by_default(),
            patterns: Vec::new(),
            context: 0,
            conceal: None,
            policy: Policy::default(),
        }
    }
}

impl Options {
    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings {
            size: self.context,
            conceal: self.conceal,
        }
    }
}

/// Contested questions, each a named switch. The defaults suit a person reading threat reports and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Read defanged forms (`[.]`, `hxxp`). Off: only what is written plainly.
    pub refang: bool,
    /// Report the host of a URL or e-mail address as an observable of its own.
    pub parts: bool,
    /// A name such as `setup.py`, whose ending is a file extension and a top-level domain, is a domain even without
    /// other evidence.
    pub ambiguous_domains: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            refang: true,
            parts: true,
            ambiguous_domains: false,
        }
    }
}

/// A named regular expression of the user. Linear time: the `regex` crate never backtracks.
#[derive(Clone, Debug)]
pub struct Pattern {
    name: Arc<str>,
    regex: Regex,
}

impl Pattern {
    /// Compiled size limit in bytes; larger patterns are refused.
    pub const SIZE_LIMIT: usize = 4 << 20;

    /// What all patterns of an extraction may take together, compiled, and as much again for each thread while they are
    /// looked for. Bytes.
    pub const TOGETHER: usize = 32 << 20;

    /// Whether `expressions` keep to [`Pattern::TOGETHER`]. What is wrong with a single one is not said here.
    pub fn check_together<'e>(expressions: impl IntoIterator<Item = &'e str>) -> Result<(), String> {
        let together = RegexSetBuilder::new(expressions).size_limit(Self::TOGETHER).build();
        match together {
            Err(regex::Error::CompiledTooBig(limit)) => {
                Err(format!("the patterns take more than {} MB together", limit >> 20))
            }
            _ => Ok(()),
        }
    }

    /// What each of `count` patterns may take while it is looked for.
    pub fn share(count: usize) -> usize {
        const LEAST: usize = 64 << 10;
        const MOST: usize = 2 << 20;
        (Self::TOGETHER / count.max(1)).clamp(LEAST, MOST)
    }

    /// [`Pattern::within`] a share of its own.
    pub fn new(name: &str, expression: &str) -> Result<Self, PatternError> {
        Self::within(Self::share(1), name, expression)
    }

    /// Compiles `expression`, which may take `share` bytes while it is looked for. Names are lower-case ASCII letters, digits and `-`.
    pub fn within(share: usize, name: &str, expression: &str) -> Result<Self, PatternError> {
        let named = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !named {
            return Err(PatternError {
                name: name.to_owned(),
                problem: "its name is not lower-case letters, digits and '-'".to_owned(),
            });
        }
        if expression.is_empty() {
            return Err(PatternError {
                name: name.to_owned(),
                problem: "it is empty, and matches nothing".to_owned(),
            });
        }
        match RegexBuilder::new(expression)
            .size_limit(Self::SIZE_LIMIT)
            .dfa_size_limit(share)
            .build()
        {
            Ok(regex) => Ok(Self {
                name: name.into(),
                regex,
            }),
            Err(problem) => Err(PatternError {
                name: name.to_owned(),
                problem: problem.to_string(),
            }),
        }
    }

    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its expression.
    pub fn regex(&self) -> &Regex {
        &self.regex
    }
}

/// Every match of `patterns` in `text` that is not empty. A place that several patterns of one name match alike counts once.
pub(crate) fn matches(patterns: &[Pattern], text: &[u8], each: &mut dyn FnMut(&Arc<str>, Range<usize>)) {
    let mut seen = HashSet::new();
    for pattern in patterns {
        for found in pattern.regex.find_iter(text).filter(|found| !found.is_empty()) {
            if patterns.len() == 1 || seen.insert((&*pattern.name, found.start(), found.end())) {
                each(&pattern.name, found.range());
            }
        }
    }
}

/// Why a pattern was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// The pattern's name.
    pub name: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot use pattern '{}': {}", self.name, self.problem)
    }
}

impl std::error::Error for PatternError {}
