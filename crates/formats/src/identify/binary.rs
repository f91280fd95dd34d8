//! Formats that a signature alone does not tell.

use super::media::*;
use super::signatures::SIGNATURES;
use crate::archive::zip::Zip;
use crate::bytes::{be32, has, le16, le32};
use crate::capped::{Codec, unpack};
use memchr::memmem;
use watchfire_model::{Budget, Limits, MediaType};

/// Recognises binary formats.
pub(super) fn identify(bytes: &[u8]) -> Option<MediaType> {
    let signed = SIGNATURES
        .iter()
        .find(|signature| has(bytes, signature.at, signature.bytes));
    match signed.map(|signature| signature.media_type) {
        Some(ZIP) => Some(zip(bytes)),
        Some(CFB) => Some(compound(bytes)),
        // Text may begin with the same few letters.
        Some(media_type) if is_letters_only(media_type) && !bytes.iter().take(64).any(|&byte| byte < 9) => None,
        Some(media_type) => Some(media_type),
        None => [
            executable, pdf, riff, base_media, bzip2, pcapng, image, flash, legacy_tar, lzma, cms, der, bytecode, disk,
            zlib,
        ]
        .into_iter()
        .find_map(|recognise| recognise(bytes)),
    }
}

/// A zip that stands at the end of something else: a self-extractor, or a file that is two things at once.
pub(super) fn zip_at_end(bytes: &[u8]) -> Option<MediaType> {
    const LONGEST_COMMENT: usize = 0xffff;
    let tail = bytes.get(bytes.len().saturating_sub(LONGEST_COMMENT + 22)..)?;
    let at = bytes.len() - tail.len() + memmem::rfind(tail, b"PK\x05\x06")?;
    let size = usize::try_from(le32(bytes, at + 12)?).ok()?;
    let directory = at.checked_sub(size)?;
    has(bytes, directory, b"PK\x01\x02").then(|| zip(bytes))
}

/// Signatures of nothing but letters and line ends.
fn is_letters_only(media_type: MediaType) -> bool {
    matches!(
        media_type,
        REGF | PST | WIM | PARQUET | OTF | MIDI | FLAC | MP3 | XAR | SQUASHFS | CHM | CRX | MINIDUMP | LZH
    )
}

/// Tells formats that are zip files apart by their members.
fn zip(bytes: &[u8]) -> MediaType {
    let (zip, _) = Zip::open(bytes, &Budget::default());
    let mut names = zip.entries().iter().map(|entry| entry.name.raw());
    if let Some(first) = zip.find("mimetype") {
        let declared = zip.unpack(first, &Budget::default()).bytes;
        let known = [ODT, ODS, ODP, ODG, EPUB]
            .into_iter()
            .find(|known| declared.trim_ascii().starts_with(known.0.as_bytes()));
        if let Some(known) = known {
            return known;
        }
    }
    if zip.find("[Content_Types].xml").is_some() {
        return office(&zip);
    }
    let has = |name: &str| zip.find(name).is_some();
    if has("AndroidManifest.xml") || has("classes.dex") {
        APK
    } else if has("AppxManifest.xml") || has("AppxMetadata/AppxBundleManifest.xml") {
        MSIX
    } else if has("manifest.json") && has("META-INF/mozilla.rsa") {
        XPI
    } else if has("META-INF/MANIFEST.MF") || names.clone().any(|name| name.ends_with(".class")) {
        JAR
    } else if has("doc.kml") {
        KMZ
    } else if names.any(|name| name.ends_with(".nuspec") && !name.contains('/')) {
        NUPKG
    } else {
        ZIP
    }
}

/// The content types of the main part, with what each document then is.
const OFFICE: &[(&str, MediaType)] = &[
    ("wordprocessingml.document.main", DOCX),
    ("word.document.macroenabled.main", DOCM),
    ("wordprocessingml.template.main", DOTX),
    ("word.template.macroenabledtemplate.main", DOTM),
    ("spreadsheetml.sheet.main", XLSX),
    ("spreadsheetml.template.main", XLSX),
    ("excel.sheet.macroenabled.main", XLSM),
    ("excel.template.macroenabled.main", XLSM),
    ("excel.addin.macroenabled.main", XLSM),
    ("excel.sheet.binary.macroenabled.main", XLSB),
    ("presentationml.presentation.main", PPTX),
    ("presentationml.slideshow.main", PPTX),
    ("presentationml.template.main", PPTX),
    ("powerpoint.presentation.macroenabled.main", PPTM),
    ("powerpoint.slideshow.macroenabled.main", PPTM),
    ("ms-visio.drawing.main", VSDX),
];

