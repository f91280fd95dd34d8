//! Which windows of users, addresses and machines are unlike the others: their rows become numbers, a model says how likely
//! each is, and a budget of false alarms how many are told.
//!
//! - Every row is judged by a model that neither saw it nor was calibrated by it: rows are dealt into three, and each third is
//!   judged by what the other two taught.
//! - What was never seen before is told only after a baseline, in which everything is seen for the first time: the first
//!   quarter of the time, or a day where that is longer, but no more than half.
//! - Only what is more than usual is told, and only if it is much more. That somebody does little says nothing.

use super::activity::{ALL, Activity, Entity, Few, KINDS, Row};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_anomaly::sketch::fingerprint;
use watchfire_anomaly::templates::Templates;
use watchfire_anomaly::{Budget, Calibration, Model, Options, Rows, ensemble};
use watchfire_model::Timestamp;
use watchfire_model::log::{Anomaly, AnomalyReason, LogPlace};

/// Of fewer windows none is judged.
const FEWEST: usize = 100;
/// Windows of one kind that are judged at most: before, windows become longer.
const MOST: usize = 12_000;
/// Windows that teach a model at most, and that calibrate it.
const MOST_TAUGHT: usize = 3_000;
/// Anomalies that a report lists.
const LISTED: usize = 10;
/// Reasons of each.
const REASONS: usize = 4;
/// False alarms that are expected in a day of log.
pub(super) const ALARMS: f64 = 1.0;
/// Of what is told, such a share is expected to be false at most.
pub(super) const FALSE_SHARE: f64 = 0.2;
/// A window is told if its numbers together lie so far beyond the 95th of a hundred, each in steps from the middle to there or in
/// doublings. Of counts that are one or two most of the time, three is rare and says nothing.
pub(super) const FAR: f64 = 5.0;
const DAY: i64 = 86_400;
/// Fingerprints that are known of somebody.
const MOST_KNOWN: usize = 4_096;
/// Hours are usual or not after so many days.
const DAYS: usize = 3;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// The logarithm of a count and one.
    Count,
    /// The same of how many different values were met, which is estimated where they are many.
    Different,
    /// The logarithm of how many times as much.
    Times,
    /// Bits, or yes and no.
    Plain,
}

impl Unit {
    fn value(self, number: f64) -> f64 {
        match self {
            Self::Count | Self::Different => number.exp_m1().round(),
            Self::Times => number.exp(),
            Self::Plain => number,
        }
    }
}

/// What the numbers of a row are, in words.
pub(super) const NAMES: [(&str, Unit); 13] = [
    ("records", Unit::Count),
    ("times its usual number of records", Unit::Times),
    ("refused log-ins", Unit::Count),
    ("accepted log-ins", Unit::Count),
    ("different users", Unit::Different),
    ("different addresses", Unit::Different),
    ("different machines", Unit::Different),
    ("different kinds of records", Unit::Different),
    ("users never seen with it before", Unit::Different),
    ("addresses never seen with it before", Unit::Different),
    ("machines never seen with it before", Unit::Different),
    ("bits of surprise at the hour of the day", Unit::Plain),
    ("bits of surprise at its rarest kind of record", Unit::Plain),
];

/// Where the hour of the day stands among them.
pub(super) const HOUR: usize = 11;

/// One window of somebody.
struct Window<'a> {
    entity: &'a Entity,
    number: i64,
    row: &'a Row,
    numbers: Vec<f64>,
}

