//! What in logs is unlike the rest: log-ins from where or when a user never logged in before, and windows in which somebody did
//! what hardly anybody does.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | a user is let in from a place and at an hour that both are new for it | 0.10 | stolen passwords look like this, and so do journeys |
//! | from a new place, or at a new hour | 0.05 | people move, and work late |
//! | a window of a user, an address or a machine, or a row of a table, that is unlike the others | 0.05 | what is rare is mostly innocent |
//!
//! At most ten. None of them says that anything is wrong; together with other findings they say where to look. Log-ins need a
//! baseline: a user who logged in often, on several days, from few places, and the first quarter of the log (or a day,
//! where that is longer), in which everything is new.

use crate::detectors::network::is_listed;
use crate::detectors::{Detector, DetectorInfo, Scene, weighed};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watchfire_model::log::{Anomaly, AnomalyKind, AnomalyReason, LogIn, LogInOutcome, LogPlace};
use watchfire_model::observable::defang;
use watchfire_model::{Confidence, Finding, RuleId, Severity, Timestamp, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("log-unusual"),
    describes: "log-ins and other things in logs that are unlike what was seen before",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 100,
    group: "log-unusual",
    techniques: &[],
    false_positives: "what is rare is mostly innocent: journeys, new machines, maintenance, the end of a month",
};

/// What weighs less than a log-in that is new in both ways.
const LESS: u16 = 50;
/// Findings.
const MOST: usize = 10;
/// Of these, log-ins.
const MOST_LOGINS: usize = 5;
/// Users whose habits are remembered.
const MOST_USERS: usize = 10_000;
/// Places of one user; who comes from more comes from anywhere.
const MOST_PLACES: usize = 32;
/// Days of one user.
const MOST_DAYS: usize = 4_096;
/// Log-ins and days before which nobody has habits.
const HABIT: u64 = 10;
const DAYS: usize = 3;
/// The same for hours, of which there are more.
const HABIT_OF_HOURS: u64 = 20;
const DAYS_OF_HOURS: usize = 5;
/// Who logs in at so many different hours has none that are unusual.
const HOURS: usize = 16;
const DAY: i64 = 86_400;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LogUnusual {
    users: BTreeMap<Untrusted, Habit>,
    span: Option<(i64, i64)>,
    anomalies: Vec<Anomaly>,
}

/// How somebody logs in.
#[derive(Debug, Default)]
struct Habit {
    logins: u64,
    days: BTreeSet<i64>,
    /// From where, how often, and the first time.
    places: BTreeMap<Untrusted, (u64, Met)>,
    is_everywhere: bool,
    /// The log-ins of each hour of the day, the first of them, and the first and the last day.
    hours: BTreeMap<i64, (u64, Met, i64)>,
}

/// The first log-in of some kind.
#[derive(Clone, Debug)]
struct Met {
    time: i64,
    place: LogPlace,
    from: Untrusted,
    host: Untrusted,
    text: String,
}

/// What is new about a log-in.
#[derive(Debug)]
struct New {
    user: Untrusted,
    met: Met,
    is_place: bool,
    is_hour: bool,
    logins: u64,
    days: usize,
    places: usize,
}

