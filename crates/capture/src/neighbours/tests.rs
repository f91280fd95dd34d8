//! Frames of neighbours that are made here.

use super::*;

const A: [u8; 6] = [2, 0, 0, 0, 0, 0xa];
const B: [u8; 6] = [2, 0, 0, 0, 0, 0xb];

fn arp(operation: u8, sender: [u8; 6], sender_address: [u8; 4], target_address: [u8; 4]) -> Vec<u8> {
    let head = [0, 1, 8, 0, 6, 4, 0, operation];
    [head.as_slice(), &sender, &sender_address, &[0; 6], &target_address].concat()
}

/// What is said of frames, each a second after the one before.
fn said(kind: Neighbourly, source: [u8; 6], frames: &[Vec<u8>]) -> Vec<Event> {
    let (mut neighbours, mut out) = (Neighbours::default(), Said::new(0));
    for (number, bytes) in (1..).zip(frames) {
        let heard = Heard {
            kind,
            frame: number,
            time: Timestamp::new(number as i64, 0),
            ethernet: Some(Ethernet {
                source,
                destination: [0xff; 6],
            }),
            vlan: None,
            bytes,
        };
        neighbours.hear(&heard, &mut out);
    }
    neighbours.finish(&mut out);
    out.events
}

fn hosts(frames: &[Vec<u8>]) -> Vec<Arp> {
    let events = said(Neighbourly::Arp, A, frames).into_iter();
    let hosts = events.map(|event| match event.exchange {
        Exchange::Arp(arp) => *arp,
        other => panic!("{other:?}"),
    });
    hosts.collect()
}

