//! What a Mach-O file shows (Apple, `mach-o/loader.h`, `mach-o/fat.h`, `cs_blobs.h`).

use super::value::{named_bits, named_numbers};
use super::{Digest, Entropy, HashAlgorithm, Overlay};
use crate::{Span, Untrusted};
use serde::Serialize;

/// A file for one architecture or for several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MachOFile {
    /// Whether it begins with a list of architectures.
    pub fat: bool,
    /// Its images.
    pub images: Vec<MachO>,
    /// What stands behind all images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<Overlay>,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachO {
    /// Where in the file it stands.
    pub span: Span,
    /// 32 or 64.
    pub bits: u8,
    /// The processor.
    pub cpu: Cpu,
    /// Which of its kind.
    pub cpu_subtype: u32,
    /// What it is.
    pub kind: MachOKind,
    /// Flags.
    pub flags: MachOFlags,
    /// Where it begins to run, in the image, where it says so by `LC_MAIN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<u64>,
    /// The libraries that it needs, in order.
    pub libraries: Vec<Library>,
    /// Its own name as a library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Untrusted>,
    /// Where libraries are looked for.
    pub rpaths: Vec<Untrusted>,
    /// The program that loads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loader: Option<Untrusted>,
    /// The identifier of this build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Digest>,
    /// For which system it was built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<BuildVersion>,
    /// Whether its code is encrypted, by the number of the method; 0 for not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<u32>,
    /// Its segments.
    pub segments: Vec<MachOSegment>,
    /// How it is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<CodeSignature>,
}

named_numbers! {
    /// The processor a file is for.
    Cpu(u32) {
        7 "x86" 0x0100_0007 "x86-64" 12 "arm" 0x0100_000c "arm64" 0x0200_000c "arm64-32" 18 "powerpc"
        0x0100_0012 "powerpc64" 6 "m68k" 14 "sparc"
    }
}

named_numbers! {
    /// What a file is.
    MachOKind(u32) {
        1 "object" 2 "program" 3 "fixed-library" 4 "core-dump" 5 "preloaded" 6 "library" 7 "loader" 8 "bundle"
        9 "library-stub" 10 "symbols" 11 "kernel-extension" 12 "file-set"
    }
}

named_bits! {
    /// Flags of an image.
    MachOFlags(u32) {
        NO_UNDEFINED 0x1 "no-undefined"
        DYNAMIC_LINK 0x4 "dynamic-link"
        TWO_LEVEL 0x80 "two-level"
        WEAK_DEFINES 0x8000 "weak-defines"
        STACK_EXECUTION 0x2_0000 "stack-execution"
        PIE 0x20_0000 "pie"
        NO_HEAP_EXECUTION 0x100_0000 "no-heap-execution"
        APP_EXTENSION_SAFE 0x200_0000 "app-extension-safe"
    }
}

/// A library and how it is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Library {
    /// Its path.
    pub path: Untrusted,
    /// `load`, `weak`, `reexport`, `lazy`, `upward`.
    pub how: &'static str,
}

/// For which system an image was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BuildVersion {
    /// The system.
    pub platform: Platform,
    /// The oldest that runs it: major, minor, patch.
    pub minimum: (u16, u8, u8),
    /// The development kit.
    pub sdk: (u16, u8, u8),
}

named_numbers! {
    /// A system of Apple.
    Platform(u32) {
        1 "macos" 2 "ios" 3 "tvos" 4 "watchos" 5 "bridgeos" 6 "mac-catalyst" 7 "ios-simulator" 8 "tvos-simulator"
        9 "watchos-simulator" 10 "driverkit" 11 "visionos" 12 "visionos-simulator"
    }
}

/// A segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachOSegment {
    /// Its name.
    pub name: Untrusted,
    /// Its place in memory.
    pub address: u64,
    /// Bytes in memory.
    pub memory_size: u64,
    /// Its place in the image.
    pub offset: u64,
    /// Bytes in the file, as declared.
    pub size: u64,
    /// What may at most be done with it.
    pub most: VmProtection,
    /// What may be done with it at first.
    pub first: VmProtection,
    /// Its sections: names, in order.
    pub sections: Vec<Untrusted>,
    /// How random its bytes are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy: Option<Entropy>,
}

named_bits! {
    /// What may be done with memory.
    VmProtection(u32) {
        READ 0x1 "read"
        WRITE 0x2 "write"
        EXECUTE 0x4 "execute"
    }
}

/// How an image is signed. The CMS signature is told, and not verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CodeSignature {
    /// The code directories, the first of which counts where no better hash is known.
    pub directories: Vec<CodeDirectory>,
    /// Bytes of the CMS signature; 0 or an empty wrapper for an ad-hoc signature.
    pub cms: u64,
    /// Names of the signer's certificates, as far as they can be read, the signer first.
    pub signers: Vec<Untrusted>,
    /// The rights that it asks for: a property list in XML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entitlements: Option<Untrusted>,
}

/// A code directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeDirectory {
    /// Which name it has for macOS.
    pub identifier: Untrusted,
    /// Which team of developers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Untrusted>,
    /// Flags.
    pub flags: CodeFlags,
    /// How its pages are hashed; absent for an algorithm that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<HashAlgorithm>,
    /// The digest of the directory, by which macOS knows the code: 20 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdhash: Option<Digest>,
    /// Whether the pages have the digests that stand in it; absent where that was not verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages_match: Option<bool>,
}

named_bits! {
    /// Flags of a code directory.
    CodeFlags(u32) {
        HOST 0x1 "host"
        AD_HOC 0x2 "ad-hoc"
        FORCE_HARD 0x100 "force-hard"
        FORCE_KILL 0x200 "force-kill"
        FORCE_EXPIRATION 0x400 "force-expiration"
        RESTRICT 0x800 "restrict"
        ENFORCEMENT 0x1000 "enforcement"
        LIBRARY_VALIDATION 0x2000 "library-validation"
        RUNTIME 0x1_0000 "hardened-runtime"
        LINKER_SIGNED 0x2_0000 "linker-signed"
    }
}
