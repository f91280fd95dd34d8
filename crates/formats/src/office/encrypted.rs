//! Encrypted documents of Office 2007 and later (MS-OFFCRYPTO 2.3.4): standard and agile encryption with AES.
//!
//! The password that Excel gives to workbooks that are only protected is tried first, then those that are known. Trying one
//! costs as many hashes as the document says, which are paid for. Absent: other ciphers than AES with 128 or 256 bits,
//! certificates, the check of integrity.

use crate::bytes::{Cursor, le16, le32, le64};
use crate::document::{aes_decrypt, each_start};
use crate::ole::Compound;
use crate::script::base64;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use watchfire_model::{Budget, Password};

/// The password by which Excel hides nothing from anybody.
pub const CUSTOMARY: &[u8] = b"VelvetSweatshop";
/// Hashes for one password; Office makes 100,000.
const MOST_SPINS: u32 = 1_000_000;
/// Bytes that are encrypted by themselves.
const SEGMENT: usize = 4096;

/// What became of an encrypted document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The document, and the place of its password among those that were given; none for the customary one.
    Plain(Vec<u8>, Option<usize>),
    /// No password opens it.
    Locked,
    /// It is encrypted in a way that is not read.
    Unsupported,
}

/// Opens an encrypted document.
pub fn open(bytes: &[u8], passwords: &[Password], budget: &Budget) -> Opened {
    let Some(compound) = Compound::open(bytes) else {
        return Opened::Unsupported;
    };
    let stream = |name: &str| compound.find(0, name).map(|number| compound.stream(number));
    let (Some(info), Some(package)) = (stream("EncryptionInfo"), stream("EncryptedPackage")) else {
        return Opened::Unsupported;
    };
    let Some(scheme) = Scheme::read(&info) else {
        return Opened::Unsupported;
    };
    let given = passwords
        .iter()
        .enumerate()
        .map(|(number, password)| (Some(number), password.raw()));
    for (number, password) in std::iter::once((None, CUSTOMARY)).chain(given) {
        if !budget.effort(u64::from(scheme.spins())) {
            break;
        }
        let key = scheme.key(password);
        if let Some(key) = key {
            budget.regain(u64::from(scheme.spins()));
            return match scheme.decrypt(&key, &package, budget) {
                Some(plain) => Opened::Plain(plain, number),
                None => Opened::Locked,
            };
        }
    }
    Opened::Locked
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "SHA1" | "SHA-1" => Self::Sha1,
            "SHA256" | "SHA-256" => Self::Sha256,
            "SHA384" | "SHA-384" => Self::Sha384,
            "SHA512" | "SHA-512" => Self::Sha512,
            _ => return None,
        })
    }

    fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn run<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            parts.iter().for_each(|part| digest.update(part));
            digest.finalize().to_vec()
        }
        match self {
            Self::Sha1 => run::<Sha1>(parts),
            Self::Sha256 => run::<Sha256>(parts),
            Self::Sha384 => run::<Sha384>(parts),
            Self::Sha512 => run::<Sha512>(parts),
        }
    }

    /// The hash of salt and password, hashed again and again with a number before it.
    fn spun(self, salt: &[u8], password: &[u8], spins: u32) -> Vec<u8> {
        let mut hash = self.of(&[salt, &wide(password)]);
        for number in 0..spins {
            hash = self.of(&[&number.to_le_bytes(), &hash]);
        }
        hash
    }
}

