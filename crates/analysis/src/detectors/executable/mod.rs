//! What is wrong with programs and libraries, by what their headers, tables and signatures say.

pub(crate) mod altered;
pub(crate) mod calls;
pub(crate) mod carries;
pub(crate) mod claims_vendor;
pub(crate) mod loads_from;
pub(crate) mod odd_header;
pub(crate) mod odd_signature;
pub(crate) mod packed;
pub(crate) mod proxy;
pub(crate) mod renamed;
pub(crate) mod stands_in;
pub(crate) mod telling_strings;

use watchfire_model::FactSet;
use watchfire_model::executable::signature::Signature;
use watchfire_model::executable::{Elf, Executable, MachO, Pe};

/// What is said of it as a program for Windows.
pub(crate) fn pe(facts: &FactSet) -> Option<&Pe> {
    match facts.executable()? {
        Executable::Pe(pe) => Some(pe),
        _ => None,
    }
}

/// What is said of it as a program for Linux.
fn elf(facts: &FactSet) -> Option<&Elf> {
    match facts.executable()? {
        Executable::Elf(elf) => Some(elf),
        _ => None,
    }
}

/// What is said of it as a program for macOS, for each processor.
fn images(facts: &FactSet) -> &[MachO] {
    match facts.executable() {
        Some(Executable::MachO(file)) => &file.images,
        _ => &[],
    }
}

/// Its signatures; none where it has none.
fn signatures(facts: &FactSet) -> &[Signature] {
    facts.signed().map_or(&[], |signed| &signed.signatures)
}

/// A string of the version, where it is there and not empty.
fn version<'a>(pe: &'a Pe, key: &str) -> Option<&'a str> {
    Some(pe.says(key)?.raw().trim())
}
