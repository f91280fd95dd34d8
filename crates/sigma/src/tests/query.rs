//! Expressions that choose records: what they mean, how they fail, and that none takes long.

use super::{bind, is_match, text};
use crate::{Query, Value};

const RECORD: super::Record<'static> = &[
    ("user", Value::Text("Admin7")),
    ("src", Value::Text("10.1.2.3")),
    ("dst", Value::Text("2001:db8::1")),
    ("dst", Value::Text("198.51.100.7")),
    ("status", Value::Integer(503)),
    ("size", Value::Text("2500000")),
    ("path", Value::Text(r"C:\Windows\*.exe")),
    ("empty", Value::Text("")),
    ("nothing", Value::Null),
    ("ok", Value::Boolean(true)),
    ("Source address", Value::Text("192.0.2.1")),
    ("cs(User-Agent)", Value::Text("curl/8.0")),
    ("note", Value::Text("Failed password for \"root\" from there")),
];

#[track_caller]
fn holds(expression: &str) -> bool {
    let query = Query::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
    is_match(&query.compile(), RECORD)
}

#[track_caller]
fn yes(expressions: &[&str]) {
    for expression in expressions {
        assert!(holds(expression), "{expression}");
    }
}

#[track_caller]
fn no(expressions: &[&str]) {
    for expression in expressions {
        assert!(!holds(expression), "{expression}");
    }
}

#[test]
fn text_is_compared_without_case_and_with_wildcards() {
    yes(&[
        "user = admin7",
        "user == ADMIN*",
        "user = 'admin7'",
        "user = \"adm?n7\"",
        "user != admin",
        "path = 'c:\\windows\\*.EXE'",
        "path = \"C:\\\\Windows\\\\\\*.exe\"",
        "user contains MIN",
        "user startswith adm",
        "user endswith n7",
        "note contains 'password for \"ROOT\"'",
        "note contains \"for \\\"root\\\" from\"",
        "empty = \"\"",
        "'Source address' = 192.0.2.1",
        "\"cs(User-Agent)\" = curl*",
    ]);
    no(&[
        "user = admin",
        "user = 'adm*'",
        "user startswith min",
        "user endswith min",
        "User = admin7",
        "user = \"\"",
        "missing = *",
    ]);
}

#[test]
fn numbers_read_the_same_and_have_units() {
    yes(&[
        "status = 503",
        "status = '503'",
        "status >= 500",
        "status >= '500'",
        "status < 5e2 or status <= 503",
        "size > 2.4 MB",
        "size > 2.4MB and size < 2.5MiB",
        "status in (200, 503)",
    ]);
    no(&[
        "status > 503",
        "user > 5",
        "missing < 5",
        "size > 2.5 mb",
        "status = 5030",
        "nothing < 1",
    ]);
}

#[test]
fn addresses_have_networks_and_several_spellings() {
    yes(&[
        "src in 10.0.0.0/8",
        "src = 10.0.0.0/8",
        "src = 10.1.2.3",
        "dst = 2001:0db8:0::1",
        "dst in (192.0.2.0/24, 198.51.100.0/24)",
        "src not in (10.2.0.0/16)",
        "user in (admin*, root)",
        "src in (172.16.0.0/12, 10.1.*)",
    ]);
    no(&["src in 10.2.0.0/16", "src in 2001:db8::/32", "dst not in 2001:db8::/32"]);
}

#[test]
fn expressions_are_looked_for() {
    yes(&[
        "user ~ /^adm/i",
        "user matches /min\\d$/",
        "user !~ /^adm/",
        "user not matches /^adm/",
        "src ~ '^10[.]'",
        "note ~ /a\\/b|root/",
        "user ~ \"M.*7\" or user ~ /(?i)M.*7/",
    ]);
    no(&["user ~ /^adm/", "missing ~ /./", "nothing ~ /^/"]);
}

#[test]
fn a_field_alone_asks_whether_something_is_there() {
    yes(&[
        "user",
        "status",
        "ok = true",
        "exists(nothing)",
        "exists('Source address')",
        "nothing = null",
        "missing = null",
        "user != null",
        "missing != x",
        "EXISTS(empty)",
    ]);
    no(&[
        "empty",
        "nothing",
        "missing",
        "exists(missing)",
        "user = null",
        "empty = null",
    ]);
}

#[test]
fn text_alone_may_stand_anywhere() {
    yes(&[
        "\"failed password\"",
        "'Failed password for \"root\"'",
        "\"failed*there\"",
        "'admin' and not 'rooot'",
    ]);
    no(&["\"failed login\"", "'failed*there'"]);
    assert!(Query::parse("a = 1 or 'x'").is_ok_and(|query| query.has_keywords()));
    assert!(Query::parse("a = 1 or b").is_ok_and(|query| !query.has_keywords()));
}

