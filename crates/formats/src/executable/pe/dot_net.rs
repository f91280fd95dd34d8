//! The header of .NET and the tables behind it (ECMA-335, partition II, chapters 24 and 25): the module, the assembly,
//! what it refers to, and the identifier of its type library. Absent: types, methods and their code.

use super::image::Image;
use crate::bytes::{array, has, le16, le32, le64, piece, place, until_zero};
use crate::executable::work::Work;
use watchfire_model::Untrusted;
use watchfire_model::executable::Guid;
use watchfire_model::executable::pe::{DotNet, DotNetFlags};

/// Longest name. Bytes.
const LONGEST: usize = 1024;
/// Streams of the metadata that are looked at: some write others before those that count.
const MOST_STREAMS: u16 = 1024;
/// References that are listed.
const MOST_REFERENCES: u32 = 1024;
/// Rows that are looked through for the identifier of the type library.
const MOST_ROWS: u32 = 1 << 16;

/// Numbers of tables.
const MODULE: usize = 0x00;
const TYPE_REF: usize = 0x01;
const MEMBER_REF: usize = 0x0a;
const CUSTOM_ATTRIBUTE: usize = 0x0c;
const ASSEMBLY: usize = 0x20;
const ASSEMBLY_REF: usize = 0x23;

pub(super) fn read(image: &Image<'_>, directory: Option<(u32, u32)>, work: &mut Work<'_>) -> Option<DotNet> {
    let (start, _) = directory?;
    let header = image.at(start);
    let (at, size) = (le32(header, 8)?, le32(header, 12)?);
    let mut facts = DotNet {
        flags: DotNetFlags(le32(header, 16)?),
        strong_name: le32(header, 36).unwrap_or_default(),
        ..DotNet::default()
    };
    let metadata = piece(image.at(at), 0, place(size));
    let Some(streams) = Streams::read(metadata) else {
        work.warn("pe-dot-net", "its metadata of .NET is damaged");
        return Some(facts);
    };
    facts.runtime = Untrusted::from_bytes(streams.version);
    let Some(tables) = Tables::read(&streams) else {
        work.warn("pe-dot-net", "its tables of .NET are damaged");
        return Some(facts);
    };
    tables.fill(&mut facts);
    Some(facts)
}

/// The streams of the metadata.
#[derive(Debug, Default)]
struct Streams<'a> {
    version: &'a [u8],
    tables: &'a [u8],
    strings: &'a [u8],
    guids: &'a [u8],
    blobs: &'a [u8],
}

