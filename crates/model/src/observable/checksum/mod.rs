//! Checksums that observables carry in themselves, and the alphabets they are written in.
//!
//! Every routine is linear in its input except base58, which is quadratic and therefore bounds its input first. None
//! looks at what an address means: that is the business of its kind.

pub(super) mod base32;
pub(super) mod base58;
pub(super) mod bech32;
pub(super) mod cashaddr;
pub(super) mod crc;
pub(super) mod decimal;
pub(super) mod digest;

/// Regroups digits of `from` bits into digits of `to` bits, most significant first. `None` if a digit is too large, or if
/// the bits left over are a whole digit or not zero, as a second spelling of the same value must not pass.
fn regroup(digits: impl IntoIterator<Item = u8>, from: u32, to: u32) -> Option<Vec<u8>> {
    let digits = digits.into_iter();
    let mut out = Vec::with_capacity(digits.size_hint().0);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    let mask = (1_u32 << to) - 1;
    for digit in digits {
        if u32::from(digit) >> from != 0 {
            return None;
        }
        // At most seven bits are waiting, so eight more never reach the top.
        buffer = (buffer << from | u32::from(digit)) & 0xFFFF;
        bits += from;
        while bits >= to {
            bits -= to;
            out.push((buffer >> bits & mask) as u8);
        }
    }
    let rest = buffer & ((1 << bits) - 1);
    (bits < from && rest == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::regroup;

    #[test]
    fn regrouping_keeps_the_bits() {
        assert_eq!(regroup([0xFF, 0x00], 8, 4), Some(vec![15, 15, 0, 0]));
        assert_eq!(regroup([31, 28], 5, 8), Some(vec![0xFF]));
    }

    #[test]
    fn left_over_bits_must_be_zero_and_less_than_a_digit() {
        assert_eq!(regroup([31, 29], 5, 8), None);
        assert_eq!(regroup([31, 28, 0], 5, 8), None);
        assert_eq!(regroup([32], 5, 8), None);
    }
}
