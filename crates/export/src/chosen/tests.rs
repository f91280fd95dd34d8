//! What expressions mean, how they fail, and that no expression takes long.

use super::*;
use std::net::SocketAddr;
use watchfire_model::Timestamp;
use watchfire_model::network::{ConnectionState, Endpoint, Exchange, Login, Traffic, TransportProtocol};

fn flow() -> Flow {
    let end = |last, port| Endpoint {
        address: IpAddr::from([10, 0, 5, last]),
        port,
        mac: None,
    };
    let traffic = |bytes| Traffic {
        packets: 3,
        bytes,
        ip_bytes: bytes + 120,
    };
    Flow {
        community_id: "1:x".to_owned(),
        protocol: TransportProtocol::TCP,
        originator: end(23, 50_000),
        responder: end(9, 443),
        first: Timestamp::new(1_793_491_200, 0),
        last: Timestamp::new(1_793_491_260, 0),
        first_frame: 812,
        last_frame: 900,
        sent: traffic(2_500_000),
        received: traffic(0),
        state: ConnectionState::Sf,
        services: vec!["ssl", "http"],
        history: "ShAD".to_owned(),
        vlan: None,
        tunnels: Vec::new(),
        carries: false,
        originator_process: None,
        responder_process: None,
    }
}

fn event() -> Event {
    Event {
        flow: 812,
        frame: 815,
        time: Timestamp::new(1_793_491_201, 0),
        originator: SocketAddr::from(([10, 0, 5, 23], 50_000)),
        responder: SocketAddr::from(([203, 0, 113, 66], 21)),
        transport: None,
        exchange: Exchange::Login(Box::new(Login::clear("ftp", Some("Carol".into()), "hunter2"))),
    }
}

/// Whether an expression means the flow, and whether it means the exchange.
#[track_caller]
fn check(text: &str, expected: [bool; 2]) {
    let mut expression = Where::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let found = [expression.flow(&flow()), expression.event(&event())];
    assert_eq!(found, expected, "{text}");
}

#[test]
fn fields_are_called_as_records_call_them() {
    check("record == flow", [true, false]);
    check("state == \"SF\" or kind = 'login'", [true, true]);
    check("service == http", [true, false]);
    check("service == LOGIN", [false, true]);
    check("exchange.user contains \"caro\"", [false, true]);
    check("exchange.user CONTAINS \"caro\"", [false, true]);
    check("exchange.user not contains \"caro\"", [true, false]);
    check("NOT record Not In (event) Or vlan", [false, true]);
    check("exchange.user matches /^C.*l$/", [false, true]);
    check("exchange.user matches /^c/ or history matches '^sh'", [false, false]);
    check("exchange.user matches /a\\/b|Car/", [false, true]);
    check("flow == 812 and first_frame != 812", [false, true]);
    check("services in (dns, ssl)", [true, false]);
}

#[test]
fn numbers_have_units_and_addresses_networks() {
    check("sent > 1 MB", [true, false]);
    check("sent.bytes >= 2.5MB and sent.ip_bytes < 2.6 mb", [true, false]);
    check("sent < 2 MiB or sent.packets <= 2", [false, false]);
    check("originator.port > 1024", [true, true]);
    check("responder.port in (21, 80)", [false, true]);
    check("responder in 10.0.0.0/8", [true, false]);
    check("responder.ip in (192.0.2.1, 203.0.113.0/24)", [false, true]);
    check(
        "originator == 10.0.5.23 and originator.address = \"10.0.5.23\"",
        [true, true],
    );
    check("responder in ::/0 or responder == 10.0.5.99", [false, false]);
    check("first > 2026-10 and first < 2026-12", [true, false]);
}

#[test]
fn a_field_alone_asks_whether_something_is_there() {
    check("exchange", [false, true]);
    check("tunnels or vlan or carries or originator.mac", [false, false]);
    check("services and not exchange", [true, false]);
    check("vlan != 5", [true, true]);
    check("vlan == 5 or vlan > 1", [false, false]);
}

