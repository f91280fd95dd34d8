//! What hosts of one link say of themselves.

use super::{Said, at, check, check_title, event, findings, ping};
use std::net::Ipv4Addr;
use watchfire_model::Target;
use watchfire_model::network::{Arp, Dhcp, Exchange, Icmp, Mac};

fn mac(last: u8) -> Mac {
    Mac([0x00, 0x1b, 0x21, 0, 0, last])
}

/// A host says to have an address: how often it was asked, and how often not.
fn arp(mac: Mac, address: &str, answers: u64, unasked: u64) -> Said {
    let arp = Arp {
        mac,
        address: address.parse().unwrap(),
        frame_mac: None,
        vlan: None,
        questions: 1,
        targets: 1,
        first_targets: Vec::new(),
        probes: 0,
        answers,
        unasked,
        announcements: 0,
        last_frame: 90,
        last: at(600),
    };
    event(&format!("{address}:0"), "10.0.0.1:0", Exchange::Arp(Box::new(arp)))
}

#[test]
fn who_says_to_have_the_addresses_of_others_is_found() {
    let spoofed = [
        arp(mac(1), "10.0.0.1", 4, 0),
        arp(mac(66), "10.0.0.66", 2, 0),
        arp(mac(66), "10.0.0.1", 0, 40),
    ];
    check("between", &spoofed, &[("arp-spoofing", 450)]);
    let twice = [arp(mac(1), "10.0.0.7", 1, 0), arp(mac(2), "10.0.0.7", 1, 0)];
    check("given twice", &twice, &[("arp-spoofing", 150)]);
    let router = Mac([0x00, 0x00, 0x5e, 0x00, 0x01, 0x0a]);
    let shared = [arp(router, "10.0.0.1", 9, 9), arp(mac(1), "10.0.0.1", 1, 0)];
    check("a group of routers", &shared, &[]);
    let several = [
        arp(mac(1), "10.0.0.1", 9, 9),
        arp(mac(1), "10.0.1.1", 9, 9),
        arp(mac(2), "10.0.0.2", 9, 9),
    ];
    check("several addresses", &several, &[]);
}

/// A server gives an address.
fn dhcp(server: &str, router: &str, resolver: &str, script: Option<&str>) -> Said {
    let parse = |text: &str| -> Ipv4Addr { text.parse().unwrap() };
    let dhcp = Dhcp {
        server: Some(parse(server)),
        assigned: Some(parse("10.0.0.42")),
        routers: vec![parse(router)],
        resolvers: vec![parse(resolver)],
        proxy_script: script.map(Into::into),
        ..Dhcp::default()
    };
    event("10.0.0.42:68", &format!("{server}:67"), Exchange::Dhcp(Box::new(dhcp)))
}

#[test]
fn servers_of_leases_that_contradict_each_other_are_found() {
    let ours = || dhcp("10.0.0.2", "10.0.0.1", "10.0.0.1", None);
    check(
        "routers",
        &[ours(), dhcp("10.0.0.66", "10.0.0.66", "10.0.0.1", None)],
        &[("rogue-dhcp", 350)],
    );
    check(
        "resolvers",
        &[ours(), dhcp("10.0.0.66", "10.0.0.1", "10.0.0.66", None)],
        &[("rogue-dhcp", 350)],
    );
    check(
        "two that share the work",
        &[ours(), dhcp("10.0.0.3", "10.0.0.1", "10.0.0.1", None)],
        &[],
    );
    let script = dhcp(
        "10.0.0.2",
        "10.0.0.1",
        "10.0.0.1",
        Some("http://wpad.corp.example/wpad.dat"),
    );
    check("a proxy", &[script], &[("rogue-dhcp", 100)]);
}

#[test]
fn answers_to_echoes_that_say_something_else_are_a_tunnel() {
    let answers = |same_answers, other_answers| {
        let icmp = Icmp {
            message: 8,
            same_answers,
            other_answers,
            ..Icmp::default()
        };
        let flow = ping("10.0.0.5", "203.0.113.9", (40, 84), (40, 84));
        [
            event("10.0.0.5:8", "203.0.113.9:0", Exchange::Icmp(Box::new(icmp))),
            Said::Flow(flow),
        ]
    };
    check("other", &answers(1, 39), &[("icmp-tunnel", 450)]);
    check("same", &answers(40, 0), &[]);
    check("damaged", &answers(38, 2), &[]);
}

/// What findings of a rule are about.
#[track_caller]
fn check_targets(said: &[Said], rule: &str, expected: &[&str]) {
    let found = findings(said);
    let found = found.iter().filter(|finding| finding.rule.0 == rule);
    let targets: Vec<Target> = found.flat_map(|finding| finding.targets.clone()).collect();
    let expected: Vec<Target> = expected.iter().map(|host| Target::Host((*host).into())).collect();
    assert_eq!(targets, expected);
}

#[test]
fn a_spoofed_address_is_no_target_and_its_spoofer_is() {
    let gateway = || [arp(mac(1), "10.0.0.1", 4, 0), arp(mac(66), "10.0.0.1", 0, 40)];
    let mut both = Vec::from(gateway());
    both.push(arp(mac(66), "10.0.0.66", 2, 0));
    check_targets(&both, "arp-spoofing", &["10.0.0.66"]);
    // Who says nothing of himself is known by his address on the link alone.
    let mut silent = Vec::from(gateway());
    silent.extend([arp(mac(23), "10.0.0.23", 4, 0), arp(mac(66), "10.0.0.23", 0, 40)]);
    check_targets(&silent, "arp-spoofing", &["00:1b:21:00:00:42", "00:1b:21:00:00:42"]);
}

