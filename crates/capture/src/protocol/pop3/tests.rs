//! Sessions of POP3 that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks};
use super::*;

fn lines(parts: &[Part]) -> Vec<String> {
    let raw = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Pop3(pop3) => format!(
            "{} {:?} fetched {} deleted {} tls {}",
            raw(&pop3.user),
            pop3.accepted,
            pop3.fetched,
            pop3.deleted,
            pop3.tls
        ),
        Exchange::File(file) => format!(
            "{}: file {} {} whole {}",
            event.frame, file.size, file.missing, file.whole
        ),
        Exchange::Login(login) => {
            let line = login
                .hashcat
                .as_ref()
                .map(|hashcat| &hashcat.line)
                .or(login.secret.as_ref());
            format!(
                "login {} {} {:?}",
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
fn a_login_and_messages_are_told() {
    assert_eq!(
        lines(&[
            answers("+OK POP3 ready\r\n"),
            asks("USER bob\r\n"),
            answers("+OK\r\n"),
            asks("PASS a secret\r\n"),
            answers("+OK in\r\n"),
            asks("LIST\r\nRETR 1\r\nTOP 2 0\r\nDELE 1\r\nQUIT\r\n"),
            answers("+OK two\r\n1 9\r\n2 8\r\n.\r\n"),
            answers("+OK 9\r\nA: b\r\n\r\n..c\r\n.\r\n+OK\r\nA: c\r\n.\r\n+OK\r\n+OK bye\r\n"),
        ]),
        [
            "login bob a secret Some(true)",
            "8: file 12 0 whole true",
            "bob Some(true) fetched 1 deleted 1 tls false",
        ]
    );
}

#[test]
fn other_logins_are_read_as_well() {
    // The example of RFC 1939.
    assert_eq!(
        lines(&[
            answers("+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n"),
            asks("APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n"),
            answers("-ERR no\r\n"),
            asks("AUTH PLAIN\r\n"),
            answers("+ \r\n"),
            asks("AGJvYgBzZWNyZXQ=\r\n"),
            answers("+OK\r\n"),
        ]),
        [
            "login mrose c4c9334bac560ecc979e58001b3e22fb:<1896.697170952@dbc.mtview.ca.us> Some(false)",
            "login bob secret Some(true)",
            "bob Some(true) fetched 0 deleted 0 tls false",
        ]
    );
}

#[test]
fn tls_may_follow_and_holes_in_messages_are_counted() {
    assert_eq!(
        lines(&[
            answers("+OK\r\n"),
            asks("STLS\r\n"),
            answers("+OK\r\n"),
            asks([0x16, 3]),
            answers([0x16, 3])
        ]),
        ["- None fetched 0 deleted 0 tls true"]
    );
    assert_eq!(
        lines(&[
            answers("+OK\r\n"),
            asks("RETR 1\r\n"),
            answers("+OK\r\nabc"),
            lacks(Side::Responder, 7),
            answers("d\r\n.\r\n"),
        ]),
        ["3: file 13 7 whole true", "- None fetched 1 deleted 0 tls false"]
    );
}

#[test]
fn pop3_is_told_by_both_ends() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    assert_eq!(guess(b"USER a\r\n", b"+OK hello\r\n"), Guess::Yes);
    assert_eq!(guess(b"", b"+OK POP3 ready\r\n"), Guess::Yes);
    assert_eq!(guess(b"", b"+OK hello\r\n"), Guess::Perhaps);
    assert_eq!(guess(b"USER a\r\n", b"220 hello\r\n"), Guess::No);
}
