//! Disc images (ISO 9660, ECMA-119), with the longer names of Joliet and Rock Ridge, and what El Torito starts from.
//!
//! The tree with the longest names is read first; files that only the other tree knows follow. Folders are visited once,
//! whatever the records say. Absent: UDF, which is told, interleaved files, extended attributes, sessions other than the first.

use super::outlet::{Outlet, outside};
use crate::bytes::{be32, has, le16, le32};
use crate::capped::{Codec, Unpacked, unpack};
use crate::email::outlook::wide;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use watchfire_model::{ArchiveFacts, Budget, Halt, Hints, MemberFacts, MemberSink, Problem};

const SECTOR: usize = 2048;
/// Descriptors behind the sixteenth sector.
const DESCRIPTORS: usize = 64;
/// Longest path, in bytes.
const LONGEST: usize = 4096;

/// One tree of folders.
#[derive(Clone, Copy, Debug)]
struct Tree {
    /// Place and length of the root folder.
    root: (u32, u32),
    /// Names are UTF-16.
    is_joliet: bool,
    block: usize,
}

/// Reads a disc image.
pub(super) fn read(
    bytes: &[u8],
    hints: &Hints,
    budget: &Budget,
    sink: &mut dyn MemberSink,
) -> (ArchiveFacts, Result<(), Halt>) {
    let mut outlet = Outlet::new("iso", hints, sink);
    let mut trees = Vec::new();
    let mut boot = None;
    for number in 0..DESCRIPTORS {
        let at = (16 + number).saturating_mul(SECTOR);
        if !has(bytes, at + 1, b"CD001") {
            break;
        }
        let descriptor = bytes.get(at..).unwrap_or_default();
        match descriptor.first() {
            Some(0) if has(descriptor, 7, b"EL TORITO SPECIFICATION") => boot = le32(descriptor, 71),
            Some(1 | 2) => trees.extend(tree(descriptor)),
            Some(255) => break,
            _ => {}
        }
    }
    trees.sort_by_key(|tree| !tree.is_joliet);
    if trees.is_empty() {
        outlet.problem(Problem::warning("iso-no-volume", "no volume with files could be found"));
    }
    if (16..16 + DESCRIPTORS).any(|sector| has(bytes, sector * SECTOR + 1, b"NSR0")) {
        let why = "the disc holds a second file system (UDF), which systems prefer, and which was not read";
        outlet.problem(Problem::warning("iso-udf", why));
    }
    let mut reader = Reader {
        bytes,
        files: BTreeSet::new(),
    };
    for tree in trees {
        reader.tree(tree, &mut outlet, budget);
    }
    if let Some(catalog) = boot {
        reader.boot(catalog, &mut outlet, budget);
    }
    outlet.finish("")
}

/// A volume descriptor (ECMA-119 8.4 and 8.5); Joliet says that it is by an escape sequence.
fn tree(descriptor: &[u8]) -> Option<Tree> {
    // The first kind of descriptor has no room for an escape, and systems do not look for one there.
    let is_second = descriptor.first() == Some(&2);
    let is_joliet = is_second
        && [b"%/@", b"%/C", b"%/E"]
            .iter()
            .any(|escape| has(descriptor, 88, *escape));
    if is_second && !is_joliet {
        return None;
    }
    let block = usize::from(le16(descriptor, 128)?);
    Some(Tree {
        root: (le32(descriptor, 156 + 2)?, le32(descriptor, 156 + 10)?),
        is_joliet,
        block: if block.is_power_of_two() && block >= 512 {
            block
        } else {
            SECTOR
        },
    })
}

/// A record of a folder (9.1).
#[derive(Debug)]
struct Record<'a> {
    start: u32,
    size: u32,
    flags: u8,
    name: &'a [u8],
    system: &'a [u8],
}

