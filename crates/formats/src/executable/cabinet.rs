//! Cabinets (MS-CAB): the list of members, and unpacking of what is stored or packed with MSZIP. Absent: Quantum and LZX,
//! which are named, and members that go on in another cabinet.

use super::work::Work;
use crate::bytes::{has, le16, le32, piece, place, until_zero};
use crate::capped::{Codec, unpack};
use std::collections::BTreeMap;
use watchfire_model::executable::Cabinet;
use watchfire_model::executable::package::CabinetMember;
use watchfire_model::{Budget, Halt, Hints, Limits, Member, MemberSink, Problem, Untrusted};

/// Longest name. Bytes.
const LONGEST: usize = 512;
/// Flags of the header: a cabinet before, one behind, and reserved places.
const BEFORE: u16 = 1;
const BEHIND: u16 = 2;
const RESERVED: u16 = 4;
/// A block of MSZIP unpacks to so much at most, and the next one goes on from it.
const BLOCK: usize = 32 << 10;

/// A folder: members packed one after another.
#[derive(Clone, Copy, Debug)]
struct Folder {
    at: usize,
    blocks: u16,
    method: u16,
}

impl Folder {
    fn name(&self) -> &'static str {
        match self.method & 15 {
            0 => "none",
            1 => "mszip",
            2 => "quantum",
            3 => "lzx",
            _ => "unknown",
        }
    }
}

/// A cabinet with the places of its folders.
struct Layout {
    facts: Cabinet,
    folders: Vec<Folder>,
    /// Reserved bytes before each block.
    reserved: usize,
    is_whole: bool,
}

pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Option<Cabinet> {
    let layout = Layout::read(bytes, work.most())?;
    if !layout.is_whole {
        work.warn(
            "cab-truncated",
            "its list of members is damaged; what could be read is listed",
        );
    }
    Some(layout.facts)
}

/// Reads a cabinet's list of members alone, for a container's listing.
pub fn read_cabinet(bytes: &[u8], budget: &Budget) -> Option<Cabinet> {
    read(bytes, &mut Work::new(bytes, budget))
}

impl Layout {
    fn read(bytes: &[u8], most: usize) -> Option<Self> {
        if !has(bytes, 0, b"MSCF") {
            return None;
        }
        let half = |at| le16(bytes, at);
        let (folder_count, file_count, flags) = (half(26)?, half(28)?, half(30)?);
        let mut at = 36;
        let (mut header, mut of_folder, mut of_block) = (0, 0, 0);
        if flags & RESERVED != 0 {
            header = half(at)?;
            of_folder = usize::from(*bytes.get(at + 2)?);
            of_block = usize::from(*bytes.get(at + 3)?);
            at += 4 + usize::from(header);
        }
        // Names of the cabinets beside this one: of the file and of the disk.
        let names = 2 * (u32::from(flags & BEFORE != 0) + u32::from(flags & BEHIND != 0));
        for _ in 0..names {
            at += until_zero(bytes.get(at..)?, LONGEST).len() + 1;
        }
        let mut this = Self {
            facts: Cabinet {
                version: (*bytes.get(25)?, *bytes.get(24)?),
                size: le32(bytes, 8)?,
                set: half(32)?,
                index: half(34)?,
                reserved: u32::from(header),
                ..Cabinet::default()
            },
            folders: Vec::new(),
            reserved: of_block,
            is_whole: true,
        };
        let table = bytes.get(at..).unwrap_or_default();
        let folders = table.chunks_exact(8 + of_folder).take(usize::from(folder_count));
        this.folders = folders
            .filter_map(|folder| {
                Some(Folder {
                    at: place(le32(folder, 0)?),
                    blocks: le16(folder, 4)?,
                    method: le16(folder, 6)?,
                })
            })
            .collect();
        this.facts.folders = this.folders.iter().map(Folder::name).collect();
        let mut rest = bytes.get(place(le32(bytes, 16)?)..).unwrap_or_default();
        for _ in 0..usize::from(file_count).min(most) {
            let Some(member) = member(rest) else { break };
            let used = 16 + until_zero(rest.get(16..).unwrap_or_default(), LONGEST).len() + 1;
            rest = rest.get(used..).unwrap_or_default();
            this.facts.members.push(member);
        }
        this.is_whole =
            this.facts.members.len() == usize::from(file_count) && this.folders.len() == usize::from(folder_count);
        Some(this)
    }

    /// The unpacked content of a folder, as far as it can be had. `left` is how many bytes of the cabinet folders may
    /// still claim: honest ones share it out.
    fn unpack(&self, bytes: &[u8], folder: Folder, left: &mut usize, budget: &Budget) -> Content {
        let mut out = Content::default();
        let mut at = folder.at;
        for _ in 0..folder.blocks {
            let header = bytes.get(at..).unwrap_or_default();
            let (Some(packed), Some(size)) = (le16(header, 4), le16(header, 6)) else {
                return out.ended("the cabinet ends inside of a folder");
            };
            let (packed, size) = (usize::from(packed), usize::from(size));
            let start = 8 + self.reserved;
            let Some(rest) = left.checked_sub(start + packed) else {
                return out.ended("its folders overlap; the rest was left out");
            };
            *left = rest;
            let block = piece(header, start, packed);
            at += start + packed;
            let piece = match folder.method & 15 {
                0 => block.to_vec(),
                _ => match block.strip_prefix(b"CK") {
                    Some(data) => inflate(data, &out.bytes),
                    None => return out.ended("a block of MSZIP does not begin like one"),
                },
            };
            let total = (out.bytes.len() + piece.len()) as u64;
            if let Err(halt) = budget.unpack(piece.len() as u64, total, bytes.len() as u64) {
                out.halted = Some(halt);
                return out;
            }
            let is_short = piece.len() < size;
            out.bytes.extend(piece.into_iter().take(size));
            if is_short {
                return out.ended("a block is damaged");
            }
        }
        out
    }
}

