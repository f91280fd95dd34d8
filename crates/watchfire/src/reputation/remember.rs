//! Sightings that are remembered: where an indicator was met, for whoever meets the value again.
//!
//! Nothing is remembered unless it was asked for. An input is known by its SHA-256, so that the same file under another
//! name is the same. What is asked about is not met: a check remembers nothing.

use super::intelligence::Intelligence;
use crate::{Problem, Watchfire};
use std::collections::BTreeSet;
use watchfire_model::{ArtifactRecord, Enrichment, ObservableType, Report, Reputation, Untrusted, Verdict};
use watchfire_store::{Name, Sighting, Store};

impl Watchfire {
    /// Has triage remember which indicators it met, and in which artifacts.
    pub fn remember_sightings(&mut self) {
        self.remembers = true;
    }

    /// Remembers what feeds accuse among the values of a report.
    pub(crate) fn remember(&self, report: &Report, known: &Intelligence) -> Result<(), Problem> {
        let Some(folder) = &self.checked.data_folder else {
            let problem = Problem::new("no folder is known to remember anything in");
            return Err(problem.hint("--data-dir names one"));
        };
        let mut sightings = Vec::new();
        for reputation in report.reputations.iter().filter(|known| may_be_kept(known)) {
            // One feed may know the value and the network around it: it has met the value once.
            let feeds: BTreeSet<Name> = reputation
                .enrichments
                .iter()
                .filter(|said| said.towards >= Verdict::Suspicious && known.has_feed(&said.source))
                .filter_map(|said: &Enrichment| Name::parse(said.source.raw()).ok())
                .collect();
            if feeds.is_empty() {
                continue;
            }
            for artifact in report.artifacts.iter().filter(|artifact| holds(artifact, reputation)) {
                sightings.extend(feeds.iter().map(|feed| Sighting {
                    observable: reputation.observable.clone(),
                    feed: feed.clone(),
                    source: name(artifact),
                    at: self.checked.as_of,
                }));
            }
        }
        if sightings.is_empty() {
            return Ok(());
        }
        Ok(Store::open(folder)?.sightings().record(&sightings)?)
    }
}

/// Whether the value can hold no secret: what follows a host may.
fn may_be_kept(known: &Reputation) -> bool {
    match known.observable.kind() {
        ObservableType::Url => !known.observable.raw().contains(['?', '@', '#']),
        _ => true,
    }
}

fn holds(artifact: &ArtifactRecord, known: &Reputation) -> bool {
    let itself = || artifact.identities().contains(&known.observable);
    artifact.duplicate_of.is_none()
        && (artifact
            .observables
            .iter()
            .any(|seen| seen.observable == known.observable)
            || itself())
}

fn name(artifact: &ArtifactRecord) -> Untrusted {
    match artifact.sha256 {
        Some(sha256) => sha256.to_string().into(),
        None => artifact.path.clone(),
    }
}
