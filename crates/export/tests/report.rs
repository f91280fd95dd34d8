//! What a report looks like in every format: one story, drawn in all ways.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test reads its expectations from files, and its example is one long value"
)]

use std::path::Path;
use watchfire_export::{Colour, Detail, Form, Glyphs, Listing, ListingKind, Style, Subject, exporter};
use watchfire_model::{
    ArtifactId, ArtifactRecord, Asked, Asset, Confidence, Coverage, DataSource, Diagnostic, DiagnosticSeverity,
    Enrichment, Evidence, Finding, FindingDraft, Grade, Judged, Judgement, LimitKind, Located, Location, MediaType,
    Moment, Observable, ObservableType, Observed, Origination, Outcome, Place, Rank, Reason, Recommendation, Report,
    Reputation, Role, RuleId, Score, Severity, Span, Suppressed, Tag, Target, TechniqueId, Tlp, Totals, Untrusted,
    Verdict, Weight,
};

const TECHNIQUES: &[TechniqueId] = &[TechniqueId::new("T1566.001"), TechniqueId::new("T1204.002")];

fn evidence(path: &str, place: Place) -> Evidence {
    Evidence {
        artifact: ArtifactId::of(path.as_bytes()),
        path: path.into(),
        place,
        excerpt: "=hostile \u{1b}[2J http://evil.example/".into(),
    }
}

fn finding(rule: &'static str, title: &str, weight: u16, evidence: Evidence) -> Finding {
    FindingDraft {
        rule: RuleId(rule),
        title: title.to_owned(),
        severity: Severity::High,
        confidence: Confidence::High,
        weight: Weight::from_thousandths(weight),
        group: "archive",
        techniques: TECHNIQUES,
    }
    .at(evidence)
}

fn reason(text: &str, towards: Verdict, weight: u16, evidence: Vec<Evidence>) -> Reason {
    Reason {
        text: text.to_owned(),
        towards,
        weight: Weight::from_thousandths(weight),
        group: "archive".into(),
        source: None,
        evidence,
    }
}

fn reputation() -> Reputation {
    let listed = Enrichment {
        towards: Verdict::Malicious,
        rank: Rank::Curated,
        strength: Weight::from_thousandths(800),
        grade: Grade::A,
        from: Origination::Local,
        observed: Some(Moment::parse("2026-11-19T12:00:00Z").unwrap()),
        age: Some(172_800),
        matched: Some("evil.example".into()),
        reference: "https://feed.example/1".into(),
        ..Enrichment::silent("feed A", Outcome::Found, "=botnet \u{1b}[2J C2, port 443")
    }
    .weighed();
    let enrichments = vec![
        listed,
        Enrichment::silent(
            "own-public-resolvers",
            Outcome::Found,
            "Well-known public DNS resolvers",
        ),
        Enrichment::silent("greynoise", Outcome::NotFound, ""),
        Enrichment::silent("virustotal", Outcome::NotAsked, "no key"),
        Enrichment::silent("otx", Outcome::NotAsked, "no key"),
    ];
    Reputation {
        input: "hxxp://c2.evil[.]example/gate".into(),
        observable: Observable::parse(ObservableType::Url, "http://c2.evil.example/gate").unwrap(),
        judgement: Judgement {
            verdict: Verdict::Malicious,
            score: Score::new(72),
            confidence: Confidence::High,
            summary: "botnet C2, port 443: 1 of 2 sources say bad; the newest 2 days old".to_owned(),
            ruleset: "watchfire.judge/2",
            reasons: vec![reason("botnet C2, port 443", Verdict::Malicious, 720, Vec::new())],
        },
        location: Location {
            country: Some("NL"),
            asn: Some(64_500),
            as_name: Some("Example \u{202e}Hosting".into()),
            own: None,
        },
        tags: vec![Tag("documentation")],
        asset: Some(Asset {
            name: "web-01".into(),
            owner: "web team".into(),
            notes: vec!["role: front end".into()],
            seen: None,
        }),
        asked: Asked::of(&enrichments),
        enrichments,
    }
}

fn observed(kind: ObservableType, value: &str, role: Role) -> Observed {
    Observed {
        observable: Observable::parse(kind, value).unwrap(),
        raw: value.into(),
        span: Span { start: 3, end: 9 },
        line: 2,
        page: None,
        defanged: role == Role::Indicator,
        count: 2,
        confidence: Confidence::High,
        reason: "checksum",
        role,
        role_reason: "",
        encoding: None,
        via: None,
        location: match kind {
            ObservableType::Ipv4 => Location {
                country: Some("AQ"),
                asn: Some(64_496),
                as_name: Some("=Evil\u{1b}[2J http://evil.example/".into()),
                own: Some(Box::new(Located {
                    city: Some("Oslo\u{1b}[2J".into()),
                    by: "own\u{202e}-city".into(),
                })),
            },
            _ => Location::NOWHERE,
        },
        tags: vec![Tag("documentation")],
        asset: (kind == ObservableType::Ipv4).then(|| {
            Box::new(Asset {
                name: "=web\u{1b}[2J-01".into(),
                owner: "http://evil.example/".into(),
                ..Asset::default()
            })
        }),
        judged: None,
        context: Some("see \u{202e}http://evil.example/x now".into()),
    }
}

