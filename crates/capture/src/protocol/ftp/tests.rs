//! Sessions of FTP that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks, spoken};
use super::*;
use watchfire_model::Secret;

/// What was exchanged, a line each.
fn lines(parts: &[Part]) -> Vec<String> {
    let raw = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Ftp(ftp) => {
            let reply = ftp.reply.map_or("nothing".to_owned(), |reply| {
                format!("{} {}", reply.code, reply.text.raw())
            });
            let data = ftp.data.map_or(String::new(), |data| {
                format!(
                    " [{} {}]",
                    if data.passive { "passive" } else { "active" },
                    data.listener
                )
            });
            let what = ftp.path.or(ftp.argument);
            format!(
                "{}: {} {} {} > {reply}{data}",
                event.frame,
                raw(&ftp.user),
                ftp.command.raw(),
                raw(&what)
            )
        }
        Exchange::Login(login) => {
            let secret = login.secret.as_ref().map_or("-", Secret::raw);
            format!(
                "{}: login {} {secret} {:?}",
                event.frame,
                raw(&login.user),
                login.accepted
            )
        }
        other => panic!("{other:?}"),
    });
    lines.collect()
}

fn check(parts: &[Part], expected: &[&str]) {
    assert_eq!(lines(parts), expected, "{parts:?}");
}

#[test]
fn a_login_and_a_file_are_told() {
    check(
        &[
            answers("220-hello\r\n220 FTP server\r\n"),
            asks("USER bob\r\n"),
            answers("331 password?\r\n"),
            asks("PASS secret\r\n"),
            answers("230 welcome\r\n"),
            asks("pwd\r\n"),
            answers("257 \"/home\" is it\r\n"),
            asks("PASV\r\n"),
            answers("227 Entering (198,51,100,7,4,1)\r\n"),
            asks("RETR a/b.txt\r\n"),
            answers("150 here it comes\r\n"),
            answers("226 done\r\n"),
            asks("LIST\r\n"),
            answers("425 no\r\n"),
        ],
        &[
            "1: -  - > 220 FTP server",
            "2: bob USER bob > 331 password?",
            "4: login bob secret Some(true)",
            "4: bob PASS - > 230 welcome",
            "6: bob PWD - > 257 \"/home\" is it",
            "8: bob PASV - > 227 Entering (198,51,100,7,4,1) [passive 198.51.100.7:1025]",
            "10: bob RETR /home/a/b.txt > 226 done [passive 198.51.100.7:1025]",
            "13: bob LIST - > 425 no",
        ],
    );
}

#[test]
fn the_client_may_listen_as_well() {
    check(
        &[
            answers("220 FTP server\r\n"),
            asks("EPRT |2|2001:db8::9|1025|\r\nSTOR x\r\n"),
            answers("200 ok\r\n226 done\r\n"),
            asks("CWD /up\r\nCDUP\r\nDELE y\r\n"),
            answers("250 ok\r\n250 ok\r\n550 no\r\n"),
        ],
        &[
            "1: -  - > 220 FTP server",
            "2: - EPRT |2|2001:db8::9|1025| > 200 ok [active [2001:db8::9]:1025]",
            "2: - STOR x > 226 done [active [2001:db8::9]:1025]",
            "4: - CWD /up > 250 ok",
            "4: - CDUP - > 250 ok",
            "4: - DELE y > 550 no",
        ],
    );
}

#[test]
fn what_follows_auth_is_encrypted() {
    let hello: &[u8] = &[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0];
    check(
        &[
            answers("220 FTP server\r\n"),
            asks("AUTH TLS\r\n"),
            answers("234 go on\r\n"),
            asks(hello),
        ],
        &["1: -  - > 220 FTP server", "2: - AUTH TLS > 234 go on"],
    );
    check(
        &[
            answers("220 FTP server\r\n"),
            asks("AUTH TLS\r\n"),
            answers("502 no\r\n"),
            asks("QUIT\r\n"),
        ],
        &[
            "1: -  - > 220 FTP server",
            "2: - AUTH TLS > 502 no",
            "4: - QUIT - > nothing",
        ],
    );
}

#[test]
fn holes_and_answers_without_code_leave_commands_without_answer() {
    check(
        &[
            answers("220 FTP server\r\n"),
            asks("SYST\r\nNOOP\r\n"),
            answers("no such thing\r\n200 ok\r\n"),
            asks("USER a\r\n"),
            lacks(Side::Responder, 20),
            answers(" end of a line\r\n"),
            asks("PASS b\r\n"),
            answers("530 no\r\n"),
        ],
        &[
            "1: -  - > 220 FTP server",
            "2: - SYST - > nothing",
            "2: - NOOP - > 200 ok",
            "4: a USER a > nothing",
            "7: login a b Some(false)",
            "7: a PASS - > 530 no",
        ],
    );
}

#[test]
fn ftp_is_told_by_how_both_begin() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    assert_eq!(guess(b"", b"220 FTP server\r\n"), Guess::Yes);
    assert_eq!(guess(b"USER a\r\n", b"220 hello\r\n"), Guess::Yes);
    assert_eq!(guess(b"", b"220 hello\r\n"), Guess::Perhaps);
    assert_eq!(guess(b"USER a\r\n", b""), Guess::Perhaps);
    assert_eq!(guess(b"USER a\r\nPASS b\r\nPASV\r\n", b""), Guess::Yes);
    assert_eq!(guess(b"USER a\r\n", b"+OK\r\n"), Guess::No);
    assert_eq!(guess(b"EHLO a\r\n", b"220 hello\r\n"), Guess::No);
}

#[test]
fn long_names_and_folders_are_not_said_with_each_command() {
    let deep = format!("/{}", "a".repeat(3_000));
    let begin = [
        asks(format!("USER {}\r\nCWD {deep}\r\n", "u".repeat(4_000))),
        answers("331 go on\r\n250 here\r\n"),
    ];
    let after = |count| {
        let parts = [&begin[..], &[asks("SIZE\r\n".repeat(count))]].concat();
        spoken(&heard(&OVER_TCP, &parts))
    };
    assert!(after(50) - after(0) < 50 * 1_000);
}