impl<'a> Streams<'a> {
    fn read(metadata: &'a [u8]) -> Option<Self> {
        if !has(metadata, 0, b"BSJB") {
            return None;
        }
        let length = place(le32(metadata, 12)?).min(256);
        let mut this = Self {
            version: until_zero(piece(metadata, 16, length), length),
            ..Self::default()
        };
        let mut at = 16 + length.next_multiple_of(4);
        let count = le16(metadata, at + 2)?;
        at += 4;
        for _ in 0..count.min(MOST_STREAMS) {
            let (Some(from), Some(size)) = (le32(metadata, at), le32(metadata, at + 4)) else {
                break;
            };
            let content = piece(metadata, place(from), place(size));
            let name = until_zero(metadata.get(at + 8..)?, 32);
            match name {
                b"#~" | b"#-" => this.tables = content,
                b"#Strings" => this.strings = content,
                b"#GUID" => this.guids = content,
                b"#Blob" => this.blobs = content,
                _ => {}
            }
            at += 8 + (name.len() + 1).next_multiple_of(4);
        }
        Some(this)
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
enum Column {
    /// A number of so many bytes.
    Fixed(usize),
    String,
    Guid,
    Blob,
    /// A row of a table.
    Row(usize),
    /// A row of one of several tables, after so many bits that say which.
    Coded(u32, &'static [usize]),
}

use Column::{Blob, Coded, Fixed, Row, String as Text};

/// Tables that a coded row may be in (II.24.2.6).
const TYPE_DEF_OR_REF: Column = Coded(2, &[0x02, 0x01, 0x1b]);
const HAS_CONSTANT: Column = Coded(2, &[0x04, 0x08, 0x17]);
const HAS_ATTRIBUTE: Column = Coded(
    5,
    &[
        0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0a, 0x00, 0x0e, 0x17, 0x14, 0x11, 0x1a, 0x1b, 0x20, 0x23, 0x26, 0x27,
        0x28, 0x2a, 0x2c, 0x2b,
    ],
);
const HAS_MARSHAL: Column = Coded(1, &[0x04, 0x08]);
const HAS_SECURITY: Column = Coded(2, &[0x02, 0x06, 0x20]);
const MEMBER_PARENT: Column = Coded(3, &[0x02, 0x01, 0x1a, 0x06, 0x1b]);
const HAS_SEMANTICS: Column = Coded(1, &[0x14, 0x17]);
const METHOD_OR_REF: Column = Coded(1, &[0x06, 0x0a]);
const FORWARDED: Column = Coded(1, &[0x04, 0x06]);
const IMPLEMENTATION: Column = Coded(2, &[0x26, 0x23, 0x27]);
const ATTRIBUTE_TYPE: Column = Coded(3, &[0x06, 0x0a]);
const SCOPE: Column = Coded(2, &[0x00, 0x1a, 0x23, 0x01]);
const TYPE_OR_METHOD: Column = Coded(1, &[0x02, 0x06]);

/// The columns of each table (II.22), by its number.
const SCHEMA: &[&[Column]] = &[
    &[Fixed(2), Text, Column::Guid, Column::Guid, Column::Guid],
    &[SCOPE, Text, Text],
    &[Fixed(4), Text, Text, TYPE_DEF_OR_REF, Row(0x04), Row(0x06)],
    &[Row(0x04)],
    &[Fixed(2), Text, Blob],
    &[Row(0x06)],
    &[Fixed(4), Fixed(2), Fixed(2), Text, Blob, Row(0x08)],
    &[Row(0x08)],
    &[Fixed(2), Fixed(2), Text],
    &[Row(0x02), TYPE_DEF_OR_REF],
    &[MEMBER_PARENT, Text, Blob],
    &[Fixed(2), HAS_CONSTANT, Blob],
    &[HAS_ATTRIBUTE, ATTRIBUTE_TYPE, Blob],
    &[HAS_MARSHAL, Blob],
    &[Fixed(2), HAS_SECURITY, Blob],
    &[Fixed(2), Fixed(4), Row(0x02)],
    &[Fixed(4), Row(0x04)],
    &[Blob],
    &[Row(0x02), Row(0x14)],
    &[Row(0x14)],
    &[Fixed(2), Text, TYPE_DEF_OR_REF],
    &[Row(0x02), Row(0x17)],
    &[Row(0x17)],
    &[Fixed(2), Text, Blob],
    &[Fixed(2), Row(0x06), HAS_SEMANTICS],
    &[Row(0x02), METHOD_OR_REF, METHOD_OR_REF],
    &[Text],
    &[Blob],
    &[Fixed(2), FORWARDED, Text, Row(0x1a)],
    &[Fixed(4), Row(0x04)],
    &[Fixed(4), Fixed(4)],
    &[Fixed(4)],
    &[Fixed(4), Fixed(8), Fixed(4), Blob, Text, Text],
    &[Fixed(4)],
    &[Fixed(4), Fixed(4), Fixed(4)],
    &[Fixed(8), Fixed(4), Blob, Text, Text, Blob],
    &[Fixed(4), Row(0x23)],
    &[Fixed(4), Fixed(4), Fixed(4), Row(0x23)],
    &[Fixed(4), Text, Blob],
    &[Fixed(4), Fixed(4), Text, Text, IMPLEMENTATION],
    &[Fixed(4), Fixed(4), Text, IMPLEMENTATION],
    &[Row(0x02), Row(0x02)],
    &[Fixed(2), Fixed(2), TYPE_OR_METHOD, Text],
    &[METHOD_OR_REF, Blob],
    &[Row(0x2a), TYPE_DEF_OR_REF],
];

#[derive(Debug)]
struct Tables<'a> {
    streams: &'a Streams<'a>,
    rows: [u32; 64],
    heaps: u8,
    /// Where each table begins in `content`.
    starts: [u64; 64],
    content: &'a [u8],
}

impl<'a> Tables<'a> {
    fn read(streams: &'a Streams<'a>) -> Option<Self> {
        let bytes = streams.tables;
        let heaps = *bytes.get(6)?;
        let valid = le64(bytes, 8)?;
        let mut rows = [0; 64];
        let mut at = 24;
        for (number, rows) in rows.iter_mut().enumerate() {
            if valid >> number & 1 == 1 {
                *rows = le32(bytes, at)?;
                at += 4;
            }
        }
        // A hole that some compilers leave.
        if heaps & 0x40 != 0 {
            at += 4;
        }
        let mut this = Self {
            streams,
            rows,
            heaps,
            starts: [0; 64],
            content: bytes.get(at..)?,
        };
        let mut start = 0_u64;
        let mut starts = [0; 64];
        for (number, place) in starts.iter_mut().enumerate().take(SCHEMA.len()) {
            *place = start;
            let rows = u64::from(this.count(number));
            start = start.saturating_add(rows.saturating_mul(this.width(number) as u64));
        }
        this.starts = starts;
        Some(this)
    }

    fn count(&self, table: usize) -> u32 {
        self.rows.get(table).copied().unwrap_or_default()
    }

    fn width(&self, table: usize) -> usize {
        let columns = SCHEMA.get(table).copied().unwrap_or_default();
        columns.iter().map(|column| self.column_width(*column)).sum()
    }

    fn column_width(&self, column: Column) -> usize {
        let heap = |bit: u8| if self.heaps & bit == 0 { 2 } else { 4 };
        let wide = |is_wide: bool| if is_wide { 4 } else { 2 };
        match column {
            Fixed(width) => width,
            Text => heap(1),
            Column::Guid => heap(2),
            Blob => heap(4),
            Row(table) => wide(self.count(table) > 0xffff),
            Coded(bits, tables) => wide(tables.iter().any(|table| self.count(*table) >= 1 << (16 - bits))),
        }
    }

    /// A cell; rows count from 1. Of one wider than four bytes, the first four.
    fn cell(&self, table: usize, row: u32, column: usize) -> Option<u32> {
        if row == 0 || row > self.count(table) {
            return None;
        }
        let columns = SCHEMA.get(table)?;
        let before: usize = columns
            .iter()
            .take(column)
            .map(|column| self.column_width(*column))
            .sum();
        let start = self.starts.get(table)? + u64::from(row - 1) * self.width(table) as u64;
        let at = place(start).checked_add(before)?;
        match self.column_width(*columns.get(column)?) {
            2 => le16(self.content, at).map(u32::from),
            _ => le32(self.content, at),
        }
    }

    fn text(&self, table: usize, row: u32, column: usize) -> Option<&'a [u8]> {
        let at = place(self.cell(table, row, column)?);
        Some(until_zero(self.streams.strings.get(at..)?, LONGEST))
    }

    /// A blob: its length in one, two or four bytes, and its bytes.
    fn blob(&self, at: u32) -> Option<&'a [u8]> {
        let bytes = self.streams.blobs.get(place(at)..)?;
        let (length, rest) = match *bytes {
            [a, ref rest @ ..] if a < 0x80 => (usize::from(a), rest),
            [a, b, ref rest @ ..] if a < 0xc0 => (usize::from(a & 0x3f) << 8 | usize::from(b), rest),
            [a, b, c, d, ref rest @ ..] => (place(u32::from_be_bytes([a & 0x1f, b, c, d])), rest),
            _ => return None,
        };
        rest.get(..length)
    }

