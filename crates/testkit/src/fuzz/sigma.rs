//! Sigma rules of anybody, and records of anybody matched against them.

use watchfire_sigma::{
    Condition, CorrelationLimits, Correlator, Field, FieldId, Matcher, Options, Origin, Pipeline, Program, Query,
    Route, Source, Value, builtin,
};

const GOOD: &str = "title: Good\nname: good\nlogsource: {product: any}\ndetection: {s: {field: value}, condition: s}\n";

/// Text cut into values under the names of a program's fields.
fn record<'d>(program: &Program, text: &'d str) -> Vec<Field<'d>> {
    let mut names = program.field_names().collect::<Vec<_>>().into_iter().cycle();
    let value = |part: &'d str| Field {
        id: names.next().map_or(FieldId::OTHER, |name| program.field(name)),
        value: part.parse().map_or(Value::Text(part), Value::Integer),
    };
    text.split(['\n', '\0']).take(64).map(value).collect()
}

/// Rules that were written to hurt cost no more than themselves, lose no other rule, and match what the plain way matches.
pub fn sigma(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let sources = [Source::new("fuzz.yml", text.clone()), Source::new("good.yml", GOOD)];
    let (program, problems) = Program::compile(&sources, &Options::default());
    assert!(
        program.rules().iter().any(|rule| rule.meta.title == "Good"),
        "a good rule was lost"
    );
    for problem in &problems {
        let shown = problem.to_string();
        assert!(
            !shown.contains(|c: char| c.is_control() && c != '\n'),
            "a message with control characters"
        );
    }
    let stored = program.save("fuzz");
    let again = Program::load(&stored, "fuzz");
    assert!(
        again.is_ok_and(|again| again.save("fuzz") == stored),
        "a stored program differs"
    );
    let mut fields = record(&program, &text);
    fields.push(Field {
        id: program.field("field"),
        value: Value::Text("value"),
    });
    let mut matcher = Matcher::new(&program);
    let first = matcher.matches(Route::ALL, &fields).to_vec();
    assert_eq!(
        first,
        matcher.matches(Route::ALL, &fields),
        "remembering changes what matches"
    );
    for (number, _) in program.rules().iter().enumerate().take(50) {
        let rule = watchfire_sigma::RuleId(u32::try_from(number).unwrap_or(0));
        let why = program.explain(rule, &fields);
        assert_eq!(
            why.is_match,
            first.contains(&rule),
            "the quick and the plain way differ"
        );
        for reason in why.reasons {
            assert!(
                reason.value.get(reason.span.0..reason.span.1).is_some(),
                "a place outside of the value"
            );
        }
    }
}

/// A condition is read or refused.
pub fn sigma_condition(data: &[u8]) {
    let _ = Condition::parse(&String::from_utf8_lossy(data));
}

/// An expression over fields, and behind a zero byte the values of a record: it is read or refused with a place in it, its
/// answers are those of the plain way, and `not` turns them around.
pub fn sigma_query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (text, values) = text.split_once('\0').unwrap_or((&text, "value"));
    let query = match Query::parse(text) {
        Ok(query) => query,
        Err(error) => {
            assert!(text.is_char_boundary(error.at), "a place outside of the expression");
            assert!(
                !error.message.contains(char::is_control),
                "a message with control characters"
            );
            return;
        }
    };
    let program = query.compile();
    let fields = record(&program, values);
    let mut matcher = Matcher::new(&program);
    let answer = !matcher.matches(Route::ALL, &fields).is_empty();
    let plain = program.explain(watchfire_sigma::RuleId(0), &fields);
    assert_eq!(answer, plain.is_match, "the quick and the plain way differ");
    // One more pair of parentheses may be too many.
    if let Ok(turned) = Query::parse(&format!("not ({text})")) {
        let turned = turned.compile();
        let mut matcher = Matcher::new(&turned);
        let holds = !matcher.matches(Route::ALL, &record(&turned, values)).is_empty();
        assert_ne!(answer, holds, "'not' does not turn '{text}' around");
    }
}

