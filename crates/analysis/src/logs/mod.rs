//! What logs say, as they are read: totals, matches of Sigma rules, log-ins, observables, and what detectors find.
//!
//! ```text
//! files ─▶ blocks ─▶ Lane (a reader and its blocks) ─▶ Batch ─▶ Collector ─▶ detectors, lists, timeline
//!          one thread │  as many threads as there are         │ one thread, in the order of the files
//! ```
//!
//! - Blocks are cut by their content and at fixed lengths, so that what is found does not depend on the number of threads.
//!   Whatever depends on the order of records is decided by the collector; a batch is counts, and copies of the few records
//!   that somebody may want to look at.
//! - Where a part of a file can be read without the one before it (lines, chunks of EVTX), its blocks are read side by side.
//! - What is unusual is learnt on the way: batches carry the templates of their lines, what everybody did in each window of
//!   time, and records without a time as rows of tables. Models are made of them when all was read.
//! - Memory does not depend on the length of logs: every list is bounded, and what found no room is counted.

mod activity;
mod asked;
mod batch;
mod bound;
mod choice;
mod clocks;
mod collect;
mod cut;
mod deeds;
mod feed;
mod follow;
mod habits;
mod kept;
mod lane;
mod learnt;
mod login;
mod login_rows;
mod names;
mod normal;
mod rights;
mod rules;
mod sequence;
mod session;
mod session_rows;
mod sheets;
mod steps;
pub mod table;
mod tail;
mod tally;
mod templates;
mod text;
mod told;
mod traces;
mod unusual;

pub use asked::LogMatcher;
pub use choice::{LogChoice, SHORT as SHORT_NAMES};
pub use follow::LogNews;
pub(crate) use habits::NEW_HOUR;
pub use rules::{LogRules, Told};
pub use sequence::{LogPart, LogReading};
