//! Archives built byte by byte: zip (PKWARE APPNOTE 6.3.10), tar (POSIX ustar), gzip (RFC 1952).
//!
//! Small and plain on purpose: no zip64, no data descriptors, times fixed at 2026-11-02 08:00.

use crate::Random;

/// 2026-11-02 in MS-DOS form.
const DOS_DATE: u16 = (2026 - 1980) << 9 | 11 << 5 | 2;
/// 08:00:00 in MS-DOS form.
const DOS_TIME: u16 = 8 << 11;
/// 2026-11-02 08:00:00 UTC in Unix seconds.
const UNIX_TIME: u64 = 1_793_606_400;

/// A zip archive under construction.
#[derive(Debug, Default)]
pub struct Zip {
    entries: Vec<Entry>,
    comment: Vec<u8>,
}

#[derive(Debug)]
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    data: Vec<u8>,
    size: usize,
}

impl Zip {
    /// An empty archive.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a deflated file.
    #[must_use]
    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        let data = miniz_oxide::deflate::compress_to_vec(bytes, 6);
        self.entry(name, 0, 8, bytes, data)
    }

    /// Adds a file as it is.
    #[must_use]
    pub fn stored(self, name: &str, bytes: &[u8]) -> Self {
        self.entry(name, 0, 0, bytes, bytes.to_vec())
    }

    /// Adds a deflated file under ZipCrypto, the "traditional" encryption that every unzip can read.
    #[must_use]
    pub fn encrypted(self, name: &str, bytes: &[u8], password: &str) -> Self {
        let crc = crc32fast::hash(bytes);
        let mut plain = Random::new(u64::from(crc)).bytes(11);
        plain.extend(crc.to_le_bytes().last());
        plain.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
        let data = ZipCrypto::new(password.as_bytes()).encrypt(&plain);
        self.entry(name, 1, 8, bytes, data)
    }

    /// The comment at the archive's end.
    #[must_use]
    pub fn comment(mut self, comment: &str) -> Self {
        self.comment = comment.as_bytes().to_vec();
        self
    }

    fn entry(mut self, name: &str, flags: u16, method: u16, bytes: &[u8], data: Vec<u8>) -> Self {
        // Bit 11: the name is UTF-8.
        let flags = if name.is_ascii() { flags } else { flags | 1 << 11 };
        self.entries.push(Entry {
            name: name.as_bytes().to_vec(),
            flags,
            method,
            crc: crc32fast::hash(bytes),
            data,
            size: bytes.len(),
        });
        self
    }

    /// The archive's bytes.
    pub fn build(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut directory = Vec::new();
        for entry in &self.entries {
            let offset = out.len();
            out.extend(b"PK\x03\x04");
            out.extend(20_u16.to_le_bytes());
            entry.shared(&mut out);
            out.extend(&entry.name);
            out.extend(&entry.data);

            directory.extend(b"PK\x01\x02");
            directory.extend(20_u16.to_le_bytes());
            directory.extend(20_u16.to_le_bytes());
            entry.shared(&mut directory);
            // No comment, first disk, no attributes.
            directory.extend([0; 10]);
            directory.extend(u32_of(offset));
            directory.extend(&entry.name);
        }
        let count = u16::try_from(self.entries.len()).unwrap_or(u16::MAX).to_le_bytes();
        let start = out.len();
        out.extend(&directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend(count);
        out.extend(count);
        out.extend(u32_of(directory.len()));
        out.extend(u32_of(start));
        out.extend(u16_of(self.comment.len()));
        out.extend(&self.comment);
        out
    }
}

impl Entry {
    /// The fields that the local header and the directory share, from the flags to the length of the extra field.
    fn shared(&self, out: &mut Vec<u8>) {
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend(DOS_TIME.to_le_bytes());
        out.extend(DOS_DATE.to_le_bytes());
        out.extend(self.crc.to_le_bytes());
        out.extend(u32_of(self.data.len()));
        out.extend(u32_of(self.size));
        out.extend(u16_of(self.name.len()));
        out.extend([0, 0]);
    }
}

