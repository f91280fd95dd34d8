//! Compound files (MS-CFB): a small file system in one file, with storages for folders and streams for files.
//!
//! Read as far as it goes: a damaged table costs what hangs on it and not the rest. Nothing is allocated by a declared
//! size: a chain of sectors is as long as the sectors that are there, once round. What an honest file holds fits into it
//! once, so reading stops where streams claim many times the file's length. Absent: writing, and the order of siblings.

use crate::bytes::{array, le16, le32, le64};
use std::cell::Cell;

/// The first eight bytes.
pub const SIGNATURE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// The first sector number that is none.
const LAST: u32 = 0xffff_fff9;
/// A directory entry that is none.
const NOBODY: u32 = 0xffff_ffff;
/// Sector numbers in the header.
const IN_HEADER: usize = 109;
/// Bytes of a directory entry.
const ENTRY: usize = 128;
/// How often streams may claim the whole file.
const SHARE: u64 = 4;

/// What a directory entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Storage,
    /// A file.
    Stream,
    /// The folder of all.
    Root,
    /// Nothing any more.
    Unused,
}

/// A directory entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Bytes, as declared.
    pub size: u64,
    /// Entries in it, by their number.
    pub children: Vec<usize>,
    /// The class of a storage: which program made what is in it.
    pub class: [u8; 16],
    /// What its maker kept with it, and when it was made and changed, as they stand.
    pub kept: [u8; 20],
    links: [u32; 3],
    start: u32,
}

/// An open compound file.
#[derive(Debug)]
pub struct Compound<'a> {
    bytes: &'a [u8],
    /// log2 of the size of a sector.
    shift: u32,
    /// Streams shorter than this are in the small sectors.
    cutoff: u64,
    next: Vec<u32>,
    small: Vec<u32>,
    /// The stream of small sectors.
    pool: Vec<u8>,
    entries: Vec<Entry>,
    /// Bytes that may still be read.
    left: Cell<u64>,
    damaged: Cell<bool>,
}

/// log2 of the size of a small sector.
const SMALL: u32 = 6;

