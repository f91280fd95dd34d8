//! Keys and signatures of minisign: Ed25519 over a BLAKE2b-512 digest, with a comment that is signed too.
//!
//! What is written here, the tool reads, and the other way round. Only prehashed signatures (`ED`) are accepted: the old
//! kind needs the whole file in memory. Secret keys are read and written without a password (`minisign -G -W`); the
//! file's permissions protect them. Source: <https://jedisct1.github.io/minisign/>, "Signature format" and "Key format".

use super::BundleError;
use blake2::{Blake2b256, Blake2b512, Digest};
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use std::fmt::{self, Write as _};

/// A signature by Ed25519 over the bytes themselves, and the algorithm of keys.
const ALGORITHM: &[u8; 2] = b"Ed";
/// A signature over the digest.
const PREHASHED: &[u8; 2] = b"ED";
/// Longest trusted comment. Bytes.
const COMMENT: usize = 8192;

/// The digest of what is signed, piece by piece.
#[derive(Default)]
pub(super) struct Prehash(Blake2b512);

impl Prehash {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

/// A key that is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey {
    number: [u8; 8],
    key: [u8; 32],
}

impl PublicKey {
    /// Reads a key: the line `RW…`, or the whole file.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        const WRONG: BundleError = BundleError::Malformed("not a public key of minisign");
        let line = last_line(text).ok_or(WRONG)?;
        let bytes: [u8; 42] = decode(line).and_then(|bytes| bytes.try_into().ok()).ok_or(WRONG)?;
        let (algorithm, rest) = bytes.split_first_chunk::<2>().ok_or(WRONG)?;
        let (number, key) = rest.split_first_chunk::<8>().ok_or(WRONG)?;
        if algorithm != ALGORITHM {
            return Err(WRONG);
        }
        Ok(Self {
            number: *number,
            key: key.try_into().map_err(|_| WRONG)?,
        })
    }

    /// The key's number as minisign prints it.
    pub fn id(&self) -> String {
        id(self.number)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [ALGORITHM.as_slice(), &self.number, &self.key].concat();
        f.write_str(&encode(&bytes))
    }
}

fn id(number: [u8; 8]) -> String {
    format!("{:016X}", u64::from_le_bytes(number))
}

/// A key that signs. `Debug` shows its number alone.
pub struct SecretKey {
    number: [u8; 8],
    seed: [u8; 32],
    public: [u8; 32],
    pair: Ed25519KeyPair,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", id(self.number))
    }
}

