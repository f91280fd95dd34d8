//! What filters mean, how they fail, and a twin that does the same in the plainest way.

use super::*;
use crate::LinkType;
use crate::link::decode;
use watchfire_model::Timestamp;

/// An address of Ethernet that ends in a number.
const fn link(last: u8) -> [u8; 6] {
    [2, 0, 0, 0, 0, last]
}

pub(super) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    [&link(2)[..], &link(1), &kind.to_be_bytes(), payload].concat()
}

/// IPv4 from 192.0.2.1 to 198.51.100.7.
pub(super) fn ip(protocol: u8, pieces: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 20).unwrap();
    let [l0, l1] = length.to_be_bytes();
    let [f0, f1] = pieces.to_be_bytes();
    let header = [
        0x45, 0, l0, l1, 0, 9, f0, f1, 64, protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7,
    ];
    [&header[..], payload].concat()
}

/// IPv6 from 2001:db8::1 to 2001:db8::7.
pub(super) fn ip6(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let [l0, l1] = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let mut header = vec![0x60, 0, 0, 0, l0, l1, protocol, 64];
    for last in [1, 7] {
        header.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    [&header[..], payload].concat()
}

pub(super) fn tcp(from: u16, to: u16, flags: u8) -> Vec<u8> {
    let ports = [from.to_be_bytes(), to.to_be_bytes()].concat();
    [&ports[..], &[0, 0, 0, 1, 0, 0, 0, 0, 0x50, flags, 1, 0, 0, 0, 0, 0]].concat()
}

pub(super) fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).unwrap();
    [
        &from.to_be_bytes()[..],
        &to.to_be_bytes(),
        &length.to_be_bytes(),
        &[0, 0],
        payload,
    ]
    .concat()
}

fn arp() -> Vec<u8> {
    let head = [0, 1, 8, 0, 6, 4, 0, 1];
    [&head[..], &link(1), &[192, 0, 2, 1], &[0; 6], &[192, 0, 2, 254]].concat()
}

fn vxlan(frame: &[u8]) -> Vec<u8> {
    ip(17, 0, &udp(40_000, 4_789, &[&[8, 0, 0, 0, 0, 0, 7, 0], frame].concat()))
}

/// Frames of many kinds.
pub(super) fn frames() -> Vec<Vec<u8>> {
    let inner = ethernet(0x86dd, &ip6(6, &tcp(5_000, 22, 0x12)));
    let first = ip(17, 0x2000, &udp(53, 50_000, &[0; 8]));
    vec![
        ethernet(0x0800, &ip(6, 0, &tcp(50_000, 80, 2))),
        ethernet(0x0800, &ip(6, 0, &tcp(443, 50_001, 0x12))),
        ethernet(0x0800, &ip(17, 0, &udp(50_002, 53, b"what"))),
        ethernet(0x86dd, &ip6(6, &tcp(50_003, 8_080, 0x18))),
        ethernet(0x86dd, &ip6(58, &[128, 0, 0, 0, 0, 1, 0, 1])),
        ethernet(0x0800, &ip(1, 0, &[8, 0, 0, 0, 0, 1, 0, 1])),
        ethernet(0x0800, &ip(132, 0, &udp(7, 9, &[0; 4]))),
        ethernet(0x0806, &arp()),
        ethernet(0x88cc, &[0; 40]),
        ethernet(0x8100, &[&[0, 5, 8, 0][..], &ip(6, 0, &tcp(1, 80, 4))].concat()),
        ethernet(0x0800, &first),
        ethernet(0x0800, &ip(17, 3, &[0; 16])),
        ethernet(0x0800, &vxlan(&inner)),
        ethernet(0x0800, &ip(41, 0, &ip6(17, &udp(1, 2, b"x")))),
        ethernet(0x0800, &ip(89, 0, &[0; 100])),
        [&[0xff; 6][..], &link(1), &[8, 6], &arp()].concat(),
    ]
}