impl Detector for LogUnusual {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_login(&mut self, login: &LogIn, scene: &mut Scene<'_>) {
        let Some(time) = login.time.map(|time| time.moment().unix()) else { return };
        self.span = Some(self.span.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        let is_full = self.users.len() >= MOST_USERS && !self.users.contains_key(&login.user);
        let is_ours = login.from.is_some_and(|address| is_listed(scene.organisation(), None, address));
        if login.outcome != LogInOutcome::Accepted || login.user.is_empty() || is_full || is_ours {
            return;
        }
        let from = match login.from {
            Some(address) => address.to_string().into(),
            None => login.from_host.clone(),
        };
        let met = Met {
            time,
            place: login.place,
            from,
            host: login.host.clone(),
            text: match login.text.is_empty() {
                true => format!("{} {} let in", login.service, login.user.raw()),
                false => login.text.raw().to_owned(),
            },
        };
        self.users.entry(login.user.clone()).or_default().learn(met);
    }

    fn on_anomaly(&mut self, anomaly: &Anomaly, _: &mut Scene<'_>) {
        if self.anomalies.len() < MOST {
            self.anomalies.push(anomaly.clone());
        }
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        let Some(log) = scene.log() else { return };
        let mut findings = Vec::new();
        for new in self.logins() {
            let weight = if new.is_place && new.is_hour { INFO.weight } else { LESS };
            findings.push(weighed(&INFO, new.title(), weight, log.record(new.met.place, &new.met.text)));
        }
        let is_ours = |anomaly: &Anomaly| {
            let address: Option<IpAddr> = anomaly.what.raw().parse().ok();
            anomaly.kind == AnomalyKind::Address && address.is_some_and(|address| is_listed(scene.organisation(), None, address))
        };
        let rest: Vec<Finding> = std::mem::take(&mut self.anomalies)
            .iter()
            .filter(|anomaly| !is_ours(anomaly))
            .map(|anomaly| weighed(&INFO, title(anomaly), LESS, log.record(anomaly.place, anomaly.what.raw())))
            .collect();
        findings.extend(rest);
        findings.into_iter().take(MOST).for_each(|finding| scene.found(finding));
    }
}

impl LogUnusual {
    /// Log-ins that are new in some way, those that are new in two first.
    fn logins(&self) -> Vec<New> {
        let Some((first, last)) = self.span else { return Vec::new() };
        let span = last.saturating_sub(first);
        let baseline = first.saturating_add((span / 4).max(DAY.min(span / 2)));
        let mut found: Vec<New> = Vec::new();
        for (user, habit) in &self.users {
            found.extend(habit.new_since(user, baseline));
        }
        found.sort_by_key(|new| (!(new.is_place && new.is_hour), !new.is_place, std::cmp::Reverse(new.logins), new.met.time));
        found.truncate(MOST_LOGINS);
        found
    }
}

impl Habit {
    fn learn(&mut self, met: Met) {
        self.logins += 1;
        let day = met.time.div_euclid(DAY);
        if self.days.len() < MOST_DAYS {
            self.days.insert(day);
        }
        let hour = met.time.rem_euclid(DAY) / 3_600;
        let (logins, earliest, last) = self.hours.entry(hour).or_insert_with(|| (0, met.clone(), day));
        *logins += 1;
        *last = (*last).max(day);
        if met.time < earliest.time {
            *earliest = met.clone();
        }
        if met.from.is_empty() {
            return;
        }
        if self.places.len() >= MOST_PLACES && !self.places.contains_key(&met.from) {
            self.is_everywhere = true;
            return;
        }
        let (logins, earliest) = self.places.entry(met.from.clone()).or_insert_with(|| (0, met.clone()));
        *logins += 1;
        if met.time < earliest.time {
            *earliest = met;
        }
    }

    /// What is new about it behind the baseline: at most one place and one hour, which may be the same log-in.
    fn new_since(&self, user: &Untrusted, baseline: i64) -> Vec<New> {
        let new = |met: &Met, is_place, is_hour| New {
            user: user.clone(),
            met: met.clone(),
            is_place,
            is_hour,
            logins: self.logins,
            days: self.days.len(),
            places: self.places.len(),
        };
        let mut place = None;
        if self.logins >= HABIT && self.days.len() >= DAYS && !self.is_everywhere {
            let fresh: Vec<_> = self.places.values().filter(|(_, met)| met.time >= baseline).collect();
            // Who comes from a new place again and again is on a journey through places, and that is the habit.
            if let [(logins, met)] = fresh.as_slice()
                && logins * 10 <= self.logins
                && self.places.len() > 1
            {
                place = Some(met);
            }
        }
        let hour = self.new_hour(baseline);
        match (place, hour) {
            (Some(one), Some(other)) if one.time == other.time => vec![new(one, true, true)],
            (one, other) => {
                let one = one.map(|met| new(met, true, false));
                one.into_iter().chain(other.map(|met| new(met, false, true))).collect()
            }
        }
    }

