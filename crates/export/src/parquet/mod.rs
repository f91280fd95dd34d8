//! The timeline of logs as a Parquet file with typed columns (<https://github.com/apache/parquet-format>).
//!
//! Written in one go, from the first byte to the last: groups of rows, each of one page a column, and the footer that says
//! where they are. Values are plain and not compressed, which every reader of Parquet reads. Names and values of a record are
//! JSON, those of its log and those of the schema; times are microseconds.

mod thrift;

use crate::EntryWriter;
use std::io::{self, Write};
use thrift::{Fields, I32, STRUCT, TEXT, structure, text, varint, zigzag};
use watchfire_model::log::{EntrySink, EntryValue, LogEntry};

const MAGIC: &[u8; 4] = b"PAR1";
/// Rows of a group at most, and bytes of its values, about.
const ROWS: usize = 50_000;
const BYTES: usize = 16 << 20;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Microseconds since 1970, in UTC.
    Time,
    Number,
    Text,
    Json,
}

const COLUMNS: [(&str, Kind); 15] = [
    ("time", Kind::Time),
    ("assumed", Kind::Text),
    ("level", Kind::Text),
    ("rules", Kind::Text),
    ("rule_ids", Kind::Text),
    ("host", Kind::Text),
    ("user", Kind::Text),
    ("src_ip", Kind::Text),
    ("format", Kind::Text),
    ("message", Kind::Text),
    ("source", Kind::Text),
    ("line", Kind::Number),
    ("fault", Kind::Text),
    ("fields", Kind::Json),
    ("normal", Kind::Json),
];

/// Numbers that the format gives to things.
const INT64: i32 = 2;
const BYTE_ARRAY: i32 = 6;
const OPTIONAL: i32 = 1;
const UTF8: i32 = 0;
const TIMESTAMP_MICROS: i32 = 10;
const JSON: i32 = 19;
const PLAIN: i32 = 0;
const RLE: i32 = 3;

impl Kind {
    fn physical(self) -> i32 {
        match self {
            Self::Time | Self::Number => INT64,
            Self::Text | Self::Json => BYTE_ARRAY,
        }
    }
}

/// The values of one column in a group.
#[derive(Debug, Default)]
struct Column {
    /// Whether there is a value, in runs: how many rows alike.
    runs: Vec<(u32, bool)>,
    values: Vec<u8>,
}

impl Column {
    fn level(&mut self, is_there: bool) {
        match self.runs.last_mut().filter(|(_, last)| *last == is_there) {
            Some((rows, _)) => *rows = rows.saturating_add(1),
            None => self.runs.push((1, is_there)),
        }
    }

    fn number(&mut self, value: Option<i64>) {
        self.level(value.is_some());
        self.values.extend(value.iter().flat_map(|value| value.to_le_bytes()));
    }

    fn text(&mut self, value: &str) {
        let length = u32::try_from(value.len()).ok().filter(|length| *length > 0);
        self.level(length.is_some());
        if let Some(length) = length {
            self.values.extend(length.to_le_bytes());
            self.values.extend(value.as_bytes());
        }
    }

    /// Its page without the head: which rows have a value, then the values.
    fn page(&self) -> Vec<u8> {
        let mut levels = Vec::new();
        for (rows, is_there) in &self.runs {
            varint(&mut levels, u64::from(*rows) << 1);
            levels.push(u8::from(*is_there));
        }
        let length = u32::try_from(levels.len()).unwrap_or(u32::MAX);
        [&length.to_le_bytes()[..], &levels, &self.values].concat()
    }
}

/// Where the page of a column is.
struct Chunk {
    offset: i64,
    length: i64,
}

/// See the module.
pub(crate) struct Entries<'w> {
    out: &'w mut dyn Write,
    wants_all: bool,
    failed: Option<io::Error>,
    /// Bytes that are written.
    at: u64,
    columns: Vec<Column>,
    rows: usize,
    /// The groups that are written: rows, and a chunk for each column.
    groups: Vec<(i64, Vec<Chunk>)>,
}

