//! Providers in a check: who is asked, what is kept of earlier answers, and what asking costs.
//!
//! Without a permission nobody is asked, and the network is not so much as prepared; kept answers are shown all the
//! same. With it, everything that is asked goes through [`Asking`], which decides what may leave. The asynchronous
//! runtime is made for a run that asks and for no other.

use crate::config::{Network, Whom};
use crate::cost::{self, count};
use crate::intelligence::grouped;
use crate::progress::Progress;
use crate::{Problem, Watchfire, clock};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use watchfire_intel::asking::{Asking, Configured, MemoryQuota, Row};
use watchfire_intel::transport::{Http, HttpOptions, Offline};
use watchfire_model::{
    Cache, Diagnostic, DiagnosticSeverity, Enrichment, Gate, Kept, Moment, Observable, Origination, Outcome, Pap,
    Quota, Tlp, Untrusted, Urgency,
};
use watchfire_store::{Held, Store};

/// Why nobody else was asked once the time was over.
const OVER: &str = "the time for asking was over; --deadline gives more";

/// Quotas that open sooner are worth waiting for. Seconds.
const WORTH_WAITING: u64 = 3_600;

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
            http: http(&self.checked.network, plain.collect(), None)?,
            runtime: runtime()?,
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

    /// For the line that ends every answer: who was not asked, and for a list how it went.
    pub(crate) fn describe(&self, list: bool) -> Vec<Diagnostic> {
        let Some(live) = &self.live else {
            let flag = if self.forbidden { "--offline" } else { "--online" };
            let who = count(self.configured.len() as u64, "provider");
            return vec![note("providers", format!("{who} not asked ({flag})"))];
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

/// How it went with each provider.
#[derive(Debug, Default)]
struct Ledger(BTreeMap<String, Line>);

#[derive(Debug, Default)]
struct Line {
    asked: u64,
    kept: u64,
    quota: u64,
    late: u64,
    failed: u64,
    keyless: u64,
    silent: u64,
    again: Option<Moment>,
}

impl Ledger {
    fn add(&mut self, rows: &[Row]) {
        for row in rows {
            let line = self.0.entry(row.enrichment.source.raw().to_owned()).or_default();
            let counter = match (row.enrichment.outcome, row.enrichment.from) {
                (Outcome::Found | Outcome::NotFound, Origination::Cache) => &mut line.kept,
                (Outcome::Found | Outcome::NotFound, _) => &mut line.asked,
                (Outcome::Quota, _) => &mut line.quota,
                (Outcome::Authentication, _) => &mut line.keyless,
                (Outcome::Failed, _) => &mut line.failed,
                (Outcome::NotAsked, _) if row.enrichment.detail.raw() == OVER => &mut line.late,
                (Outcome::NotAsked, _) => &mut line.silent,
            };
            *counter += 1;
            line.again = line.again.max(row.again);
        }
    }

    /// For one value: `5 of 10 providers answered, 5 gave no answer`.
    fn describe_one(&self) -> Vec<Diagnostic> {
        let sum = |number: fn(&Line) -> u64| self.0.values().map(number).sum::<u64>();
        let all = self.0.len() as u64;
        if all == 0 {
            return Vec::new();
        }
        let answered = sum(|line| line.asked + line.kept);
        let mut told = format!("{answered} of {} answered", count(all, "provider"));
        for (number, what) in [
            (sum(|line| line.failed), "gave no answer"),
            (sum(|line| line.quota), "quota spent"),
            (sum(|line| line.keyless), "key not accepted"),
            (sum(|line| line.silent + line.late), "not asked"),
        ] {
            if number > 0 {
                told.push_str(&format!(", {number} {what}"));
            }
        }
        vec![note("providers", told)]
    }

    fn describe(&self) -> Vec<Diagnostic> {
        let of = |title: &str, number: fn(&Line) -> u64| {
            let parts: Vec<String> = self
                .0
                .iter()
                .filter(|(_, line)| number(line) > 0)
                .map(|(name, line)| format!("{name} {}", grouped(number(line))))
                .collect();
            (!parts.is_empty()).then(|| note("providers", format!("{title}: {}", parts.join(", "))))
        };
        let parts = [
            of("answered now", |line| line.asked),
            of("answered before", |line| line.kept),
            of("no answer", |line| line.failed),
            of("key not accepted", |line| line.keyless),
            of("not asked", |line| line.silent),
        ];
        parts.into_iter().flatten().collect()
    }

    fn left_out(&self, now: Moment) -> Vec<String> {
        let mut told = Vec::new();
        for (name, line) in self.0.iter().filter(|(_, line)| line.quota > 0) {
            let when = match line.again {
                Some(again) if again.since(now) < WORTH_WAITING => {
                    format!("after {again} goes on with these, and --deadline waits for longer")
                }
                Some(again) => format!("after {again} goes on with these"),
                None => "later goes on with these".to_owned(),
            };
            let asked = count(line.quota, "value");
            told.push(format!(
                "{name}: {asked} not asked about, its quota is spent; the same command again {when}"
            ));
        }
        for (name, line) in self.0.iter().filter(|(_, line)| line.late > 0) {
            let asked = count(line.late, "value");
            told.push(format!(
                "{name}: {asked} not asked about before the deadline; the same command again goes on with these"
            ));
        }
        told
    }
}

fn note(code: &'static str, message: String) -> Diagnostic {
    Diagnostic {
        severity: DiagnosticSeverity::Note,
        code,
        message: message.into(),
        artifact: Untrusted::default(),
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

/// The network as it is configured, and what may be spoken to without TLS besides this machine. `patience` is how long
/// the other side may say nothing, where that is not the usual time.
pub(crate) fn http(network: &Network, plain: BTreeSet<String>, patience: Option<Duration>) -> Result<Http, Problem> {
    let more_trust = match &network.ca_file {
        None => None,
        Some(path) => {
            let text = crate::small::read(path).map_err(|error| Problem::of_file("read certificates", path, &error))?;
            Some(text.into_bytes())
        }
    };
    let usual = HttpOptions::default();
    let options = HttpOptions {
        proxies: network.proxies.clone(),
        more_trust,
        plain,
        read: patience.unwrap_or(usual.read),
        ..usual
    };
    Http::new(options).map_err(|why| match &network.ca_file {
        Some(path) if why.contains("certificates") => {
            Problem::new(format!("cannot read certificates '{}': {why}", path.display()))
                .hint("a file of certificates has lines '-----BEGIN CERTIFICATE-----'")
        }
        _ => Problem::new(format!("cannot use the network: {why}"))
            .hint("https_proxy and http_proxy hold 'http://name:password@host:port'"),
    })
}

/// Made for a run that asks and for no other.
pub(crate) fn runtime() -> Result<Runtime, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::new(format!("cannot use the network: {error}")))
}
