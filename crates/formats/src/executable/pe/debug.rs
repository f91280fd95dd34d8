//! The debug directory: paths and identifiers of files with symbols, and the mark of builds that can be repeated.

use super::image::Image;
use crate::bytes::{array, le32, piece, place, until_zero};
use crate::executable::work::Work;
use watchfire_model::Untrusted;
use watchfire_model::executable::Guid;
use watchfire_model::executable::pe::{Debug, DebugKind};

/// The kind of entry that says: times are hashes.
pub(super) const REPRO: u32 = 16;
const CODEVIEW: u32 = 2;
/// Bytes of an entry.
const ENTRY: usize = 28;
/// Entries that are read.
const MOST: usize = 64;
/// Longest path. Bytes.
const LONGEST: usize = 4096;

pub(super) fn read(image: &Image<'_>, directory: Option<(u32, u32)>, work: &mut Work<'_>) -> Vec<Debug> {
    let Some((at, size)) = directory else { return Vec::new() };
    let table = image.at(at);
    let wanted = place(size) / ENTRY;
    if wanted > MOST || wanted * ENTRY > table.len() {
        work.warn("pe-debug", "the debug directory is longer than it can be");
    }
    let entries = table.chunks_exact(ENTRY).take(wanted.min(MOST));
    entries.map(|entry| read_entry(image, entry)).collect()
}

fn read_entry(image: &Image<'_>, entry: &[u8]) -> Debug {
    let word = |at| le32(entry, at).unwrap_or_default();
    let kind = DebugKind(word(12));
    let mut debug = Debug {
        kind,
        made: word(4),
        path: None,
        guid: None,
        age: None,
    };
    if kind.0 != CODEVIEW {
        return debug;
    }
    let data = piece(image.bytes, place(word(24)), place(word(16)));
    let path = |at| {
        let path = until_zero(data.get(at..).unwrap_or_default(), LONGEST);
        Some(Untrusted::from_bytes(path)).filter(|path| !path.is_empty())
    };
    match data.first_chunk() {
        Some(b"RSDS") => {
            debug.guid = array(data, 4).map(Guid);
            debug.age = le32(data, 20);
            debug.path = path(24);
        }
        Some(b"NB10") => {
            debug.age = le32(data, 12);
            debug.path = path(16);
        }
        _ => {}
    }
    debug
}
