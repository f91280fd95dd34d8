//! A bundle of STIX 2.1 (<https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html>): what was seen as
//! cyber-observable objects and observed data, what is bad as indicators with sightings, what was found as notes.
//!
//! An indicator is written for what [`crate::actionable`] lets through, and for nothing else. Every identifier follows from
//! what its object is about, and every time from the report, so that the same report gives the same bytes and two reports
//! name the same thing alike. Values without an object of their own are listed in notes. Objects are written as they are
//! made, and the identifier of the bundle comes last.

mod cyber;
mod marking;
mod pattern;

use crate::actionable::{Charge, Values};
use crate::json;
use crate::report_only::{ReportOnly, nothing};
use crate::uuid::Namespace;
use crate::{ExporterInfo, line};
use cyber::Cyber;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Write};
use watchfire_knowledge::attack;
use watchfire_model::{
    ArtifactRecord, Confidence, Evidence, Finding, Moment, Observable, ObservableType, Report, TechniqueId, Untrusted,
    Verdict, counted,
};

/// See the module.
pub(crate) static STIX: ReportOnly = ReportOnly {
    info: &ExporterInfo {
        name: "stix",
        describes: "a bundle of STIX 2.1: observables, indicators of what is bad, findings as notes",
    },
    only: "stix holds what was seen and found, and nothing else",
    write,
    aside: nothing,
};

/// Objects that never change are of this moment.
const FOUNDED: &str = "2026-01-01T00:00:00.000Z";
/// Values of a type that a note names; the others are counted.
const LISTED: usize = 1_000;

fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut bundle = Bundle::new(report, out);
    bundle.out.write_all(b"{\"type\":\"bundle\",\"objects\":[\n")?;
    bundle.begin()?;
    let seen = bundle.seen()?;
    bundle.indicators(&seen)?;
    bundle.findings(&seen)?;
    bundle.without_object()?;
    bundle.analyses(&seen)?;
    bundle.end()
}

/// What was seen: for each artifact its own object and its observed data.
struct Seen<'r> {
    files: Vec<String>,
    data: Vec<String>,
    /// Places of artifacts, by their paths.
    places: BTreeMap<&'r str, usize>,
    /// Mails, by their paths.
    mails: BTreeMap<&'r str, String>,
    values: Values<'r>,
}

struct Bundle<'r, 'w> {
    report: &'r Report,
    out: &'w mut dyn Write,
    /// The moment of the report.
    at: String,
    identity: String,
    /// What was written, in that order.
    ids: Vec<String>,
    written: HashSet<String>,
    /// What the report is about: everything but the frame.
    about: Vec<String>,
    without: BTreeMap<ObservableType, Vec<String>>,
    has_indicators: bool,
}

impl<'r, 'w> Bundle<'r, 'w> {
    fn new(report: &'r Report, out: &'w mut dyn Write) -> Self {
        let moment = Moment::parse(&report.as_of).unwrap_or(Moment::from_unix(0));
        Self {
            report,
            out,
            at: instant(moment),
            identity: named("identity", &["watchfire"]),
            ids: Vec::new(),
            written: HashSet::new(),
            about: Vec::new(),
            without: BTreeMap::new(),
            has_indicators: false,
        }
    }

    /// Writes an object, unless one of that identifier stands there already.
    fn put(&mut self, mut object: Value) -> io::Result<()> {
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !self.written.insert(id.clone()) {
            return Ok(());
        }
        if let (Some(tlp), Some(fields)) = (self.report.tlp, object.as_object_mut())
            && !id.starts_with("marking-definition")
        {
            fields.insert("object_marking_refs".to_owned(), json!([marking::id(tlp)]));
        }
        let mut text = Vec::with_capacity(512);
        if !self.ids.is_empty() {
            text.extend_from_slice(b",\n");
        }
        json::compact(&object, &mut text)?;
        self.out.write_all(&text)?;
        if !id.starts_with("marking-definition") && !id.starts_with("identity") && !id.starts_with("report") {
            self.about.push(id.clone());
        }
        self.ids.push(id);
        Ok(())
    }

    /// An object of our own, of the moment of the report.
    fn object(&self, kind: &str, id: &str, properties: Value) -> Value {
        self.object_of(&self.at, kind, id, properties)
    }

