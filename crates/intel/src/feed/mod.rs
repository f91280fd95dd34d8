//! Feeds: bytes in, indicators out. One file per format, all listed in [`FORMATS`].
//!
//! A format reads its input once, in bounded memory, and hands each assertion over as it meets it. What it cannot use
//! it counts, names the first few with their place, and goes on: one bad record never stops a feed. Only what makes
//! the whole doubtful is an error (the input ends in the middle, is a web page, is something else); then nothing that
//! was handed over counts, and whoever stores feeds keeps the old version.
//!
//! Nothing is broadened silently. A domain meets itself alone unless the format's own syntax says that names below it
//! are meant, or the user does ([`Options::reach`]), and so a URL meets itself, or those that begin so; an `address:port` is taken as its address, with
//! the port in [`Indicator::threat`](watchfire_model::Indicator), because that is what evidence shows, and a note says
//! how often. What would hit half the world is refused (see `screen`).
//!
//! Absent: files, network, clocks, decompression, and any idea of how far a feed can be trusted, which stands with the
//! feed ([`catalogue`]).

mod access;
pub mod catalogue;
mod column;
pub(crate) mod columns;
mod error;
mod formats;
pub(crate) mod intake;
mod json;
pub(crate) mod lines;
mod pattern;
mod pending;
mod reach;
mod registry;
mod screen;
pub(crate) mod table;
pub(crate) mod value;

pub use access::{FeedKey, KeyPlace};
pub use column::ColumnValues;
pub use columns::Columns;
pub use error::FeedError;
pub use formats::misp::{ManifestEntry, manifest as misp_manifest};
pub use intake::{Intake, Next, Place, Reason, Rejected};
pub use lines::is_web_page;
pub use reach::UserReach;
pub use registry::FORMATS;

use std::io::Read;
use watchfire_model::{Indicator, Verdict};

/// What a format is, for the manual and for choosing one.
#[derive(Clone, Copy, Debug)]
pub struct FormatInfo {
    /// The name in commands and configuration, `urlhaus`.
    pub name: &'static str,
    /// One line, lower case, no full stop.
    pub describes: &'static str,
    /// What its indicators are about.
    pub yields: &'static str,
    /// What they assert.
    pub towards: &'static str,
    /// Which of confidence, times, threat and reference its records give.
    pub fields: &'static str,
    /// What its domains and URLs meet unless the user says otherwise.
    pub reach: &'static str,
    /// Where its publisher describes it.
    pub source: &'static str,
}

/// A format of feeds.
pub trait FeedFormat: Sync {
    /// What it is.
    fn info(&self) -> &'static FormatInfo;

    /// Where a feed goes on whose pages do not say so themselves, but the headers of their answers; names are in lower
    /// case.
    fn next_in_headers(&self, header: &dyn Fn(&str) -> Option<String>) -> Option<Next> {
        let _ = header;
        None
    }

    /// Whether an input that begins so is of this format. `name` is the file's name in lower case, and may be empty.
    fn recognises(&self, head: &[u8], name: &str) -> bool;

    /// Reads all of `input` and hands over each indicator.
    ///
    /// # Errors
    /// When the input as a whole cannot be believed; then nothing that was handed over counts.
    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError>;
}

/// What the user says about a feed.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where a table keeps what.
    pub columns: Option<Columns>,
    /// What domains and URLs meet, whatever the format says.
    pub reach: UserReach,
    /// What all indicators assert, whatever the format says.
    pub towards: Option<Verdict>,
    /// The confidence of those that give none. Percent.
    pub confidence: Option<u8>,
    /// The threat of those that name none.
    pub threat: String,
    /// Longest record that is read. Bytes.
    pub record: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            columns: None,
            reach: UserReach::default(),
            towards: None,
            confidence: None,
            threat: String::new(),
            record: 4 << 20,
        }
    }
}

/// The format called so.
pub fn by_name(name: &str) -> Option<&'static dyn FeedFormat> {
    FORMATS.iter().copied().find(|format| format.info().name == name)
}

/// The format of an input that begins with `head`; a few kilobytes suffice. `name` is the file's name, or empty.
///
/// Formats are asked from the most to the least particular, so that a list of anything comes last.
pub fn detect(head: &[u8], name: &str) -> Option<&'static dyn FeedFormat> {
    let name = name.to_ascii_lowercase();
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    FORMATS.iter().copied().find(|format| format.recognises(head, &name))
}
