//! Messages of DNS that are made here.

use super::super::tests::{Part, answers, asks, guess, heard, lacks, spoken};
use super::*;

/// A name in labels, as it stands in a message.
fn labels(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let mut bytes: Vec<u8> = labels
        .flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat())
        .collect();
    bytes.push(0);
    bytes
}

fn header(id: u16, flags: u16, counts: [u16; 4]) -> Vec<u8> {
    let [questions, answers, authorities, others] = counts;
    let words = [id, flags, questions, answers, authorities, others];
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn question(id: u16, name: &[u8], kind: u16) -> Vec<u8> {
    let mut message = header(id, 0x0100, [1, 0, 0, 0]);
    message.extend(name);
    message.extend([kind.to_be_bytes(), [0, 1]].concat());
    message
}

fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let mut record = name.to_vec();
    record.extend([kind.to_be_bytes(), [0, 1], [0, 0], [1, 44]].concat());
    record.extend((data.len() as u16).to_be_bytes());
    record.extend(data);
    record
}

/// An answer to a question, with records about its name.
fn reply(id: u16, flags: u16, name: &str, kind: u16, records: &[(u16, &[u8])]) -> Vec<u8> {
    let mut message = header(id, 0x8000 | flags, [1, records.len() as u16, 0, 0]);
    message.extend(labels(name));
    message.extend([kind.to_be_bytes(), [0, 1]].concat());
    for (kind, data) in records {
        message.extend(record(&[0xc0, 12], *kind, data));
    }
    message
}

/// What was exchanged, a line each.
fn lines(protocol: &Protocol, parts: &[Part]) -> Vec<String> {
    let lines = heard(protocol, parts).into_iter().map(|event| {
        let Exchange::Dns(dns) = event.exchange else {
            panic!("{event:?}")
        };
        let asked = if dns.asked { "?" } else { "!" };
        let reply = dns.reply.map_or("nothing".to_owned(), |reply| {
            let flags = [
                ("aa", reply.authoritative),
                ("tc", reply.truncated),
                ("ra", reply.recursion_available),
            ];
            let flags = flags.iter().filter(|(_, is)| *is).map(|(name, _)| format!(" {name}"));
            let answers = reply.answers.iter().map(|answer| {
                let (name, data) = (answer.name.raw(), answer.data.raw());
                format!(" {name} {} {} {data}", answer.kind, answer.ttl)
            });
            let text: String = flags.chain(answers).collect();
            format!("{}{text}", reply.code)
        });
        format!("{}: {}{asked} {} > {reply}", event.frame, dns.query.raw(), dns.kind)
    });
    lines.collect()
}

fn check(parts: &[Part], expected: &[&str]) {
    assert_eq!(lines(&OVER_UDP, parts), expected);
    // Over TCP, the same messages say the same.
    let framed = parts.iter().map(|part| match part {
        Part::Says(side, bytes) => Part::Says(*side, framed(bytes)),
        Part::Lacks(..) => part.clone(),
    });
    assert_eq!(lines(&OVER_TCP, &framed.collect::<Vec<_>>()), expected, "over TCP");
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes(), message].concat()
}

#[test]
fn a_question_and_its_answer_are_one_exchange() {
    let asked = asks(question(7, &labels("www.example"), 1));
    check(
        &[
            asked.clone(),
            answers(reply(7, 0x0180, "www.example", 1, &[(1, &[192, 0, 2, 9])])),
        ],
        &["1: www.example? A > 0 ra www.example A 300 192.0.2.9"],
    );
    check(
        &[asked.clone(), answers(reply(7, 0x0403, "www.example", 1, &[]))],
        &["1: www.example? A > 3 aa"],
    );
    check(&[asked.clone(), asked.clone()], &["1: www.example? A > nothing"]);
    check(
        &[answers(reply(7, 0x0200, "www.example", 1, &[]))],
        &["1: www.example! A > 0 tc"],
    );
    // Another number, another name or another type is another question's answer.
    for other in [
        reply(8, 0, "www.example", 1, &[]),
        reply(7, 0, "ww2.example", 1, &[]),
        reply(7, 0, "www.example", 28, &[]),
    ] {
        assert_eq!(lines(&OVER_UDP, &[asked.clone(), answers(other)]).len(), 2);
    }
}

#[test]
fn answers_may_come_in_any_order() {
    check(
        &[
            asks(question(1, &labels("a.example"), 1)),
            asks(question(2, &labels("b.example"), 28)),
            answers(reply(2, 0, "b.example", 28, &[])),
            answers(reply(1, 0, "a.example", 1, &[])),
        ],
        &["2: b.example? AAAA > 0", "1: a.example? A > 0"],
    );
}

