//! Modifiers, wildcards and escapes.

use super::{Record, check, field, refused, rule, text};
use crate::Value;

#[test]
fn text_is_compared_without_regard_to_case_and_whole() {
    field(
        r"F: 'C:\Windows\cmd.exe'",
        &[r"c:\windows\CMD.exe"],
        &[r"C:\Windows\cmd.exe ", "cmd.exe", ""],
    );
    field(
        "F: Größe",
        &["GRÖSSE".replace("SS", "ß").as_str(), "größe"],
        &["grosse"],
    );
    field("F: ''", &[""], &["x"]);
}

#[test]
fn wildcards_stand_for_text_unless_they_are_escaped() {
    field(
        "F: 'prog?.exe'",
        &["progA.exe", "prog\u{e4}.exe"],
        &["prog.exe", "progAB.exe"],
    );
    field(
        "F: 'anti*_V*.exe'",
        &["antivirus_V1.2.exe", "anti_V.exe"],
        &["antivirus.exe", "xanti_V.exe"],
    );
    field(r"F: 'a\*b'", &["a*b"], &["axb", r"a\*b"]);
    field(r"F: 'a\\*b'", &[r"a\b", r"a\xxb"], &["a*b", "ab"]);
    field(r"F: 'a\\\*b'", &[r"a\*b"], &[r"a\xb"]);
    field(r"F: 'a\\\\b'", &[r"a\\b"], &[r"a\b"]);
    field(r"F: 'a\b'", &[r"a\b"], &["ab"]);
    field("F: '*'", &["", "x"], &[]);
    field("F: '?'", &["x", "\u{20ac}"], &["", "xy"]);
    field("F: 'a*a'", &["aa", "aba"], &["a"]);
    field("F: '*ab?'", &["abc", "ababx"], &["ab", "abcd"]);
}

#[test]
fn ends_and_middles() {
    field(
        r"F|endswith: '\cmd.exe'",
        &[r"C:\CMD.EXE", r"\cmd.exe"],
        &["cmd.exe", r"\cmd.exe.bak"],
    );
    field("F|startswith: 'C:'", &[r"c:\x", "C:"], &["xC:"]);
    field("F|contains: needle", &["a NEEDLE b", "needle"], &["needl"]);
    field("F|contains: 'a'", &["xax", "A"], &["b"]);
    field("F|contains: ' /'", &["x /c"], &["x/c"]);
    field("F|contains: 'abc'", &["abc", "xxabc", "abcxx"], &["ab"]);
    field("F|contains: 'fo*ar'", &["xx foobar xx", "foar"], &["arfo"]);
    field("F|startswith: 'fo?'", &["foobar"], &["fo"]);
}

#[test]
fn lists_are_or_and_all_is_and() {
    field("F|contains:\n  - one\n  - two", &["one", "xtwo"], &["three"]);
    field("F|contains|all:\n  - one\n  - two", &["two one"], &["one", "two"]);
    // The values of a list are compared one by one, but together they are one field.
    check(
        "s:\n  F|contains|all:\n    - one\n    - two\ncondition: s",
        &[&[text("F", "one"), text("F", "two")]],
        &[&[text("F", "one")], &[text("F", "one"), text("G", "two")]],
    );
}

#[test]
fn case_counts_where_it_is_asked_for() {
    field("F|cased: Abc", &["Abc"], &["abc", "ABC"]);
    field("F|contains|cased: Abc", &["xAbc"], &["xabc"]);
    field("F|cased|endswith: '.EXE'", &["a.EXE"], &["a.exe"]);
}

