//! One report, many output formats.
//!
//! An [`Exporter`] is one file and one line in `registry.rs`. It writes a [`Report`] or the listing of an extraction
//! to a writer it is given; width, colour and every other choice are arguments. Foreign schemas live here and nowhere
//! else. Nothing here touches a file, a terminal or the environment.
//!
//! Screens are defanged, machine formats are raw. In both, characters that act on a terminal come out escaped: JSON by
//! its own rules, CSV and text as `\u{…}`.

#![forbid(unsafe_code)]

mod actionable;
mod anomalies;
mod blocklist;
mod cases;
mod chart;
mod chosen;
mod csv;
mod evaluation;
mod eve;
mod html;
mod identity;
mod json;
mod line;
mod lines;
mod markdown;
mod misp;
mod navigator;
mod ndjson;
mod nowhere;
mod ocsf;
mod open_ioc;
mod pack;
mod parquet;
mod ranking;
mod registry;
mod report_only;
mod rule_list;
mod rule_work;
#[cfg(test)]
mod samples;
mod sarif;
pub mod schema;
mod searches;
mod stix;
mod style;
mod telling;
mod text;
mod uuid;
mod words;
mod xlsx;
mod xml;
mod zeek;

pub use anomalies::Anomalies;
pub use cases::{
    CaseList, CaseMeasure, CaseMetrics, CaseMetricsGroup, CaseSheet, ListedCase, SheetArtifact, SheetEvent,
    SheetFinding, SheetLink, SheetNote, SheetTask, SheetValue,
};
pub use chosen::{Where, WhereError};
pub use evaluation::{AtRecall, Evaluation, Kind, Share};
pub use eve::EveLines;
pub use pack::Pack;
pub use registry::EXPORTERS;
pub use rule_list::{ListedRule, ListedSet, RuleList};
pub use rule_work::{
    CheckedRules, MatchedPlace, MatchedRule, RegressedRule, RegressedRules, RuleDocument, RulePlace, RuleProblem,
    ToldMatch, ToldReason, ToldRule, ToldSelection, ToldStatement, TriedFormat, TriedLogs, TriedRules, UnusedRule,
};
pub use text::{Detail, Side, sheet, table};

pub use zeek::{LogFolder, ZeekForm, ZeekLogs, zeek_logs};

pub use style::{Colour, Form, Glyphs, Style, bytes, short_digest};

use std::io::{self, Write};
use watchfire_model::log::EntrySink;
use watchfire_model::network::RecordSink;
use watchfire_model::{Diagnostic, Observable, Observed, Report, Reputation, RuleMatch, Untrusted};

/// Reputations that a page is drawn from, where they come one after the other.
pub const KEPT: usize = 2_000;

/// What an exporter is called and what it is for.
#[derive(Debug)]
pub struct ExporterInfo {
    /// The word after `--format`.
    pub name: &'static str,
    /// One line for the manual, lower case, no full stop.
    pub describes: &'static str,
}

/// What there is to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A report.
    Report,
    /// The listing of an extraction.
    Listing,
    /// What is known about observables, one after the other.
    Reputations,
    /// How well mail is told apart.
    Evaluation,
    /// Detection rules and their sets.
    Rules,
    /// Rows of a table that are unlike the others.
    Anomalies,
    /// Cases.
    Cases,
}

/// What is neither a report nor a listing, and has a schema of its own: how it looks in each format.
pub trait Document {
    /// For people.
    ///
    /// # Errors
    /// Those of `out`.
    fn text(&self, style: &Style, out: &mut dyn Write) -> io::Result<()>;

    /// One document.
    ///
    /// # Errors
    /// Those of `out`.
    fn json(&self, out: &mut dyn Write) -> io::Result<()>;

    /// A line for each record.
    ///
    /// # Errors
    /// Those of `out`.
    fn ndjson(&self, out: &mut dyn Write) -> io::Result<()>;

    /// A row for each record.
    ///
    /// # Errors
    /// Those of `out`.
    fn csv(&self, out: &mut dyn Write) -> io::Result<()>;
}

/// One output format.
pub trait Exporter: Sync {
    /// What it is.
    fn info(&self) -> &'static ExporterInfo;

    /// Whether it has a place for `matter`. What it has none for, it answers with an error.
    fn holds(&self, _matter: Matter) -> bool {
        true
    }

    /// Writes a whole report.
    ///
    /// # Errors
    /// Those of `out`.
    fn report(&self, report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()>;

    /// What a reader has to know beside the report, where the format has no place for it: what a list leaves out, and why.
    fn aside(&self, _report: &Report) -> Vec<String> {
        Vec::new()
    }

    /// Begins the listing of an extraction.
    fn listing<'w>(&self, kind: ListingKind, style: &Style, out: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w>;

    /// Writes something that has a schema of its own.
    ///
    /// # Errors
    /// Those of `out`.
    fn document(&self, document: &dyn Document, style: &Style, out: &mut dyn Write) -> io::Result<()>;

    /// Begins records that come before a report: flows and events of captures. Nothing, where the format has no place for
    /// them.
    fn records<'w>(&self, _out: &'w mut dyn Write) -> Option<Box<dyn RecordWriter + 'w>> {
        None
    }

    /// Begins the timeline of logs, which comes before a report: all records, or those that something is said of. Nothing,
    /// where the format has no place for it.
    fn entries<'w>(&self, _out: &'w mut dyn Write, _all: bool) -> Option<Box<dyn EntryWriter + 'w>> {
        None
    }

    /// Begins what is told of logs that grow, as it comes: alerts, and the timeline where the format has a place for it.
    /// Nothing, where the format is no stream.
    fn following<'w>(&self, _out: &'w mut dyn Write, _style: &Style, _all: bool) -> Option<Box<dyn EntryWriter + 'w>> {
        None
    }

    /// Writes what of a report comes behind its records.
    ///
    /// # Errors
    /// Those of `out`.
    fn report_behind(&self, report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        self.report(report, style, out)
    }

    /// Begins a list of reputations.
    fn reputations(&self, detail: Detail, style: &Style) -> Box<dyn ReputationWriter>;
}

