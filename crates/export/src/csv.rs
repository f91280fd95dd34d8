//! Comma-separated values (RFC 4180), safe to open in a spreadsheet.
//!
//! A cell that a spreadsheet would take for a formula gets a leading apostrophe; characters that act on a terminal are
//! escaped as `\u{…}`, so a record is always one line. What a reader may not change — offsets, counts — is never
//! touched, as numbers are never negative. For the exact bytes use a JSON format.

mod entry;
mod file;
mod flow;
mod mail;
mod reputation;

use crate::line::value;
use crate::lines;
use crate::words::word;
use crate::{
    Detail, EntryWriter, Exporter, ExporterInfo, Form, Listing, ListingKind, ListingWriter, RecordWriter,
    ReputationWriter, Style,
};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::io::{self, Write};
use watchfire_model::{
    ArtifactRecord, Evidence, Finding, Observed, Place, Report, RuleMatch, StringMatch, Tag, Untrusted,
};

/// See the module.
pub(crate) struct Csv;

static INFO: ExporterInfo = ExporterInfo {
    name: "csv",
    describes: "comma-separated values, safe to open in a spreadsheet",
};

/// The columns of a listing.
const LISTING: &[&str] = &[
    "type",
    "value",
    "raw",
    "start",
    "end",
    "line",
    "page",
    "defanged",
    "count",
    "source",
    "confidence",
    "reason",
    "role",
    "country",
    "asn",
    "as_name",
    "tags",
    "encoding",
    "via",
    "pattern",
    "context",
    "verdict",
    "score",
];

/// What stands in front of the columns of a listing in a report: one wide table, because a spreadsheet opens one table.
const BEFORE: &[&str] = &["record"];
/// And behind them.
const BEHIND: &[&str] = &["severity", "weight", "place", "techniques"];
impl Exporter for Csv {
    fn info(&self) -> &'static ExporterInfo {
        &INFO
    }

    fn report(&self, report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table { out, columns: 0 };
        // What is about mails or about files has columns of its own; nothing is about both.
        let behind: &[&str] = match (report.mails.is_empty(), report.files.is_empty()) {
            (_, false) => file::COLUMNS,
            (false, true) => mail::COLUMNS,
            (true, true) => &[],
        };
        table.header([BEFORE, LISTING, BEHIND, behind])?;
        let judgement = &report.judgement;
        table.record(Record {
            record: "verdict",
            kind: judgement.verdict.as_str(),
            value: &judgement.summary,
            confidence: judgement.confidence.as_str(),
            weight: Cell::number(judgement.score.get()),
            ..Record::default()
        })?;
        for mail in report.mails.iter().filter(|_| report.files.is_empty()) {
            table.row(mail::cells(mail))?;
        }
        let roots = report.artifacts.iter().filter(|record| record.depth == 0);
        let records: HashMap<&Untrusted, &ArtifactRecord> = roots.map(|record| (&record.path, record)).collect();
        for file in &report.files {
            table.row(file::cells(file, records.get(&file.path).copied()))?;
        }
        for finding in &report.findings {
            finding_rows("finding", finding, &mut table)?;
        }
        for hidden in &report.suppressed {
            finding_rows("suppressed", &hidden.finding, &mut table)?;
        }
        for artifact in &report.artifacts {
            for observed in &artifact.observables {
                let cells = observed_cells(&artifact.path, observed, Form::Raw, Counts::Known);
                table.row(std::iter::once(Cell::text("observable")).chain(cells))?;
            }
        }
        for remark in &report.diagnostics {
            table.record(Record {
                record: "diagnostic",
                kind: remark.code,
                value: remark.message.raw(),
                source: remark.artifact.raw(),
                severity: word(remark.severity),
                ..Record::default()
            })?;
        }
        for data in &report.data {
            table.record(Record {
                record: "data",
                kind: data.terms.raw(),
                value: data.name.raw(),
                source: data.source.raw(),
                ..Record::default()
            })?;
        }
        Ok(())
    }

    fn records<'w>(&self, out: &'w mut dyn Write) -> Option<Box<dyn RecordWriter + 'w>> {
        Some(Box::new(flow::Flows::new(out)))
    }

    fn entries<'w>(&self, out: &'w mut dyn Write, all: bool) -> Option<Box<dyn EntryWriter + 'w>> {
        Some(Box::new(entry::Entries::new(out, all)))
    }

    fn report_behind(&self, _report: &Report, _style: &Style, _out: &mut dyn Write) -> io::Result<()> {
        // A spreadsheet opens one table, and that is the one of flows or records.
        Ok(())
    }

    fn listing<'w>(&self, kind: ListingKind, style: &Style, out: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w> {
        Box::new(Rows {
            table: Table { out, columns: 0 },
            kind,
            form: style.form,
        })
    }

    fn document(&self, document: &dyn crate::Document, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        document.csv(out)
    }

    fn reputations(&self, _detail: Detail, style: &Style) -> Box<dyn ReputationWriter> {
        Box::new(reputation::Reputations { form: style.form })
    }
}

