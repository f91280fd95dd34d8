//! Files that were carried: gathered, unpacked, and handed to the engine's queue.

use std::collections::BTreeMap;
use std::io::Read;
use watchfire_formats::capped::{Codec, reader};
use watchfire_formats::identify::identify;
use watchfire_model::network::{Carried, CarriedFile, Event, FileId};
use watchfire_model::{Budget, Hints, Member, Untrusted};

/// Bytes of files that may be gathered at a time: what goes beyond is hashed and listed only.
const MOST_GATHERED: usize = 32 << 20;
/// Bytes of a file that goes on to the engine.
pub(super) const LONGEST: u64 = 16 << 20;
/// Bytes of all files that go on to the engine.
const MOST_KEPT: usize = 48 << 20;
/// Files that are listed.
const MOST_LISTED: usize = 5_000;

/// Files on their way, and those that came to their end.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// What was gathered of files that are not at their end; nothing of those that were given up.
    open: BTreeMap<FileId, Option<Vec<u8>>>,
    gathered: usize,
    kept: usize,
    listed: Vec<Carried>,
    members: Vec<Member>,
    all: u64,
    left_out: u64,
}

impl Files {
    /// A piece of a file.
    pub(super) fn piece(&mut self, id: FileId, at: u64, bytes: &[u8]) {
        let is_full = self.gathered + bytes.len() > MOST_GATHERED;
        let file = self.open.entry(id).or_insert_with(|| Some(Vec::new()));
        let Some(content) = file else { return };
        // A file with a hole is not the file.
        if is_full || content.len() as u64 != at {
            self.gathered -= content.len();
            *file = None;
            return;
        }
        content.extend_from_slice(bytes);
        self.gathered += bytes.len();
    }

    /// A file is at its end. What goes on to the engine, if it is whole and there is room.
    pub(super) fn end(&mut self, event: &Event, file: &CarriedFile, budget: &Budget) -> Carried {
        self.all += 1;
        let content = self.open.remove(&file.id).flatten();
        self.gathered -= content.as_ref().map_or(0, Vec::len);
        let content = content.filter(|content| file.whole && content.len() as u64 == file.size);
        let content = content.map(|content| unpacked(content, file.encoding.as_ref(), budget));
        let (from, to) = if file.sent {
            (event.originator, event.responder)
        } else {
            (event.responder, event.originator)
        };
        let mut carried = Carried {
            frame: event.frame,
            time: event.time,
            from,
            to,
            file: file.clone(),
            is: None,
            content: None,
        };
        if let Some(bytes) = content {
            let hints = Hints {
                name: file.name.clone(),
                media_type: file.media_type.clone(),
                ..Hints::default()
            };
            carried.is = Some(identify(&bytes, &hints).media_type.0);
            carried.content = Some(watchfire_model::ArtifactId::of(&bytes));
            if self.kept + bytes.len() <= MOST_KEPT {
                self.kept += bytes.len();
                self.members.push(Member {
                    name: named(file, event.frame),
                    bytes,
                    hints,
                });
            } else {
                self.left_out += 1;
            }
        }
        if self.listed.len() < MOST_LISTED {
            self.listed.push(carried.clone());
        }
        carried
    }

    /// What was listed, how many there were, what goes on, and how many of these had no room.
    pub(super) fn into_parts(self) -> (Vec<Carried>, u64, Vec<Member>, u64) {
        (self.listed, self.all, self.members, self.left_out)
    }
}

/// What a file is called among what was found in the capture.
fn named(file: &CarriedFile, frame: u64) -> Untrusted {
    match &file.name {
        Some(name) => Untrusted::new(format!("frame {frame} {} {}", file.service, name.raw())),
        None => Untrusted::new(format!("frame {frame} {}", file.service)),
    }
}

/// Bytes without what they are packed in on their way (RFC 9110 8.4.1); as they are, where that is not known.
fn unpacked(bytes: Vec<u8>, encoding: Option<&Untrusted>, budget: &Budget) -> Vec<u8> {
    let codec = match encoding.map(|encoding| encoding.raw().to_ascii_lowercase()) {
        Some(name) if name == "gzip" || name == "x-gzip" => Codec::Gzip,
        Some(name) if name == "deflate" => Codec::Zlib,
        Some(name) if name == "zstd" => Codec::Zstd,
        _ => return bytes,
    };
    let mut content = Vec::new();
    // What can be read of a damaged one is worth more than what it is packed in.
    let _ = reader(codec, Box::new(bytes.as_slice()), budget)
        .take(LONGEST + 1)
        .read_to_end(&mut content);
    if content.is_empty() || content.len() as u64 > LONGEST {
        return bytes;
    }
    content
}
