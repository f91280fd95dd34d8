//! What holds for every judgement.

use super::Numbers;
use crate::{Analysis, Assembly, MALICIOUS, SUSPICIOUS, assemble, judge};
use watchfire_model::{
    ArtifactId, ArtifactRecord, Confidence, Coverage, Date, Digests, Evidence, Finding, FindingDraft, Judgement,
    KnownGood, MediaType, Moment, Place, RuleId, Severity, Suppression, Verdict, Weight,
};

const GROUPS: [&str; 5] = ["disguise", "payload", "evasion", "link-deception", "traversal"];

fn finding(group: &'static str, weight: u16, path: &str) -> Finding {
    FindingDraft {
        rule: RuleId("rule"),
        title: format!("finding of {weight} in {group}"),
        severity: if weight < 300 { Severity::Low } else { Severity::High },
        confidence: Confidence::High,
        weight: Weight::from_thousandths(weight),
        group,
        techniques: &[],
    }
    .at(Evidence {
        artifact: ArtifactId::of(path.as_bytes()),
        path: path.into(),
        place: Place::Whole,
        excerpt: path.into(),
    })
}

fn root(known_good: Option<&'static str>) -> ArtifactRecord {
    ArtifactRecord {
        sha256: Some(ArtifactId::of(b"root")),
        path: "root".into(),
        depth: 0,
        size: 4,
        media_type: MediaType::UNKNOWN,
        read: true,
        duplicate_of: None,
        digests: Digests::default(),
        known_good: known_good.map(|list| KnownGood::Surely(list.into())),
        listed_in: None,
        executable: None,
        capture: None,
        log: None,
        observables: Vec::new(),
        facts: None,
    }
}

fn full(inputs: u64) -> Coverage {
    Coverage {
        inputs,
        inputs_read: inputs,
        artifacts: inputs,
        artifacts_read: inputs,
        bytes: 4 * inputs,
        ..Coverage::default()
    }
}

