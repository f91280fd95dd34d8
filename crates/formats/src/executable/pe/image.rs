//! Headers and sections of an image, and where in the file a place in memory stands.

use crate::bytes::{array, has, le16, le32, le64, piece, place, until_zero};
use crate::executable::work::Work;
use watchfire_model::Untrusted;
use watchfire_model::executable::pe::{Characteristics, Machine, Protections, Section, SectionFlags, Subsystem};

/// Places of directories in the list.
pub(in crate::executable) const CERTIFICATES: usize = 4;
pub(super) const EXPORTS: usize = 0;
pub(super) const IMPORTS: usize = 1;
pub(super) const RESOURCES: usize = 2;
pub(super) const DEBUG: usize = 6;
pub(super) const TLS: usize = 9;
pub(super) const DELAYED: usize = 13;
pub(super) const CLR: usize = 14;

/// Bytes of a section's header.
const SECTION: usize = 40;
/// Directories that there are names for.
const MOST_DIRECTORIES: usize = 16;
/// Below this, sections are loaded where they stand.
const PAGE: u32 = 0x1000;

/// The fixed part of a file.
#[derive(Clone, Debug)]
pub(in crate::executable) struct Headers {
    /// Where the optional header stands.
    pub(in crate::executable) optional: usize,
    /// Where the list of directories stands.
    pub(in crate::executable) directories: usize,
    /// How many directories there are.
    pub(in crate::executable) directory_count: usize,
    pub(super) machine: Machine,
    pub(super) section_count: u16,
    pub(super) timestamp: u32,
    pub(super) optional_size: u16,
    pub(super) characteristics: Characteristics,
    pub(super) bits: u8,
    pub(super) linker: (u8, u8),
    pub(super) entry_point: u32,
    pub(super) image_base: u64,
    pub(super) section_alignment: u32,
    pub(super) file_alignment: u32,
    pub(super) size_of_image: u32,
    pub(super) checksum: u32,
    pub(super) subsystem: Subsystem,
    pub(super) protections: Protections,
}

impl Headers {
    /// Reads them; `None` where there is no `PE\0\0` with a header behind it.
    pub(in crate::executable) fn read(bytes: &[u8]) -> Option<Self> {
        if !has(bytes, 0, b"MZ") && !has(bytes, 0, b"ZM") {
            return None;
        }
        let start = place(le32(bytes, 60)?);
        if !has(bytes, start, b"PE\0\0") {
            return None;
        }
        let file = bytes.get(start.checked_add(4)?..)?;
        let optional = start.checked_add(24)?;
        let header = bytes.get(optional..).unwrap_or_default();
        let magic = le16(header, 0).unwrap_or_default();
        let is_wide = magic == 0x20b;
        let word = |at| le32(header, at).unwrap_or_default();
        let half = |at| le16(header, at).unwrap_or_default();
        let list = if is_wide { 112 } else { 96 };
        Some(Self {
            optional,
            directories: optional.checked_add(list)?,
            directory_count: place(word(list - 4)).min(MOST_DIRECTORIES),
            machine: Machine(le16(file, 0)?),
            section_count: le16(file, 2)?,
            timestamp: le32(file, 4)?,
            optional_size: le16(file, 16)?,
            characteristics: Characteristics(le16(file, 18)?),
            bits: match magic {
                0x10b => 32,
                0x20b => 64,
                _ => 0,
            },
            linker: array(header, 2).map_or((0, 0), |[major, minor]| (major, minor)),
            entry_point: word(16),
            image_base: if is_wide {
                le64(header, 24).unwrap_or_default()
            } else {
                u64::from(word(28))
            },
            section_alignment: word(32),
            file_alignment: word(36),
            size_of_image: word(56),
            checksum: word(64),
            subsystem: Subsystem(half(68)),
            protections: Protections(half(70)),
        })
    }

    /// A directory by its place: where and how long, as declared. `None` for one that is empty.
    pub(in crate::executable) fn directory(&self, bytes: &[u8], number: usize) -> Option<(u32, u32)> {
        let at = self.directories.checked_add(number.checked_mul(8)?)?;
        let entry = (le32(bytes, at)?, le32(bytes, at + 4)?);
        (number < self.directory_count && entry.0 != 0).then_some(entry)
    }
}

/// A range of memory and where its bytes stand in the file.
#[derive(Clone, Copy, Debug)]
struct Range {
    start: u64,
    end: u64,
    /// The place in the file of the section's beginning, and the section's beginning in memory.
    file: u64,
    memory: u64,
    /// Where the section ends in the file.
    file_end: u64,
}

/// A file with its sections in order.
#[derive(Debug)]
pub(super) struct Image<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) headers: Headers,
    table: &'a [u8],
    /// By their beginnings, none over another.
    ranges: Vec<Range>,
}

impl<'a> Image<'a> {
    pub(super) fn open(bytes: &'a [u8], work: &mut Work<'_>) -> Option<Self> {
        let headers = Headers::read(bytes)?;
        if headers.bits == 0 {
            work.warn(
                "pe-optional-header",
                "the optional header is of no known kind, and was read as PE32",
            );
        }
        let at = headers.optional.checked_add(usize::from(headers.optional_size))?;
        let table = bytes.get(at..).unwrap_or_default();
        let all = usize::from(headers.section_count) * SECTION;
        if table.len() < all {
            work.warn("pe-truncated", "the file ends inside of its list of sections");
        }
        let table = table.get(..all).unwrap_or(table);
        // A header of zeros ends the list, as nobody writes one.
        let used = table
            .chunks(SECTION)
            .take_while(|header| header.iter().any(|byte| *byte != 0));
        let table = piece(table, 0, used.map(<[u8]>::len).sum());
        let mut this = Self {
            bytes,
            headers,
            table,
            ranges: Vec::new(),
        };
        this.ranges = this.map();
        Some(this)
    }

