//! Portable Executable (Microsoft, "PE Format"): programs, libraries and drivers of Windows, and programs of EFI.
//!
//! Where the specification leaves open what a loader makes of a strange file, this reads as pefile does, so that digests
//! and names can be compared with what others publish. Absent: relocations, exceptions, load configuration, code.

mod checksum;
mod debug;
mod dot_net;
mod exports;
mod image;
mod imports;
mod marks;
mod overlay;
mod resources;
mod rich;
mod tables;
mod version;

pub(super) use image::{CERTIFICATES, Headers};

use super::work::Work;
use crate::bytes::{le32, le64, place};
use image::{CLR, DEBUG, DELAYED, EXPORTS, IMPORTS, Image, RESOURCES, TLS};
use watchfire_model::executable::pe::{Characteristics, Compiled, Import, Pe, PeKind, Subsystem};
use watchfire_model::{Moment, Span};

/// Functions that run before the entry point and are listed.
const MOST_CALLBACKS: usize = 64;

/// Reads a file; `None` where it has no header.
pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Option<Pe> {
    let image = Image::open(bytes, work)?;
    let headers = &image.headers;
    let sections = image.sections(work);
    let imports = imports::read(&image, image.directory(IMPORTS), work);
    let delayed_imports = imports::read_delayed(&image, image.directory(DELAYED), work);
    let exports = exports::read(&image, image.directory(EXPORTS), work);
    let tree = resources::read(&image, image.directory(RESOURCES), work);
    let debug = debug::read(&image, image.directory(DEBUG), work);
    let dot_net = dot_net::read(&image, image.directory(CLR), work);
    let certificate_table = certificates(&image);
    let overlay = overlay::read(&image, certificate_table, work);
    let (version, version_numbers) = version::read(&tree, bytes);
    let marks = marks::read(&image, overlay.as_ref(), &tree, dot_net.is_some());
    let entry_section = sections.iter().position(|section| {
        let size = section.virtual_size.max(section.raw_size);
        headers.entry_point != 0
            && headers
                .entry_point
                .checked_sub(section.address)
                .is_some_and(|into| into < size)
    });
    let is_hash = debug.iter().any(|entry| entry.kind.0 == debug::REPRO);
    Some(Pe {
        kind: kind(headers, &imports, &sections),
        machine: headers.machine,
        bits: headers.bits,
        subsystem: headers.subsystem,
        characteristics: headers.characteristics,
        protections: headers.protections,
        compiled: Compiled {
            raw: headers.timestamp,
            is_hash,
            at: (!is_hash && headers.timestamp != 0).then(|| Moment::from_unix(i64::from(headers.timestamp))),
        },
        linker: headers.linker,
        image_base: headers.image_base,
        size_of_image: headers.size_of_image,
        entry_point: headers.entry_point,
        entry_section,
        checksum: headers.checksum,
        checksum_computed: checksum::compute(bytes, headers.optional + 64),
        imphash: imports::hash(&imports),
        tls_callbacks: callbacks(&image),
        icon: resources::icon(&tree, bytes, work),
        manifest: version::manifest(&tree, bytes),
        resources: tree.into_facts(bytes, work),
        rich: rich::read(bytes, headers.optional),
        sections,
        imports,
        delayed_imports,
        exports,
        version,
        version_numbers,
        debug,
        overlay,
        certificate_table,
        dot_net,
        marks,
        authenticode: None,
    })
}

/// The place of the table of certificates: the one directory that counts in bytes of the file.
fn certificates(image: &Image<'_>) -> Option<Span> {
    let (at, size) = image.directory(CERTIFICATES)?;
    let start = u64::from(at);
    Some(Span {
        start,
        end: start.saturating_add(u64::from(size)),
    })
}

/// Libraries of the kernel: who imports from them runs there.
const KERNEL: &[&str] = &[
    "ntoskrnl.exe",
    "hal.dll",
    "ndis.sys",
    "bootvid.dll",
    "kdcom.dll",
    "wdfldr.sys",
    "fltmgr.sys",
];
/// Sections that only drivers have, since only the kernel may page them out.
const KERNEL_SECTIONS: &[&str] = &["page", "paged"];

fn kind(headers: &Headers, imports: &[Import], sections: &[watchfire_model::executable::pe::Section]) -> PeKind {
    const NATIVE: Subsystem = Subsystem(1);
    let in_kernel = |import: &Import| {
        KERNEL
            .iter()
            .any(|name| import.library.raw().eq_ignore_ascii_case(name))
    };
    let pages = |name: &str| KERNEL_SECTIONS.iter().any(|known| name.eq_ignore_ascii_case(known));
    if (10..=13).contains(&headers.subsystem.0) {
        PeKind::Efi
    } else if imports.iter().any(in_kernel)
        || headers.subsystem == NATIVE && sections.iter().any(|section| pages(section.name.raw()))
    {
        PeKind::Driver
    } else if headers.characteristics.has(Characteristics::LIBRARY) {
        PeKind::Library
    } else if headers.characteristics.has(Characteristics::EXECUTABLE) {
        PeKind::Program
    } else {
        PeKind::NotExecutable
    }
}

/// The addresses in the table of callbacks, which ends with a zero.
fn callbacks(image: &Image<'_>) -> Vec<u64> {
    let Some((at, _)) = image.directory(TLS) else {
        return Vec::new();
    };
    let directory = image.at(at);
    let is_wide = image.headers.bits == 64;
    let list = if is_wide {
        le64(directory, 24)
    } else {
        le32(directory, 12).map(u64::from)
    };
    let list = list.and_then(|list| list.checked_sub(image.headers.image_base));
    let Some(list) = list.and_then(|list| u32::try_from(list).ok()) else {
        return Vec::new();
    };
    let table = image.at(list);
    let width = if is_wide { 8 } else { 4 };
    (0..MOST_CALLBACKS)
        .map_while(|number| {
            let at = place(number * width);
            if is_wide {
                le64(table, at)
            } else {
                le32(table, at).map(u64::from)
            }
        })
        .take_while(|address| *address != 0)
        .collect()
}
