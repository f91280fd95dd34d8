//! Bytes of a file that are no part of the zip in it.
//!
//! What stands before a zip, behind it or between its parts is seen by no unpacker, and by every program that looks for
//! something else in the same file.

use super::entry::{CENTRAL, DESCRIPTOR, Entry};
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
            let piece = at..region.start;
            if !is_known(bytes, &piece) {
                found.push(piece);
            }
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

/// Padding, and what belongs to zip files without being an entry.
fn is_known(bytes: &[u8], piece: &Range<usize>) -> bool {
    const SIGNING_BLOCK: &[u8] = b"APK Sig Block 42";
    const LEFT_OVER: [&[u8]; 4] = [CENTRAL, b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08"];
    let text = bytes.get(piece.clone()).unwrap_or_default();
    text.iter().all(|byte| *byte == 0)
        || text.ends_with(SIGNING_BLOCK)
        // The mark of a split or spanned archive, and the rest of a directory that was cut off.
        || matches!(text, b"PK00" | b"PK\x07\x08")
        || LEFT_OVER.iter().any(|mark| text.starts_with(mark))
}
