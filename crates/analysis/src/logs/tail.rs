//! What is unusual in logs that grow: windows of users, addresses and machines, judged as they close.
//!
//! - A window is five minutes of the time of records. It closes when records come that are from behind it; until all that was
//!   there at the beginning is read, none does, so that the order of files does not matter.
//! - Each row is judged by what came before it alone: a stream's ensemble and the sum of how far its numbers lie beyond what
//!   is usual, as for logs that end ([`super::unusual`]). Before there are [`BASELINE`] windows of a kind nothing is told.
//! - The budget is that of logs that end: one false alarm a day, no more than a fifth of what is told, ten a day in all, and
//!   somebody is told of once an hour.
//!
//! Everything that is remembered is bounded; what is forgotten is what was not seen for longest.

use super::activity::{ALL, Activity, Few, KINDS, Row, SHORT, Who};
use super::unusual::{self, ALARMS, Excess, FALSE_SHARE, FAR, Habit};
use std::collections::{BTreeMap, VecDeque};
use watchfire_anomaly::stream::{self, Stream};
use watchfire_anomaly::{Budget, Rows};
use watchfire_model::Timestamp;
use watchfire_model::log::{Anomaly, AnomalyReason, LogPlace};

/// Windows of a kind before which none of them is judged.
pub(super) const BASELINE: usize = 256;
/// Rows of a kind that say what is usual, and after how many it is learnt anew.
const REMEMBERED: usize = 4_096;
const LEARN: usize = 512;
/// Windows that are open.
const OPEN: usize = 50_000;
/// Users, addresses and machines with habits.
const HABITS: usize = 20_000;
/// Kinds of records that are counted apart.
const OF_KINDS: usize = 65_536;
/// What is told in a day of log, and of somebody again after so long.
const A_DAY: usize = 10;
const AGAIN: i64 = 3_600;
const DAY: i64 = 86_400;
/// Bits of surprise at an hour of a day whose hours are all alike.
const EVEN: f64 = 4.585;

/// A user, an address or a machine.
type Name = (usize, Box<str>);

/// See the module.
pub(super) struct Tail {
    open: BTreeMap<(i64, Name), Row>,
    /// All that was there at the beginning is not yet read.
    is_behind: bool,
    /// What the last records are from, and the first.
    latest: Option<i64>,
    first: Option<i64>,
    /// With the window in which they were seen last.
    habits: BTreeMap<Name, (Habit, i64)>,
    /// In how many of all windows each kind of records was met.
    kinds: BTreeMap<u64, u32>,
    windows: u64,
    watched: Vec<Watched>,
    /// When somebody was told of, by time.
    told: VecDeque<(i64, Name)>,
    not_told: u64,
}

impl Tail {
    pub(super) fn new() -> Self {
        Self {
            open: BTreeMap::new(),
            is_behind: true,
            latest: None,
            first: None,
            habits: BTreeMap::new(),
            kinds: BTreeMap::new(),
            windows: 0,
            watched: ALL.iter().filter_map(|_| Watched::new()).collect(),
            told: VecDeque::new(),
            not_told: 0,
        }
    }

    /// What a block says that was read.
    pub(super) fn merge(&mut self, activity: &Activity) {
        let Some((first, last)) = activity.span() else { return };
        self.first = Some(self.first.map_or(first, |own| own.min(first)));
        // Not the latest of all: one record from the year 2200 would close all windows for good.
        self.latest = match self.latest.filter(|_| self.is_behind) {
            Some(latest) => Some(latest.max(last)),
            None => Some(last),
        };
        for entity in activity.entities() {
            let who = ALL.iter().position(|who| *who == entity.who).unwrap_or_default();
            for (number, row) in &entity.rows {
                let window = number.saturating_mul(activity.length()).div_euclid(SHORT);
                self.open
                    .entry((window, (who, entity.name.clone())))
                    .or_default()
                    .merge(row);
            }
        }
    }

    /// All that was there at the beginning was read.
    pub(super) fn catch_up(&mut self) {
        self.is_behind = false;
    }

    /// Windows that were unusual and were not told, since enough was.
    pub(super) fn not_told(&self) -> u64 {
        self.not_told
    }

