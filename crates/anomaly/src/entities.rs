//! What each entity did in each window of time, as a row of numbers: counts and rates, distinct values, pairs met for the
//! first time, the hour of the day, rare lines.
//!
//! An entity is whatever the caller says: a user, a host, a source address. Events come roughly in the order of their times;
//! a window closes when the newest event is more than a window past its end, and its rows come out in the order of windows
//! and entities, whatever the order within. Everything is bounded: entities of a window, the memory of pairs, the hours kept
//! of entities. What did not fit is counted.

use crate::sketch::{Distinct, Seen, fingerprint};
use std::collections::BTreeMap;

/// How entities are watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Length of a window in seconds.
    pub window: i64,
    /// Names of the fields whose different values are counted and whose pairs with the entity are remembered.
    pub fields: Vec<String>,
    /// More entities in one window are left out.
    pub most_entities: usize,
    /// At least so many pairs are remembered.
    pub most_pairs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            window: 3_600,
            fields: Vec::new(),
            most_entities: 50_000,
            most_pairs: 1_000_000,
        }
    }
}

/// One event.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Who did it.
    pub entity: &'a [u8],
    /// When, in seconds since 1970, in the time zone in which days are meant.
    pub time: i64,
    /// The values of [`Options::fields`], in their order; empty where there is none.
    pub values: &'a [&'a [u8]],
    /// What adds up: bytes, seconds. 1 where nothing does.
    pub amount: f64,
    /// How rare the template of its line is, in bits ([`crate::templates::Templates::surprise`]); 0 where nobody knows.
    pub rarity: f64,
}

/// What an entity did in a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Who.
    pub entity: Vec<u8>,
    /// When the window began, in seconds since 1970.
    pub begin: i64,
    /// The numbers that [`Entities::names`] names.
    pub numbers: Vec<f64>,
}

/// Entities and their windows.
#[derive(Clone, Debug)]
pub struct Entities {
    options: Options,
    /// By window and entity.
    open: BTreeMap<(i64, Vec<u8>), Open>,
    /// How many entities each open window has.
    sizes: BTreeMap<i64, usize>,
    pairs: Seen,
    /// What each entity did until now.
    habits: BTreeMap<Vec<u8>, Habit>,
    newest: i64,
    late: u64,
    left_out: u64,
}

/// A window of an entity that has not closed.
#[derive(Clone, Debug, Default)]
struct Open {
    events: u64,
    amount: f64,
    rarest: f64,
    rarity: f64,
    new_pairs: u64,
    distinct: Vec<Distinct>,
    hours: [u32; 24],
}

/// What is kept of an entity from window to window.
#[derive(Clone, Debug, Default)]
struct Habit {
    hours: [u32; 24],
    events: u64,
    windows: u32,
    /// The mean logarithm of events in a window.
    level: f64,
}

impl Entities {
    /// Nobody has done anything yet.
    pub fn new(options: Options) -> Self {
        let options = Options {
            window: options.window.max(1),
            ..options
        };
        Self {
            pairs: Seen::new(options.most_pairs),
            options,
            open: BTreeMap::new(),
            sizes: BTreeMap::new(),
            habits: BTreeMap::new(),
            newest: i64::MIN,
            late: 0,
            left_out: 0,
        }
    }

    /// What the numbers of an [`Activity`] are.
    pub fn names(&self) -> Vec<String> {
        let fixed = [
            "events",
            "events beside the usual",
            "amount",
            "amount an event",
            "rarest line",
            "mean rarity of lines",
            "first-seen pairs",
            "surprise of the hour",
        ];
        let fields = self.options.fields.iter().map(|field| format!("distinct {field}"));
        fixed.iter().map(|name| (*name).to_owned()).chain(fields).collect()
    }

