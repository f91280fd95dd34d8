//! What of a file can act: programs, scripts, shortcuts, packages, disk images, documents with macros. Told by its
//! beginning where that tells, so that a disk can be searched without reading it.

use super::{binary, hints, media::*, run_by_name, textual};
use crate::bytes::{has, le32};
use std::fmt;
use std::io::{Cursor, Read, Seek, SeekFrom};
use watchfire_model::{Hints, MediaType};

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Runnable {
    /// A program, library or driver of Windows, .NET or EFI.
    Pe,
    /// A program of DOS.
    Dos,
    /// A program or library of Linux and other Unix systems.
    Elf,
    /// A program or library of macOS.
    MachO,
    /// Classes or archives of Java.
    Java,
    /// Programs of Android.
    Android,
    /// WebAssembly.
    WebAssembly,
    /// Compiled Python or Lua.
    Bytecode,
    /// Text that an interpreter runs.
    Script,
    /// Something that opens something else.
    Shortcut,
    /// Software to be installed: MSI, MSIX, CAB, DEB, RPM, extensions of browsers.
    Package,
    /// A disk, which systems mount on a double click.
    DiskImage,
    /// A document that may hold macros or files: Office with macros, OneNote, compiled help.
    Document,
}

impl Runnable {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Pe,
        Self::Dos,
        Self::Elf,
        Self::MachO,
        Self::Java,
        Self::Android,
        Self::WebAssembly,
        Self::Bytecode,
        Self::Script,
        Self::Shortcut,
        Self::Package,
        Self::DiskImage,
        Self::Document,
    ];

    /// The word for it, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pe => "pe",
            Self::Dos => "dos",
            Self::Elf => "elf",
            Self::MachO => "mach-o",
            Self::Java => "java",
            Self::Android => "android",
            Self::WebAssembly => "wasm",
            Self::Bytecode => "bytecode",
            Self::Script => "script",
            Self::Shortcut => "shortcut",
            Self::Package => "package",
            Self::DiskImage => "disk-image",
            Self::Document => "document",
        }
    }

    /// What can act of this type, if anything can.
    pub fn of(media_type: MediaType) -> Option<Self> {
        Some(match media_type {
            PE => Self::Pe,
            MZ => Self::Dos,
            ELF => Self::Elf,
            MACH_O => Self::MachO,
            JAVA_CLASS | JAR => Self::Java,
            APK | DEX => Self::Android,
            WASM => Self::WebAssembly,
            PYC | LUAC => Self::Bytecode,
            SHELL | PYTHON | PERL | RUBY | PHP | LUA | JAVASCRIPT | JSCRIPT_ENCODED | VBSCRIPT | VBSCRIPT_ENCODED
            | POWERSHELL | BATCH | AUTOIT | HTA | WSF | SCRIPTLET | APPLESCRIPT => Self::Script,
            LNK | URL_SHORTCUT | LIBRARY_MS | SEARCH_CONNECTOR | SETTING_CONTENT => Self::Shortcut,
            MSI | MSIX | CAB | DEB | RPM | NUPKG | CRX | XPI | XAR => Self::Package,
            ISO | UDF | VHD | VHDX | VMDK | QCOW2 | DMG | WIM | SQUASHFS => Self::DiskImage,
            DOCM | DOTM | XLSM | XLSB | PPTM | ONENOTE | CHM => Self::Document,
            _ => return None,
        })
    }

    /// What can act of this type under this name, or path: by the content, else as what Windows runs by its name alone.
    pub fn under_name(media_type: MediaType, name: &[u8]) -> Option<Self> {
        Self::of(media_type).or_else(|| Self::of(run_by_name(name)?))
    }
}

impl fmt::Display for Runnable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Bytes of a beginning that [`glance`] wants to see.
pub const GLANCE: usize = 4 << 10;

/// What the beginning of a file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glance {
    /// Nothing in it acts.
    Nothing,
    /// This acts.
    Runs(MediaType),
    /// It is a container of which only the whole tells what it is.
    Container,
}

