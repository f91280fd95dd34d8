//! Writing a case as members of an archive.

use super::super::packed;
use super::super::redact::Replacer;
use super::{CASE, EVENTS, MANIFEST, SCHEMA};
use crate::Problem;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Write};
use watchfire_export::Pack;
use watchfire_model::{ArtifactId, Moment, Organisation, Severity, Tlp, Untrusted};
use watchfire_store::{Case, CaseArtifact, CaseEvent, CaseName, CaseRecord, CaseReport, Resolution};

/// Members and their content, by name.
pub(super) type Members = BTreeMap<String, Vec<u8>>;

/// The reports of a case, unpacked.
pub(super) fn reports(record: &CaseRecord) -> Result<Vec<Vec<u8>>, Problem> {
    let reports = record.reports.iter();
    reports
        .map(|report| packed::unpack(&report.content).map_err(Problem::new))
        .collect()
}

fn report_name(number: usize) -> String {
    format!("reports/{number:04}.json")
}

fn file_name(sha256: ArtifactId) -> String {
    format!("files/{sha256}.zip")
}

/// All members but the manifest.
pub(super) fn members(record: &CaseRecord, reports: &[Vec<u8>]) -> Members {
    let mut members = Members::new();
    members.insert(CASE.to_owned(), pretty(&case(record)));
    let events: Vec<Value> = record.events.iter().map(event).collect();
    members.insert(
        EVENTS.to_owned(),
        pretty(&json!({ "schema": SCHEMA, "events": events })),
    );
    for (number, report) in (1..).zip(reports) {
        members.insert(report_name(number), report.clone());
    }
    for artifact in &record.artifacts {
        if let (Some(sha256), Some(sealed)) = (artifact.sha256, &artifact.sealed) {
            members.insert(file_name(sha256), sealed.clone());
        }
    }
    members
}

/// Writes the archive; its size.
pub(super) fn pack(members: &Members, out: &mut dyn Write) -> io::Result<u64> {
    let list: Vec<Value> = members
        .iter()
        .map(|(name, content)| json!({ "name": name, "size": content.len(), "sha256": digest(content) }))
        .collect();
    let mut counted = Counted { out, bytes: 0 };
    let mut pack = Pack::new(&mut counted);
    pack.member(MANIFEST, &pretty(&json!({ "schema": SCHEMA, "members": list })))?;
    for (name, content) in members {
        pack.member(name, content)?;
    }
    pack.finish()?;
    Ok(counted.bytes)
}

pub(super) fn digest(content: &[u8]) -> String {
    ArtifactId::from_digest(Sha256::digest(content).into()).to_string()
}

/// A writer that counts.
struct Counted<'w> {
    out: &'w mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Keys are sorted, so the same value gives the same bytes.
fn pretty(value: &Value) -> Vec<u8> {
    let mut bytes = format!("{value:#}").into_bytes();
    bytes.push(b'\n');
    bytes
}

fn case(record: &CaseRecord) -> Value {
    let Case {
        number: _,
        id,
        name,
        title,
        kind,
        severity,
        verdict,
        score,
        tlp,
        assignee,
        tags,
        times,
        resolution,
        why,
        merged_into,
        split_from,
    } = &record.case;
    let moment = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
    json!({
        "schema": SCHEMA,
        "id": id.to_string(),
        "name": name.as_str(),
        "title": title.raw(),
        "type": kind.as_str(),
        "severity": severity.map(Severity::as_str),
        "verdict": verdict.as_str(),
        "score": score,
        "tlp": tlp.map(Tlp::as_str),
        "assignee": assignee.as_ref().map(Untrusted::raw),
        "tags": tags.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "occurred": moment(times.occurred),
        "detected": times.detected.to_string(),
        "acknowledged": moment(times.acknowledged),
        "contained": moment(times.contained),
        "resolved": moment(times.resolved),
        "resolution": resolution.map(Resolution::as_str),
        "why": why.raw(),
        "merged_into": merged_into.map(|id| id.to_string()),
        "split_from": split_from.map(|id| id.to_string()),
        "artifacts": record.artifacts.iter().map(artifact).collect::<Vec<_>>(),
        "reports": (1..).zip(&record.reports).map(|(number, one)| report(number, one)).collect::<Vec<_>>(),
        "tasks": record.tasks.iter().map(|task| json!({
            "number": task.number,
            "text": task.text.raw(),
            "done": moment(task.done),
        })).collect::<Vec<_>>(),
    })
}

fn artifact(artifact: &CaseArtifact) -> Value {
    let observables: Vec<Value> = artifact
        .observables
        .iter()
        .map(|seen| {
            let observable = &seen.observable;
            json!({
                "type": observable.kind().name(),
                "pattern": observable.pattern(),
                "value": observable.raw(),
                "telling": seen.is_telling,
            })
        })
        .collect();
    json!({
        "sha256": artifact.sha256.map(|sha256| sha256.to_string()),
        "path": artifact.path.raw(),
        "size": artifact.size,
        "media_type": artifact.media_type.raw(),
        "depth": artifact.depth,
        "kept": artifact.sealed.is_some(),
        "observables": observables,
    })
}

fn report(number: usize, report: &CaseReport) -> Value {
    json!({
        "member": report_name(number),
        "digest": report.digest.to_string(),
        "made": report.made.to_string(),
        "verdict": report.verdict.as_str(),
        "score": report.score,
    })
}

