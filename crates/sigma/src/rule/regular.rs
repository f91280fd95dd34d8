//! The only file that knows the regex crate: regular expressions, checked when they are read, built when first needed.
//!
//! Matching takes time linear in the text, so a rule cannot hang the engine; look-around and back-references, which need
//! more than that, are refused with a word about it. An expression is searched for anywhere in a value, as SigmaHQ's rules
//! mean it.

use super::pattern::lower;
use crate::problem::Problem;
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};
use std::sync::OnceLock;

/// Most memory that one built expression takes. Bytes.
const SIZE: usize = 4 << 20;
/// Deepest nesting of an expression, and of the recursion over it.
const NEST: u32 = 64;
/// Longest expression. Bytes.
const LONGEST: usize = 8 << 10;

/// A regular expression.
#[derive(Debug, Default)]
pub(crate) struct Expression {
    /// With flags in front.
    source: String,
    /// Of each of these sets, one stands in the lower case of whatever matches. Empty where nothing is known.
    required: Vec<Vec<u8>>,
    built: OnceLock<Option<Regex>>,
}

impl Clone for Expression {
    fn clone(&self) -> Self {
        Self::known(self.source.clone(), self.required.clone())
    }
}

impl Expression {
    /// Checks an expression as a rule writes it.
    pub(crate) fn new(source: String) -> Result<Self, Problem> {
        if source.len() > LONGEST {
            let message = format!("the regular expression is longer than {LONGEST} bytes");
            return Err(Problem::error("regex", message));
        }
        let parsed = regex_syntax::ParserBuilder::new()
            .nest_limit(NEST)
            .build()
            .parse(&source);
        let hir = parsed.map_err(|error| {
            let told = match &error {
                regex_syntax::Error::Parse(error) => error.kind().to_string(),
                regex_syntax::Error::Translate(error) => error.kind().to_string(),
                _ => "it cannot be read".to_owned(),
            };
            let problem = Problem::error("regex", format!("this regular expression is not supported: {told}"));
            if source.contains("(?=") || source.contains("(?!") || source.contains("(?<") {
                problem.hint("look-around cannot be matched in linear time; use a second selection and 'not'")
            } else {
                problem
            }
        })?;
        let mut required = required(&hir);
        if required.iter().any(|literal| !is_telling(literal)) || required.len() > 64 {
            required.clear();
        }
        // What is large once it is built is told now and not when it would match. It is built again when it is needed: most
        // rules never are.
        if may_be_large(&source) && Self::known(source.clone(), Vec::new()).regex().is_none() {
            return Err(Problem::error("regex", "this regular expression becomes too large")
                .hint("ask for fewer repetitions, and for fewer classes such as \\w"));
        }
        Ok(Self::known(source, required))
    }

    /// What was checked before.
    pub(crate) fn known(source: String, required: Vec<Vec<u8>>) -> Self {
        Self {
            source,
            required,
            built: OnceLock::new(),
        }
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Literals in lower case, of which one stands in everything that matches; none where that is not known.
    pub(crate) fn required(&self) -> &[Vec<u8>] {
        &self.required
    }

    fn regex(&self) -> Option<&Regex> {
        self.built
            .get_or_init(|| {
                RegexBuilder::new(&self.source)
                    .size_limit(SIZE)
                    .dfa_size_limit(SIZE)
                    .nest_limit(NEST)
                    .build()
                    .ok()
            })
            .as_ref()
    }

    /// Where the expression first matches: start and end in bytes.
    pub(crate) fn find(&self, text: &str) -> Option<(usize, usize)> {
        let found = self.regex()?.find(text)?;
        Some((found.start(), found.end()))
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

/// Whether an expression has to be built for it to be known whether it becomes too large.
fn may_be_large(source: &str) -> bool {
    let classes = source.matches(['\\', '[', '.']).count();
    source.contains('{') || classes > 20 || source.len() > 256
}

/// Whether a literal is rare enough to be worth looking for: two bytes, or one that texts do not consist of.
fn is_telling(literal: &[u8]) -> bool {
    match literal {
        [] => false,
        [byte] => byte.is_ascii_punctuation() && !b"\\/.-:_\"".contains(byte),
        _ => true,
    }
}

/// The best set of literals of which one must be there: of a sequence its best part, of alternatives all together.
fn required(hir: &Hir) -> Vec<Vec<u8>> {
    match hir.kind() {
        HirKind::Literal(literal) => vec![lower(&literal.0)],
        HirKind::Class(class) => letter(class).map(|text| vec![text]).unwrap_or_default(),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                let of_part = required(part);
                if of_part.is_empty() || all.len() > 64 {
                    return Vec::new();
                }
                all.extend(of_part);
            }
            all
        }
        HirKind::Concat(parts) => best(parts),
        _ => Vec::new(),
    }
}

/// Neighbouring literals are one; of all, the set whose shortest is longest.
fn best(parts: &[Hir]) -> Vec<Vec<u8>> {
    let mut best: Vec<Vec<u8>> = Vec::new();
    let mut run: Vec<u8> = Vec::new();
    let worth = |set: &Vec<Vec<u8>>| set.iter().map(Vec::len).min().unwrap_or(0);
    let mut offer = |set: Vec<Vec<u8>>| {
        if worth(&set) > worth(&best) {
            best = set;
        }
    };
    for part in parts {
        let literal = match part.kind() {
            HirKind::Literal(literal) => Some(lower(&literal.0)),
            HirKind::Class(class) => letter(class),
            _ => None,
        };
        if let Some(literal) = literal {
            run.extend(literal);
        } else {
            offer(vec![std::mem::take(&mut run)]);
            offer(required(part));
        }
    }
    offer(vec![run]);
    best
}

/// The one letter that a class is in lower case, such as `[Aa]`.
fn letter(class: &Class) -> Option<Vec<u8>> {
    let Class::Unicode(class) = class else { return None };
    let mut only: Option<String> = None;
    for range in class.iter() {
        if u32::from(range.end()) - u32::from(range.start()) > 2 {
            return None;
        }
        for c in range.start()..=range.end() {
            let lowered: String = c.to_lowercase().collect();
            if only.get_or_insert_with(|| lowered.clone()) != &lowered {
                return None;
            }
        }
    }
    only.map(String::into_bytes)
}
