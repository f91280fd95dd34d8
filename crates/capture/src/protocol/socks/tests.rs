//! Sessions of SOCKS that are made here.

use super::super::tests::{Part, answers, asks, guess, heard};
use super::*;
use watchfire_model::Secret;

fn lines(parts: &[Part]) -> Vec<String> {
    let raw = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Socks(socks) => format!(
            "{} {} {:?} {}:{:?} > {:?} {}:{:?}",
            socks.version,
            raw(&socks.user),
            socks.command,
            raw(&socks.host),
            socks.port,
            socks.status,
            raw(&socks.bound_host),
            socks.bound_port
        ),
        Exchange::Login(login) => {
            let secret = login.secret.as_ref().map_or("-", Secret::raw);
            format!("login {} {secret} {:?}", raw(&login.user), login.accepted)
        }
        Exchange::Http(http) => format!("http {}", http.target.raw()),
        other => panic!("{other:?}"),
    });
    lines.collect()
}

const GET: &str = "GET /a HTTP/1.1\r\n\r\n";

#[test]
fn a_proxy_is_asked_and_what_follows_is_told_anew() {
    let request = b"\x05\x01\x00\x03\x0bwww.example\x00\x50";
    let reply = b"\x05\x00\x00\x01\xc0\x00\x02\x01\x04\x01";
    assert_eq!(
        lines(&[
            asks(b"\x05\x02\x00\x02"),
            answers(b"\x05\x02"),
            asks(b"\x01\x03bob\x06secret"),
            answers(b"\x01\x00"),
            asks(request),
            answers(reply),
            asks(GET),
            answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ]),
        [
            "login bob secret Some(true)",
            "5 bob Some(1) www.example:Some(80) > Some(0) 192.0.2.1:Some(1025)",
            "http /a",
        ]
    );
    assert_eq!(
        lines(&[
            asks(b"\x05\x01\x00"),
            answers(b"\x05\x00"),
            asks(b"\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50"),
            answers(b"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"),
            asks(GET),
        ]),
        ["5 - Some(1) 192.0.2.1:Some(80) > Some(5) 0.0.0.0:Some(0)"]
    );
}

#[test]
fn the_older_version_is_read_as_well() {
    assert_eq!(
        lines(&[
            asks(b"\x04\x01\x00\x50\x00\x00\x00\x01bob\x00www.example\x00"),
            answers(b"\x00\x5a\x04\x01\xc0\x00\x02\x01"),
            asks(GET),
        ]),
        [
            "4 bob Some(1) www.example:Some(80) > Some(90) 192.0.2.1:Some(1025)",
            "http /a",
        ]
    );
}

#[test]
fn a_proxy_may_refuse_or_not_answer() {
    assert_eq!(
        lines(&[asks(b"\x05\x01\x02"), answers(b"\x05\xff")]),
        ["5 - None -:None > None -:None"]
    );
    assert_eq!(
        lines(&[
            asks(b"\x05\x01\x02"),
            answers(b"\x05\x02"),
            asks(b"\x01\x01a\x01b"),
            answers(b"\x01\x01")
        ]),
        ["login a b Some(false)", "5 a None -:None > None -:None"]
    );
}

#[test]
fn socks_is_told_by_both_ends() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    assert_eq!(guess(b"\x05\x01\x00", b"\x05\x00"), Guess::Yes);
    assert_eq!(guess(b"\x05\x01\x00", b""), Guess::Perhaps);
    assert_eq!(guess(b"\x05\x01\x00", b"\x05\x02"), Guess::No);
    assert_eq!(
        guess(b"\x04\x01\x00\x50\x00\x00\x00\x01bob\x00www.example\x00", b"\x00\x5a"),
        Guess::Yes
    );
    assert_eq!(
        guess(b"\x04\x01\x00\x50\x00\x00\x00\x01bob\x00www.example\x00", b"\x01\x5a"),
        Guess::No
    );
    assert_eq!(guess(b"\x05\x00", b""), Guess::No);
    assert_eq!(guess(b"GET /", b""), Guess::No);
}
