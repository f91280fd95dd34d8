//! Classes of Android (Android Open Source Project, "Dalvik executable format"). Absent: code.

use super::work::Work;
use crate::bytes::{has, le32, place, until_zero};
use watchfire_model::Untrusted;
use watchfire_model::executable::{Dex, Digest};

/// Longest name of a class. Bytes.
const LONGEST: usize = 1024;

pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Option<Dex> {
    if !has(bytes, 0, b"dex\n") {
        return None;
    }
    let word = |at| le32(bytes, at);
    let checksum = word(8)?;
    let size = word(32)?;
    if place(size) > bytes.len() {
        work.warn("dex-truncated", "the file is shorter than its header says");
    }
    let mut facts = Dex {
        version: Untrusted::from_bytes(until_zero(bytes.get(4..8)?, 4)),
        checksum,
        checksum_is_right: work.pay(bytes.len()) && adler32(bytes.get(12..)?) == checksum,
        signature: Digest::new(bytes.get(12..32)?),
        size,
        strings: word(56)?,
        methods: word(88)?,
        classes: Vec::new(),
    };
    let (strings, types) = (place(word(60)?), place(word(68)?));
    let (type_count, class_count, classes) = (word(64)?, place(word(96)?), place(word(100)?));
    let name = |number: u32| {
        let string = word(types.checked_add(place(number.min(type_count)) * 4)?)?;
        let at = place(word(strings.checked_add(place(string).checked_mul(4)?)?)?);
        let text = bytes.get(at..)?;
        // Its length in characters, in groups of seven bits, stands before the text.
        let length = text.iter().take(5).position(|byte| byte & 0x80 == 0)? + 1;
        Some(Untrusted::from_bytes(until_zero(text.get(length..)?, LONGEST)))
    };
    let table = bytes
        .get(classes..)
        .unwrap_or_default()
        .chunks_exact(32)
        .take(class_count);
    let table: Vec<&[u8]> = table.take(work.most()).collect();
    // Names stand one behind the other, so all of them together are no longer than the file.
    let mut left = bytes.len();
    let names = table.iter().filter_map(|class| name(le32(class, 0)?));
    facts.classes = names
        .take_while(|name| {
            let rest = left.checked_sub(name.raw().len());
            left = rest.unwrap_or_default();
            rest.is_some()
        })
        .collect();
    if facts.classes.len() < class_count {
        work.warn(
            "dex-classes",
            "its list of classes is damaged or longer than is kept; what could be read is listed",
        );
    }
    Some(facts)
}

/// The checksum of RFC 1950, section 9, over everything behind it.
fn adler32(bytes: &[u8]) -> u32 {
    // As many sums as fit into 32 bits before the remainder has to be taken.
    const RUN: usize = 5552;
    const MODULUS: u32 = 65_521;
    let (mut low, mut high) = (1_u32, 0_u32);
    for run in bytes.chunks(RUN) {
        for byte in run {
            low += u32::from(*byte);
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_rfc() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(&[0xff; 40_000]), {
            let (mut a, mut b) = (1_u64, 0_u64);
            for _ in 0..40_000 {
                a = (a + 255) % 65_521;
                b = (b + a) % 65_521;
            }
            (b << 16 | a) as u32
        });
    }
}
