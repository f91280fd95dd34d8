//! Projects of Visual Basic for Applications (MS-OVBA): names, code page, source of every module.
//!
//! The source is compressed in pieces of 4 KiB; a damaged piece costs itself and what follows it in its module. Where the
//! list of modules is lost, sources are found by how they begin. Absent: compiled code, forms, references, signatures.

use crate::bytes::{Cursor, le16, le32};
use crate::email::outlook::encoding;
use crate::ole::{Compound, Kind};
use encoding_rs::{Encoding, WINDOWS_1252};
use memchr::memmem;
use watchfire_model::{Budget, Problem};

/// Modules that are read.
const MODULES: usize = 5_000;

/// A project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its code page.
    pub code_page: u32,
    /// Its modules, in the order of the project.
    pub modules: Vec<Module>,
}

/// A module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// Its source.
    pub source: String,
    /// Bytes of compiled code before the source.
    pub compiled: u64,
}

/// All projects of a compound file: those storages that have a stream `dir` which reads like one.
pub(super) fn projects(compound: &Compound<'_>, budget: &Budget, problems: &mut Vec<Problem>) -> Vec<Project> {
    let storages = compound.entries().iter().enumerate();
    let storages = storages.filter(|(_, entry)| matches!(entry.kind, Kind::Storage | Kind::Root));
    let mut out = Vec::new();
    for (storage, entry) in storages {
        let list = compound.find(storage, "dir");
        if list.is_none() && !entry.name.eq_ignore_ascii_case("VBA") {
            continue;
        }
        let project = project(compound, storage, list, budget, problems);
        if !project.modules.is_empty() || !project.name.is_empty() {
            out.push(project);
        }
    }
    out
}

fn project(
    compound: &Compound<'_>,
    storage: usize,
    list: Option<usize>,
    budget: &Budget,
    problems: &mut Vec<Problem>,
) -> Project {
    let packed = list.map(|list| compound.stream(list)).unwrap_or_default();
    let directory = Directory::read(&decompress(&packed, budget).0);
    let mut project = Project {
        name: directory.name,
        code_page: directory.code_page,
        modules: Vec::new(),
    };
    let page = encoding(directory.code_page).unwrap_or(WINDOWS_1252);
    let mut listed = Vec::new();
    for entry in directory.modules.into_iter().take(MODULES) {
        let Some(stream) = compound.find(storage, &entry.stream) else {
            problems.push(Problem::warning(
                "vba-module-missing",
                format!("the module '{}' is listed and not there", entry.name),
            ));
            continue;
        };
        listed.push(stream);
        let bytes = compound.stream(stream);
        let packed = usize::try_from(entry.offset)
            .ok()
            .and_then(|offset| bytes.get(offset..));
        let (source, whole) = decompress(packed.unwrap_or_default(), budget);
        let (source, offset) = if source.is_empty() {
            found(&bytes, budget).unwrap_or((source, bytes.len()))
        } else {
            (source, usize::try_from(entry.offset).unwrap_or(usize::MAX))
        };
        if !whole && !source.is_empty() {
            let why = format!(
                "the source of the module '{}' is damaged; a part of it was read",
                entry.name
            );
            problems.push(Problem::warning("vba-source-damaged", why));
        }
        project.modules.push(module(entry.name, &source, offset, page));
    }
    // What the list does not name, or all where there is no list.
    for (number, entry) in compound.children(storage) {
        let is_known = listed.contains(&number) || entry.name == "dir" || entry.name.starts_with("__SRP_");
        if is_known || entry.kind != Kind::Stream || entry.name == "_VBA_PROJECT" || project.modules.len() >= MODULES {
            continue;
        }
        if let Some((source, offset)) = found(&compound.stream(number), budget) {
            project.modules.push(module(entry.name.clone(), &source, offset, page));
        }
    }
    project
}

fn module(name: String, source: &[u8], compiled: usize, page: &'static Encoding) -> Module {
    Module {
        name,
        source: page.decode_without_bom_handling(source).0.into_owned(),
        compiled: compiled as u64,
    }
}

/// A source by its beginning, "Attribut" in the first piece, and its place.
fn found(bytes: &[u8], budget: &Budget) -> Option<(Vec<u8>, usize)> {
    // Behind the mark and the size of the piece comes a flag byte, where the piece is compressed.
    let starts = memmem::find_iter(bytes, b"Attribut")
        .flat_map(|at| [at.checked_sub(4), at.checked_sub(3)])
        .flatten();
    let mut starts = starts.filter(|start| bytes.get(*start) == Some(&1));
    let start = starts.next()?;
    let (source, _) = decompress(bytes.get(start..)?, budget);
    (!source.is_empty()).then_some((source, start))
}

