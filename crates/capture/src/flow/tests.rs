//! Flows of packets that are made here.

mod ended;

use super::community_id::community_id;
use super::*;
use crate::batch::Batch;
use crate::{Block, Frame, Icmp, LinkType, Packet, Ports, Tcp, TcpFlags, Transport};
use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::{Arc, LazyLock};
use watchfire_model::network::{Exchange, Flow};

static HASHER: LazyLock<KeyHasher> = LazyLock::new(KeyHasher::default);

const CLIENT: (&str, u16) = ("10.0.0.1", 40_000);
const SERVER: (&str, u16) = ("192.0.2.7", 80);

fn packet(from: (&str, u16), to: (&str, u16), protocol: u8, transport: Transport, length: u32) -> Packet {
    Packet {
        ethernet: None,
        vlan: None,
        tunnels: Vec::new(),
        source: from.0.parse().unwrap(),
        destination: to.0.parse().unwrap(),
        protocol,
        hops: 64,
        length: length + 40,
        fragment: None,
        transport,
        payload: Range::default(),
        payload_length: length,
    }
}

fn segment(from: (&str, u16), to: (&str, u16), flags: u8, sequence: u32, acknowledged: u32, length: u32) -> Packet {
    let tcp = Tcp {
        ports: Ports {
            source: from.1,
            destination: to.1,
        },
        sequence,
        acknowledged,
        flags: TcpFlags(flags),
        window: 1_000,
    };
    packet(from, to, 6, Transport::Tcp(tcp), length)
}

fn datagram(from: (&str, u16), to: (&str, u16), length: u32) -> Packet {
    let ports = Ports {
        source: from.1,
        destination: to.1,
    };
    packet(from, to, 17, Transport::Udp(ports), length)
}

/// Tells a table of the packet of a frame that has no bytes.
fn tell(table: &mut FlowTable, number: u64, time: Timestamp, packet: &Packet, out: &mut Said) {
    tell_bytes(table, number, time, packet, b"", out);
}

/// Tells a table of the packet of a frame that holds nothing but its payload.
fn tell_bytes(table: &mut FlowTable, number: u64, time: Timestamp, packet: &Packet, bytes: &[u8], out: &mut Said) {
    let frame = Frame {
        number,
        time,
        link: LinkType(101),
        interface: 0,
        length: bytes.len() as u32,
        start: 0,
        captured: bytes.len() as u32,
    };
    let block = Block {
        frames: vec![frame],
        bytes: bytes.to_vec(),
        ..Block::default()
    };
    let mut batch = Batch::default();
    batch.clear(1, &Arc::new(block));
    let hash = |key: &FlowKey| HASHER.hash_one(key);
    batch.add((0, &frame), packet, None, None, hash);
    table.packets(&batch, batch.of(0), out);
}

/// The flows of packets, each so many seconds after the first.
fn flows(packets: &[(f64, Packet)]) -> Vec<Flow> {
    let mut table = FlowTable::new(1_000, 1 << 20, Depth::Everything);
    let mut out = Said::default();
    for (at, (seconds, packet)) in packets.iter().enumerate() {
        let time = Timestamp::from_nanoseconds((seconds * 1e9) as i64);
        tell(&mut table, at as u64 + 1, time, packet, &mut out);
    }
    table.finish(&mut out);
    out.flows.sort_by_key(|flow| flow.first_frame);
    out.flows
}

