//! Logs as a whole: counts and lists that are cut.

use super::file::earlier;
use super::{Anomaly, LogFile, LogInOutcome, RuleSaid, SessionRow};
use crate::{Timestamp, Untrusted};
use serde::Serialize;
use std::net::IpAddr;

/// Totals and top lists of all logs that were read together. Lists are cut; what they leave out is in the totals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LogSummary {
    /// Files.
    pub files: u64,
    /// All of them together.
    #[serde(flatten)]
    pub all: LogFile,
    /// Records that `--from`, `--to` and `--where` left out.
    pub left_out: u64,
    /// How many seconds east of Greenwich times are taken to be that state no zone, where somebody said so; else they are
    /// taken for UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<i32>,
    /// Records over time.
    pub timeline: LogTimeline,
    /// Machines that logs are of.
    pub hosts: Counts,
    /// Users that records are about.
    pub users: Counts,
    /// Addresses that something came from.
    pub addresses: Counts,
    /// What happened, by the name or number that the log gives it.
    pub events: Counts,
    /// Values of fields that were asked for.
    pub top: Vec<Counts>,
    /// Rules and correlations that hold, the most critical first.
    pub rules: Vec<RuleCount>,
    /// Rules that were asked.
    pub rules_asked: u64,
    /// Tactics of ATT&CK, by matches of rules that name them.
    pub tactics: Vec<Count>,
    /// Who was let in or refused from where, those with the most attempts first.
    pub logins: Vec<LogInRow>,
    /// How many attempts were let in.
    pub accepted: u64,
    /// How many were refused.
    pub refused: u64,
    /// Who stayed how long: first those that findings are about, then the longest.
    pub sessions: Vec<SessionRow>,
    /// How many sessions began.
    pub sessions_begun: u64,
    /// How many of them have no end in the logs.
    pub sessions_open: u64,
    /// What lines look like, the rarest first.
    pub templates: Vec<TemplateRow>,
    /// How many kinds of lines there are.
    pub templates_in_all: u64,
    /// What is unlike the rest, the most unusual first.
    pub anomalies: Vec<Anomaly>,
}

/// Records over time, in steps of the same length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LogTimeline {
    /// When the first step begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<Timestamp>,
    /// How long each is, in seconds.
    pub step: u64,
    /// Records in each.
    pub records: Vec<u64>,
    /// Of these, records that a rule of level medium or above holds for.
    pub matched: Vec<u64>,
}

/// Values of one field and how often each was met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The field.
    pub field: Untrusted,
    /// Different values; at least so many where `is_partial`.
    pub distinct: u64,
    /// Whether more values were met than were told apart or kept, so that numbers may be too low.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_partial: bool,
    /// The most frequent first.
    pub values: Vec<Count>,
}

/// A value and how often it was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The value.
    pub value: Untrusted,
    /// How often.
    pub count: u64,
}

/// A rule and how often it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// What it says of itself.
    #[serde(flatten)]
    pub rule: Box<RuleSaid>,
    /// How often it holds.
    pub count: u64,
    /// The first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// The last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// Machines, the first few.
    pub hosts: Vec<Untrusted>,
    /// Whether it is told as a finding and not only counted.
    pub is_told: bool,
}

/// Attempts of one user from one place by one way, with one end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogInRow {
    /// As whom.
    pub user: Untrusted,
    /// Of which domain or realm.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub domain: Untrusted,
    /// From which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<IpAddr>,
    /// From which machine, by its own word.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub from_host: Untrusted,
    /// Where to.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub host: Untrusted,
    /// By which way.
    pub service: &'static str,
    /// How they ended.
    pub outcome: LogInOutcome,
    /// How many.
    pub count: u64,
    /// The first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// The last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

/// A kind of line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TemplateRow {
    /// The line with what varies in angle brackets.
    pub template: Untrusted,
    /// How often.
    pub count: u64,
    /// The first such line, `auth.log:17`.
    pub example: Untrusted,
}

impl LogSummary {
    /// Values of each field that a summary lists, and templates.
    pub const VALUES: usize = 50;
    /// Rows of those who were let in, and of those who were refused.
    pub const LOGINS: usize = 1_000;
    /// Rows of sessions.
    pub const SESSIONS: usize = 1_000;
    /// Rules.
    pub const RULES: usize = 2_000;
    /// What is unlike the rest.
    pub const ANOMALIES: usize = 10;

