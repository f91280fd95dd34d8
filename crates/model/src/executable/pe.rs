//! What a Portable Executable shows (Microsoft, "PE Format"; ECMA-335, partition II, for .NET).

use super::value::{named_bits, named_numbers};
use super::{Authenticode, Digest, Entropy, Guid, Mark, Overlay};
use crate::{Moment, Span, Untrusted};
use serde::Serialize;

/// A file for Windows or EFI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pe {
    /// What it is run as.
    pub kind: PeKind,
    /// The processor.
    pub machine: Machine,
    /// 32 or 64: whether the optional header is PE32 or PE32+; 0 where it is neither.
    pub bits: u8,
    /// What runs it.
    pub subsystem: Subsystem,
    /// Flags of the file.
    pub characteristics: Characteristics,
    /// Flags of the image: protections that it takes part in.
    pub protections: Protections,
    /// When it was linked, as the file has it.
    pub compiled: Compiled,
    /// Version of the linker.
    pub linker: (u8, u8),
    /// Where it wants to be loaded.
    pub image_base: u64,
    /// Bytes in memory, as declared.
    pub size_of_image: u32,
    /// Where it begins to run, from the image's base; 0 for none.
    pub entry_point: u32,
    /// The section of the entry point, by its place in `sections`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_section: Option<usize>,
    /// The checksum in its header.
    pub checksum: u32,
    /// The checksum that belongs there.
    pub checksum_computed: u32,
    /// Its sections, in the order of the file.
    pub sections: Vec<Section>,
    /// What it imports, in the order of the file.
    pub imports: Vec<Import>,
    /// What it imports at first use.
    pub delayed_imports: Vec<Import>,
    /// What it exports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exports: Option<Exports>,
    /// Addresses of functions that run before the entry point.
    pub tls_callbacks: Vec<u64>,
    /// Its resources.
    pub resources: Vec<Resource>,
    /// The strings of its version, in the order of the file: `OriginalFilename`, `CompanyName`, …
    pub version: Vec<VersionString>,
    /// The numbers of its version: of the file, then of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_numbers: Option<[[u16; 4]; 2]>,
    /// What its manifest asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Manifest>,
    /// SHA-256 of the icon that Windows shows: the group's header and its pictures, as they are stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<Digest>,
    /// Which compilers made its parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rich: Option<Rich>,
    /// What helps a debugger.
    pub debug: Vec<Debug>,
    /// What stands behind the image, the table of certificates left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<Overlay>,
    /// The table of certificates, as declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_table: Option<Span>,
    /// What makes it a program of .NET.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dot_net: Option<DotNet>,
    /// What builders, installers and packers left.
    pub marks: Vec<Mark>,
    /// MD5 over libraries and functions in their order (Mandiant, "Tracking Malware with Import Hashing"), as pefile
    /// computes it; absent without imports, and where a name is not readable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imphash: Option<Digest>,
    /// Who signed it, where that was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticode: Option<Authenticode>,
}

impl Pe {
    /// What its version says under a key such as `CompanyName`, if that is there and not blank.
    pub fn says(&self, key: &str) -> Option<&Untrusted> {
        let found = self
            .version
            .iter()
            .find(|entry| entry.key.raw().eq_ignore_ascii_case(key));
        found
            .map(|entry| &entry.value)
            .filter(|value| !value.raw().trim().is_empty())
    }
}

/// What a file is run as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeKind {
    /// A program.
    Program,
    /// A library.
    Library,
    /// A driver: it runs in the kernel, as its imports or its sections tell.
    Driver,
    /// A program for EFI.
    Efi,
    /// Not marked as executable.
    NotExecutable,
}

named_numbers! {
    /// The processor a file is for.
    Machine(u16) {
        0x014c "x86" 0x8664 "x86-64" 0x01c0 "arm" 0x01c2 "thumb" 0x01c4 "armv7" 0xaa64 "arm64" 0xa641 "arm64ec"
        0xa64e "arm64x" 0x0200 "itanium" 0x0ebc "efi-byte-code" 0x5032 "riscv32" 0x5064 "riscv64" 0x6232 "loongarch32"
        0x6264 "loongarch64" 0x0166 "mips" 0x01f0 "powerpc" 0x0184 "alpha" 0x01a2 "sh3" 0x01a6 "sh4" 0x0000 "any"
    }
}

