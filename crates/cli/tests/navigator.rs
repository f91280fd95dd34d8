//! Reports as layers of the ATT&CK Navigator: what the format asks for, and where techniques come from.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::Bed;
use serde_json::Value;
use std::collections::BTreeSet;

/// Two rules hold, one of them is only counted; one names a technique that is none, and a title that acts on terminals.
const RULES: &str = r#"title: "Loud \e[2J"
id: 11111111-1111-4111-8111-111111111111
status: stable
level: critical
author: A
tags: [attack.execution, attack.t1059.001, attack.t1059, attack.t9999]
logsource: {product: windows}
detection: {s: {EventID: 4688}, condition: s}
---
title: Quiet
id: 22222222-2222-4222-8222-222222222222
status: experimental
level: low
tags: [attack.t1110, attack.t1059.001]
logsource: {product: windows}
detection: {s: {EventID: 4688}, condition: s}
---
title: Never
id: 33333333-3333-4333-8333-333333333333
status: stable
level: high
tags: [attack.t1003]
logsource: {product: windows}
detection: {s: {EventID: 1}, condition: s}
"#;

const EVENT: &str = concat!(
    r#"{"EventID":4688,"Channel":"Security","Computer":"DC01","TimeCreated":"2026-11-20T09:00:00Z","#,
    r#""Provider_Name":"Microsoft-Windows-Security-Auditing","NewProcessName":"C:\\a.exe"}"#,
    "\n"
);

const PAGE: &str = "<a href=\"http://203.0.113.66/update.exe\">https://sign.example.com/</a>\n";

/// The layer, after it was held to the rules of format 4.5.
#[track_caller]
fn layer(bed: &Bed, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["-q", "--as-of", "2026-11-21", "--format", "navigator"]);
    let ran = bed.run(&all);
    let layer: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    hold(&layer);
    layer
}

/// The property tables of the format: what is required, of which type, and nothing that they do not know.
#[track_caller]
fn hold(layer: &Value) {
    known(
        layer,
        &[
            "name",
            "versions",
            "domain",
            "description",
            "sorting",
            "layout",
            "hideDisabled",
            "techniques",
            "gradient",
            "legendItems",
            "metadata",
        ],
    );
    assert!(layer["name"].is_string() && layer["description"].is_string());
    assert_eq!(layer["domain"], "enterprise-attack");
    known(&layer["versions"], &["navigator", "layer"]);
    assert_eq!(layer["versions"]["layer"], "4.5");
    let navigator: Vec<u32> = text(&layer["versions"]["navigator"])
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    assert!(navigator >= vec![4, 9, 0]);
    assert!((0..=3).contains(&layer["sorting"].as_u64().unwrap()));
    assert!(layer["hideDisabled"].is_boolean());
    let layout = &layer["layout"];
    known(layout, &["layout", "showID", "showName", "expandedSubtechniques"]);
    assert!(["side", "flat", "mini"].contains(&text(&layout["layout"])));
    assert!(["none", "all", "annotated"].contains(&text(&layout["expandedSubtechniques"])));
    assert!(layout["showID"].is_boolean() && layout["showName"].is_boolean());
    let gradient = &layer["gradient"];
    known(gradient, &["colors", "minValue", "maxValue"]);
    assert!(list(&gradient["colors"]).len() >= 2);
    list(&gradient["colors"]).iter().for_each(colour);
    assert!(gradient["maxValue"].as_f64() > gradient["minValue"].as_f64());
    for item in list(&layer["legendItems"]) {
        known(item, &["label", "color"]);
        assert!(!text(&item["label"]).is_empty());
        colour(&item["color"]);
    }
    metadata(&layer["metadata"]);
    let mut met = BTreeSet::new();
    for technique in list(&layer["techniques"]) {
        known(
            technique,
            &[
                "techniqueID",
                "score",
                "color",
                "comment",
                "enabled",
                "metadata",
                "links",
            ],
        );
        let id = text(&technique["techniqueID"]);
        let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        let (parent, sub) = id.split_once('.').map_or((id, None), |(id, sub)| (id, Some(sub)));
        assert!(
            parent.strip_prefix('T').is_some_and(|number| digits(number, 4)) && sub.is_none_or(|sub| digits(sub, 3)),
            "{id}"
        );
        assert!(met.insert(id.to_owned()), "{id} stands twice");
        let score = technique["score"].as_f64().unwrap();
        assert!(gradient["minValue"].as_f64() <= Some(score) && Some(score) <= gradient["maxValue"].as_f64());
        colour(&technique["color"]);
        assert!(technique["enabled"].is_boolean() && !text(&technique["comment"]).is_empty());
        metadata(&technique["metadata"]);
        for link in list(&technique["links"]) {
            known(link, &["label", "url"]);
            assert!(text(&link["url"]).starts_with("https://attack.mitre.org/techniques/"));
        }
    }
}

