//! Records that are opened with secrets that somebody wrote down: AEAD of TLS 1.3 (RFC 8446 5.2) and 1.2 (RFC 5288, RFC 7905),
//! and AES-CBC of TLS 1.2 (RFC 5246 6.2.3.2, RFC 7366).
//!
//! Absent: what was before TLS 1.2, CCM, Camellia and RC4, and early data.

#[cfg(test)]
mod tests;

use super::DATA;
use super::handshake::Handshake;
use super::hello::is_new;
use crate::crypto::{Aead, AeadKind, Block, Hash, TAG, expand_label, expand_old, hmac};
use crate::keylog::Secrets;

/// How a suite protects records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Aead(AeadKind),
    /// AES with a key of so many bytes, and a digest.
    Chained(u8, Hash),
}

/// A suite of ciphers: how it protects records, and what keys are derived with.
fn suite(cipher: u16) -> Option<(Kind, Hash)> {
    use AeadKind::{Aes128Gcm, Aes256Gcm, ChaCha20Poly1305};
    Some(match cipher {
        0x1301 | 0x009c | 0x009e | 0xc02b | 0xc02f => (Kind::Aead(Aes128Gcm), Hash::Sha256),
        0x1302 | 0x009d | 0x009f | 0xc02c | 0xc030 => (Kind::Aead(Aes256Gcm), Hash::Sha384),
        0x1303 | 0xcca8 | 0xcca9 | 0xccaa => (Kind::Aead(ChaCha20Poly1305), Hash::Sha256),
        0x002f | 0x0033 | 0xc009 | 0xc013 => (Kind::Chained(16, Hash::Sha1), Hash::Sha256),
        0x0035 | 0x0039 | 0xc00a | 0xc014 => (Kind::Chained(32, Hash::Sha1), Hash::Sha256),
        0x003c | 0x0067 | 0xc023 | 0xc027 => (Kind::Chained(16, Hash::Sha256), Hash::Sha256),
        0x003d | 0x006b => (Kind::Chained(32, Hash::Sha256), Hash::Sha256),
        0xc024 | 0xc028 => (Kind::Chained(32, Hash::Sha384), Hash::Sha384),
        _ => return None,
    })
}

/// What opens the records of one side.
#[derive(Debug)]
pub(super) struct Opener {
    cipher: Cipher,
    /// What was opened so far.
    number: u64,
}

#[derive(Debug)]
enum Cipher {
    /// Of TLS 1.3, with the secret that the next one comes from.
    New {
        aead: Aead,
        vector: [u8; 12],
        hash: Hash,
        kind: AeadKind,
        secret: Vec<u8>,
    },
    /// Of TLS 1.2 with a part of the nonce in the record.
    Explicit { aead: Aead, salt: [u8; 4] },
    /// Of TLS 1.2 with a nonce that is counted.
    Counted { aead: Aead, vector: [u8; 12] },
    Chained {
        block: Block,
        hash: Hash,
        key: Vec<u8>,
        encrypts_first: bool,
    },
}

/// The nonce of a record: its number within the vector.
fn nonce(vector: [u8; 12], number: u64) -> [u8; 12] {
    let mut nonce = vector;
    for (place, byte) in nonce.iter_mut().rev().zip(number.to_be_bytes().iter().rev()) {
        *place ^= byte;
    }
    nonce
}

impl Opener {
    /// Of TLS 1.3, from a secret of the handshake or of the data.
    pub(super) fn new(cipher: u16, secret: &[u8]) -> Option<Self> {
        let (Kind::Aead(kind), hash) = suite(cipher).filter(|_| !secret.is_empty())? else {
            return None;
        };
        Self::of(kind, hash, secret)
    }

    fn of(kind: AeadKind, hash: Hash, secret: &[u8]) -> Option<Self> {
        let key = expand_label(hash, secret, "key", kind.key_length());
        let cipher = Cipher::New {
            aead: Aead::new(kind, &key)?,
            vector: expand_label(hash, secret, "iv", 12).try_into().ok()?,
            hash,
            kind,
            secret: secret.to_vec(),
        };
        Some(Self { cipher, number: 0 })
    }