#[test]
fn messages_over_tcp_may_share_a_segment() {
    let asked = [
        framed(&question(1, &labels("a.example"), 1)),
        framed(&question(2, &labels("b.example"), 1)),
    ];
    let replies = [
        framed(&reply(1, 0, "a.example", 1, &[])),
        framed(&reply(2, 0, "b.example", 1, &[])),
    ];
    let parts = [asks(asked.concat()), answers(replies.concat())];
    assert_eq!(lines(&OVER_TCP, &parts), ["1: a.example? A > 0", "1: b.example? A > 0"]);
    let [asked, _] = asked;
    let hole = [asks(&asked), lacks(Side::Responder, 9), answers(replies.concat())];
    assert_eq!(lines(&OVER_TCP, &hole), ["1: a.example? A > nothing"]);
    let short = [asks([0, 3, 1, 2, 3].as_slice()), asks(&asked)];
    assert_eq!(lines(&OVER_TCP, &short), ["2: a.example? A > nothing"]);
}

#[test]
fn data_of_records_is_text_where_it_has_a_form() {
    let name = labels("other.example");
    let pointer: &[u8] = &[3, b'f', b'o', b'o', 0xc0, 12];
    let cases: &[(u16, &[u8], &str)] = &[
        (1, &[10, 0, 0, 1], "A 300 10.0.0.1"),
        (1, &[10, 0, 0], "A 300 0a0000"),
        (
            28,
            &[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            "AAAA 300 2001:db8::1",
        ),
        (5, &name, "CNAME 300 other.example"),
        (5, pointer, "CNAME 300 foo.www.example"),
        (2, &[0xc0, 12], "NS 300 www.example"),
        (15, &[&[0, 10], name.as_slice()].concat(), "MX 300 other.example"),
        (
            33,
            &[&[0, 1, 0, 2, 0, 53], name.as_slice()].concat(),
            "SRV 300 other.example",
        ),
        (16, b"\x03abc\x02de", "TXT 300 abcde"),
        (16, b"\x03abc\x09de", "TXT 300 abc"),
        (52, &[3, 1, 1], "TLSA 300 030101"),
    ];
    for (kind, data, expected) in cases {
        check(
            &[answers(reply(1, 0, "www.example", *kind, &[(*kind, data)]))],
            &[&format!(
                "1: www.example! {} > 0 www.example {expected}",
                DnsType(*kind)
            )],
        );
    }
}

#[test]
fn odd_octets_of_names_are_escaped() {
    check(
        &[asks(question(1, b"\x06a.b\\c\x00\x03\xff d\x00", 1))],
        &["1: a\\.b\\\\c\\000.\\255\\032d? A > nothing"],
    );
    check(&[asks(question(1, &[0], 2))], &["1: ? NS > nothing"]);
}

#[test]
fn names_of_netbios_are_decoded() {
    let encoded = |name: &[u8; 16]| -> String {
        let halves = name.iter().flat_map(|octet| [octet >> 4, octet & 0x0f]);
        halves.map(|half| char::from(b'A' + half)).collect()
    };
    let workgroup = labels(&encoded(b"WORKGROUP      \x1d"));
    check(&[asks(question(1, &workgroup, 32))], &["1: WORKGROUP? NB > nothing"]);
    let mut reply = header(1, 0x8500, [0, 1, 0, 0]);
    reply.extend(record(&workgroup, 32, &[0x60, 0, 192, 0, 2, 9]));
    check(
        &[answers(&reply)],
        &["1: WORKGROUP! NB > 0 aa WORKGROUP NB 300 192.0.2.9"],
    );
    let any = labels(&encoded(b"*\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    assert_eq!(lines(&OVER_UDP, &[asks(question(1, &any, 33))]).len(), 1);
    assert_eq!(
        netbios(&encoded(b"MY HOST        \x20")).as_deref(),
        Some("MY\\032HOST")
    );
    for other in [
        "_ldap._tcp.example",
        "AAAA",
        &encoded(b"WORKGROUP      \x1d").to_lowercase(),
    ] {
        assert_eq!(netbios(other), None, "{other}");
    }
}

#[test]
fn hostile_names_are_none_and_end() {
    let long = |labels: usize, last: usize| {
        let mut name: Vec<u8> = (0..labels).flat_map(|_| [&[63][..], &[b'a'; 63]].concat()).collect();
        name.push(last as u8);
        name.extend(vec![b'b'; last]);
        name.push(0);
        name
    };
    // 255 octets are allowed, 256 are not (RFC 1035 2.3.4).
    assert_eq!(lines(&OVER_UDP, &[asks(question(1, &long(3, 61), 1))]).len(), 1);
    for name in [
        long(3, 62),
        // To itself, to behind itself, to out of the message, of a kind that is not used, without an end.
        vec![0xc0, 12],
        vec![0xc0, 14, 1, b'a', 0],
        vec![0xff, 0xff],
        vec![0x41, 0],
        vec![1, b'a', 0xc0, 12],
    ] {
        assert_eq!(lines(&OVER_UDP, &[asks(question(1, &name, 1))]), [""; 0], "{name:?}");
    }
    assert_eq!(lines(&OVER_UDP, &[asks(header(1, 0x0100, [1, 0, 0, 0]))]), [""; 0]);
    // Each pointer to the one before.
    let chain: Vec<u8> = (0..8_000_u16)
        .flat_map(|at| (0xc000 | (12 + 2 * at.saturating_sub(1))).to_be_bytes())
        .collect();
    let mut message = header(1, 0x8400, [0, 1, 0, 0]);
    message.extend(record(&[0], 5, &[&[0][..], &chain].concat()));
    message.extend([0xff; 40]);
    assert_eq!(lines(&OVER_UDP, &[answers(&message)]).len(), 1);
}

#[test]
fn a_name_follows_a_few_pointers_only() {
    // A label, then pointers that each lead to the one before.
    let name = |pointers: u16| {
        let mut bytes = vec![1, b'a', 0];
        bytes.extend((0..pointers).flat_map(|at| (0xc000 | if at == 0 { 0 } else { 1 + 2 * at }).to_be_bytes()));
        let mut cursor = Cursor::new(&bytes);
        cursor.take(bytes.len() - 2).unwrap();
        name(&bytes, &mut cursor)
    };
    assert_eq!(name(1).as_deref(), Some("a"));
    assert_eq!(name(100).as_deref(), Some("a"));
    assert_eq!(name(1_000), None);
}

#[test]
fn counts_that_are_not_there_are_no_harm() {
    let mut message = reply(1, 0, "www.example", 1, &[(1, &[10, 0, 0, 1])]);
    message[7] = 90;
    check(
        &[answers(&message)],
        &["1: www.example! A > 0 www.example A 300 10.0.0.1"],
    );
    let mut message = question(1, &labels("www.example"), 1);
    message[4] = 0xff;
    check(&[asks(&message)], &[]);
}

#[test]
fn dns_is_told_by_what_is_said() {
    let asked = question(1, &labels("www.example"), 1);
    let stream = |bytes: &[u8]| guess(&OVER_TCP, bytes, &[], 7_777);
    let datagram = |bytes: &[u8], port| guess(&OVER_UDP, bytes, &[], port);
    assert_eq!(datagram(&asked, 7_777), Guess::Yes);
    assert_eq!(guess(&OVER_UDP, &[], &reply(1, 0, "a", 1, &[]), 7_777), Guess::Yes);
    let with_more = [asked.as_slice(), b"more"].concat();
    assert_eq!(datagram(&with_more, 7_777), Guess::No);
    assert_eq!(datagram(&with_more, 53), Guess::Yes);
    assert_eq!(datagram(b"GET / HTTP/1.1\r\n\r\n", 53), Guess::No);
    assert_eq!(datagram(&[0; 40], 53), Guess::No);
    assert_eq!(stream(&framed(&asked)), Guess::Yes);
    assert_eq!(stream(framed(&asked).get(..20).unwrap()), Guess::Perhaps);
    assert_eq!(
        stream(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\x00\x00\x00\x00"),
        Guess::No
    );
    assert_eq!(stream(b"SSH-2.0-OpenSSH_9.2\r\n"), Guess::No);
}

#[test]
fn many_answers_of_a_long_name_are_told_as_far_as_the_message_is_long() {
    // Octets that are not printable are written with four characters.
    let label = [&[60], [0; 60].as_slice()].concat();
    let mut name = label.repeat(4);
    name.push(0);
    let mut message = header(7, 0x8000, [1, 200, 0, 0]);
    message.extend([name.as_slice(), &[0, 5, 0, 1]].concat());
    (0..200).for_each(|_| message.extend(record(&[0xc0, 12], 5, &[0xc0, 12])));
    let said = heard(&OVER_UDP, &[answers(&message)]);
    assert!(spoken(&said) < 10 * message.len() + 10_000);
    let [Exchange::Dns(dns)] = [&said[0].exchange] else {
        panic!("{said:?}")
    };
    assert!(dns.reply.as_ref().is_some_and(|reply| reply.answers.len() > 5));
}
