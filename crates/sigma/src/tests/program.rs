//! Programs: sharing, routing, explaining, storing, filters.

use super::{Record, bind, compile, errors, rule, text};
use crate::{CacheError, Known, Matcher, Options, Origin, Placeholders, Program, Route, RuleId, Source, Value};

const TWO: &str = "title: One\nname: one\nid: 00000000-0000-0000-0000-000000000001\nlogsource: {product: windows, category: process_creation}\ndetection:\n  sel:\n    Image|endswith: '\\Evil.exe'\n    CommandLine|contains: ['-x', 'payload']\n  filter:\n    User: admin\n  condition: sel and not filter\n---\ntitle: Two\nname: two\nlogsource: {product: linux, service: sshd}\ndetection:\n  k: ['Failed password']\n  condition: k\n";

fn matches(program: &Program, route: &Origin, record: Record<'_>) -> Vec<u32> {
    let mut matcher = Matcher::new(program);
    let route = matcher.route(route);
    matcher
        .matches(route, &bind(program, record))
        .iter()
        .map(|rule| rule.0)
        .collect()
}

#[test]
fn an_origin_chooses_the_rules() {
    let (program, problems) = compile(TWO);
    assert!(errors(&problems).is_empty(), "{problems:?}");
    let record: Record<'_> = &[
        text("Image", r"C:\evil.exe"),
        text("CommandLine", "evil PAYLOAD: failed password"),
    ];
    let windows = |category: Known| Origin {
        product: Known::is("windows"),
        category,
        service: Known::Unknown,
    };
    assert_eq!(matches(&program, &windows(Known::is("process_creation")), record), [0]);
    assert_eq!(matches(&program, &windows(Known::Unknown), record), [0]);
    assert_eq!(
        matches(&program, &windows(Known::Among(Vec::new())), record),
        [] as [u32; 0]
    );
    assert_eq!(matches(&program, &Origin::default(), record), [0, 1]);
    let linux = Origin {
        product: Known::is("Linux"),
        category: Known::Among(Vec::new()),
        service: Known::Among(vec!["auth".into(), "sshd".into()]),
    };
    assert_eq!(matches(&program, &linux, record), [1]);
}

#[test]
fn an_explanation_names_field_value_pattern_and_place() {
    let (program, _) = compile(TWO);
    let record: Record<'_> = &[text("Image", r"C:\İ\eVil.exe"), text("CommandLine", "İ Payload")];
    let why = program.explain(RuleId(0), &bind(&program, record));
    assert!(why.is_match);
    let told: Vec<(&str, &str, &str, &str)> = why
        .reasons
        .iter()
        .map(|reason| {
            (
                reason.selection.as_str(),
                reason.operator,
                reason.pattern.as_str(),
                reason.value.get(reason.span.0..reason.span.1).unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("sel", "endswith", r"\evil.exe", r"\eVil.exe"),
            ("sel", "contains", "payload", "Payload")
        ]
    );
    assert!(!program.explain(RuleId(1), &bind(&program, record)).is_match);
}

#[test]
fn questions_are_shared() {
    let one = rule("a:\n  F|contains: [x1, x2]\ncondition: a");
    let (program, _) = compile(&format!("{one}---\n{one}---\n{one}"));
    let size = program.size();
    assert_eq!((size.rules, size.predicates, size.items), (3, 2, 1));
}

#[test]
fn a_stored_program_is_the_same_or_refused() {
    let correlation = "---\ntitle: Many\ncorrelation:\n  type: value_count\n  rules: [one, two]\n  group-by: [User]\n  timespan: 5m\n  condition: {field: Image, gte: 2, lt: 9}\n";
    let extra = "---\n".to_owned()
        + &rule(
            "s:\n  A|re: 'a+b'\n  B|cidr: 10.0.0.0/8\n  C|hour|gt: 3\n  D|fieldref: A\n  E: null\n  G: 'x?y*'\ncondition: 1 of them",
        );
    let (program, problems) = compile(&format!("{TWO}{correlation}{extra}"));
    assert!(errors(&problems).is_empty(), "{:?}", errors(&problems));
    let bytes = program.save("key");
    let again = Program::load(&bytes, "key").expect("it is what was saved");
    assert_eq!(again.save("key"), bytes);
    assert_eq!(again.size(), program.size());
    assert_eq!(Program::load(&bytes, "other").err(), Some(CacheError::Key));
    assert_eq!(Program::load(b"WFSIG", "key").err(), Some(CacheError::Version));
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(Program::load(&damaged, "key").is_err(), "damage at {at} is not seen");
        assert!(Program::load(&bytes[..at], "key").is_err(), "a cut at {at} is not seen");
    }
}

