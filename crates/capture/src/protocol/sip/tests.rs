//! Calls of SIP that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks, spoken};
use super::*;

fn lines(protocol: &Protocol, parts: &[Part]) -> Vec<String> {
    let raw = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
    let lines = heard(protocol, parts).into_iter().map(|event| match event.exchange {
        Exchange::Sip(sip) => {
            let reply = sip.reply.map_or("nothing".to_owned(), |reply| {
                format!("{} {} {}", reply.status, reply.reason.raw(), raw(&reply.to))
            });
            format!(
                "{}: {} {} {} > {reply}",
                event.frame,
                sip.method.raw(),
                sip.uri.raw(),
                raw(&sip.to)
            )
        }
        Exchange::Login(login) => format!("login {} {}", raw(&login.user), login.hashcat.unwrap().line.raw()),
        other => panic!("{other:?}"),
    });
    lines.collect()
}

fn request(sequence: u32, more: &str) -> String {
    format!(
        "INVITE sip:b@example SIP/2.0\r\nFrom: <sip:a@example>\r\nt: <sip:b@example>\r\nCall-ID: 1@a\r\n\
        CSeq: {sequence} INVITE\r\n{more}\r\n"
    )
}

fn reply(sequence: u32, status: &str, more: &str) -> String {
    format!("SIP/2.0 {status}\r\nTo: <sip:b@example>;tag=7\r\ni: 1@a\r\nCSeq: {sequence} INVITE\r\n{more}\r\n")
}

#[test]
fn answers_belong_to_the_request_of_their_number() {
    assert_eq!(
        lines(
            &OVER_UDP,
            &[
                asks(request(1, "")),
                asks(request(1, "")),
                answers(reply(1, "100 Trying", "")),
                answers(reply(1, "486 Busy Here", "")),
                asks(request(2, "")),
                answers(reply(9, "200 OK", "")),
            ]
        ),
        [
            "1: INVITE sip:b@example <sip:b@example> > 100 Trying <sip:b@example>;tag=7",
            "1: INVITE sip:b@example <sip:b@example> > 486 Busy Here <sip:b@example>;tag=7",
            "6:   - > 200 OK <sip:b@example>;tag=7",
            "5: INVITE sip:b@example <sip:b@example> > nothing",
        ]
    );
}

#[test]
fn streams_have_bodies_behind_their_heads() {
    let body = "Content-Length: 12\r\n";
    assert_eq!(
        lines(
            &OVER_TCP,
            &[
                asks(format!("\r\n\r\n{}v=0\r\n", request(1, body))),
                lacks(Side::Originator, 3),
                asks("xyz\r"),
                asks(request(2, "l: 0\r\n")),
                answers(format!("{}{}", reply(1, "200 OK", ""), reply(2, "404 No", ""))),
            ]
        ),
        [
            "1: INVITE sip:b@example <sip:b@example> > 200 OK <sip:b@example>;tag=7",
            "4: INVITE sip:b@example <sip:b@example> > 404 No <sip:b@example>;tag=7",
        ]
    );
}

#[test]
fn digests_are_what_hashcat_reads() {
    let proof = "Authorization: Digest username=\"bob\", realm=\"office\", nonce=\"2b01df0b\", uri=\"sip:example:5060\", \
        response=\"ad0520061ca07c120d7e8ce696a6df2d\"\r\n";
    assert_eq!(
        lines(&OVER_UDP, &[asks(request(1, proof))])[0],
        "login bob $sip$*198.51.100.7*192.0.2.1*bob*office*INVITE*sip*example*5060*2b01df0b****MD5*\
        ad0520061ca07c120d7e8ce696a6df2d"
    );
}

#[test]
fn sip_is_told_by_its_version() {
    let guess = |asked: &[u8]| guess(&OVER_TCP, asked, b"", 7_777);
    assert_eq!(guess(b"INVITE sip:b@example SIP/2.0\r\n"), Guess::Yes);
    assert_eq!(guess(b"SIP/2.0 200 OK\r\n"), Guess::Yes);
    assert_eq!(guess(b"INVITE sip:b@ex"), Guess::Perhaps);
    assert_eq!(guess(b"GET /sip HTTP/1.1\r\n"), Guess::No);
    assert_eq!(guess(b"\x16\x03\x01"), Guess::No);
}

#[test]
fn messages_without_what_ties_them_are_not_tied() {
    let asked = "REGISTER sip:a SIP/2.0\r\nTo: <sip:1@a>\r\n\r\n";
    assert_eq!(
        lines(
            &OVER_UDP,
            &[
                asks(asked),
                asks(asked.replace("sip:1", "sip:2")),
                answers("SIP/2.0 200 OK\r\n\r\n")
            ]
        ),
        [
            "3:   - > 200 OK -",
            "1: REGISTER sip:a <sip:1@a> > nothing",
            "2: REGISTER sip:a <sip:2@a> > nothing",
        ]
    );
}

#[test]
fn a_long_uri_is_not_said_with_each_answer() {
    let asked = request(1, "").replace("sip:b@example SIP", &format!("sip:{}@example SIP", "b".repeat(12_000)));
    let after = |count| {
        let parts = [vec![asks(&asked)], vec![answers(reply(1, "100 Trying", "")); count]].concat();
        spoken(&heard(&OVER_UDP, &parts))
    };
    assert!(after(51) - after(1) < 50 * 2_000);
}