/// A connection in words: `>S` is a SYN of the client, `<H` a SYN and ACK of the server, `A` an ACK, `D` a hundred bytes, `F`
/// a FIN and `R` a RST.
fn connection(words: &str) -> Vec<(f64, Packet)> {
    let (mut client, mut server) = (1_000_u32, u32::MAX - 50);
    let mut packets = Vec::new();
    for (at, word) in words.split(' ').enumerate() {
        let (direction, kind) = word.split_at(1);
        let (flags, length) = match kind {
            "S" => (0x02, 0),
            "H" => (0x12, 0),
            "A" => (0x10, 0),
            "D" => (0x18, 100),
            "F" => (0x11, 0),
            "R" => (0x04, 0),
            other => panic!("{other}"),
        };
        let span = length + u32::from(flags & 0x03 != 0);
        let packet = if direction == ">" {
            let packet = segment(CLIENT, SERVER, flags, client, server, length);
            client = client.wrapping_add(span);
            packet
        } else {
            let packet = segment(SERVER, CLIENT, flags, server, client, length);
            server = server.wrapping_add(span);
            packet
        };
        packets.push((at as f64 * 0.1, packet));
    }
    packets
}

fn check(words: &str, state: &str, history: &str, bytes: (u64, u64)) {
    let flows = flows(&connection(words));
    let [flow] = flows.as_slice() else {
        panic!("{words}: {flows:#?}")
    };
    let said = (
        flow.state.as_str(),
        flow.history.as_str(),
        (flow.sent.bytes, flow.received.bytes),
    );
    assert_eq!(said, (state, history, bytes), "{words}");
    let originator = (flow.originator.address.to_string(), flow.originator.port);
    assert_eq!(originator, (CLIENT.0.to_owned(), CLIENT.1), "{words}");
}

#[test]
fn a_connection_is_told_by_how_it_begins_and_ends() {
    check(">S", "S0", "S", (0, 0));
    check(">S <H >A", "S1", "ShA", (0, 0));
    check(">S <H >A >D <A <D >A", "S1", "ShADad", (100, 100));
    check(">S <H >A >D <D >F <A", "S2", "ShADdFa", (100, 100));
    check(">S <H >A >D <D <F >A", "S3", "ShADdf", (100, 100));
    check(">S <H >A >D <D >F <F >A", "SF", "ShADdFf", (100, 100));
    check(">S <R", "REJ", "Sr", (0, 0));
    check(">S <H >A >D >R", "RSTO", "ShADR", (100, 0));
    check(">S <H >A >D <R", "RSTR", "ShADr", (100, 0));
    check(">S >R", "RSTOS0", "SR", (0, 0));
    check(">S >F", "SH", "SF", (0, 0));
}

#[test]
fn where_the_beginning_was_not_seen_ports_tell_who_asked() {
    check("<H <R", "RSTRH", "^hr", (0, 0));
    check("<H <F", "SHR", "^hf", (0, 0));
    check("<D >D <D", "OTH", "^dD", (100, 200));
    check("<H >A >D <F >F", "SF", "^hADfF", (100, 0));
}

#[test]
fn what_is_sent_again_is_counted_once_and_said() {
    let mut packets = connection(">S <H >A >D <D");
    let again = packets[3].1.clone();
    for at in 0..12 {
        packets.push((1.0 + f64::from(at), again.clone()));
    }
    let flows = flows(&packets);
    assert_eq!(flows.len(), 1);
    assert_eq!((flows[0].sent.bytes, flows[0].sent.packets), (100, 15));
    assert_eq!(flows[0].history, "ShADdTT");
}

#[test]
fn silence_ends_a_flow_and_so_does_another_connection() {
    let at = |packets: &[(f64, Packet)], later: f64| -> Vec<(f64, Packet)> {
        packets
            .iter()
            .map(|(seconds, packet)| (seconds + later, packet.clone()))
            .collect()
    };
    let (asked, open, closed) = (
        connection(">S"),
        connection(">S <H >A >D"),
        connection(">S <H >A >F <F >A"),
    );
    let states = |packets: Vec<(f64, Packet)>| -> Vec<&'static str> {
        flows(&packets).iter().map(|flow| flow.state.as_str()).collect()
    };
    // The same question again, soon and late.
    assert_eq!(states([at(&asked, 0.0), at(&asked, 3.0)].concat()), ["S0"]);
    assert_eq!(states([at(&asked, 0.0), at(&asked, 6.0)].concat()), ["S0", "S0"]);
    // Data goes on after a pause, and not after a long one.
    assert_eq!(states([at(&open, 0.0), at(&open[3..], 200.0)].concat()), ["S1"]);
    assert_eq!(states([at(&open, 0.0), at(&open[3..], 301.0)].concat()), ["S1", "OTH"]);
    // The ports are used again at once.
    assert_eq!(states([at(&closed, 0.0), at(&closed, 1.0)].concat()), ["SF", "SF"]);
}

