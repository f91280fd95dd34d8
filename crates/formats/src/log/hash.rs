//! A hash of short texts that the compiler can compute too. It tells names apart quickly and protects nothing: whoever
//! uses it bounds how far equal hashes are followed.

/// An odd number with its bits well spread.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash of `text` that begins with `seed`.
#[inline]
pub(crate) const fn of_text(text: &[u8], seed: u64) -> u64 {
    let mut hash = (seed ^ text.len() as u64).wrapping_mul(SPREAD);
    let mut rest = text;
    while let Some((word, more)) = rest.split_first_chunk::<8>() {
        hash = mix(hash, u64::from_le_bytes(*word));
        rest = more;
    }
    if let Some((word, more)) = rest.split_first_chunk::<4>() {
        hash = mix(hash, u32::from_le_bytes(*word) as u64);
        rest = more;
    }
    let mut last = 0;
    while let Some((byte, more)) = rest.split_first() {
        last = (last << 8) | (*byte as u64 + 1);
        rest = more;
    }
    hash = mix(hash, last);
    hash ^ (hash >> 32)
}

#[inline]
const fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(23) ^ word).wrapping_mul(SPREAD)
}
