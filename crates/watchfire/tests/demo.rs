//! The demo, held to what ships with it: `expected.json` states what must be seen and what must not.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use watchfire::model::{ArtifactRecord, Confidence, DiagnosticSeverity, Report, Role, TieKind, Verdict};
use watchfire::{Config, Demo, Detail, Input, Links, Silent, Style, Surroundings, Watchfire};

/// The demo in a folder of its own.
struct Bed {
    demo: Demo,
    folder: PathBuf,
}

impl Bed {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("watchfire-demo-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let demo = watchfire::demo(&folder.join("demo")).expect("a new folder can be written to");
        let bed = Self { demo, folder };
        bed.demo
            .import_feeds(&bed.config())
            .expect("the demo's feeds can be read");
        bed
    }

    /// As anybody has it who names the demo's own configuration.
    fn config(&self) -> Config {
        Config::load(Some(&self.demo.config), Surroundings::default()).unwrap()
    }

    fn expected(&self) -> Value {
        let text = std::fs::read(self.demo.folder.join("expected.json")).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn watchfire(&self) -> Watchfire {
        Watchfire::new(&self.config()).unwrap()
    }

    /// What `check` says of a value, as machines read it.
    fn check(&self, value: &str) -> Value {
        let exporter = watchfire::exporter("ndjson").unwrap();
        let mut out = Vec::new();
        self.watchfire()
            .check(
                &mut value.as_bytes(),
                (exporter, Detail::Card, &Style::default()),
                &mut out,
                &Silent,
            )
            .unwrap()
            .unwrap();
        let first = String::from_utf8(out).unwrap();
        serde_json::from_str(first.lines().next().unwrap()).unwrap()
    }

    fn triage(&self, inputs: Vec<Input>) -> Report {
        self.watchfire().triage(inputs, Links::Skip, &Silent).unwrap()
    }

    /// Artifacts of one of the demo's files: itself and what it holds.
    fn of_file<'r>(&self, report: &'r Report, file: &str) -> Vec<&'r ArtifactRecord> {
        let root = self.path(file);
        let below = format!("{root} ▸ ");
        let mine = |artifact: &&ArtifactRecord| artifact.path.raw() == root || artifact.path.raw().starts_with(&below);
        report.artifacts.iter().filter(mine).collect()
    }

    fn path(&self, file: &str) -> String {
        let mut path = self.demo.folder.clone();
        path.extend(Path::new(file));
        path.display().to_string()
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn rows<'v>(expected: &'v Value, name: &str) -> &'v Vec<Value> {
    let rows = expected[name].as_array().unwrap();
    assert!(!rows.is_empty(), "'{name}' expects nothing");
    rows
}

fn text<'v>(row: &'v Value, name: &str) -> &'v str {
    row[name].as_str().unwrap()
}

/// What of `wanted` is not in one of the file's artifacts, in words. The value `*` stands for any.
fn missing(bed: &Bed, report: &Report, wanted: &Value, least: Confidence) -> Option<String> {
    let artifacts = bed.of_file(report, text(wanted, "file"));
    let role = wanted.get("role").and_then(Value::as_str);
    let mut alike = artifacts
        .iter()
        .flat_map(|artifact| &artifact.observables)
        .filter(|seen| {
            seen.confidence >= least
                && seen.observable.kind().name() == text(wanted, "type")
                && ["*", seen.observable.raw()].contains(&text(wanted, "value"))
        })
        .peekable();
    if alike.peek().is_none() {
        return Some(format!("not seen: {wanted}"));
    }
    let apart = wanted.get("apart").is_some();
    let wanted_role = |seen: &watchfire::model::Observed| {
        let name = serde_json::to_value(seen.role).unwrap();
        role.is_none_or(|role| name == role) && (!apart || matches!(seen.role, Role::Publisher | Role::Reference))
    };
    if alike.clone().any(wanted_role) {
        return None;
    }
    let roles: Vec<_> = alike.map(|seen| (seen.role, seen.role_reason)).collect();
    Some(format!("another role: {wanted}, but {roles:?}"))
}

