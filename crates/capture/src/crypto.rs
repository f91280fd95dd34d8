//! The ciphers of TLS and QUIC, for reading only: AES-GCM (NIST SP 800-38D), ChaCha20-Poly1305 (RFC 8439), AES-CBC (NIST SP
//! 800-38A), HMAC (RFC 2104), HKDF (RFC 5869) with the labels of TLS 1.3 (RFC 8446 7.1), and the function of TLS 1.2
//! (RFC 5246 5).
//!
//! Nothing here is about keeping secrets: whoever reads a capture has the keys.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt};
use aes::{Aes128, Aes256};
use aes_gcm::{AeadInOut, Aes128Gcm, Aes256Gcm};
use chacha20poly1305::ChaCha20Poly1305;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384};
use std::fmt;

/// Bytes of what shows that nothing was changed.
pub(crate) const TAG: usize = 16;
/// Bytes of a block of AES.
const BLOCK: usize = 16;
/// Bytes that are derived at most.
const MOST_DERIVED: usize = 512;

/// A digest that keys are derived with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
}

impl Hash {
    /// Its bytes.
    pub(crate) const fn length(self) -> u8 {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

/// HMAC of the parts, one after another.
pub(crate) fn hmac(hash: Hash, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    fn of<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        // Keys of any length are taken (RFC 2104 2).
        let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
            return Vec::new();
        };
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().to_vec()
    }
    match hash {
        Hash::Sha1 => of::<Hmac<Sha1>>(key, parts),
        Hash::Sha256 => of::<Hmac<Sha256>>(key, parts),
        Hash::Sha384 => of::<Hmac<Sha384>>(key, parts),
    }
}

/// `HKDF-Expand-Label` without a context (RFC 8446 7.1): so many bytes, 255 at most.
pub(crate) fn expand_label(hash: Hash, secret: &[u8], label: &str, length: u8) -> Vec<u8> {
    const PREFIX: &[u8] = b"tls13 ";
    let label_length = u8::try_from(PREFIX.len() + label.len()).unwrap_or(u8::MAX);
    let information = [&[0, length, label_length], PREFIX, label.as_bytes(), &[0]].concat();
    let (mut derived, mut last) = (Vec::new(), Vec::new());
    for counter in 1_u8..=u8::MAX {
        if derived.len() >= usize::from(length) {
            break;
        }
        last = hmac(hash, secret, &[&last, &information, &[counter]]);
        derived.extend_from_slice(&last);
    }
    derived.truncate(length.into());
    derived
}

/// The pseudo-random function of TLS 1.2 (RFC 5246 5): so many bytes.
pub(crate) fn expand_old(hash: Hash, secret: &[u8], label: &[u8], seed: &[&[u8]], length: usize) -> Vec<u8> {
    let seed = [&[label], seed].concat().concat();
    let length = length.min(MOST_DERIVED);
    let (mut derived, mut last) = (Vec::new(), seed.clone());
    while derived.len() < length {
        last = hmac(hash, secret, &[&last]);
        derived.extend_from_slice(&hmac(hash, secret, &[&last, &seed]));
    }
    derived.truncate(length);
    derived
}

/// A cipher that tells whether anything was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AeadKind {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
}

impl AeadKind {
    /// Bytes of its key.
    pub(crate) const fn key_length(self) -> u8 {
        match self {
            Self::Aes128Gcm => 16,
            Self::Aes256Gcm | Self::ChaCha20Poly1305 => 32,
        }
    }
}

/// Such a cipher with its key.
pub(crate) enum Aead {
    Aes128Gcm(Box<Aes128Gcm>),
    Aes256Gcm(Box<Aes256Gcm>),
    ChaCha20Poly1305(Box<ChaCha20Poly1305>),
}

/// Without the key.
impl fmt::Debug for Aead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aes128Gcm(_) => "AES-128-GCM",
            Self::Aes256Gcm(_) => "AES-256-GCM",
            Self::ChaCha20Poly1305(_) => "ChaCha20-Poly1305",
        })
    }
}

impl Aead {
    /// None where the key has another length.
    pub(crate) fn new(kind: AeadKind, key: &[u8]) -> Option<Self> {
        Some(match kind {
            AeadKind::Aes128Gcm => Self::Aes128Gcm(Box::new(Aes128Gcm::new_from_slice(key).ok()?)),
            AeadKind::Aes256Gcm => Self::Aes256Gcm(Box::new(Aes256Gcm::new_from_slice(key).ok()?)),
            AeadKind::ChaCha20Poly1305 => Self::ChaCha20Poly1305(Box::new(ChaCha20Poly1305::new_from_slice(key).ok()?)),
        })
    }

    /// What is behind `sealed`, which ends with its tag; none where the key is another or something was changed.
    pub(crate) fn open(&self, nonce: &[u8; 12], associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (text, tag) = sealed.split_last_chunk::<TAG>()?;
        let mut text = text.to_vec();
        let (nonce, tag) = (Array(*nonce), Array(*tag));
        let buffer = text.as_mut_slice().into();
        match self {
            Self::Aes128Gcm(cipher) => cipher.decrypt_inout_detached(&nonce, associated, buffer, &tag),
            Self::Aes256Gcm(cipher) => cipher.decrypt_inout_detached(&nonce, associated, buffer, &tag),
            Self::ChaCha20Poly1305(cipher) => cipher.decrypt_inout_detached(&nonce, associated, buffer, &tag),
        }
        .ok()?;
        Some(text)
    }

