//! One group of one correlation: the matches of its window, and what is counted in them.

use super::{Alert, Values};
use crate::program::CorrelationInfo;
use crate::rule::{Aggregate, Comparison};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Most references of an alert.
const REFERENCES: usize = 32;
/// Most matches of a group, where the condition needs no more. Beyond that the oldest go.
const LONGEST: usize = 10_000;
/// Most matches of a group whatever the condition.
const MOST: usize = 200_000;

/// A match that counts.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) time: i64,
    /// Which member matched.
    pub(super) place: usize,
    /// Values of the fields that are counted.
    pub(super) counted: Vec<String>,
    pub(super) reference: u64,
}

#[derive(Clone, Debug)]
struct Kept {
    time: i64,
    place: usize,
    number: f64,
    value: Vec<String>,
    reference: u64,
}

/// A group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    names: Vec<(String, String)>,
    span: i64,
    most: usize,
    /// By time.
    kept: VecDeque<Kept>,
    /// How often each value stands in the window.
    distinct: BTreeMap<Vec<String>, u32>,
    /// When the group is looked at, where it is looked at but once.
    end: Option<i64>,
    /// No alert up to this time.
    quiet: i64,
    latest: i64,
    values: Values,
}

/// Whether more matches can only make it hold.
fn slides(info: &CorrelationInfo) -> bool {
    let only_more = info
        .rule
        .conditions
        .iter()
        .all(|(comparison, _)| matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual));
    only_more
        && !matches!(
            info.rule.aggregate,
            Aggregate::ValueAverage | Aggregate::ValuePercentile
        )
}

