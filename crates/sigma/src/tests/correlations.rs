//! Correlations: what is told for which matches at which seconds.

use super::{compile, errors, text};
use crate::{Alert, CorrelationLimits, Correlator, Field, Matcher, Program, Route, Value};

const RULES: &str = "title: A\nname: a\nlogsource: {product: x}\ndetection: {s: {k: a}, condition: s}\n---\ntitle: B\nname: b\nlogsource: {product: x}\ndetection: {s: {k: b}, condition: s}\n---\ntitle: C\nname: c\nlogsource: {product: x}\ndetection: {s: {k: c}, condition: s}\n---\n";

/// A correlation of these lines.
fn correlation(lines: &str) -> String {
    format!(
        "title: Correlation\ncorrelation:\n{}",
        lines
            .trim_matches('\n')
            .lines()
            .map(|line| format!("  {line}\n"))
            .collect::<String>()
    )
}

/// Events as `second kind user value`; alerts as `last user value`.
fn run(program: &Program, limits: CorrelationLimits, events: &[(i64, &str, &str, &str)]) -> Vec<String> {
    let mut matcher = Matcher::new(program);
    let mut correlator = Correlator::new(program, limits);
    let mut alerts: Vec<Alert> = Vec::new();
    for (number, (second, kind, user, value)) in (0..).zip(events) {
        let record = [text("k", kind), text("user", user), text("value", value)];
        let fields: Vec<Field<'_>> = super::bind(program, &record)
            .into_iter()
            .filter(|field| field.value != Value::Text("-"))
            .collect();
        let rules = matcher.matches(Route::ALL, &fields).to_vec();
        alerts.extend(correlator.feed(second * 1_000, &rules, &fields, number));
    }
    alerts.extend(correlator.finish());
    let told = alerts.iter().map(|alert| {
        let info = &program.correlations()[alert.correlation as usize];
        let group: Vec<&str> = alert.group.iter().map(|(_, value)| value.as_str()).collect();
        let name = info
            .rule
            .meta
            .name
            .as_deref()
            .map(|name| format!("{name} "))
            .unwrap_or_default();
        format!("{name}{} {} {}", alert.last / 1_000, group.join(","), alert.value)
    });
    told.collect()
}

fn check(lines: &str, events: &[(i64, &str, &str, &str)], expected: &[&str]) {
    let (program, problems) = compile(&format!("{RULES}{}", correlation(lines)));
    assert!(errors(&problems).is_empty(), "{:#?}", errors(&problems));
    assert_eq!(run(&program, CorrelationLimits::default(), events), expected, "{lines}");
}

const COUNT: &str = "type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition: {gte: 3}";

#[test]
fn events_are_counted_for_each_group_within_the_timespan() {
    let a = |second, user| (second, "a", user, "");
    check(COUNT, &[a(0, "x"), a(1, "y"), a(5, "X"), a(10, "x")], &["10 x 3"]);
    check(COUNT, &[a(0, "x"), a(5, "x"), a(11, "x")], &[]);
    check(COUNT, &[a(0, "x"), (1, "b", "x", ""), a(2, "x")], &[]);
    // One alert for each timespan, however many follow.
    check(
        COUNT,
        &[a(0, "x"), a(1, "x"), a(2, "x"), a(3, "x"), a(4, "x"), a(12, "x")],
        &["2 x 3", "12 x 4"],
    );
    // What has no value has no group.
    check(COUNT, &[a(0, "-"), a(1, "-"), a(2, "-")], &[]);
}

#[test]
fn counts_that_may_not_grow_are_looked_at_in_the_end() {
    let lines = "type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition: {gte: 2, lt: 4}";
    let a = |second| (second, "a", "x", "");
    check(lines, &[a(0), a(1), a(20)], &["1 x 2"]);
    check(lines, &[a(0), a(1), a(2), a(3)], &[]);
    check(
        &lines.replace("{gte: 2, lt: 4}", "{eq: 1}"),
        &[a(0), a(30), a(31)],
        &["0 x 1"],
    );
    check(
        &lines.replace("{gte: 2, lt: 4}", "{neq: 1}"),
        &[a(0), a(30), a(31)],
        &["31 x 2"],
    );
}

