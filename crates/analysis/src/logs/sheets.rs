//! Records without a time as rows of a table: their fields are its columns; lines that no format knows are cut into cells.
//!
//! The rows of a log are those of its first part, as many as there is room for; the others are counted.

use super::rules::cut;
use std::collections::BTreeMap;
use watchfire_anomaly::table::{Cells, Column, Table};
use watchfire_formats::log::{Record, Value};

/// Rows of one table.
pub(super) const MOST_ROWS: usize = 200_000;
/// Text of all tables together. Bytes.
const MOST_BYTES: usize = 64 << 20;
/// Cells of all tables together, those included in which nothing stands.
const MOST_CELLS: usize = 2_000_000;
/// What lies behind so many bytes of a file is in no table.
const FURTHEST: u64 = 64 << 20;
const MOST_COLUMNS: usize = 64;
/// Of a cell, and of a line.
const LONGEST_CELL: usize = 128;
const LONGEST_LINE: usize = 512;
/// Cells of a line that is a row.
const CELLS: std::ops::RangeInclusive<usize> = 2..=32;
/// So many of a hundred lines have as many cells, or they are no table.
const ALIKE: usize = 80;

/// Formats whose records are rows. Those of others have a time, or say what they are.
const TABLES: &[&str] = &["text", "csv", "splunk-csv", "key-value", "json", "user"];

/// Tables by their formats.
#[derive(Debug, Default)]
pub(super) struct Sheets(Vec<Sheet>);

/// Room that tables take.
#[derive(Clone, Copy, Debug, Default)]
struct Room {
    cells: usize,
    bytes: usize,
}

/// Rows of one format.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) format: &'static str,
    /// Names of columns; none where rows are lines.
    columns: Vec<Box<str>>,
    pub(super) rows: Vec<Line>,
    bytes: usize,
    /// What the other tables take.
    others: Room,
    pub(super) left_out: u64,
}

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) place: u64,
    time: Option<i64>,
    /// Its text.
    pub(super) text: Box<str>,
    cells: Vec<(u32, Box<str>)>,
}

impl Sheets {
    /// Adds a record of a log, where it may be a row.
    pub(super) fn add(&mut self, record: &Record<'_>, place: u64) {
        if !TABLES.contains(&record.format.name) {
            return;
        }
        self.of(record.format.name, |sheet| {
            if record.span.0 <= FURTHEST {
                sheet.add(record, place);
            } else {
                sheet.left_out += 1;
            }
        });
    }

    /// Does something with the sheet of a format.
    pub(super) fn of(&mut self, format: &'static str, change: impl FnOnce(&mut Sheet)) {
        let place = self.0.iter().position(|sheet| sheet.format == format);
        let place = place.unwrap_or_else(|| {
            self.0.push(Sheet::new(format));
            self.0.len() - 1
        });
        let mut others = Room::default();
        for (_, sheet) in self.0.iter().enumerate().filter(|(own, _)| *own != place) {
            others.cells = others.cells.saturating_add(sheet.cells_with(sheet.rows.len()));
            others.bytes = others.bytes.saturating_add(sheet.bytes);
        }
        if let Some(sheet) = self.0.get_mut(place) {
            sheet.others = others;
            change(sheet);
        }
    }

    /// Adds what comes behind it.
    pub(super) fn merge(&mut self, other: Self) {
        for sheet in other.0 {
            self.of(sheet.format, |own| own.merge(sheet));
        }
    }

    /// All of them.
    pub(super) fn into_sheets(self) -> Vec<Sheet> {
        self.0
    }
}

impl Sheet {
    pub(super) fn new(format: &'static str) -> Self {
        Self {
            format,
            columns: Vec::new(),
            rows: Vec::new(),
            bytes: 0,
            others: Room::default(),
            left_out: 0,
        }
    }