    /// Of both sides in TLS 1.2, the client's first.
    pub(super) fn old(handshake: &Handshake, secrets: &Secrets) -> Option<[Self; 2]> {
        let server = handshake.tls.server.as_ref()?;
        let (kind, hash) = suite(server.cipher).filter(|_| server.version.0 == 0x0303)?;
        let [client, server] = &handshake.randoms;
        let (authenticating, encrypting, vector) = match kind {
            Kind::Aead(AeadKind::ChaCha20Poly1305) => (0, 32, 12),
            Kind::Aead(kind) => (0, kind.key_length(), 4),
            Kind::Chained(length, digest) => (digest.length(), length, 0),
        };
        let lengths = [authenticating, authenticating, encrypting, encrypting, vector, vector].map(usize::from);
        let block = expand_old(
            hash,
            Some(&secrets.master).filter(|master| !master.is_empty())?,
            b"key expansion",
            &[server, client],
            lengths.iter().sum(),
        );
        let mut rest = block.as_slice();
        let mut part = |length: usize| {
            let (part, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            rest = behind;
            part
        };
        let [
            first_digest,
            second_digest,
            first_key,
            second_key,
            first_vector,
            second_vector,
        ] = lengths.map(&mut part);
        let opener = |digest: &[u8], key: &[u8], vector: &[u8]| {
            let cipher = match kind {
                Kind::Aead(kind @ AeadKind::ChaCha20Poly1305) => Cipher::Counted {
                    aead: Aead::new(kind, key)?,
                    vector: vector.try_into().ok()?,
                },
                Kind::Aead(kind) => Cipher::Explicit {
                    aead: Aead::new(kind, key)?,
                    salt: vector.try_into().ok()?,
                },
                Kind::Chained(_, hash) => Cipher::Chained {
                    block: Block::new(key)?,
                    hash,
                    key: digest.to_vec(),
                    encrypts_first: handshake.encrypts_first,
                },
            };
            Some(Self { cipher, number: 0 })
        };
        Some([
            opener(first_digest, first_key, first_vector)?,
            opener(second_digest, second_key, second_vector)?,
        ])
    }

    /// What is in a record: its kind and its content. None where it cannot be opened.
    pub(super) fn open(&mut self, kind: u8, body: &[u8]) -> Option<(u8, Vec<u8>)> {
        let number = self.number.to_be_bytes();
        // What the content is authenticated with, until TLS 1.2 (RFC 5246 6.2.3.3).
        let head = |length: usize| {
            let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
            [&number[..], &[kind, 3, 3], &length].concat()
        };
        let opened = match &self.cipher {
            Cipher::New { aead, vector, .. } => {
                let length = u16::try_from(body.len()).ok()?.to_be_bytes();
                let head = [&[DATA, 3, 3][..], &length].concat();
                let mut text = aead.open(&nonce(*vector, self.number), &head, body)?;
                // The kind stands behind the content, and zeros behind that.
                while text.last() == Some(&0) {
                    text.pop();
                }
                (text.pop()?, text)
            }
            Cipher::Explicit { aead, salt } => {
                let (explicit, sealed) = body.split_first_chunk::<8>()?;
                let nonce: [u8; 12] = [&salt[..], explicit].concat().try_into().ok()?;
                let length = sealed.len().checked_sub(TAG)?;
                (kind, aead.open(&nonce, &head(length), sealed)?)
            }
            Cipher::Counted { aead, vector } => {
                let length = body.len().checked_sub(TAG)?;
                (kind, aead.open(&nonce(*vector, self.number), &head(length), body)?)
            }
            Cipher::Chained {
                block,
                hash,
                key,
                encrypts_first,
            } => {
                let chained = Chained {
                    block,
                    hash: *hash,
                    key,
                    encrypts_first: *encrypts_first,
                };
                (kind, chained.open(body, head)?)
            }
        };
        self.number = self.number.saturating_add(1);
        Some(opened)
    }

    /// The side goes on with another key (RFC 8446 7.2).
    pub(super) fn update(&self) -> Option<Self> {
        match &self.cipher {
            Cipher::New { hash, kind, secret, .. } => {
                let length = hash.length();
                Self::of(*kind, *hash, &expand_label(*hash, secret, "traffic upd", length))
            }
            _ => None,
        }
    }
}

/// Block chaining and a digest, before it or behind it.
struct Chained<'c> {
    block: &'c Block,
    hash: Hash,
    key: &'c [u8],
    encrypts_first: bool,
}

impl Chained<'_> {
    fn open(&self, body: &[u8], head: impl Fn(usize) -> Vec<u8>) -> Option<Vec<u8>> {
        let digest_length = usize::from(self.hash.length());
        let mut sealed = body;
        if self.encrypts_first {
            let (before, digest) = body.split_at_checked(body.len().checked_sub(digest_length)?)?;
            self.holds(&head(before.len()), before, digest)?;
            sealed = before;
        }
        let (vector, sealed) = sealed.split_first_chunk::<16>()?;
        let mut text = self.block.decrypt_chained(*vector, sealed)?;
        let padding = usize::from(*text.last()?);
        text.truncate(text.len().checked_sub(padding + 1)?);
        if !self.encrypts_first {
            let digest = text.split_off(text.len().checked_sub(digest_length)?);
            self.holds(&head(text.len()), &text, &digest)?;
        }
        Some(text)
    }

    fn holds(&self, head: &[u8], text: &[u8], digest: &[u8]) -> Option<()> {
        (hmac(self.hash, self.key, &[head, text]) == digest).then_some(())
    }
}

/// What opens the records behind the hellos in TLS 1.3, the client's first; nothing in what was before.
pub(super) fn behind_hellos(handshake: &Handshake, secrets: &Secrets) -> Option<[Option<Opener>; 2]> {
    let server = handshake.tls.server.as_ref()?;
    let secret = |secret: &Vec<u8>| Opener::new(server.cipher, secret);
    is_new(server.version.0).then(|| secrets.handshake.each_ref().map(secret))
}