#[test]
fn answers_are_asked_for_or_not() {
    let hosts = hosts(&[
        arp(1, A, [10, 0, 0, 1], [10, 0, 0, 2]),
        arp(2, B, [10, 0, 0, 2], [10, 0, 0, 1]),
        arp(2, B, [10, 0, 0, 9], [10, 0, 0, 1]),
        arp(1, B, [10, 0, 0, 9], [10, 0, 0, 9]),
        arp(1, A, [0, 0, 0, 0], [10, 0, 0, 7]),
    ]);
    let seen: Vec<_> = hosts
        .iter()
        .map(|host| {
            let counts = [
                host.questions,
                host.probes,
                host.answers,
                host.unasked,
                host.announcements,
            ];
            (host.address.to_string(), counts, host.frame_mac)
        })
        .collect();
    let expected = [
        ("0.0.0.0".to_owned(), [0, 1, 0, 0, 0], None),
        ("10.0.0.1".to_owned(), [1, 0, 0, 0, 0], None),
        ("10.0.0.2".to_owned(), [0, 0, 1, 0, 0], Some(Mac(A))),
        ("10.0.0.9".to_owned(), [0, 0, 0, 1, 1], Some(Mac(A))),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn questions_wait_for_a_while() {
    let mut frames = vec![arp(1, A, [10, 0, 0, 1], [10, 0, 0, 2])];
    frames.resize(7, arp(1, A, [10, 0, 0, 1], [10, 0, 0, 3]));
    frames.push(arp(2, B, [10, 0, 0, 2], [10, 0, 0, 1]));
    let hosts = hosts(&frames);
    assert_eq!((hosts[1].answers, hosts[1].unasked), (0, 1));
}

#[test]
fn a_question_waits_for_its_answer_in_a_storm_of_others() {
    let (mut neighbours, mut out) = (Neighbours::default(), Said::new(0));
    let mut say = |bytes: Vec<u8>| {
        let heard = Heard {
            kind: Neighbourly::Arp,
            frame: 1,
            time: Timestamp::new(1, 0),
            ethernet: None,
            vlan: None,
            bytes: &bytes,
        };
        neighbours.hear(&heard, &mut out);
        let known = neighbours.questions.latest.len() + neighbours.questions.before.len();
        assert!(known <= MOST_QUESTIONS, "{known} questions");
    };
    for number in 0..10_000_u16 {
        let [high, low] = number.to_be_bytes();
        let (asker, asked) = ([10, 0, 0, 1], [10, 1, high, low]);
        say(arp(1, A, asker, asked));
        say(arp(1, A, [10, 0, 0, 2], [10, 2, high, low]));
        say(arp(2, B, asked, asker));
    }
    neighbours.finish(&mut out);
    let unasked: u64 = out
        .events
        .iter()
        .map(|event| match &event.exchange {
            Exchange::Arp(arp) => arp.unasked,
            other => panic!("{other:?}"),
        })
        .sum();
    assert_eq!(unasked, 0);
}

#[test]
fn who_looks_for_many_is_counted_and_bounded() {
    let frames: Vec<Vec<u8>> = (0..1_000_u16)
        .map(|number| {
            let [high, low] = number.to_be_bytes();
            arp(1, A, [10, 9, 9, 9], [10, 0, high, low])
        })
        .collect();
    let hosts = hosts(&frames);
    let [host] = hosts.as_slice() else {
        panic!("{} hosts", hosts.len())
    };
    assert_eq!(
        (host.questions, host.targets as usize, host.first_targets.len()),
        (1_000, MOST_TARGETS, MOST_NAMED)
    );
    let many: Vec<Vec<u8>> = (0..10_000_u16)
        .map(|number| {
            let [high, low] = number.to_be_bytes();
            arp(1, A, [10, 0, high, low], [10, 9, 9, 9])
        })
        .collect();
    assert_eq!(said(Neighbourly::Arp, A, &many).len(), 10_000);
}

#[test]
fn who_falls_silent_is_told() {
    let (mut neighbours, mut out) = (Neighbours::default(), Said::new(0));
    let bytes = arp(1, A, [10, 0, 0, 1], [10, 0, 0, 2]);
    let heard = Heard {
        kind: Neighbourly::Arp,
        frame: 1,
        time: Timestamp::new(0, 0),
        ethernet: None,
        vlan: Some(7),
        bytes: &bytes,
    };
    neighbours.hear(&heard, &mut out);
    for (second, events) in [(1, 0), (50, 0), (100, 1), (200, 1)] {
        neighbours.tick(Timestamp::new(second, 0), &mut out);
        assert_eq!(out.events.len(), events, "after {second} s");
    }
    // Once a wrong clock was believed, time goes on as before.
    neighbours.tick(Timestamp::new(1 << 32, 0), &mut out);
    let later = Heard {
        time: Timestamp::new(300, 0),
        ..heard
    };
    neighbours.hear(&later, &mut out);
    for (second, events) in [(301, 1), (320, 1), (365, 2)] {
        neighbours.tick(Timestamp::new(second, 0), &mut out);
        assert_eq!(out.events.len(), events, "after {second} s");
    }
}

/// A field of LLDP.
fn field(kind: u8, value: &[u8]) -> Vec<u8> {
    [&[kind << 1, value.len() as u8], value].concat()
}

#[test]
fn devices_say_what_they_are_once() {
    let frame = [
        field(1, &[4, 0, 0x1b, 0x21, 1, 2, 3]),
        field(2, b"\x05ge-0/0/1"),
        field(5, b"switch-7"),
        field(6, b"Acme OS 7.1"),
        field(8, &[5, 1, 10, 0, 0, 7, 2, 0, 0, 0, 1, 0]),
        field(127, &[0, 0x80, 0xc2, 1, 0, 20]),
        field(0, b""),
    ]
    .concat();
    let events = said(Neighbourly::Lldp, A, &[frame.clone(), frame]);
    let [event] = events.as_slice() else {
        panic!("{events:?}")
    };
    let Exchange::Discovery(device) = &event.exchange else {
        panic!("{event:?}")
    };
    let texts = [&device.device, &device.port, &device.name, &device.software];
    let texts = texts.map(|text| text.as_ref().map(|text| text.raw()));
    assert_eq!(
        texts,
        [
            Some("00:1b:21:01:02:03"),
            Some("ge-0/0/1"),
            Some("switch-7"),
            Some("Acme OS 7.1")
        ]
    );
    assert_eq!(
        (device.addresses.len(), device.native_vlan, device.mac),
        (1, Some(20), Some(Mac(A)))
    );
    assert_eq!(event.originator.to_string(), "10.0.0.7:0");
}

#[test]
fn cisco_has_a_way_of_its_own() {
    let field = |kind: u8, value: &[u8]| [&[0, kind, 0, value.len() as u8 + 4], value].concat();
    let frame = [
        vec![2, 180, 0, 0],
        field(1, b"router-1"),
        field(2, &[0, 0, 0, 1, 1, 1, 0xcc, 0, 4, 10, 0, 0, 1]),
        field(3, b"Gi0/1"),
        field(5, b"IOS 15"),
        field(6, b"cisco 2811"),
        field(10, &[0, 9]),
    ]
    .concat();
    let events = said(Neighbourly::Cdp, A, &[frame]);
    let Some(Exchange::Discovery(device)) = events.first().map(|event| &event.exchange) else {
        panic!("{events:?}")
    };
    let texts = [&device.device, &device.port, &device.platform, &device.software];
    let texts = texts.map(|text| text.as_ref().map(|text| text.raw()));
    assert_eq!(
        texts,
        [Some("router-1"), Some("Gi0/1"), Some("cisco 2811"), Some("IOS 15")]
    );
    assert_eq!((device.addresses.len(), device.native_vlan), (1, Some(9)));
}

#[test]
fn what_is_none_says_nothing() {
    for bytes in [
        b"".as_slice(),
        b"\x02",
        b"\x04\x01x",
        b"\x02\xff",
        &[2, 0, 0, 0, 0, 1, 0, 0],
        &[9; 50],
    ] {
        let frames = [bytes.to_vec()];
        for kind in [Neighbourly::Arp, Neighbourly::Lldp, Neighbourly::Cdp] {
            assert!(said(kind, A, &frames).is_empty(), "{kind:?} {bytes:?}");
        }
    }
}