    /// Forgets its rows; its columns stay.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        (self.bytes, self.left_out) = (0, 0);
    }

    /// Whether there is room for no more rows.
    pub(super) fn is_full(&self) -> bool {
        let cells = self.cells_with(self.rows.len() + 1);
        self.rows.len() >= MOST_ROWS
            || self.bytes.saturating_add(self.others.bytes) >= MOST_BYTES
            || cells.saturating_add(self.others.cells) > MOST_CELLS
    }

    /// Cells of a table of so many rows.
    fn cells_with(&self, rows: usize) -> usize {
        rows.saturating_mul(self.columns.len().max(1))
    }

    pub(super) fn add(&mut self, record: &Record<'_>, place: u64) {
        if self.is_full() {
            self.left_out += 1;
            return;
        }
        let mut cells: Vec<(u32, Box<str>)> = Vec::new();
        for field in record.fields() {
            if matches!(field.value, Value::Null) {
                continue;
            }
            // Of several values of a name the first is the row's.
            let column = self.column(field.name);
            let Some(column) = column.filter(|column| cells.iter().all(|(own, _)| own != column)) else {
                continue;
            };
            let text = match field.value {
                Value::Text(text) => cut(text, LONGEST_CELL).into(),
                value => value.to_string().into(),
            };
            cells.push((column, text));
        }
        self.push(Line {
            place,
            time: record.time.map(|time| time.at.moment().unix()),
            text: cut(record.text, LONGEST_LINE).into(),
            cells,
        });
    }

    fn push(&mut self, line: Line) {
        if self.is_full() {
            self.left_out += 1;
            return;
        }
        let cells: usize = line.cells.iter().map(|(_, text)| text.len() + 24).sum();
        self.bytes = self.bytes.saturating_add(line.text.len() + cells + 64);
        self.rows.push(line);
    }

    fn column(&mut self, name: &str) -> Option<u32> {
        let known = self.columns.iter().position(|own| **own == *name);
        let place = match known {
            Some(place) => place,
            None if self.columns.len() >= MOST_COLUMNS => return None,
            None => {
                self.columns.push(name.into());
                self.columns.len() - 1
            }
        };
        u32::try_from(place).ok()
    }

    fn merge(&mut self, other: Self) {
        self.left_out += other.left_out;
        if self.is_full() {
            self.left_out += other.rows.len() as u64;
            return;
        }
        let columns: Vec<Option<u32>> = other.columns.iter().map(|name| self.column(name)).collect();
        for mut line in other.rows {
            line.cells
                .retain_mut(|(column, _)| match columns.get(*column as usize).copied().flatten() {
                    Some(own) => {
                        *column = own;
                        true
                    }
                    None => false,
                });
            self.push(line);
        }
    }

    /// The cells of a row with the names of their columns, and whether only the beginning of each is kept.
    pub(super) fn cells<'s>(&'s self, line: &'s Line) -> impl Iterator<Item = (&'s str, &'s str, bool)> {
        line.cells.iter().filter_map(|(column, text)| {
            let name = self.columns.get(*column as usize)?;
            Some((&**name, &**text, text.len() + 4 > LONGEST_CELL))
        })
    }

    /// The rows as a table, and which lines they are; nothing, where lines are no rows. Of `wanted` columns alone, where some
    /// are named. And for how many rows there was no room, since later ones brought more columns.
    pub(super) fn table(&self, wanted: &[String]) -> Option<(Table, Vec<usize>, u64)> {
        let Cut {
            names,
            rows,
            cells,
            left_out,
        } = if self.format == "text" {
            self.cut()?
        } else {
            self.fields()
        };
        let mut columns = Vec::new();
        if self.format != "text" && self.rows.iter().any(|line| line.time.is_some()) {
            let times = self
                .rows
                .iter()
                .take(rows.len())
                .map(|line| line.time.map_or(f64::NAN, |time| time as f64));
            columns.push(Column {
                name: "time of day".to_owned(),
                cells: Cells::Times(times.collect()),
            });
        }
        for (name, words) in names.into_iter().zip(cells) {
            if let Some(networks) = networks(&words) {
                columns.push(Column {
                    name: format!("network of {name}"),
                    cells: Cells::Words(networks),
                });
            }
            columns.push(Column {
                name,
                cells: Cells::guess(words),
            });
        }
        columns.retain(|column| wanted.is_empty() || wanted.contains(&column.name));
        let is_there = columns.iter().any(|column| !column.cells.is_empty());
        is_there.then_some(())?;
        Some((Table::new(columns)?, rows, left_out))
    }

    /// Names, rows, and the cells of each column.
    fn fields(&self) -> Cut {
        let count = self.rows.len().min(MOST_CELLS / self.columns.len().max(1));
        let mut cells = vec![vec![Vec::new(); count]; self.columns.len()];
        for (row, line) in self.rows.iter().take(count).enumerate() {
            for (column, text) in &line.cells {
                let place = cells.get_mut(*column as usize).and_then(|cells| cells.get_mut(row));
                if let Some(cell) = place {
                    *cell = text.as_bytes().to_vec();
                }
            }
        }
        let names = self.columns.iter().map(|name| name.to_string()).collect();
        Cut {
            names,
            rows: (0..count).collect(),
            cells,
            left_out: (self.rows.len() - count) as u64,
        }
    }

    /// The same of lines: those that have as many cells as most.
    fn cut(&self) -> Option<Cut> {
        let separator = separator(&self.rows);
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for line in &self.rows {
            *counts.entry(pieces(&line.text, separator).count()).or_default() += 1;
        }
        let (width, lines) = counts.into_iter().max_by_key(|(_, lines)| *lines)?;
        if !CELLS.contains(&width) || lines * 100 < self.rows.len() * ALIKE {
            return None;
        }
        let most = MOST_CELLS / width;
        let mut rows = Vec::with_capacity(lines.min(most));
        let mut cells = vec![Vec::with_capacity(lines.min(most)); width];
        for (row, line) in self.rows.iter().enumerate() {
            if rows.len() < most && pieces(&line.text, separator).count() == width {
                rows.push(row);
                for (cells, piece) in cells.iter_mut().zip(pieces(&line.text, separator)) {
                    cells.push(cut(piece, LONGEST_CELL).as_bytes().to_vec());
                }
            }
        }
        Some(Cut {
            names: (1..=width).map(|number| format!("field {number}")).collect(),
            left_out: (lines - rows.len()) as u64,
            rows,
            cells,
        })
    }
}