named_numbers! {
    /// What runs a file.
    Subsystem(u16) {
        1 "native" 2 "windows-gui" 3 "windows-console" 5 "os2-console" 7 "posix-console" 8 "windows-9x-driver"
        9 "windows-ce-gui" 10 "efi-application" 11 "efi-boot-driver" 12 "efi-runtime-driver" 13 "efi-rom" 14 "xbox"
        16 "windows-boot-application"
    }
}

named_bits! {
    /// Flags of a file.
    Characteristics(u16) {
        RELOCATIONS_STRIPPED 0x0001 "relocations-stripped"
        EXECUTABLE 0x0002 "executable"
        LINES_STRIPPED 0x0004 "lines-stripped"
        SYMBOLS_STRIPPED 0x0008 "symbols-stripped"
        LARGE_ADDRESSES 0x0020 "large-addresses"
        BITS_32 0x0100 "32-bit"
        DEBUG_STRIPPED 0x0200 "debug-stripped"
        RUN_FROM_SWAP 0x0400 "swap-if-removable"
        RUN_FROM_SWAP_NET 0x0800 "swap-if-network"
        SYSTEM 0x1000 "system"
        LIBRARY 0x2000 "library"
        ONE_PROCESSOR 0x4000 "one-processor"
    }
}

named_bits! {
    /// `DllCharacteristics`: protections that an image takes part in.
    Protections(u16) {
        HIGH_ENTROPY 0x0020 "high-entropy-aslr"
        ASLR 0x0040 "aslr"
        FORCE_INTEGRITY 0x0080 "force-integrity"
        NX 0x0100 "nx"
        NO_ISOLATION 0x0200 "no-isolation"
        NO_SEH 0x0400 "no-seh"
        NO_BIND 0x0800 "no-bind"
        APP_CONTAINER 0x1000 "app-container"
        WDM_DRIVER 0x2000 "wdm-driver"
        CFG 0x4000 "control-flow-guard"
        TERMINAL_SERVER 0x8000 "terminal-server-aware"
    }
}

named_bits! {
    /// Flags of a section.
    SectionFlags(u32) {
        CODE 0x0000_0020 "code"
        DATA 0x0000_0040 "data"
        ZEROES 0x0000_0080 "zeroes"
        DISCARDABLE 0x0200_0000 "discardable"
        NOT_CACHED 0x0400_0000 "not-cached"
        NOT_PAGED 0x0800_0000 "not-paged"
        SHARED 0x1000_0000 "shared"
        EXECUTE 0x2000_0000 "execute"
        READ 0x4000_0000 "read"
        WRITE 0x8000_0000 "write"
    }
}

/// When a file was linked, as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Compiled {
    /// The field of the header.
    pub raw: u32,
    /// Whether the field holds a hash of the file instead of a time, as the debug directory tells (`REPRO`).
    pub is_hash: bool,
    /// The field as a time, where it is not a hash and not 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

/// A section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its name, without the zeros behind it.
    pub name: Untrusted,
    /// Its place in memory, from the image's base.
    pub address: u32,
    /// Bytes in memory.
    pub virtual_size: u32,
    /// Its place in the file, as declared.
    pub offset: u32,
    /// Bytes in the file, as declared.
    pub raw_size: u32,
    /// What may be done with it.
    pub flags: SectionFlags,
    /// How random its bytes are; absent where reading them again was not paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy: Option<Entropy>,
}

impl Section {
    /// Whether its code may be changed while it runs.
    pub const fn is_writable_code(&self) -> bool {
        self.flags.has(SectionFlags::EXECUTE) && self.flags.has(SectionFlags::WRITE)
    }
}

/// A library and what is taken of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The library.
    pub library: Untrusted,
    /// Its functions.
    pub functions: Vec<ImportedFunction>,
}

/// A function that is imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportedFunction {
    /// By its name.
    Name(Untrusted),
    /// By its number; with the name that the library is known to give it.
    Ordinal {
        /// The number.
        ordinal: u16,
        /// The name, where it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'static str>,
    },
}

/// What a file exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exports {
    /// The name that the library gives itself.
    pub library: Untrusted,
    /// When the table was made, as it says.
    pub made: u32,
    /// Its functions: those with names in the order of names, then those without.
    pub functions: Vec<Export>,
}

/// A function that is exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Export {
    /// Its number.
    pub ordinal: u32,
    /// Its name, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// Its place, from the image's base.
    pub address: u32,
    /// The function of another library that it stands for, `NTDLL.RtlAllocateHeap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarder: Option<Untrusted>,
}

