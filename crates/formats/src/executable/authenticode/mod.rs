//! Signatures of code: Authenticode (Microsoft, "Windows Authenticode Portable Executable Signature Format", 2008) of PE
//! files and packages of Windows Installer, and catalogs.
//!
//! What is verified: the digest of the file, the signature over it, each certificate by the next, their times, and who
//! witnessed the time. Roots and the present time are arguments. Absent: revocation, which needs the network, hashes of
//! pages, and what Windows adds to old rules (`MinVersion` of policies).

mod catalog;
mod chain;
mod cms;
mod file;
mod given;
mod oid;
mod timestamp;
pub(crate) mod x509;

pub(super) use catalog::read as read_catalog;
pub use given::{believed, certificates_in};

use super::der::{Element, OCTETS, OID, SEQUENCE, context, context_value};
use super::work::Work;
use crate::identify::media;
use chain::Allowance;
use cms::Message;
use std::collections::BTreeMap;
use watchfire_model::executable::signature::{
    CatalogMatch, ChainOutcome, DigestOutcome, Hashed, Signature, SignedOutcome, Validity, ValidityOutcome,
};
use watchfire_model::executable::{Authenticode, Catalog, Digest, HashAlgorithm};
use watchfire_model::{Budget, MediaType, Moment, Problem, Untrusted};

/// Signatures of one file that are verified.
const MOST_SIGNATURES: usize = 16;

/// Whom signatures may lead to, and when it is.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The present.
    pub now: Moment,
    /// Roots by their names as they stand in certificates.
    roots: Vec<(Vec<u8>, Vec<u8>)>,
    keys: BTreeMap<[u8; 32], Untrusted>,
    listed: BTreeMap<Digest, usize>,
    catalogs: usize,
}

impl Default for Trust {
    fn default() -> Self {
        Self {
            now: Moment::from_unix(0),
            roots: Vec::new(),
            keys: BTreeMap::new(),
            listed: BTreeMap::new(),
            catalogs: 0,
        }
    }
}

impl Trust {
    /// Trusts nobody.
    pub fn at(now: Moment) -> Self {
        Self { now, ..Self::default() }
    }

    /// Trusts a root by its certificate in DER; whether that is one.
    pub fn add_root(&mut self, certificate: &[u8]) -> bool {
        let Some((subject, key, name)) = chain::describe(certificate) else {
            return false;
        };
        self.keys.insert(key, name);
        self.roots.push((subject, certificate.to_vec()));
        true
    }

    /// Trusts a root, or any other issuer, by the SHA-256 of its key (SubjectPublicKeyInfo). Where a file leaves the
    /// certificate of its root out, as many do, only the certificate itself leads to it.
    pub fn add_key(&mut self, digest: [u8; 32], name: impl Into<Untrusted>) {
        self.keys.insert(digest, name.into());
    }

    /// Takes the digests of a catalog; its number, by which a match names it. Whether the catalog is believed is for
    /// the caller to judge, by its own signature.
    pub fn add_catalog(&mut self, catalog: &Catalog) -> usize {
        let number = self.catalogs;
        self.catalogs += 1;
        for member in &catalog.members {
            self.listed.entry(member.digest.clone()).or_insert(number);
        }
        number
    }

    fn root_with_key(&self, key: &[u8; 32]) -> Option<Untrusted> {
        self.keys.get(key).cloned()
    }

    fn roots_named<'t>(&'t self, subject: &'t [u8]) -> impl Iterator<Item = &'t [u8]> {
        let named = self.roots.iter().filter(move |(name, _)| name == subject);
        named.map(|(_, certificate)| certificate.as_slice())
    }
}

/// Reads and verifies the signatures of a file; `None` where the format has none.
///
/// Costs a pass over the file for each digest: SHA-1 and SHA-256 of every PE, and others where a signature uses them.
pub fn verify(
    media_type: MediaType,
    bytes: &[u8],
    trust: &Trust,
    budget: &Budget,
) -> (Option<Authenticode>, Vec<Problem>) {
    let mut work = Work::new(bytes, budget);
    let found = match media_type {
        media::PE => file::verify(bytes, trust, &mut work),
        media::MSI => file::verify_installer(bytes, trust, &mut work),
        media::CATALOG => catalog::verify(bytes, trust),
        _ => None,
    };
    (found, work.into_problems())
}

/// Something that a signature may be over.
type DigestOf<'d> = dyn FnMut(HashAlgorithm) -> Option<Vec<u8>> + 'd;

