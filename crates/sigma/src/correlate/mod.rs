//! Correlations: matches counted over time, by event time and in bounded memory.
//!
//! Matches wait until nothing earlier is expected ([`CorrelationLimits::lateness`]) and are taken in the order of their
//! times; those of one time in the order in which they came. What comes later still is put where it belongs as long as its
//! window is kept, and counted. Per correlation and group:
//!
//! - Conditions that only ask for more (`gt`, `gte`) of a count, a sum or of rules slide: they are looked at with every
//!   match, over the timespan that ends with it, and a group is told once for each timespan.
//! - All others (`lt`, `lte`, `eq`, `neq`, means and percentiles) need to know that nothing more comes: they are looked at
//!   when the timespan that began with the group's first match is over.
//!
//! A group whose last match is two timespans old is forgotten: whatever comes later cannot count with it, and what comes later
//! than that is late by more than a timespan.
//!
//! A match without a value for a field of `group-by` belongs to no group and is left out. Values are grouped and counted
//! without regard to case, as Sigma compares them; each set of values is kept once, however many matches have it.

mod group;
mod values;
mod waiting;

use crate::program::index::{small, usize};
use crate::program::{CorrelationInfo, FieldId, Member, Program, RuleId};
use crate::run::Field;
use foldhash::fast::RandomState;
use group::{Entry, Group};
use hashbrown::HashTable;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::Arc;
pub use values::{ValueStore, Values};
use waiting::Waiting;

/// How much correlating may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorrelationLimits {
    /// How long matches wait for earlier ones. Milliseconds.
    pub lateness: i64,
    /// Matches that wait. Beyond that the earliest go on.
    pub waiting: usize,
    /// Groups of all correlations together. Beyond that those that were quiet longest are dropped.
    pub groups: usize,
    /// Matches of all groups together, likewise.
    pub entries: usize,
}

impl Default for CorrelationLimits {
    fn default() -> Self {
        Self {
            lateness: 0,
            waiting: 200_000,
            groups: 100_000,
            entries: 1_000_000,
        }
    }
}

/// A correlation that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Which correlation, as an index into [`Program::correlations`].
    pub correlation: u32,
    /// Fields of `group-by` and their values. Text that others wrote.
    pub group: Vec<(String, String)>,
    /// Time of the first match that counts. Milliseconds since 1970.
    pub first: i64,
    /// Time of the last match that counts.
    pub last: i64,
    /// What was compared: matches, distinct values, rules, a sum, a mean or a percentile.
    pub value: f64,
    /// References of matches that count, the newest last, as the caller numbered them. At most 32.
    pub references: Vec<u64>,
}

/// What could not be counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Matches that came after their window had gone.
    pub late: u64,
    /// Matches without a value for a field of `group-by`.
    pub ungrouped: u64,
    /// Groups dropped to stay in bounds.
    pub groups: u64,
}

/// Fewer groups are not worth a look at all of them.
const FEWEST_SWEPT: usize = 4_096;

/// A match that waits, or an alert that another correlation counts.
#[derive(Clone, Debug)]
struct Match {
    member: Member,
    values: Values,
    reference: u64,
}

/// Counts matches.
pub struct Correlator<'p> {
    program: &'p Program,
    limits: CorrelationLimits,
    /// For each rule: correlations that count it, and the fields that they or those above them look at.
    wanted: BTreeMap<u32, Vec<FieldId>>,
    /// For each member: who counts it, and as which of its members.
    users: BTreeMap<Member, Arc<[(u32, usize)]>>,
    waiting: Waiting,
    values: ValueStore,
    newest: i64,
    /// Groups by correlation and values.
    groups: HashTable<Group>,
    /// The number of the next group.
    next: u64,
    hasher: RandomState,
    /// So many groups, and it is looked for those that are over.
    sweep_at: usize,
    /// Groups by when they are to be looked at, and their hashes.
    closing: BTreeMap<(i64, u64), u64>,
    entries: usize,
    losses: Losses,
}

impl<'p> Correlator<'p> {
    /// A correlator that has counted nothing.
    pub fn new(program: &'p Program, limits: CorrelationLimits) -> Self {
        let mut users: BTreeMap<Member, Vec<(u32, usize)>> = BTreeMap::new();
        for (number, info) in program.correlations.iter().enumerate() {
            for (place, member) in info.members.iter().enumerate() {
                users.entry(*member).or_default().push((small(number), place));
            }
        }
        Self {
            program,
            limits,
            wanted: wanted(program, &users),
            users: users
                .into_iter()
                .map(|(member, users)| (member, users.into()))
                .collect(),
            waiting: Waiting::default(),
            values: ValueStore::default(),
            newest: i64::MIN,
            groups: HashTable::new(),
            next: 0,
            hasher: RandomState::default(),
            sweep_at: FEWEST_SWEPT,
            closing: BTreeMap::new(),
            entries: 0,
            losses: Losses::default(),
        }
    }