/// One row for each place of a finding.
fn finding_rows(record: &str, finding: &Finding, table: &mut Table<'_>) -> io::Result<()> {
    let techniques: Vec<&str> = finding.techniques.iter().map(|technique| technique.as_str()).collect();
    for evidence in finding.evidence() {
        table.record(Record {
            record,
            kind: finding.rule.0,
            value: &finding.title,
            at: Some(&evidence.place),
            source: evidence.path.raw(),
            confidence: finding.confidence.as_str(),
            context: evidence.excerpt.raw(),
            severity: finding.severity.as_str().to_owned(),
            weight: Cell::number(finding.weight),
            place: place(evidence),
            techniques: techniques.join(" "),
        })?;
    }
    Ok(())
}

/// The place alone: [`Evidence`] prints as path and place.
fn place(evidence: &Evidence) -> String {
    let whole = evidence.to_string();
    let path = evidence.path.to_string();
    let place = whole.strip_prefix(&path).unwrap_or(&whole);
    match place.strip_prefix(':') {
        Some(line) => format!("line {line}"),
        // An offset begins with '@', which a spreadsheet would take for a formula.
        None => place.trim_start().replacen('@', "offset ", 1),
    }
}

fn tags(tags: &[Tag]) -> String {
    tags.iter().map(|tag| tag.0).collect::<Vec<_>>().join(" ")
}

struct Rows<'w> {
    table: Table<'w>,
    kind: ListingKind,
    form: Form,
}

impl Rows<'_> {
    fn begin(&mut self) -> io::Result<()> {
        if self.table.columns == 0 {
            self.table.header([LISTING])?;
        }
        Ok(())
    }

    fn counts(&self) -> Counts {
        match self.kind {
            ListingKind::Following => Counts::Open,
            ListingKind::Distinct | ListingKind::Occurrences => Counts::Known,
        }
    }
}

/// Whether the count of an observable is known yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    Known,
    Open,
}

