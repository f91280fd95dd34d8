//! Logs: what they were read as, which rules hold, who logged in. Values in logs that are text are the text analyzer's.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::logs::LogReading;
use std::io::Cursor;
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Fact, Halt, MediaType, Problem};

/// See the module.
#[derive(Debug)]
pub(crate) struct Log;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "log",
    describes: "logs: Sigma rules that hold, log-ins, and values in event logs of Windows",
};

impl Analyzer for Log {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        matches!(media_type, media::LOG | media::EVTX)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let engine = cx.engine();
        let budget = cx.budget();
        let reading = LogReading {
            observables: cx.media_type() == media::EVTX,
            ..engine.log_reading()
        };
        let mut bytes = Some(artifact.bytes());
        let path = artifact.origin().path();
        let next = || {
            let part = Cursor::new(bytes.take()?);
            Some((path.clone(), Box::new(part) as Box<dyn std::io::Read>))
        };
        let analysis = engine.read_logs(next, &reading, None, budget);
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