/// A password in UTF-16.
pub(super) fn wide(password: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(password)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// How a document is encrypted.
#[derive(Debug)]
enum Scheme {
    Standard {
        key_length: usize,
        salt: Vec<u8>,
        verifier: Vec<u8>,
        verifier_hash: Vec<u8>,
    },
    Agile {
        data_salt: Vec<u8>,
        data_hash: Hash,
        spins: u32,
        salt: Vec<u8>,
        hash: Hash,
        key_length: usize,
        verifier: Vec<u8>,
        verifier_hash: Vec<u8>,
        key_value: Vec<u8>,
    },
}

/// What is hashed behind the password for each of the three values of agile encryption (2.3.4.13).
const VERIFIER: &[u8] = b"\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79";
const VERIFIER_HASH: &[u8] = b"\xd7\xaa\x0f\x6d\x30\x61\x34\x4e";
const KEY_VALUE: &[u8] = b"\x14\x6e\x0b\xe7\xab\xac\xd0\xd6";

impl Scheme {
    fn read(info: &[u8]) -> Option<Self> {
        match (le16(info, 0)?, le16(info, 2)?) {
            (4, 4) => Self::agile(info.get(8..)?),
            (2..=4, 2) => Self::standard(info.get(8..)?),
            _ => None,
        }
    }

    fn standard(info: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(info);
        let header_size = usize::try_from(cursor.le32()?).ok()?;
        let header = cursor.take(header_size)?;
        let key_length = match le32(header, 8)? {
            0x660e => 16,
            0x6610 => 32,
            _ => return None,
        };
        let salt_size = usize::try_from(cursor.le32()?).ok()?;
        let salt = cursor.take(salt_size)?.to_vec();
        let verifier = cursor.take(16)?.to_vec();
        cursor.le32()?;
        Some(Self::Standard {
            key_length,
            salt,
            verifier,
            verifier_hash: cursor.take(32)?.to_vec(),
        })
    }

    fn agile(xml: &[u8]) -> Option<Self> {
        let xml = std::str::from_utf8(xml).ok()?;
        let mut data = None;
        let mut key = None;
        each_start(xml, |name, attribute| match name {
            "keyData" => {
                data = data.take().or_else(|| {
                    Some((
                        base64(&attribute("saltValue"))?,
                        Hash::named(&attribute("hashAlgorithm"))?,
                    ))
                })
            }
            "encryptedKey" => {
                key = key.take().or_else(|| {
                    let bits: usize = attribute("keyBits").parse().ok()?;
                    Some((
                        attribute("spinCount")
                            .parse::<u32>()
                            .ok()
                            .filter(|spins| *spins <= MOST_SPINS)?,
                        base64(&attribute("saltValue"))?,
                        Hash::named(&attribute("hashAlgorithm"))?,
                        Some(bits / 8).filter(|length| matches!(length, 16 | 32))?,
                        base64(&attribute("encryptedVerifierHashInput"))?,
                        base64(&attribute("encryptedVerifierHashValue"))?,
                        base64(&attribute("encryptedKeyValue"))?,
                    ))
                });
            }
            _ => {}
        });
        let (data_salt, data_hash) = data?;
        let (spins, salt, hash, key_length, verifier, verifier_hash, key_value) = key?;
        Some(Self::Agile {
            data_salt,
            data_hash,
            spins,
            salt,
            hash,
            key_length,
            verifier,
            verifier_hash,
            key_value,
        })
    }

    fn spins(&self) -> u32 {
        match self {
            Self::Standard { .. } => 50_000,
            Self::Agile { spins, .. } => *spins,
        }
    }

    /// The key of the package, if the password is the right one.
    fn key(&self, password: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Standard {
                key_length,
                salt,
                verifier,
                verifier_hash,
            } => {
                let hash = Hash::Sha1.spun(salt, password, self.spins());
                let hash = Hash::Sha1.of(&[&hash, &[0; 4]]);
                let mixed = |filling: u8| {
                    let mut block = vec![filling; 64];
                    block.iter_mut().zip(&hash).for_each(|(byte, hash)| *byte ^= hash);
                    Hash::Sha1.of(&[&block])
                };
                let key: Vec<u8> = [mixed(0x36), mixed(0x5c)]
                    .concat()
                    .into_iter()
                    .take(*key_length)
                    .collect();
                let proof = Hash::Sha1.of(&[&codebook(&key, verifier)?]);
                (codebook(&key, verifier_hash)?.get(..20)? == proof).then_some(key)
            }
            Self::Agile {
                spins,
                salt,
                hash,
                key_length,
                verifier,
                verifier_hash,
                key_value,
                ..
            } => {
                let spun = hash.spun(salt, password, *spins);
                let vector = filled(salt, 16);
                let open = |block: &[u8], data: &[u8]| {
                    let key = filled(&hash.of(&[&spun, block]), *key_length);
                    aes_decrypt(&key, vector.as_slice().try_into().ok()?, data)
                };
                let input = open(VERIFIER, verifier)?;
                let proof = hash.of(&[input.get(..salt.len().min(input.len()))?]);
                let stored = open(VERIFIER_HASH, verifier_hash)?;
                let is_right = stored.get(..proof.len())? == proof;
                let key = open(KEY_VALUE, key_value)?;
                is_right.then(|| filled(&key, *key_length))
            }
        }
    }

    fn decrypt(&self, key: &[u8], package: &[u8], budget: &Budget) -> Option<Vec<u8>> {
        let size = usize::try_from(le64(package, 0)?).ok()?;
        let data = package.get(8..)?;
        budget
            .unpack(data.len() as u64, data.len() as u64, package.len() as u64)
            .ok()?;
        let mut plain = match self {
            Self::Standard { .. } => codebook(key, data)?,
            Self::Agile {
                data_salt, data_hash, ..
            } => {
                let mut plain = Vec::with_capacity(data.len());
                for (number, segment) in (0_u32..).zip(data.chunks(SEGMENT)) {
                    let vector = filled(&data_hash.of(&[data_salt, &number.to_le_bytes()]), 16);
                    plain.extend(aes_decrypt(key, vector.as_slice().try_into().ok()?, segment)?);
                }
                plain
            }
        };
        plain.truncate(size);
        Some(plain)
    }
}

/// Each block by itself.
fn codebook(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len());
    for block in data.chunks_exact(16) {
        out.extend(aes_decrypt(key, [0; 16], block)?);
    }
    Some(out)
}

