//! What a report looks like in every format: one story, drawn in all ways.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test reads its expectations from files, and its example is one long value"
)]

mod story;

use std::collections::BTreeSet;
use story::{artifact, check_text, listing, observed, report};
use watchfire_export::{Colour, Form, Glyphs, Style, exporter};
use watchfire_model::{Diagnostic, DiagnosticSeverity, ObservableType, Observed, Place, Report, Role, Tag, Untrusted};

/// Compares with `tests/screens/NAME`; `WATCHFIRE_BLESS=1` writes it.
#[track_caller]
fn check(name: &str, format: &str, style: Style) {
    let mut out = Vec::new();
    exporter(format).unwrap().report(&report(), &style, &mut out).unwrap();
    check_text(name, &String::from_utf8(out).unwrap());
}

#[test]
fn a_wide_screen() {
    check("wide.txt", "text", Style::default());
}

#[test]
fn a_narrow_screen_is_stacked() {
    check(
        "narrow.txt",
        "text",
        Style {
            width: 60,
            ..Style::default()
        },
    );
}

/// The same story with everything that could run over the edge.
fn wordy() -> Report {
    let mut report = report();
    let deep = "evidence/2026/november/mail-gateway/quarantine/held-for-the-morning-shift/message.eml";
    let mut seen = observed(ObservableType::Domain, "c2.example", Role::Indicator);
    seen.tags = [
        "disposable-service",
        "majestic_million",
        "own-abused-services",
        "shared-infrastructure",
    ]
    .map(Tag)
    .to_vec();
    let long = format!("http://evil.example/{}", "a".repeat(55));
    let endless = format!("http://evil.example/{}", "b".repeat(400));
    let rule = "rule Grey_Heron\n{\n  condition: true\n}";
    let mut copy = artifact(deep, 0, "message/rfc822", Vec::new());
    copy.duplicate_of = Some(deep.into());
    report.artifacts.extend([
        artifact(
            deep,
            0,
            "message/rfc822",
            vec![
                seen,
                observed(ObservableType::Url, &long, Role::Indicator),
                observed(ObservableType::Url, &endless, Role::Indicator),
                observed(ObservableType::YaraRule, rule, Role::Mentioned),
            ],
        ),
        copy,
    ]);
    report.diagnostics.push(Diagnostic {
        severity: DiagnosticSeverity::Note,
        code: "read-as-text",
        message: Untrusted::new("read as text only"),
        artifact: deep.into(),
    });
    report
}

#[test]
fn nothing_runs_over_the_edge_but_what_must_stay_whole() {
    let report = wordy();
    for width in [60, 79, 80, 100, 132] {
        let style = Style {
            width,
            ..Style::default()
        };
        let mut out = Vec::new();
        let text = exporter("text").unwrap();
        text.report(&report, &style, &mut out).unwrap();
        let inputs: Vec<(&str, &[Observed])> = report
            .artifacts
            .iter()
            .map(|artifact| (artifact.path.raw(), artifact.observables.as_slice()))
            .collect();
        let screen = String::from_utf8(out).unwrap() + &listing("text", width, &inputs);
        for line in screen.lines() {
            // The type, and a value that can be copied.
            let whole = line.split_whitespace().count() <= 2 && !line.contains("more");
            assert!(line.chars().count() <= width || whole, "{width}: {line}");
        }
    }
}

#[test]
fn what_would_run_over_the_edge() {
    let mut out = Vec::new();
    let style = Style {
        width: 80,
        top: Some(0),
        ..Style::default()
    };
    let report = wordy();
    exporter("text").unwrap().report(&report, &style, &mut out).unwrap();
    check_text("wordy.txt", &String::from_utf8(out).unwrap());
}

#[test]
fn seven_bits_live_values_and_everything() {
    check(
        "ascii-raw.txt",
        "text",
        Style {
            glyphs: Glyphs::Ascii,
            form: Form::Raw,
            top: Some(0),
            ..Style::default()
        },
    );
}

#[test]
fn a_coloured_screen_says_the_same() {
    let draw = |colour| {
        let mut out = Vec::new();
        let style = Style {
            colour,
            ..Style::default()
        };
        exporter("text").unwrap().report(&report(), &style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let mut plain = draw(Colour::Ansi);
    for code in ["[0m", "[1m", "[2m", "[1;31m", "[1;33m", "[32m"] {
        plain = plain.replace(&format!("\u{1b}{code}"), "");
    }
    assert_eq!(plain, draw(Colour::Off));
}

/// Every object that `schema` describes, wherever it stands.
fn objects<'s>(schema: &'s serde_json::Value, found: &mut Vec<&'s serde_json::Map<String, serde_json::Value>>) {
    match schema {
        serde_json::Value::Object(object) => {
            // A field may be called `properties`, too.
            if object.get("type").is_some_and(|kind| kind == "object") {
                found.push(object);
            }
            object.values().for_each(|value| objects(value, found));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| objects(value, found)),
        _ => {}
    }
}

#[test]
fn a_list_is_there_even_if_it_is_empty() {
    for schema in watchfire_export::schema::SCHEMAS {
        let text: serde_json::Value = serde_json::from_str(schema.text).unwrap();
        let mut found = Vec::new();
        objects(&text, &mut found);
        for object in found {
            let fields = object
                .get("properties")
                .and_then(|fields| fields.as_object())
                .into_iter()
                .flatten();
            for (name, _) in fields.filter(|(_, field)| field["type"] == "array") {
                let required = object.get("required").and_then(|names| names.as_array());
                assert!(
                    required.is_some_and(|names| names.iter().any(|required| required == name)),
                    "'{name}' of the schema '{}' may be missing",
                    schema.name
                );
            }
        }
    }
}

#[test]
fn tables_and_records() {
    check("report.csv", "csv", Style::default());
    check("report.ndjson", "ndjson", Style::default());
    check("report.json", "json", Style::default());
    check("report.sarif", "sarif", Style::default());
}

#[test]
fn thousands_of_findings_have_as_many_fingerprints() {
    let mut report = report();
    report.findings = (0..5_000)
        .map(|number| {
            // Half of them are about the very same place.
            let place = Place::Line(1 + number / 2);
            let title = format!("found [{number}](http://evil.example)");
            story::finding("link-text-differs", &title, 100, story::evidence("mail.eml", place))
        })
        .collect();
    let mut out = Vec::new();
    let sarif = exporter("sarif").unwrap();
    sarif.report(&report, &Style::default(), &mut out).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    let prints: BTreeSet<String> = results
        .iter()
        .map(|result| result["partialFingerprints"].to_string())
        .collect();
    assert_eq!((results.len(), prints.len()), (5_001, 5_001));
    assert_eq!(
        document["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(),
        1
    );
}
