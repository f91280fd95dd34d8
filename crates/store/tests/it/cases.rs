//! Cases: what triage and people do to them, what holds them together, and how they are forgotten.

use crate::bed::{Opened, at, by, ip, name};
use std::fs;
use watchfire_model::{ArtifactId, Moment, Observable, Severity, Verdict};
use watchfire_store::{
    CaseArtifact, CaseObservable, CaseReport, Change, Description, Fault, Kept, NewTimes, NewTriage, Resolution,
    Restored, Scrub, Status, Store, verify_events,
};

pub(crate) fn observable(observable: Observable) -> CaseObservable {
    CaseObservable {
        observable,
        is_telling: true,
    }
}

pub(crate) fn artifact(path: &str, seen: &[&str]) -> CaseArtifact {
    CaseArtifact {
        sha256: Some(ArtifactId::of(path.as_bytes())),
        path: path.into(),
        size: path.len() as u64,
        media_type: "text/plain".into(),
        depth: 0,
        observables: seen.iter().map(|value| observable(ip(value))).collect(),
        sealed: None,
    }
}

pub(crate) fn triage(content: &str, artifacts: Vec<CaseArtifact>) -> NewTriage {
    NewTriage {
        title: "a message asks for money".into(),
        kind: "mail",
        severity: Some(Severity::Medium),
        tlp: None,
        occurred: Some(at(-3600)),
        report: CaseReport {
            digest: ArtifactId::of(content.as_bytes()),
            made: at(0),
            verdict: Verdict::Suspicious,
            score: 50,
            content: content.as_bytes().to_vec(),
        },
        artifacts,
    }
}

fn open(store: &Store, called: &str, seen: &[&str]) {
    let found = triage(called, vec![artifact(called, seen)]);
    assert!(store.cases().extend(called, &found, &by(0)).unwrap().is_new);
}

fn refused(result: watchfire_store::Result<impl std::fmt::Debug>, why: &str) {
    let error = result.unwrap_err();
    assert!(error.to_string().contains(why), "{error}");
}

#[test]
fn the_same_twice_is_kept_once() {
    let store = Opened::new("case-extend");
    let cases = store.cases();
    let first = triage("one", vec![artifact("a.eml", &["198.51.100.7", "198.51.100.8"])]);
    let done = cases.extend("Invoice 7", &first, &by(0)).unwrap();
    assert!(done.is_new && done.report);
    assert_eq!((done.artifacts, done.observables, done.case.number), (1, 2, 1));
    let again = cases.extend("invoice 7", &first, &by(5)).unwrap();
    assert!(!again.is_new && !again.report);
    assert_eq!((again.artifacts, again.observables, again.case.number), (0, 0, 1));
    let mut worse = triage("two", vec![artifact("b.eml", &["198.51.100.7"])]);
    worse.severity = Some(Severity::Critical);
    worse.report.verdict = Verdict::Malicious;
    worse.occurred = Some(at(-7200));
    let grown = cases.extend("WF-2026-0001", &worse, &by(9)).unwrap().case;
    assert_eq!(
        (grown.severity, grown.verdict),
        (Some(Severity::Critical), Verdict::Malicious)
    );
    assert_eq!((grown.times.occurred, grown.times.detected), (Some(at(-7200)), at(0)));
    let counts = cases.counts(1).unwrap();
    assert_eq!((counts.artifacts, counts.reports), (2, 2));
    refused(cases.extend("12", &first, &by(0)), "it reads as the number of a case");
    refused(cases.extend("\u{1b}[31m", &first, &by(0)), "not a name");
    assert_eq!(store.check().unwrap().cases, 1);
}