#[test]
fn datagrams_are_told_by_who_sent_any() {
    let ask = || datagram(("10.0.0.1", 5_000), ("192.0.2.7", 53), 30);
    let answer = || datagram(("192.0.2.7", 53), ("10.0.0.1", 5_000), 200);
    let said = |packets: &[(f64, Packet)]| -> Vec<(&'static str, String, u16, u64, u64)> {
        let flows = flows(packets);
        let one = |flow: &Flow| {
            (
                flow.state.as_str(),
                flow.history.clone(),
                flow.originator.port,
                flow.sent.bytes,
                flow.received.bytes,
            )
        };
        flows.iter().map(one).collect()
    };
    assert_eq!(
        said(&[(0.0, ask()), (1.0, answer())]),
        [("SF", "Dd".into(), 5_000, 30, 200)]
    );
    assert_eq!(said(&[(0.0, ask())]), [("S0", "D".into(), 5_000, 30, 0)]);
    assert_eq!(said(&[(0.0, answer())]), [("SHR", "^d".into(), 5_000, 0, 200)]);
    let pause = [(0.0, ask()), (61.0, ask())];
    assert_eq!(said(&pause).len(), 2);
}

#[test]
fn addresses_of_ipv4_and_their_twins_of_ipv6_are_others() {
    let found = flows(&[
        (0.0, datagram(("10.0.0.1", 5_000), ("192.0.2.7", 53), 30)),
        (0.1, datagram(("::ffff:10.0.0.1", 5_000), ("::ffff:192.0.2.7", 53), 30)),
        (0.2, datagram(("192.0.2.7", 53), ("10.0.0.1", 5_000), 40)),
    ]);
    let said: Vec<(String, u64, u64)> = found
        .iter()
        .map(|flow| {
            (
                flow.responder.address.to_string(),
                flow.sent.packets,
                flow.received.packets,
            )
        })
        .collect();
    assert_eq!(
        said,
        [("192.0.2.7".to_owned(), 1, 1), ("::ffff:192.0.2.7".to_owned(), 1, 0)]
    );
}

#[test]
fn messages_of_icmp_and_their_answers_are_one_flow() {
    let icmp = |from, to, kind, id| {
        packet(
            (from, 0),
            (to, 0),
            1,
            Transport::Icmp(Icmp {
                kind,
                code: 0,
                id,
                rest: [0; 4],
            }),
            56,
        )
    };
    let (a, b) = ("10.0.0.1", "10.0.0.2");
    let found = flows(&[
        (0.0, icmp(a, b, 8, 1)),
        (0.1, icmp(b, a, 0, 1)),
        (0.2, icmp(b, a, 11, 0)),
    ]);
    let said: Vec<(u16, u16, u64, u64)> = found
        .iter()
        .map(|flow| {
            (
                flow.originator.port,
                flow.responder.port,
                flow.sent.bytes,
                flow.received.bytes,
            )
        })
        .collect();
    assert_eq!(said, [(8, 0, 56, 56), (11, 0, 56, 0)]);
}

#[test]
fn who_was_silent_longest_goes_where_there_are_too_many() {
    let mut table = FlowTable::new(3, 1 << 20, Depth::Everything);
    let mut out = Said::default();
    for (frame, port) in [1, 2, 3, 1, 4, 5].into_iter().enumerate() {
        let packet = datagram(("10.0.0.1", port), ("10.0.0.2", 9), 1);
        tell(
            &mut table,
            frame as u64,
            Timestamp::new(frame as i64, 0),
            &packet,
            &mut out,
        );
    }
    let gone: Vec<u16> = out.flows.iter().map(|flow| flow.originator.port).collect();
    assert_eq!(gone, [2, 3]);
    assert_eq!(table.evicted(), 2);
}

