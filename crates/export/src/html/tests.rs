//! The page over a hostile report: what is in it shows as text, and nothing in it is an element, an attribute or a link.

use super::page::{OBSERVABLES, page};
use std::collections::BTreeSet;
use watchfire_model::network::{CaptureFacts, Conversation, CountryTraffic, Rhythm, ServiceTraffic, Talker};
use watchfire_model::{
    ArtifactId, ArtifactRecord, Confidence, Coverage, DataSource, Diagnostic, DiagnosticSeverity, Digests, Evidence,
    FindingDraft, HeaderField, Hop, JudgedMail, Judgement, Location, MailFacts, Mailbox, MediaType, Moment, Observable,
    ObservableType, Observed, Place, Reason, Recommendation, Report, Role, RuleId, Score, SentAt, Severity, Span,
    Suppressed, Target, TechniqueId, Timestamp, Tlp, Totals, Untrusted, Verdict, Weight,
};

/// Everything that was ever taken for markup, or for something else than it is.
const HOSTILE: &str = "</script></style></title><script>alert(1)</script><img src=x onerror=alert(1)>\" onload=\"alert(1)' \
                       javascript:alert(1) --> <!-- ]]> \u{202e}gpj.exe\u{1b}[2J\0 http://evil.example/a `${x}` {{x}} &lt;b&gt;";

fn evidence(place: Place) -> Evidence {
    Evidence {
        artifact: ArtifactId::of(b"x"),
        path: HOSTILE.into(),
        place,
        excerpt: HOSTILE.into(),
    }
}

fn observed(kind: ObservableType, value: &str) -> Observed {
    Observed {
        observable: Observable::parse(kind, value).unwrap(),
        raw: HOSTILE.into(),
        span: Span::default(),
        line: 1,
        page: None,
        frame: None,
        met: None,
        defanged: true,
        count: 1,
        confidence: Confidence::High,
        reason: "checksum",
        role: Role::Indicator,
        role_reason: "",
        encoding: None,
        via: None,
        location: Location {
            country: Some("NL"),
            asn: Some(64_496),
            as_name: Some(HOSTILE.into()),
            own: None,
        },
        tags: Vec::new(),
        asset: None,
        judged: None,
        context: Some(HOSTILE.into()),
    }
}

fn capture() -> CaptureFacts {
    let (first, last) = (Timestamp::new(1_700_000_000, 0), Timestamp::new(1_700_003_600, 0));
    let [inside, outside] = ["10.0.0.1", "203.0.113.9"].map(|address| address.parse().unwrap());
    CaptureFacts {
        first: Some(first),
        last: Some(last),
        services: vec![ServiceTraffic {
            name: HOSTILE.to_owned(),
            flows: 1,
            packets: 1,
            bytes: 1,
        }],
        talkers: vec![Talker {
            address: outside,
            names: vec![HOSTILE.into()],
            mac: None,
            vendor: None,
            system: Some(HOSTILE.into()),
            country: Some("US"),
            asn: None,
            sent: 1,
            received: 2,
            flows: 1,
            frame: 1,
        }],
        conversations: vec![Conversation {
            originator: inside,
            responder: (outside, 443).into(),
            service: HOSTILE.to_owned(),
            name: Some(HOSTILE.into()),
            flows: 1,
            sent: 5,
            received: 6,
            first,
            last,
            frame: 7,
        }],
        countries: vec![CountryTraffic {
            country: Some("US"),
            hosts: 1,
            sent: 1,
            received: 1,
        }],
        rhythms: Vec::<Rhythm>::new(),
        ..CaptureFacts::default()
    }
}

fn mail() -> JudgedMail {
    let person = || Mailbox {
        name: HOSTILE.into(),
        address: Some(HOSTILE.into()),
        group: None,
    };
    JudgedMail {
        path: HOSTILE.into(),
        verdict: Verdict::Malicious,
        score: Score::new(90),
        summary: HOSTILE.to_owned(),
        partial: false,
        campaign: None,
        entered: None,
        believed: None,
        language: None,
        mail: MailFacts {
            from: vec![person()],
            to: vec![person()],
            reply_to: vec![person()],
            subject: HOSTILE.into(),
            date: Some(SentAt {
                moment: Moment::from_unix(1_700_000_000),
                offset: None,
            }),
            hops: vec![Hop {
                from: Some(HOSTILE.into()),
                by: Some(HOSTILE.into()),
                ..Hop::default()
            }],
            headers: vec![HeaderField {
                name: HOSTILE.into(),
                value: HOSTILE.into(),
            }],
            ..MailFacts::default()
        },
        authentication: None,
        phishing: None,
    }
}

const TECHNIQUES: &[TechniqueId] = &[TechniqueId::new("T1566.001")];

