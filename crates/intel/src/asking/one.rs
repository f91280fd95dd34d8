//! One question to one provider: decided, sent, tried again, read, kept.

use super::memory::held;
use super::{Asking, Configured, Row, echo, policy};
use crate::enrichers::{Answer, Fault, Reading, Source, Turn};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use watchfire_model::transport::{Request, Response, TransportError};
use watchfire_model::{Allowance, Class, Exposure, Kept, Moment, Observable, Origination, Outcome};

/// Failures in a row after which a provider is left alone for the rest of the run.
const PATIENCE: u32 = 3;
/// Longest wait that a provider may ask for before a further try. Seconds.
const SHORT: u64 = 5;
/// Shortest wait before a further try; it doubles. Milliseconds.
const PAUSE: u64 = 400;
/// For how long a provider is left alone that says "too many" and not until when. Seconds.
const UNSAID: u64 = 60;

/// What is to be done about one value.
pub(super) enum Job {
    /// Nothing more.
    Done(Row),
    /// It has to be asked about.
    Ask(Asked),
}

/// What is asked about in place of a value.
pub(super) struct Asked {
    what: Observable,
    stripped: bool,
}

impl Asking<'_> {
    /// Whether `configured` is asked about `what`, without anything that waits.
    pub(super) fn job(&self, configured: &Configured, what: &Observable) -> Job {
        let info = configured.info();
        let silent = |why: String| Job::Done(Row::silent(info.name, Outcome::NotAsked, why));
        let class = policy::class(what, self.organisation);
        if let Err(refusal) = self.gate.permits(class, info.exposure) {
            return silent(refusal.to_string());
        }
        let asked = if info.exposure >= Exposure::ThirdParty {
            let Some(out) = policy::outward(what, self.organisation) else {
                return silent(watchfire_model::Refusal::Personal.to_string());
            };
            // What is left of a value has to pass as well.
            if policy::class(&out.what, self.organisation) != Class::Public {
                return silent(watchfire_model::Refusal::Personal.to_string());
            }
            Asked {
                what: out.what,
                stripped: out.stripped,
            }
        } else {
            Asked {
                what: what.clone(),
                stripped: false,
            }
        };
        if let Some(row) = self.kept(configured, &asked) {
            return Job::Done(row);
        }
        if self.offline {
            return silent(TransportError::Offline.to_string());
        }
        match configured.missing() {
            Some(missing) => silent(missing.to_string()),
            None => Job::Ask(asked),
        }
    }

    /// The row of a kept answer that is good enough.
    fn kept(&self, configured: &Configured, asked: &Asked) -> Option<Row> {
        let kept = self.cache.get(configured.info().name, &asked.what)?;
        let young = self.max_age.is_none_or(|most| self.now.since(kept.asked) <= most);
        if !young || (kept.good_until <= self.now && !self.offline) {
            return None;
        }
        let response = Response {
            status: kept.status,
            headers: Vec::new(),
            body: kept.body,
        };
        let turn = Turn {
            step: kept.step,
            response: &response,
        };
        match configured.provider.read(&asked.what, &configured.account, turn) {
            Reading::Answer(answer) => Some(self.row(configured, asked, &answer, Origination::Cache, kept.asked)),
            _ => None,
        }
    }

    fn row(&self, configured: &Configured, asked: &Asked, answer: &Answer, from: Origination, when: Moment) -> Row {
        let source = Source {
            info: configured.info(),
            grade: configured.grade,
            from,
            asked: when,
            kind: asked.what.kind(),
        };
        let mut enrichment = answer.enrichment(source, self.as_of);
        if asked.stripped {
            enrichment.matched = Some(asked.what.raw().into());
        }
        Row {
            enrichment,
            notes: if answer.known { answer.notes.clone() } else { Vec::new() },
            again: None,
        }
    }
}

/// How a provider stands in this run.
pub(super) struct Standing<'a> {
    asking: &'a Asking<'a>,
    configured: &'a Configured,
    started: Instant,
    /// Calls about each place of the list.
    calls: &'a [AtomicU32],
    /// Calls in a row that came to nothing.
    failures: AtomicU32,
    /// It did not accept the key: it will not accept it for the next value either.
    refused: Mutex<Option<Fault>>,
}

/// Why a call came to nothing, and whether another may be made.
enum Miss {
    /// For good.
    Final(Fault),
    /// Perhaps not the next time.
    Passing(Fault),
    /// Come again later.
    Later(Fault, Moment),
}

impl<'a> Standing<'a> {
    pub(super) fn new(
        asking: &'a Asking<'a>,
        configured: &'a Configured,
        started: Instant,
        calls: &'a [AtomicU32],
    ) -> Self {
        Self {
            asking,
            configured,
            started,
            calls,
            failures: AtomicU32::new(0),
            refused: Mutex::default(),
        }
    }

    /// Finishes a job. `place` is the value's place in the list: from it, not from the order of events, the waiting
    /// times are drawn.
    pub(super) async fn settle(&self, place: usize, job: Job) -> Row {
        let asked = match job {
            Job::Done(row) => return row,
            Job::Ask(asked) => asked,
        };
        match self.converse(place, &asked).await {
            Ok(row) => row,
            Err((fault, again)) => {
                let mut row = Row::silent(self.configured.info().name, fault.outcome, fault.why);
                row.enrichment.group = self.configured.info().group.into();
                row.again = again;
                row
            }
        }
    }