/// The cells of [`LISTING`].
fn observed_cells<'a>(source: &'a Untrusted, observed: &'a Observed, form: Form, counts: Counts) -> [Cell<'a>; 23] {
    [
        Cell::text(observed.observable.kind().name()),
        Cell::text(value(observed, form)),
        Cell::text(observed.raw.raw()),
        Cell::number(observed.span.start),
        Cell::number(observed.span.end),
        Cell::number(observed.line),
        observed.page.map_or(Cell::Empty, Cell::number),
        Cell::text(if observed.defanged { "true" } else { "false" }),
        match counts {
            Counts::Open => Cell::Empty,
            Counts::Known => Cell::number(observed.count),
        },
        Cell::text(source.raw()),
        Cell::text(observed.confidence.as_str()),
        Cell::text(observed.reason),
        Cell::text(word(observed.role)),
        observed.location.country.map_or(Cell::Empty, Cell::text),
        observed.location.asn.map_or(Cell::Empty, Cell::number),
        observed
            .location
            .as_name
            .as_ref()
            .map_or(Cell::Empty, |name| Cell::text(name.raw())),
        Cell::text(tags(&observed.tags)),
        observed
            .encoding
            .map_or(Cell::Empty, |encoding| Cell::text(word(encoding))),
        observed.via.map_or(Cell::Empty, |via| Cell::text(word(via))),
        observed.observable.pattern().map_or(Cell::Empty, Cell::text),
        observed
            .context
            .as_ref()
            .map_or(Cell::Empty, |context| Cell::text(context.raw())),
        observed
            .judged
            .map_or(Cell::Empty, |judged| Cell::text(judged.verdict.as_str())),
        observed
            .judged
            .map_or(Cell::Empty, |judged| Cell::number(judged.score.get())),
    ]
}

/// The same for a place of a rule that holds: its name is the value, its file the pattern, its string the reason.
fn rule_cells<'a>(
    source: &'a Untrusted,
    found: &'a RuleMatch,
    place: Option<&'a StringMatch>,
) -> impl Iterator<Item = Cell<'a>> {
    LISTING.iter().map(move |column| match (*column, place) {
        ("type", _) => Cell::text("yara-match"),
        ("value", _) => Cell::text(found.rule.raw()),
        ("source", _) => Cell::text(source.raw()),
        ("pattern", _) => Cell::text(found.source.raw()),
        ("tags", _) => Cell::text(found.tags.iter().map(Untrusted::raw).collect::<Vec<_>>().join(" ")),
        ("context", _) => found
            .text("description")
            .map_or(Cell::Empty, |words| Cell::text(words.raw())),
        ("raw", Some(place)) => Cell::text(place.excerpt.raw()),
        ("start", Some(place)) => Cell::number(place.span.start),
        ("end", Some(place)) => Cell::number(place.span.end),
        ("reason", Some(place)) => Cell::text(place.identifier.raw()),
        _ => Cell::Empty,
    })
}

/// What a report holds besides observables, in the same columns.
#[derive(Default)]
struct Record<'a> {
    record: &'a str,
    kind: &'a str,
    value: &'a str,
    at: Option<&'a Place>,
    source: &'a str,
    confidence: &'a str,
    context: &'a str,
    severity: String,
    weight: Cell<'a>,
    place: String,
    techniques: String,
}

impl ListingWriter for Rows<'_> {
    fn source(&mut self, listing: &Listing<'_>) -> io::Result<()> {
        self.begin()?;
        let (form, counts) = (self.form, self.counts());
        lines::write(listing, self.table.out, |observed, out| {
            let cells = observed_cells(listing.source, observed, form, counts);
            push_row(cells, LISTING.len(), out);
            Ok(())
        })
    }

    fn occurrence(&mut self, source: &Untrusted, observed: &Observed) -> io::Result<()> {
        self.begin()?;
        let cells = observed_cells(source, observed, self.form, self.counts());
        self.table.row(cells)
    }

    fn rules(&mut self, source: &Untrusted, matches: &[&RuleMatch]) -> io::Result<()> {
        self.begin()?;
        for found in matches {
            let whole = found.strings.is_empty().then_some(None);
            for place in found.strings.iter().map(Some).chain(whole) {
                self.table.row(rule_cells(source, found, place))?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        // A table without rows still has its columns.
        self.begin()
    }
}

#[derive(Default)]
enum Cell<'a> {
    #[default]
    Empty,
    /// Written as it is.
    Number(String),
    /// Escaped, made harmless and quoted as needed.
    Text(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    fn number(number: impl Display) -> Self {
        Self::Number(number.to_string())
    }
}

/// Writes a table of texts.
pub(crate) fn plain(
    columns: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut table = Table { out, columns: 0 };
    table.header([columns])?;
    for row in rows {
        table.row(row.into_iter().map(Cell::text))?;
    }
    Ok(())
}

struct Table<'w> {
    out: &'w mut dyn Write,
    /// 0 until the header is written.
    columns: usize,
}

