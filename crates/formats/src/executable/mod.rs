//! Executables: bytes in, [facts](watchfire_model::executable) out, one reader for each format.
//!
//! The readers are Watchfire's own, since those that exist give a damaged file up as a whole, and what is damaged on
//! purpose is what comes here. A reader returns what stands there, tells what it could not read, and never goes through a
//! file more often than a few times, whatever its tables say. Absent: disassembly, unpacking of packers, opinions.

pub mod authenticode;
mod begins;
mod cabinet;
pub(crate) mod der;
mod dex;
mod elf;
mod entropy;
mod installer;
mod installer_members;
mod installer_tables;
mod java;
mod mach_o;
mod marks;
mod order;
mod pe;
mod python;
mod sayings;
pub mod similarity;
mod wasm;
mod work;

pub use cabinet::{read_cabinet, unpack_cabinet};
pub use entropy::entropy;
pub use installer_members::unpack_installer;
pub use sayings::Sayings;

use crate::identify::media;
use watchfire_model::executable::Executable;
use watchfire_model::{Budget, MediaType, Problem};
use work::Work;

/// Whether there is a reader for the format.
pub fn handles(media_type: MediaType) -> bool {
    reader(media_type).is_some()
}

/// Reads an executable of this type. `None` where it does not even begin like one, or the type is none of these.
///
/// Costs one pass over the file for the entropy of its parts and the checksum of a PE. Signatures are read and verified by
/// [`authenticode`], which costs a pass more for each digest; digests for similarity are in [`similarity`].
pub fn read(media_type: MediaType, bytes: &[u8], budget: &Budget) -> (Option<Executable>, Vec<Problem>) {
    let mut work = Work::new(bytes, budget);
    let found = reader(media_type).and_then(|read| read(bytes, &mut work));
    if found.is_none() && reader(media_type).is_some() {
        work.warn("executable-header", "the header is damaged; nothing could be read");
    }
    (found, work.into_problems())
}

type Reader = fn(&[u8], &mut Work<'_>) -> Option<Executable>;

fn reader(media_type: MediaType) -> Option<Reader> {
    Some(match media_type {
        media::PE => |bytes, work| pe::read(bytes, work).map(|pe| Executable::Pe(Box::new(pe))),
        media::ELF => |bytes, work| elf::read(bytes, work).map(|elf| Executable::Elf(Box::new(elf))),
        media::MACH_O => |bytes, work| mach_o::read(bytes, work).map(|file| Executable::MachO(Box::new(file))),
        media::JAVA_CLASS => |bytes, work| java::read(bytes, work).map(Executable::JavaClass),
        media::DEX => |bytes, work| dex::read(bytes, work).map(Executable::Dex),
        media::WASM => |bytes, work| wasm::read(bytes, work).map(Executable::WebAssembly),
        media::PYC => |bytes, _| python::read(bytes).map(Executable::PythonBytecode),
        media::MSI => |bytes, work| installer::read(bytes, work).map(Executable::Installer),
        media::CAB => |bytes, work| cabinet::read(bytes, work).map(Executable::Cabinet),
        media::CATALOG => |bytes, work| authenticode::read_catalog(bytes, work).map(Executable::Catalog),
        _ => return None,
    })
}