#[track_caller]
fn known(value: &Value, names: &[&str]) {
    let found: BTreeSet<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(found, names.iter().copied().collect());
}

fn metadata(value: &Value) {
    for row in list(value) {
        known(row, &["name", "value"]);
        assert!(!text(&row["name"]).is_empty() && row["value"].is_string());
    }
}

fn colour(value: &Value) {
    let colour = text(value);
    assert!(
        colour.len() == 7
            && colour
                .strip_prefix('#')
                .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    );
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn technique<'l>(layer: &'l Value, id: &str) -> &'l Value {
    let found = list(&layer["techniques"]).iter().find(|one| one["techniqueID"] == id);
    found.unwrap_or_else(|| panic!("no {id}: {layer:#}"))
}

fn said<'l>(layer: &'l Value, name: &str) -> Option<&'l str> {
    let rows = list(&layer["metadata"]);
    rows.iter()
        .find(|row| row["name"] == name)
        .map(|row| text(&row["value"]))
}

#[test]
fn rules_that_hold_are_techniques_with_the_severest_first() {
    let bed = Bed::new("navigator-rules-that-hold-are");
    bed.write("rules/all.yml", RULES);
    bed.write("events.json", EVENT.repeat(3));
    let layer = layer(&bed, &["logs", "events.json", "--rules", "rules"]);
    let ids: Vec<&str> = list(&layer["techniques"])
        .iter()
        .map(|one| text(&one["techniqueID"]))
        .collect();
    assert_eq!(ids, ["T1059", "T1059.001", "T1110"], "{layer:#}");
    let both = technique(&layer, "T1059.001");
    assert_eq!(both["score"], 100);
    assert_eq!(both["color"], list(&layer["legendItems"])[4]["color"]);
    assert_eq!(
        both["comment"],
        "critical: Sigma: Loud \\u{1b}[2J, 3 times\nlow: Sigma: Quiet, 3 times"
    );
    assert_eq!(both["metadata"][1]["value"], "6");
    assert_eq!(technique(&layer, "T1110")["score"], 25);
    assert_eq!(said(&layer, "not in the matrix"), Some("T9999"));
    assert_eq!(said(&layer, "records"), Some("3"));
}

#[test]
fn findings_are_techniques_and_what_is_hidden_is_none() {
    let bed = Bed::new("navigator-findings-are-techni");
    bed.write("page.html", PAGE);
    bed.write("note.txt", "T1059.001 stands here, and shows nothing\n");
    let found = layer(&bed, &["triage", "page.html", "note.txt"]);
    let report = bed.run(&[
        "triage",
        "-q",
        "--as-of",
        "2026-11-21",
        "-f",
        "json",
        "page.html",
        "note.txt",
    ]);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let shown: BTreeSet<&str> = list(&report["findings"])
        .iter()
        .flat_map(|finding| list(&finding["techniques"]))
        .map(text)
        .collect();
    let ids: BTreeSet<&str> = list(&found["techniques"])
        .iter()
        .map(|one| text(&one["techniqueID"]))
        .collect();
    assert_eq!(ids, shown);
    assert!(!ids.is_empty() && !ids.contains("T1059.001"), "{ids:?}");
    assert_eq!(said(&found, "verdict"), report["judgement"]["verdict"].as_str());
    bed.write("empty.txt", "nothing\n");
    assert_eq!(list(&layer(&bed, &["triage", "empty.txt"])["techniques"]).len(), 0);
}

#[test]
fn what_is_no_report_has_no_layer() {
    let bed = Bed::new("navigator-what-is-no-report-h");
    bed.write("note.txt", "203.0.113.7\n");
    bed.run(&["extract", "-f", "navigator", "note.txt"]).expect(
        2,
        &["error: the format 'navigator' has no place for lists of observables"],
    );
}