    /// Adds what other logs said, that were read by themselves. Lists become no longer than those of one reading.
    pub fn merge(&mut self, other: Self) {
        self.files = self.files.saturating_add(other.files);
        self.all.merge(&other.all);
        for (sum, more) in [
            (&mut self.left_out, other.left_out),
            (&mut self.accepted, other.accepted),
            (&mut self.refused, other.refused),
            (&mut self.sessions_begun, other.sessions_begun),
            (&mut self.sessions_open, other.sessions_open),
            (&mut self.templates_in_all, other.templates_in_all),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.rules_asked = self.rules_asked.max(other.rules_asked);
        self.timeline.merge(&other.timeline);
        for (own, others) in [
            (&mut self.hosts, other.hosts),
            (&mut self.users, other.users),
            (&mut self.addresses, other.addresses),
            (&mut self.events, other.events),
        ] {
            own.merge(others);
        }
        for others in other.top {
            match self.top.iter_mut().find(|own| own.field == others.field) {
                Some(own) => own.merge(others),
                None => self.top.push(others),
            }
        }
        for others in other.rules {
            match self.rules.iter_mut().find(|own| own.rule == others.rule) {
                Some(own) => own.merge(others),
                None => self.rules.push(others),
            }
        }
        self.rules.sort_by(|a, b| {
            (b.rule.level, b.count)
                .cmp(&(a.rule.level, a.count))
                .then_with(|| a.rule.title.cmp(&b.rule.title))
        });
        self.rules.truncate(Self::RULES);
        add(&mut self.tactics, other.tactics);
        self.logins.extend(other.logins);
        // Who was let in says more than who was refused most.
        self.logins
            .sort_by_key(|row| (row.outcome == LogInOutcome::Refused, std::cmp::Reverse(row.count)));
        let refused = self.logins.partition_point(|row| row.outcome != LogInOutcome::Refused);
        self.logins.truncate(refused.saturating_add(Self::LOGINS));
        self.logins.drain(refused.min(Self::LOGINS)..refused);
        self.sessions.extend(other.sessions);
        self.sessions.sort_by(|a, b| a.rank().cmp(&b.rank()));
        self.sessions.truncate(Self::SESSIONS);
        self.templates.extend(other.templates);
        self.templates.sort_by_key(|row| row.count);
        self.templates.truncate(Self::VALUES);
        self.anomalies.extend(other.anomalies);
        self.anomalies.sort_by(|a, b| a.p_value.total_cmp(&b.p_value));
        self.anomalies.truncate(Self::ANOMALIES);
    }
}

impl LogTimeline {
    /// Most steps of a timeline.
    pub const STEPS: usize = 96;

    /// Adds another, in the coarser of both steps.
    fn merge(&mut self, other: &Self) {
        let Some(begins) = earlier(self.begins, other.begins) else {
            return;
        };
        let ends = |line: &Self| {
            line.begins.map(|begins| {
                let seconds = line.step.saturating_mul(line.records.len() as u64);
                begins
                    .moment()
                    .unix()
                    .saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX))
            })
        };
        let Some(end) = ends(self).max(ends(other)) else { return };
        let begin = begins.moment().unix();
        let mut step = self.step.max(other.step).max(1);
        let whole = u64::try_from(end.saturating_sub(begin)).unwrap_or(1).max(1);
        while whole.div_ceil(step) > Self::STEPS as u64 {
            step = step.saturating_mul(2);
        }
        let steps = usize::try_from(whole.div_ceil(step))
            .unwrap_or(Self::STEPS)
            .min(Self::STEPS);
        let mut sum = Self {
            begins: Some(begins),
            step,
            records: vec![0; steps],
            matched: vec![0; steps],
        };
        sum.take(begin, self);
        sum.take(begin, other);
        *self = sum;
    }

    fn take(&mut self, begin: i64, other: &Self) {
        let Some(own) = other.begins.map(|begins| begins.moment().unix()) else {
            return;
        };
        let pairs = other.records.iter().zip(&other.matched).enumerate();
        for (place, (records, matched)) in pairs {
            let at = i64::try_from(other.step.saturating_mul(place as u64)).unwrap_or(i64::MAX);
            let since = u64::try_from(own.saturating_add(at).saturating_sub(begin)).unwrap_or(0);
            let step = usize::try_from(since / self.step.max(1)).unwrap_or(usize::MAX);
            if let Some(sum) = self.records.get_mut(step) {
                *sum = sum.saturating_add(*records);
            }
            if let Some(sum) = self.matched.get_mut(step) {
                *sum = sum.saturating_add(*matched);
            }
        }
    }
}

impl Counts {
    fn merge(&mut self, other: Self) {
        if self.field.is_empty() {
            self.field = other.field;
        }
        let before = self.values.len() as u64;
        add(&mut self.values, other.values);
        self.is_partial |= self.values.len() > LogSummary::VALUES;
        // What both lists do not show may be the same: this is what is known for sure.
        self.distinct = self
            .distinct
            .max(other.distinct)
            .max(self.values.len() as u64)
            .max(before);
        self.values.truncate(LogSummary::VALUES);
        self.is_partial |= other.is_partial;
    }
}

impl RuleCount {
    /// Machines that are named.
    pub const HOSTS: usize = 5;

    fn merge(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.first = earlier(self.first, other.first);
        self.last = self.last.max(other.last);
        self.is_told |= other.is_told;
        for host in other.hosts {
            if self.hosts.len() < Self::HOSTS && !self.hosts.contains(&host) {
                self.hosts.push(host);
            }
        }
    }
}

/// Adds counts by value, the most frequent first.
fn add(own: &mut Vec<Count>, others: Vec<Count>) {
    for other in others {
        match own.iter_mut().find(|known| known.value == other.value) {
            Some(known) => known.count = known.count.saturating_add(other.count),
            None => own.push(other),
        }
    }
    own.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
}
