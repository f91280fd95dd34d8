//! Files that were carried: gathered, unpacked, and handed to the engine's queue.

use std::collections::BTreeMap;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use watchfire_formats::capped::{Codec, reader};
use watchfire_formats::identify::identify;
use watchfire_model::network::{Carried, CarriedFile, Event, FileId, FileSink, Ftp, Tftp};
use watchfire_model::{Budget, Hints, MediaType, Member, Untrusted};

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
    announced: BTreeMap<SocketAddr, Untrusted>,
    /// Names of files by who asks for them and whom, as requests of TFTP say.
    requested: BTreeMap<(SocketAddr, IpAddr), Untrusted>,
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

    /// A command of FTP says over which connection a file goes.
    pub(super) fn announced(&mut self, ftp: &Ftp) {
        if let (Some(data), Some(path)) = (&ftp.data, &ftp.path)
            && self.announced.len() < MOST_NAMES
        {
            self.announced.insert(data.listener, path.clone());
        }
    }

    /// A request of TFTP: the file comes from another port.
    pub(super) fn requested(&mut self, event: &Event, tftp: &Tftp) {
        if let Some(name) = &tftp.name
            && self.requested.len() < MOST_NAMES
        {
            let key = (event.originator, event.responder.ip());
            self.requested.insert(key, name.clone());
        }
    }

    /// The name that was said elsewhere.
    fn name_of(&self, carried: &Carried) -> Option<Untrusted> {
        let ends = [(carried.from, carried.to), (carried.to, carried.from)];
        let announced = ends.iter().find_map(|(end, _)| self.announced.get(end));
        let requested = || {
            ends.iter()
                .find_map(|(one, other)| self.requested.get(&(*one, other.ip())))
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
        let content = is_begun.then(|| unpacked(content, file.encoding.as_ref(), budget));
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
            if is_whole {
                carried.content = Some(watchfire_model::ArtifactId::of(&bytes));
                self.hand_on(&carried, bytes);
            }
        }
        if self.listed.len() < MOST_LISTED {
            self.listed.push(carried.clone());
        }
        carried
    }

    /// Hands a file to whoever wants it, if all is known by now that is ever said of it.
    pub(super) fn hand_out(&mut self, carried: &Carried, sink: &mut dyn FileSink) {
        let is_nameless = carried.file.name.is_none() && NAMED_ELSEWHERE.contains(&carried.file.service);
        if is_nameless && self.waiting.len() < MOST_NAMES {
            sink.heard(carried.file.id);
            self.waiting.push(carried.clone());
        } else if is_a_file(carried) {
            sink.end(carried);
        } else {
            sink.is_none(carried.file.id);
        }
    }

    /// The capture is over: hands out what waited for its name.
    pub(super) fn hand_out_rest(&mut self, sink: &mut dyn FileSink) {
        for mut carried in std::mem::take(&mut self.waiting) {
            carried.file.name = self.name_of(&carried);
            if is_a_file(&carried) {
                sink.end(&carried);
            } else {
                sink.is_none(carried.file.id);
            }
        }
    }

    /// Hands a file on to the engine, if there is room.
    fn hand_on(&mut self, carried: &Carried, bytes: Vec<u8>) {
        if self.kept + bytes.len() > MOST_KEPT {
            self.left_out += 1;
            return;
        }
        self.kept += bytes.len();
        self.members.push((carried.clone(), bytes));
    }

    /// What was listed, how many there were, what goes on, and how many of these had no room.
    pub(super) fn into_parts(mut self) -> (Vec<Carried>, u64, Vec<Member>, u64) {
        let mut listed = std::mem::take(&mut self.listed);
        let mut kept = std::mem::take(&mut self.members);
        let carried = listed.iter_mut().chain(kept.iter_mut().map(|(carried, _)| carried));
        for carried in carried.filter(|carried| carried.file.name.is_none()) {
            carried.file.name = self.name_of(carried);
        }
        let before = listed.len() as u64;
        listed.retain(is_a_file);
        kept.retain(|(carried, _)| is_a_file(carried));
        let all = self.all - (before - listed.len() as u64);
        let members = kept.into_iter().map(|(carried, bytes)| Member {
            name: named(&carried.file, carried.frame),
            bytes,
            hints: Hints {
                name: carried.file.name,
                media_type: carried.file.media_type,
                ..Hints::default()
            },
        });
        (listed, all, members.collect(), self.left_out)
    }
}

/// Whether it is one: what one side alone says over TCP may be anything, and is one if it has a name or looks like one.
fn is_a_file(carried: &Carried) -> bool {
    let looks = carried
        .is
        .is_some_and(|is| is != MediaType::UNKNOWN.0 && is != MediaType::TEXT.0);
    carried.file.service != "tcp" || carried.file.name.is_some() || looks
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