    /// The fields that correlations look at, for each rule that one counts: of others nothing has to be fed.
    pub fn counted(program: &Program) -> BTreeMap<RuleId, Vec<FieldId>> {
        let wanted = Correlator::new(program, CorrelationLimits::default()).wanted;
        wanted
            .into_iter()
            .map(|(rule, fields)| (RuleId(rule), fields))
            .collect()
    }

    /// Takes the rules that match a record of `time` (milliseconds since 1970). `reference` is the caller's number of the
    /// record. Returns what holds now.
    pub fn feed(&mut self, time: i64, rules: &[RuleId], fields: &[Field<'_>], reference: u64) -> Vec<Alert> {
        for rule in rules {
            if let Some(wanted) = self.wanted.get(&rule.0) {
                let values = self.values.of(wanted, fields);
                self.wait(time, *rule, values, reference);
            }
        }
        self.go_on(time)
    }

    /// The same for one rule, whose values were gathered before, by the fields that [`Self::counted`] names.
    pub fn feed_values(&mut self, time: i64, rule: RuleId, values: &Values, reference: u64) -> Vec<Alert> {
        let values = self.values.share(values);
        self.wait(time, rule, values, reference);
        self.go_on(time)
    }

    fn wait(&mut self, time: i64, rule: RuleId, values: Values, reference: u64) {
        let one = Match {
            member: Member::Rule(rule),
            values,
            reference,
        };
        self.waiting.push(time, one);
    }

    /// Counts what waits for nothing earlier than `time`.
    fn go_on(&mut self, time: i64) -> Vec<Alert> {
        self.newest = self.newest.max(time);
        let due = self.newest.saturating_sub(self.limits.lateness);
        self.take(due, self.limits.waiting)
    }

    /// From now on matches wait no longer than `lateness` milliseconds for earlier ones. Returns what holds now.
    pub fn wait_for(&mut self, lateness: i64) -> Vec<Alert> {
        self.limits.lateness = lateness;
        self.take(self.newest.saturating_sub(lateness), self.limits.waiting)
    }

    /// Nothing more comes: returns what holds in the end.
    pub fn finish(&mut self) -> Vec<Alert> {
        let mut alerts = self.take(i64::MAX, 0);
        self.close(i64::MAX, &mut alerts);
        alerts
    }

    /// How many matches are held.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> usize {
        self.entries
    }

    /// What could not be counted so far.
    pub fn losses(&self) -> Losses {
        self.losses
    }

    /// Counts what is due, and what is more than may wait.
    fn take(&mut self, due: i64, most: usize) -> Vec<Alert> {
        let mut alerts = Vec::new();
        while let Some(first) = self.waiting.first() {
            if first > due && self.waiting.len() <= most {
                break;
            }
            let Some((time, one)) = self.waiting.pop() else { break };
            self.close(time, &mut alerts);
            self.count(time, &one, &mut alerts);
        }
        alerts
    }

    /// Counts one member for everybody who counts it, and what follows from that. Members come before their users, so
    /// alerts only rise.
    fn count(&mut self, time: i64, one: &Match, alerts: &mut Vec<Alert>) {
        let Some(users) = self.users.get(&one.member).map(Arc::clone) else {
            return;
        };
        for (number, place) in users.iter().copied() {
            let Some(info) = self.program.correlations.get(usize(number)) else {
                continue;
            };
            let Some(hash) = hash(&self.hasher, info, number, place, &one.values) else {
                self.losses.ungrouped += 1;
                continue;
            };
            let counted = info.fields.iter().filter(|field| one.values.text(**field).is_some());
            if info.rule.fields.len() != counted.count() {
                continue;
            }
            let entry = Entry {
                time,
                place,
                values: one.values.clone(),
                reference: one.reference,
                number: 0.0,
            };
            let is_it = |own: &Group| own.is_of(number, info, place, &one.values);
            if self.groups.find(hash, is_it).is_none() {
                self.sweep(time);
                if self.groups.len() >= self.limits.groups {
                    self.make_room(time);
                }
                self.begin(hash, Group::new(self.next, number, info, &entry));
            }
            let Some(own) = self.groups.find_mut(hash, is_it) else {
                continue;
            };
            let before = own.len();
            let is_taken = own.add(info, entry, &self.hasher);
            self.losses.late += u64::from(!is_taken);
            let alert = own.alert(info);
            self.entries = (self.entries + own.len()).saturating_sub(before);
            if self.entries > self.limits.entries {
                self.make_room(time);
            }
            if let Some(alert) = alert {
                self.tell(alert, one.values.clone(), alerts);
            }
        }
    }

    fn begin(&mut self, hash: u64, group: Group) {
        self.next += 1;
        if let Some(end) = group.closes() {
            self.closing.insert((end, group.id()), hash);
        }
        let (program, hasher) = (self.program, &self.hasher);
        self.groups
            .insert_unique(hash, group, |group| group.hash(program, hasher));
    }

