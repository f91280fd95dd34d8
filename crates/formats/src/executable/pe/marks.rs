//! What compilers, installers, bundlers and packers leave in a Windows program: names of sections, resources, and the
//! beginnings of what is appended. Each mark is documented by its maker, or in the open source of the tool.

use super::image::Image;
use super::resources::{self, Tree};
use crate::bytes::{piece, place};
use crate::executable::marks::{Inside, Marks};
use memchr::memmem;
use watchfire_model::executable::pe::ResourceName;
use watchfire_model::executable::{Mark, MarkKind, Overlay};

/// Sections by the beginning of their names.
const SECTIONS: &[(&str, &str, MarkKind)] = &[
    ("UPX", "UPX", MarkKind::Packer),
    (".aspack", "ASPack", MarkKind::Packer),
    (".adata", "ASPack", MarkKind::Packer),
    (".MPRESS", "MPRESS", MarkKind::Packer),
    (".vmp", "VMProtect", MarkKind::Packer),
    (".themida", "Themida", MarkKind::Packer),
    (".winlice", "WinLicense", MarkKind::Packer),
    (".enigma", "Enigma Protector", MarkKind::Packer),
    (".petite", "Petite", MarkKind::Packer),
    ("PEC2", "PECompact", MarkKind::Packer),
    ("PECompact", "PECompact", MarkKind::Packer),
    ("pec", "PECompact", MarkKind::Packer),
    (".nsp", "NsPack", MarkKind::Packer),
    ("nsp", "NsPack", MarkKind::Packer),
    ("FSG!", "FSG", MarkKind::Packer),
    (".yP", "Y0da Protector", MarkKind::Packer),
    ("MEW", "MEW", MarkKind::Packer),
    (".perplex", "Perplex", MarkKind::Packer),
    ("!EPack", "EPack", MarkKind::Packer),
    (".RLPack", "RLPack", MarkKind::Packer),
    ("kkrunchy", "kkrunchy", MarkKind::Packer),
    (".boom", "Boomerang", MarkKind::Packer),
    (".svkp", "SVKP", MarkKind::Packer),
    (".tsustub", "TSULoader", MarkKind::Packer),
    (".ndata", "NSIS", MarkKind::Installer),
    (".wixburn", "WiX Burn", MarkKind::Installer),
    ("_winzip_", "WinZip Self-Extractor", MarkKind::Installer),
    (".symtab", "Go", MarkKind::Compiler),
    (".managed", ".NET Native AOT", MarkKind::Compiler),
    ("hydrated", ".NET Native AOT", MarkKind::Compiler),
];

/// Beginnings of what is appended.
const APPENDED: &[(&str, &str, MarkKind)] = &[
    ("nsis", "NSIS", MarkKind::Installer),
    ("inno-setup", "Inno Setup", MarkKind::Installer),
    ("installshield", "InstallShield", MarkKind::Installer),
    ("installshield-cab", "InstallShield", MarkKind::Installer),
    ("7z", "7-Zip SFX", MarkKind::Installer),
    ("7z-settings", "7-Zip SFX", MarkKind::Installer),
    ("rar", "RAR SFX", MarkKind::Installer),
    ("zip", "ZIP SFX", MarkKind::Installer),
    ("cab", "CAB SFX", MarkKind::Installer),
    ("ole", "MSI in a program", MarkKind::Installer),
    ("autoit", "AutoIt", MarkKind::Bundler),
    ("nuitka-packed", "Nuitka", MarkKind::Bundler),
];

/// Bytes that only one tool writes, anywhere in the file.
const INSIDE: &[Inside] = &[
    (b"AU3!EA06", "AutoIt", MarkKind::Bundler),
    (b"Inno Setup Setup Data (", "Inno Setup", MarkKind::Installer),
];

/// Names of attributes that obfuscators put into programs of .NET (de4dot, its deobfuscators).
const OBFUSCATED: &[(&[u8], &str)] = &[
    (b"ConfusedByAttribute\0", "ConfuserEx"),
    (b"DotfuscatorAttribute\0", "Dotfuscator"),
    (b"PoweredByAttribute\0SmartAssembly.Attributes\0", "SmartAssembly"),
    (b"BabelObfuscatorAttribute\0", "Babel"),
    (b"ObfuscatedByGoliath\0", "Goliath"),
    (b"CryptoObfuscator\0", "Crypto Obfuscator"),
    (b"ObfuscatedByAgileDotNetAttribute\0", "Agile.NET"),
    (b"NETSecure.NETSecure\0", "NETSecure"),
    (b"YanoAttribute\0", "Yano"),
];

/// How far from the end PyInstaller is looked for. Bytes.
const TAIL: usize = 64 << 10;
/// How far from the beginning of what is appended NSIS is looked for: it begins on a place that 512 divides.
const NSIS_FAR: usize = 1 << 20;
const NSIS: &[u8] = b"\xef\xbe\xad\xdeNullsoftInst";

/// Looks for marks; each tool is told once, with the first thing that shows it.
pub(super) fn read(image: &Image<'_>, overlay: Option<&Overlay>, tree: &Tree, is_dot_net: bool) -> Vec<Mark> {
    let mut marks = Marks::default();
    for name in image.section_names() {
        let known = SECTIONS.iter().filter(|(start, _, _)| name.raw().starts_with(start));
        for (_, tool, kind) in known {
            marks.add(*kind, tool, format!("a section '{}'", name.raw()));
        }
    }
    if let Some(overlay) = overlay {
        appended(image, overlay, &mut marks);
    }
    let scripts = tree
        .leaves
        .iter()
        .filter_map(|leaf| Some((leaf, resources::chosen(&leaf.name)?)));
    for (leaf, name) in scripts {
        let is_data = leaf.kind == ResourceName::Number(resources::DATA);
        if is_data && name.raw() == "SCRIPT" {
            marks.add(MarkKind::Bundler, "AutoIt", "a resource 'SCRIPT'");
        } else if is_data && matches!(name.raw(), "PACKAGEINFO" | "DVCLAL") {
            marks.add(MarkKind::Compiler, "Delphi", format!("a resource '{}'", name.raw()));
        } else if is_data && name.raw() == "CABINET" {
            marks.add(MarkKind::Installer, "IExpress", "a resource 'CABINET'");
        }
    }
    if is_dot_net {
        marks.add(MarkKind::Compiler, ".NET", "a header of .NET");
        for (attribute, tool) in OBFUSCATED {
            if memmem::find(image.bytes, attribute).is_some() {
                marks.add(MarkKind::Packer, tool, "an attribute that it leaves");
            }
        }
    }
    marks.inside(image.bytes, INSIDE);
    marks.sorted()
}

fn appended(image: &Image<'_>, overlay: &Overlay, marks: &mut Marks) {
    let start = place(overlay.span.start);
    let bytes = piece(image.bytes, start, place(overlay.span.end).saturating_sub(start));
    let known = APPENDED.iter().find(|(begins, _, _)| Some(*begins) == overlay.begins);
    if let Some((_, tool, kind)) = known {
        marks.add(*kind, tool, "what is appended");
    }
    if memmem::find(piece(bytes, 0, NSIS_FAR), NSIS).is_some() {
        marks.add(MarkKind::Installer, "NSIS", "what is appended");
    }
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or_default();
    marks.at_end(tail);
}
