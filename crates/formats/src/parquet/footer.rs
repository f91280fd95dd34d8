//! The footer of a file: columns as they are listed, groups of rows, and where the pages of each column lie.

use super::thrift::{Kind, Thrift};
use crate::capped::Block;

/// Columns and groups of columns at most.
const MOST_ELEMENTS: usize = 20_000;

/// How the values of a column are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    Bytes,
    /// So many bytes each.
    Fixed(usize),
}

/// What the values of a column mean, by either of the two ways in which it is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing is said.
    #[default]
    Plain,
    Text,
    Json,
    Uuid,
    /// So many digits behind the point.
    Decimal(u8),
    Date,
    Time(Unit),
    Timestamp(Unit, Clock),
    Unsigned,
    Signed,
    Float16,
    Interval,
    List,
    Map,
}

/// What a clock counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Unit {
    #[default]
    Millis,
    Micros,
    Nanos,
}

/// Whose clock it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    Utc,
    /// Nobody says.
    Local,
}

/// Whether a value is there, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Repetition {
    #[default]
    Required,
    Optional,
    Repeated,
}

/// `SchemaElement`
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) physical: Option<Physical>,
    pub(super) repetition: Repetition,
    pub(super) children: usize,
    pub(super) meaning: Meaning,
}

/// `FileMetaData`
#[derive(Debug, Default)]
pub(super) struct Footer {
    pub(super) elements: Vec<Element>,
    pub(super) rows: u64,
    /// Groups that are still to be read, from this byte of the footer on.
    pub(super) groups: usize,
    pub(super) groups_at: usize,
    pub(super) is_encrypted: bool,
}

/// How the pages of a column are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Known(Block),
    Unread(&'static str),
}

/// `ColumnChunk`
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) packing: Packing,
    pub(super) from: u64,
    pub(super) length: u64,
    pub(super) is_encrypted: bool,
    pub(super) is_elsewhere: bool,
}

/// `RowGroup`
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) rows: u64,
    pub(super) chunks: Vec<Chunk>,
}

/// Reads all but the groups of rows.
pub(super) fn read(bytes: &[u8]) -> Option<Footer> {
    let mut footer = Footer::default();
    let mut thrift = Thrift::new(bytes);
    thrift.fields(|thrift, number, kind| match (number, kind) {
        (2, Kind::List) => thrift.list(|thrift, kind| {
            if kind != Kind::Struct || footer.elements.len() >= MOST_ELEMENTS {
                return None;
            }
            footer.elements.push(element(thrift)?);
            Some(())
        }),
        (3, Kind::Number) => {
            footer.rows = u64::try_from(thrift.number()?).unwrap_or_default();
            Some(())
        }
        (4, Kind::List) => {
            let mut inside = thrift.clone();
            let (count, of) = inside.list_head()?;
            footer.groups = if of == Kind::Struct { count } else { 0 };
            footer.groups_at = bytes.len().saturating_sub(inside.rest().len());
            thrift.skip(kind)
        }
        (8, Kind::Struct) => {
            footer.is_encrypted = true;
            thrift.skip(kind)
        }
        _ => thrift.skip(kind),
    })?;
    Some(footer)
}

/// Reads a group of rows, and says how many bytes it takes.
pub(super) fn group(bytes: &[u8], most: usize) -> Option<(Group, usize)> {
    let mut group = Group::default();
    let mut thrift = Thrift::new(bytes);
    thrift.fields(|thrift, number, kind| match (number, kind) {
        (1, Kind::List) => thrift.list(|thrift, kind| {
            if kind != Kind::Struct || group.chunks.len() >= most {
                return None;
            }
            group.chunks.push(chunk(thrift)?);
            Some(())
        }),
        (3, Kind::Number) => {
            group.rows = u64::try_from(thrift.number()?).unwrap_or_default();
            Some(())
        }
        _ => thrift.skip(kind),
    })?;
    Some((group, bytes.len().saturating_sub(thrift.rest().len())))
}

