//! Mach-O (Apple, `mach-o/loader.h` and `mach-o/fat.h`): programs and libraries of macOS and iOS, for one architecture or
//! for several in one file. Absent: symbols, and the older ways of linking.

mod signature;

use super::begins::begins;
use super::order::Order;
use super::work::Work;
use crate::bytes::{be32, be64, piece, place, until_zero};
use watchfire_model::executable::mach_o::{
    BuildVersion, Cpu, Library, MachO, MachOFile, MachOFlags, MachOKind, MachOSegment, Platform, VmProtection,
};
use watchfire_model::executable::{Digest, Overlay};
use watchfire_model::{Span, Untrusted};

/// Architectures that are read.
const MOST_IMAGES: u32 = 32;
/// Commands that are read.
const MOST_COMMANDS: u32 = 4096;
/// Longest path. Bytes.
const LONGEST: usize = 4096;
/// Sections of a segment that are named.
const MOST_SECTIONS: usize = 256;
/// Set in commands that a loader has to know.
const REQUIRED: u32 = 0x8000_0000;

pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Option<MachOFile> {
    let mut file = MachOFile::default();
    let wide = match be32(bytes, 0)? {
        0xcafe_babe => Some(false),
        0xcafe_babf => Some(true),
        _ => None,
    };
    let Some(wide) = wide else {
        let image = read_image(bytes, 0, work)?;
        file.images.push(image);
        return Some(file);
    };
    file.fat = true;
    let count = be32(bytes, 4)?.min(MOST_IMAGES);
    let mut end = 0;
    for number in 0..count {
        let at = 8 + place(number) * if wide { 32 } else { 20 };
        let parts = if wide {
            be64(bytes, at + 8).zip(be64(bytes, at + 16))
        } else {
            be32(bytes, at + 8)
                .map(u64::from)
                .zip(be32(bytes, at + 12).map(u64::from))
        };
        let Some((offset, size)) = parts else {
            work.warn("mach-o-truncated", "the file ends inside of its list of architectures");
            break;
        };
        let content = piece(bytes, place(offset), place(size));
        end = end.max(offset.saturating_add(size));
        match read_image(content, offset, work) {
            Some(image) => file.images.push(image),
            None => work.warn("mach-o-image", "one of its architectures could not be read"),
        }
    }
    let length = bytes.len() as u64;
    if end > 0 && end < length {
        let content = bytes.get(place(end)..).unwrap_or_default();
        file.overlay = Some(Overlay {
            span: Span {
                start: end,
                end: length,
            },
            entropy: work.entropy(content),
            begins: begins(content),
        });
    }
    Some(file)
}

fn read_image(bytes: &[u8], start: u64, work: &mut Work<'_>) -> Option<MachO> {
    let order = match be32(bytes, 0)? {
        0xfeed_face => (true, false),
        0xfeed_facf => (true, true),
        0xcefa_edfe => (false, false),
        0xcffa_edfe => (false, true),
        _ => return None,
    };
    let order = Order {
        is_big: order.0,
        is_wide: order.1,
    };
    let word = |at| order.u32(bytes, at);
    let mut image = MachO {
        span: Span {
            start,
            end: start.saturating_add(bytes.len() as u64),
        },
        bits: if order.is_wide { 64 } else { 32 },
        cpu: Cpu(word(4)?),
        cpu_subtype: word(8)? & 0x00ff_ffff,
        kind: MachOKind(word(12)?),
        flags: MachOFlags(word(24)?),
        entry_point: None,
        libraries: Vec::new(),
        identifier: None,
        rpaths: Vec::new(),
        loader: None,
        uuid: None,
        build: None,
        encryption: None,
        segments: Vec::new(),
        signature: None,
    };
    let count = word(16)?;
    let mut at = if order.is_wide { 32 } else { 28 };
    for _ in 0..count.min(MOST_COMMANDS) {
        let size = word(at + 4).map(place).filter(|size| *size >= 8);
        let command = size.and_then(|size| bytes.get(at..at.checked_add(size)?));
        // Several architectures may be said to stand in one place.
        let Some(command) = command.filter(|command| work.pay(command.len())) else {
            work.warn(
                "mach-o-truncated",
                "its list of commands is damaged; what could be read is listed",
            );
            break;
        };
        read_command(&mut image, bytes, command, order, work);
        at += command.len();
    }
    Some(image)
}