#[test]
fn a_tick_ends_what_is_silent_and_nothing_else() {
    let mut table = FlowTable::new(100, 1 << 20, Depth::Everything);
    let mut out = Said::default();
    for (frame, port) in [1_u16, 2, 3].into_iter().enumerate() {
        let packet = datagram(("10.0.0.1", port), ("10.0.0.2", 9), 1);
        tell(
            &mut table,
            frame as u64,
            Timestamp::new(i64::from(port) * 30, 0),
            &packet,
            &mut out,
        );
    }
    table.tick(Timestamp::new(125, 0), &mut out);
    let gone: Vec<u16> = out.flows.iter().map(|flow| flow.originator.port).collect();
    assert_eq!(gone, [1, 2]);
}

#[test]
fn the_calendar_forgets_flows_that_are_gone() {
    let mut table = FlowTable::new(1_000, 1 << 20, Depth::Flows);
    let mut out = Said::default();
    // Somebody asks, is answered and closes, ten thousand times in the same second and then for a minute.
    for round in 0..20_000_u32 {
        let time = Timestamp::new(i64::from(round.saturating_sub(10_000) / 160), 0);
        let client = (CLIENT.0, 1_000 + (round % 50_000) as u16);
        let mut say =
            |number: u64, packet: &Packet| tell(&mut table, u64::from(round) * 4 + number, time, packet, &mut out);
        say(1, &segment(client, SERVER, 0x02, round, 0, 0));
        say(2, &segment(SERVER, client, 0x12, 7, round + 1, 0));
        say(3, &segment(client, SERVER, 0x04, round + 1, 8, 0));
        say(4, &segment(client, SERVER, 0x02, round + 9, 0, 0));
        if round % 256 == 255 {
            table.tick(time, &mut out);
            let (entries, places) = (table.calendar.len(), table.flows.open.len());
            assert!(
                places <= 1_000 && entries <= 2 * places + FORGOTTEN,
                "{entries} entries"
            );
        }
    }
    assert!(table.evicted() > 1_000);
    table.finish(&mut out);
    assert_eq!(out.flows.len(), 40_000);
}

#[test]
fn nobody_can_choose_addresses_whose_flows_are_looked_for_at_one_place() {
    // With `c0ac:29b7:c97c:50dd` in front, all addresses once led to the same place, and each packet looked at all flows.
    for prefix in ["c0ac:29b7:c97c:50dd", "2001:db8:0:1"] {
        let hashes = (0..4_000_u16).map(|host| {
            let source = format!("{prefix}::{host:x}");
            HASHER.hash_one(FlowKey::of(&datagram((&source, 9), ("2001:db8::7", 9), 1)).0)
        });
        let hashes: BTreeSet<u64> = hashes.collect();
        assert!(hashes.len() > 3_990, "{prefix}: {} of 4000 differ", hashes.len());
    }
}

#[test]
fn tables_have_about_the_same_number_of_flows() {
    let fullest = |key: fn(u16) -> FlowKey| {
        let mut tables = [0; 16];
        (0..16_000).for_each(|number| tables[key(number).table(16)] += 1);
        tables.into_iter().max().unwrap()
    };
    let ports = |number| FlowKey::of(&datagram(("10.0.0.1", number), SERVER, 1)).0;
    let hosts = |number: u16| {
        let [high, low] = number.to_be_bytes();
        FlowKey::of(&datagram((&format!("10.0.{high}.{low}"), 53), SERVER, 1)).0
    };
    let both = |number: u16| {
        let (host, port) = (format!("2001:db8::{:x}", number % 250), 40_000 + number / 250);
        FlowKey::of(&datagram((&host, port), ("2001:db8:1::1", 443), 1)).0
    };
    let networks = |number: u16| FlowKey::of(&datagram((&format!("2001:{number:x}::1"), 53), ("2001:db8::1", 53), 1)).0;
    for key in [ports, hosts, both, networks] {
        assert!(fullest(key) < 1_150, "{}", fullest(key));
    }
}

