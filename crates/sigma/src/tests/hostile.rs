//! Rules that were written to hurt.

use super::{compile, errors, refused, rule, text};
use crate::{CorrelationLimits, Correlator, Limits, Matcher, Options, Program, Route, Source};

#[test]
fn aliases_do_not_multiply() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let names = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{names}]\n"));
    }
    refused(&text, "yaml-too-large", "values");
    let long = format!(
        "a: &a \"{}\\n\"\nb: [{}*a]\n",
        "x".repeat(100_000),
        "*a, ".repeat(10_000)
    );
    refused(&long, "yaml-too-large", "values");
}

#[test]
fn nesting_ends() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        let (program, problems) = compile(&format!("a: {}x{}", open.repeat(20_000), close.repeat(20_000)));
        assert_eq!(program.rules().len(), 0);
        assert!(!problems.is_empty());
    }
}

#[test]
fn an_alias_cannot_hold_itself() {
    let (_, problems) = compile("a: &a [*a]\n");
    assert!(!errors(&problems).is_empty());
}

#[test]
fn large_files_are_refused_before_they_are_read() {
    let options = Options {
        limits: Limits {
            source: 100,
            ..Limits::default()
        },
        ..Options::default()
    };
    let (_, problems) = Program::compile(&[Source::new("x", "a".repeat(101))], &options);
    assert_eq!(problems[0].code, "yaml-too-large");
}

#[test]
fn values_that_multiply_are_refused() {
    let many = format!("s:\n  F|contains|windash: '{}'\ncondition: s", "-a ".repeat(500));
    let (program, problems) = compile(&rule(&many));
    assert!(errors(&problems).is_empty(), "{:?}", errors(&problems));
    let value = "/a ".repeat(500);
    assert!(super::is_match(&program, &[text("F", &value)]));
    refused(
        &rule(&format!(
            "{}condition: 20 of them",
            (0..40).map(|n| format!("s{n}: {{a: {n}}}\n")).collect::<String>()
        )),
        "condition-syntax",
        "ways",
    );
}

#[test]
fn long_values_take_linear_time() {
    let (program, _) = compile(&rule(
        "s:\n  F|contains: ['aaaaaaaab', 'a*a*a*a*b', '*a?a?b*']\n  G|re: '(a+)+$'\ncondition: 1 of them",
    ));
    let long = "a".repeat(200_000);
    let fields = super::bind(&program, &[text("F", &long), text("G", &long)]);
    assert!(Matcher::new(&program).matches(Route::ALL, &fields).is_empty());
}

#[test]
fn messages_escape_what_rules_say() {
    let (_, problems) = compile(&rule("s:\n  \"F|x\\e[31m\": x\ncondition: s"));
    assert!(!problems[0].to_string().contains('\u{1b}'));
}

/// A rule, and `length` correlations of which each counts the one before, in this order or the other way round.
fn chain(length: usize, is_reversed: bool) -> String {
    let mut documents =
        vec!["title: T\nname: c0\nlogsource: {product: windows}\ndetection: {s: {F: x}, condition: s}\n".to_owned()];
    documents.extend((1..=length).map(|n| {
        format!(
            "title: C{n}\nname: c{n}\ncorrelation: {{type: event_count, rules: [c{}], group-by: [F], timespan: 1m, condition: {{gte: 1}}}}\n",
            n - 1
        )
    }));
    if is_reversed {
        documents.reverse();
    }
    documents.join("---\n")
}

#[test]
fn chains_of_correlations_end() {
    for is_reversed in [false, true] {
        let (program, problems) = compile(&chain(16, is_reversed));
        assert!(errors(&problems).is_empty(), "{:?}", errors(&problems));
        assert_eq!(program.correlations()[15].rule.meta.title, "C16");
        // Far more than a stack or a loop over all of them for each would bear.
        let (program, problems) = compile(&chain(10_000, is_reversed));
        assert_eq!((program.rules().len(), program.correlations().len()), (1, 16));
        assert_eq!(errors(&problems).len(), 10_000 - 16);
        let told = errors(&problems).join("\n");
        assert!(told.contains("more than 16 correlations count one another up to 'C17'"));
        let mut correlator = Correlator::new(&program, CorrelationLimits::default());
        let fields = super::bind(&program, &[text("F", "x")]);
        assert_eq!(correlator.feed(0, &[crate::RuleId(0)], &fields, 0).len(), 16);
    }
}

#[test]
fn encodings_are_applied_once() {
    // Each of these would double the value.
    let many = format!("s:\n  F{}: aaaa\ncondition: s", "|wide".repeat(40));
    refused(&rule(&many), "modifier-combination", "'wide' stands twice");
    for key in ["F|base64|base64", "F|wide|base64|wide", "F|wide|utf16le"] {
        refused(
            &rule(&format!("s:\n  {key}: aaaa\ncondition: s")),
            "modifier-combination",
            "twice",
        );
    }
    let all = "s:\n  F|wide|utf16|utf16be: aaaa\ncondition: s";
    refused(&rule(all), "modifier-combination", "more than one of 'wide'");
}

#[test]
fn placeholders_of_one_value_are_counted() {
    let options = Options {
        placeholders: crate::Placeholders {
            is_anything: true,
            ..crate::Placeholders::default()
        },
        ..Options::default()
    };
    let text = rule(&format!("s:\n  F|expand: '{}'\ncondition: s", "%a%".repeat(33)));
    let (_, problems) = Program::compile(&[Source::new("x", text)], &options);
    assert_eq!(problems[0].code, "value-expansion", "{problems:?}");
}

