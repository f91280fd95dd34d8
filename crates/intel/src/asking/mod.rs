//! Asking: the one place where questions leave for providers.
//!
//! Before a question leaves, in this order: can the provider be asked at all (a key, a server); may the value leave
//! ([`Gate`], [`policy`]); is there an answer already ([`Cache`]); is there a call left ([`Quota`]). Each of these can
//! end it, and then a row says so: there is a row for every provider that could be asked about such a value, whatever
//! became of it. A provider that hangs or fails costs its own row and nothing else.
//!
//! Questions go to a provider in the order of the list, so that a spent quota leaves out the end of the list and not a
//! random part. Rows come back in the order of the list and of the providers, whatever finished first. Waiting between
//! two tries is drawn from a seed.

mod configured;
mod echo;
mod memory;
mod one;
pub mod policy;

pub use configured::{Configured, Missing};
pub use memory::{MemoryCache, MemoryQuota};

use crate::enrichers::Note;
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;
use memory::held;
use one::{Job, Standing};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use watchfire_model::transport::Transport;
use watchfire_model::{Cache, Enrichment, Gate, Moment, Observable, Organisation, Outcome, Quota, Urgency};

/// What one provider says about one value, or why it says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What counts.
    pub enrichment: Enrichment,
    /// What else it said.
    pub notes: Vec<Note>,
    /// For a quota that is spent: when to ask again.
    pub again: Option<Moment>,
}

impl Row {
    fn silent(source: &'static str, outcome: Outcome, why: impl Into<watchfire_model::Untrusted>) -> Self {
        Self {
            enrichment: Enrichment::silent(source, outcome, why),
            notes: Vec::new(),
            again: None,
        }
    }
}

/// The answers of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// For each value of the list, in its order, a row for each provider that could be asked about it, in theirs.
    pub rows: Vec<Vec<Row>>,
    /// For each value of the list, the calls that were made about it; none for a value that stood before.
    pub calls_about: Vec<u32>,
    /// Calls that left this machine.
    pub calls: u32,
    /// The first moment at which it is of use to ask again for what a quota left out.
    pub again: Option<Moment>,
}

/// What a run would cost one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The provider.
    pub provider: &'static str,
    /// Calls that are needed at the least.
    pub calls: u32,
    /// Values for which an answer is kept.
    pub kept: u32,
    /// Values that may not leave.
    pub refused: u32,
    /// Values about which it cannot be asked for want of a key or a server.
    pub unready: u32,
    /// Calls that are left at once; nothing where there is no limit.
    pub left: Option<u32>,
    /// What one may do with its answers.
    pub terms: &'static str,
}

/// A run: whom to ask, under which conditions, and by what means.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// Whom.
    pub providers: &'a [Configured],
    /// What may leave.
    pub gate: Gate,
    /// Whose values never leave.
    pub organisation: &'a Organisation,
    /// How questions leave.
    pub transport: &'a dyn Transport,
    /// What was answered before.
    pub cache: &'a dyn Cache,
    /// What may still be asked.
    pub quota: &'a dyn Quota,
    /// How urgent it is.
    pub urgency: Urgency,
    /// The time at the start.
    pub now: Moment,
    /// The time that ages are counted to.
    pub as_of: Moment,
    /// Kept answers older than this many seconds are not taken, however long they are good for.
    pub max_age: Option<u64>,
    /// No call is made; kept answers are taken however old they are.
    pub offline: bool,
    /// How long the whole may take. What has not been answered then is said to have failed.
    pub deadline: Duration,
    /// What waiting times are drawn from.
    pub seed: u64,
}

impl std::fmt::Debug for Asking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking")
            .field("providers", &self.providers)
            .finish_non_exhaustive()
    }
}

