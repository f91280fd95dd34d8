//! What joins and what does not.

use super::Matter;
use super::deeds::Deed;
use super::join::{self, join};
use super::marks::{Known, Mark};
use crate::kin::Kin;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::log::{LogInOutcome, LogInRow, LogSummary};
use watchfire_model::{
    AddressRange, ArtifactId, DomainName, Host, Organisation, Period, Target, TieKind, Timestamp, Trace, Witness,
};

const HOUR: i64 = 3_600;

/// A deed of that hour.
fn deed(hour: i64, marks: &[Mark]) -> Deed {
    let at = Timestamp::new(hour * HOUR, 0);
    Deed {
        witness: Witness::Log,
        input: "log".into(),
        about: 0,
        findings: Vec::new(),
        seen: Some(Period { first: at, last: at }),
        marks: marks.iter().cloned().collect(),
        on: BTreeSet::new(),
        entered: BTreeSet::new(),
    }
}

/// The deeds of each story, by their places.
fn check(deeds: &[Deed], stories: &[&[usize]]) -> Vec<join::Group> {
    let groups = join(deeds);
    let found: Vec<&[usize]> = groups.iter().map(|group| group.deeds.as_slice()).collect();
    assert_eq!(found, stories);
    groups
}

fn machine(name: &str) -> Mark {
    Mark::Machine(name.to_owned())
}

#[test]
fn machines_join_within_a_day_and_files_at_any_time() {
    let file = Mark::File(ArtifactId::of(b"a"));
    let days = [
        deed(0, &[machine("pc")]),
        deed(20, &[machine("pc")]),
        // Within a day of the one before, if not of the first.
        deed(40, &[machine("pc")]),
        deed(80, &[machine("pc"), file.clone()]),
        deed(8_000, &[file]),
        deed(0, &[machine("other")]),
    ];
    check(&days, &[&[0, 1, 2], &[3, 4], &[5]]);
}

#[test]
fn what_lasts_reaches_to_what_lies_within_it() {
    let mut long = deed(0, &[machine("pc")]);
    long.seen = Some(Period {
        first: Timestamp::new(0, 0),
        last: Timestamp::new(100 * HOUR, 0),
    });
    check(
        &[long, deed(1, &[machine("pc")]), deed(99, &[machine("pc")])],
        &[&[0, 1, 2]],
    );
}

#[test]
fn what_happens_within_the_hour_after_somebody_got_in_is_theirs() {
    let mut guessed = deed(10, &[machine("pc")]);
    guessed.entered.insert("server".to_owned());
    let there = |hour| {
        let mut deed = deed(hour, &[]);
        deed.on.insert("server".to_owned());
        deed
    };
    let groups = check(&[there(9), guessed, there(10), there(12)], &[&[0], &[1, 2], &[3]]);
    let told = BTreeMap::from([(0, 1), (1, 2)]);
    let ties = groups.get(1).map(|group| join::ties(group, &told)).unwrap_or_default();
    let told: Vec<_> = ties
        .iter()
        .map(|tie| (tie.by, tie.value.raw(), tie.chapters.as_slice()))
        .collect();
    assert_eq!(told, [(TieKind::Entered, "server", &[1, 2][..])]);
}

#[test]
fn many_that_share_one_mark_are_joined_in_no_time() {
    let many: Vec<Deed> = (0..100_000).map(|at| deed(at / 1_000, &[machine("pc")])).collect();
    assert_eq!(join(&many).len(), 1);
}

fn organisation() -> Organisation {
    Organisation {
        domains: vec![DomainName::parse("corp.example").expect("a domain")],
        ranges: vec![AddressRange::parse("10.0.0.0/16").expect("a range")],
        mail_gateways: vec![Host::parse("mx1.corp.example").expect("a host")],
        scanners: vec![Host::parse("10.0.9.10").expect("a host")],
        ..Organisation::default()
    }
}

/// Log-ins from so many machines.
fn logins(host: &str, user: &str, from: u8) -> Vec<LogInRow> {
    let row = |number: u8| LogInRow {
        user: user.into(),
        domain: "".into(),
        from: Some([10, 0, 5, number].into()),
        from_host: format!("PC-{number}").into(),
        host: host.into(),
        service: "kerberos",
        outcome: LogInOutcome::Accepted,
        count: 1,
        first: None,
        last: None,
    };
    (1..=from).map(row).collect()
}

#[test]
fn what_is_everybodys_joins_nothing() {
    let organisation = organisation();
    let log = LogSummary {
        logins: [logins("DC01.corp.example", "svc", 9), logins("PC-7", "clerk", 2)].concat(),
        ..LogSummary::default()
    };
    let kin = Kin::of(&[]);
    let known = Known::of(&Matter {
        kin: &kin,
        artifacts: &[],
        findings: &[],
        mails: &[],
        log: Some(&log),
        organisation: &organisation,
    });
    let trace = |trace: Trace| known.of_trace(&trace);
    // Names in any case, with and without the domain, and addresses that are called so are one machine.
    for name in ["PC-3", "pc-3.corp.example.", "PC-3$", "10.0.5.3", "::ffff:10.0.5.3"] {
        assert_eq!(trace(Trace::Machine(name.into())), Some(machine("pc-3")), "{name}");
    }
    for name in [
        "DC01",
        "dc01.corp.example",
        "mx1.corp.example",
        "10.0.9.10",
        "localhost",
    ] {
        assert_eq!(trace(Trace::Machine(name.into())), None, "{name}");
    }
    assert_eq!(
        trace(Trace::Account("CORP\\clerk".into())),
        Some(Mark::Account("clerk".to_owned()))
    );
    for name in [
        "svc",
        "SYSTEM",
        "NT AUTHORITY\\SYSTEM",
        "root",
        "PC-3$",
        "-",
        "",
        "svc@corp.example",
    ] {
        assert_eq!(trace(Trace::Account(name.into())), None, "{name}");
    }
    let host = |name: &str| known.of_target(&Target::Host(name.into()));
    assert_eq!(host("Evil.Example"), Some(Mark::Host("evil.example".to_owned())));
    assert_eq!(host("203.0.113.66"), Some(Mark::Host("203.0.113.66".to_owned())));
    assert_eq!(host("10.0.5.3"), Some(machine("pc-3")));
    for name in ["www.google.com", "8.8.8.8", "intranet.corp.example", "", "224.0.0.1"] {
        assert_eq!(host(name), None, "{name}");
    }
}