impl<'a> Compound<'a> {
    /// Opens a file; `None` where it does not begin like one.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(SIGNATURE) {
            return None;
        }
        let shift = match le16(bytes, 30) {
            Some(12) => 12,
            _ => 9,
        };
        let mut this = Self {
            bytes,
            shift,
            cutoff: u64::from(le32(bytes, 56)?).min(1 << 20),
            next: Vec::new(),
            small: Vec::new(),
            pool: Vec::new(),
            entries: Vec::new(),
            left: Cell::new((bytes.len() as u64).saturating_mul(SHARE)),
            damaged: Cell::new(false),
        };
        this.next = this.table();
        this.small = numbers(&this.chain(le32(bytes, 60)?, usize::MAX)).collect();
        this.entries = this.directory(le32(bytes, 48)?);
        if let Some(root) = this.entries.first() {
            let size = usize::try_from(root.size).unwrap_or(usize::MAX);
            this.pool = this.chain(root.start, size);
        }
        this.climb();
        Some(this)
    }

    /// All entries; the first is the root.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that number.
    pub fn entry(&self, number: usize) -> Option<&Entry> {
        self.entries.get(number)
    }

    /// The entries in a storage.
    pub fn children(&self, storage: usize) -> impl Iterator<Item = (usize, &Entry)> {
        let numbers = self.entries.get(storage).map(|entry| entry.children.as_slice());
        let numbers = numbers.unwrap_or_default().iter();
        numbers.filter_map(|&number| Some((number, self.entries.get(number)?)))
    }

    /// The entry of that name in a storage, in any case.
    pub fn find(&self, storage: usize, name: &str) -> Option<usize> {
        let mut children = self.children(storage);
        children
            .find(|(_, entry)| entry.name.eq_ignore_ascii_case(name))
            .map(|(number, _)| number)
    }

    /// The bytes of a stream, as far as they are there.
    pub fn stream(&self, number: usize) -> Vec<u8> {
        let Some(entry) = self.entries.get(number).filter(|entry| entry.kind == Kind::Stream) else {
            return Vec::new();
        };
        let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
        let out = if entry.size < self.cutoff {
            self.small_chain(entry.start, size)
        } else {
            self.chain(entry.start, size)
        };
        if out.len() < size {
            self.damaged.set(true);
        }
        out
    }

    /// Whether something that was read so far was not whole.
    pub fn is_damaged(&self) -> bool {
        self.damaged.get()
    }

    /// Sectors that can be in the file, the last perhaps not whole.
    fn sectors(&self) -> usize {
        (self.bytes.len() >> self.shift).saturating_add(1)
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = usize::try_from(number).ok()?.checked_add(1)?;
        if start > self.bytes.len() >> self.shift {
            return None;
        }
        let start = start << self.shift;
        let end = start.saturating_add(1 << self.shift).min(self.bytes.len());
        self.bytes.get(start..end).filter(|sector| !sector.is_empty())
    }

    /// Which sector follows which (MS-CFB 2.3 and 2.5): the table's own sectors are listed in the header, and on.
    fn table(&self) -> Vec<u32> {
        let most = self.sectors();
        let listed = self.bytes.get(76..76 + 4 * IN_HEADER).unwrap_or_default();
        let mut places: Vec<u32> = numbers(listed).collect();
        let mut more = le32(self.bytes, 68).unwrap_or(LAST);
        let mut steps = 0;
        while more < LAST && steps < most {
            steps += 1;
            let Some(sector) = self.sector(more) else { break };
            let mut list: Vec<u32> = numbers(sector).collect();
            more = list.pop().unwrap_or(LAST);
            places.append(&mut list);
        }
        let mut next = Vec::new();
        for place in places.into_iter().filter(|place| *place < LAST) {
            if next.len() >= most {
                break;
            }
            match self.sector(place) {
                Some(sector) => next.extend(numbers(sector)),
                None => next.resize(next.len() + (1 << (self.shift - 2)), LAST),
            }
        }
        next.truncate(most);
        next
    }

    /// The sectors from `start` on, `size` bytes at most.
    fn chain(&self, start: u32, size: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mut at = start;
        let mut steps = 0;
        while at < LAST && out.len() < size && steps < self.sectors() {
            steps += 1;
            let Some(sector) = self.sector(at) else { break };
            let take = sector.len().min(size - out.len());
            if !self.spend(take) {
                break;
            }
            out.extend_from_slice(sector.get(..take).unwrap_or(sector));
            at = usize::try_from(at)
                .ok()
                .and_then(|at| self.next.get(at).copied())
                .unwrap_or(LAST);
        }
        out
    }

    /// The small sectors from `start` on, `size` bytes at most.
    fn small_chain(&self, start: u32, size: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mut at = start;
        let mut steps = 0;
        while at < LAST && out.len() < size && steps <= self.small.len() {
            steps += 1;
            let Ok(number) = usize::try_from(at) else { break };
            let from = number.saturating_mul(1 << SMALL);
            let rest = self.pool.get(from..).unwrap_or_default();
            let take = rest.len().min(1 << SMALL).min(size - out.len());
            if take == 0 || !self.spend(take) {
                break;
            }
            out.extend_from_slice(rest.get(..take).unwrap_or(rest));
            at = self.small.get(number).copied().unwrap_or(LAST);
        }
        out
    }

    fn spend(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes as u64);
        match left {
            Some(left) => self.left.set(left),
            None => self.damaged.set(true),
        }
        left.is_some()
    }

    fn directory(&self, start: u32) -> Vec<Entry> {
        let wide = le16(self.bytes, 26) == Some(4);
        let bytes = self.chain(start, usize::MAX);
        let (entries, _) = bytes.as_chunks::<ENTRY>();
        entries.iter().map(|entry| read_entry(entry, wide)).collect()
    }

    /// Hangs the entries into their storages. Each is visited once, whatever the links say.
    fn climb(&mut self) {
        let links: Vec<[u32; 3]> = self.entries.iter().map(|entry| entry.links).collect();
        let mut seen = vec![false; links.len()];
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); links.len()];
        if let Some(first) = seen.first_mut() {
            *first = true;
        }
        let Some([_, _, first]) = links.first().copied() else {
            return;
        };
        let mut open = vec![(first, 0)];
        while let Some((number, parent)) = open.pop() {
            let Some(number) = usize::try_from(number).ok().filter(|_| number != NOBODY) else {
                continue;
            };
            let Some(seen) = seen.get_mut(number).filter(|seen| !**seen) else {
                continue;
            };
            *seen = true;
            let Some([left, right, child]) = links.get(number).copied() else {
                continue;
            };
            if let Some(siblings) = children.get_mut(parent) {
                siblings.push(number);
            }
            open.extend([(left, parent), (right, parent), (child, number)]);
        }
        for (entry, children) in self.entries.iter_mut().zip(children) {
            entry.children = children;
        }
    }
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|number| u32::from_le_bytes(*number))
}

fn read_entry(entry: &[u8; ENTRY], wide: bool) -> Entry {
    let length = usize::from(le16(entry, 64).unwrap_or_default())
        .saturating_sub(2)
        .min(62);
    let letters = entry.get(..length).unwrap_or_default().as_chunks::<2>().0;
    let letters = letters.iter().map(|letter| u16::from_le_bytes(*letter));
    let size = le64(entry, 120).unwrap_or_default();
    let link = |at| le32(entry, at).unwrap_or(NOBODY);
    Entry {
        name: char::decode_utf16(letters)
            .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        kind: match entry.get(66) {
            Some(1) => Kind::Storage,
            Some(2) => Kind::Stream,
            Some(5) => Kind::Root,
            _ => Kind::Unused,
        },
        // Files with small sectors leave rubbish in the upper half.
        size: if wide { size } else { size & 0xffff_ffff },
        children: Vec::new(),
        class: array(entry, 80).unwrap_or_default(),
        kept: array(entry, 96).unwrap_or_default(),
        links: [link(68), link(72), link(76)],
        start: le32(entry, 116).unwrap_or(LAST),
    }
}
