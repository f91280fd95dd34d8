//! Providers in a check: who is asked, what is kept of earlier answers, and what asking costs.
//!
//! Without a permission nobody is asked, and the network is not so much as prepared; kept answers are shown all the
//! same. With it, everything that is asked goes through [`Asking`], which decides what may leave. The asynchronous
//! runtime is made for a run that asks and for no other.

use super::cost::{self, count};
use super::ledger::{Ledger, OVER, note};
use crate::config::Whom;
use crate::progress::Progress;
use crate::{Problem, Watchfire, clock, network};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use watchfire_intel::asking::{Asking, Configured, MemoryQuota, Row};
use watchfire_intel::transport::{Http, Offline};
use watchfire_model::{
    Cache, Class, Diagnostic, Enrichment, Exposure, Gate, Kept, Moment, Observable, Outcome, Pap, Quota, Tlp, Urgency,
};
use watchfire_store::{Held, Store};

/// What a person allows for one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permission {
    /// The owner of a value may notice.
    contact: bool,
}

/// What others say of one value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) enrichments: Vec<Enrichment>,
    pub(crate) calls: u32,
}

/// What others say of each value of a batch.
pub(crate) type Batch = BTreeMap<Observable, Said>;

/// Providers, and what they answered before.
#[derive(Debug)]
pub(crate) struct Providers {
    pub(crate) configured: Vec<Configured>,
    pub(crate) store: Option<Store>,
    /// What there are answers about, where many values are to come.
    held: Option<Held>,
    max_age: Option<u64>,
    as_of: Moment,
    forbidden: bool,
    pub(crate) live: Option<Live>,
}

/// What a run needs that asks.
#[derive(Debug)]
pub(crate) struct Live {
    http: Http,
    pub(crate) runtime: Runtime,
    gate: Gate,
    urgency: Urgency,
    started: Instant,
    now: Moment,
    deadline: Duration,
    seed: u64,
    calls: u64,
    ledger: Ledger,
}

impl Watchfire {
    /// Allows the checks of this run to ask providers. `contact` allows questions that the owner of a value may notice.
    ///
    /// # Errors
    /// When the configuration forbids the network.
    pub fn go_online(&mut self, contact: bool) -> Result<(), Problem> {
        if let Some(place) = &self.checked.network.forbidden {
            let problem = Problem::new(format!(
                "--online asks providers, and {place} forbids every network call"
            ));
            return Err(problem.hint("leave one of the two out; without --online kept answers are shown"));
        }
        self.permission = Some(Permission { contact });
        Ok(())
    }

    /// Providers as this run may use them. `list` if more than one value is to come.
    pub(crate) fn providers(&self, list: bool) -> Result<Providers, Problem> {
        let network = &self.checked.network;
        let live = match self.permission {
            None => None,
            Some(permission) => Some(self.live(permission, list)?),
        };
        let mut whom = network.providers.clone();
        if live.is_some() {
            for whom in &mut whom {
                whom.read_key()?;
            }
        }
        let store = match (&live, &self.checked.data_folder) {
            (Some(_), Some(folder)) => Some(Store::open(folder)?),
            (None, _) => self.memory()?,
            (Some(_), None) => {
                let problem = Problem::new("no folder is known to keep answers and count calls in");
                return Err(problem.hint("--data-dir names one"));
            }
        };
        Ok(Providers {
            configured: whom.iter().map(Whom::configured).collect(),
            store,
            held: None,
            max_age: network.max_age,
            as_of: self.checked.as_of,
            forbidden: network.forbidden.is_some(),
            live,
        })
    }

    fn live(&self, permission: Permission, list: bool) -> Result<Live, Problem> {
        let plain = self.checked.network.providers.iter().filter_map(Whom::plain);
        Ok(Live {
            http: network::http(&self.checked.network, plain.collect(), None)?,
            runtime: network::runtime()?,
            gate: Gate {
                tlp: self.checked.tlp.unwrap_or(Tlp::Amber),
                pap: self.checked.pap.unwrap_or(Pap::Amber),
                contact: permission.contact,
            },
            urgency: if list { Urgency::Bulk } else { Urgency::Interactive },
            started: Instant::now(),
            now: clock::now(),
            deadline: self.checked.network.deadline,
            seed: clock::seed(),
            calls: 0,
            ledger: Ledger::default(),
        })
    }

    /// Says what asking about the first values will cost. `more` if there are more of them.
    pub(crate) fn announce(&self, providers: &Providers, list: &[Observable], more: bool, progress: &dyn Progress) {
        let (Some(live), Some(store)) = (&providers.live, &providers.store) else {
            return;
        };
        let (answers, quotas) = (store.answers(), store.quotas());
        let asking = self.asking(providers, live, (&answers, &quotas), Duration::ZERO);
        let costs = asking.cost(list);
        let told = match list {
            [_] => cost::of_one(&costs),
            _ => cost::of_list(&costs, list.len() as u64, more),
        };
        for line in told {
            progress.note(&line);
        }
        let contact = live.gate.permits(Class::Public, Exposure::ContactsTarget);
        if let (true, Err(refusal)) = (live.gate.contact, contact) {
            progress.note(&format!(
                "--contact-targets asks nobody more, for {refusal}; --pap GREEN says that the evidence allows it"
            ));
        }
    }

