//! Tables with a header: CSV, TSV and their kin, exports of Splunk among them.
//!
//! RFC 4180 with any of comma, semicolon, tab and bar between cells. The first line is the header where it looks like names
//! and the second like a row of it. A column `_raw` holds what was logged, and is read again.

use super::draft::{Draft, Table};
use super::inner;
use super::name::NameId;
use super::record::RawName;
use super::registry::{Format, Outcome};
use super::time;

pub(crate) static FORMAT: Format = Format {
    name: "csv",
    describes: "tables with a header: commas, semicolons, tabs or bars between cells",
    recognised: "a first line of names, and lines below with as many cells",
    time: "the column that is called like a time; as it stands there",
};

pub(crate) static SPLUNK: Format = Format {
    name: "splunk-csv",
    describes: "Splunk export as CSV; the column `_raw` is read again",
    recognised: "a column `_raw` in the header",
    time: "`_time`, with its zone; else that of the raw line",
};

const SEPARATORS: &[u8] = b",\t;|";

/// Whether text begins with a header and a row.
pub(crate) fn is(start: &[u8]) -> bool {
    let mut lines = start
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let header = lines.next().unwrap_or_default();
    header_of(header).is_some_and(|(separator, columns)| {
        let second = lines.next().unwrap_or_default();
        let cells = Cells::new(second, separator).count();
        // A cell may go on over the line's end.
        cells == columns || (second.iter().filter(|byte| **byte == b'"').count() % 2 == 1 && cells <= columns)
    })
}

/// Separator and number of columns of a line of names.
fn header_of(line: &[u8]) -> Option<(u8, usize)> {
    if line.len() > 16 << 10 {
        return None;
    }
    let best = SEPARATORS.iter().copied().max_by_key(|separator| {
        let count = line.iter().filter(|byte| *byte == separator).count();
        (count, *separator == b',')
    })?;
    let mut columns = 0_usize;
    let mut names: Vec<&[u8]> = Vec::new();
    for cell in Cells::new(line, best) {
        columns = columns.saturating_add(1);
        let cell = cell.text.trim_ascii();
        // Names are neither numbers nor sentences.
        let is_name = !cell.is_empty()
            && cell.len() <= 96
            && !cell
                .iter()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'-' | b'/'))
            && cell.iter().filter(|byte| **byte == b' ').count() <= 4
            && !cell
                .iter()
                .any(|byte| matches!(byte, b'<' | b'>' | b'{' | b'}' | b'=' | b'"'));
        if !is_name || names.contains(&cell) {
            return None;
        }
        names.push(cell);
    }
    (columns >= 2).then_some((best, columns))
}

/// A cell without its quotes.
pub(crate) struct Cell<'a> {
    pub(crate) text: &'a [u8],
    has_escapes: bool,
}

/// The cells of a row.
pub(crate) struct Cells<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(row: &'a [u8], separator: u8) -> Self {
        Self {
            rest: Some(row),
            separator,
        }
    }

    /// The next cell's text; two quotes in it are still two.
    pub(crate) fn text(&mut self) -> Option<&'a [u8]> {
        self.next().map(|cell| cell.text)
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Cell<'a>;

    #[inline]
    fn next(&mut self) -> Option<Cell<'a>> {
        let rest = self.rest.take()?;
        let Some(body) = rest.strip_prefix(b"\"") else {
            let Some(at) = super::scan::find(rest, self.separator) else {
                return Some(Cell {
                    text: rest,
                    has_escapes: false,
                });
            };
            self.rest = rest.get(at.saturating_add(1)..);
            return Some(Cell {
                text: rest.get(..at).unwrap_or_default(),
                has_escapes: false,
            });
        };
        let (mut from, mut has_escapes) = (0_usize, false);
        loop {
            let found = body.get(from..).and_then(|tail| memchr::memchr(b'"', tail));
            let end = found.map_or(body.len(), |at| from.saturating_add(at));
            if found.is_some() && body.get(end.saturating_add(1)) == Some(&b'"') {
                has_escapes = true;
                from = end.saturating_add(2);
                continue;
            }
            let tail = body.get(end.saturating_add(1)..).unwrap_or_default();
            self.rest = match tail.iter().position(|byte| *byte == self.separator) {
                Some(at) => tail.get(at.saturating_add(1)..),
                None => None,
            };
            return Some(Cell {
                text: body.get(..end).unwrap_or_default(),
                has_escapes,
            });
        }
    }
}

/// Reads a row, or the header where there was none.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    if std::mem::take(&mut draft.header_next) {
        begin(text, draft);
        return Outcome::Header;
    }
    match draft.table.of {
        Some(format) if std::ptr::eq(format, &FORMAT) || std::ptr::eq(format, &SPLUNK) => row(text, format, draft),
        _ => Outcome::No,
    }
}

/// Takes the first line of an input for the header that [`is`] saw.
fn begin(text: &[u8], draft: &mut Draft) {
    let Some((separator, _)) = header_of(text) else { return };
    let mut table = Table {
        separator,
        ..Table::default()
    };
    let (mut rank, mut has_raw) = (usize::MAX, false);
    for (index, cell) in Cells::new(text, separator).enumerate() {
        let name = String::from_utf8_lossy(cell.text.trim_ascii()).into_owned();
        table.columns.push(draft.names.id(&name));
        if let Some(place) = time_rank(&name)
            && place < rank
        {
            rank = place;
            table.time = Some(index);
        }
        has_raw |= name == "_raw";
    }
    table.of = Some(if has_raw { &SPLUNK } else { &FORMAT });
    draft.table = table;
}

/// Names of columns that hold times, the best first.
fn time_rank(name: &str) -> Option<usize> {
    const TIMES: &[&str] = &[
        "_time",
        "@timestamp",
        "timestamp",
        "timegenerated",
        "timegenerated [utc]",
        "eventtime",
        "event_time",
        "timecreated",
        "systemtime",
        "utctime",
        "datetime",
        "date_time",
        "date and time",
        "time_generated",
        "creationtime",
        "creationdate",
        "starttime",
        "time",
        "ts",
        "date",
        "created",
        "created_at",
        "receive time",
        "generated time",
        "first seen",
        "logged",
    ];
    TIMES.iter().position(|time| name.eq_ignore_ascii_case(time))
}

fn row(text: &[u8], format: &'static Format, draft: &mut Draft) -> Outcome {
    let table = std::mem::take(&mut draft.table);
    let outcome = cells(text, format, &table, draft);
    draft.table = table;
    if outcome == Outcome::Record && std::ptr::eq(format, &SPLUNK) {
        inner::of_field(text, draft, "_raw", 0);
    }
    outcome
}

fn cells(text: &[u8], format: &'static Format, table: &Table, draft: &mut Draft) -> Outcome {
    let mut count = 0_usize;
    for cell in Cells::new(text, table.separator) {
        let Some(id) = table.columns.get(count).copied() else {
            return Outcome::No;
        };
        if table.time == Some(count) {
            draft.time = time::any(cell.text, &mut draft.assumed);
        }
        put(id, &cell, draft);
        count = count.saturating_add(1);
    }
    if count != table.columns.len() {
        return Outcome::No;
    }
    draft.is(format);
    Outcome::Record
}

#[inline]
fn put(id: NameId, cell: &Cell<'_>, draft: &mut Draft) {
    if cell.text.is_empty() {
        return;
    }
    let value = if cell.has_escapes {
        let clean = String::from_utf8_lossy(cell.text).replace("\"\"", "\"");
        draft.copied(clean.as_bytes())
    } else {
        draft.place(cell.text)
    };
    draft.push(RawName::Known(id), value);
}
