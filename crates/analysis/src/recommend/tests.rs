//! Advice follows from findings, and hurts nobody who only stands beside.

use super::*;
use crate::detectors;

#[test]
fn every_rule_has_advice_and_every_advice_has_rules() {
    let advised: Vec<&str> = TABLE.iter().flat_map(|advice| advice.rules).copied().collect();
    let known: Vec<&str> = detectors::catalogue().map(|info| info.rule.0).collect();
    // What weighs nothing in any case asks for nothing.
    let weighs = |rule: &str| detectors::catalogue().any(|info| info.rule.0 == rule && info.weight > 0);
    assert!(known.iter().all(|rule| advised.contains(rule) || !weighs(rule)));
    assert!(advised.iter().all(|rule| known.contains(rule)));
    for rule in advised {
        let when = |wanted| {
            TABLE
                .iter()
                .any(|advice| advice.when == wanted && advice.rules.contains(&rule))
        };
        for (harm, milder) in [(When::Harm, When::Doubt), (When::Isolation, When::Inquiry)] {
            assert_eq!(when(harm), when(milder), "{rule}: what may harm has a milder form");
        }
    }
}

#[test]
fn nobody_is_told_to_block_what_serves_everybody_or_the_organisation() {
    let organisation = Organisation {
        domains: vec![watchfire_model::DomainName::parse("corp.example").unwrap()],
        ..Organisation::default()
    };
    let url = |text: &str| Target::Url(text.into());
    let host = |text: &str| Target::Host(text.into());
    for (target, expected) in [
        (host("evil.com"), true),
        (host("203.0.113.7"), true),
        (host("10.0.5.23"), false),
        (host("fd00::5"), false),
        (host("printer.local"), false),
        (url("http://192.168.1.7/a"), false),
        (host("microsoft.com"), false),
        (host("www.google.com"), false),
        (host("mail.corp.example"), false),
        (url("https://www.corp.example/a"), false),
        (url("https://sites.google.com/view/lure"), true),
        (url("https://www.google.com/"), false),
    ] {
        assert_eq!(may_be_acted_against(&target, &organisation), expected, "{target:?}");
    }
}

#[test]
fn what_hurts_needs_a_verdict() {
    let rule = |name: &str| detectors::catalogue().find(|info| info.rule.0 == name).unwrap();
    let place = watchfire_model::Evidence {
        artifact: watchfire_model::ArtifactId::of(b""),
        path: "x".into(),
        place: watchfire_model::Place::Whole,
        excerpt: "".into(),
    };
    let found: Vec<Finding> = ["link-text-differs", "archive-runnable-member"]
        .map(|name| {
            rule(name)
                .draft("")
                .at(place.clone())
                .about(Target::Host("evil.com".into()))
        })
        .into();
    let say = |verdict| -> Vec<String> {
        let advice = recommend(&found, &Coverage::default(), verdict, &Organisation::default());
        advice.iter().map(|advice| advice.text.raw().to_owned()).collect()
    };
    let hurts = |text: &String| {
        ["block", "isolate", "reset", "quarantine"]
            .iter()
            .any(|word| text.contains(word))
    };
    assert!(say(Verdict::Unknown).len() == 2 && !say(Verdict::Unknown).iter().any(hurts));
    assert!(say(Verdict::Suspicious).iter().all(hurts));
}

#[test]
fn advice_that_hurts_names_nobody_who_only_stands_beside() {
    let rule = detectors::catalogue()
        .find(|info| info.rule.0 == "link-text-differs")
        .unwrap();
    let place = watchfire_model::Evidence {
        artifact: watchfire_model::ArtifactId::of(b""),
        path: "x".into(),
        place: watchfire_model::Place::Whole,
        excerpt: "".into(),
    };
    let found = |hosts: &[&str]| -> Vec<Finding> {
        let finding = |host: &&str| rule.draft("").at(place.clone()).about(Target::Host((*host).into()));
        hosts.iter().map(finding).collect()
    };
    let say = |hosts: &[&str]| {
        let organisation = Organisation::default();
        recommend(&found(hosts), &Coverage::default(), Verdict::Malicious, &organisation)
    };
    assert_eq!(say(&["www.google.com"]), []);
    let advice = say(&["www.google.com", "evil.com"]);
    let evil = [Target::Host("evil.com".into())];
    assert!(
        advice.len() == 2 && advice.iter().all(|advice| advice.targets == evil),
        "{advice:?}"
    );
}

