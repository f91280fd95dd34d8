//! From a report to a case: what is kept of it.

use super::{Cases, Keeper, label, packed, values};
use crate::{Config, Problem};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use watchfire_export::{Style, exporter};
use watchfire_model::{
    ArtifactId, ArtifactRecord, Moment, Report, Severity, Timestamp, Untrusted, counted, observable,
};
use watchfire_store::{CaseArtifact, CaseReport, Extended, NewTriage};

/// Artifacts that one triage adds to a case.
const MOST: usize = 50_000;

/// What triage did to a case.
#[derive(Clone, Debug)]
pub struct CaseKept {
    /// What was kept.
    pub done: Extended,
    /// Other cases that hold the same, and how much of it.
    pub linked: Vec<(String, u64)>,
    /// Inputs whose bytes were to be kept and are not: they were streamed, or are too many.
    pub not_kept: Vec<Untrusted>,
}

impl CaseKept {
    /// In words, a line each.
    pub fn told(&self) -> Vec<String> {
        let done = &self.done;
        let case = &done.case;
        let mut news = vec![
            counted(done.artifacts, "new artifact"),
            counted(done.observables, "new observable"),
        ];
        if done.kept > 0 {
            news.push(format!("{} kept, encrypted", counted(done.kept, "file")));
        }
        if !done.is_new && !done.report {
            news = vec!["nothing new".to_owned()];
        }
        let state = if done.is_new { "opened" } else { case.status().as_str() };
        let mut lines = vec![format!(
            "case {} '{}', {state}: {}",
            label(case),
            case.name,
            news.join(", ")
        )];
        if !self.linked.is_empty() {
            let linked: Vec<String> = self
                .linked
                .iter()
                .map(|(name, count)| format!("{name} ({})", counted(*count, "observable")))
                .collect();
            lines.push(format!("linked with {}", linked.join(", ")));
        }
        for path in &self.not_kept {
            let shown = observable::defang(&path.shown(160));
            lines.push(format!("not kept, too large: {shown}"));
        }
        lines
    }
}

impl Cases {
    /// Checks that a case can be called so, before anything is read.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check_name(config: &Config, called: &str) -> Result<(), Problem> {
        let cases = Self::existing(config)?;
        let known = cases
            .map(|cases| cases.store.cases().find(called))
            .transpose()?
            .flatten();
        match (known, watchfire_store::CaseName::parse(called)) {
            (None, Err(why)) => {
                let shown = Untrusted::new(called).shown(80);
                Err(Problem::new(format!("--case: '{shown}' is {why}")))
            }
            _ => Ok(()),
        }
    }

    /// Keeps a report in the case of that name or number, which is opened if there is none.
    ///
    /// # Errors
    /// When the name is none, and when it cannot be written.
    pub(crate) fn extend(&self, called: &str, report: &Report, keeper: Option<&Keeper>) -> Result<CaseKept, Problem> {
        let recipients = values::recipients(report);
        let artifacts: Vec<CaseArtifact> = report
            .artifacts
            .iter()
            .filter(|artifact| artifact.duplicate_of.is_none())
            .take(MOST)
            .map(|artifact| self.artifact(artifact, &recipients, keeper))
            .collect();
        let is_missing = |artifact: &&CaseArtifact| {
            keeper.is_some() && artifact.depth == 0 && artifact.sealed.is_none() && artifact.size > 0
        };
        let not_kept = artifacts
            .iter()
            .filter(is_missing)
            .map(|artifact| artifact.path.clone())
            .collect();
        let found = NewTriage {
            title: title(report),
            kind: kind(report),
            severity: report.findings.iter().map(|finding| finding.severity).max(),
            tlp: report.tlp,
            occurred: occurred(report),
            report: kept_report(report, self.now)?,
            artifacts,
        };
        let done = self.store.cases().extend(called, &found, &self.by())?;
        let links = self.store.cases().links(done.case.number)?;
        Ok(CaseKept {
            linked: links
                .iter()
                .take(5)
                .map(|link| (link.name.to_string(), link.count))
                .collect(),
            done,
            not_kept,
        })
    }

    fn artifact(
        &self,
        artifact: &ArtifactRecord,
        recipients: &BTreeSet<String>,
        keeper: Option<&Keeper>,
    ) -> CaseArtifact {
        let sealed = match (keeper, artifact.sha256) {
            (Some(keeper), Some(sha256)) if artifact.depth == 0 => keeper.sealed(sha256),
            _ => None,
        };
        CaseArtifact {
            sha256: artifact.sha256,
            path: artifact.path.clone(),
            size: artifact.size,
            media_type: artifact.media_type.0.into(),
            depth: artifact.depth,
            observables: values::of(artifact, recipients),
            sealed,
        }
    }
}

