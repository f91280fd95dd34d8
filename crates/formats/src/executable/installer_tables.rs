//! The tables of a package of Windows Installer, as far as it takes to say what it does: texts, columns, rows.
//!
//! A table is a stream of its columns one after the other, each with a value for every row. A text is a number in the pool of
//! texts; numbers have their top bit turned over. What columns there are, and how wide, says the table `_Columns` (Microsoft,
//! "Windows Installer database tables" and "Column data types"; the layout is documented by Wine and msitools). Absent:
//! transforms, and code pages: bytes that are no UTF-8 are replaced.

use super::installer::decode;
use crate::bytes::{le16, piece, place};
use crate::ole::{Compound, Kind};
use std::collections::BTreeMap;

/// Columns of one table. The format allows 32.
const MOST_COLUMNS: usize = 64;
/// Rows that are read of one table.
const MOST_ROWS: usize = 100_000;

/// Texts that are read of one table. Bytes.
const MOST_TEXT: usize = 4 << 20;
/// Longest name of a table or column. Bytes.
const LONGEST_NAME: usize = 64;

/// Of a column: its width in bytes, that it holds texts, that it may be empty, that it is valid.
const WIDTH: u16 = 0xff;
const VALID: u16 = 0x100;
const TEXT: u16 = 0x800;
const NULLABLE: u16 = 0x1000;

/// The tables of a package.
#[derive(Debug)]
pub(super) struct Tables<'f, 'a> {
    file: &'f Compound<'a>,
    /// Streams by their decoded names.
    streams: BTreeMap<String, usize>,
    texts: Texts,
    /// Columns by their tables: number, name, kind.
    columns: BTreeMap<String, Vec<(u16, String, u16)>>,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A text; an empty one is none.
    Text(String),
    /// A number.
    Number(u32),
}

impl Value {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Number(_) => "",
        }
    }

    pub(super) fn number(&self) -> u32 {
        match self {
            Self::Text(_) => 0,
            Self::Number(number) => *number,
        }
    }
}

impl<'f, 'a> Tables<'f, 'a> {
    pub(super) fn read(file: &'f Compound<'a>) -> Self {
        let root = file.children(0).filter(|(_, entry)| entry.kind == Kind::Stream);
        let mut this = Self {
            file,
            streams: root.map(|(number, entry)| (decode(&entry.name), number)).collect(),
            texts: Texts::default(),
            columns: BTreeMap::new(),
        };
        this.texts = Texts::read(&this.stream("!_StringPool"), this.stream("!_StringData"));
        let own = [TEXT, 2, TEXT, 2];
        for row in this.of_kinds("!_Columns", &own) {
            let [table, number, name, kind] = row[..] else { continue };
            let low = |number: u32| u16::try_from(number & 0xffff).unwrap_or_default();
            let columns = this.columns.entry(this.texts.get(table, LONGEST_NAME)).or_default();
            if columns.len() < MOST_COLUMNS {
                columns.push((low(number), this.texts.get(name, LONGEST_NAME), low(kind)));
            }
        }
        this.columns.values_mut().for_each(|columns| columns.sort());
        this
    }

    fn stream(&self, name: &str) -> Vec<u8> {
        let number = self.streams.get(name);
        number.map(|number| self.file.stream(*number)).unwrap_or_default()
    }