    /// The reverse, for tests.
    #[cfg(test)]
    pub(crate) fn seal(&self, nonce: &[u8; 12], associated: &[u8], text: &[u8]) -> Vec<u8> {
        let mut sealed = text.to_vec();
        let nonce = Array(*nonce);
        let buffer = sealed.as_mut_slice().into();
        let tag = match self {
            Self::Aes128Gcm(cipher) => cipher.encrypt_inout_detached(&nonce, associated, buffer),
            Self::Aes256Gcm(cipher) => cipher.encrypt_inout_detached(&nonce, associated, buffer),
            Self::ChaCha20Poly1305(cipher) => cipher.encrypt_inout_detached(&nonce, associated, buffer),
        };
        sealed.extend_from_slice(&tag.unwrap());
        sealed
    }
}

/// AES block by block.
pub(crate) enum Block {
    Short(Box<Aes128>),
    Long(Box<Aes256>),
}

/// Without the key.
impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short(_) => "AES-128",
            Self::Long(_) => "AES-256",
        })
    }
}

impl Block {
    /// None where the key has neither 16 nor 32 bytes.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Some(Self::Short(Box::new(Aes128::new_from_slice(key).ok()?))),
            32 => Some(Self::Long(Box::new(Aes256::new_from_slice(key).ok()?))),
            _ => None,
        }
    }

    pub(crate) fn encrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Array(block);
        match self {
            Self::Short(key) => key.encrypt_block(&mut block),
            Self::Long(key) => key.encrypt_block(&mut block),
        }
        block.0
    }

    /// Block chaining. None unless it is whole blocks.
    pub(crate) fn decrypt_chained(&self, mut previous: [u8; BLOCK], sealed: &[u8]) -> Option<Vec<u8>> {
        let (blocks, []) = sealed.as_chunks::<BLOCK>() else {
            return None;
        };
        let mut text = Vec::with_capacity(sealed.len());
        for sealed in blocks {
            let mut block = Array(*sealed);
            match self {
                Self::Short(key) => key.decrypt_block(&mut block),
                Self::Long(key) => key.decrypt_block(&mut block),
            }
            text.extend(block.0.iter().zip(previous).map(|(plain, before)| plain ^ before));
            previous = *sealed;
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        let digits: Vec<u8> = hexadecimal.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    #[test]
    fn keys_of_the_first_packets_are_those_of_rfc_9001() {
        let salt = bytes("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
        let initial = hmac(Hash::Sha256, &salt, &[&bytes("8394c8f03e515708")]);
        let client = expand_label(Hash::Sha256, &initial, "client in", 32);
        assert_eq!(
            client,
            bytes("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea")
        );
        assert_eq!(
            expand_label(Hash::Sha256, &client, "quic key", 16),
            bytes("1f369613dd76d5467730efcbe3b1a22d")
        );
        assert_eq!(
            expand_label(Hash::Sha256, &client, "quic iv", 12),
            bytes("fa044b2f42a3fd3b46fb255c")
        );
    }

    #[test]
    fn what_was_changed_does_not_open() {
        for kind in [AeadKind::Aes128Gcm, AeadKind::Aes256Gcm, AeadKind::ChaCha20Poly1305] {
            let cipher = Aead::new(kind, &vec![7; kind.key_length().into()]).unwrap();
            let mut sealed = cipher.seal(&[1; 12], b"head", b"text");
            assert_eq!(cipher.open(&[1; 12], b"head", &sealed).unwrap(), b"text");
            assert_eq!(cipher.open(&[2; 12], b"head", &sealed), None);
            sealed[0] ^= 1;
            assert_eq!(cipher.open(&[1; 12], b"head", &sealed), None);
            assert_eq!(cipher.open(&[1; 12], b"head", b"short"), None);
            assert!(Aead::new(kind, b"short").is_none());
        }
    }

    #[test]
    fn chained_blocks_come_apart() {
        // NIST SP 800-38A, F.2.2, the first block.
        let key = Block::new(&bytes("2b7e151628aed2a6abf7158809cf4f3c")).unwrap();
        let vector = std::array::from_fn(|place| place as u8);
        let text = key.decrypt_chained(vector, &bytes("7649abac8119b246cee98e9b12e9197d"));
        assert_eq!(text.unwrap(), bytes("6bc1bee22e409f96e93d7e117393172a"));
        assert_eq!(key.decrypt_chained(vector, b"no block"), None);
    }

    #[test]
    fn the_function_of_tls_1_2_gives_as_many_bytes_as_are_asked_for() {
        let long = expand_old(Hash::Sha256, b"secret", b"test label", &[b"seed"], 100);
        assert_eq!(long.len(), 100);
        assert_eq!(
            expand_old(Hash::Sha256, b"secret", b"test label", &[b"se", b"ed"], 40),
            long[..40]
        );
        // IETF, Dan Harkins, "P_SHA256 test vector" on the list of the working group on TLS.
        let known = expand_old(
            Hash::Sha256,
            &bytes("9bbe436ba940f017b17652849a71db35"),
            b"test label",
            &[&bytes("a0ba9f936cda311827a6f796ffd5198c")],
            16,
        );
        assert_eq!(known, bytes("e3f229ba727be17b8d122620557cd453"));
    }
}