fn chunk(thrift: &mut Thrift<'_>) -> Option<Chunk> {
    let mut chunk = Chunk {
        packing: Packing::Known(Block::Stored),
        from: 0,
        length: 0,
        is_encrypted: false,
        is_elsewhere: false,
    };
    thrift.fields(|thrift, number, kind| match (number, kind) {
        (1, Kind::Text) => {
            chunk.is_elsewhere = !thrift.text()?.is_empty();
            Some(())
        }
        (3, Kind::Struct) => about(thrift, &mut chunk),
        (8, Kind::Struct) => {
            chunk.is_encrypted = true;
            thrift.skip(kind)
        }
        (9, Kind::Text) => {
            chunk.is_encrypted = true;
            thrift.skip(kind)
        }
        _ => thrift.skip(kind),
    })?;
    Some(chunk)
}

/// `ColumnMetaData`
fn about(thrift: &mut Thrift<'_>, chunk: &mut Chunk) -> Option<()> {
    let (mut data, mut dictionary) = (0, 0);
    thrift.fields(|thrift, number, kind| match (number, kind) {
        (4, Kind::Number) => {
            chunk.packing = packing(thrift.number()?);
            Some(())
        }
        (7, Kind::Number) => {
            chunk.length = u64::try_from(thrift.number()?).unwrap_or_default();
            Some(())
        }
        (9, Kind::Number) => {
            data = thrift.number()?;
            Some(())
        }
        (11, Kind::Number) => {
            dictionary = thrift.number()?;
            Some(())
        }
        _ => thrift.skip(kind),
    })?;
    // Some writers say 0 where there is none.
    let first = if dictionary > 0 { data.min(dictionary) } else { data };
    chunk.from = u64::try_from(first).unwrap_or(u64::MAX);
    Some(())
}

fn packing(number: i64) -> Packing {
    match number {
        0 => Packing::Known(Block::Stored),
        1 => Packing::Known(Block::Snappy),
        2 => Packing::Known(Block::Gzip),
        3 => Packing::Unread("LZO"),
        4 => Packing::Unread("Brotli"),
        5 => Packing::Known(Block::Lz4Hadoop),
        6 => Packing::Known(Block::Zstd),
        7 => Packing::Known(Block::Lz4),
        _ => Packing::Unread("a codec that is not known"),
    }
}

fn element(thrift: &mut Thrift<'_>) -> Option<Element> {
    let mut element = Element::default();
    let (mut physical, mut length, mut scale) = (None, 0_usize, 0_u8);
    let mut logical = None;
    thrift.fields(|thrift, number, kind| {
        match (number, kind) {
            (1, Kind::Number) => physical = Some(thrift.number()?),
            (2, Kind::Number) => length = usize::try_from(thrift.number()?).unwrap_or_default(),
            (3, Kind::Number) => {
                element.repetition = match thrift.number()? {
                    0 => Repetition::Required,
                    1 => Repetition::Optional,
                    2 => Repetition::Repeated,
                    _ => return None,
                }
            }
            (4, Kind::Text) => element.name = String::from_utf8_lossy(thrift.text()?).into_owned(),
            (5, Kind::Number) => element.children = usize::try_from(thrift.number()?).ok()?,
            (6, Kind::Number) => element.meaning = converted(thrift.number()?),
            (7, Kind::Number) => scale = u8::try_from(thrift.number()?).ok()?,
            (10, Kind::Struct) => logical = logical_type(thrift)?,
            _ => thrift.skip(kind)?,
        }
        Some(())
    })?;
    if let Meaning::Decimal(digits) = &mut element.meaning {
        *digits = scale;
    }
    // What is said in both ways is said better in the newer one.
    element.meaning = logical.unwrap_or(element.meaning);
    element.physical = match physical {
        None => None,
        Some(0) => Some(Physical::Boolean),
        Some(1) => Some(Physical::Int32),
        Some(2) => Some(Physical::Int64),
        Some(3) => Some(Physical::Int96),
        Some(4) => Some(Physical::Float),
        Some(5) => Some(Physical::Double),
        Some(6) => Some(Physical::Bytes),
        Some(7) => Some(Physical::Fixed(length)),
        Some(_) => return None,
    };
    Some(element)
}

