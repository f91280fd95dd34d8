//! Certificates (RFC 5280), as far as signatures of code need them. Absent: revocation, policies, constraints of names.

use super::oid;
use crate::executable::der::{
    BITS, BOOLEAN, Element, Elements, INTEGER, OCTETS, OID, SEQUENCE, TIME, UTC_TIME, bits, context, dotted, number,
};
use crate::public_key::{Curve, Padding, PublicKey};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use watchfire_model::executable::{Certificate, Digest, HashAlgorithm};
use watchfire_model::{Moment, Untrusted};

/// Parts of a name that are shown.
const MOST_PARTS: usize = 32;
/// Extensions that are looked at.
const MOST_EXTENSIONS: usize = 64;
/// Purposes that are kept.
const MOST_PURPOSES: usize = 32;
/// Longest value of a part of a name. Bytes.
const LONGEST: usize = 1024;

/// How something is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    pub(super) hash: Option<HashAlgorithm>,
    pub(super) padding: Padding,
    pub(super) name: String,
}

impl Algorithm {
    /// By its identifier; `digest` where that names none.
    pub(super) fn read(sequence: &Element<'_>, digest: Option<HashAlgorithm>) -> Option<Self> {
        let mut inner = sequence.inner();
        let name = inner.tagged(OID)?.content;
        if name == oid::RSA_PSS {
            let mut parameters = inner
                .tagged(SEQUENCE)
                .map_or(Elements::new(&[]), |element| element.inner());
            let hash = parameters.tagged(context(0));
            let hash = hash.and_then(|hash| hash.inner().tagged(SEQUENCE)?.inner().tagged(OID));
            let hash = hash.map_or(Some(HashAlgorithm::Sha1), |hash| oid::hash(hash.content));
            parameters.tagged(context(1));
            let salt = parameters
                .tagged(context(2))
                .and_then(|salt| salt.inner().tagged(INTEGER));
            // Only salts as long as the digest are verified; of another signature it is not known whether it holds.
            let length = match hash {
                Some(HashAlgorithm::Sha256) => 32,
                Some(HashAlgorithm::Sha384) => 48,
                Some(HashAlgorithm::Sha512) => 64,
                _ => 20,
            };
            let is_usual = salt.is_some_and(|salt| number(&salt) == [length]);
            return Some(Self {
                hash,
                padding: if is_usual { Padding::Pss } else { Padding::Unknown },
                name: "rsa-pss".to_owned(),
            });
        }
        let known = oid::signature(name);
        let is_key = name == oid::RSA || name == oid::ELLIPTIC || name == oid::ED25519;
        Some(Self {
            hash: match known {
                Some((hash, _)) => Some(hash),
                None if name == oid::ED25519 => Some(HashAlgorithm::Sha512),
                None if is_key => digest,
                None => None,
            },
            padding: Padding::Usual,
            name: match known {
                Some((_, name)) => name.to_owned(),
                None if name == oid::RSA => "rsa".to_owned(),
                None if name == oid::ELLIPTIC => "ecdsa".to_owned(),
                None if name == oid::ED25519 => "ed25519".to_owned(),
                None => dotted(name),
            },
        })
    }
}

/// A certificate with its parts in place.
#[derive(Clone, Debug)]
pub(crate) struct X509<'a> {
    pub(super) whole: &'a [u8],
    /// 1 to 3.
    pub(crate) version: u8,
    signed: &'a [u8],
    /// As it stands, for comparing.
    pub(super) serial: &'a [u8],
    pub(crate) issuer: &'a [u8],
    pub(crate) subject: &'a [u8],
    pub(super) not_before: Option<Moment>,
    pub(super) not_after: Option<Moment>,
    key_info: &'a [u8],
    pub(crate) key: Result<PublicKey, String>,
    algorithm: Algorithm,
    signature: &'a [u8],
    /// The identifier that it gives its key.
    pub(super) key_identifier: Option<&'a [u8]>,
    purposes: Vec<&'a [u8]>,
    has_extensions: bool,
    is_authority: bool,
    /// How many may stand between it and the last, if it says that.
    pub(crate) path_length: Option<u32>,
    /// Its alternative names, as they stand.
    pub(crate) names: &'a [u8],
}