#[test]
fn a_router_with_several_addresses_is_not_its_own_spoofer() {
    let said = [
        arp(mac(1), "10.0.0.1", 9, 9),
        arp(mac(1), "10.0.0.254", 9, 9),
        arp(mac(23), "10.0.0.23", 4, 0),
        arp(mac(66), "10.0.0.66", 2, 0),
        arp(mac(66), "10.0.0.1", 0, 40),
        arp(mac(66), "10.0.0.23", 0, 40),
    ];
    check_targets(&said, "arp-spoofing", &["10.0.0.66", "10.0.0.66"]);
}

/// Frames of a finding say these.
#[track_caller]
fn check_shown(said: &[Said], expected: &[&str]) {
    let found = findings(said);
    let shown: Vec<&str> = found
        .iter()
        .flat_map(|finding| finding.evidence())
        .map(|evidence| evidence.excerpt.raw())
        .collect();
    assert!(expected.iter().all(|text| shown.contains(text)), "{shown:#?}");
}

#[test]
fn all_who_contradict_each_other_are_shown() {
    let mut claims = vec![arp(mac(1), "10.0.0.1", 4, 0); 12];
    claims.extend([arp(mac(66), "10.0.0.66", 2, 0), arp(mac(66), "10.0.0.1", 0, 40)]);
    check_shown(
        &claims,
        &["10.0.0.1 is at 00:1b:21:00:00:42", "10.0.0.1 is at 00:1b:21:00:00:01"],
    );
    let mut leases = vec![dhcp("10.0.0.2", "10.0.0.1", "10.0.0.1", None); 12];
    leases.push(dhcp("10.0.0.66", "10.0.0.66", "10.0.0.1", None));
    check_shown(
        &leases,
        &[
            "10.0.0.2 gives 10.0.0.42, router [10.0.0.1]",
            "10.0.0.66 gives 10.0.0.42, router [10.0.0.66]",
        ],
    );
}

/// The same as [`arp`], from one second to another.
fn arp_between(mac: Mac, address: &str, (answers, unasked): (u64, u64), (from, until): (u64, u64)) -> Said {
    let mut said = arp(mac, address, answers, unasked);
    if let Said::Event(event) = &mut said {
        event.time = at(from);
        if let Exchange::Arp(arp) = &mut event.exchange {
            arp.last = at(until);
        }
    }
    said
}

#[test]
fn an_address_that_changes_hands_is_not_spoofed() {
    let leased = [
        arp_between(mac(1), "10.0.0.7", (9, 0), (0, 600)),
        arp_between(mac(2), "10.0.0.30", (9, 0), (0, 600)),
        arp_between(mac(2), "10.0.0.7", (9, 6), (7_200, 9_000)),
    ];
    check("leased again", &leased, &[]);
    let taken_over = [
        arp_between(mac(1), "10.0.0.7", (9, 0), (0, 600)),
        arp_between(mac(2), "10.0.0.30", (9, 0), (0, 9_000)),
        arp_between(mac(2), "10.0.0.7", (9, 6), (7_200, 9_000)),
    ];
    check("taken over", &taken_over, &[("arp-spoofing", 150)]);
    let [gateway, own, _] = taken_over;
    let never_stops = arp_between(mac(2), "10.0.0.7", (0, 40), (7_200, 9_000));
    check("never stops", &[gateway, own, never_stops], &[("arp-spoofing", 450)]);
    let twice = [arp(mac(1), "10.0.0.7", 1, 0), arp(mac(2), "10.0.0.7", 1, 0)];
    check_title(
        &twice,
        "address claimed twice: 00:1b:21:00:00:01 and 00:1b:21:00:00:02 say to have 10[.]0[.]0[.]7",
    );
}

#[test]
fn answers_to_echoes_are_weighed_against_all_that_are_the_same() {
    let answers = |same_answers, other_answers| {
        let icmp = Icmp {
            message: 8,
            same_answers,
            other_answers,
            ..Icmp::default()
        };
        event("10.0.0.5:8", "203.0.113.9:0", Exchange::Icmp(Box::new(icmp)))
    };
    let mut said = vec![answers(100, 0), answers(0, 25), answers(100, 0)];
    said.push(Said::Flow(ping("10.0.0.5", "203.0.113.9", (225, 84), (225, 84))));
    check("a link that damages some", &said, &[]);
}

#[test]
fn lists_in_another_order_contradict_nobody() {
    let gives = |server: &str, resolvers: [u8; 2]| {
        let mut said = dhcp(server, "10.0.0.1", "10.0.0.1", None);
        if let Said::Event(event) = &mut said
            && let Exchange::Dhcp(dhcp) = &mut event.exchange
        {
            dhcp.resolvers = resolvers.map(|last| Ipv4Addr::new(10, 0, 0, last)).into();
        }
        said
    };
    check("two", &[gives("10.0.0.2", [1, 2]), gives("10.0.0.3", [2, 1])], &[]);
}