impl SecretKey {
    /// Makes a key from random bytes, which the caller has drawn.
    ///
    /// # Errors
    /// Never for random bytes.
    pub fn from_random(seed: [u8; 32], number: [u8; 8]) -> Result<Self, BundleError> {
        use ring::signature::KeyPair as _;
        const WRONG: BundleError = BundleError::Malformed("not a secret key");
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| WRONG)?;
        Ok(Self {
            number,
            seed,
            public: pair.public_key().as_ref().try_into().map_err(|_| WRONG)?,
            pair,
        })
    }

    /// Makes a new key.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate() -> Result<Self, BundleError> {
        use ring::rand::{SecureRandom as _, SystemRandom};
        let (mut seed, mut number) = ([0; 32], [0; 8]);
        let random = SystemRandom::new();
        let drawn = random.fill(&mut seed).and_then(|()| random.fill(&mut number));
        drawn.map_err(|_| BundleError::Io("the system gives no random numbers".to_owned()))?;
        Self::from_random(seed, number)
    }

    /// Reads the file of a key without a password.
    ///
    /// # Errors
    /// When it is none, is damaged, or has a password.
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        const WRONG: BundleError = BundleError::Malformed("not a secret key of minisign");
        let bytes = last_line(text)
            .and_then(decode)
            .filter(|bytes| bytes.len() == 158)
            .ok_or(WRONG)?;
        let field = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
        if field(0, 2) != ALGORITHM || field(4, 6) != b"B2" {
            return Err(WRONG);
        }
        if field(2, 4) != [0, 0] {
            return Err(BundleError::Malformed(
                "the secret key has a password; take it away with 'minisign -C -W'",
            ));
        }
        let seed = field(62, 94).try_into().map_err(|_| WRONG)?;
        let key = Self::from_random(seed, field(54, 62).try_into().map_err(|_| WRONG)?)?;
        let checksum = field(126, 158);
        if key.public != field(94, 126) || (checksum != key.checksum() && checksum != [0; 32]) {
            return Err(BundleError::Malformed("the secret key is damaged"));
        }
        Ok(key)
    }

    fn checksum(&self) -> [u8; 32] {
        let parts = [ALGORITHM.as_slice(), &self.number, &self.seed, &self.public];
        Blake2b256::digest(parts.concat()).into()
    }

    /// The file, without a password. It must be readable by its owner only.
    pub fn to_file(&self) -> String {
        let bytes = [
            ALGORITHM.as_slice(),
            &[0, 0],
            b"B2",
            &[0; 32],
            &[0; 16],
            &self.number,
            &self.seed,
            &self.public,
            &self.checksum(),
        ];
        format!(
            "untrusted comment: minisign secret key {}\n{}\n",
            id(self.number),
            encode(&bytes.concat())
        )
    }

    /// The key that verifies what this one signs.
    pub fn public(&self) -> PublicKey {
        PublicKey {
            number: self.number,
            key: self.public,
        }
    }

    /// Signs all that `input` gives. `comment` is signed with it; it is one line.
    ///
    /// # Errors
    /// When reading fails, or the comment is no line.
    pub fn sign(&self, input: &mut dyn std::io::Read, comment: &str) -> Result<String, BundleError> {
        if comment.len() > COMMENT || comment.contains(['\n', '\r']) {
            return Err(BundleError::Malformed("the comment is not one line"));
        }
        let mut hasher = Prehash::default();
        super::each_block(input, &mut |block| {
            hasher.update(block);
            Ok(())
        })?;
        let signature = self.pair.sign(&hasher.finish());
        let all = self.pair.sign(&[signature.as_ref(), comment.as_bytes()].concat());
        let first = [PREHASHED.as_slice(), &self.number, signature.as_ref()].concat();
        Ok(format!(
            "untrusted comment: signature from watchfire secret key\n{}\ntrusted comment: {comment}\n{}\n",
            encode(&first),
            encode(all.as_ref())
        ))
    }
}

/// A detached signature, not yet compared with anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    number: [u8; 8],
    signature: Vec<u8>,
    comment: String,
    all: Vec<u8>,
}

impl Signature {
    /// Reads the four lines of a `.minisig` file.
    ///
    /// # Errors
    /// When they are none, or of the old kind.
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        const WRONG: BundleError = BundleError::Malformed("not a signature of minisign");
        let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
        let untrusted = lines.next().ok_or(WRONG)?;
        let first = lines
            .next()
            .and_then(decode)
            .filter(|bytes| bytes.len() == 74)
            .ok_or(WRONG)?;
        let comment = lines
            .next()
            .and_then(|line| line.strip_prefix("trusted comment: "))
            .ok_or(WRONG)?;
        let all = lines
            .next()
            .and_then(decode)
            .filter(|bytes| bytes.len() == 64)
            .ok_or(WRONG)?;
        if !untrusted.starts_with("untrusted comment:") || comment.len() > COMMENT {
            return Err(WRONG);
        }
        let (algorithm, rest) = first.split_first_chunk::<2>().ok_or(WRONG)?;
        let (number, signature) = rest.split_first_chunk::<8>().ok_or(WRONG)?;
        match algorithm {
            PREHASHED => {}
            ALGORITHM => {
                return Err(BundleError::Malformed(
                    "a signature of the old kind; sign with 'minisign -S -H'",
                ));
            }
            _ => return Err(WRONG),
        }
        Ok(Self {
            number: *number,
            signature: signature.to_vec(),
            comment: comment.to_owned(),
            all,
        })
    }

    /// The comment. It is to be believed once the signature was found good.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// The trusted key that it claims to be of.
    pub(super) fn find_key<'k>(&self, keys: &'k [PublicKey]) -> Result<&'k PublicKey, BundleError> {
        let found = keys.iter().find(|key| key.number == self.number);
        found.ok_or_else(|| BundleError::UnknownKey(id(self.number)))
    }

    pub(super) fn check(&self, key: &PublicKey, prehash: Prehash) -> Result<(), BundleError> {
        let key = UnparsedPublicKey::new(&ED25519, key.key);
        let signed = [&*self.signature, self.comment.as_bytes()].concat();
        key.verify(&prehash.finish(), &self.signature)
            .and_then(|()| key.verify(&signed, &self.all))
            .map_err(|_| BundleError::WrongSignature)
    }
}

