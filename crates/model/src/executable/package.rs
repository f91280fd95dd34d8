//! What the smaller formats show: classes of Java and Android, WebAssembly, compiled Python, and the packages of Windows.

use super::value::named_numbers;
use super::{Authenticode, Digest, Guid, HashAlgorithm};
use crate::{Moment, Untrusted};
use serde::Serialize;

/// A class of Java (JVM specification, chapter 4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JavaClass {
    /// Version of the format: major, minor. 52 is Java 8, and each one more is one Java more.
    pub version: (u16, u16),
    /// Its name, `com/example/Main`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// The class that it extends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<Untrusted>,
    /// What it implements.
    pub implements: Vec<Untrusted>,
    /// All classes that it names, sorted.
    pub classes: Vec<Untrusted>,
    /// The source that it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Untrusted>,
    /// Whether it has a method `main` that can be run.
    pub has_main: bool,
}

/// Classes of Android (Android, "Dalvik executable format").
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dex {
    /// Version of the format.
    pub version: Untrusted,
    /// The checksum in its header.
    pub checksum: u32,
    /// Whether that is its checksum.
    pub checksum_is_right: bool,
    /// The SHA-1 in its header.
    pub signature: Digest,
    /// Bytes, as declared.
    pub size: u32,
    /// Strings in it.
    pub strings: u32,
    /// Methods that it names.
    pub methods: u32,
    /// Names of its classes, in order, `Lcom/example/Main;`.
    pub classes: Vec<Untrusted>,
}

/// WebAssembly (W3C, "WebAssembly Core Specification", chapter 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WebAssembly {
    /// Version of the format; layer 1 for components.
    pub version: u32,
    /// Its sections in order: number, name of a custom one, bytes.
    pub sections: Vec<WasmSection>,
    /// What it takes from its surroundings: module and name.
    pub imports: Vec<(Untrusted, Untrusted)>,
    /// What it offers.
    pub exports: Vec<Untrusted>,
}

/// A section of WebAssembly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WasmSection {
    /// What it is.
    pub kind: WasmSectionKind,
    /// The name of a custom one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// Bytes, as declared.
    pub size: u32,
}

named_numbers! {
    /// What a section of WebAssembly is.
    WasmSectionKind(u8) {
        0 "custom" 1 "types" 2 "imports" 3 "functions" 4 "tables" 5 "memory" 6 "globals" 7 "exports" 8 "start"
        9 "elements" 10 "code" 11 "data" 12 "data-count" 13 "tags"
    }
}

/// Compiled Python.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PythonBytecode {
    /// The number that a version of Python begins its files with.
    pub magic: u16,
    /// That version, `3.11`, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'static str>,
    /// When the source was changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_changed: Option<Moment>,
    /// Bytes of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_size: Option<u32>,
    /// The hash of the source, where that stands in place of the time (PEP 552).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_hash: Option<Digest>,
    /// The path of the source, where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Untrusted>,
}

/// A package of Windows Installer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Installer {
    /// What the class of its root says it is: `package`, `transform`, `patch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// The class of its root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Guid>,
    /// Its summary, in the order of the format: `title`, `subject`, `author`, `revision`, `application`, …
    pub summary: Vec<(&'static str, Untrusted)>,
    /// Its streams with their decoded names, tables with `!` before them, and their bytes as declared.
    pub streams: Vec<(Untrusted, u64)>,
    /// Whether it has a signature.
    pub signed: bool,
    /// Who signed it, where that was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticode: Option<Authenticode>,
}

/// A cabinet (MS-CAB).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cabinet {
    /// Version of the format: major, minor.
    pub version: (u8, u8),
    /// Bytes, as declared.
    pub size: u32,
    /// Number that the cabinets of a set share.
    pub set: u16,
    /// Its place in the set.
    pub index: u16,
    /// How its folders are packed: `none`, `mszip`, `quantum`, `lzx`.
    pub folders: Vec<&'static str>,
    /// Its members.
    pub members: Vec<CabinetMember>,
    /// Bytes reserved in its header: where a signature stands.
    pub reserved: u32,
}

/// A member of a cabinet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CabinetMember {
    /// Its name as stored.
    pub name: Untrusted,
    /// Bytes, as declared.
    pub size: u32,
    /// The folder that it is packed in; `0xfffd` and above for one that goes on in another cabinet.
    pub folder: u16,
    /// Where it begins in the unpacked folder.
    pub offset: u32,
    /// Whether it is to be run after it was unpacked.
    pub runs: bool,
}

/// A list of file digests that is signed (`.cat`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Catalog {
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Moment>,
    /// Its identifier.
    pub identifier: Digest,
    /// Its digests.
    pub members: Vec<CatalogMember>,
    /// Who signed it, where that was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticode: Option<Authenticode>,
}

/// A file of a catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CatalogMember {
    /// The digest of the file.
    pub digest: Digest,
    /// How it was made; absent for an algorithm that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<HashAlgorithm>,
    /// Its name, where the catalog gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
}
