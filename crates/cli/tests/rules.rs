//! `watchfire rules` as a person meets it: sets taken in, taken in again, listed, checked, tried, explained, taken away.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use common::server::{Reply, Server};
use common::{Bed, schema};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use watchfire_testkit::archive::{Zip, gzip, gzip_bomb, tar};

const WHOAMI: &str = "11111111-1111-4111-8111-111111111111";
const SSH: &str = "22222222-2222-4222-8222-222222222222";

/// A rule for processes of Windows.
fn process(id: &str, title: &str, image: &str) -> String {
    format!(
        "title: {title}\nid: {id}\nstatus: stable\nlevel: high\nauthor: A. Nalyst\nlicense: MIT\ndescription: Seen in tests\ntags:\n    - attack.discovery\n    - attack.t1033\nreferences:\n    - https://evil.example/blog\nlogsource:\n    category: process_creation\n    product: windows\ndetection:\n    img:\n        Image|endswith: '{image}'\n    filter_system:\n        User: SYSTEM\n    condition: img and not 1 of filter_*\nfalsepositives:\n    - Administrators\n"
    )
}

fn ssh() -> String {
    format!(
        "title: Failed Password\nid: {SSH}\nname: failed\nstatus: test\nlevel: medium\nlogsource:\n    product: linux\n    service: sshd\ndetection:\n    words:\n        - 'Failed password for'\n    condition: words\n"
    )
}

/// Two events of Sysmon and one that the rule's filter excludes.
const EVENTS: &str = concat!(
    r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\Windows\\System32\\Whoami.exe","User":"CORP\\j.meyer"}"#,
    "\n",
    r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\Windows\\System32\\whoami.exe","User":"SYSTEM"}"#,
    "\n",
    r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\Temp\\whoami.exe","User":"CORP\\a.b"}"#,
    "\n"
);

/// A folder of two rules, a notice and a workflow.
fn rules(bed: &Bed) {
    bed.write(
        "own/windows/whoami.yml",
        process(WHOAMI, "Whoami Was Run", r"\whoami.exe"),
    );
    bed.write("own/linux/ssh.yml", ssh());
    bed.write("own/LICENSE", "Detection Rule License (DRL) 1.1\n");
    bed.write("own/workflow.yml", "on: push\njobs: {}\n");
}

#[test]
fn a_set_is_taken_in_listed_taken_in_again_and_removed() {
    let bed = Bed::new("rules-life");
    rules(&bed);
    bed.run(&["rules", "import", "own"]).expect(
        0,
        &[
            " own: 2 rules; files that are no rules: 1",
            "   terms: Detection Rule License (DRL) 1.1, MIT",
        ],
    );
    let list = bed.wide(&["rules", "list", "--set", "own"]).stdout;
    for part in [
        "own",
        "Whoami Was Run",
        "A. Nalyst",
        WHOAMI,
        "T1033",
        "windows/process_creation",
        "2 rules: 1 high, 1 medium",
    ] {
        assert!(list.contains(part), "{part}: {list}");
    }
    bed.run(&["rules", "update"]).expect(0, &[" own: unchanged"]);
    bed.write(
        "own/windows/whoami.yml",
        process(WHOAMI, "Whoami Was Run", r"\whoami2.exe"),
    );
    bed.write("own/windows/new.yml", process("3", "Something New", r"\new.exe"));
    std::fs::remove_file(bed.folder.join("in/own/linux/ssh.yml")).unwrap();
    bed.run(&["rules", "update", "own"]).expect(
        0,
        &[
            " own: 2 rules; files that are no rules: 1",
            "   new: 1: Something New",
            "   changed: 1: Whoami Was Run",
            "   gone: 1: Failed Password",
        ],
    );
    bed.run(&["rules", "remove", "own"])
        .expect(0, &[" rule set 'own' is removed"]);
    bed.run(&["rules", "remove", "own"])
        .expect(2, &["error: unknown rule set 'own'"]);
    let list = bed.wide(&["rules", "list"]).stdout;
    assert!(list.contains("builtin") && !list.contains("own  "), "{list}");
}

