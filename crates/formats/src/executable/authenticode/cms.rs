//! Signed messages (RFC 5652; PKCS #7 for the older ones), as far as code signatures use them: the content, certificates,
//! signers, and whether a signer's key made the signature.

use super::oid;
use super::x509::{Algorithm, X509};
use crate::executable::der::{Element, Elements, INTEGER, OCTETS, OID, SEQUENCE, SET, context, context_value, number};
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use watchfire_model::executable::HashAlgorithm;
use watchfire_model::executable::signature::SignedOutcome;

/// Certificates of one message that are read.
const MOST_CERTIFICATES: usize = 64;
/// Longest certificate: each may be hashed again and again on the way through chains. Bytes.
const LONGEST_CERTIFICATE: usize = 64 << 10;
/// Signers of one message that are read.
const MOST_SIGNERS: usize = 8;
/// Attributes of a signer that are looked at.
const MOST_ATTRIBUTES: usize = 128;

/// A signed message.
#[derive(Clone, Debug)]
pub(super) struct Message<'a> {
    /// The whole of it, as it stands.
    pub(super) whole: &'a [u8],
    pub(super) content_type: &'a [u8],
    /// What is signed, where it is in the message.
    pub(super) content: Option<Element<'a>>,
    pub(super) certificates: Vec<X509<'a>>,
    pub(super) signers: Vec<Signer<'a>>,
}

impl<'a> Message<'a> {
    /// Reads one from the beginning of the bytes.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let outer = Elements::new(bytes).tagged(SEQUENCE)?;
        let mut parts = outer.inner();
        if parts.tagged(OID)?.content != oid::SIGNED_DATA {
            return None;
        }
        let mut parts = parts.tagged(context(0))?.inner().tagged(SEQUENCE)?.inner();
        parts.tagged(INTEGER)?;
        parts.tagged(SET)?;
        let mut content = parts.tagged(SEQUENCE)?.inner();
        let content_type = content.tagged(OID)?.content;
        let content = content.tagged(context(0)).and_then(|explicit| explicit.inner().next());
        let certificates = parts.tagged(context(0)).map(|list| list.inner());
        parts.tagged(context(1));
        let signers = parts.tagged(SET)?.inner();
        Some(Self {
            whole: outer.whole,
            content_type,
            content,
            certificates: certificates
                .into_iter()
                .flatten()
                .filter(|certificate| certificate.whole.len() <= LONGEST_CERTIFICATE)
                .take(MOST_CERTIFICATES)
                .filter_map(|certificate| X509::read(certificate.whole))
                .collect(),
            signers: signers
                .take(MOST_SIGNERS)
                .filter_map(|signer| Signer::read(&signer))
                .collect(),
        })
    }

    /// The bytes that a digest of the content is over: its value, without tag and length.
    pub(super) fn value(&self) -> &'a [u8] {
        self.content.map(|content| content.content).unwrap_or_default()
    }
}

/// A signer.
#[derive(Clone, Debug)]
pub(super) struct Signer<'a> {
    who: Who<'a>,
    digest: Option<HashAlgorithm>,
    algorithm: Algorithm,
    signed: Option<Element<'a>>,
    pub(super) signature: &'a [u8],
    unsigned: Option<Element<'a>>,
}

#[derive(Clone, Copy, Debug)]
enum Who<'a> {
    Issued { issuer: &'a [u8], serial: &'a [u8] },
    Key(&'a [u8]),
}

impl<'a> Signer<'a> {
    pub(super) fn read(element: &Element<'a>) -> Option<Self> {
        let mut parts = element.inner();
        parts.tagged(INTEGER)?;
        let who = match parts.tagged(SEQUENCE) {
            Some(issued) => {
                let mut issued = issued.inner();
                let issuer = issued.tagged(SEQUENCE)?.whole;
                let serial = number(&issued.tagged(INTEGER)?);
                Who::Issued { issuer, serial }
            }
            None => Who::Key(parts.tagged(context_value(0))?.content),
        };
        let digest = oid::hash(parts.tagged(SEQUENCE)?.inner().tagged(OID)?.content);
        let signed = parts.tagged(context(0));
        let algorithm = Algorithm::read(&parts.tagged(SEQUENCE)?, digest)?;
        Some(Self {
            who,
            digest,
            algorithm,
            signed,
            signature: parts.tagged(OCTETS)?.content,
            unsigned: parts.tagged(context(1)),
        })
    }

