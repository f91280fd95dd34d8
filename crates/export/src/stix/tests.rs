//! STIX: ids that are the same every time, what is told of values and findings, and what enemies write as text.

use super::*;
use crate::{Style, exporter, samples};

fn bundle(report: &Report) -> Vec<Value> {
    let mut out = Vec::new();
    exporter("stix")
        .unwrap()
        .report(report, &Style::default(), &mut out)
        .unwrap();
    let bundle: Value = serde_json::from_slice(&out).unwrap();
    assert!(bundle["id"].as_str().unwrap().starts_with("bundle--"));
    bundle["objects"].as_array().unwrap().clone()
}

fn of<'b>(objects: &'b [Value], kind: &str) -> Vec<&'b Value> {
    objects.iter().filter(|object| object["type"] == kind).collect()
}

/// Every reference leads to an object of the bundle, and no identifier stands twice.
#[track_caller]
fn hold(objects: &[Value]) {
    let ids: BTreeSet<&str> = objects.iter().map(|object| object["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), objects.len());
    for object in objects {
        for (name, value) in object.as_object().unwrap() {
            let refs: Vec<&str> = match value {
                Value::String(id) if name.ends_with("_ref") => vec![id],
                Value::Array(all) if name.ends_with("_refs") => all.iter().map(|id| id.as_str().unwrap()).collect(),
                _ => Vec::new(),
            };
            assert!(refs.iter().all(|id| ids.contains(id)), "{name}: {refs:?}");
            assert!(!name.ends_with("_refs") || !refs.is_empty(), "{name} is empty");
        }
    }
}

#[test]
fn a_hostile_report_is_a_bundle_whose_references_hold() {
    let objects = bundle(&samples::hostile());
    hold(&objects);
    assert_eq!(of(&objects, "report").len(), 1);
    assert_eq!(
        of(&objects, "note").len(),
        4,
        "two findings, and two types without an object"
    );
    assert_eq!(of(&objects, "observed-data").len(), 2);
    assert_eq!(of(&objects, "email-message").len(), 1);
    assert_eq!(of(&objects, "malware-analysis").len(), 1);
    assert_eq!(of(&objects, "marking-definition")[0]["name"], "TLP:AMBER+STRICT");
    assert!(
        objects[1..]
            .iter()
            .all(|object| object["object_marking_refs"][0] == objects[0]["id"])
    );
}

#[test]
fn indicators_are_of_what_may_be_acted_on() {
    let objects = bundle(&samples::hostile());
    let patterns: Vec<&str> = of(&objects, "indicator")
        .iter()
        .map(|indicator| indicator["pattern"].as_str().unwrap())
        .collect();
    assert!(
        patterns.contains(&"[domain-name:value = 'evil-pay.com']"),
        "{patterns:#?}"
    );
    assert!(patterns.contains(&r"[file:name = 'it\'s.exe' AND file:parent_directory_ref.path = 'C:\\Temp']"));
    assert!(
        !patterns
            .iter()
            .any(|pattern| pattern.contains("203.0.113.66") || pattern.contains("cdn.com"))
    );
    let domain = of(&objects, "indicator")
        .into_iter()
        .find(|indicator| indicator["pattern"] == "[domain-name:value = 'evil-pay.com']")
        .unwrap();
    assert_eq!(domain["name"], "domain evil-pay[.]com");
    assert_eq!(domain["indicator_types"], json!(["malicious-activity"]));
    assert_eq!(domain["confidence"], 85);
    let kinds: Vec<&Value> = of(&objects, "relationship")
        .into_iter()
        .filter(|one| one["source_ref"] == domain["id"])
        .map(|one| &one["relationship_type"])
        .collect();
    assert_eq!(kinds, ["based-on", "indicates", "indicates"]);
}

#[test]
fn what_a_source_knows_and_was_met_is_sighted() {
    let mut report = samples::report();
    let seen = samples::observed(ObservableType::Domain, "bad.com", &[], Verdict::Malicious);
    let mut listed = watchfire_model::Enrichment::silent("feed", watchfire_model::Outcome::Found, "");
    listed.towards = Verdict::Malicious;
    report.reputations = vec![watchfire_model::Reputation {
        input: Untrusted::default(),
        observable: seen.observable.clone(),
        judgement: report.judgement.clone(),
        location: watchfire_model::Location::NOWHERE,
        tags: Vec::new(),
        asset: None,
        enrichments: vec![listed],
        asked: watchfire_model::Asked::default(),
    }];
    report.artifacts = vec![samples::artifact("note.txt", vec![seen])];
    let objects = bundle(&report);
    hold(&objects);
    let sightings = of(&objects, "sighting");
    assert_eq!(sightings.len(), 1);
    assert_eq!(sightings[0]["count"], 2);
    report.artifacts.clear();
    assert!(
        of(&bundle(&report), "sighting").is_empty(),
        "what was only asked for was not met"
    );
}

#[test]
fn a_report_of_nothing_is_a_bundle_too() {
    let mut report = samples::report();
    report.tlp = None;
    let objects = bundle(&report);
    hold(&objects);
    assert_eq!(objects.len(), 2);
}
