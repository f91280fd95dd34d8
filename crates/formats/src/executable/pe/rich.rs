//! The "Rich" header: which compilers made the parts of a file. It stands between the program for DOS and the header,
//! under a mask that is a checksum of both (documented by those who took it apart: ntcore.com, "Microsoft's Rich
//! Signature"; the digest is pefile's).

use crate::bytes::{le32, piece};
use md5::{Digest as _, Md5};
use memchr::memmem;
use watchfire_model::executable::Digest;
use watchfire_model::executable::pe::{Rich, RichEntry};

/// Where it begins in all files that Microsoft's linker writes.
const START: usize = 0x80;
/// Entries that are kept; linkers write a few dozen.
const MOST: usize = 1024;
const DANS: u32 = u32::from_le_bytes(*b"DanS");

/// Reads it from before the optional header.
pub(super) fn read(bytes: &[u8], optional: usize) -> Option<Rich> {
    let head = bytes.get(..optional)?;
    let end = START + memmem::find(head.get(START..)?, b"Rich")?;
    let key = le32(bytes, end + 4)?;
    // Another program for DOS moves the beginning.
    let start = if le32(bytes, START)? ^ key == DANS {
        START
    } else {
        let places = (0x40..end).rev().step_by(4);
        places
            .into_iter()
            .find(|at| le32(bytes, *at).is_some_and(|word| word ^ key == DANS))?
    };
    let masked = piece(bytes, start, end - start);
    let mask = key.to_le_bytes();
    let clear: Vec<u8> = masked
        .iter()
        .zip(mask.iter().cycle())
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    let words: Vec<u32> = clear
        .as_chunks::<4>()
        .0
        .iter()
        .map(|word| u32::from_le_bytes(*word))
        .collect();
    let pairs = words.get(4..).unwrap_or_default().as_chunks::<2>().0;
    let entries: Vec<RichEntry> = pairs
        .iter()
        .map(|[tool, count]| {
            let [low, high, product_low, product_high] = tool.to_le_bytes();
            RichEntry {
                product: u16::from_le_bytes([product_low, product_high]),
                build: u16::from_le_bytes([low, high]),
                count: *count,
            }
        })
        .collect();
    Some(Rich {
        hash: Digest::new(&Md5::digest(&clear)),
        key,
        key_is_right: checksum(bytes, start, &entries) == key,
        entries: entries.into_iter().take(MOST).collect(),
    })
}

/// The checksum that is the mask: each byte before it turned by its place, `e_lfanew` left out, and each entry turned by
/// its count.
fn checksum(bytes: &[u8], start: usize, entries: &[RichEntry]) -> u32 {
    let mut sum = u32::try_from(start).unwrap_or_default();
    for (at, byte) in (0_u32..).zip(piece(bytes, 0, start)) {
        if !(0x3c..0x40).contains(&at) {
            sum = sum.wrapping_add(u32::from(*byte).rotate_left(at & 31));
        }
    }
    for entry in entries {
        let tool = u32::from(entry.product) << 16 | u32::from(entry.build);
        sum = sum.wrapping_add(tool.rotate_left(entry.count & 31));
    }
    sum
}