#[test]
fn and_binds_more_than_or() {
    check("record or vlan and vlan", [true, true]);
    check("(record or vlan) and vlan", [false, false]);
    check("not vlan and record == event", [false, true]);
    check("!(vlan && record) && !!record", [true, true]);
    check("vlan and vlan or record", [true, true]);
}

#[test]
fn secrets_are_not_asked_for() {
    check(
        "exchange.secret == hunter2 or exchange.secret contains hunter",
        [false, false],
    );
}

#[test]
fn what_nothing_has_is_told() {
    let mut expression = Where::parse("exchange.qery == x or state == SF").unwrap();
    expression.flow(&flow());
    expression.event(&event());
    assert_eq!(expression.unmet().collect::<Vec<_>>(), ["exchange.qery"]);
}

#[test]
fn errors_name_the_place_and_what_was_expected() {
    let error = |text: &str| Where::parse(text).unwrap_err().to_string();
    assert!(error("").starts_with("a field such as"), "{}", error(""));
    assert!(error("state == ").contains("but the expression ends (at byte 9)"));
    assert!(error("state == )").contains("but there is ')' (at byte 9)"));
    assert_eq!(error("name == \"x"), "\" has no end (at byte 8)");
    assert!(error("a == b c").starts_with("'and', 'or' or the end is expected, but there is 'c'"));
    assert!(error("a matches /(/").contains("regular expression"));
    assert!(error("a matches /(a{1000}){1000}/").contains("no huge one"));
    assert!(error("a in 10.0.0.0/33").contains("a network such as"));
    assert!(error("a in (1 2)").contains("',' or ')' is"));
    assert!(error("80 == port").starts_with("a field such as"));
    assert!(error(&"(".repeat(1_000)).contains("more than 64 parentheses"));
    assert!(error(&"(".repeat(100_000)).contains("longer than"));
}

#[test]
fn long_expressions_are_asked_in_one_walk() {
    let many = vec!["a.b.c == 1"; 4_000].join(" or ");
    check(&format!("{many} or record"), [true, true]);
    check(&format!("{} record == flow", "not ".repeat(10_000)), [true, false]);
    check("a.".repeat(20_000).trim_end_matches('.'), [false, false]);
}

/// An expression as a tree, which is asked anew for each part.
enum Twin {
    Ask(&'static str),
    Not(Box<Twin>),
    Both(bool, Box<Twin>, Box<Twin>),
}

impl Twin {
    fn grow(random: &mut u64, depth: u32) -> Self {
        const LEAVES: [&str; 6] = ["record == flow", "record", "vlan", "kind", "sent > 1 kB", "state == S0"];
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let roll = (*random >> 33) as usize;
        let mut next = || Box::new(Self::grow(random, depth + 1));
        match roll % 4 {
            1 if depth < 6 => Self::Not(next()),
            2 | 3 if depth < 6 => Self::Both(roll % 4 == 2, next(), next()),
            _ => Self::Ask(LEAVES[roll / 4 % LEAVES.len()]),
        }
    }

    fn holds(&self) -> bool {
        match self {
            Self::Ask(text) => Where::parse(text).unwrap().flow(&flow()),
            Self::Not(inner) => !inner.holds(),
            Self::Both(true, one, other) => one.holds() & other.holds(),
            Self::Both(false, one, other) => one.holds() | other.holds(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Ask(text) => (*text).to_owned(),
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::Both(true, one, other) => format!("({}) and ({})", one.text(), other.text()),
            Self::Both(false, one, other) => format!("({}) or ({})", one.text(), other.text()),
        }
    }
}

#[test]
fn combinations_say_what_their_parts_say() {
    let mut random = 7;
    for _ in 0..200 {
        let twin = Twin::grow(&mut random, 0);
        let text = twin.text();
        assert_eq!(Where::parse(&text).unwrap().flow(&flow()), twin.holds(), "{text}");
    }
}
