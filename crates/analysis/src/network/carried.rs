//! Files that were carried: gathered, unpacked, and handed to the engine's queue.

use crate::context::Known;
use std::collections::BTreeMap;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use watchfire_formats::capped::{Codec, reader};
use watchfire_formats::identify::identify;
use watchfire_model::network::{Carried, CarriedFile, Event, FileId, Ftp, Tftp};
use watchfire_model::{ArtifactId, Budget, Hints, MediaType, Member, Untrusted};

/// Bytes of files that may be gathered at a time: what goes beyond is hashed and listed only.
const MOST_GATHERED: usize = 32 << 20;
/// Bytes by which the type of a file can be told that is not whole.
const HEAD: usize = 4 << 10;
/// Bytes of a file that goes on to the engine.
pub(super) const LONGEST: u64 = 16 << 20;
/// Bytes of all files that go on to the engine.
const MOST_KEPT: usize = 48 << 20;
/// Files that are listed.
const MOST_LISTED: usize = 5_000;

/// Files on their way, and those that came to their end.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// What was gathered of files that are not at their end; of those that were given up, how they begin.
    open: BTreeMap<FileId, Vec<u8>>,
    gathered: usize,
    kept: usize,
    listed: Vec<Carried>,
    members: Vec<(Carried, Vec<u8>)>,
    all: u64,
    left_out: u64,
    /// What may still be given a name, or is no file.
    waiting: Vec<Carried>,
    /// Names of files by the end that listens for them, as commands of FTP say.
    announced: Said<SocketAddr>,
    /// Names of files by who asks for them and whom, as requests of TFTP say.
    requested: Said<(SocketAddr, IpAddr)>,
}

/// Names that were said elsewhere, with the frames in which they were: ports come back.
#[derive(Debug)]
struct Said<K> {
    names: BTreeMap<K, BTreeMap<u64, Untrusted>>,
    number: usize,
}

impl<K> Default for Said<K> {
    fn default() -> Self {
        Self {
            names: BTreeMap::new(),
            number: 0,
        }
    }
}

impl<K: Ord> Said<K> {
    fn add(&mut self, key: K, frame: u64, name: &Untrusted) {
        if self.number < MOST_NAMES {
            self.number += 1;
            self.names.entry(key).or_default().insert(frame, name.clone());
        }
    }

    /// The last name that was said before a file began; a connection may be captured before the command that it is for.
    fn before(&self, key: &K, frame: u64) -> Option<&Untrusted> {
        let names = self.names.get(key)?;
        let before = names.range(..=frame).next_back();
        before.or_else(|| names.first_key_value()).map(|(_, name)| name)
    }
}

/// Names of files that may be waiting for their files, or the other way round.
const MOST_NAMES: usize = 10_000;
/// Services whose files have their names elsewhere.
const NAMED_ELSEWHERE: [&str; 3] = ["ftp-data", "tcp", "tftp"];

impl Files {
    /// A piece of a file.
    pub(super) fn piece(&mut self, id: FileId, at: u64, bytes: &[u8]) {
        let is_full = self.gathered + bytes.len() > MOST_GATHERED;
        let content = self.open.entry(id).or_default();
        // A file with a hole is not the file; how it begins still says what it is.
        if is_full || content.len() as u64 != at {
            let kept = content.len().min(HEAD);
            self.gathered -= content.len() - kept;
            content.truncate(kept);
            content.shrink_to_fit();
            return;
        }
        content.extend_from_slice(bytes);
        self.gathered += bytes.len();
    }

    /// Nothing more comes of the files of a flow that are not at their end.
    pub(super) fn gone(&mut self, flow: u64) {
        let of_flow: Vec<FileId> = self.open.range(FileId::all_of(flow)).map(|(id, _)| *id).collect();
        for content in of_flow.into_iter().filter_map(|id| self.open.remove(&id)) {
            self.gathered -= content.len();
        }
    }

    /// A command of FTP says over which connection a file goes.
    pub(super) fn announced(&mut self, frame: u64, ftp: &Ftp) {
        if let (Some(data), Some(path)) = (&ftp.data, &ftp.path) {
            self.announced.add(data.listener, frame, path);
        }
    }

    /// A request of TFTP: the file comes from another port.
    pub(super) fn requested(&mut self, event: &Event, tftp: &Tftp) {
        if let Some(name) = &tftp.name {
            let key = (event.originator, event.responder.ip());
            self.requested.add(key, event.frame, name);
        }
    }