    /// What was unusual in the windows that are over by now.
    pub(super) fn closed(&mut self, place: impl Fn(u64) -> LogPlace) -> Vec<Anomaly> {
        let mut found = Vec::new();
        if !self.is_behind
            && let Some(latest) = self.latest.take()
        {
            let now = latest.div_euclid(SHORT);
            let mut old = self.old(now);
            while let Some(entry) = self.open.first_entry().filter(|entry| entry.key().0 < now) {
                let ((window, name), row) = entry.remove_entry();
                let numbers = self.numbers(window, &name, &row);
                match old.get_mut(name.0).filter(|old| **old > 0) {
                    Some(old) => *old -= 1,
                    None => found.extend(self.judge(window, name, (&row, &numbers), &place)),
                }
            }
        }
        while self.open.len() > OPEN {
            let Some(((window, name), row)) = self.open.pop_first() else {
                break;
            };
            self.numbers(window, &name, &row);
        }
        found
    }

    /// How many windows of each kind are over by now that would be forgotten at once, behind those that are over as well: of a long
    /// log that is there at the beginning. They teach habits and are not judged.
    fn old(&self, now: i64) -> [usize; ALL.len()] {
        let mut old = [0; ALL.len()];
        if self.open.len() > REMEMBERED {
            for (_, (who, _)) in self.open.keys().take_while(|(window, _)| *window < now) {
                if let Some(count) = old.get_mut(*who) {
                    *count += 1;
                }
            }
        }
        old.map(|count: usize| count.saturating_sub(REMEMBERED))
    }

    /// A window as numbers, by the habits before it; and takes it into them.
    fn numbers(&mut self, window: i64, name: &Name, row: &Row) -> Vec<f64> {
        let begins = window.saturating_mul(SHORT);
        let bits = self.rarest(row);
        let is_new_told = self.first.is_some_and(|first| begins >= first.saturating_add(DAY));
        if self.habits.len() >= HABITS && !self.habits.contains_key(name) {
            self.forget();
        }
        let (habit, seen) = self.habits.entry(name.clone()).or_default();
        *seen = window;
        let mut numbers = unusual::numbers(habit, row, begins, is_new_told, bits);
        // Habits of hours begin one day. Whoever is there at all hours would then be a surprise at each.
        if let Some(hour) = numbers.get_mut(unusual::HOUR) {
            *hour = (*hour - EVEN).max(0.0);
        }
        numbers
    }

    /// What is unusual about a window, if it is to be told.
    fn judge(
        &mut self,
        window: i64,
        name: Name,
        (row, numbers): (&Row, &[f64]),
        place: impl Fn(u64) -> LogPlace,
    ) -> Option<Anomaly> {
        let begins = window.saturating_mul(SHORT);
        let (p_value, reasons) = self.watched.get_mut(name.0)?.judge(numbers, begins)?;
        while self
            .told
            .front()
            .is_some_and(|(time, _)| *time <= begins.saturating_sub(DAY))
        {
            self.told.pop_front();
        }
        let is_again = |(time, told): &(i64, Name)| *told == name && begins.saturating_sub(*time) < AGAIN;
        if self.told.iter().any(is_again) {
            return None;
        }
        if self.told.len() >= A_DAY {
            self.not_told += 1;
            return None;
        }
        self.told.push_back((begins, name.clone()));
        Some(Anomaly {
            kind: ALL.get(name.0).copied().unwrap_or(Who::Host).kind(),
            what: (*name.1).into(),
            begins: Some(Timestamp::new(begins, 0)),
            seconds: SHORT.unsigned_abs(),
            p_value,
            reasons,
            place: place(row.example()),
            example: Default::default(),
        })
    }

    /// The bits in meeting the rarest kind of record of a row, by the windows before it.
    fn rarest(&mut self, row: &Row) -> f64 {
        let kinds = row.sets.get(KINDS).map(Few::values).unwrap_or_default();
        let all = self.windows as f64 + 1.0;
        let mut most: f64 = 0.0;
        for kind in kinds {
            let is_full = self.kinds.len() >= OF_KINDS;
            match self.kinds.get_mut(kind) {
                Some(met) => {
                    most = most.max(-((f64::from(*met) + 1.0) / all).min(1.0).log2());
                    *met = met.saturating_add(1);
                }
                None if is_full => {}
                None => {
                    most = most.max(all.log2());
                    self.kinds.insert(*kind, 1);
                }
            }
        }
        self.windows += 1;
        most
    }

