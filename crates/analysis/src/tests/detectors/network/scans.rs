//! Who knocks at which doors.

use super::{Said, check, check_title, findings, http, named, ping, tcp, udp};
use watchfire_model::network::ConnectionState::{Rej, Rsto, S0, Sf};
use watchfire_model::network::{ConnectionState, Http};

/// Attempts of one host at these ports of another.
fn ports(from: &str, to: &str, ports: std::ops::Range<u16>, state: ConnectionState) -> Vec<Said> {
    let flow = |port| Said::Flow(tcp(&format!("{from}:50000"), &format!("{to}:{port}"), state));
    ports.map(flow).collect()
}

/// Attempts of one host at a port of so many others.
fn hosts(from: &str, count: u16, port: u16, state: ConnectionState) -> Vec<Said> {
    let flow = |host: u16| {
        let to = format!("10.1.{}.{}:{port}", host / 250, host % 250 + 1);
        Said::Flow(tcp(&format!("{from}:50000"), &to, state))
    };
    (0..count).map(flow).collect()
}

#[test]
fn many_ports_of_one_host_are_a_scan() {
    check(
        "closed",
        &ports("10.0.0.5", "10.0.0.9", 1..200, Rej),
        &[("port-scan", 450)],
    );
    check(
        "silent",
        &ports("10.0.0.5", "10.0.0.9", 1..20, S0),
        &[("port-scan", 300)],
    );
    check(
        "from outside",
        &ports("203.0.113.5", "198.51.100.9", 1..200, S0),
        &[("port-scan", 100)],
    );
    let mut mixed = ports("10.0.0.5", "10.0.0.9", 1..40, Rej);
    mixed.extend(ports("10.0.0.5", "10.0.0.9", 80..82, Sf));
    check_title(
        &mixed,
        "port scan: 10[.]0[.]0[.]5 tried 41 ports of 10[.]0[.]0[.]9 within 1 s, 2 answered",
    );
}

#[test]
fn the_organisations_scanners_are_named_and_no_alarm() {
    check(
        "by address",
        &ports("10.0.0.200", "10.0.0.9", 1..200, Rej),
        &[("port-scan", 0)],
    );
    let mut by_name = ports("10.0.0.77", "10.0.0.9", 1..200, Rej);
    by_name.push(named("10.0.0.77", "scanner.corp.example"));
    check("by name", &by_name, &[("port-scan", 0)]);
    check("hosts", &hosts("10.0.0.200", 120, 445, S0), &[("host-scan", 0)]);
}

#[test]
fn few_ports_and_those_that_answer_are_no_scan() {
    check("few", &ports("10.0.0.5", "10.0.0.9", 1..10, Rej), &[]);
    check(
        "passive FTP",
        &ports("10.0.0.5", "203.0.113.9", 40_000..40_200, Sf),
        &[],
    );
    let mut again = Vec::new();
    (0..50).for_each(|_| again.extend(ports("10.0.0.5", "10.0.0.9", 8_443..8_445, Rej)));
    check("the same again", &again, &[]);
    let trace = (33_434..33_500).map(|port| Said::Flow(udp("10.0.0.5:50000", &format!("203.0.113.9:{port}"), S0)));
    check("traceroute", &trace.collect::<Vec<_>>(), &[]);
    let late = (50_000..50_100).map(|port| Said::Flow(udp("10.0.0.1:53", &format!("10.0.0.5:{port}"), S0)));
    check("late answers of a resolver", &late.collect::<Vec<_>>(), &[]);
}

#[test]
fn one_port_of_many_hosts_is_a_scan() {
    check("SMB", &hosts("10.0.0.5", 120, 445, S0), &[("host-scan", 450)]);
    check("some", &hosts("10.0.0.5", 25, 3389, Rej), &[("host-scan", 300)]);
    check("another port", &hosts("10.0.0.5", 25, 8_081, S0), &[("host-scan", 150)]);
    check(
        "from outside",
        &hosts("203.0.113.5", 120, 22, S0),
        &[("host-scan", 100)],
    );
    let mut slow = hosts("10.0.0.5", 40, 445, S0);
    for (minutes, said) in slow.iter_mut().enumerate() {
        if let Said::Flow(flow) = said {
            flow.first = super::at(minutes as u64 * 600);
            flow.last = super::at(minutes as u64 * 600 + 3);
        }
    }
    check_title(
        &slow,
        "scan for hosts: 10[.]0[.]0[.]5 tried tcp port 445 of 40 addresses within 6.5 h, 0 answered",
    );
}

#[test]
fn servers_that_are_gone_and_peers_are_no_scan() {
    let mut again = Vec::new();
    (0..10).for_each(|_| again.extend(hosts("10.0.0.5", 30, 8_089, S0)));
    check("the same again and again", &again, &[]);
    let mut named_ones = hosts("10.0.0.5", 30, 443, S0);
    for host in 0..30 {
        named_ones.push(named(
            &format!("10.1.0.{}", host + 1),
            &format!("web{host}.example.com"),
        ));
    }
    check("hosts with names", &named_ones, &[]);
    check("BitTorrent", &hosts("10.0.0.5", 200, 6881, S0), &[]);
    let mut most_answer = hosts("10.0.0.5", 100, 22, Sf);
    most_answer.splice(0..0, hosts("10.0.0.5", 30, 22, S0));
    check("monitoring", &most_answer, &[]);
    let clients = (0..100).map(|host| {
        let from = format!("10.1.0.{}:50000", host + 1);
        Said::Flow(tcp(&from, "10.0.0.9:445", S0))
    });
    check("a server is down", &clients.collect::<Vec<_>>(), &[]);
}