impl Asking<'_> {
    /// What asking about `list` would cost, without asking. A value that stands in it twice is asked about once.
    pub fn cost(&self, list: &[Observable]) -> Vec<Cost> {
        let distinct: Vec<&Observable> = first_places(list).into_keys().collect();
        let cost = |configured: &Configured| {
            let info = configured.info();
            let mut cost = Cost {
                provider: info.name,
                left: self.quota.left(configured.bucket(), self.urgency, self.now),
                terms: configured.terms(),
                ..Cost::default()
            };
            for what in distinct.iter().filter(|what| info.takes(what.kind())) {
                let counter = match self.job(configured, what) {
                    Job::Done(row) if row.enrichment.outcome != Outcome::NotAsked => &mut cost.kept,
                    Job::Done(_) if configured.missing().is_some() => &mut cost.unready,
                    Job::Done(_) => &mut cost.refused,
                    Job::Ask(_) => &mut cost.calls,
                };
                *counter += 1;
            }
            cost
        };
        self.providers.iter().map(cost).collect()
    }

    /// Asks about everything in `list`. It never fails: what went wrong stands in the rows.
    pub async fn run(&self, list: &[Observable]) -> Answers {
        let places = first_places(list);
        let mut distinct: Vec<(usize, &Observable)> = places.iter().map(|(what, place)| (*place, *what)).collect();
        distinct.sort_unstable_by_key(|(place, _)| *place);
        let slots: Mutex<BTreeMap<(usize, usize), Row>> = Mutex::default();
        let calls: Vec<AtomicU32> = list.iter().map(|_| AtomicU32::new(0)).collect();
        let started = Instant::now();
        // Places, not references, go through the streams: what runs may then move from thread to thread.
        let everybody = (0..self.providers.len()).map(|number| {
            let (slots, calls, distinct) = (&slots, &calls, &distinct);
            async move {
                let Some(configured) = self.providers.get(number) else {
                    return;
                };
                let standing = Standing::new(self, configured, started, calls);
                let standing = &standing;
                let takes = |(_, what): &(usize, &Observable)| configured.info().takes(what.kind());
                let questions: Vec<(usize, &Observable)> = distinct.iter().copied().filter(takes).collect();
                let questions = &questions;
                stream::iter(0..questions.len())
                    // Whether and about what is decided here, in the order of the list.
                    .map(|at| {
                        let job = questions
                            .get(at)
                            .map(|(place, what)| (*place, self.job(configured, what)));
                        async move {
                            if let Some((place, job)) = job {
                                let row = standing.settle(place, job).await;
                                held(slots).insert((place, number), row);
                            }
                        }
                    })
                    .buffer_unordered(configured.concurrency.max(1))
                    .for_each(|()| std::future::ready(()))
                    .await;
            }
        });
        // What is late is told by the slots that are still empty.
        let _late = tokio::time::timeout(self.deadline, join_all(everybody)).await;
        let mut slots = slots.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut rows: Vec<Vec<Row>> = Vec::with_capacity(list.len());
        for (place, what) in list.iter().enumerate() {
            let first = places.get(what).copied().unwrap_or(place);
            if first < place {
                rows.push(rows.get(first).cloned().unwrap_or_default());
                continue;
            }
            let asked = self.providers.iter().enumerate();
            let asked = asked.filter(|(_, configured)| configured.info().takes(what.kind()));
            let row = |(number, configured): (usize, &Configured)| {
                let why = "no answer before the deadline";
                let late = || Row::silent(configured.info().name, Outcome::Failed, why);
                slots.remove(&(place, number)).unwrap_or_else(late)
            };
            rows.push(asked.map(row).collect());
        }
        let again = rows.iter().flatten().filter_map(|row| row.again).min();
        let calls_about: Vec<u32> = calls.iter().map(|calls| calls.load(Ordering::Relaxed)).collect();
        Answers {
            rows,
            calls: calls_about.iter().sum(),
            calls_about,
            again,
        }
    }

    /// The rows about `what` where nobody is asked: kept answers, refusals, and `why` for everybody else.
    pub fn unasked(&self, what: &Observable, why: &str) -> Vec<Row> {
        let takes = |configured: &&Configured| configured.info().takes(what.kind());
        let row = |configured: &Configured| match self.job(configured, what) {
            Job::Done(row) => row,
            Job::Ask(_) => Row::silent(configured.info().name, Outcome::NotAsked, why),
        };
        self.providers.iter().filter(takes).map(row).collect()
    }
}

/// Each value and where it stands first.
fn first_places(list: &[Observable]) -> BTreeMap<&Observable, usize> {
    let mut places = BTreeMap::new();
    for (place, what) in list.iter().enumerate() {
        places.entry(what).or_insert(place);
    }
    places
}
