//! Findings as the Open Cybersecurity Schema Framework has them (<https://schema.ocsf.io/1.3.0/classes/detection_finding>):
//! one Detection Finding (class 2004) on each line, for lakes and search.
//!
//! Findings that a suppression hides are there with the status of suppressed ones. Evidence keeps its place and excerpt
//! under `data`. What was only seen, and no finding is about, is left out: `ndjson` has it.

use crate::json;
use crate::report_only::{ReportOnly, nothing};
use crate::uuid::Namespace;
use crate::{ExporterInfo, line};
use serde_json::{Value as Json, json};
use std::io::{self, Write};
use watchfire_knowledge::attack;
use watchfire_model::{
    Confidence, Evidence, Finding, Moment, Observable, ObservableType, Report, Severity, Target, TechniqueId,
    Untrusted, Verdict,
};

/// See the module.
pub(crate) static OCSF: ReportOnly = ReportOnly {
    info: &ExporterInfo {
        name: "ocsf",
        describes: "findings as Detection Findings of OCSF, one on each line",
    },
    only: "ocsf holds findings, and nothing else",
    write,
    aside: nothing,
};

/// The version of the schema that is written.
const VERSION: &str = "1.3.0";

fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let moment = Moment::parse(&report.as_of).unwrap_or(Moment::from_unix(0));
    let time = moment.unix().saturating_mul(1_000);
    let visible = report.findings.iter().map(|finding| (finding, None));
    let hidden = report
        .suppressed
        .iter()
        .map(|hidden| (&hidden.finding, Some(hidden.why.as_str())));
    for (number, (finding, why)) in visible.chain(hidden).enumerate() {
        json::line(&event(report, time, number, finding, why), out)?;
    }
    Ok(())
}

fn event(report: &Report, time: i64, number: usize, finding: &Finding, hidden: Option<&str>) -> Json {
    let (severity, severity_name) = severity(finding.severity);
    let (confidence, confidence_name) = confidence(finding.confidence);
    let (status, status_name) = if hidden.is_some() {
        (3, "Suppressed")
    } else {
        (1, "New")
    };
    let attacks: Vec<Json> = finding.techniques.iter().map(attack).collect();
    let title = Untrusted::new(line::prose(&finding.title)).to_string();
    let uid = Namespace::WATCHFIRE.parts(&[
        "ocsf",
        &report.as_of,
        finding.rule.0,
        &finding.title,
        &number.to_string(),
    ]);
    let mut event = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200_401,
        "type_name": "Detection Finding: Create",
        "time": time,
        "severity_id": severity,
        "severity": severity_name,
        "confidence_id": confidence,
        "confidence": confidence_name,
        "confidence_score": u64::from(finding.weight.thousandths() / 10),
        "status_id": status,
        "status": status_name,
        "message": title,
        "metadata": {
            "version": VERSION,
            "product": { "name": "Watchfire", "vendor_name": "Watchfire", "version": report.version },
            "uid": uid,
            "labels": report.tlp.iter().map(|tlp| tlp.as_str()).collect::<Vec<&str>>(),
        },
        "finding_info": {
            "uid": uid,
            "title": title,
            "types": [finding.group],
            "created_time": time,
            "analytic": { "name": finding.rule.0, "uid": finding.rule.0, "type_id": 1, "type": "Rule" },
            "attacks": attacks,
        },
        "evidences": finding.evidence().iter().map(evidence).collect::<Vec<Json>>(),
        "observables": observables(finding),
        "unmapped": {
            "weight": finding.weight,
            "verdict": report.judgement.verdict.as_str(),
            "score": report.judgement.score.get(),
        },
    });
    if let (Some(why), Some(fields)) = (hidden, event.as_object_mut()) {
        fields.insert("status_detail".to_owned(), why.into());
    }
    if report.judgement.verdict >= Verdict::Suspicious
        && let Some(fields) = event.as_object_mut()
    {
        fields.insert("is_alert".to_owned(), hidden.is_none().into());
    }
    event
}

const fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Informational => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

