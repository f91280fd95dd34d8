//! Encrypted files: the standard security handler, revisions 2 to 6 (ISO 32000-2, section 7.6).
//!
//! The empty user password is tried first, then those hinted. Owner passwords and public-key handlers are not tried.

use super::cipher::{decrypt_blocks, decrypt_padded, encrypt_blocks, rc4};
use super::file::File;
use super::object::{Dict, Id, Object, Stream};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};
use std::borrow::Cow;
use watchfire_model::{Hints, Problem};

/// Passwords that are tried.
const MAX_PASSWORDS: usize = 256;

/// What short passwords are filled up with (algorithm 2).
const PADDING: &[u8; 32] =
    b"\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A";

/// How one kind of data is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// Not at all.
    Identity,
    Rc4,
    /// AES with a key for each object.
    Aes128,
    /// AES with the file's key.
    Aes256,
}

/// A decryptor.
#[derive(Debug)]
pub(super) struct Crypt {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    is_metadata_encrypted: bool,
}

/// Whether a file can be read.
#[derive(Debug)]
pub(super) enum Lock {
    Plain,
    Opened(Crypt),
    Locked(Problem),
}

/// Looks for encryption and for a password that opens it.
pub(super) fn open(file: &File<'_>, hints: &Hints) -> Lock {
    let encrypt = file.get(&file.trailer, "Encrypt");
    let Some(dict) = encrypt.as_dict() else {
        return Lock::Plain;
    };
    let handler = Handler::read(file, dict);
    let Some(handler) = handler.filter(|_| file.get(dict, "Filter").is_name("Standard")) else {
        return Lock::Locked(Problem::warning(
            "pdf-encryption",
            "the file is encrypted in a way that is not supported",
        ));
    };
    let empty = std::iter::once(&[][..]);
    let hinted = hints.passwords.iter().map(|password| password.raw());
    for password in empty.chain(hinted).take(MAX_PASSWORDS) {
        if let Err(halt) = file.budget.check() {
            file.halt(halt);
            break;
        }
        // A folder full of encrypted files and a text full of passwords multiply.
        if !password.is_empty() && !file.budget.effort(handler.cost()) {
            break;
        }
        if let Some(key) = handler.key(password) {
            if !password.is_empty() {
                file.budget.regain(handler.cost());
            }
            return Lock::Opened(Crypt {
                key,
                strings: handler.strings,
                streams: handler.streams,
                is_metadata_encrypted: handler.is_metadata_encrypted,
            });
        }
    }
    Lock::Locked(Problem::warning(
        "pdf-encrypted",
        "the file is encrypted and no known password opens it",
    ))
}

/// The encryption dictionary.
struct Handler {
    revision: i64,
    /// Length of the key in bytes.
    length: usize,
    owner: Vec<u8>,
    user: Vec<u8>,
    user_key: Vec<u8>,
    permissions: [u8; 4],
    file_id: Vec<u8>,
    is_metadata_encrypted: bool,
    strings: Method,
    streams: Method,
}

impl Handler {
    fn read(file: &File<'_>, dict: &Dict) -> Option<Self> {
        let integer = |key: &str| file.get(dict, key).as_integer();
        let string = |key: &str| file.get(dict, key).as_string().map(<[u8]>::to_vec).unwrap_or_default();
        let version = integer("V").unwrap_or(0);
        let bits = integer("Length")
            .and_then(|bits| usize::try_from(bits).ok())
            .unwrap_or(40);
        let identifiers = file.get(&file.trailer, "ID");
        let file_id = identifiers
            .as_array()
            .and_then(|ids| file.resolve(ids.first()?).as_string().map(<[u8]>::to_vec));
        let (length, strings, streams) = match version {
            1 => (5, Method::Rc4, Method::Rc4),
            2 | 3 => ((bits / 8).clamp(5, 16), Method::Rc4, Method::Rc4),
            4 => (16, filter(file, dict, "StrF"), filter(file, dict, "StmF")),
            5 => (32, filter(file, dict, "StrF"), filter(file, dict, "StmF")),
            _ => return None,
        };
        Some(Self {
            revision: integer("R")?,
            length,
            owner: string("O"),
            user: string("U"),
            user_key: string("UE"),
            // A signed number of 32 bits, which some writers give as an unsigned one.
            permissions: (integer("P").unwrap_or(0) as u32).to_le_bytes(),
            file_id: file_id.unwrap_or_default(),
            is_metadata_encrypted: *file.get(dict, "EncryptMetadata") != Object::Bool(false),
            strings,
            streams,
        })
    }

    /// What trying one password costs, in computations of a hash.
    fn cost(&self) -> u64 {
        match self.revision {
            6.. => 10_000,
            _ => 100,
        }
    }

    /// The file's key, if `password` is the user's.
    fn key(&self, password: &[u8]) -> Option<Vec<u8>> {
        match self.revision {
            2..=4 => self.key_by_md5(password),
            5 | 6 => self.key_by_sha(password),
            _ => None,
        }
    }

    /// Algorithms 2, 4 and 5.
    fn key_by_md5(&self, password: &[u8]) -> Option<Vec<u8>> {
        let mut hash = Md5::new();
        let padded: Vec<u8> = password.iter().chain(PADDING).take(32).copied().collect();
        hash.update(&padded);
        hash.update(self.owner.get(..32)?);
        hash.update(self.permissions);
        hash.update(&self.file_id);
        if self.revision >= 4 && !self.is_metadata_encrypted {
            hash.update([0xFF; 4]);
        }
        let mut digest = hash.finalize().to_vec();
        if self.revision >= 3 {
            for _ in 0..50 {
                digest = Md5::digest(digest.get(..self.length)?).to_vec();
            }
        }
        digest.truncate(self.length);
        if self.revision == 2 {
            return (rc4(&digest, PADDING) == self.user.get(..32)?).then_some(digest);
        }
        let mut proof = Md5::new()
            .chain_update(PADDING)
            .chain_update(&self.file_id)
            .finalize()
            .to_vec();
        for round in 0..20_u8 {
            let key: Vec<u8> = digest.iter().map(|byte| byte ^ round).collect();
            proof = rc4(&key, &proof);
        }
        (proof.as_slice() == self.user.get(..16)?).then_some(digest)
    }