impl Group {
    pub(super) fn new(info: &CorrelationInfo, names: Vec<(String, String)>, time: i64) -> Self {
        let span = i64::try_from(info.rule.timespan)
            .unwrap_or(i64::MAX / 2_000)
            .saturating_mul(1_000);
        let wanted = info
            .rule
            .conditions
            .iter()
            .map(|(_, number)| *number)
            .fold(0.0, f64::max);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to what fits"
        )]
        let wanted = wanted.clamp(0.0, 1e9) as usize;
        Self {
            names,
            span,
            most: LONGEST.max(wanted.saturating_add(1)).min(MOST),
            kept: VecDeque::new(),
            distinct: BTreeMap::new(),
            end: (!slides(info)).then(|| time.saturating_add(span)),
            quiet: i64::MIN,
            latest: time,
            values: Values::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// The time of the newest match.
    pub(super) fn last(&self) -> i64 {
        self.latest
    }

    /// Whether nothing that happens from `now` on, or up to a timespan before, can count with what is kept.
    pub(super) fn is_over(&self, now: i64) -> bool {
        let over = self.latest.saturating_add(self.span.saturating_mul(2));
        self.end.is_none() && now > over && now > self.quiet
    }

    pub(super) fn closes(&self) -> Option<i64> {
        self.end
    }

    /// Takes a match, and drops what is too old. False where it came too late.
    pub(super) fn add(&mut self, info: &CorrelationInfo, entry: Entry, values: &Values) -> bool {
        if entry.time < self.latest.saturating_sub(self.span) {
            return false;
        }
        if entry.time >= self.latest {
            self.latest = entry.time;
            self.values = Arc::clone(values);
        }
        let number = entry.counted.first().and_then(|text| crate::Value::Text(text).number());
        let needs_number = matches!(
            info.rule.aggregate,
            Aggregate::ValueSum | Aggregate::ValueAverage | Aggregate::ValuePercentile
        );
        if needs_number && number.is_none_or(|number| !number.is_finite()) {
            return true;
        }
        let kept = Kept {
            time: entry.time,
            place: entry.place,
            number: number.unwrap_or(0.0),
            value: match info.rule.aggregate {
                Aggregate::ValueCount => entry.counted.iter().map(|value| value.to_lowercase()).collect(),
                _ => Vec::new(),
            },
            reference: entry.reference,
        };
        if info.rule.aggregate == Aggregate::ValueCount {
            *self.distinct.entry(kept.value.clone()).or_default() += 1;
        }
        // Of rules in any order, only the newest match of each counts.
        if info.rule.aggregate == Aggregate::Temporal && self.end.is_none() {
            self.kept
                .retain(|other| other.place != kept.place || other.time > kept.time);
        }
        let at = self.kept.partition_point(|other| other.time <= kept.time);
        self.kept.insert(at, kept);
        let oldest = self.latest.saturating_sub(self.span);
        while let Some(first) = self.kept.front() {
            let is_old = self.end.is_none() && first.time < oldest;
            if !is_old && self.kept.len() <= self.most {
                break;
            }
            let Some(gone) = self.kept.pop_front() else { break };
            if let Some(count) = self.distinct.get_mut(&gone.value) {
                *count -= 1;
                if *count == 0 {
                    self.distinct.remove(&gone.value);
                }
            }
        }
        true
    }

    /// What is compared.
    fn value(&self, info: &CorrelationInfo) -> Option<f64> {
        let numbers = || self.kept.iter().map(|kept| kept.number);
        let count = float(self.kept.len());
        Some(match info.rule.aggregate {
            Aggregate::EventCount => count,
            Aggregate::ValueCount => float(self.distinct.len()),
            Aggregate::ValueSum => numbers().sum(),
            Aggregate::ValueAverage if self.kept.is_empty() => return None,
            Aggregate::ValueAverage => numbers().sum::<f64>() / count,
            Aggregate::ValuePercentile => percentile(numbers().collect(), info.rule.percentile)?,
            Aggregate::Temporal => {
                let mut seen = vec![false; info.members.len()];
                for kept in &self.kept {
                    if let Some(place) = seen.get_mut(kept.place) {
                        *place = true;
                    }
                }
                float(seen.into_iter().filter(|is| *is).count())
            }
            Aggregate::TemporalOrdered => float(self.in_order(info.members.len())),
        })
    }

    /// How many members, from the first, matched one after the other. A rule that stands behind another can match at the
    /// same time, and then comes behind it if it came behind it.
    fn in_order(&self, members: usize) -> usize {
        let reached = self
            .kept
            .iter()
            .fold(0, |next, kept| if kept.place == next { next + 1 } else { next });
        reached.min(members)
    }

    fn holds(&self, info: &CorrelationInfo, value: f64) -> bool {
        let is_temporal = matches!(info.rule.aggregate, Aggregate::Temporal | Aggregate::TemporalOrdered);
        if is_temporal && info.rule.conditions.is_empty() {
            return value >= float(info.members.len());
        }
        info.rule
            .conditions
            .iter()
            .all(|(comparison, number)| comparison.holds(value, *number))
    }

    fn make(&self, number: u32, value: f64) -> Alert {
        let references = self.kept.iter().rev().take(REFERENCES).map(|kept| kept.reference);
        let mut references: Vec<u64> = references.collect();
        references.reverse();
        Alert {
            correlation: number,
            group: self.names.clone(),
            first: self.kept.front().map_or(self.latest, |kept| kept.time),
            last: self.latest,
            value,
            references,
        }
    }

    /// The alert, where the condition holds now and was not told lately.
    pub(super) fn alert(&mut self, number: u32, info: &CorrelationInfo) -> Option<Alert> {
        if self.end.is_some() || self.latest < self.quiet {
            return None;
        }
        let value = self.value(info)?;
        if !self.holds(info, value) {
            return None;
        }
        self.quiet = self.latest.saturating_add(self.span);
        Some(self.make(number, value))
    }

    /// The alert, where the condition holds in the end, with the fields of the last match.
    pub(super) fn close(self, number: u32, info: &CorrelationInfo) -> Option<(Alert, Values)> {
        let value = self.value(info)?;
        let alert = self.holds(info, value).then(|| self.make(number, value))?;
        Some((alert, self.values))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn float(count: usize) -> f64 {
    count as f64
}

/// The percentile by linear interpolation between the two nearest ranks.
fn percentile(mut numbers: Vec<f64>, percent: f64) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let last = numbers.len().checked_sub(1)?;
    let rank = percent / 100.0 * float(last);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last index"
    )]
    let below = (rank.floor() as usize).min(last);
    let low = numbers.get(below)?;
    let high = numbers.get((below + 1).min(last))?;
    Some(low + (high - low) * (rank - rank.floor()))
}
