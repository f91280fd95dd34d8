//! One group of one correlation: the matches of its window, and what is counted in them.

use super::{Alert, Values, grouped};
use crate::Value;
use crate::program::index::usize;
use crate::program::{CorrelationInfo, Program};
use crate::rule::{Aggregate, Comparison};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::collections::VecDeque;
use std::hash::BuildHasher;

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
    pub(super) values: Values,
    pub(super) reference: u64,
    /// What is added up, once the group has taken it.
    pub(super) number: f64,
}

/// A group.
#[derive(Debug)]
pub(super) struct Group {
    id: u64,
    /// Which correlation it is of.
    number: u32,
    /// The first match, whose values name it, and as which member it matched.
    first: Values,
    place: usize,
    span: i64,
    most: usize,
    /// By time.
    kept: VecDeque<Entry>,
    /// How often each value stands in the window.
    distinct: HashTable<(Values, u32)>,
    sum: Sum,
    order: Order,
    /// When the group is looked at, where it is looked at but once.
    end: Option<i64>,
    /// No alert up to this time.
    quiet: i64,
    latest: i64,
    values: Values,
}

/// Numbers that are added up while some of them leave.
#[derive(Debug, Default)]
struct Sum {
    value: f64,
    /// What was added since the last count, whatever its sign: rounding errs by a tiny part of it.
    size: f64,
    /// How many left since the last count.
    gone: usize,
}

impl Sum {
    fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let add = |sum: Self, number: f64| Self {
            value: sum.value + number,
            size: sum.size + number.abs(),
            gone: 0,
        };
        numbers.fold(Self::default(), add)
    }

    /// The largest that an exact count may give.
    fn most(&self) -> f64 {
        if self.gone == 0 {
            return self.value;
        }
        self.value + self.size * 1e-9
    }
}

/// How far members matched one after the other.
#[derive(Debug, Default)]
struct Order {
    /// Matches that left.
    gone: u64,
    /// For each member, from the first: where the newest begins of the runs that reach it. Matches are counted from the first
    /// that the group ever had.
    starts: Vec<u64>,
}

impl Order {
    /// Takes the next match.
    fn reach(&mut self, place: usize, at: u64) {
        let start = match place.checked_sub(1) {
            None => Some(at),
            Some(before) => self.starts.get(before).copied(),
        };
        match (start, self.starts.get_mut(place)) {
            (Some(start), Some(own)) => *own = start,
            (Some(start), None) => self.starts.push(start),
            (None, _) => {}
        }
    }

