//! Finding the entries of a zip file.
//!
//! The end record leads to the central directory; every entry in it is checked against its local header. Then whatever
//! lies between the entries is searched for local headers that the directory keeps quiet about, which is also how a
//! file without an end record is read. Entries that claim bytes of another are marked: they are how small files
//! pretend to hold petabytes.

use super::entry::{self, CENTRAL, DESCRIPTOR, Encryption, Entry, LOCAL};
use super::foreign::{self, Tail};
use crate::bytes::{has, le16, le32, le64};
use memchr::memmem;
use std::ops::Range;
use watchfire_model::{Budget, Halt, Problem, Untrusted};

/// Entries kept. A file of half a gigabyte could declare eleven million.
const MAX_ENTRIES: usize = 200_000;

/// Remarks of one kind about single entries.
const MAX_REMARKS: usize = 20;

/// End records looked at, from the end of the file, before the directory counts as lost.
const MAX_END_RECORDS: usize = 16;

/// The entries of a zip file, and what is odd about it.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    pub(super) comment: Option<Untrusted>,
    pub(super) problems: Vec<Problem>,
    /// Bytes that are no part of the zip, in order.
    pub(super) foreign: Vec<Range<usize>>,
}

/// Reads the directory of `bytes`.
pub(super) fn read(bytes: &[u8], budget: &Budget) -> (Directory, Result<(), Halt>) {
    let mut found = Directory::default();
    let outcome = found.fill(bytes, budget);
    (found, outcome)
}

/// Where the central directory is.
#[derive(Debug)]
struct End {
    directory: Range<usize>,
    /// Bytes that were put before the zip after it was made, so that all its offsets are too small.
    prefix: u64,
    declared: u64,
    comment: Range<usize>,
}

impl Directory {
    fn fill(&mut self, bytes: &[u8], budget: &Budget) -> Result<(), Halt> {
        let end = find_end(bytes);
        if let Some(end) = &end {
            self.comment = bytes
                .get(end.comment.clone())
                .filter(|text| !text.is_empty())
                .map(entry::decode_name);
            self.read_central(bytes, end, budget)?;
        } else {
            let problem = Problem::warning(
                "zip-truncated",
                "the end of the zip is missing; its parts were searched for",
            );
            self.problems.push(problem);
        }
        self.mark_overlaps(end.as_ref().map(|end| end.directory.clone()));
        let outcome = self.search_gaps(bytes, end.as_ref().map(|end| &end.directory), budget);
        let tail = end.map(|end| Tail {
            region: end.directory.start..end.comment.end,
        });
        self.foreign = foreign::find(bytes, &self.entries, tail.as_ref());
        self.tell_foreign(bytes.len());
        outcome
    }

    fn tell_foreign(&mut self, length: usize) {
        for piece in self.foreign.iter().take(foreign::MOST) {
            let place = match piece {
                piece if piece.start == 0 => "before the zip".to_owned(),
                piece if piece.end == length => format!("behind the zip, at {:#x}", piece.start),
                piece => format!("between its parts, at {:#x}", piece.start),
            };
            let message = format!("{} bytes stand {place}: they are no part of it", piece.len());
            self.problems.push(Problem::note("zip-foreign", message));
        }
        if let Some(more @ 1..) = self.foreign.len().checked_sub(foreign::MOST) {
            let message =
                format!("{more} more pieces between its parts are no part of the zip; they were not looked at");
            self.problems.push(Problem::warning("zip-foreign", message));
        }
    }

    fn read_central(&mut self, bytes: &[u8], end: &End, budget: &Budget) -> Result<(), Halt> {
        let mut at = end.directory.start;
        // Length of all local headers so far. Those of an honest file lie side by side.
        let mut headers = 0;
        while let Some(header) = bytes.get(at..).and_then(entry::central) {
            budget.check()?;
            if self.is_full() {
                return Ok(());
            }
            at += header.len;
            // Local headers that lie in one another are as good as lost, and reading them all would take for ever.
            let found = if headers <= bytes.len() {
                find_local(bytes, &header, end.prefix)
            } else {
                None
            };
            headers += found.as_ref().map_or(0, |(_, local)| local.len);
            self.entries.push(locate(bytes, header, found));
        }
        let read = self.entries.len() as u64;
        // Without zip64 the count is kept in sixteen bits, and tools wrote more entries than that.
        if read != end.declared && (end.declared > 0xffff || read & 0xffff != end.declared) {
            let message = format!("the directory declares {} entries and holds {read}", end.declared);
            self.problems.push(Problem::warning("zip-directory", message));
        }
        for entry in self.entries.iter().filter(|entry| entry.lost).take(MAX_REMARKS) {
            let message = format!(
                "entry '{}' has no local header where the directory says",
                entry.name.raw()
            );
            self.problems.push(Problem::warning("zip-entry-lost", message));
        }
        // Readers that stream believe the local header, others the directory. Both names matter to an analyst.
        let two_names = self
            .entries
            .iter()
            .filter_map(|entry| Some((entry, entry.local_name.as_ref()?)));
        for (entry, local_name) in two_names.take(MAX_REMARKS) {
            let message = format!(
                "entry '{}' is called '{}' in its local header",
                entry.name.raw(),
                local_name.raw()
            );
            self.problems.push(Problem::note("zip-two-names", message));
        }
        Ok(())
    }