#[test]
fn community_ids_are_those_of_the_specification() {
    let tcp = |from, to| segment(from, to, 0x02, 1, 0, 0);
    let (a, b) = (("1.2.3.4", 1_122), ("5.6.7.8", 3_344));
    let icmp = |from: (&str, u16), to: (&str, u16), kind| {
        packet(
            from,
            to,
            1,
            Transport::Icmp(Icmp {
                kind,
                code: 0,
                id: 0,
                rest: [0; 4],
            }),
            8,
        )
    };
    let id = |packet: &Packet| {
        let (key, from_second) = FlowKey::of(packet);
        community_id(&key.ends(from_second), packet.protocol, 0)
    };
    for (packet, expected) in [
        (tcp(a, b), "1:wCb3OG7yAFWelaUydu0D+125CLM="),
        (tcp(b, a), "1:wCb3OG7yAFWelaUydu0D+125CLM="),
        (datagram(a, b, 0), "1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg="),
        (icmp(a, b, 8), "1:crodRHL2FEsHjbv3UkRrfbs4bZ0="),
        (icmp(b, a, 0), "1:crodRHL2FEsHjbv3UkRrfbs4bZ0="),
        (icmp(a, b, 11), "1:f/YiSyWqczrTgfUCZlBUnvHRcPk="),
        (packet(a, b, 46, Transport::Other, 8), "1:ikv3kmf89luf73WPz1jOs49S768="),
    ] {
        assert_eq!(id(&packet), expected, "{packet:?}");
    }
}

/// Tells a table of a first segment with this text, and says what needs so much memory then.
fn speak(table: &mut FlowTable, frame: u64, port: u16, text: &[u8], out: &mut Said) {
    let mut packet = segment(("10.0.0.1", port), SERVER, 0x18, 1, 1, text.len() as u32);
    packet.payload = 0..text.len() as u32;
    tell_bytes(
        table,
        frame,
        Timestamp::new(frame as i64 / 1_000, 0),
        &packet,
        text,
        out,
    );
}

#[test]
fn conversations_that_tell_nothing_are_let_go_where_there_are_too_many() {
    let mut table = FlowTable::new(10_000, 100_000, Depth::Everything);
    let mut out = Said::default();
    // Somebody asks for a page, slowly; two thousand others say what nobody knows.
    speak(&mut table, 1, 1_000, b"GET / HTTP/1.1\r\n", &mut out);
    for frame in 2..2_002_u16 {
        speak(&mut table, frame.into(), 1_000 + frame, &[b'x'; 1_900], &mut out);
        let mut packet = segment(("10.0.0.1", 1_000), SERVER, 0x10, 17, 1, 0);
        packet.payload = 0..0;
        tell(&mut table, frame.into(), Timestamp::new(2, 0), &packet, &mut out);
        assert!(!table.load.is_full());
    }
    assert!((1_900..2_000).contains(&table.let_go()), "{}", table.let_go());
    let mut packet = segment(("10.0.0.1", 1_000), SERVER, 0x18, 17, 1, 21);
    packet.payload = 0..21;
    let rest = b"Host: web.example\r\n\r\n";
    tell_bytes(&mut table, 3_000, Timestamp::new(3, 0), &packet, rest, &mut out);
    table.finish(&mut out);
    let pages = out
        .events
        .iter()
        .filter(|event| matches!(event.exchange, Exchange::Http(_)));
    assert_eq!((out.flows.len(), pages.count()), (2_001, 1));
}