fn frame(bytes: &[u8]) -> Frame {
    let length = u32::try_from(bytes.len()).unwrap();
    Frame {
        number: 1,
        time: Timestamp::default(),
        link: LinkType(1),
        interface: 0,
        length,
        start: 0,
        captured: length,
    }
}

pub(super) fn matches(filter: &str, bytes: &[u8]) -> bool {
    let filter = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let decoded = decode(LinkType(1), bytes, u32::try_from(bytes.len()).unwrap());
    filter.matches(decoded.as_ref(), &frame(bytes), bytes)
}

/// Which of the frames a filter means, by their numbers from 0.
#[track_caller]
fn check(filter: &str, expected: &[usize]) {
    let frames = frames();
    let found: Vec<usize> = (0..frames.len()).filter(|at| matches(filter, &frames[*at])).collect();
    assert_eq!(found, expected, "{filter}");
}

#[test]
fn words_mean_what_they_mean_to_tcpdump() {
    check("ip", &[0, 1, 2, 5, 6, 9, 10, 11, 12, 13, 14]);
    check("ip6", &[3, 4]);
    check("arp", &[7, 15]);
    check("tcp", &[0, 1, 3, 9]);
    check("udp", &[2, 10, 11, 12]);
    check("icmp or icmp6 or sctp", &[4, 5, 6]);
    check("proto 89", &[14]);
    check("ip proto \\tcp", &[0, 1, 9]);
    check("ip6 proto 6", &[3]);
    check("port 53", &[2, 10]);
    check("tcp src port 443", &[1]);
    check("udp dst port domain", &[2]);
    check("portrange 8000-9000", &[3]);
    check("src and dst portrange 1-10", &[6]);
    check("port 80 or 443", &[0, 1, 9]);
    check("vlan", &[9]);
    check("vlan 5 and tcp", &[9]);
    check("vlan 6", &[]);
    check("ether host 02:00:00:00:00:01 and arp", &[7, 15]);
    check("ether dst ff:ff:ff:ff:ff:ff", &[15]);
    check("broadcast or ether proto 0x88cc", &[8, 15]);
    check("ip and greater 120 and not udp", &[14]);
    check("less 42 and arp", &[7, 15]);
    check("len<=42 and arp", &[7, 15]);
    check("len < 42 and arp", &[]);
    check("len > 119 and len != 134 && ! udp", &[]);
    check("len = 134 and proto 89", &[14]);
    check("port ssh or ms-wbt-server or http-alt", &[3]);
    check("tcp[tcpflags] & (tcp-syn) != 0", &[0, 1]);
    check("tcp[13] & (tcp-syn|tcp-ack) == tcp-syn", &[0]);
    check("icmp[icmptype] = icmp-echo", &[5]);
    check("icmp6[0] == 128", &[4]);
}

#[test]
fn addresses_are_those_of_the_outermost_ip() {
    check("host 2001:db8::7", &[3, 4]);
    check("net 2001:db8::/32 and tcp port 22", &[]);
    check("host 192.0.2.254", &[7, 15]);
    check("dst host 198.51.100.7 and tcp", &[0, 1, 9]);
    check("dst net 198.51.100.0/24 and icmp", &[5]);
    check("src net 192.0.2.0 mask 255.255.255.0 and icmp", &[5]);
    check("net 192.0 and icmp", &[5]);
    check("arp host 192.0.2.1", &[7, 15]);
    check("src or dst host 192.0.2.1 and icmp", &[5]);
    check("src and dst net 192.0.2.0/24", &[7, 15]);
    check("0.0.0.0/0 and not ip", &[7, 15]);
    check("proto 41", &[13]);
    check("udp port 4789", &[12]);
}