/// What is unusual, the least likely first; and how many windows were not looked at, since others did more.
pub(super) fn windows(
    activity: &mut Activity,
    templates: &Templates,
    threads: usize,
    place: impl Fn(u64) -> LogPlace,
) -> (Vec<Anomaly>, u64) {
    activity.settle();
    let rows = |activity: &Activity, who| {
        let of = activity.entities().iter().filter(|entity| entity.who == who);
        of.map(|entity| entity.rows.len()).sum::<usize>()
    };
    while ALL.iter().any(|who| rows(activity, *who) > MOST) && activity.coarser() {}
    let activity = &*activity;
    let Some((first, last)) = activity.span() else {
        return (Vec::new(), 0);
    };
    let span = last.saturating_sub(first);
    let baseline = baseline((first, last));
    let prints = templates.by_fingerprint();
    let all = activity.records().max(1) as f64;
    let rarity = |kind: u64| {
        let template = prints
            .get(&kind)
            .and_then(|number| templates.list().get(*number as usize));
        let count = template
            .map(|template| template.lines)
            .or_else(|| activity.kind(kind))?;
        Some(-(count.max(1) as f64 / all).min(1.0).log2())
    };
    let mut rarities: BTreeMap<u64, f64> = BTreeMap::new();
    let mut rarest = |row: &Row| {
        let kinds = row.sets.get(KINDS).map(Few::values).unwrap_or_default();
        let bits = kinds.iter().map(|kind| {
            *rarities
                .entry(*kind)
                .or_insert_with(|| rarity(*kind).unwrap_or_default())
        });
        bits.fold(0.0, f64::max)
    };
    let days = (span as f64 / DAY as f64).max(1.0);
    let mut found = Vec::new();
    let mut left_out = 0;
    for who in ALL {
        let mut table: Vec<Window<'_>> = Vec::new();
        for entity in activity.entities().iter().filter(|entity| entity.who == who) {
            of_entity(entity, activity.length(), baseline, &mut rarest, &mut table);
        }
        if table.len() < FEWEST {
            continue;
        }
        table.sort_by(|one, other| (one.number, &one.entity.name).cmp(&(other.number, &other.entity.name)));
        left_out += keep_busiest(&mut table);
        let limit = Budget::PerDay {
            alarms: ALARMS / ALL.len() as f64,
            rows: table.len() as f64 / days,
        };
        found.extend(
            judge(&table, limit, threads)
                .into_iter()
                .map(|(window, p_value, reasons)| {
                    let begins = window.number.saturating_mul(activity.length());
                    Anomaly {
                        kind: who.kind(),
                        what: (*window.entity.name).into(),
                        begins: Some(Timestamp::new(begins, 0)),
                        seconds: activity.length().unsigned_abs(),
                        p_value,
                        reasons,
                        place: place(window.row.example()),
                        example: Default::default(),
                    }
                }),
        );
    }
    found.sort_by(|one, other| {
        let order = one.p_value.total_cmp(&other.p_value);
        order.then_with(|| (one.kind, one.begins, &one.what).cmp(&(other.kind, other.begins, &other.what)))
    });
    found.truncate(LISTED);
    (found, left_out)
}

/// Where there are too many windows, those of whoever does most, and of those who do as much the latest. How many go.
fn keep_busiest(table: &mut Vec<Window<'_>>) -> u64 {
    let Some(gone) = table.len().checked_sub(MOST).filter(|gone| *gone > 0) else {
        return 0;
    };
    let mut order: Vec<usize> = (0..table.len()).collect();
    let busy = |place: &usize| {
        table
            .get(*place)
            .map(|window| (window.row.records, window.row.accepted > 0))
    };
    // Windows stand in the order of their time.
    order.select_nth_unstable_by_key(gone, |place| (busy(place), *place));
    let mut goes = vec![false; table.len()];
    for place in order.iter().take(gone) {
        if let Some(goes) = goes.get_mut(*place) {
            *goes = true;
        }
    }
    let mut goes = goes.into_iter();
    table.retain(|_| goes.next() != Some(true));
    gone as u64
}

/// When the time ends in which everything is new.
pub(super) fn baseline((first, last): (i64, i64)) -> i64 {
    let span = last.saturating_sub(first);
    first.saturating_add((span / 4).max(DAY.min(span / 2)))
}

/// What is known of somebody from the windows before.
#[derive(Default)]
pub(super) struct Habit {
    hours: [u32; 24],
    days: BTreeSet<i64>,
    windows: f64,
    /// The mean logarithm of records in a window.
    level: f64,
    known: [Known; ALL.len()],
}

/// Fingerprints that were met before.
struct Known {
    values: BTreeSet<u64>,
    /// Above, not all that were met are kept.
    complete: u64,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            values: BTreeSet::new(),
            complete: u64::MAX,
        }
    }
}

