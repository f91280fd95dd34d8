//! What is told of logs that grow, as soon as it is known.

use super::batch::{Matched, Shown};
use super::sequence::LogReading;
use crate::detectors::log::{LogScene, sigma, unusual};
use crate::secrets::hide_in_alert;
use std::sync::Arc;
use watchfire_model::log::{Anomaly, EntrySink, LogAlert, LogPlace, RuleSaid};
use watchfire_model::{Date, Finding, Origin, Place, Suppression, Timestamp, Untrusted};

/// What is kept for it.
#[derive(Debug)]
pub(super) struct Telling {
    pub(super) files: Vec<Arc<Origin>>,
    /// When the latest record is from.
    latest: Option<Timestamp>,
    /// Alerts of the block at hand.
    waiting: Vec<LogAlert>,
    /// What nobody wants to see, by today.
    suppressions: Arc<[Suppression]>,
    today: Date,
}

impl Telling {
    pub(super) fn new(reading: &LogReading) -> Self {
        Self {
            files: Vec::new(),
            latest: None,
            waiting: Vec::new(),
            suppressions: Arc::clone(&reading.suppressions),
            today: reading.as_of.moment().date(),
        }
    }

    /// Whether nobody wants to see that a rule says this of a record.
    fn is_hidden(&self, rule: &str, place: LogPlace, text: &str) -> bool {
        let evidence = [LogScene::new(&self.files).record(place, text)];
        let hides = |suppression: &Suppression| suppression.covers(rule, &evidence, self.today);
        self.suppressions.iter().any(hides)
    }

    /// So late it is, by the records.
    pub(super) fn reached(&mut self, time: Option<Timestamp>) {
        self.latest = self.latest.max(time);
    }

    /// Matches of a rule.
    pub(super) fn matched(&mut self, said: &RuleSaid, matched: &Matched) {
        let seen = |shown: &&Shown| !self.is_hidden(sigma::INFO.rule.0, shown.place, &why(shown));
        let seen: Vec<&Shown> = matched.shown.iter().filter(seen).collect();
        let more = matched.count.saturating_sub(matched.shown.len() as u64);
        for (number, shown) in seen.iter().enumerate() {
            let is_last = number + 1 == seen.len();
            self.push(said, shown, if is_last { more } else { 0 });
        }
    }

    /// A correlation holds.
    pub(super) fn correlated(&mut self, said: &RuleSaid, shown: &Shown) {
        if !self.is_hidden(sigma::INFO.rule.0, shown.place, &why(shown)) {
            self.push(said, shown, 0);
        }
    }

    fn push(&mut self, said: &RuleSaid, shown: &Shown, more: u64) {
        let source = self.name(shown.place);
        self.waiting.push(LogAlert {
            time: shown.time,
            severity: said.level.severity(),
            detector: sigma::INFO.rule.0,
            rule: said.id.clone(),
            title: said.title.clone(),
            host: shown.host.clone(),
            source,
            line: shown.place.number,
            reasons: shown.reasons.clone(),
            p_value: None,
            unusual: Vec::new(),
            text: shown.text.clone(),
            more,
        });
    }

    /// A window is unlike those before it.
    pub(super) fn unusual(&mut self, anomaly: Anomaly) {
        let rule = unusual::INFO.rule.0;
        if self.is_hidden(rule, anomaly.place, anomaly.what.raw()) {
            return;
        }
        self.waiting.push(LogAlert {
            time: anomaly.begins,
            severity: unusual::INFO.severity,
            detector: rule,
            rule: Untrusted::default(),
            title: unusual::title(&anomaly).into(),
            host: Untrusted::default(),
            source: self.name(anomaly.place),
            line: anomaly.place.number,
            reasons: Vec::new(),
            p_value: Some(anomaly.p_value),
            unusual: anomaly.reasons,
            text: Untrusted::default(),
            more: 0,
        });
    }

    /// What a detector says already, of all records until now.
    pub(super) fn found(&mut self, finding: &Finding) {
        if self.suppressions.iter().any(|one| one.hides(finding, self.today)) {
            return;
        }
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
            p_value: None,
            unusual: Vec::new(),
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

fn why(shown: &Shown) -> String {
    sigma::why(&shown.reasons, &shown.text)
}