    /// Asks about a batch, or takes what is kept where the time is over. Nothing where nobody may be asked.
    pub(crate) fn ask(&self, providers: &mut Providers, list: &[Observable]) -> Batch {
        let Some(mut live) = providers.live.take() else {
            return Batch::new();
        };
        let batch = match &providers.store {
            Some(store) => self.ask_live(providers, &mut live, store, list),
            None => Batch::new(),
        };
        providers.live = Some(live);
        batch
    }

    fn ask_live(&self, providers: &Providers, live: &mut Live, store: &Store, list: &[Observable]) -> Batch {
        let (answers, quotas) = (store.answers(), store.quotas());
        let left = live.deadline.saturating_sub(live.started.elapsed());
        let asking = self.asking(providers, live, (&answers, &quotas), left);
        let (rows, calls) = if left.is_zero() {
            let rows = list.iter().map(|what| asking.unasked(what, OVER)).collect();
            (rows, Vec::new())
        } else {
            let answers = live.runtime.block_on(asking.run(list));
            (answers.rows, answers.calls_about)
        };
        let mut batch = Batch::new();
        let calls = calls.into_iter().chain(std::iter::repeat(0));
        for ((what, rows), calls) in list.iter().zip::<Vec<Vec<Row>>>(rows).zip(calls) {
            live.calls += u64::from(calls);
            batch.entry(what.clone()).or_insert_with(|| {
                live.ledger.add(&rows);
                Said {
                    enrichments: rows.into_iter().map(|row| row.enrichment).collect(),
                    calls,
                }
            });
        }
        batch
    }

    pub(crate) fn asking<'a>(
        &'a self,
        providers: &'a Providers,
        live: &'a Live,
        (cache, quota): (&'a dyn Cache, &'a dyn Quota),
        deadline: Duration,
    ) -> Asking<'a> {
        Asking {
            providers: &providers.configured,
            gate: live.gate,
            organisation: &self.checked.organisation,
            transport: &live.http,
            cache,
            quota,
            urgency: live.urgency,
            now: live.now.after(live.started.elapsed().as_secs()),
            as_of: providers.as_of,
            max_age: providers.max_age,
            offline: false,
            deadline,
            seed: live.seed,
        }
    }

    /// What is kept about a value where nobody is asked.
    pub(crate) fn kept(&self, providers: &Providers, what: &Observable) -> Said {
        let Some(store) = providers.store.as_ref().filter(|_| providers.live.is_none()) else {
            return Said::default();
        };
        if providers.are_silent_about(what) {
            return Said::default();
        }
        let answers = store.answers();
        let asking = Asking {
            providers: &providers.configured,
            // Nothing leaves.
            gate: Gate {
                tlp: Tlp::Clear,
                pap: Pap::Clear,
                contact: true,
            },
            organisation: &self.checked.organisation,
            transport: &Offline,
            cache: &Known(&answers, providers.as_of),
            quota: &MemoryQuota::default(),
            urgency: Urgency::Bulk,
            now: providers.as_of,
            as_of: providers.as_of,
            max_age: providers.max_age,
            offline: true,
            deadline: Duration::ZERO,
            seed: 0,
        };
        let rows = asking.unasked(what, "");
        let enrichments = rows.into_iter().map(|row| row.enrichment);
        Said {
            enrichments: enrichments
                .filter(|enrichment| enrichment.outcome != Outcome::NotAsked)
                .collect(),
            calls: 0,
        }
    }
}

impl Providers {
    /// Learns what there are kept answers about: many values are to come.
    pub(crate) fn hold(&mut self) -> Result<(), Problem> {
        self.held = match &self.store {
            Some(store) if self.live.is_none() => Some(store.answers().held()?),
            _ => None,
        };
        Ok(())
    }

    /// Whether nothing was ever answered about `what`, and nobody is asked.
    pub(crate) fn are_silent_about(&self, what: &Observable) -> bool {
        self.live.is_none()
            && match &self.held {
                Some(held) => !held.about(what),
                None => self.store.is_none(),
            }
    }

    /// Whether somebody is asked.
    pub(crate) fn are_asked(&self) -> bool {
        self.live.is_some()
    }

    /// Calls that left this machine.
    pub(crate) fn calls(&self) -> u64 {
        self.live.as_ref().map_or(0, |live| live.calls)
    }

    /// That nobody was asked, and what asks them.
    pub(crate) fn not_asked(&self, way: &str) -> Diagnostic {
        let way = if self.forbidden { "--offline" } else { way };
        let who = count(self.configured.len() as u64, "provider");
        note("providers", format!("{who} not asked ({way})"))
    }

    /// For the line that ends every answer: who was not asked, and for a list how it went.
    pub(crate) fn describe(&self, list: bool) -> Vec<Diagnostic> {
        let Some(live) = &self.live else {
            return vec![self.not_asked("--online")];
        };
        let mut told = if list {
            live.ledger.describe()
        } else {
            live.ledger.describe_one()
        };
        told.extend(self.left_out().into_iter().map(|line| note("quota", line)));
        told
    }

    /// What quotas and the deadline left out, and how to go on.
    pub(crate) fn left_out(&self) -> Vec<String> {
        let Some(live) = &self.live else {
            return Vec::new();
        };
        live.ledger.left_out(live.now)
    }
}

/// What was known at a moment.
struct Known<'c>(&'c dyn Cache, Moment);

impl Cache for Known<'_> {
    fn get(&self, provider: &str, what: &Observable) -> Option<Kept> {
        self.0.get(provider, what).filter(|kept| kept.asked <= self.1)
    }

    fn put(&self, _: &str, _: &Observable, _: &Kept) {}
}
