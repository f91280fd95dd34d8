//! Encrypted workbooks of Excel 97 to 2003: RC4 by MD5 and by the CryptoAPI (MS-OFFCRYPTO 2.3.5 and 2.3.6, MS-XLS 2.2.10).
//!
//! The headers of records stand in clear, and so do a few records; everything else of each kilobyte is encrypted with a key
//! of its own. Absent: the obfuscation of Excel 95 (XOR), which is told as not read.

use super::encrypted::wide;
use crate::bytes::{Cursor, le16, le32};
use crate::document::rc4;
use md5::Md5;
use sha1::Sha1;
use sha2::Digest;

/// Bytes that share a key.
const BLOCK: usize = 1024;
/// The record that says how a workbook is encrypted.
const FILE_PASS: u16 = 0x002f;
/// Records that stand in clear: beginnings, the one above, who works on it, interface, revisions.
const CLEAR: [u16; 7] = [0x0809, FILE_PASS, 0x0194, 0x0195, 0x00e1, 0x0196, 0x0138];
/// A sheet, whose place stands in clear.
const SHEET: u16 = 0x0085;

/// How the keys are made.
#[derive(Debug)]
enum Scheme {
    Md5 { salt: [u8; 16] },
    CryptoApi { salt: Vec<u8>, key_length: usize },
}

/// An encrypted workbook, and what proves a password.
#[derive(Debug)]
pub(super) struct Locked {
    scheme: Scheme,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
}

impl Locked {
    /// Looks for the record among the first of the stream; nothing where it is not encrypted, or in a way that is not read.
    pub(super) fn find(workbook: &[u8]) -> Option<Self> {
        let mut at = 0_usize;
        for _ in 0..16 {
            let (kind, length) = (le16(workbook, at)?, usize::from(le16(workbook, at + 2)?));
            let data = workbook.get(at + 4..at + 4 + length)?;
            if kind == FILE_PASS {
                return Self::read(data);
            }
            at += 4 + length;
        }
        None
    }

    fn read(data: &[u8]) -> Option<Self> {
        if le16(data, 0)? != 1 {
            return None;
        }
        let mut cursor = Cursor::new(data.get(6..)?);
        if le16(data, 2)? == 1 {
            return Some(Self {
                scheme: Scheme::Md5 { salt: cursor.array()? },
                verifier: cursor.take(16)?.to_vec(),
                verifier_hash: cursor.take(16)?.to_vec(),
            });
        }
        cursor.le32()?;
        let length = usize::try_from(cursor.le32()?).ok()?;
        let header = cursor.take(length)?;
        if le32(header, 8)? != 0x6801 {
            return None;
        }
        let bits = usize::try_from(le32(header, 16)?).ok()?;
        let salt = usize::try_from(cursor.le32()?).ok()?;
        let salt = cursor.take(salt)?.to_vec();
        let verifier = cursor.take(16)?.to_vec();
        cursor.le32()?;
        Some(Self {
            scheme: Scheme::CryptoApi {
                salt,
                key_length: if bits == 0 { 5 } else { (bits / 8).clamp(5, 16) },
            },
            verifier,
            verifier_hash: cursor.take(20)?.to_vec(),
        })
    }

    /// The workbook in clear, if the password is the right one.
    pub(super) fn open(&self, workbook: &[u8], password: &[u8]) -> Option<Vec<u8>> {
        let base = self.base(password);
        let proof = rc4(&self.key(&base, 0), &[&self.verifier[..], &self.verifier_hash].concat());
        let (verifier, stored) = proof.split_at_checked(16)?;
        let is_right = match self.scheme {
            Scheme::Md5 { .. } => Md5::digest(verifier).as_slice() == stored,
            Scheme::CryptoApi { .. } => Sha1::digest(verifier).as_slice() == stored,
        };
        is_right.then(|| self.decrypt(&base, workbook))
    }

    fn base(&self, password: &[u8]) -> Vec<u8> {
        match &self.scheme {
            Scheme::Md5 { salt } => {
                let hash = Md5::digest(wide(password));
                let short = hash.get(..5).unwrap_or_default();
                let repeated = [short, salt].concat().repeat(16);
                Md5::digest(repeated).get(..5).unwrap_or_default().to_vec()
            }
            Scheme::CryptoApi { salt, .. } => Sha1::new()
                .chain_update(salt)
                .chain_update(wide(password))
                .finalize()
                .to_vec(),
        }
    }

