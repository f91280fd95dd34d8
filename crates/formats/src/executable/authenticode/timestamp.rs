//! Witnesses of the time of a signature: countersignatures (RFC 5652, section 11.4) and tokens (RFC 3161).

use super::chain::{self, Allowance, Chain};
use super::cms::{Message, Signer, digest};
use super::x509::{X509, time};
use super::{Trust, oid};
use crate::executable::der::{Elements, INTEGER, OCTETS, OID, SEQUENCE, TIME};
use watchfire_model::executable::signature::{ChainOutcome, SignedOutcome, Timestamp, TimestampKind, ValidityOutcome};

/// 1.2.840.113549.1.7.1: what a countersignature is over has no kind.
const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
/// Witnesses of one signature that are heard.
const MOST: usize = 8;
/// Longest signature that witnesses are heard for: each digests it, and no key makes a longer one. Bytes.
const LONGEST: usize = 4096;

/// All witnesses of a signer's signature.
pub(super) fn read(signer: &Signer<'_>, own: &[X509<'_>], trust: &Trust, allowance: &mut Allowance) -> Vec<Timestamp> {
    let mut found = Vec::new();
    if signer.signature.len() > LONGEST {
        return found;
    }
    for value in signer.unsigned_attributes(oid::COUNTERSIGNATURE).flatten().take(MOST) {
        if let Some(witness) = Signer::read(&value) {
            found.push(countersignature(signer, &witness, own, trust, allowance));
        }
    }
    let tokens = [oid::TIME_TOKEN, oid::TIME_TOKEN_CMS].into_iter();
    let tokens = tokens.flat_map(|name| signer.unsigned_attributes(name)).flatten();
    for value in tokens.take(MOST) {
        if let Some(message) = Message::read(value.whole) {
            found.push(token(signer, &message, trust, allowance));
        }
    }
    found
}

/// Whether a witness is to be believed, as far as can be told: it is over this signature, its certificate is for this, was
/// valid then, and leads to a root that is trusted.
pub(super) fn is_credible(timestamp: &Timestamp) -> bool {
    timestamp.signed == SignedOutcome::Valid
        && timestamp.for_time
        && matches!(timestamp.trust, ChainOutcome::Trusted(_))
        && timestamp.at.is_some()
}

fn countersignature(
    signer: &Signer<'_>,
    witness: &Signer<'_>,
    certificates: &[X509<'_>],
    trust: &Trust,
    allowance: &mut Allowance,
) -> Timestamp {
    let said = witness
        .signed_attribute(oid::SIGNING_TIME)
        .and_then(|mut values| values.next());
    let mut timestamp = judge(witness, certificates, DATA, signer.signature, trust, allowance);
    timestamp.at = said.as_ref().and_then(time);
    finish(timestamp, witness, certificates, trust, allowance)
}

fn token(signer: &Signer<'_>, message: &Message<'_>, trust: &Trust, allowance: &mut Allowance) -> Timestamp {
    let Some(witness) = message.signers.first() else {
        return nobody(TimestampKind::Token);
    };
    let kind = message.content_type;
    let mut timestamp = judge(witness, &message.certificates, kind, message.value(), trust, allowance);
    timestamp.kind = TimestampKind::Token;
    let info = info(message.value());
    timestamp.at = info.as_ref().and_then(|info| info.at);
    if timestamp.signed == SignedOutcome::Valid {
        let is_ours = info.is_some_and(|info| digest(info.hash, signer.signature) == info.digest);
        if kind != oid::TIME_INFO || !is_ours {
            timestamp.signed = SignedOutcome::Invalid("it is over another signature");
        }
    }
    finish(timestamp, witness, &message.certificates, trust, allowance)
}

fn nobody(kind: TimestampKind) -> Timestamp {
    Timestamp {
        kind,
        at: None,
        signed: SignedOutcome::Unverifiable("there is no certificate of the witness".into()),
        signer: None,
        trust: ChainOutcome::NoSigner,
        for_time: false,
    }
}

fn judge(
    witness: &Signer<'_>,
    certificates: &[X509<'_>],
    kind: &[u8],
    content: &[u8],
    trust: &Trust,
    allowance: &mut Allowance,
) -> Timestamp {
    let mut timestamp = nobody(TimestampKind::Countersignature);
    let Some(place) = witness.certificate(certificates) else {
        return timestamp;
    };
    let Some(certificate) = certificates.get(place) else {
        return timestamp;
    };
    timestamp.signed = witness.verify(certificate, kind, content);
    timestamp.signer = Some(certificate.facts());
    timestamp.for_time = certificate.says_for(oid::TIME_STAMPING);
    timestamp.trust = chain::build(certificates, place, trust, allowance).outcome;
    timestamp
}

/// A witness whose own certificates were not valid at the time that it gives does not lead to a root.
fn finish(
    mut timestamp: Timestamp,
    witness: &Signer<'_>,
    certificates: &[X509<'_>],
    trust: &Trust,
    allowance: &mut Allowance,
) -> Timestamp {
    if !matches!(timestamp.trust, ChainOutcome::Trusted(_)) {
        return timestamp;
    }
    let place = witness.certificate(certificates);
    let chain = place.map_or_else(
        || Chain {
            places: Vec::new(),
            outcome: ChainOutcome::NoSigner,
        },
        |place| chain::build(certificates, place, trust, allowance),
    );
    let valid = timestamp.at.map(|at| chain::validity(certificates, &chain, at));
    if valid != Some(ValidityOutcome::Valid) {
        timestamp.trust = ChainOutcome::Broken("a certificate was not valid at the time that it witnesses");
    }
    timestamp
}

/// What a token says.
struct Info<'a> {
    hash: watchfire_model::executable::HashAlgorithm,
    digest: &'a [u8],
    at: Option<watchfire_model::Moment>,
}

/// TSTInfo: version, policy, digest, number, time.
fn info(content: &[u8]) -> Option<Info<'_>> {
    // The digest is over the value of the octets, and the value is the sequence.
    let mut parts = Elements::new(content).tagged(SEQUENCE)?.inner();
    parts.tagged(INTEGER)?;
    parts.tagged(OID)?;
    let mut imprint = parts.tagged(SEQUENCE)?.inner();
    let hash = oid::hash(imprint.tagged(SEQUENCE)?.inner().tagged(OID)?.content)?;
    let digest = imprint.tagged(OCTETS)?.content;
    parts.tagged(INTEGER)?;
    let at = parts.tagged(TIME).as_ref().and_then(time);
    Some(Info { hash, digest, at })
}