#[test]
fn regular_expressions_are_searched_and_mind_case() {
    field(r"F|re: 'ab+c\d'", &["xabbc1"], &["ABC1", "abc"]);
    field("F|re|i: 'abc'", &["xABCx"], &["ab"]);
    field("F|re|m: '^b$'", &["a\nb\nc"], &["ab"]);
    field("F|re: '^b$'", &["b"], &["a\nb"]);
    field("F|re|s: 'a.b'", &["a\nb"], &["ab"]);
    field("F|re: 'a.b'", &["axb"], &["a\nb"]);
    field(
        "F|re|i: '(?:one|two) [Tt]hree'",
        &["TWO three", "one Three"],
        &["three"],
    );
    field("F|re|startswith: 'a|b'", &["ax", "bx"], &["xa"]);
    field("F|re|endswith: 'a|b'", &["xa", "xb"], &["ax"]);
    field("F|re: '.*'", &["", "x"], &[]);
    refused(&rule("s:\n  F|re: '(a'\ncondition: s"), "regex", "not supported");
    refused(&rule("s:\n  F|re: 'a(?=b)'\ncondition: s"), "regex", "look-around");
    refused(
        &rule("s:\n  F|re: 'a{1000}{1000}{100}'\ncondition: s"),
        "regex",
        "large",
    );
}

#[test]
fn expressions_that_become_too_large_are_refused() {
    for expression in [r"\w".repeat(2_000), r"\s\w".repeat(1_000), r"[\w-]".repeat(1_000)] {
        let text = rule(&format!("s:\n  F|re: '{expression}'\ncondition: s"));
        super::refused(&text, "regex", "too large");
    }
    field(
        &format!("F|re: '^{}$'", r"\d".repeat(40)),
        &["1234567890".repeat(4).as_str()],
        &["123"],
    );
}

#[test]
fn networks_hold_addresses() {
    field(
        "F|cidr:\n  - 10.0.0.0/8\n  - fe80::/10\n  - 192.0.2.1",
        &[
            "10.255.0.1",
            "fe80::1%eth0",
            "192.0.2.1",
            "::ffff:10.1.1.1",
            "[fe80::2]",
        ],
        &["11.0.0.0", "fec0::1", "192.0.2.2", "10.0.0", "x", ""],
    );
    field("F|cidr: '::1/128'", &["::1", "0:0:0:0:0:0:0:1"], &["::2", "127.0.0.1"]);
    field("F|cidr: '0.0.0.0/0'", &["1.2.3.4"], &["::1"]);
    refused(&rule("s:\n  F|cidr: 10.0.0.0/33\ncondition: s"), "cidr", "no network");
}

#[test]
fn networks_of_ipv6_hold_no_ipv4() {
    field("F|cidr: '::/8'", &["::1", "1::"], &["10.0.0.1", "100::"]);
    field(
        "F|cidr: '::ffff:10.0.0.0/104'",
        &["10.1.2.3", "::ffff:10.1.2.3"],
        &["11.0.0.1"],
    );
}

#[test]
fn encodings_are_found_in_encoded_text() {
    field("F|base64: 'foobar'", &["Zm9vYmFy"], &["foobar"]);
    // Python: base64.b64encode(b'xx' + 'http://' + b'y')
    for value in ["aHR0cDovL3k=", "eGh0dHA6Ly95", "eHhodHRwOi8veQ=="] {
        field("F|base64offset|contains: 'http://'", &[value], &["http://"]);
    }
    field(
        "F|wide|base64offset|contains: 'ping '",
        &["cABpAG4AZwAgAHgA", "eAAgAHAAaQBuAGcAIAB4AA=="],
        &["ping "],
    );
    field("F|utf16le|base64: 'A'", &["QQA="], &["QQ=="]);
    field("F|utf16be|base64: 'A'", &["AEE="], &["QQA="]);
    field("F|utf16|base64: 'A'", &["//5BAA=="], &["QQA="]);
    field("F|utf16le|contains: 'ab'", &["xa\0b\0y"], &["ab"]);
    refused(
        &rule("s:\n  F|base64: 'a*b'\ncondition: s"),
        "encode-wildcard",
        "wildcards",
    );
}

