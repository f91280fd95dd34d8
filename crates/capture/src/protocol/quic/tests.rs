//! Connections that are made here, with the keys that everybody can derive.

use super::super::tests::{Part, answers, asks, guess, heard};
use super::packet::number;
use super::*;
use crate::crypto::{Aead, AeadKind, Block, Hash, expand_label, hmac};
use crate::cursor::Cursor;

const ONE: u32 = 1;
const TWO: u32 = 0x6b33_43cf;
const NAME: &[u8] = b"\x83\x94\xc8\xf0\x3e\x51\x57\x08";

/// A client's first message that asks for `www.example` and `h3`.
fn client_hello() -> Vec<u8> {
    let name = b"www.example";
    let body = [
        &[3, 3][..],
        &[7; 32],
        &[0, 0, 2, 0x13, 0x01, 1, 0, 0, 34 + 7],
        &[0, 0, 0, 16, 0, 14, 0, 0, 11],
        name,
        &[0, 16, 0, 5, 0, 3, 2, b'h', b'3'],
        &[0, 43, 0, 3, 2, 3, 4],
        // Padding (RFC 7685), so that the lengths are round.
        &[0, 21, 0, 1, 0],
    ]
    .concat();
    [&[1, 0, 0, body.len() as u8][..], &body].concat()
}

fn server_hello() -> Vec<u8> {
    let body = [&[3, 3][..], &[8; 32], &[0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4]].concat();
    [&[2, 0, 0, body.len() as u8][..], &body].concat()
}

fn crypto(offset: u8, data: &[u8]) -> Vec<u8> {
    [&[6, offset, 0x40, data.len() as u8][..], data].concat()
}

/// A first packet, protected, padded to a datagram of 1,200 bytes.
fn initial(version: u32, side: &str, destination: &[u8], source: &[u8], frames: &[u8]) -> Vec<u8> {
    let dialect = dialect(version).unwrap();
    let secret = hmac(Hash::Sha256, &dialect.salt, &[NAME]);
    let secret = expand_label(Hash::Sha256, &secret, side, 32);
    let derive = |what: &str, length| expand_label(Hash::Sha256, &secret, &format!("{}{what}", dialect.label), length);
    let kind = if version == TWO { 0xd0 } else { 0xc0 };
    let mut head = [&[kind][..], &version.to_be_bytes()].concat();
    head.extend(
        [
            &[destination.len() as u8][..],
            destination,
            &[source.len() as u8],
            source,
            &[0],
        ]
        .concat(),
    );
    let mut text = frames.to_vec();
    text.resize(1_200 - head.len() - 2 - 1 - 16, 0);
    head.extend((0x4000 | (text.len() as u16 + 17)).to_be_bytes());
    let number = head.len();
    head.push(5);
    let mut nonce: [u8; 12] = derive("iv", 12).try_into().unwrap();
    nonce[11] ^= 5;
    let aead = Aead::new(AeadKind::Aes128Gcm, &derive("key", 16)).unwrap();
    let sealed = aead.seal(&nonce, &head, &text);
    let sample = sealed[3..19].try_into().unwrap();
    let mask = Block::new(&derive("hp", 16)).unwrap().encrypt(sample);
    head[0] ^= mask[0] & 0x0f;
    head[number] ^= mask[1];
    head.extend(sealed);
    head
}

fn from_client(version: u32, frames: &[u8]) -> Vec<u8> {
    initial(version, "client in", NAME, b"c", frames)
}

fn from_server(version: u32, frames: &[u8]) -> Vec<u8> {
    initial(version, "server in", b"c", b"s", frames)
}

/// A packet whose content nobody reads.
fn long(kind: u8, version: u32, destination: u8, source: u8) -> Vec<u8> {
    let head = [&[kind][..], &version.to_be_bytes(), &[1, destination, 1, source, 30]].concat();
    [&head[..], &[9; 30]].concat()
}

fn check(parts: &[Part], expected: &[&str]) {
    let lines: Vec<String> = heard(&OVER_UDP, parts).into_iter().map(line).collect();
    assert_eq!(lines, expected);
}

