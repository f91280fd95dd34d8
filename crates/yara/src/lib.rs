//! YARA: rules that others wrote, compiled once and matched on bytes.
//!
//! The language is that of <https://yara.readthedocs.io/>; compiling and matching are the crate boreal's, which enters
//! through `engine.rs` alone, so that another engine could take its place. What this crate adds: one bad file or rule
//! never stops the others, each problem names file and line, and what is handed out is bounded.
//!
//! ```
//! use watchfire_yara::{Limits, Names, Rules, Source};
//!
//! let source = Source::new("mine.yar", "rule Hello { strings: $a = \"hello\" condition: $a }");
//! let (rules, problems) = Rules::compile(&[source]);
//! assert!(problems.is_empty());
//! let outcome = rules.unwrap().scan(b"well, hello", &Names::default(), &Limits::default());
//! assert_eq!(outcome.matches[0].strings[0].span.start, 6);
//! ```
//!
//! Absent: files (sources come as text), processes' memory, the modules `console`, `cuckoo` and `magic`, rules that were
//! compiled elsewhere, verification of signatures (their presence can be asked), and any opinion about what a match means.
//!
//! Compiled rules are not kept between runs: all of signature-base is compiled in about a second, and what the engine can
//! serialise has to be built again in good part and may not be trusted when it was changed.

#![forbid(unsafe_code)]

mod builtin;
mod compile;
mod engine;
mod excerpt;
mod names;
mod split;
#[cfg(test)]
mod tests;

pub use builtin::builtin;
pub use names::{Names, filetype};

use std::fmt;
use std::time::Duration;
use watchfire_model::{DiagnosticSeverity, Problem, RuleMatch, Untrusted};

/// A rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path, with `/`; what other files include it by, and what matches and problems name.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// A rule file of this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}

/// What is wrong with a rule file. The rest of it, and all others, are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// An error where a rule is lost, a note where it merely could be better.
    pub severity: DiagnosticSeverity,
    /// The file.
    pub source: Untrusted,
    /// The line, from 1; none where it is about the file as a whole.
    pub line: Option<u64>,
    /// One sentence, lower case, no full stop. May quote the file.
    pub message: Untrusted,
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.source, self.message),
            None => write!(f, "{}: {}", self.source, self.message),
        }
    }
}

/// What one scan may cost, and how much of it is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// After this time a scan stops; what matched until then stays.
    pub time: Duration,
    /// Rules that are told of one scan.
    pub matches: usize,
    /// Places that are told for each string of a rule.
    pub places: usize,
    /// Places that are told for each rule.
    pub places_in_all: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(60),
            matches: 500,
            places: 3,
            places_in_all: 24,
        }
    }
}

/// Compiled rules. Share them between threads behind an `Arc`; nothing about them changes while they are used.
#[derive(Debug)]
pub struct Rules {
    engine: engine::Engine,
    count: usize,
    files: usize,
    asks_md5: bool,
}

/// What a scan found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rules that hold, global ones first, then in the order of the sources.
    pub matches: Vec<RuleMatch>,
    /// What went wrong: `yara-timeout`, `yara-fault`, `yara-matches`.
    pub problems: Vec<Problem>,
}

impl Rules {
    /// Compiles all that can be compiled. Each file is a namespace of its own, as if it were given alone; a file that
    /// another one includes is compiled where it is included. No rules where there is none that compiles.
    pub fn compile(sources: &[Source]) -> (Option<Self>, Vec<RuleProblem>) {
        compile::compile(sources)
    }

    /// How many rules there are, private ones counted.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many files gave at least one.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Which rules hold for `bytes`. The same for the same arguments, unless time runs out.
    pub fn scan(&self, bytes: &[u8], names: &Names, limits: &Limits) -> Outcome {
        self.engine.scan(bytes, names, self.asks_md5, limits)
    }

    /// The same, with an account of time that many scans share: it takes no longer than `left`, of which what it took is
    /// gone then.
    pub fn scan_within(&self, bytes: &[u8], names: &Names, limits: &Limits, left: &mut Duration) -> Outcome {
        let limits = Limits {
            time: limits.time.min(*left),
            ..*limits
        };
        let (outcome, took) = engine::timed(|| self.scan(bytes, names, &limits));
        *left = left.saturating_sub(took);
        outcome
    }
}