impl<'a> Record<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let length = usize::from(*bytes.get(32)?);
        let name = bytes.get(33..33 + length)?;
        // Names of even length are followed by a byte of filling.
        let system = bytes
            .get(33 + length + usize::from(length % 2 == 0)..)
            .unwrap_or_default();
        Some(Self {
            start: le32(bytes, 2)?.saturating_add(u32::from(*bytes.get(1)?)),
            size: le32(bytes, 10)?,
            flags: *bytes.get(25)?,
            name,
            system,
        })
    }

    fn is_folder(&self) -> bool {
        self.flags & 2 != 0
    }

    fn name(&self, tree: Tree) -> String {
        let name = if tree.is_joliet {
            wide(
                &self
                    .name
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .flat_map(|[high, low]| [*low, *high])
                    .collect::<Vec<u8>>(),
            )
        } else {
            match rock_ridge(self.system) {
                Some(name) => return name,
                None => String::from_utf8_lossy(self.name).into_owned(),
            }
        };
        // A version, which nobody sees.
        let stem = name
            .rsplit_once(';')
            .filter(|(_, version)| version.bytes().all(|byte| byte.is_ascii_digit()));
        stem.map_or(name.as_str(), |(stem, _)| stem)
            .trim_end_matches('.')
            .to_owned()
    }
}

/// Takes a record with its name and its parts; whether to go on.
type Each<'e> = dyn FnMut(String, &[(u32, u32)], &Record<'_>) -> bool + 'e;

/// Goes through the records of a folder, with the name and the parts of each, until `each` says that it is enough.
fn records(folder: &[u8], tree: Tree, each: &mut Each<'_>) -> bool {
    let mut at = 0_usize;
    let mut parts: Vec<(u32, u32)> = Vec::new();
    while let Some(&length) = folder.get(at) {
        if length == 0 {
            // Records do not cross sectors.
            at = (at / tree.block + 1).saturating_mul(tree.block);
            continue;
        }
        let end = at.saturating_add(usize::from(length));
        let record = Record::read(folder.get(at..end.min(folder.len())).unwrap_or_default());
        at = end;
        let Some(record) = record else { continue };
        if matches!(record.name, [0] | [1]) {
            continue;
        }
        if !record.is_folder() {
            parts.push((record.start, record.size));
            // More of the file follows in the next record.
            if record.flags & 0x80 != 0 {
                continue;
            }
        }
        let parts = if record.is_folder() {
            Vec::new()
        } else {
            std::mem::take(&mut parts)
        };
        if !each(record.name(tree), &parts, &record) {
            return false;
        }
    }
    true
}

/// The name in entries of Rock Ridge (SUSP and RRIP 4.1.4).
fn rock_ridge(mut system: &[u8]) -> Option<String> {
    let mut name = Vec::new();
    while let Some(length) = system
        .get(2)
        .map(|length| usize::from(*length))
        .filter(|length| *length >= 4)
    {
        let entry = system.get(..length)?;
        if entry.starts_with(b"NM") {
            name.extend_from_slice(entry.get(5..).unwrap_or_default());
        }
        system = system.get(length..)?;
    }
    (!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned())
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// Places of files that were handed out from the trees before.
    files: BTreeSet<(u32, u32)>,
}

/// Ranges of blocks, by their beginnings, none touching another.
#[derive(Debug, Default)]
struct Visited(BTreeMap<usize, usize>);

impl Visited {
    /// Adds a range; the parts of it that were not there.
    fn add(&mut self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let mut new = Vec::new();
        let (mut start, mut at) = (from, from);
        if let Some((&before, &end)) = self.0.range(..=from).next_back()
            && end >= from
        {
            (start, at) = (before, end);
        }
        let inside: Vec<(usize, usize)> = self.0.range(from..to).map(|(&start, &end)| (start, end)).collect();
        for (other, end) in inside {
            if at < other {
                new.push((at, other));
            }
            at = at.max(end);
            self.0.remove(&other);
        }
        if at < to {
            new.push((at, to));
        }
        if start < to {
            self.0.insert(start, at.max(to));
        }
        new
    }
}

