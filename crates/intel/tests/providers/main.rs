//! Every provider and every way in which a question can end, through the real transport against a server on the
//! loopback that speaks as the providers do.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod outcomes;
mod running;
mod telling;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use watchfire_intel::asking::{Answers, Asking, Configured, MemoryCache, MemoryQuota, Row};
use watchfire_intel::enrichers::{Key, PROVIDERS, ProviderInfo};
use watchfire_intel::transport::{Http, HttpOptions, Offline, Replay};
use watchfire_model::transport::{Method, Request, Response, Transport};
use watchfire_model::{
    Asked, Cache, Enrichment, Exposure, Gate, Indicator, Moment, Observable, ObservableType as T, Organisation,
    Origination, Outcome, Pap, Tlp, Urgency, Verdict,
};
use watchfire_standin::{CREDENTIALS, Mode, Standin};

const KEY: &str = "S3CR3T-0123456789abcdef";

fn now() -> Moment {
    Moment::parse("2026-11-22T06:00:00Z").unwrap()
}

fn observable(kind: T, text: &str) -> Observable {
    Observable::parse(kind, text).unwrap()
}

/// One value of each type that somebody answers about.
fn samples() -> Vec<Observable> {
    let of = |byte: &str, length: usize| byte.repeat(length / 2);
    vec![
        observable(T::Ipv4, "8.8.4.4"),
        observable(T::Ipv4Cidr, "8.8.4.0/24"),
        observable(T::Ipv6, "2606:4700::1111"),
        observable(T::Ipv6Cidr, "2606:4700::/32"),
        observable(T::Socket, "8.8.4.4:443"),
        observable(T::Domain, "evil.com"),
        observable(T::Url, "http://evil.com/a.exe?id=7"),
        observable(T::Asn, "AS64500"),
        observable(T::Md5, &of("a1", 32)),
        observable(T::Sha1, &of("b2", 40)),
        observable(T::Sha256, &of("c3", 64)),
        observable(T::Cve, "CVE-2026-12345"),
        observable(T::Ghsa, "GHSA-2345-6789-cfgh"),
    ]
}

/// Whether a provider behaves as a place says; WHOIS and DNS behave as their questions say.
fn speaks_http(info: &ProviderInfo) -> bool {
    !info.base.starts_with("whois:") && !info.base.starts_with("dns:")
}

/// What a run needs; each test changes what it is about.
struct Setup {
    providers: Vec<Configured>,
    cache: MemoryCache,
    quota: MemoryQuota,
    organisation: Organisation,
    gate: Gate,
    deadline: Duration,
    offline: bool,
}

impl Setup {
    /// Every provider at its place on the stand-in, behaving as `mode` says, on each of its plans.
    fn new(standin: &Standin, mode: Option<Mode>) -> Self {
        let mut providers = Vec::new();
        for provider in PROVIDERS {
            let info = provider.info();
            let base = match mode {
                Some(mode) => standin.base_with(info.name, mode),
                None => standin.base(info.name),
            };
            let base = if speaks_http(info) {
                base
            } else {
                standin.base(info.name)
            };
            for plan in info.plans {
                let mut configured = Configured::with(*provider, &base, Key::new(KEY), Some(plan));
                configured.retries = 0;
                configured.windows = Vec::new();
                configured.timeout = Duration::from_secs(20);
                providers.push(configured);
            }
        }
        Self {
            providers,
            cache: MemoryCache::default(),
            quota: MemoryQuota::default(),
            organisation: Organisation::default(),
            gate: Gate {
                tlp: Tlp::Clear,
                pap: Pap::Green,
                contact: true,
            },
            deadline: Duration::from_secs(60),
            offline: false,
        }
    }

    /// Only the providers of these names, on their first plan.
    fn only(mut self, names: &[&str]) -> Self {
        let mut seen = BTreeSet::new();
        self.providers
            .retain(|configured| names.contains(&configured.info().name) && seen.insert(configured.info().name));
        self
    }

    fn timeout(mut self, timeout: Duration) -> Self {
        self.providers
            .iter_mut()
            .for_each(|configured| configured.timeout = timeout);
        self
    }

    fn asking<'a>(&'a self, transport: &'a dyn Transport) -> Asking<'a> {
        Asking {
            providers: &self.providers,
            gate: self.gate,
            organisation: &self.organisation,
            transport,
            cache: &self.cache,
            quota: &self.quota,
            urgency: Urgency::Interactive,
            now: now(),
            as_of: now(),
            max_age: None,
            offline: self.offline,
            deadline: self.deadline,
            seed: 1,
        }
    }

    fn run(&self, list: &[Observable]) -> Answers {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let http = Http::new(HttpOptions::default()).unwrap();
            self.asking(&http).run(list).await
        })
    }
}

/// Asks every provider on each plan about a value of each of its types, and wants the same end everywhere.
#[track_caller]
fn check(mode: Mode, timeout: Duration, expected: Outcome) -> Vec<Row> {
    let standin = Standin::start().unwrap();
    let mut setup = Setup::new(&standin, Some(mode)).timeout(timeout);
    setup.providers.retain(|configured| speaks_http(configured.info()));
    let mut wrong = Vec::new();
    let mut rows = Vec::new();
    for what in samples() {
        // One value at a time: a provider that fails thrice in a row would be left alone.
        for row in setup.run(std::slice::from_ref(&what)).rows.concat() {
            let enrichment = &row.enrichment;
            if enrichment.outcome != expected {
                let (outcome, detail) = (enrichment.outcome.as_str(), &enrichment.detail);
                wrong.push(format!(
                    "{} about {}: {outcome}: {detail}",
                    enrichment.source,
                    what.kind()
                ));
            }
            rows.push(row);
        }
    }
    assert!(wrong.is_empty(), "{mode:?}:\n{}", wrong.join("\n"));
    let told: BTreeSet<&str> = rows.iter().map(|row| row.enrichment.source.raw()).collect();
    let all = PROVIDERS.iter().map(|provider| provider.info());
    let all: BTreeSet<&str> = all.filter(|info| speaks_http(info)).map(|info| info.name).collect();
    assert_eq!(told, all, "somebody was not asked");
    rows
}

/// Long enough for a loaded machine, for answers that come.
const PATIENT: Duration = Duration::from_secs(20);