impl<'a> X509<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let outer = Elements::new(bytes).tagged(SEQUENCE)?;
        let mut parts = outer.inner();
        let signed = parts.tagged(SEQUENCE)?;
        let algorithm = Algorithm::read(&parts.tagged(SEQUENCE)?, None)?;
        let signature = bits(&parts.tagged(BITS)?)?;
        let mut inner = signed.inner();
        let version = inner
            .tagged(context(0))
            .and_then(|version| version.inner().tagged(INTEGER));
        let version = version.map_or(0, |version| small(&version).unwrap_or_default());
        let serial = inner.tagged(INTEGER)?;
        inner.tagged(SEQUENCE)?;
        let issuer = inner.tagged(SEQUENCE)?;
        let mut validity = inner.tagged(SEQUENCE)?.inner();
        let (not_before, not_after) = (validity.next()?, validity.next()?);
        let subject = inner.tagged(SEQUENCE)?;
        let key_info = inner.tagged(SEQUENCE)?;
        let mut this = Self {
            whole: outer.whole,
            version: u8::try_from(version).unwrap_or(u8::MAX).saturating_add(1),
            signed: signed.whole,
            serial: number(&serial),
            issuer: issuer.whole,
            subject: subject.whole,
            not_before: time(&not_before),
            not_after: time(&not_after),
            key_info: key_info.whole,
            key: key(&key_info),
            algorithm,
            signature,
            key_identifier: None,
            purposes: Vec::new(),
            has_extensions: false,
            is_authority: false,
            path_length: None,
            names: &[],
        };
        let extensions = inner.find(|element| element.tag == context(3));
        if let Some(list) = extensions.and_then(|list| list.inner().tagged(SEQUENCE)) {
            this.has_extensions = true;
            list.inner().take(MOST_EXTENSIONS).for_each(|extension| {
                this.extension(&extension);
            });
        }
        Some(this)
    }

    fn extension(&mut self, extension: &Element<'a>) -> Option<()> {
        let mut parts = extension.inner();
        let name = parts.tagged(OID)?.content;
        parts.tagged(BOOLEAN);
        let rest = parts.tagged(OCTETS)?.content;
        let mut value = Elements::new(rest);
        match name {
            // 2.5.29.14, .19 and .37: the key's identifier, whether it is an authority, and what it is for.
            b"\x55\x1d\x0e" => self.key_identifier = Some(value.tagged(OCTETS)?.content),
            b"\x55\x1d\x13" => {
                let mut constraints = value.tagged(SEQUENCE)?.inner();
                let authority = constraints.tagged(BOOLEAN);
                self.is_authority = authority.is_some_and(|flag| flag.content.iter().any(|byte| *byte != 0));
                self.path_length = constraints.tagged(INTEGER).and_then(|length| small(&length));
            }
            b"\x55\x1d\x25" => {
                let purposes = value.tagged(SEQUENCE)?.inner().take(MOST_PURPOSES);
                self.purposes = purposes.map(|purpose| purpose.content).collect();
            }
            // 2.5.29.17: other names of the subject.
            b"\x55\x1d\x11" => self.names = rest,
            _ => {}
        }
        Some(())
    }

    /// Whether it may be used for this; one that says nothing may be used for all.
    pub(super) fn is_for(&self, purpose: &[u8]) -> bool {
        self.purposes.is_empty()
            || self
                .purposes
                .iter()
                .any(|own| *own == purpose || *own == oid::ANY_PURPOSE)
    }

    /// Whether it says itself that it is for this.
    pub(super) fn says_for(&self, purpose: &[u8]) -> bool {
        self.purposes.contains(&purpose)
    }

    /// Whether it may issue others. The first version of certificates could not say so.
    pub(super) fn may_issue(&self) -> bool {
        self.is_authority || !self.has_extensions
    }

    pub(super) fn key_digest(&self) -> [u8; 32] {
        Sha256::digest(self.key_info).into()
    }

    /// Whether `issuer` made this one; `None` where that cannot be verified.
    pub(crate) fn is_signed_by(&self, issuer: &Self) -> Option<bool> {
        let key = issuer.key.as_ref().ok()?;
        key.verify(
            self.algorithm.hash?,
            self.algorithm.padding,
            self.signed,
            self.signature,
        )
    }

    /// In words, how it is signed.
    pub(super) fn algorithm(&self) -> &str {
        &self.algorithm.name
    }

    /// What it shows.
    pub(crate) fn facts(&self) -> Certificate {
        let subject = name_parts(self.subject);
        let part = |key: &str| {
            subject
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.clone())
        };
        let name = part("CN").or_else(|| part("O")).unwrap_or_else(|| line(&subject));
        Certificate {
            subject: Untrusted::new(line(&subject)),
            name: Untrusted::new(name),
            issuer: Untrusted::new(line(&name_parts(self.issuer))),
            serial: Digest::new(self.serial),
            not_before: self.not_before,
            not_after: self.not_after,
            sha1: Digest::new(&Sha1::digest(self.whole)),
            sha256: Digest::new(&Sha256::digest(self.whole)),
            key_sha256: Digest::new(&self.key_digest()),
            key: Untrusted::new(match &self.key {
                Ok(PublicKey::Rsa { .. }) => format!("rsa-{}", self.key.as_ref().map_or(0, PublicKey::bits)),
                Ok(PublicKey::Elliptic { curve: Curve::P256, .. }) => "p-256".to_owned(),
                Ok(PublicKey::Elliptic { curve: Curve::P384, .. }) => "p-384".to_owned(),
                Ok(PublicKey::Ed25519(_)) => "ed25519".to_owned(),
                Err(kind) => kind.clone(),
            }),
            algorithm: Untrusted::new(self.algorithm.name.clone()),
            purposes: self
                .purposes
                .iter()
                .map(|purpose| oid::purpose(purpose).map_or_else(|| dotted(purpose).into(), Untrusted::from))
                .collect(),
            is_authority: self.is_authority,
        }
    }
}

