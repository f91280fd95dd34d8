//! Sessions of IMAP that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks};
use super::*;
use watchfire_model::Secret;

fn lines(parts: &[Part]) -> Vec<String> {
    let raw = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Imap(imap) => {
            let mailboxes: Vec<&str> = imap.mailboxes.iter().map(Untrusted::raw).collect();
            format!(
                "{} {:?} {} fetched {} appended {} tls {}",
                raw(&imap.user),
                imap.accepted,
                mailboxes.join(","),
                imap.fetched,
                imap.appended,
                imap.tls
            )
        }
        Exchange::File(file) => format!(
            "{}: file {} {} sent {} whole {}",
            event.frame, file.size, file.missing, file.sent, file.whole
        ),
        Exchange::Login(login) => {
            let secret = login.secret.as_ref().map_or("-", Secret::raw);
            format!("login {} {secret} {:?}", raw(&login.user), login.accepted)
        }
        other => panic!("{other:?}"),
    });
    lines.collect()
}

#[test]
fn a_login_and_messages_are_told() {
    assert_eq!(
        lines(&[
            answers("* OK ready\r\n"),
            asks("a1 LOGIN \"bob\" \"a \\\"secret\"\r\n"),
            answers("* CAPABILITY x\r\na1 OK in\r\n"),
            asks("a2 SELECT INBOX\r\na3 FETCH 1 (FLAGS BODY[])\r\n"),
            answers("a2 OK\r\n* 1 FETCH (FLAGS () BODY[] {9}\r\nA: b\r\n}\r\n)\r\na3 OK\r\n"),
            asks("a4 APPEND Sent (\\Seen) {3}\r\n"),
            answers("+ go on\r\n"),
            asks("abc\r\n"),
            answers("* 1 FETCH (BODY[1] {4}\r\nabcd)\r\n* 1 FETCH (BODY[]<0> {2}\r\nab)\r\n"),
        ]),
        [
            "login bob a \"secret Some(true)",
            "5: file 9 0 sent false whole true",
            "6: file 3 0 sent true whole true",
            "9: file 2 0 sent false whole false",
            "bob Some(true) INBOX fetched 1 appended 1 tls false",
        ]
    );
}

#[test]
fn passwords_may_stand_behind_their_length() {
    assert_eq!(
        lines(&[
            answers("* OK ready\r\n"),
            asks("a LOGIN {3}\r\n"),
            answers("+\r\n"),
            asks("bob {6+}\r\nsecret\r\n"),
            answers("a NO\r\n"),
            asks("b AUTHENTICATE PLAIN\r\n"),
            answers("+\r\n"),
            asks("AGJvYgBzZWNyZXQ=\r\n"),
            answers("b OK\r\n"),
        ]),
        [
            "login bob secret Some(false)",
            "login bob secret Some(true)",
            "bob Some(true)  fetched 0 appended 0 tls false",
        ]
    );
}

#[test]
fn tls_may_follow_and_holes_in_messages_are_counted() {
    assert_eq!(
        lines(&[
            answers("* OK ready\r\n"),
            asks("a STARTTLS\r\n"),
            answers("a OK\r\n"),
            asks([0x16, 3]),
            answers([0x16, 3]),
        ]),
        ["- None  fetched 0 appended 0 tls true"]
    );
    assert_eq!(
        lines(&[
            answers("* OK ready\r\n"),
            answers("* 1 FETCH (RFC822 {20}\r\nab"),
            lacks(Side::Responder, 10),
            answers("cdefghij)\r\n"),
        ]),
        [
            "2: file 20 10 sent false whole true",
            "- None  fetched 1 appended 0 tls false",
        ]
    );
}

#[test]
fn imap_is_told_by_how_both_begin() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    assert_eq!(guess(b"", b"* OK ready\r\n"), Guess::Yes);
    assert_eq!(guess(b"a1 CAPABILITY\r\n", b""), Guess::Yes);
    assert_eq!(guess(b"a1 LOG", b""), Guess::Perhaps);
    assert_eq!(guess(b"GET / HTTP/1.1\r\n", b""), Guess::No);
    assert_eq!(guess(b"", b"+OK\r\n"), Guess::No);
}

#[test]
fn what_a_literal_is_told_by_is_short_however_long_the_answer_is() {
    let held = ["x {1} ".repeat(1_000).as_bytes(), b"BODY[] {7}"].concat();
    assert_eq!(telling(&held).len(), TELLING);
    assert!(telling(&held).ends_with(b"BODY[] "));
    assert_eq!(telling(b"{7}"), b"");
    // The first literal of a command is its message, and others are not.
    assert_eq!(
        lines(&[
            answers("* OK ready\r\n"),
            asks("a append x {1+}\r\nm {2+}\r\nno\r\nb APPEND x {1+}\r\nm\r\n"),
        ]),
        [
            "2: file 1 0 sent true whole true",
            "2: file 1 0 sent true whole true",
            "- None  fetched 0 appended 2 tls false",
        ]
    );
}
