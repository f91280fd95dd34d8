//! The cryptographic digests that addresses are checked with.

use sha2::Sha256;
use sha3::{Digest, Keccak256, Sha3_256};

/// SHA-256 of the SHA-256.
pub(in crate::observable) fn sha256d(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// Keccak-256 as it was before NIST changed the padding: Ethereum and Monero.
pub(in crate::observable) fn keccak256(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

/// SHA3-256 of FIPS 202, over the parts in a row.
pub(in crate::observable) fn sha3_256(parts: &[&[u8]]) -> [u8; 32] {
    let digest = parts
        .iter()
        .fold(Sha3_256::new(), |digest, part| digest.chain_update(part));
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_differ_on_nothing_at_all() {
        assert_eq!(sha256d(b"").first_chunk(), Some(&[0x5d, 0xf6, 0xe0, 0xe2]));
        assert_eq!(keccak256(b"").first_chunk(), Some(&[0xc5, 0xd2, 0x46, 0x01]));
        assert_eq!(sha3_256(&[b"", b""]).first_chunk(), Some(&[0xa7, 0xff, 0xc6, 0xf8]));
    }

    #[test]
    fn parts_are_digested_in_a_row() {
        assert_eq!(sha3_256(&[b"ab", b"c"]), sha3_256(&[b"abc"]));
    }
}