/// Writes records as they come.
pub trait RecordWriter: RecordSink {
    /// As somebody who hands out records sees it.
    fn sink(&mut self) -> &mut dyn RecordSink;

    /// The end of the records.
    ///
    /// # Errors
    /// Those of writing, of whichever record: what came after the first was not written.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Writes records of logs as they come.
pub trait EntryWriter: EntrySink {
    /// As somebody who hands out records sees it.
    fn sink(&mut self) -> &mut dyn EntrySink;

    /// The end of the records.
    ///
    /// # Errors
    /// Those of writing, of whichever record: what came after the first was not written.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Writes what is known about observables, one after the other. What it writes about each depends on nothing else, so
/// that many can be rendered side by side.
pub trait ReputationWriter: Sync {
    /// What stands before all.
    ///
    /// # Errors
    /// Those of `out`.
    fn begin(&self, out: &mut dyn Write) -> io::Result<()>;

    /// One observable; `first` if nothing was rendered before it.
    ///
    /// # Errors
    /// Those of rendering.
    fn reputation(&self, reputation: &Reputation, first: bool, out: &mut Vec<u8>) -> io::Result<()>;

    /// An input that is no observable.
    ///
    /// # Errors
    /// Those of rendering.
    fn unreadable(&self, input: &Untrusted, why: &str, first: bool, out: &mut Vec<u8>) -> io::Result<()>;

    /// The end: `report` has everything but the reputations.
    ///
    /// # Errors
    /// Those of `out`.
    fn finish(&self, report: &Report, out: &mut dyn Write) -> io::Result<()>;

    /// How many of them the report at the end should hold, the first ones: where they come to be written only then.
    fn keeps(&self) -> usize {
        0
    }

    /// How rows come about, where each is the value and then what is known of it.
    fn rows(&self) -> Option<&dyn ReputationRows> {
        None
    }
}

/// Rows of which only the beginning tells of the value: what is known of one is known of many others, and is rendered
/// once for all of them.
pub trait ReputationRows: Sync {
    /// The beginning of a row.
    ///
    /// # Errors
    /// Those of rendering.
    fn head(&self, subject: &Subject<'_>, first: bool, out: &mut Vec<u8>) -> io::Result<()>;

    /// The rest of it. Input and value are not looked at.
    ///
    /// # Errors
    /// Those of rendering.
    fn rest(&self, reputation: &Reputation, out: &mut Vec<u8>) -> io::Result<()>;
}

/// A whole row.
fn row(rows: &dyn ReputationRows, reputation: &Reputation, first: bool, out: &mut Vec<u8>) -> io::Result<()> {
    rows.head(&Subject::of(reputation), first, out)?;
    rows.rest(reputation, out)
}

/// What a row is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'s> {
    /// What was asked, where it was written otherwise; else empty.
    pub input: &'s str,
    /// Type and value.
    pub observable: &'s Observable,
}

impl<'s> Subject<'s> {
    fn of(reputation: &'s Reputation) -> Self {
        Self {
            input: reputation.input.raw(),
            observable: &reputation.observable,
        }
    }
}

/// Begins the timeline of logs as a Parquet file: all records, or those that something is said of. It is a file and no stream, and
/// holds nothing else.
pub fn parquet_entries<'w>(out: &'w mut dyn Write, all: bool) -> Box<dyn EntryWriter + 'w> {
    Box::new(parquet::Entries::new(out, all))
}

/// What the entries of a listing are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingKind {
    /// Distinct observables of a source, counted.
    Distinct,
    /// Every occurrence.
    Occurrences,
    /// Distinct observables of a source that still grows: their counts are not known yet.
    Following,
}

/// What was observed in one source.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    /// The source's name, or the path of an artifact inside it.
    pub source: &'a Untrusted,
    /// Bytes read.
    pub size: u64,
    /// Occurrences, all together.
    pub occurrences: u64,
    /// In order of first occurrence.
    pub observed: &'a [Observed],
    /// It is a container, and a listing of something inside of it follows.
    pub has_parts: bool,
    /// How many threads may render it; the result is the same.
    pub threads: usize,
    /// Whether it and everything in it was read in full.
    pub complete: bool,
}

/// Receives an extraction, source by source.
pub trait ListingWriter {
    /// One source, complete.
    ///
    /// # Errors
    /// Those of the writer.
    fn source(&mut self, listing: &Listing<'_>) -> io::Result<()>;

    /// One occurrence of a source that is still being read.
    ///
    /// # Errors
    /// Those of the writer.
    fn occurrence(&mut self, source: &Untrusted, observed: &Observed) -> io::Result<()>;

    /// Rules that hold for a source, behind what was observed in it.
    ///
    /// # Errors
    /// Those of the writer.
    fn rules(&mut self, source: &Untrusted, matches: &[&RuleMatch]) -> io::Result<()>;

    /// The end of the listing.
    ///
    /// # Errors
    /// Those of the writer.
    fn finish(&mut self) -> io::Result<()>;

    /// Behind the end of a listing with verdicts: what they rest on, for formats that people read.
    ///
    /// # Errors
    /// Those of the writer.
    fn coverage(&mut self, _notes: &[Diagnostic]) -> io::Result<()> {
        Ok(())
    }
}

/// The exporter called `name`.
pub fn exporter(name: &str) -> Option<&'static dyn Exporter> {
    EXPORTERS.iter().copied().find(|exporter| exporter.info().name == name)
}
