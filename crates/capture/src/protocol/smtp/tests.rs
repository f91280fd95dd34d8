//! Sessions of SMTP that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks, spoken};
use super::*;
use watchfire_model::Secret;

/// What was exchanged, a line each.
fn lines(parts: &[Part]) -> Vec<String> {
    let raw = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Smtp(smtp) => {
            let to: Vec<&str> = smtp.recipients.iter().map(Untrusted::raw).collect();
            format!(
                "{}: #{} {} {} > {} +{} {} {} {}",
                event.frame,
                smtp.depth,
                raw(&smtp.helo),
                raw(&smtp.mail_from),
                to.join(","),
                smtp.size,
                raw(&smtp.head.subject),
                raw(&smtp.last_reply),
                if smtp.tls { "tls" } else { "clear" }
            )
        }
        Exchange::File(file) => format!(
            "{}: file {} {} whole {}",
            event.frame, file.size, file.missing, file.whole
        ),
        Exchange::Login(login) => {
            let secret = login.secret.as_ref().map_or("-", Secret::raw);
            format!(
                "{}: login {} {secret} {:?}",
                event.frame,
                raw(&login.user),
                login.accepted
            )
        }
        Exchange::Tls(_) => format!("{}: tls", event.frame),
        other => panic!("{other:?}"),
    });
    lines.collect()
}

fn check(parts: &[Part], expected: &[&str]) {
    assert_eq!(lines(parts), expected, "{parts:?}");
}

fn hello() -> Vec<Part> {
    vec![
        answers("220-mail.example ESMTP\r\n220 ready\r\n"),
        asks("EHLO client.example\r\n"),
        answers("250-mail.example\r\n250 PIPELINING\r\n"),
    ]
}

fn session(parts: impl IntoIterator<Item = Part>) -> Vec<Part> {
    hello().into_iter().chain(parts).collect()
}

const ENVELOPE: &str = "MAIL FROM:<a@example> SIZE=9\r\nRCPT TO:<b@example>\r\nrcpt to: c@example\r\nDATA\r\n";

#[test]
fn a_message_and_its_envelope_are_one_exchange() {
    let parts = session([
        asks(ENVELOPE),
        answers("250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n"),
        asks("Subject: a\r\n  b\r\n\r\nSubject: c\r\n..\r\n.\r\n"),
        answers("250 taken as 7\r\n"),
        asks("QUIT\r\n"),
        answers("221 bye\r\n"),
    ]);
    check(
        &parts,
        &[
            "6: file 34 0 whole true",
            "2: #1 client.example a@example > b@example,c@example +34 a b 250 taken as 7 clear",
        ],
    );
}

#[test]
fn sessions_have_several_messages_or_none() {
    let one = [
        asks(ENVELOPE),
        answers("250 ok\r\n250 ok\r\n550 no\r\n354 go on\r\n"),
        asks("\r\nx\r\n.\r\n"),
        answers("250 taken\r\n"),
    ];
    let two = session(one.clone().into_iter().chain(one));
    let said = lines(&two);
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(
        said[3],
        "8: #2 client.example a@example > b@example,c@example +5 - 250 taken clear"
    );
    check(
        &session([asks("QUIT\r\n"), answers("221 bye\r\n")]),
        &["2: #1 client.example - >  +0 - 221 bye clear"],
    );
}

#[test]
fn chunks_are_taken_by_their_length() {
    let parts = session([
        asks("MAIL FROM:<a@example>\r\nRCPT TO:<b@example>\r\n"),
        answers("250 ok\r\n250 ok\r\n"),
        asks("BDAT 12\r\nSubject: a\r\nBDAT 4 LAST\r\n\r\n.\r"),
        answers("250 got 12\r\n250 taken\r\n"),
        asks("BDAT 99999999999999999999 LAST\r\n"),
        answers("521 no\r\n"),
    ]);
    check(
        &parts,
        &[
            "6: file 16 0 whole true",
            "2: #1 client.example a@example > b@example +16 a 250 taken clear",
        ],
    );
}

#[test]
fn passwords_are_said_with_what_the_server_thinks_of_them() {
    let parts = session([
        asks("AUTH LOGIN\r\n"),
        answers("334 VXNlcm5hbWU6\r\n"),
        asks("Ym9i\r\n"),
        answers("334 UGFzc3dvcmQ6\r\n"),
        asks("c2VjcmV0\r\n"),
        answers("535 no\r\n"),
        asks("AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n"),
        answers("235 yes\r\n"),
    ]);
    check(
        &parts,
        &[
            "4: login bob secret Some(false)",
            "10: login bob secret Some(true)",
            "2: #1 client.example - >  +0 - 235 yes clear",
        ],
    );
}

