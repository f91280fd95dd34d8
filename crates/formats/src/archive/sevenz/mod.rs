//! 7z (7zFormat.txt of the LZMA SDK), with encrypted and packed headers.
//!
//! A folder's files share one packed stream, so a folder is unpacked as a whole and cut into its files; the limit on
//! the size of one artifact holds for the folder too. Multi-volume archives are not read.

mod folder;
mod header;
mod key;

use super::outlet::{Outlet, outside};
use super::secrets::Keyring;
use crate::bytes::{le32, le64};
use crate::capped::{Codec, Unpacked, unpack};
use folder::{Decoder, Refused, cipher, is_local};
use header::{Archive, Folder, Header, Streams};
use key::Keys;
use watchfire_model::{ArchiveFacts, Budget, Halt, Hints, MemberFacts, MemberSink, Problem};

/// The fixed beginning: signature, version, and where the header is.
const SIGNATURE_HEADER: usize = 32;

/// Bytes of an unpacked header. A million files need less.
const MAX_HEADER: u64 = 128 << 20;

/// Headers packed inside packed headers. One is normal.
const MAX_NESTING: usize = 4;

/// Reads a 7z file.
pub fn read(
    bytes: &[u8],
    hints: &Hints,
    budget: &Budget,
    sink: &mut dyn MemberSink,
) -> (ArchiveFacts, Result<(), Halt>) {
    let mut reader = Reader {
        bytes,
        budget,
        keyring: Keyring::new(hints),
        keys: Keys::default(),
    };
    let mut outlet = Outlet::new("7z", hints, sink);
    match reader.archive(&mut outlet) {
        Ok(archive) => reader.members(&archive, &mut outlet),
        Err(Refused::Unreadable(problem)) => outlet.problem(problem),
        Err(Refused::Halted(halt)) => outlet.stop(halt),
    }
    trailing(bytes, budget, &mut outlet);
    outlet.finish(&reader.keyring.tried())
}

/// Hands on what stands behind the header, which is the end of an archive.
fn trailing(bytes: &[u8], budget: &Budget, outlet: &mut Outlet<'_>) {
    let place = |at| le64(bytes, at).and_then(|value| usize::try_from(value).ok());
    let end = place(12)
        .zip(place(20))
        .and_then(|(offset, size)| SIGNATURE_HEADER.checked_add(offset)?.checked_add(size));
    let rest = end.and_then(|end| bytes.get(end..)).unwrap_or_default();
    if rest.iter().any(|byte| *byte != 0) && outlet.is_open() {
        let message = format!("{} bytes stand behind the archive: they are no part of it", rest.len());
        outlet.problem(Problem::note("7z-trailing", message));
        outlet.deliver(outside("trailing data", rest), unpack(Codec::Stored, rest, budget));
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    budget: &'a Budget,
    keyring: Keyring<'a>,
    keys: Keys,
}

impl Reader<'_> {
    /// Finds the header and unpacks it, as often as it is packed.
    fn archive(&mut self, outlet: &mut Outlet<'_>) -> Result<Archive, Refused> {
        let damaged = || Refused::Unreadable(Problem::warning("7z-damaged", "its header is damaged"));
        let place = |at| le64(self.bytes, at).and_then(|value| usize::try_from(value).ok());
        let (offset, size) = place(12).zip(place(20)).ok_or_else(truncated)?;
        // An archive of nothing has no header at all.
        if size == 0 {
            return Ok(Archive::default());
        }
        let start = SIGNATURE_HEADER.checked_add(offset).ok_or_else(damaged)?;
        let end = start.checked_add(size).ok_or_else(damaged)?;
        let packed = self.bytes.get(start..end).ok_or_else(truncated)?;
        if le32(self.bytes, 28) != Some(crc32fast::hash(packed)) {
            outlet.problem(Problem::warning(
                "7z-checksum",
                "the header does not match its checksum",
            ));
        }
        let mut header = packed.to_vec();
        for _ in 0..MAX_NESTING {
            match header::parse(&header).ok_or_else(damaged)? {
                Header::Plain(archive) => return Ok(archive),
                Header::Packed(streams) => {
                    let folder = streams.folders.first().ok_or_else(damaged)?;
                    if folder.size() > MAX_HEADER {
                        let message = format!("its header would take {} bytes", folder.size());
                        return Err(Refused::Unreadable(Problem::warning("7z-header", message)));
                    }
                    let is_encrypted = cipher(folder).is_some();
                    outlet.facts.encrypted_listing |= is_encrypted;
                    let Some(unpacked) = self.unpack(&streams, folder)? else {
                        let message = format!(
                            "the list of members is encrypted, and no password tried opens it (passwords: {})",
                            self.keyring.len()
                        );
                        return Err(Refused::Unreadable(Problem::warning("archive-encrypted", message)));
                    };
                    if let Some(halt) = unpacked.halted {
                        return Err(Refused::Halted(halt));
                    }
                    if let Some(problem) = unpacked.problem {
                        outlet.problem(problem);
                    }
                    header = unpacked.bytes;
                }
            }
        }
        Err(damaged())
    }

    /// Unpacks a folder, trying passwords if it is encrypted; `None` if none fits.
    fn unpack(&mut self, streams: &Streams, folder: &Folder) -> Result<Option<Unpacked>, Refused> {
        let (bytes, budget) = (self.bytes, self.budget);
        let keys = &mut self.keys;
        let mut decode = |password: Option<&[u8]>| {
            let mut decoder = Decoder {
                bytes,
                streams,
                budget,
                password,
                keys,
            };
            decoder.decode(folder)
        };
        let Some(cipher) = cipher(folder) else {
            return decode(None).map(Some);
        };
        let cipher = cipher.map_err(Refused::Unreadable)?;
        let mut stopped = None;
        let opened = self
            .keyring
            .open(cipher.cost(), budget, |password| match decode(Some(password)) {
                Ok(unpacked) => fits(folder, &unpacked).then_some(Some(unpacked)),
                Err(Refused::Halted(halt)) => {
                    stopped = Some(halt);
                    Some(None)
                }
                Err(Refused::Unreadable(_)) => None,
            })?;
        match stopped {
            Some(halt) => Err(Refused::Halted(halt)),
            None => Ok(opened.flatten()),
        }
    }

    fn members(&mut self, archive: &Archive, outlet: &mut Outlet<'_>) {
        let mut files = archive.files.iter();
        for folder in &archive.streams.folders {
            let is_encrypted = cipher(folder).is_some();
            let unpacked = if outlet.is_open() {
                self.unpack(&archive.streams, folder)
            } else {
                Ok(None)
            };
            let mut content = Content::new(unpacked, outlet);
            for part in &folder.parts {
                let Some(file) = next_with_stream(&mut files, outlet) else {
                    break;
                };
                let facts = MemberFacts {
                    name: file.name.clone(),
                    size: part.size,
                    encrypted: is_encrypted,
                    ..MemberFacts::default()
                };
                content.hand_out(facts, *part, is_encrypted, outlet);
            }
            content.finish(outlet);
        }
        // More files than content: listed, at least.
        while let Some(file) = next_with_stream(&mut files, outlet) {
            let facts = MemberFacts {
                name: file.name.clone(),
                ..MemberFacts::default()
            };
            outlet.list(
                facts,
                Some(Problem::warning("7z-damaged", "the header gives it no content")),
            );
        }
    }
}

