//! A program whose code is packed, may be changed while it runs, or begins where no compiler lets it begin.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a small program for Linux without sections, all of it writable code | 0.50 | what tools for attacks write; no linker does |
//! | a protector that hides code (Themida, VMProtect, Enigma, …) | 0.30 | some commercial software does |
//! | code that looks random, with next to no imports | 0.30 | the rest is unpacked when it runs |
//! | it begins outside of its sections, or in one that is written and not for code | 0.30 | what was put into a program later begins so |
//! | code that looks random, or a program for Linux without sections | 0.20 | the same, and old packers |
//! | UPX and other packers that only shrink | 0.15 | much free software uses them |
//! | functions that run before the beginning of packed code | 0.05 more | debuggers stop at the beginning |
//! | packed code without a signature that asks for an administrator's rights | 0.05 more | installers are signed |
//! | an obfuscator for .NET that makers of software buy | 0.10 | others, such as ConfuserEx, count as protectors |
//! | code that may be written to | 0.10 | old compilers, and programs that translate code |
//! | a stack that may be executed | 0.05 | a mark that assembler code forgets |
//!
//! Programs for EFI and kernels are packed by their makers, and the code of .NET lies beside its pictures: neither is measured.

use super::{elf, images, pe};
use crate::detectors::file::about;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::elf::{ElfKind, ElfSectionFlags, SegmentFlags, StackProtection};
use watchfire_model::executable::mach_o::{MachOFlags, VmProtection};
use watchfire_model::executable::pe::{PeKind, Section, SectionFlags};
use watchfire_model::executable::{Elf, Entropy, MachO, Mark, MarkKind, Pe};
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Packed;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-packed"),
    describes: "a program's code is packed or hidden, or may be changed while it runs",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "executable-packing",
    techniques: &[TechniqueId::new("T1027.002")],
    false_positives: "commercial software that is protected against copying, and small tools that were shrunk",
};

/// Packers that make a file smaller, and hide nothing from those who look.
const SHRINKS: &[&str] = &["UPX", "MPRESS", "Petite", "FSG", "kkrunchy", "MEW", "TSULoader"];
/// Obfuscators that makers of commercial software buy.
const BOUGHT: &[&str] = &[
    "Dotfuscator",
    "SmartAssembly",
    "Babel",
    "Agile.NET",
    "Crypto Obfuscator",
];

/// Code that a compiler wrote stays below.
const RANDOM: Entropy = Entropy(7_200);
/// Smaller sections are random by chance. Bytes.
const ENOUGH: u64 = 16 << 10;
/// A packed program finds the rest by itself.
const FEW_IMPORTS: usize = 12;

impl Detector for Packed {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let found = match (pe(facts), elf(facts)) {
            (Some(pe), _) => of_pe(pe),
            (None, Some(elf)) => of_elf(elf),
            (None, None) => images(facts).iter().find_map(of_mac),
        };
        if let Some(Sign { weight, what, said }) = found {
            scene.found(about(&INFO, facts, weight, &what, &said));
        }
    }
}

/// What was seen.
struct Sign {
    weight: u16,
    what: String,
    said: String,
}

fn sign(weight: u16, what: impl Into<String>, said: impl Into<String>) -> Option<Sign> {
    Some(Sign {
        weight,
        what: what.into(),
        said: said.into(),
    })
}

/// By what a packer left.
fn marked(marks: &[Mark]) -> Option<Sign> {
    let mark = marks.iter().find(|mark| mark.kind == MarkKind::Packer)?;
    let weight = match mark.tool {
        tool if SHRINKS.contains(&tool) => 150,
        tool if BOUGHT.contains(&tool) => 100,
        _ => 300,
    };
    sign(weight, format!("is packed with {}", mark.tool), mark.by.raw())
}

fn of_pe(pe: &Pe) -> Option<Sign> {
    if !matches!(pe.kind, PeKind::Program | PeKind::Library | PeKind::Driver) {
        return None;
    }
    let heaviest = [marked(&pe.marks), random_code(pe), odd_beginning(pe), writable_code(pe)]
        .into_iter()
        .flatten()
        .max_by_key(|sign| sign.weight)?;
    let is_packed = heaviest.weight >= 150;
    let hides = is_packed && !pe.tls_callbacks.is_empty();
    let level = pe
        .manifest
        .as_ref()
        .and_then(|manifest| manifest.execution_level.as_ref());
    let asks = is_packed
        && pe.certificate_table.is_none()
        && level.is_some_and(|level| level.raw().eq_ignore_ascii_case("requireAdministrator"));
    Some(Sign {
        weight: heaviest.weight + if hides { 50 } else { 0 } + if asks { 50 } else { 0 },
        ..heaviest
    })
}

