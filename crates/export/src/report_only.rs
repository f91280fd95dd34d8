//! Formats that hold a report and nothing else: a name, and a function that writes.

use crate::nowhere::Nowhere;
use crate::{Detail, Document, Exporter, ExporterInfo, ListingKind, ListingWriter, Matter, ReputationWriter, Style};
use std::io::{self, Write};
use watchfire_model::Report;

/// See the module.
pub(crate) struct ReportOnly {
    pub(crate) info: &'static ExporterInfo,
    /// What it says to everything else, `stix holds what was found, and nothing else`.
    pub(crate) only: &'static str,
    pub(crate) write: fn(&Report, &mut dyn Write) -> io::Result<()>,
    /// What a reader has to know beside it, where it has no place for that.
    pub(crate) aside: fn(&Report) -> Vec<String>,
}

/// For formats that say everything themselves.
pub(crate) fn nothing(_: &Report) -> Vec<String> {
    Vec::new()
}

impl Exporter for ReportOnly {
    fn info(&self) -> &'static ExporterInfo {
        self.info
    }

    fn holds(&self, matter: Matter) -> bool {
        matter == Matter::Report
    }

    fn report(&self, report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        (self.write)(report, out)
    }

    fn aside(&self, report: &Report) -> Vec<String> {
        (self.aside)(report)
    }

    fn listing<'w>(&self, _: ListingKind, _: &Style, _: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w> {
        Box::new(Nowhere(self.only))
    }

    fn document(&self, _: &dyn Document, _: &Style, _: &mut dyn Write) -> io::Result<()> {
        Err(Nowhere(self.only).error())
    }

    fn reputations(&self, _: Detail, _: &Style) -> Box<dyn ReputationWriter> {
        Box::new(Nowhere(self.only))
    }
}
