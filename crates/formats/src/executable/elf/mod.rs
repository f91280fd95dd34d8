//! ELF (System V ABI, chapters 4 and 5): programs, libraries and objects of Linux and others.
//!
//! Loaders read segments and people read sections, so both are read, and what either shows is told. Absent: relocations,
//! symbols beyond their names, debug information.

mod dynamic;
mod marks;
mod tables;

use super::begins::begins;
use super::order::Order;
use super::work::Work;
use crate::bytes::{has, piece, place};
use dynamic::Dynamic;
use tables::Tables;
use watchfire_model::executable::elf::{Elf, ElfKind, ElfMachine, ElfSystem, Relro, SegmentFlags, StackProtection};
use watchfire_model::executable::{Digest, Overlay};
use watchfire_model::{Span, Untrusted};

/// Kinds of segments.
const DYNAMIC: u32 = 2;
const INTERPRETER: u32 = 3;
const NOTE: u32 = 4;
const STACK: u32 = 0x6474_e551;
const RELRO: u32 = 0x6474_e552;
/// Kinds of sections.
const SYMBOLS: u32 = 2;
const NOTES: u32 = 7;
const ZEROES: u32 = 8;
/// Longest path. Bytes.
const LONGEST: usize = 4096;
/// Comments of compilers that are kept.
const MOST_COMMENTS: usize = 64;

pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Option<Elf> {
    if !has(bytes, 0, b"\x7fELF") {
        return None;
    }
    let order = order(bytes, work);
    let (kind, machine) = (order.u16(bytes, 16)?, order.u16(bytes, 18)?);
    let tables = Tables::read(bytes, order, work);
    let dynamic = Dynamic::read(bytes, order, &tables, work);
    let interpreter = tables.segments.iter().find(|segment| segment.kind.0 == INTERPRETER);
    let interpreter = interpreter.map(|segment| text(piece(bytes, place(segment.offset), place(segment.size))));
    let comments = comments(bytes, &tables);
    let overlay = overlay(bytes, &tables, work);
    let marks = marks::read(bytes, &tables, &comments, overlay.as_ref());
    let kind = ElfKind(kind);
    let is_program = kind.0 == 2 || kind.0 == 3 && (interpreter.is_some() || dynamic.says_program);
    let has_relro = tables.segments.iter().any(|segment| segment.kind.0 == RELRO);
    Some(Elf {
        bits: if order.is_wide { 64 } else { 32 },
        big_endian: order.is_big,
        machine: ElfMachine(machine),
        system: ElfSystem(bytes.get(7).copied().unwrap_or_default()),
        kind,
        entry_point: order.address(bytes, 24).unwrap_or_default(),
        linked_statically: is_program && interpreter.is_none() && dynamic.needed.is_empty(),
        position_independent: is_program && kind.0 == 3,
        interpreter,
        build_id: build_id(bytes, order, &tables),
        comments,
        stripped: !tables.sections.iter().any(|section| section.kind == SYMBOLS),
        relro: match (has_relro, dynamic.binds_now) {
            (false, _) => Relro::None,
            (true, false) => Relro::Partial,
            (true, true) => Relro::Full,
        },
        stack: stack(&tables),
        overlay,
        marks,
        needed: dynamic.needed,
        soname: dynamic.soname,
        rpath: dynamic.rpath,
        runpath: dynamic.runpath,
        imports: dynamic.imports,
        exports: dynamic.exports,
        stands_in: dynamic.stands_in.into_iter().map(Untrusted::from).collect(),
        sections: tables.sections,
        segments: tables.segments,
    })
}

/// Machines whose programs have 64 bits, and those whose programs have 32: x86-64, ARM, PowerPC, SPARC, Itanium.
const WIDE: &[u16] = &[62, 183, 21, 43, 50];
const NARROW: &[u16] = &[3, 40, 20, 2];