    /// Algorithm 2.A for the user's password.
    fn key_by_sha(&self, password: &[u8]) -> Option<Vec<u8>> {
        let password = password.get(..password.len().min(127))?;
        let hash = |salt: &[u8]| match self.revision {
            5 => Some(
                Sha256::new()
                    .chain_update(password)
                    .chain_update(salt)
                    .finalize()
                    .to_vec(),
            ),
            _ => hardened_hash(password, salt),
        };
        if hash(self.user.get(32..40)?)? != self.user.get(..32)? {
            return None;
        }
        let intermediate = hash(self.user.get(40..48)?)?;
        decrypt_blocks(&intermediate, [0; 16], self.user_key.get(..32)?)
    }
}

/// Algorithm 2.B. It ends after at most 287 rounds, when no byte can be larger than the round allows.
fn hardened_hash(password: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
    let mut key = Sha256::new()
        .chain_update(password)
        .chain_update(salt)
        .finalize()
        .to_vec();
    for round in 1..=288_u32 {
        let input = [password, &key].concat().repeat(64);
        let vector = key.get(16..32)?.try_into().ok()?;
        let encrypted = encrypt_blocks(key.get(..16)?, vector, &input)?;
        let sum: u32 = encrypted.iter().take(16).map(|byte| u32::from(*byte)).sum();
        key = match sum % 3 {
            0 => Sha256::digest(&encrypted).to_vec(),
            1 => Sha384::digest(&encrypted).to_vec(),
            _ => Sha512::digest(&encrypted).to_vec(),
        };
        if round >= 64 && u32::from(*encrypted.last()?) <= round - 32 {
            break;
        }
    }
    key.truncate(32);
    Some(key)
}

/// The method of the crypt filter that `key` names.
fn filter(file: &File<'_>, dict: &Dict, key: &str) -> Method {
    let name = file.get(dict, key);
    let filters = file.get(dict, "CF");
    let (Some(name), Some(filters)) = (name.as_name(), filters.as_dict()) else {
        return Method::Identity;
    };
    let Some(filter) = filters.get(name) else {
        return Method::Identity;
    };
    let filter = file.resolve(filter);
    let method = filter.as_dict().map(|filter| file.get(filter, "CFM"));
    match method.as_ref().and_then(|method| method.as_name()) {
        Some(b"V2") => Method::Rc4,
        Some(b"AESV2") => Method::Aes128,
        Some(b"AESV3") => Method::Aes256,
        _ => Method::Identity,
    }
}

impl Crypt {
    /// Decrypts the strings in the object `id`. Objects in object streams are encrypted with their stream only.
    pub(super) fn decrypt_strings(&self, id: Id, object: &mut Object) {
        if self.strings == Method::Identity {
            return;
        }
        // Values nest no deeper than the parser lets them.
        match object {
            Object::String(string) => *string = self.decrypt(self.strings, id, string),
            Object::Array(items) => items.iter_mut().for_each(|item| self.decrypt_strings(id, item)),
            Object::Dict(dict) => dict.values_mut().for_each(|value| self.decrypt_strings(id, value)),
            _ => {}
        }
    }

    pub(super) fn decrypt_stream<'d>(&self, stream: &Stream, raw: &'d [u8]) -> Cow<'d, [u8]> {
        let kind = stream.dict.get(b"Type".as_slice()).and_then(Object::as_name);
        let is_plain = match kind {
            Some(b"XRef") => true,
            Some(b"Metadata") => !self.is_metadata_encrypted,
            _ => false,
        };
        if is_plain || self.streams == Method::Identity || has_own_filter(stream) {
            return Cow::Borrowed(raw);
        }
        Cow::Owned(self.decrypt(self.streams, stream.id, raw))
    }

    fn decrypt(&self, method: Method, id: Id, data: &[u8]) -> Vec<u8> {
        match method {
            Method::Identity => data.to_vec(),
            Method::Rc4 => rc4(&self.object_key(id, b""), data),
            Method::Aes128 => decrypt_padded(&self.object_key(id, b"sAlT"), data).unwrap_or_default(),
            Method::Aes256 => decrypt_padded(&self.key, data).unwrap_or_default(),
        }
    }

    /// Algorithm 1.
    fn object_key(&self, id: Id, salt: &[u8]) -> Vec<u8> {
        let mut hash = Md5::new().chain_update(&self.key);
        hash.update(id.number.to_le_bytes().get(..3).unwrap_or_default());
        hash.update(id.generation.to_le_bytes().get(..2).unwrap_or_default());
        hash.update(salt);
        let mut key = hash.finalize().to_vec();
        key.truncate((self.key.len() + 5).min(16));
        key
    }
}

/// Whether the stream's own first filter says that it is not encrypted.
fn has_own_filter(stream: &Stream) -> bool {
    match stream.dict.get(b"Filter".as_slice()) {
        Some(Object::Array(filters)) => filters.first().is_some_and(|filter| filter.is_name("Crypt")),
        Some(filter) => filter.is_name("Crypt"),
        None => false,
    }
}