#[test]
fn what_was_broken_off_counts_as_an_answer() {
    let mut touched = ports("10.0.0.5", "10.0.0.9", 1..40, Rsto);
    for said in &mut touched {
        if let Said::Flow(flow) = said {
            flow.sent.bytes = 0;
            flow.received.bytes = 0;
        }
    }
    check("all answer", &touched, &[]);
}

#[test]
fn asking_many_whether_they_are_there_is_a_sweep() {
    let sweep = |from: &str, count: u8, questions: u64| -> Vec<Said> {
        let flow = |host: u8| {
            ping(
                from,
                &format!("10.0.7.{}", host + 1),
                (questions, 56),
                (u64::from(host.is_multiple_of(9)), 56),
            )
        };
        (0..count).map(|host| Said::Flow(flow(host))).collect()
    };
    check("all", &sweep("10.0.0.5", 254, 2), &[("ping-sweep", 300)]);
    check("some", &sweep("10.0.0.5", 30, 1), &[("ping-sweep", 200)]);
    check("a scanner", &sweep("10.0.0.200", 254, 2), &[("ping-sweep", 0)]);
    check("monitoring", &sweep("10.0.0.5", 40, 200), &[]);
    check("few", &sweep("10.0.0.5", 10, 2), &[]);
}

#[test]
fn tools_that_look_for_holes_say_who_they_are() {
    let asks = |from: &str, agent: &str| {
        let request = Http {
            method: "GET".into(),
            target: "/admin".into(),
            user_agent: Some(agent.into()),
            ..Http::default()
        };
        http(from, "10.0.0.9:80", request)
    };
    let sqlmap = "sqlmap/1.9#stable (https://sqlmap.org)";
    let twice = |from: &str, agent: &str| vec![asks(from, agent), asks(from, agent)];
    check("inside", &twice("10.0.0.5:50000", sqlmap), &[("scanning-tool", 350)]);
    check(
        "outside",
        &twice("203.0.113.5:50000", sqlmap),
        &[("scanning-tool", 100)],
    );
    check("ours", &twice("10.0.0.200:50000", sqlmap), &[("scanning-tool", 0)]);
    check(
        "a browser",
        &twice("10.0.0.5:50000", "Mozilla/5.0 (X11; Linux x86_64)"),
        &[],
    );
}

#[test]
fn findings_of_a_capture_do_not_depend_on_how_much_else_is_in_it() {
    let mut noise = Vec::new();
    for host in 0..40_000_u32 {
        let from = format!("203.0.{}.{}:1024", host / 250 % 250, host % 250 + 1);
        noise.push(Said::Flow(tcp(&from, &format!("10.9.{}.1:80", host / 10_000), S0)));
    }
    noise.extend(ports("10.0.0.5", "10.0.0.9", 1..200, Rej));
    let found = findings(&noise);
    assert!(found.iter().any(|finding| finding.rule.0 == "port-scan"), "{found:#?}");
}

#[test]
fn one_target_that_is_asked_again_and_again_hides_no_scan() {
    let waits = vec![Said::Flow(tcp("10.0.0.5:50000", "10.1.9.9:445", S0)); 2_000];
    check("a server that is gone", &waits, &[]);
    let mut scan = hosts("10.0.0.5", 120, 445, S0);
    scan.extend(waits);
    check("and a scan", &scan, &[("host-scan", 450)]);
    check_title(
        &scan,
        "scan for hosts: 10[.]0[.]0[.]5 tried tcp port 445 of 121 addresses within 1 s, 0 answered",
    );
    let watched = Said::Flow(ping("10.0.0.5", "10.0.9.9", (5_000, 56), (5_000, 56)));
    let mut sweep: Vec<Said> = (0..254)
        .map(|host| Said::Flow(ping("10.0.0.5", &format!("10.0.7.{}", host + 1), (2, 56), (0, 56))))
        .collect();
    sweep.push(watched);
    check("a sweep", &sweep[..], &[("ping-sweep", 300)]);
}

#[test]
fn those_that_answered_first_count_as_well() {
    let mut open_first = ports("10.0.0.5", "10.0.0.9", 1..31, Sf);
    open_first.extend(ports("10.0.0.5", "10.0.0.9", 100..120, Rej));
    check("ports", &open_first, &[]);
    let server = |host: u16, state| Said::Flow(tcp("10.0.0.5:50000", &format!("10.1.0.{host}:22"), state));
    let mut up_first: Vec<Said> = (1..60).map(|host| server(host, Sf)).collect();
    up_first.extend((100..130).map(|host| server(host, S0)));
    check("hosts", &up_first, &[]);
    let mut both: Vec<Said> = (1..41).map(|host| server(host, S0)).collect();
    both.extend((1..11).map(|host| server(host, Sf)));
    check_title(
        &both,
        "scan for hosts: 10[.]0[.]0[.]5 tried tcp port 22 of 40 addresses within 1 s, 10 answered",
    );
}
