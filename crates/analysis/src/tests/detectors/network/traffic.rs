//! How much goes where, for how long, and what is spoken on which port.

use super::{Said, at, check, check_title, findings, findings_of, named, ping, tcp, udp};
use watchfire_model::network::ConnectionState::{S1, Sf};
use watchfire_model::network::{Flow, Marks, Rhythm};

const OUTSIDE: &str = "203.0.113.9:443";

fn lasts(hours: u64, to: &str) -> Flow {
    Flow {
        last: at(hours * 3_600),
        services: vec!["ssl"],
        ..tcp("10.0.0.5:50000", to, S1)
    }
}

#[test]
fn connections_that_stay_open_for_hours_are_told() {
    check(
        "nobody knows it",
        &[Said::Flow(lasts(5, OUTSIDE))],
        &[("long-connection", 250)],
    );
    let with_name = [Said::Flow(lasts(9, OUTSIDE)), named("203.0.113.9", "push.example.com")];
    check("it has a name", &with_name, &[("long-connection", 50)]);
    let with_name = [Said::Flow(lasts(5, OUTSIDE)), named("203.0.113.9", "push.example.com")];
    check("not that long", &with_name, &[]);
    check("inside", &[Said::Flow(lasts(20, "10.0.0.9:8443"))], &[]);
    check("short", &[Said::Flow(lasts(3, OUTSIDE))], &[]);
    check_title(
        &[Said::Flow(lasts(26, OUTSIDE))],
        "long connection: 10[.]0[.]0[.]5 to 203[.]0[.]113[.]9 port 443 (ssl) for 26.0 h, 400 bytes out, 2000 bytes in",
    );
}

fn sends(from: &str, to: &str, out: u64, back: u64) -> Said {
    let mut flow = tcp(from, to, Sf);
    flow.services = vec!["ssl"];
    flow.sent.ip_bytes = out;
    flow.received.ip_bytes = back;
    Said::Flow(flow)
}

#[test]
fn uploads_to_hosts_that_nobody_else_speaks_to_are_found() {
    let one = [sends("10.0.0.5:50000", OUTSIDE, 60_000_000, 400_000)];
    check("no name", &one, &[("large-upload", 350)]);
    let slow: Vec<Said> = (0..60)
        .map(|_| sends("10.0.0.5:50000", OUTSIDE, 1_000_000, 9_000))
        .collect();
    check("in pieces", &slow, &[("large-upload", 350)]);
    let with_name = [one[0].clone(), named("203.0.113.9", "drop.evil.example")];
    check("a name", &with_name, &[("large-upload", 300)]);
    let others = [one[0].clone(), sends("10.0.0.6:50000", OUTSIDE, 1_000, 1_000)];
    check("others, too", &others, &[("large-upload", 100)]);
    let cloud = [one[0].clone(), named("203.0.113.9", "storage.googleapis.com")];
    check("a cloud", &cloud, &[("large-upload", 100)]);
    check(
        "own network",
        &[sends("10.0.0.5:50000", "198.51.100.9:443", 60_000_000, 0)],
        &[],
    );
    check(
        "a server",
        &[sends("203.0.113.9:50000", "10.0.0.5:443", 100_000, 60_000_000)],
        &[],
    );
    check(
        "a call",
        &[sends("10.0.0.5:50000", OUTSIDE, 60_000_000, 50_000_000)],
        &[],
    );
}

#[test]
fn echoes_that_carry_data_are_found() {
    let echo = |out, back| [Said::Flow(ping("10.0.0.5", "203.0.113.9", out, back))];
    check("a tunnel", &echo((200, 90), (200, 800)), &[("icmp-tunnel", 450)]);
    check(
        "much of it",
        &echo((2_000, 1_000), (2_000, 1_000)),
        &[("icmp-tunnel", 250)],
    );
    check("a ping for a day", &echo((86_400, 56), (86_390, 56)), &[]);
    check("how large packets may be", &echo((12, 1_472), (9, 1_472)), &[]);
    check("half is lost", &echo((200, 56), (100, 56)), &[]);
    check("nobody answers", &echo((900, 32), (0, 0)), &[]);
}

