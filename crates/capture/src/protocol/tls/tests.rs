//! Handshakes that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks, until};
use super::hello::{PROTOCOLS, SERVER_NAME, SESSION_KEY, VERSIONS};
use super::*;
use watchfire_model::Untrusted;
use watchfire_model::network::Exchange;

pub(super) const OLD: u16 = 0x0303;
const NEW: u16 = 0x0304;
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

fn behind8(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8], bytes].concat()
}

fn behind16(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
}

fn behind24(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat()
}

pub(super) fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3], behind16(body).as_slice()].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], behind24(body).as_slice()].concat()
}

fn extensions(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let all: Vec<u8> = extensions
        .iter()
        .flat_map(|(kind, data)| [kind.to_be_bytes().as_slice(), &behind16(data)].concat())
        .collect();
    behind16(&all)
}

/// A client's first message, asking for `name`.
pub(super) fn client_hello(name: &str, session: &[u8]) -> Vec<u8> {
    let named = behind16(&[&[0], behind16(name.as_bytes()).as_slice()].concat());
    let spoken = behind16(&[behind8(b"h2"), behind8(b"http/1.1")].concat());
    let body = [
        &[3, 3][..],
        &[7; 32],
        &behind8(session),
        &behind16(&[0x0a, 0x0a, 0x13, 0x01, 0xc0, 0x2f]),
        &behind8(&[0]),
        &extensions(&[
            (SERVER_NAME, named),
            (PROTOCOLS, spoken),
            (VERSIONS, behind8(&[0x0a, 0x0a, 3, 4, 3, 3])),
        ]),
    ];
    message(1, &body.concat())
}

/// A server's, choosing a version and a suite, and throwing in ones.
pub(super) fn server_hello_of(version: u16, cipher: u16) -> Vec<u8> {
    let mut hello = server_hello(version, &[1; 32], &[], &[]);
    hello[39..41].copy_from_slice(&cipher.to_be_bytes());
    hello
}

/// A server's, choosing a version.
pub(super) fn server_hello(version: u16, random: &[u8; 32], session: &[u8], more: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut all = more.to_vec();
    if version == NEW {
        all.push((VERSIONS, version.to_be_bytes().to_vec()));
    }
    let body = [
        &[3, 3][..],
        random,
        &behind8(session),
        &if version == NEW { [0x13, 0x01] } else { [0xc0, 0x2f] },
        &[0],
        &extensions(&all),
    ];
    message(2, &body.concat())
}

pub(super) fn certificate_message(certificates: &[&[u8]]) -> Vec<u8> {
    let chain: Vec<u8> = certificates
        .iter()
        .flat_map(|certificate| behind24(certificate))
        .collect();
    message(11, &behind24(&chain))
}

/// What was exchanged in a line: what the client wants, what the server chooses, and how it ended.
fn lines(parts: &[Part]) -> Vec<String> {
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| {
        let Exchange::Tls(tls) = event.exchange else {
            panic!("{event:?}")
        };
        let client = tls.client.map_or("nobody".to_owned(), |client| {
            let name = client.server_name.as_ref().map_or("-", Untrusted::raw);
            format!("{} {name}", client.version)
        });
        let server = tls.server.map_or("nobody".to_owned(), |server| {
            let protocol = server.protocol.as_ref().map_or("-", Untrusted::raw);
            let resumed = if server.resumed { " resumed" } else { "" };
            format!("{} {:#06x} {protocol}{resumed}", server.version, server.cipher)
        });
        let alert = tls.alert.map(|alert| format!(", alert {alert}")).unwrap_or_default();
        let established = if tls.established { ", established" } else { "" };
        let chain = (tls.certificates.len(), tls.client_certificates.len());
        format!("{}: {client} > {server}, {chain:?}{established}{alert}", event.frame)
    });
    lines.collect()
}

fn check(parts: &[Part], expected: &[&str]) {
    assert_eq!(lines(parts), expected);
}

fn change() -> Vec<u8> {
    record(CHANGE, &[1])
}

fn first() -> Part {
    asks(record(HANDSHAKE, &client_hello("www.example", &[5; 32])))
}

