//! Certificates that ends of a connection showed.

use crate::executable::Digest;
use crate::{Moment, Untrusted};
use serde::Serialize;
use std::net::IpAddr;

/// A certificate of TLS (RFC 5280), as far as whoever looks at a capture needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// 1 to 3.
    pub version: u8,
    /// Its number, without leading zeros.
    pub serial: Digest,
    /// Whose it is, as one line: `CN=Example, O=Example, C=US`, the most particular first.
    pub subject: Untrusted,
    /// The name by which people know the subject: `CN`, else `O`.
    pub name: Untrusted,
    /// Who issued it.
    pub issuer: Untrusted,
    /// Whether that was itself.
    pub issued_by: IssuedBy,
    /// From when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Moment>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Moment>,
    /// Hosts that it is for; some have `*` for their first label.
    pub hosts: Vec<Untrusted>,
    /// Addresses that it is for.
    pub addresses: Vec<IpAddr>,
    /// Addresses of mail that it is for.
    pub mail: Vec<Untrusted>,
    /// URIs that it is for.
    pub uris: Vec<Untrusted>,
    /// The kind of its key and what it is made of, `rsa-2048`, `p-256`; a number with dots where that is not known.
    pub key: Untrusted,
    /// Bits of its key; none where the kind is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_bits: Option<u32>,
    /// How it is signed, `sha256-rsa`.
    pub algorithm: Untrusted,
    /// What it is for, as far as it says.
    pub purposes: Vec<Untrusted>,
    /// Whether it may issue others.
    pub is_authority: bool,
    /// How many others may stand between it and the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_length: Option<u32>,
    /// SHA-1 of the certificate.
    pub sha1: Digest,
    /// SHA-256 of the certificate.
    pub sha256: Digest,
    /// SHA-256 of its key (SubjectPublicKeyInfo).
    pub key_sha256: Digest,
}

/// Whether a certificate issued itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuedBy {
    /// Another one did.
    Another,
    /// It is self-signed: its own key made its signature.
    Itself,
    /// Issuer and subject are the same, and its own key did not make the signature.
    NamesItself,
    /// Issuer and subject are the same, and signatures of this kind cannot be verified here.
    Perhaps,
}
