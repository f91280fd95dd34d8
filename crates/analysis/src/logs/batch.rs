//! What one block of a log gives: counts, and the few records that somebody may want to look at.

use super::activity::Activity;
use super::clocks::Clocks;
use super::rights::Rights;
use super::session::Marks;
use super::sheets::Sheets;
use super::tally::Tally;
use super::templates::Lines;
use std::collections::BTreeMap;
use watchfire_model::log::{LogEntry, LogFile, LogIn, LogPlace, RuleCount, RuleReason, earlier};
use watchfire_model::{Observed, Timestamp, Trace, Untrusted};
use watchfire_sigma::{FieldId, RuleId, Values};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Which file it is of.
    pub(super) file: u32,
    /// Whether numbers of records begin anew in it.
    pub(super) is_relative: bool,
    /// It was not read: a parser failed.
    pub(super) has_failed: bool,
    /// Totals of what was read.
    pub(super) totals: LogFile,
    /// Records that nobody asked for.
    pub(super) left_out: u64,
    /// Fields that were asked for and that a record had.
    pub(super) met: Vec<FieldId>,
    /// Bytes that were read.
    pub(super) bytes: u64,
    pub(super) hosts: Tally,
    pub(super) users: Tally,
    pub(super) addresses: Tally,
    pub(super) events: Tally,
    /// One for each field that was asked for.
    pub(super) top: Vec<Tally>,
    /// Records of each minute, and those that a rule of level medium or above holds for.
    pub(super) minutes: BTreeMap<i64, (u64, u64)>,
    pub(super) rules: BTreeMap<RuleId, Matched>,
    /// Matches that correlations count, in order.
    pub(super) counted: Vec<Counted>,
    pub(super) logins: Vec<LogIn>,
    /// Records for the timeline, in order.
    pub(super) entries: Vec<LogEntry>,
    pub(super) observed: Vec<Observed>,
    pub(super) activity: Activity,
    pub(super) lines: Lines,
    pub(super) sheets: Sheets,
    pub(super) clocks: Clocks,
    pub(super) rights: Rights,
    pub(super) sessions: Marks,
}

/// Matches of one rule.
#[derive(Debug, Default)]
pub(super) struct Matched {
    pub(super) count: u64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    /// The first few machines.
    pub(super) hosts: Vec<Untrusted>,
    /// The first few matches.
    pub(super) shown: Vec<Shown>,
}

/// A match with its reasons.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) place: LogPlace,
    pub(super) time: Option<Timestamp>,
    pub(super) host: Untrusted,
    pub(super) user: Untrusted,
    pub(super) traces: Vec<Trace>,
    pub(super) reasons: Vec<RuleReason>,
    pub(super) text: Untrusted,
}

/// A match that a correlation counts.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) rule: RuleId,
    /// Milliseconds since 1970.
    pub(super) time: i64,
    pub(super) values: Values,
    pub(super) place: LogPlace,
}

impl Matched {
    /// Matches that are kept of each rule.
    pub(super) const SHOWN: usize = 5;

    pub(super) fn host(&mut self, host: &str) {
        if !host.is_empty() && self.hosts.len() < RuleCount::HOSTS && self.hosts.iter().all(|own| own.raw() != host) {
            self.hosts.push(host.into());
        }
    }

    pub(super) fn seen(&mut self, time: Option<Timestamp>) {
        self.first = earlier(self.first, time);
        self.last = self.last.max(time);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.seen(other.first);
        self.seen(other.last);
        other.hosts.iter().for_each(|host| self.host(host.raw()));
        let room = Self::SHOWN.saturating_sub(self.shown.len());
        self.shown.extend(other.shown.into_iter().take(room));
    }
}

impl Batch {
    /// Counts the numbers of its records from `before` on, where they begin anew.
    pub(super) fn number_from(&mut self, before: u64) {
        if !self.is_relative {
            return;
        }
        let later = |place: &mut LogPlace| place.number = place.number.saturating_add(before);
        let shown = self.rules.values_mut().flat_map(|matched| &mut matched.shown);
        shown.for_each(|shown| later(&mut shown.place));
        self.counted.iter_mut().for_each(|counted| later(&mut counted.place));
        self.activity.number_from(before);
        self.rights.number_from(before);
        self.logins.iter_mut().for_each(|login| later(&mut login.place));
        for entry in &mut self.entries {
            entry.line = entry.line.saturating_add(before);
        }
        for observed in &mut self.observed {
            observed.line = observed.line.saturating_add(before);
        }
    }
}