#[test]
fn distinct_values_are_counted() {
    let lines = "type: value_count\nrules: [a, b]\ngroup-by: [user]\ntimespan: 10s\ncondition: {field: value, gt: 2}";
    let a = |second, value| (second, "a", "x", value);
    check(lines, &[a(0, "1"), a(1, "1"), a(2, "2"), a(3, "1")], &[]);
    check(lines, &[a(0, "1"), a(1, "2"), (2, "b", "x", "3")], &["2 x 3"]);
    check(lines, &[a(0, "1"), a(9, "2"), a(11, "3")], &[]);
    check(lines, &[a(0, "P"), a(1, "p"), a(2, "q"), a(3, "-")], &[]);
}

#[test]
fn rules_meet_in_any_order_or_in_theirs() {
    let lines = "type: temporal\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 10s";
    let event = |second, kind| (second, kind, "x", "");
    check(lines, &[event(0, "c"), event(3, "a"), event(9, "b")], &["9 x 3"]);
    check(lines, &[event(0, "c"), event(3, "a"), event(11, "b")], &[]);
    check(
        lines,
        &[event(0, "c"), event(3, "a"), event(8, "c"), event(12, "b")],
        &["12 x 3"],
    );
    check(
        &format!("{lines}\ncondition: {{gte: 2}}"),
        &[event(0, "c"), event(3, "a")],
        &["3 x 2"],
    );
    let ordered = lines.replace("temporal", "temporal_ordered");
    check(&ordered, &[event(0, "c"), event(3, "a"), event(9, "b")], &[]);
    check(
        &ordered,
        &[event(0, "a"), event(1, "b"), event(2, "a"), event(3, "c")],
        &["3 x 3"],
    );
    check(&ordered, &[event(0, "a"), event(1, "c"), event(2, "b")], &[]);
    // The first `a` is too old, the second is not.
    check(
        &ordered,
        &[event(0, "a"), event(5, "a"), event(9, "b"), event(14, "c")],
        &["14 x 3"],
    );
}

#[test]
fn numbers_are_added_up() {
    let of = |kind: &str, condition: &str| {
        format!("type: {kind}\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition: {{field: value, {condition}}}")
    };
    let a = |second, value| (second, "a", "x", value);
    let events = [a(0, "10"), a(1, "x"), a(2, "20"), a(3, "90")];
    check(&of("value_sum", "gt: 100"), &events, &["3 x 120"]);
    check(&of("value_sum", "gt: 120"), &events, &[]);
    check(&of("value_avg", "gte: 40"), &events, &["3 x 40"]);
    check(&of("value_percentile", "gte: 20"), &events, &["3 x 20"]);
    check(&of("value_percentile", "percentile: 75, gte: 50"), &events, &["3 x 55"]);
    check(&of("value_median", "lt: 30"), &events, &["3 x 20"]);
}

#[test]
fn aliases_join_fields_of_different_names() {
    let lines =
        "type: temporal\nrules: [a, b]\ngroup-by: [who]\ntimespan: 10s\naliases:\n  who:\n    a: user\n    b: value";
    check(lines, &[(0, "a", "x", "y"), (1, "b", "y", "x")], &["1 x 2"]);
    check(lines, &[(0, "a", "x", "y"), (1, "b", "x", "y")], &[]);
}

#[test]
fn correlations_count_correlations() {
    let chain = format!(
        "{RULES}title: Last\nname: last\ncorrelation:\n  type: temporal_ordered\n  rules: [many, b]\n  group-by: [value]\n  timespan: 1m\n---\ntitle: Many\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [user]\n  timespan: 10s\n  condition: {{gte: 2}}\n"
    );
    let (program, problems) = compile(&chain);
    assert!(errors(&problems).is_empty(), "{:#?}", errors(&problems));
    let events = [
        (0, "a", "x", "h"),
        (1, "a", "x", "h"),
        (5, "b", "z", "h"),
        (9, "b", "z", "i"),
    ];
    assert_eq!(
        run(&program, CorrelationLimits::default(), &events),
        ["many 1 x 2", "last 5 h 2"]
    );
    let silent: Vec<(&str, bool)> = program
        .correlations()
        .iter()
        .map(|info| (info.rule.meta.title.as_str(), info.is_silent))
        .collect();
    assert_eq!(silent, [("Many", true), ("Last", false)]);
    assert!(program.rules()[0].is_silent && !program.rules()[2].is_silent);
}

