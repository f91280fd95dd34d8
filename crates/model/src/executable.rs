//! What executables show: Windows (PE), Linux (ELF), macOS (Mach-O), Java, Android, WebAssembly, Python, and the packages
//! that Windows installs (MSI, CAB, catalogs).
//!
//! Everything is as it stands in the file, or computed from it; nothing here says whether it is good. Numbers that a
//! format defines stay numbers with a name where they have one, so that an unknown one is still a value. Offsets and
//! sizes are in bytes of the file. Absent: disassembly.

pub mod elf;
mod essentials;
pub mod mach_o;
pub mod package;
pub mod pe;
mod saying;
pub mod signature;
mod value;

pub use elf::Elf;
pub use essentials::{Essentials, SignedBy};
pub use mach_o::{MachO, MachOFile};
pub use package::{Cabinet, Catalog, Dex, Installer, JavaClass, PythonBytecode, WebAssembly};
pub use pe::Pe;
pub use saying::{Saying, SayingKind};
pub use signature::{Authenticode, Certificate, HashAlgorithm};
pub use value::{Digest, Entropy, Guid};

use crate::{Span, Untrusted};
use serde::Serialize;

/// An executable file, or something that is installed or checked like one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "format", rename_all = "kebab-case")]
pub enum Executable {
    /// Windows: program, library, driver, EFI.
    Pe(Box<Pe>),
    /// Linux and others.
    Elf(Box<Elf>),
    /// macOS and iOS, one architecture or several.
    MachO(Box<MachOFile>),
    /// A class of Java.
    JavaClass(JavaClass),
    /// Classes of Android.
    Dex(Dex),
    /// WebAssembly.
    WebAssembly(WebAssembly),
    /// Compiled Python.
    PythonBytecode(PythonBytecode),
    /// A package of Windows Installer.
    Installer(Installer),
    /// A cabinet.
    Cabinet(Cabinet),
    /// A list of file digests that is signed.
    Catalog(Catalog),
}

/// Something that a builder, installer or packer left in a file. It says how a file was made, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mark {
    /// What kind of tool.
    pub kind: MarkKind,
    /// Its name, `NSIS`, `UPX`.
    pub tool: &'static str,
    /// What shows it, in words: `a section 'UPX0'`.
    pub by: Untrusted,
}

/// What kind of tool leaves a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// Compilers and their runtimes.
    Compiler,
    /// Makes one program of many files, which unpacks them when it is run.
    Installer,
    /// Makes one program of a script and its interpreter.
    Bundler,
    /// Packs, encrypts or hides the code of a program.
    Packer,
}

/// What stands behind everything that a file's headers speak of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overlay {
    /// Where.
    pub span: Span,
    /// How random it is; absent where reading it again was not paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy: Option<Entropy>,
    /// What it begins with: `zip`, `7z`, `rar`, `cab`, `msi`, `pe`, `pdf`, `gzip`, `xz`, `zstd`, `nsis`, `asar`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<&'static str>,
}