    /// Events that came after their window had closed, and were left out.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Events of entities for which there was no room.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Takes an event, and returns the windows that close by it.
    pub fn push(&mut self, event: &Event<'_>) -> Vec<Activity> {
        let window = event.time.div_euclid(self.options.window);
        let newest = self.newest.max(window);
        if window < newest.saturating_sub(1) {
            self.late = self.late.saturating_add(1);
            return Vec::new();
        }
        self.newest = newest;
        let closed = self.close_before(newest.saturating_sub(1));
        self.take(window, event);
        closed
    }

    /// Closes all windows.
    pub fn finish(&mut self) -> Vec<Activity> {
        self.close_before(i64::MAX)
    }

    fn take(&mut self, window: i64, event: &Event<'_>) {
        let key = (window, event.entity.to_vec());
        if !self.open.contains_key(&key) {
            let size = self.sizes.entry(window).or_default();
            if *size >= self.options.most_entities {
                self.left_out = self.left_out.saturating_add(1);
                return;
            }
            *size += 1;
        }
        let open = self.open.entry(key).or_default();
        open.distinct.resize_with(self.options.fields.len(), Distinct::default);
        open.events = open.events.saturating_add(1);
        if event.amount.is_finite() {
            open.amount += event.amount;
        }
        if event.rarity.is_finite() {
            open.rarest = open.rarest.max(event.rarity);
            open.rarity += event.rarity;
        }
        if let Some(hour) = open.hours.get_mut(hour(event.time)) {
            *hour = hour.saturating_add(1);
        }
        for ((number, value), distinct) in (0_u64..).zip(event.values).zip(&mut open.distinct) {
            if !value.is_empty() {
                distinct.insert(fingerprint(&[value]));
                let pair = fingerprint(&[event.entity, &number.to_le_bytes(), value]);
                open.new_pairs += u64::from(self.pairs.insert(pair));
            }
        }
    }

    /// Takes windows before `window` out, and learns from them what is usual for their entities.
    fn close_before(&mut self, window: i64) -> Vec<Activity> {
        if self.sizes.first_key_value().is_none_or(|(first, _)| *first >= window) {
            return Vec::new();
        }
        let later = self.open.split_off(&(window, Vec::new()));
        let closed = std::mem::replace(&mut self.open, later);
        self.sizes = self.sizes.split_off(&window);
        let mut activities = Vec::with_capacity(closed.len());
        for ((window, entity), open) in closed {
            let habit = self.habits.get(&entity);
            let numbers = open.numbers(habit);
            self.learn(&entity, &open);
            activities.push(Activity {
                entity,
                begin: window.saturating_mul(self.options.window),
                numbers,
            });
        }
        activities
    }

    fn learn(&mut self, entity: &[u8], open: &Open) {
        if !self.habits.contains_key(entity) && self.habits.len() >= self.options.most_entities {
            return;
        }
        let habit = self.habits.entry(entity.to_vec()).or_default();
        for (all, new) in habit.hours.iter_mut().zip(open.hours) {
            *all = all.saturating_add(new);
        }
        habit.events = habit.events.saturating_add(open.events);
        habit.windows = habit.windows.saturating_add(1);
        habit.level += ((open.events as f64).ln_1p() - habit.level) / f64::from(habit.windows);
    }
}

impl Open {
    fn numbers(&self, habit: Option<&Habit>) -> Vec<f64> {
        let events = self.events as f64;
        let level = events.ln_1p();
        // Logarithms: ten times as many is one step, whether from ten or from a thousand.
        let beside = level - habit.map_or(level, |habit| habit.level);
        let mut numbers = vec![
            level,
            beside,
            self.amount.max(0.0).ln_1p(),
            (self.amount / events.max(1.0)).max(0.0).ln_1p(),
            self.rarest,
            self.rarity / events.max(1.0),
            (self.new_pairs as f64).ln_1p(),
            self.hour_surprise(habit),
        ];
        numbers.extend(self.distinct.iter().map(|distinct| distinct.count().ln_1p()));
        numbers
    }