impl Table<'_> {
    fn header<const N: usize>(&mut self, names: [&[&str]; N]) -> io::Result<()> {
        let names = names.concat();
        self.columns = names.len();
        self.out.write_all(names.join(",").as_bytes())?;
        self.out.write_all(b"\r\n")
    }

    /// Writes a record of a report.
    fn record(&mut self, record: Record<'_>) -> io::Result<()> {
        let (mut start, mut end, mut line, mut page) = (Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty);
        match record.at {
            Some(Place::Bytes(span)) => (start, end) = (Cell::number(span.start), Cell::number(span.end)),
            Some(Place::Line(number)) => line = Cell::number(number),
            Some(Place::Page(number)) => page = Cell::number(number),
            _ => {}
        }
        let head = [
            Cell::text(record.record),
            Cell::text(record.kind),
            Cell::text(record.value),
            Cell::Empty,
            start,
            end,
            line,
            page,
        ];
        let middle = [
            Cell::Empty,
            Cell::Empty,
            Cell::text(record.source),
            Cell::text(record.confidence),
        ];
        let tail = [
            Cell::text(record.context),
            Cell::Empty,
            Cell::Empty,
            Cell::text(record.severity),
            record.weight,
            Cell::text(record.place),
            Cell::text(record.techniques),
        ];
        // reason, role, country, asn, as_name, tags, encoding, via, pattern
        let none = std::iter::repeat_with(Cell::default).take(9);
        self.row(head.into_iter().chain(middle).chain(none).chain(tail))
    }

    /// Writes a row; columns that are not given are empty.
    fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> io::Result<()> {
        let mut line = Vec::new();
        push_row(cells, self.columns, &mut line);
        self.out.write_all(&line)
    }
}

/// Appends a row; columns that are not given are empty.
fn push_row<'a>(cells: impl IntoIterator<Item = Cell<'a>>, columns: usize, line: &mut Vec<u8>) {
    let mut given = 0;
    for cell in cells {
        if given > 0 {
            line.push(b',');
        }
        given += 1;
        match cell {
            Cell::Empty => {}
            Cell::Number(number) => line.extend_from_slice(number.as_bytes()),
            Cell::Text(text) => push_text(&text, line),
        }
    }
    line.extend(std::iter::repeat_n(b',', columns.saturating_sub(given)));
    line.extend_from_slice(b"\r\n");
}

/// Appends one cell of text: no formula, no control character, quoted where RFC 4180 asks for it.
fn push_text(text: &str, line: &mut Vec<u8>) {
    // The check comes before escaping, which hides a leading tab or carriage return.
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    // Most cells are printable ASCII, which escaping would only copy.
    let escaped = if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(Untrusted::new(text).to_string())
    };
    let quoted = escaped.contains(['"', ',', ';', '\'']) || escaped.starts_with(' ') || escaped.ends_with(' ');
    if quoted {
        line.push(b'"');
    }
    if formula {
        line.push(b'\'');
    }
    if quoted {
        line.extend_from_slice(escaped.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(escaped.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, cell: &str) {
        let mut line = Vec::new();
        push_text(text, &mut line);
        assert_eq!(String::from_utf8(line).unwrap(), cell);
    }

    #[test]
    fn formulas_become_text() {
        check("=1+1", "'=1+1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("-2+3,\"x\"", "\"'-2+3,\"\"x\"\"\"");
        check("\t=1", r"'\u{9}=1");
        check("plain", "plain");
    }

    #[test]
    fn a_record_is_one_line_and_cannot_drive_a_terminal() {
        check("a\r\nb\u{1b}[2J", r"a\u{d}\u{a}b\u{1b}[2J");
    }
}
