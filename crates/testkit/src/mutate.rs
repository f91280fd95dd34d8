//! Damage, reproducibly: what happens to files on disks, in mailers and in the hands of an attacker.

use crate::Random;

/// `bytes`, damaged in one to four ways. The same generator state gives the same damage.
pub fn mutate(random: &mut Random, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..random.between(1, 4) {
        match random.below(8) {
            0 => truncate(random, &mut damaged),
            1 => flip_bits(random, &mut damaged),
            2 => overwrite(random, &mut damaged),
            3 => splice(random, &mut damaged, other),
            4 => repeat(random, &mut damaged),
            5 => remove(random, &mut damaged),
            6 => extreme_number(random, &mut damaged),
            _ => insert(random, &mut damaged),
        }
    }
    damaged
}

/// Cuts the end off.
pub fn truncate(random: &mut Random, bytes: &mut Vec<u8>) {
    let length = random.index(bytes.len().saturating_add(1));
    bytes.truncate(length);
}

/// Flips one to sixteen bits.
pub fn flip_bits(random: &mut Random, bytes: &mut [u8]) {
    for _ in 0..random.between(1, 16) {
        let at = random.index(bytes.len());
        let bit = random.below(8);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }
}

/// Replaces a short run by random bytes.
pub fn overwrite(random: &mut Random, bytes: &mut [u8]) {
    let at = random.index(bytes.len());
    let length = random.index(16);
    for byte in bytes.iter_mut().skip(at).take(length) {
        *byte = random.bits().to_le_bytes()[0];
    }
}

/// Puts a piece of `other` somewhere.
pub fn splice(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    let from = random.index(other.len());
    let length = random.index(other.len().saturating_sub(from).min(4096).saturating_add(1));
    let piece: Vec<u8> = other.iter().skip(from).take(length).copied().collect();
    let at = random.index(bytes.len().saturating_add(1));
    bytes.splice(at..at, piece);
}

/// Repeats a run up to 64 times.
pub fn repeat(random: &mut Random, bytes: &mut Vec<u8>) {
    let at = random.index(bytes.len());
    let length = random.index(64);
    let piece: Vec<u8> = bytes.iter().skip(at).take(length).copied().collect();
    let times = random.index(64);
    bytes.splice(at..at, piece.repeat(times));
}

/// Removes a run.
pub fn remove(random: &mut Random, bytes: &mut Vec<u8>) {
    let at = random.index(bytes.len());
    let end = at.saturating_add(random.index(256)).min(bytes.len());
    bytes.drain(at..end);
}

/// Inserts random bytes, or the punctuation on which parsers decide.
pub fn insert(random: &mut Random, bytes: &mut Vec<u8>) {
    const PIECES: &[&[u8]] = &[
        b".",
        b"[.]",
        b"://",
        b"hxxp",
        b"@",
        b"\0",
        b"\r\n",
        b"\xff\xfe",
        b"\xe2\x80\xae",
        b"[",
        b"(",
        b"%2F",
        b"PK\x03\x04",
        b"<",
        b"\"",
    ];
    let piece = if random.chance(1, 2) {
        random.pick(PIECES).to_vec()
    } else {
        let length = random.index(16);
        random.bytes(length)
    };
    let at = random.index(bytes.len().saturating_add(1));
    bytes.splice(at..at, piece);
}

/// Replaces a field by a number at the edge of its type: where sizes and offsets go wrong.
pub fn extreme_number(random: &mut Random, bytes: &mut [u8]) {
    const NUMBERS: &[u64] = &[
        0,
        1,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0xffff,
        0x7fff_ffff,
        0xffff_ffff,
        u64::MAX,
        1 << 63,
    ];
    let number = random.pick(NUMBERS).to_le_bytes();
    let width = random.pick(&[1_usize, 2, 4, 8]);
    let at = random.index(bytes.len());
    for (byte, digit) in bytes.iter_mut().skip(at).zip(number.iter().take(width)) {
        *byte = *digit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_repeats() {
        let damaged = |seed| mutate(&mut Random::new(seed), b"the quick brown fox", b"jumps");
        for seed in 0..500 {
            assert_eq!(damaged(seed), damaged(seed));
        }
        assert!((0..50).any(|seed| damaged(seed) != b"the quick brown fox"));
    }

    #[test]
    fn nothing_can_be_damaged() {
        for seed in 0..500 {
            mutate(&mut Random::new(seed), b"", b"");
        }
    }
}
