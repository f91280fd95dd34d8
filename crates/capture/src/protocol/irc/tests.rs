//! What is said in IRC here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks, spoken};
use super::*;
use watchfire_model::Secret;

fn lines(parts: &[Part]) -> Vec<String> {
    let raw = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Irc(irc) => {
            let text = if irc.file.is_some() {
                String::new()
            } else {
                raw(&irc.text)
            };
            let file = irc.file.as_ref().map_or(String::new(), |file| {
                format!(" {} {:?} {}", file.name.raw(), file.size, file.listener)
            });
            format!(
                "{}: {} {} {} {} {text}{file}",
                event.frame,
                raw(&irc.nick),
                irc.command,
                raw(&irc.source),
                irc.value.raw()
            )
        }
        Exchange::Login(login) => {
            format!(
                "login {} {}",
                raw(&login.user),
                login.secret.as_ref().map_or("-", Secret::raw)
            )
        }
        other => panic!("{other:?}"),
    });
    lines.collect()
}

#[test]
fn names_channels_and_words_are_told() {
    assert_eq!(
        lines(&[
            asks("PASS secret\r\nNICK bob\r\nUSER b 0 * :Bob B\r\n"),
            answers(":irc.example 001 bob :Welcome\r\n"),
            asks("JOIN #a\r\nPRIVMSG #a :hello there\r\n"),
            lacks(Side::Responder, 90),
            answers(
                "PRIVMSG x :cut\r\n:eve!e@example PRIVMSG bob :\u{1}DCC SEND \"a b.exe\" 3221225985 1025 99\u{1}\r\n"
            ),
        ]),
        [
            "login - secret",
            "1: bob NICK - bob -",
            "1: bob USER - b 0 * :Bob B",
            "3: bob JOIN - #a -",
            "3: bob PRIVMSG - #a hello there",
            "5: bob PRIVMSG - x cut",
            "5: bob DCC eve!e@example bob  a b.exe Some(99) 192.0.2.1:1025",
        ]
    );
}

#[test]
fn irc_is_told_by_names_or_by_the_server() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    assert_eq!(guess(b"NICK a\r\nUSER a 0 * :A\r\n", b""), Guess::Yes);
    assert_eq!(guess(b"NICK a\r\n", b""), Guess::Perhaps);
    assert_eq!(guess(b"", b":irc.example NOTICE AUTH :*** hello\r\n"), Guess::Yes);
    assert_eq!(guess(b"USER a\r\n", b"220 hello\r\n"), Guess::No);
    assert_eq!(guess(b"USER a\r\n", b"+OK\r\n"), Guess::No);
    assert_eq!(guess(b"GET / HTTP/1.1\r\n", b""), Guess::No);
}

#[test]
fn long_names_are_not_said_with_each_message() {
    let names = format!("NICK {}\r\nUSER {} 0 * :x\r\n", "n".repeat(4_000), "u".repeat(4_000));
    let after = |count| spoken(&heard(&OVER_TCP, &[asks(&names), asks("JOIN #a\r\n".repeat(count))]));
    assert!(after(50) - after(0) < 50 * 1_000);
}

#[test]
fn who_logs_in_to_a_service_is_told_and_his_password_is_hidden() {
    assert_eq!(
        lines(&[
            asks("NICK bob\r\nPRIVMSG NickServ :IDENTIFY secret\r\n"),
            asks("PRIVMSG nickserv@services.example :identify alice other\r\n"),
            asks("NS REGISTER third bob@example\r\nNICKSERV :GHOST eve fourth\r\n"),
            asks("PRIVMSG Q@CServe.example :AUTH carol fifth\r\n"),
            asks("PRIVMSG NickServ :SET PASSWORD sixth\r\nPRIVMSG ChanServ :REGISTER #a seventh why\r\n"),
            asks("PRIVMSG NickServ :HELP\r\nPRIVMSG #a :IDENTIFY yourself\r\n"),
            answers(":eve PRIVMSG NickServ :IDENTIFY none\r\n"),
        ]),
        [
            "1: bob NICK - bob -",
            "login bob secret",
            "login alice other",
            "login bob third",
            "login eve fourth",
            "login carol fifth",
            "login bob sixth",
            "login #a seventh",
            "6: bob PRIVMSG - NickServ HELP",
            "6: bob PRIVMSG - #a IDENTIFY yourself",
            "7: bob PRIVMSG eve NickServ IDENTIFY none",
        ]
    );
}