/// `ConvertedType`
fn converted(number: i64) -> Meaning {
    match number {
        0 | 4 => Meaning::Text,
        1 | 2 => Meaning::Map,
        3 => Meaning::List,
        5 => Meaning::Decimal(0),
        6 => Meaning::Date,
        7 => Meaning::Time(Unit::Millis),
        8 => Meaning::Time(Unit::Micros),
        9 => Meaning::Timestamp(Unit::Millis, Clock::Utc),
        10 => Meaning::Timestamp(Unit::Micros, Clock::Utc),
        11..=14 => Meaning::Unsigned,
        15..=18 => Meaning::Signed,
        19 => Meaning::Json,
        21 => Meaning::Interval,
        _ => Meaning::Plain,
    }
}

/// `LogicalType`: a union; nothing, where it is one that is not known.
fn logical_type(thrift: &mut Thrift<'_>) -> Option<Option<Meaning>> {
    let mut meaning = None;
    thrift.fields(|thrift, number, kind| {
        meaning = match number {
            1 | 4 => Some(Meaning::Text),
            2 => Some(Meaning::Map),
            3 => Some(Meaning::List),
            5 if kind == Kind::Struct => return decimal(thrift).map(|scale| meaning = Some(Meaning::Decimal(scale))),
            6 => Some(Meaning::Date),
            7 if kind == Kind::Struct => return clock(thrift).map(|(unit, _)| meaning = Some(Meaning::Time(unit))),
            8 if kind == Kind::Struct => {
                return clock(thrift).map(|(unit, clock)| meaning = Some(Meaning::Timestamp(unit, clock)));
            }
            10 if kind == Kind::Struct => return signed(thrift).map(|is| meaning = Some(is)),
            12 => Some(Meaning::Json),
            14 => Some(Meaning::Uuid),
            15 => Some(Meaning::Float16),
            _ => None,
        };
        thrift.skip(kind)
    })?;
    Some(meaning)
}

/// `DecimalType`
fn decimal(thrift: &mut Thrift<'_>) -> Option<u8> {
    let mut scale = 0;
    thrift.fields(|thrift, number, kind| match (number, kind) {
        (1, Kind::Number) => {
            scale = u8::try_from(thrift.number()?).ok()?;
            Some(())
        }
        _ => thrift.skip(kind),
    })?;
    Some(scale)
}

/// `TimeType` and `TimestampType`
fn clock(thrift: &mut Thrift<'_>) -> Option<(Unit, Clock)> {
    let (mut unit, mut clock) = (Unit::default(), Clock::Local);
    thrift.fields(|thrift, number, kind| match (number, kind) {
        (1, Kind::Yes) => {
            clock = Clock::Utc;
            Some(())
        }
        (2, Kind::Struct) => thrift.fields(|thrift, number, kind| {
            unit = match number {
                1 => Unit::Millis,
                2 => Unit::Micros,
                _ => Unit::Nanos,
            };
            thrift.skip(kind)
        }),
        _ => thrift.skip(kind),
    })?;
    Some((unit, clock))
}

/// `IntType`
fn signed(thrift: &mut Thrift<'_>) -> Option<Meaning> {
    let mut meaning = Meaning::Unsigned;
    thrift.fields(|thrift, number, kind| {
        if (number, kind) == (2, Kind::Yes) {
            meaning = Meaning::Signed;
        }
        thrift.skip(kind)
    })?;
    Some(meaning)
}
