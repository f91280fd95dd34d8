//! A report as one page: what is passed on, printed and kept.
//!
//! The page is one file. Its policy (`default-src 'none'`, and the digests of the one style sheet and the one script that are
//! in it) lets it load nothing, send nothing and run nothing else; whatever stands in a report is text in it
//! ([`escape::Markup`] is the only way in). Values are defanged, and nothing in it is a link but to places of the page
//! itself. The report stands in it once more as JSON, live, for machines. It reads without its script, too: that only sorts,
//! filters, copies and switches between light and dark.
//!
//! Each section is one file that says what it shows, and nothing where there is nothing to show.

mod appendix;
mod check;
mod details;
mod embedded;
pub(crate) mod escape;
mod evidence;
mod flows;
mod happened;
mod method;
mod observables;
mod page;
mod parts;
mod places;
mod policy;
mod story;
mod techniques;
#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use escape::Markup;

use crate::nowhere::Nowhere;
use crate::{Detail, Exporter, ExporterInfo, ListingKind, ListingWriter, Matter, ReputationWriter, Style};
use std::io::{self, Write};
use watchfire_model::{Report, Reputation, Untrusted};

/// See the module.
pub(crate) struct Html;

static INFO: ExporterInfo = ExporterInfo {
    name: "html",
    describes: "one page for people, without a network: story, charts, map; prints to A4",
};

const WHAT: &str = "html holds reports, and nothing else";

impl Exporter for Html {
    fn info(&self) -> &'static ExporterInfo {
        &INFO
    }

    fn holds(&self, matter: Matter) -> bool {
        matches!(matter, Matter::Report | Matter::Reputations)
    }

    fn report(&self, report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(page::page(report)?.as_bytes())
    }

    fn listing<'w>(&self, _: ListingKind, _: &Style, _: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w> {
        Box::new(Nowhere(WHAT))
    }

    fn document(&self, _: &dyn crate::Document, _: &Style, _: &mut dyn Write) -> io::Result<()> {
        Err(Nowhere(WHAT).error())
    }

    fn reputations(&self, _: Detail, _: &Style) -> Box<dyn ReputationWriter> {
        Box::new(AtTheEnd)
    }
}

/// The verdict over all comes first on a page, and is known last: the page is written then, of those that are kept.
struct AtTheEnd;

impl ReputationWriter for AtTheEnd {
    fn begin(&self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn reputation(&self, _: &Reputation, _: bool, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn unreadable(&self, _: &Untrusted, _: &str, _: bool, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(page::page(report)?.as_bytes())
    }

    fn keeps(&self) -> usize {
        crate::KEPT
    }
}
