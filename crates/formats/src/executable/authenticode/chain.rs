//! From a signer's certificate, issuer by issuer, to a root.

use super::Trust;
use super::x509::X509;
use watchfire_model::executable::signature::{ChainOutcome, ValidityOutcome};
use watchfire_model::{Moment, Untrusted};

/// Certificates of a chain.
const LONGEST: usize = 10;

/// A chain: places of certificates, and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) places: Vec<usize>,
    pub(super) outcome: ChainOutcome,
}

/// Verifications of certificates that are left.
#[derive(Debug)]
pub(super) struct Allowance(u32);

impl Allowance {
    pub(super) fn new() -> Self {
        Self(500)
    }

    fn spend(&mut self) -> bool {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }

    /// Whether one made the other; `None` where that cannot be verified, or too many were.
    fn verify(&mut self, certificate: &X509<'_>, issuer: &X509<'_>) -> Option<bool> {
        if self.spend() {
            certificate.is_signed_by(issuer)
        } else {
            None
        }
    }
}

/// What looking for an issuer led to.
enum Step {
    Issuer(usize),
    End(ChainOutcome),
}

/// Builds the chain from the certificate at `first`.
pub(super) fn build(certificates: &[X509<'_>], first: usize, trust: &Trust, allowance: &mut Allowance) -> Chain {
    let mut places = vec![first];
    let outcome = loop {
        let Some(current) = places.last().and_then(|place| certificates.get(*place)) else {
            break ChainOutcome::NoSigner;
        };
        if let Some(root) = trust.root_with_key(&current.key_digest()) {
            break ChainOutcome::Trusted(root);
        }
        match step(certificates, &places, current, trust, allowance) {
            Step::Issuer(place) if places.len() < LONGEST => places.push(place),
            Step::Issuer(_) => break ChainOutcome::Broken("it is longer than any chain"),
            Step::End(outcome) => break outcome,
        }
    };
    Chain { places, outcome }
}

fn step(
    certificates: &[X509<'_>],
    places: &[usize],
    current: &X509<'_>,
    trust: &Trust,
    allowance: &mut Allowance,
) -> Step {
    let unverifiable = || {
        let why = format!(
            "a certificate is signed with '{}', which is not verified",
            current.algorithm()
        );
        Step::End(ChainOutcome::Unverifiable(why.into()))
    };
    if current.subject == current.issuer {
        return match allowance.verify(current, current) {
            Some(true) if places.len() == 1 => Step::End(ChainOutcome::SelfSigned),
            Some(true) => Step::End(ChainOutcome::UnknownRoot),
            Some(false) => Step::End(ChainOutcome::Broken(
                "a certificate says that it signs itself, and does not",
            )),
            None => unverifiable(),
        };
    }
    for root in trust.roots_named(current.issuer) {
        let Some(issuer) = X509::read(root) else { continue };
        if allowance.verify(current, &issuer) == Some(true) {
            let name = issuer.facts().name;
            return Step::End(ChainOutcome::Trusted(name));
        }
    }
    let mut ending = ChainOutcome::Incomplete;
    let candidates = certificates.iter().enumerate();
    let candidates = candidates.filter(|(_, candidate)| candidate.subject == current.issuer);
    let mut found = None;
    for (place, candidate) in candidates.filter(|(place, _)| !places.contains(place)) {
        match allowance.verify(current, candidate) {
            Some(true) if !candidate.may_issue() => {
                ending = ChainOutcome::Broken("an issuer is no authority");
            }
            Some(true) => {
                // Of several with one key, the one that is trusted leads to the end.
                let is_root = trust.root_with_key(&candidate.key_digest()).is_some();
                if is_root || found.is_none() {
                    found = Some(place);
                }
            }
            Some(false) => {
                if ending == ChainOutcome::Incomplete {
                    ending = ChainOutcome::Broken("an issuer did not make a certificate that names it");
                }
            }
            None => return unverifiable(),
        }
    }
    found.map_or(Step::End(ending), Step::Issuer)
}

/// Whether a moment is inside of the times of all certificates of a chain.
pub(super) fn validity(certificates: &[X509<'_>], chain: &Chain, at: Moment) -> ValidityOutcome {
    let mut outcome = if chain.places.is_empty() {
        ValidityOutcome::Unknown
    } else {
        ValidityOutcome::Valid
    };
    for certificate in chain.places.iter().filter_map(|place| certificates.get(*place)) {
        let (Some(first), Some(last)) = (certificate.not_before, certificate.not_after) else {
            return ValidityOutcome::Unknown;
        };
        if at > last {
            return ValidityOutcome::Expired;
        }
        if at < first {
            outcome = ValidityOutcome::NotYet;
        }
    }
    outcome
}

/// The name of a root's certificate, and what else trusting it needs.
pub(super) fn describe(certificate: &[u8]) -> Option<(Vec<u8>, [u8; 32], Untrusted)> {
    let read = X509::read(certificate)?;
    Some((read.subject.to_vec(), read.key_digest(), read.facts().name))
}