fn artifact(path: &str, depth: u32, media_type: &'static str, observables: Vec<Observed>) -> ArtifactRecord {
    ArtifactRecord {
        sha256: Some(ArtifactId::of(path.as_bytes())),
        path: path.into(),
        depth,
        size: 14_000,
        media_type: MediaType(media_type),
        read: depth < 2,
        duplicate_of: None,
        known_good: None,
        listed_in: None,
        observables,
        facts: None,
    }
}

fn report() -> Report {
    let inner = "mail.eml ▸ invoice.zip ▸ invoice\u{1b}.pdf.exe";
    let double = "double extension: invoice.pdf.exe inside invoice.zip, from http://evil.example/a";
    let hidden = finding(
        "link-text-differs",
        "link text differs",
        100,
        evidence("mail.eml", Place::Line(7)),
    );
    Report {
        schema: "watchfire.report/1",
        version: "0.0.0",
        as_of: "2026-11-02T12:00:00Z".to_owned(),
        tlp: Some(Tlp::Amber),
        judgement: Judgement {
            verdict: Verdict::Malicious,
            score: Score::new(94),
            confidence: Confidence::High,
            summary: "a program that poses as a document, sent in an archive from http://evil.example/".to_owned(),
            ruleset: "watchfire.judge/2",
            reasons: vec![
                reason(
                    double,
                    Verdict::Malicious,
                    620,
                    vec![
                        evidence(inner, Place::Bytes(Span { start: 60, end: 64 })),
                        evidence("mail.eml", Place::Line(12)),
                    ],
                ),
                reason("coverage is partial", Verdict::Unknown, 0, Vec::new()),
                reason(
                    "sent by an own gateway",
                    Verdict::Benign,
                    100,
                    vec![evidence("mail.eml", Place::Header("Received".into()))],
                ),
            ],
        },
        findings: vec![finding(
            "archive-double-extension",
            double,
            620,
            evidence(inner, Place::Member(1)),
        )],
        suppressed: vec![Suppressed {
            finding: hidden,
            why: "our link protection".to_owned(),
            expires: "2027-01-31".to_owned(),
        }],
        recommendations: vec![
            Recommendation {
                text: "find and quarantine this mail for every recipient, then block http://evil.example/ at the proxy"
                    .into(),
                targets: vec![
                    Target::Host("evil.example".into()),
                    Target::File("=invoice.pdf.exe".into()),
                ],
                because: vec![RuleId("archive-double-extension")],
            },
            Recommendation {
                text: "ask who opened it".into(),
                targets: vec![],
                because: vec![],
            },
        ],
        artifacts: vec![
            artifact(
                "mail.eml",
                0,
                "message/rfc822",
                vec![
                    observed(ObservableType::Url, "http://evil.example/a.php", Role::Indicator),
                    observed(ObservableType::Cve, "CVE-2026-1234", Role::Reference),
                ],
            ),
            artifact("mail.eml ▸ invoice.zip", 1, "application/zip", vec![]),
            artifact(
                inner,
                2,
                "application/vnd.microsoft.portable-executable",
                vec![observed(ObservableType::Ipv4, "203.0.113.66", Role::Mentioned)],
            ),
        ],
        reputations: vec![reputation()],
        diagnostics: vec![Diagnostic {
            severity: DiagnosticSeverity::Warning,
            code: "zip-truncated",
            message: Untrusted::new("member 2 ends early"),
            artifact: "mail.eml ▸ invoice.zip".into(),
        }],
        coverage: Coverage {
            inputs: 1,
            inputs_read: 1,
            artifacts: 3,
            artifacts_read: 2,
            bytes: 41_000,
            limits_reached: vec![LimitKind::Depth],
            network_calls: 0,
        },
        data: vec![DataSource {
            name: "countries and networks of addresses".into(),
            source: "Example \u{1b}[2J".into(),
            terms: "CC BY 4.0".into(),
            day: Some("2026-06-17".to_owned()),
            oldest: None,
        }],
        totals: Totals {
            occurrences: 6,
            observables: 3,
            findings: 1,
            suppressed: 1,
        },
    }
}

/// Compares with `tests/screens/NAME`; `WATCHFIRE_BLESS=1` writes it.
#[track_caller]
fn check(name: &str, format: &str, style: Style) {
    let mut out = Vec::new();
    exporter(format).unwrap().report(&report(), &style, &mut out).unwrap();
    check_text(name, &String::from_utf8(out).unwrap());
}

#[track_caller]
fn check_text(name: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(name);
    if std::env::var_os("WATCHFIRE_BLESS").is_some() {
        std::fs::write(&path, screen).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(screen, expected, "'{name}' changed; WATCHFIRE_BLESS=1 accepts it");
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
        let mut table = text.listing(ListingKind::Distinct, &style, &mut out);
        for artifact in &report.artifacts {
            table
                .source(&Listing {
                    source: &artifact.path,
                    size: artifact.size,
                    occurrences: 2,
                    observed: &artifact.observables,
                    has_parts: false,
                    threads: 2,
                    complete: true,
                })
                .unwrap();
        }
        table.finish().unwrap();
        drop(table);
        for line in String::from_utf8(out).unwrap().lines() {
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
            found.push(object);
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
}

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
