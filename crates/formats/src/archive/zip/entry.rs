//! One entry of a zip file: central header, local header, extra fields (PKWARE APPNOTE 4.3 to 4.6).

use super::LONGEST_TARGET;
use crate::bytes::{Cursor, has, le16};
use std::cell::LazyCell;
use std::ops::Range;
use watchfire_model::{Problem, Untrusted};

pub(super) const LOCAL: &[u8] = b"PK\x03\x04";
pub(super) const CENTRAL: &[u8] = b"PK\x01\x02";
pub(super) const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// A compression method's number, as the headers give it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Method(pub u16);

impl Method {
    pub(super) const STORED: Self = Self(0);
    pub(super) const DEFLATE: Self = Self(8);
    pub(super) const DEFLATE64: Self = Self(9);
    pub(super) const BZIP2: Self = Self(12);
    pub(super) const LZMA: Self = Self(14);
    pub(super) const ZSTD_OLD: Self = Self(20);
    pub(super) const ZSTD: Self = Self(93);
    pub(super) const XZ: Self = Self(95);
    pub(super) const PPMD: Self = Self(98);
    pub(super) const AES: Self = Self(99);
}

/// How an entry is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encryption {
    #[default]
    None,
    /// The original cipher, "ZipCrypto". The check byte is the last of its header.
    Traditional { check: u8 },
    /// WinZip AES. `strength` is 1, 2 or 3 for 128, 192 or 256 bits.
    Aes { strength: u8 },
    /// PKWARE strong encryption or a masked directory: listed, not read.
    Strong,
}

/// One entry, as the central directory tells it and its local header confirms or corrects.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Its name as stored.
    pub name: Untrusted,
    /// Unpacked size as declared.
    pub size: u64,
    /// Packed size as declared, or as found where nothing is declared.
    pub packed: u64,
    /// How its data is compressed, below any encryption.
    pub method: Method,
    /// Whether the central directory lists it.
    pub listed: bool,
    /// What the local header calls it, if that is something else.
    pub local_name: Option<Untrusted>,
    pub(super) crc: u32,
    pub(super) encryption: Encryption,
    /// From its local header to the end of its data.
    pub(super) region: Range<usize>,
    /// Where its data begins.
    pub(super) data: usize,
    /// Whether another entry already has these bytes.
    pub(super) overlaps: bool,
    /// Whether no local header was found where the directory says.
    pub(super) lost: bool,
    /// Whether it is a symbolic link: its content is where it leads.
    pub(super) is_link: bool,
    /// Whether sizes stand after the data.
    pub(super) has_descriptor: bool,
}

impl Entry {
    /// Whether its data is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encryption != Encryption::None
    }

    /// Whether it is a symbolic link: what it holds is where it leads. What is longer than a path can be is none, whatever is
    /// said of it.
    pub fn is_link(&self) -> bool {
        self.is_link && self.size <= LONGEST_TARGET as u64
    }

    /// Why it has no data of its own that could be read, if that is so.
    pub(super) fn unreadable(&self) -> Option<Problem> {
        if self.lost {
            let why = "it has no local header where the directory says";
            return Some(Problem::warning("zip-entry-lost", why));
        }
        let why = "it claims bytes that belong to another part";
        self.overlaps.then(|| Problem::warning("zip-overlap", why))
    }

    /// The checksum of what was packed, where one is stated: AES has a better one, and without a directory there may be none.
    pub(super) fn checksum(&self) -> Option<u32> {
        let is_stated = self.crc != 0 || (self.listed && !matches!(self.encryption, Encryption::Aes { .. }));
        is_stated.then_some(self.crc)
    }

    /// Whether it is a folder: it has a name and nothing else.
    pub fn is_folder(&self) -> bool {
        self.name.raw().ends_with(['/', '\\']) && self.size == 0
    }
}

/// What both kinds of header say.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) entry: Entry,
    /// Where the directory says the local header is, before any prefix is added.
    pub(super) offset: u64,
    /// Length of the header with name, extra fields and comment.
    pub(super) len: usize,
}

/// Reads the central header at the start of `bytes`.
pub(super) fn central(bytes: &[u8]) -> Option<Header> {
    let mut at = Cursor::new(bytes.strip_prefix(CENTRAL)?);
    let system = at.le16()? >> 8;
    at.take(2)?;
    let common = Common::read(&mut at)?;
    let (name_len, extra_len, comment_len) = (at.le16()?, at.le16()?, at.le16()?);
    at.take(4)?;
    let attributes = at.le32()?;
    let offset = at.le32()?;
    let name = at.take(usize::from(name_len))?;
    let extra = at.take(usize::from(extra_len))?;
    at.take(usize::from(comment_len))?;
    let len = bytes.len() - at.rest().len();
    let mut offset = u64::from(offset);
    let mut entry = common.entry(name, extra, Some(&mut offset));
    // Unix and macOS keep the mode of a file in the upper half.
    entry.is_link = matches!(system, 3 | 19) && attributes >> 28 == 0o12;
    Some(Header { entry, offset, len })
}