#[test]
fn archives_are_read_as_their_publishers_pack_them() {
    let bed = Bed::new("rules-archives");
    let rule = process(WHOAMI, "Whoami Was Run", r"\whoami.exe");
    let zip = Zip::new()
        .file("sigma-1.0/LICENSE", b"Detection Rule License (DRL) 1.1")
        .file("sigma-1.0/rules/a.yml", rule.as_bytes())
        .file("sigma-1.0/.github/workflows/ci.yml", b"on: push\n")
        .build();
    bed.write("sigma_core.zip", zip);
    bed.run(&["rules", "import", "sigma_core.zip"]).expect(
        0,
        &[" sigma-core: 1 rule", "   terms: Detection Rule License (DRL) 1.1, MIT"],
    );
    bed.write("sigma.tar.gz", gzip(&tar(&[("rules/a.yml", rule.as_bytes())])));
    bed.run(&["rules", "import", "sigma.tar.gz", "--name", "packed"])
        .expect(0, &[" packed: 1 rule"]);
}

#[test]
fn an_import_that_fails_leaves_what_was_there() {
    let bed = Bed::new("rules-fails");
    rules(&bed);
    bed.run(&["rules", "import", "own", "-q"]).expect(0, &[]);
    let before = bed.run(&["rules", "list", "--set", "own", "-f", "json"]).stdout;
    let zip = Zip::new()
        .file("a.yml", process(WHOAMI, "A", "a").repeat(50).as_bytes())
        .file("b.yml", ssh().as_bytes())
        .build();
    bed.write("broken.zip", zip.get(..zip.len() / 2).unwrap());
    bed.write("bomb.tar.gz", gzip_bomb(64 << 20));
    bed.write("none.yml", "on: push\n");
    for name in ["broken.zip", "bomb.tar.gz", "none.yml", "missing"] {
        let ran = bed.run(&["rules", "import", name, "--name", "own"]);
        assert!(ran.code == 2 && ran.stderr.starts_with("error: "), "{name}: {ran:#?}");
        assert_eq!(
            bed.run(&["rules", "list", "--set", "own", "-f", "json"]).stdout,
            before,
            "{name}"
        );
    }
    bed.run(&["rules", "import", "own", "own"]).expect(
        2,
        &[
            "error: several paths become one set, which needs a name",
            "hint: --name calls it something",
        ],
    );
    bed.run(&["rules", "import", "own", "--name", "builtin"])
        .expect(2, &["error: no set can be called 'builtin'"]);
}

#[test]
fn rules_of_an_address_are_fetched_and_asked_for_again() {
    let bed = Bed::new("rules-url");
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |question| {
        let zip = |title: &str| {
            let rule = process(WHOAMI, title, r"\whoami.exe");
            Zip::new().file("rules/a.yml", rule.as_bytes()).build()
        };
        match asked.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::ok(zip("First")).header("ETag", "\"one\""),
            1 if question.header("if-none-match") == "\"one\"" => Reply::new(304, ""),
            2 => Reply::ok(zip("Second")),
            3 => Reply::new(404, ""),
            _ => Reply::ok("<html>no rules</html>"),
        }
    });
    let url = server.url("/releases/sigma_all_rules.zip?x=1");
    bed.run(&["--offline", "rules", "import", &url]).expect(
        2,
        &[
            "error: rules cannot be fetched: the network is forbidden",
            "hint: watchfire rules import reads files and folders",
        ],
    );
    assert_eq!(server.asked().len(), 0);
    bed.run(&["rules", "import", &url])
        .expect(0, &[" sigma-all-rules: 1 rule"]);
    bed.run(&["rules", "update"])
        .expect(0, &[" sigma-all-rules: unchanged"]);
    bed.run(&["rules", "update"]).expect(0, &["   changed: 1: Second"]);
    for _ in 0..2 {
        let ran = bed.run(&["rules", "update"]);
        assert!(
            ran.code == 2 && ran.stderr.contains("what was there stays in use"),
            "{ran:#?}"
        );
    }
    assert!(bed.run(&["rules", "list", "-f", "csv"]).stdout.contains("Second"));
}

