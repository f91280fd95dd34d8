//! Signatures of code (Authenticode) and catalogs, written in DER: the twin of what verifies. **The keys are test keys**: the
//! signer's is the RSA key of [`crate::signer`], and the root's the Ed25519 key. They protect nothing.

use crate::signer::SigningKey;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};

/// How a file is signed.
#[derive(Clone, Debug, Default)]
pub struct Signing {
    /// What the digest of the file is said to be, where that is not the truth.
    pub digest: Option<Vec<u8>>,
    /// Whether the signature is broken.
    pub broken: bool,
    /// Whether the certificate is for something else than code.
    pub not_for_code: bool,
    /// Whether the root's certificate comes along.
    pub with_root: bool,
    /// What is put behind the signature in its table.
    pub appended: Vec<u8>,
    /// Whether the signer made his certificate himself.
    pub self_signed: bool,
    /// The last day of the signer's certificate, `351231`.
    pub until: Option<&'static str>,
}

const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
const INDIRECT_DATA: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04";
const CATALOG: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x01";
const SIGNED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const ED25519: &[u8] = b"\x2b\x65\x70";

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match content.len() {
        length @ 0..=0x7f => out.push(u8::try_from(length).unwrap_or_default()),
        length => {
            out.push(0x83);
            let length = u32::try_from(length).unwrap_or_default().to_be_bytes();
            out.extend(length.iter().skip(1));
        }
    }
    out.extend(content);
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, parts)
}

fn oid(name: &[u8]) -> Vec<u8> {
    element(0x06, &[name])
}

fn name(common: &str) -> Vec<u8> {
    let part = sequence(&[&oid(b"\x55\x04\x03"), &element(0x0c, &[common.as_bytes()])]);
    sequence(&[&element(0x31, &[&part])])
}

const ROOT: &str = "Example Root";
const SIGNER: &str = "Example Signer, Inc";

fn root_key(key: &SigningKey) -> Vec<u8> {
    let SigningKey::Ed25519(pair) = key else {
        return Vec::new();
    };
    let bits = [b"\0".as_slice(), pair.public_key().as_ref()].concat();
    sequence(&[&sequence(&[&oid(ED25519)]), &element(0x03, &[&bits])])
}

fn signer_key(key: &SigningKey) -> Vec<u8> {
    let SigningKey::Rsa(pair) = key else { return Vec::new() };
    let bits = [b"\0".as_slice(), pair.public_key().as_ref()].concat();
    let algorithm = sequence(&[&oid(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), b"\x05\0"]);
    sequence(&[&algorithm, &element(0x03, &[&bits])])
}

/// A certificate that `issuer` issued: the root, or the signer himself.
fn certificate(issuer: &str, subject: &str, serial: u8, until: &str, key: &[u8], extensions: &[u8]) -> Vec<u8> {
    let issuer_key = if issuer == ROOT {
        SigningKey::ed25519()
    } else {
        SigningKey::rsa()
    };
    let algorithm = match &issuer_key {
        Some(SigningKey::Rsa(_)) => sequence(&[&oid(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), b"\x05\0"]),
        _ => sequence(&[&oid(ED25519)]),
    };
    let times = sequence(&[
        &element(0x17, &[b"200101000000Z"]),
        &element(0x17, &[until.as_bytes(), b"000000Z"]),
    ]);
    let content = sequence(&[
        b"\xa0\x03\x02\x01\x02\x02\x01",
        &[serial],
        &algorithm,
        &name(issuer),
        &times,
        &name(subject),
        key,
        &element(0xa3, &[&sequence(&[extensions])]),
    ]);
    let signature = match &issuer_key {
        Some(SigningKey::Ed25519(pair)) => pair.sign(&content).as_ref().to_vec(),
        Some(SigningKey::Rsa(pair)) => signed_by(pair, &content),
        None => Vec::new(),
    };
    sequence(&[&content, &algorithm, &element(0x03, &[b"\0", &signature])])
}

fn signed_by(pair: &RsaKeyPair, content: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public().modulus_len()];
    let signed = pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content, &mut signature);
    assert!(signed.is_ok(), "the test key signs");
    signature
}

/// The root's certificate.
pub fn root_certificate() -> Vec<u8> {
    let key = SigningKey::ed25519().map(|key| root_key(&key)).unwrap_or_default();
    let authority = sequence(&[&oid(b"\x55\x1d\x13"), &element(0x04, &[b"\x30\x03\x01\x01\xff"])]);
    certificate(ROOT, ROOT, 1, "490101", &key, &authority)
}

fn signer_certificate(signing: &Signing) -> Vec<u8> {
    let key = SigningKey::rsa().map(|key| signer_key(&key)).unwrap_or_default();
    let last = if signing.not_for_code { 1 } else { 3 };
    let purposes = sequence(&[&oid(&[0x2b, 6, 1, 5, 5, 7, 3, last])]);
    let purposes = sequence(&[&oid(b"\x55\x1d\x25"), &element(0x04, &[&purposes])]);
    certificate(
        issuer(signing),
        SIGNER,
        7,
        signing.until.unwrap_or("351231"),
        &key,
        &purposes,
    )
}

fn issuer(signing: &Signing) -> &'static str {
    if signing.self_signed { SIGNER } else { ROOT }
}

