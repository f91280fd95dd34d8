//! What earlier searches judged and had nothing to say of, so that it is not read again while it stays as it is.
//!
//! A file is recognised by where it lies, also on the system that it belongs to as far as the roots of the search tell, by
//! the number of its file system and its own, by its size and by two times, of which one nobody can set. What a part of it may be to files beside it is not remembered: signed programs and unsigned
//! libraries of Windows are read each time.

use super::place::Places;
use crate::{Problem, Watchfire};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use watchfire_analysis::RULESET;
use watchfire_model::Moment;
use watchfire_sources::tree::Status;
use watchfire_store::{FileMark, Store};

/// Files that are remembered together.
const BATCH: usize = 500;

/// What is remembered of earlier searches, and what this one adds.
#[derive(Debug)]
pub(super) struct Resume {
    store: Store,
    judged: HashSet<FileMark>,
    /// By what files are judged. Others judge otherwise.
    stamp: Vec<u8>,
    at: Moment,
    waiting: Mutex<Vec<FileMark>>,
}

impl Watchfire {
    /// What earlier searches left.
    ///
    /// # Errors
    /// When there is no place to remember anything, or it cannot be read or written.
    pub(super) fn resume(&self) -> Result<Resume, Problem> {
        let Some(folder) = &self.checked.data_folder else {
            return Err(Problem::new("there is no place to remember what was searched").hint("pass --data-dir"));
        };
        let store = Store::open(folder)?;
        let at = self.checked.as_of;
        store.searches().forget(at)?;
        let feeds = store.feeds().list()?;
        let stamp = format!(
            "{} {RULESET} {:?} {:?} {feeds:?} {:?} {:?}",
            crate::VERSION,
            self.rules,
            self.trusted,
            self.engine.organisation(),
            self.checked.limits
        );
        Ok(Resume {
            judged: store.searches().judged()?,
            store,
            stamp: stamp.into_bytes(),
            at,
            waiting: Mutex::default(),
        })
    }
}

impl Resume {
    /// What stands for a file as it is; nothing where the system does not tell enough.
    pub(super) fn mark(&self, path: &Path, places: &Places, status: &Status) -> Option<FileMark> {
        let (changed, (device, number)) = (status.changed?, status.identity?);
        // The same file is judged otherwise where less is known of the system around it.
        let (place, in_system) = places.place(path);
        let mut hasher = Sha256::new();
        hasher.update([u8::from(in_system)]);
        for part in [&self.stamp, path.as_os_str().as_encoded_bytes(), place.raw().as_bytes()] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        for number in [device, number, status.size] {
            hasher.update(number.to_le_bytes());
        }
        for time in [changed, status.modified] {
            hasher.update(time.to_le_bytes());
        }
        let digest: [u8; 32] = hasher.finalize().into();
        digest.first_chunk().copied().map(FileMark)
    }

    /// Whether a file was judged before, and nothing was said of it.
    pub(super) fn knows(&self, mark: FileMark) -> bool {
        self.judged.contains(&mark)
    }

    /// Remembers a file that nothing is to be said of.
    pub(super) fn add(&self, mark: FileMark) -> Result<(), Problem> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(mark);
        if waiting.len() < BATCH {
            return Ok(());
        }
        let marks = std::mem::take(&mut *waiting);
        drop(waiting);
        Ok(self.store.searches().add(&marks, self.at)?)
    }

    /// Remembers what still waits.
    pub(super) fn finish(&self) -> Result<(), Problem> {
        let marks = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(self.store.searches().add(&marks, self.at)?)
    }
}