#[test]
fn a_server_that_refuses_rules_is_not_taken_for_a_feed() {
    let bed = Bed::new("rules-refused");
    for status in [401, 403, 406] {
        let server = Server::start(move |_| Reply::new(status, ""));
        let ran = bed.run(&["rules", "import", &server.url("/rules.zip")]);
        assert!(
            ran.code == 2 && ran.stderr.contains(&format!("HTTP {status}")) && ran.stderr.contains("hint: "),
            "{ran:#?}"
        );
        assert!(
            !ran.stderr.contains("feed") && !ran.stderr.contains("TAXII"),
            "{ran:#?}"
        );
    }
}

#[test]
fn what_comes_from_an_address_has_an_end() {
    let bed = Bed::new("rules-endless");
    let server = Server::start(|_| Reply {
        endless: true,
        ..Reply::ok(vec![b'x'; 1 << 16])
    });
    bed.write("watchfire.toml", "[limits]\nfeed = 1000000\n");
    let ran = bed.run(&[
        "--config",
        "watchfire.toml",
        "rules",
        "import",
        &server.url("/rules.zip"),
    ]);
    assert!(ran.code == 2 && ran.stderr.contains("it is larger than"), "{ran:#?}");
}

#[test]
fn machine_formats_fit_the_schema_and_filters_are_kept_to() {
    let bed = Bed::new("rules-formats");
    rules(&bed);
    bed.write("own/evil.yml", process("9", "'=cmd|\u{1b}[31m'", "x"));
    bed.run(&["rules", "import", "own", "-q"]).expect(0, &[]);
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "rules"]).stdout).unwrap();
    let json: Value = serde_json::from_str(&bed.run(&["rules", "list", "-f", "json"]).expect(0, &[]).stdout).unwrap();
    assert_eq!(schema::problems(&schema, &json), Vec::<String>::new());
    let count = |arguments: &[&str]| {
        let ran = bed.run(&[&["rules", "list", "-f", "ndjson"], arguments].concat());
        ran.expect(0, &[]);
        ran.json_lines().iter().filter(|line| line["record"] == "rule").count()
    };
    assert_eq!(count(&["--set", "own"]), 3);
    assert_eq!(count(&["--set", "own", "--level", "high"]), 2);
    assert_eq!(count(&["--set", "own", "--status", "test"]), 1);
    assert_eq!(count(&["--set", "own", "--product", "Linux"]), 1);
    let csv = bed.run(&["rules", "list", "--set", "own", "-f", "csv"]).stdout;
    assert!(csv.contains(r"'=cmd|\u{1b}[31m") && !csv.contains('\u{1b}'), "{csv}");
    let text = bed.run(&["rules", "list", "--set", "own"]).stdout;
    assert!(!text.contains('\u{1b}'), "{text}");
    bed.run(&["rules", "list", "--level", "hihg"])
        .expect(2, &["error: unknown level 'hihg'", "hint: did you mean 'high'?"]);
    bed.run(&["rules", "list", "-f", "sarif"])
        .expect(2, &["error: the format 'sarif' has no place for rules"]);
}