/// A number that is small.
fn small(element: &Element<'_>) -> Option<u32> {
    let digits = number(element);
    let is_small = digits.len() <= 4;
    is_small.then(|| digits.iter().fold(0, |number, digit| number << 8 | u32::from(*digit)))
}

/// A key of SubjectPublicKeyInfo; else its kind in words.
fn key(info: &Element<'_>) -> Result<PublicKey, String> {
    let read = || {
        let mut parts = info.inner();
        let mut algorithm = parts.tagged(SEQUENCE)?.inner();
        let kind = algorithm.tagged(OID)?.content;
        let content = bits(&parts.tagged(BITS)?)?;
        Some((kind, algorithm.tagged(OID), content))
    };
    let Some((kind, curve, content)) = read() else {
        return Err("damaged".to_owned());
    };
    let rsa = || {
        let mut numbers = Elements::new(content).tagged(SEQUENCE)?.inner();
        let (modulus, exponent) = (numbers.tagged(INTEGER)?, numbers.tagged(INTEGER)?);
        let plain = |element| {
            Some(number(element))
                .filter(|digits| !digits.is_empty())
                .map(<[u8]>::to_vec)
        };
        Some(PublicKey::Rsa {
            modulus: plain(&modulus)?,
            exponent: plain(&exponent)?,
        })
    };
    let elliptic = |curve| PublicKey::Elliptic {
        curve,
        point: content.to_vec(),
    };
    match (kind, curve.map(|curve| curve.content)) {
        (oid::RSA | oid::RSA_PSS, _) => rsa().ok_or_else(|| "damaged".to_owned()),
        (oid::ELLIPTIC, Some(oid::P256)) => Ok(elliptic(Curve::P256)),
        (oid::ELLIPTIC, Some(oid::P384)) => Ok(elliptic(Curve::P384)),
        (oid::ED25519, _) => Ok(PublicKey::Ed25519(content.to_vec())),
        (_, Some(curve)) => Err(dotted(curve)),
        (other, None) => Err(dotted(other)),
    }
}

/// A time of either kind, in UTC.
pub(super) fn time(element: &Element<'_>) -> Option<Moment> {
    let text = std::str::from_utf8(element.content).ok()?;
    let (year, rest) = match element.tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            // Years from 50 on are of the last century (RFC 5280, section 4.1.2.5.1).
            let century = if year.parse::<u32>().ok()? < 50 { "20" } else { "19" };
            (format!("{century}{year}"), rest)
        }
        TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.to_owned(), rest)
        }
        _ => return None,
    };
    let digits = rest
        .get(..10)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let part = |at: usize| digits.get(at..at + 2);
    let (month, day, hour, minute, second) = (part(0)?, part(2)?, part(4)?, part(6)?, part(8)?);
    rest.ends_with('Z').then_some(())?;
    Moment::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()
}

/// The parts of a name, the most particular first.
fn name_parts(name: &[u8]) -> Vec<(String, String)> {
    let Some(sequence) = Elements::new(name).tagged(SEQUENCE) else {
        return Vec::new();
    };
    let sets = sequence.inner().take(MOST_PARTS);
    let mut parts: Vec<(String, String)> = sets
        .flat_map(|set| set.inner().take(MOST_PARTS))
        .take(MOST_PARTS)
        .filter_map(|pair| {
            let mut pair = pair.inner();
            let key = pair.tagged(OID)?.content;
            Some((part_name(key), string(&pair.next()?)))
        })
        .collect();
    parts.reverse();
    parts
}

fn part_name(oid: &[u8]) -> String {
    let name = match oid {
        b"\x55\x04\x03" => "CN",
        b"\x55\x04\x05" => "serialNumber",
        b"\x55\x04\x06" => "C",
        b"\x55\x04\x07" => "L",
        b"\x55\x04\x08" => "ST",
        b"\x55\x04\x09" => "street",
        b"\x55\x04\x0a" => "O",
        b"\x55\x04\x0b" => "OU",
        b"\x55\x04\x0f" => "businessCategory",
        b"\x55\x04\x11" => "postalCode",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01" => "emailAddress",
        b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19" => "DC",
        _ => return dotted(oid),
    };
    name.to_owned()
}

/// A string of any of the kinds that names are written in.
pub(super) fn string(element: &Element<'_>) -> String {
    let bytes = element.content.get(..LONGEST).unwrap_or(element.content);
    match element.tag {
        // UTF-16 and UTF-32 in big endian.
        0x1e => char::decode_utf16(bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit)))
            .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        0x1c => bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|unit| char::from_u32(u32::from_be_bytes(*unit)).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        0x14 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// A name as one line, with what would end a part behind a backslash (RFC 4514).
fn line(parts: &[(String, String)]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|(key, value)| {
            let value = value.replace('\\', "\\\\").replace(',', "\\,").replace('+', "\\+");
            format!("{key}={value}")
        })
        .collect();
    parts.join(", ")
}