/// A report with the hostile text wherever somebody else may write.
#[allow(clippy::too_many_lines, reason = "one example, whole")]
fn hostile() -> Report {
    let finding = FindingDraft {
        rule: RuleId("archive-double-extension"),
        title: HOSTILE.to_owned(),
        severity: Severity::High,
        confidence: Confidence::High,
        weight: Weight::from_thousandths(600),
        group: "archive",
        techniques: TECHNIQUES,
    }
    .at(evidence(Place::Frame(7)))
    .about(Target::Host(HOSTILE.into()));
    let artifact = ArtifactRecord {
        sha256: Some(ArtifactId::of(b"x")),
        path: HOSTILE.into(),
        depth: 0,
        size: 1,
        media_type: MediaType::UNKNOWN,
        read: false,
        duplicate_of: Some(HOSTILE.into()),
        digests: Digests::default(),
        known_good: None,
        listed_in: Some(HOSTILE.into()),
        executable: None,
        capture: Some(Box::new(capture())),
        log: None,
        observables: vec![
            observed(ObservableType::Url, "http://evil.example/a.php?q=1"),
            observed(ObservableType::Ipv4, "203.0.113.9"),
            observed(
                ObservableType::UserAgent,
                "Mozilla/5.0 (<script>alert(1)</script>; +http://evil.example/bot)",
            ),
        ],
        facts: None,
    };
    Report {
        schema: "watchfire.report/1",
        version: "0.0.0",
        as_of: "2026-11-02T12:00:00Z".to_owned(),
        tlp: Some(Tlp::Red),
        judgement: Judgement {
            verdict: Verdict::Malicious,
            score: Score::new(94),
            confidence: Confidence::High,
            summary: HOSTILE.to_owned(),
            decided_by: String::new(),
            ruleset: "watchfire.judge/3",
            reasons: vec![Reason {
                text: HOSTILE.to_owned(),
                towards: Verdict::Malicious,
                weight: Weight::from_thousandths(600),
                group: "archive".into(),
                source: Some(HOSTILE.into()),
                evidence: vec![evidence(Place::Header(HOSTILE.into()))],
            }],
        },
        incidents: Vec::new(),
        suppressed: vec![Suppressed {
            finding: finding.clone(),
            why: HOSTILE.to_owned(),
            expires: HOSTILE.to_owned(),
        }],
        findings: vec![finding],
        recommendations: vec![Recommendation {
            text: HOSTILE.into(),
            targets: vec![Target::Host(HOSTILE.into()); 5],
            because: vec![RuleId("archive-double-extension")],
        }],
        artifacts: vec![artifact],
        mails: vec![mail()],
        files: Vec::new(),
        search: None,
        log: None,
        reputations: Vec::new(),
        diagnostics: vec![Diagnostic {
            severity: DiagnosticSeverity::Warning,
            code: "zip-truncated",
            message: HOSTILE.into(),
            artifact: HOSTILE.into(),
        }],
        coverage: Coverage::default(),
        totals: Totals::default(),
        data: vec![DataSource {
            name: HOSTILE.into(),
            source: HOSTILE.into(),
            terms: HOSTILE.into(),
            day: Some(HOSTILE.to_owned()),
            oldest: None,
        }],
        rules: Vec::new(),
    }
}

/// Elements and attributes as a browser's tokenizer finds them, and the text between.
#[derive(Default)]
struct Parsed {
    elements: BTreeSet<String>,
    attributes: BTreeSet<String>,
    links: Vec<String>,
    text: String,
    /// The contents of script elements.
    scripts: Vec<String>,
}

fn parse(page: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut rest = page;
    while let Some((text, behind)) = rest.split_once('<') {
        parsed.text.push_str(text);
        let (tag, after) = tag(behind);
        rest = after;
        let name: String = tag
            .chars()
            .take_while(|letter| !letter.is_whitespace() && *letter != '>')
            .collect();
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        if !name.starts_with('/') {
            attributes(tag, &name, &mut parsed);
        }
        if matches!(name.as_str(), "script" | "style" | "title") {
            let end = format!("</{name}");
            let (content, after) = rest.split_once(end.as_str()).unwrap();
            rest = after.split_once('>').unwrap().1;
            if name == "script" {
                parsed.scripts.push(content.to_owned());
            }
        }
        parsed.elements.insert(name);
    }
    parsed.text.push_str(rest);
    parsed
}

/// What stands up to the `>` outside of quotes.
fn tag(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '>' if !quoted => {
                let (tag, rest) = text.split_at(at);
                return (tag, rest.strip_prefix('>').unwrap_or(rest));
            }
            _ => {}
        }
    }
    panic!("a tag without an end: {}", text.chars().take(80).collect::<String>());
}

fn attributes(tag: &str, element: &str, parsed: &mut Parsed) {
    for piece in tag.split('"').step_by(2).filter(|piece| piece.contains('=')) {
        let name = piece
            .trim()
            .trim_end_matches('=')
            .rsplit(char::is_whitespace)
            .next()
            .unwrap();
        parsed.attributes.insert(name.to_ascii_lowercase());
    }
    for marker in ["href=\"", "src=\"", "action=\""] {
        if let Some((_, value)) = tag.split_once(marker) {
            parsed
                .links
                .push(format!("{element} {}", value.split('"').next().unwrap()));
        }
    }
}

const ELEMENTS: &str = "!doctype html head meta title style body a div header p strong button main section svg desc path text \
                        span h1 h2 h3 dl dt dd nav ul ol li time input label details summary table caption thead tbody tr th td \
                        code figure figcaption g circle rect article select option footer script";