    /// The place of the signer's certificate.
    pub(super) fn certificate(&self, certificates: &[X509<'_>]) -> Option<usize> {
        certificates.iter().position(|certificate| match self.who {
            Who::Issued { issuer, serial } => certificate.issuer == issuer && certificate.serial == serial,
            Who::Key(identifier) => certificate.key_identifier == Some(identifier),
        })
    }

    /// The values of the signed attribute of that name.
    pub(super) fn signed_attribute(&self, name: &[u8]) -> Option<Elements<'a>> {
        attributes(self.signed, name).next()
    }

    /// The values of each unsigned attribute of that name.
    pub(super) fn unsigned_attributes(&self, name: &'static [u8]) -> impl Iterator<Item = Elements<'a>> + use<'a> {
        attributes(self.unsigned, name)
    }

    /// Whether the certificate's key made this signature over the content.
    pub(super) fn verify(&self, certificate: &X509<'_>, content_type: &[u8], content: &[u8]) -> SignedOutcome {
        let unverifiable = |why: String| SignedOutcome::Unverifiable(why.into());
        let Ok(key) = &certificate.key else {
            return unverifiable("the signer's key is of a kind that is not verified".to_owned());
        };
        let Some(hash) = self.digest else {
            return unverifiable("the digest is of a kind that is not known".to_owned());
        };
        let message = match self.signed {
            Some(signed) => {
                let mut wanted = self.signed_attribute(oid::MESSAGE_DIGEST).into_iter().flatten();
                let Some(wanted) = wanted.next().filter(|digest| digest.tag == OCTETS) else {
                    return SignedOutcome::Invalid("it gives no digest of what is signed");
                };
                if digest(hash, content) != wanted.content {
                    return SignedOutcome::Invalid("what is signed was changed");
                }
                let kind = self
                    .signed_attribute(oid::CONTENT_TYPE)
                    .and_then(|mut values| values.next());
                if kind.is_some_and(|kind| kind.content != content_type) {
                    return SignedOutcome::Invalid("what is signed is of another kind");
                }
                // Signed as a set, and stored under the tag of its place (RFC 5652, section 5.4).
                let mut set = signed.whole.to_vec();
                if let Some(tag) = set.first_mut() {
                    *tag = SET;
                }
                set
            }
            None => content.to_vec(),
        };
        let hash = self.algorithm.hash.unwrap_or(hash);
        match key.verify(hash, self.algorithm.padding, &message, self.signature) {
            Some(true) => SignedOutcome::Valid,
            Some(false) => SignedOutcome::Invalid("the signer's key did not make it"),
            None => unverifiable(format!("'{}' with {hash:?} is not verified", self.algorithm.name)),
        }
    }
}

fn attributes<'a>(list: Option<Element<'a>>, name: &[u8]) -> impl Iterator<Item = Elements<'a>> + use<'a> {
    let found: Vec<Elements<'a>> = list
        .into_iter()
        .flat_map(|list| list.inner().take(MOST_ATTRIBUTES))
        .filter_map(|attribute| {
            let mut parts = attribute.inner();
            let own = parts.tagged(OID)?.content;
            Some(parts.tagged(SET)?.inner()).filter(|_| own == name)
        })
        .collect();
    found.into_iter()
}

/// A digest of bytes.
pub(super) fn digest(algorithm: HashAlgorithm, bytes: &[u8]) -> Vec<u8> {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish()
}

/// A digest that is taken piece by piece.
pub(super) enum Hasher {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    pub(super) fn new(algorithm: HashAlgorithm) -> Self {
        match algorithm {
            HashAlgorithm::Md5 => Self::Md5(Md5::new()),
            HashAlgorithm::Sha1 => Self::Sha1(Sha1::new()),
            HashAlgorithm::Sha256 => Self::Sha256(Sha256::new()),
            HashAlgorithm::Sha384 => Self::Sha384(Sha384::new()),
            HashAlgorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha384(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Md5(hasher) => hasher.finalize().to_vec(),
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
            Self::Sha384(hasher) => hasher.finalize().to_vec(),
            Self::Sha512(hasher) => hasher.finalize().to_vec(),
        }
    }
}
