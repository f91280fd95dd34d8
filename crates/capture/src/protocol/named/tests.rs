//! How protocols begin that are only named.

use super::*;
use crate::protocol::tests::{asks, guess, heard};

#[test]
fn a_name_is_all_that_is_said() {
    assert!(heard(&SSDP, &[asks(b"NOTIFY * HTTP/1.1\r\n")]).is_empty());
}

#[test]
fn neighbours_are_looked_for() {
    assert_eq!(guess(&SSDP, b"M-SEARCH * HTTP/1.1\r\nHOST: x", b"", 9), Guess::Yes);
    assert_eq!(guess(&SSDP, b"", b"HTTP/1.1 200 OK\r\nST: x", 1_900), Guess::Yes);
    assert_eq!(guess(&SSDP, b"GET / HTTP/1.1\r\n", b"", 1_900), Guess::No);
}

#[test]
fn files_are_shared() {
    let hello = [b"\x13BitTorrent protocol".as_slice(), &[0; 48]].concat();
    assert_eq!(guess(&BITTORRENT, &hello, b"", 6_881), Guess::Yes);
    assert_eq!(guess(&BITTORRENT, b"\x13Bit", b"", 6_881), Guess::Perhaps);
    assert_eq!(guess(&BITTORRENT, b"\x13Other protocol", b"", 6_881), Guess::No);
    assert_eq!(guess(&BITTORRENT, &hello[..5], b"220 hello", 6_881), Guess::No);
    let ping = b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";
    assert_eq!(guess(&BITTORRENT_DHT, ping, b"", 6_881), Guess::Yes);
    assert_eq!(guess(&BITTORRENT_DHT, &ping[..30], b"", 6_881), Guess::No);
    assert_eq!(guess(&BITTORRENT_DHT, b"d3:agei7ee", b"", 6_881), Guess::No);
}

#[test]
fn buildings_have_a_length_that_is_right() {
    let who_is = [0x81, 0x0b, 0, 12, 1, 0x20, 0xff, 0xff, 0, 0xff, 0x10, 8];
    assert_eq!(guess(&BACNET, &who_is, b"", 47_808), Guess::Yes);
    assert_eq!(guess(&BACNET, &who_is, b"", 50_000), Guess::Yes);
    assert_eq!(guess(&BACNET, &who_is[..11], b"", 47_808), Guess::No);
    assert_eq!(guess(&BACNET, &[0x81, 0x0b, 0, 6, 9, 9], b"", 50_000), Guess::No);
}

#[test]
fn controllers_ask_for_a_connection_first() {
    let connect = [3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 1, 0];
    let setup = [3, 0, 0, 10, 2, 0xf0, 0x80, 0x32, 1, 0];
    let both = [connect.as_slice(), &setup].concat();
    assert_eq!(guess(&S7COMM, &both, b"", 102), Guess::Yes);
    assert_eq!(guess(&S7COMM, &connect, b"", 102), Guess::Perhaps);
    assert_eq!(guess(&S7COMM, &both, b"", 3_389), Guess::No);
    assert_eq!(guess(&S7COMM, &[3, 0, 0, 8, 2, 0xf0, 0x80, 1], b"", 102), Guess::No);
    assert_eq!(
        guess(&S7COMM, &[3, 0, 0, 2], b"", 102),
        Guess::No,
        "a length that is none"
    );
}

#[test]
fn transfer_is_begun() {
    let (begin, begun) = ([0x68, 4, 7, 0, 0, 0], [0x68, 4, 0x0b, 0, 0, 0]);
    assert_eq!(guess(&IEC_104, &begin, b"", 2_404), Guess::Yes);
    assert_eq!(guess(&IEC_104, &begin, &begun, 9_999), Guess::Yes);
    assert_eq!(guess(&IEC_104, &begin, b"", 9_999), Guess::Perhaps);
    assert_eq!(guess(&IEC_104, b"GET / HTTP", b"", 2_404), Guess::No);
}

#[test]
fn sessions_are_registered() {
    let register = [
        0x65, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
    ];
    assert_eq!(guess(&ENIP_OVER_TCP, &register, b"", 44_818), Guess::Yes);
    assert_eq!(guess(&ENIP_OVER_TCP, &register[..20], b"", 44_818), Guess::Perhaps);
    assert_eq!(guess(&ENIP_OVER_UDP, &register, b"", 44_818), Guess::Yes);
    assert_eq!(guess(&ENIP_OVER_UDP, &register[..27], b"", 44_818), Guess::No);
    assert_eq!(guess(&ENIP_OVER_UDP, &register, b"", 44_819), Guess::No);
}
