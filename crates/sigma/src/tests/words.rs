//! Rules in plain words.

use super::rule;
use crate::{Limits, Placeholders, Source, Words, parse};

fn words(detection: &str) -> Words {
    let (collection, problems) = parse(
        &[Source::new("test.yml", rule(detection))],
        &Placeholders::default(),
        &Limits::default(),
    );
    assert!(collection.rules.len() == 1, "{problems:?}");
    collection.rules[0].words()
}

/// Statements as lines, and then conditions.
#[track_caller]
fn check(detection: &str, expected: &[&str]) {
    let words = words(detection);
    let mut lines = Vec::new();
    for (name, statements) in &words.selections {
        lines.push(format!("{name}:"));
        for statement in statements {
            let indent = "  ".repeat(statement.depth + 1);
            let values = match statement.values.as_slice() {
                [] => String::new(),
                values => format!(" {}", values.join(" | ")),
            };
            lines.push(format!("{indent}{}{values}", statement.says));
        }
    }
    lines.extend(words.conditions);
    assert_eq!(lines, expected);
}

#[test]
fn a_selection_says_what_each_field_is_compared_with() {
    check(
        r"
img:
  Image|endswith:
    - '\a.exe'
    - '\b.exe'
  CommandLine|contains|all:
    - ' -x '
    - ' -y '
  User: SYSTEM
  Port|gte: 1024
  Parent:
  Hash|re: '^[0-9a-f]+$'
  From|cidr: 10.0.0.0/8
  Name|fieldref: Other
condition: img
",
        &[
            "img:",
            r"  Image ends with one of \a.exe | \b.exe",
            "  CommandLine contains all of  -x  |  -y ",
            "  User is SYSTEM",
            "  Port is at least 1024",
            "  Parent is empty or missing",
            "  Hash matches the expression ^[0-9a-f]+$",
            "  From is in the network 10.0.0.0/8",
            "  Name is the same as the field Other",
            "img",
        ],
    );
}

#[test]
fn lists_of_maps_and_mixed_values_say_that_one_is_enough() {
    check(
        r"
any:
  - Image|endswith: '\a.exe'
  - OriginalFileName: a.exe
    Company: x
mixed:
  Path:
    - '*\Temp\*'
    - 'C:\x'
condition: any and mixed
",
        &[
            "any:",
            "  one of these",
            r"    Image ends with \a.exe",
            "    all of these",
            "      OriginalFileName is a.exe",
            "      Company is x",
            "mixed:",
            "  one of these",
            r"    Path contains \Temp\",
            r"    Path is C:\x",
            "any, and mixed",
        ],
    );
}

#[test]
fn keywords_may_stand_anywhere() {
    check(
        "words:\n  - one\n  - two\ncondition: words",
        &["words:", "  any value contains one of one | two", "words"],
    );
}

#[test]
fn conditions_name_what_they_mean() {
    let of = |condition: &str| {
        let detection = format!("a_1:\n  x: 1\na_2:\n  x: 2\nf_1:\n  x: 3\nf_2:\n  x: 4\ncondition: {condition}");
        words(&detection).conditions
    };
    assert_eq!(
        of("1 of a_* and not 1 of f_*"),
        ["one of a_1, a_2, and none of f_1, f_2"]
    );
    assert_eq!(of("all of them"), ["all of a_1, a_2, f_1, f_2"]);
    assert_eq!(of("a_1 and (a_2 or not f_1)"), ["a_1, and (a_2, or not f_1)"]);
    assert_eq!(of("not (a_1 and f_1)"), ["not (a_1, and f_1)"]);
}

#[test]
fn correlations_say_what_they_count() {
    let of = |correlation: &str| {
        let text = format!("title: Test\ncorrelation:\n{correlation}");
        let (collection, problems) = parse(
            &[Source::new("test.yml", text)],
            &Placeholders::default(),
            &Limits::default(),
        );
        assert!(collection.correlations.len() == 1, "{problems:?}");
        collection.correlations[0].words()
    };
    assert_eq!(
        of("  type: event_count\n  rules: [a]\n  group-by: [src_ip, User]\n  timespan: 5m\n  condition: {gte: 10}\n"),
        "10 or more matches of 'a' with the same src_ip, User within 5 minutes"
    );
    assert_eq!(
        of(
            "  type: value_count\n  rules: [a]\n  group-by: [src_ip]\n  timespan: 1h\n  condition: {gt: 3, field: User}\n"
        ),
        "more than 3 different values of User in matches of 'a' with the same src_ip within 1 hour"
    );
    assert_eq!(
        of("  type: temporal_ordered\n  rules: [a, b]\n  group-by: [h]\n  timespan: 90s\n"),
        "matches of all of 'a', 'b', in this order with the same h within 90 seconds"
    );
}
