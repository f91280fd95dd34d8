//! Records over time, in steps that become longer when there are too many.

use std::collections::BTreeMap;
use watchfire_model::Timestamp;
use watchfire_model::log::LogTimeline;

/// Steps before they are made longer.
const STEPS: usize = 8_192;

/// See the module.
#[derive(Debug)]
pub(super) struct Steps {
    step: i64,
    counts: BTreeMap<i64, (u64, u64)>,
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            step: 60,
            counts: BTreeMap::new(),
        }
    }
}

impl Steps {
    pub(super) fn add(&mut self, seconds: i64, records: u64, matched: u64) {
        let sum = self.counts.entry(seconds.div_euclid(self.step)).or_default();
        sum.0 = sum.0.saturating_add(records);
        sum.1 = sum.1.saturating_add(matched);
        while self.counts.len() > STEPS {
            self.double();
        }
    }

    fn double(&mut self) {
        self.step = self.step.saturating_mul(2);
        for (step, (records, matched)) in std::mem::take(&mut self.counts) {
            let sum = self.counts.entry(step.div_euclid(2)).or_default();
            sum.0 = sum.0.saturating_add(records);
            sum.1 = sum.1.saturating_add(matched);
        }
    }

    pub(super) fn timeline(&mut self) -> LogTimeline {
        let ends = |counts: &BTreeMap<i64, (u64, u64)>| {
            let (first, _) = counts.first_key_value()?;
            let (last, _) = counts.last_key_value()?;
            Some((*first, *last))
        };
        while ends(&self.counts).is_some_and(|(first, last)| last.saturating_sub(first) >= LogTimeline::STEPS as i64) {
            self.double();
        }
        let Some((first, last)) = ends(&self.counts) else {
            return LogTimeline::default();
        };
        let mut timeline = LogTimeline {
            begins: Some(Timestamp::new(first.saturating_mul(self.step), 0)),
            step: u64::try_from(self.step).unwrap_or(u64::MAX),
            ..LogTimeline::default()
        };
        for step in first..=last {
            let (records, matched) = self.counts.get(&step).copied().unwrap_or_default();
            timeline.records.push(records);
            timeline.matched.push(matched);
        }
        timeline
    }
}