fn line(event: watchfire_model::network::Event) -> String {
    let raw =
        |text: &Option<watchfire_model::Untrusted>| text.as_ref().map_or("-".to_owned(), |text| text.raw().to_owned());
    match event.exchange {
        Exchange::Quic(quic) => {
            let name = |name: Option<String>| name.unwrap_or("-".to_owned());
            let ends = [quic.client_initial_dcid, quic.client_scid, quic.server_scid].map(name);
            let wants = format!("{} {}", raw(&quic.server_name), raw(&quic.client_protocol));
            format!(
                "{}: quic {} {} {wants} {}",
                event.frame,
                quic.version,
                ends.join(" "),
                quic.history
            )
        }
        Exchange::Tls(tls) => {
            let client = tls.client.map_or("-".to_owned(), |client| client.ja4);
            let server = tls
                .server
                .map_or("-".to_owned(), |server| format!("{:#06x}", server.cipher));
            format!("{}: tls {client} {server} {}", event.frame, tls.established)
        }
        other => panic!("{other:?}"),
    }
}

const JA4: &str = "q13d0104h3_0f2cb44170f4_7418e7913c75";

#[test]
fn a_connection_shows_its_ends_and_its_handshake() {
    for (version, name, handshake) in [(ONE, "1", 0xe0), (TWO, "quicv2", 0xf0)] {
        let server = [
            from_server(version, &[&[2, 0, 0, 0, 0][..], &crypto(0, &server_hello())].concat()),
            long(handshake, version, b'c', b's'),
        ];
        let parts = [
            asks(from_client(version, &crypto(0, &client_hello()))),
            answers(server.concat()),
            answers([0x41; 30]),
            asks(long(handshake, version, b's', b'c')),
            asks([0x41; 30]),
            answers([0x41; 30]),
            answers([0x41; 30]),
        ];
        check(
            &parts,
            &[
                &format!("1: tls {JA4} 0x1301 true"),
                &format!("1: quic {name} 8394c8f03e515708 63 73 www.example h3 ISishoHOo"),
            ],
        );
    }
}

#[test]
fn a_hello_may_come_in_pieces_of_several_datagrams() {
    let hello = client_hello();
    let (first, rest) = hello.split_at(40);
    let (second, third) = rest.split_at(20);
    let pieces = [
        [crypto(40, second), vec![1], crypto(0, &first[..10])].concat(),
        [crypto(60, third), crypto(5, &first[5..])].concat(),
    ];
    check(
        &pieces.map(|frames| asks(from_client(ONE, &frames))),
        &[
            "1: quic 1 8394c8f03e515708 63 - www.example h3 IIS",
            &format!("1: tls {JA4} - false"),
        ],
    );
}

#[test]
fn after_a_retry_keys_come_from_the_new_name() {
    let retry = [&[0xf0][..], &ONE.to_be_bytes(), &[1, b'c', 8], NAME, &[9; 40]].concat();
    let hello = crypto(0, &client_hello());
    check(
        &[
            asks(from_client(ONE, &hello)),
            answers(retry),
            asks(from_client(ONE, &hello)),
        ],
        &[
            "1: quic 1 8394c8f03e515708 63 - www.example h3 ISr",
            "3: quic 1 8394c8f03e515708 63 - www.example h3 IS",
            &format!("1: tls {JA4} - false"),
        ],
    );
}

#[test]
fn versions_may_be_negotiated_first() {
    let made_up = [&[0xca, 0x1a, 0x2a, 0x3a, 0x4a, 8][..], NAME, &[0], &[0; 1_190]].concat();
    let versions = [&[0x80, 0, 0, 0, 0, 0, 8][..], NAME, &ONE.to_be_bytes()].concat();
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_UDP, asked, answered, 7_777);
    assert_eq!(guess(&made_up, b""), Guess::Yes);
    assert_eq!(guess(b"", &versions), Guess::Yes);
    assert_eq!(guess(&made_up[..1_100], b""), Guess::No);
    check(
        &[
            asks(made_up),
            answers(versions),
            asks(from_client(ONE, &crypto(0, &client_hello()))),
        ],
        &[
            "1: quic 1 8394c8f03e515708 63 - www.example h3 UuIS",
            &format!("1: tls {JA4} - false"),
        ],
    );
}

