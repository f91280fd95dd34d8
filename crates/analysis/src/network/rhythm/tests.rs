//! Rhythms out of flows that are written by hand.

use super::*;
use crate::tests::Numbers;
use watchfire_model::Organisation;
use watchfire_model::network::{ConnectionState, Endpoint, Tls, TlsClient, Traffic};

const HOUR: u64 = 3_600;

/// A flow that begins so many milliseconds after the capture.
fn flow(number: u64, at: u64, to: &str) -> Flow {
    let responder: SocketAddr = to.parse().unwrap();
    let end = |address: IpAddr, port| Endpoint {
        address,
        port,
        mac: None,
    };
    let traffic = |bytes| Traffic {
        packets: 4,
        bytes,
        ip_bytes: bytes + 160,
    };
    Flow {
        community_id: String::new(),
        protocol: TransportProtocol::TCP,
        originator: end("10.0.5.23".parse().unwrap(), 50_000),
        responder: end(responder.ip(), responder.port()),
        first: Timestamp::from_nanoseconds(at as i64 * 1_000_000),
        last: Timestamp::from_nanoseconds(at as i64 * 1_000_000 + 300_000_000),
        first_frame: number,
        last_frame: number + 9,
        sent: traffic(600),
        received: traffic(900),
        state: ConnectionState::Sf,
        services: vec!["ssl"],
        history: String::new(),
        vlan: None,
        tunnels: Vec::new(),
        carries: false,
        originator_process: None,
        responder_process: None,
    }
}

fn named(flow: &Flow, name: &str) -> Event {
    let client = TlsClient {
        server_name: Some(name.into()),
        ..TlsClient::default()
    };
    Event {
        flow: flow.first_frame,
        frame: flow.first_frame + 3,
        time: flow.first,
        originator: SocketAddr::new(flow.originator.address, flow.originator.port),
        responder: SocketAddr::new(flow.responder.address, flow.responder.port),
        transport: None,
        exchange: Exchange::Tls(Box::new(Tls {
            client: Some(client),
            ..Tls::default()
        })),
    }
}

/// What comes of flows at these milliseconds, in a capture of four hours.
fn heard(times: &[u64], gaps: &[Gap]) -> Vec<Rhythm> {
    let mut rhythms = Rhythms::default();
    for (number, at) in times.iter().enumerate() {
        rhythms.flow(&flow(number as u64 * 10, *at, "203.0.113.66:443"));
    }
    finish(rhythms, gaps)
}

fn finish(rhythms: Rhythms, gaps: &[Gap]) -> Vec<Rhythm> {
    rhythms.told(Whole {
        first: Some(Timestamp::from_nanoseconds(0)),
        last: Some(Timestamp::new(4 * HOUR as i64, 0)),
        gaps,
        tagger: &Tagger::new(Organisation::default(), None),
        organisation: &Organisation::default(),
    })
}

/// Milliseconds of a timer of a minute that strays by so many hundredths.
fn timer(jitter: u64) -> Vec<u64> {
    let mut numbers = Numbers(7);
    let mut at = 0;
    let mut times = Vec::new();
    while at < 4 * HOUR * 1_000 {
        times.push(at);
        at += 60_000 - jitter * 600 + numbers.next(jitter * 1_200 + 1);
    }
    times
}

#[track_caller]
fn score(times: &[u64]) -> u8 {
    heard(times, &[]).first().map_or(0, |rhythm| rhythm.score)
}

#[test]
fn a_timer_is_told_with_its_parts() {
    let rhythm = heard(&timer(5), &[]).remove(0);
    let said: Vec<&str> = rhythm.parts.iter().map(|part| part.said.as_str()).collect();
    assert_eq!(
        said,
        [
            "every 60 s, jitter 5 %",
            "none comes much too early",
            "something in 100 % of all 4 min",
            "100 % of the same size",
            "mostly 600 B out and 900 B in",
            "4 h",
            "241 connections",
        ]
    );
    assert!((99..=100).contains(&rhythm.score), "{rhythm:?}");
    assert_eq!((rhythm.count, rhythm.interval / 1_000), (241, 60));
    let Marks { step, counts } = &rhythm.marks;
    assert_eq!((*step, counts.len(), counts.iter().sum::<u32>()), (61, 237, 241));
    assert!(rhythm.frames.len() <= FRAMES + 1 && rhythm.frames.first() == Some(&rhythm.first_frame));
    assert_eq!(rhythm.frames.last(), Some(&rhythm.last_frame));
}

#[test]
fn jitter_and_missing_pieces_leave_a_timer_a_timer() {
    for jitter in [0, 10, 20, 30, 40] {
        let times = timer(jitter);
        assert!(score(&times) >= 85, "jitter {jitter}: {}", score(&times));
        let mut numbers = Numbers(11);
        let some: Vec<u64> = times.into_iter().filter(|_| numbers.next(10) >= 3).collect();
        assert!(score(&some) >= 75, "jitter {jitter}, less: {}", score(&some));
    }
}

#[test]
fn people_have_no_rhythm() {
    let mut numbers = Numbers(13);
    for _ in 0..50 {
        let (mut at, mut times) = (0, Vec::new());
        while at < 4 * HOUR * 1_000 {
            times.push(at);
            let base = 2_000 << numbers.next(9);
            at += base + numbers.next(base);
        }
        assert!(score(&times) < 50, "{}", score(&times));
    }
}

