//! Streams of XMPP that are made here.

use super::super::tests::{Part, answers, asks, guess, heard};
use super::*;
use watchfire_model::Secret;
use watchfire_model::Untrusted;

fn lines(parts: &[Part]) -> Vec<String> {
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Login(login) => {
            let user = login.user.as_ref().map_or("-", Untrusted::raw);
            format!(
                "{user} {} {:?}",
                login.secret.as_ref().map_or("-", Secret::raw),
                login.accepted
            )
        }
        Exchange::Http(http) => format!("http {}", http.target.raw()),
        other => panic!("{other:?}"),
    });
    lines.collect()
}

const STREAM: &str = "<?xml version='1.0'?><stream:stream to='example' xmlns='jabber:client'>";

#[test]
fn a_login_is_told() {
    assert_eq!(
        lines(&[
            asks(STREAM),
            answers(STREAM),
            asks("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGJvYgBzZWNyZXQ=</auth>"),
            answers("<failure><not-authorized/></failure>"),
        ]),
        ["bob secret Some(false)"]
    );
    let long = "<a>".repeat(30_000);
    assert_eq!(
        lines(&[
            asks(STREAM),
            answers(STREAM),
            asks(long),
            asks("<auth mechanism='PLAIN'>AGJvYgBi</auth>")
        ]),
        [""; 0]
    );
}

#[test]
fn what_follows_starttls_is_told_anew() {
    assert_eq!(
        lines(&[
            asks(STREAM),
            answers(STREAM),
            asks("<starttls/>"),
            answers("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
            asks("GET /a HTTP/1.1\r\n\r\n"),
        ]),
        ["http /a"]
    );
}

#[test]
fn xmpp_is_told_by_its_stream() {
    let guess = |asked: &[u8]| guess(&OVER_TCP, asked, b"", 7_777);
    assert_eq!(guess(STREAM.as_bytes()), Guess::Yes);
    assert_eq!(guess(b"<stream:stream to='example'>"), Guess::Yes);
    assert_eq!(guess(b"<?xml version='1.0'"), Guess::Perhaps);
    assert_eq!(guess(b"<?xml version='1.0'?><html>"), Guess::No);
    assert_eq!(guess(b"<html>"), Guess::No);
}