    /// The one time at which somebody logged in at an hour that no other day knows, nor the hours beside it.
    fn new_hour(&self, baseline: i64) -> Option<&Met> {
        if self.logins < HABIT_OF_HOURS || self.days.len() < DAYS_OF_HOURS || self.hours.len() > HOURS {
            return None;
        }
        let lonely = self.hours.iter().filter(|(hour, (_, met, last))| {
            let day = met.time.div_euclid(DAY);
            let beside = [(*hour + 23) % 24, (*hour + 1) % 24];
            let is_alone = beside.iter().all(|hour| {
                let other = self.hours.get(hour);
                other.is_none_or(|(_, met, last)| met.time.div_euclid(DAY) == day && *last == day)
            });
            met.time >= baseline && *last == day && is_alone
        });
        let mut lonely = lonely.map(|(_, (_, met, _))| met);
        let first = lonely.next()?;
        // Several such hours of one night are one; of several nights they are a habit.
        let day = first.time.div_euclid(DAY);
        lonely.all(|met| met.time.div_euclid(DAY) == day).then_some(first)
    }
}

fn shown(text: &Untrusted) -> String {
    defang(&text.shown(60))
}

impl New {
    /// `backup logged in to db1 from 203[.]0[.]113[.]9 at 03:12 UTC, a place and an hour that …`
    fn title(&self) -> String {
        let clock = self.met.time.rem_euclid(DAY) / 60;
        let host = if self.met.host.is_empty() { String::new() } else { format!(" to {}", shown(&self.met.host)) };
        let from = if self.met.from.is_empty() { String::new() } else { format!(" from {}", shown(&self.met.from)) };
        let what = match (self.is_place, self.is_hour) {
            (true, true) => "a place and an hour",
            (true, false) => "a place",
            _ => "an hour",
        };
        format!(
            "unusual: {} logged in{host}{from} at {:02}:{:02} UTC, {what} never seen with it before, in {} log-ins on {} days{}; \
             what is rare is mostly innocent",
            shown(&self.user),
            clock / 60,
            clock % 60,
            self.logins,
            self.days,
            match self.places {
                0 | 1 => String::new(),
                places => format!(" from {places} places"),
            },
        )
    }
}

/// `unusual: user backup, 2026-11-22 03:00 to 04:00 UTC: 40 different machines (typical 1); …`
fn title(anomaly: &Anomaly) -> String {
    let who = match anomaly.kind {
        AnomalyKind::User => format!("user {}", shown(&anomaly.what)),
        AnomalyKind::Address => format!("address {}", shown(&anomaly.what)),
        AnomalyKind::Host => format!("machine {}", shown(&anomaly.what)),
        AnomalyKind::Template => format!("lines like {}", shown(&anomaly.what)),
        AnomalyKind::Row => format!("row {}", shown(&anomaly.what)),
    };
    let is_row = anomaly.kind == AnomalyKind::Row;
    let reasons: Vec<String> = anomaly.reasons.iter().take(2).map(|reason| said(reason, is_row)).collect();
    let others = match is_row {
        true => "rows".to_owned(),
        false => format!("windows of {}", length(anomaly.seconds)),
    };
    format!(
        "unusual: {who}{}: {}; about 1 in {} {others} is as unusual, and what is rare is mostly innocent",
        anomaly.begins.map(|begins| format!(" {}", within(begins, anomaly.seconds))).unwrap_or_default(),
        reasons.join("; "),
        share(anomaly.p_value),
    )
}

fn said(reason: &AnomalyReason, is_row: bool) -> String {
    if is_row {
        return reason.feature.clone();
    }
    let number = |value: f64| if value.fract().abs() < 0.05 { format!("{value:.0}") } else { format!("{value:.1}") };
    format!("{} {} (typical {})", number(reason.value), reason.feature, number(reason.typical))
}

fn length(seconds: u64) -> String {
    match seconds {
        3_600 => "an hour".to_owned(),
        86_400 => "a day".to_owned(),
        seconds if seconds >= 3_600 => format!("{} hours", seconds / 3_600),
        seconds => format!("{} minutes", seconds / 60),
    }
}

/// `on 2026-11-22 at 03:00 UTC`
fn within(begins: Timestamp, seconds: u64) -> String {
    let text = begins.to_string();
    let (day, clock) = text.split_once('T').unwrap_or((&text, ""));
    match seconds {
        86_400 => format!("on {day}"),
        _ => format!("on {day} from {} UTC", clock.get(..5).unwrap_or(clock)),
    }
}

/// One in how many, with two digits, as far as that can be told.
fn share(p_value: f64) -> String {
    const MOST: f64 = 1e6;
    let count = (1.0 / p_value.max(1.0 / MOST)).max(1.0);
    let step = 10_f64.powf((count.log10().floor() - 1.0).max(0.0));
    let count = (count / step).round() * step;
    let digits = format!("{count:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