    /// Of entries that claim the same bytes, the one that begins first keeps them.
    fn mark_overlaps(&mut self, directory: Option<Range<usize>>) {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|&index| self.entries.get(index).map(|entry| entry.region.start));
        let mut taken = 0;
        let mut overlapping = 0usize;
        for index in order {
            let Some(entry) = self.entries.get_mut(index).filter(|entry| !entry.lost) else {
                continue;
            };
            let region = &entry.region;
            let in_directory = directory
                .as_ref()
                .is_some_and(|place| region.start < place.end && place.start < region.end);
            if region.start < taken || in_directory {
                entry.overlaps = true;
                overlapping += 1;
            }
            taken = taken.max(region.end);
        }
        if overlapping > 0 {
            let message =
                format!("{overlapping} entries claim bytes that belong to another part; they were not unpacked");
            // Before whatever else is odd: this is how small files pretend to be large ones.
            self.problems.insert(0, Problem::warning("zip-overlap", message));
        }
    }

    fn search_gaps(&mut self, bytes: &[u8], directory: Option<&Range<usize>>, budget: &Budget) -> Result<(), Halt> {
        let mut taken: Vec<Range<usize>> = self
            .entries
            .iter()
            .filter(|entry| !entry.lost)
            .map(|entry| entry.region.clone())
            .collect();
        taken.extend(directory.cloned());
        taken.sort_by_key(|region| region.start);
        taken.push(bytes.len()..bytes.len());
        let mut at = 0;
        let mut unlisted = Vec::new();
        for region in taken {
            if at < region.start {
                self.search_gap(bytes, at..region.start, &mut unlisted, budget)?;
            }
            at = at.max(region.end);
        }
        if directory.is_some()
            && let [first, ..] = unlisted.as_slice()
        {
            let message = format!(
                "{} entries are not in the directory, such as '{}'",
                unlisted.len(),
                first.name.raw()
            );
            self.problems.push(Problem::note("zip-unlisted", message));
        }
        self.entries.extend(unlisted);
        Ok(())
    }

    fn search_gap(
        &mut self,
        bytes: &[u8],
        gap: Range<usize>,
        found: &mut Vec<Entry>,
        budget: &Budget,
    ) -> Result<(), Halt> {
        let mut at = gap.start;
        let finder = memmem::Finder::new(LOCAL);
        while let Some(next) = bytes.get(at..gap.end).and_then(|rest| finder.find(rest)) {
            budget.check()?;
            at += next;
            let header = bytes
                .get(at..gap.end)
                .filter(|_| entry::plausible_local(bytes, at))
                .and_then(entry::local);
            let Some(header) = header else {
                at += LOCAL.len();
                continue;
            };
            if self.is_full() || found.len() >= MAX_ENTRIES {
                return Ok(());
            }
            let entry = unlisted(bytes, at, header, gap.end);
            at = entry.region.end.max(at + LOCAL.len());
            found.push(entry);
        }
        Ok(())
    }

    fn is_full(&mut self) -> bool {
        let full = self.entries.len() >= MAX_ENTRIES;
        if full {
            let message = format!("only the first {MAX_ENTRIES} entries were listed");
            self.problems.push(Problem::warning("zip-entries", message));
        }
        full
    }
}

/// The local header that a listed one points to, and its place.
fn find_local(bytes: &[u8], header: &entry::Header, prefix: u64) -> Option<(usize, entry::Header)> {
    let places = [header.offset.checked_add(prefix), Some(header.offset)];
    places
        .into_iter()
        .flatten()
        .filter_map(|at| usize::try_from(at).ok())
        .find_map(|at| {
            let local = entry::local(bytes.get(at..)?)?;
            Some((at, local))
        })
}

