//! One file of a log: what it was read as, and what about it is not as it should be.

use crate::{Place, Timestamp};
use serde::Serialize;

/// Totals of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LogFile {
    /// What its records were read as, in the order in which formats were met.
    pub formats: Vec<LogFormat>,
    /// Records.
    pub records: u64,
    /// Of these, records without a format among others that have one. They are kept as text.
    pub malformed: u64,
    /// Records that were cut, broken off or read in part.
    pub incomplete: u64,
    /// Records with bytes of a code page.
    pub code_page: u64,
    /// Records with a time.
    pub timed: u64,
    /// Of these, records that do not state their zone.
    pub zone_assumed: u64,
    /// Of these, records that do not state their year.
    pub year_assumed: u64,
    /// Records that are more than an hour older than the one before.
    pub jumps: u64,
    /// Bytes in which nothing could be read.
    pub skipped: u64,
    /// The earliest time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// The latest time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

/// A format and how many records have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LogFormat {
    /// Its name.
    pub format: &'static str,
    /// Records.
    pub records: u64,
}

impl LogFile {
    /// Adds what comes behind it in the same file.
    pub fn merge(&mut self, next: &Self) {
        for other in &next.formats {
            match self.formats.iter_mut().find(|known| known.format == other.format) {
                Some(known) => known.records = known.records.saturating_add(other.records),
                None => self.formats.push(*other),
            }
        }
        for (sum, more) in [
            (&mut self.records, next.records),
            (&mut self.malformed, next.malformed),
            (&mut self.incomplete, next.incomplete),
            (&mut self.code_page, next.code_page),
            (&mut self.timed, next.timed),
            (&mut self.zone_assumed, next.zone_assumed),
            (&mut self.year_assumed, next.year_assumed),
            (&mut self.jumps, next.jumps),
            (&mut self.skipped, next.skipped),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.first = earlier(self.first, next.first);
        self.last = self.last.max(next.last);
    }

    /// What was added since it was `before`. Times are those of all.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let formats = self.formats.iter().map(|now| {
            let earlier = before.formats.iter().find(|known| known.format == now.format);
            LogFormat {
                format: now.format,
                records: now.records.saturating_sub(earlier.map_or(0, |known| known.records)),
            }
        });
        Self {
            formats: formats.filter(|format| format.records > 0).collect(),
            records: self.records.saturating_sub(before.records),
            malformed: self.malformed.saturating_sub(before.malformed),
            incomplete: self.incomplete.saturating_sub(before.incomplete),
            code_page: self.code_page.saturating_sub(before.code_page),
            timed: self.timed.saturating_sub(before.timed),
            zone_assumed: self.zone_assumed.saturating_sub(before.zone_assumed),
            year_assumed: self.year_assumed.saturating_sub(before.year_assumed),
            jumps: self.jumps.saturating_sub(before.jumps),
            skipped: self.skipped.saturating_sub(before.skipped),
            first: self.first,
            last: self.last,
        }
    }
}

/// The earlier of two times, where there are two.
pub fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// A record of one of several files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPlace {
    /// Which file, in the order in which they are read, from 0.
    pub file: u32,
    /// Its line, or the number of the record, from 1.
    pub number: u64,
    /// Whether it is a line.
    pub is_line: bool,
}

impl LogPlace {
    /// Where in its file.
    pub fn place(self) -> Place {
        if self.is_line {
            Place::Line(self.number)
        } else {
            Place::Record(self.number)
        }
    }
}