impl<'a> Reader<'a> {
    fn extent(&self, tree: Tree, start: u32, size: u32) -> &'a [u8] {
        let at = usize::try_from(start).unwrap_or(usize::MAX).saturating_mul(tree.block);
        let rest = self.bytes.get(at..).unwrap_or_default();
        rest.get(..usize::try_from(size).unwrap_or(usize::MAX)).unwrap_or(rest)
    }

    fn tree(&mut self, tree: Tree, outlet: &mut Outlet<'_>, budget: &Budget) {
        let mut queue = VecDeque::from([(String::new(), tree.root)]);
        let mut queued = BTreeSet::new();
        let mut visited = Visited::default();
        let mut files = BTreeSet::new();
        // What names of folders that wait may take together.
        let mut left = self.bytes.len().saturating_add(LONGEST * 64);
        let mut is_cut = false;
        while let Some((path, (start, size))) = queue.pop_front() {
            if !outlet.is_open() {
                return;
            }
            if let Err(halt) = budget.check() {
                return outlet.stop(halt);
            }
            // Folders may be said to be one over another. Records do not cross sectors, so each sector is read once.
            let folder = self.extent(tree, start, size);
            let first = usize::try_from(start).unwrap_or(usize::MAX);
            let blocks = first.saturating_add(folder.len().div_ceil(tree.block));
            for (from, to) in visited.add(first, blocks) {
                let part = |block: usize| block.saturating_sub(first).saturating_mul(tree.block);
                let part = folder.get(part(from)..part(to).min(folder.len())).unwrap_or_default();
                let mut each = |name: String, parts: &[(u32, u32)], record: &Record<'_>| {
                    let name = if path.is_empty() {
                        name
                    } else {
                        format!("{path}/{name}")
                    };
                    if !record.is_folder() {
                        files.extend(parts.first());
                        self.file(tree, name, parts, record.flags & 1 != 0, outlet, budget);
                    } else if name.len() > LONGEST || name.len() > left {
                        is_cut = true;
                    } else if queued.insert((record.start, record.size)) {
                        left -= name.len();
                        queue.push_back((name, (record.start, record.size)));
                    }
                    outlet.is_open()
                };
                if !records(part, tree, &mut each) {
                    return;
                }
            }
        }
        if is_cut {
            let why = "its folders are too many, or too deep in one another; some were not read";
            outlet.problem(Problem::warning("iso-folders", why));
        }
        self.files.append(&mut files);
    }

    fn file(
        &self,
        tree: Tree,
        name: String,
        parts: &[(u32, u32)],
        hidden: bool,
        outlet: &mut Outlet<'_>,
        budget: &Budget,
    ) {
        let Some(&first) = parts.first() else { return };
        let size: u64 = parts.iter().map(|(_, size)| u64::from(*size)).sum();
        if size > 0 && self.files.contains(&first) {
            return;
        }
        let mut unpacked = Unpacked::default();
        for &(start, size) in parts {
            let extent = self.extent(tree, start, size);
            let part = unpack(Codec::Stored, extent, budget);
            unpacked.bytes.extend(part.bytes);
            unpacked.halted = unpacked.halted.or(part.halted);
            if extent.len() < usize::try_from(size).unwrap_or(usize::MAX) {
                let why = "the image ends before the file does";
                unpacked.problem = Some(Problem::warning("iso-truncated", why));
            }
        }
        let facts = MemberFacts {
            name: name.into(),
            size,
            packed: size,
            hidden,
            ..MemberFacts::default()
        };
        outlet.deliver(facts, unpacked);
    }

    /// What the machine starts from (El Torito 1.0): the first entry of the catalogue.
    fn boot(&mut self, catalog: u32, outlet: &mut Outlet<'_>, budget: &Budget) {
        let at = usize::try_from(catalog).unwrap_or(usize::MAX).saturating_mul(SECTOR);
        let entry = self
            .bytes
            .get(at..)
            .and_then(|rest| rest.get(32..64))
            .unwrap_or_default();
        let (Some(sectors), Some(start)) = (le16(entry, 6), le32(entry, 8)) else {
            return;
        };
        let size = u32::from(sectors).saturating_mul(512);
        let known = self.files.iter().any(|(known, _)| *known == start);
        let tree = Tree {
            root: (0, 0),
            is_joliet: false,
            block: SECTOR,
        };
        let image = self.extent(tree, start, size);
        if !known && !image.is_empty() && outlet.is_open() && be32(image, 0) != Some(0) {
            outlet.deliver(outside("boot image", image), unpack(Codec::Stored, image, budget));
        }
    }
}