#[test]
fn options_of_windows_have_many_dashes() {
    field(
        "F|windash|contains: ' -enc '",
        &["x -enc y", "x /enc y", "x \u{2013}enc y", "x \u{2015}ENC y"],
        &["x enc y"],
    );
    field(
        "F|contains|windash: '-a -b -c -d -e -f'",
        &["/a -b \u{2014}c /d -e /f"],
        &["-a -b -c -d -e f"],
    );
    field(
        "F|windash|wide|contains: 'a -b -c'",
        &["a\0 \0-\0b\0 \0/\0c\0", "a\0 \0/\0b\0 \0-\0c\0"],
        &["a -b -c", "a\0 \0b\0 \0-\0c\0"],
    );
    // Python: base64.b64encode('a /b -c'.encode('utf-16-le'))
    field(
        "F|windash|wide|base64offset|contains: 'a -b -c'",
        &["YQAgAC8AYgAgAC0AYwA="],
        &["a -b -c"],
    );
    refused(
        &rule("s:\n  F|windash|base64: '-a -b -c -d'\ncondition: s"),
        "value-expansion",
        "too many options",
    );
    field("F|windash: 'a-b'", &["a-b"], &["a/b"]);
    field("F|contains|all|windash:\n  - '-x'\n  - '/y'", &["/x -y"], &["/x"]);
}