/// Reads the local header at the start of `bytes`.
pub(super) fn local(bytes: &[u8]) -> Option<Header> {
    let mut at = Cursor::new(bytes.strip_prefix(LOCAL)?);
    at.take(2)?;
    let common = Common::read(&mut at)?;
    let (name_len, extra_len) = (at.le16()?, at.le16()?);
    let name = at.take(usize::from(name_len))?;
    let extra = at.take(usize::from(extra_len))?;
    let len = bytes.len() - at.rest().len();
    Some(Header {
        entry: common.entry(name, extra, None),
        offset: 0,
        len,
    })
}

/// Whether a local header stands at `at` that a zip tool could have written. Used where nothing else vouches for it.
///
/// Headers may be made to lie in one another's names. The bytes of any header end the look at a name that holds it, so
/// that many looks at the same bytes are short ones.
pub(super) fn plausible_local(bytes: &[u8], at: usize) -> bool {
    let Some(rest) = bytes.get(at..).filter(|_| has(bytes, at, LOCAL)) else {
        return false;
    };
    let Some(&[_, _, _, _, version, _, _, _, method, 0, ..]) = rest.first_chunk::<30>() else {
        return false;
    };
    if version > 63 || !matches!(method, 0..=20 | 93..=99) {
        return false;
    }
    let name_len = le16(rest, 26).map_or(0, usize::from);
    rest.get(30..30 + name_len)
        .is_some_and(|name| !name.is_empty() && !name.iter().any(u8::is_ascii_control))
}

struct Common {
    flags: u16,
    method: u16,
    time: u16,
    crc: u32,
    packed: u32,
    size: u32,
}

impl Common {
    fn read(at: &mut Cursor<'_>) -> Option<Self> {
        let (flags, method, time) = (at.le16()?, at.le16()?, at.le16()?);
        at.take(2)?;
        Some(Self {
            flags,
            method,
            time,
            crc: at.le32()?,
            packed: at.le32()?,
            size: at.le32()?,
        })
    }

    fn entry(self, name: &[u8], extra: &[u8], offset: Option<&mut u64>) -> Entry {
        let has_descriptor = self.flags & 8 != 0;
        let encryption = match self.flags {
            flags if flags & (1 << 6 | 1 << 13) != 0 => Encryption::Strong,
            flags if flags & 1 == 0 => Encryption::None,
            // With a data descriptor the CRC is not known when the cipher's header is written; the time is.
            _ if has_descriptor => Encryption::Traditional {
                check: (self.time >> 8) as u8,
            },
            _ => Encryption::Traditional {
                check: (self.crc >> 24) as u8,
            },
        };
        let mut entry = Entry {
            size: u64::from(self.size),
            packed: u64::from(self.packed),
            method: Method(self.method),
            crc: self.crc,
            encryption,
            has_descriptor,
            ..Entry::default()
        };
        let unicode = apply_extra(&mut entry, extra, offset, name);
        entry.name = unicode.unwrap_or_else(|| decode_name(name));
        entry
    }
}

/// Takes zip64 sizes, the AES parameters and the Unicode name from the extra fields.
fn apply_extra(entry: &mut Entry, extra: &[u8], offset: Option<&mut u64>, name: &[u8]) -> Option<Untrusted> {
    let mut offset = offset;
    let mut at = Cursor::new(extra);
    let mut unicode = None;
    let name_crc = LazyCell::new(|| crc32fast::hash(name));
    while let (Some(tag), Some(len)) = (at.le16(), at.le16()) {
        let Some(field) = at.take(usize::from(len)) else { break };
        match tag {
            0x0001 => {
                let mut wide = Cursor::new(field);
                let places = [Some(&mut entry.size), Some(&mut entry.packed), offset.as_deref_mut()];
                for place in places.into_iter().flatten() {
                    if *place == u64::from(u32::MAX)
                        && let Some(value) = wide.le64()
                    {
                        *place = value;
                    }
                }
            }
            0x9901 if entry.method == Method::AES => {
                if let [version, _, b'A', b'E', strength, low, high, ..] = *field {
                    entry.method = Method(u16::from_le_bytes([low, high]));
                    entry.encryption = Encryption::Aes { strength };
                    // AE-2 leaves the CRC out, since the authentication code covers the data.
                    if version == 2 {
                        entry.crc = 0;
                    }
                }
            }
            // Info-ZIP's Unicode path holds only while its CRC matches the plain name it stands for.
            0x7075 if unicode.is_none() => {
                if let Some((&[1, a, b, c, d], text)) = field.split_first_chunk()
                    && u32::from_le_bytes([a, b, c, d]) == *name_crc
                {
                    unicode = std::str::from_utf8(text).ok().map(Untrusted::from);
                }
            }
            _ => {}
        }
    }
    unicode
}

/// Names are UTF-8 or in the code page of the IBM PC. The flag that should tell them apart is often wrong, and text in
/// that code page is hardly ever valid UTF-8, so the bytes decide.
pub(super) fn decode_name(name: &[u8]) -> Untrusted {
    match std::str::from_utf8(name) {
        Ok(text) => text.into(),
        Err(_) => name.iter().map(|&byte| from_cp437(byte)).collect::<String>().into(),
    }
}

fn from_cp437(byte: u8) -> char {
    const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    match byte.checked_sub(128) {
        None => char::from(byte),
        Some(upper) => UPPER
            .chars()
            .nth(usize::from(upper))
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}
