//! Certificates of those who speak TLS (RFC 5280): from DER to what they show. Chains are not built and nobody is trusted here.

use crate::executable::authenticode::x509::X509;
use crate::executable::der::{Element, Elements, SEQUENCE, context_value};
use std::net::IpAddr;
use watchfire_model::Untrusted;
use watchfire_model::network::{Certificate, IssuedBy};

/// Names that are kept of one certificate, over all kinds.
const MOST_NAMES: usize = 512;

/// What a certificate shows; none where it cannot be read.
pub fn read(der: &[u8]) -> Option<Certificate> {
    let read = X509::read(der)?;
    let facts = read.facts();
    let issued_by = if read.subject != read.issuer {
        IssuedBy::Another
    } else {
        match read.is_signed_by(&read) {
            Some(true) => IssuedBy::Itself,
            Some(false) => IssuedBy::NamesItself,
            None => IssuedBy::Perhaps,
        }
    };
    let mut certificate = Certificate {
        version: read.version,
        serial: facts.serial,
        subject: facts.subject,
        name: facts.name,
        issuer: facts.issuer,
        issued_by,
        not_before: facts.not_before,
        not_after: facts.not_after,
        hosts: Vec::new(),
        addresses: Vec::new(),
        mail: Vec::new(),
        uris: Vec::new(),
        key: facts.key,
        key_bits: read.key.as_ref().ok().map(|key| key.bits()),
        algorithm: facts.algorithm,
        purposes: facts.purposes,
        is_authority: facts.is_authority,
        path_length: read.path_length,
        sha1: facts.sha1,
        sha256: facts.sha256,
        key_sha256: facts.key_sha256,
    };
    let names = Elements::new(read.names).tagged(SEQUENCE);
    let names = names.iter().flat_map(Element::inner).take(MOST_NAMES);
    names.for_each(|name| add(&mut certificate, &name));
    Some(certificate)
}

/// Adds an alternative name (RFC 5280 4.2.1.6). Kinds that nobody is reached by are left out.
fn add(certificate: &mut Certificate, name: &Element<'_>) {
    const MAIL: u8 = context_value(1);
    const HOST: u8 = context_value(2);
    const URI: u8 = context_value(6);
    const ADDRESS: u8 = context_value(7);
    let text = Untrusted::from_bytes(name.content);
    match name.tag {
        MAIL => certificate.mail.push(text),
        HOST => certificate.hosts.push(text),
        URI => certificate.uris.push(text),
        ADDRESS => certificate.addresses.extend(address(name.content)),
        _ => {}
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Some(bytes.into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}
