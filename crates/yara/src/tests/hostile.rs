//! Rules written to hurt: what they cost is bounded, and others are used all the same.

use super::{compile, names, rules, scan};

/// Compiles `bad` beside a good rule, on a stack as small as a thread's.
fn check(bad: &str) {
    let outcome = std::thread::scope(|scope| {
        let work = std::thread::Builder::new().stack_size(2 << 20).spawn_scoped(scope, || {
            let (rules, _) = compile(&[
                ("bad.yar", bad),
                ("good.yar", "rule Good { strings: $a = \"evil\" condition: $a }"),
            ]);
            scan(&rules.unwrap(), &[b"evil".to_vec(), b"aaaa".repeat(20_000)].concat())
        });
        work.unwrap().join().unwrap()
    });
    assert!(names(&outcome).contains(&"Good"), "{bad:.80}");
}

#[test]
fn nested_expressions_do_not_exhaust_the_stack() {
    for (open, close) in [
        ("(", ")"),
        ("not ", ""),
        ("-", ""),
        ("~", ""),
        ("for any i in (1..2) : (", ")"),
    ] {
        let nested = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        check(&format!("rule A {{ condition: {nested} == 1 }}"));
    }
    for operator in ["+", "==", ">>", "|", "+ (1) *", "+ uint8(1) -", "== (true or 1) =="] {
        check(&format!(
            "rule A {{ condition: 1 {} }}",
            format!("{operator} 1 ").repeat(100_000)
        ));
    }
    // As deep as is let through: chains in brackets at the beginning of chains.
    let deep = format!("{}1{}", "(".repeat(99), format!("{})", " + 1".repeat(198)).repeat(99));
    check(&format!("rule A {{ condition: {deep} == 1 }}"));
}

#[test]
fn nested_patterns_do_not_exhaust_the_stack() {
    let nested = format!("{}a{}", "(".repeat(50_000), ")".repeat(50_000));
    check(&format!("rule A {{ strings: $a = /{nested}/ condition: $a }}"));
    for repeated in ["{1,2}", "+?", "?", "|a", "[ab]", "\\b", "(a)", "a?"] {
        check(&format!(
            "rule A {{ strings: $a = /a{}/ condition: $a }}",
            repeated.repeat(50_000)
        ));
    }
    let nested = format!("{}41{}", "( ".repeat(50_000), " )".repeat(50_000));
    check(&format!("rule A {{ strings: $a = {{ 42 {nested} }} condition: $a }}"));
}

#[test]
fn repeated_repetitions_do_not_exhaust_memory() {
    check("rule A { strings: $a = /((((a{1,1000}){1,1000}){1,1000}){1,1000}){1,1000}/ condition: $a }");
    check("rule A { strings: $a = { 41 [0-1000000] 42 [0-1000000] 43 } condition: $a }");
    check("rule A { strings: $a = /(a|a)*(a|a)*(a|a)*b/ condition: $a }");
    check("rule A { strings: $a = /a.*a.*a.*a.*b/s condition: #a > 3 }");
}

#[test]
fn thousands_of_strings_are_matched_or_refused() {
    let strings: String = (0..20_000).map(|at| format!("$s{at} = \"needle {at}\"\n")).collect();
    check(&format!("rule A {{ strings: {strings} condition: any of them }}"));
    let strings: String = (0..9_000).map(|at| format!("$s{at} = \"needle {at} \"\n")).collect();
    let rules = rules(&format!("rule A {{ strings: {strings} condition: any of them }}"));
    assert_eq!(names(&scan(&rules, b"here is needle 8123 .")), ["A"]);
}

#[test]
fn loops_over_all_bytes_end() {
    check("rule A { condition: for all i in (0..2000000000) : (uint8(i) != 300) }");
}

#[test]
fn long_lines_and_odd_bytes_are_read_to_their_end() {
    for bad in [
        "/*",
        "\"",
        "/",
        "{",
        "rule",
        "private",
        "include",
        "include \"",
        "rule \u{0}",
        "import \"\\",
    ] {
        check(bad);
        check(&bad.repeat(20_000));
    }
}
