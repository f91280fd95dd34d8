//! Sessions of PostgreSQL that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks};
use super::*;

fn message(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [kind, &(body.len() as u32 + 4).to_be_bytes(), body].concat()
}

fn start() -> Vec<u8> {
    message(b"", b"\0\x03\0\0user\0bob\0database\0shop\0application_name\0psql\0\0")
}

fn lines(parts: &[Part]) -> Vec<String> {
    let raw = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Postgresql(sql) => format!(
            "{}: {} {} {:?} {} {}",
            event.frame,
            sql.command,
            raw(&sql.argument),
            sql.success,
            raw(&sql.response),
            raw(&sql.database)
        ),
        Exchange::Login(login) => {
            let line = login
                .hashcat
                .as_ref()
                .map(|hashcat| &hashcat.line)
                .or(login.secret.as_ref());
            format!(
                "{} {} {:?}",
                raw(&login.user),
                line.map_or("-", Secret::raw),
                login.accepted
            )
        }
        other => panic!("{other:?}"),
    });
    lines.collect()
}

#[test]
fn a_login_and_queries_are_told_with_what_became_of_them() {
    assert_eq!(
        lines(&[
            asks([0, 0, 0, 8, 4, 210, 22, 47]),
            answers("N"),
            asks(start()),
            answers(message(b"R", b"\0\0\0\x05\x0a\x0b\x0c\x0d")),
            asks(message(b"p", b"md5d6c3c6a7b8c9d0e1f2a3b4c5d6e7f809\0")),
            answers([message(b"R", b"\0\0\0\0"), message(b"Z", b"I")].concat()),
            asks(message(b"Q", b"select 1\0")),
            answers([&message(b"T", b"x")[..], b"D\0\0\x10\0", &[0; 100]].concat()),
            lacks(Side::Responder, 3_000),
            answers([&[0; 992][..], &message(b"C", b"SELECT 1\0")].concat()),
            asks(message(b"P", b"name\0select 2\0\0\0")),
            answers(message(b"E", b"SERROR\0Mno such table\0\0")),
            asks([message(b"P", b"\0select 3\0\0\0"), message(b"Q", b"select 4\0")].concat()),
            answers([message(b"1", b""), message(b"C", b"SELECT 4\0")].concat()),
        ]),
        [
            "bob $postgres$bob*0a0b0c0d*d6c3c6a7b8c9d0e1f2a3b4c5d6e7f809 Some(true)",
            "3: login bob Some(true) - shop",
            "7: query select 1 Some(true) SELECT 1 -",
            "11: parse select 2 Some(false) no such table -",
            "13: parse select 3 Some(true) - -",
            "13: query select 4 Some(true) SELECT 4 -",
        ]
    );
}

#[test]
fn passwords_may_be_clear_and_tls_may_follow() {
    assert_eq!(
        lines(&[
            asks(start()),
            answers(message(b"R", b"\0\0\0\x03")),
            asks(message(b"p", b"secret\0")),
            answers(message(b"E", b"SFATAL\0Mno\0\0")),
        ]),
        ["bob secret Some(false)", "1: login bob Some(false) no shop"]
    );
    assert_eq!(
        lines(&[asks([0, 0, 0, 8, 4, 210, 22, 47]), answers("S"), asks([0x16, 3])]),
        [""; 0]
    );
}

#[test]
fn postgresql_is_told_by_its_first_message() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    assert_eq!(guess(&start(), b""), Guess::Yes);
    assert_eq!(guess(&[0, 0, 0, 8, 4, 210, 22, 47], b"N"), Guess::Yes);
    assert_eq!(guess(&[0, 0, 0, 40, 0, 3], b""), Guess::Perhaps);
    assert_eq!(guess(&[0, 0, 0, 40, 0, 4, 0, 0], b""), Guess::No);
    assert_eq!(guess(b"GET / HTTP/1.1\r\n", b""), Guess::No);
}

#[test]
fn passwords_in_statements_are_hidden() {
    let said = lines(&[
        asks(start()),
        answers(message(b"R", b"\0\0\0\0")),
        asks(message(
            b"Q",
            b"ALTER ROLE bob WITH ENCRYPTED PASSWORD 's3cret' VALID UNTIL '2027'\0",
        )),
        answers(message(b"E", b"SERROR\0Mnear 's3cret'\0\0")),
    ]);
    assert_eq!(
        said.last().map(String::as_str),
        Some("3: query ALTER ROLE bob WITH ENCRYPTED PASSWORD *** VALID UNTIL '2027' Some(false) *** -")
    );
}
