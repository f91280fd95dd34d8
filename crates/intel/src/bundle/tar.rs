//! The little of tar that a bundle needs: headers of plain files (POSIX.1-1988 ustar), with nothing in them that differs
//! from host to host.

use std::io::{self, Write};

/// Everything stands at multiples of this. Bytes.
pub(super) const BLOCK: usize = 512;
/// Longest name that a header has room for. Bytes.
pub(super) const LONGEST: usize = 100;

/// A size, up to the next block.
pub(super) fn padded(size: u64) -> u64 {
    size.saturating_add(BLOCK as u64 - 1) / BLOCK as u64 * BLOCK as u64
}

pub(super) fn write_padding(size: u64, out: &mut dyn Write) -> io::Result<()> {
    let missing = usize::try_from(padded(size) - size).unwrap_or_default();
    out.write_all([0; BLOCK].get(..missing).unwrap_or_default())
}

/// Name, mode, owner, group, size, time, checksum, type, link, magic, version; the rest is nothing.
pub(super) fn write_header(name: &str, size: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut header = [0_u8; BLOCK];
    // Eleven octal digits hold up to 8 GiB.
    let octal = format!("{size:011o}\0");
    let fields: [(usize, &[u8]); 9] = [
        (0, name.as_bytes()),
        (100, b"0000644\0"),
        (108, b"0000000\0"),
        (116, b"0000000\0"),
        (124, octal.as_bytes()),
        (136, b"00000000000\0"),
        (148, b"        "),
        (156, b"0"),
        (257, b"ustar\x0000"),
    ];
    for (at, bytes) in fields {
        put(&mut header, at, bytes);
    }
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut header, 148, format!("{sum:06o}\0 ").as_bytes());
    out.write_all(&header)
}

fn put(header: &mut [u8; BLOCK], at: usize, bytes: &[u8]) {
    for (to, from) in header.iter_mut().skip(at).zip(bytes) {
        *to = *from;
    }
}

/// Name and size of a plain file; nothing if it is something else or damaged.
pub(super) fn read_header(header: &[u8; BLOCK]) -> Option<(&str, u64)> {
    let text = |from: usize, length: usize| {
        let field = header.get(from..from + length)?;
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(length);
        std::str::from_utf8(field.get(..end)?).ok()
    };
    let name = text(0, 100)?;
    let size = u64::from_str_radix(text(124, 12)?.trim(), 8).ok()?;
    let said = u32::from_str_radix(text(148, 8)?.trim(), 8).ok()?;
    let blank = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) };
    let sum: u32 = header.iter().enumerate().map(blank).sum();
    let plain = header.get(156) == Some(&b'0') && text(345, 155) == Some("");
    (plain && sum == said).then_some((name, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_written() {
        let mut out = Vec::new();
        write_header("feeds/a.set", 1234, &mut out).unwrap();
        let mut header: [u8; BLOCK] = out.try_into().unwrap();
        assert_eq!(read_header(&header), Some(("feeds/a.set", 1234)));
        header[0] ^= 1;
        assert_eq!(read_header(&header), None);
        assert_eq!((padded(0), padded(1), padded(512)), (0, 512, 512));
    }
}
