//! One table for several scanners of the same text.
//!
//! Each scanner remembers which clean texts it has met and counts them by itself; only what is new to it, or what would
//! change an entry (an earlier place, more confidence, a defanged spelling), goes to the common table, behind a lock. So
//! each value is kept once, whatever the number of threads.

use crate::found::Found;
use crate::table::{Outcome, Place, Table, Tally};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use watchfire_model::{Confidence, ObservableType};

/// A scanner's view of the common table.
pub(crate) struct Shared<'s> {
    table: &'s Mutex<Table>,
    keys: HashTable<Key>,
    arena: Vec<u8>,
    /// What this scanner knows about each of its keys.
    met: Vec<Met>,
    hasher: RandomState,
}

struct Key {
    hash: u64,
    start: usize,
    length: u32,
    /// Index in `met`.
    met: u32,
    kind: ObservableType,
}

struct Met {
    /// Number of the common entry.
    entry: u32,
    /// What the entry has heard of from here.
    first: u64,
    confidence: Confidence,
    defanged: bool,
    /// Occurrences that the entry has not heard of.
    count: u64,
}

impl<'s> Shared<'s> {
    pub(crate) fn new(table: &'s Mutex<Table>) -> Self {
        Self {
            table,
            keys: HashTable::new(),
            arena: Vec::new(),
            met: Vec::new(),
            hasher: RandomState::default(),
        }
    }

    fn common(&self) -> MutexGuard<'s, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the common table what was counted here.
    pub(crate) fn finish(self) {
        let mut table = self.common();
        for met in &self.met {
            table.counted(met.entry, met.count);
        }
    }

    #[cold]
    fn first(&mut self, hash: u64, found: &Found<'_>, place: &mut Place<'_>) -> Outcome {
        let Some(observable) = Table::parse(found) else {
            return Outcome::Refused;
        };
        let entry = self.common().entry_of(observable, found, place) as u32;
        let met = self.met.len() as u32;
        self.met.push(Met {
            entry,
            first: place.base + found.start as u64,
            confidence: found.confidence,
            defanged: found.defanged,
            count: 0,
        });
        let key = Key {
            hash,
            kind: found.kind,
            start: self.arena.len(),
            length: found.clean.len() as u32,
            met,
        };
        self.arena.extend_from_slice(found.clean);
        self.keys.insert_unique(hash, key, |key| key.hash);
        Outcome::Accepted(met as usize)
    }
}

impl Tally for Shared<'_> {
    #[inline]
    fn found(&mut self, found: &Found<'_>, place: &mut Place<'_>) -> Outcome {
        let hash = self.hasher.hash_one((found.kind as u8, found.clean));
        let arena = &self.arena;
        let known = self.keys.find(hash, |key| {
            key.hash == hash
                && key.kind == found.kind
                && arena.get(key.start..key.start + key.length as usize) == Some(found.clean)
        });
        let Some(number) = known.map(|key| key.met as usize) else {
            return self.first(hash, found, place);
        };
        let table = self.table;
        if let Some(met) = self.met.get_mut(number) {
            met.count += 1;
            let start = place.base + found.start as u64;
            if start < met.first || found.confidence > met.confidence || (found.defanged && !met.defanged) {
                met.first = met.first.min(start);
                met.confidence = met.confidence.max(found.confidence);
                met.defanged |= found.defanged;
                let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
                table.learn(met.entry as usize, found, place);
            }
        }
        Outcome::Accepted(number)
    }

    fn counted(&mut self, entry: u32, times: u64) {
        if let Some(met) = self.met.get_mut(entry as usize) {
            met.count += times;
        }
    }

    fn pattern(&mut self, name: &Arc<str>, start: usize, end: usize, place: &mut Place<'_>) {
        self.common().pattern(name, start, end, place);
    }
}
