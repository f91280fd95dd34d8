//! The sets in use, opened for those who ask.

use super::FOLDER;
use super::fresh;
use crate::Problem;
use std::path::Path;
use watchfire_intel::FeedProfile;
use watchfire_intel::set::{Backing, IndicatorSet};
use watchfire_model::{DataSource, Moment};
use watchfire_store::{FeedSpec, Name, Store};

/// The feeds in use.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// What can be asked, and what it is worth.
    pub(crate) sets: Vec<(FeedProfile, IndicatorSet)>,
    /// Whose they are.
    pub(crate) sources: Vec<DataSource>,
    /// What cannot, and why.
    pub(crate) faults: Vec<(Name, String)>,
    /// What nobody has confirmed for too long, and since when.
    pub(crate) stale: Vec<(Name, Moment)>,
}

/// Opens the sets of all feeds in use; reads them into memory if `whole`.
pub(crate) fn load(store: &Store, data: &Path, whole: bool, as_of: Moment) -> Result<Loaded, Problem> {
    let mut loaded = Loaded::default();
    for feed in store.feeds().list()? {
        let Some(current) = &feed.current else { continue };
        let path = data.join(FOLDER).join(current.version.file.as_str());
        let backing = if whole {
            Backing::load(&path)
        } else {
            Backing::open(&path)
        };
        let set = backing
            .map_err(|error| error.to_string())
            .and_then(|backing| IndicatorSet::open(backing).map_err(|error| error.to_string()));
        match set {
            Ok(set) => {
                let confirmed = fresh::confirmed(&feed).unwrap_or(current.version.fetched);
                if fresh::is_stale(&feed, as_of) {
                    loaded.stale.push((feed.spec.name.clone(), confirmed));
                }
                loaded.sources.push(source(&feed.spec, current.version.fetched));
                loaded.sets.push((profile(&feed.spec, confirmed), set));
            }
            Err(why) => loaded.faults.push((feed.spec.name, why)),
        }
    }
    Ok(loaded)
}

/// Whose a feed is, and under which terms.
fn source(spec: &FeedSpec, fetched: Moment) -> DataSource {
    let source = spec.url.as_ref().map_or("imported", |url| url.as_str());
    // Whoever fetches with a key in the address does not want it told.
    let source = source.split(['?', '#']).next().unwrap_or_default();
    DataSource {
        name: format!("feed {}", spec.name).into(),
        source: source.into(),
        terms: spec.licence.clone(),
        day: Some(fetched.date().to_string()),
        oldest: None,
    }
}

fn profile(spec: &FeedSpec, fetched: Moment) -> FeedProfile {
    FeedProfile {
        name: spec.name.as_str().into(),
        grade: spec.grade,
        group: spec.group.as_str().into(),
        lifetime: spec.lifetime.and_then(|seconds| u32::try_from(seconds / 86_400).ok()),
        fetched,
    }
}
