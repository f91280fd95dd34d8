//! What is known of values, one row or card for each.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test reads its expectations from files, and its example is one long value"
)]

mod story;

use story::{report, reputation};
use watchfire_export::{Detail, Style, Subject, exporter};
use watchfire_model::{Observable, ObservableType};

#[test]
fn a_row_is_the_value_and_what_is_known_of_any_like_it() {
    let story = report();
    let mut other = reputation();
    other.input = "=cmd|' /C calc'!A0".into();
    other.observable = Observable::parse(ObservableType::Domain, "other.example").unwrap();
    for (format, style) in [
        ("csv", Style::default()),
        ("json", Style::default()),
        ("ndjson", Style::default()),
        ("text", Style::default()),
        (
            "text",
            Style {
                width: 60,
                ..Style::default()
            },
        ),
    ] {
        let writer = exporter(format).unwrap().reputations(Detail::Row, &style);
        let rows = writer.rows().unwrap();
        let mut rest = Vec::new();
        rows.rest(&reputation(), &mut rest).unwrap();
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        writer.reputation(&other, false, &mut whole).unwrap();
        let subject = Subject {
            input: other.input.raw(),
            observable: &other.observable,
        };
        rows.head(&subject, false, &mut parts).unwrap();
        parts.extend(rest);
        assert_eq!(String::from_utf8(parts), String::from_utf8(whole), "{format}");
    }
    assert!(
        exporter("text")
            .unwrap()
            .reputations(Detail::Card, &Style::default())
            .rows()
            .is_none()
    );
    // The same as where a report is written in one piece.
    let mut whole = Vec::new();
    exporter("ndjson")
        .unwrap()
        .report(&story, &Style::default(), &mut whole)
        .unwrap();
    let whole = String::from_utf8(whole).unwrap();
    let expected = whole
        .lines()
        .find(|line| line.starts_with("{\"record\":\"enrichment\""))
        .unwrap();
    let mut row = Vec::new();
    let writer = exporter("ndjson").unwrap().reputations(Detail::Row, &Style::default());
    writer.reputation(&reputation(), true, &mut row).unwrap();
    assert_eq!(String::from_utf8(row).unwrap(), format!("{expected}\n"));
}
