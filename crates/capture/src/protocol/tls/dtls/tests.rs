//! Handshakes in datagrams that are made here.

use super::super::tests::{OLD, certificate_message, client_hello, server_hello};
use super::*;
use crate::protocol::tests::{Part, answers, asks, guess, heard};
use watchfire_model::Untrusted;
use watchfire_model::network::Exchange;

fn record(epoch: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16).to_be_bytes();
    [&[kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 9], &length[..], body].concat()
}

/// The message as pieces of at most so many bytes, each a record.
fn pieces(message: &[u8], number: u8, most: usize) -> Vec<Vec<u8>> {
    let body = &message[4..];
    let piece = |(at, data): (usize, &[u8])| {
        let from = ((at * most) as u32).to_be_bytes();
        let length = (data.len() as u32).to_be_bytes();
        let head = [&message[..4], &[0, number], &from[1..], &length[1..], data].concat();
        record(0, HANDSHAKE, &head)
    };
    body.chunks(most).enumerate().map(piece).collect()
}

/// The client's first message as datagrams have it: of version 1.2, with a cookie.
fn hello(cookie: &[u8]) -> Vec<u8> {
    let stream = client_hello("www.example", &[]);
    let body = &stream[4..];
    let mut body = [&[0xfe, 0xfd], &body[2..35], &[cookie.len() as u8], cookie, &body[35..]].concat();
    let versions = body.windows(4).position(|window| window == [3, 4, 3, 3]).unwrap();
    body[versions..versions + 4].copy_from_slice(&[0xfe, 0xfc, 0xfe, 0xfd]);
    [&[1, 0, 0, body.len() as u8][..], &body].concat()
}

fn choice() -> Vec<u8> {
    let mut choice = server_hello(OLD, &[1; 32], &[], &[]);
    choice[4..6].copy_from_slice(&[0xfe, 0xfd]);
    choice
}

fn check(parts: &[Part], expected: &[&str]) {
    let lines = heard(&OVER_UDP, parts).into_iter().map(|event| {
        let Exchange::Tls(tls) = event.exchange else {
            panic!("{event:?}")
        };
        let client = tls.client.map_or("nobody".to_owned(), |client| {
            format!(
                "{} {}",
                client.ja4,
                client.server_name.as_ref().map_or("-", Untrusted::raw)
            )
        });
        let server = tls
            .server
            .map_or("nobody".to_owned(), |server| server.version.to_string());
        format!("{client} > {server}, {}, {}", tls.certificates.len(), tls.established)
    });
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}

const CLIENT: &str = "dd3d0203h2_c1929292aa6b_b9a491fefe05 www.example";

#[test]
fn messages_come_in_pieces_twice_and_in_any_order() {
    let mut chain = pieces(&certificate_message(&[&[5; 600]]), 2, 100);
    chain.reverse();
    let parts = [
        asks(pieces(&hello(b""), 0, 1_000).concat()),
        answers(pieces(&[3, 0, 0, 3, 0xfe, 0xfd, 0], 0, 1_000).concat()),
        asks(pieces(&hello(b"cookie"), 1, 40).concat()),
        answers(pieces(&choice(), 1, 1_000).concat()),
        answers(chain[..3].concat()),
        answers(chain.concat()),
        answers(chain.concat()),
        asks(record(1, HANDSHAKE, &[9; 40])),
        answers(record(1, HANDSHAKE, &[9; 40])),
    ];
    check(&parts, &[&format!("{CLIENT} > DTLSv12, 1, true")]);
    check(&parts[..4], &[&format!("{CLIENT} > DTLSv12, 0, false")]);
    check(&parts[3..4], &["nobody > DTLSv12, 0, false"]);
}

#[test]
fn pieces_that_contradict_themselves_are_no_harm() {
    let whole = [pieces(&hello(b""), 0, 50).concat(), record(0, ALERT, &[2, 40])].concat();
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut odd = whole.clone();
            odd[at] = value;
            heard(&OVER_UDP, &[asks(&odd), answers(&whole[..at])]);
        }
    }
}

#[test]
fn dtls_is_told_by_what_is_said() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_UDP, asked, answered, 7_777);
    let first = pieces(&hello(b""), 0, 1_000).concat();
    assert_eq!(guess(&first, b""), Guess::Yes);
    assert_eq!(guess(b"", &pieces(&choice(), 0, 1_000).concat()), Guess::Yes);
    let data = record(1, DATA, &[9; 30]);
    assert_eq!(guess(&[data.clone(), data.clone()].concat(), b""), Guess::Yes);
    assert_eq!(guess(&data[..20], b""), Guess::No);
    assert_eq!(guess(&[&data[..], &[1]].concat(), b""), Guess::No);
}
