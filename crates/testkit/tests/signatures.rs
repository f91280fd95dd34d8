//! Signatures of code under attack: files that were changed so that what was signed still stands in them somewhere.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use sha2::{Digest, Sha256};
use watchfire_formats::executable::authenticode::{self, Trust};
use watchfire_formats::identify::media;
use watchfire_model::executable::Authenticode;
use watchfire_model::executable::signature::{DigestOutcome, SignedOutcome};
use watchfire_model::{Budget, Moment};
use watchfire_testkit::compound::{Node, compound};
use watchfire_testkit::executable::{Pe, Signing, root_certificate, sign, signature};

/// Verifies a file; the test root is trusted.
fn verify(bytes: &[u8]) -> Authenticode {
    let mut trust = Trust::at(Moment::parse("2027-01-01").unwrap());
    assert!(trust.add_root(&root_certificate()));
    let (found, _) = authenticode::verify(media::PE, bytes, &trust, &Budget::default());
    found.expect("a PE can be signed")
}

/// Whether the digest fits, and whether the signer's key made the signature, of the first.
#[track_caller]
fn check(bytes: &[u8], digest: DigestOutcome, is_signed: bool) -> Authenticode {
    let found = verify(bytes);
    let first = found.signatures.first().expect("a signature");
    assert_eq!(
        (first.digest, first.signed == SignedOutcome::Valid),
        (digest, is_signed),
        "{first:?}"
    );
    found
}

fn le32(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// Where the entry of the table of certificates stands.
fn entry(bytes: &[u8]) -> usize {
    let optional = le32(bytes, 60) + 24;
    optional + if bytes[optional + 1] == 2 { 144 } else { 128 }
}

fn signed() -> Vec<u8> {
    sign(&Pe::default().build(), &Signing::default())
}

#[test]
fn a_table_that_was_moved_into_the_file_signs_nothing() {
    let whole = signed();
    check(&whole, DigestOutcome::Matches, true);
    let entry = entry(&whole);
    let start = le32(&whole, entry);
    let (file, table) = whole.split_at(start);
    // Everything that is signed is there, in order, but stands behind code of somebody else now.
    for at in [0x200, start - 8] {
        let mut moved = [&file[..at], table, &file[at..]].concat();
        moved[entry..entry + 4].copy_from_slice(&(at as u32).to_le_bytes());
        check(&moved, DigestOutcome::Differs, true);
    }
}

#[test]
fn what_stands_behind_the_table_is_signed_by_nobody() {
    let mut appended = signed();
    appended.extend([1; 64]);
    check(&appended, DigestOutcome::Differs, true);
}

#[test]
fn bytes_in_the_table_that_sign_nothing_are_counted() {
    let mut whole = signed();
    let entry = entry(&whole);
    // An entry of another kind, as big as one likes: systems pass over it, and no digest covers it.
    let payload = [b"\x28\0\0\0\0\x02\x01\0".as_slice(), &[7; 32]].concat();
    whole.extend(&payload);
    let size = le32(&whole, entry + 4) + payload.len();
    whole[entry + 4..entry + 8].copy_from_slice(&(size as u32).to_le_bytes());
    assert_eq!(check(&whole, DigestOutcome::Matches, true).appended, 32);
}

#[test]
fn names_of_a_package_are_signed_where_it_says_so() {
    // What is digested, by the description: of the root its class and state; of each stream its name, length, state, times.
    let (one, two) = (("a", b"first".as_slice()), ("b", b"second".as_slice()));
    let mut names = vec![0; 20];
    for (name, bytes) in [one, two] {
        names.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        names.extend((bytes.len() as u32).to_le_bytes());
        names.extend([0; 20]);
    }
    let names = Sha256::digest(&names).to_vec();
    let digest = Sha256::digest([&names[..], one.1, two.1, &[0; 16]].concat());
    let package = |second: &str, with_names: bool| {
        let mut nodes = vec![
            Node::Stream(one.0.to_owned(), one.1.to_vec()),
            Node::Stream(second.to_owned(), two.1.to_vec()),
            Node::Stream(
                "\u{5}DigitalSignature".to_owned(),
                signature(&digest, &Signing::default()),
            ),
        ];
        if with_names {
            nodes.push(Node::Stream("\u{5}MsiDigitalSignatureEx".to_owned(), names.clone()));
        }
        compound(&nodes)
    };
    let outcome = |package: &[u8]| {
        let (found, _) = authenticode::verify(media::MSI, package, &Trust::default(), &Budget::default());
        found.unwrap().signatures[0].digest
    };
    assert_eq!(outcome(&package("b", true)), DigestOutcome::Matches);
    assert_eq!(outcome(&package("c", true)), DigestOutcome::Differs);
    assert_eq!(outcome(&package("b", false)), DigestOutcome::Differs);
}
