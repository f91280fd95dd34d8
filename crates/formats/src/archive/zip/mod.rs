//! zip (PKWARE APPNOTE 6.3), with zip64, both ciphers and all methods in use except PKWARE's own encryption.
//!
//! The directory at the end and the headers between the data are both read, since readers disagree on which to believe
//! and attackers make use of that. Split archives are read as far as this one part goes.

mod content;
mod crypto;
mod directory;
mod entry;
mod foreign;
mod sealed;

pub use content::Content;
pub use entry::{Entry, Method};
pub use sealed::{PASSWORD, seal};

use super::outlet::{Outlet, outside};
use super::secrets::Keyring;
use crate::bytes::le16;
use crate::capped::{Codec, Unpacked, unpack};
use directory::Directory;
use entry::Encryption;
use watchfire_model::{ArchiveFacts, Budget, Halt, Hints, MemberFacts, MemberSink, Problem, Untrusted};

/// A symbolic link leads to a path; what is longer is a file that is called a link. Bytes.
const LONGEST_TARGET: usize = 4096;

/// A zip file whose entries can be read in any order.
#[derive(Debug)]
pub struct Zip<'a> {
    bytes: &'a [u8],
    directory: Directory,
}

/// Why an entry could not be read.
enum Refused {
    /// No password opens it.
    Locked,
    /// It is not as it should be.
    Unreadable(Problem),
    /// Work has to stop.
    Halted(Halt),
}

impl<'a> Zip<'a> {
    /// Lists the entries. On a limit the list is as long as it got.
    pub fn open(bytes: &'a [u8], budget: &Budget) -> (Self, Result<(), Halt>) {
        let (directory, outcome) = directory::read(bytes, budget);
        (Self { bytes, directory }, outcome)
    }

    /// All entries: those of the central directory in its order, then those it keeps quiet about.
    pub fn entries(&self) -> &[Entry] {
        &self.directory.entries
    }

    /// The first entry of this name, whatever its case.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries()
            .iter()
            .find(|entry| entry.name.raw().eq_ignore_ascii_case(name))
    }

    /// What is odd about the file.
    pub fn problems(&self) -> &[Problem] {
        &self.directory.problems
    }

    /// What stands in the file and is no part of the zip, each with a name.
    pub fn foreign(&self) -> impl Iterator<Item = (String, &'a [u8])> {
        let length = self.bytes.len();
        self.directory
            .foreign
            .iter()
            .take(foreign::MOST)
            .filter_map(move |piece| {
                let name = match piece {
                    piece if piece.start == 0 => "data before the zip".to_owned(),
                    piece if piece.end == length => "data behind the zip".to_owned(),
                    piece => format!("data at {:#x}", piece.start),
                };
                Some((name, self.bytes.get(piece.clone())?))
            })
    }

    /// The comment at the end.
    pub fn comment(&self) -> Option<&Untrusted> {
        self.directory.comment.as_ref()
    }

    /// Unpacks an entry that is not encrypted.
    pub fn unpack(&self, entry: &Entry, budget: &Budget) -> Unpacked {
        let no_hints = Hints::default();
        match self.unlock(entry, &mut Keyring::new(&no_hints), budget) {
            Ok(unpacked) => unpacked,
            Err(Refused::Locked) => Unpacked {
                problem: Some(Problem::warning("archive-encrypted", "it is encrypted")),
                ..Unpacked::default()
            },
            Err(Refused::Unreadable(problem)) => Unpacked {
                problem: Some(problem),
                ..Unpacked::default()
            },
            Err(Refused::Halted(halt)) => Unpacked {
                halted: Some(halt),
                ..Unpacked::default()
            },
        }
    }

    /// Decrypts if need be, unpacks and verifies.
    fn unlock(&self, entry: &Entry, keyring: &mut Keyring<'_>, budget: &Budget) -> Result<Unpacked, Refused> {
        if let Some(problem) = entry.unreadable() {
            return Err(Refused::Unreadable(problem));
        }
        let data = self.bytes.get(entry.data..entry.region.end).unwrap_or_default();
        let opened = match entry.encryption {
            Encryption::None => return decode(entry, data, budget),
            Encryption::Strong => {
                let problem = Problem::warning("zip-encryption", "its kind of encryption is not supported");
                return Err(Refused::Unreadable(problem));
            }
            // A wrong password passes the check one time in 256, so only what unpacks to the right checksum counts.
            Encryption::Traditional { check } => {
                let cost = 64 + data.len() as u64 / 64;
                keyring.open(cost, budget, |password| {
                    let plain = crypto::traditional(data, password, check)?;
                    let unpacked = decode(entry, &plain, budget).ok()?;
                    (unpacked.problem.is_none() || unpacked.halted.is_some()).then_some(unpacked)
                })
            }
            Encryption::Aes { strength } => keyring.open(1 << 14, budget, |password| {
                let plain = crypto::aes(data, password, strength)?;
                decode(entry, &plain, budget).ok()
            }),
        };
        opened.map_err(Refused::Halted)?.ok_or(Refused::Locked)
    }
}