#[test]
fn a_case_goes_its_way() {
    let store = Opened::new("case-way");
    open(&store, "c", &[]);
    let cases = store.cases();
    let status = || cases.find("c").unwrap().unwrap().status();
    assert_eq!(status(), Status::New);
    cases.change("c", &Change::Assign(Some("ana".into())), &by(10)).unwrap();
    assert_eq!(status(), Status::InProgress);
    cases.change("1", &Change::Contain, &by(20)).unwrap();
    assert_eq!(status(), Status::Contained);
    let done = Change::Resolve(Resolution::TruePositive, "blocked, and the account was reset".into());
    let case = cases.change("c", &done, &by(30)).unwrap();
    assert_eq!(
        (case.status(), case.resolution),
        (Status::Resolved, Some(Resolution::TruePositive))
    );
    assert_eq!(case.times.acknowledged, Some(at(10)));
    refused(cases.change("c", &done, &by(31)), "resolved already");
    refused(cases.change("c", &Change::Contain, &by(31)), "reopen it first");
    cases
        .change("c", &Change::Reopen("it came back".into()), &by(40))
        .unwrap();
    assert_eq!(status(), Status::Contained);
    refused(
        cases.change("c", &Change::Note(" \n".into()), &by(41)),
        "a note is empty",
    );
    refused(cases.change("x", &Change::Acknowledge, &by(41)), "there is no case 'x'");
    cases
        .change("c", &Change::AddTask("call the bank".into()), &by(50))
        .unwrap();
    cases.change("c", &Change::FinishTask(1), &by(51)).unwrap();
    refused(cases.change("c", &Change::FinishTask(1), &by(52)), "done already");
    refused(cases.change("c", &Change::FinishTask(2), &by(52)), "no task 2");
    cases
        .change("c", &Change::Tag(vec![name("bec")], vec![]), &by(53))
        .unwrap();
    refused(
        cases.change("c", &Change::Tag(vec![name("bec")], vec![]), &by(54)),
        "as they should be",
    );
    let times = NewTimes {
        occurred: Some(at(-99)),
        ..NewTimes::default()
    };
    cases.change("c", &Change::Times(times), &by(55)).unwrap();
    // What somebody said counts for more than what evidence says.
    cases.extend("c", &triage("again", vec![]), &by(56)).unwrap();
    let said = Description {
        kind: Some(name("bec")),
        ..Description::default()
    };
    let case = cases.change("c", &Change::Describe(said), &by(57)).unwrap();
    assert_eq!((case.times.occurred, case.kind), (Some(at(-99)), name("bec")));
    let record = cases.record(case.id, Kept::Without).unwrap();
    verify_events(&record.events).unwrap();
    let actions: Vec<&str> = record.events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "opened",
            "triaged",
            "assigned",
            "contained",
            "resolved",
            "reopened",
            "task-added",
            "task-done",
            "tagged",
            "timed",
            "triaged",
            "described"
        ]
    );
    assert_eq!(store.check().unwrap().audit.entries, actions.len() as u64);
}

#[test]
fn cases_are_linked_by_what_both_hold_and_few_others_do() {
    let store = Opened::new("case-links");
    let cases = store.cases();
    open(&store, "a", &["198.51.100.1", "198.51.100.2", "198.51.100.3"]);
    open(&store, "b", &["198.51.100.2", "198.51.100.3"]);
    open(&store, "c", &["198.51.100.3"]);
    let mut own = artifact("own", &["198.51.100.1"]);
    own.observables[0].is_telling = false;
    cases.extend("d", &triage("own", vec![own]), &by(0)).unwrap();
    let links = |number| -> Vec<(String, u64)> {
        let links = cases.links(number).unwrap();
        links.iter().map(|link| (link.name.to_string(), link.count)).collect()
    };
    assert_eq!(links(1), [("b".to_owned(), 2), ("c".to_owned(), 1)]);
    assert_eq!(links(4), []);
    for number in 0..watchfire_store::CaseLink::UBIQUITOUS {
        open(&store, &format!("more {number}"), &["198.51.100.3"]);
    }
    assert_eq!(links(1), [("b".to_owned(), 1)], "what many hold says nothing");
}

