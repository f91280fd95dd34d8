//! Sigma: rules that others wrote, compiled once into one program, and matched on records of any log.
//!
//! The language is that of the Sigma specification 2.1 (<https://github.com/SigmaHQ/sigma-specification>): rules,
//! correlations and filters. What stands out:
//!
//! - **One program.** Each question that rules ask of a field is kept once, whatever the number of rules; a value is
//!   answered for all of them in one walk, and the answer is remembered while values repeat.
//! - **One bad rule never stops the others.** Each [`Problem`] shows the line, and what to do.
//! - **A match can be explained**: field, value, pattern, place ([`Program::explain`]).
//!
//! ```
//! use watchfire_sigma::{Field, Matcher, Options, Program, Route, Source, Value};
//!
//! let rule = "title: Whoami\nlogsource: {product: windows}\ndetection:\n  s:\n    Image|endswith: '\\whoami.exe'\n  condition: s\n";
//! let (program, problems) = Program::compile(&[Source::new("whoami.yml", rule)], &Options::default());
//! assert!(problems.is_empty(), "{problems:?}");
//! let image = Field { id: program.field("Image"), value: Value::Text(r"C:\Windows\System32\Whoami.exe") };
//! let mut matcher = Matcher::new(&program);
//! let matched = matcher.matches(Route::ALL, &[image]).to_vec();
//! let why = program.explain(matched[0], &[image]);
//! assert_eq!(why.reasons[0].span, (19, 30));
//! ```
//!
//! Absent: files, clocks, the network; parsers of logs (records come as names and values); any opinion about what a match
//! means beyond what the rule's author says.

#![forbid(unsafe_code)]

mod builtin;
mod cache;
mod correlate;
mod problem;
mod program;
mod query;
mod rule;
mod run;
mod taxonomy;
#[cfg(test)]
mod tests;
mod value;
mod yaml;

pub use builtin::builtin;
pub use cache::{CacheError, digest};
pub use correlate::{Alert, CorrelationLimits, Correlator, Losses, ValueStore, Values};
pub use problem::{Place, Problem, Severity};
pub use program::{CorrelationInfo, FieldId, Member, Options, Program, RuleId, RuleInfo, Size};
pub use query::{Query, QueryError};
pub use rule::{
    Aggregate, Collection, Comparison, Condition, Correlation, Filter, Level, Limits, LogSource, Meta, Network,
    Pattern, Piece, Placeholders, Rule, Source, Statement, Status, TimePart, Words, parse,
};
pub use run::{Effort, Explanation, Field, Known, Matcher, Origin, Reason, Route};
pub use taxonomy::{Mapping, Names, PIPELINES, Pipeline};
pub use value::Value;