    /// The name that was said elsewhere.
    fn name_of(&self, carried: &Carried) -> Option<Untrusted> {
        let ends = [(carried.from, carried.to), (carried.to, carried.from)];
        let frame = carried.frame;
        let announced = ends.iter().find_map(|(end, _)| self.announced.before(end, frame));
        let requested = || {
            ends.iter()
                .find_map(|(one, other)| self.requested.before(&(*one, other.ip()), frame))
        };
        announced.or_else(requested).cloned()
    }

    /// A file is at its end. What goes on to the engine, if it is whole and there is room.
    pub(super) fn end(&mut self, event: &Event, file: &CarriedFile, budget: &Budget) -> Carried {
        self.all += 1;
        let content = self.open.remove(&file.id).unwrap_or_default();
        self.gathered -= content.len();
        let is_whole = file.whole && content.len() as u64 == file.size;
        let is_begun = !content.is_empty() || is_whole;
        let encoding = file.encoding.as_ref();
        // Of what is not the file, only how it begins is looked at.
        let longest = if is_whole { LONGEST } else { HEAD as u64 };
        let content = is_begun.then(|| unpacked(content, encoding, longest, budget));
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
        if let Some((bytes, is_all)) = content {
            let name = file.name.clone().unwrap_or_else(|| named(file, event.frame));
            let hints = hints(Some(name), file);
            carried.is = Some(identify(&bytes, &hints).media_type.0);
            if is_whole && is_all {
                // What was not packed was hashed on its way.
                let heard = file
                    .sha256
                    .filter(|_| encoding.is_none() && bytes.len() as u64 == file.size);
                carried.content = Some(heard.unwrap_or_else(|| ArtifactId::of(&bytes)));
                self.hand_on(&carried, bytes);
            }
        }
        if self.listed.len() < MOST_LISTED {
            self.listed.push(carried.clone());
        }
        carried
    }

    /// A file back, if all is known by now that is ever said of it; otherwise it waits for its name.
    pub(super) fn settled(&mut self, carried: Carried) -> Result<Carried, FileId> {
        let is_nameless = carried.file.name.is_none() && NAMED_ELSEWHERE.contains(&carried.file.service);
        if !is_nameless || self.waiting.len() >= MOST_NAMES {
            return Ok(carried);
        }
        let id = carried.file.id;
        self.waiting.push(carried);
        Err(id)
    }

    /// What waited, with the names that were said. The capture is over.
    pub(super) fn waited(&mut self) -> Vec<Carried> {
        let mut waited = std::mem::take(&mut self.waiting);
        for carried in &mut waited {
            carried.file.name = self.name_of(carried);
        }
        waited
    }

    /// Hands a file on to the engine, if there is room.
    fn hand_on(&mut self, carried: &Carried, mut bytes: Vec<u8>) {
        if self.kept + bytes.len() > MOST_KEPT {
            self.left_out += 1;
            return;
        }
        self.kept += bytes.len();
        // It grew by doubling, and stays until the capture is over.
        bytes.shrink_to_fit();
        self.members.push((carried.clone(), bytes));
    }

    /// What was listed, how many there were, what goes on, and how many of these had no room.
    pub(super) fn into_parts(mut self) -> (Vec<Carried>, u64, Vec<Known>, u64) {
        let mut listed = std::mem::take(&mut self.listed);
        let mut kept = std::mem::take(&mut self.members);
        for carried in listed.iter_mut().filter(|carried| carried.file.name.is_none()) {
            carried.file.name = self.name_of(carried);
        }
        // What is run by its name is something else under another one.
        let mut is_renamed = Vec::with_capacity(kept.len());
        for (carried, _) in &mut kept {
            let name = carried.file.name.is_none().then(|| self.name_of(carried)).flatten();
            is_renamed.push(name.is_some());
            carried.file.name = carried.file.name.take().or(name);
        }
        let before = listed.len() as u64;
        listed.retain(is_a_file);
        let all = self.all - (before - listed.len() as u64);
        let members = kept
            .into_iter()
            .zip(is_renamed)
            .filter_map(|((carried, bytes), is_renamed)| {
                let known = carried.is.map(MediaType).filter(|_| !is_renamed);
                let member = Member {
                    name: named(&carried.file, carried.frame),
                    bytes,
                    hints: hints(carried.file.name.clone(), &carried.file),
                };
                is_a_file(&carried).then_some((member, known))
            });
        (listed, all, members.collect(), self.left_out)
    }
}