    fn section_headers(&self) -> impl Iterator<Item = Section> + use<'a> {
        self.table.chunks_exact(SECTION).map(|header| {
            let word = |at| le32(header, at).unwrap_or_default();
            Section {
                name: Untrusted::from_bytes(trim_zeros(piece(header, 0, 8))),
                virtual_size: word(8),
                address: word(12),
                raw_size: word(16),
                offset: word(20),
                flags: SectionFlags(word(36)),
                entropy: None,
            }
        })
    }

    /// The sections in the order of the file.
    pub(super) fn sections(&self, work: &mut Work<'_>) -> Vec<Section> {
        let mut sections: Vec<Section> = self.section_headers().collect();
        for section in &mut sections {
            let end = u64::from(section.offset) + u64::from(section.raw_size);
            if section.raw_size > 0 && end > self.bytes.len() as u64 {
                work.warn("pe-truncated", "a section ends behind the end of the file");
            }
            section.entropy = work.entropy(self.raw(section));
        }
        sections
    }

    /// The names of the sections.
    pub(super) fn section_names(&self) -> impl Iterator<Item = Untrusted> + use<'a> {
        self.section_headers().map(|section| section.name)
    }

    /// Where the sections end in the file, as declared.
    pub(super) fn section_ends(&self) -> impl Iterator<Item = u64> + use<'a> {
        self.section_headers()
            .map(|section| u64::from(section.offset) + u64::from(section.raw_size))
    }

    /// The bytes of a section in the file.
    fn raw(&self, section: &Section) -> &'a [u8] {
        let start = place(self.file_start(section));
        let end = place(u64::from(section.offset) + u64::from(section.raw_size));
        let len = end.saturating_sub(start).min(place(section.raw_size));
        piece(self.bytes, start, len)
    }

    /// Loaders round the place in the file down to 512 bytes, but not where sections are loaded where they stand.
    fn file_start(&self, section: &Section) -> u64 {
        if self.headers.section_alignment < PAGE && section.offset == section.address {
            u64::from(section.offset)
        } else {
            u64::from(section.offset & !0x1ff)
        }
    }

    /// Which memory comes from where. Sections are looked through in the order of their addresses, and the first that a
    /// place is in counts; each ends where the next one begins.
    fn map(&self) -> Vec<Range> {
        let align = if self.headers.section_alignment < PAGE {
            self.headers.file_alignment
        } else {
            self.headers.section_alignment
        };
        let mut sections: Vec<Section> = self.section_headers().collect();
        sections.sort_by_key(|section| section.address);
        let nexts: Vec<u32> = sections.iter().skip(1).map(|section| section.address).collect();
        let mut ranges = Vec::with_capacity(sections.len());
        let mut covered = 0;
        for (number, section) in sections.iter().enumerate() {
            let memory = u64::from(section.address - section.address.checked_rem(align).unwrap_or(0));
            let file = self.file_start(section);
            let there = (self.bytes.len() as u64).saturating_sub(file);
            let mut size = u64::from(section.virtual_size);
            if u64::from(section.raw_size) <= there {
                size = size.max(u64::from(section.raw_size));
            }
            let mut end = memory + size;
            if let Some(next) = nexts.get(number).filter(|next| **next > section.address) {
                end = end.min(u64::from(*next));
            }
            let start = memory.max(covered);
            if start < end {
                ranges.push(Range {
                    start,
                    end,
                    file,
                    memory,
                    file_end: u64::from(section.offset) + u64::from(section.raw_size),
                });
                covered = end;
            }
        }
        ranges
    }

    /// A directory by its place.
    pub(super) fn directory(&self, number: usize) -> Option<(u32, u32)> {
        self.headers.directory(self.bytes, number)
    }

    /// The bytes from a place in memory to the end of its section in the file; those of the file where it is in none.
    pub(super) fn at(&self, address: u32) -> &'a [u8] {
        match self.range(address) {
            Some(range) => {
                let start = place(u64::from(address) - range.memory + range.file);
                let end = place(range.file_end).min(self.bytes.len());
                self.bytes.get(start..end).unwrap_or_default()
            }
            None => self.bytes.get(place(address)..).unwrap_or_default(),
        }
    }

    /// Where in the file a place in memory stands, whether there are bytes or not.
    pub(super) fn offset(&self, address: u32) -> Option<u64> {
        match self.range(address) {
            Some(range) => Some(u64::from(address) - range.memory + range.file),
            None => Some(u64::from(address)).filter(|offset| *offset < self.bytes.len() as u64),
        }
    }

    fn range(&self, address: u32) -> Option<&Range> {
        let address = u64::from(address);
        let behind = self.ranges.partition_point(|range| range.start <= address);
        let range = self.ranges.get(behind.checked_sub(1)?)?;
        (address < range.end).then_some(range)
    }

    /// The text at a place in memory, up to a zero.
    pub(super) fn text(&self, address: u32, most: usize) -> &'a [u8] {
        until_zero(self.at(address), most)
    }
}

fn trim_zeros(name: &[u8]) -> &[u8] {
    let used = name.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    name.get(..used).unwrap_or(name)
}
