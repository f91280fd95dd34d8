//! What expressions over frames and records promise: any text is read at once, and `not` turns its answer around.

use crate::capture::{arp, frame, udp, vlan};
use std::net::{Ipv4Addr, SocketAddr};
use watchfire_capture::{Filter, Frame, LinkType, decode};
use watchfire_export::Where;
use watchfire_model::Timestamp;
use watchfire_model::network::{Event, Exchange, Login, RecordChoice};

/// A filter as `tcpdump` has them, and behind a zero byte a frame of Ethernet.
pub fn capture_filter(data: &[u8]) {
    let (text, bytes) = split(data);
    let filter = match Filter::parse(&text) {
        Ok(filter) => filter,
        Err(error) => return is_place(&text, error.at, &error.message),
    };
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let frame = Frame {
        number: 1,
        time: Timestamp::default(),
        link: LinkType(1),
        interface: 0,
        length,
        start: 0,
        captured: length,
    };
    let decoded = decode(frame.link, bytes, length);
    let answer = filter.matches(decoded.as_ref(), &frame, bytes);
    // One more pair of parentheses may be too many.
    if let Ok(turned) = Filter::parse(&format!("not ({text})")) {
        let turned = turned.matches(decoded.as_ref(), &frame, bytes);
        assert_ne!(answer, turned, "'not' does not turn '{text}' around");
    }
}

/// An expression over records, and behind a zero byte who logged in.
pub fn capture_where(data: &[u8]) {
    let (text, user) = split(data);
    let mut expression = match Where::parse(&text) {
        Ok(expression) => expression,
        Err(error) => return is_place(&text, error.at, &error.message),
    };
    let user = String::from_utf8_lossy(user).into_owned();
    let event = Event {
        flow: 1,
        frame: 2,
        time: Timestamp::default(),
        originator: SocketAddr::from(([192, 0, 2, 1], 50_000)),
        responder: SocketAddr::from(([198, 51, 100, 7], 21)),
        transport: None,
        exchange: Exchange::Login(Box::new(Login::clear("ftp", Some(user.into()), "secret"))),
    };
    let answer = expression.event(&event);
    if let Ok(mut turned) = Where::parse(&format!("not ({text})")) {
        assert_ne!(answer, turned.event(&event), "'not' does not turn '{text}' around");
    }
}

fn split(data: &[u8]) -> (String, &[u8]) {
    let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (text, rest) = data.split_at(end);
    let rest = rest.get(1..).unwrap_or_default();
    (String::from_utf8_lossy(text).into_owned(), rest)
}

fn is_place(text: &str, at: usize, message: &str) {
    assert!(
        text.is_char_boundary(at),
        "a slip is inside of a letter, or behind the end"
    );
    assert!(message.len() < 500, "a message as long as what is wrong");
}

pub(super) fn filters() -> Vec<Vec<u8>> {
    let ends = [
        SocketAddr::from(([192, 0, 2, 1], 50_000)),
        SocketAddr::from(([198, 51, 100, 7], 53)),
    ];
    let packet = udp(ends[0], ends[1], b"what is it");
    let neighbour = Ipv4Addr::new(192, 0, 2, 1);
    let frames = [
        frame(&packet),
        vlan(5, &packet),
        arp(1, ([2; 6], neighbour), ([0; 6], neighbour)),
    ];
    let filters = [
        "udp port 53 or 443 and not (vlan 5 || arp)",
        "src net 192.0.2.0/24 and dst host 198.51.100.7 and len <= 100",
        "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 or ether host 02:02:02:02:02:02",
        "ip6 proto 6 or udp portrange 50-60 or less 20 or icmp[icmptype] = icmp-echo",
    ];
    let with = |filter: &&str| {
        frames
            .iter()
            .map(|frame| [filter.as_bytes(), b"\0", frame].concat())
            .collect::<Vec<_>>()
    };
    filters.iter().flat_map(with).collect()
}

pub(super) fn seeds_of_records() -> Vec<Vec<u8>> {
    let texts = [
        "service == ftp and exchange.user contains \"aro\"",
        "originator.port > 1024 || responder in (10.0.0.0/8, ::/0)",
        "not (exchange.user matches /^[a-c]\\/x+$/ or sent >= 1.5 MiB)",
        "exchange.accepted and flow in (1, 2)",
    ];
    texts
        .iter()
        .map(|text| [text.as_bytes(), b"\0carol"].concat())
        .collect()
}
