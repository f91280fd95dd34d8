//! Sessions of MySQL that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks};
use super::*;

fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_le_bytes();
    [&length[..3], &[number], body].concat()
}

fn greeting() -> Vec<u8> {
    let mut body = b"\x0a8.0.1-test\0".to_vec();
    body.extend([1, 0, 0, 0]);
    body.extend(b"challeng\0");
    body.extend([0xff, 0xff, 8, 2, 0, 0xff, 0xff, 21]);
    body.extend([0; 10]);
    body.extend(b"e of twelve!\0mysql_native_password\0");
    packet(0, &body)
}

fn login(capabilities: u32, rest: &[u8]) -> Vec<u8> {
    packet(1, &[&capabilities.to_le_bytes(), &[0; 28][..], rest].concat())
}

const USUAL: u32 = 1 << 9 | 1 << 15 | 1 << 3 | 1 << 19;

fn lines(parts: &[Part]) -> Vec<String> {
    let lines = heard(&OVER_TCP, parts).into_iter().map(|event| match event.exchange {
        Exchange::Mysql(mysql) => {
            let raw = |text: &Option<Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
            format!(
                "{}: {} {} {:?} {:?} {} {} {}{}",
                event.frame,
                mysql.command.raw(),
                raw(&mysql.argument),
                mysql.success,
                mysql.rows,
                raw(&mysql.response),
                raw(&mysql.server),
                raw(&mysql.database),
                if mysql.tls { " tls" } else { "" }
            )
        }
        Exchange::Login(login) => {
            let line = login
                .hashcat
                .as_ref()
                .map(|hashcat| &hashcat.line)
                .or(login.secret.as_ref());
            format!(
                "{}: {} {}",
                event.frame,
                login.user.unwrap().raw(),
                line.map_or("-", Secret::raw)
            )
        }
        other => panic!("{other:?}"),
    });
    lines.collect()
}

#[test]
fn a_login_and_commands_are_told_with_their_answers() {
    let proof = [&b"bob\0\x14"[..], &[0xab; 20], b"shop\0mysql_native_password\0"].concat();
    let error = b"\xff\x15\x04#28000no such table";
    let parts = [
        answers(greeting()),
        asks(login(USUAL, &proof)),
        answers(packet(2, b"\0\0\0\x02\0\0\0")),
        asks(packet(0, b"\x03select 1")),
        answers([packet(1, b"\x01"), packet(2, &[7; 9_000])].concat()),
        asks(packet(0, b"\x03delete")),
        answers(packet(1, b"\0\xfc\0\x01\0")),
        asks(packet(0, b"\x03nonsense")),
        answers(packet(1, error)),
        asks(packet(0, b"\x01")),
    ];
    assert_eq!(
        lines(&parts),
        [
            "2: bob $mysqlna$6368616c6c656e6765206f66207477656c766521*abababababababababababababababababababab",
            "2: login bob Some(true) Some(0) - 8.0.1-test shop",
            "4: query select 1 Some(true) Some(0) - - -",
            "6: query delete Some(true) Some(256) - - -",
            "8: query nonsense Some(false) None no such table - -",
            "10: quit - None None - - -",
        ]
    );
}

#[test]
fn another_proof_may_be_wanted() {
    let switch = b"\xfemysql_clear_password\0";
    let parts = [
        answers(greeting()),
        asks(login(USUAL, b"bob\0\0\0")),
        answers(packet(2, switch)),
        asks(packet(3, b"secret\0")),
        answers(packet(4, b"\xff\x15\x04#28000Access denied")),
    ];
    assert_eq!(
        lines(&parts),
        [
            "2: bob secret",
            "2: login bob Some(false) None Access denied 8.0.1-test "
        ]
    );
}

#[test]
fn another_user_has_to_prove_who_he_is() {
    let parts = [
        answers(greeting()),
        asks(login(1 << 9, b"bob\0")),
        answers(packet(2, b"\0\0\0")),
        asks(packet(0, b"\x11eve\0\0")),
        answers(packet(1, b"\xfemysql_native_password\0")),
        asks(packet(2, &[1; 20])),
        answers(packet(3, b"\xff\x15\x04#28000Access denied")),
    ];
    assert_eq!(
        lines(&parts)[1],
        "4: change_user eve Some(false) None Access denied - -"
    );
}

#[test]
fn tls_may_follow_the_greeting() {
    let parts = [
        answers(greeting()),
        asks(login(USUAL | 1 << 11, b"")),
        asks([0x16, 3, 1]),
        answers([0x16, 3]),
    ];
    assert_eq!(lines(&parts), ["2: login - None None - 8.0.1-test - tls"]);
}

#[test]
fn queries_are_found_behind_their_attributes() {
    let attributes = 1 << 27;
    let query = b"\x03\x02\x01\0\x01\x0f\0\x01n\x03\0\x01m\x03abc\x07\0\0\0select 2";
    let parts = [
        answers(greeting()),
        asks(login(1 << 9 | attributes, b"bob\0")),
        answers(packet(2, b"\0\0\0")),
        asks(packet(0, query)),
        answers(packet(1, b"\x01")),
    ];
    assert_eq!(lines(&parts)[1], "4: query select 2 Some(true) Some(0) - - -");
}

#[test]
fn holes_in_rows_do_not_matter() {
    let parts = [
        answers(greeting()),
        asks(login(1 << 9, b"bob\0")),
        answers(packet(2, b"\0\0\0")),
        asks(packet(0, b"\x03select 3")),
        answers([&packet(1, b"\x01")[..], &[0x10, 0x27, 0, 2, 1]].concat()),
        lacks(Side::Responder, 9_000),
        answers([5; 999]),
        asks(packet(0, b"\x0e")),
        answers(packet(1, b"\0\0\0")),
    ];
    assert_eq!(lines(&parts)[2], "8: ping - Some(true) Some(0) - - -");
}

#[test]
fn mysql_is_told_by_its_greeting() {
    let guess = |answered: &[u8]| guess(&OVER_TCP, b"", answered, 7_777);
    assert_eq!(guess(&greeting()), Guess::Yes);
    assert_eq!(guess(b"\x4a\0\0\0\x0a5."), Guess::Perhaps);
    assert_eq!(guess(b"\x4a\0\0\0\x0a5\0.."), Guess::No);
    assert_eq!(guess(b"220 hello\r\n"), Guess::No);
}

#[test]
fn passwords_in_statements_are_hidden_and_so_is_what_the_server_says_of_them() {
    let parts = [
        answers(greeting()),
        asks(login(1 << 9, b"bob\0")),
        answers(packet(2, b"\0\0\0")),
        asks(packet(0, b"\x03create user 'bob'@'%' identified by 's3cret'")),
        answers(packet(1, b"\xff\x15\x04#42000You have an error near 'by 's3cret''")),
        asks(packet(0, b"\x03select 'a'")),
        answers(packet(1, b"\x01")),
    ];
    assert_eq!(
        lines(&parts)[1..],
        [
            "4: query create user 'bob'@'%' identified by *** Some(false) None *** - -",
            "6: query select 'a' Some(true) Some(0) - - -",
        ]
    );
}