    /// The rows of a table, of each the columns of these names. A column that is not there is an empty text.
    pub(super) fn rows(&self, table: &str, names: &[&str]) -> Vec<Vec<Value>> {
        let Some(columns) = self.columns.get(table) else {
            return Vec::new();
        };
        let kinds: Vec<u16> = columns.iter().map(|(_, _, kind)| *kind).collect();
        let places: Vec<Option<(usize, u16)>> = names
            .iter()
            .map(|wanted| {
                let mut all = columns.iter().enumerate();
                let (at, (_, _, kind)) = all.find(|(_, (_, name, _))| name == wanted)?;
                Some((at, *kind))
            })
            .collect();
        // Many rows may name one long text.
        let mut left = MOST_TEXT;
        let mut rows = Vec::new();
        for row in self.of_kinds(&format!("!{table}"), &kinds) {
            let value = |place: &Option<(usize, u16)>| match place.and_then(|(at, kind)| Some((*row.get(at)?, kind))) {
                Some((number, kind)) if kind & TEXT == 0 => Value::Number(number),
                Some((number, _)) => Value::Text(self.texts.get(number, MOST_TEXT)),
                None => Value::Text(String::new()),
            };
            let values: Vec<Value> = places.iter().map(value).collect();
            let length: usize = values.iter().map(|value| value.text().len()).sum();
            let Some(rest) = left.checked_sub(length) else { break };
            left = rest;
            rows.push(values);
        }
        rows
    }

    /// The rows of a stream whose columns are of these kinds: numbers, also those of texts.
    fn of_kinds(&self, stream: &str, kinds: &[u16]) -> Vec<Vec<u32>> {
        let bytes = self.stream(stream);
        let widths: Vec<usize> = kinds.iter().map(|kind| self.width(*kind)).collect();
        let count = bytes.len().checked_div(widths.iter().sum()).unwrap_or_default();
        let mut rows: Vec<Vec<u32>> = vec![Vec::with_capacity(kinds.len()); count.min(MOST_ROWS)];
        let mut at = 0;
        for (kind, width) in kinds.iter().zip(&widths) {
            let column = piece(&bytes, at, width * count);
            at += width * count;
            for (row, value) in rows.iter_mut().zip(column.chunks_exact((*width).max(1))) {
                row.push(number(*kind, value));
            }
        }
        rows
    }

    fn width(&self, kind: u16) -> usize {
        match kind {
            // The content of a stream, which has a name of its own.
            _ if kind & !NULLABLE == TEXT | VALID => 2,
            _ if kind & TEXT != 0 => self.texts.width,
            _ if kind & WIDTH <= 2 => 2,
            _ => 4,
        }
    }
}

/// What stands there: numbers have their top bit turned over, those of texts have not.
fn number(kind: u16, bytes: &[u8]) -> u32 {
    let digits = bytes.iter().rev();
    let number = digits.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    match bytes.len() {
        _ if kind & TEXT != 0 => number,
        4 => number ^ 0x8000_0000,
        _ => number ^ 0x8000,
    }
}

/// The pool of texts.
#[derive(Debug, Default)]
struct Texts {
    data: Vec<u8>,
    /// Where each stands, from number 1.
    places: Vec<(usize, usize)>,
    /// Bytes of a number of a text.
    width: usize,
}

impl Texts {
    /// `pool` has the lengths, two words for each: the length and how often it is used. One that is longer than a word can
    /// say has an entry before it with no length, and its length in both words of its own.
    fn read(pool: &[u8], data: Vec<u8>) -> Self {
        let is_wide = le16(pool, 2).is_some_and(|flags| flags & 0x8000 != 0);
        let mut places = Vec::new();
        let (mut at, mut start) = (4, 0_usize);
        while let (Some(length), Some(used)) = (le16(pool, at), le16(pool, at + 2)) {
            at += 4;
            let length = match (length, used) {
                (0, 0) => 0,
                (0, _) => {
                    let long = pool.get(at..).and_then(|rest| rest.first_chunk::<4>());
                    at += 4;
                    place(long.map_or(0, |long| u32::from_le_bytes(*long)))
                }
                _ => usize::from(length),
            };
            let end = start.saturating_add(length);
            if end > data.len() {
                break;
            }
            places.push((start, end));
            start = end;
        }
        Self {
            data,
            places,
            width: if is_wide { 3 } else { 2 },
        }
    }

    /// A text, no more than `most` bytes of it.
    fn get(&self, number: u32, most: usize) -> String {
        let place = place(number).checked_sub(1).and_then(|at| self.places.get(at));
        let text = place.and_then(|(start, end)| self.data.get(*start..(*end).min(start.saturating_add(most))));
        String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
    }
}
