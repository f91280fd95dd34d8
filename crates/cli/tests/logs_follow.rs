//! `watchfire logs --follow`: files that grow, rotate and are truncated while it reads, standard input, and Ctrl-C.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, schema};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// Longer than anything takes, so that a test that fails ends.
const WAIT: Duration = Duration::from_secs(60);

/// Somebody who follows, and the lines that come.
struct Follower {
    child: Child,
    lines: Receiver<String>,
}

impl Follower {
    fn new(bed: &Bed, arguments: &[&str], stdin: Stdio) -> Self {
        let mut command = bed.command(&[&["logs", "-q", "--as-of", "2026-11-21", "--follow"], arguments].concat());
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (send, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self { child, lines }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(WAIT).unwrap()
    }

    /// The next alert, which fits the schema.
    #[track_caller]
    fn alert(&self, title: &str, place: (&str, u64)) {
        loop {
            let value: Value = serde_json::from_str(&self.next()).unwrap();
            if value["record"] == "alert" {
                assert!(value["title"].as_str().unwrap().contains(title), "{title}: {value:#}");
                assert_eq!(
                    (value["source"].as_str(), value["line"].as_u64()),
                    (Some(place.0), Some(place.1)),
                    "{value:#}"
                );
                return;
            }
        }
    }

    fn rest(self) -> (String, Option<i32>) {
        let mut child = self.child;
        let rest: Vec<String> = self.lines.iter().collect();
        (rest.join("\n"), child.wait().unwrap().code())
    }
}

const CLEARED: &str = concat!(
    r#"{"EventID":1102,"Channel":"Security","Computer":"DC01","TimeCreated":"2026-11-20T09:00:00Z","#,
    r#""Provider_Name":"Microsoft-Windows-Eventlog","SubjectUserName":"user3","CommandLine":"x --password hunter22"}"#,
    "\n"
);

fn append(path: &std::path::Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_file_is_followed_as_it_grows_rotates_and_is_truncated() {
    let bed = Bed::new("logs-follow-a-file-is-followe");
    let path = bed.write("security.json", CLEARED);
    let follower = Follower::new(&bed, &["security.json", "-f", "ndjson"], Stdio::null());
    follower.alert("Event Log Cleared", ("security.json", 1));
    append(&path, CLEARED);
    follower.alert("Event Log Cleared", ("security.json", 2));
    // Whoever rotates renames first; a while, somebody still writes into the old file.
    fs::rename(&path, path.with_extension("1")).unwrap();
    append(&path.with_extension("1"), CLEARED);
    follower.alert("Event Log Cleared", ("security.json", 3));
    append(&path, CLEARED);
    follower.alert("Event Log Cleared", ("security.json", 1));
    append(&path, CLEARED);
    follower.alert("Event Log Cleared", ("security.json", 2));
    fs::write(&path, CLEARED).unwrap();
    follower.alert("Event Log Cleared", ("security.json", 1));
    let mut child = follower.child;
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn standard_input_is_told_as_it_comes_and_ends_with_the_report() {
    let bed = Bed::new("logs-follow-standard-input-is");
    let mut follower = Follower::new(&bed, &["-"], Stdio::piped());
    let mut stdin = follower.child.stdin.take().unwrap();
    let mut text = String::new();
    for number in 0..12 {
        let _ = writeln!(
            text,
            "Nov 20 08:00:{number:02} web-01 sshd[7]: Failed password for user{number} from 10.0.5.23 port 40000 ssh2"
        );
    }
    stdin.write_all(text.as_bytes()).unwrap();
    let sprayed = loop {
        let line = follower.next();
        if line.contains("passwords sprayed") {
            break line;
        }
    };
    assert!(
        sprayed.contains("10[.]0[.]5[.]23") || sprayed.contains("10.0.5.23"),
        "{sprayed}"
    );
    stdin
        .write_all(b"Nov 20 08:01:00 web-01 sshd[7]: Accepted password for user3 from 10.0.5.23 port 40000 ssh2\n")
        .unwrap();
    while !follower.next().contains("then user3 was let in") {}
    drop(stdin);
    let (rest, code) = follower.rest();
    assert_eq!(code, Some(0));
    assert!(
        rest.contains("SUSPICIOUS") && rest.contains("1 let in · 12 refused"),
        "{rest}"
    );
}

#[test]
fn lines_are_those_of_the_schema_and_hold_no_secret() {
    let bed = Bed::new("logs-follow-lines-are-those-o");
    let arguments = ["logs", "-q", "--as-of", "2026-11-21", "-F", "-", "-f", "ndjson"];
    let ran = bed.pipe(&arguments, CLEARED.repeat(8).as_bytes());
    assert_eq!(ran.code, 0, "{ran:#?}");
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "record"]).stdout).unwrap();
    let mut alerts = Vec::new();
    for value in ran.json_lines() {
        let problems = schema::problems(&schema, &value);
        assert!(problems.is_empty(), "{problems:#?}\n{value:#}");
        alerts.extend((value["record"] == "alert").then_some(value));
    }
    assert_eq!(alerts.len(), 5, "{alerts:#?}");
    assert_eq!((&alerts[4]["more"], &alerts[4]["host"]), (&3.into(), &"DC01".into()));
    assert!(!ran.stdout.contains("hunter22"), "{}", ran.stdout);
    // The same as text: a line for each, and then the report.
    let ran = bed.pipe(&["logs", "-q", "--as-of", "2026-11-21", "-F", "-"], CLEARED.as_bytes());
    let first = ran.stdout.lines().next().unwrap();
    assert!(
        first.starts_with("2026-11-20T09:00:00Z  high           Event Log Cleared · on DC01 · stdin:1"),
        "{first}"
    );
    assert!(!ran.stdout.contains("hunter22"), "{}", ran.stdout);
}

