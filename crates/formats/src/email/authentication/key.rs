//! Keys that domains publish (RFC 6376, section 3.6.1; RFC 8463; RFC 8301), and verifying with them.
//!
//! The cryptography is `crate::public_key`'s; here a record becomes a key. RSA keys stand in records as SubjectPublicKeyInfo
//! (RFC 5280, section 4.1) and now and then as bare RSAPublicKey (RFC 8017, appendix A.1.1); both are read. What is too
//! weak (RSA below 1,024 bits, SHA-1) is recognised, and not accepted. `g=`, which RFC 6376 took back, is ignored.

use super::ask::{Asker, Failed, Missing};
use super::base64;
use super::tags::{Tags, trimmed};
use crate::public_key::{Padding, PublicKey};
use sha2::{Digest, Sha256};
use watchfire_model::Untrusted;
use watchfire_model::dns::Name;
use watchfire_model::executable::HashAlgorithm;

/// Most records of one name that are tried.
const MOST_KEYS: usize = 4;
/// Bits that an RSA key has to have (RFC 8301, section 3.2).
const FEWEST_BITS: u32 = 1024;
/// Bits that an RSA key may have.
const MOST_BITS: u32 = 8192;
/// Longest record that is read. Bytes.
const LONGEST: usize = 16 << 10;
/// 1.2.840.113549.1.1.1, `rsaEncryption`.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    RsaSha256,
    Ed25519Sha256,
    /// Recognised, and never accepted (RFC 8301, section 3.1).
    RsaSha1,
}

impl Algorithm {
    /// By the value of `a=`.
    pub(crate) fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"rsa-sha256" => Some(Self::RsaSha256),
            b"ed25519-sha256" => Some(Self::Ed25519Sha256),
            b"rsa-sha1" => Some(Self::RsaSha1),
            _ => None,
        }
    }
}

/// A published key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    material: PublicKey,
    /// Bits.
    pub(crate) bits: u32,
    /// Whether the domain says that it is testing, `t=y`.
    pub(crate) testing: bool,
    /// Whether `i=` has to be of the very domain, `t=s`.
    pub(crate) strict: bool,
    /// Whether SHA-256 may be used with it, `h=`.
    sha256: bool,
}

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// The answer is missing.
    Missing,
    /// It could not be had this time.
    Temporary(String),
    /// There is none, or none that can be used.
    Permanent(String),
}

impl From<Missing> for NoKey {
    fn from(_: Missing) -> Self {
        Self::Missing
    }
}

/// How verifying with a key ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verified {
    Yes,
    No,
    /// The key is of another kind, or not meant for this.
    Unsuitable(&'static str),
    /// It may hold, and does not count.
    TooWeak(String),
}

/// The keys of a selector, as published; at least one.
pub(crate) fn published(selector: &[u8], domain: &Name, asker: &mut Asker<'_>) -> Result<Vec<Key>, NoKey> {
    let selector = Untrusted::from_bytes(selector);
    let name = domain.below(&format!("{}._domainkey", selector.raw()));
    let Some(name) = name.filter(|_| !selector.is_empty()) else {
        return Err(NoKey::Permanent(format!(
            "'{}' and {domain} make no name that can be asked about",
            selector.shown(80)
        )));
    };
    let texts = asker.texts(&name)?;
    let texts = texts.map_err(|Failed| NoKey::Temporary(format!("the key at {name} could not be had")))?;
    let mut keys = Vec::new();
    let mut trouble = None;
    for text in texts.into_iter().take(MOST_KEYS) {
        match read(text) {
            Ok(key) => keys.push(key),
            Err(why) => trouble = trouble.or(Some(why)),
        }
    }
    if !keys.is_empty() {
        return Ok(keys);
    }
    Err(NoKey::Permanent(match trouble {
        Some(why) => format!("the key at {name} {why}"),
        None => format!("there is no key at {name}"),
    }))
}

/// Reads a record. An error completes "the key …".
pub(crate) fn read(text: &[u8]) -> Result<Key, &'static str> {
    if text.len() > LONGEST {
        return Err("is longer than any key");
    }
    let tags = Tags::read(text).ok_or("is not in order")?;
    let version = tags.iter().position(|tag| tag.name == b"v");
    if version.is_some_and(|place| place > 0) || tags.value("v").is_some_and(|version| version != b"DKIM1") {
        return Err("is not of version DKIM1");
    }
    let lists = |name: &str, wanted: &[&[u8]]| {
        tags.value(name).is_none_or(|value| {
            let mut items = value.split(|byte| *byte == b':').map(trimmed);
            items.any(|item| wanted.contains(&item))
        })
    };
    let flag = |flag: &[u8]| tags.value("t").is_some() && lists("t", &[flag]);
    if !lists("s", &[b"*", b"email"]) {
        return Err("is not for mail");
    }
    let data = tags.value("p").ok_or("holds no key")?;
    if data.is_empty() {
        return Err("was revoked");
    }
    let data = base64::decode(data).ok_or("holds no base64")?;
    let material = match tags.value("k").unwrap_or(b"rsa") {
        b"rsa" => rsa(&data).ok_or("holds no RSA key")?,
        b"ed25519" if data.len() == 32 => PublicKey::Ed25519(data),
        b"ed25519" => return Err("holds no Ed25519 key"),
        _ => return Err("is of an unknown kind"),
    };
    Ok(Key {
        bits: material.bits(),
        material,
        testing: flag(b"y"),
        strict: flag(b"s"),
        sha256: lists("h", &[b"sha256"]),
    })
}

