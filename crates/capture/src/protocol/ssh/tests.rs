//! Sessions of SSH that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks, until};
use super::*;

/// A packet around a message.
fn packet(message: &[u8]) -> Vec<u8> {
    let padding = 4_u8;
    let length = (message.len() + 1 + usize::from(padding)) as u32;
    let mut packet = length.to_be_bytes().to_vec();
    packet.push(padding);
    packet.extend_from_slice(message);
    packet.extend([0; 4]);
    packet
}

fn string(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_be_bytes()[..], text].concat()
}

/// An offer of these lists; those of languages are empty.
fn offer(lists: [&str; 8]) -> Vec<u8> {
    let lists = lists
        .into_iter()
        .chain(["", ""])
        .flat_map(|list| string(list.as_bytes()));
    let message: Vec<u8> = [KEX_INIT]
        .into_iter()
        .chain([7; 16])
        .chain(lists)
        .chain([0; 5])
        .collect();
    packet(&message)
}

const CLIENT: [&str; 8] = [
    "kex-b,kex-a",
    "key-b,key-a",
    "c1,c2",
    "c3",
    "m1",
    "m2",
    "none,zlib",
    "none",
];
const SERVER: [&str; 8] = [
    "kex-a",
    "key-a,key-b",
    "c2,c1",
    "c4,c3",
    "m1",
    "m2",
    "zlib,none",
    "none",
];

fn said(parts: &[Part]) -> Option<Ssh> {
    let mut events = heard(&OVER_TCP, parts);
    assert!(events.len() < 2, "{events:?}");
    match events.pop()?.exchange {
        Exchange::Ssh(ssh) => Some(*ssh),
        other => panic!("{other:?}"),
    }
}

fn text(text: Option<&Untrusted>) -> &str {
    text.map_or("-", Untrusted::raw)
}

#[test]
fn both_ends_and_what_they_agree_on_are_said() {
    let reply = [&[KEX_REPLY][..], &string(b"the key"), &string(b"x")].concat();
    let ssh = said(&[
        answers("SSH-2.0-server comment\r\n"),
        asks([b"SSH-2.0-client\r\n", offer(CLIENT).as_slice()].concat()),
        answers(offer(SERVER)),
        asks(packet(&[30, 0, 0, 0, 0])),
        answers(packet(&reply)),
        answers("what follows is encrypted"),
    ])
    .unwrap();
    let (client, server) = (ssh.client.unwrap(), ssh.server.unwrap());
    assert_eq!(client.banner.raw(), "SSH-2.0-client");
    assert_eq!(server.banner.raw(), "SSH-2.0-server comment");
    // Both digests are those of `md5sum`.
    assert_eq!(client.hassh.as_deref(), Some("b0edcc8c2da1b455a6fbc58ddd593d63"));
    assert_eq!(server.hassh.as_deref(), Some("2dc6e6b2248e3872f52bad7b2ad842bb"));
    assert_eq!(text(ssh.key_exchange.as_ref()), "kex-a");
    assert_eq!(text(ssh.host_key_algorithm.as_ref()), "key-b");
    let (to_server, to_client) = (ssh.to_server.unwrap(), ssh.to_client.unwrap());
    let names = |protection: &SshProtection| {
        [&protection.cipher, &protection.mac, &protection.compression].map(|name| text(name.as_ref()).to_owned())
    };
    assert_eq!(names(&to_server), ["c1", "m1", "none"]);
    assert_eq!(names(&to_client), ["c3", "m2", "none"]);
    assert_eq!(
        ssh.host_key.as_deref(),
        Some("SHA256:OgqsRIMuVVKKg0/sc3eGyZnnuN6ovWAbtZ8ZUjfViy4")
    );
}

#[test]
fn a_group_that_was_asked_for_is_no_key() {
    const GROUP: [&str; 8] = [
        "diffie-hellman-group-exchange-sha256",
        "k",
        "c",
        "c",
        "m",
        "m",
        "none",
        "none",
    ];
    let first = [&[KEX_REPLY][..], &string(b"a prime"), &string(b"2")].concat();
    let reply = [&[GROUP_REPLY][..], &string(b"the key"), &string(b"x")].concat();
    let ssh = said(&[
        asks([b"SSH-2.0-client\r\n", offer(GROUP).as_slice()].concat()),
        answers([b"SSH-2.0-server\r\n", offer(GROUP).as_slice()].concat()),
        answers(packet(&first)),
        answers(packet(&reply)),
    ]);
    assert_eq!(
        ssh.unwrap().host_key.as_deref(),
        Some("SHA256:OgqsRIMuVVKKg0/sc3eGyZnnuN6ovWAbtZ8ZUjfViy4")
    );
}

