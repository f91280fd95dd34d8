//! One column of a group of rows: its pages one after another, and in each of them levels and values.

use super::encoding::{Dictionary, Hybrid, Values};
use super::footer::{Chunk, Packing};
use super::schema::Leaf;
use super::thrift::{Kind, Thrift};
use crate::bytes::{le32, place};
use crate::capped::{Block, unpack_block};
use std::io::{self, Read, Seek, SeekFrom};
use watchfire_model::{Budget, Halt, Limits};

/// Something that is read from any place of it.
pub trait Places: Read + Seek {}

impl<T: Read + Seek> Places for T {}

/// Bytes of a page at most, as it is written and as it is unpacked. Those of pyarrow have 1 MiB, those of DuckDB up to 100 MB.
const MOST_PAGE: u64 = 128 << 20;
/// Bytes of pages and dictionaries of all columns together.
const MOST_HELD: usize = 512 << 20;
/// How much of the file is read to find the end of the head of a page, in turn.
const HEADS: [u64; 3] = [256, 16 << 10, 1 << 20];
/// What rows and pages may be long all together before the length of the file counts.
const FREE: u64 = 1 << 30;
/// How often the parts of a file may cover it.
const MOST_COVERED: u64 = 4;

/// Why reading went no further.
#[derive(Debug)]
pub(super) enum Damage {
    /// In words that follow the name of the column.
    Column(String),
    /// The same of what is not damaged, and not read all the same.
    Unread(String),
    /// In words that stand alone.
    File(String),
    Halt(Halt),
    Failed(io::Error),
}

/// Damage of a column.
fn damage<T>(why: impl Into<String>) -> Result<T, Damage> {
    Err(Damage::Column(why.into()))
}

/// What is as it should be, and is not read.
fn unread<T>(why: impl Into<String>) -> Result<T, Damage> {
    Err(Damage::Unread(why.into()))
}

/// The file, and what was taken of it.
pub(super) struct File<'a> {
    source: Box<dyn Places + 'a>,
    pub(super) length: u64,
    budget: &'a Budget,
    /// Bytes of pages that were read.
    read: u64,
    /// Bytes that were unpacked and written, and those of rows among them.
    spent: u64,
    written: u64,
    held: usize,
    /// Pages whose checksum is wrong.
    pub(super) wrong: u64,
}

impl<'a> File<'a> {
    pub(super) fn new(source: Box<dyn Places + 'a>, budget: &'a Budget) -> io::Result<Self> {
        let mut source = source;
        let length = source.seek(SeekFrom::End(0))?;
        Ok(Self {
            source,
            length,
            budget,
            read: 0,
            spent: 0,
            written: 0,
            held: 0,
            wrong: 0,
        })
    }

    /// What is there of `length` bytes at `at`.
    pub(super) fn bytes(&mut self, at: u64, length: u64) -> Result<Vec<u8>, Damage> {
        let mut bytes = Vec::new();
        self.source.seek(SeekFrom::Start(at)).map_err(Damage::Failed)?;
        let read = (&mut self.source).take(length).read_to_end(&mut bytes);
        read.map(|_| bytes).map_err(Damage::Failed)
    }

    /// Counts what was unpacked or written. A column of one value takes a few bytes for a million rows, so there is no ratio
    /// at first; later the one that holds for all that is unpacked.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), Damage> {
        self.spent = self.spent.saturating_add(bytes as u64);
        self.budget.check().map_err(Damage::Halt)?;
        let most = self.length.saturating_mul(Limits::default().ratio).saturating_add(FREE);
        match self.spent > most {
            true => Err(Damage::File("it says more than a file of its length can".to_owned())),
            false => Ok(()),
        }
    }

    /// Counts bytes of rows, which are what the file is unpacked to.
    pub(super) fn write(&mut self, bytes: usize) -> Result<(), Damage> {
        let bytes = bytes as u64;
        self.written = self.written.saturating_add(bytes);
        self.budget
            .unpack(bytes, self.written, self.length)
            .map_err(Damage::Halt)
    }

    fn cover(&mut self, bytes: u64) -> Result<(), Damage> {
        self.read = self.read.saturating_add(bytes);
        match self.read > self.length.saturating_mul(MOST_COVERED) {
            true => Err(Damage::File("its columns lie one over the other".to_owned())),
            false => Ok(()),
        }
    }

    fn hold(&mut self, before: usize, now: usize) -> Result<(), Damage> {
        self.held = self.held.saturating_sub(before).saturating_add(now);
        match self.held > MOST_HELD {
            true => Err(Damage::File(
                "its pages take more than 512 MiB at once; write smaller ones".to_owned(),
            )),
            false => Ok(()),
        }
    }

    /// Lets go of what the columns of a group held.
    pub(super) fn let_go(&mut self) {
        self.held = 0;
    }
}

