//! Whether providers can be asked: what the doctor says of each, and one harmless question to each.

use crate::doctor::{Check, State};
use crate::{Config, Problem, Watchfire, clock};
use futures_util::future::join_all;
use std::time::Duration;
use watchfire_intel::asking::{Configured, MemoryCache, Missing, Row};
use watchfire_intel::enrichers::KeyUse;
use watchfire_model::{Gate, Moment, Observable, ObservableType as T, Outcome, Pap, Quota, Tlp, Urgency, counted};

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

/// Seconds that all may take together.
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
            return line(State::Unset, what, lacks(whom.provider.info().name, missing));
        }
        let key = match (whom.key_place(), configured.info().key) {
            (Some(place), _) => format!("key from {place}"),
            (None, KeyUse::Optional { variable, .. }) => format!("works without a key; {variable} is not set"),
            (None, _) => "needs no key".to_owned(),
        };
        let left = store.as_ref().and_then(|store| left(&store.quotas(), &configured));
        let terms = configured.terms();
        line(State::Good, what, format!("{key}{}; {terms}", left.unwrap_or_default()))
    };
    checked.network.providers.iter().map(line).collect()
}

/// Asks every provider that can be asked, once, all at the same time. A line for each, in the order of the registry.
///
/// # Errors
/// When the configuration forbids the network, or makes no sense.
pub fn reach(config: &Config) -> Result<Vec<Check>, Problem> {
    let mut watchfire = Watchfire::new(config)?;
    watchfire.go_online(true)?;
    // What is wrong with one key file is told already, and no reason to leave out the others.
    let sound = |whom: &crate::config::Whom| whom.clone().read_key().is_ok();
    watchfire.checked.network.providers.retain(sound);
    let providers = watchfire.providers(false)?;
    let (Some(live), Some(store)) = (&providers.live, &providers.store) else {
        return Ok(Vec::new());
    };
    let (answers, quotas) = (MemoryCache::default(), store.quotas());
    let patience = Duration::from_secs(PATIENCE);
    let ask = async |configured: &Configured| {
        let info = configured.info();
        let what = format!("asked {}", info.name);
        if let Some(missing) = configured.missing() {
            return Some(line(State::Unset, what, lacks(info.name, missing)));
        }
        let (kind, value) = HARMLESS.iter().find(|(kind, _)| info.takes(*kind))?;
        let question = Observable::parse(*kind, value).ok()?;
        let mut asking = watchfire.asking(&providers, live, (&answers, &quotas), patience);
        asking.providers = std::slice::from_ref(configured);
        // The markings of evidence are not about what everybody knows, nor is it a target.
        asking.gate = Gate {
            tlp: Tlp::Clear,
            pap: Pap::Green,
            contact: true,
        };
        let row = asking.run(&[question]).await.rows.into_iter().flatten().next()?;
        Some(examined(what, &row, left(&quotas, configured)))
    };
    let asked = live.runtime.block_on(join_all(providers.configured.iter().map(ask)));
    Ok(asked.into_iter().flatten().collect())
}

fn examined(what: String, row: &Row, left: Option<String>) -> Check {
    let detail = &row.enrichment.detail;
    let (state, found) = match row.enrichment.outcome {
        Outcome::Found | Outcome::NotFound => (State::Good, "answers".to_owned()),
        Outcome::Authentication => (State::Broken, format!("authentication failed: {detail}")),
        Outcome::Quota => (State::Attention, format!("quota: {detail}")),
        Outcome::Failed => (State::Attention, detail.to_string()),
        Outcome::NotAsked => (State::Attention, format!("not asked: {detail}")),
    };
    line(state, what, format!("{found}{}", left.unwrap_or_default()))
}

fn lacks(name: &str, missing: Missing) -> String {
    match missing {
        Missing::Key => format!("no key (watchfire config key {name})"),
        Missing::Server => format!("no server is configured (providers.{name}.url)"),
    }
}

/// `, 480 calls left`
fn left(quotas: &dyn Quota, configured: &Configured) -> Option<String> {
    let now: Moment = clock::now();
    let left = quotas.left(configured.bucket(), Urgency::Interactive, now)?;
    Some(format!(", {} left", counted(left.into(), "call")))
}

fn line(state: State, what: String, found: String) -> Check {
    Check { state, what, found }
}