#[test]
fn what_does_not_open_says_nothing_of_a_handshake() {
    let whole = from_client(ONE, &crypto(0, &client_hello()));
    let mut changed = whole.clone();
    changed[600] ^= 1;
    check(&[asks(&changed)], &["1: quic 1 8394c8f03e515708 63 - - - I"]);
    // Many of them cost as many decryptions as the flow may have, and no more is read.
    let mut parts: Vec<Part> = (0..60).map(|_| asks(&changed)).collect();
    parts.push(asks(&whole));
    let history = "I".repeat(61);
    check(&parts, &[&format!("1: quic 1 8394c8f03e515708 63 - - - {history}")]);
}

#[test]
fn a_close_and_what_is_no_packet_are_told() {
    let close = from_client(ONE, &[0x1c, 0x0a, 0, 0]);
    let with_rest = [from_client(ONE, &crypto(0, &client_hello())), vec![0x33; 40]].concat();
    check(
        &[asks(with_rest), asks(close)],
        &[
            "1: quic 1 8394c8f03e515708 63 - www.example h3 ISXI",
            &format!("1: tls {JA4} - false"),
        ],
    );
    check(
        &[asks(from_client(ONE, &[0x1c, 0x0a, 0, 0]))],
        &["1: quic 1 8394c8f03e515708 63 - - - IC"],
    );
}

#[test]
fn packets_that_are_damaged_are_no_harm() {
    let whole = [
        from_client(ONE, &crypto(0, &client_hello())),
        long(0xe0, ONE, b's', b'c'),
    ]
    .concat();
    for at in 0..60 {
        for value in [0, 1, 0x3f, 0x7f, 0xc0, 0xff] {
            let mut odd = whole.clone();
            odd[at] = value;
            heard(&OVER_UDP, &[asks(&odd), answers(&odd)]);
        }
        heard(&OVER_UDP, &[asks(&whole[..at])]);
    }
    let odd = [
        &[6, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 7][..],
        &[2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[6, 0, 0x7f, 0xff],
        &[6, 0x7f, 0xff, 1, 1],
    ];
    for frames in odd {
        heard(&OVER_UDP, &[asks(from_client(ONE, frames))]);
    }
}

#[test]
fn numbers_have_the_length_that_their_first_bits_say() {
    // RFC 9000 A.1.
    let read = |bytes: &[u8]| number(&mut Cursor::new(bytes));
    assert_eq!(read(b"\xc2\x19\x7c\x5e\xff\x14\xe8\x8c"), Some(151_288_809_941_952_652));
    assert_eq!(read(b"\x9d\x7f\x3e\x7d"), Some(494_878_333));
    assert_eq!(read(b"\x7b\xbd"), Some(15_293));
    assert_eq!(read(b"\x25"), Some(37));
    assert_eq!(read(b"\x7b"), None);
}

#[test]
fn quic_is_told_by_what_is_said() {
    let guess = |asked: &[u8], answered: &[u8], port| guess(&OVER_UDP, asked, answered, port);
    let first = from_client(ONE, &[]);
    assert_eq!(guess(&first, b"", 7_777), Guess::Yes);
    assert_eq!(guess(b"", &from_server(ONE, &[]), 7_777), Guess::Yes);
    assert_eq!(guess(&long(0xe0, ONE, b's', b'c'), b"", 7_777), Guess::Yes);
    // A datagram that was cut is believed at its port only.
    assert_eq!(guess(&first[..100], b"", 443), Guess::Yes);
    assert_eq!(guess(&first[..100], b"", 7_777), Guess::No);
    assert_eq!(guess(&[0x41; 40], b"", 443), Guess::No);
    assert_eq!(guess(&[0xc0, 0, 0, 9, 9, 8, 1, 1], b"", 443), Guess::No);
}