fn check(weights: &[(&'static str, u16)], score: u8, verdict: Verdict) -> Judgement {
    let findings: Vec<Finding> = weights
        .iter()
        .map(|(group, weight)| finding(group, *weight, "a"))
        .collect();
    let judgement = judge(&findings, &[root(None)], &full(1));
    assert_eq!(
        (judgement.score.get(), judgement.verdict),
        (score, verdict),
        "{weights:?}"
    );
    assert!(!judgement.reasons.is_empty());
    judgement
}

#[test]
fn independent_groups_add_up_and_dependent_findings_do_not() {
    check(&[("disguise", 550)], 55, Verdict::Suspicious);
    check(&[("disguise", 550), ("disguise", 500)], 55, Verdict::Suspicious);
    check(&[("disguise", 550), ("payload", 400)], 73, Verdict::Suspicious);
    check(
        &[("disguise", 550), ("payload", 400), ("evasion", 300)],
        81,
        Verdict::Malicious,
    );
    check(&[("disguise", 1000)], 100, Verdict::Malicious);
    check(&[("disguise", 0)], 0, Verdict::Unknown);
    check(&[("payload", 399)], 40, Verdict::Suspicious);
    check(&[("payload", 394)], 39, Verdict::Unknown);
}

#[test]
fn an_unknown_verdict_says_why() {
    let judgement = check(&[], 0, Verdict::Unknown);
    assert_eq!(judgement.summary, "nothing known speaks against it");
    assert_eq!(
        judgement.reasons[0].text,
        "nothing known speaks against it; no reputation source was asked"
    );
}

#[test]
fn the_summary_names_the_heaviest_finding() {
    let judgement = check(&[("payload", 400), ("disguise", 550)], 73, Verdict::Suspicious);
    assert_eq!(judgement.summary, "finding of 550 in disguise, and 1 further finding");
}

#[test]
fn benign_takes_a_known_identity_for_every_input_and_full_coverage() {
    let good = root(Some("a-list"));
    let verdict = |artifacts: &[ArtifactRecord], coverage: &Coverage| judge(&[], artifacts, coverage).verdict;
    assert_eq!(verdict(std::slice::from_ref(&good), &full(1)), Verdict::Benign);
    assert_eq!(verdict(&[good.clone(), root(None)], &full(2)), Verdict::Unknown);
    assert_eq!(
        verdict(std::slice::from_ref(&good), &full(2)),
        Verdict::Unknown,
        "an input that left no artifact"
    );
    assert_eq!(verdict(&[], &full(0)), Verdict::Unknown);
    let partial = Coverage {
        artifacts: 2,
        ..full(1)
    };
    assert_eq!(verdict(&[good], &partial), Verdict::Unknown);
}

fn random_findings(numbers: &mut Numbers) -> Vec<Finding> {
    let count = numbers.next(8);
    let one = |_| {
        let group = GROUPS[usize::try_from(numbers.next(5)).unwrap()];
        let weight = u16::try_from(numbers.next(1001)).unwrap();
        finding(
            group,
            weight,
            ["a", "b", "c"][usize::try_from(numbers.next(3)).unwrap()],
        )
    };
    (0..count).map(one).collect()
}

fn random_setting(numbers: &mut Numbers) -> (Vec<ArtifactRecord>, Coverage) {
    let artifacts = vec![root([None, Some("a-list")][usize::try_from(numbers.next(2)).unwrap()])];
    let coverage = Coverage {
        artifacts_read: numbers.next(2),
        ..full(1)
    };
    (artifacts, coverage)
}

#[test]
fn more_bad_evidence_never_lowers_a_verdict() {
    let mut numbers = Numbers(0x5eed);
    for _ in 0..5000 {
        let (artifacts, coverage) = random_setting(&mut numbers);
        let fewer = random_findings(&mut numbers);
        let mut more = fewer.clone();
        more.extend(random_findings(&mut numbers));
        let (before, after) = (
            judge(&fewer, &artifacts, &coverage),
            judge(&more, &artifacts, &coverage),
        );
        assert!(
            before.verdict <= after.verdict && before.score <= after.score,
            "{fewer:?} {more:?}"
        );
    }
}

#[test]
fn every_judgement_has_reasons_and_no_partial_one_is_benign() {
    let mut numbers = Numbers(0xc0ffee);
    for _ in 0..5000 {
        let (artifacts, coverage) = random_setting(&mut numbers);
        let findings = random_findings(&mut numbers);
        let judgement = judge(&findings, &artifacts, &coverage);
        assert!(!judgement.reasons.is_empty() && !judgement.summary.is_empty());
        assert!(judgement.verdict != Verdict::Benign || coverage.is_complete());
        assert_eq!(judgement.verdict == Verdict::Malicious, judgement.score >= MALICIOUS);
        assert!(judgement.verdict != Verdict::Suspicious || judgement.score >= SUSPICIOUS);
        assert!(
            judgement
                .reasons
                .is_sorted_by_key(|reason| std::cmp::Reverse(reason.weight))
        );
    }
}

#[test]
fn the_order_of_findings_does_not_matter() {
    let mut numbers = Numbers(0xbeef);
    for _ in 0..1000 {
        let (artifacts, coverage) = random_setting(&mut numbers);
        let findings = random_findings(&mut numbers);
        let backwards: Vec<Finding> = findings.iter().rev().cloned().collect();
        assert_eq!(
            judge(&findings, &artifacts, &coverage),
            judge(&backwards, &artifacts, &coverage)
        );
    }
}

#[test]
fn the_score_is_the_formula() {
    let mut numbers = Numbers(0xf00d);
    for _ in 0..5000 {
        let findings = random_findings(&mut numbers);
        let innocent: f64 = GROUPS
            .iter()
            .map(|group| {
                let weights = findings.iter().filter(|finding| finding.group == *group);
                1.0 - f64::from(weights.map(|finding| finding.weight.thousandths()).max().unwrap_or(0)) / 1000.0
            })
            .product();
        let expected = 100.0 * (1.0 - innocent);
        let score = f64::from(judge(&findings, &[], &full(0)).score.get());
        assert!((score - expected).abs() < 0.5 + 1e-9, "{score} {expected}");
    }
}

fn assembled(as_of: &str, findings: Vec<Finding>) -> watchfire_model::Report {
    let suppressions = [Suppression {
        rule: "rule".to_owned(),
        entity: Some("a".to_owned()),
        why: "known to us".to_owned(),
        expires: Date::parse("2026-12-31").unwrap(),
    }];
    let analysis = Analysis {
        artifacts: vec![root(None)],
        findings,
        coverage: full(1),
        ..Analysis::default()
    };
    let assembly = Assembly {
        as_of: Moment::parse(as_of).unwrap(),
        version: "test",
        tlp: None,
        suppressions: &suppressions,
        organisation: &watchfire_model::Organisation::default(),
        search: None,
    };
    assemble([analysis], &assembly)
}

#[test]
fn suppressed_findings_are_listed_and_do_not_count() {
    let findings = vec![finding("payload", 900, "a"), finding("disguise", 200, "b")];
    let report = assembled("2026-11-21T00:00:00Z", findings.clone());
    assert_eq!((report.totals.findings, report.totals.suppressed), (1, 1));
    assert_eq!(report.judgement.verdict, Verdict::Unknown);
    assert_eq!(
        (report.suppressed[0].why.as_str(), report.suppressed[0].expires.as_str()),
        ("known to us", "2026-12-31")
    );
    let report = assembled("2027-01-01T00:00:00Z", findings);
    assert_eq!((report.totals.findings, report.totals.suppressed), (2, 0));
    assert_eq!(report.judgement.verdict, Verdict::Malicious);
}

#[test]
fn findings_come_most_severe_first() {
    let findings = vec![
        finding("payload", 200, "c"),
        finding("payload", 400, "d"),
        finding("payload", 400, "b"),
    ];
    let report = assembled("2027-01-01T00:00:00Z", findings);
    let paths: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.evidence()[0].excerpt.raw())
        .collect();
    assert_eq!(paths, ["b", "d", "c"]);
}

#[test]
fn a_file_that_may_be_on_a_list_is_not_benign() {
    let mut known = root(Some("list"));
    assert_eq!(judge(&[], &[known.clone()], &full(1)).verdict, Verdict::Benign);
    known.known_good = Some(KnownGood::Probably("filter".into()));
    assert_eq!(judge(&[], &[known], &full(1)).verdict, Verdict::Unknown);
}

#[test]
fn a_file_on_a_list_is_not_benign_where_a_feed_accuses_it() {
    let verdict = |weight| {
        let accused = finding("intelligence", weight, "root");
        judge(&[accused], &[root(Some("list"))], &full(1)).verdict
    };
    assert_eq!(verdict(100), Verdict::Unknown);
    // What weighs nothing accuses nobody: a text that names the file.
    assert_eq!(verdict(0), Verdict::Benign);
}
