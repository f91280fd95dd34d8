//! What people give so that signatures can be judged: certificates of roots, and catalogs.

use super::{Trust, verify};
use crate::email::transfer;
use crate::identify::media;
use memchr::memmem;
use watchfire_model::Budget;
use watchfire_model::executable::signature::{ChainOutcome, SignedOutcome, ValidityOutcome};
use watchfire_model::executable::{Catalog, Executable};

/// Certificates of one file that are taken.
const MOST: usize = 10_000;

/// The certificates of a file in PEM (RFC 7468), or the one of a file in DER, as DER. Whether each is one is for
/// [`Trust::add_root`] to say.
pub fn certificates_in(bytes: &[u8]) -> Vec<Vec<u8>> {
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
    const END: &[u8] = b"-----END CERTIFICATE-----";
    if bytes.first() == Some(&0x30) {
        return vec![bytes.to_vec()];
    }
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(start) = memmem::find(rest, BEGIN) {
        let Some(text) = rest.get(start + BEGIN.len()..) else {
            break;
        };
        let Some(end) = memmem::find(text, END) else { break };
        if found.len() >= MOST {
            break;
        }
        found.push(transfer::base64(text.get(..end).unwrap_or_default()).0);
        rest = text.get(end + END.len()..).unwrap_or_default();
    }
    found
}

/// The catalog that `bytes` are, if it is one that may be believed: its signer's key made it, the certificates lead up to
/// their end and were valid, and where roots are trusted it leads to one of them.
///
/// # Errors
/// Why it is not believed, to complete "…: ".
pub fn believed(bytes: &[u8], trust: &Trust, budget: &Budget) -> Result<Catalog, String> {
    let (Some(Executable::Catalog(catalog)), _) = super::super::read(media::CATALOG, bytes, budget) else {
        return Err("it is no catalog".to_owned());
    };
    let (signed, _) = verify(media::CATALOG, bytes, trust, budget);
    let signature = signed.and_then(|signed| signed.signatures.into_iter().next());
    let Some(signature) = signature else {
        return Err("it is not signed".to_owned());
    };
    match &signature.signed {
        SignedOutcome::Valid => {}
        SignedOutcome::Invalid(why) => return Err(format!("its signature is not good: {why}")),
        SignedOutcome::Unverifiable(why) => return Err(format!("its signature cannot be verified: {why}")),
    }
    let may_end_anywhere = trust.keys.is_empty();
    match &signature.trust {
        ChainOutcome::Trusted(_) => {}
        ChainOutcome::UnknownRoot | ChainOutcome::SelfSigned | ChainOutcome::Incomplete if may_end_anywhere => {}
        ChainOutcome::UnknownRoot | ChainOutcome::SelfSigned | ChainOutcome::Incomplete => {
            return Err("its signer leads to no certificate that is trusted".to_owned());
        }
        ChainOutcome::Broken(why) => return Err(format!("the certificates of its signer do not hold: {why}")),
        ChainOutcome::Unverifiable(why) => {
            return Err(format!("the certificates of its signer cannot be verified: {why}"));
        }
        ChainOutcome::NoSigner => return Err("there is no certificate of its signer".to_owned()),
    }
    match signature.validity.outcome {
        ValidityOutcome::Valid => Ok(catalog),
        _ => Err("the certificates of its signer were not valid when it was signed".to_owned()),
    }
}