/// A resource: a leaf of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceName,
    /// Which one.
    pub name: ResourceName,
    /// The language.
    pub language: u32,
    /// Where it stands, as far as it is inside of the file.
    pub span: Span,
    /// What it begins with: `pe`, `zip`, `cab`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<&'static str>,
    /// How random it is, from 4 KiB on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy: Option<Entropy>,
}

/// A number, or a name that somebody chose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceName {
    /// A number.
    Number(u32),
    /// A name.
    Name(Untrusted),
}

named_numbers! {
    /// What a resource with a number for its type is.
    ResourceKind(u32) {
        1 "cursor" 2 "bitmap" 3 "icon" 4 "menu" 5 "dialog" 6 "strings" 7 "font-directory" 8 "font" 9 "accelerators"
        10 "data" 11 "messages" 12 "cursors" 14 "icons" 16 "version" 17 "dialog-include" 19 "plug-and-play" 20 "vxd"
        21 "animated-cursor" 22 "animated-icon" 23 "html" 24 "manifest"
    }
}

/// A string of the version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionString {
    /// Its key.
    pub key: Untrusted,
    /// Its value.
    pub value: Untrusted,
}

/// What a manifest asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// `asInvoker`, `highestAvailable`, `requireAdministrator`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_level: Option<Untrusted>,
    /// Whether it asks to reach the windows of programs with more rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ui_access: Option<Untrusted>,
    /// Whether it may raise itself without asking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_elevate: Option<Untrusted>,
    /// The name of the assembly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
}

/// Which compilers made the parts of a file ("Rich" header).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rich {
    /// MD5 of the header without its mask, as pefile computes it.
    pub hash: Digest,
    /// The mask.
    pub key: u32,
    /// Whether the mask is the checksum that belongs there.
    pub key_is_right: bool,
    /// Which tool made how many parts.
    pub entries: Vec<RichEntry>,
}

/// A tool and how many parts it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RichEntry {
    /// Which tool.
    pub product: u16,
    /// Its build.
    pub build: u16,
    /// How many parts.
    pub count: u32,
}

named_numbers! {
    /// What an entry of the debug directory is.
    DebugKind(u32) {
        0 "unknown" 1 "coff" 2 "codeview" 3 "fpo" 4 "misc" 5 "exception" 6 "fixup" 7 "omap-to-source"
        8 "omap-from-source" 9 "borland" 11 "clsid" 12 "vc-feature" 13 "pogo" 14 "iltcg" 15 "mpx" 16 "repro"
        17 "embedded-pdb" 19 "pdb-checksum" 20 "extended-characteristics"
    }
}

/// An entry of the debug directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Debug {
    /// What it is.
    pub kind: DebugKind,
    /// The time that it gives.
    pub made: u32,
    /// The path of the file with symbols on the machine that built this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Untrusted>,
    /// The identifier of the file with symbols.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guid: Option<Guid>,
    /// How often the file with symbols was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<u32>,
}

/// What makes a file a program of .NET.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DotNet {
    /// Version of the runtime that it was made for, `v4.0.30319`.
    pub runtime: Untrusted,
    /// Flags of the header.
    pub flags: DotNetFlags,
    /// The name of its module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<Untrusted>,
    /// The identifier that the compiler gave this build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mvid: Option<Guid>,
    /// The name of its assembly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assembly: Option<Untrusted>,
    /// The version of its assembly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assembly_version: Option<[u16; 4]>,
    /// The assemblies that it uses.
    pub references: Vec<Untrusted>,
    /// The identifier of its type library, by which builds of one project are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_library: Option<Untrusted>,
    /// Bytes of the strong name's signature; 0 for none.
    pub strong_name: u32,
}

named_bits! {
    /// Flags of .NET.
    DotNetFlags(u32) {
        IL_ONLY 0x0000_0001 "il-only"
        REQUIRES_32_BIT 0x0000_0002 "requires-32-bit"
        IL_LIBRARY 0x0000_0004 "il-library"
        STRONG_NAME 0x0000_0008 "strong-name"
        NATIVE_ENTRY_POINT 0x0000_0010 "native-entry-point"
        TRACK_DEBUG 0x0001_0000 "track-debug"
        PREFERS_32_BIT 0x0002_0000 "prefers-32-bit"
    }
}
