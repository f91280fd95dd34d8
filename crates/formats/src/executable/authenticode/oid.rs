//! Object identifiers that signatures are made of, encoded as they stand in files.

use watchfire_model::executable::HashAlgorithm;

/// 1.2.840.113549.1.7.2: CMS, signed.
pub(super) const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
/// 1.2.840.113549.1.9.3 to 6: the type of the content, its digest, the time, a countersignature.
pub(super) const CONTENT_TYPE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
pub(super) const MESSAGE_DIGEST: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";
pub(super) const SIGNING_TIME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05";
pub(super) const COUNTERSIGNATURE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x06";
/// 1.3.6.1.4.1.311.2.1.4 and 12: the digest of a file, and what the signer says of it.
pub(super) const INDIRECT_DATA: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04";
pub(super) const OPUS_INFO: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0c";
/// 1.3.6.1.4.1.311.2.4.1: a signature in a signature.
pub(super) const NESTED: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x02\x04\x01";
/// 1.3.6.1.4.1.311.3.3.1: a token of RFC 3161.
pub(super) const TIME_TOKEN: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x03\x03\x01";
/// 1.2.840.113549.1.9.16.1.4: what such a token says; and 1.2.840.113549.1.9.16.2.14, the name of the attribute elsewhere.
pub(super) const TIME_INFO: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04";
pub(super) const TIME_TOKEN_CMS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e";
/// 1.3.6.1.4.1.311.10.1: a catalog; 1.3.6.1.4.1.311.12.2.1: a name and its value for a member of it.
pub(super) const CATALOG: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x01";
pub(super) const NAME_VALUE: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x0c\x02\x01";

/// Kinds of keys.
pub(super) const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
pub(super) const ELLIPTIC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
pub(super) const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
pub(super) const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
pub(super) const ED25519: &[u8] = b"\x2b\x65\x70";
pub(super) const RSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";

/// Digests.
const HASHES: &[(&[u8], HashAlgorithm)] = &[
    (b"\x2a\x86\x48\x86\xf7\x0d\x02\x05", HashAlgorithm::Md5),
    (b"\x2b\x0e\x03\x02\x1a", HashAlgorithm::Sha1),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", HashAlgorithm::Sha256),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x02", HashAlgorithm::Sha384),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x03", HashAlgorithm::Sha512),
];

/// Signatures that name their digest.
const SIGNATURES: &[(&[u8], HashAlgorithm, &str)] = &[
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", HashAlgorithm::Md5, "md5-rsa"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", HashAlgorithm::Sha1, "sha1-rsa"),
    (b"\x2b\x0e\x03\x02\x1d", HashAlgorithm::Sha1, "sha1-rsa"),
    (
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b",
        HashAlgorithm::Sha256,
        "sha256-rsa",
    ),
    (
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c",
        HashAlgorithm::Sha384,
        "sha384-rsa",
    ),
    (
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d",
        HashAlgorithm::Sha512,
        "sha512-rsa",
    ),
    (b"\x2a\x86\x48\xce\x3d\x04\x01", HashAlgorithm::Sha1, "sha1-ecdsa"),
    (
        b"\x2a\x86\x48\xce\x3d\x04\x03\x02",
        HashAlgorithm::Sha256,
        "sha256-ecdsa",
    ),
    (
        b"\x2a\x86\x48\xce\x3d\x04\x03\x03",
        HashAlgorithm::Sha384,
        "sha384-ecdsa",
    ),
    (
        b"\x2a\x86\x48\xce\x3d\x04\x03\x04",
        HashAlgorithm::Sha512,
        "sha512-ecdsa",
    ),
];

/// Purposes of certificates.
const PURPOSES: &[(&[u8], &str)] = &[
    (CODE_SIGNING, "code-signing"),
    (TIME_STAMPING, "time-stamping"),
    (b"\x2b\x06\x01\x05\x05\x07\x03\x01", "server"),
    (b"\x2b\x06\x01\x05\x05\x07\x03\x02", "client"),
    (b"\x2b\x06\x01\x05\x05\x07\x03\x04", "mail"),
    (ANY_PURPOSE, "any"),
    (b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x05", "driver-verification"),
    (b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x06", "windows-component"),
    (b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x0d", "lifetime-signing"),
    (b"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x15", "individual-code-signing"),
    (b"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x16", "commercial-code-signing"),
    (b"\x2b\x06\x01\x04\x01\x82\x37\x3d\x01\x01", "kernel-code-signing"),
];

pub(super) const CODE_SIGNING: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x03";
pub(super) const TIME_STAMPING: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x08";
pub(super) const ANY_PURPOSE: &[u8] = b"\x55\x1d\x25\x00";

/// The algorithm of a digest.
pub(super) fn hash(oid: &[u8]) -> Option<HashAlgorithm> {
    HASHES.iter().find(|(known, _)| *known == oid).map(|(_, hash)| *hash)
}

/// The digest that a signature is made with, and the word for both.
pub(super) fn signature(oid: &[u8]) -> Option<(HashAlgorithm, &'static str)> {
    let known = SIGNATURES.iter().find(|(known, _, _)| *known == oid)?;
    Some((known.1, known.2))
}

/// The word for a purpose.
pub(super) fn purpose(oid: &[u8]) -> Option<&'static str> {
    PURPOSES.iter().find(|(known, _)| *known == oid).map(|(_, word)| *word)
}
