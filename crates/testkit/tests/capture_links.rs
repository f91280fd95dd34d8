//! Frames of every link and tunnel come down to the packet that was put in, whole or cut; what is no packet is named.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use watchfire_capture::{
    Arp, EtherType, Fragment, FrameReader, Icmp, LinkType, Options, Packet, Ports, Reassembler, Sink, Transport, Why,
    decode, read,
};
use watchfire_model::network::{Event, Flow};
use watchfire_testkit::capture::{
    DESTINATION, Pcap, SOURCE, Segment, arp, ethernet, fragments, frame, gre, icmp_echo, ip, mpls, tcp, udp, vlan,
    vxlan,
};

const ONE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const TWO: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
const ENDS: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(203, 0, 113, 1), Ipv4Addr::new(203, 0, 113, 2));

fn at(address: Ipv4Addr, port: u16) -> SocketAddr {
    SocketAddr::new(address.into(), port)
}

/// A question to port 53 with 10 bytes.
fn question() -> Vec<u8> {
    udp(at(ONE, 50_000), at(TWO, 53), b"what is it")
}

/// The same over IPv6.
fn question_6() -> Vec<u8> {
    let at = |text: &str| text.parse().expect("an address");
    udp(at("[2001:db8::1]:50000"), at("[2001:db8::2]:53"), b"what is it")
}

fn packet(link: u16, bytes: &[u8]) -> Result<Packet, Why> {
    decode(LinkType(link), bytes, bytes.len() as u32).map_err(|undecoded| undecoded.why)
}

/// The frame is the question, in these tunnels; so it is with padding behind it, and no cut of it makes it another.
#[track_caller]
fn check(link: u16, bytes: &[u8], tunnels: &[&str]) -> Packet {
    let found = packet(link, bytes).expect("a packet");
    let kinds: Vec<&str> = found.tunnels.iter().map(|tunnel| tunnel.kind).collect();
    assert_eq!(kinds, tunnels);
    assert!(found.source == ONE || found.source == "2001:db8::1".parse::<IpAddr>().expect("an address"));
    let ports = Ports {
        source: 50_000,
        destination: 53,
    };
    assert_eq!(found.transport, Transport::Udp(ports));
    assert_eq!((found.protocol, found.hops, found.payload_length), (17, 64, 10));
    let payload = found.payload.start as usize..found.payload.end as usize;
    assert_eq!(&bytes[payload], b"what is it");
    assert_eq!(
        packet(link, &[bytes, &[0; 18]].concat()).as_ref(),
        Ok(&found),
        "padding counts"
    );
    for cut in 0..bytes.len() {
        let Ok(less) = decode(LinkType(link), &bytes[..cut], bytes.len() as u32) else {
            continue;
        };
        assert!(less.payload.end as usize <= cut);
        if less.tunnels.len() == found.tunnels.len() {
            assert_eq!((less.source, less.length), (found.source, found.length));
        }
    }
    found
}

#[test]
fn ethernet_and_its_tags_come_down_to_the_packet() {
    let plain = check(1, &frame(&question()), &[]);
    let addresses = plain.ethernet.expect("addresses");
    assert_eq!((addresses.source, addresses.destination), (SOURCE, DESTINATION));
    assert_eq!((plain.length, plain.vlan), (38, None));
    check(1, &frame(&question_6()), &[]);
    assert_eq!(check(1, &vlan(5, &question()), &[]).vlan, Some(5));
    let tagged = |outer: u16, id: u8| {
        let tags = [&[0, id], &[0x81, 0][..], &[0, 6, 8, 0], &question()].concat();
        ethernet(outer, &tags)
    };
    assert_eq!(check(1, &tagged(0x88a8, 4), &[]).vlan, Some(4));
    assert_eq!(check(1, &tagged(0x9100, 3), &[]).vlan, Some(3));
    let snap = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], &question()].concat();
    check(1, &ethernet(snap.len() as u16, &snap), &[]);
    check(1, &ethernet(0x8847, &mpls(&[16, 17], &question())), &[]);
    let wire = [&[0; 4][..], &frame(&question())].concat();
    check(1, &ethernet(0x8847, &mpls(&[18], &wire)), &[]);
    let session = [&[0x11, 0, 0, 1, 0, 40, 0, 0x21][..], &question()].concat();
    check(1, &ethernet(0x8864, &session), &[]);
    let provider = [&[0, 0, 0, 9][..], &frame(&question())].concat();
    check(1, &ethernet(0x88e7, &provider), &[]);
    let virtual_port = [&[0, 0, 0, 9, 8, 0][..], &question()].concat();
    check(1, &ethernet(0x8926, &virtual_port), &[]);
    let clear = [&[0, 0, 0, 0, 0, 1, 8, 0][..], &question()].concat();
    check(1, &ethernet(0x88e5, &clear), &[]);
}