#[test]
fn one_end_alone_is_said_as_well() {
    let ssh = said(&[asks([b"SSH-2.0-client\n", offer(CLIENT).as_slice()].concat())]).unwrap();
    assert!(ssh.server.is_none() && ssh.key_exchange.is_none());
    assert!(ssh.client.unwrap().hassh.is_some());
    let ssh = said(&[
        asks("SSH-2.0-client\r\n"),
        lacks(Side::Originator, 900),
        answers([b"SSH-2.0-server\r\n", offer(SERVER).as_slice()].concat()),
    ])
    .unwrap();
    assert!(ssh.client.unwrap().hassh.is_none());
    assert!(ssh.server.unwrap().hassh.is_some());
}

#[test]
fn lines_may_come_before_the_banner_and_old_versions_say_no_more() {
    let ssh = said(&[
        asks("SSH-1.5-old\n"),
        answers("Welcome!\r\nNo entry.\r\nSSH-1.5-older\nwhat is not read"),
    ])
    .unwrap();
    assert_eq!(ssh.server.unwrap().banner.raw(), "SSH-1.5-older");
    assert_eq!(said(&[answers("no banner\r\n".repeat(2_000))]), None);
}

#[test]
fn packets_without_sense_end_it() {
    let ssh = said(&[
        asks("SSH-2.0-client\r\n\u{ff}\u{ff}\u{ff}\u{ff}"),
        answers(
            [
                b"SSH-2.0-server\r\n",
                offer(["", "", "", "", "", "", "", ""]).as_slice(),
            ]
            .concat(),
        ),
    ])
    .unwrap();
    assert!(ssh.client.unwrap().hassh.is_none());
    assert!(ssh.key_exchange.is_none());
}

#[test]
fn ssh_is_told_by_its_banner() {
    let guess = |asked: &[u8], answered: &[u8]| guess(&OVER_TCP, asked, answered, 7_777);
    assert_eq!(guess(b"SSH-2.0-x\r\n", b""), Guess::Yes);
    assert_eq!(guess(b"", b"SSH-2.0-x\r\n"), Guess::Yes);
    assert_eq!(guess(b"SSH-", b"220 hello\r\n"), Guess::Perhaps);
    assert_eq!(guess(b"", b"220 hello\r\n"), Guess::Perhaps);
    assert_eq!(guess(b"SSHD", b""), Guess::No);
    assert_eq!(guess(b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n"), Guess::No);
}

#[test]
fn of_long_lists_so_many_names_are_compared() {
    let many: Vec<String> = (0..MOST_NAMES).map(|number| format!("n{number}")).collect();
    let list = [many.join(","), "last".into()].join(",");
    let read = |lists| Offer::read(&offer(lists)[6..]).unwrap();
    let long = read([&list, "key", "", "", "", "", "", ""]);
    let short = read(["last,n7", "key", "", "", "", "", "", ""]);
    for (one, other, name) in [(&long, &short, "n7"), (&short, &long, "n7"), (&long, &long, "n0")] {
        assert_eq!(one.agreed(other, KEY_EXCHANGE), Some(name.as_bytes()));
    }
    let last = read(["last", "key", "", "", "", "", "", ""]);
    assert_eq!(long.agreed(&last, KEY_EXCHANGE), None);
    assert_eq!(last.agreed(&long, KEY_EXCHANGE), None);
}

#[test]
fn offers_are_compared_once_and_not_for_each_packet() {
    let mut session = Session::default();
    let begin = [
        answers([b"SSH-2.0-server\r\n", offer(SERVER).as_slice()].concat()),
        answers(packet(&[KEX_REPLY])),
    ];
    until(&mut session, &begin);
    assert_eq!(session.asks_for_group, None);
    until(
        &mut session,
        &[
            asks([b"SSH-2.0-client\r\n", offer(["no"; 8]).as_slice()].concat()),
            answers(packet(&[KEX_REPLY])),
        ],
    );
    assert_eq!(session.asks_for_group, Some(None));
    // Were they compared once more, it would be another answer.
    session.speeches[0].offer = Offer::read(&offer(CLIENT)[6..]);
    until(&mut session, &[answers(packet(&[KEX_REPLY]))]);
    assert_eq!(session.asks_for_group, Some(None));
}
