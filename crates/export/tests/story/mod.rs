//! The story that every format tells: a mail with a program that poses as a document.

#![allow(dead_code, unreachable_pub, reason = "not every test needs all of the story")]

use std::path::Path;
use watchfire_export::{Listing, ListingKind, Style, exporter};
use watchfire_model::*;

pub const TECHNIQUES: &[TechniqueId] = &[TechniqueId::new("T1566.001"), TechniqueId::new("T1204.002")];

pub fn evidence(path: &str, place: Place) -> Evidence {
    Evidence {
        artifact: ArtifactId::of(path.as_bytes()),
        path: path.into(),
        place,
        excerpt: "=hostile \u{1b}[2J http://evil.example/".into(),
    }
}

pub fn finding(rule: &'static str, title: &str, weight: u16, evidence: Evidence) -> Finding {
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

pub fn reason(text: &str, towards: Verdict, weight: u16, evidence: Vec<Evidence>) -> Reason {
    Reason {
        text: text.to_owned(),
        towards,
        weight: Weight::from_thousandths(weight),
        group: "archive".into(),
        source: None,
        evidence,
    }
}

pub fn reputation() -> Reputation {
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
            decided_by: "a fresh entry on a curated list: feed A".to_owned(),
            ruleset: "watchfire.judge/3",
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

pub fn observed(kind: ObservableType, value: &str, role: Role) -> Observed {
    Observed {
        observable: Observable::parse(kind, value).unwrap(),
        raw: value.into(),
        span: Span { start: 3, end: 9 },
        line: 2,
        page: None,
        frame: None,
        met: None,
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

pub fn artifact(path: &str, depth: u32, media_type: &'static str, observables: Vec<Observed>) -> ArtifactRecord {
    ArtifactRecord {
        sha256: Some(ArtifactId::of(path.as_bytes())),
        path: path.into(),
        depth,
        size: 14_000,
        media_type: MediaType(media_type),
        read: depth < 2,
        duplicate_of: None,
        digests: Digests::default(),
        known_good: None,
        listed_in: None,
        executable: None,
        capture: None,
        log: None,
        observables,
        facts: None,
    }
}

pub fn report() -> Report {
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
            decided_by: String::new(),
            ruleset: "watchfire.judge/3",
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
        incidents: Vec::new(),
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
        mails: Vec::new(),
        files: Vec::new(),
        search: None,
        log: None,
        rules: vec![RuleNote {
            rule: RuleId("archive-double-extension"),
            describes: "a name with two extensions, of which only the last one counts",
            false_positives: "backups that somebody renamed {by hand}",
        }],
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
pub fn check_text(name: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(name);
    if std::env::var_os("WATCHFIRE_BLESS").is_some() {
        std::fs::write(&path, screen).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(screen, expected, "'{name}' changed; WATCHFIRE_BLESS=1 accepts it");
}

/// The listing of what was seen in each of some inputs.
pub fn listing(format: &str, width: usize, inputs: &[(&str, &[Observed])]) -> String {
    let mut out = Vec::new();
    let style = Style {
        width,
        ..Style::default()
    };
    let mut table = exporter(format)
        .unwrap()
        .listing(ListingKind::Distinct, &style, &mut out);
    for (name, observed) in inputs {
        let source = Untrusted::new(*name);
        let listing = Listing {
            source: &source,
            size: 6,
            occurrences: observed.len() as u64,
            observed,
            has_parts: false,
            threads: 2,
            complete: true,
        };
        table.source(&listing).unwrap();
    }
    table.finish().unwrap();
    drop(table);
    String::from_utf8(out).unwrap()
}