impl Known {
    /// The share of a set that is new, about.
    fn new_in(&self, set: &Few) -> f64 {
        let of_those = |value: &&u64| **value <= self.complete;
        let looked_at = set.values().iter().filter(of_those).count();
        let new = set
            .values()
            .iter()
            .filter(of_those)
            .filter(|value| !self.values.contains(value))
            .count();
        if looked_at == 0 {
            0.0
        } else {
            new as f64 / looked_at as f64
        }
    }

    fn learn(&mut self, set: &Few) {
        self.values.extend(set.values());
        // Of very many the lowest half stays, which says as much.
        if self.values.len() > MOST_KNOWN
            && let Some(middle) = self.values.iter().nth(MOST_KNOWN / 2).copied()
        {
            self.values.split_off(&middle);
            self.complete = self.complete.min(middle.saturating_sub(1));
        }
        if let Some(last) = set.values().last().filter(|_| set.values().len() >= Few::MOST) {
            self.complete = self.complete.min(*last);
        }
    }
}

/// How many different values a set of a row of so many records has, about: no more than there were records, whatever an estimate by
/// fingerprints says, which somebody may have chosen.
fn different(set: &Few, records: u64) -> f64 {
    set.count().min(records as f64)
}

/// The windows of somebody as numbers, in their order.
fn of_entity<'a>(
    entity: &'a Entity,
    length: i64,
    baseline: i64,
    rarest: &mut impl FnMut(&Row) -> f64,
    table: &mut Vec<Window<'a>>,
) {
    let mut habit = Habit::default();
    for (number, row) in &entity.rows {
        let begins = number.saturating_mul(length);
        table.push(Window {
            entity,
            number: *number,
            row,
            numbers: numbers(&mut habit, row, begins, begins >= baseline, rarest(row)),
        });
    }
}

/// What somebody did in a window that begins then as numbers, by the habits before it; and takes it into them.
pub(super) fn numbers(habit: &mut Habit, row: &Row, begins: i64, is_behind_baseline: bool, rarest: f64) -> Vec<f64> {
    let level = (row.records as f64).ln_1p();
    let beside = if habit.windows > 0.0 { level - habit.level } else { 0.0 };
    let set = |place: usize| row.sets.get(place).map_or(0.0, |set| different(set, row.records));
    let mut numbers = vec![
        level,
        beside,
        (row.refused as f64).ln_1p(),
        (row.accepted as f64).ln_1p(),
        set(0).ln_1p(),
        set(1).ln_1p(),
        set(2).ln_1p(),
        set(KINDS).ln_1p(),
    ];
    // Whoever is new itself was seen with nothing before.
    let is_told = is_behind_baseline && habit.windows >= 3.0;
    for (known, set) in habit.known.iter().zip(&row.sets) {
        let new = known.new_in(set) * different(set, row.records);
        numbers.push(if is_told { new.ln_1p() } else { 0.0 });
    }
    numbers.push(if is_behind_baseline { habit.hour(row.hours) } else { 0.0 });
    numbers.push(rarest);
    habit.learn(row, begins, level);
    numbers
}

impl Habit {
    fn learn(&mut self, row: &Row, begins: i64, level: f64) {
        self.windows += 1.0;
        self.level += (level - self.level) / self.windows;
        self.days.insert(begins.div_euclid(DAY));
        for (hour, count) in self.hours.iter_mut().enumerate() {
            *count += row.hours >> hour & 1;
        }
        for (known, set) in self.known.iter_mut().zip(&row.sets) {
            known.learn(set);
        }
    }

    /// The most bits in an hour in which something was done, by the hours before; 0 where too little is known.
    fn hour(&self, hours: u32) -> f64 {
        if self.days.len() < DAYS {
            return 0.0;
        }
        let at = |hour: usize| self.hours.get(hour % 24).copied().map_or(0.0, f64::from);
        let bits = |hour: usize| {
            let near = 0.25 * at(hour + 23) + 0.5 * at(hour) + 0.25 * at(hour + 1);
            -((near + 0.5) / (self.windows + 12.0)).log2()
        };
        (0..24)
            .filter(|hour| hours >> hour & 1 == 1)
            .map(bits)
            .fold(0.0, f64::max)
    }
}