/// Order and width of numbers. The header says both, and Linux believes neither: it reads a program as its own machine's,
/// and asks how long an entry of the table of segments is. So what does not fit is not believed here.
fn order(bytes: &[u8], work: &mut Work<'_>) -> Order {
    let declared = Order {
        is_big: bytes.get(5) == Some(&2),
        is_wide: bytes.get(4) == Some(&2),
    };
    let mut order = declared;
    let has_kind = |order: Order| matches!(order.u16(bytes, 16), Some(1..=4));
    let other = Order {
        is_big: !order.is_big,
        ..order
    };
    if !has_kind(order) && has_kind(other) {
        order = other;
    }
    let fits = |is_wide: bool| {
        let (segments, sections) = if is_wide {
            ((54, 56), (58, 64))
        } else {
            ((42, 32), (46, 40))
        };
        match order.u16(bytes, segments.0) {
            Some(0) => order.u16(bytes, sections.0) == Some(sections.1),
            width => width == Some(segments.1),
        }
    };
    let machine = order.u16(bytes, 18).unwrap_or_default();
    let is_likely = (order.is_wide || WIDE.contains(&machine)) && !NARROW.contains(&machine);
    order.is_wide = [is_likely, !is_likely]
        .into_iter()
        .find(|wide| fits(*wide))
        .unwrap_or(order.is_wide);
    if order != declared || !matches!(bytes.get(4), Some(1 | 2)) {
        work.warn(
            "elf-header",
            "the header is not of the width or order that it says, and was read as it fits",
        );
    }
    order
}

fn text(bytes: &[u8]) -> Untrusted {
    Untrusted::from_bytes(crate::bytes::until_zero(bytes, LONGEST))
}

fn stack(tables: &Tables) -> StackProtection {
    match tables.segments.iter().find(|segment| segment.kind.0 == STACK) {
        None => StackProtection::Unsaid,
        Some(segment) if segment.flags.has(SegmentFlags::EXECUTE) => StackProtection::Executable,
        Some(_) => StackProtection::Protected,
    }
}

/// What compilers left, each once, in their order.
fn comments(bytes: &[u8], tables: &Tables) -> Vec<Untrusted> {
    let Some(content) = tables.content(bytes, ".comment") else {
        return Vec::new();
    };
    let mut out: Vec<Untrusted> = Vec::new();
    let texts = content.split(|byte| *byte == 0).filter(|text| !text.is_empty());
    for comment in texts.take(4096).map(text) {
        if out.len() < MOST_COMMENTS && !out.contains(&comment) {
            out.push(comment);
        }
    }
    out
}

/// The note of the GNU linker that identifies a build: lengths, a kind, a name and the identifier.
fn build_id(bytes: &[u8], order: Order, tables: &Tables) -> Option<Digest> {
    let segments = tables.segments.iter().filter(|segment| segment.kind.0 == NOTE);
    let sections = tables.sections.iter().filter(|section| section.kind == NOTES);
    let places = segments
        .map(|segment| (segment.offset, segment.size))
        .chain(sections.map(|section| (section.offset, section.size)));
    places.take(64).find_map(|(at, size)| {
        let mut notes = piece(bytes, place(at), place(size).min(64 << 10));
        loop {
            let name = place(order.u32(notes, 0)?);
            let length = place(order.u32(notes, 4)?);
            let kind = order.u32(notes, 8)?;
            let content = 12_usize.checked_add(name.checked_next_multiple_of(4)?)?;
            if kind == 3 && name == 4 && has(notes, 12, b"GNU\0") {
                let id = notes.get(content..content.checked_add(length)?)?;
                return Some(Digest::new(id)).filter(|_| (1..=64).contains(&length));
            }
            notes = notes.get(content.checked_add(length.checked_next_multiple_of(4)?)?..)?;
        }
    })
}

/// What stands behind sections, segments and their tables.
fn overlay(bytes: &[u8], tables: &Tables, work: &mut Work<'_>) -> Option<Overlay> {
    let length = bytes.len() as u64;
    let sections = tables.sections.iter().filter(|section| section.kind != ZEROES);
    let ends = sections
        .map(|section| section.offset.saturating_add(section.size))
        .chain(
            tables
                .segments
                .iter()
                .map(|segment| segment.offset.saturating_add(segment.size)),
        )
        .chain(tables.ends);
    let start = ends.filter(|end| *end <= length).max()?;
    let content = bytes.get(place(start)..).unwrap_or_default();
    let used = content.iter().any(|byte| *byte != 0);
    (used && tables.is_whole).then(|| Overlay {
        span: Span { start, end: length },
        entropy: work.entropy(content),
        begins: begins(content),
    })
}
