//! ARC against the suite of its authors, and chains sealed by our own signer.

use crate::signer::{Signer, SigningKey};
use crate::yaml::{Yaml, documents};
use crate::{open_texts, suite, texts, verified};
use std::collections::BTreeSet;
use watchfire_model::dns::DnsSnapshot;
use watchfire_model::{ArcOutcome, ArcResult};

fn zone(document: &Yaml) -> DnsSnapshot {
    let records = document.at("txt-records").entries();
    let records: Vec<(&str, &str)> = records
        .iter()
        .map(|(name, text)| (name.as_str(), text.text()))
        .collect();
    texts(&records)
}

#[test]
fn every_case_of_the_suite_holds() {
    let Some(text) = suite("arc-draft-validation-tests.yml") else {
        return;
    };
    let (mut cases, mut ids, mut misses) = (0, BTreeSet::new(), Vec::new());
    for (number, document) in documents(&text).into_iter().enumerate() {
        let dns = zone(&document);
        for (id, case) in document.at("tests").entries() {
            cases += 1;
            ids.insert((number, id.clone()));
            let found = verified(case.at("message").text().as_bytes(), &dns).arc;
            // Where a seal itself says that the chain is broken, the suite names no result.
            let wanted = match case.at("cv").text() {
                "None" => ArcOutcome::None,
                "Pass" => ArcOutcome::Pass,
                _ => ArcOutcome::Fail,
            };
            if found.outcome != wanted {
                misses.push(format!("{id}: wanted {wanted}, found {}: {}", found.outcome, found.why));
            }
        }
    }
    println!("ARC: {} of {cases} cases", cases - misses.len());
    assert!(misses.is_empty(), "\n{}", misses.join("\n"));
    // Four names stand there twice, with different mails; readers of YAML keep the last of each.
    assert_eq!((cases, ids.len()), (175, 171), "the suite is whole");
}

/// A field's value on one line, as it was signed: the suite folds signatures for its own sake.
fn as_signed(value: &str) -> String {
    let tags = value.split(';').map(|tag| {
        let words: Vec<&str> = tag.split_whitespace().collect();
        words.join(if tag.trim_start().starts_with("b=") { "" } else { " " })
    });
    tags.collect::<Vec<_>>().join("; ")
}

/// The suite's other half tells signers what to write; what it wants written has to be what we accept.
#[test]
fn what_the_suite_wants_signed_holds() {
    let Some(text) = suite("arc-draft-sign-tests.yml") else {
        return;
    };
    let mut cases = 0;
    for document in documents(&text) {
        let dns = zone(&document);
        for (id, case) in document.at("tests").entries() {
            cases += 1;
            let message = case.at("message").text();
            let [seal, signature, results] = ["AS", "AMS", "AAR"].map(|tag| as_signed(case.at(tag).text()));
            if seal.is_empty() {
                assert_eq!(verified(message.as_bytes(), &dns).arc.outcome, ArcOutcome::Fail, "{id}");
                continue;
            }
            let signed = format!(
                "ARC-Seal: {seal}\nARC-Message-Signature: {signature}\nARC-Authentication-Results: {results}\n{message}"
            );
            let found = verified(signed.as_bytes(), &dns).arc;
            let wanted = if seal.contains("cv=fail") {
                ArcOutcome::Fail
            } else {
                ArcOutcome::Pass
            };
            assert_eq!(found.outcome, wanted, "{id}: {}", found.why);
        }
    }
    assert_eq!(cases, 17, "the suite is whole");
}

const MAIL: &str = "From: a@corp.example\r\nSubject: x\r\n\r\nbody\r\n";

fn sealed(key: &SigningKey, sets: u32) -> String {
    let mut mail = MAIL.to_owned();
    for instance in 1..=sets {
        let before = if instance == 1 { "none" } else { "pass" };
        let signer = Signer {
            key,
            domain: "list.example",
            selector: "k1",
            forms: "relaxed/relaxed",
            fields: "from:subject",
            tags: "t=1",
        };
        mail = signer.arc(&mail, instance, "mx.list.example; spf=pass", before);
    }
    mail
}

#[track_caller]
fn check(mail: &str, dns: &DnsSnapshot, expected: ArcOutcome) -> ArcResult {
    let found = verified(mail.as_bytes(), dns).arc;
    assert_eq!(found.outcome, expected, "{}\n{mail}", found.why);
    found
}

#[test]
fn chains_of_our_signer_hold_until_something_changes() {
    for key in [SigningKey::rsa().unwrap(), SigningKey::ed25519().unwrap()] {
        let dns = texts(&[("k1._domainkey.list.example", &key.record())]);
        for sets in [1, 2, 5] {
            let mail = sealed(&key, sets);
            let found = check(&mail, &dns, ArcOutcome::Pass);
            assert_eq!(found.sets.len(), usize::try_from(sets).unwrap());
            assert_eq!(found.sets[0].results.raw(), "mx.list.example; spf=pass");
            check(&mail.replace("body", "other"), &dns, ArcOutcome::Fail);
            check(&mail.replace("Subject: x", "Subject: y"), &dns, ArcOutcome::Fail);
            check(&mail.replacen("spf=pass", "spf=fail", 1), &dns, ArcOutcome::Fail);
            check(&mail.replacen("cv=none", "cv=pass", 1), &dns, ArcOutcome::Fail);
            check(&mail, &open_texts(&[]), ArcOutcome::Unverified);
            check(&mail, &texts(&[]), ArcOutcome::Fail);
        }
    }
}

#[test]
fn more_than_fifty_sets_are_no_chain() {
    let key = SigningKey::ed25519().unwrap();
    let dns = texts(&[("k1._domainkey.list.example", &key.record())]);
    check(&sealed(&key, 50), &dns, ArcOutcome::Pass);
    check(&sealed(&key, 51), &dns, ArcOutcome::Fail);
}