#[test]
fn and_binds_more_than_or() {
    yes(&[
        "user or missing and missing",
        "not missing and user",
        "!(missing && user) && !!user",
        "NOT missing AND user Or missing",
        "not not not missing",
    ]);
    no(&["(user or missing) and missing", "not (not user || not missing && ok) "]);
}

#[test]
fn several_expressions_have_to_hold_together() {
    let mut query = Query::parse("user = admin*").expect("an expression");
    assert!(query.and("status = ").is_err());
    query.and("status >= 600 or src").expect("an expression");
    let program = query.clone().compile();
    assert!(is_match(&program, RECORD));
    assert_eq!(program.size().predicates, 3);
    query.and("missing").expect("an expression");
    assert!(!is_match(&query.compile(), RECORD));
    assert!(is_match(&Query::default().compile(), RECORD));
}

#[test]
fn what_is_too_long_ends_where_it_ends() {
    let text = format!("x{}", "é".repeat(40_000));
    let error = Query::parse(&text).map(|_| ()).expect_err("too long");
    assert_eq!(error.at, text.len());
    assert!(error.to_string().contains("longer than"), "{error}");
}

#[test]
fn errors_name_the_place_and_what_was_expected() {
    let error = |text: &str| match Query::parse(text) {
        Ok(_) => panic!("{text} makes sense"),
        Err(error) => error.to_string(),
    };
    for (text, said) in [
        (
            "",
            "a field such as 'user.name', or text between quotes, is expected, but the expression ends (at byte 0)",
        ),
        ("user = ", "10.0.0.0/8 is expected, but the expression ends (at byte 7)"),
        ("user = )", "but there is ')' (at byte 7)"),
        ("name == \"x", "\" has no end (at byte 8)"),
        ("name = 'x", "' has no end (at byte 7)"),
        ("name ~ /x", "/ has no end (at byte 7)"),
        (
            "a = b c",
            "'and', 'or' or the end is expected, but there is 'c' (at byte 6)",
        ),
        ("a ~ /(/", "this regular expression is not supported"),
        ("a ~ /(?=x)/", "look-around cannot be matched in linear time"),
        ("a ~ /(a{1000}){1000}/", "becomes too large"),
        (
            "a ~ /x/ig",
            "'g' is no flag of an expression: there are i, m and s (at byte 4)",
        ),
        ("a ~ x", "a regular expression such as"),
        (
            "a in 10.0.0.0/33",
            "a network such as 10.0.0.0/8 is expected, but there is '10.0.0.0/33' (at byte 5)",
        ),
        ("a in (1 2)", "',' or ')' is expected, but there is '2'"),
        ("a < b", "a number such as 500 or 1 MB is expected"),
        ("a < inf", "a number such as"),
        ("80 = port", "a field such as"),
        ("and", "a field such as"),
        ("a = 1 and", "but the expression ends (at byte 9)"),
        ("(a", "')' is expected"),
        ("exists(a", "')' is expected"),
        ("\"\"", "a field such as"),
        ("a = \u{1b}[2J & b", "there is '&'"),
        ("a = x \u{1b}[2J", "\\u{1b}[2J"),
    ] {
        assert!(error(text).contains(said), "{text}: {}", error(text));
        assert!(!error(text).contains('\u{1b}'));
    }
}

#[test]
fn no_expression_is_too_deep_or_too_long() {
    let error = |text: &str| Query::parse(text).err().map(|error| error.message).unwrap_or_default();
    assert!(error(&"(".repeat(1_000)).contains("more than 48 parentheses"));
    assert!(error(&"(".repeat(100_000)).contains("longer than"));
    assert!(error(&vec!["a"; 2_000].join(" or ")).contains("more than 1000 comparisons"));
    assert!(error(&vec!["a~/x/"; 70].join(" or ")).contains("more than 64 regular expressions"));
    let deep = format!("{}user{}", "not (".repeat(48), ")".repeat(48));
    assert!(holds(&deep));
    assert!(holds(&format!("{}user", "not ".repeat(10_000))));
    let list: Vec<String> = (0..8_000).map(|number| number.to_string()).collect();
    assert!(holds(&format!("status in ({})", list.join(","))));
    let nested = (0..40).fold("user".to_owned(), |inner, _| format!("({inner} and user or missing)"));
    assert!(holds(&nested));
    // Whatever bytes: no panic, and an error within the text.
    let pieces = [
        "(", ")", "\"", "'", "/", "~", "a", "=", " ", "not", "é", "\\", ",", "in", "<", "1", "\0",
    ];
    let mut random = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(random >> 33).expect("fits") % pieces.len();
            text.push_str(pieces.get(at).copied().unwrap_or_default());
        }
        match Query::parse(&text) {
            Ok(query) => drop(bind(&query.compile(), &[text_of("a")])),
            Err(error) => assert!(error.at <= text.len() && text.is_char_boundary(error.at), "{text:?}"),
        }
    }
}

fn text_of(name: &str) -> (&str, Value<'_>) {
    text(name, "x")
}