/// Rules and errors of a file with these limits on values.
fn limited(text: &str, values: usize) -> (usize, Vec<String>) {
    let options = Options {
        limits: Limits {
            values,
            ..Limits::default()
        },
        ..Options::default()
    };
    let (program, problems) = Program::compile(&[Source::new("x", text)], &options);
    (program.rules().len(), errors(&problems))
}

#[test]
fn what_documents_share_is_counted_for_the_whole_file() {
    let words = "x, ".repeat(100);
    let shared = format!("title: T\nlogsource: {{product: x}}\ndetection: {{s: {{F: [{words}y]}}, condition: s}}\n");
    for (text, least) in [
        (format!("action: global\n{shared}{}", "---\nlevel: low\n".repeat(50)), 7),
        (format!("{shared}{}", "---\naction: repeat\nlevel: low\n".repeat(50)), 8),
    ] {
        let (rules, errors) = limited(&text, 1_000);
        assert!((least..10).contains(&rules), "{rules}");
        assert_eq!(errors.len(), 1, "the file ends");
        assert!(errors[0].contains("copy more than 1000 values"), "{errors:?}");
        assert_eq!(limited(&text, 10_000).1, Vec::<String>::new());
    }
    // Aliases of many documents, none of which has too many.
    let list = vec!["*a"; 30].join(", ");
    let text = format!(
        "---\ntitle: T\nx: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\ny: [{list}]\nlogsource: {{product: x}}\ndetection: {{s: {{F: x}}, condition: s}}\n"
    );
    let (rules, errors) = limited(&text.repeat(20), 1_000);
    assert_eq!((rules, errors.len()), (3, 1), "{errors:?}");
}

#[test]
fn conditions_do_not_multiply_selections() {
    let keys: String = (0..200).map(|n| format!("  k{n}: x\n")).collect();
    let selections: String = (0..10).map(|n| format!("s{n}:\n{keys}")).collect();
    let of = |condition: &str| rule(&format!("{selections}condition: {condition}"));
    refused(
        &of(&vec!["5 of them"; 40].join(" or ")),
        "condition-too-large",
        "repeat",
    );
    refused(
        &of(&vec!["all of them"; 300].join(" or ")),
        "condition-too-large",
        "repeat",
    );
    let (_, problems) = compile(&of("1 of them and not s0 or s1"));
    assert!(errors(&problems).is_empty(), "{problems:?}");
    // Twelve ways, however many there are to begin one.
    let twelve: String = (0..12).map(|n| format!("s{n}: {{k{n}: x}}\n")).collect();
    let (program, problems) = compile(&rule(&format!("{twelve}condition: 11 of them")));
    assert!(errors(&problems).is_empty(), "{problems:?}");
    let names: Vec<String> = (0..12).map(|n| format!("k{n}")).collect();
    let record: Vec<_> = names.iter().map(|name| text(name, "x")).collect();
    assert!(super::is_match(&program, &record[1..]) && !super::is_match(&program, &record[2..]));
}

#[test]
fn filters_for_all_rules_do_not_multiply() {
    let keys: String = (0..1_000).map(|n| format!("    k{n}: x\n")).collect();
    let filter = format!(
        "title: F\nlogsource: {{product: x}}\nfilter:\n  rules: any\n  selection:\n{keys}  condition: selection\n"
    );
    let one = "---\ntitle: T\nlogsource: {product: x}\ndetection: {s: {F: x}, condition: s}\n";
    let (program, problems) = compile(&format!("{filter}{}", one.repeat(3_000)));
    assert!(
        (1_900..2_000).contains(&program.rules().len()),
        "{}",
        program.rules().len()
    );
    assert_eq!(program.rules().len() + errors(&problems).len(), 3_000);
}

#[test]
fn problems_of_a_file_are_quoted_in_one_walk_and_counted() {
    // Quoting each by walking from the beginning took minutes.
    let (_, problems) = compile(&"---\nx\n".repeat(200_000));
    assert_eq!(problems.len(), 5_001);
    assert!(problems[4_999].to_string().contains("10000 | x"), "{}", problems[4_999]);
    assert!(
        problems[5_000].message.contains("195000 more problems"),
        "{}",
        problems[5_000]
    );
}

#[test]
fn long_lines_are_quoted_around_the_place() {
    let keys: String = (0..60).map(|n| format!("s{n}: {}x, ", " ".repeat(50_000))).collect();
    let text = format!("title: T\nlogsource: {{product: x}}\ndetection: {{{keys} condition: s0}}\n");
    let (_, problems) = compile(&text);
    assert!(problems.len() >= 50, "{}", problems.len());
    for problem in &problems {
        assert!(
            problem
                .excerpt
                .as_deref()
                .is_none_or(|line| line.chars().count() <= 160)
        );
        assert!(problem.to_string().len() < 1_000, "{problem}");
    }
    let (_, problems) = compile(&rule(&format!(
        "s:\n  ? \"F|{}\"\n  : x\ncondition: s",
        "y".repeat(100_000)
    )));
    assert!(!problems.is_empty() && problems.iter().all(|problem| problem.message.len() < 1_100));
}

#[test]
fn what_the_values_of_a_file_become_is_bounded() {
    let values = "  - '-a -b -c'\n".repeat(50);
    let one = rule(&format!("s:\n  F|windash|wide|base64offset:\n{values}condition: s"));
    let (program, problems) = compile(&format!("{one}---\n").repeat(60));
    assert!((20..60).contains(&program.rules().len()), "{}", program.rules().len());
    assert_eq!(errors(&problems).len() + program.rules().len(), 60);
    let long = rule(&format!(
        "s:\n  F|windash|base64offset: '{} -a -b -c'\ncondition: s",
        "x".repeat(1 << 20)
    ));
    refused(&long, "value-expansion", "becomes more than");
}
