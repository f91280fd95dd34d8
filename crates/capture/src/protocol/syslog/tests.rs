//! Lines of syslog that are made here.

use super::*;
use crate::protocol::tests::{asks, guess, heard};

fn said(message: &[u8]) -> Syslog {
    let events = heard(&OVER_UDP, &[asks(message)]);
    match events.into_iter().next().map(|event| event.exchange) {
        Some(Exchange::Syslog(syslog)) => *syslog,
        other => panic!("{other:?}"),
    }
}

fn sender_of(message: &[u8]) -> (Option<String>, Option<String>) {
    let (host, program) = sender(message);
    let plain = |text: Option<Untrusted>| text.map(|text| text.raw().to_owned());
    (plain(host), plain(program))
}

#[test]
fn messages_say_what_part_and_how_bad() {
    let syslog = said(b"<38>Apr  5 12:56:51 gate sshd[12]: Failed password");
    assert_eq!((syslog.facility, syslog.severity), (Some("AUTH"), Some("INFO")));
    assert_eq!(syslog.message.raw(), "Apr  5 12:56:51 gate sshd[12]: Failed password");
    assert_eq!(said(b"no priority").facility, None);
    assert_eq!(said(b"<192>none").facility, None);
}

#[test]
fn host_and_program_are_found_in_both_forms() {
    let pair = |host: &str, program: &str| (Some(host.to_owned()), Some(program.to_owned()));
    assert_eq!(sender_of(b"Apr  5 12:56:51 gate sshd[12]: x"), pair("gate", "sshd"));
    assert_eq!(sender_of(b"Apr  5 12:56:51 cron: x"), (None, Some("cron".into())));
    assert_eq!(
        sender_of(b"1 2026-01-01T00:00:00Z gate.example app 1 ID - x"),
        pair("gate.example", "app")
    );
    assert_eq!(sender_of(b"1 - - -"), (None, None));
    assert_eq!(sender_of(b"anything else, longer than a date"), (None, None));
}

#[test]
fn long_messages_are_cut() {
    let long = [b"<13>".as_slice(), &[b'x'; 5_000]].concat();
    assert_eq!(said(&long).message.raw().len(), LONGEST);
}

#[test]
fn elsewhere_a_message_has_to_go_on_like_one() {
    assert_eq!(guess(&OVER_UDP, b"<13>hello there", b"", 514), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, b"<13>hello there", b"", 5_514), Guess::No);
    assert_eq!(
        guess(&OVER_UDP, b"<13>1 2026-01-01T00:00:00Z - - - - - x", b"", 5_514),
        Guess::Yes
    );
    assert_eq!(guess(&OVER_UDP, b"<13>Apr  5 12:56:51 x", b"", 5_514), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, b"text alone", b"", 514), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, b"\x01\x02\x03\x04", b"", 514), Guess::No);
    assert_eq!(guess(&OVER_UDP, b"", b"", 514), Guess::No);
}
