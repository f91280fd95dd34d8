//! Messages of SNMP that are made here.

use super::*;
use crate::protocol::tests::{Part, answers, asks, guess, heard};

fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    assert!(content.len() < 128);
    [&[tag, content.len() as u8], content.as_slice()].concat()
}

fn number(number: u8) -> Vec<u8> {
    vec![2, 1, number]
}

fn variable(name: &[u8], value: Vec<u8>) -> Vec<u8> {
    element(SEQUENCE, &[element(OID, &[name.to_vec()]), value])
}

fn unit(tag: u8, variables: &[Vec<u8>]) -> Vec<u8> {
    element(tag, &[number(1), number(0), number(0), element(SEQUENCE, variables)])
}

fn message(version: u8, community: &[u8], unit: Vec<u8>) -> Vec<u8> {
    element(
        SEQUENCE,
        &[number(version), element(OCTETS, &[community.to_vec()]), unit],
    )
}

fn said(parts: &[Part]) -> Vec<Snmp> {
    let events = heard(&OVER_UDP, parts).into_iter();
    let said = events.filter_map(|event| match event.exchange {
        Exchange::Snmp(snmp) => Some(*snmp),
        _ => None,
    });
    said.collect()
}

#[test]
fn a_flow_is_one_exchange() {
    let nothing = || vec![5, 0];
    let said = said(&[
        asks(message(
            1,
            b"public",
            unit(0xa0, &[variable(DESCRIPTION, nothing()), variable(UP_TIME, nothing())]),
        )),
        answers(message(
            1,
            b"public",
            unit(
                0xa2,
                &[
                    variable(DESCRIPTION, element(OCTETS, &[b"Router".to_vec()])),
                    variable(UP_TIME, vec![0x43, 1, 0]),
                    variable(NAME, element(OCTETS, &[b"edge-1".to_vec()])),
                ],
            ),
        )),
        asks(message(
            1,
            b"private",
            unit(0xa3, &[variable(NAME, element(OCTETS, &[b"mine".to_vec()]))]),
        )),
        asks(message(1, b"public", unit(0xa5, &[variable(NAME, nothing())]))),
    ]);
    let [snmp] = said.as_slice() else { panic!("{said:?}") };
    let counts = [
        snmp.get_requests,
        snmp.get_responses,
        snmp.set_requests,
        snmp.get_bulk_requests,
    ];
    assert_eq!((counts, snmp.version.to_string()), ([2, 3, 1, 1], "2c".into()));
    assert_eq!(snmp.description.as_ref().map(|text| text.raw()), Some("Router"));
    assert_eq!(snmp.name.as_ref().map(|text| text.raw()), Some("edge-1"));
    assert_eq!(snmp.up_since, Some(Timestamp::from_nanoseconds(2_000)));
    assert_eq!(snmp.set, ["1.3.6.1.2.1.1.5.0"]);
    assert_eq!(snmp.duration, 3_000);
}

#[test]
fn communities_are_passwords() {
    let ask = |community: &[u8]| message(0, community, unit(0xa0, &[]));
    let parts = [
        asks(ask(b"guess")),
        asks(ask(b"public")),
        answers(message(0, b"public", unit(0xa2, &[]))),
    ];
    let events = heard(&OVER_UDP, &parts).into_iter();
    let logins: Vec<(String, Option<bool>)> = events
        .filter_map(|event| match event.exchange {
            Exchange::Login(login) => Some((login.secret?.raw().to_owned(), login.accepted)),
            _ => None,
        })
        .collect();
    assert_eq!(logins, [("guess".to_owned(), None), ("public".to_owned(), Some(true))]);
    let many: Vec<Part> = (0..100).map(|number: u8| asks(ask(&[b'a', number]))).collect();
    assert_eq!(heard(&OVER_UDP, &many).len(), MOST_COMMUNITIES + 1);
}

#[test]
fn version_3_has_users_and_secrets() {
    let security = element(
        SEQUENCE,
        &[
            element(OCTETS, &[]),
            number(0),
            number(0),
            element(OCTETS, &[b"monitor".to_vec()]),
            element(OCTETS, &[]),
            element(OCTETS, &[]),
        ],
    );
    let message = |flags: u8, scoped: Vec<u8>| {
        let header = element(
            SEQUENCE,
            &[number(1), number(100), element(OCTETS, &[vec![flags]]), number(3)],
        );
        element(
            SEQUENCE,
            &[
                number(3),
                header,
                element(OCTETS, std::slice::from_ref(&security)),
                scoped,
            ],
        )
    };
    let plain = element(
        SEQUENCE,
        &[
            element(OCTETS, &[]),
            element(OCTETS, &[]),
            unit(0xa1, &[variable(NAME, vec![5, 0])]),
        ],
    );
    let said = said(&[
        asks(message(4, plain)),
        answers(message(7, element(OCTETS, &[vec![1, 2, 3]]))),
    ]);
    assert_eq!(said[0].user.as_ref().map(|user| user.raw()), Some("monitor"));
    assert_eq!((said[0].get_requests, said[0].encrypted), (1, 1));
}

#[test]
fn messages_are_whole_wherever_they_are() {
    let whole = message(0, b"public", unit(0xa1, &[]));
    assert_eq!(guess(&OVER_UDP, &whole, b"", 161), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, b"", &whole, 10_161), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, &whole[..whole.len() - 1], b"", 161), Guess::No);
    // A message of LDAP has a number, too.
    let other = element(SEQUENCE, &[number(1), element(0x60, &[number(3)])]);
    assert_eq!(guess(&OVER_UDP, &other, b"", 389), Guess::No);
}
