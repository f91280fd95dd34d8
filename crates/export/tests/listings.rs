//! What the listing of an extraction looks like: columns, verdicts, inputs without observables.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test reads its expectations from files, and its example is one long value"
)]

mod story;

use story::{check_text, observed};
use watchfire_export::{Listing, ListingKind, Style, exporter};
use watchfire_model::{Judged, Location, ObservableType, Observed, Role, Score, Tag, Untrusted, Verdict};

#[test]
fn verdicts_have_a_column_where_somebody_judged() {
    let mut rows: Vec<Observed> = [
        (ObservableType::Ipv4, "203.0.113.66", Some((Verdict::Malicious, 77))),
        (
            ObservableType::Domain,
            "cdn-update.example",
            Some((Verdict::Suspicious, 40)),
        ),
        (ObservableType::Sha256, &"c".repeat(64), Some((Verdict::Unknown, 0))),
        (ObservableType::AttackTechnique, "T1059", None),
    ]
    .into_iter()
    .map(|(kind, value, judged)| Observed {
        judged: judged.map(|(verdict, score)| Judged {
            verdict,
            score: Score::new(score),
        }),
        context: None,
        asset: None,
        location: Location::NOWHERE,
        ..observed(kind, value, Role::Indicator)
    })
    .collect();
    rows[0].tags.clear();
    for (name, format, width) in [
        ("judged.txt", "text", 132),
        ("judged-narrow.txt", "text", 60),
        ("judged.csv", "csv", 100),
        ("judged.ndjson", "ndjson", 100),
    ] {
        let mut out = Vec::new();
        let style = Style {
            width,
            ..Style::default()
        };
        let mut table = exporter(format)
            .unwrap()
            .listing(ListingKind::Distinct, &style, &mut out);
        let source = Untrusted::new("report.txt");
        let listing = Listing {
            source: &source,
            size: 1,
            occurrences: rows.len() as u64,
            observed: &rows,
            has_parts: false,
            threads: 1,
            complete: true,
        };
        table.source(&listing).unwrap();
        table.finish().unwrap();
        drop(table);
        check_text(name, &String::from_utf8(out).unwrap());
    }
}

/// The table of `values`, of which the digests carry `tags` once, at `width`.
fn table(values: &[(ObservableType, &str)], width: usize) -> String {
    let mut rows: Vec<Observed> = values
        .iter()
        .map(|(kind, value)| observed(*kind, value, Role::Mentioned))
        .collect();
    for row in &mut rows {
        (row.tags, row.context) = (Vec::new(), None);
    }
    if let Some(last) = rows.last_mut() {
        last.tags = vec![Tag("a-rather-long-tag"), Tag("and-one-more-of-them")];
    }
    let mut out = Vec::new();
    let style = Style {
        width,
        ..Style::default()
    };
    let mut table = exporter("text")
        .unwrap()
        .listing(ListingKind::Distinct, &style, &mut out);
    let source = Untrusted::new("report.txt");
    table
        .source(&Listing {
            source: &source,
            size: 1,
            occurrences: rows.len() as u64,
            observed: &rows,
            has_parts: false,
            threads: 2,
            complete: true,
        })
        .unwrap();
    table.finish().unwrap();
    drop(table);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_digest_stands_beside_its_facts_on_a_hundred_columns() {
    let (md5, sha1, sha256) = ("a".repeat(32), "b".repeat(40), "c".repeat(64));
    let long = format!("http://evil.example/{}", "d".repeat(150));
    let mixed = [
        (ObservableType::Md5, md5.as_str()),
        (ObservableType::Sha1, &sha1),
        (ObservableType::Sha256, &sha256),
        (ObservableType::AttackTechnique, "T1059"),
        (ObservableType::Url, &long),
    ];
    for values in [&mixed[..2], &mixed[..3], &mixed[1..2], &mixed] {
        let screen = table(values, 100);
        for digest in [&md5, &sha1, &sha256] {
            let line = screen.lines().find(|line| line.contains(digest.as_str()));
            assert!(
                line.is_none_or(|line| line.ends_with("mentioned") || line.contains(" mentioned ")),
                "{screen}"
            );
        }
        assert!(
            screen
                .lines()
                .all(|line| line.chars().count() <= 100 || line.contains("dddd")),
            "{screen}"
        );
    }
    let narrow = table(&mixed[..2], 80);
    assert!(
        narrow
            .lines()
            .any(|line| line.contains(&sha1) && line.contains(" mentioned")),
        "{narrow}"
    );
}

#[test]
fn values_keep_to_their_column() {
    let long = format!("http://evil.example/{}", "d".repeat(35));
    let sha256 = "c".repeat(64);
    let mixed = [
        (ObservableType::Ipv4, "45.133.1.20"),
        (ObservableType::Ipv4, "203.0.113.66"),
        (ObservableType::Domain, "docusign-secure.example"),
        (ObservableType::AttackTechnique, "T1059"),
        (ObservableType::Sha256, sha256.as_str()),
        (ObservableType::Url, long.as_str()),
    ];
    for width in [80, 100, 132] {
        for values in [&mixed[..3], &mixed[..4], &mixed[..5], &mixed] {
            let screen = table(values, width);
            let columns: Vec<usize> = ["45[.]", "203[.]", "docusign", "T1059", "hxxp://evil[.]example/d"]
                .iter()
                .filter_map(|value| {
                    let line = screen.lines().find(|line| line.contains(value))?;
                    line.find(value)
                })
                .collect();
            assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{width}: {screen}");
        }
    }
}

#[test]
fn inputs_without_observables_share_the_last_line() {
    let list = |sizes: &[usize]| {
        let mut out = Vec::new();
        let mut table = exporter("text")
            .unwrap()
            .listing(ListingKind::Distinct, &Style::default(), &mut out);
        let row = [observed(ObservableType::Cve, "CVE-2026-1234", Role::Mentioned)];
        for (number, rows) in sizes.iter().enumerate() {
            let source = Untrusted::new(format!("{number}.txt"));
            table
                .source(&Listing {
                    source: &source,
                    size: 6,
                    occurrences: *rows as u64,
                    observed: &row[..*rows],
                    has_parts: false,
                    threads: 2,
                    complete: true,
                })
                .unwrap();
        }
        table.finish().unwrap();
        drop(table);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(list(&[0]), " 0.txt  6 B · no observables\n");
    assert_eq!(list(&[0, 0, 0]), " 3 inputs without observables\n");
    let mixed = list(&[0, 1, 0]);
    assert!(
        mixed.starts_with(" 1.txt") && mixed.ends_with("\n\n 2 inputs without observables\n"),
        "{mixed}"
    );
}