fn random_code(pe: &Pe) -> Option<Sign> {
    let is_code =
        |section: &&Section| section.flags.has(SectionFlags::EXECUTE) && u64::from(section.raw_size) >= ENOUGH;
    let is_random = |section: &&Section| section.entropy.is_some_and(|entropy| entropy >= RANDOM);
    let section = pe.sections.iter().filter(is_code).find(is_random)?;
    if pe.dot_net.is_some() {
        return None;
    }
    let imports: usize = pe.imports.iter().map(|import| import.functions.len()).sum();
    let said = format!("section '{}', {} imports", section.name.raw(), imports);
    if imports <= FEW_IMPORTS {
        sign(
            300,
            "has code that looks random, and takes next to nothing from Windows",
            said,
        )
    } else {
        sign(200, "has code that looks random", said)
    }
}

fn odd_beginning(pe: &Pe) -> Option<Sign> {
    // Libraries without a beginning, and .NET, whose beginning is made up.
    if pe.entry_point == 0 || pe.dot_net.is_some() || pe.sections.is_empty() {
        return None;
    }
    let at = format!("entry point {:#x}", pe.entry_point);
    match pe.entry_section.and_then(|place| pe.sections.get(place)) {
        None => sign(300, "begins outside of its sections", at),
        Some(section) if !section.flags.has(SectionFlags::EXECUTE) && !section.flags.has(SectionFlags::CODE) => {
            sign(250, "begins in a section that is not for code", at)
        }
        Some(section) if section.is_writable_code() && pe.entry_section != Some(0) => {
            sign(200, "begins in code that may be written to", at)
        }
        Some(_) => None,
    }
}

fn writable_code(pe: &Pe) -> Option<Sign> {
    let section = pe.sections.iter().find(|section| section.is_writable_code())?;
    sign(
        100,
        "has code that may be written to",
        format!("section '{}'", section.name.raw()),
    )
}

fn of_elf(elf: &Elf) -> Option<Sign> {
    // Objects and dumps are not run.
    if !matches!(elf.kind, ElfKind(2 | 3)) {
        return None;
    }
    [marked(&elf.marks), bare(elf), random_parts(elf), writable_parts(elf)]
        .into_iter()
        .flatten()
        .max_by_key(|sign| sign.weight)
}

/// Without sections and libraries: a loader of something else.
fn bare(elf: &Elf) -> Option<Sign> {
    if !elf.sections.is_empty() || elf.interpreter.is_some() || !elf.needed.is_empty() || elf.segments.is_empty() {
        return None;
    }
    let loaded: Vec<_> = elf.segments.iter().filter(|segment| segment.kind.0 == 1).collect();
    let size: u64 = loaded.iter().map(|segment| segment.size).fold(0, u64::saturating_add);
    let is_all_writable = !loaded.is_empty() && loaded.iter().all(|segment| segment.is_writable_code());
    let said = format!("{} segments of {size} bytes, no sections", loaded.len());
    if is_all_writable && size < ENOUGH {
        return sign(500, "is next to nothing but code that writes itself", said);
    }
    sign(200, "has no sections and needs no library", said)
}

fn random_parts(elf: &Elf) -> Option<Sign> {
    let is_random = |entropy: Option<Entropy>| entropy.is_some_and(|entropy| entropy >= RANDOM);
    let section = elf.sections.iter().find(|section| {
        section.flags.has(ElfSectionFlags::EXECUTE) && section.size >= ENOUGH && is_random(section.entropy)
    });
    if let Some(section) = section {
        return sign(
            250,
            "has code that looks random",
            format!("section '{}'", section.name.raw()),
        );
    }
    let segment = elf.segments.iter().find(|segment| {
        segment.flags.has(SegmentFlags::EXECUTE) && segment.size >= ENOUGH && is_random(segment.entropy)
    })?;
    sign(
        300,
        "has code that looks random",
        format!("segment at {:#x}", segment.offset),
    )
}

fn writable_parts(elf: &Elf) -> Option<Sign> {
    if let Some(segment) = elf.segments.iter().find(|segment| segment.is_writable_code()) {
        return sign(
            100,
            "has code that may be written to",
            format!("segment at {:#x}", segment.offset),
        );
    }
    let asks = elf.stack == StackProtection::Executable;
    asks.then(|| sign(50, "asks for a stack that may be executed", "segment of the stack"))
        .flatten()
}

fn of_mac(image: &MachO) -> Option<Sign> {
    // What Apple's shop encrypts looks random.
    let is_encrypted = image.encryption.is_some_and(|method| method != 0);
    let runs = |first: VmProtection| first.has(VmProtection::EXECUTE);
    let random = image.segments.iter().find(|segment| {
        runs(segment.first) && segment.size >= ENOUGH && segment.entropy.is_some_and(|entropy| entropy >= RANDOM)
    });
    if let Some(segment) = random.filter(|_| !is_encrypted) {
        return sign(
            250,
            "has code that looks random",
            format!("segment '{}'", segment.name.raw()),
        );
    }
    let is_written = |first: VmProtection| runs(first) && first.has(VmProtection::WRITE);
    if let Some(segment) = image.segments.iter().find(|segment| is_written(segment.first)) {
        return sign(
            100,
            "has code that may be written to",
            format!("segment '{}'", segment.name.raw()),
        );
    }
    let asks = image.flags.has(MachOFlags::STACK_EXECUTION);
    asks.then(|| sign(50, "asks for a stack that may be executed", "flags of the image"))
        .flatten()
}
