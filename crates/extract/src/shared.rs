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
    /// What this scanner knows about each entry of the common table, by its number.
    met: Vec<Met>,
    hasher: RandomState,
    /// Keys that the other scanners have not heard of.
    fresh: Vec<Key>,
}

/// Clean texts that a scanner has met, and what their entries have heard of them.
pub(crate) struct News {
    keys: Vec<(Key, Met)>,
    arena: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Key {
    hash: u64,
    start: usize,
    length: u32,
    entry: u32,
    kind: ObservableType,
}

/// An entry of the common table.
#[derive(Clone)]
struct Met {
    /// Where the first occurrence is that the entry has heard of from here, and how sure the surest was; none, if it
    /// has heard of none.
    first: u64,
    confidence: Option<Confidence>,
    defanged: bool,
    /// Occurrences that the entry has not heard of.
    count: u64,
}

impl Met {
    const NEVER: Self = Self {
        first: u64::MAX,
        confidence: None,
        defanged: false,
        count: 0,
    };

    /// Takes note of an occurrence; whether the entry has to hear of it.
    #[inline]
    fn learn(&mut self, found: &Found<'_>, place: &Place<'_>) -> bool {
        let start = place.base + found.start as u64;
        let news = start < self.first || Some(found.confidence) > self.confidence || (found.defanged && !self.defanged);
        if news {
            self.first = self.first.min(start);
            self.confidence = self.confidence.max(Some(found.confidence));
            self.defanged |= found.defanged;
        }
        news
    }
}

impl<'s> Shared<'s> {
    pub(crate) fn new(table: &'s Mutex<Table>) -> Self {
        let hasher = table.lock().unwrap_or_else(PoisonError::into_inner).hasher();
        Self {
            table,
            keys: HashTable::new(),
            arena: Vec::new(),
            met: Vec::new(),
            hasher,
            fresh: Vec::new(),
        }
    }

    fn common(&self) -> MutexGuard<'s, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the common table what was counted here.
    pub(crate) fn finish(self) {
        let mut table = self.common();
        for (entry, met) in self.met.iter().enumerate() {
            table.counted(entry as u32, met.count);
        }
    }

    /// What this scanner knows about an entry.
    fn met(&mut self, entry: u32) -> Option<&mut Met> {
        let entry = entry as usize;
        if self.met.len() <= entry {
            self.met.resize(entry + 1, Met::NEVER);
        }
        self.met.get_mut(entry)
    }

    /// The entry of a clean text that is new to this scanner, and perhaps to all of them.
    fn common_entry(&self, hash: u64, found: &Found<'_>, place: &mut Place<'_>) -> Option<u32> {
        // Nobody waits for the parser, and what it refuses touches nothing.
        let observable = Table::parse(found)?;
        let mut table = self.common();
        let entry = match table.known(hash, found) {
            Some(entry) => {
                table.again(entry, found, place);
                entry
            }
            None => table.add(hash, observable, found, place),
        };
        Some(entry as u32)
    }

    #[cold]
    fn first(&mut self, hash: u64, found: &Found<'_>, place: &mut Place<'_>) -> Outcome {
        let Some(entry) = self.common_entry(hash, found, place) else {
            return Outcome::Refused;
        };
        if let Some(met) = self.met(entry) {
            met.learn(found, place);
        }
        let key = Key {
            hash,
            kind: found.kind,
            start: self.arena.len(),
            length: found.clean.len() as u32,
            entry,
        };
        self.insert(key, found.clean);
        self.fresh.push(key);
        Outcome::Accepted(entry as usize)
    }

    fn insert(&mut self, key: Key, clean: &[u8]) {
        self.arena.extend_from_slice(clean);
        self.keys.insert_unique(key.hash, key, |key| key.hash);
    }

    #[inline]
    fn known(&self, hash: u64, kind: ObservableType, clean: &[u8]) -> Option<u32> {
        let arena = &self.arena;
        let same = |key: &Key| {
            key.hash == hash && key.kind == kind && arena.get(key.start..key.start + key.length as usize) == Some(clean)
        };
        self.keys.find(hash, same).map(|key| key.entry)
    }

    /// What was met since this was asked last.
    pub(crate) fn news(&mut self) -> Option<News> {
        let mut news = News {
            keys: Vec::with_capacity(self.fresh.len()),
            arena: Vec::new(),
        };
        for mut key in std::mem::take(&mut self.fresh) {
            let (Some(clean), Some(met)) = (
                self.arena.get(key.start..key.start + key.length as usize),
                self.met.get(key.entry as usize),
            ) else {
                continue;
            };
            key.start = news.arena.len();
            news.arena.extend_from_slice(clean);
            news.keys.push((key, met.clone()));
        }
        (!news.keys.is_empty()).then_some(news)
    }

    /// Takes in what another scanner has met.
    pub(crate) fn learn(&mut self, news: &News) {
        for (key, told) in &news.keys {
            let Some(clean) = news.arena.get(key.start..key.start + key.length as usize) else {
                continue;
            };
            if self.known(key.hash, key.kind, clean).is_some() {
                continue;
            }
            let key = Key {
                start: self.arena.len(),
                ..*key
            };
            self.insert(key, clean);
            if let Some(met) = self.met(key.entry) {
                met.first = met.first.min(told.first);
                met.confidence = met.confidence.max(told.confidence);
                met.defanged |= told.defanged;
            }
        }
    }
}

impl Tally for Shared<'_> {
    #[inline]
    fn found(&mut self, found: &Found<'_>, place: &mut Place<'_>) -> Outcome {
        let hash = self.hasher.hash_one((found.kind as u8, found.clean));
        let Some(entry) = self.known(hash, found.kind, found.clean) else {
            return self.first(hash, found, place);
        };
        let table = self.table;
        if let Some(met) = self.met(entry) {
            met.count += 1;
            if met.learn(found, place) {
                let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
                table.learn(entry as usize, found, place);
            }
        }
        Outcome::Accepted(entry as usize)
    }

    fn counted(&mut self, entry: u32, times: u64) {
        if let Some(met) = self.met(entry) {
            met.count += times;
        }
    }

    fn pattern(&mut self, name: &Arc<str>, start: usize, end: usize, place: &mut Place<'_>) {
        self.common().pattern(name, start, end, place);
    }
}
