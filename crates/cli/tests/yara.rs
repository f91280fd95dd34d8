//! `--yara`: what is used, what is said, and what is refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

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

/// Text that a rule matches, with a value in it.
const NOTE: &str = "host 203.0.113.7 runs IEVX\nIEVX again\n";
const RULE: &str =
    "rule Own : T1059 { meta: description = \"a tool\" score = 80 strings: $a = \"IEVX\" condition: $a }";

#[test]
fn rules_hold_for_what_is_extracted_from() {
    let bed = Bed::new("yara-extract");
    bed.write("own.yar", RULE);
    bed.write("in/a.txt", NOTE);
    bed.write("in/b.txt", "nothing, and 203.0.113.8\n");
    let zip = watchfire_testkit::archive::Zip::new().file("c.txt", NOTE.as_bytes());
    bed.write("in/d.zip", zip.build());
    let lines = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let ran = bed.run(&[&["extract", "-q", "-f", "ndjson", "in"], arguments].concat());
        assert_eq!(ran.code, 0, "{ran:#?}");
        ran.json_lines()
    };
    let (plain, ruled) = (lines(&[]), lines(&["--yara", "own.yar"]));
    let (matches, others): (Vec<_>, Vec<_>) = ruled.into_iter().partition(|line| line["record"] == "rule-match");
    // What is observed is the same with rules and without.
    assert_eq!(others, plain);
    let sources: Vec<_> = matches.iter().map(|line| line["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["in/a.txt", "in/d.zip ▸ c.txt"]);
    let first = &matches[0];
    assert_eq!((&first["rule"], &first["file"]), (&"Own".into(), &"own.yar".into()));
    assert_eq!(
        first["metadata"],
        serde_json::json!([["description", "a tool"], ["score", 80]])
    );
    let starts: Vec<_> = first["strings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|at| at["start"].as_u64())
        .collect();
    assert_eq!(starts, [Some(22), Some(27)]);
    let document = bed
        .run(&["extract", "-q", "-f", "json", "--yara", "own.yar", "in"])
        .stdout;
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["rule_matches"].as_array().unwrap().len(), 2, "{document:#}");
    let schema = serde_json::from_str(&bed.run(&["schema", "observables"]).stdout).unwrap();
    assert_eq!(common::schema::problems(&schema, &document), Vec::<String>::new());
    let table = bed
        .run(&["extract", "-q", "-f", "csv", "--yara", "own.yar", "in/a.txt"])
        .stdout;
    let rows: Vec<&str> = table
        .lines()
        .filter(|row| row.starts_with("yara-match,Own,IEVX,"))
        .collect();
    assert_eq!(rows.len(), 2, "{table}");
    assert!(
        rows[0].contains(",22,26,") && rows[0].contains("own.yar,a tool"),
        "{table}"
    );
    let screen = bed.run(&["extract", "-q", "--yara", "own.yar", "in/a.txt"]).stdout;
    assert!(screen.contains("YARA 1  in/a.txt"), "{screen}");
    assert!(
        screen.contains("own.yar · a tool · $a @0x16 'IEVX' · $a @0x1b 'IEVX'"),
        "{screen}"
    );
}

#[test]
fn rules_need_the_whole_of_an_input() {
    let bed = Bed::new("yara-extract-parts");
    bed.write("own.yar", RULE);
    bed.write("a.txt", NOTE);
    for option in ["--all", "--follow"] {
        let why = format!("error: --yara asks for the whole of each input, which {option} never has");
        let hint = format!("hint: leave {option} out, or match with 'watchfire triage --yara'");
        bed.run(&["extract", option, "--yara", "own.yar", "a.txt"])
            .expect(2, &[&why, &hint]);
    }
}
