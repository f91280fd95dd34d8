//! The timeline of logs: a row for each record.

use super::{Cell, Table};
use crate::EntryWriter;
use std::io::{self, Write};
use watchfire_model::log::{EntrySink, LogEntry};

const COLUMNS: &[&str] = &[
    "time", "assumed", "level", "rules", "rule_ids", "host", "format", "message", "source", "line", "fault", "fields",
];

/// See the module.
pub(super) struct Entries<'w> {
    table: Table<'w>,
    wants_all: bool,
    failed: Option<io::Error>,
}

impl<'w> Entries<'w> {
    pub(super) fn new(out: &'w mut dyn Write, wants_all: bool) -> Self {
        Self {
            table: Table { out, columns: 0 },
            wants_all,
            failed: None,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        match self.table.columns {
            0 => self.table.header([COLUMNS]),
            _ => Ok(()),
        }
    }

    fn row(&mut self, entry: &LogEntry) -> io::Result<()> {
        self.begin()?;
        let list = |texts: Vec<&str>| Cell::text(texts.join("; "));
        let fields = entry.fields.iter();
        let fields: Vec<String> = fields.map(|field| format!("{}={}", field.name.raw(), field.value)).collect();
        self.table.row([
            entry.time.map_or(Cell::Empty, |time| Cell::text(time.to_string())),
            entry.assumed.map_or(Cell::Empty, Cell::text),
            entry.level.map_or(Cell::Empty, |level| Cell::text(level.as_str())),
            list(entry.rules.iter().map(|rule| rule.title.raw()).collect()),
            list(entry.rules.iter().map(|rule| rule.id.raw()).collect()),
            Cell::text(entry.host.raw()),
            Cell::text(entry.format),
            Cell::text(entry.message.raw()),
            Cell::text(entry.source.raw()),
            Cell::number(entry.line),
            entry.fault.map_or(Cell::Empty, Cell::text),
            Cell::text(fields.join(" ¦ ")),
        ])
    }
}

impl EntrySink for Entries<'_> {
    fn wants_all(&self) -> bool {
        self.wants_all
    }

    fn entry(&mut self, entry: &LogEntry) {
        if self.failed.is_none() {
            self.failed = self.row(entry).err();
        }
    }

    fn goes_on(&self) -> bool {
        self.failed.is_none()
    }
}

impl EntryWriter for Entries<'_> {
    fn sink(&mut self) -> &mut dyn EntrySink {
        self
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            // A table without rows still has its columns.
            None => self.begin(),
        }
    }
}