const ATTRIBUTES: &str = "lang charset http-equiv content name class href id tabindex role aria-label aria-labelledby \
                          aria-hidden aria-pressed placeholder aria-controls type for autocomplete scope title datetime data-live xmlns \
                          viewbox d x y cx cy r width height rx stroke-width disabled value";

#[test]
fn what_is_hostile_shows_as_text() {
    let page = page(&hostile()).unwrap();
    let parsed = parse(&page);
    let known = |list: &str| -> BTreeSet<String> { list.split_whitespace().map(str::to_owned).collect() };
    let elements: BTreeSet<String> = parsed
        .elements
        .iter()
        .map(|name| name.trim_start_matches('/').to_owned())
        .collect();
    let ours = known(ELEMENTS);
    let strange: Vec<_> = elements.difference(&ours).collect();
    assert!(strange.is_empty(), "{strange:?}");
    let ours = known(ATTRIBUTES);
    let strange: Vec<_> = parsed.attributes.difference(&ours).collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert!(
        parsed.links.iter().all(|link| link.starts_with("a #")),
        "{:?}",
        parsed.links
    );
    assert!(
        parsed.text.contains(r"\u{202e}gpj.exe\u{1b}[2J\u{0}"),
        "what acts on a reader is shown"
    );
    assert!(parsed.text.contains("hxxp://evil[.]example/a"));
    assert!(!parsed.text.contains("://evil.example"), "nothing on the page is live");
    let acting = |letter: char| letter != '\n' && Untrusted::escapes(letter);
    assert_eq!(page.chars().find(|letter| acting(*letter)), None);
}

#[test]
fn the_report_stands_in_it_as_data() {
    let page = page(&hostile()).unwrap();
    let parsed = parse(&page);
    assert_eq!(parsed.scripts.len(), 2, "data, and the script of the page");
    let data: serde_json::Value = serde_json::from_str(&parsed.scripts[0]).unwrap();
    assert_eq!(data["schema"], "watchfire.report/1");
    assert_eq!(data["judgement"]["summary"], HOSTILE);
    assert_eq!(
        data["artifacts"][0]["observables"][0]["value"],
        "http://evil.example/a.php?q=1"
    );
}

#[test]
fn the_policy_names_what_is_in_the_page() {
    let page = page(&hostile()).unwrap();
    let between = |begin: &str, end: &str| page.split_once(begin).unwrap().1.split_once(end).unwrap().0.to_owned();
    let (style, script) = (between("<style>", "</style>"), between("<script>", "</script>"));
    let policy = super::policy::policy(&style, &script).replace('\'', "&#39;");
    assert!(page.contains(&policy), "{policy}");
    assert!(policy.starts_with("default-src &#39;none&#39;;"));
    // What loads would be refused, and nothing asks for it.
    for word in ["url(", "@import", "fetch(", "XMLHttpRequest", "eval(", "innerHTML"] {
        assert!(!style.contains(word) && !script.contains(word), "{word}");
    }
    assert!(!page.contains(" style=") && !page.contains(" onclick="));
}

#[test]
fn identifiers_are_there_once() {
    let page = page(&hostile()).unwrap();
    let mut seen = BTreeSet::new();
    for piece in page.split(" id=\"").skip(1) {
        let id = piece.split('"').next().unwrap();
        assert!(seen.insert(id), "'{id}' is there twice");
    }
    for piece in page.split(" aria-labelledby=\"").skip(1) {
        for id in piece.split('"').next().unwrap().split(' ') {
            assert!(seen.contains(id), "nothing is called '{id}'");
        }
    }
}

#[test]
fn a_large_report_is_a_page_that_can_be_sent() {
    let mut report = hostile();
    let one = report.artifacts.pop().unwrap();
    let finding = report.findings.pop().unwrap();
    let reason = report.judgement.reasons.pop().unwrap();
    report.findings = vec![finding; 10_000];
    report.judgement.reasons = vec![reason; 10_000];
    let long = "\u{202e}".repeat(3_000);
    let value = |number: u32| format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
    report.artifacts = (0..100)
        .map(|artifact| ArtifactRecord {
            path: format!("{artifact}{long}").into(),
            observables: (0..1_000)
                .map(|number| observed(ObservableType::Ipv4, &value(artifact * 1_000 + number)))
                .collect(),
            ..one.clone()
        })
        .collect();
    let page = page(&report).unwrap();
    assert!(page.len() < 3_000_000, "{}", page.len());
    let parsed = parse(&page);
    assert!(parsed.text.contains("100,000 observables"), "what is left out is said");
    assert!(
        parsed
            .text
            .contains("findings are in the report in JSON and not in this page")
    );
    let rows = page.matches("data-live=").count();
    assert!((10..=OBSERVABLES).contains(&rows), "{rows}");
    let data: serde_json::Value = serde_json::from_str(&parsed.scripts[0]).unwrap();
    assert!(data["findings"].as_array().unwrap().len() > 10);
    assert_eq!(
        page,
        super::page::page(&report).unwrap(),
        "the same report is the same page"
    );
}