    fn key(&self, base: &[u8], block: u32) -> Vec<u8> {
        match self.scheme {
            Scheme::Md5 { .. } => Md5::new()
                .chain_update(base)
                .chain_update(block.to_le_bytes())
                .finalize()
                .to_vec(),
            Scheme::CryptoApi { key_length, .. } => {
                let mut key = Sha1::new()
                    .chain_update(base)
                    .chain_update(block.to_le_bytes())
                    .finalize()
                    .to_vec();
                key.truncate(key_length);
                // Keys of 40 bits are filled up.
                if key_length == 5 {
                    key.resize(16, 0);
                }
                key
            }
        }
    }

    fn decrypt(&self, base: &[u8], workbook: &[u8]) -> Vec<u8> {
        let mut plain = Vec::with_capacity(workbook.len());
        for (number, block) in (0_u32..).zip(workbook.chunks(BLOCK)) {
            plain.extend(rc4(&self.key(base, number), block));
        }
        let mut at = 0_usize;
        while let (Some(kind), Some(length)) = (le16(workbook, at), le16(workbook, at + 2)) {
            let end = (at + 4).saturating_add(usize::from(length)).min(workbook.len());
            let clear = match kind {
                SHEET => (at + 8).min(end),
                kind if CLEAR.contains(&kind) => end,
                _ => at + 4,
            };
            if let (Some(to), Some(from)) = (plain.get_mut(at..clear), workbook.get(at..clear)) {
                to.copy_from_slice(from);
            }
            at = end;
            if kind == 0 && length == 0 {
                break;
            }
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    }

    /// Encrypting is decrypting, but for the records in clear.
    fn check(how: impl Fn(&[u8], &[u8]) -> Vec<u8>, blank: &Locked, digest: fn(&[u8]) -> Vec<u8>) {
        let base = blank.base(b"hunter2");
        let proof = [b"sixteen letters.".to_vec(), digest(b"sixteen letters.")].concat();
        let packed = rc4(&blank.key(&base, 0), &proof);
        let (verifier, hash) = packed.split_at(16);
        let plain = [
            record(0x0809, &[0, 6, 5, 0]),
            record(FILE_PASS, &how(verifier, hash)),
            record(0x0085, b"\x01\x02\x03\x04\x02\x01\x01\0A"),
            record(0x0006, &[7; 3000]),
        ]
        .concat();
        let locked = Locked::find(&plain).unwrap();
        let workbook = locked.decrypt(&base, &plain);
        assert_ne!(workbook, plain);
        assert_eq!(locked.open(&workbook, b"hunter2"), Some(plain));
        assert_eq!(locked.open(&workbook, b"wrong"), None);
    }

    #[test]
    fn workbooks_open_with_their_password() {
        let salt = *b"salt of sixteen!";
        let blank = |scheme| Locked {
            scheme,
            verifier: vec![],
            verifier_hash: vec![],
        };
        let by_md5 = |verifier: &[u8], hash: &[u8]| [&[1, 0, 1, 0, 1, 0][..], &salt, verifier, hash].concat();
        check(by_md5, &blank(Scheme::Md5 { salt }), |bytes| {
            Md5::digest(bytes).to_vec()
        });
        let long = |number: u32| number.to_le_bytes();
        let header = [
            long(0),
            long(0),
            long(0x6801),
            long(0x8004),
            long(128),
            long(1),
            long(0),
            long(0),
        ]
        .concat();
        let by_api = |verifier: &[u8], hash: &[u8]| {
            [
                &[1, 0, 4, 0, 2, 0][..],
                &long(0),
                &long(32),
                &header,
                &long(16),
                &salt,
                verifier,
                &long(20),
                hash,
            ]
            .concat()
        };
        let scheme = Scheme::CryptoApi {
            salt: salt.to_vec(),
            key_length: 16,
        };
        check(by_api, &blank(scheme), |bytes| Sha1::digest(bytes).to_vec());
    }
}
