//! What is kept of each file until all is read, and the artifact that becomes of it.

use super::feed::FileRead;
use crate::Analysis;
use crate::run::diagnostic;
use hashbrown::HashTable;
use std::sync::Arc;
use watchfire_formats::identify::media;
use watchfire_model::log::LogFile;
use watchfire_model::{
    ArtifactId, ArtifactRecord, Coverage, DiagnosticSeverity, FactSet, Halt, Observed, Origin, Problem, agreeing,
    counted,
};

/// What is kept of a file.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) totals: LogFile,
    pub(super) bytes: u64,
    pub(super) observed: Vec<Observed>,
    /// Places in `observed`, by value.
    pub(super) index: HashTable<u32>,
    pub(super) failed_blocks: u64,
}

/// The artifact of a file, and what about it is not as it should be.
pub(super) fn record(
    analysis: &mut Analysis,
    file: Kept,
    read: &FileRead,
    origin: &Arc<Origin>,
    stopped: Option<Halt>,
) {
    let Kept {
        totals,
        bytes,
        observed,
        failed_blocks,
        ..
    } = file;
    let (remarks, complete) = remarks(&totals, failed_blocks, read, stopped);
    let remarks = remarks.into_iter().map(|problem| diagnostic(problem, origin.path()));
    analysis.diagnostics.extend(remarks);
    analysis.coverage.merge(&Coverage {
        inputs: 1,
        inputs_read: 1,
        artifacts: 1,
        artifacts_read: u64::from(complete),
        bytes,
        limits_reached: stopped.map(|halt| halt.0).into_iter().collect(),
        network_calls: 0,
    });
    let is_evtx = totals
        .formats
        .iter()
        .all(|format| matches!(format.format, "evtx" | "sysmon"))
        && !totals.formats.is_empty();
    analysis.artifacts.push(ArtifactRecord {
        sha256: None,
        size: bytes,
        read: complete,
        observables: observed,
        log: Some(Box::new(totals)),
        ..ArtifactRecord::of(FactSet {
            artifact: ArtifactId::UNKNOWN,
            origin: Arc::clone(origin),
            media_type: if is_evtx { media::EVTX } else { media::LOG },
            role: None,
            facts: Vec::new(),
        })
    });
}

/// What is to be said of it, and whether all of it was read.
fn remarks(totals: &LogFile, failed_blocks: u64, read: &FileRead, stopped: Option<Halt>) -> (Vec<Problem>, bool) {
    let mut problems = Vec::new();
    if let Some(error) = &read.failed {
        problems.push(Problem::warning("log-read", format!("reading it ended early: {error}")));
    }
    if failed_blocks > 0 {
        let message = format!(
            "{failed_blocks} of its blocks {} not looked at, because a parser failed; please report it",
            agreeing(failed_blocks, "was", "were")
        );
        problems.push(Problem {
            severity: DiagnosticSeverity::Error,
            code: "log-panic",
            message: message.into(),
        });
    }
    if totals.skipped > 0 {
        let message = format!("{} of it could not be read", counted(totals.skipped, "byte"));
        problems.push(Problem::warning("log-damaged", message));
    }
    if totals.incomplete > 0 {
        let message = format!(
            "{} {} cut, broken off or read in part",
            counted(totals.incomplete, "record"),
            agreeing(totals.incomplete, "was", "were")
        );
        problems.push(Problem::warning("log-incomplete", message));
    }
    problems.extend(stopped.filter(|_| !read.has_ended).map(crate::run::stopped));
    let complete = problems.is_empty();
    if totals.malformed > 0 {
        let message = format!(
            "{} of {} {} no format that is known, and {} kept as text",
            totals.malformed,
            counted(totals.records, "record"),
            agreeing(totals.malformed, "has", "have"),
            agreeing(totals.malformed, "was", "were")
        );
        problems.push(Problem::note("log-malformed", message));
    }
    if totals.jumps > 0 {
        let times = match totals.jumps {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        let message =
            format!("times go back by more than an hour {times}: a clock was set, or files were put together");
        problems.push(Problem::note("log-clock", message));
    }
    (problems, complete)
}
