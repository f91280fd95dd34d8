//! The timeline of logs in a file of its own, and several who want it.

use crate::{Problem, Replacement};
use std::io::{BufWriter, IntoInnerError, Write};
use std::path::Path;
use watchfire_export::{EntryWriter, Exporter, exporter, parquet_entries};
use watchfire_model::log::{EntrySink, LogAlert, LogEntry};

/// Hands the same records to several.
#[derive(Default)]
pub(super) struct EntriesTo<'s>(Vec<&'s mut dyn EntrySink>);

impl<'s> EntriesTo<'s> {
    /// One more who wants them.
    pub(super) fn add(&mut self, sink: &'s mut dyn EntrySink) {
        self.0.push(sink);
    }

    /// All of them as one; nothing, where nobody wants any.
    pub(super) fn sink(&mut self) -> Option<&mut dyn EntrySink> {
        match self.0.is_empty() {
            true => None,
            false => Some(self),
        }
    }
}

impl EntrySink for EntriesTo<'_> {
    fn wants_all(&self) -> bool {
        self.0.iter().any(|sink| sink.wants_all())
    }

    fn wants_entries(&self) -> bool {
        self.0.iter().any(|sink| sink.wants_entries())
    }

    fn alert(&mut self, alert: &LogAlert) {
        self.0.iter_mut().for_each(|sink| sink.alert(alert));
    }

    fn entry(&mut self, entry: &LogEntry) {
        self.0.iter_mut().for_each(|sink| sink.entry(entry));
    }

    fn goes_on(&self) -> bool {
        self.0.iter().all(|sink| sink.goes_on())
    }
}

/// The format of a timeline.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Of(&'static dyn Exporter),
    Parquet,
}

impl Format {
    /// By the name of its file.
    pub(super) fn of(path: &Path) -> Result<Self, Problem> {
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase());
        let name = match extension.as_deref() {
            Some("csv") => "csv",
            Some("ndjson" | "jsonl" | "json") => "ndjson",
            Some("parquet") => return Ok(Self::Parquet),
            _ => {
                let problem = Problem::new(format!("a timeline cannot be written to '{}'", path.display()));
                return Err(problem.hint("its name ends in .ndjson, .csv or .parquet"));
            }
        };
        let known = exporter(name).map(Self::Of);
        known.ok_or_else(|| Problem::new(format!("there is no format '{name}'")))
    }

    /// Begins one.
    pub(super) fn entries<'w>(self, out: &'w mut dyn Write, all: bool) -> Option<Box<dyn EntryWriter + 'w>> {
        match self {
            Self::Of(exporter) => exporter.entries(out, all),
            Self::Parquet => Some(parquet_entries(out, all)),
        }
    }
}

/// A timeline that grows beside the file whose place it takes at the end.
pub(super) struct File<'p> {
    pub(super) out: BufWriter<Replacement>,
    path: &'p Path,
}

impl<'p> File<'p> {
    pub(super) fn create(path: &'p Path) -> Result<Self, Problem> {
        let out = Replacement::new(path).map_err(|error| Problem::of_file("write", path, &error))?;
        Ok(Self {
            out: BufWriter::with_capacity(64 << 10, out),
            path,
        })
    }

    /// Puts it in place.
    pub(super) fn finish(self, written: std::io::Result<()>) -> Result<(), Problem> {
        let in_place = |out: BufWriter<Replacement>| out.into_inner().map_err(IntoInnerError::into_error)?.finish();
        written
            .and_then(|()| in_place(self.out))
            .map_err(|error| Problem::of_file("write", self.path, &error))
    }
}