#[test]
fn a_handshake_of_tls_1_2_shows_the_choice_and_the_certificates() {
    let chosen = [(PROTOCOLS, behind16(&behind8(b"h2")))];
    let server = [
        record(HANDSHAKE, &server_hello(OLD, &[1; 32], &[], &chosen)),
        record(HANDSHAKE, &certificate_message(&[b"one", b"two"])),
        record(HANDSHAKE, &message(14, &[])),
    ];
    check(
        &[
            first(),
            answers(server.concat()),
            asks([change(), record(HANDSHAKE, &[9; 40])].concat()),
            answers([change(), record(HANDSHAKE, &[9; 40])].concat()),
            asks(record(DATA, &[1; 100])),
        ],
        &["1: TLSv13 www.example > TLSv12 0xc02f h2, (2, 0), established"],
    );
    check(
        &[first(), answers(server.concat())],
        &["1: TLSv13 www.example > TLSv12 0xc02f h2, (2, 0)"],
    );
    let with_own = asks([record(HANDSHAKE, &certificate_message(&[b"me"])), change()].concat());
    check(
        &[first(), answers(server.concat()), with_own],
        &["1: TLSv13 www.example > TLSv12 0xc02f h2, (2, 1)"],
    );
}

#[test]
fn a_handshake_of_tls_1_3_is_encrypted_once_both_chose() {
    let server = [
        record(HANDSHAKE, &server_hello(NEW, &[1; 32], &[5; 32], &[])),
        change(),
        record(DATA, &[9; 40]),
    ];
    check(
        &[first(), answers(server.concat())],
        &["1: TLSv13 www.example > TLSv13 0x1301 -, (0, 0)"],
    );
    check(
        &[
            first(),
            answers(server.concat()),
            asks([change(), record(DATA, &[9; 40])].concat()),
        ],
        &["1: TLSv13 www.example > TLSv13 0x1301 -, (0, 0), established"],
    );
    let with_key = [record(
        HANDSHAKE,
        &server_hello(NEW, &[1; 32], &[5; 32], &[(SESSION_KEY, vec![0, 0])]),
    )];
    check(
        &[first(), answers(with_key.concat())],
        &["1: TLSv13 www.example > TLSv13 0x1301 - resumed, (0, 0)"],
    );
}

#[test]
fn a_server_may_ask_for_another_question() {
    let again = [record(HANDSHAKE, &server_hello(NEW, &RETRY, &[5; 32], &[])), change()];
    let second = [change(), record(HANDSHAKE, &client_hello("second.example", &[5; 32]))];
    let server = [
        record(HANDSHAKE, &server_hello(NEW, &[1; 32], &[5; 32], &[])),
        record(DATA, &[9; 40]),
    ];
    let parts = [
        first(),
        answers(again.concat()),
        asks(second.concat()),
        answers(server.concat()),
    ];
    check(&parts, &["1: TLSv13 www.example > TLSv13 0x1301 -, (0, 0)"]);
    let mut parts = parts.to_vec();
    parts.push(asks(record(DATA, &[9; 40])));
    check(
        &parts,
        &["1: TLSv13 www.example > TLSv13 0x1301 -, (0, 0), established"],
    );
}

#[test]
fn a_session_that_goes_on_is_told_by_its_name() {
    let server =
        |session: &[u8]| answers([record(HANDSHAKE, &server_hello(OLD, &[1; 32], session, &[])), change()].concat());
    check(
        &[first(), server(&[5; 32]), asks(change())],
        &["1: TLSv13 www.example > TLSv12 0xc02f - resumed, (0, 0), established"],
    );
    check(
        &[first(), server(&[6; 32]), asks(change())],
        &["1: TLSv13 www.example > TLSv12 0xc02f -, (0, 0), established"],
    );
    let without = asks(record(HANDSHAKE, &client_hello("www.example", &[])));
    check(
        &[without, server(&[])],
        &["1: TLSv13 www.example > TLSv12 0xc02f -, (0, 0)"],
    );
}

#[test]
fn the_client_is_who_asks_whoever_seemed_to_begin() {
    let hello = record(HANDSHAKE, &client_hello("www.example", &[]));
    let server = [
        record(HANDSHAKE, &server_hello(OLD, &[1; 32], &[], &[])),
        record(HANDSHAKE, &certificate_message(&[b"one"])),
    ];
    check(
        &[answers(&hello), asks(server.concat())],
        &["1: TLSv13 www.example > TLSv12 0xc02f -, (1, 0)"],
    );
    check(&[asks(server.concat())], &["1: nobody > TLSv12 0xc02f -, (1, 0)"]);
    assert_eq!(guess(&OVER_TCP, b"", &hello, 7_777), Guess::Yes);
    assert_eq!(guess(&OVER_TCP, &server.concat(), &hello, 7_777), Guess::Yes);
}