#[test]
fn cases_are_merged_and_split() {
    let store = Opened::new("case-merge");
    let cases = store.cases();
    open(&store, "a", &["198.51.100.1"]);
    open(&store, "b", &["198.51.100.2"]);
    cases.change("a", &Change::Note("look here".into()), &by(1)).unwrap();
    cases.change("a", &Change::AddTask("do this".into()), &by(2)).unwrap();
    cases.change("b", &Change::AddTask("do that".into()), &by(3)).unwrap();
    let merged = cases.merge("a", "b", &by(4)).unwrap();
    let record = cases.record(merged.id, Kept::Without).unwrap();
    assert_eq!(
        (record.artifacts.len(), record.reports.len(), record.tasks.len()),
        (2, 2, 2)
    );
    assert!(
        record
            .events
            .iter()
            .any(|event| event.text.raw().contains("in 'a') look here"))
    );
    let gone = cases.find("a").unwrap().unwrap();
    assert_eq!(
        (gone.status(), gone.resolution),
        (Status::Resolved, Some(Resolution::Duplicate))
    );
    assert_eq!(gone.merged_into, Some(merged.id));
    refused(cases.merge("a", "b", &by(5)), "part of another one");
    refused(cases.merge("b", "b", &by(5)), "part of itself");
    refused(cases.extend("a", &triage("x", vec![]), &by(5)), "part of another one");
    refused(
        cases.change("a", &Change::Reopen("".into()), &by(5)),
        "part of another one",
    );

    refused(
        cases.split("b", &["nothing".to_owned()], "c", &by(6)),
        "no artifact 'nothing'",
    );
    refused(cases.split("b", &["a".to_owned()], "b", &by(6)), "already");
    let split = cases.split("b", &["a".to_owned()], "c", &by(6)).unwrap();
    let record = cases.record(split.id, Kept::Without).unwrap();
    assert_eq!((record.artifacts.len(), record.reports.len()), (1, 2));
    assert_eq!(record.artifacts[0].observables.len(), 1);
    refused(
        cases.split("b", &["b".to_owned()], "d", &by(7)),
        "nothing would be left",
    );
    store.check().unwrap();
}

#[test]
fn what_was_tampered_with_is_found() {
    for (statement, found) in [
        (
            "UPDATE audit SET at = at + 1 WHERE number = 3",
            "entry 3 of the audit log",
        ),
        (
            "UPDATE audit SET who = 'eve' WHERE number = 2",
            "entry 2 of the audit log",
        ),
        (
            "DELETE FROM audit WHERE number = 2",
            "entry 2 of the audit log is missing",
        ),
        (
            "UPDATE case_event SET text = 'all is well' WHERE number = 3",
            "event 3 of case 1",
        ),
        (
            "UPDATE case_event SET who = 'eve' WHERE number = 3",
            "event 3 of case 1",
        ),
        (
            "UPDATE case_event SET salt = NULL WHERE number = 3",
            "event 3 of case 1",
        ),
        ("DELETE FROM case_event WHERE number = 3", "event 3 of case"),
        ("DELETE FROM case_event WHERE number = 2", "event 2 of case 1"),
        ("DELETE FROM case_file", "in the audit log and nowhere else"),
    ] {
        let store = Opened::new("case-tampered");
        open(&store, "c", &[]);
        store
            .cases()
            .change("c", &Change::Note("it is bad".into()), &by(1))
            .unwrap();
        store.check().unwrap();
        let raw = store.bed.raw();
        raw.execute_batch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_cut; PRAGMA foreign_keys = ON")
            .unwrap();
        assert_eq!(raw.execute(statement, []).unwrap(), 1, "{statement}");
        let error = store.check().unwrap_err();
        assert!(matches!(error.fault(), Fault::Corrupt(_)), "{statement}: {error}");
        assert!(error.to_string().contains(found), "{statement}: {error}");
    }
}

#[test]
fn a_case_goes_elsewhere_and_comes_back() {
    let (here, there) = (Opened::new("case-here"), Opened::new("case-there"));
    open(&here, "c", &["198.51.100.1"]);
    let id = here.cases().find("c").unwrap().unwrap().id;
    let record = |store: &Store| store.cases().record(id, Kept::With).unwrap();
    let sent = record(&here);
    assert!(matches!(
        there.cases().restore(&sent, &by(1)).unwrap(),
        Restored::New(_)
    ));
    assert_eq!(record(&there), sent);
    assert!(matches!(
        there.cases().restore(&sent, &by(2)).unwrap(),
        Restored::Known(_)
    ));
    there.cases().change("c", &Change::Note("seen".into()), &by(3)).unwrap();
    assert!(matches!(
        there.cases().restore(&sent, &by(4)).unwrap(),
        Restored::Known(_)
    ));
    let back = record(&there);
    assert!(matches!(
        here.cases().restore(&back, &by(5)).unwrap(),
        Restored::Extended(_, 1)
    ));
    assert_eq!(record(&here), back);
    here.check().unwrap();
    there.check().unwrap();

    here.cases().change("c", &Change::Note("mine".into()), &by(6)).unwrap();
    there
        .cases()
        .change("c", &Change::Note("yours".into()), &by(6))
        .unwrap();
    refused(
        here.cases().restore(&record(&there), &by(7)),
        "went on on its own in both places",
    );
    let mut forged = back.clone();
    forged.events[2].text = "not seen".into();
    refused(here.cases().restore(&forged, &by(8)), "event 3 is not what was written");
    open(&there, "other", &[]);
    let other = there.cases().find("other").unwrap().unwrap().id;
    let mut named = there.cases().record(other, Kept::With).unwrap();
    named.case.name = watchfire_store::CaseName::parse("C").unwrap();
    refused(here.cases().restore(&named, &by(9)), "another case is called 'C' here");
    assert_eq!(here.cases().list().unwrap().len(), 1);
    here.check().unwrap();
}

