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

use watchfire_model::executable::signature::Signature;
use watchfire_model::executable::{Elf, Executable, MachO, Pe};
use watchfire_model::{Fact, FactSet};

/// What is said of it as a program for Windows.
fn pe(facts: &FactSet) -> Option<&Pe> {
    facts.facts.iter().find_map(|fact| match fact {
        Fact::Executable(executable) => match &**executable {
            Executable::Pe(pe) => Some(&**pe),
            _ => None,
        },
        _ => None,
    })
}

/// What is said of it as a program for Linux.
fn elf(facts: &FactSet) -> Option<&Elf> {
    facts.facts.iter().find_map(|fact| match fact {
        Fact::Executable(executable) => match &**executable {
            Executable::Elf(elf) => Some(&**elf),
            _ => None,
        },
        _ => None,
    })
}

/// What is said of it as a program for macOS, for each processor.
fn images(facts: &FactSet) -> &[MachO] {
    let images = facts.facts.iter().find_map(|fact| match fact {
        Fact::Executable(executable) => match &**executable {
            Executable::MachO(file) => Some(file.images.as_slice()),
            _ => None,
        },
        _ => None,
    });
    images.unwrap_or_default()
}

/// Its signatures; none where it has none.
fn signatures(facts: &FactSet) -> &[Signature] {
    facts
        .facts
        .iter()
        .find_map(|fact| match fact {
            Fact::Signed(signed) => Some(signed.signatures.as_slice()),
            _ => None,
        })
        .unwrap_or_default()
}

/// A string of the version, where it is there and not empty.
fn version<'a>(pe: &'a Pe, key: &str) -> Option<&'a str> {
    let found = pe
        .version
        .iter()
        .find(|string| string.key.raw().eq_ignore_ascii_case(key))?;
    Some(found.value.raw().trim()).filter(|value| !value.is_empty())
}
