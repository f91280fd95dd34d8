//! What a piece of a file begins with, in a word: for what is appended to programs and carried in their resources.

use crate::bytes::{has, le32, place};

/// Beginnings that need no second look.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b";!@Install@!UTF-8!", "7z-settings"),
    (b"\xef\xbb\xbf;!@Install@!UTF-8!", "7z-settings"),
    (b"Rar!\x1a\x07", "rar"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"ISc(", "installshield-cab"),
    (b"InstallShield\0", "installshield"),
    (b"ISSetupStream\0", "installshield"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x7fELF", "elf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"zlb\x1a", "inno-setup"),
    (b"idska32\x1a", "inno-setup"),
    (
        b"\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7d",
        "autoit",
    ),
    (b"KAX", "nuitka-packed"),
    (b"KAY", "nuitka-packed"),
    (b"MEI\x0c\x0b\x0a\x0b\x0e", "pyinstaller"),
    (b"\x42\x53\x4a\x42", "dot-net-metadata"),
    (b"{\\rtf", "rtf"),
    (b"<?xml", "xml"),
    (b"#!", "script"),
    (b"NB10", "debug-symbols"),
    (b"NB09", "debug-symbols"),
    (b"SZDD", "szdd"),
    (b"hsqs", "squashfs"),
    (b"AI\x02", "appimage"),
];

/// The word, where the beginning is known.
pub(super) fn begins(bytes: &[u8]) -> Option<&'static str> {
    if has(bytes, 0, b"MZ") {
        let header = place(le32(bytes, 60)?);
        return has(bytes, header, b"PE\0\0").then_some("pe");
    }
    if has(bytes, 4, b"\xef\xbe\xad\xdeNullsoftInst") {
        return Some("nsis");
    }
    let known = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning));
    known.map(|(_, word)| *word)
}
