//! How long a large report takes in each format, and how much memory: 100,000 observables, a tenth of them malicious, and
//! 10,000 findings. The method is in `benches/README.md`.
//!
//! `cargo run --release -p watchfire-export --example exchange_speed [FORMAT]…`; with `write FORMAT`, it prints that format.

use std::io::{self, Write};
use std::time::Instant;
use watchfire_export::{EXPORTERS, Matter, Style};
use watchfire_model::*;

const OBSERVABLES: u32 = 100_000;
const FINDINGS: u64 = 10_000;
const TECHNIQUES: &[TechniqueId] = &[TechniqueId::new("T1566.001"), TechniqueId::new("T1204.002")];

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement takes arguments, looks at the clock and prints"
)]
fn main() -> io::Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let report = report();
    if let [first, format] = wanted.as_slice()
        && first == "write"
        && let Some(exporter) = watchfire_export::exporter(format)
    {
        return exporter.report(&report, &Style::default(), &mut io::stdout().lock());
    }
    let before = peak();
    println!(
        "format        seconds       bytes   peak MB (the report alone: {} MB)",
        before / 1_000
    );
    for exporter in EXPORTERS.iter().filter(|exporter| exporter.holds(Matter::Report)) {
        let name = exporter.info().name;
        if !wanted.is_empty() && !wanted.iter().any(|one| one == name) {
            continue;
        }
        let mut out = Counted(0);
        let begins = Instant::now();
        exporter.report(&report, &Style::default(), &mut out)?;
        let seconds = begins.elapsed().as_secs_f64();
        println!("{name:<12}{seconds:>9.3}{:>12}{:>10}", out.0, peak() / 1_000);
    }
    Ok(())
}

/// Counts what it is given.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The largest resident set so far, in kilobytes, where the system tells. It never falls: for the figure of one format, name
/// it alone.
#[expect(clippy::disallowed_methods, reason = "what the system says of this process")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or_default()
}

fn observed(number: u32) -> Option<Observed> {
    let (kind, value) = match number % 4 {
        0 => (
            ObservableType::Ipv4,
            std::net::Ipv4Addr::from(0x2d00_0000 + number).to_string(),
        ),
        1 => (ObservableType::Domain, format!("host-{number}.evil-pay.com")),
        2 => (
            ObservableType::Url,
            format!("http://host-{number}.evil-pay.com/a/{number}?q=1"),
        ),
        _ => (
            ObservableType::Sha256,
            ArtifactId::of(&number.to_be_bytes()).to_string(),
        ),
    };
    Some(Observed {
        observable: Observable::parse(kind, &value).ok()?,
        raw: value.as_str().into(),
        span: Span::default(),
        line: number.into(),
        page: None,
        frame: None,
        met: None,
        defanged: false,
        count: 1,
        confidence: Confidence::High,
        reason: "has a scheme and a host",
        role: Role::Mentioned,
        role_reason: "",
        encoding: None,
        via: None,
        location: Location::NOWHERE,
        tags: Vec::new(),
        asset: None,
        judged: (number % 40 < 4).then_some(Judged {
            verdict: Verdict::Malicious,
            score: Score::new(90),
        }),
        context: None,
    })
}

fn finding(number: u64) -> Finding {
    FindingDraft {
        rule: RuleId("link-text-differs"),
        title: format!("link text says bank.com, target is host-{number}.evil-pay.com"),
        severity: Severity::High,
        confidence: Confidence::High,
        weight: Weight::from_thousandths(450),
        group: "link",
        techniques: TECHNIQUES,
    }
    .at(Evidence {
        artifact: ArtifactId::of(b"log"),
        path: "log.txt".into(),
        place: Place::Line(number),
        excerpt: "<a href=\"http://host.evil-pay.com/\">https://bank.com</a>".into(),
    })
    .about(Target::Host(format!("host-{number}.evil-pay.com").into()))
}

fn report() -> Report {
    let mut report = Report {
        schema: "watchfire.report/1",
        version: "0.0.0",
        as_of: "2026-11-02T12:00:00Z".to_owned(),
        tlp: Some(Tlp::Amber),
        judgement: Judgement {
            verdict: Verdict::Malicious,
            score: Score::new(94),
            confidence: Confidence::High,
            summary: "a large report".to_owned(),
            reasons: Vec::new(),
            decided_by: String::new(),
            ruleset: "watchfire.judge/3",
        },
        findings: (1..=FINDINGS).map(finding).collect(),
        incidents: Vec::new(),
        suppressed: Vec::new(),
        recommendations: Vec::new(),
        artifacts: Vec::new(),
        mails: Vec::new(),
        files: Vec::new(),
        search: None,
        log: None,
        reputations: Vec::new(),
        diagnostics: Vec::new(),
        coverage: Coverage {
            inputs: 1,
            inputs_read: 1,
            artifacts: 1,
            artifacts_read: 1,
            bytes: 10_000_000,
            limits_reached: Vec::new(),
            network_calls: 0,
        },
        totals: Totals::default(),
        data: Vec::new(),
        rules: Vec::new(),
    };
    let mut artifact = ArtifactRecord {
        sha256: Some(ArtifactId::of(b"log")),
        path: "log.txt".into(),
        depth: 0,
        size: 10_000_000,
        media_type: MediaType("text/plain"),
        read: true,
        duplicate_of: None,
        digests: Digests::default(),
        known_good: None,
        listed_in: None,
        executable: None,
        capture: None,
        log: None,
        observables: Vec::new(),
        facts: None,
    };
    artifact.observables = (0..OBSERVABLES).filter_map(observed).collect();
    report.artifacts.push(artifact);
    report
}
