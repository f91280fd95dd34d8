//! The ciphers of documents: RC4, and AES in block chaining mode.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};

const BLOCK: usize = 16;

/// Encrypts or decrypts with RC4.
pub(crate) fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|at| at as u8);
    let at = |state: &[u8; 256], index: u8| state.get(usize::from(index)).copied().unwrap_or(0);
    let mut j = 0_u8;
    for (i, key_byte) in (0..=255_u8).zip(key.iter().cycle()) {
        j = j.wrapping_add(at(&state, i)).wrapping_add(*key_byte);
        state.swap(usize::from(i), usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    data.iter()
        .map(|byte| {
            i = i.wrapping_add(1);
            j = j.wrapping_add(at(&state, i));
            state.swap(usize::from(i), usize::from(j));
            byte ^ at(&state, at(&state, i).wrapping_add(at(&state, j)))
        })
        .collect()
}

enum Key {
    Short(Box<Aes128>),
    Long(Box<Aes256>),
}

impl Key {
    fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(|key| Self::Short(Box::new(key))),
            32 => Aes256::new_from_slice(key).ok().map(|key| Self::Long(Box::new(key))),
            _ => None,
        }
    }
}

/// Decrypts whole blocks; what follows the last stays away.
pub(crate) fn decrypt_blocks(key: &[u8], vector: [u8; BLOCK], data: &[u8]) -> Option<Vec<u8>> {
    let key = Key::new(key)?;
    let mut out = Vec::with_capacity(data.len());
    let mut before = vector;
    for packed in data.chunks_exact(BLOCK) {
        let packed = <[u8; BLOCK]>::try_from(packed).ok()?;
        let mut block = Array(packed);
        match &key {
            Key::Short(key) => key.decrypt_block(&mut block),
            Key::Long(key) => key.decrypt_block(&mut block),
        }
        out.extend(block.iter().zip(before).map(|(plain, before)| plain ^ before));
        before = packed;
    }
    Some(out)
}

/// Encrypts whole blocks.
pub(crate) fn encrypt_blocks(key: &[u8], vector: [u8; BLOCK], data: &[u8]) -> Option<Vec<u8>> {
    let key = Key::new(key)?;
    let mut out = Vec::with_capacity(data.len());
    let mut before = vector;
    for plain in data.chunks_exact(BLOCK) {
        let mut block = Array(before);
        for (byte, plain) in block.iter_mut().zip(plain) {
            *byte ^= plain;
        }
        match &key {
            Key::Short(key) => key.encrypt_block(&mut block),
            Key::Long(key) => key.encrypt_block(&mut block),
        }
        out.extend_from_slice(&block);
        before = block.into();
    }
    Some(out)
}

/// Decrypts data that begins with its vector and ends with padding, as strings and streams do.
pub(super) fn decrypt_padded(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let (vector, data) = data.split_at_checked(BLOCK)?;
    let mut out = decrypt_blocks(key, vector.try_into().ok()?, data)?;
    if let Some(padding @ 1..=16) = out.last().copied() {
        out.truncate(out.len().saturating_sub(usize::from(padding)));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rc4_of_a_known_pair() {
        // The test vector that everyone quotes.
        assert_eq!(
            rc4(b"Key", b"Plaintext"),
            [0xBB, 0xF3, 0x16, 0xE8, 0xD9, 0x40, 0xAF, 0x0A, 0xD3]
        );
    }

    #[test]
    fn blocks_come_back() {
        let data = [7_u8; 48];
        for key in [vec![1; 16], vec![2; 32]] {
            let packed = encrypt_blocks(&key, [9; 16], &data).unwrap();
            assert_eq!(decrypt_blocks(&key, [9; 16], &packed).unwrap(), data);
        }
        assert_eq!(
            (
                decrypt_padded(&[0; 16], b"short"),
                decrypt_blocks(b"odd", [0; 16], &data)
            ),
            (None, None)
        );
    }
}
