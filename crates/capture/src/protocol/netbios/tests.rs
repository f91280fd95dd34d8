//! Datagrams of NetBIOS that are made here.

use super::*;
use crate::protocol::tests::{asks, guess, heard};

fn encoded(name: &str, kind: u8) -> Vec<u8> {
    let mut octets = name.as_bytes().to_vec();
    octets.resize(15, b' ');
    octets.push(kind);
    let letters = octets
        .iter()
        .flat_map(|octet| [b'A' + (octet >> 4), b'A' + (octet & 15)]);
    [&[32], letters.collect::<Vec<u8>>().as_slice(), &[0]].concat()
}

fn datagram(comment: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x11, 0];
    bytes.extend([0; 12]);
    bytes.extend(encoded("DESK-4", 0));
    bytes.extend(encoded("OFFICE", 0x1d));
    bytes.extend(b"\xffSMB\x25");
    bytes.extend([0; 30]);
    bytes.extend(BROWSER);
    bytes.extend([1, 0, 0, 0, 0, 0]);
    bytes.extend(b"DESK-4\0\0\0\0\0\0\0\0\0\0");
    bytes.extend([10, 0, 3, 0x10, 0, 0, 15, 1, 0x55, 0xaa]);
    bytes.extend(comment);
    bytes.push(0);
    bytes
}

#[test]
fn hosts_announce_themselves() {
    let events = heard(&OVER_UDP, &[asks(datagram(b"front desk"))]);
    let Some(Exchange::NetbiosDatagram(said)) = events.first().map(|event| &event.exchange) else {
        panic!("{events:?}")
    };
    assert_eq!((said.source.raw(), said.source_kind), ("DESK-4", 0));
    assert_eq!((said.destination.raw(), said.destination_kind), ("OFFICE", 0x1d));
    let host = said.announced.as_ref().expect("an announcement");
    assert_eq!(
        (host.name.raw(), host.version.as_str(), host.serves),
        ("DESK-4", "10.0", 0x1003)
    );
    assert_eq!(host.comment.raw(), "front desk");
}

#[test]
fn what_was_said_is_not_said_again_and_bounded() {
    assert_eq!(heard(&OVER_UDP, &vec![asks(datagram(b"")); 9]).len(), 1);
    let many: Vec<_> = (0..99)
        .map(|number| asks(datagram(format!("{number}").as_bytes())))
        .collect();
    assert_eq!(heard(&OVER_UDP, &many).len(), MOST_TOLD);
}

#[test]
fn names_are_letters_of_half_octets() {
    assert_eq!(guess(&OVER_UDP, &datagram(b""), b"", 138), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, &datagram(b""), b"", 139), Guess::No);
    let mut other = datagram(b"");
    other[20] = b'Z';
    assert_eq!(guess(&OVER_UDP, &other, b"", 138), Guess::No);
    assert_eq!(guess(&OVER_UDP, &datagram(b"")[..40], b"", 138), Guess::No);
}
