//! Catalogs (`.cat`): a signed list of digests, by which Windows takes files for signed that hold no signature themselves.
//!
//! The list is a certificate trust list (MS-CAESO, section 4.4.5.1, has the structure); each member is named by its digest,
//! and the newer ones hold it again as a signature would.

use super::chain::Allowance;
use super::cms::Message;
use super::x509::{string, time};
use super::{Trust, declared, oid, verify_message};
use crate::executable::der::{Element, INTEGER, OCTETS, OID, SEQUENCE, SET, TIME, UTC_TIME};
use crate::executable::work::Work;
use watchfire_model::Untrusted;
use watchfire_model::executable::package::CatalogMember;
use watchfire_model::executable::signature::Hashed;
use watchfire_model::executable::{Authenticode, Catalog, Digest, HashAlgorithm};

/// Attributes of a member that are looked at.
const MOST_ATTRIBUTES: usize = 16;

/// Reads the list.
pub(in crate::executable) fn read(bytes: &[u8], work: &mut Work<'_>) -> Option<Catalog> {
    let message = Message::read(bytes)?;
    if message.content_type != oid::CATALOG {
        return None;
    }
    let mut parts = message.content?.inner();
    parts.tagged(SEQUENCE)?;
    let identifier = parts.tagged(OCTETS).map(|identifier| Digest::new(identifier.content));
    parts.tagged(INTEGER);
    let mut dates = Vec::new();
    while let Some(date) = parts.tagged(UTC_TIME).or_else(|| parts.tagged(TIME)) {
        dates.push(time(&date));
    }
    parts.tagged(SEQUENCE)?;
    let mut catalog = Catalog {
        made: dates.first().copied().flatten(),
        identifier: identifier.unwrap_or_default(),
        ..Catalog::default()
    };
    let list = parts.tagged(SEQUENCE);
    let mut members = list.into_iter().flat_map(|list| list.inner());
    catalog.members = members
        .by_ref()
        .take(work.most())
        .filter_map(|element| member(&element))
        .collect();
    if members.next().is_some() {
        work.warn(
            "catalog-many",
            "the catalog has more members than are kept; the rest was left out",
        );
    }
    Some(catalog)
}

fn member(element: &Element<'_>) -> Option<CatalogMember> {
    let mut parts = element.inner();
    let tag = parts.tagged(OCTETS)?.content;
    let attributes = parts.tagged(SET).map(|set| set.inner());
    let mut own: Option<Hashed> = None;
    let mut name = None;
    for attribute in attributes.into_iter().flatten().take(MOST_ATTRIBUTES) {
        let mut parts = attribute.inner();
        let Some(kind) = parts.tagged(OID) else { continue };
        let value = parts.tagged(SET).and_then(|values| values.inner().next());
        match kind.content {
            oid::INDIRECT_DATA => own = value.as_ref().and_then(declared),
            oid::NAME_VALUE => name = name.or_else(|| file_name(&value?)),
            _ => {}
        }
    }
    let (digest, algorithm) = match own {
        Some(own) => (own.digest, Some(own.algorithm)),
        None => {
            let digest = from_tag(tag)?;
            let algorithm = match digest.bytes().len() {
                20 => Some(HashAlgorithm::Sha1),
                32 => Some(HashAlgorithm::Sha256),
                _ => None,
            };
            (digest, algorithm)
        }
    };
    Some(CatalogMember {
        digest,
        algorithm,
        name,
    })
}

/// Older catalogs write the digest in hexadecimal, in UTF-16; newer ones have its bytes.
fn from_tag(tag: &[u8]) -> Option<Digest> {
    if matches!(tag.len(), 20 | 32) {
        return Some(Digest::new(tag));
    }
    let digits: Option<Vec<u32>> = tag
        .as_chunks::<2>()
        .0
        .iter()
        .map(|unit| char::from_u32(u32::from(u16::from_le_bytes(*unit))))
        .take_while(|letter| *letter != Some('\0'))
        .map(|letter| letter?.to_digit(16))
        .collect();
    let digits = digits.filter(|digits| matches!(digits.len(), 40 | 64))?;
    let pairs = digits.as_chunks::<2>().0.iter();
    let bytes: Vec<u8> = pairs
        .filter_map(|[high, low]| u8::try_from(high << 4 | low).ok())
        .collect();
    Some(Digest::new(&bytes))
}

/// A name and its value, where the name is `File`. The value is UTF-16 in little endian.
fn file_name(value: &Element<'_>) -> Option<Untrusted> {
    let mut parts = value.inner();
    let name = string(&parts.next()?);
    parts.tagged(INTEGER)?;
    let value = parts.tagged(OCTETS)?.content;
    name.eq_ignore_ascii_case("File")
        .then(|| Untrusted::new(crate::bytes::utf16(value, 1024)))
}

/// Verifies the signature of a catalog.
pub(super) fn verify(bytes: &[u8], trust: &Trust) -> Option<Authenticode> {
    let message = Message::read(bytes)?;
    let mut found = Authenticode::default();
    let mut allowance = Allowance::new();
    verify_message(message, trust, &mut allowance, &mut |_| None, &mut found.signatures);
    Some(found)
}
