//! Reports: an empty one, and one that is written by somebody who means harm.

use watchfire_model::*;

const HOSTILE: &str =
    "=cmd|' /C calc'!A1 \"quoted\" `tick` | <b>&amp;</b> \u{1b}[2J\u{202e}\0\r\n]]> ```# \\ {} */ @here";

/// A report that says nothing.
pub(crate) fn report() -> Report {
    Report {
        schema: "watchfire.report/1",
        version: "0.0.0",
        as_of: "2026-11-02T12:00:00Z".to_owned(),
        tlp: Some(Tlp::AmberStrict),
        judgement: Judgement {
            verdict: Verdict::Malicious,
            score: Score::new(94),
            confidence: Confidence::High,
            summary: "a program that poses as a document".to_owned(),
            reasons: Vec::new(),
            decided_by: String::new(),
            ruleset: "watchfire.judge/3",
        },
        findings: Vec::new(),
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
            artifacts: 2,
            artifacts_read: 2,
            bytes: 41_000,
            limits_reached: Vec::new(),
            network_calls: 0,
        },
        totals: Totals::default(),
        data: Vec::new(),
        rules: Vec::new(),
    }
}

/// A value that was seen twice, with a verdict of this machine.
pub(crate) fn observed(kind: ObservableType, value: &str, tags: &[&'static str], verdict: Verdict) -> Observed {
    Observed {
        observable: Observable::parse(kind, value).unwrap(),
        raw: value.into(),
        span: Span { start: 3, end: 9 },
        line: 2,
        page: None,
        frame: None,
        met: None,
        defanged: false,
        count: 2,
        confidence: Confidence::High,
        reason: "checksum",
        role: Role::Indicator,
        role_reason: "",
        encoding: None,
        via: None,
        location: Location::NOWHERE,
        tags: tags.iter().map(|tag| Tag(tag)).collect(),
        asset: None,
        judged: (verdict > Verdict::Unknown).then_some(Judged {
            verdict,
            score: Score::new(90),
        }),
        context: None,
    }
}

/// A file that was read.
pub(crate) fn artifact(path: &str, observables: Vec<Observed>) -> ArtifactRecord {
    ArtifactRecord {
        sha256: Some(ArtifactId::of(path.as_bytes())),
        path: path.into(),
        depth: 0,
        size: 14_000,
        media_type: MediaType("text/plain"),
        read: true,
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

fn finding(rule: &'static str, weight: u16, path: &str, target: Target) -> Finding {
    const TECHNIQUES: &[TechniqueId] = &[TechniqueId::new("T1566.001"), TechniqueId::new("T1204.002")];
    FindingDraft {
        rule: RuleId(rule),
        title: format!("hostile {HOSTILE}"),
        severity: Severity::High,
        confidence: Confidence::High,
        weight: Weight::from_thousandths(weight),
        group: "archive",
        techniques: TECHNIQUES,
    }
    .at(Evidence {
        artifact: ArtifactId::of(path.as_bytes()),
        path: path.into(),
        place: Place::Line(7),
        excerpt: HOSTILE.into(),
    })
    .about(target)
}

fn advice(text: &str, target: Target, rule: &'static str) -> Recommendation {
    Recommendation {
        text: text.into(),
        targets: vec![target],
        because: vec![RuleId(rule)],
    }
}

/// Text that acts on terminals, spreadsheets, pages, tables and parsers, wherever a stranger can write some.
#[allow(clippy::too_many_lines, reason = "one example, whole")]
pub(crate) fn hostile() -> Report {
    use ObservableType as T;
    let member = format!("mail.eml{BELOW}{HOSTILE}.exe");
    let name = format!("{HOSTILE}.exe");
    let host = || Target::Host("evil-pay.com".into());
    let seen = |kind, value: &str, verdict| observed(kind, value, &[], verdict);
    let mut report = report();
    report.judgement.summary = format!("hostile {HOSTILE}");
    report.judgement.reasons = vec![Reason {
        text: format!("hostile {HOSTILE}"),
        towards: Verdict::Malicious,
        weight: Weight::from_thousandths(600),
        group: "archive".into(),
        source: None,
        evidence: Vec::new(),
    }];
    report.findings = vec![
        finding("link-text-differs", 600, "mail.eml", host()),
        finding(
            "archive-double-extension",
            550,
            "mail.eml",
            Target::File(name.as_str().into()),
        ),
    ];
    report.recommendations = vec![
        advice(
            "block evil-pay[.]com, where the links lead",
            host(),
            "link-text-differs",
        ),
        advice(
            "quarantine it",
            Target::File(name.as_str().into()),
            "archive-double-extension",
        ),
    ];
    report.artifacts = vec![
        artifact(
            "mail.eml",
            vec![
                seen(T::Domain, "evil-pay.com", Verdict::Unknown),
                seen(
                    T::Url,
                    "http://evil-pay.com/it's|`a`*?q=%00\\\"".trim_end_matches('"'),
                    Verdict::Malicious,
                ),
                seen(T::Ipv4, "45.9.148.7", Verdict::Malicious),
                seen(T::Ipv4Cidr, "45.9.148.0/24", Verdict::Malicious),
                seen(T::Ipv6, "2a02:6b8::1", Verdict::Malicious),
                seen(T::Socket, "45.9.148.7:8443", Verdict::Suspicious),
                seen(T::Md5, "900150983cd24fb0d6963f7d28e17f72", Verdict::Malicious),
                seen(T::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d", Verdict::Malicious),
                seen(T::FilePath, r"C:\Temp\it's.exe", Verdict::Suspicious),
                seen(T::RegistryKey, r"HKLM\Software\it's", Verdict::Suspicious),
                seen(T::Email, "x@evil-pay.com", Verdict::Suspicious),
                seen(T::Ja3, "e7d705a3286e19ea42f587b344ee6865", Verdict::Suspicious),
                seen(T::UserAgent, "Mozilla/5.0 ('\"\\)", Verdict::Unknown),
                seen(T::Cve, "CVE-2026-1234", Verdict::Unknown),
                seen(T::AttackTechnique, "T1059.001", Verdict::Unknown),
                seen(T::Telegram, "some_body", Verdict::Unknown),
                observed(T::Ipv4, "203.0.113.66", &["documentation"], Verdict::Malicious),
                observed(T::Domain, "cdn.com", &["shared-infrastructure"], Verdict::Malicious),
            ],
        ),
        artifact(&member, Vec::new()),
    ];
    report.mails = vec![mail()];
    report.diagnostics = vec![Diagnostic {
        severity: DiagnosticSeverity::Warning,
        code: "zip-truncated",
        message: HOSTILE.into(),
        artifact: member.as_str().into(),
    }];
    report.files = vec![JudgedFile {
        path: member.as_str().into(),
        verdict: Verdict::Malicious,
        score: Score::new(90),
        summary: format!("hostile {HOSTILE}"),
        kind: "pe",
        media_type: MediaType("application/vnd.microsoft.portable-executable"),
        size: 14_000,
        sha256: Some(ArtifactId::of(member.as_bytes())),
        copies: 0,
        also: Vec::new(),
        stored: Stored::default(),
    }];
    report
}

fn mail() -> JudgedMail {
    let mailbox = |name: &str, address: &str| Mailbox {
        name: name.into(),
        address: Some(address.into()),
        group: None,
    };
    JudgedMail {
        path: "mail.eml".into(),
        verdict: Verdict::Malicious,
        score: Score::new(90),
        summary: format!("hostile {HOSTILE}"),
        partial: false,
        campaign: None,
        entered: None,
        believed: None,
        language: None,
        mail: MailFacts {
            format: "eml",
            from: vec![mailbox(HOSTILE, "x@evil-pay.com")],
            to: vec![mailbox("", "victim@corp.example"), mailbox("", "=no address")],
            subject: HOSTILE.into(),
            message_id: Some(HOSTILE.into()),
            headers: vec![HeaderField {
                name: "X-Hostile".into(),
                value: HOSTILE.into(),
            }],
            ..MailFacts::default()
        },
        authentication: None,
        phishing: None,
    }
}