/// A module as the list names it.
#[derive(Debug, Default)]
struct Listed {
    name: String,
    stream: String,
    offset: u32,
}

/// The stream `dir` (2.3.4.2): records of a number, a length and data.
#[derive(Debug, Default)]
struct Directory {
    name: String,
    code_page: u32,
    modules: Vec<Listed>,
}

impl Directory {
    fn read(bytes: &[u8]) -> Self {
        let mut out = Self {
            code_page: 1252,
            ..Self::default()
        };
        let mut page = WINDOWS_1252;
        let mut cursor = Cursor::new(bytes);
        while let (Some(id), Some(size)) = (cursor.le16(), cursor.le32()) {
            // The version says that it has four bytes, and has six.
            let size = if id == 0x0009 { 6 } else { size };
            let Some(data) = usize::try_from(size).ok().and_then(|size| cursor.take(size)) else {
                break;
            };
            let text = || page.decode_without_bom_handling(data).0.into_owned();
            match id {
                0x0003 => {
                    out.code_page = le16(data, 0).map_or(1252, u32::from);
                    page = encoding(out.code_page).unwrap_or(WINDOWS_1252);
                }
                0x0004 => out.name = text(),
                0x0019 if out.modules.len() < MODULES => out.modules.push(Listed {
                    name: text(),
                    ..Listed::default()
                }),
                0x001a => {
                    if let Some(module) = out.modules.last_mut() {
                        module.stream = text();
                    }
                }
                // Names in UTF-16 say the same, and win where the code page cannot.
                0x0032 => {
                    let name = crate::email::outlook::wide(data);
                    if let Some(module) = out.modules.last_mut().filter(|_| !name.is_empty()) {
                        module.stream = name;
                    }
                }
                0x0031 => {
                    if let Some(module) = out.modules.last_mut() {
                        module.offset = le32(data, 0).unwrap_or(u32::MAX);
                    }
                }
                _ => {}
            }
        }
        out
    }
}

/// Undoes the compression (2.4.1); whether all of it could be undone. What was unpacked before damage stays.
pub fn decompress(bytes: &[u8], budget: &Budget) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let Some((1, mut rest)) = bytes.split_first() else {
        return (out, bytes.is_empty());
    };
    while let Some(header) = le16(rest, 0) {
        // What is no piece any more is filling.
        if header >> 12 & 7 != 3 {
            return (out, true);
        }
        let size = usize::from(header & 0x0fff) + 3;
        let piece = rest.get(2..size.min(rest.len())).unwrap_or_default();
        let start = out.len();
        let whole = match header & 0x8000 {
            0 => {
                out.extend_from_slice(piece);
                true
            }
            _ => unpack(piece, &mut out),
        };
        let made = out.len().saturating_sub(start) as u64;
        if budget.unpack(made, out.len() as u64, bytes.len() as u64).is_err() {
            return (out, false);
        }
        if !whole || size > rest.len() {
            return (out, false);
        }
        rest = rest.get(size..).unwrap_or_default();
    }
    (out, true)
}

/// One piece: eight tokens to a flag byte, each a byte or a copy of what stands before in the piece.
fn unpack(mut piece: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    while let Some((flags, rest)) = piece.split_first() {
        piece = rest;
        for bit in 0..8 {
            if piece.is_empty() {
                break;
            }
            if flags >> bit & 1 == 0 {
                let Some((byte, rest)) = piece.split_first() else { break };
                out.push(*byte);
                piece = rest;
                continue;
            }
            let Some(token) = le16(piece, 0) else { return false };
            piece = piece.get(2..).unwrap_or_default();
            let there = out.len().saturating_sub(start);
            let bits = there.max(1).next_power_of_two().trailing_zeros().clamp(4, 12);
            let length = usize::from(token & (0xffff >> bits)) + 3;
            let back = usize::from(token >> (16 - bits)) + 1;
            if back > there || there + length > 4096 {
                return false;
            }
            for _ in 0..length {
                let copied = out.len().checked_sub(back).and_then(|at| out.get(at).copied());
                out.extend(copied);
            }
        }
    }
    true
}