    /// Forgets the half that was not seen for longest.
    fn forget(&mut self) {
        let mut seen: Vec<i64> = self.habits.values().map(|(_, seen)| *seen).collect();
        let middle = seen.len() / 2;
        let (_, middle, _) = seen.select_nth_unstable(middle);
        let middle = *middle;
        let mut room = HABITS / 2;
        self.habits.retain(|_, (_, seen)| {
            let stays = *seen >= middle && room > 0;
            room -= usize::from(stays);
            stays
        });
    }
}

/// The windows of one kind.
struct Watched {
    stream: Stream,
    /// The latest rows, one after another, and what is usual by them.
    rows: VecDeque<f64>,
    excess: Option<Excess>,
    since: usize,
    /// The chances of the latest.
    chances: VecDeque<f64>,
    judged: f64,
    /// When the first window began that was judged.
    from: Option<i64>,
}

impl Watched {
    fn new() -> Option<Self> {
        let options = stream::Options {
            window: REMEMBERED,
            warm_up: BASELINE,
            refit: LEARN,
            ..stream::Options::default()
        };
        Some(Self {
            stream: Stream::new(unusual::NAMES.len(), options)?,
            rows: VecDeque::new(),
            excess: None,
            since: 0,
            chances: VecDeque::new(),
            judged: 0.0,
            from: None,
        })
    }

    /// The chance of a row and what it is unusual by, where the budget lets it through; and takes it in.
    fn judge(&mut self, row: &[f64], begins: i64) -> Option<(f64, Vec<AnomalyReason>)> {
        let judged = self.stream.push(row, 1);
        let before = self.excess.take();
        let said = match (&before, judged) {
            (Some(excess), Some(judged)) => self.said(excess, judged.p_value, row, begins),
            _ => None,
        };
        self.excess = before;
        self.learn(row);
        said
    }

    fn said(&mut self, excess: &Excess, p_value: f64, row: &[f64], begins: i64) -> Option<(f64, Vec<AnomalyReason>)> {
        // The better of two tests counts for half of what it says.
        let p_value = (2.0 * p_value.min(excess.p_value(row))).min(1.0);
        self.chances.push_back(p_value);
        if self.chances.len() > REMEMBERED {
            self.chances.pop_front();
        }
        self.judged += 1.0;
        let from = *self.from.get_or_insert(begins);
        let elapsed = begins.saturating_sub(from).saturating_add(SHORT).max(SHORT);
        let rows = self.judged.max(self.judged * DAY as f64 / elapsed as f64);
        let alarms = ALARMS / ALL.len() as f64;
        if p_value > (Budget::PerDay { alarms, rows }).limit(&[]) || excess.score(row) < FAR {
            return None;
        }
        let is_let_through = p_value <= Budget::FalseShare(FALSE_SHARE).limit(self.chances.make_contiguous());
        if !is_let_through {
            return None;
        }
        let shares = self.stream.shares(row);
        unusual::more_than_usual(row, &shares, excess).map(|reasons| (p_value, reasons))
    }