/// The last line that says something.
fn last_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).rfind(|line| !line.is_empty())
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding (RFC 4648 section 4).
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS.get((group >> (18 - 6 * place) & 63) as usize);
            let _ = out.write_char(match letter {
                Some(letter) if place <= chunk.len() => char::from(*letter),
                _ => '=',
            });
        }
    }
    out
}

/// The opposite; nothing if a character is out of place.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let letters = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - letters.len() > 2 || text.len() > 4096 {
        return None;
    }
    let (mut out, mut group, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in letters.bytes() {
        let value = LETTERS.iter().position(|own| *own == letter)?;
        group = (group << 6 | u32::try_from(value).ok()?) & 0xfff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(group >> bits & 0xff).ok()?);
        }
    }
    (group & ((1 << bits) - 1) == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the documentation of the crate `minisign-verify`: of the bytes `test`.
    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key\n\
        RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n\
        trusted comment: timestamp:1556193335\tfile:test\n\
        y/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==";

    fn check(signature: &str, bytes: &[u8], key: &PublicKey) -> Result<(), BundleError> {
        let signature = Signature::parse(signature)?;
        let mut hasher = Prehash::default();
        hasher.update(bytes);
        signature.check(signature.find_key(&[*key])?, hasher)
    }

    #[test]
    fn what_the_tool_signs_is_verified() {
        let key = PublicKey::parse(KEY).unwrap();
        assert_eq!(key.to_string(), KEY);
        assert_eq!(PublicKey::parse(&format!("untrusted comment: x\n{KEY}\n")), Ok(key));
        assert_eq!(check(SIGNATURE, b"test", &key), Ok(()));
        assert_eq!(check(SIGNATURE, b"Test", &key), Err(BundleError::WrongSignature));
        let comment = SIGNATURE.replace("file:test", "file:best");
        assert_eq!(check(&comment, b"test", &key), Err(BundleError::WrongSignature));
        let old = SIGNATURE.replace("\nRUQf", "\nRWQf");
        assert!(matches!(check(&old, b"test", &key), Err(BundleError::Malformed(_))));
    }

    #[test]
    fn what_is_signed_here_is_verified_and_keys_survive_their_file() {
        let key = SecretKey::from_random([7; 32], [1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
        let again = SecretKey::parse(&key.to_file()).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(key.public().id(), "0807060504030201");
        let signature = again.sign(&mut b"bytes".as_slice(), "counter:1").unwrap();
        assert_eq!(check(&signature, b"bytes", &key.public()), Ok(()));
        let other = SecretKey::from_random([8; 32], [1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
        assert_eq!(
            check(&signature, b"bytes", &other.public()),
            Err(BundleError::WrongSignature)
        );
        let stranger = SecretKey::from_random([8; 32], [9; 8]).unwrap();
        assert!(matches!(
            check(&signature, b"bytes", &stranger.public()),
            Err(BundleError::UnknownKey(_))
        ));
        assert!(!format!("{key:?}").contains("7, 7"));
        assert!(key.sign(&mut b"".as_slice(), "two\nlines").is_err());
    }

    #[test]
    fn base64_is_strict() {
        for bytes in [&b""[..], b"a", b"ab", b"abc", b"\xff\xfe\xfd\xfc"] {
            assert_eq!(decode(&encode(bytes)).as_deref(), Some(bytes));
        }
        for text in ["a", "YQ", "YR==", "Y===", "YQ=a", "ä==="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