/// Verifies a message and all that are nested in it, each once. `digest` gives the digest of the file.
fn verify_message(
    message: Message<'_>,
    trust: &Trust,
    allowance: &mut Allowance,
    digest: &mut DigestOf<'_>,
    out: &mut Vec<Signature>,
) {
    let mut open = vec![(message, 0)];
    while let Some((message, depth)) = open.pop() {
        if out.len() >= MOST_SIGNATURES {
            return;
        }
        let nested = message
            .signers
            .iter()
            .flat_map(|signer| signer.unsigned_attributes(oid::NESTED));
        let mut inner: Vec<(Message<'_>, u32)> = nested
            .flatten()
            .take(MOST_SIGNATURES)
            .filter_map(|value| Some((Message::read(value.whole)?, depth + 1)))
            .collect();
        out.push(judge(&message, depth, trust, allowance, digest));
        inner.reverse();
        open.append(&mut inner);
    }
}

fn judge(
    message: &Message<'_>,
    depth: u32,
    trust: &Trust,
    allowance: &mut Allowance,
    digest_of: &mut DigestOf<'_>,
) -> Signature {
    let declared = (message.content_type == oid::INDIRECT_DATA)
        .then(|| message.content.as_ref().and_then(declared))
        .flatten();
    let digest = match declared.as_ref().and_then(|hashed| digest_of(hashed.algorithm)) {
        Some(own) if declared.as_ref().is_some_and(|hashed| hashed.digest.bytes() == own) => DigestOutcome::Matches,
        Some(_) => DigestOutcome::Differs,
        None => DigestOutcome::Unknown,
    };
    let mut signature = Signature {
        depth,
        declared,
        digest,
        signed: SignedOutcome::Unverifiable("there is no certificate of the signer".into()),
        certificates: message.certificates.iter().map(x509::X509::facts).collect(),
        chain: Vec::new(),
        trust: ChainOutcome::NoSigner,
        validity: Validity {
            at: trust.now,
            witnessed: false,
            outcome: ValidityOutcome::Unknown,
        },
        for_code: false,
        claimed: None,
        timestamps: Vec::new(),
        program: None,
        url: None,
    };
    let Some(signer) = message.signers.first() else {
        return signature;
    };
    signature.timestamps = timestamp::read(signer, &message.certificates, trust, allowance);
    let said = signer
        .signed_attribute(oid::SIGNING_TIME)
        .and_then(|mut values| values.next());
    signature.claimed = said.as_ref().and_then(x509::time);
    if let Some(opus) = signer
        .signed_attribute(oid::OPUS_INFO)
        .and_then(|mut values| values.next())
    {
        (signature.program, signature.url) = opus_info(&opus);
    }
    let place = signer.certificate(&message.certificates);
    let Some((place, certificate)) = place.and_then(|place| Some((place, message.certificates.get(place)?))) else {
        return signature;
    };
    signature.signed = signer.verify(certificate, message.content_type, message.value());
    signature.for_code = certificate.is_for(oid::CODE_SIGNING);
    let chain = chain::build(&message.certificates, place, trust, allowance);
    let witness = signature
        .timestamps
        .iter()
        .find(|witness| timestamp::is_credible(witness));
    let witnessed = witness.and_then(|witness| witness.at);
    let at = witnessed.unwrap_or(trust.now);
    signature.validity = Validity {
        at,
        witnessed: witnessed.is_some(),
        outcome: chain::validity(&message.certificates, &chain, at),
    };
    (signature.chain, signature.trust) = (chain.places, chain.outcome);
    signature
}

/// SpcIndirectDataContent: what is signed, then its digest.
fn declared(content: &Element<'_>) -> Option<Hashed> {
    let mut parts = content.inner();
    parts.tagged(SEQUENCE)?;
    let mut info = parts.tagged(SEQUENCE)?.inner();
    let algorithm = oid::hash(info.tagged(SEQUENCE)?.inner().tagged(OID)?.content)?;
    let digest = Digest::new(info.tagged(OCTETS)?.content);
    Some(Hashed { algorithm, digest })
}

/// SpcSpOpusInfo: a name, and a link.
fn opus_info(opus: &Element<'_>) -> (Option<Untrusted>, Option<Untrusted>) {
    let mut parts = opus.inner();
    // Text as UTF-16 in big endian, or in ASCII, under tags of the context.
    let text = |element: Element<'_>| {
        let tag = if element.tag == context_value(0) { 0x1e } else { 0x16 };
        let text = x509::string(&Element { tag, ..element });
        Some(Untrusted::new(text)).filter(|text| !text.is_empty())
    };
    let program = parts.tagged(context(0)).and_then(|name| text(name.inner().next()?));
    let link = parts.tagged(context(1)).and_then(|link| link.inner().next());
    let url = link.and_then(|link| match link.tag {
        tag if tag == context_value(0) => text(Element { tag: 0x16, ..link }),
        tag if tag == context(2) => text(link.inner().next()?),
        _ => None,
    });
    (program, url)
}

/// The digests as facts, in the order of their algorithms.
fn hashed(digests: BTreeMap<HashAlgorithm, Vec<u8>>) -> Vec<Hashed> {
    let each = digests.into_iter();
    each.map(|(algorithm, digest)| Hashed {
        algorithm,
        digest: Digest::new(&digest),
    })
    .collect()
}

/// The first digest that a catalog lists.
fn in_catalog(digests: &[Hashed], trust: &Trust) -> Option<CatalogMatch> {
    digests.iter().find_map(|hashed| {
        let catalog = *trust.listed.get(&hashed.digest)?;
        Some(CatalogMatch {
            catalog,
            digest: hashed.digest.clone(),
        })
    })
}

/// A digest of bytes.
pub(super) fn hash_of(algorithm: HashAlgorithm, bytes: &[u8]) -> Vec<u8> {
    cms::digest(algorithm, bytes)
}

/// The names of a message's certificates, the signer's first, as far as its chain goes. Nothing is verified.
pub(super) fn signers_of(message: &[u8]) -> Vec<Untrusted> {
    let Some(message) = Message::read(message) else {
        return Vec::new();
    };
    let mut names = Vec::new();
    let mut next = message
        .signers
        .first()
        .and_then(|signer| signer.certificate(&message.certificates));
    while let Some(certificate) = next.and_then(|place| message.certificates.get(place)) {
        names.push(certificate.facts().name);
        let issuer =
            |other: &x509::X509<'_>| other.subject == certificate.issuer && other.subject != certificate.subject;
        next = message
            .certificates
            .iter()
            .position(issuer)
            .filter(|_| names.len() < 10);
    }
    names
}