/// What came out of a folder, and why it ended, where that was too early.
#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    halted: Option<Halt>,
    problem: Option<&'static str>,
}

impl Content {
    fn ended(mut self, why: &'static str) -> Self {
        self.problem = Some(why);
        self
    }
}

/// Unpacks a block that may repeat what stands in the 32 KiB before it. The decoder knows no such beginning, so it is given
/// one: those bytes as they are, stored, before the block.
fn inflate(block: &[u8], before: &[u8]) -> Vec<u8> {
    let window = before.get(before.len().saturating_sub(BLOCK)..).unwrap_or(before);
    let mut input = Vec::with_capacity(window.len() + block.len() + 5);
    if let Ok(length) = u16::try_from(window.len())
        && length > 0
    {
        input.push(0);
        input.extend(length.to_le_bytes());
        input.extend((!length).to_le_bytes());
        input.extend_from_slice(window);
    }
    input.extend_from_slice(block);
    // The caller pays for what comes out, and not for the window; more than a block is never wanted.
    let budget = Budget::new(Limits {
        artifact_size: (window.len() + BLOCK) as u64,
        ..Limits::default()
    });
    let out = unpack(Codec::Deflate, &input, &budget);
    let piece = out.bytes.get(window.len()..).unwrap_or_default();
    piece.get(..BLOCK).unwrap_or(piece).to_vec()
}

fn member(entry: &[u8]) -> Option<CabinetMember> {
    let name = until_zero(entry.get(16..)?, LONGEST);
    let attributes = le16(entry, 14)?;
    Some(CabinetMember {
        name: Untrusted::from_bytes(name),
        size: le32(entry, 0)?,
        folder: le16(entry, 8)?,
        offset: le32(entry, 4)?,
        runs: attributes & 0x40 != 0,
    })
}

/// Unpacks a cabinet's members into `sink`, folder by folder. Those of folders packed with Quantum or LZX are told as a
/// problem, and left out.
pub fn unpack_cabinet(bytes: &[u8], budget: &Budget, sink: &mut dyn MemberSink) -> Result<(), Halt> {
    let Some(layout) = Layout::read(bytes, usize::MAX) else {
        return Ok(());
    };
    let mut by_folder: BTreeMap<u16, Vec<&CabinetMember>> = BTreeMap::new();
    for member in &layout.facts.members {
        by_folder.entry(member.folder).or_default().push(member);
    }
    // Each kind of problem is told once, however many folders have it.
    let mut problems: BTreeMap<&'static str, &'static str> = BTreeMap::new();
    let mut left = bytes.len();
    let mut ended = Ok(());
    for (number, members) in by_folder {
        let Some(folder) = layout.folders.get(usize::from(number)) else {
            problems.insert("cab-set", "members go on in another cabinet, and were not unpacked");
            continue;
        };
        match folder.method & 15 {
            0 | 1 => {}
            2 => {
                problems.insert("cab-quantum", "members are packed with Quantum, which is not unpacked");
                continue;
            }
            3 => {
                problems.insert("cab-lzx", "members are packed with LZX, which is not unpacked");
                continue;
            }
            _ => {
                problems.insert("cab-method", "members are packed in a way that is not known");
                continue;
            }
        }
        let content = layout.unpack(bytes, *folder, &mut left, budget);
        if let Some(problem) = content.problem {
            problems.insert("cab-truncated", problem);
        }
        ended = hand_out(&content, members, &mut problems, sink);
        if ended.is_err() {
            break;
        }
    }
    for (code, message) in problems {
        sink.problem(Problem::warning(code, message));
    }
    ended
}

fn hand_out(
    content: &Content,
    members: Vec<&CabinetMember>,
    problems: &mut BTreeMap<&'static str, &'static str>,
    sink: &mut dyn MemberSink,
) -> Result<(), Halt> {
    // Members may be said to be one over another, so what is copied out is bounded by what was unpacked.
    let mut left = (content.bytes.len() as u64).saturating_mul(2);
    for member in members {
        let part = piece(&content.bytes, place(member.offset), place(member.size));
        let Some(rest) = left.checked_sub(part.len() as u64) else {
            problems.insert("cab-overlapping", "its members overlap; the rest was left out");
            break;
        };
        left = rest;
        sink.member(Member {
            name: member.name.clone(),
            bytes: part.to_vec(),
            hints: Hints {
                name: Some(member.name.clone()),
                ..Hints::default()
            },
        })?;
    }
    content.halted.map_or(Ok(()), Err)
}
