//! Messages of RADIUS that are made here.

use super::*;
use crate::protocol::tests::{Part, answers, asks, guess, heard, until};

fn message(code: u8, id: u8, attributes: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, value) in attributes {
        bytes.extend([*kind, value.len() as u8 + 2]);
        bytes.extend(*value);
    }
    let length = bytes.len() as u16 + 20;
    [&[code, id], length.to_be_bytes().as_slice(), &[0; 16], &bytes].concat()
}

fn said(parts: &[Part]) -> Vec<Radius> {
    let events = heard(&OVER_UDP, parts).into_iter();
    let said = events.filter_map(|event| match event.exchange {
        Exchange::Radius(radius) => Some(*radius),
        _ => None,
    });
    said.collect()
}

#[test]
fn all_rounds_are_one_exchange() {
    let said = said(&[
        asks(message(
            1,
            1,
            &[
                (1, b"rita"),
                (31, b"00-0c-29-01-02-03"),
                (4, &[10, 0, 0, 1]),
                (79, b"x"),
            ],
        )),
        asks(message(1, 1, &[(1, b"rita")])),
        answers(message(11, 1, &[(24, b"state"), (18, b"Code?")])),
        asks(message(1, 2, &[(1, b"rita"), (24, b"state")])),
        answers(message(2, 2, &[(8, &[10, 0, 0, 9])])),
    ]);
    let [radius] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(radius.user.as_ref().map(|user| user.raw()), Some("rita"));
    assert_eq!(
        radius.calling.as_ref().map(|calling| calling.raw()),
        Some("00-0c-29-01-02-03")
    );
    assert_eq!(
        (radius.accepted, radius.challenges, radius.after),
        (Some(true), 1, Some(4_000))
    );
    assert_eq!(
        (radius.proof, radius.framed_address),
        (Some(RadiusProof::Eap), Some(Ipv4Addr::new(10, 0, 0, 9)))
    );
}

#[test]
fn rounds_of_others_are_others() {
    let said = said(&[
        asks(message(1, 1, &[(1, b"rita"), (2, b"0123456789abcdef")])),
        answers(message(3, 1, &[])),
        asks(message(1, 2, &[(1, b"otto"), (24, b"other")])),
        answers(message(2, 9, &[])),
    ]);
    let seen: Vec<_> = said
        .iter()
        .map(|radius| (radius.user.as_ref().map(|user| user.raw()), radius.accepted))
        .collect();
    assert_eq!(
        seen,
        [(Some("rita"), Some(false)), (None, Some(true)), (Some("otto"), None)]
    );
}

#[test]
fn sessions_are_reported() {
    let report: &[(u8, &[u8])] = &[
        (1, b"rita"),
        (40, &[0, 0, 0, 2]),
        (44, b"17"),
        (46, &[0, 0, 0, 60]),
        (42, &[0, 0, 0, 5]),
        (52, &[0, 0, 0, 1]),
    ];
    let said = said(&[asks(message(4, 1, report)), answers(message(5, 1, &[]))]);
    let session = said[0].session.as_ref().expect("a report");
    assert_eq!(
        (session.status, session.seconds, session.received),
        (2, 60, (1 << 32) + 5)
    );
}

#[test]
fn messages_are_as_long_as_they_say_and_on_their_ports() {
    let whole = message(1, 1, &[(1, b"rita")]);
    assert_eq!(guess(&OVER_UDP, &whole, b"", 1_812), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, &whole, b"", 53), Guess::No);
    assert_eq!(guess(&OVER_UDP, &whole[..whole.len() - 1], b"", 1_812), Guess::No);
    let mut other = whole;
    other[21] = 1;
    assert_eq!(guess(&OVER_UDP, &other, b"", 1_812), Guess::No);
}

#[test]
fn challenges_that_nobody_asked_for_wait_for_so_long() {
    let mut talk = Talk::default();
    let challenges: Vec<Part> = (0..2 * MOST_OPEN as u32)
        .map(|number| answers(message(ACCESS_CHALLENGE, 1, &[(24, &number.to_be_bytes())])))
        .collect();
    let (_, said) = until(&mut talk, &challenges);
    assert_eq!((talk.open.len(), said.len()), (MOST_OPEN, MOST_OPEN));
}
