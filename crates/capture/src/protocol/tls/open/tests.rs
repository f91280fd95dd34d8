//! Connections whose secrets are known, sealed here.

use super::super::tests::{client_hello, record, server_hello_of};
use super::super::{CHANGE, HANDSHAKE, OVER_TCP};
use super::*;
use crate::KeyLog;
use crate::protocol::tests::{Part, answers, asks, heard, heard_knowing};
use watchfire_model::network::Exchange;

/// What one side seals with, by itself: the reverse of what is tested.
struct Sealer {
    aead: Aead,
    vector: Vec<u8>,
    number: u64,
    is_new: bool,
}

impl Sealer {
    /// Of TLS 1.3.
    fn new(kind: AeadKind, hash: Hash, secret: &[u8]) -> Self {
        let key = expand_label(hash, secret, "key", kind.key_length());
        Self {
            aead: Aead::new(kind, &key).unwrap(),
            vector: expand_label(hash, secret, "iv", 12),
            number: 0,
            is_new: true,
        }
    }

    fn seal(&mut self, kind: u8, text: &[u8]) -> Vec<u8> {
        let number = self.number;
        self.number += 1;
        if self.is_new {
            // With a byte of padding.
            let inner = [text, &[kind, 0]].concat();
            let head = [&[DATA, 3, 3][..], &(inner.len() as u16 + 16).to_be_bytes()].concat();
            let nonce = nonce(self.vector.clone().try_into().unwrap(), number);
            return record(DATA, &self.aead.seal(&nonce, &head, &inner));
        }
        let head = [
            &number.to_be_bytes()[..],
            &[kind, 3, 3],
            &(text.len() as u16).to_be_bytes(),
        ]
        .concat();
        if let Ok(vector) = self.vector.clone().try_into() {
            return record(kind, &self.aead.seal(&nonce(vector, number), &head, text));
        }
        let explicit = [9; 8];
        let nonce: [u8; 12] = [&self.vector[..], &explicit].concat().try_into().unwrap();
        record(kind, &[&explicit[..], &self.aead.seal(&nonce, &head, text)].concat())
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn log(lines: &[(&str, &[u8])]) -> KeyLog {
    let mut log = KeyLog::default();
    for (label, secret) in lines {
        log.add(format!("{label} {} {}\n", digits(&[7; 32]), digits(secret)).as_bytes());
    }
    log
}

/// What was said, a word each.
fn words(events: Vec<watchfire_model::network::Event>) -> Vec<String> {
    let word = |event: watchfire_model::network::Event| match event.exchange {
        Exchange::Tls(tls) => format!("tls {} {}", tls.certificates.len(), tls.established),
        Exchange::Http(http) => {
            let status = http.reply.as_ref().map_or(0, |reply| reply.status);
            format!("{} {status}", http.url().unwrap().raw())
        }
        other => other.kind().to_owned(),
    };
    events.into_iter().map(word).collect()
}

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 204 No\r\n\r\n";
const SECRETS: [[u8; 32]; 4] = [[1; 32], [2; 32], [3; 32], [4; 32]];
const FINISHED: &[u8] = &[20, 0, 0, 2, 9, 9];

/// A connection of TLS 1.3 whose server shows a certificate, and changes its key.
fn new(kind: AeadKind, hash: Hash, cipher: u16) -> Vec<Part> {
    let [mut client, mut server, mut client_data, mut server_data] =
        SECRETS.map(|secret| Sealer::new(kind, hash, &secret));
    let certificate = [11, 0, 0, 10, 0, 0, 0, 6, 0, 0, 1, 5, 0, 0];
    let hello = record(HANDSHAKE, &server_hello_of(0x0304, cipher));
    let flight = [
        hello,
        record(CHANGE, &[1]),
        server.seal(HANDSHAKE, &[8, 0, 0, 2, 0, 0]),
        server.seal(HANDSHAKE, &certificate[..5]),
        server.seal(HANDSHAKE, &[&certificate[5..], FINISHED].concat()),
        server_data.seal(HANDSHAKE, &[4, 0, 0, 1, 9]),
    ];
    let asked = [
        record(CHANGE, &[1]),
        client.seal(HANDSHAKE, FINISHED),
        client_data.seal(DATA, GET),
    ];
    let begins = server_data.seal(DATA, &OK[..5]);
    let update = server_data.seal(HANDSHAKE, &[24, 0, 0, 1, 0]);
    let next = expand_label(hash, &SECRETS[3], "traffic upd", hash.length());
    let mut server_next = Sealer::new(kind, hash, &next);
    vec![
        asks(record(HANDSHAKE, &client_hello("www.example", &[]))),
        answers(flight.concat()),
        asks(asked.concat()),
        answers([begins, update, server_next.seal(DATA, &OK[5..])].concat()),
    ]
}

fn new_log() -> KeyLog {
    log(&[
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", &SECRETS[0]),
        ("SERVER_HANDSHAKE_TRAFFIC_SECRET", &SECRETS[1]),
        ("CLIENT_TRAFFIC_SECRET_0", &SECRETS[2]),
        ("SERVER_TRAFFIC_SECRET_0", &SECRETS[3]),
    ])
}

#[test]
fn what_tls_1_3_hides_is_read_with_its_secrets() {
    for (kind, hash, cipher) in [
        (AeadKind::Aes128Gcm, Hash::Sha256, 0x1301),
        (AeadKind::Aes256Gcm, Hash::Sha384, 0x1302),
        (AeadKind::ChaCha20Poly1305, Hash::Sha256, 0x1303),
    ] {
        let parts = new(kind, hash, cipher);
        let said = words(heard_knowing(&OVER_TCP, &parts, new_log()));
        assert_eq!(said, ["tls 1 true", "https://www.example/a 204"], "{cipher:#x}");
        assert_eq!(words(heard(&OVER_TCP, &parts)), ["tls 0 true"]);
    }
}

#[test]
fn secrets_that_do_not_fit_open_nothing() {
    let parts = new(AeadKind::Aes128Gcm, Hash::Sha256, 0x1301);
    let wrong = log(&[
        ("SERVER_HANDSHAKE_TRAFFIC_SECRET", &[9; 32]),
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", &[9; 32]),
        ("CLIENT_RANDOM", &[9; 48]),
    ]);
    assert_eq!(words(heard_knowing(&OVER_TCP, &parts, wrong)), ["tls 0 true"]);
    let mut half = new_log();
    half.add(format!("SERVER_HANDSHAKE_TRAFFIC_SECRET {} 00\n", digits(&[7; 32])).as_bytes());
    let said = words(heard_knowing(&OVER_TCP, &parts, half));
    assert_eq!(said[0], "tls 0 true");
}

/// Keys of TLS 1.2, cut as RFC 5246 6.3 says.
fn keys(hash: Hash, lengths: [usize; 6]) -> Vec<Vec<u8>> {
    let block = expand_old(
        hash,
        &[5; 48],
        b"key expansion",
        &[&[1; 32], &[7; 32]],
        lengths.iter().sum(),
    );
    let mut at = 0;
    lengths
        .map(|length| {
            at += length;
            block[at - length..at].to_vec()
        })
        .to_vec()
}

fn old(cipher: u16, seal: impl Fn(usize) -> Box<dyn FnMut(u8, &[u8]) -> Vec<u8>>) -> Vec<String> {
    let (mut client, mut server) = (seal(0), seal(1));
    let hello = record(HANDSHAKE, &server_hello_of(0x0303, cipher));
    let parts = [
        asks(record(HANDSHAKE, &client_hello("www.example", &[]))),
        answers(hello),
        asks([record(CHANGE, &[1]), client(HANDSHAKE, FINISHED)].concat()),
        answers([record(CHANGE, &[1]), server(HANDSHAKE, FINISHED)].concat()),
        asks([client(DATA, &GET[..3]), client(DATA, &GET[3..])].concat()),
        answers(server(DATA, OK)),
    ];
    words(heard_knowing(&OVER_TCP, &parts, log(&[("CLIENT_RANDOM", &[5; 48])])))
}

#[test]
fn what_tls_1_2_hides_is_read_with_its_secrets() {
    for (cipher, kind, hash, vector) in [
        (0xc02f, AeadKind::Aes128Gcm, Hash::Sha256, 4),
        (0xc030, AeadKind::Aes256Gcm, Hash::Sha384, 4),
        (0xcca8, AeadKind::ChaCha20Poly1305, Hash::Sha256, 12),
    ] {
        let key = usize::from(kind.key_length());
        let keys = keys(hash, [0, 0, key, key, vector, vector]);
        let said = old(cipher, |role| {
            let mut sealer = Sealer {
                aead: Aead::new(kind, &keys[2 + role]).unwrap(),
                vector: keys[4 + role].clone(),
                number: 0,
                is_new: false,
            };
            Box::new(move |kind, text| sealer.seal(kind, text))
        });
        assert_eq!(said, ["tls 0 true", "https://www.example/a 204"], "{cipher:#x}");
    }
}

#[test]
fn blocks_that_are_chained_are_read_and_their_digest_is_held() {
    let chained = |is_honest: bool| {
        let keys = keys(Hash::Sha256, [20, 20, 16, 16, 0, 0]);
        old(0xc013, move |role| {
            let (digest, key) = (keys[role].clone(), Block::new(&keys[2 + role]).unwrap());
            let mut number = 0_u64;
            Box::new(move |kind, text| {
                let length = (text.len() as u16).to_be_bytes();
                let head = [&number.to_be_bytes()[..], &[kind, 3, 3], &length].concat();
                number += u64::from(is_honest);
                let mut inner = [text, &hmac(Hash::Sha1, &digest, &[&head, text])].concat();
                let padding = 15 - inner.len() % 16;
                inner.resize(inner.len() + padding + 1, padding as u8);
                let mut sealed = vec![3; 16];
                for block in inner.as_chunks::<16>().0 {
                    let before: [u8; 16] = *sealed.last_chunk().unwrap();
                    let mixed = std::array::from_fn(|place| block[place] ^ before[place]);
                    sealed.extend(key.encrypt(mixed));
                }
                record(kind, &sealed)
            })
        })
    };
    assert_eq!(chained(true), ["tls 0 true", "https://www.example/a 204"]);
    assert_eq!(chained(false), ["tls 0 true"]);
}
