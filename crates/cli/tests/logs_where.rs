//! `watchfire logs --where`: which records are looked at, in logs of every kind, and what is said of expressions that make no
//! sense.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, Ran};
use serde_json::Value;
use watchfire_testkit::evtx::{Event, chunk, file};

const SSHD: &str = "\
Nov 20 08:00:00 web-01 sshd[7]: Failed password for admin from 10.0.5.23 port 40000 ssh2
Nov 20 08:00:01 web-01 sshd[7]: Failed password for root from 203.0.113.66 port 40001 ssh2
Nov 20 08:01:00 web-01 sshd[7]: Accepted password for administrator from 198.51.100.7 port 40002 ssh2
";

const JSON: &str = concat!(
    r#"{"EventID":4688,"Channel":"Security","Computer":"DC01","TimeCreated":"2026-11-20T09:00:00Z","#,
    r#""Provider_Name":"Microsoft-Windows-Security-Auditing","NewProcessName":"C:\\Windows\\System32\\whoami.exe"}"#,
    "\n",
    r#"{"time":"2026-11-20T10:00:00Z","http":{"status":503},"took":2500000,"tags":["slow","edge"]}"#,
    "\n",
    r#"{"time":"2026-11-20T10:00:01Z","http":{"status":200},"took":12,"tags":[],"note":null}"#,
    "\n",
);

const WEB: &str = "\
198.51.100.7 - - [20/Nov/2026:11:00:00 +0000] \"GET /a.php?id=1 HTTP/1.1\" 500 12 \"-\" \"curl/8.0\"
10.0.5.23 - - [20/Nov/2026:11:00:01 +0000] \"GET /index.html HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0\"
";

fn bed(name: &str) -> Bed {
    let bed = Bed::new(name);
    bed.write("auth.log", SSHD.as_bytes());
    bed.write("events.json", JSON.as_bytes());
    bed.write("access.log", WEB.as_bytes());
    let event = |id, number, text| Event { id, number, text };
    let chunk = chunk(&[event(1, 4624, "alice"), event(2, 4625, "Bob")]);
    bed.write("security.evtx", file(&[chunk]));
    bed
}

fn logs(bed: &Bed, arguments: &[&str]) -> Ran {
    bed.run(&[&["logs", "-q", "--as-of", "2026-11-23"], arguments].concat())
}

/// Places of the records that are looked at, `auth.log:1`.
#[track_caller]
fn chosen(bed: &Bed, expressions: &[&str]) -> String {
    let mut arguments = vec![".", "--all", "--format", "ndjson"];
    for expression in expressions {
        arguments.extend(["--where", expression]);
    }
    let ran = logs(bed, &arguments);
    assert_eq!(ran.code, 0, "{expressions:?}: {ran:#?}");
    let records = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let events = records.filter(|record| record["record"] == "event");
    let mut places: Vec<String> = events
        .map(|event| {
            format!(
                "{}:{}",
                event["source"].as_str().unwrap().rsplit('/').next().unwrap(),
                event["line"]
            )
        })
        .collect();
    places.sort();
    places.join(" ")
}

#[test]
fn records_of_every_kind_are_chosen_by_the_names_of_log_schema_and_rules() {
    let bed = bed("logs-where-records-of-every-k");
    for (expression, expected) in [
        // By the name of the log, in any case.
        ("EventID = 4625", "security.evtx:2"),
        ("eventid >= 4625 and User = b*", "security.evtx:2"),
        ("http.status >= 500", "events.json:2"),
        ("took > 2 MB and tags = EDGE", "events.json:2"),
        ("exists(note)", "events.json:3"),
        // By the name of the schema, and for short.
        ("src_endpoint.ip in 10.0.0.0/8", "access.log:2 auth.log:1"),
        ("user = admin* and not src in 10.0.0.0/8", "auth.log:3"),
        ("status >= 500", "access.log:1"),
        ("host = WEB-01 and message ~ /^Failed .* root/", "auth.log:2"),
        ("format = evtx", "security.evtx:1 security.evtx:2"),
        // By the name that rules have.
        ("Image endswith '\\whoami.exe'", "events.json:1"),
        ("cs-user-agent = curl*", "access.log:1"),
        // Anywhere.
        ("\"failed password\" or 'a.php'", "access.log:1 auth.log:1 auth.log:2"),
        (
            "not format in (sshd, evtx) and not http.status and not url",
            "events.json:1",
        ),
    ] {
        assert_eq!(chosen(&bed, &[expression]), expected, "{expression}");
    }
    assert_eq!(chosen(&bed, &["format = sshd", "user = admin"]), "auth.log:1");
    assert_eq!(chosen(&bed, &["format = sshd", "user = nobody"]), "");
}

#[test]
fn what_is_left_out_is_counted_and_looked_at_by_nobody() {
    let bed = bed("logs-where-what-is-left-out-i");
    let ran = logs(&bed, &["auth.log", "--where", "user != root", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&report["log"]["records"], &report["log"]["left_out"]),
        (&3.into(), &1.into())
    );
    assert_eq!(
        (&report["log"]["accepted"], &report["log"]["refused"]),
        (&1.into(), &1.into())
    );
    assert!(!ran.stdout.contains("203.0.113.66"), "{}", ran.stdout);
    let ran = logs(&bed, &["auth.log", "--where", "user != root and usr != x"]);
    assert!(
        ran.stdout.contains("1 of 3 records are not those that were asked for"),
        "{}",
        ran.stdout
    );
    let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("no record has a field that is called 'usr'"),
        "{}",
        ran.stdout
    );
}

#[test]
fn threads_change_nothing() {
    let bed = Bed::new("logs-where-threads-change-not");
    let lines = SSHD.repeat(20_000);
    bed.write("auth.log", lines.as_bytes());
    let report = |threads: &str| {
        let ran = logs(
            &bed,
            &[
                "auth.log",
                "--where",
                "user = r* or \"accepted\"",
                "--format",
                "json",
                "--threads",
                threads,
            ],
        );
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
        assert_eq!(report["log"]["left_out"], 20_000);
        report["log"].to_string()
    };
    assert_eq!(report("1"), report("2"));
}

#[test]
fn a_wrong_expression_is_shown_with_the_place() {
    let bed = bed("logs-where-a-wrong-expression");
    let error = |expression: &str| {
        let ran = logs(&bed, &["auth.log", "--where", "user", "--where", expression]);
        assert_eq!(ran.code, 2, "{expression}: {ran:#?}");
        ran.stderr
    };
    let said = error("user = admin and src in");
    let said_lines: Vec<&str> = said.lines().collect();
    assert!(said.contains("(at column 24)"), "{said}");
    let at = said_lines
        .iter()
        .position(|line| line.ends_with("user = admin and src in"))
        .unwrap();
    assert_eq!(said_lines[at + 1].find('^'), Some(said_lines[at].len()), "{said}");
    assert!(said.contains("hint: write 'user = admin*"), "{said}");
    assert!(!error("x = \u{1b}[31m (").contains('\u{1b}'));
    assert!(error(&"(".repeat(5_000)).contains("more than 48 parentheses"));
    assert!(error("a ~ /(/").contains("regular expression"));
}
