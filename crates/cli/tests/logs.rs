//! The command `logs`: what logs say, which rules hold, the timeline, and the messages for wrong input.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, Ran, schema};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use watchfire_testkit::archive::gzip;

/// Twelve users are refused from one machine; then one is let in, and the log is cleared.
fn sshd() -> String {
    let mut text = String::new();
    for number in 0..12 {
        let _ = writeln!(
            text,
            "Nov 20 08:00:{number:02} web-01 sshd[7]: Failed password for user{number} from 10.0.5.23 port 40000 ssh2"
        );
    }
    text + "Nov 20 08:01:00 web-01 sshd[7]: Accepted password for user3 from 10.0.5.23 port 40000 ssh2\n"
}

const CLEARED: &str = concat!(
    r#"{"EventID":1102,"Channel":"Security","Computer":"DC01","TimeCreated":"2026-11-20T09:00:00Z","#,
    r#""Provider_Name":"Microsoft-Windows-Eventlog","SubjectUserName":"user3","CommandLine":"x --password hunter22"}"#,
    "\n"
);

fn logs(bed: &Bed, arguments: &[&str]) -> Ran {
    bed.run(&[&["logs", "-q", "--as-of", "2026-11-21"], arguments].concat())
}

fn bed(name: &str) -> Bed {
    let bed = Bed::new(name);
    bed.write("auth.log.gz", gzip(sshd().as_bytes()));
    bed.write("security.json", CLEARED.as_bytes());
    bed
}

/// Lines of NDJSON, each held to the schema.
fn held(bed: &Bed, text: &str) -> Vec<Value> {
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "record"]).stdout).unwrap();
    let lines = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let problems = schema::problems(&schema, &value);
        assert!(problems.is_empty(), "{problems:#?}\n{value:#}");
        value
    });
    lines.collect()
}

#[test]
fn the_first_line_says_who_was_let_in_and_the_rest_why() {
    let bed = bed("logs-the-first-line-says-who-");
    let ran = logs(&bed, &["."]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let first = ran.stdout.lines().next().unwrap();
    assert!(first.contains("SUSPICIOUS"), "{}", ran.stdout);
    for said in [
        "passwords sprayed",
        "then user3 was let in",
        "Event Log Cleared",
        "13 times do not state their",
        "1 let in · 12 refused",
        "auth.log.gz",
    ] {
        assert!(
            ran.stdout
                .replace("\n            ", " ")
                .replace("\n    ", " ")
                .contains(said),
            "{said}: {}",
            ran.stdout
        );
    }
    assert!(!ran.stdout.contains("hunter22"));
}

#[test]
fn reports_hold_to_their_schema() {
    let bed = bed("logs-reports-hold-to-their-sc");
    let ran = logs(&bed, &[".", "--format", "json", "--top", "user.name"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "report"]).stdout).unwrap();
    let problems = schema::problems(&schema, &report);
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(report["log"]["records"], 14);
    assert_eq!(report["log"]["top"][0]["values"][0]["value"], "user3");
    assert_eq!(report["artifacts"][0]["log"]["formats"][0]["format"], "sshd");
}

