//! The bytes of inputs, for cases that are to keep them: sealed as they are read, so that what is kept is what was read.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use watchfire_formats::archive::zip;
use watchfire_model::{Artifact, ArtifactId};

/// Most that one run keeps. Bytes.
const MOST: u64 = 512 << 20;

/// What is kept until the case is written.
#[derive(Debug, Default)]
pub(crate) struct Keeper(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    sealed: BTreeMap<ArtifactId, Vec<u8>>,
    bytes: u64,
}

impl Keeper {
    /// Seals an input. What would be too much is left out.
    pub(crate) fn keep(&self, artifact: &Artifact) {
        let id = artifact.id();
        let size = artifact.bytes().len() as u64;
        {
            let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if held.sealed.contains_key(&id) || held.bytes.saturating_add(size) > MOST {
                return;
            }
        }
        // The name inside says nothing: that of the file may be a person's.
        let Some(sealed) = zip::seal(&format!("{id}.bin"), artifact.bytes()) else {
            return;
        };
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.bytes = held.bytes.saturating_add(size);
        held.sealed.insert(id, sealed);
    }

    /// The sealed bytes of an input, if they are held.
    pub(super) fn sealed(&self, id: ArtifactId) -> Option<Vec<u8>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.sealed.get(&id).cloned()
    }
}
