//! Certificates that are made here.

#![allow(clippy::unwrap_used, reason = "a test")]

use ring::signature::{Ed25519KeyPair, KeyPair};
use watchfire_formats::certificate::read;
use watchfire_model::network::IssuedBy;

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = (content.len() as u16).to_be_bytes();
    [&[tag, 0x82][..], &length, &content].concat()
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, parts)
}

const ED25519: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";
/// Elliptic curves, and the curve of 521 bits, which is not verified.
const P521: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23";

fn name(common: &str) -> Vec<u8> {
    let pair = sequence(&[b"\x06\x03\x55\x04\x03", &element(0x0c, &[common.as_bytes()])]);
    sequence(&[&element(0x31, &[&pair])])
}

fn extension(identifier: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[identifier, &element(0x04, &[value])])
}

/// A certificate that `signer` signs, of a key of a kind.
fn certificate(issuer: &str, subject: &str, kind: &[u8], key: &[u8], signer: &Ed25519KeyPair) -> Vec<u8> {
    let names = sequence(&[
        &element(0x82, &[b"www.example"]),
        &element(0x82, &[b"*.mail.example"]),
        &element(0x81, &[b"who@example"]),
        &element(0x86, &[b"https://example/"]),
        &element(0x87, &[&[192, 0, 2, 1]]),
        &element(0x87, &[&[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]),
        &element(0x87, &[&[1, 2, 3]]),
    ]);
    let constraints = sequence(&[b"\x01\x01\xff", b"\x02\x01\x03"]);
    let extensions = sequence(&[
        &extension(b"\x06\x03\x55\x1d\x11", &names),
        &extension(b"\x06\x03\x55\x1d\x13", &constraints),
    ]);
    let signed = sequence(&[
        &element(0xa0, &[b"\x02\x01\x02"]),
        b"\x02\x02\x00\x9a",
        ED25519,
        &name(issuer),
        &sequence(&[b"\x17\x0d200102030405Z", b"\x18\x0f20500102030405Z"]),
        &name(subject),
        &sequence(&[kind, &element(0x03, &[&[0], key])]),
        &element(0xa3, &[&extensions]),
    ]);
    let signature = signer.sign(&signed);
    sequence(&[&signed, ED25519, &element(0x03, &[&[0], signature.as_ref()])])
}

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

#[test]
fn a_certificate_shows_whose_it_is_and_for_what() {
    let own = key(1);
    let der = certificate("Root", "www.example", ED25519, own.public_key().as_ref(), &key(2));
    let read = read(&der).unwrap();
    assert_eq!((read.version, read.serial.to_string().as_str()), (3, "9a"));
    assert_eq!((read.subject.raw(), read.issuer.raw()), ("CN=www.example", "CN=Root"));
    assert_eq!(read.not_before.unwrap().to_string(), "2020-01-02T03:04:05Z");
    assert_eq!(read.not_after.unwrap().to_string(), "2050-01-02T03:04:05Z");
    let hosts: Vec<&str> = read.hosts.iter().map(|host| host.raw()).collect();
    assert_eq!(hosts, ["www.example", "*.mail.example"]);
    let addresses: Vec<String> = read.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["192.0.2.1", "2001:db8::1"]);
    assert_eq!(
        (read.mail[0].raw(), read.uris[0].raw()),
        ("who@example", "https://example/")
    );
    assert_eq!((read.key.raw(), read.key_bits), ("ed25519", Some(256)));
    assert_eq!((read.is_authority, read.path_length), (true, Some(3)));
    assert_eq!(read.issued_by, IssuedBy::Another);
}

#[test]
fn only_a_signature_that_holds_makes_a_certificate_self_signed() {
    let (own, other) = (key(1), key(2));
    let public = own.public_key().as_ref();
    let issued_by = |der: &[u8]| read(der).unwrap().issued_by;
    assert_eq!(
        issued_by(&certificate("Me", "Me", ED25519, public, &own)),
        IssuedBy::Itself
    );
    assert_eq!(
        issued_by(&certificate("Me", "Me", ED25519, public, &other)),
        IssuedBy::NamesItself
    );
    assert_eq!(
        issued_by(&certificate("Me", "Me", P521, public, &own)),
        IssuedBy::Perhaps
    );
    assert_eq!(
        issued_by(&certificate("You", "Me", ED25519, public, &own)),
        IssuedBy::Another
    );
}

#[test]
fn what_is_damaged_is_no_certificate_or_shows_less() {
    let own = key(1);
    let der = certificate("Me", "Me", ED25519, own.public_key().as_ref(), &own);
    for at in 0..der.len() {
        assert_eq!(read(&der[..at]), None, "{at}");
        let mut odd = der.clone();
        odd[at] ^= 0x55;
        let _ = read(&odd);
    }
}
