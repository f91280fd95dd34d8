//! Rules against records: one `check` for all that single records can show.

mod builtin;
mod conditions;
mod correlations;
mod hostile;
mod modifiers;
mod program;
mod query;
mod reading;
mod words;

use crate::{Field, Matcher, Options, Problem, Program, Route, Severity, Source, Value};

/// A record of a test.
pub(super) type Record<'r> = &'r [(&'r str, Value<'r>)];

/// Text under a name.
pub(super) fn text<'r>(name: &'r str, value: &'r str) -> (&'r str, Value<'r>) {
    (name, Value::Text(value))
}

/// A rule whose detection is `detection`, lines with their indentation.
pub(super) fn rule(detection: &str) -> String {
    let body: String = detection
        .trim_matches('\n')
        .lines()
        .map(|line| format!("  {line}\n"))
        .collect();
    format!("title: Test\nlogsource:\n  product: windows\ndetection:\n{body}")
}

pub(super) fn compile(text: &str) -> (Program, Vec<Problem>) {
    Program::compile(&[Source::new("test.yml", text)], &Options::default())
}

/// Errors alone.
pub(super) fn errors(problems: &[Problem]) -> Vec<String> {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    errors.map(ToString::to_string).collect()
}

pub(super) fn bind<'r>(program: &Program, record: &[(&str, Value<'r>)]) -> Vec<Field<'r>> {
    let field = |(name, value): &(&str, Value<'r>)| Field {
        id: program.field(name),
        value: *value,
    };
    record.iter().map(field).collect()
}

/// Whether the one rule of `program` matches, by the quick way twice, and by the plain way.
pub(super) fn is_match(program: &Program, record: Record<'_>) -> bool {
    let fields = bind(program, record);
    let mut matcher = Matcher::new(program);
    let first = matcher.matches(Route::ALL, &fields).to_vec();
    assert_eq!(
        first,
        matcher.matches(Route::ALL, &fields),
        "remembering changes what matches"
    );
    let plain = program.explain(crate::RuleId(0), &fields);
    assert_eq!(
        !first.is_empty(),
        plain.is_match,
        "the quick way and the plain way differ for {record:?}"
    );
    plain.is_match
}

/// The rule with this detection matches `yes` and does not match `no`.
pub(super) fn check(detection: &str, yes: &[Record<'_>], no: &[Record<'_>]) {
    let (program, problems) = compile(&rule(detection));
    assert!(errors(&problems).is_empty(), "{:#?}", errors(&problems));
    for record in yes {
        assert!(is_match(&program, record), "no match:\n{detection}\n{record:?}");
    }
    for record in no {
        assert!(!is_match(&program, record), "a match:\n{detection}\n{record:?}");
    }
}

/// One field `F` compared by `test`, such as `F|contains: x`, against values.
pub(super) fn field(test: &str, yes: &[&str], no: &[&str]) {
    let detection = format!("s:\n  {}\ncondition: s", test.replace('\n', "\n  "));
    let (program, problems) = compile(&rule(&detection));
    assert!(errors(&problems).is_empty(), "{:#?}", errors(&problems));
    for value in yes {
        assert!(is_match(&program, &[text("F", value)]), "no match: {test}: {value:?}");
    }
    for value in no {
        assert!(!is_match(&program, &[text("F", value)]), "a match: {test}: {value:?}");
    }
}

/// The rule is refused with `code`, and the message holds `words`.
pub(super) fn refused(text: &str, code: &str, words: &str) {
    let (program, problems) = compile(text);
    let found = problems.iter().find(|problem| problem.code == code);
    let found = found.unwrap_or_else(|| panic!("no '{code}' in {problems:#?}"));
    assert!(found.to_string().contains(words), "{found}");
    if found.severity == Severity::Error {
        assert_eq!(
            program.rules().len() + program.correlations().len(),
            0,
            "the rule is used"
        );
    }
}