#[test]
fn other_links_come_down_to_the_packet() {
    let links: &[(u16, &[u8])] = &[
        (12, &[]),
        (14, &[]),
        (101, &[]),
        (228, &[]),
        (0, &[2, 0, 0, 0]),
        (0, &[0, 0, 0, 2]),
        (108, &[0, 0, 0, 2]),
        (113, &[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0]),
        (276, &[8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]),
        (9, &[0xff, 3, 0, 0x21]),
        (9, &[0x21]),
        (50, &[0x0f, 0, 8, 0]),
        (51, &[0x11, 0, 0, 1, 0, 40, 0, 0x21]),
        (166, &[0, 0, 0x21]),
        (104, &[0x0f, 0, 8, 0]),
        (107, &[0x18, 0x41, 3, 0xcc]),
        (107, &[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0]),
        (107, &[0x18, 0x41, 8, 0]),
        (117, &[5, 2, 0, 0, 0, 0, 0, 0]),
        (219, &[0, 1, 1, 64]),
        (239, &[2, 0, 0, 1, 8, 0, 1, 0, 8, 0, 1, 0, 42, 0, 9, 0]),
        (100, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]),
        (109, &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for (link, header) in links {
        check(*link, &[header, &question()[..]].concat(), &[]);
    }
    check(229, &question_6(), &[]);
    for family in [10, 23, 24, 28, 30] {
        check(0, &[&[family, 0, 0, 0], &question_6()[..]].concat(), &[]);
    }
    let cooked = [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0][..], &question()].concat();
    assert_eq!(check(113, &cooked, &[]).ethernet.map(|one| one.source), Some(SOURCE));
}