#[test]
fn and_and_or_bind_alike_from_the_left() {
    check("tcp or udp and port 53", &[2, 10]);
    check("port 53 and udp or tcp", &[0, 1, 2, 3, 9, 10]);
    check("tcp or (udp and port 53)", &[0, 1, 2, 3, 9, 10]);
    check("not tcp and not udp && ! arp", &[4, 5, 6, 8, 13, 14]);
    check("not (tcp or udp or arp)", &[4, 5, 6, 8, 13, 14]);
    check("not not icmp", &[5]);
    check("tcp dst port (80 or 8080)", &[0, 3, 9]);
    check("", &(0..frames().len()).collect::<Vec<_>>());
}

#[test]
fn errors_name_the_place_and_what_was_expected() {
    let error = |text: &str| Filter::parse(text).unwrap_err().to_string();
    assert_eq!(error("tcp port x"), "a port is expected, but there is 'x' (at byte 9)");
    assert_eq!(error("host"), "an address is expected, but the filter ends (at byte 4)");
    assert_eq!(
        error("host www.example"),
        "'www.example' is no address; names are not looked up (at byte 5)"
    );
    assert_eq!(
        error("tcp host 192.0.2.1"),
        "'host' does not go with what stands before it (at byte 4)"
    );
    assert_eq!(
        error("net 10.0.0.1/8"),
        "the address has bits that the length of the network leaves out (at byte 4)"
    );
    assert_eq!(error("(tcp"), "')' is expected, but the filter ends (at byte 4)");
    assert_eq!(
        error("tcp udp"),
        "'and', 'or' or the end is expected, but there is 'udp' (at byte 4)"
    );
    assert!(error("tcp[2] == 1").contains("'tcpflags'"));
    assert!(error("vlan 5000").contains("below 4096"));
    assert!(error(&"(".repeat(100_000)).contains("longer than"));
    assert!(error(&"(".repeat(1_000)).contains("more than 64 parentheses"));
    assert!(Filter::parse(&"! ".repeat(30_000)).is_err());
}

/// The same, as a tree that is asked anew for each part.
pub(super) enum Twin {
    Ask(&'static str),
    Not(Box<Twin>),
    And(Box<Twin>, Box<Twin>),
    Or(Box<Twin>, Box<Twin>),
}

impl Twin {
    fn holds(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Ask(text) => matches(text, bytes),
            Self::Not(inner) => !inner.holds(bytes),
            Self::And(one, other) => one.holds(bytes) & other.holds(bytes),
            Self::Or(one, other) => one.holds(bytes) | other.holds(bytes),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Ask(text) => (*text).to_owned(),
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::And(one, other) => format!("({}) and ({})", one.text(), other.text()),
            Self::Or(one, other) => format!("({}) or ({})", one.text(), other.text()),
        }
    }

    pub(super) fn grow(random: &mut u64, depth: u32) -> Self {
        const LEAVES: [&str; 12] = [
            "tcp",
            "udp",
            "arp",
            "ip6",
            "port 80",
            "host 192.0.2.1",
            "src net 2001:db8::/64",
            "greater 70",
            "vlan",
            "ether src 02:00:00:00:00:01",
            "dst portrange 50-100",
            "tcp[13] & 2 != 0",
        ];
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let roll = (*random >> 33) as usize;
        let mut next = || Box::new(Self::grow(random, depth + 1));
        match roll % 4 {
            _ if depth > 5 => Self::Ask(LEAVES[roll / 4 % LEAVES.len()]),
            0 => Self::Ask(LEAVES[roll / 4 % LEAVES.len()]),
            1 => Self::Not(next()),
            2 => Self::And(next(), next()),
            _ => Self::Or(next(), next()),
        }
    }
}

#[test]
fn combinations_say_what_their_parts_say() {
    let mut random = 1;
    let frames = frames();
    for _ in 0..300 {
        let twin = Twin::grow(&mut random, 0);
        let text = twin.text();
        for bytes in &frames {
            assert_eq!(matches(&text, bytes), twin.holds(bytes), "{text}");
        }
    }
}