impl Key {
    /// Whether `signature` is this key's over `data`.
    pub(crate) fn verify(&self, algorithm: Algorithm, data: &[u8], signature: &[u8]) -> Verified {
        if !self.sha256 {
            return Verified::Unsuitable("the key is not for SHA-256");
        }
        let holds = match (&self.material, algorithm) {
            (PublicKey::Rsa { .. }, Algorithm::RsaSha256) if self.bits < FEWEST_BITS => {
                return Verified::TooWeak(format!(
                    "the key has {} bits; fewer than {FEWEST_BITS} are not accepted",
                    self.bits
                ));
            }
            (PublicKey::Rsa { .. }, Algorithm::RsaSha256) if self.bits > MOST_BITS => {
                return Verified::Unsuitable("the key has more bits than any verifier takes");
            }
            (PublicKey::Rsa { .. }, Algorithm::RsaSha256) => self.holds(data, signature),
            (PublicKey::Ed25519(_), Algorithm::Ed25519Sha256) => self.holds(&Sha256::digest(data), signature),
            (_, Algorithm::RsaSha1) => return Verified::TooWeak("SHA-1 is not accepted".to_owned()),
            _ => return Verified::Unsuitable("the key is for another algorithm"),
        };
        if holds { Verified::Yes } else { Verified::No }
    }

    fn holds(&self, data: &[u8], signature: &[u8]) -> bool {
        let verified = self
            .material
            .verify(HashAlgorithm::Sha256, Padding::Usual, data, signature);
        verified == Some(true)
    }
}

/// An RSA key, with or without what says that it is one.
fn rsa(der: &[u8]) -> Option<PublicKey> {
    let (outer, _) = element(0x30, der)?;
    let key = match element(0x30, outer) {
        Some((algorithm, rest)) => {
            let (oid, _) = element(0x06, algorithm)?;
            let (bits, _) = element(0x03, rest)?;
            let (key, _) = element(0x30, bits.strip_prefix(&[0])?)?;
            (oid == RSA).then_some(key)?
        }
        None => outer,
    };
    let (modulus, rest) = element(0x02, key)?;
    let (exponent, _) = element(0x02, rest)?;
    let plain = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        number
            .get(zeros..)
            .filter(|number| !number.is_empty())
            .map(<[u8]>::to_vec)
    };
    Some(PublicKey::Rsa {
        modulus: plain(modulus)?,
        exponent: plain(exponent)?,
    })
}

/// The content of the DER element of this tag at the beginning, and what follows it (X.690, section 8.1).
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81 | 0x82 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = bytes
                .iter()
                .fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

    #[track_caller]
    fn check(tags: &str, expected: Result<(u32, bool, bool), &'static str>) {
        let text = tags.replace("{p}", P);
        let found = read(text.as_bytes()).map(|key| (key.bits, key.testing, key.strict));
        assert_eq!(found, expected, "{tags}");
    }

    #[test]
    fn records_become_keys() {
        check("v=DKIM1; k=rsa; p={p}", Ok((1024, false, false)));
        check(
            "p={p}; t=y:s; g=; n=note; s=email; h=sha1:sha256",
            Ok((1024, true, true)),
        );
        check(
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            Ok((256, false, false)),
        );
    }

    #[test]
    fn what_is_no_key_says_why() {
        check("v=DKIM1; p=", Err("was revoked"));
        check("v=DKIM1; k=rsa", Err("holds no key"));
        check("p={p}; v=DKIM1", Err("is not of version DKIM1"));
        check("v=DKIM2; p={p}", Err("is not of version DKIM1"));
        check("v=DKIM1; s=tlsrpt; p={p}", Err("is not for mail"));
        check("v=DKIM1; k=dsa; p={p}", Err("is of an unknown kind"));
        check("v=DKIM1; k=ed25519; p={p}", Err("holds no Ed25519 key"));
        check("v=DKIM1; p=*", Err("holds no base64"));
        check("v=DKIM1; p=AAAA", Err("holds no RSA key"));
        check("nonsense", Err("is not in order"));
    }

    #[test]
    fn damaged_keys_are_none() {
        let der = base64::decode(P.as_bytes()).unwrap();
        for end in 0..der.len() {
            assert_eq!(rsa(&der[..end]), None, "cut at {end}");
        }
        for place in 0..der.len() {
            for byte in [0, 1, 0x30, 0x80, 0x82, 0xff] {
                let mut damaged = der.clone();
                damaged[place] = byte;
                let bits = rsa(&damaged).map_or(0, |material| material.bits());
                assert!(bits <= 2048, "byte {byte} at {place}");
            }
        }
    }
}