    /// The most bits in an hour in which something was done, by what the entity did before; 0 where nothing is known.
    fn hour_surprise(&self, habit: Option<&Habit>) -> f64 {
        let Some(habit) = habit.filter(|habit| habit.windows >= 3) else {
            return 0.0;
        };
        let at = |hour: usize| habit.hours.get(hour % 24).copied().map_or(0.0, f64::from);
        let bits = |hour: usize| {
            let near = 0.25 * at(hour + 23) + 0.5 * at(hour) + 0.25 * at(hour + 1);
            -((near + 0.5) / (habit.events as f64 + 12.0)).log2()
        };
        let active = self.hours.iter().enumerate().filter(|(_, events)| **events > 0);
        active.map(|(hour, _)| bits(hour)).fold(0.0, f64::max)
    }
}

/// The hour of the day, from 0 to 23.
fn hour(time: i64) -> usize {
    usize::try_from(time.rem_euclid(86_400) / 3_600).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Activity, Entities, Event, Options};

    fn options() -> Options {
        Options {
            fields: vec!["host".to_owned()],
            ..Options::default()
        }
    }

    /// Events as entity, hour and host; what comes out, all of it.
    fn run(options: Options, events: &[(&str, i64, &str)]) -> (Vec<Activity>, Entities) {
        let mut entities = Entities::new(options);
        let mut out = Vec::new();
        for (entity, hour, host) in events {
            let values = [host.as_bytes()];
            let event = Event {
                entity: entity.as_bytes(),
                time: hour * 3_600 + 60,
                values: &values,
                amount: 1.0,
                rarity: 0.0,
            };
            out.extend(entities.push(&event));
        }
        out.extend(entities.finish());
        (out, entities)
    }

    fn number(activity: &Activity, entities: &Entities, name: &str) -> f64 {
        activity.numbers[entities.names().iter().position(|other| other == name).unwrap()]
    }

    #[test]
    fn a_pair_is_new_once() {
        let (out, entities) = run(
            options(),
            &[("eve", 9, "a"), ("eve", 10, "a"), ("eve", 11, "a"), ("eve", 11, "b")],
        );
        let new: Vec<f64> = out
            .iter()
            .map(|activity| number(activity, &entities, "first-seen pairs").exp_m1().round())
            .collect();
        assert_eq!(new, [1.0, 0.0, 1.0]);
        let distinct: Vec<f64> = out
            .iter()
            .map(|activity| number(activity, &entities, "distinct host").exp_m1().round())
            .collect();
        assert_eq!(distinct, [1.0, 1.0, 2.0]);
    }

    #[test]
    fn an_hour_in_which_nothing_was_ever_done_surprises() {
        let days: Vec<(&str, i64, &str)> = (0..10)
            .map(|day| ("eve", day * 24 + 9, "a"))
            .chain([("eve", 240 + 3, "a")])
            .collect();
        let (out, entities) = run(options(), &days);
        let surprise = |at: usize| number(&out[at], &entities, "surprise of the hour");
        assert!(surprise(10) > surprise(9) + 2.0, "{} {}", surprise(10), surprise(9));
    }

    #[test]
    fn windows_close_in_order_and_late_events_are_counted() {
        let (out, entities) = run(
            options(),
            &[
                ("b", 5, "x"),
                ("a", 5, "x"),
                ("a", 4, "x"),
                ("a", 9, "x"),
                ("a", 5, "x"),
            ],
        );
        let order: Vec<(i64, &[u8])> = out
            .iter()
            .map(|activity| (activity.begin / 3_600, activity.entity.as_slice()))
            .collect();
        assert_eq!(order, [(4, &b"a"[..]), (5, b"a"), (5, b"b"), (9, b"a")]);
        assert_eq!(entities.late(), 1);
    }

    #[test]
    fn there_is_room_for_so_many_entities() {
        let options = Options {
            most_entities: 2,
            ..options()
        };
        let (out, entities) = run(options, &[("a", 1, ""), ("b", 1, ""), ("c", 1, ""), ("a", 1, "")]);
        assert_eq!((out.len(), entities.left_out()), (2, 1));
    }
}