fn event(event: &CaseEvent) -> Value {
    let hex = |salt: [u8; 16]| salt.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    json!({
        "number": event.number,
        "at": event.at.to_string(),
        "who": event.who.raw(),
        "action": event.action.as_str(),
        "text": event.text.raw(),
        "salt": event.salt.map(hex),
        "sealed": event.sealed.to_string(),
        "hash": event.hash.to_string(),
    })
}

/// Takes out who got mails, own hosts, users and addresses, who worked on the case, and the kept files, in which all of
/// that stands. What was changed of an event can no longer be told from its hash, which stays.
pub(super) fn redact(record: &mut CaseRecord, reports: &mut [Vec<u8>], organisation: &Organisation) {
    let mut documents: Vec<Value> = Vec::new();
    let mut replacer = Replacer::of_organisation(organisation);
    for report in reports.iter() {
        // What cannot be read cannot be redacted, and does not leave.
        documents.push(serde_json::from_slice(report).unwrap_or_default());
    }
    for document in &documents {
        recipients(document, &mut replacer);
        own(document, &mut replacer);
    }
    people(record, &mut replacer);
    for (report, document) in reports.iter_mut().zip(&mut documents) {
        replacer.document(document);
        *report = pretty(document);
    }
    let change = |text: &mut Untrusted| {
        if let Some(changed) = replacer.text(text.raw()) {
            *text = changed.into();
        }
    };
    let case = &mut record.case;
    change(&mut case.title);
    change(&mut case.why);
    if let Some(assignee) = &mut case.assignee {
        change(assignee);
    }
    if replacer.text(case.name.as_str()).is_some()
        && let Ok(name) = CaseName::parse(&format!("redacted {}", case.id))
    {
        case.name = name;
    }
    case.tags.retain(|tag| replacer.text(tag.as_str()).is_none());
    for task in &mut record.tasks {
        change(&mut task.text);
    }
    for artifact in &mut record.artifacts {
        change(&mut artifact.path);
        artifact.sealed = None;
        artifact
            .observables
            .retain(|seen| replacer.text(seen.observable.raw()).is_none());
    }
    for event in &mut record.events {
        let before = (event.who.clone(), event.text.clone());
        change(&mut event.who);
        change(&mut event.text);
        if before != (event.who.clone(), event.text.clone()) {
            event.salt = None;
        }
    }
}

/// Everybody who worked on the case.
fn people(record: &CaseRecord, replacer: &mut Replacer) {
    let assignee = record.case.assignee.iter();
    let mut people: Vec<&str> = record
        .events
        .iter()
        .map(|event| &event.who)
        .chain(assignee)
        .map(Untrusted::raw)
        .collect();
    people.sort_unstable();
    people.dedup();
    for (number, who) in (1..).zip(people) {
        replacer.add(who, &format!("[analyst-{number}]"));
    }
}

/// Who got the mails of a report: addresses and names.
fn recipients(report: &Value, replacer: &mut Replacer) {
    let mails = report.get("mails").and_then(Value::as_array);
    let mut number = 0;
    for mail in mails.into_iter().flatten() {
        for field in ["to", "cc", "delivered_to"] {
            let boxes = mail.get(field).and_then(Value::as_array);
            for mailbox in boxes.into_iter().flatten() {
                number += 1;
                let marker = format!("[recipient-{number}]");
                if let Some(address) = mailbox.get("address").and_then(Value::as_str) {
                    replacer.add_address(address, &marker);
                }
                if let Some(name) = mailbox.get("name").and_then(Value::as_str) {
                    replacer.add(name, &marker);
                }
            }
        }
    }
}

/// Observables that are the organisation's own, and hosts and users of its logs.
fn own(report: &Value, replacer: &mut Replacer) {
    const OWN: [&str; 4] = ["own-organisation", "private", "unique-local", "internal"];
    let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
    let artifacts = report.get("artifacts").and_then(Value::as_array);
    let mut number = 0;
    for artifact in artifacts.into_iter().flatten() {
        let observables = artifact.get("observables").and_then(Value::as_array);
        for seen in observables.into_iter().flatten() {
            let tags = seen.get("tags").and_then(Value::as_array);
            let is_tagged = tags
                .into_iter()
                .flatten()
                .any(|tag| tag.as_str().is_some_and(|tag| OWN.contains(&tag)));
            if let (true, Some(value)) = (is_tagged || seen.get("asset").is_some(), text(seen, "value")) {
                number += 1;
                replacer.add(&value, &format!("[own-{number}]"));
            }
        }
    }
    for (list, marker) in [("users", "user"), ("hosts", "log-host")] {
        let counts = report.pointer(&format!("/log/{list}"));
        let mut number = 0;
        each_text(counts, &mut |value| {
            number += 1;
            replacer.add(value, &format!("[{marker}-{number}]"));
        });
    }
}

/// Every value of a count.
fn each_text(value: Option<&Value>, each: &mut dyn FnMut(&str)) {
    match value {
        Some(Value::Array(values)) => values.iter().for_each(|value| each_text(Some(value), each)),
        Some(Value::Object(fields)) => {
            if let Some(text) = fields.get("value").and_then(Value::as_str) {
                each(text);
            }
            fields.values().for_each(|value| each_text(Some(value), each));
        }
        _ => {}
    }
}