#[test]
fn what_follows_starttls_is_told_anew() {
    let hello: &[u8] = &[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0];
    let parts = session([
        asks("STARTTLS\r\n"),
        answers("220 go on\r\n"),
        asks(hello),
        answers([0x15, 3, 1, 0, 2, 2, 40]),
    ]);
    let said = lines(&parts);
    assert_eq!(said, ["2: #1 client.example - >  +0 - 220 go on tls"]);
    check(
        &session([
            asks("STARTTLS\r\n"),
            answers("454 no\r\n"),
            asks("MAIL FROM:<a@example>\r\n"),
            answers("250 ok\r\n"),
        ]),
        &["2: #1 client.example a@example >  +0 - 250 ok clear"],
    );
}

#[test]
fn a_message_that_is_refused_is_none() {
    let parts = session([
        asks(ENVELOPE),
        answers("250 ok\r\n550 no\r\n550 no\r\n503 no recipients\r\n"),
        asks("QUIT\r\n"),
        answers("221 bye\r\n"),
    ]);
    check(
        &parts,
        &["2: #1 client.example a@example > b@example,c@example +0 - 221 bye clear"],
    );
}

#[test]
fn holes_in_messages_are_counted() {
    let parts = session([
        asks(ENVELOPE),
        answers("250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n"),
        asks("Subject: a\r\n\r\nx"),
        lacks(Side::Originator, 1_000),
        answers("250 taken\r\n"),
        asks("MAIL FROM:<d@example>\r\n"),
    ]);
    check(
        &parts,
        &[
            "6: file 1015 1000 whole false",
            "2: #1 client.example a@example > b@example,c@example +1015 a 250 taken clear",
            "9: #2 client.example d@example >  +0 - 250 taken clear",
        ],
    );
}

#[test]
fn a_hole_in_a_chunk_may_be_longer_than_it_is() {
    let parts = session([
        asks("MAIL FROM:<a@example>\r\nRCPT TO:<b@example>\r\n"),
        answers("250 ok\r\n250 ok\r\n"),
        asks("BDAT 12\r\nSubject"),
        lacks(Side::Originator, 1_000),
        asks("BDAT 3 LAST\r\nx\r\n"),
        answers("250 taken\r\n"),
    ]);
    check(
        &parts,
        &[
            "6: file 15 5 whole true",
            "2: #1 client.example a@example > b@example +15 - 250 taken clear",
        ],
    );
}

#[test]
fn one_side_alone_says_what_it_can() {
    check(
        &[asks(format!("EHLO client.example\r\n{ENVELOPE}\r\nx\r\n.\r\nQUIT\r\n"))],
        &[
            "1: file 5 0 whole true",
            "1: #1 client.example a@example > b@example,c@example +5 - - clear",
        ],
    );
    check(&[answers("220 mail.example ESMTP\r\n")], &["1: #1 - - >  +0 - - clear"]);
}

#[test]
fn smtp_is_told_by_how_both_begin() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    assert_eq!(guess(b"EHLO a\r\n", b""), Guess::Yes);
    assert_eq!(guess(b"helo a\r\n", b"220 hello\r\n"), Guess::Yes);
    assert_eq!(guess(b"", b"220 mail.example ESMTP\r\n"), Guess::Yes);
    assert_eq!(guess(b"", b"220 hello\r\n"), Guess::Perhaps);
    assert_eq!(guess(b"USER a\r\n", b"220 hello\r\n"), Guess::No);
    assert_eq!(guess(b"", b"+OK\r\n"), Guess::No);
    assert_eq!(guess(b"HELO", b"HTTP/1.1 400 Bad Request\r\n"), Guess::No);
}

#[test]
fn long_greetings_are_not_said_with_each_message() {
    let long = "x".repeat(4_000);
    let begin = [
        answers(format!("220 {long}\r\n")),
        asks(format!("EHLO {long}\r\nNOOP\r\n")),
        answers(format!("250 ok\r\n250 {long}\r\n")),
    ];
    let after = |count| {
        let parts = [&begin[..], &[asks("MAIL FROM:<a>\r\n".repeat(count))]].concat();
        spoken(&heard(&OVER_TCP, &parts))
    };
    assert!(after(51) - after(1) < 50 * 1_500);
}

#[test]
fn a_message_that_is_given_up_is_a_file_without_end() {
    check(
        &session([
            asks("MAIL FROM:<a@example>\r\nBDAT 3\r\nabcRSET\r\n"),
            answers("250 ok\r\n250 ok\r\n250 ok\r\n"),
        ]),
        &[
            "4: file 3 0 whole false",
            "2: #1 client.example a@example >  +3 - 250 PIPELINING clear",
        ],
    );
}