/// Joins what both headers say.
fn locate(bytes: &[u8], header: entry::Header, local: Option<(usize, entry::Header)>) -> Entry {
    let mut entry = header.entry;
    entry.listed = true;
    let Some((at, local)) = local else {
        entry.lost = true;
        return entry;
    };
    entry.data = at + local.len;
    entry.region = at..data_end(bytes, entry.data, entry.packed, bytes.len());
    if local.entry.name != entry.name && !local.entry.name.is_empty() {
        entry.local_name = Some(local.entry.name);
    }
    if entry.encryption == Encryption::None {
        entry.encryption = local.entry.encryption;
    }
    entry
}

/// An entry known from its local header alone, which ends at `limit` at the latest.
fn unlisted(bytes: &[u8], at: usize, header: entry::Header, limit: usize) -> Entry {
    let mut entry = header.entry;
    entry.data = at + header.len;
    let end = if entry.has_descriptor && entry.packed == 0 {
        let (end, sizes) = find_descriptor(bytes, entry.data, limit);
        if let Some((crc, size)) = sizes {
            (entry.crc, entry.size) = (crc, size);
        }
        end
    } else {
        data_end(bytes, entry.data, entry.packed, limit)
    };
    entry.packed = end.saturating_sub(entry.data) as u64;
    entry.region = at..end;
    entry
}

fn data_end(bytes: &[u8], data: usize, packed: u64, limit: usize) -> usize {
    let end = usize::try_from(packed)
        .ok()
        .and_then(|packed| data.checked_add(packed))
        .unwrap_or(usize::MAX);
    end.min(limit).min(bytes.len()).max(data.min(bytes.len()))
}

/// Finds where data of unknown length ends: at a descriptor that states the distance, or at the next header.
fn find_descriptor(bytes: &[u8], data: usize, limit: usize) -> (usize, Option<(u32, u64)>) {
    let mut at = data;
    while let Some(next) = bytes.get(at..limit).and_then(|rest| memmem::find(rest, b"PK")) {
        at += next;
        let distance = (at - data) as u64;
        if has(bytes, at, DESCRIPTOR) {
            let crc = le32(bytes, at + 4).unwrap_or_default();
            if le32(bytes, at + 8).map(u64::from) == Some(distance) {
                return (at, Some((crc, le32(bytes, at + 12).map_or(0, u64::from))));
            }
            if le64(bytes, at + 8) == Some(distance) {
                return (at, Some((crc, le64(bytes, at + 16).unwrap_or_default())));
            }
        }
        if has(bytes, at, CENTRAL) || entry::plausible_local(bytes, at) {
            return (at, None);
        }
        at += 2;
    }
    (limit, None)
}

/// The last end record that leads to a directory.
fn find_end(bytes: &[u8]) -> Option<End> {
    memmem::FinderRev::new(b"PK\x05\x06")
        .rfind_iter(bytes)
        .take(MAX_END_RECORDS)
        .find_map(|at| end_at(bytes, at))
}

fn end_at(bytes: &[u8], at: usize) -> Option<End> {
    let mut declared = u64::from(le16(bytes, at + 10)?);
    let mut size = u64::from(le32(bytes, at + 12)?);
    let mut offset = u64::from(le32(bytes, at + 16)?);
    let comment_len = usize::from(le16(bytes, at + 20)?);
    let mut end = at;
    if let Some(wide) = zip64_end(bytes, at) {
        declared = le64(bytes, wide + 32)?;
        size = le64(bytes, wide + 40)?;
        offset = le64(bytes, wide + 48)?;
        end = wide;
    }
    let before = usize::try_from(size).ok().and_then(|size| end.checked_sub(size));
    let stated = usize::try_from(offset).ok().filter(|&place| place <= end);
    // Directly before the end record is where the directory is, whatever was put in front of the file. Where the
    // stated size is wrong, the stated place may still be right.
    let is_directory = |&place: &usize| has(bytes, place, CENTRAL);
    let start = match before.filter(is_directory).or_else(|| stated.filter(is_directory)) {
        Some(start) => start,
        None if declared == 0 && size == 0 => end,
        None => return None,
    };
    Some(End {
        directory: start..end,
        prefix: (start as u64).saturating_sub(offset),
        declared,
        comment: at + 22..(at + 22).saturating_add(comment_len).min(bytes.len()),
    })
}

/// The zip64 end record that belongs to the end record at `at`.
fn zip64_end(bytes: &[u8], at: usize) -> Option<usize> {
    const RECORD: &[u8] = b"PK\x06\x06";
    let locator = at.checked_sub(20).filter(|&place| has(bytes, place, b"PK\x06\x07"))?;
    let stated = le64(bytes, locator + 8).and_then(|place| usize::try_from(place).ok());
    stated
        .filter(|&place| place < locator && has(bytes, place, RECORD))
        .or_else(|| {
            // Something was put in front: the record usually stands directly before its locator.
            locator.checked_sub(56).filter(|&place| has(bytes, place, RECORD))
        })
}