    /// A row is remembered, and after many it is learnt anew what is usual.
    fn learn(&mut self, row: &[f64]) {
        let columns = unusual::NAMES.len();
        self.rows.extend(row);
        while self.rows.len() > REMEMBERED.saturating_mul(columns) {
            self.rows.drain(..columns.min(self.rows.len()));
        }
        self.since += 1;
        let wanted = if self.excess.is_none() { BASELINE } else { LEARN };
        if self.since < wanted {
            return;
        }
        self.since = 0;
        let rows = self.rows.make_contiguous().chunks_exact(columns);
        let (mut taught, mut calibrating) = (Vec::new(), Vec::new());
        for (number, row) in rows.enumerate() {
            let part = if number % 2 == 0 { &mut taught } else { &mut calibrating };
            part.extend_from_slice(row);
        }
        if let (Some(taught), Some(calibrating)) = (Rows::new(&taught, columns), Rows::new(&calibrating, columns)) {
            self.excess = Some(Excess::of(taught, calibrating));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::activity::{Deed, Windows};
    use watchfire_model::log::{AnomalyKind, LogInOutcome};

    /// A number that looks like any other, of so many.
    fn some(seed: i64, of: i64) -> i64 {
        let print = watchfire_anomaly::sketch::fingerprint(&[&seed.to_le_bytes()]);
        i64::try_from(print % of.unsigned_abs()).unwrap_or_default()
    }

    /// So many hours of three users, who do a few things in each window; each hour comes as a block.
    fn usual(hours: std::ops::Range<i64>, mut more: impl FnMut(i64, &mut Activity)) -> Vec<Activity> {
        let blocks = hours.map(|hour| {
            let mut activity = Activity::new(Windows::short());
            for window in 0..12 {
                let begins = hour * 3_600 + window * SHORT;
                for user in 0..3 {
                    let user_name = format!("user{user}");
                    let address = format!("10.0.0.{user}");
                    for record in 0..2 + some(begins * 10 + user, 6) {
                        activity.add(&Deed {
                            time: begins + record,
                            names: [&user_name, &address, "web-01"],
                            kind: 7 + some(record, 3).unsigned_abs(),
                            is_mined: false,
                            outcome: Some(LogInOutcome::Accepted),
                            place: 1,
                        });
                    }
                }
            }
            more(hour, &mut activity);
            activity.pack();
            activity
        });
        blocks.collect()
    }

    /// A user who is refused by a machine as often as nobody is.
    fn guess(activity: &mut Activity, time: i64) {
        for number in 0..400 {
            activity.add(&Deed {
                time: time + number / 4,
                names: ["user1", &format!("203.0.113.{}", number % 200), "web-01"],
                kind: 99,
                is_mined: false,
                outcome: Some(LogInOutcome::Refused),
                place: 77,
            });
        }
    }

    fn told(blocks: &[Activity]) -> Vec<Anomaly> {
        let mut tail = Tail::new();
        tail.catch_up();
        let mut found = Vec::new();
        for block in blocks {
            tail.merge(block);
            found.extend(tail.closed(crate::logs::collect::place));
        }
        found
    }

    #[test]
    fn what_is_usual_is_not_told_and_what_is_not_is_told_once_its_window_is_over() {
        assert_eq!(told(&usual(0..60, |_, _| ())), []);
        let blocks = usual(0..60, |hour, activity| {
            if hour == 50 {
                guess(activity, hour * 3_600 + 1_800);
            }
        });
        let found = told(&blocks);
        let user = found.iter().find(|one| one.kind == AnomalyKind::User).expect("a user");
        assert_eq!((user.what.raw(), user.seconds, user.place.number), ("user1", 300, 1));
        assert_eq!(
            user.begins.map(|begins| begins.moment().unix()),
            Some(50 * 3_600 + 1_800)
        );
        assert!(user.p_value < 0.001, "{user:?}");
        let first = user.reasons.first().expect("a reason");
        assert!(first.value > first.typical && !first.feature.is_empty(), "{user:?}");
        // Its last window is not over before something comes from behind it.
        let (before, _) = blocks.split_at(50);
        assert_eq!(told(before), []);
    }

    #[test]
    fn without_a_baseline_nothing_is_told() {
        let blocks = usual(0..2, |hour, activity| {
            if hour == 1 {
                guess(activity, hour * 3_600 + 600);
            }
        });
        assert_eq!(told(&blocks), []);
    }

    #[test]
    fn one_record_of_the_far_future_silences_nothing() {
        let blocks = usual(0..60, |hour, activity| {
            if hour == 20 {
                activity.add(&Deed {
                    time: 8_000_000_000,
                    names: ["user1", "10.0.0.1", "web-01"],
                    kind: 7,
                    is_mined: false,
                    outcome: None,
                    place: 1,
                });
            }
            if hour == 50 {
                guess(activity, hour * 3_600 + 1_800);
            }
        });
        assert!(told(&blocks).iter().any(|one| one.what.raw() == "user1"));
    }

    #[test]
    fn until_everything_old_is_read_windows_wait() {
        let blocks = usual(0..60, |hour, activity| {
            if hour == 50 {
                guess(activity, hour * 3_600 + 1_800);
            }
        });
        let mut orders = Vec::new();
        for backwards in [false, true] {
            let mut tail = Tail::new();
            let mut order: Vec<&Activity> = blocks.iter().collect();
            if backwards {
                order.reverse();
            }
            for block in order {
                tail.merge(block);
                assert_eq!(tail.closed(crate::logs::collect::place), []);
            }
            tail.catch_up();
            orders.push(tail.closed(crate::logs::collect::place));
        }
        assert!(!orders.concat().is_empty());
        assert_eq!(orders.first(), orders.last());
    }
}