fn office(zip: &Zip<'_>) -> MediaType {
    let budget = Budget::new(Limits {
        artifact_size: 1 << 20,
        ..Limits::default()
    });
    let types = zip
        .find("[Content_Types].xml")
        .map(|entry| zip.unpack(entry, &budget).bytes)
        .unwrap_or_default();
    let types = types.to_ascii_lowercase();
    if let Some((_, media_type)) = OFFICE
        .iter()
        .find(|(part, _)| memmem::find(&types, part.as_bytes()).is_some())
    {
        return *media_type;
    }
    // A damaged list of types: the folders speak.
    let folder = |name: &str| zip.entries().iter().any(|entry| entry.name.raw().starts_with(name));
    match () {
        () if folder("word/") => DOCX,
        () if folder("xl/") => XLSX,
        () if folder("ppt/") => PPTX,
        () if folder("visio/") => VSDX,
        () if zip.entries().iter().any(|entry| entry.name.raw().ends_with(".nuspec")) => NUPKG,
        () if zip.find("AppxManifest.xml").is_some() => MSIX,
        () => ZIP,
    }
}

/// The class of the first entry in the directory of an installer, at this place in it.
pub(super) const MSI_CLASS: (usize, &[u8]) = (80, b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46");

/// Where the directory of a compound file (MS-CFB) with this header begins.
pub(super) fn directory_of_compound(header: &[u8]) -> Option<u64> {
    let shift = le16(header, 30).filter(|shift| matches!(shift, 9 | 12)).unwrap_or(9);
    u64::from(le32(header, 48)?)
        .checked_add(1)?
        .checked_shl(u32::from(shift))
}

/// Tells compound files (MS-CFB) apart by the names in their directory.
fn compound(bytes: &[u8]) -> MediaType {
    let start = directory_of_compound(bytes).and_then(|start| usize::try_from(start).ok());
    let start = start.unwrap_or(bytes.len());
    // The directory of nearly all files is in one piece; where it is not, its beginning tells enough.
    let entries = bytes.get(start..).unwrap_or_default().chunks_exact(128).take(256);
    let mut found = CFB;
    for (index, entry) in entries.enumerate() {
        if index == 0 && has(entry, MSI_CLASS.0, MSI_CLASS.1) {
            return MSI;
        }
        let len = usize::from(le16(entry, 64).unwrap_or_default())
            .saturating_sub(2)
            .min(62);
        let name: String = entry
            .get(..len)
            .unwrap_or_default()
            .iter()
            .step_by(2)
            .map(|&byte| char::from(byte))
            .collect();
        match name.as_str() {
            "WordDocument" => return DOC,
            "Workbook" | "Book" => return XLS,
            "PowerPoint Document" => return PPT,
            "VisioDocument" => return VSD,
            "EncryptedPackage" => return ENCRYPTED_OOXML,
            "__nameid_version1.0" | "__properties_version1.0" => found = MSG,
            _ => {}
        }
    }
    found
}

fn executable(bytes: &[u8]) -> Option<MediaType> {
    if has(bytes, 0, b"\xca\xfe\xba\xbf") {
        return (be32(bytes, 4)? < 0x2b).then_some(MACH_O);
    }
    if has(bytes, 0, b"\xca\xfe\xba\xbe") {
        // Java's version and Mach-O's number of architectures stand in the same place.
        return Some(if be32(bytes, 4)? < 0x2b { MACH_O } else { JAVA_CLASS });
    }
    if !has(bytes, 0, b"MZ") && !has(bytes, 0, b"ZM") {
        return None;
    }
    let header = le32(bytes, 60).and_then(|at| usize::try_from(at).ok());
    if header.is_some_and(|at| has(bytes, at, b"PE\0\0")) {
        Some(PE)
    } else {
        // Two letters are little evidence; binary data after them is some more.
        bytes.iter().take(64).any(|&byte| byte < 9).then_some(MZ)
    }
}

/// Readers of PDF accept its header anywhere in the first kilobyte.
fn pdf(bytes: &[u8]) -> Option<MediaType> {
    let head = bytes.get(..1024).unwrap_or(bytes);
    memmem::find(head, b"%PDF-").map(|_| PDF)
}

fn riff(bytes: &[u8]) -> Option<MediaType> {
    if !has(bytes, 0, b"RIFF") {
        return None;
    }
    match bytes.get(8..12)? {
        b"WEBP" => Some(WEBP),
        b"WAVE" => Some(WAV),
        b"AVI " => Some(AVI),
        _ => None,
    }
}

fn base_media(bytes: &[u8]) -> Option<MediaType> {
    if !has(bytes, 4, b"ftyp") {
        return None;
    }
    match bytes.get(8..12)? {
        b"avif" | b"avis" => Some(AVIF),
        b"heic" | b"heix" | b"mif1" | b"msf1" => Some(HEIF),
        _ => Some(MP4),
    }
}

fn bzip2(bytes: &[u8]) -> Option<MediaType> {
    let is_level = matches!(bytes.get(3), Some(b'1'..=b'9'));
    let is_block = has(bytes, 4, b"1AY&SY") || has(bytes, 4, b"\x17\x72\x45\x38\x50\x90");
    (has(bytes, 0, b"BZh") && is_level && is_block).then_some(BZIP2)
}

fn pcapng(bytes: &[u8]) -> Option<MediaType> {
    let order = has(bytes, 8, b"\x1a\x2b\x3c\x4d") || has(bytes, 8, b"\x4d\x3c\x2b\x1a");
    (has(bytes, 0, b"\x0a\x0d\x0d\x0a") && order).then_some(PCAPNG)
}

fn image(bytes: &[u8]) -> Option<MediaType> {
    if has(bytes, 0, b"BM")
        && le32(bytes, 6) == Some(0)
        && matches!(le32(bytes, 14), Some(12 | 40 | 52 | 56 | 108 | 124))
    {
        return Some(BMP);
    }
    let is_icon = has(bytes, 0, b"\0\0\x01\0") || has(bytes, 0, b"\0\0\x02\0");
    let images = le16(bytes, 4)?;
    (is_icon && (1..256).contains(&images) && bytes.get(9) == Some(&0)).then_some(ICO)
}

fn flash(bytes: &[u8]) -> Option<MediaType> {
    let [b'F' | b'C' | b'Z', b'W', b'S', 1..=60, ..] = bytes else {
        return None;
    };
    let declared = le32(bytes, 4)?;
    (8..1 << 28).contains(&declared).then_some(SWF)
}

/// tar from before "ustar": the checksum over the header is in the header.
fn legacy_tar(bytes: &[u8]) -> Option<MediaType> {
    let header = bytes.get(..512)?;
    crate::archive::tar::is_header(header).then_some(TAR)
}

/// `.lzma` has no signature, only a header in which little is possible.
fn lzma(bytes: &[u8]) -> Option<MediaType> {
    let properties = *bytes.first()?;
    let dictionary = le32(bytes, 1)?;
    let size = crate::bytes::le64(bytes, 5)?;
    let is_usual_dictionary =
        dictionary >= 1 << 12 && (dictionary.is_power_of_two() || (dictionary / 3).is_power_of_two());
    let is_sane_size = size == u64::MAX || (1..1 << 38).contains(&size);
    // The first byte of the range coder is always zero.
    let begins = bytes.get(13) == Some(&0) && bytes.len() > 18;
    (properties < 225 && is_usual_dictionary && is_sane_size && begins).then_some(LZMA)
}

/// A CMS message: a sequence, of whatever length, that begins with its number in PKCS #7.
fn cms(bytes: &[u8]) -> Option<MediaType> {
    let [0x30, length, rest @ ..] = bytes else { return None };
    let digits = if *length > 0x80 { usize::from(length & 0x7f) } else { 0 };
    // A signed message with a list of trusted digests is a catalog of Windows; its type stands near the beginning.
    const CATALOG_OID: &[u8] = b"\x06\x09\x2b\x06\x01\x04\x01\x82\x37\x0a\x01";
    has(rest, digits, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07").then(|| {
        let head = rest.get(..100).unwrap_or(rest);
        let is_catalog = memmem::find(head, CATALOG_OID).is_some();
        if is_catalog { CATALOG } else { PKCS7 }
    })
}

