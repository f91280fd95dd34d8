//! Log-ins that are new for their users: from an address, or at an hour of the day, from or at which they were never let in.
//!
//! That needs habits: a user who was let in often, on several days, from few addresses, and a baseline in which everything is
//! new. Who comes from new places all the time has that for a habit, and nothing is told.

use super::activity::{Activity, Entity, Few, Row, Who};
use super::unusual::baseline;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::Timestamp;
use watchfire_model::log::{Anomaly, AnomalyKind, AnomalyReason, LogPlace};

/// Log-ins that are told.
const MOST: usize = 5;
/// Log-ins and days before which nobody has habits.
const HABIT: u64 = 10;
const DAYS: usize = 3;
/// The same for hours, of which there are more.
const HABIT_OF_HOURS: u64 = 20;
const DAYS_OF_HOURS: usize = 5;
/// Who logs in at so many different hours has none that are unusual.
const HOURS: u32 = 16;
/// Windows that are longer say nothing of hours.
const LONGEST: i64 = 3_600;
const DAY: i64 = 86_400;

/// The features, by which a title is made.
const NEW_PLACE: &str = "addresses never logged in from before";
pub(crate) const NEW_HOUR: &str = "hours of the day never logged in at before";

/// What is new, log-ins that are new in both ways first.
pub(super) fn new_logins(activity: &Activity, place: impl Fn(u64) -> LogPlace) -> Vec<Anomaly> {
    let Some(span) = activity.span() else { return Vec::new() };
    let baseline = baseline(span);
    let entities = activity.entities();
    let addresses = entities.iter().filter(|entity| entity.who == Who::Address);
    let addresses: BTreeMap<u64, &str> = addresses.map(|entity| (entity.print, &*entity.name)).collect();
    let mut found = Vec::new();
    for entity in entities.iter().filter(|entity| entity.who == Who::User) {
        found.extend(Doors::of(entity).new_since(entity, baseline, activity.length()));
    }
    found.sort_by_key(|new| {
        (
            !(new.from.is_some() && new.is_hour),
            new.from.is_none(),
            std::cmp::Reverse(new.logins),
            new.first,
        )
    });
    found.truncate(MOST);
    let told = found.into_iter().map(|new| {
        let from = new
            .from
            .and_then(|from| addresses.get(&from).copied())
            .unwrap_or_default();
        let what = if from.is_empty() {
            new.user.to_owned()
        } else {
            format!("{} from {from}", new.user)
        };
        let share = if new.from.is_some() && new.is_hour { 0.5 } else { 1.0 };
        let reason = |feature: &str| AnomalyReason {
            feature: feature.to_owned(),
            value: 1.0,
            typical: 0.0,
            share,
        };
        let mut reasons = Vec::new();
        if new.from.is_some() {
            reasons.push(reason(NEW_PLACE));
        }
        if new.is_hour {
            reasons.push(reason(NEW_HOUR));
        }
        Anomaly {
            kind: AnomalyKind::LogIn,
            what: what.into(),
            begins: Some(Timestamp::new(new.first.0, 0)),
            seconds: 0,
            // One of so many log-ins was like this.
            p_value: 1.0 / (new.logins.max(1) as f64),
            reasons,
            place: place(new.first.1),
            example: Default::default(),
        }
    });
    told.collect()
}

/// How somebody is let in.
struct Doors<'a> {
    logins: u64,
    days: BTreeSet<i64>,
    /// By fingerprint: the time and the place of the first log-in, its window, and how many windows there are.
    places: BTreeMap<u64, ((i64, u64), &'a Row, u64)>,
    is_everywhere: bool,
    /// By hour of the day: the first window, and the last day.
    hours: BTreeMap<u32, (&'a Row, i64)>,
    windows: u64,
}

/// A log-in with what is new about it.
struct New<'a> {
    user: &'a str,
    /// Its time, in seconds since 1970, and its place.
    first: (i64, u64),
    from: Option<u64>,
    is_hour: bool,
    logins: u64,
}

impl<'a> Doors<'a> {
    fn of(entity: &'a Entity) -> Self {
        let mut doors = Self {
            logins: 0,
            days: BTreeSet::new(),
            places: BTreeMap::new(),
            is_everywhere: false,
            hours: BTreeMap::new(),
            windows: 0,
        };
        for (_, row) in entity.rows.iter().filter(|(_, row)| row.accepted > 0) {
            doors.logins = doors.logins.saturating_add(row.accepted);
            doors.windows += 1;
            let day = row.let_in_at.div_euclid(DAY);
            doors.days.insert(day);
            doors.is_everywhere |= row.doors.all().len() >= Few::MOST || doors.places.len() >= 4 * Few::MOST;
            if !doors.is_everywhere {
                for (from, first) in row.doors.all() {
                    doors.places.entry(*from).or_insert((*first, row, 0)).2 += 1;
                }
            }
            for hour in (0..24).filter(|hour| row.door_hours >> hour & 1 == 1) {
                doors.hours.entry(hour).or_insert((row, day)).1 = day;
            }
        }
        doors
    }

    fn new_since(&self, entity: &'a Entity, baseline: i64, length: i64) -> Vec<New<'a>> {
        let new = |first, from, is_hour| New {
            user: &entity.name,
            first,
            from,
            is_hour,
            logins: self.logins,
        };
        let place = self.new_place(baseline);
        let hour = if length <= LONGEST {
            self.new_hour(baseline)
        } else {
            None
        };
        match (place, hour) {
            (Some((from, first, one)), Some(other)) if std::ptr::eq(one, other) => {
                vec![new(first, Some(from), true)]
            }
            (one, other) => {
                let one = one.map(|(from, first, _)| new(first, Some(from), false));
                let other = other.map(|row| new(row.let_in(), None, true));
                one.into_iter().chain(other).collect()
            }
        }
    }

    /// The one address that is new behind the baseline, and seldom.
    fn new_place(&self, baseline: i64) -> Option<(u64, (i64, u64), &'a Row)> {
        if self.logins < HABIT || self.days.len() < DAYS || self.is_everywhere || self.places.len() < 2 {
            return None;
        }
        let mut fresh = self.places.iter().filter(|(_, (first, ..))| first.0 >= baseline);
        let (from, (first, row, windows)) = fresh.next()?;
        let is_alone = fresh.next().is_none();
        (is_alone && windows * 10 <= self.windows).then_some((*from, *first, *row))
    }

    /// The one time at an hour that no other day knows, nor the hours beside it.
    fn new_hour(&self, baseline: i64) -> Option<&'a Row> {
        let hours = u32::try_from(self.hours.len()).unwrap_or(u32::MAX);
        if self.logins < HABIT_OF_HOURS || self.days.len() < DAYS_OF_HOURS || hours > HOURS {
            return None;
        }
        let of_day = |(row, last): &(&Row, i64), day: i64| row.let_in_at.div_euclid(DAY) == day && *last == day;
        let mut lonely = self.hours.iter().filter(|(hour, met)| {
            let day = met.0.let_in_at.div_euclid(DAY);
            let beside = [(*hour + 23) % 24, (*hour + 1) % 24];
            let is_alone = beside
                .iter()
                .all(|hour| self.hours.get(hour).is_none_or(|other| of_day(other, day)));
            met.0.let_in_at >= baseline && of_day(met, day) && is_alone
        });
        let (_, (first, day)) = lonely.next()?;
        // Several such hours of one night are one; of several nights they are a habit.
        lonely.all(|(_, met)| of_day(met, *day)).then_some(*first)
    }
}