#[test]
fn lint_shows_the_line_and_tells_what_is_not_used_apart() {
    let bed = Bed::new("rules-lint");
    rules(&bed);
    bed.run(&["rules", "lint", "own"]).expect(0, &[]);
    bed.write(
        "bad/a.yml",
        "title: A\nlogsource:\n  product: x\ndetection:\n  s:\n    Image|contain: x\n  condition: s\n",
    );
    bed.write(
        "bad/old.yml",
        process("4", "Old One", "x").replace("stable", "deprecated"),
    );
    bed.write(
        "bad/no.yml",
        process("5", "Cannot Be", "x").replace("stable", "unsupported"),
    );
    bed.write("bad/again.yml", process("5", "Cannot Be", "x"));
    bed.write("bad/twice.yml", process("5", "Twice", "x"));
    bed.write(
        "bad/who.yml",
        process("6", "Waits", "x").replace("User: SYSTEM", "User|expand: '%admins%'"),
    );
    let ran = bed.run(&["rules", "lint", "bad"]);
    assert_eq!(ran.code, 3, "{ran:#?}");
    for part in [
        "error: unknown modifier 'contain' in 'Image|contain'\n  --> bad/a.yml:6:5\n",
        "6 |     Image|contain: x\n",
        "hint: did you mean 'contains'?",
        "deprecated, not used: 1\n  Old One (bad/old.yml)",
        "unsupported, not used: 1\n  Cannot Be (bad/no.yml)",
        "there twice, not used: 1\n  Twice (bad/twice.yml, and before in bad/again.yml)",
        "6 files: 1 rule can be used; 1 error, 1 missing placeholder",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    assert_eq!(bed.run(&["rules", "lint", "bad/who.yml"]).code, 0);
    assert_eq!(bed.run(&["rules", "lint", "nothing"]).code, 2);
    assert_eq!(bed.run(&["rules", "lint", "own", "nothing"]).code, 3);
    assert_eq!(bed.run(&["rules", "lint", "builtin"]).code, 0);
}

#[test]
fn lint_of_nothing_is_not_well() {
    let bed = Bed::new("rules-lint-nothing");
    rules(&bed);
    bed.write("empty.yml", "");
    bed.write("comment.yml", "# nothing yet\n");
    let ran = bed.run(&["rules", "lint", "empty.yml", "comment.yml"]);
    assert_eq!(ran.code, 2, "{ran:#?}");
    for part in ["without a rule: 2\n  empty.yml\n  comment.yml\n", "there is no rule\n"] {
        assert!(ran.stdout.contains(part), "{part}: {ran:#?}");
    }
    let ran = bed.run(&["rules", "lint", "empty.yml", "own"]);
    assert!(
        ran.code == 3 && ran.stdout.contains("3 files: 2 rules can be used; nothing is wrong"),
        "{ran:#?}"
    );
}

#[test]
fn lint_does_the_rest_where_a_file_cannot_be_read() {
    let bed = Bed::new("rules-lint-unreadable");
    rules(&bed);
    bed.write("own/huge.yml", vec![b'#'; (4 << 20) + 1]);
    let ran = bed.run(&["rules", "lint", "own"]);
    assert_eq!(ran.code, 3, "{ran:#?}");
    assert!(
        ran.stderr
            .contains("error: cannot read own/huge.yml: it is larger than")
            && ran.stdout.contains("2 rules can be used"),
        "{ran:#?}"
    );
}

#[test]
fn rules_are_tried_on_logs_of_any_format() {
    let bed = Bed::new("rules-test");
    rules(&bed);
    bed.write("logs/events.json", EVENTS);
    bed.write(
        "logs/auth.log",
        "Nov 23 10:00:00 web01 sshd[812]: Failed password for root from 203.0.113.7 port 4711 ssh2\n",
    );
    bed.write("logs/packed.json.gz", gzip(EVENTS.as_bytes()));
    let ran = bed.wide(&["rules", "test", "own", "--on", "logs"]);
    ran.expect(0, &[]);
    for part in [
        "4  high    Whoami Was Run\n                    logs/events.json:1\n                    logs/events.json:3\n                    logs/packed.json.gz:1\n                    +1 more\n",
        "1  medium  Failed Password\n                    logs/auth.log:1  2",
        " 2 of 2 rules match 5 times in 3 files with 7 records: 1 sshd, 6 windows-json",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    // Rules that ship, and a set by its name.
    bed.run(&["rules", "import", "own", "-q"]).expect(0, &[]);
    let ran = bed.run(&["rules", "test", "builtin", "own", "--on", "logs/auth.log"]);
    assert!(ran.stdout.contains("Failed SSH Login"), "{ran:#?}");
    bed.run(&["rules", "test", "own", "--on", "missing"])
        .expect(2, &["error: cannot read 'missing': there is no such file or folder"]);
    bed.run(&["rules", "test", "missing", "--on", "logs"])
        .expect(2, &["error: there is no Sigma rule to try"]);
}

/// What regression data says of itself, of a rule that is to match so often.
fn info(count: u64) -> String {
    format!(
        "id: x\nrule_metadata:\n    - id: {WHOAMI}\n      title: Whoami\nregression_tests_info:\n    - name: Positive\n      type: json\n      match_count: {count}\n      path: regression_data/rules/a/events.json\n"
    )
}

#[test]
fn regression_data_is_run_as_it_states_itself() {
    let bed = Bed::new("rules-regression");
    rules(&bed);
    bed.write("regression/a/info.yml", info(2));
    bed.write("regression/a/events.json", EVENTS);
    let ran = bed.wide(&["rules", "test", "own", "regression"]);
    ran.expect(0, &[]);
    assert!(ran.stdout.contains(" 1 of 1 log matches as stated"), "{ran:#?}");
    bed.write("regression/b/info.yml", info(5));
    bed.write("regression/b/events.json", EVENTS);
    bed.write("regression/c/info.yml", info(1).replace(WHOAMI, "unknown"));
    let ran = bed.wide(&["rules", "test", "own", "regression"]);
    assert_eq!(ran.code, 3, "{ran:#?}");
    for part in [
        "DIFFERS           5        2  Whoami Was Run; ",
        "NO RULE           1        -  unknown; ",
        " 1 of 3 logs matches as stated",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    // Rules that are kept are found too.
    bed.run(&["rules", "import", "own", "-q"]).expect(0, &[]);
    bed.run(&["rules", "test", "regression/a"]).expect(0, &[]);
    bed.run(&["rules", "test", "own"])
        .expect(2, &["error: there is no regression data: no info.yml that names logs"]);
}

#[test]
fn a_rule_is_explained_in_words_and_by_its_matches() {
    let bed = Bed::new("rules-explain");
    rules(&bed);
    bed.run(&["rules", "import", "own", "-q"]).expect(0, &[]);
    bed.write("events.json", EVENTS);
    for name in [WHOAMI, "whoami was run", "own/windows/whoami.yml", "whoami.yml"] {
        let ran = bed.wide(&["rules", "explain", name]);
        ran.expect(0, &[]);
        for part in [
            " Whoami Was Run\n",
            "high, status stable",
            "windows/process_creation",
            "TA0007 Discovery; T1033 System Owner/User Discovery",
            "Administrators",
            "A. Nalyst",
            "hxxps://evil[.]example/blog",
            " It looks for img, and not filter_system\n",
            "     Image ends with '\\whoami.exe'\n",
            "     User is 'SYSTEM'\n",
        ] {
            assert!(ran.stdout.contains(part), "{name}: {part}: {}", ran.stdout);
        }
    }
    let ran = bed.wide(&["rules", "explain", WHOAMI, "--on", "events.json"]);
    ran.expect(0, &[]);
    for part in [
        " 2 matches in 1 file with 3 records: 3 windows-json\n",
        "  events.json:1\n    img: Image endswith '\\whoami.exe'\n      C:\\Windows\\System32«\\Whoami.exe»  bytes 19..30\n",
        "  events.json:3\n",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    bed.run(&["rules", "explain", "Whoami Was Rum"]).expect(
        2,
        &[
            "error: no rule is called 'Whoami Was Rum'",
            "hint: did you mean 'Whoami Was Run'?",
        ],
    );
}

#[test]
fn a_correlation_is_explained_with_what_it_counted() {
    let bed = Bed::new("rules-correlation");
    let many = "title: Many Failed Passwords\nid: 7\nlevel: high\ncorrelation:\n    type: event_count\n    rules:\n        - failed\n    group-by:\n        - src_ip\n    timespan: 5m\n    condition:\n        gte: 3\n";
    bed.write("ssh.yml", format!("{}---\n{many}", ssh()));
    let line = |second: u64| {
        format!(
            "2026-11-23T10:00:{second:02}Z web01 sshd[812]: Failed password for root from 203.0.113.7 port 4711 ssh2\n"
        )
    };
    bed.write("auth.log", (0..4).map(line).collect::<String>());
    bed.run(&["rules", "import", "ssh.yml", "-q"]).expect(0, &[]);
    let ran = bed.wide(&["rules", "explain", "Many Failed Passwords", "--on", "auth.log"]);
    ran.expect(0, &[]);
    for part in [
        " It looks for 3 or more matches of 'failed' with the same src_ip within 5 minutes.\n",
        "Failed Password\n",
        " 1 match in 1 file with 4 records: 4 sshd\n",
        "src_ip 203[.]0[.]113[.]7",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    let ran = bed.wide(&["rules", "test", "ssh.yml", "--on", "auth.log"]);
    assert!(
        ran.stdout.contains(
            "1  high    Many Failed Passwords\n                    src_ip 203[.]0[.]113[.]7  2026-11-23T10:00:0"
        ),
        "{ran:#?}"
    );
}

#[test]
fn results_do_not_depend_on_threads() {
    let bed = Bed::new("rules-threads");
    for number in 0..200 {
        bed.write(
            &format!("many/{number}.yml"),
            process(&format!("id-{number}"), &format!("Rule {number}"), r"\whoami.exe"),
        );
    }
    bed.write("events.json", EVENTS);
    let run = |threads: &str| {
        bed.run(&["-j", threads, "rules", "test", "many", "--on", "events.json"])
            .stdout
    };
    let one = run("1");
    assert!(one.contains("200 of 200 rules match 400 times"), "{one}");
    assert_eq!(one, run("4"));
}

/// What a command prints as one document, held to its schema.
fn document(bed: &Bed, name: &str, arguments: &[&str]) -> (Value, i32) {
    let ran = bed.run(&[arguments, &["--format", "json"]].concat());
    let schema: Value = serde_json::from_str(&bed.run(&["schema", name]).stdout).unwrap();
    let value: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    let problems = schema::problems(&schema, &value);
    assert!(problems.is_empty(), "{problems:#?}\n{value:#}");
    (value, ran.code)
}

#[test]
fn checks_trials_and_explanations_are_documents_too() {
    let bed = Bed::new("rules-documents");
    rules(&bed);
    bed.write("events.json", EVENTS);
    bed.write(
        "bad/a.yml",
        "title: A\nlogsource:\n  product: x\ndetection:\n  s:\n    Image|contain: x\n  condition: s\n",
    );
    bed.write(
        "bad/old.yml",
        process("4", "Old One", "x").replace("stable", "deprecated"),
    );
    let (check, code) = document(&bed, "rule-check", &["rules", "lint", "bad", "own"]);
    let problem = &check["problems"][0];
    assert_eq!(
        (code, &problem["severity"], &problem["file"], &problem["line"]),
        (3, &"error".into(), &"bad/a.yml".into(), &6.into())
    );
    assert_eq!(
        (&check["rules"], &check["not_used"][0]["why"]),
        (&2.into(), &"deprecated".into())
    );
    let (trial, code) = document(&bed, "rule-trial", &["rules", "test", "own", "--on", "events.json"]);
    assert_eq!(
        (
            code,
            &trial["matched"][0]["count"],
            &trial["matched"][0]["places"][1]["record"]
        ),
        (0, &2.into(), &3.into())
    );
    assert_eq!(trial["logs"]["formats"][0]["format"], "windows-json");
    bed.run(&["rules", "import", "own", "-q"]).expect(0, &[]);
    let (told, code) = document(&bed, "rule", &["rules", "explain", WHOAMI, "--on", "events.json"]);
    assert_eq!(
        (code, &told["title"], &told["count"]),
        (0, &"Whoami Was Run".into(), &2.into())
    );
    assert_eq!(told["set"], "own");
    assert_eq!(told["license"], "MIT");
    let reason = &told["matches"][0]["reasons"][0];
    assert_eq!(
        (&reason["field"], &reason["operator"], &reason["span"]),
        (&"Image".into(), &"endswith".into(), &serde_json::json!([19, 30]))
    );
    bed.write("regression/info.yml", info(3));
    bed.write("regression/events.json", EVENTS);
    let (cases, code) = document(&bed, "rule-regression", &["rules", "test", "regression"]);
    assert_eq!(
        (code, &cases["cases"][0]["outcome"], &cases["cases"][0]["matches"]),
        (3, &"differs".into(), &2.into())
    );
    bed.run(&["rules", "lint", "own", "--format", "xml"])
        .expect(2, &["error: unknown format 'xml'"]);
}