/// `PageHeader`, as far as it matters.
#[derive(Debug, Default)]
struct Head {
    kind: i64,
    unpacked: u64,
    packed: u64,
    checksum: Option<u32>,
    values: u64,
    encoding: i64,
    level_encodings: [i64; 2],
    /// Bytes of levels in front of what is packed, of definition and of repetition.
    levels: [u64; 2],
    is_stored: bool,
}

const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_V2: i64 = 3;
const RLE: i64 = 3;

impl Head {
    /// The head, and how many bytes it takes.
    fn read(bytes: &[u8]) -> Option<(Self, u64)> {
        let mut head = Self::default();
        let mut thrift = Thrift::new(bytes);
        thrift.fields(|thrift, number, kind| {
            match (number, kind) {
                (1, Kind::Number) => head.kind = thrift.number()?,
                (2, Kind::Number) => head.unpacked = u64::try_from(thrift.number()?).ok()?,
                (3, Kind::Number) => head.packed = u64::try_from(thrift.number()?).ok()?,
                (4, Kind::Number) => head.checksum = Some(thrift.number()? as u32),
                (5 | 7 | 8, Kind::Struct) => head.details(thrift, number)?,
                _ => thrift.skip(kind)?,
            }
            Some(())
        })?;
        Some((head, (bytes.len() - thrift.rest().len()) as u64))
    }

    /// `DataPageHeader`, `DictionaryPageHeader` or `DataPageHeaderV2`, by the number of the field that it stands in.
    fn details(&mut self, thrift: &mut Thrift<'_>, of: i16) -> Option<()> {
        const SECOND: i16 = 8;
        thrift.fields(|thrift, number, kind| {
            match (number, kind, of) {
                (1, Kind::Number, _) => self.values = u64::try_from(thrift.number()?).ok()?,
                (4, Kind::Number, SECOND) => self.encoding = thrift.number()?,
                (5, Kind::Number, SECOND) => self.levels[0] = u64::try_from(thrift.number()?).ok()?,
                (6, Kind::Number, SECOND) => self.levels[1] = u64::try_from(thrift.number()?).ok()?,
                (7, Kind::No, SECOND) => self.is_stored = true,
                (2, Kind::Number, 5 | 7) => self.encoding = thrift.number()?,
                (3, Kind::Number, 5) => self.level_encodings[0] = thrift.number()?,
                (4, Kind::Number, 5) => self.level_encodings[1] = thrift.number()?,
                _ => thrift.skip(kind)?,
            }
            Some(())
        })
    }
}

/// Levels of a page.
#[derive(Debug)]
enum Levels {
    /// There is but one.
    None,
    Runs(Hybrid),
}

impl Levels {
    #[inline]
    fn next(&mut self, page: &[u8]) -> Option<u16> {
        match self {
            Self::None => Some(0),
            Self::Runs(runs) => u16::try_from(runs.next(page)?).ok(),
        }
    }
}

/// Whether and where the next value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) repeated: u16,
    pub(super) defined: u16,
}

/// See the module.
pub(super) struct Column {
    pub(super) leaf: Leaf,
    packing: Block,
    /// The next page, and where the last one ends.
    at: u64,
    end: u64,
    page: Vec<u8>,
    left: u64,
    repeated: Levels,
    defined: Levels,
    values: Values,
    dictionary: Dictionary,
    place: Option<Place>,
}