    /// Asks until there is an answer, or none is to be had.
    async fn converse(&self, place: usize, asked: &Asked) -> Result<Row, (Fault, Option<Moment>)> {
        let provider = self.configured.provider;
        let mut request = provider.ask(&asked.what, &self.configured.account);
        for step in 0..provider.info().steps.max(1) {
            let response = self.call(place, &request).await?;
            let turn = Turn {
                step,
                response: &response,
            };
            match provider.read(&asked.what, &self.configured.account, turn) {
                Reading::Answer(answer) => {
                    let now = self.now();
                    let lifetime = (provider.info().lifetime)(asked.what.kind(), &answer);
                    let kept = Kept {
                        step,
                        status: response.status,
                        body: response.body,
                        outcome: answer.outcome(),
                        asked: now,
                        good_until: now.after(lifetime),
                    };
                    self.asking.cache.put(provider.info().name, &asked.what, &kept);
                    return Ok(self.asking.row(self.configured, asked, &answer, Origination::Live, now));
                }
                Reading::Again(next) => request = next,
                Reading::Failed(fault) => return Err((self.remember(fault), None)),
            }
        }
        Err((Fault::failed("sends on from one page to another without end"), None))
    }

    /// A key that was refused once is not shown again.
    fn remember(&self, fault: Fault) -> Fault {
        if fault.outcome == Outcome::Authentication {
            held(&self.refused).get_or_insert_with(|| fault.clone());
        }
        fault
    }

    /// One request, as often as it takes and is decent.
    async fn call(&self, place: usize, request: &Request) -> Result<Response, (Fault, Option<Moment>)> {
        let mut tries = 0;
        loop {
            if let Some(fault) = held(&self.refused).clone() {
                return Err((fault, None));
            }
            if self.failures.load(Ordering::Relaxed) >= PATIENCE {
                let why = format!("failed {PATIENCE} times in a row; left alone for the rest of this run");
                return Err((Fault::failed(why), None));
            }
            self.admission().await?;
            let wait = match self.once(place, request).await {
                Ok(response) => {
                    self.failures.store(0, Ordering::Relaxed);
                    return Ok(response);
                }
                Err(Miss::Final(fault)) => return Err((self.remember(fault), None)),
                Err(Miss::Later(fault, again)) => {
                    let short = again.since(self.now()) <= SHORT && tries < self.configured.retries;
                    if !short {
                        return Err((fault, Some(again)));
                    }
                    self.pause(place, 0)
                }
                Err(Miss::Passing(fault)) => {
                    self.failures.fetch_add(1, Ordering::Relaxed);
                    if tries >= self.configured.retries {
                        return Err((fault, None));
                    }
                    self.pause(place, tries)
                }
            };
            tries += 1;
            sleep(wait).await;
        }
    }

    /// Takes a call from the quota, and waits for one where that is of use before the deadline.
    async fn admission(&self) -> Result<(), (Fault, Option<Moment>)> {
        loop {
            let now = self.now();
            let bucket = self.configured.bucket();
            let Err(again) = self.asking.quota.take(bucket, self.asking.urgency, now) else {
                return Ok(());
            };
            let wait = Duration::from_secs(again.since(now).max(1));
            if self.started.elapsed() + wait >= self.asking.deadline {
                let why = format!("the quota is spent until {again}");
                return Err((Fault::quota(why), Some(again)));
            }
            sleep(wait).await;
        }
    }

    /// Sends a request, once.
    async fn once(&self, place: usize, request: &Request) -> Result<Response, Miss> {
        if let Some(calls) = self.calls.get(place) {
            calls.fetch_add(1, Ordering::Relaxed);
        }
        let taken = self.now();
        let sent = self.asking.transport.send(request.clone());
        let mut response = match timeout(self.configured.timeout, sent).await {
            Err(_) | Ok(Err(TransportError::Timeout)) => {
                return Err(Miss::Passing(Fault::failed(TransportError::Timeout.to_string())));
            }
            Ok(Err(error @ TransportError::Unreachable(_))) => {
                return Err(Miss::Passing(Fault::failed(error.to_string())));
            }
            // Nobody was there to count it.
            Ok(Err(error @ TransportError::Unconnected(_))) => {
                self.asking.quota.give_back(self.configured.bucket(), taken);
                return Err(Miss::Passing(Fault::failed(error.to_string())));
            }
            Ok(Err(error)) => return Err(Miss::Final(Fault::failed(error.to_string()))),
            Ok(Ok(response)) => response,
        };
        response.body = echo::unsaid(response.body, self.configured.account.key());
        let now = self.now();
        let bucket = self.configured.bucket();
        let allowance = self.configured.provider.limits(&response, now);
        if let Some(allowance) = allowance {
            self.asking.quota.learn(bucket, allowance, now);
        }
        match response.status {
            429 => {
                let again = match allowance.filter(|allowance| allowance.remaining == 0) {
                    Some(allowance) => allowance.until,
                    None => {
                        let until = now.after(UNSAID);
                        self.asking.quota.learn(bucket, Allowance { remaining: 0, until }, now);
                        until
                    }
                };
                let fault = crate::enrichers::too_many(&response, now);
                Err(Miss::Later(fault, again))
            }
            500.. => Err(Miss::Passing(crate::enrichers::own_fault(&response))),
            _ => Ok(response),
        }
    }

    fn now(&self) -> Moment {
        self.asking.now.after(self.started.elapsed().as_secs())
    }

    /// Between once and twice a pause that doubles with each try, drawn from the seed, the provider and the place.
    fn pause(&self, place: usize, tries: u8) -> Duration {
        let name = self.configured.info().name.bytes();
        let start = self.asking.seed ^ u64::try_from(place).unwrap_or_default().rotate_left(17) ^ u64::from(tries);
        // FNV-1a, and the last step of SplitMix64 to mix its low bits.
        let hash = name.fold(start ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mixed = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let pause = PAUSE << tries.min(6);
        Duration::from_millis(pause + (mixed ^ mixed >> 31) % pause)
    }
}
