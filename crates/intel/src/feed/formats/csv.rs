//! Tables with any columns: as the user maps them, or as the header's names tell.
//!
//! | column | header names that are understood | becomes |
//! |---|---|---|
//! | `value` | `indicator`, `ioc_value`, `dst_ip`, `domain`, `url`, `sha256_hash`, … | the observable |
//! | `type` | `ioc_type`, `type`, … | its type; unknown names let the value decide |
//! | `port` | `dst_port`, `port` | threat `port 443` |
//! | `verdict` | `verdict`, `classification` | towards |
//! | `threat` | `threat`, `threat_type`, `malware`, `tags`, `comment`, … | threat |
//! | `confidence` | `confidence`, `confidence_level`, `score` | confidence: 0 to 100, `high`, `medium`, `low` |
//! | `first_seen`, `last_seen`, `valid_until` | these, `dateadded`, `last_online`, `expires`, … | times |
//! | `reference` | `reference`, `link`, … | reference |
//!
//! The delimiter is the one of `,`, `;`, tab and `|` that the first line has most of. Source: RFC 4180.

use crate::feed::columns::Layout;
use crate::feed::intake::Taker;
use crate::feed::lines::Input;
use crate::feed::table::{Record, Table};
use crate::feed::{FeedError, FeedFormat, FormatInfo, Intake, Options, value};
use std::io::Read;
use watchfire_model::{Indicator, Observable, Verdict};

/// See the head of this file.
pub(in crate::feed) struct Csv;

static INFO: FormatInfo = FormatInfo {
    name: "csv",
    describes: "a table, its columns mapped by --columns or known by their header",
    yields: "whatever type each value is of",
    towards: "malicious, or as a column says",
    fields: "confidence, first seen, last seen, valid until, threat, reference",
    reach: "exact; `URL/*` URLs that begin so",
    source: "https://www.rfc-editor.org/rfc/rfc4180",
};

const WANTED: &str = "a table with a column that is known";

impl FeedFormat for Csv {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], name: &str) -> bool {
        let first = super::first_lines(head).next().unwrap_or_default();
        let mut record = Record::default();
        record.push(first, delimiter(head));
        let table = name.ends_with(".csv") || name.ends_with(".tsv");
        super::is_text(head)
            && !super::is_json(head)
            && record.len() > 1
            && (table || Layout::of_header(&record).is_some())
    }

    fn read(
        &self,
        input: &mut dyn Read,
        options: &Options,
        out: &mut dyn FnMut(Indicator),
    ) -> Result<Intake, FeedError> {
        let mut taker = Taker::new(options, out);
        let input = Input::open(input, "a table")?;
        let columns = options.columns.as_ref();
        let delimiter = columns
            .and_then(|columns| columns.delimiter())
            .unwrap_or_else(|| delimiter(input.head()));
        let mut table = Table::new(input, delimiter);
        let Some(first) = table.next(&mut taker)?.cloned() else {
            return Ok(taker.finish());
        };
        let (layout, first_is_header) = match columns {
            Some(columns) if columns.has_header() => {
                // Where no record is a header, the comment above the first one is.
                match columns.layout(Some(&first)) {
                    Ok(layout) => (layout, true),
                    Err(why) => (columns.layout(Some(&table.comment())).map_err(|_| why)?, false),
                }
            }
            Some(columns) => (columns.layout(None)?, false),
            None => match (Layout::of_header(&first), Layout::of_header(&table.comment())) {
                (Some(layout), _) => (layout, true),
                (None, Some(layout)) => (layout, false),
                (None, None) => return Err(super::no_columns(WANTED, "no column has a known name")),
            },
        };
        if !first_is_header {
            read_record(&first, &layout, &mut taker);
        }
        while let Some(record) = table.next(&mut taker)? {
            read_record(record, &layout, &mut taker);
        }
        Ok(taker.finish())
    }
}

pub(in crate::feed) fn delimiter(head: &[u8]) -> char {
    let first = super::first_lines(head).next().unwrap_or_default();
    let count = |delimiter: &char| first.matches(*delimiter).count();
    // Of those that are equally frequent, the last wins.
    ['|', '\t', ';', ','].into_iter().max_by_key(count).unwrap_or(',')
}

fn read_record(record: &Record, layout: &Layout, taker: &mut Taker<'_>) {
    let place = record.place();
    let text = layout.value(record);
    let dates = taker.dates();
    let complete = |observable: Observable| {
        let mut threat = layout.threat(record);
        let port = layout.port(record);
        let port = value::port(port);
        threat.push(&port);
        let towards = match layout.verdict(record).to_ascii_lowercase().as_str() {
            "benign" | "clean" | "good" | "harmless" | "whitelisted" | "allowed" => Verdict::Benign,
            "suspicious" => Verdict::Suspicious,
            "unknown" | "unrated" | "neutral" => Verdict::Unknown,
            _ => Verdict::Malicious,
        };
        Indicator {
            towards,
            confidence: value::percent(layout.confidence(record)),
            first_seen: dates.read(layout.first_seen(record)),
            last_seen: dates.read(layout.last_seen(record)),
            valid_until: dates.read(layout.valid_until(record)),
            threat: value::threat(&threat),
            reference: value::reference(layout.reference(record)),
            ..Indicator::new(observable)
        }
    };
    match value::kind_called(layout.kind(record)).map(|kind| value::typed(kind, text)) {
        // Where a beginning is meant, the value says so, whatever its type is called.
        Some(Ok(observable)) if !text.ends_with("/*") => taker.take(place, complete(observable)),
        _ => taker.take_guessed(place, text, complete),
    }
}