const fn confidence(confidence: Confidence) -> (u8, &'static str) {
    match confidence {
        Confidence::Low => (1, "Low"),
        Confidence::Medium => (2, "Medium"),
        Confidence::High => (3, "High"),
    }
}

/// A technique, and of a sub-technique the technique above it.
fn attack(technique: &TechniqueId) -> Json {
    let named = |id: &str| json!({ "uid": id, "name": attack::lookup(id).map_or(id, |entry| entry.name) });
    let id = technique.as_str();
    match id.split_once('.') {
        Some((above, _)) => json!({ "technique": named(above), "sub_technique": named(id) }),
        None => json!({ "technique": named(id) }),
    }
}

fn evidence(evidence: &Evidence) -> Json {
    let path = evidence.path.raw();
    let name = path
        .rsplit(['/', '\\'])
        .next()
        .filter(|name| !name.is_empty())
        .unwrap_or("unnamed");
    let mut file = json!({ "name": name, "path": path, "type_id": 1, "type": "Regular File" });
    if let (false, Some(fields)) = (evidence.artifact.is_unknown(), file.as_object_mut()) {
        let digest = json!([{ "algorithm_id": 3, "algorithm": "SHA-256", "value": evidence.artifact.to_string() }]);
        fields.insert("hashes".to_owned(), digest);
    }
    json!({ "file": file, "data": { "place": evidence.place, "excerpt": evidence.excerpt } })
}

/// What a finding is about, by the names and numbers of the schema.
fn observables(finding: &Finding) -> Vec<Json> {
    let targets = finding.targets.iter().map(|target| match target {
        Target::Host(host) if is_address(host.raw()) => (2, "IP Address", host.raw().to_owned()),
        Target::Host(host) => (1, "Hostname", host.raw().to_owned()),
        Target::Url(url) => (6, "URL String", url.raw().to_owned()),
        Target::File(name) => (7, "File Name", name.raw().to_owned()),
    });
    let digests = finding
        .evidence()
        .iter()
        .filter(|evidence| !evidence.artifact.is_unknown());
    let digests = digests.map(|evidence| (8, "Hash", evidence.artifact.to_string()));
    let mut all: Vec<(u8, &str, String)> = targets.chain(digests).collect();
    all.sort();
    all.dedup();
    let entry = |(id, kind, value)| json!({ "name": word_of(id), "type_id": id, "type": kind, "value": value });
    all.into_iter().map(entry).collect()
}

fn is_address(text: &str) -> bool {
    let is = |kind| Observable::parse(kind, text).is_ok();
    is(ObservableType::Ipv4) || is(ObservableType::Ipv6)
}

/// Where in the event an observable stands.
const fn word_of(id: u8) -> &'static str {
    match id {
        8 => "evidences[].file.hashes[].value",
        _ => "finding_info.title",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Style, exporter, samples};

    #[test]
    fn every_finding_is_a_line() {
        let mut report = samples::hostile();
        report.suppressed = vec![watchfire_model::Suppressed {
            finding: report.findings[0].clone(),
            why: "ours".to_owned(),
            expires: "2027-01-31".to_owned(),
        }];
        let mut out = Vec::new();
        exporter("ocsf")
            .unwrap()
            .report(&report, &Style::default(), &mut out)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        let events: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events.len(), 3);
        let first = &events[0];
        assert_eq!(
            (&first["class_uid"], &first["type_uid"]),
            (&2004.into(), &200_401.into())
        );
        assert_eq!((&first["severity_id"], &first["confidence_id"]), (&4.into(), &3.into()));
        assert_eq!(first["finding_info"]["attacks"][0]["sub_technique"]["uid"], "T1566.001");
        let values: Vec<&str> = first["observables"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["value"].as_str().unwrap())
            .collect();
        assert_eq!(values[0], "evil-pay.com");
        assert_eq!(
            (&events[2]["status_id"], &events[2]["status_detail"]),
            (&3.into(), &"ours".into())
        );
        assert_ne!(events[0]["finding_info"]["uid"], events[2]["finding_info"]["uid"]);
    }
}