/// What a case is about that begins with this report: the subject of its mail, or what was said of it.
fn title(report: &Report) -> Untrusted {
    let subjects = report.mails.iter().map(|mail| &mail.mail.subject);
    match subjects.into_iter().find(|subject| !subject.raw().trim().is_empty()) {
        Some(subject) => subject.clone(),
        None => report.judgement.summary.as_str().into(),
    }
}

/// Of which type a case is that begins with this report: by what was given.
fn kind(report: &Report) -> &'static str {
    let is_log = report.log.is_some();
    let has_capture = report.artifacts.iter().any(|artifact| artifact.capture.is_some());
    let grave = report.findings.iter().map(|finding| finding.severity).max() >= Some(Severity::High);
    if !report.mails.is_empty() {
        "mail"
    } else if has_capture {
        "capture"
    } else if is_log {
        "log"
    } else if grave {
        "malware"
    } else {
        "file"
    }
}

/// The earliest moment that the evidence of findings tells: when a mail was sent, a log or a capture began.
fn occurred(report: &Report) -> Option<Moment> {
    let paths: BTreeSet<&str> = report
        .findings
        .iter()
        .flat_map(|finding| finding.evidence())
        .map(|evidence| evidence.path.raw())
        .collect();
    // Where nothing was found, all of it counts.
    let counts = |path: &str| {
        paths.is_empty()
            || paths.iter().any(|found| {
                found
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            })
    };
    let as_of = Moment::parse(&report.as_of).ok();
    let mails = report.mails.iter().filter(|mail| counts(mail.path.raw()));
    let sent = mails.filter_map(|mail| mail.mail.date.map(|date| date.moment));
    let first = |artifact: &ArtifactRecord| {
        let log = artifact.log.as_ref().and_then(|log| log.first);
        let capture = artifact.capture.as_ref().and_then(|capture| capture.first);
        log.into_iter().chain(capture).map(Timestamp::moment).min()
    };
    let began = report
        .artifacts
        .iter()
        .filter(|artifact| counts(artifact.path.raw()))
        .filter_map(first);
    sent.chain(began)
        // A clock that is ahead, or was never set, tells nothing.
        .filter(|moment| moment.unix() > 0 && as_of.is_none_or(|as_of| *moment <= as_of))
        .min()
}

/// A report as a case keeps it. What only says when it was made does not make it another one.
fn kept_report(report: &Report, now: Moment) -> Result<CaseReport, Problem> {
    let json = |report: &Report| -> Result<Vec<u8>, Problem> {
        let exporter = exporter("json").ok_or_else(|| Problem::new("the format 'json' is missing"))?;
        let mut json = Vec::new();
        exporter
            .report(report, &Style::default(), &mut json)
            .map_err(|error| Problem::new(format!("cannot keep the report: {error}")))?;
        Ok(json)
    };
    let timeless = Report {
        as_of: String::new(),
        ..report.clone()
    };
    let digest: [u8; 32] = Sha256::digest(json(&timeless)?).into();
    let content =
        packed::pack(&json(report)?).map_err(|error| Problem::new(format!("cannot keep the report: {error}")))?;
    Ok(CaseReport {
        digest: ArtifactId::from_digest(digest),
        made: now,
        verdict: report.judgement.verdict,
        score: report.judgement.score.get(),
        content,
    })
}
