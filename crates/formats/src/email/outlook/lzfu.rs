//! Compressed rich text (MS-OXRTFCP): LZ77 with a dictionary of 4 KiB that begins full of common words.
//!
//! A reference of two bytes stands for seventeen at most, so that the output is bounded by the input. What was unpacked
//! before damage is kept.

use crate::bytes::le32;
use watchfire_model::{Budget, Halt, Problem};

const DICTIONARY: usize = 4096;
/// What the dictionary holds at first.
const WORDS: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const COMPRESSED: u32 = 0x7546_5a4c;
const STORED: u32 = 0x414c_454d;

/// Unpacks rich text; what is wrong with it is told beside.
pub(crate) fn unpack(bytes: &[u8], budget: &Budget) -> Result<(Vec<u8>, Option<Problem>), Halt> {
    let damaged = |why: &str| {
        Some(Problem::warning(
            "outlook-damaged-rtf",
            format!("compressed rich text {why}"),
        ))
    };
    let header = [0, 4, 8, 12].map(|at| le32(bytes, at));
    let ([Some(packed), Some(size), Some(method), Some(checksum)], Some(data)) = (header, bytes.get(16..)) else {
        return Ok((Vec::new(), damaged("is cut short")));
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    // The declared length counts from behind its own field.
    let packed = usize::try_from(packed).unwrap_or(usize::MAX).saturating_sub(12);
    let data = data.get(..packed).unwrap_or(data);
    let (out, problem) = match method {
        STORED => (data.get(..size).unwrap_or(data).to_vec(), None),
        COMPRESSED => {
            let out = inflate(data, size);
            let short = out.len() < size;
            let wrong = !short && sum(data) != checksum;
            let why = match (short, wrong) {
                (true, _) => damaged("is cut short"),
                (_, true) => damaged("does not fit its checksum"),
                _ => None,
            };
            (out, why)
        }
        _ => (Vec::new(), damaged("is packed by an unknown method")),
    };
    let length = out.len() as u64;
    budget.unpack(length, length, bytes.len() as u64)?;
    Ok((out, problem))
}

/// The checksum is that of zip without the inversions at both ends.
fn sum(data: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(u32::MAX);
    hasher.update(data);
    !hasher.finalize()
}

fn inflate(data: &[u8], size: usize) -> Vec<u8> {
    let mut ring = [b' '; DICTIONARY];
    for (place, byte) in ring.iter_mut().zip(WORDS) {
        *place = *byte;
    }
    let mut at = WORDS.len();
    let mut out = Vec::with_capacity(size.min(data.len().saturating_mul(9)));
    let put = |byte: u8, at: &mut usize, ring: &mut [u8; DICTIONARY], out: &mut Vec<u8>| {
        out.push(byte);
        if let Some(place) = ring.get_mut(*at) {
            *place = byte;
        }
        *at = (*at + 1) % DICTIONARY;
    };
    let mut input = data.iter().copied();
    while let Some(control) = input.next() {
        for bit in 0..8 {
            if out.len() >= size {
                return out;
            }
            let Some(first) = input.next() else { return out };
            if control >> bit & 1 == 0 {
                put(first, &mut at, &mut ring, &mut out);
                continue;
            }
            let Some(second) = input.next() else { return out };
            let reference = usize::from(u16::from_be_bytes([first, second]));
            let (offset, length) = (reference >> 4, (reference & 15) + 2);
            // A reference to what comes next is the end.
            if offset == at {
                return out;
            }
            for step in 0..length {
                let byte = ring.get((offset + step) % DICTIONARY).copied().unwrap_or_default();
                put(byte, &mut at, &mut ring, &mut out);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str, is_whole: bool) {
        let (out, problem) = unpack(bytes, &Budget::default()).unwrap();
        assert_eq!(
            (String::from_utf8_lossy(&out).as_ref(), problem.is_none()),
            (expected, is_whole),
            "{problem:?}"
        );
    }

    /// The first example of MS-OXRTFCP, section 3.1.
    const EXAMPLE: &[u8] = &[
        0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72,
        0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62,
        0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
    ];

    #[test]
    fn the_example_of_the_specification_unpacks() {
        assert_eq!(WORDS.len(), 207);
        check(EXAMPLE, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", true);
    }

    #[test]
    fn damage_is_told_and_costs_no_more_than_it_must() {
        check(
            EXAMPLE.get(..40).unwrap(),
            "{\\rtf1\\ansi\\ansicpg1252\\pard hello w",
            false,
        );
        check(EXAMPLE.get(..10).unwrap(), "", false);
        let mut flipped = EXAMPLE.to_vec();
        flipped[12] ^= 1;
        check(&flipped, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", false);
    }

    #[test]
    fn stored_text_is_taken_as_it_is() {
        let mut stored = vec![15, 0, 0, 0, 3, 0, 0, 0];
        stored.extend(b"MELA\0\0\0\0abc");
        check(&stored, "abc", true);
    }

    #[test]
    fn a_reference_stands_for_seventeen_bytes_at_most() {
        let mut bomb = vec![0xff; 16 + 9000];
        bomb[8..12].copy_from_slice(&COMPRESSED.to_le_bytes());
        let (out, _) = unpack(&bomb, &Budget::default()).unwrap();
        assert!(out.len() <= 9 * 9000, "{}", out.len());
    }
}
