//! What dissectors hold is counted, so that all of them together are bounded.

use super::super::{
    dns, ftp, http, http2, imap, irc, kerberos, ldap, mysql, pop3, postgresql, redis, sip, smb, smtp, ssh, tls,
};
use super::*;

/// That a dissector of a protocol counts at least half of the bytes that it has to hold of the last part, and not those before.
fn check(protocol: &Protocol, parts: &[Part]) {
    let mut dissector = (protocol.dissector)();
    let (last, before) = parts.split_last().unwrap();
    assert_eq!(until(&mut *dissector, before).0, Heard::More, "{}", protocol.name);
    let without = dissector.memory();
    assert!(without < 1_000, "{}: {without} before", protocol.name);
    let Part::Says(_, bytes) = last else { panic!("{last:?}") };
    assert_eq!(
        until(&mut *dissector, std::slice::from_ref(last)).0,
        Heard::More,
        "{}",
        protocol.name
    );
    let (with, least) = (dissector.memory() - without, bytes.len() / 2);
    assert!(
        (least..8 * bytes.len()).contains(&with),
        "{}: {with} of {}",
        protocol.name,
        bytes.len()
    );
}

/// So many bytes that are something to whatever expects text.
fn text(length: usize) -> String {
    "x".repeat(length)
}

fn behind32(length: u32, bytes: usize) -> Vec<u8> {
    [&length.to_be_bytes()[..], &vec![b'x'; bytes]].concat()
}

#[test]
fn what_is_not_whole_is_counted() {
    check(
        &http::OVER_TCP,
        &[asks(format!("GET / HTTP/1.1\r\nx: {}", text(30_000)))],
    );
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let head = [&[0, 0x75, 0x30, 1, 0, 0, 0, 0, 1][..], &[b'x'; 20_000]].concat();
    check(&http2::OVER_TCP, &[asks(preface), asks(head)]);
    let record = |bytes: &[u8]| [&[22, 3, 3][..], &(bytes.len() as u16).to_be_bytes(), bytes].concat();
    let message = [&[1, 0, 0xff, 0xff][..], &[0; 16_000]].concat();
    check(&tls::OVER_TCP, &[asks(record(&message))]);
    check(&tls::OVER_TCP, &[asks(&record(&message)[..15_000])]);
    check(&ssh::OVER_TCP, &[asks("SSH-2.0-x\r\n"), asks(behind32(60_000, 40_000))]);
    let smb = [&60_000_u32.to_be_bytes()[..], b"\xfeSMB", &[0; 40_000]].concat();
    check(&smb::OVER_TCP, &[asks(smb)]);
    let ldap = [
        &[0x30, 0x82, 0xf0, 0, 2, 1, 1, 0x63, 0x82, 0xef, 0xf9][..],
        &[0; 40_000],
    ]
    .concat();
    check(&ldap::OVER_TCP, &[asks(ldap)]);
    check(&kerberos::OVER_TCP, &[asks(behind32(100_000, 50_000))]);
    check(&dns::OVER_TCP, &[asks([&[0xff, 0xff][..], &[0; 40_000]].concat())]);
    check(
        &sip::OVER_TCP,
        &[asks(format!("INVITE sip:a SIP/2.0\r\nx: {}", text(10_000)))],
    );
    for lines in [
        &ftp::OVER_TCP,
        &imap::OVER_TCP,
        &irc::OVER_TCP,
        &pop3::OVER_TCP,
        &smtp::OVER_TCP,
    ] {
        check(lines, &[asks(text(4_000))]);
    }
    check(&imap::OVER_TCP, &[asks("a LOGIN {9000}\r\n"), asks(text(6_000))]);
    check(
        &smtp::OVER_TCP,
        &[asks("EHLO a\r\nDATA\r\n"), asks(format!("x: {}", text(10_000)))],
    );
    check(
        &redis::OVER_TCP,
        &[asks(format!("*2\r\n$3\r\nGET\r\n$9999\r\n{}", text(1_000)))],
    );
    check(
        &mysql::OVER_TCP,
        &[asks([&[0xff, 0xff, 0, 0][..], &[0; 4_000]].concat())],
    );
    check(
        &postgresql::OVER_TCP,
        &[asks([&[0, 0, 0xff, 0xff][..], &[0; 4_000]].concat())],
    );
}

#[test]
fn what_waits_for_an_answer_is_counted() {
    let many = |line: String, count| asks(line.repeat(count));
    check(
        &http::OVER_TCP,
        &[many(format!("GET /{} HTTP/1.1\r\n\r\n", text(1_000)), 100)],
    );
    check(&ftp::OVER_TCP, &[many(format!("SIZE {}\r\n", text(1_000)), 50)]);
    check(&redis::OVER_TCP, &[many(format!("SET k {}\r\n", text(1_000)), 100)]);
    let query = [&b"Q\0\0\x04\x04"[..], text(1_023).as_bytes(), b"\0"].concat();
    let start = b"\0\0\0\x10\0\x03\0\0user\0a\0\0";
    check(&postgresql::OVER_TCP, &[asks(start), asks(query.repeat(50))]);
}

#[test]
fn what_is_held_of_a_stream_inside_is_counted() {
    let hello = [22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3];
    let held = asks([&hello[..], &[7; 10_000]].concat());
    let tunnel = [
        asks("CONNECT a:443 HTTP/1.1\r\n\r\n"),
        answers("HTTP/1.1 200 OK\r\n\r\n"),
        held.clone(),
    ];
    check(&http::OVER_TCP, &tunnel);
    check(
        &smtp::OVER_TCP,
        &[asks("STARTTLS\r\n"), answers("220 a\r\n220 go on\r\n"), held],
    );
}