#[test]
fn services_where_others_are_expected_are_found() {
    let speaks = |service: &'static str, to: &str| {
        let mut flow = tcp("10.0.0.5:50000", to, Sf);
        flow.services = if service.is_empty() { Vec::new() } else { vec![service] };
        [Said::Flow(flow)]
    };
    check("SSH as web", &speaks("ssh", OUTSIDE), &[("service-on-odd-port", 300)]);
    check(
        "TLS on 80",
        &speaks("ssl", "203.0.113.9:80"),
        &[("service-on-odd-port", 200)],
    );
    check(
        "HTTP on 53",
        &speaks("http", "203.0.113.9:53"),
        &[("service-on-odd-port", 200)],
    );
    let mut among = vec![speaks("ssl", "203.0.113.10:443")[0].clone(); 9];
    among.extend(speaks("", OUTSIDE));
    check("unknown", &among, &[("service-on-odd-port", 200)]);
    check("nothing is known", &speaks("", OUTSIDE), &[]);
    check("inside", &speaks("ssh", "10.0.0.9:443"), &[("service-on-odd-port", 50)]);
    check("unknown inside", &speaks("", "10.0.0.9:443"), &[]);
    check("TLS on 443", &speaks("ssl", OUTSIDE), &[]);
    check("HTTP on 8080", &speaks("http", "203.0.113.9:8080"), &[]);
    check("FTP with TLS", &speaks("ftp", "203.0.113.9:21"), &[]);
    let mut middle = tcp("10.0.0.5:50000", OUTSIDE, Sf);
    middle.history = "DadA".to_owned();
    check("from its middle", &[Said::Flow(middle)], &[]);
    let quic = Flow {
        services: vec!["quic", "ssl"],
        ..udp("10.0.0.5:50000", OUTSIDE, Sf)
    };
    check("QUIC", &[Said::Flow(quic)], &[]);
}

#[test]
fn uploads_in_many_small_pieces_are_found() {
    let pieces = vec![sends("10.0.0.5:50000", OUTSIDE, 90_000, 900); 300];
    check("in small pieces", &pieces, &[("large-upload", 350)]);
    check_title(
        &pieces,
        "large upload: 10[.]0[.]0[.]5 sent 27.0 MB to 203[.]0[.]113[.]9 by ssl in 300 connections and got 270 kB back; no other host speaks to it",
    );
    let mut then_much = vec![sends("10.0.0.5:50000", OUTSIDE, 900, 900); 20];
    then_much.push(sends("10.0.0.5:50000", "203.0.113.9:8443", 60_000_000, 0));
    let found = findings(&then_much);
    let shown = found.iter().flat_map(|finding| finding.evidence());
    assert!(
        shown
            .into_iter()
            .any(|evidence| evidence.excerpt.raw() == "tcp port 8443: 60.0 MB out"),
        "{found:#?}"
    );
}

#[test]
fn who_speaks_to_whom_is_unknown_once_hosts_were_forgotten() {
    let address = |number: u32| format!("11.{}.{}.{}:8080", number >> 16, number >> 8 & 255, number & 255);
    let many = |hosts: u32, last: Said| {
        let others = (0..hosts).map(|number| Said::Flow(tcp("10.0.0.7:50000", &address(number), Sf)));
        others.chain([last]).collect::<Vec<Said>>()
    };
    let long = || Said::Flow(lasts(9, "203.0.113.10:443"));
    let upload = || sends("10.0.0.5:50000", OUTSIDE, 60_000_000, 0);
    let (some, too_many) = (1 << 10, 1 << 17);
    check("long among some", &many(some, long()), &[("long-connection", 250)]);
    check(
        "long among too many",
        &many(too_many, long()),
        &[("long-connection", 50)],
    );
    check("an upload among some", &many(some, upload()), &[("large-upload", 350)]);
    let said = many(too_many, upload());
    check("an upload among too many", &said, &[("large-upload", 100)]);
    check_title(
        &said,
        "large upload: 10[.]0[.]0[.]5 sent 60.0 MB to 203[.]0[.]113[.]9 by ssl in 1 connection and got 0 bytes back; who else speaks to it was not counted",
    );
}

#[test]
fn a_scanner_that_is_known_by_its_name_reports_to_nobody() {
    let rhythm = |from: &str| Rhythm {
        originator: from.parse().unwrap(),
        responder: OUTSIDE.parse().unwrap(),
        responders: 1,
        transport: "tcp",
        service: Some("ssl"),
        name: Some("cdn-update.example".into()),
        name_tags: Vec::new(),
        address_tags: Vec::new(),
        count: 238,
        interval: 60_000,
        jitter: 50,
        missing: 0,
        first: at(0),
        last: at(14_280),
        first_frame: 1,
        last_frame: 9,
        frames: vec![1, 9],
        alike: 1,
        hosts: 40,
        score: 95,
        parts: Vec::new(),
        marks: Marks::default(),
    };
    let weights = |from: &str| -> Vec<u16> {
        let found = findings_of(&[named("10.0.0.77", "scanner.corp.example")], &[rhythm(from)]);
        found.iter().map(|finding| finding.weight.thousandths()).collect()
    };
    assert_eq!(weights("10.0.0.5"), [600]);
    assert_eq!(weights("10.0.0.200"), [50]);
    assert_eq!(weights("10.0.0.77"), [50]);
}
