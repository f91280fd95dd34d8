//! A provider as it is to be asked: with its account, its limits and its manners.

use crate::enrichers::{Account, Key, KeyUse, Plan, Provider, ProviderInfo};
use std::time::Duration;
use watchfire_model::{Bucket, Grade, Window};

/// A provider, ready to be asked.
#[derive(Clone)]
pub struct Configured {
    /// Who.
    pub provider: &'static dyn Provider,
    /// Where, with which key.
    pub account: Account,
    /// How far it is trusted.
    pub grade: Grade,
    /// How many calls may be made.
    pub windows: Vec<Window>,
    /// Most calls at once.
    pub concurrency: usize,
    /// How long one call may take.
    pub timeout: Duration,
    /// How often a call is made again that failed for no fault of the question.
    pub retries: u8,
}

impl Configured {
    /// As the provider says of itself: its own place, and its first plan, or the second where the first is that of
    /// those who have no key.
    pub fn usual(provider: &'static dyn Provider, key: Option<Key>) -> Self {
        let info = provider.info();
        let keyed = key.is_some() && matches!(info.key, KeyUse::Optional { .. });
        let plan = info.plans.get(usize::from(keyed)).or(info.plans.first());
        Self::with(provider, info.base, key, plan)
    }

    /// At another place or on another plan.
    pub fn with(provider: &'static dyn Provider, base: &str, key: Option<Key>, plan: Option<&'static Plan>) -> Self {
        let (name, windows) = plan.map_or(("", [].as_slice()), |plan| (plan.name, plan.windows));
        Self {
            account: Account::new(base, key, name),
            grade: provider.info().grade,
            windows: windows.to_vec(),
            concurrency: 4,
            timeout: Duration::from_secs(10),
            retries: 2,
            provider,
        }
    }

    /// What there is to know about it.
    pub fn info(&self) -> &'static ProviderInfo {
        self.provider.info()
    }

    /// What its calls are counted against.
    pub fn bucket(&self) -> Bucket<'_> {
        Bucket {
            provider: self.info().name,
            key: self.account.key_id(),
            windows: &self.windows,
        }
    }

    /// What one may do with its answers, in one line.
    pub fn terms(&self) -> &'static str {
        self.info()
            .plan(Some(self.account.plan()))
            .map_or("", |plan| plan.terms)
    }

    /// What is missing before it can be asked at all.
    pub fn missing(&self) -> Option<Missing> {
        if self.account.base().is_empty() {
            return Some(Missing::Server);
        }
        let keyless = matches!(self.info().key, KeyUse::Required { .. }) && !self.account.has_key();
        keyless.then_some(Missing::Key)
    }
}

/// What a provider cannot be asked without. `Display` is the same for all of them, so that rows that lack the same can be
/// told in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Where it is: only the user knows.
    Server,
    /// A key.
    Key,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Server => "no server is configured",
            Self::Key => "no key (watchfire config key NAME)",
        })
    }
}

impl std::fmt::Debug for Configured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Configured({}, {:?})", self.info().name, self.account)
    }
}