    /// Hands an alert out, and to the correlations that count it.
    fn tell(&mut self, alert: Alert, values: Values, alerts: &mut Vec<Alert>) {
        let risen = Match {
            member: Member::Correlation(alert.correlation),
            values,
            reference: alert.references.last().copied().unwrap_or(0),
        };
        let time = alert.last;
        alerts.push(alert);
        self.count(time, &risen, alerts);
    }

    /// Looks at the groups whose time is over.
    fn close(&mut self, now: i64, alerts: &mut Vec<Alert>) {
        while let Some(((end, id), hash)) = self.closing.first_key_value() {
            if *end >= now && now != i64::MAX {
                return;
            }
            let (id, hash) = (*id, *hash);
            self.closing.pop_first();
            let Ok(found) = self.groups.find_entry(hash, |own| own.id() == id) else {
                continue;
            };
            let group = found.remove().0;
            self.entries = self.entries.saturating_sub(group.len());
            let Some(info) = self.program.correlations.get(usize(group.number())) else {
                continue;
            };
            if let Some((alert, values)) = group.close(info) {
                self.tell(alert, values, alerts);
            }
        }
    }

    /// Forgets groups whose matches no later one can count with. Looked for whenever there are twice as many groups as were
    /// left the last time, so that it costs each group little.
    fn sweep(&mut self, now: i64) {
        if self.groups.len() >= self.sweep_at {
            self.forget(now);
            self.sweep_at = self.groups.len().saturating_mul(2).max(FEWEST_SWEPT);
        }
    }

    fn forget(&mut self, now: i64) {
        let entries = &mut self.entries;
        self.groups.retain(|group| {
            let is_over = group.is_over(now);
            if is_over {
                *entries = entries.saturating_sub(group.len());
            }
            !is_over
        });
    }

    /// Forgets what is over, and drops the tenth of all groups that were quiet longest where a tenth of the room is still not
    /// free, so that it is looked for seldom.
    fn make_room(&mut self, now: i64) {
        self.forget(now);
        let is_free = |used: usize, most: usize| used <= most - most / 10 && used < most;
        if is_free(self.groups.len(), self.limits.groups) && is_free(self.entries, self.limits.entries) {
            return;
        }
        let age = |group: &Group| (group.last(), group.id());
        let mut ages: Vec<(i64, u64)> = self.groups.iter().map(age).collect();
        let most = ages.len() / 10;
        if ages.is_empty() {
            return;
        }
        let (_, youngest, _) = ages.select_nth_unstable(most);
        let youngest = *youngest;
        let Self {
            groups,
            closing,
            entries,
            losses,
            ..
        } = self;
        groups.retain(|group| {
            let stays = age(group) > youngest;
            if !stays {
                *entries = entries.saturating_sub(group.len());
                losses.groups += 1;
                if let Some(end) = group.closes() {
                    closing.remove(&(end, group.id()));
                }
            }
            stays
        });
    }
}

/// The fields that anybody above a rule looks at.
fn wanted(program: &Program, users: &BTreeMap<Member, Vec<(u32, usize)>>) -> BTreeMap<u32, Vec<FieldId>> {
    // Users come after their members, so that going backwards knows all that stand above.
    let mut above: Vec<BTreeSet<FieldId>> = vec![BTreeSet::new(); program.correlations.len()];
    for number in (0..program.correlations.len()).rev() {
        let Some(info) = program.correlations.get(number) else {
            continue;
        };
        let mut own: BTreeSet<FieldId> = info.groups.iter().flatten().chain(&info.fields).copied().collect();
        for (user, _) in users.get(&Member::Correlation(small(number))).into_iter().flatten() {
            own.extend(above.get(usize(*user)).into_iter().flatten());
        }
        if let Some(place) = above.get_mut(number) {
            *place = own;
        }
    }
    let mut wanted: BTreeMap<u32, BTreeSet<FieldId>> = BTreeMap::new();
    for (member, of_member) in users {
        if let Member::Rule(rule) = member {
            for (user, _) in of_member {
                wanted
                    .entry(rule.0)
                    .or_default()
                    .extend(above.get(usize(*user)).into_iter().flatten());
            }
        }
    }
    wanted
        .into_iter()
        .map(|(rule, fields)| (rule, fields.into_iter().collect()))
        .collect()
}

/// The values of a match by which it is grouped, without regard to case.
fn grouped<'v>(info: &'v CorrelationInfo, place: usize, values: &'v Values) -> impl Iterator<Item = Option<&'v str>> {
    info.groups.iter().map(move |fields| values.folded(*fields.get(place)?))
}

/// The hash of a match's group; nothing where it has none.
fn hash(hasher: &RandomState, info: &CorrelationInfo, number: u32, place: usize, values: &Values) -> Option<u64> {
    grouped(info, place, values).try_fold(hasher.hash_one(number), |sum, value| {
        Some(hasher.hash_one((sum, value?)))
    })
}
