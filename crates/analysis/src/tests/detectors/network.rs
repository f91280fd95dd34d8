//! Flows and events in, findings out. What is found has to be, and what looks like it has not.

mod access;
mod certificates;
mod domain;
mod known;
mod link;
mod names;
mod scans;
mod traffic;
mod web;

use crate::detectors::network::Watchers;
use crate::network::{Hosts, Learns};
use crate::{Engine, Settings};
use std::net::SocketAddr;
use std::sync::LazyLock;
use watchfire_model::network::{
    Carried, ConnectionState, Dns, DnsAnswer, DnsClass, DnsReply, DnsType, Endpoint, Event, Exchange, Flow, Http,
    Rhythm, Traffic, TransportProtocol,
};
use watchfire_model::{AddressRange, Artifact, DomainName, Finding, Hints, Host, Organisation, Origin, Timestamp};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(Settings {
        organisation: Organisation {
            domains: vec![DomainName::parse("corp.example").unwrap()],
            ranges: vec![AddressRange::parse("198.51.100.0/24").unwrap()],
            scanners: vec![
                Host::parse("10.0.0.200").unwrap(),
                Host::parse("scanner.corp.example").unwrap(),
            ],
            ..Organisation::default()
        },
        ..Settings::default()
    })
});

/// What a capture says, in order.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Flow(Flow),
    Event(Event),
    Carried(Carried),
}

/// What all detectors of networks say about it: rules with their weights in thousandths, and their titles.
pub(super) fn findings(said: &[Said]) -> Vec<Finding> {
    findings_of(said, &[])
}

/// The same, where something came at regular times.
pub(super) fn findings_of(said: &[Said], rhythms: &[Rhythm]) -> Vec<Finding> {
    let artifact = Artifact::new(&b""[..], Origin::root("a.pcap"), Hints::default());
    let (mut watchers, _) = Watchers::new(&ENGINE, &artifact, None, 0);
    let mut hosts = Hosts::default();
    for one in said {
        match one {
            Said::Flow(flow) => {
                hosts.flow(flow);
                watchers.flow(flow);
            }
            Said::Event(event) => {
                hosts.event(event);
                watchers.event(event);
            }
            Said::Carried(carried) => watchers.carried(carried),
        }
    }
    let (found, problems) = watchers.finish(Vec::new(), (&hosts, rhythms));
    assert!(problems.is_empty(), "{problems:?}");
    assert!(found.iter().all(|finding| !finding.evidence().is_empty()));
    found
}

/// Holds them to what is expected; one without weight says that it is no alarm.
#[track_caller]
pub(super) fn check(what: &str, said: &[Said], expected: &[(&str, u16)]) {
    let found = findings(said);
    let told: Vec<(&str, u16)> = found
        .iter()
        .map(|finding| (finding.rule.0, finding.weight.thousandths()))
        .collect();
    assert_eq!(told, expected, "{what}: {found:#?}");
}

/// The same, of a title.
#[track_caller]
pub(super) fn check_title(said: &[Said], expected: &str) {
    let found = findings(said);
    assert!(found.iter().any(|finding| finding.title == expected), "{found:#?}");
}

/// An address and a port.
fn end(text: &str) -> SocketAddr {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn endpoint(text: &str) -> Endpoint {
    let end = end(text);
    Endpoint {
        address: end.ip(),
        port: end.port(),
        mac: None,
    }
}

/// Seconds after the beginning.
pub(super) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_nanoseconds(1_700_000_000_000_000_000 + i64::try_from(seconds).unwrap() * 1_000_000_000)
}