#[test]
fn the_timeline_holds_what_something_is_said_of_or_everything() {
    let bed = bed("logs-the-timeline-holds-what-");
    let records = held(&bed, &logs(&bed, &[".", "--format", "ndjson"]).stdout);
    let events: Vec<&Value> = records.iter().filter(|record| record["record"] == "event").collect();
    assert_eq!(events.len(), 1, "{events:#?}");
    assert_eq!(events[0]["rules"][0]["title"], "Event Log Cleared");
    assert_eq!(events[0]["fields"]["SubjectUserName"], "user3");
    assert_eq!(events[0]["normal"]["actor.user.name"], "user3");
    assert!(!events[0].to_string().contains("hunter22"));
    assert_eq!(records.last().unwrap()["record"], "summary");

    let ran = logs(&bed, &[".", "--all", "--timeline", "all.csv"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let table = fs::read_to_string(bed.folder.join("in/all.csv")).unwrap();
    assert_eq!(table.lines().count(), 15, "{table}");
    assert_eq!(logs(&bed, &[".", "--all", "--timeline", "all.parquet"]).code, 0);
    let file = fs::read(bed.folder.join("in/all.parquet")).unwrap();
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1") && file.len() > 2_000);
    // It is a log again, of as many records: those of the logs, and of the table beside them. What is cut of it is told.
    let again = held(
        &bed,
        &logs(&bed, &["all.parquet", "--all", "--format", "ndjson"]).stdout,
    );
    let rows: Vec<&Value> = again.iter().filter(|record| record["record"] == "event").collect();
    assert_eq!((rows.len(), &rows[2]["line"]), (28, &Value::from(3)), "{again:#?}");
    fs::write(bed.folder.join("in/cut.parquet"), &file[..2_000]).unwrap();
    let cut = logs(&bed, &["cut.parquet", "--format", "json"]);
    assert!(
        format!("{cut:?}").contains("not written to its end or is cut"),
        "{cut:#?}"
    );
    fs::remove_file(bed.folder.join("in/cut.parquet")).unwrap();
    fs::remove_file(bed.folder.join("in/all.parquet")).unwrap();
    // What is there already is a result, and no log.
    let again = logs(&bed, &[".", "--all", "--timeline", "all.csv"]);
    assert_eq!(
        fs::read_to_string(bed.folder.join("in/all.csv")).unwrap(),
        table,
        "{again:#?}"
    );
}

#[test]
fn only_the_time_that_is_asked_for_is_looked_at() {
    let bed = bed("logs-only-the-time-that-is-as");
    let ran = logs(
        &bed,
        &[
            "auth.log.gz",
            "--from",
            "2026-11-20 10:00:05",
            "--to",
            "2026-11-20 10:00:08",
            "--timezone",
            "+02:00",
            "--format",
            "json",
        ],
    );
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    // Its own times state no zone, and are of the same.
    assert_eq!(report["log"]["refused"], 0, "{report:#}");
    let ran = logs(
        &bed,
        &[
            "auth.log.gz",
            "--from",
            "2026-11-20T08:00:05Z",
            "--to",
            "2026-11-20T08:00:08Z",
            "--format",
            "json",
        ],
    );
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&report["log"]["refused"], &report["log"]["left_out"]),
        (&3.into(), &10.into())
    );
}

#[test]
fn wrong_input_is_told_and_the_rest_is_done() {
    let bed = bed("logs-wrong-input-is-told-and-");
    bed.write(
        "picture.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0",
    );
    let check = |arguments: &[&str], code: i32, said: &str| {
        let ran = logs(&bed, arguments);
        assert!(ran.code == code && ran.stderr.contains(said), "{arguments:?}: {ran:#?}");
    };
    check(&["picture.png"], 2, "error: 'picture.png' is no log but image/png\n");
    let ran = logs(&bed, &["picture.png"]);
    assert_eq!(ran.stderr.matches("triage reads anything").count(), 1, "{ran:#?}");
    check(&["nowhere.log"], 2, "there is no such file");
    check(&["auth.log.gz", "--from", "yesterday"], 2, "'yesterday' is no time");
    check(&["auth.log.gz", "--timezone", "CET"], 2, "'CET' is no time zone");
    check(&["auth.log.gz", "--level", "loud"], 2, "'loud' is no level of a rule");
    check(
        &["auth.log.gz", "--timeline", "x.xlsx"],
        2,
        "cannot be written to 'x.xlsx'",
    );
    check(
        &["auth.log.gz", "--from", "2026-11-21", "--to", "2026-11-20"],
        2,
        "--from is not before --to",
    );
    check(
        &["auth.log.gz", "--formats", "security.json"],
        2,
        "cannot use 'security.json'",
    );
    let ran = logs(&bed, &["auth.log.gz", "picture.png"]);
    assert_eq!(ran.code, 3, "{ran:#?}");
    assert!(ran.stdout.contains("12 refused"), "{ran:#?}");
    let ran = bed.run(&["triage", "-q", "auth.log.gz", "--top", "user"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("'user' is no number of rows"),
        "{ran:#?}"
    );
}

#[test]
fn lines_of_a_format_of_the_users_are_read_by_it() {
    let bed = Bed::new("logs-lines-of-a-format-of-the");
    bed.write(
        "door.log",
        b"2026-11-20T08:00:00Z badge 17 in\n2026-11-20T08:00:01Z badge 18 out\n",
    );
    bed.write(
        "formats",
        br"door ^(?<time>\d{4}-\d\d-\d\dT\S+) badge (?<badge>\d+) (?<action>in|out)$",
    );
    let ran = logs(
        &bed,
        &["door.log", "--formats", "formats", "--top", "badge", "--format", "json"],
    );
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    assert_eq!(report["log"]["formats"][0]["format"], "user");
    assert_eq!(report["log"]["top"][0]["distinct"], 2);
}

#[test]
fn triage_looks_at_logs_the_same_way() {
    let bed = bed("logs-triage-looks-at-logs-the");
    bed.write("auth.log", sshd().as_bytes());
    let ran = bed.run(&["triage", "-q", "--as-of", "2026-11-21", "auth.log", "security.json"]);
    let text = ran.stdout.replace("\n            ", " ").replace("\n    ", " ");
    assert!(
        text.contains("then user3 was let in") && text.contains("Event Log Cleared"),
        "{}",
        ran.stdout
    );
}

#[test]
fn rules_are_only_spoken_of_where_there_are_more_than_those_that_ship() {
    let bed = bed("logs-rules-are-only-spoken-of");
    let run = |more: &[&str]| bed.run(&[&["logs", "--as-of", "2026-11-21", "security.json"], more].concat());
    let ran = run(&[]);
    assert!(ran.code == 0 && !ran.stderr.contains("Sigma rule"), "{ran:#?}");
    bed.write(
        "own.yml",
        "title: T\nlogsource: {product: windows}\ndetection:\n  s:\n    EventID: 1102\n  condition: s\n",
    );
    let ran = run(&["--rules", "own.yml"]);
    assert!(ran.code == 0 && ran.stderr.contains("1 of own.yml"), "{ran:#?}");
}

/// Lines of as many words each, as a script takes them out of a log; the last is unlike the others.
fn table() -> String {
    let mut text = String::new();
    for number in 0..600_u32 {
        let person = number * 7 % 5;
        let user = ["alice", "bob", "carol", "dave", "backup"][person as usize];
        let port = 32_768 + number * 7_919 % 28_000;
        let _ = writeln!(text, "192.0.2.{} {user} {port}", person * 3 + number % 3);
    }
    text + "203.0.113.77 root 4\n"
}

#[test]
fn anomalies_say_what_is_accepted_where_there_is_no_table() {
    let bed = Bed::new("anomalies-say-what-is-accepted");
    bed.write("empty.csv", b"");
    bed.write("random.bin", [0_u8, 159, 3, 255, 0, 17].repeat(40));
    bed.write("prose.txt", b"One word\nand then some more of them\nthe end of it\n");
    bed.write("table.txt", table());
    let anomalies = |arguments: &[&str]| bed.run(&[&["logs", "anomalies", "-q"], arguments].concat());
    for (input, said) in [
        ("empty.csv", "error: there is no row in 'empty.csv'"),
        (
            "random.bin",
            "error: 'random.bin' is no table but application/octet-stream",
        ),
        (
            "prose.txt",
            "error: there is no table in 'prose.txt': its lines do not have as many cells as one another",
        ),
        (".", "error: '.' is a folder"),
    ] {
        let ran = anomalies(&[input]);
        ran.expect(2, &[said]);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("hint: "), "{ran:#?}");
    }
    anomalies(&["table.txt", "--columns", "nobody"]).expect(2, &["error: 'table.txt' has no column 'nobody'"]);
    let ran = anomalies(&["table.txt", "--budget", "0.1"]);
    assert!(
        ran.code == 0 && ran.stdout.contains(" 1 row is unlike the others;"),
        "{ran:#?}"
    );
}

