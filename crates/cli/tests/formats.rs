//! What machines read: it parses, it fits its schema, and it is safe to open.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, schema};
use serde_json::Value;
use watchfire_testkit::archive::Zip;

const REPORT: &str = "C2 at hxxps://cdn-update[.]example/api/v2/ping and 203[.]0[.]113[.]7, again 203.0.113.7\n\
    mail ops@corp.example, CVE-2026-1234, T1071.001\n";

fn schema_of(bed: &Bed, name: &str) -> Value {
    serde_json::from_str(&bed.run(&["schema", name]).expect(0, &[]).stdout).unwrap()
}

#[track_caller]
fn fits(schema: &Value, value: &Value) {
    let problems = schema::problems(schema, value);
    assert!(problems.is_empty(), "{problems:#?}\n{value:#}");
}

/// A mailbox of things to triage: text, a page, and an archive that deserves findings.
fn inputs(bed: &Bed) {
    bed.write("report.txt", REPORT);
    bed.write(
        "page.html",
        "<html><a href=\"http://203.0.113.7/x\">https://bank.example</a></html>",
    );
    bed.write("invoice.zip", suspicious_zip());
    bed.write("broken.zip", suspicious_zip().get(..60).unwrap());
}

fn suspicious_zip() -> Vec<u8> {
    Zip::new().file("invoice.pdf.exe", b"MZ\x90\0inert").build()
}

#[test]
fn the_lines_of_extract_fit_their_schema() {
    let bed = Bed::new("lines");
    inputs(&bed);
    let schema = schema_of(&bed, "observable");
    for arguments in [
        &["extract", "."][..],
        &["extract", "--all", "--context", "10", "."],
        &["extract", "--defang", "--pattern", "word=ag.in", "."],
    ] {
        let mut all = arguments.to_vec();
        all.extend(["--format", "ndjson"]);
        let lines = bed.run(&all).expect(0, &[]).json_lines();
        assert!(lines.len() > 5, "{lines:?}");
        lines.iter().for_each(|line| fits(&schema, line));
    }
}

#[test]
fn a_line_begins_as_the_contract_says() {
    let bed = Bed::new("contract");
    bed.write("report.txt", "first 203[.]0[.]113[.]7 then\n");
    let ran = bed.run(&["extract", "--format", "ndjson", "report.txt"]);
    let expected = "{\"type\":\"ipv4\",\"value\":\"203.0.113.7\",\"raw\":\"203[.]0[.]113[.]7\",\"start\":6,\"end\":23,\
        \"line\":1,\"defanged\":true,\"count\":1,\"source\":\"report.txt\",";
    assert!(ran.stdout.starts_with(expected), "{ran:#?}");
}

#[test]
fn the_document_of_extract_fits_its_schema() {
    let bed = Bed::new("document");
    inputs(&bed);
    let schema = schema_of(&bed, "observables");
    let ran = bed.run(&["extract", "--format", "json", "."]);
    fits(&schema, &serde_json::from_str(&ran.expect(0, &[]).stdout).unwrap());
    bed.write("none.txt", "nothing in here");
    let ran = bed.run(&["extract", "--format", "json", "none.txt"]);
    fits(&schema, &serde_json::from_str(&ran.expect(0, &[]).stdout).unwrap());
}

#[test]
fn reports_fit_their_schemas() {
    let bed = Bed::new("report");
    inputs(&bed);
    let ran = bed.run(&["triage", "--format", "json", "--tlp", "amber", "."]);
    let report: Value = serde_json::from_str(&ran.expect(0, &[]).stdout).unwrap();
    fits(&schema_of(&bed, "report"), &report);
    let lines = bed
        .run(&["triage", "--format", "ndjson", "."])
        .expect(0, &[])
        .json_lines();
    let schema = schema_of(&bed, "record");
    lines.iter().for_each(|line| fits(&schema, line));
    assert_eq!(lines.last().map(|line| &line["record"]), Some(&Value::from("summary")));
}

/// Runs `arguments` with one thread and with four.
#[track_caller]
fn check_threads(bed: &Bed, arguments: &[&str]) {
    let run = |threads| {
        let mut all = arguments.to_vec();
        all.extend(["--threads", threads]);
        bed.run(&all).stdout
    };
    let one = run("1");
    assert!(!one.is_empty(), "{arguments:?}");
    assert_eq!(one, run("4"), "{arguments:?}");
}