impl Column {
    /// The column of `leaf` in a group of rows.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn new(leaf: Leaf, chunk: &Chunk, file: &File<'_>) -> Result<Self, Damage> {
        if chunk.is_encrypted {
            return unread("is encrypted; decrypt the file with the program that wrote it");
        }
        if chunk.is_elsewhere {
            return unread("lies in another file; write all columns into one file");
        }
        let packing = match chunk.packing {
            Packing::Known(block) => block,
            Packing::Unread(name) => {
                return unread(format!(
                    "is packed with {name}, which is not read; write the file anew with zstd, gzip, snappy or no compression"
                ));
            }
        };
        Ok(Self {
            leaf,
            packing,
            at: chunk.from,
            end: chunk.from.saturating_add(chunk.length).min(file.length),
            page: Vec::new(),
            left: 0,
            repeated: Levels::None,
            defined: Levels::None,
            values: Values::Plain { at: 0 },
            dictionary: Dictionary::default(),
            place: None,
        })
    }

    /// Where the next value is; nothing, where there is none.
    #[inline]
    pub(super) fn peek(&mut self, file: &mut File<'_>) -> Result<Option<Place>, Damage> {
        if self.place.is_none() {
            while self.left == 0 {
                if self.at >= self.end {
                    return Ok(None);
                }
                self.next_page(file)?;
            }
            self.left -= 1;
            let repeated = self.repeated.next(&self.page);
            let defined = self.defined.next(&self.page);
            let (Some(repeated), Some(defined)) = (repeated, defined) else {
                return damage("has a page whose levels end before its values");
            };
            if repeated > self.leaf.most_repeated || defined > self.leaf.most_defined {
                return damage("has values where the schema has no place for them");
            }
            self.place = Some(Place { repeated, defined });
        }
        Ok(self.place)
    }

    /// Takes the place that was seen last; whether a value was there and was written.
    #[inline]
    pub(super) fn take(&mut self, out: &mut Vec<u8>) -> Result<bool, Damage> {
        let is_there = self
            .place
            .take()
            .is_some_and(|place| place.defined == self.leaf.most_defined);
        if !is_there {
            return Ok(false);
        }
        let kind = (self.leaf.physical, self.leaf.meaning);
        match self.values.write(&self.page, kind, &self.dictionary, out) {
            Some(()) => Ok(true),
            None => damage("has a page with fewer values than it says"),
        }
    }

    #[cold]
    fn next_page(&mut self, file: &mut File<'_>) -> Result<(), Damage> {
        let (head, from) = self.head(file)?;
        let held = self.held();
        if head.packed > MOST_PAGE || head.unpacked > MOST_PAGE {
            return unread("has a page of more than 128 MiB; write the file anew with smaller pages");
        }
        self.at = from.saturating_add(head.packed);
        if self.at > self.end {
            return damage("has a page that goes on behind its end");
        }
        if !matches!(head.kind, DATA | DATA_V2 | DICTIONARY) {
            // Pages of indexes, and what may come one day.
            return file.cover(self.at.saturating_sub(from));
        }
        let packed = file.bytes(from, head.packed)?;
        file.cover(head.packed)?;
        if packed.len() as u64 != head.packed {
            return damage("ends before its pages do");
        }
        if head.checksum.is_some_and(|sum| sum != crc32fast::hash(&packed)) {
            file.wrong = file.wrong.saturating_add(1);
        }
        self.page = self.unpacked(&head, packed, file)?;
        if head.kind == DICTIONARY {
            self.learn(&head);
        } else {
            self.open(&head)?;
        }
        file.hold(held, self.held())
    }

    fn held(&self) -> usize {
        self.page.capacity().saturating_add(self.dictionary.held())
    }

    /// The head of the next page, and where the page begins behind it.
    fn head(&self, file: &mut File<'_>) -> Result<(Head, u64), Damage> {
        let most = self.end.saturating_sub(self.at);
        for length in HEADS {
            let bytes = file.bytes(self.at, length.min(most))?;
            if let Some((head, taken)) = Head::read(&bytes) {
                file.cover(taken)?;
                return Ok((head, self.at.saturating_add(taken)));
            }
            if length >= most {
                break;
            }
        }
        damage("has a page that does not begin like one")
    }

    /// The bytes of a page, without what they are packed in.
    fn unpacked(&self, head: &Head, packed: Vec<u8>, file: &mut File<'_>) -> Result<Vec<u8>, Damage> {
        let [defined, repeated] = head.levels;
        // Levels of the second version are never packed.
        let levels = place(defined.saturating_add(repeated));
        let size = place(head.unpacked);
        let packing = if head.is_stored { Block::Stored } else { self.packing };
        if packing == Block::Stored {
            file.spend(packed.len())?;
            return Ok(packed);
        }
        let (Some((before, body)), Some(size)) = (packed.split_at_checked(levels), size.checked_sub(levels)) else {
            return damage("has a page whose levels are longer than itself");
        };
        let mut page = before.to_vec();
        if size > 0 {
            let unpacked = unpack_block(packing, body, size, file.budget);
            file.spend(unpacked.bytes.len())?;
            if let Some(halt) = unpacked.halted {
                return Err(Damage::Halt(halt));
            }
            if let Some(problem) = unpacked.problem {
                return damage(format!("has a page that cannot be unpacked: {}", problem.message.raw()));
            }
            page.extend_from_slice(&unpacked.bytes);
        }
        Ok(page)
    }

    fn learn(&mut self, head: &Head) {
        let kind = (self.leaf.physical, self.leaf.meaning);
        self.dictionary = Dictionary::new(&self.page, kind, place(head.values), MOST_HELD);
        self.page = Vec::new();
        self.left = 0;
    }

    /// Finds levels and values in a page.
    fn open(&mut self, head: &Head) -> Result<(), Damage> {
        let (most_repeated, most_defined) = (self.leaf.most_repeated, self.leaf.most_defined);
        let mut at = 0;
        let (repeated, defined) = if head.kind == DATA_V2 {
            let [of_defined, of_repeated] = head.levels.map(place);
            let repeated = runs(at, of_repeated, most_repeated);
            at = of_repeated;
            let defined = runs(at, of_defined, most_defined);
            at = at.saturating_add(of_defined);
            (repeated, defined)
        } else {
            let [of_defined, of_repeated] = head.level_encodings;
            if most_repeated > 0 && of_repeated != RLE || most_defined > 0 && of_defined != RLE {
                return unread("has levels in the encoding BIT_PACKED, which is out of use and not read");
            }
            let repeated = self.prefixed(&mut at, most_repeated);
            let defined = self.prefixed(&mut at, most_defined);
            (repeated, defined)
        };
        let (Some(repeated), Some(defined)) = (repeated, defined) else {
            return damage("has a page whose levels are longer than itself");
        };
        (self.repeated, self.defined) = (repeated, defined);
        let values = Values::new(head.encoding, self.leaf.physical, &self.page, at);
        self.values = values.map_err(|why| Damage::Column(format!("has a page that cannot be read: {why}")))?;
        self.left = head.values;
        Ok(())
    }

    /// Levels behind their length, as in the first version; there are none where there is but one.
    fn prefixed(&self, at: &mut usize, most: u16) -> Option<Levels> {
        if most == 0 {
            return Some(Levels::None);
        }
        let length = place(le32(&self.page, *at)?);
        let from = at.checked_add(4)?;
        *at = from.checked_add(length).filter(|end| *end <= self.page.len())?;
        runs(from, length, most)
    }
}

fn runs(at: usize, length: usize, most: u16) -> Option<Levels> {
    let width = 16_u32.saturating_sub(most.leading_zeros());
    match most {
        0 => Some(Levels::None),
        _ => Hybrid::new(at, at.checked_add(length)?, place(width)).map(Levels::Runs),
    }
}