impl<'w> Entries<'w> {
    pub(crate) fn new(out: &'w mut dyn Write, wants_all: bool) -> Self {
        Self {
            out,
            wants_all,
            failed: None,
            at: 0,
            columns: empty(),
            rows: 0,
            groups: Vec::new(),
        }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at = self.at.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn row(&mut self, entry: &LogEntry) -> io::Result<()> {
        let rules = |text: fn(&watchfire_model::log::EntryRule) -> &str| -> String {
            let texts: Vec<&str> = entry.rules.iter().map(text).collect();
            texts.join("; ")
        };
        let (titles, ids) = (rules(|rule| rule.title.raw()), rules(|rule| rule.id.raw()));
        let (fields, normal) = json(entry);
        for ((name, _), column) in COLUMNS.iter().zip(&mut self.columns) {
            match *name {
                "time" => column.number(entry.time.map(|time| time.nanoseconds().div_euclid(1_000))),
                "line" => column.number(i64::try_from(entry.line).ok()),
                "assumed" => column.text(entry.assumed.unwrap_or_default()),
                "level" => column.text(entry.level.map(|level| level.as_str()).unwrap_or_default()),
                "rules" => column.text(&titles),
                "rule_ids" => column.text(&ids),
                "host" => column.text(entry.host.raw()),
                "user" => column.text(normal_of(entry, &["user.name", "actor.user.name"])),
                "src_ip" => column.text(normal_of(entry, &["src_endpoint.ip"])),
                "format" => column.text(entry.format),
                "message" => column.text(entry.message.raw()),
                "source" => column.text(entry.source.raw()),
                "fault" => column.text(entry.fault.unwrap_or_default()),
                "fields" => column.text(&fields),
                _ => column.text(&normal),
            }
        }
        self.rows += 1;
        let bytes: usize = self.columns.iter().map(|column| column.values.len()).sum();
        if self.rows >= ROWS || bytes >= BYTES {
            self.group()?;
        }
        Ok(())
    }

    /// Writes the rows that are there.
    fn group(&mut self) -> io::Result<()> {
        if self.at == 0 {
            self.put(MAGIC)?;
        }
        let rows = std::mem::take(&mut self.rows);
        if rows == 0 {
            return Ok(());
        }
        let mut chunks = Vec::new();
        for column in std::mem::replace(&mut self.columns, empty()) {
            let page = column.page();
            let mut head = Vec::new();
            structure(&mut head, |fields| page_head(fields, small(rows), small(page.len())));
            let offset = self.at;
            self.put(&head)?;
            self.put(&page)?;
            chunks.push(Chunk {
                offset: large(offset),
                length: large(self.at.saturating_sub(offset)),
            });
        }
        self.groups.push((large(rows as u64), chunks));
        Ok(())
    }

    /// What is left, and the footer.
    fn end(&mut self) -> io::Result<()> {
        self.group()?;
        let mut footer = Vec::new();
        structure(&mut footer, |fields| file(fields, &self.groups));
        let length = u32::try_from(footer.len()).map_err(io::Error::other)?;
        self.put(&footer)?;
        self.put(&length.to_le_bytes())?;
        self.put(MAGIC)
    }
}

fn empty() -> Vec<Column> {
    COLUMNS.iter().map(|_| Column::default()).collect()
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn large(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Names and values of a record as JSON, those of its log and those of the schema; empty where there are none.
fn json(entry: &LogEntry) -> (String, String) {
    let whole = serde_json::to_value(entry).unwrap_or_default();
    let of = |name: &str| {
        let object = whole
            .get(name)
            .filter(|value| value.as_object().is_some_and(|all| !all.is_empty()));
        object.map(ToString::to_string).unwrap_or_default()
    };
    (of("fields"), of("normal"))
}

/// The first text that the schema calls one of these.
fn normal_of<'e>(entry: &'e LogEntry, names: &[&str]) -> &'e str {
    let texts = names.iter().filter_map(|name| {
        entry.normal.iter().find_map(|(own, value)| match value {
            EntryValue::Text(text) if own == name && !text.is_empty() => Some(text.raw()),
            _ => None,
        })
    });
    texts.take(1).next().unwrap_or_default()
}

/// `PageHeader`
fn page_head(fields: &mut Fields<'_>, rows: i32, length: i32) {
    const DATA_PAGE: i32 = 0;
    fields
        .i32(1, DATA_PAGE)
        .i32(2, length)
        .i32(3, length)
        .fields(5, |data| {
            data.i32(1, rows).i32(2, PLAIN).i32(3, RLE).i32(4, RLE);
        });
}

/// `FileMetaData`
fn file(fields: &mut Fields<'_>, groups: &[(i64, Vec<Chunk>)]) {
    let rows = groups.iter().map(|(rows, _)| *rows).sum();
    let schema = std::iter::once(None).chain(COLUMNS.iter().map(Some));
    let schema: Vec<Option<&(&str, Kind)>> = schema.collect();
    fields
        .i32(1, 1)
        .list(2, STRUCT, schema.into_iter(), |out, column| {
            structure(out, |fields| element(fields, column))
        })
        .i64(3, rows)
        .list(4, STRUCT, groups.iter(), |out, (rows, chunks)| {
            structure(out, |fields| row_group(fields, *rows, chunks));
        })
        .text(6, "watchfire");
}

/// `SchemaElement`: the root, or a column.
fn element(fields: &mut Fields<'_>, column: Option<&(&str, Kind)>) {
    let Some((name, kind)) = column else {
        fields.text(4, "record").i32(5, small(COLUMNS.len()));
        return;
    };
    fields.i32(1, kind.physical()).i32(3, OPTIONAL).text(4, name);
    match kind {
        Kind::Number => {}
        Kind::Text => {
            fields.i32(6, UTF8).fields(10, |logical| {
                logical.fields(1, |_| ());
            });
        }
        Kind::Json => {
            fields.i32(6, JSON).fields(10, |logical| {
                logical.fields(12, |_| ());
            });
        }
        Kind::Time => {
            fields.i32(6, TIMESTAMP_MICROS).fields(10, |logical| {
                logical.fields(8, |time| {
                    time.yes(1).fields(2, |unit| {
                        unit.fields(2, |_| ());
                    });
                });
            });
        }
    }
}

/// `RowGroup`
fn row_group(fields: &mut Fields<'_>, rows: i64, chunks: &[Chunk]) {
    let bytes = chunks.iter().map(|chunk| chunk.length).sum();
    let columns = COLUMNS.iter().zip(chunks).collect::<Vec<_>>();
    fields
        .list(1, STRUCT, columns.into_iter(), |out, ((name, kind), chunk)| {
            structure(out, |fields| {
                fields
                    .i64(2, chunk.offset)
                    .fields(3, |about| column(about, name, *kind, rows, chunk));
            });
        })
        .i64(2, bytes)
        .i64(3, rows);
}

/// `ColumnMetaData`
fn column(fields: &mut Fields<'_>, name: &str, kind: Kind, rows: i64, chunk: &Chunk) {
    const UNCOMPRESSED: i32 = 0;
    fields
        .i32(1, kind.physical())
        .list(2, I32, [PLAIN, RLE].into_iter(), |out, encoding| {
            zigzag(out, i64::from(encoding))
        })
        .list(3, TEXT, std::iter::once(name), text)
        .i32(4, UNCOMPRESSED)
        .i64(5, rows)
        .i64(6, chunk.length)
        .i64(7, chunk.length)
        .i64(9, chunk.offset);
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
            None => self.end(),
        }
    }
}

#[cfg(test)]
mod tests;
