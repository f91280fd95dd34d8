//! AES in the two modes containers use: counter for zip, block chaining for 7z.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};

const BLOCK: usize = 16;

/// A key of 128, 192 or 256 bits.
pub(super) enum Key {
    Short(Box<Aes128>),
    Middle(Box<Aes192>),
    Long(Box<Aes256>),
}

impl Key {
    pub(super) fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(|key| Self::Short(Box::new(key))),
            24 => Aes192::new_from_slice(key).ok().map(|key| Self::Middle(Box::new(key))),
            32 => Aes256::new_from_slice(key).ok().map(|key| Self::Long(Box::new(key))),
            _ => None,
        }
    }

    /// A key of 256 bits.
    pub(super) fn long(key: &[u8; 32]) -> Self {
        Self::Long(Box::new(Aes256::new(&Array(*key))))
    }

    /// Counter mode as WinZip has it: the counter is little endian and starts at one. Encrypts and decrypts.
    pub(super) fn apply_little_endian_counter(&self, data: &mut [u8]) {
        for (counter, chunk) in (1u128..).zip(data.chunks_mut(BLOCK)) {
            let mut mask = Array(counter.to_le_bytes());
            match self {
                Self::Short(key) => key.encrypt_block(&mut mask),
                Self::Middle(key) => key.encrypt_block(&mut mask),
                Self::Long(key) => key.encrypt_block(&mut mask),
            }
            for (byte, mask) in chunk.iter_mut().zip(mask) {
                *byte ^= mask;
            }
        }
    }

    /// Block chaining. A last block that is not complete stays as it is.
    pub(super) fn decrypt_chained(&self, mut previous: [u8; BLOCK], data: &mut [u8]) {
        for chunk in data.chunks_exact_mut(BLOCK) {
            let Ok(packed) = <[u8; BLOCK]>::try_from(&*chunk) else {
                return;
            };
            let mut block = Array(packed);
            match self {
                Self::Short(key) => key.decrypt_block(&mut block),
                Self::Middle(key) => key.decrypt_block(&mut block),
                Self::Long(key) => key.decrypt_block(&mut block),
            }
            for ((byte, plain), before) in chunk.iter_mut().zip(block).zip(previous) {
                *byte = plain ^ before;
            }
            previous = packed;
        }
    }
}
