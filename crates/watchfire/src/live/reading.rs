//! A live capture analysed: what any capture goes through, with all that is read from this machine read beforehand.

use super::{LiveBoard, LiveCapture};
use crate::capture::{filter, key_log, remarks};
use crate::reputation::{Intelligence, Pace};
use crate::{CaptureRequest, Problem, Watchfire};
use std::sync::Arc;
use watchfire_analysis::network::Watching;
use watchfire_capture::{Depth, Filter, KeyLog};
use watchfire_model::network::{CaptureAlert, Event, Flow, Passage, RecordSink};
use watchfire_model::{Diagnostic, Finding, Origin, Problem as Remark, Report, Suppression, Untrusted};

/// Everything that analysing takes from this machine: what is suppressed, and what is known. A capture that was opened by
/// root goes on as somebody who may not read it any more.
pub struct LiveReading<'w> {
    watchfire: &'w Watchfire,
    suppressions: Vec<Suppression>,
    known: Intelligence,
    secrets: Arc<KeyLog>,
    depth: Depth,
    filter: Option<Arc<Filter>>,
}

impl Watchfire {
    /// Reads what is needed, secrets of TLS among it. To be called before the capture is opened. Files that are carried
    /// are not written: the folder would have to be the new user's.
    ///
    /// # Errors
    /// When what is remembered, the list of suppressions, or a file with secrets cannot be read.
    pub fn live_reading(&self, request: &CaptureRequest) -> Result<LiveReading<'_>, Problem> {
        // Tables that are replaced are read when they are first asked for, which is too late.
        let _ = self.here.sources();
        let store = self.memory()?;
        Ok(LiveReading {
            watchfire: self,
            suppressions: self.suppressions()?,
            known: self.intelligence(store.as_ref(), Pace::Many)?,
            secrets: Arc::new(key_log(&request.keylog)?),
            depth: if request.flows_only {
                Depth::Flows
            } else {
                Depth::Everything
            },
            filter: request.filter.as_deref().map(filter).transpose()?,
        })
    }
}

impl LiveReading<'_> {
    /// Analyses a capture until it ends, and judges what was in it. Flows and events go to `records` as they come, and alerts
    /// where these are wanted: of what would be found if the capture ended now, each once. None of what is suppressed.
    ///
    /// # Errors
    /// When the report cannot be put together.
    pub fn read(self, live: &mut LiveCapture, records: Option<&mut dyn RecordSink>) -> Result<Report, Problem> {
        let Self {
            watchfire,
            suppressions,
            known,
            secrets,
            depth,
            filter,
        } = self;
        let name = Untrusted::new(format!("live capture on {}", live.audit.interface));
        let budget = watchfire.engine.budget();
        let today = watchfire.today();
        let is_hidden = |finding: &Finding| suppressions.iter().any(|known| known.hides(finding, today));
        let watching = Watching {
            threads: watchfire.checked.threads,
            depth,
            records: match records {
                Some(records) => Some(records),
                None => None,
            },
            files: None,
            show_secrets: watchfire.checked.show_secrets,
            secrets,
            live: true,
            filter,
            choice: None,
            follow: None,
            frames: None,
            hidden: Some(&is_hidden),
        };
        // It lasts as long as it lasts: no time is set for it.
        let first = (name.clone(), Box::new(&mut *live) as Box<dyn std::io::Read + '_>);
        let origin = Origin::root(name);
        let mut analysis = watchfire.engine.watch(origin, first, || None, watching, &budget);
        if let Some(filter) = &live.in_kernel {
            let message = format!("the kernel left out frames that are not those of '{filter}'; they are not counted");
            let left_out = Remark::note("kernel-filter", message);
            analysis.diagnostics.extend(remarks(&analysis, vec![left_out]));
        }
        let losses = remarks(&analysis, live.outcome().losses());
        // What the capture says of itself is said already.
        let is_new = |loss: &Diagnostic| analysis.diagnostics.iter().all(|said| said.code != loss.code);
        let losses: Vec<Diagnostic> = losses.into_iter().filter(is_new).collect();
        analysis.diagnostics.extend(losses);
        (analysis.coverage.inputs, analysis.coverage.inputs_read) = (1, 1);
        watchfire.conclude_with(Some(known), analysis, &suppressions)
    }
}

/// Shows flows, events and alerts on a board, and hands them on: flows with the programs of this host that they are of.
pub struct LiveRecords<'r> {
    board: &'r LiveBoard,
    inner: Option<&'r mut dyn RecordSink>,
}

impl<'r> LiveRecords<'r> {
    /// To `board` and to `inner`.
    pub fn new(board: &'r LiveBoard, inner: Option<&'r mut dyn RecordSink>) -> Self {
        Self { board, inner }
    }
}

impl RecordSink for LiveRecords<'_> {
    fn event(&mut self, event: &Event) {
        self.board.event(event);
        if let Some(inner) = &mut self.inner {
            inner.event(event);
        }
    }

    fn flow(&mut self, flow: &Flow) {
        self.board.flow(flow);
        if let Some(inner) = &mut self.inner {
            match self.board.with_programs(flow) {
                Some(flow) => inner.flow(&flow),
                None => inner.flow(flow),
            }
        }
    }

    fn wants_alerts(&self) -> bool {
        true
    }

    fn alert(&mut self, alert: &CaptureAlert) {
        self.board.alert(alert);
        if let Some(inner) = self.inner.as_mut().filter(|inner| inner.wants_alerts()) {
            inner.alert(alert);
        }
    }

    fn passage(&mut self, flow: &Flow, passage: &Passage) {
        if let Some(inner) = &mut self.inner {
            inner.passage(flow, passage);
        }
    }

    fn goes_on(&self) -> bool {
        self.inner.as_ref().is_none_or(|inner| inner.goes_on())
    }
}