    fn object_of(&self, at: &str, kind: &str, id: &str, properties: Value) -> Value {
        let mut object = Map::new();
        object.insert("type".to_owned(), kind.into());
        object.insert("spec_version".to_owned(), "2.1".into());
        object.insert("id".to_owned(), id.into());
        object.insert("created".to_owned(), at.into());
        object.insert("modified".to_owned(), at.into());
        if id != self.identity {
            object.insert("created_by_ref".to_owned(), self.identity.as_str().into());
        }
        if let Value::Object(properties) = properties {
            object.extend(properties);
        }
        object.into()
    }

    /// Marking and producer.
    fn begin(&mut self) -> io::Result<()> {
        if let Some(tlp) = self.report.tlp {
            self.put(marking::object(tlp))?;
        }
        let producer = json!({
            "name": "Watchfire",
            "description": "an analyst's workbench; whoever runs it is not named here",
            "identity_class": "system",
        });
        let id = self.identity.clone();
        self.put(self.object_of(FOUNDED, "identity", &id, producer))
    }

    fn cyber(&mut self, cyber: Cyber) -> io::Result<String> {
        cyber.objects.into_iter().try_for_each(|object| self.put(object))?;
        Ok(cyber.id)
    }

    /// Everything that was seen, and where.
    fn seen(&mut self) -> io::Result<Seen<'r>> {
        let report = self.report;
        let mut seen = Seen {
            files: Vec::new(),
            data: Vec::new(),
            places: BTreeMap::new(),
            mails: BTreeMap::new(),
            values: Values::of(report),
        };
        for mail in &report.mails {
            let id = self.cyber(cyber::mail(mail))?;
            seen.mails.insert(mail.path.raw(), id);
        }
        for (place, artifact) in report.artifacts.iter().enumerate() {
            let file = self.cyber(cyber::artifact(artifact))?;
            let data = self.observed_data(artifact, &file, seen.mails.get(artifact.path.raw()))?;
            seen.files.push(file);
            seen.data.push(data);
            seen.places.entry(artifact.path.raw()).or_insert(place);
        }
        let asked = seen.values.iter().filter(|(_, value)| value.artifacts.is_empty());
        for (observable, _) in asked {
            self.value(observable)?;
        }
        Ok(seen)
    }

    /// The object of a value; those that have none are kept for a note.
    fn value(&mut self, observable: &Observable) -> io::Result<Option<String>> {
        match cyber::of(observable) {
            Some(cyber) => self.cyber(cyber).map(Some),
            None if observable.kind() == ObservableType::AttackTechnique => {
                self.technique(observable.raw())?;
                Ok(None)
            }
            None if observable.kind() == ObservableType::Cve => {
                self.vulnerability(observable.raw())?;
                Ok(None)
            }
            None => {
                let values = self.without.entry(observable.kind()).or_default();
                values.push(observable.raw().to_owned());
                Ok(None)
            }
        }
    }

    fn observed_data(&mut self, artifact: &ArtifactRecord, file: &str, mail: Option<&String>) -> io::Result<String> {
        let mut refs: Vec<String> = vec![file.to_owned()];
        refs.extend(mail.cloned());
        for observed in &artifact.observables {
            refs.extend(self.value(&observed.observable)?);
        }
        let (mut first, mut last) = (self.at.clone(), self.at.clone());
        if let Some(capture) = &artifact.capture {
            for conversation in &capture.conversations {
                refs.push(self.cyber(cyber::conversation(conversation))?);
            }
            if let (Some(begins), Some(ends)) = (capture.first, capture.last) {
                (first, last) = (instant(begins.moment()), instant(ends.moment().max(begins.moment())));
            }
        }
        let mut met = HashSet::new();
        refs.retain(|id| met.insert(id.clone()));
        let id = named("observed-data", &[&self.at, artifact.path.raw(), file]);
        let properties = json!({
            "first_observed": first,
            "last_observed": last,
            "number_observed": 1,
            "object_refs": refs,
        });
        self.put(self.object("observed-data", &id, properties))?;
        Ok(id)
    }

    fn technique(&mut self, technique: &str) -> io::Result<String> {
        let id = named("attack-pattern", &[technique]);
        let entry = attack::lookup(technique);
        let properties = json!({
            "name": entry.map_or(technique, |entry| entry.name),
            "external_references": [{
                "source_name": "mitre-attack",
                "external_id": technique,
                "url": format!("https://attack.mitre.org/techniques/{}/", technique.replace('.', "/")),
            }],
        });
        self.put(self.object_of(FOUNDED, "attack-pattern", &id, properties))?;
        Ok(id)
    }

    fn vulnerability(&mut self, cve: &str) -> io::Result<()> {
        let id = named("vulnerability", &[cve]);
        let properties = json!({
            "name": cve,
            "external_references": [{ "source_name": "cve", "external_id": cve }],
        });
        self.put(self.object_of(FOUNDED, "vulnerability", &id, properties))
    }

    /// What is bad, what it rests on, what it indicates, and that it was met.
    fn indicators(&mut self, seen: &Seen<'_>) -> io::Result<()> {
        for (observable, value, charge) in seen.values.bad() {
            let Some(pattern) = pattern::of(observable) else {
                continue;
            };
            self.has_indicators = true;
            let indicator = named("indicator", &[&pattern]);
            self.put(self.object("indicator", &indicator, about(observable, &pattern, charge, &self.at)))?;
            let data: Vec<&String> = value
                .artifacts
                .iter()
                .filter_map(|place| seen.data.get(*place))
                .collect();
            for data in &data {
                self.relationship(&indicator, "based-on", data)?;
            }
            for technique in &charge.techniques {
                let technique = self.technique(technique.as_str())?;
                self.relationship(&indicator, "indicates", &technique)?;
            }
            if charge.was_known && !data.is_empty() {
                self.sighting(&indicator, &data, value.count)?;
            }
        }
        Ok(())
    }

    fn relationship(&mut self, source: &str, kind: &str, target: &str) -> io::Result<()> {
        let id = named("relationship", &[source, kind, target]);
        let properties = json!({ "relationship_type": kind, "source_ref": source, "target_ref": target });
        self.put(self.object("relationship", &id, properties))
    }

    fn sighting(&mut self, indicator: &str, data: &[&String], count: u64) -> io::Result<()> {
        let first = data.first().map_or("", |data| data.as_str());
        let id = named("sighting", &[indicator, first]);
        let properties = json!({
            "sighting_of_ref": indicator,
            "observed_data_refs": data,
            "count": count.clamp(1, 999_999_999),
            "first_seen": self.at,
            "last_seen": self.at,
        });
        self.put(self.object("sighting", &id, properties))
    }

    /// A note for each finding, with its evidence.
    fn findings(&mut self, seen: &Seen<'_>) -> io::Result<()> {
        for (number, finding) in self.report.findings.iter().enumerate() {
            let mut refs = BTreeSet::new();
            for evidence in finding.evidence() {
                let place = seen.places.get(evidence.path.raw());
                refs.extend(place.and_then(|place| seen.data.get(*place)).cloned());
            }
            for technique in finding.techniques.iter() {
                refs.insert(self.technique(technique.as_str())?);
            }
            if refs.is_empty() {
                refs.insert(self.identity.clone());
            }
            let id = named("note", &[&self.at, finding.rule.0, &finding.title, &number.to_string()]);
            let properties = json!({
                "abstract": finding.title,
                "content": told(finding),
                "authors": ["Watchfire"],
                "confidence": confidence(finding.confidence),
                "labels": [finding.rule.0, format!("severity-{}", finding.severity.as_str())],
                "object_refs": refs,
            });
            self.put(self.object("note", &id, properties))?;
        }
        Ok(())
    }

    /// Values that STIX has no object for.
    fn without_object(&mut self) -> io::Result<()> {
        for (kind, mut values) in std::mem::take(&mut self.without) {
            values.sort_unstable();
            values.dedup();
            let mut content = values.iter().take(LISTED).cloned().collect::<Vec<String>>().join("\n");
            if values.len() > LISTED {
                content.push_str(&format!("\nand {} more", values.len() - LISTED));
            }
            let count = values.len() as u64;
            let properties = json!({
                "abstract": format!("{}, {}", counted(count, "value"), kind.name()),
                "content": content,
                "authors": ["Watchfire"],
                "object_refs": [self.identity],
            });
            let id = named("note", &[&self.at, kind.name(), &content_key(&values)]);
            self.put(self.object("note", &id, properties))?;
        }
        Ok(())
    }

    /// The verdict over each file that has one of its own.
    fn analyses(&mut self, seen: &Seen<'_>) -> io::Result<()> {
        for file in &self.report.files {
            let Some(sample) = seen
                .places
                .get(file.path.raw())
                .and_then(|place| seen.files.get(*place))
            else {
                continue;
            };
            let id = named("malware-analysis", &[&self.at, sample]);
            let properties = json!({
                "product": "watchfire",
                "version": self.report.version,
                "result": file.verdict.as_str(),
                "result_name": file.summary,
                "sample_ref": sample,
                "analysis_started": self.at,
                "analysis_ended": self.at,
            });
            self.put(self.object("malware-analysis", &id, properties))?;
        }
        Ok(())
    }

    /// The report that ties it all, and the end.
    fn end(&mut self) -> io::Result<()> {
        let judgement = &self.report.judgement;
        let mut refs = std::mem::take(&mut self.about);
        if refs.is_empty() {
            refs.push(self.identity.clone());
        }
        let id = named("report", &[&self.at, &content_key(&refs)]);
        let properties = json!({
            "name": format!("Watchfire: {}, {}/100", judgement.verdict, judgement.score.get()),
            "description": judgement.summary,
            "report_types": [if self.has_indicators { "indicator" } else { "observed-data" }],
            "published": self.at,
            "confidence": confidence(judgement.confidence),
            "object_refs": refs,
        });
        self.put(self.object("report", &id, properties))?;
        let bundle = named("bundle", &[&content_key(&self.ids)]);
        writeln!(self.out, "\n],\"id\":\"{bundle}\"}}")
    }
}

