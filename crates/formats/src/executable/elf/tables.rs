//! The tables of sections and of segments.

use super::ZEROES;
use crate::bytes::{piece, place, until_zero};
use crate::executable::order::Order;
use crate::executable::work::Work;
use watchfire_model::Untrusted;
use watchfire_model::executable::elf::{ElfSection, ElfSectionFlags, Segment, SegmentFlags, SegmentKind};

/// Longest name of a section. Bytes.
const LONGEST: usize = 256;
/// Segments that are loaded.
const LOAD: u32 = 1;

#[derive(Debug)]
pub(super) struct Tables {
    pub(super) sections: Vec<ElfSection>,
    /// `sh_link` of each section.
    pub(super) links: Vec<u32>,
    pub(super) segments: Vec<Segment>,
    /// Where the tables end.
    pub(super) ends: [u64; 2],
    /// Whether all entries were there.
    pub(super) is_whole: bool,
}

/// A table: where it stands, how wide and how many its entries are.
struct Table {
    at: u64,
    width: usize,
    count: usize,
}

impl Table {
    fn end(&self) -> u64 {
        self.at
            .saturating_add((self.width as u64).saturating_mul(self.count as u64))
    }

    fn entries<'a>(&self, bytes: &'a [u8], fewest: usize, most: usize) -> Vec<&'a [u8]> {
        if self.width < fewest || self.at == 0 {
            return Vec::new();
        }
        let rest = bytes.get(place(self.at)..).unwrap_or_default();
        rest.chunks_exact(self.width).take(self.count.min(most)).collect()
    }
}

impl Tables {
    pub(super) fn read(bytes: &[u8], order: Order, work: &mut Work<'_>) -> Self {
        let wide = order.is_wide;
        let half = |at| order.u16(bytes, at).map_or(0, usize::from);
        let address = |at| order.address(bytes, at).unwrap_or_default();
        let (segments_at, sections_at, counts) = if wide { (32, 40, 54) } else { (28, 32, 42) };
        let mut segments = Table {
            at: address(segments_at),
            width: half(counts),
            count: half(counts + 2),
        };
        let mut sections = Table {
            at: address(sections_at),
            width: half(counts + 4),
            count: half(counts + 6),
        };
        let mut names = half(counts + 8);
        // Counts that do not fit stand in the first section.
        let first = sections.entries(bytes, if wide { 64 } else { 40 }, usize::MAX);
        let first = first
            .first()
            .copied()
            .or_else(|| bytes.get(place(sections.at)..))
            .unwrap_or_default();
        let (size, link, info) = if wide { (32, 40, 44) } else { (20, 24, 28) };
        if sections.count == 0 && sections.at != 0 {
            sections.count = order.address(first, size).map_or(0, place);
        }
        if segments.count == 0xffff {
            segments.count = order.u32(first, info).map_or(segments.count, place);
        }
        if names == 0xffff {
            names = order.u32(first, link).map_or(names, place);
        }
        let mut this = Self {
            sections: Vec::new(),
            links: Vec::new(),
            segments: Vec::new(),
            ends: [segments.end(), sections.end()],
            is_whole: true,
        };
        this.read_segments(bytes, order, &segments, work);
        this.read_sections(bytes, order, &sections, names, work);
        let wanted = [
            (segments.count, this.segments.len()),
            (sections.count, this.sections.len()),
        ];
        if wanted.iter().any(|(wanted, read)| read < wanted) {
            this.is_whole = false;
            work.warn(
                "elf-truncated",
                "its tables are longer than the file, or damaged; what could be read is listed",
            );
        }
        this
    }

    fn read_segments(&mut self, bytes: &[u8], order: Order, table: &Table, work: &mut Work<'_>) {
        let wide = order.is_wide;
        let entries = table.entries(bytes, if wide { 56 } else { 32 }, work.most());
        self.segments = entries
            .into_iter()
            .map(|entry| {
                let word = |at| order.u32(entry, at).unwrap_or_default();
                let address = |at| order.address(entry, at).unwrap_or_default();
                let at = if wide { [8, 16, 32, 40] } else { [4, 8, 16, 20] };
                let [offset, memory, size, memory_size] = at.map(address);
                Segment {
                    kind: SegmentKind(word(0)),
                    flags: SegmentFlags(word(if wide { 4 } else { 24 })),
                    address: memory,
                    memory_size,
                    offset,
                    size,
                    entropy: None,
                }
            })
            .collect();
    }

    fn read_sections(&mut self, bytes: &[u8], order: Order, table: &Table, names: usize, work: &mut Work<'_>) {
        let wide = order.is_wide;
        let entries = table.entries(bytes, if wide { 64 } else { 40 }, work.most());
        let address = |entry: &[u8], at| order.address(entry, at).unwrap_or_default();
        let fields = if wide { [8, 16, 24, 32] } else { [8, 12, 16, 20] };
        let names = entries.get(names).map(|entry| {
            let [_, _, offset, size] = fields.map(|at| address(entry, at));
            piece(bytes, place(offset), place(size))
        });
        let names = names.unwrap_or_default();
        for entry in &entries {
            let [flags, memory, offset, size] = fields.map(|at| address(entry, at));
            let word = |at| order.u32(entry, at).unwrap_or_default();
            let name = names.get(place(word(0))..).unwrap_or_default();
            let kind = word(4);
            let is_empty = kind == ZEROES || kind == 0;
            let content = piece(bytes, place(offset), if is_empty { 0 } else { place(size) });
            self.sections.push(ElfSection {
                name: Untrusted::from_bytes(until_zero(name, LONGEST)),
                kind,
                flags: ElfSectionFlags(flags),
                address: memory,
                offset,
                size,
                entropy: work.entropy(content),
            });
            self.links.push(word(if wide { 40 } else { 24 }));
        }
        // A file without sections shows its segments only.
        if self.sections.is_empty() {
            for segment in self.segments.iter_mut().filter(|segment| segment.kind.0 == LOAD) {
                segment.entropy = work.entropy(piece(bytes, place(segment.offset), place(segment.size)));
            }
        }
    }

    /// The bytes of the section of that name.
    pub(super) fn content<'a>(&self, bytes: &'a [u8], name: &str) -> Option<&'a [u8]> {
        let mut sections = self.sections.iter().filter(|section| section.kind != ZEROES);
        let section = sections.find(|section| section.name.raw() == name)?;
        Some(piece(bytes, place(section.offset), place(section.size)))
    }

    /// The bytes from a place in memory to the end of its segment in the file. What is loaded last lies above.
    pub(super) fn at<'a>(&self, bytes: &'a [u8], address: u64) -> Option<&'a [u8]> {
        let mut loaded = self.segments.iter().rev().filter(|segment| segment.kind.0 == LOAD);
        loaded.find_map(|segment| {
            let into = address
                .checked_sub(segment.address)
                .filter(|into| *into < segment.size)?;
            let content = piece(bytes, place(segment.offset), place(segment.size));
            content.get(place(into)..)
        })
    }
}