fn read_command(image: &mut MachO, bytes: &[u8], command: &[u8], order: Order, work: &mut Work<'_>) -> Option<()> {
    let word = |at| order.u32(command, at);
    // Texts stand behind the fixed part, at a place that the command gives.
    let text = |at| {
        let text = until_zero(command.get(place(word(at)?)..)?, LONGEST);
        Some(Untrusted::from_bytes(text))
    };
    let kind = word(0)?;
    match kind & !REQUIRED {
        0x01 | 0x19 => {
            let segment = segment(bytes, command, kind == 0x19, order, work)?;
            image.segments.push(segment);
        }
        0x0c | 0x18 | 0x1f | 0x20 | 0x23 => {
            let how = match kind & !REQUIRED {
                0x18 => "weak",
                0x1f => "reexport",
                0x20 => "lazy",
                0x23 => "upward",
                _ => "load",
            };
            let path = text(8)?;
            image.libraries.push(Library { path, how });
        }
        0x0d => image.identifier = text(8),
        0x0e => image.loader = text(8),
        0x1b => image.uuid = command.get(8..24).map(Digest::new),
        0x1c => image.rpaths.push(text(8)?),
        // One signature counts; more would only cost time.
        0x1d if image.signature.is_none() => {
            let blob = piece(bytes, place(word(8)?), place(word(12)?));
            image.signature = signature::read(blob, bytes, work);
        }
        0x21 | 0x2c => image.encryption = word(16),
        0x24 | 0x25 | 0x2f | 0x30 => {
            let platform = match kind {
                0x24 => 1,
                0x25 => 2,
                0x2f => 3,
                _ => 4,
            };
            image.build = Some(build(platform, word(8)?, word(12)?));
        }
        0x28 => image.entry_point = order.u64(command, 8),
        0x32 => image.build = Some(build(word(8)?, word(12)?, word(16)?)),
        _ => {}
    }
    Some(())
}

fn build(platform: u32, minimum: u32, sdk: u32) -> BuildVersion {
    let version = |number: u32| {
        let [high, low, minor, patch] = number.to_be_bytes();
        (u16::from_be_bytes([high, low]), minor, patch)
    };
    BuildVersion {
        platform: Platform(platform),
        minimum: version(minimum),
        sdk: version(sdk),
    }
}

fn segment(bytes: &[u8], command: &[u8], wide: bool, order: Order, work: &mut Work<'_>) -> Option<MachOSegment> {
    let order = Order { is_wide: wide, ..order };
    let width = if wide { 8 } else { 4 };
    let number = |place: usize| order.address(command, 24 + place * width);
    let fixed = 24 + 4 * width;
    let word = |at| order.u32(command, fixed + at);
    let (offset, size) = (number(2)?, number(3)?);
    let section_width = if wide { 80 } else { 68 };
    let sections = command
        .get(fixed + 16..)
        .unwrap_or_default()
        .chunks_exact(section_width);
    let count = place(word(8)?).min(MOST_SECTIONS);
    Some(MachOSegment {
        name: Untrusted::from_bytes(until_zero(command.get(8..24)?, 16)),
        address: number(0)?,
        memory_size: number(1)?,
        offset,
        size,
        most: VmProtection(word(0)?),
        first: VmProtection(word(4)?),
        sections: sections
            .take(count)
            .map(|section| Untrusted::from_bytes(until_zero(section, 16)))
            .collect(),
        entropy: work.entropy(piece(bytes, place(offset), place(size))),
    })
}
