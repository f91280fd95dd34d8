//! Bytes of a file that are no part of the zip in it.
//!
//! What stands before a zip, behind it or between its parts is seen by no unpacker, and by every program that looks for
//! something else in the same file.

use super::entry::{self, CENTRAL, DESCRIPTOR, Entry};
use crate::bytes::{has, le32, le64};
use std::ops::Range;

/// Pieces that are told one by one.
pub(super) const MOST: usize = 16;

/// Where the zip itself ends, if its directory was found.
#[derive(Clone, Debug)]
pub(super) struct Tail {
    /// From the first central header to the end of the comment.
    pub(super) region: Range<usize>,
}

/// The foreign bytes of a file, in order, without what is only padding.
pub(super) fn find(bytes: &[u8], entries: &[Entry], tail: Option<&Tail>) -> Vec<Range<usize>> {
    if entries.is_empty() && tail.is_none() {
        return Vec::new();
    }
    let present = entries.iter().filter(|entry| !entry.lost);
    let mut taken: Vec<Range<usize>> = present
        .map(|entry| entry.region.start..descriptor_end(bytes, entry))
        .collect();
    taken.extend(tail.map(|tail| tail.region.clone()));
    taken.sort_by_key(|region| (region.start, region.end));
    taken.push(bytes.len()..bytes.len());
    let mut at = 0;
    let mut found = Vec::new();
    for region in taken {
        if at < region.start {
            found.extend(foreign(bytes, at..region.start, tail.is_none()));
        }
        at = at.max(region.end);
    }
    found
}

/// Where an entry ends, with the sizes that stand behind its data.
fn descriptor_end(bytes: &[u8], entry: &Entry) -> usize {
    let end = entry.region.end;
    // Some tools write one although the header does not say so.
    let signed = has(bytes, end, DESCRIPTOR);
    if !signed && !entry.has_descriptor {
        return end;
    }
    let sums = end + if signed { DESCRIPTOR.len() } else { 0 };
    if le32(bytes, sums) != Some(entry.crc) && !signed {
        return end;
    }
    let is_wide = le64(bytes, sums + 4) == Some(entry.packed) && le32(bytes, sums + 4) != le32(bytes, sums + 8);
    (sums + if is_wide { 20 } else { 12 }).min(bytes.len())
}

/// What of a piece is neither padding nor belongs to zip files without being an entry.
fn foreign(bytes: &[u8], mut piece: Range<usize>, is_cut: bool) -> Option<Range<usize>> {
    let rest = |piece: &Range<usize>| bytes.get(piece.clone()).unwrap_or_default();
    // The mark of a split or spanned archive.
    if matches!(rest(&piece), b"PK00" | b"PK\x07\x08") {
        return None;
    }
    while let Some(length) = record(rest(&piece)) {
        piece.start += length;
    }
    // Where the directory was cut off, so may be its last record.
    if is_cut && RECORDS.iter().any(|mark| rest(&piece).starts_with(mark)) {
        return None;
    }
    piece.end -= signing_block(rest(&piece)).unwrap_or_default();
    let is_empty = rest(&piece).iter().all(|byte| *byte == 0);
    (!is_empty).then_some(piece)
}

const RECORDS: [&[u8]; 5] = [CENTRAL, b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x06\x08"];

/// The length of the record of a directory at the beginning: what another zip left behind. A comment is no part of it.
fn record(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.get(..4)? {
        CENTRAL => entry::central(bytes)?.len,
        b"PK\x05\x06" => 22,
        b"PK\x06\x06" => usize::try_from(le64(bytes, 4)?).ok()?.checked_add(12)?,
        b"PK\x06\x07" => 20,
        b"PK\x06\x08" => 8 + le32(bytes, 4)? as usize,
        _ => return None,
    };
    (length <= bytes.len()).then_some(length)
}

/// The length of the block of signatures of an Android package at the end.
fn signing_block(bytes: &[u8]) -> Option<usize> {
    const MAGIC: &[u8] = b"APK Sig Block 42";
    let size = le64(bytes.strip_suffix(MAGIC)?, bytes.len().checked_sub(MAGIC.len() + 8)?)?;
    let length = usize::try_from(size).ok()?.checked_add(8)?;
    let start = bytes.len().checked_sub(length)?;
    (le64(bytes, start)? == size).then_some(length)
}
