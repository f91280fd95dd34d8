//! Conditions.

use super::{check, refused, rule, text};

/// Selections `a`, `b1`, `b2`, `_c`: each is met by a field of its name.
fn condition(condition: &str, yes: &[&str], no: &[&str]) {
    let detection = format!("a: {{a: 1}}\nb1: {{b1: 1}}\nb2: {{b2: 1}}\n_c: {{c: 1}}\ncondition: {condition}");
    let record = |names: &&str| names.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
    for (records, is_yes) in [(yes, true), (no, false)] {
        for names in records.iter().map(record) {
            let fields: Vec<_> = names.iter().map(|name| text(name, "1")).collect();
            let fields: &[_] = &fields;
            let only = [fields];
            let (yes, no): (&[_], &[_]) = if is_yes { (&only, &[]) } else { (&[], &only) };
            check(&detection, yes, no);
        }
    }
}

#[test]
fn words_bind_as_the_specification_says() {
    condition("a or b1 and b2", &["a", "b1 b2"], &["b1"]);
    condition("(a or b1) and b2", &["a b2"], &["a"]);
    condition("not a and b1", &["b1"], &["a b1", "x"]);
    condition("not (a or b1)", &["b2"], &["a", "b1"]);
    condition("not not a", &["a"], &["x"]);
    condition("A OR b1 OR a".replace("A OR", "a OR").as_str(), &["a", "b1"], &["x"]);
    condition("not a", &["x"], &["a"]);
}

#[test]
fn quantities() {
    condition("1 of b*", &["b1", "b2"], &["a"]);
    condition("all of b*", &["b1 b2"], &["b1"]);
    condition("any of b*", &["b2"], &["a"]);
    condition("2 of them", &["a b1", "b1 b2"], &["a", "a c"]);
    condition("1 of them", &["a"], &["c"]);
    condition("all of them", &["a b1 b2"], &["a b1"]);
    condition("a and not 1 of b*", &["a"], &["a b1"]);
    condition("1 of *1", &["b1"], &["b2"]);
    condition("a or 1 of filter_*", &["a"], &["b1"]);
    condition("4 of them", &[], &["a b1 b2 c"]);
}

#[test]
fn lists_of_conditions_are_or() {
    check(
        "a: {a: 1}\nb: {b: 1}\ncondition:\n  - a\n  - b",
        &[&[text("a", "1")], &[text("b", "1")]],
        &[&[text("c", "1")]],
    );
}

#[test]
fn lists_and_maps_of_selections() {
    let one = [text("a", "1"), text("b", "2")];
    check(
        "s:\n  - a: 1\n    b: 2\n  - c: 3\ncondition: s",
        &[&one, &[text("c", "3")]],
        &[&[text("a", "1")]],
    );
    check(
        "s:\n  - a: 1\n  - word\ncondition: s",
        &[&[text("a", "1")], &[text("x", "a word")]],
        &[&[text("a", "2")]],
    );
}

#[test]
fn what_is_wrong_with_a_condition_is_told() {
    let of = |condition: &str| rule(&format!("selection: {{a: 1}}\ncondition: {condition}"));
    refused(&of("selecton"), "condition-name", "did you mean 'selection'?");
    refused(&of("selection and"), "condition-syntax", "ends where");
    refused(&of("(selection"), "condition-syntax", "never closed");
    refused(&of("selection)"), "condition-syntax", "closes nothing");
    refused(&of("selection selection"), "condition-syntax", "missing before");
    refused(&of("sel*"), "condition-syntax", "1 of");
    refused(&of("x of sel*"), "condition-syntax", "of what");
    refused(&of("1 of"), "condition-syntax", "followed by nothing");
    refused(&of("'selection | count() > 5'"), "condition-aggregation", "correlation");
    refused(&rule("selection: {a: 1}"), "condition", "no condition");
    refused(
        &of(&format!("{}selection{}", "(".repeat(60), ")".repeat(60))),
        "condition-syntax",
        "levels deep",
    );
}