#[test]
fn results_do_not_depend_on_threads() {
    let bed = Bed::new("threads");
    inputs(&bed);
    for verb in [
        &["extract"][..],
        &["extract", "--all"],
        &["triage", "--as-of", "2026-11-02"],
    ] {
        for format in ["text", "json", "ndjson", "csv"] {
            let mut arguments = verb.to_vec();
            arguments.extend(["--format", format, "."]);
            check_threads(&bed, &arguments);
        }
    }
}

#[test]
fn one_large_input_does_not_depend_on_threads_either() {
    let bed = Bed::new("large");
    bed.write("big.txt", REPORT.repeat(16_000));
    check_threads(&bed, &["extract", "--format", "ndjson", "big.txt"]);
    check_threads(
        &bed,
        &["triage", "--format", "ndjson", "--as-of", "2026-11-02", "big.txt"],
    );
}

#[test]
fn a_spreadsheet_finds_no_formula() {
    let bed = Bed::new("formula");
    bed.write(
        "=cmd.txt",
        "=cmd|'/C calc'!A0 \"quoted\", and\n+SUM(1)\n@SUM(1)\n-2+3\n",
    );
    let ran = bed.run(&[
        "extract",
        "--format",
        "csv",
        "--pattern",
        "cell=[=+@-].*",
        "--only",
        "pattern",
        "=cmd.txt",
    ]);
    ran.expect(0, &[]);
    let cells: Vec<&str> = ran.stdout.lines().skip(1).collect();
    assert_eq!(cells.len(), 4, "{ran:#?}");
    for (row, start) in cells
        .iter()
        .zip(["pattern,\"'=cmd|", "pattern,'+SUM(1)", "pattern,'@SUM", "pattern,'-2+3"])
    {
        assert!(row.starts_with(start), "{row}");
        assert!(row.contains(",'=cmd.txt,"), "{row}");
    }
    let triage = bed.run(&["triage", "--format", "csv", "=cmd.txt"]);
    let formula = |line: &&str| {
        line.split(',')
            .any(|cell| cell.trim_matches('"').starts_with(['=', '+', '-', '@']))
    };
    assert_eq!(triage.stdout.lines().find(formula), None);
}

#[test]
fn bad_verdicts_can_fail_a_script() {
    let bed = Bed::new("fail-on");
    bed.write("invoice.zip", suspicious_zip());
    bed.write("good.txt", "nothing to see");
    bed.run(&["triage", "invoice.zip"]).expect(0, &[]);
    bed.run(&["triage", "--fail-on", "suspicious", "invoice.zip"])
        .expect(1, &[]);
    bed.run(&["triage", "--fail-on", "suspicious", "good.txt"])
        .expect(0, &[]);
    // Nothing could be read comes first, a bad verdict before some that could not.
    bed.run(&["triage", "--fail-on", "suspicious", "none"]).expect(2, &[]);
    bed.run(&["triage", "--fail-on", "suspicious", "none", "invoice.zip"])
        .expect(1, &[]);
}

#[test]
fn refang_undoes_defang() {
    let bed = Bed::new("filters");
    let text = "see http://evil.example/a and 203.0.113.7\nplain\nlast line without an end";
    let defanged = bed.pipe(&["defang"], text.as_bytes());
    assert!(
        defanged.expect(0, &[]).stdout.contains("hxxp://evil[.]example/a"),
        "{defanged:#?}"
    );
    let live = bed.pipe(&["refang"], defanged.stdout.as_bytes());
    assert_eq!(live.expect(0, &[]).stdout, text);
    bed.run(&["defang", "none"])
        .expect(2, &["error: cannot read 'none': there is no such file or folder"]);
}

#[test]
fn files_are_followed_as_they_grow() {
    use std::io::{BufRead, BufReader, Write};
    let bed = Bed::new("follow");
    let path = bed.write("log", "first 203.0.113.7 here\n");
    let mut child = bed
        .command(&["extract", "--follow", "--format", "ndjson", "--only", "ipv4", "log"])
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let (send, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    let wait = std::time::Duration::from_secs(60);
    let first = lines.recv_timeout(wait).unwrap();
    assert!(first.contains("203.0.113.7") && !first.contains("\"count\""), "{first}");
    let mut log = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    log.write_all(b"again 203.0.113.7 and 198.51.100.9 there\n").unwrap();
    let second = lines.recv_timeout(wait).unwrap();
    assert!(
        second.contains("198.51.100.9") && second.contains("\"line\":2"),
        "{second}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}