/// Rows that were cut into cells.
struct Cut {
    /// Of columns.
    names: Vec<String>,
    /// Places of rows.
    rows: Vec<usize>,
    /// Of each column.
    cells: Vec<Vec<Vec<u8>>>,
    /// Rows for which there was no room.
    left_out: u64,
}

/// What stands between the cells of lines: blanks, unless most of the first lines have none and a mark instead.
fn separator(lines: &[Line]) -> Option<char> {
    const FIRST: usize = 200;
    let first = lines.get(..FIRST).unwrap_or(lines);
    let has = |mark: char| first.iter().filter(|line| line.text.contains(mark)).count() * 2 > first.len();
    ['\t', ';', '|', ',']
        .into_iter()
        .find(|mark| has(*mark) && (*mark != ',' || !has(' ')))
}

fn pieces(text: &str, separator: Option<char>) -> impl Iterator<Item = &str> {
    // Between blanks nothing is empty; between marks a cell may be.
    let keeps = separator.is_some();
    text.split(move |letter: char| separator.map_or(letter.is_whitespace(), |mark| letter == mark))
        .map(str::trim)
        .filter(move |piece| keeps || !piece.is_empty())
}

/// The networks of addresses, where most cells are addresses and most of those stand once: then what is rare is the network.
fn networks(words: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    const FIRST: usize = 1_000;
    let address = |word: &Vec<u8>| std::str::from_utf8(word).ok()?.parse::<std::net::IpAddr>().ok();
    let first = words.get(..FIRST).unwrap_or(words);
    let addresses = first.iter().filter(|word| address(word).is_some()).count();
    let mut distinct: Vec<&Vec<u8>> = words.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if addresses * 10 < first.len() * 9 || distinct.len() * 3 < words.len() || words.len() < 20 {
        return None;
    }
    let network = |word: &Vec<u8>| match address(word) {
        Some(std::net::IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24").into_bytes()
        }
        Some(std::net::IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48").into_bytes()
        }
        None => Vec::new(),
    };
    Some(words.iter().map(network).collect())
}