/// Expressions of every kind.
pub(super) fn expressions() -> Vec<Vec<u8>> {
    let texts = [
        "user = admin* and not src in 10.0.0.0/8\x00Admin7\n10.1.2.3",
        "EventID = 4625 or (status >= 500 && size < 1 MB)\x004625\n503\n17",
        "message ~ /^fa(il|ult)\\d{1,3}/i or 'as it stands' or \"with * wildcards\"\x00fault17\nx",
        "exists(a) and b != null and c not in (1, \"x\", ::1/64) and !(d endswith .exe)\x00\n\n\nA.EXE",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// A pipeline is read or refused.
pub fn sigma_pipeline(data: &[u8]) {
    let (pipeline, _) = Pipeline::parse(&Source::new("fuzz.yml", String::from_utf8_lossy(data)));
    let (program, _) = Program::compile(&[Source::new("good.yml", GOOD)], &Options::default());
    program.names(&[&pipeline], &Origin::default());
}

/// Damage to a stored program is seen.
pub fn sigma_cache(data: &[u8]) {
    let _ = Program::load(data, "fuzz");
}

/// Whatever the times and values: correlations stay in bounds and say nothing about what never was.
pub fn sigma_correlation(data: &[u8]) {
    let (program, _) = Program::compile(&builtin(), &Options::default());
    let limits = CorrelationLimits {
        groups: 16,
        entries: 64,
        waiting: 8,
        lateness: 1_000,
    };
    let mut correlator = Correlator::new(&program, limits);
    let rules: Vec<_> = (0..program.rules().len())
        .filter_map(|rule| u32::try_from(rule).ok())
        .collect();
    let names = [
        "src_ip",
        "user",
        "IpAddress",
        "TargetUserName",
        "ServiceName",
        "Computer",
        "User",
        "Image",
        "c-ip",
    ];
    let mut time = 0_i64;
    let mut alerts = Vec::new();
    for (number, chunk) in (0..).zip(data.chunks(3).take(2_000)) {
        let [rule, step, value] = [0, 1, 2].map(|at| chunk.get(at).copied().unwrap_or(0));
        time = time.wrapping_add(i64::from(step.cast_signed()) * 10_000);
        let value = value.to_string();
        let field = |name: &&str| Field {
            id: program.field(name),
            value: Value::Text(&value),
        };
        let fields: Vec<Field<'_>> = names.iter().map(field).collect();
        let rule = rules.get(usize::from(rule) % rules.len().max(1)).copied().unwrap_or(0);
        alerts.extend(correlator.feed(time, &[watchfire_sigma::RuleId(rule)], &fields, number));
    }
    alerts.extend(correlator.finish());
    for alert in alerts {
        assert!(
            alert.first <= alert.last && !alert.references.is_empty() && alert.references.len() <= 32,
            "{alert:?}"
        );
    }
}

/// Rules of every kind, and values that they match.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let others = [
        "title: A\nlogsource: {product: x}\ndetection:\n  a:\n    F|contains|all: [x, y]\n    G|re|i: '(a|b)+c{1,3}'\n    H|cidr: 10.0.0.0/8\n    I|windash|contains: ' -a -b'\n  b:\n    - J|base64offset|contains: http\n    - K|hour|gte: 3\n  k: [word, 'a?b*']\n  n: {L: null, M|exists: false, N|neq: z, O|fieldref|startswith: F}\n  condition: (1 of a* or all of b) and not (n or k)\n",
        "action: global\ntitle: B\nlogsource: {product: x}\n---\ndetection: {s: &s {a: 1}, t: *s, condition: s or t}\n---\ntitle: C\ncorrelation: {type: value_avg, rules: [good], group-by: [a], timespan: 5m, condition: {field: b, gt: 1}}\n---\ntitle: F\nlogsource: {product: x}\nfilter: {rules: any, selection: {a: 2}, condition: selection}\n",
        "transformations:\n  - {type: field_name_mapping, mapping: {Image: [a, b]}, rule_conditions: [{type: logsource, category: x}]}\n",
        "1 of them and not (all of x* or 2 of y)",
    ];
    let own = builtin().into_iter().map(|source| source.text.into_bytes());
    let (program, _) = Program::compile(&[Source::new("good.yml", GOOD)], &Options::default());
    own.chain(others.map(|text| text.as_bytes().to_vec()))
        .chain([program.save("fuzz")])
        .collect()
}
