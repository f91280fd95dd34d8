//! Messages of DHCP for IPv6 that are made here.

use super::*;
use crate::protocol::tests::{answers, asks, guess, heard};

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = code.to_be_bytes().to_vec();
    bytes.extend((value.len() as u16).to_be_bytes());
    bytes.extend(value);
    bytes
}

fn message(kind: u8, options: &[Vec<u8>]) -> Vec<u8> {
    [&[kind, 0, 0, 7], options.concat().as_slice()].concat()
}

const CLIENT: &[u8] = &[0, 3, 0, 1, 0, 0x0c, 0x29, 1, 2, 3];

fn address(last: u8) -> [u8; 16] {
    let mut address = [0; 16];
    address[..2].copy_from_slice(&[0x20, 0x01]);
    address[15] = last;
    address
}

fn said(parts: &[crate::protocol::tests::Part]) -> Vec<Dhcp6> {
    let events = heard(&OVER_UDP, parts).into_iter();
    let said = events.map(|event| match event.exchange {
        Exchange::Dhcp6(dhcp) => *dhcp,
        other => panic!("{other:?}"),
    });
    said.collect()
}

#[test]
fn a_transaction_says_who_gets_what() {
    let asked = message(
        3,
        &[
            option(1, CLIENT),
            option(39, b"\0\x04desk\x07example"),
            option(6, &[0, 23, 0, 24]),
            option(16, b"\0\0\x01\x37\0\x08MSFT 5.0"),
        ],
    );
    let lease = [address(9).as_slice(), &[0, 0, 0, 1], &[0, 0, 0x0e, 0x10]].concat();
    let given = [&[0; 12], option(5, &lease).as_slice()].concat();
    let answer = message(
        7,
        &[
            option(1, CLIENT),
            option(2, &[0, 2]),
            option(3, &given),
            option(24, b"\x07example\0"),
        ],
    );
    let said = said(&[asks(asked), answers(answer)]);
    let [dhcp] = said.as_slice() else { panic!("{said:?}") };
    let kinds: Vec<String> = dhcp.messages.iter().map(|message| message.kind.to_string()).collect();
    assert_eq!((dhcp.transaction, kinds), (7, vec!["REQUEST".into(), "REPLY".into()]));
    assert_eq!(dhcp.mac, Some(Mac([0, 0x0c, 0x29, 1, 2, 3])));
    assert_eq!(dhcp.host_name.as_ref().map(|name| name.raw()), Some("desk.example"));
    assert_eq!(dhcp.vendor_class.as_ref().map(|name| name.raw()), Some("MSFT 5.0"));
    assert_eq!(
        (dhcp.addresses.as_slice(), dhcp.lease),
        ([address(9).into()].as_slice(), Some(3_600))
    );
    assert_eq!(dhcp.parameters, [23, 24]);
    assert_eq!(dhcp.domains.len(), 1);
}

#[test]
fn relays_are_looked_through() {
    let inner = message(1, &[option(1, CLIENT)]);
    let once = [&[12, 0], [0; 16].as_slice(), &address(5), &option(9, &inner)].concat();
    let twice = [&[12, 1], [0; 16].as_slice(), &address(6), &option(9, &once)].concat();
    let said = said(&[asks(twice)]);
    assert_eq!(
        said[0].peer,
        Some(address(5).into()),
        "whoever is behind the last relay"
    );
    assert_eq!(said[0].messages[0].kind, Dhcp6Kind(1));
    let mut deep = inner;
    for _ in 0..100 {
        deep = [&[12, 0], [0; 16].as_slice(), &address(5), &option(9, &deep)].concat();
    }
    assert!(Message::read(&deep).is_none());
}

#[test]
fn networks_are_given_too() {
    let prefix = [&[0; 8], [56].as_slice(), &address(0)].concat();
    let given = [&[0; 12], option(26, &prefix).as_slice()].concat();
    let said = said(&[answers(message(7, &[option(25, &given)]))]);
    assert_eq!(said[0].prefixes, ["2001::/56"]);
}

#[test]
fn messages_are_whole_and_on_their_ports() {
    let whole = message(1, &[option(1, CLIENT)]);
    assert_eq!(guess(&OVER_UDP, &whole, b"", 547), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, &whole, b"", 5_470), Guess::No);
    assert_eq!(guess(&OVER_UDP, &whole[..whole.len() - 1], b"", 547), Guess::No);
}
