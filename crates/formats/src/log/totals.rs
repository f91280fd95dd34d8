//! What went through a reader: how many records of what, from when to when, and what of them is not as it should be.

use super::record::{Fault, Record};
use super::time::Known;
use std::ops::Deref;
use watchfire_model::Timestamp;
use watchfire_model::log::{LogFile, LogFormat};

/// Totals of a reader, those of [`LogFile`] among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes of the input.
    pub bytes: u64,
    /// The rest, as a report has it.
    pub log: LogFile,
}

impl Deref for Totals {
    type Target = LogFile;

    fn deref(&self) -> &LogFile {
        &self.log
    }
}

impl Totals {
    /// Counts a record; `before` is the time of the one before it.
    #[inline]
    pub(super) fn add(&mut self, record: &Record<'_>, before: Option<Timestamp>) {
        let log = &mut self.log;
        log.records = log.records.saturating_add(1);
        let one = |count: &mut u64, is: bool| *count = count.saturating_add(u64::from(is));
        one(&mut log.malformed, record.fault == Some(Fault::Malformed));
        one(&mut log.code_page, record.fault == Some(Fault::CodePage));
        let parts = matches!(record.fault, Some(Fault::Cut | Fault::Truncated | Fault::Bounded));
        one(&mut log.incomplete, parts);
        if let Some(time) = record.time {
            one(&mut log.timed, true);
            one(&mut log.zone_assumed, time.zone == Known::Assumed);
            one(&mut log.year_assumed, time.year == Known::Assumed);
            log.first = Some(log.first.map_or(time.at, |first| first.min(time.at)));
            log.last = Some(log.last.map_or(time.at, |last| last.max(time.at)));
            one(
                &mut log.jumps,
                before.is_some_and(|before| before.since(time.at) > 3_600_000_000_000),
            );
        }
        let name = record.format.name;
        // The name of a format is one text in memory, so that its place tells it.
        match log.formats.iter_mut().find(|known| std::ptr::eq(known.format, name)) {
            Some(known) => known.records = known.records.saturating_add(1),
            None => log.formats.push(LogFormat {
                format: name,
                records: 1,
            }),
        }
    }
}
