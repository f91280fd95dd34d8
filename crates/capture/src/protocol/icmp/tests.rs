//! Messages of ICMP that are made here.

use super::*;
use crate::flow::Said;
use watchfire_model::Timestamp;
use watchfire_model::network::TransportProtocol;

/// What a flow says of messages, each with who sent it.
fn said(messages: &[(Side, Message<'_>)]) -> Icmp {
    let (mut said, mut services, mut files) = (Said::new(0), Vec::new(), 0);
    let mut context = Context {
        here: Here {
            frame: 1,
            time: Timestamp::from_nanoseconds(0),
        },
        flow: 1,
        originator: "[fe80::1]:0".parse().expect("an address"),
        responder: "[fe80::2]:0".parse().expect("an address"),
        transport: TransportProtocol::ICMP6,
        said: &mut said,
        services: &mut services,
        files: &mut files,
        depth: 0,
        ended: [false; 2],
    };
    let mut talk = Talk::default();
    for (side, message) in messages {
        talk.hear(*side, message, &context);
    }
    talk.finish(&mut context);
    match said.events.pop().map(|event| event.exchange) {
        Some(Exchange::Icmp(icmp)) => *icmp,
        other => panic!("{other:?}"),
    }
}

fn message(version_6: bool, kind: u8, rest: [u8; 4], payload: &[u8]) -> Message<'_> {
    Message {
        version_6,
        kind,
        code: 0,
        rest,
        payload,
        length: payload.len() as u32,
    }
}

#[test]
fn answers_repeat_what_was_asked_or_do_not() {
    let echo = |number, payload| (Side::Originator, message(false, 8, [0, 1, 0, number], payload));
    let answer = |number, payload| (Side::Responder, message(false, 0, [0, 1, 0, number], payload));
    let icmp = said(&[
        echo(1, b"abcdefgh"),
        answer(1, b"abcdefgh"),
        echo(2, b"ls -l /root and more"),
        answer(2, b"total 4, and much more of it"),
        answer(9, b"to no question"),
    ]);
    assert_eq!((icmp.same_answers, icmp.other_answers), (1, 1));
    assert_eq!(
        (
            icmp.sent.messages,
            icmp.sent.bytes,
            icmp.sent.shortest,
            icmp.sent.longest
        ),
        (2, 28, 8, 20)
    );
    assert_eq!(icmp.sample, "6162636465666768");
}

#[test]
fn payloads_that_differ_by_their_time_alone_are_the_same() {
    let payloads: Vec<Vec<u8>> = (0..9_u8).map(|time| [[time; TIME], [7; TIME]].concat()).collect();
    let echoes: Vec<_> = payloads
        .iter()
        .map(|payload| (Side::Originator, message(false, 8, [0; 4], payload)))
        .collect();
    assert_eq!(said(&echoes).sent.different, 1);
    let payloads: Vec<Vec<u8>> = (0..255_u8).map(|other| [[0; TIME], [other; TIME]].concat()).collect();
    let echoes: Vec<_> = payloads
        .iter()
        .map(|payload| (Side::Originator, message(false, 8, [0; 4], payload)))
        .collect();
    assert_eq!(said(&echoes).sent.different as usize, MOST_DIFFERENT);
}

#[test]
fn errors_repeat_the_packet_that_they_are_about() {
    let mut packet = vec![0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    packet.extend([0xc3, 0x50, 0, 53, 0, 8, 0, 0]);
    let icmp = said(&[(Side::Originator, message(false, 5, [10, 0, 0, 9], &packet))]);
    let [about] = icmp.about.as_slice() else {
        panic!("{icmp:?}")
    };
    assert_eq!(
        (about.source.to_string(), about.destination.to_string()),
        ("10.0.0.1:50000".into(), "10.0.0.2:53".into())
    );
    assert_eq!(
        (about.transport, icmp.gateway),
        (17, Some(Ipv4Addr::new(10, 0, 0, 9).into()))
    );
    let cut = said(&[(Side::Originator, message(false, 3, [0; 4], &packet[..19]))]);
    assert!(cut.about.is_empty());
}

#[test]
fn routers_offer_themselves() {
    let mut payload = vec![0; 8];
    payload.extend([1, 1, 0, 0x0c, 0x29, 1, 2, 3]);
    payload.extend([3, 4, 64, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    payload.extend(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0).octets());
    payload.extend([25, 3, 0, 0, 0, 0, 0, 9]);
    payload.extend(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x53).octets());
    payload.extend(b"\x1f\x03\0\0\0\0\0\x09\x07example\0\0\0\0\0\0\0\0");
    let icmp = said(&[(Side::Originator, message(true, 134, [64, 0xc0, 0x07, 0x08], &payload))]);
    let router = icmp.router.expect("a router");
    assert!(router.managed && router.other);
    assert_eq!(
        (router.lifetime, router.mac),
        (1_800, Some(Mac([0, 0x0c, 0x29, 1, 2, 3])))
    );
    assert_eq!(
        (router.prefixes.as_slice(), router.resolvers.len()),
        (["2001:db8::/64".to_owned()].as_slice(), 1)
    );
    assert_eq!(
        router.domains.iter().map(|name| name.raw()).collect::<Vec<_>>(),
        ["example"]
    );
}

#[test]
fn neighbours_claim_addresses() {
    let target = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 9);
    let question = [target.octets().as_slice(), &[1, 1, 2, 2, 2, 2, 2, 2]].concat();
    let answer = [target.octets().as_slice(), &[2, 1, 3, 3, 3, 3, 3, 3]].concat();
    let icmp = said(&[
        (Side::Originator, message(true, 135, [0; 4], &question)),
        (Side::Responder, message(true, 136, [0x60, 0, 0, 0], &answer)),
    ]);
    let [asker, answerer] = icmp.neighbours.as_slice() else {
        panic!("{icmp:?}")
    };
    assert_eq!((asker.address.to_string(), asker.mac), ("fe80::1".into(), Mac([2; 6])));
    assert_eq!(
        (answerer.address, answerer.mac, answerer.solicited, answerer.overrides),
        (target, Mac([3; 6]), true, true)
    );
}

#[test]
fn an_option_without_length_ends_the_options() {
    let payload = [[0; 16].as_slice(), &[1, 0, 1, 0]].concat();
    assert!(
        said(&[(Side::Originator, message(true, 135, [0; 4], &payload))])
            .neighbours
            .is_empty()
    );
}
