//! What an ELF file shows (System V ABI, "Object Files"; Linux Standard Base; elf(5)).

use super::value::{named_bits, named_numbers};
use super::{Digest, Entropy, Mark, Overlay};
use crate::Untrusted;
use serde::Serialize;

/// A file of the Executable and Linkable Format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Elf {
    /// 32 or 64; 0 where the file says neither.
    pub bits: u8,
    /// Whether numbers are in big endian.
    pub big_endian: bool,
    /// The processor.
    pub machine: ElfMachine,
    /// The system it is made for.
    pub system: ElfSystem,
    /// What it is.
    pub kind: ElfKind,
    /// Where it begins to run; 0 for none.
    pub entry_point: u64,
    /// The program that loads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<Untrusted>,
    /// The libraries that it needs, in order.
    pub needed: Vec<Untrusted>,
    /// Its own name as a library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soname: Option<Untrusted>,
    /// Where libraries are looked for before everywhere else (`DT_RPATH`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpath: Option<Untrusted>,
    /// Where libraries are looked for (`DT_RUNPATH`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runpath: Option<Untrusted>,
    /// The identifier of this build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_id: Option<Digest>,
    /// What compilers left in `.comment`, each once.
    pub comments: Vec<Untrusted>,
    /// Its sections.
    pub sections: Vec<ElfSection>,
    /// Its segments.
    pub segments: Vec<Segment>,
    /// Names of functions and data that it takes from libraries, sorted.
    pub imports: Vec<Untrusted>,
    /// How many names it offers to others.
    pub exports: u64,
    /// Those of them that the C library, PAM or libpcap have too, of functions that others see files, processes, users and
    /// the network through; sorted. A library that is loaded before them stands in for them.
    pub stands_in: Vec<Untrusted>,
    /// Whether it has no table of its symbols.
    pub stripped: bool,
    /// Whether it needs no loader and no libraries.
    pub linked_statically: bool,
    /// Whether it is a program that can be loaded anywhere.
    pub position_independent: bool,
    /// How much of what the loader writes is protected afterwards.
    pub relro: Relro,
    /// Whether its stack may be executed.
    pub stack: StackProtection,
    /// What stands behind its sections, segments and tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<Overlay>,
    /// What compilers and packers left.
    pub marks: Vec<Mark>,
}

named_numbers! {
    /// The processor a file is for.
    ElfMachine(u16) {
        0 "none" 2 "sparc" 3 "x86" 4 "m68k" 8 "mips" 15 "pa-risc" 18 "sparc32plus" 20 "powerpc" 21 "powerpc64" 22 "s390"
        40 "arm" 41 "alpha" 42 "superh" 43 "sparc-v9" 50 "itanium" 62 "x86-64" 83 "avr" 93 "arc" 94 "xtensa"
        164 "hexagon" 183 "arm64" 224 "amdgpu" 243 "riscv" 247 "bpf" 252 "csky" 258 "loongarch"
    }
}

named_numbers! {
    /// The system a file is made for.
    ElfSystem(u8) {
        0 "system-v" 1 "hp-ux" 2 "netbsd" 3 "linux" 6 "solaris" 7 "aix" 8 "irix" 9 "freebsd" 12 "openbsd" 97 "arm"
        255 "standalone"
    }
}

named_numbers! {
    /// What a file is.
    ElfKind(u16) {
        0 "none" 1 "object" 2 "program" 3 "shared-object" 4 "core-dump"
    }
}

named_numbers! {
    /// What a segment is.
    SegmentKind(u32) {
        0 "null" 1 "load" 2 "dynamic" 3 "interpreter" 4 "note" 5 "library" 6 "headers" 7 "thread-local"
        0x6474_e550 "exception-frames" 0x6474_e551 "stack" 0x6474_e552 "relro" 0x6474_e553 "property"
    }
}

named_bits! {
    /// What may be done with a segment.
    SegmentFlags(u32) {
        EXECUTE 0x1 "execute"
        WRITE 0x2 "write"
        READ 0x4 "read"
    }
}

named_bits! {
    /// Flags of a section.
    ElfSectionFlags(u64) {
        WRITE 0x1 "write"
        ALLOCATE 0x2 "allocate"
        EXECUTE 0x4 "execute"
        MERGE 0x10 "merge"
        STRINGS 0x20 "strings"
        GROUP 0x200 "group"
        THREAD_LOCAL 0x400 "thread-local"
        COMPRESSED 0x800 "compressed"
    }
}

/// A section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ElfSection {
    /// Its name.
    pub name: Untrusted,
    /// The number of its kind (`sh_type`).
    pub kind: u32,
    /// Its flags.
    pub flags: ElfSectionFlags,
    /// Its place in memory.
    pub address: u64,
    /// Its place in the file.
    pub offset: u64,
    /// Bytes, as declared.
    pub size: u64,
    /// How random its bytes are; absent where there are none, or reading them again was not paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy: Option<Entropy>,
}

/// A segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// What may be done with it.
    pub flags: SegmentFlags,
    /// Its place in memory.
    pub address: u64,
    /// Bytes in memory.
    pub memory_size: u64,
    /// Its place in the file.
    pub offset: u64,
    /// Bytes in the file, as declared.
    pub size: u64,
    /// How random its bytes are, of a segment that is loaded in a file without sections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy: Option<Entropy>,
}

impl Segment {
    /// Whether its code may be changed while it runs.
    pub const fn is_writable_code(&self) -> bool {
        self.kind.0 == 1 && self.flags.has(SegmentFlags::WRITE) && self.flags.has(SegmentFlags::EXECUTE)
    }
}

/// How much of what the loader writes is protected afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relro {
    /// Nothing.
    None,
    /// All but the table of functions.
    Partial,
    /// All.
    Full,
}

/// Whether a stack may be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StackProtection {
    /// It may not.
    Protected,
    /// The file asks for one that may.
    Executable,
    /// The file says nothing, and the system decides.
    Unsaid,
}
