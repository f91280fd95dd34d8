//! The checksum of an image: a sum of 16-bit words with its carry, over everything but the field itself, and the length.

use crate::bytes::place;

/// The checksum that belongs into the four bytes at `field`.
pub(super) fn compute(bytes: &[u8], field: usize) -> u32 {
    let (before, behind) = bytes.split_at_checked(field).unwrap_or((bytes, &[]));
    let behind = behind.get(4..).unwrap_or_default();
    // A carry goes round to the front, so that the sum can be taken in wide words and folded at the end. Fields stand on
    // even places; where one does not, what is behind it is summed up with its bytes the other way round.
    let mut sum = fold(words(before));
    let rest = fold(words(behind));
    sum += if field.is_multiple_of(2) {
        rest
    } else {
        rest.swap_bytes() & 0xffff
    };
    let length = place(bytes.len()) as u64;
    let folded = fold(u64::from(sum));
    let total = u64::from(folded) + length;
    u32::try_from(total & 0xffff_ffff).unwrap_or_default()
}

/// The sum of 32-bit words, the last filled up with zeros.
fn words(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<4>();
    let mut last = [0; 4];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let sum: u64 = words.iter().map(|word| u64::from(u32::from_le_bytes(*word))).sum();
    sum + u64::from(u32::from_le_bytes(last))
}

/// The sum folded into 16 bits.
fn fold(mut sum: u64) -> u32 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    u32::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the loader does it, word by word.
    fn naive(bytes: &[u8], field: usize) -> u32 {
        let mut bytes = bytes.to_vec();
        let length = bytes.len() as u32;
        bytes[field..field + 4].fill(0);
        bytes.resize(bytes.len().div_ceil(2) * 2, 0);
        let mut sum = 0_u32;
        for word in bytes.chunks(2) {
            sum += u32::from(u16::from_le_bytes([word[0], word[1]]));
            sum = (sum & 0xffff) + (sum >> 16);
        }
        sum + length
    }

    #[test]
    fn the_sum_is_that_of_a_loader() {
        let bytes: Vec<u8> = (0..4001_u32).map(|at| (at * at / 7) as u8).collect();
        for length in [200, 201, 202, 203, 4001] {
            for field in [64, 66, 152] {
                assert_eq!(
                    compute(&bytes[..length], field),
                    naive(&bytes[..length], field),
                    "{length} {field}"
                );
            }
        }
        assert_eq!(compute(&[0xff; 8], 4), 0xffff + 8);
    }
}