/// An identifier of our own.
fn named(kind: &str, about: &[&str]) -> String {
    let mut parts = vec![kind];
    parts.extend(about);
    format!("{kind}--{}", Namespace::WATCHFIRE.parts(&parts))
}

/// What tells lists apart.
fn content_key(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    Namespace::WATCHFIRE.parts(&parts)
}

fn instant(moment: Moment) -> String {
    moment.to_string().replace('Z', ".000Z")
}

/// The scale of STIX 2.1, appendix A: none, low, medium, high.
const fn confidence(confidence: Confidence) -> u8 {
    match confidence {
        Confidence::Low => 15,
        Confidence::Medium => 50,
        Confidence::High => 85,
    }
}

fn about(observable: &Observable, pattern: &str, charge: &Charge, at: &str) -> Value {
    let kind = match charge.verdict {
        Verdict::Malicious => "malicious-activity",
        _ => "anomalous-activity",
    };
    json!({
        "name": format!("{} {}", observable.kind().name(), line::defanged(observable)),
        "description": charge.reasons.join("; "),
        "indicator_types": [kind],
        "pattern": pattern,
        "pattern_type": "stix",
        "pattern_version": "2.1",
        "valid_from": at,
        "confidence": confidence(charge.confidence),
        "labels": [charge.verdict.as_str()],
    })
}

/// A finding in words: how grave, and every place.
fn told(finding: &Finding) -> String {
    let mut text = format!(
        "{}\nrule {}, severity {}, confidence {}, weight {}",
        Untrusted::new(finding.title.as_str()),
        finding.rule,
        finding.severity.as_str(),
        finding.confidence,
        finding.weight
    );
    let techniques: Vec<&str> = finding
        .techniques
        .iter()
        .map(|one: &TechniqueId| one.as_str())
        .collect();
    if !techniques.is_empty() {
        text.push_str(&format!("\nATT&CK {}", techniques.join(", ")));
    }
    for evidence in finding.evidence() {
        text.push_str(&format!("\n{}", place(evidence)));
    }
    text
}

fn place(evidence: &Evidence) -> String {
    let digest = match evidence.artifact.is_unknown() {
        true => String::new(),
        false => format!(" (sha256 {})", evidence.artifact),
    };
    format!("{evidence}{digest}: {}", evidence.excerpt)
}

#[cfg(test)]
mod tests;