/// A flow of TCP; those that were answered carry something both ways.
pub(super) fn tcp(from: &str, to: &str, state: ConnectionState) -> Flow {
    use ConnectionState::{Rej, Rstos0, S0, Sh};
    let alive = !matches!(state, S0 | Rej | Rstos0 | Sh);
    let traffic = |packets: u64, bytes: u64| Traffic {
        packets,
        bytes,
        ip_bytes: bytes + packets * 40,
    };
    Flow {
        community_id: String::new(),
        protocol: TransportProtocol::TCP,
        originator: endpoint(from),
        responder: endpoint(to),
        first: at(0),
        last: at(1),
        first_frame: 1,
        last_frame: 2,
        sent: if alive { traffic(5, 400) } else { traffic(1, 0) },
        received: if alive { traffic(5, 2_000) } else { Traffic::default() },
        state,
        services: Vec::new(),
        history: if alive { "ShADadFf" } else { "S" }.to_owned(),
        vlan: None,
        tunnels: Vec::new(),
        carries: false,
        originator_process: None,
        responder_process: None,
    }
}

/// The same over UDP.
pub(super) fn udp(from: &str, to: &str, state: ConnectionState) -> Flow {
    Flow {
        protocol: TransportProtocol::UDP,
        history: "Dd".to_owned(),
        sent: Traffic {
            packets: 1,
            bytes: 60,
            ip_bytes: 88,
        },
        ..tcp(from, to, state)
    }
}

/// Echoes of ICMP: packets and bytes of each, out and back.
pub(super) fn ping(from: &str, to: &str, (asked, size): (u64, u64), (answered, back): (u64, u64)) -> Flow {
    let traffic = |packets: u64, size: u64| Traffic {
        packets,
        bytes: packets * size,
        ip_bytes: packets * (size + 28),
    };
    Flow {
        protocol: TransportProtocol::ICMP,
        sent: traffic(asked, size),
        received: traffic(answered, back),
        history: String::new(),
        ..tcp(&format!("{from}:8"), &format!("{to}:0"), ConnectionState::Oth)
    }
}

/// Something that was exchanged in frame 7.
pub(super) fn event(from: &str, to: &str, exchange: Exchange) -> Said {
    Said::Event(Event {
        flow: 1,
        frame: 7,
        time: at(0),
        originator: end(from),
        responder: end(to),
        transport: None,
        exchange,
    })
}

/// A question that a resolver answered with these records, or with a code.
pub(super) fn dns(from: &str, to: &str, name: &str, kind: u16, code: u16, answers: &[&str]) -> Said {
    let answer = |data: &&str| DnsAnswer {
        name: name.into(),
        kind: DnsType(kind),
        ttl: 60,
        data: (*data).into(),
    };
    let reply = DnsReply {
        frame: 8,
        code,
        after: None,
        authoritative: false,
        truncated: false,
        recursion_available: true,
        answers: answers.iter().map(answer).collect(),
    };
    let dns = Dns {
        id: 1,
        query: name.into(),
        kind: DnsType(kind),
        class: DnsClass(1),
        asked: true,
        recursion_desired: true,
        reply: Some(reply),
    };
    event(from, to, Exchange::Dns(Box::new(dns)))
}

/// A host got its name from the DNS.
pub(super) fn named(address: &str, name: &str) -> Said {
    dns("10.0.0.5:50000", "10.0.0.1:53", name, 1, 0, &[address])
}

/// A request of HTTP.
pub(super) fn http(from: &str, to: &str, http: Http) -> Said {
    event(from, to, Exchange::Http(Box::new(http)))
}

/// Names of `length` letters that look drawn by lot, another one for each number.
pub(super) fn drawn(number: u64, length: usize) -> String {
    let mut numbers = crate::tests::Numbers(0x9E37_79B9_7F4A_7C15 ^ (number + 1).wrapping_mul(0x2545_F491_4F6C_DD1D));
    // The first numbers of neighbours are alike.
    for _ in 0..8 {
        numbers.next(2);
    }
    let letters = b"abcdefghijklmnopqrstuvwxyz234567";
    (0..length)
        .map(|_| char::from(letters[usize::try_from(numbers.next(32)).unwrap()]))
        .collect()
}