/// A data frame of 802.11 with these flags, padded if asked for.
fn wireless(kind: u8, flags: u8, behind: &[u8]) -> Vec<u8> {
    let mut made = vec![kind, flags, 0, 0];
    for address in 1..=3 {
        made.extend([address; 6]);
    }
    made.extend([0, 0]);
    if flags & 3 == 3 {
        made.extend([4; 6]);
    }
    if kind & 0x80 != 0 {
        made.extend([0, 0]);
    }
    made.extend(behind);
    made.extend([0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
    made.extend(question());
    made
}

#[test]
fn wireless_links_come_down_to_the_packet() {
    let addresses = |flags| {
        let found = check(105, &wireless(0x08, flags, &[]), &[])
            .ethernet
            .expect("addresses");
        (found.source[0], found.destination[0])
    };
    assert_eq!([0, 1, 2, 3].map(addresses), [(2, 1), (2, 3), (3, 1), (4, 3)]);
    check(105, &wireless(0x88, 1, &[]), &[]);
    let behind = |header: &[u8]| [header, &wireless(0x08, 1, &[])[..]].concat();
    check(127, &behind(&[0, 0, 8, 0, 0, 0, 0, 0]), &[]);
    // Fields: a time, then flags that say that the header is padded.
    let padded = [0, 0, 17, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20];
    check(127, &[&padded[..], &wireless(0x88, 1, &[0, 0])].concat(), &[]);
    let mut prism = vec![0; 144];
    prism[4] = 144;
    check(119, &behind(&prism), &[]);
    let mut avs = vec![0x80, 0x21, 0x10, 1, 0, 0, 0, 64];
    avs.resize(64, 0);
    check(163, &behind(&avs), &[]);
    check(119, &behind(&avs), &[]);
    check(192, &behind(&[0, 0, 8, 0, 105, 0, 0, 0]), &[]);
    assert_eq!(packet(105, &wireless(0x08, 0x41, &[])), Err(Why::Encrypted));
    assert_eq!(packet(105, &wireless(0x80, 0, &[])), Err(Why::Management));
}

/// A data frame of 802.15.4 from 00:00:00:00:00:00:00:01 to 0x0002, in one network, with its checksum.
fn sensor(payload: &[u8]) -> Vec<u8> {
    let header = [0x41, 0xd8, 9, 0xcd, 0xab, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    [&header[..], payload, &[0xee, 0xee]].concat()
}

#[test]
fn sensors_compress_headers_and_lose_nothing() {
    let found = packet(195, &sensor(&[&[0x41][..], &question_6()].concat())).expect("a packet");
    assert_eq!((found.payload_length, found.hops), (10, 64));
    // Everything is left out: addresses of the link, 64 hops, ports near 0xf0b0.
    let found = packet(195, &sensor(&[0x7e, 0x33, 0xf3, 0x12, 0, 0, b'h', b'i'])).expect("a packet");
    assert_eq!(found.source, "fe80::200:0:0:1".parse::<IpAddr>().expect("an address"));
    assert_eq!(
        found.destination,
        "fe80::ff:fe00:2".parse::<IpAddr>().expect("an address")
    );
    let ports = Ports {
        source: 0xf0b1,
        destination: 0xf0b2,
    };
    assert_eq!(
        (found.transport, found.payload_length, found.length),
        (Transport::Udp(ports), 2, 50)
    );
    assert_eq!(found.payload, 21..23);
    // To a group, ICMP, both as they stand.
    let echo = [0x7b, 0x3b, 58, 1, 128, 0, 0, 0, 0, 7, 0, 1, 1, 2, 3];
    let found = packet(195, &sensor(&echo)).expect("a packet");
    assert_eq!(found.destination, "ff02::1".parse::<IpAddr>().expect("an address"));
    let icmp = Icmp {
        kind: 128,
        code: 0,
        id: 7,
        rest: [0, 7, 0, 1],
    };
    assert_eq!(
        (found.transport, found.hops, found.payload_length),
        (Transport::Icmp(icmp), 255, 3)
    );
    // The prefix is known in the network alone.
    assert_eq!(
        packet(195, &sensor(&[0x7b, 0x77, 58, 128, 0, 0, 0])),
        Err(Why::Encrypted)
    );
}

#[test]
fn tunnels_are_gone_through() {
    let inner = question();
    let in_ip = |protocol, bytes: &[u8]| ip(ENDS.0.into(), ENDS.1.into(), protocol, bytes);
    let in_udp = |port, bytes: &[u8]| udp(at(ENDS.0, 40_000), at(ENDS.1, port), bytes);
    let with = |header: &[u8], bytes: &[u8]| [header, bytes].concat();
    let six = question_6();
    let found = check(101, &in_ip(4, &inner), &["ip"]);
    assert_eq!(
        (found.tunnels[0].source, found.tunnels[0].destination),
        (ENDS.0.into(), ENDS.1.into())
    );
    let whole = frame(&inner);
    let cases: Vec<(Vec<u8>, &[&str])> = vec![
        (in_ip(41, &six), &["ip"]),
        (gre(ENDS.0, ENDS.1, &inner), &["gre"]),
        (gre(ENDS.0, ENDS.1, &gre(ENDS.1, ENDS.0, &six)), &["gre", "gre"]),
        (in_ip(47, &with(&[0, 0, 0x65, 0x58], &whole)), &["gre"]),
        (in_ip(47, &with(&[0, 0, 0x88, 0xbe], &whole)), &["erspan"]),
        (
            in_ip(
                47,
                &with(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], &whole),
            ),
            &["erspan"],
        ),
        (
            in_ip(
                47,
                &with(
                    &[0x30, 1, 0x88, 0x0b, 0, 42, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21],
                    &inner,
                ),
            ),
            &["pptp"],
        ),
        (in_ip(97, &with(&[0x30, 0], &whole)), &["etherip"]),
        (in_ip(137, &mpls(&[20], &inner)), &["mpls"]),
        (vxlan(ENDS.0.into(), ENDS.1.into(), 7, &whole), &["vxlan"]),
        (in_udp(8472, &with(&[8, 0, 0, 0, 0, 0, 1, 0], &whole)), &["vxlan"]),
        (
            in_udp(6081, &with(&[1, 0, 0x65, 0x58, 0, 0, 1, 0, 0, 0, 0, 0], &whole)),
            &["geneve"],
        ),
        (in_udp(2152, &with(&[0x30, 255, 0, 38, 0, 0, 0, 1], &inner)), &["gtp"]),
        (
            in_udp(
                2152,
                &with(&[0x34, 255, 0, 46, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0], &inner),
            ),
            &["gtp"],
        ),
        (in_udp(3544, &six), &["teredo"]),
        (in_udp(32_900, &question_of_teredo()), &["teredo"]),
        (in_udp(3544, &with(&[0, 0, 1, 2, 3, 4, 5, 6], &six)), &["teredo"]),
        (
            in_udp(1701, &with(&[0, 2, 0, 1, 0, 1, 0xff, 3, 0, 0x21], &inner)),
            &["l2tp"],
        ),
        (in_udp(6635, &mpls(&[16], &inner)), &["mpls"]),
        (
            in_udp(
                5072,
                &with(&[0x44, 0x52, 0x11, 41, 0, 0, 0, 1], &[&[0; 36][..], &six].concat()),
            ),
            &["ayiya"],
        ),
    ];
    for (bytes, tunnels) in &cases {
        check(101, bytes, tunnels);
        check(1, &frame(bytes), tunnels);
    }
}

#[test]
fn a_port_alone_makes_no_tunnel() {
    for port in [1701, 2152, 3544, 4754, 4789, 4790, 5072, 6081, 6635, 8472] {
        for payload in [
            &b"E is the first letter of this text"[..],
            &[0x45; 60],
            &[0x60; 60],
            &[8; 60],
            b"",
        ] {
            let found = packet(101, &udp(at(ONE, 50_000), at(TWO, port), payload)).expect("a packet");
            assert_eq!(found.tunnels, [], "port {port}");
            assert_eq!(found.payload_length as usize, payload.len());
        }
    }
    // The header of VXLAN without its flag, and a packet whose header is not right.
    let mut other = vxlan(ENDS.0.into(), ENDS.1.into(), 7, &frame(&question()));
    other[28] = 0;
    assert_eq!(packet(101, &other).expect("a packet").tunnels, []);
    let mut wrong = vxlan(
        ENDS.0.into(),
        ENDS.1.into(),
        7,
        &[frame(&question()), vec![0; 4]].concat(),
    );
    wrong[60] ^= 1;
    assert_eq!(packet(101, &wrong).expect("a packet").tunnels, []);
}

/// The question between an address of Teredo's and another.
fn question_of_teredo() -> Vec<u8> {
    let from = "2001:db8::1".parse().expect("an address");
    let to = "2001:0:4137:9e50::2".parse().expect("an address");
    udp(SocketAddr::new(from, 50_000), SocketAddr::new(to, 53), b"what is it")
}

#[test]
fn teredo_between_any_ports_has_its_addresses_and_its_length() {
    let of = |payload: &[u8]| packet(101, &udp(at(ONE, 50_000), at(TWO, 32_900), payload)).expect("a packet");
    assert_eq!(of(&question_of_teredo()).tunnels.len(), 1);
    assert_eq!(of(&question_6()).tunnels, [], "other addresses");
    let longer = [&question_of_teredo()[..], b"x"].concat();
    assert_eq!(of(&longer).tunnels, [], "another length");
    assert_eq!(of(&question_of_teredo()[..39]).tunnels, [], "no whole header");
}

/// The flows of frames, in a word each: who speaks to whom, packets, bytes, what is spoken, and whether it carries.
fn flows(frames: &[Vec<u8>]) -> Vec<String> {
    #[derive(Default)]
    struct Heard(Vec<String>);
    impl Sink for Heard {
        fn event(&mut self, _event: &Event) {}

        fn flow(&mut self, flow: &Flow) {
            let (from, to) = (flow.originator, flow.responder);
            self.0.push(format!(
                "{}:{} {}:{} {} {} {} {:?} {:?} {}",
                from.address,
                from.port,
                to.address,
                to.port,
                flow.sent.packets,
                flow.sent.bytes,
                flow.sent.ip_bytes,
                flow.services,
                flow.tunnels,
                flow.carries
            ));
        }
    }
    let mut file = Pcap::new(1);
    for (number, bytes) in frames.iter().enumerate() {
        file = file.frame(number as u64, bytes);
    }
    let bytes = file.build();
    let of = |threads| {
        let mut heard = Heard::default();
        let options = Options {
            threads,
            ..Options::default()
        };
        read(&mut FrameReader::new(bytes.as_slice()), || None, &options, &mut heard);
        heard.0
    };
    assert_eq!(of(1), of(4), "threads change what is said");
    of(1)
}

#[test]
fn a_tunnel_over_udp_is_a_flow_that_carries_others() {
    let around = |port, packet: &[u8]| {
        let header = [8, 0, 0, 0, 0, 0, 7, 0];
        let inside = [&header[..], &frame(packet)].concat();
        udp(at(ENDS.0, port), at(ENDS.1, 4_789), &inside)
    };
    let (one, two) = (ENDS.0, ENDS.1);
    let inner = r#"192.0.2.1:50000 198.51.100.7:53"#;
    let outer =
        |port, packets, bytes, ip| format!("{one}:{port} {two}:4789 {packets} {bytes} {ip} [\"vxlan\"] [] true");
    let twice = [frame(&around(40_000, &question())), frame(&around(40_000, &question()))];
    assert_eq!(
        flows(&twice),
        [
            outer(40_000, 2, 120, 176),
            format!("{inner} 2 20 76 [] [\"vxlan\"] false")
        ]
    );
    // Pieces of the packet inside are put together, each in a datagram from another port.
    let mut pieces = fragments(&question(), 8);
    pieces.reverse();
    let pieces: Vec<Vec<u8>> = pieces
        .iter()
        .zip(40_000..)
        .map(|(piece, port)| frame(&around(port, piece)))
        .collect();
    let found = flows(&pieces);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(
        found.contains(&format!("{inner} 1 10 38 [] [\"vxlan\"] false")),
        "{found:?}"
    );
    // Pieces of the packet around are.
    let pieces: Vec<Vec<u8>> = fragments(&around(40_000, &question()), 16)
        .iter()
        .map(|piece| frame(piece))
        .collect();
    assert_eq!(
        flows(&pieces),
        [
            outer(40_000, 1, 60, 88),
            format!("{inner} 1 10 38 [] [\"vxlan\"] false")
        ]
    );
    // GRE is no datagram, and what is not entered is a flow like any other.
    let found = flows(&[frame(&gre(one, two, &question()))]);
    assert_eq!(found, [format!("{inner} 1 10 38 [] [\"gre\"] false")]);
    let found = flows(&[frame(&udp(at(one, 40_000), at(two, 4_789), b"no packet"))]);
    assert_eq!(found, [format!("{one}:40000 {two}:4789 1 9 37 [] [] false")]);
}

#[test]
fn nesting_ends() {
    let mut bytes = question();
    for _ in 0..40 {
        bytes = ip(ENDS.0.into(), ENDS.1.into(), 4, &bytes);
    }
    let found = packet(101, &bytes).expect("a packet");
    assert_eq!(found.tunnels.len(), Packet::MOST_TUNNELS);
    let tags: Vec<u8> = [0x81, 0, 0, 1].repeat(1_000);
    assert_eq!(packet(1, &ethernet(0x8100, &tags[2..])), Err(Why::Senseless));
}

#[test]
fn transports_say_their_ports_flags_and_payloads() {
    let segment = Segment {
        sequence: 7,
        acknowledged: 9,
        flags: 0x18,
    };
    let found = packet(1, &frame(&tcp(at(ONE, 1_234), at(TWO, 443), segment, b"hello"))).expect("a packet");
    let Transport::Tcp(tcp) = found.transport else {
        panic!("{found:?}");
    };
    assert_eq!((tcp.ports.source, tcp.ports.destination), (1_234, 443));
    assert_eq!(
        (tcp.sequence, tcp.acknowledged, tcp.flags.0, tcp.window),
        (7, 9, 0x18, 64_240)
    );
    assert_eq!((found.payload, found.payload_length), (54..59, 5));

    let found = packet(101, &icmp_echo(8, ONE, TWO, 77, 1, b"ping")).expect("a packet");
    let echo = Icmp {
        kind: 8,
        code: 0,
        id: 77,
        rest: [0, 77, 0, 1],
    };
    assert_eq!((found.transport, found.payload_length), (Transport::Icmp(echo), 4));

    // UDP may state less than IP.
    let mut short = udp(at(ONE, 1), at(TWO, 2), b"hello and more");
    short[25] = 13;
    let found = packet(101, &short).expect("a packet");
    assert_eq!((found.payload, found.payload_length), (28..33, 5));

    let sctp = ip(
        ONE.into(),
        TWO.into(),
        132,
        &[&[0, 1, 0, 2][..], &[0; 8], b"chunk"].concat(),
    );
    let found = packet(101, &sctp).expect("a packet");
    let ports = Ports {
        source: 1,
        destination: 2,
    };
    assert_eq!((found.transport, found.payload_length), (Transport::Sctp(ports), 5));

    let odd = packet(101, &ip(ONE.into(), TWO.into(), 6, &[0x11; 30])).expect("a packet");
    assert_eq!((odd.transport, odd.payload_length), (Transport::Other, 30));
}

#[test]
fn extension_headers_are_gone_through() {
    let (one, two): (IpAddr, IpAddr) = (
        "2001:db8::1".parse().expect("an address"),
        "2001:db8::2".parse().expect("an address"),
    );
    let datagram = &question_6()[40..];
    let options = [
        &[60, 0, 1, 4, 0, 0, 0, 0][..],
        &[51, 0, 1, 4, 0, 0, 0, 0],
        &[17, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2],
    ];
    let bytes = ip(one, two, 0, &[&options.concat(), datagram].concat());
    assert_eq!(check(101, &bytes, &[]).length, bytes.len() as u32);
    // A packet in one piece.
    check(
        101,
        &ip(one, two, 44, &[&[17, 0, 0, 0, 0, 0, 0, 1][..], datagram].concat()),
        &[],
    );
    // A piece, which has no ports although they stand there.
    let piece = ip(one, two, 44, &[&[17, 0, 0, 1, 0, 0, 0, 9][..], datagram].concat());
    let found = packet(101, &piece).expect("a packet");
    let (id, offset, more) = (9, 0, true);
    assert_eq!(found.fragment, Some(Fragment { id, offset, more }));
    assert_eq!(
        (found.transport, found.protocol, found.payload),
        (Transport::Other, 17, 48..66)
    );
    // More headers than any packet has.
    let many = [0, 0, 1, 4, 0, 0, 0, 0].repeat(100);
    let found = packet(101, &ip(one, two, 0, &many)).expect("a packet");
    assert_eq!(found.transport, Transport::Other);
}

#[test]
fn segments_that_the_card_has_still_to_cut_are_as_long_as_they_were_on_the_wire() {
    let mut bytes = frame(&tcp(at(ONE, 1), at(TWO, 2), Segment::default(), &[7; 3_000]));
    bytes[16..18].fill(0);
    let found = packet(1, &bytes).expect("a packet");
    assert_eq!((found.length, found.payload_length), (3_040, 3_000));
    let cut = decode(LinkType(1), &bytes[..100], bytes.len() as u32).expect("a packet");
    assert_eq!((cut.length, cut.payload_length, cut.payload), (3_040, 3_000, 54..100));
}

#[test]
fn what_is_no_packet_is_named() {
    let asks = arp(1, (SOURCE, ONE), ([0; 6], TWO));
    let Err(Why::Arp(Arp {
        operation,
        sender,
        sender_address,
        target,
        target_address,
    })) = packet(1, &asks)
    else {
        panic!("no ARP");
    };
    assert_eq!((operation, sender, target), (1, SOURCE, [0; 6]));
    assert_eq!((sender_address, target_address), (ONE, TWO));
    assert_eq!(
        packet(1, &ethernet(0x88cc, &[0; 46])),
        Err(Why::NotIp(EtherType(0x88cc)))
    );
    assert_eq!(packet(1, &ethernet(38, &[0x42; 46])), Err(Why::Llc(0x42)));
    assert_eq!(packet(9, &[0xff, 3, 0xc0, 0x21, 1]), Err(Why::Ppp(0xc021)));
    assert_eq!(packet(189, &[0; 64]), Err(Why::UnknownLink(LinkType(189))));
    assert_eq!(packet(1, &ethernet(0x0800, &[0x75; 40])), Err(Why::Senseless));
    assert_eq!(packet(1, &[0; 9]), Err(Why::Senseless));
    assert_eq!(
        decode(LinkType(1), &[0; 9], 60).map_err(|undecoded| undecoded.why),
        Err(Why::CutShort)
    );
    let said = decode(LinkType(1), &asks, asks.len() as u32).expect_err("no packet");
    assert_eq!(said.ethernet.map(|addresses| addresses.source), Some(SOURCE));
}

#[test]
fn fragments_become_the_packet_that_was_cut() {
    let whole = udp(at(ONE, 50_000), at(TWO, 53), &[b'q'; 3_000]);
    let mut reassembler = Reassembler::default();
    let mut found = Vec::new();
    let mut pieces = fragments(&whole, 1_480);
    pieces.reverse();
    for (number, piece) in pieces.iter().enumerate() {
        let bytes = frame(piece);
        let packet = packet(1, &bytes).expect("a packet");
        assert!(packet.fragment.is_some() && packet.transport == Transport::Other);
        found.extend(reassembler.add(number as u64 + 1, &packet, &bytes));
    }
    assert_eq!(found.len(), 1);
    let packet = &found[0].packet;
    assert_eq!(
        (packet.length, packet.payload_length, packet.fragment),
        (3_028, 3_000, None)
    );
    assert_eq!(
        &found[0].bytes[packet.payload.start as usize..packet.payload.end as usize],
        &[b'q'; 3_000]
    );
    assert_eq!(packet.ethernet.map(|addresses| addresses.source), Some(SOURCE));
}

#[test]
fn a_tunnel_in_fragments_is_gone_through() {
    let outer = vxlan(ENDS.0.into(), ENDS.1.into(), 7, &frame(&question()));
    let mut reassembler = Reassembler::default();
    let whole = fragments(&outer, 16)
        .iter()
        .filter_map(|piece| reassembler.add(1, &packet(101, piece).expect("a packet"), piece))
        .next_back()
        .expect("it is whole");
    assert_eq!(whole.packet.tunnels.len(), 1);
    assert_eq!(whole.packet.payload_length, 10);
    let payload = whole.packet.payload.start as usize..whole.packet.payload.end as usize;
    assert_eq!(&whole.bytes[payload], b"what is it");
}
