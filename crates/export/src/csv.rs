//! Comma-separated values (RFC 4180), safe to open in a spreadsheet.
//!
//! A cell that a spreadsheet would take for a formula gets a leading apostrophe; characters that act on a terminal are
//! escaped as `\u{…}`, so a record is always one line. What a reader may not change — offsets, counts — is never
//! touched, as numbers are never negative. For the exact bytes use a JSON format.

use crate::line::value;
use crate::words::word;
use crate::{Exporter, ExporterInfo, Form, Listing, ListingKind, ListingWriter, Style};
use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};
use watchfire_model::{Evidence, Finding, Observed, Report, Tag, Untrusted};

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
    "tags",
    "encoding",
    "via",
    "pattern",
    "context",
];

/// The columns of a report: one wide table, because a spreadsheet opens one table.
const REPORT: &[&str] = &[
    "record",
    "name",
    "value",
    "severity",
    "confidence",
    "weight",
    "count",
    "artifact",
    "place",
    "excerpt",
    "techniques",
    "tags",
];

impl Exporter for Csv {
    fn info(&self) -> &'static ExporterInfo {
        &INFO
    }

    fn report(&self, report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table { out, columns: 0 };
        table.header(REPORT)?;
        let judgement = &report.judgement;
        table.row([
            Cell::text("verdict"),
            Cell::text(judgement.verdict.as_str()),
            Cell::text(judgement.summary.as_str()),
            Cell::Empty,
            Cell::text(judgement.confidence.as_str()),
            Cell::number(judgement.score.get()),
        ])?;
        for finding in &report.findings {
            finding_rows("finding", finding, &mut table)?;
        }
        for hidden in &report.suppressed {
            finding_rows("suppressed", &hidden.finding, &mut table)?;
        }
        for artifact in &report.artifacts {
            for observed in &artifact.observables {
                table.row([
                    Cell::text("observable"),
                    Cell::text(observed.observable.kind().name()),
                    Cell::text(observed.observable.raw()),
                    Cell::Empty,
                    Cell::text(observed.confidence.as_str()),
                    Cell::Empty,
                    Cell::number(observed.count),
                    Cell::text(artifact.path.raw()),
                    Cell::text(format!("line {}", observed.line)),
                    Cell::text(observed.raw.raw()),
                    Cell::Empty,
                    Cell::text(tags(&observed.tags)),
                ])?;
            }
        }
        for remark in &report.diagnostics {
            table.row([
                Cell::text("diagnostic"),
                Cell::text(remark.code),
                Cell::text(remark.message.raw()),
                Cell::text(word(remark.severity)),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::text(remark.artifact.raw()),
            ])?;
        }
        Ok(())
    }

    fn listing<'w>(&self, kind: ListingKind, style: &Style, out: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w> {
        Box::new(Rows {
            table: Table { out, columns: 0 },
            kind,
            form: style.form,
        })
    }
}

/// One row for each place of a finding.
fn finding_rows(record: &str, finding: &Finding, table: &mut Table<'_>) -> io::Result<()> {
    let techniques: Vec<&str> = finding.techniques.iter().map(|technique| technique.as_str()).collect();
    for evidence in finding.evidence() {
        table.row([
            Cell::text(record),
            Cell::text(finding.rule.0),
            Cell::text(finding.title.as_str()),
            Cell::text(finding.severity.as_str()),
            Cell::text(finding.confidence.as_str()),
            Cell::number(finding.weight),
            Cell::Empty,
            Cell::text(evidence.path.raw()),
            Cell::text(place(evidence)),
            Cell::text(evidence.excerpt.raw()),
            Cell::text(techniques.join(" ")),
        ])?;
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
            self.table.header(LISTING)?;
        }
        Ok(())
    }

    fn row(&mut self, source: &Untrusted, observed: &Observed) -> io::Result<()> {
        let table = &mut self.table;
        table.row([
            Cell::text(observed.observable.kind().name()),
            Cell::text(value(observed, self.form)),
            Cell::text(observed.raw.raw()),
            Cell::number(observed.span.start),
            Cell::number(observed.span.end),
            Cell::number(observed.line),
            observed.page.map_or(Cell::Empty, Cell::number),
            Cell::text(if observed.defanged { "true" } else { "false" }),
            if self.kind == ListingKind::Following {
                Cell::Empty
            } else {
                Cell::number(observed.count)
            },
            Cell::text(source.raw()),
            Cell::text(observed.confidence.as_str()),
            Cell::text(observed.reason),
            Cell::text(word(observed.role)),
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
        ])
    }
}

impl ListingWriter for Rows<'_> {
    fn source(&mut self, listing: &Listing<'_>) -> io::Result<()> {
        self.begin()?;
        listing
            .observed
            .iter()
            .try_for_each(|observed| self.row(listing.source, observed))
    }

    fn occurrence(&mut self, source: &Untrusted, observed: &Observed) -> io::Result<()> {
        self.begin()?;
        self.row(source, observed)
    }

    fn finish(&mut self) -> io::Result<()> {
        // A table without rows still has its columns.
        self.begin()
    }
}

enum Cell<'a> {
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

struct Table<'w> {
    out: &'w mut dyn Write,
    /// 0 until the header is written.
    columns: usize,
}

impl Table<'_> {
    fn header(&mut self, names: &[&str]) -> io::Result<()> {
        self.columns = names.len();
        self.out.write_all(names.join(",").as_bytes())?;
        self.out.write_all(b"\r\n")
    }

    /// Writes a record; columns that are not given are empty.
    fn row<const N: usize>(&mut self, cells: [Cell<'_>; N]) -> io::Result<()> {
        let mut line = String::new();
        let missing = self.columns.saturating_sub(N);
        for (number, cell) in cells.into_iter().enumerate() {
            if number > 0 {
                line.push(',');
            }
            match cell {
                Cell::Empty => {}
                Cell::Number(number) => line.push_str(&number),
                Cell::Text(text) => push_text(&text, &mut line),
            }
        }
        line.extend(std::iter::repeat_n(',', missing));
        line.push_str("\r\n");
        self.out.write_all(line.as_bytes())
    }
}

/// Appends one cell of text: no formula, no control character, quoted where RFC 4180 asks for it.
fn push_text(text: &str, line: &mut String) {
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
        line.push('"');
    }
    if formula {
        line.push('\'');
    }
    if quoted {
        line.push_str(&escaped.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(&escaped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, cell: &str) {
        let mut line = String::new();
        push_text(text, &mut line);
        assert_eq!(line, cell);
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
