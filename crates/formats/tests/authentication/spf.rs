//! SPF against the suite of RFC 7208, every case of it.

use crate::suite;
use crate::yaml::{Yaml, documents};
use watchfire_formats::email::authentication::ask::Asker;
use watchfire_formats::email::authentication::spf::{Request, check};
use watchfire_model::dns::{Answer, DnsSnapshot, Name, Question, Record, RecordKind};
use watchfire_model::{Moment, SpfOutcome, SpfResult};

/// What the suite writes instead of bytes: one character each.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap()).collect()
}

fn name(text: &str) -> Option<Name> {
    Name::parse(text)
}

/// The zone of a scenario. An entry of type SPF stands for one of type TXT, unless there are such entries too.
fn zone(data: &Yaml) -> DnsSnapshot {
    let mut dns = DnsSnapshot::new();
    dns.complete(Name::default());
    for (host, records) in data.entries() {
        let Some(host) = name(host) else { continue };
        let items = records.items();
        let has_txt = items.iter().any(|item| *item.at("TXT") != Yaml::Null);
        for item in &items {
            for (kind, value) in item.entries() {
                let kind = match kind.as_str() {
                    "SPF" if has_txt => continue,
                    "SPF" => "TXT",
                    kind => kind,
                };
                if value.text() == "NONE" {
                    continue;
                }
                if let Some(record) = record(kind, value) {
                    dns.add(host.clone(), RecordKind::named(kind).unwrap(), record);
                }
            }
        }
        if items.iter().any(|item| item.text() == "TIMEOUT") {
            for kind in RecordKind::ALL {
                let question = Question {
                    name: host.clone(),
                    kind,
                };
                let held = items
                    .iter()
                    .any(|item| *item.at(kind.name()) != Yaml::Null && item.at(kind.name()).text() != "NONE");
                if !held {
                    dns.insert(question, Answer::Failed);
                }
            }
        }
    }
    dns
}

fn record(kind: &str, value: &Yaml) -> Option<Record> {
    Some(match kind {
        "A" | "AAAA" => Record::Address(value.text().parse().unwrap()),
        "CNAME" | "PTR" => Record::Name(name(value.text())?),
        "MX" => Record::Mail {
            preference: value.items()[0].text().parse().unwrap(),
            exchange: name(value.items()[1].text())?,
        },
        "TXT" => Record::Text(value.items().iter().flat_map(|text| bytes(text.text())).collect()),
        other => panic!("a record of type {other}"),
    })
}

fn run(case: &Yaml, dns: &DnsSnapshot) -> (SpfResult, usize) {
    let mut asker = Asker::new(dns);
    let result = check(
        &Request {
            client: case.at("host").text().parse().unwrap(),
            helo: case.at("helo").text(),
            mail_from: case.at("mailfrom").text(),
            receiver: "",
            as_of: Moment::from_unix(0),
        },
        &mut asker,
    );
    (result, asker.into_missing().len())
}

/// What is wrong with a case; nothing if it is as the suite wants it.
fn wrong(id: &str, case: &Yaml, dns: &DnsSnapshot) -> Option<String> {
    let (result, missing) = run(case, dns);
    let wanted: Vec<&str> = case.at("result").items().iter().map(|text| text.text()).collect();
    let explanation = case.at("explanation").text();
    let found = result.explanation.as_ref().map_or("DEFAULT", |text| text.raw());
    let right = wanted.contains(&result.outcome.name())
        && (explanation.is_empty() || explanation == found)
        && missing == 0
        && !result.why.is_empty();
    (!right).then(|| {
        format!(
            "{id}: wanted {wanted:?} '{explanation}', found {} '{found}': {}",
            result.outcome, result.why
        )
    })
}

#[test]
fn every_case_of_the_suite_holds() {
    let Some(text) = suite("rfc7208-tests.yml") else {
        return;
    };
    let (mut cases, mut misses) = (0, Vec::new());
    for scenario in documents(&text) {
        let dns = zone(scenario.at("zonedata"));
        for (id, case) in scenario.at("tests").entries() {
            cases += 1;
            misses.extend(wrong(id, case, &dns));
        }
    }
    println!("SPF: {} of {cases} cases", cases - misses.len());
    assert!(misses.is_empty(), "\n{}", misses.join("\n"));
    assert_eq!(cases, 203, "the suite is whole");
}

/// Answering what is missing, one round after another, leads to the same result as knowing everything at once.
#[test]
fn rounds_of_questions_lead_to_the_same_result() {
    let Some(text) = suite("rfc7208-tests.yml") else {
        return;
    };
    for scenario in documents(&text) {
        let all = zone(scenario.at("zonedata"));
        for (id, case) in scenario.at("tests").entries() {
            let mut known = DnsSnapshot::new();
            let mut rounds = 0;
            let found = loop {
                let mut asker = Asker::new(&known);
                let request = Request {
                    client: case.at("host").text().parse().unwrap(),
                    helo: case.at("helo").text(),
                    mail_from: case.at("mailfrom").text(),
                    receiver: "",
                    as_of: Moment::from_unix(0),
                };
                let result = check(&request, &mut asker);
                let missing = asker.into_missing();
                if missing.is_empty() {
                    break result;
                }
                rounds += 1;
                assert!(rounds < 60, "{id}: does not end");
                for question in missing {
                    let answer = answer(&all, &question);
                    known.insert(question, answer);
                }
            };
            assert_eq!(found, run(case, &all).0, "{id}");
            assert_ne!(found.outcome, SpfOutcome::Unverified, "{id}");
        }
    }
}

/// What a resolver would say.
fn answer(all: &DnsSnapshot, question: &Question) -> Answer {
    use watchfire_model::dns::Known;
    match all.look_up(question) {
        Known::Records(records) => Answer::Records(records.to_vec()),
        Known::NoSuchName => Answer::NoSuchName,
        Known::NoData => Answer::Records(Vec::new()),
        Known::Failed => Answer::Failed,
        Known::Unknown(_) => panic!("the zone is complete"),
    }
}