fn u32_of(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

fn u16_of(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes()
}

/// The members of a zip file that is not encrypted, as they unpack.
pub fn unzip(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let budget = watchfire_model::Budget::new(watchfire_model::Limits::default());
    let (zip, _) = watchfire_formats::archive::zip::Zip::open(bytes, &budget);
    let entries = zip.entries().iter();
    entries
        .map(|entry| (entry.name.raw().to_owned(), zip.unpack(entry, &budget).bytes))
        .collect()
}

/// APPNOTE 6.1: three keys, stirred by every plain byte.
struct ZipCrypto([u32; 3]);

impl ZipCrypto {
    fn new(password: &[u8]) -> Self {
        let mut cipher = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        for byte in password {
            cipher.stir(*byte);
        }
        cipher
    }

    fn stir(&mut self, byte: u8) {
        let [a, b, c] = &mut self.0;
        *a = crc_step(*a, byte);
        *b = b.wrapping_add(*a & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        *c = crc_step(*c, b.to_be_bytes()[0]);
    }

    fn encrypt(mut self, plain: &[u8]) -> Vec<u8> {
        plain
            .iter()
            .map(|byte| {
                let mask = self.0[2] | 2;
                let stream = (mask.wrapping_mul(mask ^ 1) >> 8).to_le_bytes()[0];
                self.stir(*byte);
                byte ^ stream
            })
            .collect()
    }
}

/// One step of CRC-32, without the inversions at either end.
fn crc_step(crc: u32, byte: u8) -> u32 {
    (0..8).fold(crc ^ u32::from(byte), |crc, _| {
        (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
    })
}

/// A tar archive of plain files.
pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files {
        out.extend(tar_header(name, bytes.len()));
        out.extend(*bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len().saturating_add(1024), 0);
    out
}

fn tar_header(name: &str, size: usize) -> Vec<u8> {
    let field = |text: String, width: usize| {
        let mut bytes = text.into_bytes();
        bytes.resize(width, 0);
        bytes
    };
    let mut header = field(name.to_owned(), 100);
    header.extend(b"0000644\x000001750\x000001750\0");
    header.extend(field(format!("{size:011o}"), 12));
    header.extend(field(format!("{UNIX_TIME:011o}"), 12));
    let checksum_at = header.len();
    header.extend(b"        0");
    header.extend([0; 100]);
    header.extend(b"ustar\x0000");
    header.extend(field("web-admin".to_owned(), 32));
    header.extend(field("web-admin".to_owned(), 32));
    header.resize(512, 0);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header.splice(
        checksum_at..checksum_at.saturating_add(8),
        format!("{sum:06o}\0 ").into_bytes(),
    );
    header
}

/// A gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
    out.extend(crc32fast::hash(bytes).to_le_bytes());
    out.extend(u32_of(bytes.len()));
    out
}

/// A zlib stream (RFC 1950).
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6)
}

/// A gzip member that inflates to `size` zero bytes: about a thousandth of it.
pub fn gzip_bomb(size: usize) -> Vec<u8> {
    gzip(&vec![0; size])
}

/// Zip in zip in zip, `depth` deep, `width` copies each, around `size` zero bytes: 42.zip's shape.
pub fn nested_bomb(depth: u32, width: u32, size: usize) -> Vec<u8> {
    let mut inner = Zip::new().file("0.dat", &vec![0; size]).build();
    for level in 0..depth {
        let mut zip = Zip::new();
        for copy in 0..width {
            zip = zip.file(&format!("{level}-{copy}.zip"), &inner);
        }
        inner = zip.build();
    }
    inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_steps_make_the_crc() {
        let crc = b"123456789".iter().fold(u32::MAX, |crc, byte| crc_step(crc, *byte));
        assert_eq!(!crc, 0xcbf4_3926);
    }

    #[test]
    fn a_tar_header_sums_up_with_its_own_field_blank() {
        let header = tar_header("a.txt", 5);
        assert_eq!(header.len(), 512);
        let stated = u32::from_str_radix(std::str::from_utf8(&header[148..154]).unwrap(), 8).unwrap();
        let sum: u32 = header
            .iter()
            .enumerate()
            .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
            .sum();
        assert_eq!(stated, sum);
    }

    #[test]
    fn bombs_are_small() {
        assert!(gzip_bomb(1 << 20).len() < 2048);
        assert!(nested_bomb(3, 10, 1 << 20).len() < 64 << 10);
    }
}
