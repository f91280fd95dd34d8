//! Shannon's entropy in whole numbers, so that it is the same on every machine.

use watchfire_model::executable::Entropy;

/// Digits behind the point of a logarithm, in bits.
const DIGITS: u32 = 24;

/// The entropy of the bytes, rounded to the nearest thousandth; 0 of nothing.
pub fn entropy(bytes: &[u8]) -> Entropy {
    // Four counts, so that a run of one byte does not wait for itself.
    let mut counts = [[0_u64; 256]; 4];
    let (chunks, rest) = bytes.as_chunks::<4>();
    for chunk in chunks {
        for (count, byte) in counts.iter_mut().zip(chunk) {
            bump(count, *byte);
        }
    }
    let [first, second, third, fourth] = &mut counts;
    rest.iter().for_each(|byte| bump(first, *byte));
    let all = bytes.len() as u64;
    if all == 0 {
        return Entropy(0);
    }
    let each = first.iter().zip(second).zip(third).zip(fourth);
    let used: u128 = each
        .map(|(((a, b), c), d)| *a + *b + *c + *d)
        .filter(|count| *count > 0)
        .map(|count| u128::from(count) * u128::from(log2(count)))
        .sum();
    let all = u128::from(all);
    let bits = (all * u128::from(log2(bytes.len() as u64))).saturating_sub(used);
    let whole = all << DIGITS;
    Entropy(u16::try_from((bits * 1000 + whole / 2) / whole).unwrap_or(8000))
}

fn bump(counts: &mut [u64; 256], byte: u8) {
    if let Some(count) = counts.get_mut(usize::from(byte)) {
        *count += 1;
    }
}

/// The logarithm of a number above 0, in units of 2^-24: its whole part is the place of the first bit, and each squaring
/// of the rest gives a bit more.
fn log2(number: u64) -> u64 {
    let zeros = number.leading_zeros();
    let mut rest = (number << zeros) >> 32;
    let mut log = u64::from(63 - zeros);
    for _ in 0..DIGITS {
        rest = (rest * rest) >> 31;
        log <<= 1;
        if rest >= 1 << 32 {
            rest >>= 1;
            log |= 1;
        }
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_what_the_formula_gives() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(entropy(&all), Entropy(8000));
        assert_eq!(entropy(&all.repeat(7)), Entropy(8000));
        assert_eq!(entropy(&[7; 1000]), Entropy(0));
        assert_eq!(entropy(b""), Entropy(0));
        assert_eq!(entropy(b"ab"), Entropy(1000));
        assert_eq!(entropy(b"aab"), Entropy(918));
        assert_eq!(entropy(b"abc"), Entropy(1585));
    }

    #[test]
    fn whole_numbers_agree_with_floating_ones() {
        let mut bytes = Vec::new();
        let mut state = 1_u32;
        for length in 1..3000_u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes.push((state >> 24) as u8 & (length / 12) as u8);
            let mut expected = 0.0;
            for byte in 0..=255 {
                let count = bytes.iter().filter(|other| **other == byte).count() as f64;
                if count > 0.0 {
                    let part = count / f64::from(length);
                    expected -= part * part.log2();
                }
            }
            let found = f64::from(entropy(&bytes).0);
            assert!((found - expected * 1000.0).abs() <= 0.51, "{found} and {expected}");
        }
    }
}