    /// How many members, from the first, are reached by a run that is still whole. Those that reach farther began earlier.
    fn reached(&self) -> usize {
        self.starts.iter().take_while(|start| **start >= self.gone).count()
    }
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
    pub(super) fn new(id: u64, number: u32, info: &CorrelationInfo, first: &Entry) -> Self {
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
            id,
            number,
            first: first.values.clone(),
            place: first.place,
            span,
            most: LONGEST.max(wanted.saturating_add(1)).min(MOST),
            kept: VecDeque::new(),
            distinct: HashTable::new(),
            sum: Sum::default(),
            order: Order::default(),
            end: (!slides(info)).then(|| first.time.saturating_add(span)),
            quiet: i64::MIN,
            latest: first.time,
            values: first.values.clone(),
        }
    }

    /// As which it was begun.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Which correlation it is of.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Whether a match belongs to it.
    pub(super) fn is_of(&self, number: u32, info: &CorrelationInfo, place: usize, values: &Values) -> bool {
        self.number == number && grouped(info, self.place, &self.first).eq(grouped(info, place, values))
    }

    pub(super) fn hash(&self, program: &Program, hasher: &RandomState) -> u64 {
        let info = program.correlations.get(usize(self.number));
        let hash = info.and_then(|info| super::hash(hasher, info, self.number, self.place, &self.first));
        hash.unwrap_or_default()
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
    pub(super) fn add(&mut self, info: &CorrelationInfo, mut entry: Entry, hasher: &RandomState) -> bool {
        if entry.time < self.latest.saturating_sub(self.span) {
            return false;
        }
        if entry.time >= self.latest {
            self.latest = entry.time;
            self.values = entry.values.clone();
        }
        let needs_number = matches!(
            info.rule.aggregate,
            Aggregate::ValueSum | Aggregate::ValueAverage | Aggregate::ValuePercentile
        );
        if needs_number {
            let Some(number) = number(info, &entry.values).filter(|number| number.is_finite()) else {
                return true;
            };
            entry.number = number;
        }
        if info.rule.aggregate == Aggregate::ValueCount {
            self.tell_apart(info, &entry.values, hasher);
        }
        // Of rules in any order, only the newest match of each counts.
        if info.rule.aggregate == Aggregate::Temporal && self.end.is_none() {
            self.kept
                .retain(|other| other.place != entry.place || other.time > entry.time);
        }
        let at = self.kept.partition_point(|other| other.time <= entry.time);
        let (place, number) = (entry.place, entry.number);
        self.kept.insert(at, entry);
        let is_last = at + 1 == self.kept.len();
        self.counted(info, at, is_last.then_some((place, number)));
        let oldest = self.latest.saturating_sub(self.span);
        while let Some(first) = self.kept.front() {
            let is_old = self.end.is_none() && first.time < oldest;
            if !is_old && self.kept.len() <= self.most {
                break;
            }
            let Some(gone) = self.kept.pop_front() else { break };
            self.order.gone += 1;
            self.sum.value -= gone.number;
            self.sum.gone += 1;
            if info.rule.aggregate == Aggregate::ValueCount {
                self.forget(info, &gone.values, hasher);
            }
        }
        if info.rule.aggregate == Aggregate::ValueSum && self.sum.gone >= self.kept.len() {
            self.sum = Sum::of(self.kept.iter().map(|kept| kept.number));
        }
        true
    }

    /// Goes on with sum and order by a match that came last, and counts them anew where it came in between.
    fn counted(&mut self, info: &CorrelationInfo, at: usize, last: Option<(usize, f64)>) {
        match (info.rule.aggregate, last) {
            (Aggregate::ValueSum, Some((_, number))) => {
                self.sum.value += number;
                self.sum.size += number.abs();
            }
            (Aggregate::ValueSum, None) => self.sum = Sum::of(self.kept.iter().map(|kept| kept.number)),
            (Aggregate::TemporalOrdered, Some((place, _))) => self.order.reach(place, self.order.gone + wide(at)),
            (Aggregate::TemporalOrdered, None) => {
                self.order.starts.clear();
                for (at, kept) in self.kept.iter().enumerate() {
                    self.order.reach(kept.place, self.order.gone + wide(at));
                }
            }
            _ => {}
        }
    }

    fn tell_apart(&mut self, info: &CorrelationInfo, values: &Values, hasher: &RandomState) {
        let hash = hash(info, values, hasher);
        match self.distinct.find_mut(hash, |(own, _)| is_same(info, own, values)) {
            Some((_, count)) => *count += 1,
            None => {
                self.distinct
                    .insert_unique(hash, (values.clone(), 1), |(own, _)| self::hash(info, own, hasher));
            }
        }
    }

    fn forget(&mut self, info: &CorrelationInfo, values: &Values, hasher: &RandomState) {
        let hash = hash(info, values, hasher);
        if let Ok(mut found) = self.distinct.find_entry(hash, |(own, _)| is_same(info, own, values)) {
            found.get_mut().1 -= 1;
            if found.get().1 == 0 {
                found.remove();
            }
        }
    }

    /// What is compared.
    fn value(&self, info: &CorrelationInfo) -> Option<f64> {
        let numbers = || self.kept.iter().map(|kept| kept.number);
        let count = float(self.kept.len());
        Some(match info.rule.aggregate {
            Aggregate::EventCount => count,
            Aggregate::ValueCount => float(self.distinct.len()),
            // Far from what is asked for, a sum need not be exact.
            Aggregate::ValueSum if self.end.is_none() && self.is_below(info) => self.sum.value,
            Aggregate::ValueSum => Sum::of(numbers()).value,
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
            // A rule that stands behind another can match at the same time, and then comes behind it if it came behind it.
            Aggregate::TemporalOrdered => float(self.order.reached()),
        })
    }

    /// Whether the sum is surely too small for a condition that asks for more.
    fn is_below(&self, info: &CorrelationInfo) -> bool {
        let most = self.sum.most();
        info.rule.conditions.iter().any(|(_, number)| most < *number)
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

    fn make(&self, info: &CorrelationInfo, value: f64) -> Alert {
        let references = self.kept.iter().rev().take(REFERENCES).map(|kept| kept.reference);
        let mut references: Vec<u64> = references.collect();
        references.reverse();
        Alert {
            correlation: self.number,
            group: self.names(info),
            first: self.kept.front().map_or(self.latest, |kept| kept.time),
            last: self.latest,
            value,
            references,
        }
    }

    /// Names and values as the first match has them.
    fn names(&self, info: &CorrelationInfo) -> Vec<(String, String)> {
        let groups = info.rule.group_by.iter().zip(&info.groups);
        let named = groups.filter_map(|(name, fields)| {
            let value = self.first.text(*fields.get(self.place)?)?;
            Some((name.clone(), value.to_owned()))
        });
        named.collect()
    }

    /// The alert, where the condition holds now and was not told lately.
    pub(super) fn alert(&mut self, info: &CorrelationInfo) -> Option<Alert> {
        if self.end.is_some() || self.latest < self.quiet {
            return None;
        }
        let value = self.value(info)?;
        if !self.holds(info, value) {
            return None;
        }
        self.quiet = self.latest.saturating_add(self.span);
        Some(self.make(info, value))
    }

    /// The alert, where the condition holds in the end, with the fields of the last match.
    pub(super) fn close(self, info: &CorrelationInfo) -> Option<(Alert, Values)> {
        let value = self.value(info)?;
        let alert = self.holds(info, value).then(|| self.make(info, value))?;
        Some((alert, self.values))
    }
}

/// The values that are counted, without regard to case.
fn counted<'v>(info: &'v CorrelationInfo, values: &'v Values) -> impl Iterator<Item = &'v str> {
    info.fields.iter().filter_map(|field| values.folded(*field))
}

fn is_same(info: &CorrelationInfo, one: &Values, other: &Values) -> bool {
    counted(info, one).eq(counted(info, other))
}

fn hash(info: &CorrelationInfo, values: &Values, hasher: &RandomState) -> u64 {
    counted(info, values).fold(0, |sum: u64, value| hasher.hash_one((sum, value)))
}

/// The number that is added up.
fn number(info: &CorrelationInfo, values: &Values) -> Option<f64> {
    let first = info.fields.iter().find_map(|field| values.text(*field))?;
    Value::Text(first).number()
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
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