    fn fill(&self, facts: &mut DotNet) {
        facts.module = self.text(MODULE, 1, 1).map(Untrusted::from_bytes);
        let mvid = self.cell(MODULE, 1, 2).and_then(|number| place(number).checked_sub(1));
        facts.mvid = mvid
            .and_then(|number| array(self.streams.guids, number.checked_mul(16)?))
            .map(Guid);
        facts.assembly = self.text(ASSEMBLY, 1, 4).map(Untrusted::from_bytes);
        facts.assembly_version = self.version();
        let references = 1..=self.count(ASSEMBLY_REF).min(MOST_REFERENCES);
        facts.references = references
            .map_while(|row| self.text(ASSEMBLY_REF, row, 3))
            .map(Untrusted::from_bytes)
            .collect();
        facts.type_library = self.type_library();
    }

    fn version(&self) -> Option<[u16; 4]> {
        let start = self.starts.get(ASSEMBLY)?;
        if self.count(ASSEMBLY) == 0 {
            return None;
        }
        let at = place(*start).checked_add(4)?;
        let part = |number: usize| le16(self.content, at.checked_add(number * 2)?);
        Some([part(0)?, part(1)?, part(2)?, part(3)?])
    }

    /// The text of the attribute `Guid` of the assembly.
    fn type_library(&self) -> Option<Untrusted> {
        let rows = |table: usize| 1..=self.count(table).min(MOST_ROWS);
        let class = rows(TYPE_REF).find(|row| {
            self.text(TYPE_REF, *row, 1) == Some(b"GuidAttribute")
                && self.text(TYPE_REF, *row, 2) == Some(b"System.Runtime.InteropServices")
        })?;
        // The attribute is named by its constructor: a member whose parent is a referred type.
        let constructor = rows(MEMBER_REF).find(|row| self.cell(MEMBER_REF, *row, 0) == Some(class << 3 | 1))?;
        let attribute = rows(CUSTOM_ATTRIBUTE).find(|row| {
            self.cell(CUSTOM_ATTRIBUTE, *row, 0) == Some(1 << 5 | 14)
                && self.cell(CUSTOM_ATTRIBUTE, *row, 1) == Some(constructor << 3 | 3)
        })?;
        let blob = self.blob(self.cell(CUSTOM_ATTRIBUTE, attribute, 2)?)?;
        let text = blob.strip_prefix(&[1, 0])?;
        let length = usize::from(*text.first()?);
        text.get(1..=length).map(Untrusted::from_bytes)
    }
}
