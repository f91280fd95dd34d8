//! Shell items: the way to something through folders of the shell, in a list of identifiers (MS-SHLLINK 2.2).
//!
//! What is in an identifier is the shell's own affair; the forms of folders, drives, files, shares and addresses are known
//! from the libfwsi project's description. Items of other forms are passed over.

use super::property::Properties;
use crate::bytes::{Cursor, array, has, le16};
use crate::email::outlook::wide;

/// Items that are read. A path has a few dozen at most, but items of no meaning may stand among them.
const MOST: usize = 1 << 15;

/// What a list of identifiers says.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// The path that its items make.
    pub(super) path: String,
    /// Bytes that the list takes, with its end.
    pub(super) length: usize,
    /// Its parts that are no file names: addresses and names of shell folders.
    pub(super) has_unknown: bool,
}

/// Reads items up to the end of the list or of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Items {
    let mut out = Items::default();
    let mut cursor = Cursor::new(bytes);
    for _ in 0..MOST {
        let Some(size) = cursor.le16() else { break };
        let Some(body) = usize::from(size).checked_sub(2).and_then(|size| cursor.take(size)) else {
            break;
        };
        match part(body) {
            Some(part) if !part.is_empty() => append(&mut out.path, &part),
            Some(_) => {}
            None => out.has_unknown = true,
        }
    }
    out.length = bytes.len() - cursor.rest().len();
    out
}

fn append(path: &mut String, part: &str) {
    // A share and a drive name the whole way.
    let is_whole = part.starts_with("\\\\") || part.contains("://") || part.get(1..3) == Some(":\\");
    if is_whole {
        path.clear();
    } else if !path.is_empty() && !path.ends_with('\\') {
        path.push('\\');
    }
    path.push_str(part);
}

/// The part of the path that an item stands for; nothing for one that is not known.
fn part(item: &[u8]) -> Option<String> {
    let kind = *item.first()?;
    match kind {
        0x1f => Some(folder(array(item, 2)?)),
        0x2e => Some(folder(array(item, 2)?)),
        0x20..=0x2f => Some(letters(item.get(1..)?)),
        0x30..=0x3f | 0xb1 => file(item),
        0x40..=0x4f | 0xc3 => Some(letters(item.get(3..)?)),
        0x61 => address(item),
        0x71 => Some(folder(array(item, 12)?)),
        0x74 if has(item, 4, b"CFSF") => file(item.get(8..)?.get(2..)?),
        _ => delegated(item),
    }
}

/// Shell folders that paths begin with (KnownFolders.h and the registry's CLSID key).
const FOLDERS: &[(&[u8; 16], &str)] = &[
    // My Computer.
    (b"\xe0\x4f\xd0\x20\xea\x3a\x69\x10\xa2\xd8\x08\x00\x2b\x30\x30\x9d", ""),
    // The desktop.
    (
        b"\x80\x53\x1c\x87\xa0\x42\x69\x10\xa2\xea\x08\x00\x2b\x30\x30\x9d",
        "Internet Explorer",
    ),
    (
        b"\x60\x2c\x8d\x20\xea\x3a\x69\x10\xa2\xd7\x08\x00\x2b\x30\x30\x9d",
        "Network",
    ),
    (
        b"\x40\xf0\x5f\x64\x81\x50\x1b\x10\x9f\x08\x00\xaa\x00\x2f\x95\x4e",
        "Recycle Bin",
    ),
    (
        b"\x20\x20\xec\x21\xea\x3a\x69\x10\xa2\xdd\x08\x00\x2b\x30\x30\x9d",
        "Control Panel",
    ),
    (
        b"\xba\x8f\x0d\x45\x25\xad\xd0\x11\x98\xa8\x08\x00\x36\x1b\x11\x03",
        "Documents",
    ),
];

/// A shell folder, by its name or by the identifier that the registry knows it by.
fn folder(guid: [u8; 16]) -> String {
    match FOLDERS.iter().find(|(known, _)| **known == guid) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("::{{{}}}", super::property::guid(&guid)),
    }
}

/// ASCII up to a zero byte.
fn letters(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    crate::text::decode(bytes.get(..end).unwrap_or_default(), Some("windows-1252"))
        .text
        .into_owned()
}

/// UTF-16 up to a zero.
fn wide_letters(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0;
    let end = units.iter().position(|unit| *unit == [0, 0]).unwrap_or(units.len());
    wide(bytes.get(..end * 2).unwrap_or_default())
}

/// A file or folder: a short name, and a long one in an extension block.
fn file(item: &[u8]) -> Option<String> {
    if let Some(long) = long_name(item).filter(|name| !name.is_empty()) {
        return Some(long);
    }
    let name = item.get(12..)?;
    let is_wide = item.first()? & 4 != 0;
    let name = if is_wide { wide_letters(name) } else { letters(name) };
    (!name.is_empty()).then_some(name)
}

/// The name in the extension block 0xBEEF0004. Its place is said at the item's end; where an item is inside of another, that
/// counts from elsewhere, so the block is found by its signature.
fn long_name(item: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(item, b"\x04\0\xef\xbe")?.checked_sub(4)?;
    let block = item.get(at..)?;
    let name_at = match le16(block, 2)? {
        3..=6 => 20,
        7 => 38,
        8 => 42,
        9.. => 46,
        _ => return None,
    };
    Some(wide_letters(block.get(name_at..)?))
}

/// An address on the internet.
fn address(item: &[u8]) -> Option<String> {
    let is_wide = item.get(1)? & 0x80 != 0;
    let at = 4 + usize::from(le16(item, 2)?);
    let text = item.get(at..)?;
    let text = if is_wide { wide_letters(text) } else { letters(text) };
    (!text.is_empty()).then_some(text)
}

/// An item of a handler that keeps properties of what it stands for: a path for parsing, or a name.
fn delegated(item: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(item, b"1SPS")?.checked_sub(4)?;
    Properties::read(item.get(at..)?).path()
}