/// Whether it is one: what one side alone says over TCP may be anything, and is one if it has a name or looks like one.
pub(super) fn is_a_file(carried: &Carried) -> bool {
    let looks = carried
        .is
        .is_some_and(|is| is != MediaType::UNKNOWN.0 && is != MediaType::TEXT.0);
    carried.file.service != "tcp" || carried.file.name.is_some() || looks
}

/// What is claimed about a file.
fn hints(name: Option<Untrusted>, file: &CarriedFile) -> Hints {
    Hints {
        name,
        media_type: file.media_type.clone(),
        ..Hints::default()
    }
}

/// What a file is called among what was found in the capture.
fn named(file: &CarriedFile, frame: u64) -> Untrusted {
    match &file.name {
        Some(name) => Untrusted::new(format!("frame {frame} {} {}", file.service, name.raw())),
        None => Untrusted::new(format!("frame {frame} {}", file.service)),
    }
}

/// Bytes without what they are packed in on their way (RFC 9110 8.4.1), at most so many, and whether they are all of the
/// content; as they are, where that is not known or not true.
fn unpacked(bytes: Vec<u8>, encoding: Option<&Untrusted>, longest: u64, budget: &Budget) -> (Vec<u8>, bool) {
    let codec = match encoding.map(|encoding| encoding.raw().to_ascii_lowercase()) {
        Some(name) if name == "gzip" || name == "x-gzip" => Codec::Gzip,
        Some(name) if name == "deflate" => Codec::Zlib,
        Some(name) if name == "zstd" => Codec::Zstd,
        _ => return (bytes, true),
    };
    let mut content = Vec::new();
    let mut reader = reader(codec, Box::new(bytes.as_slice()), budget);
    // What can be read of a damaged one is worth more than what it is packed in.
    let _ = reader.by_ref().take(longest + 1).read_to_end(&mut content);
    let is_all = reader.problem().is_none() && reader.halted().is_none();
    let is_long = content.len() as u64 > LONGEST;
    drop(reader);
    if content.is_empty() || is_long {
        return (bytes, true);
    }
    (content, is_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_last_that_was_said_before_its_file() {
        let mut said = Said::default();
        let port = SocketAddr::from(([192, 0, 2, 1], 40_000));
        for (frame, name) in [(10, "a.txt"), (30, "b.exe"), (50, "c.doc")] {
            said.add(port, frame, &name.into());
        }
        let name = |frame| said.before(&port, frame).map(Untrusted::raw);
        assert_eq!(
            [9, 10, 29, 31, 90].map(name),
            [
                Some("a.txt"),
                Some("a.txt"),
                Some("a.txt"),
                Some("b.exe"),
                Some("c.doc")
            ]
        );
        assert_eq!(said.before(&SocketAddr::from(([192, 0, 2, 1], 40_001)), 90), None);
    }

    #[test]
    fn what_is_not_all_there_has_no_digest() {
        let budget = Budget::new(watchfire_model::Limits::default());
        let gzip = Some(Untrusted::from("gzip"));
        let unpacked = |bytes: &[u8]| unpacked(bytes.to_vec(), gzip.as_ref(), LONGEST, &budget);
        // A stored block of DEFLATE (RFC 1951), with its check sum and length, and without them.
        let head = *b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\x03\0\xfc\xffabc";
        let whole = [&head[..], &0x3524_41c2_u32.to_le_bytes(), &3_u32.to_le_bytes()].concat();
        assert_eq!(unpacked(&whole), (b"abc".to_vec(), true));
        assert_eq!(unpacked(&head), (b"abc".to_vec(), false));
        assert_eq!(unpacked(b"MZ"), (b"MZ".to_vec(), true));
    }

    #[test]
    fn what_never_ends_makes_room_for_others() {
        let mut files = Files::default();
        let megabyte = vec![b'x'; 1 << 20];
        for flow in 0..100 {
            files.piece(FileId { flow, number: 1 }, 0, &megabyte);
            files.piece(FileId { flow, number: 2 }, 0, b"y");
            files.gone(flow);
        }
        assert_eq!((files.open.len(), files.gathered), (0, 0));
        files.piece(FileId { flow: 7, number: 0 }, 0, &megabyte);
        files.gone(6);
        assert_eq!((files.open.len(), files.gathered), (1, 1 << 20));
    }
}
