//! From bytes to a judged report.
//!
//! [`Engine`] takes artifacts apart and reads them ([`analyzers`]), looks at the facts ([`detectors`]) and returns an
//! [`Analysis`]; [`judge`] weighs what was found, and [`assemble`] makes the [`Report`](watchfire_model::Report) of it.
//! Analysis cannot fail: what an analyzer found before it gave up stays, and what it could not read is a diagnostic.
//!
//! This crate is pure: no files, no network, no clock, no environment. Readers come from the caller.

#![forbid(unsafe_code)]

mod analysis;
pub mod analyzers;
mod assemble;
mod beside;
mod boundary;
mod campaign;
mod context;
pub mod detectors;
mod engine;
mod essentials;
mod files;
mod hands;
mod incident;
mod inline;
mod judge;
mod kin;
mod locate;
pub mod logs;
mod mails;
mod matching;
pub mod network;
mod passwords;
pub mod phishing;
mod recommend;
mod reported;
mod rows;
mod run;
pub mod secrets;
mod sighting;
mod standing;
mod stream;
mod tagging;
mod tally;
mod unwrap;
mod wide;
mod wording;

pub use analysis::{Analysis, inputs_cut};
pub use analyzers::{Analyzer, AnalyzerInfo};
pub use assemble::{Assembly, assemble};
pub use beside::{Beside, Pair};
pub use context::{Context, Reading};
pub use detectors::file::several_names::Copies;
pub use detectors::{Detector, DetectorInfo, Letter, Scene};
pub use engine::{Engine, GiveLogRules, Settings};
pub use files::{ARCHIVE, kind_of};
pub use judge::{MALICIOUS, RULESET, SUSPICIOUS, judge, judge_reputation};
pub use locate::{Locate, Verbatim};
pub use recommend::recommend;
pub use sighting::{askable, sightings};
pub use standing::{Marks, Standing};
pub use tagging::{host_behind, located, place_key};
pub use tally::Tally;
pub use unwrap::{Unwrapped, unwrap};

#[cfg(test)]
mod tests;
