//! One `check()` for each area.

mod analyzers;
mod batch;
mod copies;
mod detectors;
mod engine;
mod files;
mod follow;
mod judge;
mod logs;
mod mail;
mod reputation;
mod rules;
mod sessions;
mod unusual;
mod yara;

use watchfire_model::{Artifact, Hints, Origin};

/// An artifact without a past.
fn artifact(name: &str, bytes: &[u8]) -> Artifact {
    let hints = Hints {
        name: Some(name.into()),
        ..Hints::default()
    };
    Artifact::new(bytes, Origin::root(name), hints)
}

/// Small deterministic numbers for properties (Marsaglia's xorshift).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}