/// A signed message over the value of `content`.
fn message(kind: &[u8], content: &[u8], signing: &Signing) -> Vec<u8> {
    // The digest is over the value, without tag and length.
    let value = content.get(2..).unwrap_or_default();
    let value = match content.get(1) {
        Some(0x83) => value.get(3..).unwrap_or_default(),
        _ => value,
    };
    let attribute = |name: &[u8], value: &[u8]| sequence(&[&oid(name), &element(0x31, &[value])]);
    let attributes = [
        attribute(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03", &oid(kind)),
        attribute(
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05",
            &element(0x17, &[b"231115000000Z"]),
        ),
        attribute(
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04",
            &element(0x04, &[&Sha256::digest(value)]),
        ),
    ]
    .concat();
    let mut signature = Vec::new();
    if let Some(SigningKey::Rsa(pair)) = SigningKey::rsa() {
        signature = signed_by(&pair, &element(0x31, &[&attributes]));
    }
    if signing.broken
        && let Some(byte) = signature.last_mut()
    {
        *byte ^= 1;
    }
    let digest = sequence(&[&oid(SHA256), b"\x05\0"]);
    let who = sequence(&[&name(issuer(signing)), b"\x02\x01\x07"]);
    let encryption = sequence(&[&oid(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), b"\x05\0"]);
    let signer = sequence(&[
        b"\x02\x01\x01",
        &who,
        &digest,
        &element(0xa0, &[&attributes]),
        &encryption,
        &element(0x04, &[&signature]),
    ]);
    let mut certificates = signer_certificate(signing);
    if signing.with_root {
        certificates.extend(root_certificate());
    }
    let data = sequence(&[
        b"\x02\x01\x01",
        &element(0x31, &[&digest]),
        &sequence(&[&oid(kind), &element(0xa0, &[content])]),
        &element(0xa0, &[&certificates]),
        &element(0x31, &[&signer]),
    ]);
    sequence(&[&oid(SIGNED), &element(0xa0, &[&data])])
}

/// SpcIndirectDataContent.
fn indirect(digest: &[u8]) -> Vec<u8> {
    let what = sequence(&[
        &oid(b"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0f"),
        &sequence(&[b"\x03\x01\0\xa0\x04\xa2\x02\x80\0"]),
    ]);
    let algorithm = sequence(&[&oid(SHA256), b"\x05\0"]);
    sequence(&[&what, &sequence(&[&algorithm, &element(0x04, &[digest])])])
}

fn le32(bytes: &[u8], at: usize) -> usize {
    let bytes = bytes.iter().skip(at).take(4).rev();
    bytes.fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// Signs a PE file that is not signed.
pub fn sign(file: &[u8], signing: &Signing) -> Vec<u8> {
    let mut out = file.to_vec();
    out.resize(out.len().next_multiple_of(8), 0);
    let optional = le32(file, 60) + 24;
    let is_wide = file.get(optional + 1) == Some(&2) && file.get(optional) == Some(&0x0b);
    let entry = optional + if is_wide { 144 } else { 128 };
    let parts = [(0, optional + 64), (optional + 68, entry), (entry + 8, out.len())];
    let mut hasher = Sha256::new();
    for (from, to) in parts {
        hasher.update(out.get(from..to).unwrap_or_default());
    }
    let digest = signing.digest.clone().unwrap_or_else(|| hasher.finalize().to_vec());
    let message = message(INDIRECT_DATA, &indirect(&digest), signing);
    let mut table = vec![0; 8];
    table.extend(message);
    table.extend(&signing.appended);
    let length = u32::try_from(table.len()).unwrap_or_default();
    table.splice(..8, [length.to_le_bytes(), [0, 2, 2, 0]].concat());
    table.resize(table.len().next_multiple_of(8), 0);
    let place = u32::try_from(out.len()).unwrap_or_default().to_le_bytes();
    let size = u32::try_from(table.len()).unwrap_or_default().to_le_bytes();
    out.splice(entry..entry + 8, [place, size].concat());
    out.extend(table);
    out
}

/// A signature over something with this digest, as packages keep it in a stream.
pub fn signature(digest: &[u8], signing: &Signing) -> Vec<u8> {
    message(INDIRECT_DATA, &indirect(digest), signing)
}

/// A catalog of these digests.
pub fn catalog(digests: &[Vec<u8>], signing: &Signing) -> Vec<u8> {
    let members: Vec<Vec<u8>> = digests
        .iter()
        .map(|digest| {
            let attribute = sequence(&[&oid(INDIRECT_DATA), &element(0x31, &[&indirect(digest)])]);
            sequence(&[&element(0x04, &[digest]), &element(0x31, &[&attribute])])
        })
        .collect();
    let content = sequence(&[
        &sequence(&[&oid(b"\x2b\x06\x01\x04\x01\x82\x37\x0c\x01\x01")]),
        &element(0x04, &[&[5; 16]]),
        &element(0x17, &[b"231115000000Z"]),
        &sequence(&[&oid(b"\x2b\x06\x01\x04\x01\x82\x37\x0c\x01\x03"), b"\x05\0"]),
        &sequence(&[&members.concat()]),
    ]);
    message(CATALOG, &content, signing)
}