#[test]
fn what_comes_by_chance_has_no_rhythm() {
    let mut numbers = Numbers(17);
    for _ in 0..200 {
        let mut times: Vec<u64> = (0..100).map(|_| numbers.next(4 * HOUR * 1_000)).collect();
        times.sort_unstable();
        assert!(score(&times) < 65, "{}", score(&times));
    }
}

#[test]
fn several_connections_of_one_report_are_one() {
    let times: Vec<u64> = timer(20)
        .into_iter()
        .flat_map(|at| [at, at + 300, at + 2_500])
        .collect();
    let rhythm = heard(&times, &[]).remove(0);
    assert!(
        rhythm.score >= 90 && rhythm.interval.abs_diff(60_000) < 4_000,
        "{rhythm:?}"
    );
}

#[test]
fn the_order_of_flows_changes_nothing() {
    let mut rhythms = Rhythms::default();
    for (number, at) in timer(30).iter().enumerate().rev() {
        rhythms.flow(&flow(number as u64 * 10, *at, "203.0.113.66:443"));
    }
    assert_eq!(finish(rhythms, &[]), heard(&timer(30), &[]));
}

#[test]
fn a_silence_of_the_capture_is_none_of_the_series() {
    let silent = 3_600_000..4_800_000;
    let times: Vec<u64> = timer(10).into_iter().filter(|at| !silent.contains(at)).collect();
    let gap = Gap {
        seconds: 1_200,
        frame: 60,
        from: Timestamp::from_nanoseconds(3_600_000_000_000),
    };
    let rhythm = heard(&times, &[gap]).remove(0);
    assert!(rhythm.score >= 99 && rhythm.missing == 0, "{rhythm:?}");
    // A host alone is silent between its connections: that is no gap.
    let alone = Gap { seconds: 59, ..gap };
    assert_eq!(heard(&timer(10), &[alone]).remove(0).count, timer(10).len() as u64);
}

#[test]
fn a_name_with_many_addresses_is_told_once() {
    let mut rhythms = Rhythms::default();
    for (number, at) in timer(20).iter().enumerate() {
        let flow = flow(number as u64 * 10, *at, &format!("203.0.113.{}:443", number % 3 + 1));
        rhythms.event(&named(&flow, "CDN-Update.example."));
        rhythms.flow(&flow);
    }
    let told = finish(rhythms, &[]);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].name.as_ref().map(|name| name.raw()), Some("cdn-update.example"));
    assert_eq!((told[0].responders, told[0].alike, told[0].hosts), (3, 1, 1));
}

#[test]
fn a_beacon_is_told_apart_from_others_at_the_same_address() {
    let mut rhythms = Rhythms::default();
    let mut numbers = Numbers(19);
    let mut times: Vec<(u64, &str)> = timer(30).into_iter().map(|at| (at, "beacon.example")).collect();
    times.extend((0..300).map(|_| (numbers.next(4 * HOUR * 1_000), "pages.example")));
    for (number, (at, name)) in times.iter().enumerate() {
        let flow = flow(number as u64 * 10, *at, "203.0.113.66:443");
        rhythms.event(&named(&flow, name));
        rhythms.flow(&flow);
    }
    let told = finish(rhythms, &[]);
    assert_eq!(
        told.iter()
            .map(|told| told.name.as_ref().unwrap().raw())
            .collect::<Vec<_>>(),
        ["beacon.example"]
    );
}

#[test]
fn whoever_reaches_for_everybody_does_not_hide_a_beacon() {
    let mut rhythms = Rhythms::default();
    let times = timer(20);
    let mut number = 0;
    for at in &times {
        rhythms.flow(&flow(number, *at, "203.0.113.66:443"));
        for _ in 0..1_000 {
            number += 1;
            let [_, high, middle, low] = (number as u32).to_be_bytes();
            rhythms.flow(&flow(number, *at, &format!("198.{high}.{middle}.{low}:445")));
        }
    }
    assert!(rhythms.pairs.len() <= MOST_SERIES && rhythms.kept <= MOST_KEPT);
    let kept: usize = rhythms.pairs.iter().map(|(_, pair)| pair.series.size()).sum();
    assert_eq!(isize::try_from(kept), Ok(rhythms.kept));
    let told = finish(rhythms, &[]);
    assert_eq!((told.len(), told[0].count), (1, times.len() as u64));
}

#[test]
fn hosts_that_do_the_same_are_counted_whether_they_are_regular_or_not() {
    let mut rhythms = Rhythms::default();
    for host in 0..6_u8 {
        let some = if host < 4 { 1 } else { 3 };
        for (number, at) in timer(10 * u64::from(host)).iter().step_by(some).enumerate() {
            let mut flow = flow(u64::from(host) * 10_000 + number as u64 * 10, *at, "203.0.113.66:443");
            flow.originator.address = IpAddr::from([10, 0, 5, host]);
            rhythms.event(&named(&flow, "telemetry.example"));
            rhythms.flow(&flow);
        }
    }
    let told = finish(rhythms, &[]);
    assert_eq!(
        (told[0].alike, told[0].hosts),
        (4, 6),
        "a third as often is not the same"
    );
}
