//! Documents: what is wrong with them, several in one file, what they say of themselves.

use super::{compile, errors, refused, rule};
use crate::{Level, Severity, Status};

const RULE: &str = "title: A\nid: 545a5da6-f103-4919-a519-e9aec1026ee4\nstatus: test\nlevel: high\nauthor: Me\nlicense: MIT\ndate: 2017-05-09\ntags:\n  - attack.defense-evasion\n  - attack.t1562.001\nfalsepositives:\n  - Unlikely\nlogsource:\n  product: windows\ndetection:\n  s: {a: 1}\n  condition: s\n";

#[test]
fn a_rule_says_who_wrote_it_and_what_it_is_about() {
    let (program, problems) = compile(RULE);
    assert!(problems.is_empty(), "{problems:?}");
    let meta = &program.rules()[0].meta;
    assert_eq!((meta.level, meta.status), (Level::High, Status::Test));
    assert_eq!(meta.techniques().collect::<Vec<_>>(), ["T1562.001"]);
    assert_eq!(meta.tactics().collect::<Vec<_>>(), ["defense-evasion"]);
    assert_eq!(
        (meta.author.as_deref(), meta.license.as_deref()),
        (Some("Me"), Some("MIT"))
    );
}

#[test]
fn what_the_schema_forbids_is_told_and_the_rule_is_used() {
    for (from, to, code) in [
        ("status: test", "status: tested", "schema-word"),
        ("level: high", "level: High", "schema-word"),
        ("date: 2017-05-09", "date: 2017/05/09", "schema-date"),
        ("date: 2017-05-09", "date: 2017-13-09", "schema-date"),
        ("id: 545a5da6", "id: x545a5da6", "schema-id"),
        ("attack.t1562.001", "attack.T1562", "schema-tag"),
        ("attack.t1562.001", "attack.defense-evasion", "schema-repetition"),
        ("  - Unlikely", "  - U", "schema-length"),
        ("author: Me", "author: [Me]", "schema-type"),
        ("author: Me", "autor: Me", "key-misspelt"),
        ("  s: {a: 1}", "  s: {a: 1}\n  t: {b: 1}", "selection-unused"),
        ("  s: {a: 1}", "  s: {a: 1}\n  timeframe: 5m", "schema-timeframe"),
        ("  s: {a: 1}", "  s: word", "schema-selection"),
    ] {
        let text = RULE.replace(from, to);
        let (program, problems) = compile(&text);
        assert!(
            problems.iter().any(|problem| problem.code == code),
            "{code}: {problems:?}"
        );
        assert!(
            problems.iter().all(|problem| problem.severity < Severity::Error),
            "{problems:?}"
        );
        assert_eq!(program.rules().len(), 1);
    }
}

#[test]
fn what_a_rule_cannot_do_without_is_an_error() {
    for (from, to, code) in [
        ("title: A\n", "", "title"),
        ("logsource:\n  product: windows\n", "", "logsource"),
        ("logsource:\n  product: windows\n", "logsource: windows\n", "logsource"),
        ("  condition: s\n", "", "condition"),
        ("  s: {a: 1}", "  s: {a: 1}\n  s: {b: 1}", "yaml-duplicate-key"),
        ("  s: {a: 1}", "  s: {}", "selection-empty"),
        ("  s: {a: 1}", "  s: []", "selection-empty"),
        ("detection:", "detections:", "detection"),
    ] {
        refused(&RULE.replace(from, to), code, "");
    }
    refused("- a\n- b\n", "document", "a list");
}

#[test]
fn a_message_shows_the_line_and_marks_the_place() {
    let (_, problems) = compile(&rule("s:\n  Image|contain: x\ncondition: s"));
    let text = problems[0].to_string();
    let expected = "error: unknown modifier 'contain' in 'Image|contain'\n  --> test.yml:6:5\n  |\n6 |     Image|contain: x\n  |     ^^^^^^^^^^^^^\nhint: did you mean 'contains'?";
    assert_eq!(text, expected);
}

#[test]
fn one_bad_document_loses_no_other() {
    let (program, problems) = compile(&format!("{RULE}---\ntitle: [\n---\n{RULE}---\n# nothing\n---\n{RULE}"));
    assert_eq!(program.rules().len(), 3);
    assert_eq!(errors(&problems).len(), 1);
    assert!(
        problems[0].to_string().contains("yaml") || problems[0].code == "yaml",
        "{problems:?}"
    );
    // Lines are those of the file.
    assert_eq!(program.rules()[1].meta.line, 21);
}

#[test]
fn old_actions_share_parts() {
    let text = "action: global\ntitle: A\nlogsource: {product: windows}\ndetection:\n  condition: s\n---\ndetection:\n  s: {a: 1}\n---\ndetection:\n  s: {b: 1}\n---\naction: repeat\nlogsource: {service: x}\n---\naction: reset\n---\ntitle: B\nlogsource: {product: linux}\ndetection: {s: {c: 1}, condition: s}\n";
    let (program, problems) = compile(text);
    assert!(errors(&problems).is_empty(), "{problems:?}");
    let told: Vec<(String, String)> = program
        .rules()
        .iter()
        .map(|rule| (rule.meta.title.clone(), rule.logsource.to_string()))
        .collect();
    let of = |title: &str, source: &str| (title.to_owned(), source.to_owned());
    assert_eq!(
        told,
        [
            of("A", "windows"),
            of("A", "windows"),
            of("A", "windows/x"),
            of("B", "linux")
        ]
    );
}
