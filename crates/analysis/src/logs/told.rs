//! What is told of logs that grow, as soon as it is known.

use super::batch::{Matched, Shown};
use crate::secrets::hide_in_alert;
use std::sync::Arc;
use watchfire_model::log::{EntrySink, LogAlert, LogPlace, RuleSaid};
use watchfire_model::{Finding, Origin, Place, Timestamp, Untrusted};

/// What is kept for it.
#[derive(Debug, Default)]
pub(super) struct Telling {
    pub(super) files: Vec<Arc<Origin>>,
    /// When the latest record is from.
    latest: Option<Timestamp>,
    /// Alerts of the block at hand.
    waiting: Vec<LogAlert>,
}

impl Telling {
    /// So late it is, by the records.
    pub(super) fn reached(&mut self, time: Option<Timestamp>) {
        self.latest = self.latest.max(time);
    }

    /// Matches of a rule.
    pub(super) fn matched(&mut self, said: &RuleSaid, matched: &Matched) {
        for (number, shown) in matched.shown.iter().enumerate() {
            let is_last = number + 1 == matched.shown.len();
            let more = matched.count.saturating_sub(matched.shown.len() as u64);
            self.shown(said, shown, if is_last { more } else { 0 });
        }
    }

    /// One match.
    pub(super) fn shown(&mut self, said: &RuleSaid, shown: &Shown, more: u64) {
        let source = self.name(shown.place);
        self.waiting.push(LogAlert {
            time: shown.time,
            severity: said.level.severity(),
            detector: "sigma-match",
            rule: said.id.clone(),
            title: said.title.clone(),
            host: shown.host.clone(),
            source,
            line: shown.place.number,
            reasons: shown.reasons.clone(),
            text: shown.text.clone(),
            more,
        });
    }

    /// What a detector says already, of all records until now.
    pub(super) fn found(&mut self, finding: &Finding) {
        let first = finding.evidence().first();
        let line = match first.map(|evidence| &evidence.place) {
            Some(Place::Line(line) | Place::Record(line)) => *line,
            _ => 0,
        };
        self.waiting.push(LogAlert {
            time: self.latest,
            severity: finding.severity,
            detector: finding.rule.0,
            rule: Untrusted::default(),
            title: finding.title.as_str().into(),
            host: Untrusted::default(),
            source: first.map(|evidence| evidence.path.clone()).unwrap_or_default(),
            line,
            reasons: Vec::new(),
            text: first.map(|evidence| evidence.excerpt.clone()).unwrap_or_default(),
            more: 0,
        });
    }

    fn name(&self, place: LogPlace) -> Untrusted {
        let file = self.files.get(place.file as usize);
        file.map(|file| file.path()).unwrap_or_default()
    }

    /// Tells what waits, in the order of records.
    pub(super) fn tell(&mut self, sink: &mut dyn EntrySink, shows_secrets: bool) {
        self.waiting.sort_by(|a, b| {
            let key = |alert: &LogAlert| (alert.time.is_none(), alert.time, alert.line);
            key(a).cmp(&key(b))
        });
        for mut alert in self.waiting.drain(..) {
            if !shows_secrets {
                hide_in_alert(&mut alert);
            }
            sink.alert(&alert);
        }
    }
}