/// The windows that the budget lets through, with their p-values and reasons.
fn judge<'t, 'a>(
    table: &'t [Window<'a>],
    budget: Budget,
    threads: usize,
) -> Vec<(&'t Window<'a>, f64, Vec<AnomalyReason>)> {
    let width = NAMES.len();
    let columns: Vec<usize> = (0..width)
        .filter(|column| {
            let mut values = table.iter().filter_map(|window| window.numbers.get(*column));
            let first = values.next();
            values.any(|value| Some(value) != first)
        })
        .collect();
    let names: Vec<String> = columns
        .iter()
        .map(|column| NAMES.get(*column).map_or("", |(name, _)| name).to_owned())
        .collect();
    let mut parts: [Vec<&Window<'_>>; 3] = Default::default();
    for (number, window) in (0_u64..).zip(table) {
        let part = usize::try_from(fingerprint(&[&number.to_le_bytes()]) % 3).unwrap_or_default();
        if let Some(part) = parts.get_mut(part) {
            part.push(window);
        }
    }
    let values = |part: &[&Window<'_>], most: usize| -> Vec<f64> {
        let every = part.len().div_ceil(most.max(1)).max(1);
        let rows = part.iter().step_by(every);
        rows.flat_map(|window| {
            columns
                .iter()
                .filter_map(move |column| window.numbers.get(*column).copied())
        })
        .collect()
    };
    let [one, two, three] = &parts;
    let limit = budget.limit(&[]);
    let options = Options {
        ensemble: ensemble::Options {
            trees: 100,
            samples: 32,
            seed: 7,
        },
    };
    let mut found = Vec::new();
    let mut p_values = Vec::new();
    for (taught, calibrating, judged) in [(one, two, three), (two, three, one), (three, one, two)] {
        let (taught, calibrating) = (values(taught, MOST_TAUGHT), values(calibrating, MOST_TAUGHT));
        let asked = values(judged, usize::MAX);
        let rows = |values| Rows::new(values, columns.len());
        let (Some(taught), Some(calibrating), Some(asked)) = (rows(&taught), rows(&calibrating), rows(&asked)) else {
            continue;
        };
        let model = Model::fit_and_calibrate(taught, calibrating, &names, &options, threads);
        let excess = Excess::of(taught, calibrating);
        for (number, (window, said)) in judged.iter().zip(model.judge(asked, threads)).enumerate() {
            let row = asked.row(number);
            // The better of two tests counts for half of what it says.
            let p_value = (2.0 * said.p_value.min(excess.p_value(row))).min(1.0);
            p_values.push(p_value);
            if p_value <= limit
                && excess.score(row) >= FAR
                && let Some(reasons) = reasons(&model, row, &columns)
            {
                found.push((*window, p_value, reasons));
            }
        }
    }
    let limit = Budget::FalseShare(FALSE_SHARE).limit(&p_values);
    found.retain(|(_, p_value, _)| *p_value <= limit);
    found
}

/// How far a window goes beyond what is usual, by the sum over its numbers. Most windows are alike in most numbers, and then
/// forests and neighbours take the second of something for as odd as the hundredth.
pub(super) struct Excess {
    /// The middle and the 95th of a hundred of each column.
    usual: Vec<(f64, f64)>,
    calibration: Calibration,
}

impl Excess {
    pub(super) fn of(taught: Rows<'_>, calibrating: Rows<'_>) -> Self {
        let usual = |column| {
            let mut values: Vec<f64> = taught.column(column).collect();
            values.sort_unstable_by(f64::total_cmp);
            let at = |part: usize| values.get(values.len() * part / 100).copied().unwrap_or_default();
            (at(50), at(95))
        };
        let mut excess = Self {
            usual: (0..taught.columns()).map(usual).collect(),
            calibration: Calibration::of(&[]),
        };
        let scores: Vec<f64> = calibrating.iter().map(|row| excess.score(row)).collect();
        excess.calibration = Calibration::of(&scores);
        excess
    }

    pub(super) fn score(&self, row: &[f64]) -> f64 {
        // Twice as many is no step at all.
        let beyond =
            |(value, (middle, high)): (&f64, &(f64, f64))| (value - high) / (high - middle).max(std::f64::consts::LN_2);
        row.iter()
            .zip(&self.usual)
            .map(beyond)
            .map(|beyond| beyond.max(0.0))
            .sum()
    }

    pub(super) fn p_value(&self, row: &[f64]) -> f64 {
        let score = self.score(row);
        if score > 0.0 {
            self.calibration.p_value(score)
        } else {
            1.0
        }
    }
}

/// What is more than usual about a window; nothing, where that is not most of what sets it apart.
fn reasons(model: &Model, row: &[f64], columns: &[usize]) -> Option<Vec<AnomalyReason>> {
    let shares = model.explain(row).into_iter().map(|reason| {
        let [_, middle, _] = reason.usual;
        Share {
            name: columns.get(reason.column).copied(),
            value: reason.value,
            middle,
            share: reason.share,
        }
    });
    more(shares)
}

/// The same by the shares of all columns.
pub(super) fn more_than_usual(row: &[f64], shares: &[f64], excess: &Excess) -> Option<Vec<AnomalyReason>> {
    let columns = row.iter().zip(shares).zip(&excess.usual).enumerate();
    let shares = columns.map(|(column, ((value, share), (middle, _)))| Share {
        name: Some(column),
        value: *value,
        middle: *middle,
        share: *share,
    });
    let mut shares: Vec<Share> = shares.collect();
    shares.sort_by(|one, other| other.share.total_cmp(&one.share));
    more(shares.into_iter())
}

/// What one number has to do with a score.
struct Share {
    /// Its place in [`NAMES`].
    name: Option<usize>,
    value: f64,
    middle: f64,
    share: f64,
}

fn more(shares: impl Iterator<Item = Share>) -> Option<Vec<AnomalyReason>> {
    const LEAST: f64 = 0.05;
    let more: Vec<Share> = shares.filter(|share| share.value > share.middle).collect();
    let all: f64 = more.iter().map(|share| share.share).sum();
    let told = more.into_iter().filter(|share| share.share >= LEAST).take(REASONS);
    let told = told.filter_map(|share| {
        let (name, unit) = NAMES.get(share.name?)?;
        let value = unit.value(share.value);
        let is_estimate = *unit == Unit::Different && value >= Few::MOST as f64;
        Some(AnomalyReason {
            feature: format!("{name}{}", if is_estimate { ", estimated" } else { "" }),
            value,
            typical: unit.value(share.middle),
            share: share.share,
        })
    });
    let told: Vec<AnomalyReason> = told.collect();
    (all >= 0.5 && !told.is_empty()).then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::activity::Deed;
    use watchfire_model::log::LogInOutcome;

    #[test]
    fn there_are_no_more_different_values_than_records() {
        let mut few = Few::default();
        // What the lowest of all fingerprints would have one believe.
        (1..=40).for_each(|low| few.insert(low));
        assert!(few.count() > 1e15);
        assert_eq!(different(&few, 40), 40.0);
    }

    #[test]
    fn of_too_many_windows_the_busiest_and_the_latest_stay_and_the_others_are_counted() {
        // A user for each; every thousandth has two records.
        let mut activity = Activity::default();
        for number in 0..20_000_i64 {
            for _ in 0..=i64::from(number % 1_000 == 0) {
                activity.add(&Deed {
                    time: number,
                    names: [&format!("u{number}"), "", ""],
                    kind: 7,
                    is_mined: false,
                    outcome: Some(LogInOutcome::Refused),
                    place: 0,
                });
            }
        }
        let windows = activity
            .entities()
            .iter()
            .flat_map(|entity| entity.rows.iter().map(move |(number, row)| (entity, *number, row)));
        let mut table: Vec<Window<'_>> = windows
            .map(|(entity, number, row)| Window {
                entity,
                number,
                row,
                numbers: Vec::new(),
            })
            .collect();
        let all = table.len();
        assert!(all > MOST);
        assert_eq!(keep_busiest(&mut table), (all - MOST) as u64);
        assert_eq!(table.len(), MOST);
        assert_eq!(table.iter().filter(|window| window.row.records == 2).count(), 20);
        assert_eq!(&*table[MOST - 1].entity.name, "u19999");
        assert_eq!(keep_busiest(&mut table), 0);
    }
}