#[test]
fn presence_null_and_emptiness_differ() {
    let (there, empty, null): (Record<'_>, Record<'_>, Record<'_>) =
        (&[text("F", "x")], &[text("F", "")], &[("F", Value::Null)]);
    let missing: Record<'_> = &[text("G", "x")];
    check("s:\n  F|exists: true\ncondition: s", &[there, empty, null], &[missing]);
    check("s:\n  F|exists: false\ncondition: s", &[missing], &[there, empty, null]);
    check("s:\n  F: null\ncondition: s", &[null, missing], &[there, empty]);
    check("s:\n  F: ''\ncondition: s", &[empty], &[there, null, missing]);
    check(
        "s:\n  F:\n    - ''\n    - null\ncondition: s",
        &[empty, null, missing],
        &[there],
    );
    check("s:\n  F: '*'\ncondition: s", &[there, empty], &[null, missing]);
}

#[test]
fn fields_are_compared_with_fields() {
    let pair = |one, other| [text("A", one), text("B", other)];
    check(
        "s:\n  A|fieldref: B\ncondition: s",
        &[&pair("x", "X")],
        &[&pair("x", "y"), &[text("A", "x")]],
    );
    check(
        "s:\n  A|fieldref|cased: B\ncondition: s",
        &[&pair("x", "x")],
        &[&pair("x", "X")],
    );
    check(
        "s:\n  A|fieldref|startswith: B\ncondition: s",
        &[&pair("xyz", "XY")],
        &[&pair("xyz", "yz")],
    );
    check(
        "s:\n  A|endswith|fieldref: B\ncondition: s",
        &[&pair("xyz", "yz")],
        &[&pair("xyz", "xy")],
    );
    check(
        "s:\n  A|fieldref|contains: B\ncondition: s",
        &[&pair("xyz", "y")],
        &[&pair("xyz", "a")],
    );
    check(
        "s:\n  A|neq|fieldref: B\ncondition: s",
        &[&pair("x", "y")],
        &[&pair("x", "X"), &[text("B", "x")]],
    );
}

#[test]
fn different_means_there_and_none_of_them() {
    field("F|neq: a", &["b", ""], &["A"]);
    field("F|neq:\n  - a\n  - b", &["c"], &["a", "b"]);
    check("s:\n  F|neq: a\ncondition: s", &[], &[&[text("G", "x")]]);
    field("F|contains|neq: a", &["b"], &["xax"]);
}

#[test]
fn numbers_are_compared_as_numbers() {
    field("F|lt: 10", &["9", "-1", "9.5"], &["10", "x", ""]);
    field("F|lte: 10", &["10"], &["11"]);
    field("F|gt: 1.5", &["2", "1.6"], &["1.5"]);
    field("F|gte: 3", &["3", "1e3"], &["2"]);
    check(
        "s:\n  F|gte: 3\ncondition: s",
        &[&[("F", Value::Integer(3))], &[("F", Value::Float(3.5))]],
        &[&[("F", Value::Boolean(true))], &[("F", Value::Null)]],
    );
    check(
        "s:\n  F: 4624\ncondition: s",
        &[
            &[("F", Value::Integer(4624))],
            &[text("F", "4624")],
            &[("F", Value::Float(4624.0))],
        ],
        &[&[("F", Value::Integer(462))]],
    );
    check(
        "s:\n  F: true\ncondition: s",
        &[
            &[("F", Value::Boolean(true))],
            &[text("F", "True")],
            &[("F", Value::Integer(1))],
        ],
        &[&[("F", Value::Boolean(false))]],
    );
    refused(&rule("s:\n  F|lt: x\ncondition: s"), "value-type", "a number");
}

#[test]
fn numbers_are_compared_as_they_are_written_too() {
    field("F: 1.0", &["1.0", "1"], &["1.00", "10"]);
    field("F: 1.10", &["1.10", "1.1"], &["1.100"]);
    field("F: 0x10", &["0x10", "16"], &["10"]);
    field("F: 007", &["007", "7"], &["07"]);
    field("F: [5, 1.50]", &["5", "1.5", "1.50"], &["5.0"]);
    field("F|contains: 1.0", &["TLS 1.0"], &["TLS 1.1", "1"]);
    field("F|startswith: 10.0", &["10.0.0.1"], &["10", "10.1.0.1"]);
    check(
        "s:\n  F: 1.0\ncondition: s",
        &[&[("F", crate::Value::Float(1.0))], &[("F", crate::Value::Integer(1))]],
        &[&[("F", crate::Value::Float(1.5))]],
    );
}

#[test]
fn parts_of_instants_are_numbers() {
    let when = "2024-12-30T23:07:09.5Z";
    for test in [
        "F|minute: 7",
        "F|hour: 23",
        "F|day: 30",
        "F|week: 1",
        "F|month: 12",
        "F|year: 2024",
        "F|hour|gte: 22",
    ] {
        field(
            test,
            &[when, "2024-12-30 23:07:09"],
            &["2025-01-09T01:00:00Z", "x", "2024-13-30T23:07:00Z"],
        );
    }
    check(
        "s:\n  F|year: 2023\ncondition: s",
        &[&[("F", Value::Integer(1_700_000_000))]],
        &[&[("F", Value::Integer(1))]],
    );
    field("F|week: 53", &["2021-01-03"], &["2021-01-04"]);
}

#[test]
fn keywords_stand_in_any_value() {
    let anywhere: Record<'_> = &[text("A", "x"), text("Unknown", "an EvilService here")];
    check(
        "k:\n  - evilservice\n  - 'a * here'\ncondition: k",
        &[anywhere],
        &[&[text("A", "evil")]],
    );
    check(
        "k:\n  '|all':\n    - evil\n    - x\ncondition: k",
        &[anywhere],
        &[&[text("A", "evil")]],
    );
    check(
        "k:\n  - 42\ncondition: k",
        &[&[("A", Value::Integer(1420))]],
        &[&[text("A", "4 2")]],
    );
    check("k:\n  '|re': 'E.il[S]'\ncondition: k", &[anywhere], &[]);
}

#[test]
fn what_cannot_go_together_is_refused_with_a_word_about_it() {
    let of = |test: &str| rule(&format!("s:\n  {test}\ncondition: s"));
    refused(&of("F|contain: x"), "modifier-unknown", "did you mean 'contains'?");
    refused(&of("F|re|cidr: x"), "modifier-combination", "different types");
    refused(&of("F|i: x"), "modifier-combination", "without 're'");
    refused(&of("F|exists: 5"), "value-type", "true or false");
    refused(&of("F|expand: '%nobody%'"), "placeholder", "no values");
    refused(&of("F: {a: b}"), "value-type", "a map");
    refused(&of("F: []"), "value-missing", "no value");
}