#[test]
fn filters_exclude_from_the_rules_that_they_name() {
    let filter = |condition: &str, rules: &str, product: &str| {
        format!(
            "{TWO}---\ntitle: F\nlogsource: {{product: {product}}}\nfilter:\n  rules: {rules}\n  selection:\n    User|startswith: adm_\n  condition: {condition}\n"
        )
    };
    let run = |source: &str, user: &str| {
        let (program, problems) = compile(source);
        let record = [
            text("Image", r"\evil.exe"),
            text("CommandLine", "-x"),
            text("User", user),
        ];
        (!matches(&program, &Origin::default(), &record).is_empty(), problems)
    };
    for condition in ["selection", "not selection"] {
        let source = filter(condition, "[one]", "windows");
        assert!(run(&source, "bob").0);
        assert!(!run(&source, "adm_bob").0);
    }
    assert!(!run(&filter("selection", "any", "windows"), "adm_bob").0);
    let (is_match, problems) = run(&filter("selection", "[one]", "linux"), "adm_bob");
    assert!(
        is_match && problems.iter().any(|problem| problem.code == "filter-unused"),
        "{problems:?}"
    );
    let (_, problems) = run(&filter("selection", "[nobody]", "windows"), "bob");
    assert!(
        problems.iter().any(|problem| problem.code == "filter-unused"),
        "{problems:?}"
    );
}

#[test]
fn filters_that_say_not_within_are_told() {
    let of = |condition: &str| {
        let text = format!(
            "title: F\nlogsource: {{product: x}}\nfilter:\n  rules: any\n  selection: {{user: x}}\n  other: {{user: y}}\n  condition: {condition}\n"
        );
        let (_, problems) = compile(&text);
        problems
            .iter()
            .filter(|problem| problem.code == "filter-condition")
            .count()
    };
    for condition in [
        "selection or other",
        "not (selection or other)",
        "1 of them",
        "not 1 of them",
    ] {
        assert_eq!(of(condition), 0, "{condition}");
    }
    for condition in [
        "not selection and not other",
        "selection and not other",
        "not (selection and not other)",
    ] {
        assert_eq!(of(condition), 1, "{condition}");
    }
}

#[test]
fn placeholders_take_their_values_from_the_user() {
    let text_of = rule("s:\n  F|expand: '%who%-\\%x'\ncondition: s");
    let mut options = Options::default();
    options
        .placeholders
        .values
        .insert("who".to_owned(), vec!["adm*".to_owned(), "root".to_owned()]);
    let (program, problems) = Program::compile(&[Source::new("p.yml", &text_of)], &options);
    assert!(errors(&problems).is_empty(), "{problems:?}");
    assert!(super::is_match(&program, &[text("F", "admin-%x")]));
    assert!(super::is_match(&program, &[text("F", "root-%x")]));
    assert!(!super::is_match(&program, &[text("F", "bob-%x")]));
    options.placeholders = Placeholders {
        is_anything: true,
        ..Placeholders::default()
    };
    let (program, _) = Program::compile(&[Source::new("p.yml", &text_of)], &options);
    assert!(super::is_match(&program, &[text("F", "bob-%x")]));
}

#[test]
fn remembering_many_values_changes_nothing() {
    let (program, _) = compile(&rule("s:\n  F|contains: '7'\ncondition: s"));
    let mut matcher = Matcher::new(&program);
    for round in 0..2 {
        for number in 0..60_000_u32 {
            let value = number.to_string();
            let fields = bind(&program, &[text("F", "x"), ("F", Value::Text(&value))]);
            let is_match = !matcher.matches(Route::ALL, &fields).is_empty();
            assert_eq!(is_match, value.contains('7'), "{round}: {value}");
        }
    }
}