#[test]
fn what_one_correlation_keeps_quiet_no_other_tells() {
    let count = |title: &str, of: &str, generate: bool| {
        format!(
            "---\ntitle: {title}\nname: {title}\ngenerate: {generate}\ncorrelation: {{type: event_count, rules: [{of}], group-by: [user], timespan: 1m, condition: {{gte: 1}}}}\n"
        )
    };
    for (one, other, is_silent) in [(true, true, false), (true, false, true), (false, true, true)] {
        let text = format!(
            "{}{}{}{}",
            RULES.trim_end_matches("---\n"),
            count("first", "a", true),
            count("one", "first", one),
            count("other", "first", other)
        );
        let (program, problems) = compile(&text);
        assert!(errors(&problems).is_empty(), "{:#?}", errors(&problems));
        assert_eq!(program.correlations()[0].is_silent, is_silent, "{one} {other}");
    }
}

#[test]
fn what_comes_late_is_counted_where_it_belongs() {
    let (program, _) = compile(&format!("{RULES}{}", correlation(COUNT)));
    let events = [
        (20, "a", "x", ""),
        (12, "a", "x", ""),
        (14, "a", "x", ""),
        (1, "a", "x", ""),
        (2, "a", "x", ""),
        (3, "a", "x", ""),
    ];
    let patient = CorrelationLimits {
        lateness: 60_000,
        ..CorrelationLimits::default()
    };
    assert_eq!(run(&program, patient, &events), ["3 x 3", "20 x 3"]);
    assert_eq!(run(&program, CorrelationLimits::default(), &events[..3]), ["20 x 3"]);
}

#[test]
fn memory_is_bounded() {
    let (program, _) = compile(&format!("{RULES}{}", correlation(COUNT)));
    let limits = CorrelationLimits {
        groups: 100,
        waiting: 10,
        lateness: 1_000_000,
        ..CorrelationLimits::default()
    };
    let mut matcher = Matcher::new(&program);
    let mut correlator = Correlator::new(&program, limits);
    for number in 0..2_000_u64 {
        let user = number.to_string();
        let fields = super::bind(&program, &[text("k", "a"), text("user", &user)]);
        let rules = matcher.matches(Route::ALL, &fields).to_vec();
        assert!(correlator.feed(1_000, &rules, &fields, number).is_empty());
    }
    correlator.finish();
    assert!(correlator.losses().groups >= 1_890, "{:?}", correlator.losses());
}

#[test]
fn matches_are_bounded_where_groups_are_there_already() {
    let (program, _) = compile(&format!(
        "{RULES}{}",
        correlation(&COUNT.replace("10s", "1d").replace("3}", "9999}"))
    ));
    let limits = CorrelationLimits {
        entries: 1_000,
        ..CorrelationLimits::default()
    };
    let mut matcher = Matcher::new(&program);
    let mut correlator = Correlator::new(&program, limits);
    for number in 0..20_000_u64 {
        let user = (number % 50).to_string();
        let fields = super::bind(&program, &[text("k", "a"), text("user", &user)]);
        let rules = matcher.matches(Route::ALL, &fields).to_vec();
        correlator.feed(i64::try_from(number).unwrap(), &rules, &fields, number);
        assert!(correlator.entries() <= 1_000, "{} of {number}", correlator.entries());
    }
    let dropped = correlator.losses().groups;
    assert!((500..5_000).contains(&dropped), "{dropped}");
}

#[test]
fn of_long_windows_the_newest_matches_count() {
    let of = |kind: &str| format!("type: {kind}\nrules: [a, b]\ngroup-by: [user]\ntimespan: 1d");
    let mut events: Vec<(i64, &str, &str, &str)> = (0..20_000)
        .map(|at| (at / 100, "a", "x", if at < 100 { "-100" } else { "0.5" }))
        .collect();
    events.push((200, "b", "x", "-1"));
    check(&of("temporal_ordered"), &events, &["200 x 2"]);
    // Once the first hundred of 10,000 that are kept have left.
    let sum = format!("{}\ncondition: {{field: value, gte: 5000}}", of("value_sum"));
    check(&sum, &events, &["100 x 5000"]);
}

