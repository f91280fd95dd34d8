//! The layout of a MISP feed: `manifest.json`, and `UUID.json` beside it for each event that it names, on a server or in
//! a folder.
//!
//! Every event is read at every update. A name in a manifest is a UUID or is left out, so that none leads elsewhere.

use super::publish::{Draft, Incoming, budget};
use super::{LARGEST, of_feed};
use crate::{Problem, small};
use std::io;
use std::path::{Path, PathBuf};
use watchfire_intel::feed::{FeedError, FeedFormat, ManifestEntry, Options, Place, Reason, misp_manifest};

const MANIFEST: &str = "manifest.json";
/// Events that a feed has at most.
const EVENTS: usize = 100_000;

/// The URL of a feed's manifest, where `url` is of its folder.
pub(super) fn manifest_of(url: &str) -> Option<String> {
    url.ends_with('/').then(|| format!("{url}{MANIFEST}"))
}

/// Whether a feed of that format and place has this layout.
pub(super) fn is_manifest(format: &dyn FeedFormat, url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    format.info().name == "misp" && path.rsplit('/').next() == Some(MANIFEST)
}

/// The manifest in a folder, or the one that `path` is.
pub(super) fn manifest_at(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        return Some(path.join(MANIFEST));
    }
    (path.file_name()? == MANIFEST).then(|| path.to_owned())
}

/// The events that a manifest names.
pub(super) fn events(manifest: Incoming<'_>, options: &Options) -> Result<Vec<ManifestEntry>, FeedError> {
    let events = misp_manifest(&mut manifest.whole(), options)?;
    if events.len() > EVENTS {
        return Err(FeedError::Input(format!("it names more than {EVENTS} events")));
    }
    Ok(events)
}

/// How reading events goes.
#[derive(Debug, Default)]
pub(super) struct Reading {
    events: usize,
    bad: usize,
}

impl Reading {
    /// An event was read, or could not be.
    pub(super) fn ended(
        &mut self,
        event: &ManifestEntry,
        outcome: Result<(), FeedError>,
        draft: &mut Draft,
    ) -> Result<(), Problem> {
        match outcome {
            Ok(()) => self.events += 1,
            // That a connection breaks is nothing that an event is to blame for.
            Err(FeedError::Input(why)) => return Err(Problem::new(format!("event {}: {why}", event.uuid))),
            Err(_) => self.bad(event, "an event that cannot be read", draft),
        }
        Ok(())
    }

    /// An event is not there.
    pub(super) fn missing(&mut self, event: &ManifestEntry, draft: &mut Draft) {
        self.bad(event, "an event that is not there", draft);
    }

    fn bad(&mut self, event: &ManifestEntry, why: &'static str, draft: &mut Draft) {
        self.events += 1;
        self.bad += 1;
        let place = Place::Record(self.events as u64);
        draft.intake.reject(place, Reason::Malformed, why, &event.uuid);
    }

    /// Whether enough could be read.
    pub(super) fn finish(&self) -> Result<(), Problem> {
        if self.bad * 2 > self.events {
            return Err(Problem::new(format!(
                "{} of {} events cannot be read",
                self.bad, self.events
            )));
        }
        Ok(())
    }
}

/// Reads a feed in a folder.
pub(super) fn folder(manifest: &Path, draft: &mut Draft) -> Result<(), Problem> {
    let budget = budget(LARGEST);
    let mut file = small::open(manifest).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "it is a folder, and no manifest.json of a MISP feed is in it".to_owned(),
            _ => format!("its manifest.json cannot be read: {error}"),
        };
        Problem::new(why).hint("name the files themselves")
    })?;
    let incoming = Incoming::of(&mut file, &budget).map_err(|error| of_feed(error.into()))?;
    let events = events(incoming, draft.options()).map_err(of_feed)?;
    let mut read = Reading::default();
    for event in &events {
        let path = manifest.with_file_name(format!("{}.json", event.uuid));
        match small::open(&path) {
            Ok(mut file) => {
                let outcome = Incoming::of(&mut file, &budget).map_err(FeedError::from);
                read.ended(event, outcome.and_then(|incoming| draft.part(incoming)), draft)?;
            }
            Err(_) => read.missing(event, draft),
        }
    }
    read.finish()
}
