//! The report as JSON inside the page, as much of it as there is room for.
//!
//! It is a `watchfire.report/1` document like that of `--format json`, with the same observables as the page shows and with
//! lists that are cut where they grow too long. What was left out is counted.

use crate::json;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use watchfire_model::{ArtifactRecord, Judgement, Report};

/// Reasons of the judgement.
const REASONS: usize = 200;

/// The document, and how much of what was left out.
pub(super) struct Embedded {
    pub(super) json: String,
    pub(super) left_out: Vec<(&'static str, u64)>,
}

/// Writes the document in at most about `room` bytes. `chosen` are the observables that stand in it: artifact and place.
pub(super) fn embed(report: &Report, chosen: &[(usize, usize)], room: usize) -> io::Result<Embedded> {
    let mut document = Document {
        out: Vec::with_capacity(room.min(1 << 20)),
        left_out: Vec::new(),
    };
    let judgement = Judgement {
        reasons: report.judgement.reasons.iter().take(REASONS).cloned().collect(),
        ..shell(&report.judgement)
    };
    document.field("schema", &report.schema)?;
    document.field("version", &report.version)?;
    document.field("as_of", &report.as_of)?;
    if let Some(tlp) = report.tlp {
        document.field("tlp", &tlp)?;
    }
    document.field("judgement", &judgement)?;
    document.count("reasons", report.judgement.reasons.len() - judgement.reasons.len());
    document.list("incidents", report.incidents.iter(), room / 20)?;
    document.list("findings", report.findings.iter(), room / 5)?;
    document.list("suppressed", report.suppressed.iter(), room / 20)?;
    document.list("recommendations", report.recommendations.iter(), room / 20)?;
    document.artifacts(report, chosen, room * 7 / 20)?;
    document.list("mails", report.mails.iter(), room / 20)?;
    document.list("files", report.files.iter(), room / 20)?;
    if let Some(search) = &report.search {
        document.whole("search", search, room / 20)?;
    }
    if let Some(log) = &report.log {
        document.whole("log", log, room / 10)?;
    }
    document.list("reputations", report.reputations.iter(), room / 10)?;
    document.list("diagnostics", report.diagnostics.iter(), room / 20)?;
    document.field("coverage", &report.coverage)?;
    document.field("totals", &report.totals)?;
    document.list("data", report.data.iter(), room / 20)?;
    document.out.extend_from_slice(b"\n}");
    let json = String::from_utf8(document.out).map_err(io::Error::other)?;
    Ok(Embedded {
        json,
        left_out: document.left_out,
    })
}

/// A judgement without its reasons.
fn shell(judgement: &Judgement) -> Judgement {
    Judgement {
        verdict: judgement.verdict,
        score: judgement.score,
        confidence: judgement.confidence,
        summary: judgement.summary.clone(),
        reasons: Vec::new(),
        decided_by: judgement.decided_by.clone(),
        ruleset: judgement.ruleset,
    }
}

struct Document {
    out: Vec<u8>,
    left_out: Vec<(&'static str, u64)>,
}

impl Document {
    fn name(&mut self, name: &str) {
        let before: &[u8] = if self.out.is_empty() { b"{\n\"" } else { b",\n\"" };
        self.out.extend_from_slice(before);
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn field(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.name(name);
        json::compact(value, &mut self.out)
    }

    /// What there is once, where it fits.
    fn whole(&mut self, name: &'static str, value: &impl Serialize, room: usize) -> io::Result<()> {
        let before = self.out.len();
        self.field(name, value)?;
        if self.out.len() - before > room {
            self.out.truncate(before);
            self.count(name, 1);
        }
        Ok(())
    }

    /// As much of a list as fits.
    fn list<T: Serialize>(
        &mut self,
        name: &'static str,
        items: impl Iterator<Item = T>,
        room: usize,
    ) -> io::Result<()> {
        self.name(name);
        self.out.push(b'[');
        let end = self.out.len() + room;
        let (mut first, mut left_out, mut full) = (true, 0, false);
        for item in items {
            if full {
                left_out += 1;
                continue;
            }
            let before = self.out.len();
            if !first {
                self.out.push(b',');
            }
            self.out.push(b'\n');
            json::compact(&item, &mut self.out)?;
            if self.out.len() > end {
                self.out.truncate(before);
                (left_out, full) = (left_out + 1, true);
            } else {
                first = false;
            }
        }
        self.out.push(b']');
        self.count(name, left_out);
        Ok(())
    }

    /// Artifacts with those of their observables that were chosen.
    fn artifacts(&mut self, report: &Report, chosen: &[(usize, usize)], room: usize) -> io::Result<()> {
        let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (artifact, place) in chosen {
            places.entry(*artifact).or_default().push(*place);
        }
        let observables: usize = report.artifacts.iter().map(|artifact| artifact.observables.len()).sum();
        let with_chosen = report.artifacts.iter().enumerate().map(|(number, artifact)| {
            let mut places = places.remove(&number).unwrap_or_default();
            places.sort_unstable();
            with(artifact, &places)
        });
        self.list("artifacts", with_chosen, room)?;
        self.count("observables, each where it was seen,", observables - chosen.len());
        Ok(())
    }

    fn count(&mut self, what: &'static str, count: usize) {
        if count > 0 {
            self.left_out.push((what, count as u64));
        }
    }
}

/// An artifact with some of its observables.
fn with(artifact: &ArtifactRecord, places: &[usize]) -> ArtifactRecord {
    ArtifactRecord {
        sha256: artifact.sha256,
        path: artifact.path.clone(),
        depth: artifact.depth,
        size: artifact.size,
        media_type: artifact.media_type,
        read: artifact.read,
        duplicate_of: artifact.duplicate_of.clone(),
        digests: artifact.digests,
        known_good: artifact.known_good.clone(),
        listed_in: artifact.listed_in.clone(),
        executable: artifact.executable.clone(),
        capture: artifact.capture.clone(),
        log: artifact.log.clone(),
        observables: places
            .iter()
            .filter_map(|place| artifact.observables.get(*place))
            .cloned()
            .collect(),
        facts: None,
    }
}
