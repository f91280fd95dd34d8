//! Logs: what they were read as, which rules hold, who logged in. Values in logs that are text are the text analyzer's; those of
//! Parquet are read as lines of JSON, a line for each row.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::logs::LogReading;
use std::io::{Cursor, Read};
use std::sync::{Mutex, PoisonError};
use watchfire_formats::identify::media;
use watchfire_formats::parquet::Rows;
use watchfire_model::{Artifact, Budget, Fact, Halt, MediaType, Problem};

/// See the module.
#[derive(Debug)]
pub(crate) struct Log;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "log",
    describes: "logs: Sigma rules that hold, log-ins, and values in event logs of Windows and in Parquet",
};

impl Analyzer for Log {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        matches!(media_type, media::LOG | media::EVTX | media::PARQUET)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let engine = cx.engine();
        let budget = cx.budget();
        let reading = LogReading {
            observables: cx.media_type() != media::LOG,
            ..engine.log_reading()
        };
        let mut bytes = Some(artifact.bytes());
        let path = artifact.origin().path();
        let is_table = cx.media_type() == media::PARQUET;
        let damage = Mutex::new(Vec::new());
        let next = || {
            let part = Cursor::new(bytes.take()?);
            let part: Box<dyn Read> = match is_table {
                true => Box::new(Table::new(part, budget, &damage)),
                false => Box::new(part),
            };
            Some((path.clone(), part))
        };
        let analysis = engine.read_logs(next, &reading, None, budget);
        for problem in damage.into_inner().unwrap_or_else(PoisonError::into_inner) {
            cx.partial();
            cx.report(problem);
        }
        for mut finding in analysis.findings {
            for evidence in finding.evidence_mut() {
                evidence.artifact = artifact.id();
                evidence.path = path.clone();
            }
            cx.found(finding);
        }
        for remark in analysis.diagnostics {
            cx.report(Problem {
                severity: remark.severity,
                code: remark.code,
                message: remark.message,
            });
        }
        let mut halted = budget.check();
        for file in analysis.artifacts {
            if let (Some(file), Some(summary)) = (file.log, analysis.log.clone()) {
                cx.fact(Fact::Log { file, summary });
            }
            for observed in file.observables {
                halted = halted.and(cx.observe(observed));
            }
        }
        halted
    }
}

/// The rows of Parquet as lines, and what was wrong with it.
struct Table<'a> {
    rows: Option<Rows<'a>>,
    damage: &'a Mutex<Vec<Problem>>,
}

impl<'a> Table<'a> {
    fn new(file: Cursor<&'a [u8]>, budget: &'a Budget, damage: &'a Mutex<Vec<Problem>>) -> Self {
        let mut table = Self { rows: None, damage };
        match Rows::open(Box::new(file), budget) {
            Ok(Ok(rows)) => table.rows = Some(rows),
            Ok(Err(problem)) => table.tell(&[problem]),
            // Memory does not fail.
            Err(_) => {}
        }
        table
    }

    fn tell(&mut self, problems: &[Problem]) {
        let mut damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        damage.extend_from_slice(problems);
    }
}

impl Read for Table<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let Some(rows) = &mut self.rows else { return Ok(0) };
        let count = rows.read(into)?;
        if count == 0
            && !into.is_empty()
            && let Some(rows) = self.rows.take()
        {
            self.tell(rows.problems());
            let cut = rows
                .halted()
                .map(|halt| Problem::warning("parquet-cut", format!("{halt} while its rows were read")));
            self.tell(cut.as_slice());
        }
        Ok(count)
    }
}
