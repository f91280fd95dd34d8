//! Whether providers can be asked: what the doctor says of each, and one harmless question to each.

use crate::doctor::{Check, State};
use crate::online::Providers;
use crate::{Config, Problem, Watchfire, clock};
use std::time::Duration;
use watchfire_intel::asking::{Configured, MemoryCache, Row};
use watchfire_intel::enrichers::KeyUse;
use watchfire_model::{Moment, Observable, ObservableType as T, Outcome, Quota, Urgency};

/// Values that everybody knows and that say nothing about who asks: a public resolver, the empty file, an encyclopaedia,
/// a vulnerability.
const HARMLESS: &[(T, &str)] = &[
    (T::Ipv4, "8.8.8.8"),
    (
        T::Sha256,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    (T::Domain, "wikipedia.org"),
    (T::Cve, "CVE-2021-44228"),
];

/// Seconds that all may take together whose question is the same.
const PATIENCE: u64 = 15;

/// A line for each provider: where its key comes from or what is missing, and the calls that are left. Nobody is asked.
pub(crate) fn providers(config: &Config) -> Vec<Check> {
    let Ok(checked) = config.check() else {
        return Vec::new();
    };
    // A damaged store is told elsewhere.
    let store = crate::existing_store(config).ok().flatten();
    let line = |whom: &crate::config::Whom| {
        let mut whom = whom.clone();
        let what = format!("provider {}", whom.provider.info().name);
        if let Err(problem) = whom.read_key() {
            return line(State::Broken, what, problem.to_string());
        }
        let configured = whom.configured();
        if let Some(missing) = configured.missing() {
            return line(State::Unset, what, missing);
        }
        let key = match (whom.key_place(), configured.info().key) {
            (Some(place), _) => format!("key from {place}"),
            (None, KeyUse::Optional { variable, .. }) => format!("works without a key; {variable} is not set"),
            (None, _) => "needs no key".to_owned(),
        };
        let left = store.as_ref().and_then(|store| left(&store.quotas(), &configured));
        line(State::Good, what, format!("{key}{}", left.unwrap_or_default()))
    };
    checked.network.providers.iter().map(line).collect()
}

/// Asks every provider that can be asked, once.
///
/// # Errors
/// When the configuration forbids the network, or makes no sense.
pub fn reach(config: &Config) -> Result<Vec<Check>, Problem> {
    let mut watchfire = Watchfire::new(config)?;
    watchfire.go_online(false)?;
    let providers = watchfire.providers(false, false)?;
    let mut checks = Vec::new();
    for (place, (kind, value)) in HARMLESS.iter().enumerate() {
        let Ok(what) = Observable::parse(*kind, value) else {
            continue;
        };
        let before = HARMLESS.get(..place).unwrap_or_default();
        let mine = |configured: &&Configured| {
            let info = configured.info();
            configured.missing().is_none()
                && info.takes(*kind)
                && !before.iter().any(|(earlier, _)| info.takes(*earlier))
        };
        let asked: Vec<Configured> = providers.configured.iter().filter(mine).cloned().collect();
        checks.extend(watchfire.examine(&providers, &asked, &what));
    }
    Ok(checks)
}

impl Watchfire {
    fn examine(&self, providers: &Providers, asked: &[Configured], what: &Observable) -> Vec<Check> {
        let (Some(live), Some(store)) = (&providers.live, &providers.store) else {
            return Vec::new();
        };
        let (answers, quotas) = (MemoryCache::default(), store.quotas());
        let mut asking = self.asking(providers, live, (&answers, &quotas), Duration::from_secs(PATIENCE));
        asking.providers = asked;
        let answers = live.runtime.block_on(asking.run(std::slice::from_ref(what)));
        let rows = answers.rows.into_iter().flatten().zip(asked);
        rows.map(|(row, configured)| examined(&row, left(&quotas, configured)))
            .collect()
    }
}

fn examined(row: &Row, left: Option<String>) -> Check {
    let detail = &row.enrichment.detail;
    let (state, found) = match row.enrichment.outcome {
        Outcome::Found | Outcome::NotFound => (State::Good, "answers".to_owned()),
        Outcome::Authentication => (State::Broken, format!("does not accept the key: {detail}")),
        Outcome::Quota | Outcome::Failed => (State::Attention, detail.to_string()),
        Outcome::NotAsked => (State::Attention, format!("not asked: {detail}")),
    };
    let what = format!("asked {}", row.enrichment.source);
    line(state, what, format!("{found}{}", left.unwrap_or_default()))
}

/// `, 480 calls left`
fn left(quotas: &dyn Quota, configured: &Configured) -> Option<String> {
    let now: Moment = clock::now();
    let left = quotas.left(configured.bucket(), Urgency::Interactive, now)?;
    let calls = if left == 1 { "call" } else { "calls" };
    Some(format!(", {left} {calls} left"))
}

fn line(state: State, what: String, found: String) -> Check {
    Check { state, what, found }
}
