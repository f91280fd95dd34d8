//! One case as a whole.

use super::{Cases, head, label, packed};
use crate::Problem;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_export::{
    CaseSheet, SheetArtifact, SheetEvent, SheetFinding, SheetLink, SheetNote, SheetTask, SheetValue,
};
use watchfire_model::Untrusted;
use watchfire_store::{CaseId, CaseRecord, Kept};

/// Findings that are shown.
const MOST: usize = 1000;

impl Cases {
    /// A case with all that was found, written, done and is to be done.
    ///
    /// # Errors
    /// When there is no such case, and when it cannot be read.
    pub fn show(&self, called: &str) -> Result<CaseSheet, Problem> {
        let case = self.find(called)?;
        let record = self.store.cases().record(case.id, Kept::Without)?;
        let name_of = |id: Option<CaseId>| -> Result<Untrusted, Problem> {
            let Some(id) = id else { return Ok(Untrusted::default()) };
            let name = self.store.cases().name_of(id)?;
            Ok(name.map_or_else(|| id.to_string(), |name| name.to_string()).into())
        };
        let is_note = |action: &str| action == "noted";
        Ok(CaseSheet {
            schema: "watchfire.case/1",
            version: crate::VERSION,
            head: head(&self.store, &case)?,
            why: case.why.clone(),
            merged_into: name_of(case.merged_into)?,
            split_from: name_of(case.split_from)?,
            met: artifacts(&record),
            findings: findings(&record).map_err(Problem::new)?,
            notes: record
                .events
                .iter()
                .filter(|event| is_note(event.action.as_str()))
                .map(|event| SheetNote {
                    at: event.at,
                    who: event.who.clone(),
                    text: event.text.clone(),
                })
                .collect(),
            tasks: record
                .tasks
                .iter()
                .map(|task| SheetTask {
                    number: task.number,
                    text: task.text.clone(),
                    done: task.done,
                })
                .collect(),
            timeline: timeline(&record),
            links: self.links(case.number)?,
        })
    }

    fn links(&self, number: u64) -> Result<Vec<SheetLink>, Problem> {
        let cases = self.store.cases().list()?;
        let labels: BTreeMap<u64, String> = cases.iter().map(|case| (case.number, label(case))).collect();
        let links = self.store.cases().links(number)?;
        let link = |link: watchfire_store::CaseLink| SheetLink {
            label: labels.get(&link.number).cloned().unwrap_or_default(),
            name: link.name.as_str().into(),
            count: link.count,
            shared: link
                .shared
                .iter()
                .map(|shared| SheetValue {
                    kind: shared.kind().name().to_owned(),
                    value: shared.raw().into(),
                })
                .collect(),
        };
        Ok(links.into_iter().map(link).collect())
    }
}

fn artifacts(record: &CaseRecord) -> Vec<SheetArtifact> {
    let artifacts = record.artifacts.iter();
    artifacts
        .map(|artifact| SheetArtifact {
            path: artifact.path.clone(),
            sha256: artifact.sha256,
            size: artifact.size,
            media_type: artifact.media_type.clone(),
            depth: artifact.depth,
            kept: artifact.sealed.is_some(),
            observables: artifact.observables.len() as u64,
        })
        .collect()
}

/// What people did. A note is told where the notes are.
fn timeline(record: &CaseRecord) -> Vec<SheetEvent> {
    let events = record.events.iter();
    events
        .map(|event| SheetEvent {
            number: event.number,
            at: event.at,
            who: event.who.clone(),
            action: event.action.to_string(),
            text: event.text.clone(),
            hash: event.hash.to_string(),
        })
        .collect()
}

/// What its reports found in what it holds, once each, the gravest first.
fn findings(record: &CaseRecord) -> Result<Vec<SheetFinding>, String> {
    const GRAVE: [&str; 5] = ["critical", "high", "medium", "low", "informational"];
    let held: BTreeSet<String> = record
        .artifacts
        .iter()
        .filter_map(|artifact| artifact.sha256.map(|sha256| sha256.to_string()))
        .collect();
    let mut found = BTreeSet::new();
    for report in &record.reports {
        let report = packed::read(&report.content)?;
        let all = report.get("findings").and_then(Value::as_array);
        for finding in all.into_iter().flatten() {
            let text = |field: &str| finding.get(field).and_then(Value::as_str).unwrap_or_default();
            let evidence = finding.get("evidence").and_then(Value::as_array);
            let evidence: Vec<&Value> = evidence.into_iter().flatten().collect();
            // A report that two cases share tells of both.
            let is_of = |one: &&&Value| {
                let artifact = one.get("artifact").and_then(Value::as_str);
                artifact.is_none_or(|artifact| held.contains(artifact))
            };
            let Some(first) = evidence.iter().find(is_of) else {
                continue;
            };
            let path = first.get("path").and_then(Value::as_str).unwrap_or_default();
            let rank = GRAVE
                .iter()
                .position(|word| *word == text("severity"))
                .unwrap_or(GRAVE.len());
            found.insert((
                rank,
                SheetFinding {
                    severity: text("severity").to_owned(),
                    rule: text("rule").into(),
                    title: text("title").into(),
                    path: path.into(),
                },
            ));
        }
    }
    Ok(found.into_iter().take(MOST).map(|(_, finding)| finding).collect())
}