#[test]
fn only_records_that_are_asked_for_are_told() {
    let bed = Bed::new("logs-follow-only-records-that");
    let run = |expression: &str| {
        let arguments = [
            "logs",
            "-q",
            "--as-of",
            "2026-11-21",
            "-F",
            "-",
            "-f",
            "ndjson",
            "--where",
            expression,
        ];
        bed.pipe(&arguments, CLEARED.as_bytes()).stdout.contains("\"alert\"")
    };
    assert!(run("host = dc01"));
    assert!(!run("host = dc02"));
}

#[test]
fn what_has_no_end_is_refused_and_what_is_no_log_is_named() {
    let bed = Bed::new("logs-follow-what-has-no-end-i");
    bed.write("a.json", CLEARED);
    for format in ["json", "csv", "sarif", "navigator"] {
        bed.run(&["logs", "-F", "a.json", "-f", format]).expect(
            2,
            &[
                &format!("error: --follow cannot write {format}: the document would never end"),
                "hint: use --format ndjson or text",
            ],
        );
    }
    let ran = bed.pipe(&["logs", "-q", "-F", "-"], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert!(ran.stderr.contains("is no log"), "{ran:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_it_with_the_report() {
    let bed = Bed::new("logs-follow-ctrl-c-ends-it-wi");
    bed.write("security.json", CLEARED);
    let follower = Follower::new(&bed, &["security.json"], Stdio::null());
    assert!(follower.next().contains("Event Log Cleared"));
    let id = follower.child.id().to_string();
    let killed = std::process::Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(killed.success());
    let (rest, code) = follower.rest();
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains("LOGS") && rest.contains("1 record"), "{rest}");
}

#[test]
fn rules_that_are_written_meanwhile_are_asked() {
    let bed = Bed::new("logs-follow-rules-that-are-wr");
    let rule = |title: &str, number: u32| {
        format!(
            "title: {title}\nstatus: stable\nlevel: high\nlogsource: {{product: windows, service: security}}\n\
             detection:\n  s:\n    EventID: {number}\n  condition: s\n"
        )
    };
    bed.write("rules/one.yml", rule("One of ours", 4242));
    let path = bed.write("security.json", CLEARED.replace("1102", "4242"));
    let follower = Follower::new(
        &bed,
        &["security.json", "--rules", "rules", "-f", "ndjson"],
        Stdio::null(),
    );
    follower.alert("One of ours", ("security.json", 1));
    // A rule that is wrong changes nothing.
    bed.write("rules/bad.yml", "title: Bad\ndetection: 7\n");
    std::thread::sleep(Duration::from_secs(5));
    append(&path, &CLEARED.replace("1102", "4242"));
    follower.alert("One of ours", ("security.json", 2));
    bed.write("rules/bad.yml", rule("Another of ours", 4343));
    let told = (0..100).any(|_| {
        append(&path, &CLEARED.replace("1102", "4343"));
        let next = follower.lines.recv_timeout(Duration::from_millis(500));
        next.is_ok_and(|line| line.contains("Another of ours"))
    });
    assert!(told, "the new rule is not asked");
    let mut child = follower.child;
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn what_is_suppressed_is_not_told() {
    let bed = Bed::new("logs-follow-what-is-suppresse");
    let why = ["--why", "we clear logs by night", "--expires", "2099-01-31"];
    bed.run(&[&["suppress", "sigma-match", "--entity", "1102"], &why[..]].concat())
        .expect(0, &[]);
    let mut follower = Follower::new(&bed, &["-", "-f", "ndjson"], Stdio::piped());
    let mut stdin = follower.child.stdin.take().unwrap();
    stdin.write_all(CLEARED.as_bytes()).unwrap();
    drop(stdin);
    let (rest, _) = follower.rest();
    assert!(!rest.contains(r#""record":"alert""#), "{rest}");
    assert!(rest.contains(r#""record":"suppressed""#), "{rest}");
}