/// Cut or filled up to a length, as the specification fills.
fn filled(bytes: &[u8], length: usize) -> Vec<u8> {
    bytes
        .iter()
        .copied()
        .chain(std::iter::repeat(0x36))
        .take(length)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::aes_encrypt;
    use watchfire_model::Limits;

    const SALT: [u8; 16] = *b"salt of sixteen!";
    const KEY: [u8; 32] = *b"the key of the package, 32 bytes";

    fn letters(bytes: &[u8]) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        bytes
            .chunks(3)
            .flat_map(|chunk| {
                let group = [chunk, &[0; 3]].concat();
                let number = u32::from_be_bytes([0, group[0], group[1], group[2]]);
                (0..4).map(move |at| match at <= chunk.len() {
                    true => char::from(LETTERS[(number >> (18 - 6 * at) & 63) as usize]),
                    false => '=',
                })
            })
            .collect()
    }

    /// What Office writes, with few spins.
    fn agile(password: &[u8], plain: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let spun = Hash::Sha512.spun(&SALT, password, 10);
        let close = |block: &[u8], data: &[u8]| {
            letters(&aes_encrypt(&filled(&Hash::Sha512.of(&[&spun, block]), 32), SALT, data).unwrap())
        };
        let verifier = b"sixteen letters.";
        let xml = format!(
            "<encryption><keyData saltValue=\"{}\" hashAlgorithm=\"SHA512\"/><keyEncryptors><keyEncryptor><p:encryptedKey spinCount=\"10\" keyBits=\"256\" hashAlgorithm=\"SHA512\" saltValue=\"{}\" encryptedVerifierHashInput=\"{}\" encryptedVerifierHashValue=\"{}\" encryptedKeyValue=\"{}\"/></keyEncryptor></keyEncryptors></encryption>",
            letters(&SALT),
            letters(&SALT),
            close(VERIFIER, verifier),
            close(VERIFIER_HASH, &Hash::Sha512.of(&[verifier])),
            close(KEY_VALUE, &KEY),
        );
        let mut package = (plain.len() as u64).to_le_bytes().to_vec();
        for (number, segment) in (0_u32..).zip(plain.chunks(SEGMENT)) {
            let mut segment = segment.to_vec();
            segment.resize(segment.len().next_multiple_of(16), 0);
            let vector = filled(&Hash::Sha512.of(&[&SALT, &number.to_le_bytes()]), 16);
            package.extend(aes_encrypt(&KEY, vector.try_into().unwrap(), &segment).unwrap());
        }
        ([b"\x04\0\x04\0\x40\0\0\0", xml.as_bytes()].concat(), package)
    }

    #[test]
    fn the_right_password_opens_an_agile_document() {
        let plain: Vec<u8> = (0..10_000_u32).map(|number| (number % 251) as u8).collect();
        let (info, package) = agile(b"hunter2", &plain);
        let scheme = Scheme::read(&info).unwrap();
        assert_eq!(scheme.key(b"wrong"), None);
        let key = scheme.key(b"hunter2").unwrap();
        assert_eq!(key, KEY);
        let budget = Budget::new(Limits::default());
        assert_eq!(scheme.decrypt(&key, &package, &budget), Some(plain));
    }

    #[test]
    fn a_standard_document_is_opened_by_its_password() {
        let key = {
            let hash = Hash::Sha1.of(&[&Hash::Sha1.spun(&SALT, CUSTOMARY, 50_000), &[0; 4]]);
            let mut block = vec![0x36; 64];
            block.iter_mut().zip(&hash).for_each(|(byte, hash)| *byte ^= hash);
            Hash::Sha1.of(&[&block])[..16].to_vec()
        };
        let close = |data: &[u8]| -> Vec<u8> {
            data.chunks(16)
                .flat_map(|block| aes_encrypt(&key, [0; 16], block).unwrap())
                .collect()
        };
        let verifier = b"sixteen letters.";
        let mut proof = Hash::Sha1.of(&[verifier]);
        proof.resize(32, 0);
        let long = |number: u32| number.to_le_bytes();
        let header = [
            long(0),
            long(0),
            long(0x660e),
            long(0x8004),
            long(128),
            long(0),
            long(0),
            long(0),
        ]
        .concat();
        let info = [
            &[3, 0, 2, 0, 0x24, 0, 0, 0][..],
            &long(header.len() as u32),
            &header,
            &long(16),
            &SALT,
            &close(verifier),
            &long(20),
            &close(&proof),
        ]
        .concat();
        let scheme = Scheme::read(&info).unwrap();
        assert_eq!(scheme.key(CUSTOMARY), Some(key.clone()));
        let package = [&5_u64.to_le_bytes()[..], &close(b"hello and filling filling filli.")].concat();
        let budget = Budget::new(Limits::default());
        assert_eq!(scheme.decrypt(&key, &package, &budget), Some(b"hello".to_vec()));
    }

    #[test]
    fn damage_is_not_opened() {
        let (info, _) = agile(b"x", b"y");
        for length in 0..info.len() {
            let _ = Scheme::read(&info[..length]).map(|scheme| scheme.spins());
        }
        let many = String::from_utf8_lossy(&info).replace("spinCount=\"10\"", "spinCount=\"4000000000\"");
        assert!(Scheme::read(many.as_bytes()).is_none());
    }
}
