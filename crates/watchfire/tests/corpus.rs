//! The corpus as a person would hand it over: whole folders, through `triage` and through `extract`, with one thread and
//! with two.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::path::{Path, PathBuf};
use watchfire::model::Severity;
use watchfire::{Config, Input, Links, LogsRequest, Scope, Silent, Style, Surroundings, Value, Watchfire};
use watchfire_testkit::corpus;

/// No environment, a fixed day: nothing of the machine gets in.
fn watchfire(threads: u64) -> Watchfire {
    let mut config = Config::load(None, Surroundings::default()).expect("no configuration is a configuration");
    config.set("threads", Value::Number(threads), "--threads");
    config.set("as-of", Value::Text("2026-11-02T12:00:00Z".to_owned()), "--as-of");
    Watchfire::new(&config).expect("the defaults are sound")
}

/// The report on `folder`, as JSON.
fn triage(folder: &Path, threads: u64) -> Vec<u8> {
    let report = watchfire(threads)
        .triage([Input::Path(folder.to_owned())], Links::Skip, &Silent)
        .expect("the folder holds files");
    let panicked: Vec<_> = report
        .diagnostics
        .iter()
        .filter(|entry| entry.code.ends_with("-panic"))
        .collect();
    assert!(panicked.is_empty(), "{}: {panicked:?}", folder.display());
    assert_eq!(
        report.coverage.inputs,
        report.coverage.inputs_read,
        "{}",
        folder.display()
    );
    let mut json = Vec::new();
    let exporter = watchfire::exporter("json").expect("there is JSON");
    exporter
        .report(&report, &Style::default(), &mut json)
        .expect("memory can be written to");
    json
}

/// The observables of `folder`, as NDJSON.
fn extract(folder: &Path, threads: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let outcome = watchfire(threads)
        .extract(
            [Input::Path(folder.to_owned())],
            Links::Skip,
            Scope::Distinct,
            (
                watchfire::exporter("ndjson").expect("there is NDJSON"),
                &Style::default(),
            ),
            &mut out,
            &Silent,
        )
        .expect("memory can be written to")
        .expect("the folder holds files");
    assert_eq!(outcome.inputs, outcome.inputs_read, "{}", folder.display());
    out
}

/// The corpus's folders, one by one: a report on all of it at once would tell less where it fails.
fn folders(test: &str) -> Vec<PathBuf> {
    let Some(root) = corpus::corpus(test) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("the corpus can be read")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn every_folder_is_triaged_the_same_with_any_number_of_threads() {
    for folder in folders("every_folder_is_triaged_the_same_with_any_number_of_threads") {
        let (one, two) = (triage(&folder, 1), triage(&folder, 2));
        assert!(one == two, "{}: two threads give another report", folder.display());
    }
}

#[test]
fn every_folder_is_extracted_the_same_with_any_number_of_threads() {
    for folder in folders("every_folder_is_extracted_the_same_with_any_number_of_threads") {
        let (one, two) = (extract(&folder, 1), extract(&folder, 2));
        assert!(one == two, "{}: two threads give another list", folder.display());
    }
}

/// Logs of systems at work, weeks of some: what is told loudly of them would be told wrongly.
#[test]
fn logs_of_systems_at_work_are_quiet() {
    let Some(root) = corpus::corpus("logs_of_systems_at_work_are_quiet") else {
        return;
    };
    let request = LogsRequest {
        rules: vec![root.join("sigma/rules")],
        status: Some("test".to_owned()),
        ..LogsRequest::default()
    };
    let systems = [
        "BGL",
        "HDFS",
        "HPC",
        "Hadoop",
        "Linux",
        "OpenStack",
        "Proxifier",
        "Spark",
        "Thunderbird",
    ];
    for system in systems {
        let log = root.join(format!("loghub/{system}/{system}_2k.log"));
        let report = watchfire(1)
            .read_logs([Input::Path(log)], Links::Skip, &request, None, &Silent)
            .expect("the log can be read");
        let loud = report
            .findings
            .iter()
            .filter(|finding| finding.severity >= Severity::High);
        let loud: Vec<&str> = loud.map(|finding| finding.title.as_str()).collect();
        assert!(loud.is_empty(), "{system}: {loud:?}");
    }
}
