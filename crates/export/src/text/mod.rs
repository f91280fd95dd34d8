//! The screen: what a person reads in a terminal.
//!
//! The first line is the verdict, then why, then what to do, then details; the last line says what was looked at.

mod alert;
mod capture;
mod capture_parts;
mod files;
mod follow;
mod incident;
mod listing;
mod log;
mod mail;
pub(crate) mod media;
mod report;
mod reputation;
mod screen;
mod table;

pub use reputation::Detail;
pub use table::{Side, sheet, table};

use crate::{
    EntryWriter, Exporter, ExporterInfo, ListingKind, ListingWriter, ReputationRows, ReputationWriter, Style, Subject,
    line,
};
use std::io::{self, Write};
use watchfire_model::{
    Asset, DataSource, KnownGood, Location, ObservableType, Observed, Report, Reputation, Untrusted,
};

/// See the module.
pub(crate) struct Text;

static INFO: ExporterInfo = ExporterInfo {
    name: "text",
    describes: "for people: defanged, adapted to the width of the screen",
};

impl Exporter for Text {
    fn info(&self) -> &'static ExporterInfo {
        &INFO
    }

    fn report(&self, report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        report::draw(report, screen::Screen::new(*style, out))
    }

    fn following<'w>(&self, out: &'w mut dyn Write, style: &Style, _: bool) -> Option<Box<dyn EntryWriter + 'w>> {
        Some(Box::new(alert::Alerts::new(*style, out)))
    }

    fn listing<'w>(&self, kind: ListingKind, style: &Style, out: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w> {
        Box::new(listing::Table::new(kind, screen::Screen::new(*style, out)))
    }

    fn document(&self, document: &dyn crate::Document, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        document.text(style, out)
    }

    fn reputations(&self, detail: Detail, style: &Style) -> Box<dyn ReputationWriter> {
        Box::new(Reputations { detail, style: *style })
    }
}

/// Which list holds a file, in a few words.
pub(crate) fn known(list: &KnownGood) -> String {
    match list {
        KnownGood::Surely(list) => format!("known good: {list}"),
        KnownGood::Probably(list) => format!("probably known: {list}"),
    }
}

struct Reputations {
    detail: Detail,
    style: Style,
}

impl ReputationWriter for Reputations {
    fn begin(&self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn reputation(&self, reputation: &Reputation, first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        if self.detail == Detail::Row {
            return crate::row(self, reputation, first, out);
        }
        let mut screen = screen::Screen::new(self.style, out);
        if !first {
            screen.end()?;
        }
        reputation::card(reputation, self.detail == Detail::Explained, &mut screen)
    }

    fn rows(&self) -> Option<&dyn ReputationRows> {
        (self.detail == Detail::Row).then_some(self)
    }

    fn unreadable(&self, _input: &Untrusted, _why: &str, _first: bool, _out: &mut Vec<u8>) -> io::Result<()> {
        // It is told as an error.
        Ok(())
    }

    fn finish(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let mut screen = screen::Screen::new(self.style, out);
        if self.detail == Detail::Explained {
            data(report, &mut screen)?;
        }
        reputation::coverage(report, &mut screen)
    }
}

impl ReputationRows for Reputations {
    fn head(&self, subject: &Subject<'_>, _first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        reputation::row_head(subject.observable, &mut screen::Screen::new(self.style, out))
    }

    fn rest(&self, reputation: &Reputation, out: &mut Vec<u8>) -> io::Result<()> {
        reputation::row_rest(reputation, &mut screen::Screen::new(self.style, out))
    }
}

/// Where something is, in one note.
pub(crate) fn place_of(kind: ObservableType, location: &Location) -> String {
    let Location {
        country,
        asn,
        as_name,
        own,
    } = location;
    let city = own.as_ref().and_then(|own| own.city.as_ref());
    let parts = [
        country.map(str::to_owned),
        city.map(|city| line::prose(&city.to_string())),
        // The number of a network is its value.
        asn.filter(|_| kind != ObservableType::Asn)
            .map(|number| format!("AS{number}")),
        as_name.as_ref().map(|name| line::prose(&name.to_string())),
        own.as_ref()
            .map(|own| format!("({})", line::prose(&own.by.to_string()))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// An asset and who answers for it.
pub(crate) fn owned(asset: &Asset) -> String {
    let owner = if asset.owner.is_empty() {
        String::new()
    } else {
        format!(" ({})", asset.owner)
    };
    line::prose(&format!("{}{owner}", asset.name))
}

/// Whose an observable is, where it is and what marks it has, one note each.
pub(crate) fn marks(observed: &Observed) -> impl Iterator<Item = String> {
    let place = Some(place_of(observed.observable.kind(), &observed.location)).filter(|place| !place.is_empty());
    let asset = observed.asset.as_ref().map(|asset| format!("asset {}", owned(asset)));
    asset
        .into_iter()
        .chain(place)
        .chain(observed.tags.iter().map(|tag| tag.0.to_owned()))
}

/// Whose data the report rests on, and under which terms.
fn data(report: &Report, screen: &mut screen::Screen<'_>) -> io::Result<()> {
    if report.data.is_empty() {
        return Ok(());
    }
    // Attributions are owed where there are terms.
    let attributed = |data: &DataSource| match data.terms.is_empty() {
        true => data.name.to_string(),
        false => format!("{}, {}", data.source, data.terms),
    };
    let all: Vec<String> = report.data.iter().map(attributed).collect();
    let line = screen.prose(&all.join(" · "));
    let right = screen.style().width;
    screen.end()?;
    screen.put(" data: ").wrapped(&line, right)?;
    screen.end()
}

/// Says that rows were left out, and how to see them.
fn more(count: usize, screen: &mut screen::Screen<'_>) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    screen.put(&format!("  +{count} more (--top 0)")).end()
}