#[test]
fn sums_and_orders_are_those_of_the_window() {
    let sum = "type: value_sum\nrules: [a]\ngroup-by: [user]\ntimespan: 10s\ncondition: {field: value, gte: 0.3}";
    let a = |second, value| (second, "a", "x", value);
    // What left long ago, however large, leaves no error behind.
    check(
        sum,
        &[a(0, "-1e300"), a(1, "0.1"), a(11, "0.1"), a(12, "0.1"), a(13, "0.1")],
        &["13 x 0.30000000000000004"],
    );
    check(sum, &[a(0, "0.2"), a(5, "0.05"), a(12, "0.1"), a(14, "0.09")], &[]);
    let ordered = "type: temporal_ordered\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 10s";
    let event = |second, kind| (second, kind, "x", "");
    // The run that began first is over, the one that began later is not.
    let events = [
        event(0, "a"),
        event(1, "b"),
        event(4, "a"),
        event(6, "b"),
        event(12, "c"),
    ];
    check(ordered, &events, &["12 x 3"]);
    check(
        ordered,
        &[event(0, "a"), event(1, "b"), event(4, "a"), event(12, "c")],
        &[],
    );
    // What comes late is put where it belongs.
    check(ordered, &[event(2, "a"), event(6, "c"), event(5, "b")], &["6 x 3"]);
}

#[test]
fn groups_that_are_over_take_no_room_from_others() {
    let (program, _) = compile(&format!("{RULES}{}", correlation(COUNT)));
    let limits = CorrelationLimits {
        groups: 6_000,
        ..CorrelationLimits::default()
    };
    let mut matcher = Matcher::new(&program);
    let mut correlator = Correlator::new(&program, limits);
    let mut alerts = 0;
    for number in 0..20_000_u64 {
        // One user comes back all the time, each of the others once.
        for user in ["back".to_owned(), number.to_string()] {
            let fields = super::bind(&program, &[text("k", "a"), text("user", &user)]);
            let rules = matcher.matches(Route::ALL, &fields).to_vec();
            alerts += correlator
                .feed(i64::try_from(number).unwrap() * 4_000, &rules, &fields, number)
                .len();
        }
    }
    assert_eq!(correlator.losses().groups, 0);
    // Told at the third time, and then once for each timespan.
    assert!((6_000..10_000).contains(&alerts), "{alerts}");
}

#[test]
fn what_cannot_be_counted_is_refused() {
    for (lines, code, words) in [
        (
            "type: event_count\nrules: [z]\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: 1}",
            "correlation-rules",
            "no rule",
        ),
        (
            "type: event_counts\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: 1}",
            "correlation-type",
            "event_count",
        ),
        (
            "type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1x\ncondition: {gte: 1}",
            "correlation-timespan",
            "no span",
        ),
        (
            "type: event_count\nrules: [a]\ngroup-by: [user]\ncondition: {gte: 1}",
            "correlation-timespan",
            "timespan",
        ),
        (
            "type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1m",
            "correlation-condition",
            "condition",
        ),
        (
            "type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: {ge: 1}",
            "correlation-condition",
            "compare",
        ),
        (
            "type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: x}",
            "correlation-condition",
            "number",
        ),
        (
            "type: value_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: 1}",
            "correlation-condition",
            "field",
        ),
        (
            "type: value_sum\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: {field: [a, b], gte: 1}",
            "correlation-condition",
            "one 'field'",
        ),
        (
            "type: event_count\nrules: []\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: 1}",
            "correlation-rules",
            "no rule",
        ),
    ] {
        super::refused(&correlation(lines), code, words);
    }
    // Two that count one another.
    let cycle = "title: A\nname: a\ncorrelation: {type: temporal, rules: [b], group-by: [x], timespan: 1m}\n---\ntitle: B\nname: b\ncorrelation: {type: temporal, rules: [a], group-by: [x], timespan: 1m}\n";
    let (program, problems) = compile(cycle);
    assert_eq!((program.correlations().len(), errors(&problems).len()), (0, 2));
}