/// Whether what came out can be what went in: a wrong password gives noise.
fn fits(folder: &Folder, unpacked: &Unpacked) -> bool {
    let mut rest = unpacked.bytes.as_slice();
    let mut is_proven = false;
    for part in &folder.parts {
        let Some((content, after)) = usize::try_from(part.size)
            .ok()
            .and_then(|size| rest.split_at_checked(size))
        else {
            break;
        };
        if part.crc.is_some_and(|crc| crc != crc32fast::hash(content)) {
            return is_proven;
        }
        is_proven |= part.crc.is_some() && !content.is_empty();
        rest = after;
    }
    is_proven || unpacked.problem.is_none() || unpacked.halted.is_some_and(|halt| !is_local(halt))
}

/// The next file that has content; those before it without any are dealt with.
fn next_with_stream<'f>(
    files: &mut std::slice::Iter<'f, header::File>,
    outlet: &mut Outlet<'_>,
) -> Option<&'f header::File> {
    for file in files {
        if file.has_stream {
            return Some(file);
        }
        let facts = MemberFacts {
            name: file.name.clone(),
            ..MemberFacts::default()
        };
        if file.is_folder || !outlet.is_open() {
            outlet.list(facts, None);
        } else {
            outlet.deliver(facts, Unpacked::default());
        }
    }
    None
}

/// What a folder gave, handed out file by file.
enum Content {
    Unpacked { unpacked: Unpacked, at: usize },
    Locked,
    Nothing,
}

impl Content {
    fn new(unpacked: Result<Option<Unpacked>, Refused>, outlet: &mut Outlet<'_>) -> Self {
        match unpacked {
            Ok(Some(unpacked)) => Self::Unpacked { unpacked, at: 0 },
            Ok(None) => Self::Locked,
            Err(Refused::Unreadable(problem)) => {
                outlet.problem(problem);
                Self::Nothing
            }
            Err(Refused::Halted(halt)) => {
                outlet.stop(halt);
                Self::Nothing
            }
        }
    }

    fn hand_out(&mut self, facts: MemberFacts, part: header::Part, is_encrypted: bool, outlet: &mut Outlet<'_>) {
        match self {
            Self::Unpacked { unpacked, at } if outlet.is_open() => {
                let rest = unpacked.bytes.get(*at..).unwrap_or_default();
                let size = usize::try_from(part.size).unwrap_or(usize::MAX);
                let content = rest.get(..size).unwrap_or(rest);
                *at = at.saturating_add(size).min(unpacked.bytes.len());
                let is_whole = content.len() as u64 == part.size;
                let problem = match part.crc {
                    _ if !is_whole => Some(Problem::warning("7z-truncated", "it could not be unpacked to its end")),
                    Some(crc) if crc != crc32fast::hash(content) => Some(Problem::warning(
                        "7z-checksum",
                        "its content does not match its checksum",
                    )),
                    _ => None,
                };
                if content.is_empty() && !is_whole {
                    outlet.list(facts, problem);
                    return;
                }
                let member = Unpacked {
                    bytes: content.to_vec(),
                    problem,
                    ..Unpacked::default()
                };
                outlet.deliver(facts, member);
            }
            Self::Locked if outlet.is_open() && is_encrypted => outlet.list_locked(facts),
            _ => outlet.list(facts, None),
        }
    }

    /// Says what went wrong with the folder as a whole.
    fn finish(self, outlet: &mut Outlet<'_>) {
        if let Self::Unpacked { unpacked, .. } = self {
            if let Some(problem) = unpacked.problem {
                outlet.problem(problem);
            }
            if let Some(halt) = unpacked.halted {
                outlet.cut_short(halt);
            }
        }
    }
}

fn truncated() -> Refused {
    Refused::Unreadable(Problem::warning(
        "7z-truncated",
        "the file ends before its header, which lists the members",
    ))
}
