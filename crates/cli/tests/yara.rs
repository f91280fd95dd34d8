//! `--yara`: what is used, what is said, and what is refused.

mod common;

use common::Bed;

const SHELL: &str = "<?php @eval($_POST['c']); ?>\n";

#[test]
fn rules_that_ship_and_rules_of_ones_own() {
    let bed = Bed::new("yara-both");
    bed.write("up/shell.php", SHELL);
    bed.write(
        "rules/deep/own.yar",
        "rule Own { meta: score = 30 strings: $a = \"eval\" condition: $a }",
    );
    bed.write("rules/readme.txt", "rule NotRead { condition: true }");
    let ran = bed.run(&[
        "triage",
        "--yara",
        "builtin",
        "--yara",
        "rules",
        "--format",
        "json",
        "--fail-on",
        "suspicious",
        "up",
    ]);
    ran.expect(1, &["note: matching 10 YARA rules of 4 files"]);
    for said in ["Watchfire_Webshell", "rule Own", "T1505.003", "10 YARA rules"] {
        assert!(ran.stdout.contains(said), "{said}: {ran:#?}");
    }
    assert!(!ran.stdout.contains("NotRead"), "{ran:#?}");
    let ran = bed.run(&["mail", "--yara", "builtin", "up"]);
    // What is no mail is said to be none, and matched all the same.
    ran.expect(0, &["note: matching 9 YARA rules of 3 files"]);
    assert!(
        ran.stdout.contains("there is no mail in it") && ran.stdout.contains("Watchfire_Webshell"),
        "{ran:#?}"
    );
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_the_rest_is_used() {
    let bed = Bed::new("yara-wrong");
    bed.write("a.txt", "some text\n");
    bed.write(
        "mixed.yar",
        "rule Good { condition: filename == \"a.txt\" }\nrule Bad {\n  condition: nonsense\n}\n",
    );
    let ran = bed.run(&["triage", "--yara", "mixed.yar", "a.txt"]);
    ran.expect(
        0,
        &[
            "note: mixed.yar:3: unknown identifier \"nonsense\"",
            "note: matching 1 YARA rule of 1 file",
        ],
    );
    assert!(ran.stdout.contains("matches the YARA rule Good"), "{ran:#?}");
}

#[test]
fn without_a_rule_nothing_is_read() {
    let bed = Bed::new("yara-none");
    bed.write("a.txt", "some text\n");
    bed.write("empty/readme.txt", "nothing\n");
    bed.write("bad.yar", "rule A {");
    for (rules, said) in [
        (
            "none.yar",
            "error: cannot read the YARA rules: cannot read 'none.yar': there is no such file or folder",
        ),
        ("empty", "error: there is no YARA rule to use in 'empty'"),
        ("bad.yar", "hint: the first thing wrong: bad.yar:1: syntax error"),
    ] {
        let ran = bed.run(&["triage", "--yara", rules, "a.txt"]);
        ran.expect(2, &[said]);
        assert!(ran.stdout.is_empty(), "{ran:#?}");
    }
}
