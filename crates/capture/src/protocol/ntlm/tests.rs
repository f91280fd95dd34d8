//! Packets of NTLM that are made here, and what is said of them.

use super::*;
use crate::flow::Said;
use std::net::SocketAddr;
use watchfire_model::Timestamp;
use watchfire_model::network::TransportProtocol;

fn wide_bytes(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A message: its fixed part, and fields that stand behind it.
fn message(kind: u32, fixed: usize, fields: &[(usize, &[u8])], numbers: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = [MAGIC, &kind.to_le_bytes()].concat();
    bytes.resize(fixed, 0);
    for (at, value) in fields {
        let length = (value.len() as u16).to_le_bytes();
        let from = (bytes.len() as u32).to_le_bytes();
        bytes[*at..at + 8].copy_from_slice(&[length, length, [from[0], from[1]], [from[2], from[3]]].concat());
        bytes.extend_from_slice(value);
    }
    for (at, value) in numbers {
        bytes[*at..at + value.len()].copy_from_slice(value);
    }
    bytes
}

const CHALLENGE: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn challenge() -> Vec<u8> {
    let pair = |kind: u16, text: &str| {
        let value = wide_bytes(text);
        [&kind.to_le_bytes()[..], &(value.len() as u16).to_le_bytes(), &value].concat()
    };
    // Nothing ends the pairs.
    let pairs = [pair(COMPUTER, "DC1"), pair(DNS_TREE, "example.test")].concat();
    message(
        2,
        56,
        &[(12, &wide_bytes("EXAMPLE")), (40, &pairs)],
        &[
            (20, &(UNICODE | VERSION).to_le_bytes()),
            (24, &CHALLENGE),
            (48, &[10, 0, 0x63, 0x45]),
        ],
    )
}

fn answer(user: &str, lm: &[u8], nt: &[u8]) -> Vec<u8> {
    let fields: [(usize, &[u8]); 5] = [
        (12, lm),
        (20, nt),
        (28, &wide_bytes("EXAMPLE")),
        (36, &wide_bytes(user)),
        (44, &wide_bytes("PC7")),
    ];
    message(3, 72, &fields, &[(60, &UNICODE.to_le_bytes())])
}

fn said(speak: impl FnOnce(&mut Proofs, &mut Context<'_>)) -> Vec<Exchange> {
    let (mut said, mut services, mut files) = (Said::default(), Vec::new(), 0);
    let mut context = Context {
        here: Here {
            frame: 1,
            time: Timestamp::from_nanoseconds(0),
        },
        flow: 1,
        originator: SocketAddr::from(([192, 0, 2, 1], 50_000)),
        responder: SocketAddr::from(([198, 51, 100, 7], 445)),
        transport: TransportProtocol::TCP,
        said: &mut said,
        services: &mut services,
        files: &mut files,
        depth: 0,
        ended: [false; 2],
    };
    let mut proofs = Proofs::new("smb");
    speak(&mut proofs, &mut context);
    proofs.finish(&mut context);
    said.events.into_iter().map(|event| event.exchange).collect()
}

fn lines(exchanges: &[Exchange]) -> Vec<(u32, &str)> {
    let logins = exchanges.iter().filter_map(|exchange| match exchange {
        Exchange::Login(login) => login.hashcat.as_ref(),
        _ => None,
    });
    logins.map(|hashcat| (hashcat.mode, hashcat.line.raw())).collect()
}

#[test]
fn a_proof_says_who_and_where_and_whether_it_was_right() {
    let exchanges = said(|proofs, context| {
        proofs.hear(&message(1, 40, &[], &[]), context);
        proofs.hear(&challenge(), context);
        proofs.hear(
            &answer("alice", &[0; 24], &[&[0xaa; 16][..], &[0xbb; 12]].concat()),
            context,
        );
        proofs.outcome(true, context);
    });
    let Some(Exchange::Ntlm(ntlm)) = exchanges.last() else {
        panic!("{exchanges:?}")
    };
    let expected = Ntlm {
        carrier: "smb",
        user: Some("alice".into()),
        domain: Some("EXAMPLE".into()),
        workstation: Some("PC7".into()),
        target: Some("EXAMPLE".into()),
        server_name: Some("DC1".into()),
        server_tree: Some("example.test".into()),
        server_version: Some(WindowsVersion {
            major: 10,
            minor: 0,
            build: 17_763,
        }),
        answer: Some(NtlmAnswer::V2),
        accepted: Some(true),
        ..Ntlm::default()
    };
    assert_eq!(**ntlm, expected);
    let line = format!(
        "alice::EXAMPLE:0102030405060708:{}:{}",
        "aa".repeat(16),
        "bb".repeat(12)
    );
    assert_eq!(lines(&exchanges), [(5_600, line.as_str())]);
}

#[test]
fn answers_of_version_1_have_a_line_of_their_own() {
    let exchanges = said(|proofs, context| {
        proofs.hear(&challenge(), context);
        proofs.hear(&answer("bob", &[0x11; 24], &[0x22; 24]), context);
    });
    let line = format!("bob::EXAMPLE:{}:{}:0102030405060708", "11".repeat(24), "22".repeat(24));
    assert_eq!(lines(&exchanges), [(5_500, line.as_str())]);
    let Some(Exchange::Ntlm(ntlm)) = exchanges.last() else {
        panic!("{exchanges:?}")
    };
    assert_eq!((ntlm.answer, ntlm.accepted), (Some(NtlmAnswer::V1), None));
}

#[test]
fn nobody_in_particular_and_an_answer_without_its_challenge_have_no_line() {
    let exchanges = said(|proofs, context| {
        proofs.hear(&challenge(), context);
        proofs.hear(&answer("", &[0], &[]), context);
    });
    assert!(matches!(&exchanges[..], [Exchange::Ntlm(ntlm)] if ntlm.answer == Some(NtlmAnswer::Anonymous)));
    let exchanges = said(|proofs, context| proofs.hear(&answer("bob", &[], &[1; 60]), context));
    assert!(matches!(&exchanges[..], [Exchange::Ntlm(_)]));
}

#[test]
fn a_server_may_say_who_it_is_to_whoever_asks() {
    let exchanges = said(|proofs, context| {
        proofs.hear(&challenge(), context);
        proofs.hear(&challenge(), context);
    });
    assert_eq!(exchanges.len(), 2);
    let broken = said(|proofs, context| {
        for length in 0..challenge().len() {
            proofs.hear(&challenge()[..length], context);
            proofs.hear(&answer("x", &[1; 24], &[1; 24])[..length], context);
        }
    });
    assert!(broken.len() < 300);
}
