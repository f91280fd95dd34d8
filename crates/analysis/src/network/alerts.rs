//! What a capture that goes on would be found to hold if it ended now, told as it becomes known.
//!
//! Detectors and those who learn are asked every few seconds of the capture's own time what they would say. Nobody changes by
//! saying it, so that what is found at the end is what it would be without. To ask everybody, they all learn on the thread
//! that reads, one after the other, and what is told depends on the frames alone.
//!
//! To ask takes as long as to look at all that is remembered, which is bounded. Rhythms are measured anew more seldom: that
//! takes longest, and what is regular shows after many times. Silence in between counts against a rhythm until the end, when
//! it is known whether all was silent.
//!
//! Absent: taking back what was told. What a later frame explains (a name, a host that answers after all) is in the report.

use super::learnt::Learnt;
use super::rhythm::{self, Whole};
use crate::Engine;
use crate::detectors::network::Watchers;
use crate::secrets::hide_in_finding;
use std::collections::HashMap;
use watchfire_model::network::{CaptureAlert, Event, Flow, RecordSink, Rhythm};
use watchfire_model::{Finding, RuleId, Severity, Target, Timestamp};

/// Nanoseconds of the capture between two times of asking.
const EVERY: u64 = 5_000_000_000;
/// Nanoseconds between two measurements of rhythms.
const MEASURED_EVERY: u64 = 60_000_000_000;
/// What is told at once; there is more in the report.
const MOST: usize = 5_000;

/// What tells one finding from another while its numbers grow: the rule, what to act on, and the first frame.
type Key = (RuleId, Vec<Target>, u64);

/// See the module.
pub(super) struct Alerts<'e> {
    learnt: Learnt<'e>,
    /// When the first flow began, and the latest time that was heard of.
    period: Option<(Timestamp, Timestamp)>,
    asked: Option<Timestamp>,
    measured: Option<Timestamp>,
    rhythms: Vec<Rhythm>,
    told: HashMap<Key, Severity>,
}

/// Which alerts are wanted, and how.
pub(super) struct Wanted<'w> {
    /// Whether somebody decided not to see a finding.
    pub(super) is_hidden: &'w dyn Fn(&Finding) -> bool,
    pub(super) show_secrets: bool,
}

impl<'e> Alerts<'e> {
    pub(super) fn new(learnt: Learnt<'e>) -> Self {
        Self {
            learnt,
            period: None,
            asked: None,
            measured: None,
            rhythms: Vec::new(),
            told: HashMap::new(),
        }
    }

    pub(super) fn into_learnt(self) -> Learnt<'e> {
        self.learnt
    }

    pub(super) fn event(&mut self, event: &Event) {
        self.reached(event.time, event.time);
        self.learnt.event(event);
    }

    pub(super) fn flow(&mut self, flow: &Flow) {
        self.reached(flow.first, flow.last);
        self.learnt.flow(flow);
    }

    fn reached(&mut self, first: Timestamp, last: Timestamp) {
        let (earliest, latest) = self.period.unwrap_or((first, last));
        self.period = Some((earliest.min(first), latest.max(last)));
    }

    /// Tells what is new, if it is time to ask.
    pub(super) fn ask(
        &mut self,
        (engine, watchers): (&Engine, &Watchers<'_>),
        wanted: &Wanted<'_>,
        sink: &mut dyn RecordSink,
    ) {
        let Some((earliest, latest)) = self.period else { return };
        if !is_due(self.asked, latest, EVERY) {
            return;
        }
        self.asked = Some(latest);
        if is_due(self.measured, latest, MEASURED_EVERY) {
            self.measured = Some(latest);
            self.rhythms = self.learnt.rhythms.learner.told(Whole {
                first: Some(earliest),
                last: Some(latest),
                gaps: &[],
                tagger: &engine.tagger,
                organisation: &engine.organisation,
            });
            self.rhythms.truncate(rhythm::TOLD);
        }
        let hosts = &self.learnt.hosts.learner;
        for mut finding in watchers.so_far(&self.learnt.watchers, (hosts, &self.rhythms)) {
            if (wanted.is_hidden)(&finding) || !self.is_news(&finding) {
                continue;
            }
            if !wanted.show_secrets {
                hide_in_finding(&mut finding);
            }
            sink.alert(&CaptureAlert::new(latest, finding));
        }
    }

    /// Whether it was not told yet, or not as urgent.
    fn is_news(&mut self, finding: &Finding) -> bool {
        let key = (finding.rule, finding.targets.clone(), CaptureAlert::frame_of(finding));
        let is_full = self.told.len() >= MOST;
        match self.told.get_mut(&key) {
            Some(told) if *told >= finding.severity => false,
            Some(told) => {
                *told = finding.severity;
                true
            }
            None if is_full => false,
            None => {
                self.told.insert(key, finding.severity);
                true
            }
        }
    }
}

/// Whether so many nanoseconds passed.
fn is_due(last: Option<Timestamp>, now: Timestamp, every: u64) -> bool {
    last.is_none_or(|last| now.since(last) >= every)
}