/// Unpacks decrypted data and compares it with what the headers say.
fn decode(entry: &Entry, data: &[u8], budget: &Budget) -> Result<Unpacked, Refused> {
    let (codec, skip) = codec_of(entry, data).map_err(Refused::Unreadable)?;
    let mut unpacked = unpack(codec, data.get(skip..).unwrap_or_default(), budget);
    if unpacked.problem.is_none() && unpacked.halted.is_none() {
        if entry
            .checksum()
            .is_some_and(|stated| crc32fast::hash(&unpacked.bytes) != stated)
        {
            unpacked.problem = Some(other_checksum());
        } else if entry.listed && unpacked.bytes.len() as u64 != entry.size {
            let message = format!("it declares {} bytes and holds {}", entry.size, unpacked.bytes.len());
            unpacked.problem = Some(Problem::note("zip-size", message));
        }
    }
    Ok(unpacked)
}

/// What is said of content that is not what was packed.
fn other_checksum() -> Problem {
    Problem::warning("zip-checksum", "its content does not match its checksum")
}

/// The codec for an entry's data, and how many bytes of its own header come first.
fn codec_of(entry: &Entry, data: &[u8]) -> Result<(Codec, usize), Problem> {
    Ok(match entry.method {
        Method::STORED => (Codec::Stored, 0),
        Method::DEFLATE => (Codec::Deflate, 0),
        Method::DEFLATE64 => (Codec::Deflate64, 0),
        Method::BZIP2 => (Codec::Bzip2, 0),
        Method::ZSTD | Method::ZSTD_OLD => (Codec::Zstd, 0),
        Method::XZ => (Codec::Xz, 0),
        Method::LZMA => {
            let properties = data.get(4..).and_then(|rest| rest.first_chunk()).copied();
            let (Some(5), Some(properties)) = (le16(data, 2), properties) else {
                return Err(Problem::warning("stream-damaged", "its lzma header is damaged"));
            };
            let size = (entry.size > 0).then_some(entry.size);
            (Codec::Lzma { properties, size }, 9)
        }
        Method::PPMD => {
            let parameters = le16(data, 0).unwrap_or_default();
            let size = entry.size;
            (Codec::PpmdI { parameters, size }, 2)
        }
        Method(number) => {
            let message = format!("its compression method, {number}, is not supported");
            return Err(Problem::warning("zip-method", message));
        }
    })
}

/// Reads a zip file.
pub fn read(
    bytes: &[u8],
    hints: &Hints,
    budget: &Budget,
    sink: &mut dyn MemberSink,
) -> (ArchiveFacts, Result<(), Halt>) {
    let mut keyring = Keyring::new(hints);
    let mut outlet = Outlet::new("zip", hints, sink);
    let (zip, listed) = Zip::open(bytes, budget);
    if let Err(halt) = listed {
        outlet.stop(halt);
    }
    zip.problems()
        .iter()
        .for_each(|problem| outlet.problem(problem.clone()));
    outlet.facts.comment = zip.comment().cloned();
    outlet.facts.overlapping = zip.entries().iter().filter(|entry| entry.overlaps).count() as u64;
    for entry in zip.entries() {
        let facts = MemberFacts {
            name: entry.name.clone(),
            size: entry.size,
            packed: entry.packed,
            encrypted: entry.is_encrypted(),
            ..MemberFacts::default()
        };
        if !outlet.is_open() || entry.is_folder() {
            outlet.list(facts, None);
            continue;
        }
        match zip.unlock(entry, &mut keyring, budget) {
            Ok(unpacked) if entry.is_link && unpacked.bytes.len() <= LONGEST_TARGET => {
                let target = Untrusted::from_bytes(&unpacked.bytes);
                let what = format!("a symbolic link to '{}'", target.raw());
                let facts = MemberFacts {
                    read: unpacked.problem.is_none(),
                    links_to: Some(target),
                    ..facts
                };
                match unpacked.problem {
                    Some(problem) => outlet.list(facts, Some(problem)),
                    None => outlet.list_special(facts, "zip-link", &what),
                }
            }
            Ok(unpacked) => outlet.deliver(facts, unpacked),
            Err(Refused::Locked) => outlet.list_locked(facts),
            // The directory's problems already say how many these are.
            Err(Refused::Unreadable(_)) if entry.lost || entry.overlaps => outlet.list(facts, None),
            Err(Refused::Unreadable(problem)) => outlet.list(facts, Some(problem)),
            Err(Refused::Halted(halt)) => {
                outlet.stop(halt);
                outlet.list(facts, None);
            }
        }
    }
    for (name, foreign) in zip.foreign() {
        if outlet.is_open() {
            outlet.deliver(outside(&name, foreign), unpack(Codec::Stored, foreign, budget));
        }
    }
    outlet.finish(&keyring.tried())
}