#[test]
fn advice_names_what_it_is_about() {
    let info = detectors::catalogue()
        .find(|info| info.rule.0 == "link-text-differs")
        .unwrap();
    let place = watchfire_model::Evidence {
        artifact: watchfire_model::ArtifactId::of(b""),
        path: "page.html".into(),
        place: watchfire_model::Place::Whole,
        excerpt: "".into(),
    };
    let check = |hosts: &[&str], names: &str| {
        let found: Vec<Finding> = hosts
            .iter()
            .map(|host| info.draft("").at(place.clone()).about(Target::Host((*host).into())))
            .collect();
        let advice = recommend(
            &found,
            &Coverage::default(),
            Verdict::Suspicious,
            &Organisation::default(),
        );
        let text = advice.first().unwrap().text.raw();
        assert!(text.starts_with(&format!("block {names}, where")), "{text}");
        let distinct: HashSet<_> = hosts.iter().collect();
        assert!(
            advice
                .iter()
                .all(|advice| advice.targets.len() == distinct.len() && !advice.text.raw().contains("{}"))
        );
    };
    check(&["evil.com"], "evil[.]com");
    check(
        &["evil.com", "203.0.113.7", "evil.com"],
        "evil[.]com and 203[.]0[.]113[.]7",
    );
    check(&["a.com", "b.com", "c.com"], "a[.]com, b[.]com and c[.]com");
    check(
        &["a.com", "b.com", "c.com", "d.com", "e.com"],
        "a[.]com, b[.]com, c[.]com and 2 more",
    );
    check(&["a.com\u{1b}[2J"], "a[.]com\\u{1b}[2J");
}

#[test]
fn nothing_found_and_all_read_calls_for_nothing() {
    assert_eq!(
        recommend(&[], &Coverage::default(), Verdict::Unknown, &Organisation::default()),
        []
    );
}

/// What is said of a host that somebody else works on, under a verdict.
#[track_caller]
fn check_taken(ranges: &[&str], targets: &[&str], expected: &[(&str, &[&str])]) {
    check_advised("dns-tunnel", ranges, targets, expected);
}

/// The same of what a rule found: the first word of each advice, and whom it names.
#[track_caller]
fn check_advised(rule: &str, ranges: &[&str], targets: &[&str], expected: &[(&str, &[&str])]) {
    let rule = detectors::catalogue().find(|info| info.rule.0 == rule).unwrap();
    let place = watchfire_model::Evidence {
        artifact: watchfire_model::ArtifactId::of(b""),
        path: "x".into(),
        place: watchfire_model::Place::Whole,
        excerpt: "".into(),
    };
    let finding = targets.iter().fold(rule.draft("").at(place), |finding, target| {
        finding.about(Target::Host((*target).into()))
    });
    let organisation = Organisation {
        domains: vec![watchfire_model::DomainName::parse("corp.example").unwrap()],
        ranges: ranges
            .iter()
            .map(|range| watchfire_model::AddressRange::parse(range).unwrap())
            .collect(),
        ..Organisation::default()
    };
    let advice = recommend(&[finding], &Coverage::default(), Verdict::Malicious, &organisation);
    let told: Vec<(&str, Vec<Target>)> = advice
        .iter()
        .map(|advice| {
            let text = advice.text.raw();
            (text.split(' ').next().unwrap_or(text), advice.targets.clone())
        })
        .collect();
    let expected: Vec<(&str, Vec<Target>)> = expected
        .iter()
        .map(|(text, targets)| (*text, targets.iter().map(|host| Target::Host((*host).into())).collect()))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn hosts_of_the_organisation_are_isolated_and_others_are_asked_about() {
    for ranges in [&["10.0.0.0/8"][..], &["198.51.100.0/24"], &[]] {
        check_taken(ranges, &["10.0.5.23"], &[("isolate", &["10.0.5.23"])]);
        check_taken(ranges, &["203.0.113.7"], &[("find", &["203.0.113.7"])]);
        check_taken(ranges, &["10.0.5.23", "203.0.113.7"], &[("isolate", &["10.0.5.23"])]);
    }
    check_taken(
        &["198.51.100.0/24"],
        &["198.51.100.9"],
        &[("isolate", &["198.51.100.9"])],
    );
    check_taken(&[], &["198.51.100.9"], &[("find", &["198.51.100.9"])]);
    check_taken(&[], &["fin-07.corp.example"], &[("isolate", &["fin-07.corp.example"])]);
}

#[test]
fn servers_of_leases_are_asked_about_and_never_isolated() {
    let servers = &["10.0.0.2", "10.0.0.66"][..];
    check_advised("rogue-dhcp", &["10.0.0.0/8"], servers, &[("ask", servers)]);
}
