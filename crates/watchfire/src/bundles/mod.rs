//! Signed bundles: what a connected host knows, for hosts that have no network.
//!
//! A bundle comes into use as a whole or not at all, and goes as a whole. Nothing of it is believed before its signature
//! is found good, and nothing of what is in use is touched before all of it is written and held to its digests.

mod export;
mod import;
mod rules;

pub use export::{Exported, make_key};
pub use import::ImportedBundle;

pub(crate) use export::export;
pub(crate) use import::{Arrived, import, is_bundle, publish, take};
pub(crate) use rules::RULES;

use crate::{Config, Problem, clock};
use watchfire_intel::bundle::{BundleError, PublicKey};
use watchfire_model::Invalid;
use watchfire_store::{Bundle, By, PartKind, RolledBack};

/// The folder of knowledge below the data folder.
pub(crate) const FOLDER: &str = "knowledge";

impl Config {
    /// The keys whose bundles are taken.
    pub(crate) fn bundle_keys(&self) -> Result<Vec<PublicKey>, Problem> {
        let keys = self.read_list("bundles.keys", |text: &str| {
            PublicKey::parse(text).map_err(|_| Invalid("not a public key of minisign, 'RW…'"))
        })?;
        if keys.is_empty() {
            return Err(Problem::new("no key is configured whose bundles are taken")
                .hint("name those that you trust in watchfire.toml: keys = [\"RW…\"] below [bundles]"));
        }
        Ok(keys)
    }
}

/// Every bundle that was imported, newest first.
///
/// # Errors
/// When they cannot be read.
pub fn bundles(config: &Config) -> Result<Vec<Bundle>, Problem> {
    match crate::existing_store(config)? {
        Some(store) => Ok(store.bundles().history()?),
        None => Ok(Vec::new()),
    }
}

/// Takes the newest bundle in use out of use: its feeds, knowledge and rules go back to those before. Of `knowledge`, the
/// newest that brought some.
///
/// # Errors
/// When there is none, and when it cannot be written.
pub fn roll_back(config: &Config, knowledge: bool) -> Result<(Bundle, RolledBack), Problem> {
    let store = crate::store(config)?;
    let wanted = |bundle: &Bundle| {
        let brought = bundle.parts.iter().any(|part| part.kind == PartKind::Knowledge);
        bundle.withdrawn.is_none() && (brought || !knowledge)
    };
    let bundle = store.bundles().history()?.into_iter().find(wanted);
    let what = if knowledge { "knowledge" } else { "bundle" };
    let bundle = bundle.ok_or_else(|| Problem::new(format!("no imported {what} is in use")))?;
    let by = By::new(config.user(), clock::now());
    let done = store.bundles().rollback(bundle.id, &by)?;
    Ok((bundle, done))
}

/// Why a bundle was not taken or not made.
fn problem(doing: &str, what: &str, error: &BundleError) -> Problem {
    Problem::new(format!("cannot {doing} bundle '{what}': {error}")).hint(error.hint())
}