#[test]
fn what_must_be_seen_is_seen_and_nothing_else_alarms() {
    let bed = Bed::new("expected");
    let expected = bed.expected();
    let report = bed.triage(bed.demo.inputs.clone());
    assert_eq!(report.judgement.verdict.as_str(), text(&expected, "verdict"));
    assert_eq!(report.coverage.inputs, report.coverage.inputs_read);
    // Formats without a reader are said to be read as text only; nothing worse may happen.
    let worse: Vec<_> = report
        .diagnostics
        .iter()
        .filter(|remark| remark.severity > DiagnosticSeverity::Note)
        .collect();
    assert!(worse.is_empty(), "{worse:#?}");

    let mut complaints: Vec<String> = rows(&expected, "observables")
        .iter()
        .filter_map(|wanted| missing(&bed, &report, wanted, Confidence::Low))
        .collect();
    for unwanted in rows(&expected, "absent") {
        if missing(&bed, &report, unwanted, Confidence::Medium).is_none() {
            complaints.push(format!("seen: {unwanted}"));
        }
    }
    for wanted in rows(&expected, "titles") {
        let path = bed.path(text(wanted, "file"));
        let is_said = report.findings.iter().any(|finding| {
            let at = finding.evidence().first().map(|at| at.path.raw());
            at == Some(path.as_str()) && finding.title.contains(text(wanted, "says"))
        });
        if !is_said {
            complaints.push(format!("no finding says: {wanted}"));
        }
    }
    for wanted in rows(&expected, "remarks") {
        let path = bed.path(text(wanted, "file"));
        let is_said = report
            .diagnostics
            .iter()
            .any(|remark| remark.artifact.raw() == path && remark.message.raw().contains(text(wanted, "says")));
        if !is_said {
            complaints.push(format!("no remark says: {wanted}"));
        }
    }
    for wanted in rows(&expected, "artifacts") {
        let path = bed.path(text(wanted, "path"));
        let found = report.artifacts.iter().any(|artifact| {
            let id = artifact.sha256.map(|id| id.to_string()).unwrap_or_default();
            artifact.path.raw() == path && id == text(wanted, "sha256")
        });
        if !found {
            complaints.push(format!("not taken apart: {wanted}"));
        }
    }
    let mut found: Vec<(String, &str)> = report
        .findings
        .iter()
        // The model's word changes with each training.
        .filter(|finding| finding.rule.0 != "mail-phishing-model")
        .flat_map(|finding| {
            finding
                .evidence()
                .iter()
                .take(1)
                .map(|at| (at.path.raw(), finding.rule.0))
        })
        .map(|(path, rule)| (path.split(" ▸ ").next().unwrap_or(path).to_owned(), rule))
        .collect();
    let mut wanted: Vec<(String, &str)> = rows(&expected, "findings")
        .iter()
        .map(|row| (bed.path(text(row, "file")), text(row, "rule")))
        .collect();
    found.sort();
    // A rule may find several things in a file.
    found.dedup();
    wanted.sort();
    if found != wanted {
        complaints.push(format!("findings: expected {wanted:#?}, found {found:#?}"));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_story_is_told_as_it_happened() {
    let bed = Bed::new("story");
    let expected = bed.expected();
    let report = bed.triage(bed.demo.inputs.clone());
    let wanted = rows(&expected, "incidents");
    let told = &report.incidents;
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    for (wanted, told) in wanted.iter().zip(told) {
        assert_eq!(told.verdict.as_str(), text(wanted, "verdict"));
        let files: Vec<String> = rows(wanted, "files")
            .iter()
            .map(|file| bed.path(file.as_str().unwrap()))
            .collect();
        let inputs: Vec<&str> = told.inputs.iter().map(|input| input.raw()).collect();
        assert_eq!(inputs, files);
        let says = rows(wanted, "says");
        let story: Vec<&str> = told.story.iter().map(|chapter| chapter.text.as_str()).collect();
        assert_eq!(story.len(), says.len(), "{story:#?}");
        for (chapter, says) in story.iter().zip(says) {
            assert!(chapter.contains(says.as_str().unwrap()), "{chapter:?} says not {says}");
        }
        let mut ties: Vec<&str> = told.ties.iter().map(|tie| tie.by.as_str()).collect();
        ties.dedup();
        let kinds: Vec<&str> = rows(wanted, "ties").iter().map(|tie| tie.as_str().unwrap()).collect();
        assert_eq!(ties, kinds, "{:#?}", told.ties);
        for tie in told.ties.iter().filter(|tie| tie.by != TieKind::Entered) {
            let is_nobodys = rows(&expected, "joins_nothing")
                .iter()
                .all(|name| *name != tie.value.raw());
            assert!(is_nobodys, "{tie:?}");
        }
        let about = wanted["written_about"].as_array().unwrap();
        assert_eq!(told.written_about.len(), about.len(), "{:?}", told.written_about);
        for (place, file) in told.written_about.iter().zip(about) {
            assert!(place.raw().starts_with(&bed.path(file.as_str().unwrap())), "{place}");
        }
        for chapter in &told.story {
            assert!(!chapter.evidence.is_empty(), "{chapter:?}");
        }
    }
}

#[test]
fn feeds_are_weighed_by_whose_they_are_and_how_old() {
    let bed = Bed::new("reputations");
    let expected = bed.expected();
    let told = bed.triage(bed.demo.inputs.clone()).reputations;
    for wanted in rows(&expected, "reputations") {
        let known = bed.check(text(wanted, "value"));
        let verdict = text(wanted, "verdict");
        assert_eq!(text(&known, "type"), text(wanted, "type"));
        assert_eq!(text(&known["judgement"], "verdict"), verdict, "{known:#}");
        for source in rows(wanted, "sources") {
            let says = |row: &&Value| row["source"] == source["name"] && row["towards"] == source["verdict"];
            let row = rows(&known, "enrichments").iter().find(says);
            assert!(
                row.is_some_and(|row| row["observed"].is_string()),
                "{source} in {known:#}"
            );
        }
        // What is bad is told where it is seen; what is merely known, when somebody asks.
        let told = told.iter().any(|one| one.observable.raw() == text(wanted, "value"));
        assert_eq!(told, ["suspicious", "malicious"].contains(&verdict), "{wanted}");
    }
}

#[test]
fn ordinary_life_alone_is_not_suspicious() {
    let bed = Bed::new("quiet");
    let expected = bed.expected();
    for file in rows(&expected, "quiet") {
        let path = bed.path(file.as_str().unwrap());
        let report = bed.triage(vec![Input::Path(path.into())]);
        assert!(
            report.judgement.verdict < Verdict::Suspicious,
            "{file}: {:#?}",
            report.judgement
        );
    }
}

#[test]
fn the_first_line_is_the_answer() {
    let bed = Bed::new("answer");
    let report = bed.triage(bed.demo.inputs.clone());
    for width in [60, 80, 100, 140] {
        let style = Style {
            width,
            ..Style::default()
        };
        let mut screen = Vec::new();
        watchfire::exporter("text")
            .unwrap()
            .report(&report, &style, &mut screen)
            .unwrap();
        let screen = String::from_utf8(screen).unwrap();
        assert!(screen.starts_with(" █ MALICIOUS  "), "{screen}");
        assert!(screen.lines().any(|line| line.starts_with(" coverage: ")), "{screen}");
        assert!(
            !screen.contains("https://") && !screen.contains("docusign-secure.example"),
            "{screen}"
        );
    }
}
