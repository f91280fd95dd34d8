//! RAR (RARLAB, "RAR 5.0 archive format", technote; and its `technote.txt` for the format before, 1.5 to 4).
//!
//! Members are listed with their names and sizes. Those that are stored as they are come out; compressed ones do not:
//! the method is RARLAB's, and nobody may write a reader of it from theirs. What an encrypted archive lists is not known.
//! Absent: recovery records, further volumes.

use super::outlet::Outlet;
use crate::bytes::{le16, le32, piece};
use crate::capped::{Codec, unpack};
use watchfire_model::{ArchiveFacts, Budget, Halt, Hints, MemberFacts, MemberSink, Problem, Untrusted};

/// Members that are listed: a few bytes are enough for one more.
const MOST: usize = 250_000;
/// The shortest header of a member in the older format.
const SHORTEST: usize = 32;

/// The beginning of both formats; what follows says which.
const SIGNATURE: &[u8] = b"Rar!\x1a\x07";

/// Lists an archive, and reads what is stored in it.
pub(super) fn read(
    bytes: &[u8],
    hints: &Hints,
    budget: &Budget,
    sink: &mut dyn MemberSink,
) -> (ArchiveFacts, Result<(), Halt>) {
    let mut outlet = Outlet::new("rar", hints, sink);
    let mut listing = Listing {
        bytes,
        at: 0,
        compressed: 0,
    };
    let step = match bytes.get(SIGNATURE.len()..) {
        Some([0, ..]) => {
            listing.at = SIGNATURE.len() + 1;
            Listing::block_of_4
        }
        _ => {
            listing.at = SIGNATURE.len() + 2;
            Listing::block_of_5
        }
    };
    while outlet.is_open() {
        if let Err(halt) = budget.check() {
            outlet.stop(halt);
        } else if outlet.facts.members.len() >= MOST {
            let message = format!("it lists more than {MOST} members; the others were not looked at");
            outlet.problem(Problem::warning("rar-members", message));
            break;
        } else if !step(&mut listing, &mut outlet, budget) {
            break;
        }
    }
    if listing.compressed > 0 {
        let message = format!(
            "{} of {} members are compressed by a method that is not read; their names and sizes are known",
            listing.compressed,
            outlet.facts.members.len()
        );
        outlet.problem(Problem::warning("not-opened", message));
    }
    outlet.finish("RAR's encryption is not read")
}

/// An archive that is gone through.
struct Listing<'a> {
    bytes: &'a [u8],
    at: usize,
    compressed: usize,
}

/// A member, as both formats have it.
struct Entry<'a> {
    name: Untrusted,
    size: u64,
    stored: &'a [u8],
    packed: u64,
    is_folder: bool,
    is_encrypted: bool,
    is_stored: bool,
    /// It begins or ends in another volume.
    is_split: bool,
}

impl<'a> Listing<'a> {
    /// One block of RAR 1.5 to 4. `false` at the end.
    fn block_of_4(&mut self, outlet: &mut Outlet<'_>, budget: &Budget) -> bool {
        let head = self.bytes.get(self.at..).unwrap_or_default();
        let (Some(kind), Some(flags), Some(length)) = (head.get(2).copied(), le16(head, 3), le16(head, 5)) else {
            return self.ended(outlet, head.is_empty());
        };
        let length = usize::from(length);
        if length < 7 || kind == 0x74 && length < SHORTEST {
            return self.ended(outlet, false);
        }
        match kind {
            // The archive's own header says whether all that follows is encrypted.
            0x73 if flags & 0x80 != 0 => return locked(outlet),
            0x7b => return false,
            _ => {}
        }
        let head = piece(head, 0, length);
        let has_data = flags & 0x8000 != 0 || matches!(kind, 0x74 | 0x7a);
        let mut packed = if has_data {
            u64::from(le32(head, 7).unwrap_or_default())
        } else {
            0
        };
        let is_large = flags & 0x100 != 0;
        if matches!(kind, 0x74 | 0x7a) && is_large {
            packed |= u64::from(le32(head, 32).unwrap_or_default()) << 32;
        }
        let data = self.after(length, packed);
        if kind == 0x74 {
            let high = if is_large {
                le32(head, 36).unwrap_or_default()
            } else {
                0
            };
            let name_at = if is_large { 40 } else { 32 };
            let name = piece(head, name_at, usize::from(le16(head, 26).unwrap_or_default()));
            let entry = Entry {
                name: name_of_4(name, flags & 0x200 != 0),
                size: u64::from(le32(head, 11).unwrap_or_default()) | u64::from(high) << 32,
                stored: data,
                packed,
                is_folder: flags & 0xe0 == 0xe0,
                is_encrypted: flags & 0x04 != 0,
                is_stored: head.get(25) == Some(&0x30),
                is_split: flags & 0x03 != 0,
            };
            self.member(entry, outlet, budget);
        }
        true
    }

    /// One block of RAR 5. `false` at the end.
    fn block_of_5(&mut self, outlet: &mut Outlet<'_>, budget: &Budget) -> bool {
        let head = self.bytes.get(self.at..).unwrap_or_default();
        // Behind the checksum.
        let mut fields = Fields(head.get(4..).unwrap_or_default());
        let Some(length) = fields.number().filter(|length| *length > 0) else {
            return self.ended(outlet, head.is_empty());
        };
        let begin = head.len() - fields.0.len();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let mut fields = Fields(piece(head, begin, length));
        let (Some(kind), Some(flags)) = (fields.number(), fields.number()) else {
            return self.ended(outlet, false);
        };
        let extra = if flags & 1 != 0 {
            fields.number().unwrap_or_default()
        } else {
            0
        };
        let packed = if flags & 2 != 0 {
            fields.number().unwrap_or_default()
        } else {
            0
        };
        let data = self.after(begin.saturating_add(length), packed);
        match kind {
            2 => {
                let entry = entry_of_5(fields, extra, flags, packed, data);
                if let Some(entry) = entry {
                    self.member(entry, outlet, budget);
                }
                true
            }
            4 => locked(outlet),
            5 => false,
            _ => true,
        }
    }