#[test]
fn anomalies_are_written_in_every_format() {
    let bed = Bed::new("anomalies-are-written-in-every");
    bed.write("table.txt", table());
    bed.write("table.txt.gz", gzip(table().as_bytes()));
    let run = |format: &str| {
        bed.run(&[
            "logs",
            "anomalies",
            "-q",
            "table.txt",
            "--budget",
            "0.1",
            "--format",
            format,
        ])
    };
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "anomalies"]).stdout).unwrap();
    let whole: Value = serde_json::from_str(&run("json").stdout).unwrap();
    let problems = schema::problems(&schema, &whole);
    assert!(problems.is_empty(), "{problems:#?}\n{whole:#}");
    assert_eq!(
        (&whole["rows"], &whole["raised"][0]["line"], &whole["raised_in_all"]),
        (&601.into(), &601.into(), &1.into())
    );
    let lines = run("ndjson").json_lines();
    assert_eq!(
        (&lines[0]["record"], &lines[0]["text"], &lines[1]["record"]),
        (&"anomaly".into(), &"203.0.113.77 root 4".into(), &"table".into())
    );
    let csv = run("csv").stdout;
    assert!(csv.starts_with("line,p_value,text,reasons\r\n601,"), "{csv}");
    let screen = run("text").stdout;
    assert!(screen.contains("203[.]0[.]113[.]77 root 4"), "{screen}");
    assert_eq!(run("sarif").code, 2);
    // Packed, and packed and broken off.
    let packed = bed.run(&["logs", "anomalies", "-q", "table.txt.gz", "--budget", "0.1"]);
    assert!(packed.code == 0 && packed.stdout == screen, "{packed:#?}");
    let whole = gzip(table().as_bytes());
    bed.write("cut.gz", &whole[..whole.len() - 20]);
    let cut = bed.run(&["logs", "anomalies", "-q", "cut.gz"]);
    assert!(cut.code == 3 && cut.stdout.contains("gzip"), "{cut:#?}");
}
