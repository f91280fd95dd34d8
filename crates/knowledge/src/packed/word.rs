//! Short labels as one integer, which is compared and hashed in a few instructions.
//!
//! A table of words is a perfect hash: the first hash chooses one of [`SEEDS`] seeds, the second, with that seed, the one
//! slot where the word stands if it is in the table. An empty slot is zero.

/// Slots in a table of words.
pub(crate) const SLOTS: usize = 2048;
/// Seeds in a table of words.
pub(crate) const SEEDS: usize = 512;

/// A label of two to eight letters, without regard to case: its bytes in lower case, the first one lowest. Other bytes
/// never give the word of a label of letters.
pub(crate) fn of(label: &[u8]) -> Option<u64> {
    let length = label.len();
    let word = if let (Some(first), Some(last)) = (label.first_chunk::<4>(), label.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        // Two halves that overlap: where they do, they are equal.
        u64::from(first) | (u64::from(last) << 32).checked_shr(u32::try_from(8 * 8_usize.checked_sub(length)?).ok()?)?
    } else {
        let (first, last) = (label.first_chunk::<2>()?, label.last_chunk::<2>()?);
        let (first, last) = (u16::from_le_bytes(*first), u16::from_le_bytes(*last));
        u64::from(first) | (u64::from(last) << 16) >> (8 * 4_usize.checked_sub(length)?)
    };
    let used = u64::MAX.checked_shr(u32::try_from(8 * 8_usize.checked_sub(length)?).ok()?)?;
    // Bit 5 turns letters, and nothing else, into lower-case letters.
    Some(word | (0x2020_2020_2020_2020 & used))
}

/// Which seed belongs to `word`.
pub(crate) const fn bucket(word: u64) -> usize {
    (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize
}

/// The only slot that `word` can stand in.
pub(crate) const fn slot(word: u64, seed: u16) -> usize {
    ((word ^ seed as u64).wrapping_mul(0xd6e8_feb8_6659_fd93) >> 53) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_bytes_in_lower_case() {
        for label in ["uk", "COM", "info", "TrAvE", "museum", "academy", "software"] {
            let mut bytes = [0; 8];
            bytes[..label.len()].copy_from_slice(label.to_lowercase().as_bytes());
            assert_eq!(of(label.as_bytes()), Some(u64::from_le_bytes(bytes)), "{label}");
        }
        for label in ["", "a", "education"] {
            assert_eq!(of(label.as_bytes()), None, "{label}");
        }
    }

    #[test]
    fn no_other_byte_passes_for_a_letter() {
        for byte in (0..=255_u8).filter(|byte| !byte.is_ascii_alphabetic()) {
            let word = of(&[b'c', b'o', byte]).unwrap().to_le_bytes();
            assert!(!word[2].is_ascii_lowercase(), "{byte}");
            assert_ne!(word[2], 0, "{byte}");
        }
    }

    #[test]
    fn slots_and_buckets_are_within_the_table() {
        for word in [0, 1, u64::MAX, 0x6d_6f63] {
            assert!(slot(word, u16::MAX) < SLOTS && slot(word, 0) < SLOTS);
            assert!(bucket(word) < SEEDS);
        }
    }
}