/// ASN.1: a sequence as long as the file that begins with another sequence.
fn der(bytes: &[u8]) -> Option<MediaType> {
    let [0x30, 0x82, high, low, 0x30 | 0x02 | 0x06, ..] = *bytes else {
        return None;
    };
    let declared = usize::from(u16::from_be_bytes([high, low])) + 4;
    (declared == bytes.len()).then_some(DER)
}

fn bytecode(bytes: &[u8]) -> Option<MediaType> {
    // A version, carriage return and line feed. From 3.7 on flags follow, of which two bits exist; before that a time, so
    // that the mark of code behind the header has to tell.
    let is_code = |at: usize| matches!(bytes.get(at), Some(0x63 | 0xe3));
    match *bytes {
        [_, 0x0c..=0x0e, b'\r', b'\n', 0..=3, 0, 0, 0, ..] => Some(PYC),
        [_, 0x0b..=0x0d | 0xf2 | 0xf3, b'\r', b'\n', ..] if is_code(8) || is_code(12) => Some(PYC),
        _ => None,
    }
}

/// Disk images that say what they are at their end.
fn disk(bytes: &[u8]) -> Option<MediaType> {
    let trailer = bytes.len().checked_sub(512)?;
    if has(bytes, trailer, b"koly") {
        Some(DMG)
    } else if has(bytes, trailer, b"conectix") {
        Some(VHD)
    } else {
        None
    }
}

/// zlib's two bytes prove nothing, so the beginning must unpack.
fn zlib(bytes: &[u8]) -> Option<MediaType> {
    let [0x78, flags @ (0x01 | 0x5e | 0x9c | 0xda), ..] = *bytes else {
        return None;
    };
    if (0x7800 + u16::from(flags)) % 31 != 0 {
        return None;
    }
    let budget = Budget::new(Limits {
        artifact_size: 256 << 10,
        ..Limits::default()
    });
    let sample = bytes.get(..64 << 10).unwrap_or(bytes);
    let trial = unpack(Codec::Zlib, sample, &budget);
    let ended_well = trial.problem.is_none() || (trial.bytes.len() > 64 && trial.consumed == sample.len());
    ended_well.then_some(ZLIB)
}