    /// Goes on behind a header of `length` bytes and its data, which it returns as far as they are there.
    fn after(&mut self, length: usize, packed: u64) -> &'a [u8] {
        let begin = self.at.saturating_add(length);
        let packed = usize::try_from(packed).unwrap_or(usize::MAX);
        self.at = begin.saturating_add(packed);
        piece(self.bytes, begin, packed)
    }

    /// The archive has no end of its own.
    fn ended(&self, outlet: &mut Outlet<'_>, at_end: bool) -> bool {
        if !at_end || self.at > self.bytes.len() {
            outlet.problem(Problem::warning(
                "rar-truncated",
                "the archive ends early or is damaged",
            ));
        }
        false
    }

    fn member(&mut self, entry: Entry<'a>, outlet: &mut Outlet<'_>, budget: &Budget) {
        let facts = MemberFacts {
            name: entry.name,
            size: entry.size,
            packed: entry.packed,
            encrypted: entry.is_encrypted,
            ..MemberFacts::default()
        };
        if entry.is_folder {
            outlet.list(facts, None);
        } else if entry.is_encrypted {
            outlet.list_locked(facts);
        } else if entry.is_stored && !entry.is_split {
            let mut unpacked = unpack(Codec::Stored, entry.stored, budget);
            if unpacked.problem.is_none() && entry.stored.len() as u64 != entry.size {
                unpacked.problem = Some(Problem::warning("rar-truncated", "its content is not all there"));
            }
            outlet.deliver(facts, unpacked);
        } else {
            self.compressed += 1;
            outlet.list(facts, None);
        }
    }
}

/// Nothing more is known of an archive whose list is encrypted.
fn locked(outlet: &mut Outlet<'_>) -> bool {
    outlet.facts.encrypted_listing = true;
    outlet.problem(Problem::warning(
        "archive-encrypted",
        "even the names of its members are encrypted, and RAR's encryption is not read",
    ));
    false
}

/// Numbers of seven bits a byte, the last without the eighth.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn skip(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }
}

fn entry_of_5<'a>(mut fields: Fields<'_>, extra: u64, flags: u64, packed: u64, data: &'a [u8]) -> Option<Entry<'a>> {
    let of_file = fields.number()?;
    let size = fields.number()?;
    let _attributes = fields.number()?;
    // The time of the last change, and a checksum.
    fields.skip(4 * (usize::from(of_file & 2 != 0) + usize::from(of_file & 4 != 0)));
    let method = fields.number()?;
    let _system = fields.number()?;
    let length = usize::try_from(fields.number()?).ok()?;
    let name = piece(fields.0, 0, length);
    fields.skip(length);
    let extra = usize::try_from(extra).unwrap_or(usize::MAX).min(fields.0.len());
    Some(Entry {
        name: Untrusted::new(String::from_utf8_lossy(name)),
        size,
        stored: data,
        packed,
        is_folder: of_file & 1 != 0,
        is_encrypted: is_encrypted(Fields(piece(fields.0, 0, extra))),
        is_stored: method >> 7 & 7 == 0,
        is_split: flags & 0x18 != 0,
    })
}

/// Whether the records behind a header tell how it is encrypted.
fn is_encrypted(mut records: Fields<'_>) -> bool {
    while let Some(length) = records.number() {
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(records.0.len());
        let kind = Fields(piece(records.0, 0, length)).number();
        if kind == Some(1) {
            return true;
        }
        records.skip(length);
    }
    false
}

/// A name in the code page of whoever made it, behind a zero once more in a way of its own for Unicode.
fn name_of_4(field: &[u8], is_unicode: bool) -> Untrusted {
    let Some(zero) = memchr::memchr(0, field).filter(|_| is_unicode) else {
        return Untrusted::new(String::from_utf8_lossy(field));
    };
    let (plain, packed) = field.split_at(zero);
    let mut units: Vec<u16> = Vec::new();
    let mut rest = packed.iter().skip(1).copied();
    let high = u16::from(rest.next().unwrap_or_default()) << 8;
    'name: while let Some(flags) = rest.next() {
        for shift in [6, 4, 2, 0] {
            let Some(next) = rest.next() else { break 'name };
            match flags >> shift & 3 {
                0 => units.push(u16::from(next)),
                1 => units.push(u16::from(next) | high),
                2 => units.push(u16::from(next) | u16::from(rest.next().unwrap_or_default()) << 8),
                _ => {
                    // A run of the plain name, moved by so much and into the other half.
                    let moved = if next & 0x80 == 0 { None } else { rest.next() };
                    let run = plain.iter().skip(units.len()).take(usize::from(next & 0x7f) + 2);
                    let units_of = run.map(|byte| match moved {
                        Some(moved) => u16::from(byte.wrapping_add(moved)) | high,
                        None => u16::from(*byte),
                    });
                    let run: Vec<u16> = units_of.collect();
                    units.extend(run);
                }
            }
        }
    }
    String::from_utf16_lossy(&units).into()
}