/// Looks at the beginning of a file called `name`. `more` reads what lies elsewhere: so many bytes from a place on, or
/// fewer. It is asked for a few bytes of few files.
///
/// What Windows runs or mounts by its name is that, whatever its first words.
pub fn glance(head: &[u8], name: &[u8], more: &mut dyn FnMut(SeekFrom, &mut [u8]) -> usize) -> Glance {
    let Some(first) = head.first() else {
        return Glance::Nothing;
    };
    let acts = |known: Option<MediaType>| known.filter(|known| Runnable::of(*known).is_some());
    if let Some(image) = is_image_by_name(name).then(|| disk(more)).flatten() {
        return Glance::Runs(image);
    }
    let known = match first {
        b'P' if is_zip(head) => return Glance::Container,
        0xd0 if has(head, 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => {
            return if is_installer(head, more) {
                Glance::Runs(MSI)
            } else {
                Glance::Container
            };
        }
        b'M' | b'Z' if has(head, 0, b"MZ") || has(head, 0, b"ZM") => dos(head, more),
        b'!' if has(head, 0, b"!<arch>\n") => binary::identify(head),
        0 if is_boot_sector(head) => disk(more),
        _ if is_text(head) => text(head, name),
        _ => textual::shebang_of(head)
            .or_else(|| binary::identify(head))
            .or_else(|| is_boot_sector(head).then(|| disk(more)).flatten()),
    };
    match acts(known).or_else(|| run_by_name(name)) {
        Some(known) => Glance::Runs(known),
        None if is_zip_by_name(name) => Glance::Container,
        None => Glance::Nothing,
    }
}

/// Whether who opens a file of this name reads it from its end, whatever stands in front.
fn is_zip_by_name(name: &[u8]) -> bool {
    ends_with_any(
        name,
        &[
            b".zip", b".jar", b".war", b".apk", b".docm", b".dotm", b".xlsm", b".xltm", b".xlam", b".xlsb", b".pptm",
            b".potm", b".ppam", b".ppsm", b".msix", b".appx", b".xpi", b".nupkg",
        ],
    )
}

fn ends_with_any(name: &[u8], endings: &[&[u8]]) -> bool {
    let ends = |ending: &&[u8]| {
        let end = name.len().checked_sub(ending.len()).and_then(|at| name.get(at..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(ending))
    };
    endings.iter().any(ends)
}

/// What holds files that could act, told by the beginning of a file called `name`: 7z, RAR, tar, and a tar that is
/// compressed, where its name says so. A zip is a [container](Glance::Container).
pub fn archive(head: &[u8], name: &[u8]) -> Option<MediaType> {
    let known = binary::identify(head)?;
    match known {
        SEVEN_ZIP | RAR | TAR => Some(known),
        GZIP | BZIP2 | XZ | ZSTD | LZIP if is_tar_by_name(name) => Some(known),
        _ => None,
    }
}

fn is_tar_by_name(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    let ends = |end: &str| lower.ends_with(end.as_bytes());
    [".tgz", ".txz", ".tbz", ".tbz2", ".tzst", ".tlz"]
        .iter()
        .any(|end| ends(end))
        || lower.windows(5).any(|part| part == b".tar.")
}

/// A zip is what its list of members says, which stands at its end.
fn is_zip(head: &[u8]) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK00", b"PK\x07\x08"]
        .iter()
        .any(|start| has(head, 0, *start))
}

/// Whether the first entry of a compound file's directory says so. Installers are long.
fn is_installer(head: &[u8], more: &mut dyn FnMut(SeekFrom, &mut [u8]) -> usize) -> bool {
    let (at, class) = binary::MSI_CLASS;
    let mut there = [0; 16];
    let place = binary::directory_of_compound(head).and_then(|start| start.checked_add(at as u64));
    place.is_some_and(|place| more(SeekFrom::Start(place), &mut there) == class.len() && there == *class)
}

/// A program of DOS says where that of Windows begins.
fn dos(head: &[u8], more: &mut dyn FnMut(SeekFrom, &mut [u8]) -> usize) -> Option<MediaType> {
    if let Some(at) = le32(head, 60).filter(|at| *at as usize > head.len().saturating_sub(4)) {
        let mut signature = [0; 4];
        if more(SeekFrom::Start(u64::from(at)), &mut signature) == 4 && &signature == b"PE\0\0" {
            return Some(PE);
        }
    }
    binary::identify(head)
}

/// Whether it begins as a disk does: with nothing, or with a program for the machine to start.
fn is_boot_sector(head: &[u8]) -> bool {
    has(head, 510, b"\x55\xaa") || head.len() >= 512 && head.iter().all(|byte| *byte == 0)
}

/// Whether systems mount a file of this name, whatever stands in its first sectors: of an image of a CD those are free.
fn is_image_by_name(name: &[u8]) -> bool {
    ends_with_any(name, &[b".iso", b".img", b".udf", b".vhd", b".dmg"])
}

/// What systems mount a file of this name as, if that is in it.
pub(super) fn image_by_name(bytes: &[u8], hints: &Hints) -> Option<MediaType> {
    let name = hints.name.as_ref()?.raw().trim_end_matches(['.', ' ']);
    let mut whole = Cursor::new(bytes);
    let mut more = |at: SeekFrom, into: &mut [u8]| whole.seek(at).and_then(|_| whole.read(into)).unwrap_or(0);
    is_image_by_name(name.as_bytes()).then(|| disk(&mut more)).flatten()
}

/// An image of a CD says what it is behind sixteen sectors for programs, others in their last sector.
fn disk(more: &mut dyn FnMut(SeekFrom, &mut [u8]) -> usize) -> Option<MediaType> {
    let mut descriptor = [0; 6];
    let read = more(SeekFrom::Start(0x8000), &mut descriptor);
    match descriptor.get(1..read) {
        Some(b"CD001") => return Some(ISO),
        Some(b"BEA01") => return Some(UDF),
        _ => {}
    }
    let mut trailer = [0; 8];
    let read = more(SeekFrom::End(-512), &mut trailer);
    match trailer.get(..read)? {
        b"conectix" => Some(VHD),
        [b'k', b'o', b'l', b'y', ..] => Some(DMG),
        _ => None,
    }
}

/// Bytes that tell text from other things.
const ENOUGH: usize = 512;

/// Without a zero and other signs that no text has; UTF-16 says so first.
fn is_text(head: &[u8]) -> bool {
    let start = head.get(..ENOUGH).unwrap_or(head);
    has(head, 0, b"\xff\xfe") || has(head, 0, b"\xfe\xff") || !start.iter().any(|byte| matches!(byte, 0..=6 | 14..=26))
}

/// Text is a script where its first words or its name say so.
fn text(head: &[u8], name: &[u8]) -> Option<MediaType> {
    let says_so = matches!(head.first(), Some(b'#' | b'[' | b'<' | 0xef | 0xff | 0xfe))
        || head.first().is_some_and(u8::is_ascii_whitespace);
    let by_content = || {
        let decoded = crate::text::decode(head, None);
        textual::identify(&decoded.text, false)
    };
    let by_name = hints::text_by_extension(name).filter(|known| Runnable::of(*known).is_some());
    match by_name {
        // What a page or a list is, it is whatever its name, unless Windows runs it by that.
        Some(known) => Some(by_content().unwrap_or(known)),
        None if says_so => by_content(),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], name: &str, expected: Glance) {
        let head = bytes.get(..GLANCE).unwrap_or(bytes);
        let mut whole = Cursor::new(bytes);
        let mut more = |at: SeekFrom, into: &mut [u8]| whole.seek(at).and_then(|_| whole.read(into)).unwrap_or(0);
        assert_eq!(glance(head, name.as_bytes(), &mut more), expected, "{name}");
    }

    fn pe(header: usize) -> Vec<u8> {
        let mut bytes = vec![0; header + 8];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[60..64].copy_from_slice(&(header as u32).to_le_bytes());
        bytes[header..header + 4].copy_from_slice(b"PE\0\0");
        bytes
    }

    #[test]
    fn programs_are_told_whatever_their_name() {
        check(&pe(128), "holiday.jpg", Glance::Runs(PE));
        check(&pe(70_000), "far.txt", Glance::Runs(PE));
        check(b"\x7fELF\x02\x01\x01", "x", Glance::Runs(ELF));
        check(b"\xca\xfe\xba\xbe\0\0\0\x34", "A.class", Glance::Runs(JAVA_CLASS));
        check(b"L\0\0\0\x01\x14\x02\0\0\0", "x.pdf", Glance::Runs(LNK));
        check(b"PK\x03\x04....", "x.docx", Glance::Container);
        check(b"GIF89a", "x.JAR", Glance::Container);
        check(b"GIF89a", "x.gif", Glance::Nothing);
        check(b"!<arch>\ndebian-binary   1410122664  0     0", "x", Glance::Runs(DEB));
        check(b"MZ is how this text begins\n", "notes.exe", Glance::Nothing);
    }

    #[test]
    fn scripts_are_told_by_their_first_line_or_their_name() {
        check(b"#!/bin/sh\n", "install", Glance::Runs(SHELL));
        check(b"#!/usr/bin/python3\n# \x01\0\n", "x", Glance::Runs(PYTHON));
        check(b"Write-Host 1\n", "a.ps1", Glance::Runs(POWERSHELL));
        check(b"Write-Host 1\n", "a.txt", Glance::Nothing);
        check(b"\xff\xfeW\0r\0", "A.PS1", Glance::Runs(POWERSHELL));
        check(b"[InternetShortcut]\r\nURL=x\r\n", "a.txt", Glance::Runs(URL_SHORTCUT));
        check(b"<html><body>", "a.php", Glance::Nothing);
        check(
            b"<?xml version='1.0'?><PCSettings>",
            "a.SettingContent-ms",
            Glance::Runs(SETTING_CONTENT),
        );
        check(b"", "a.ps1", Glance::Nothing);
    }

    #[test]
    fn what_windows_runs_by_its_name_is_run_whatever_its_first_words() {
        check(b"<!-- --><html>\nvar x = 1", "a.js", Glance::Runs(JAVASCRIPT));
        check(b"<html><script>x()</script>", "a.HTA", Glance::Runs(HTA));
        check(b"-----BEGIN CERTIFICATE-----\n", "a.cmd", Glance::Runs(BATCH));
        check(b"From: a\nTo: b\nSubject: c\n\n", "a.bat. ", Glance::Runs(BATCH));
        check(b"{\"a\": 1}", "a.vbs", Glance::Runs(VBSCRIPT));
        check(b"PKG=1\n", "a.bat", Glance::Runs(BATCH));
        check(b"MZ is how this text begins\n", "a.ps1", Glance::Runs(POWERSHELL));
        check(b"rem \x01\x00\n", "a.bat", Glance::Runs(BATCH));
        check(b"\x89PNG\r\n\x1a\n\0\0\0\x0d", "a.bat", Glance::Runs(BATCH));
        check(&pe(128), "a.js", Glance::Runs(PE));
        check(b"<html>", "a.htm", Glance::Nothing);
        assert_eq!(Runnable::under_name(HTML, b"x/a.js"), Some(Runnable::Script));
        assert_eq!(Runnable::under_name(PE, b"a.js"), Some(Runnable::Pe));
        assert_eq!(Runnable::under_name(HTML, b"a.js/readme"), None);
    }

    #[test]
    fn installers_are_told_by_the_first_entry_of_their_directory() {
        let mut installer = vec![0; 9 << 10];
        installer[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
        installer[30] = 9;
        installer[48] = 15;
        check(&installer, "x.msi", Glance::Container);
        let class = 16 * 512 + binary::MSI_CLASS.0;
        installer[class..class + 16].copy_from_slice(binary::MSI_CLASS.1);
        check(&installer, "x.doc", Glance::Runs(MSI));
        installer.truncate(class);
        check(&installer, "x.msi", Glance::Container);
    }

    #[test]
    fn images_of_disks_are_told_behind_their_first_sectors() {
        let mut image = vec![0; 0x8800];
        image[0x8001..0x8006].copy_from_slice(b"CD001");
        check(&image, "x.bin", Glance::Runs(ISO));
        image[510..512].copy_from_slice(b"\x55\xaa");
        check(&image, "x.bin", Glance::Runs(ISO));
        check(&vec![0; 0x8800], "x.bin", Glance::Nothing);
    }

    #[test]
    fn images_that_systems_mount_by_name_hide_behind_no_first_words() {
        let mut image = vec![0; 0x8800];
        image[0x8001..0x8006].copy_from_slice(b"CD001");
        for first in [&b"notes\n"[..], b"PK\x03\x04", b"GIF89a", b"#!/bin/sh\n"] {
            image[..first.len()].copy_from_slice(first);
            check(&image, "x.Iso", Glance::Runs(ISO));
        }
        check(&vec![b'a'; 0x8800], "x.iso", Glance::Nothing);
        check(b"short", "x.img", Glance::Nothing);
    }

    #[test]
    fn images_that_end_with_what_they_are_are_told() {
        let mut disk = vec![0; 0x9000];
        disk[510..512].copy_from_slice(b"\x55\xaa");
        let trailer = disk.len() - 512;
        disk[trailer..trailer + 8].copy_from_slice(b"conectix");
        check(&disk, "x.bin", Glance::Runs(VHD));
        disk[..4].copy_from_slice(b"x\x9c\0\x01");
        disk[trailer..trailer + 8].copy_from_slice(b"koly\0\0\0\x04");
        check(&disk, "x.dmg", Glance::Runs(DMG));
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        let mut words: Vec<&str> = Runnable::ALL.iter().map(|kind| kind.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Runnable::ALL.len());
    }
}