#[test]
fn alerts_in_clear_are_told() {
    check(
        &[first(), answers(record(ALERT, &[2, 40]))],
        &["1: TLSv13 www.example > nobody, (0, 0), alert 40"],
    );
    // Behind the change, nothing is in clear.
    let server = [
        record(HANDSHAKE, &server_hello(OLD, &[1; 32], &[], &[])),
        change(),
        record(ALERT, &[7; 32]),
    ];
    check(
        &[first(), answers(server.concat())],
        &["1: TLSv13 www.example > TLSv12 0xc02f -, (0, 0)"],
    );
}

#[test]
fn messages_may_be_cut_over_records_and_share_one() {
    let hello = client_hello("www.example", &[5; 32]);
    let cut: Vec<u8> = hello.chunks(3).flat_map(|part| record(HANDSHAKE, part)).collect();
    let both = [
        server_hello(OLD, &[1; 32], &[], &[]),
        certificate_message(&[b"one"]),
        message(14, &[]),
    ];
    check(
        &[asks(cut), answers(record(HANDSHAKE, &both.concat()))],
        &["1: TLSv13 www.example > TLSv12 0xc02f -, (1, 0)"],
    );
}

#[test]
fn what_is_broken_or_missing_ends_what_can_be_said() {
    let whole = record(HANDSHAKE, &server_hello(OLD, &[1; 32], &[], &[]));
    let expected = ["1: TLSv13 www.example > nobody, (0, 0)"];
    // Another protocol's bytes; a record that is too long; a type that there is not; a hole.
    for odd in [
        &b"HTTP/1.1 400 Bad Request\r\n"[..],
        &[22, 3, 3, 0xff, 0xff, 2],
        &[99, 3, 3, 0, 1, 2],
    ] {
        check(&[first(), answers([odd, &whole].concat())], &expected);
    }
    check(&[first(), lacks(Side::Responder, 5), answers(&whole)], &expected);
    // A message that says to be longer than what is held.
    let endless: Vec<u8> = (0..40).flat_map(|_| record(HANDSHAKE, &[0xff; 16_000])).collect();
    check(&[asks(endless), answers(&whole)], &[]);
    check(&[asks(record(HANDSHAKE, &message(1, &[3, 3, 1])))], &[]);
}

#[test]
fn lengths_that_contradict_one_another_are_no_harm() {
    let hello = client_hello("www.example", &[5; 32]);
    for at in 4..hello.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut odd = hello.clone();
            odd[at] = value;
            heard(&OVER_TCP, &[asks(record(HANDSHAKE, &odd))]);
        }
        heard(&OVER_TCP, &[asks(record(HANDSHAKE, &message(1, &hello[4..at])))]);
    }
}

#[test]
fn tls_is_told_by_what_is_said() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    let hello = record(HANDSHAKE, &client_hello("www.example", &[]));
    let answer = record(HANDSHAKE, &server_hello(OLD, &[1; 32], &[], &[]));
    assert_eq!(guess(&hello, b""), Guess::Yes);
    assert_eq!(guess(b"", &answer), Guess::Yes);
    assert_eq!(guess(&[22, 3, 1, 2], b""), Guess::Perhaps);
    assert_eq!(guess(&[22, 4, 1, 2, 0, 1], b""), Guess::No);
    assert_eq!(guess(&record(DATA, &[1; 40]), b""), Guess::No);
    assert_eq!(guess(b"GET / HTTP/1.1\r\n", b""), Guess::No);
}

#[test]
fn a_message_without_end_ends_it_whatever_follows_in_the_same_segment() {
    let begins: Vec<u8> = [1, 0xff, 0xff, 0xff].into_iter().chain([0; 15_996]).collect();
    let endless: Vec<u8> = (0..20).flat_map(|_| record(HANDSHAKE, &begins)).collect();
    let mut records = Records::default();
    let (heard, _) = until(&mut records, &[asks([endless, record(CHANGE, &[1])].concat())]);
    assert_eq!(heard, Heard::Enough);
    assert!(records.speeches[0].message.len() <= LONGEST_MESSAGE + LONGEST_RECORD);
}