/// Finds a word.
struct Word(&'static str);

impl Scrub for Word {
    fn text(&self, text: &str) -> Option<String> {
        text.contains(self.0).then(|| text.replace(self.0, "[erased]"))
    }

    fn report(&self, content: &[u8]) -> Result<Option<Vec<u8>>, String> {
        Ok(self.text(std::str::from_utf8(content).unwrap()).map(String::into_bytes))
    }
}

#[test]
fn what_is_erased_is_nowhere_in_the_file_and_the_chains_hold() {
    let store = Opened::new("case-erase");
    let cases = store.cases();
    let who = "evelyn.zimmer";
    let mut seen = artifact("for evelyn.zimmer.eml", &[]);
    seen.sealed = Some(b"sealed".to_vec());
    cases
        .extend(
            &format!("about {who}"),
            &triage(&format!("to {who}"), vec![seen]),
            &by(0),
        )
        .unwrap();
    cases
        .change("1", &Change::Note(format!("called {who}").as_str().into()), &by(1))
        .unwrap();
    cases
        .change("1", &Change::AddTask(format!("tell {who}").as_str().into()), &by(2))
        .unwrap();
    cases.change("1", &Change::Assign(Some(who.into())), &by(3)).unwrap();
    open(&store, "another", &[]);
    let erased = cases.erase(&Word("evelyn.zimmer"), &by(4)).unwrap();
    assert_eq!((erased.cases, erased.reports, erased.files, erased.left), (1, 1, 1, 0));
    store.vacuum().unwrap();
    for ending in ["", "-wal"] {
        let path = format!("{}{ending}", store.bed.file().display());
        let bytes = fs::read(path).unwrap_or_default();
        assert!(
            !bytes.windows(who.len()).any(|window| window == who.as_bytes()),
            "{ending}"
        );
    }
    store.check().unwrap();
    cases.change("1", &Change::Note("done".into()), &by(5)).unwrap();
    store.check().unwrap();
    assert_eq!(cases.erase(&Word("evelyn.zimmer"), &by(6)).unwrap().cases, 0);
}

#[test]
fn what_is_purged_is_gone() {
    let store = Opened::new("case-purge");
    let cases = store.cases();
    for (called, end) in [("old", Some(10)), ("young", Some(100_000)), ("open", None)] {
        open(&store, called, &["198.51.100.1"]);
        if let Some(end) = end {
            let change = Change::Resolve(Resolution::Benign, "ours".into());
            cases.change(called, &change, &by(end)).unwrap();
        }
    }
    let purged = cases.purge_resolved(at(1000), &by(200_000)).unwrap();
    assert_eq!(
        purged.iter().map(|case| case.name.as_str()).collect::<Vec<_>>(),
        ["old"]
    );
    cases.purge("open", &by(200_001)).unwrap();
    refused(cases.purge("open", &by(200_002)), "there is no case 'open'");
    assert_eq!(store.check().unwrap().cases, 1);
    let rows: i64 = store
        .bed
        .raw()
        .query_row(
            "SELECT (SELECT count(*) FROM case_artifact) + (SELECT count(*) FROM case_report)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(rows, 2);
    let last = store.audit().latest(1).unwrap().remove(0);
    assert_eq!(last.action, name("case-purged"));
    assert!(last.at > Moment::from_unix(0));
}
