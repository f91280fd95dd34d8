//! Rules in, findings out.

use super::artifact;
use crate::{Analysis, Engine, Settings};
use std::sync::Arc;
use watchfire_model::{Finding, Hints, LimitKind, Limits, Origin, Place};
use watchfire_yara::{Rules, Source};

const RULES: &str = "
    rule Strings : T1059 { meta: score = 80 author = \"somebody\" strings: $a = \"find me\" condition: $a }
    rule Named { meta: severity = \"low\" condition: extension == \".ps1\" and filename == \"tool.ps1\" }";

fn engine(rules: &str) -> Engine {
    let (rules, problems) = Rules::compile(&[Source::new("own.yar", rules)]);
    assert!(problems.is_empty(), "{problems:?}");
    Engine::new(Settings {
        yara: rules.map(Arc::new),
        ..Settings::default()
    })
}

fn analyze(name: &str, bytes: &[u8]) -> Analysis {
    let engine = engine(RULES);
    engine.analyze(artifact(name, bytes), &engine.budget())
}

/// The findings of rules, with weight in thousandths and places.
fn found(analysis: &Analysis) -> Vec<(String, u16, Vec<String>)> {
    let of_rules = analysis
        .findings
        .iter()
        .filter(|finding| finding.rule.0 == "yara-match");
    of_rules
        .map(|finding: &Finding| {
            let places = finding
                .evidence()
                .iter()
                .map(|evidence| format!("{evidence} {}", evidence.excerpt));
            (finding.title.clone(), finding.weight.thousandths(), places.collect())
        })
        .collect()
}

#[test]
fn a_match_is_a_finding_with_its_places() {
    let analysis = analyze("note.txt", b"here: find me, and find me");
    assert_eq!(
        found(&analysis),
        [(
            "'note.txt' matches the YARA rule Strings (somebody)".to_owned(),
            600,
            vec![
                "note.txt @0x6 Strings $a: find me".to_owned(),
                "note.txt @0x13 Strings $a: find me".to_owned()
            ]
        )]
    );
    let finding = analysis
        .findings
        .iter()
        .find(|finding| finding.rule.0 == "yara-match")
        .unwrap();
    assert_eq!(
        finding
            .techniques
            .iter()
            .map(|technique| technique.as_str())
            .collect::<Vec<_>>(),
        ["T1059"]
    );
    assert!(analysis.coverage.is_complete());
    assert!(found(&analyze("note.txt", b"nothing here")).is_empty());
}

#[test]
fn what_is_inside_is_matched_by_its_own_name_and_told_once_for_each_rule() {
    let mail = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nDate: Mon, 2 Nov 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nplease find me here\r\n--b\r\n\
        Content-Type: text/plain; name=\"tool.ps1\"\r\nContent-Disposition: attachment; filename=\"tool.ps1\"\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nZmluZCBtZQ==\r\n--b--\r\n";
    let found = found(&analyze("mail.eml", mail));
    let titles: Vec<_> = found
        .iter()
        .map(|(title, weight, _)| (title.as_str(), *weight))
        .collect();
    assert_eq!(titles[0], ("'tool.ps1' matches the YARA rule Named", 150));
    assert_eq!(
        found[0].2,
        ["mail.eml ▸ tool.ps1 Named: its condition, without a string"]
    );
    assert_eq!(titles.len(), 2, "{found:?}");
    assert_eq!(titles[1].1, 600);
    assert!(
        found[1]
            .2
            .iter()
            .any(|place| place.starts_with("mail.eml ▸ tool.ps1 @0x0 ")),
        "{found:?}"
    );
    assert!(
        found[1].2.iter().any(|place| place.starts_with("mail.eml @")),
        "{found:?}"
    );
}

#[test]
fn a_text_that_is_read_as_it_comes_is_matched_too() {
    let engine = engine(RULES);
    let text = [b"nothing in this line\n".repeat(50_000), b"find me\n".to_vec()].concat();
    let analysis = engine
        .analyze_stream(
            &mut &text[..],
            Origin::root("large.log"),
            Hints::default(),
            2,
            &engine.budget(),
        )
        .unwrap();
    let finding = analysis
        .findings
        .iter()
        .find(|finding| finding.rule.0 == "yara-match")
        .unwrap();
    assert!(matches!(finding.evidence()[0].place, Place::Bytes(span) if span.start == 1_050_000));
    assert!(analysis.artifacts[0].sha256.is_some() && analysis.coverage.is_complete());
}

#[test]
fn rules_have_so_much_time_below_one_input() {
    let rules = Rules::compile(&[Source::new("own.yar", RULES)]).0.map(Arc::new);
    let limits = |seconds| Limits {
        rules: seconds,
        ..Limits::default()
    };
    let check = |seconds: u64, text: &[u8], expected: usize| {
        let engine = Engine::new(Settings {
            yara: rules.clone(),
            limits: limits(seconds),
            ..Settings::default()
        });
        let origin = Origin::root("note.txt");
        let read = engine.analyze_stream(&mut &text[..], origin, Hints::default(), 1, &engine.budget());
        let analysis = read.unwrap();
        assert_eq!(found(&analysis).len(), expected);
        let is_over = expected == 0;
        let limits = &analysis.coverage.limits_reached;
        assert_eq!(limits.contains(&LimitKind::Rules), is_over, "{limits:?}");
        let said = analysis.diagnostics.iter().any(|remark| remark.code == "yara-time");
        assert_eq!(said, is_over, "{:?}", analysis.diagnostics);
        // It was read all the same.
        assert!(analysis.artifacts[0].sha256.is_some());
    };
    for text in [b"find me ".to_vec(), b"find me ".repeat(1 << 16)] {
        check(0, &text, 0);
        check(300, &text, 1);
    }
}
