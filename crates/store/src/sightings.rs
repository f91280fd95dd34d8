//! Where indicators were met: which feed knew an observable, in which of our own inputs it was, when first and last.
//!
//! Kept by the observable that was met, and bounded: what was not met for longest goes first.

use crate::Store;
use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, Key, Name};
use rusqlite::{Connection, Row, Transaction, params};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use watchfire_model::{Moment, Observable, Untrusted};

/// An indicator met an observable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What was met.
    pub observable: Observable,
    /// The feed whose indicator it is.
    pub feed: Name,
    /// The input in which it was, `mail.eml`.
    pub source: Untrusted,
    /// When.
    pub at: Moment,
}

/// The same, met once or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The feed.
    pub feed: Name,
    /// The input.
    pub source: Untrusted,
    /// When it was first met there.
    pub first: Moment,
    /// When it was last met there.
    pub last: Moment,
    /// How often.
    pub times: u64,
}

/// How often and when an observable was met, in all inputs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenBefore {
    /// How often: an input that was read again counts again.
    pub times: u64,
    /// In how many inputs.
    pub inputs: u64,
    /// When first.
    pub first: Moment,
    /// When last.
    pub last: Moment,
}

/// What was met before, by a hash of what it was.
#[derive(Clone, Debug, Default)]
pub struct SeenTable {
    seen: HashMap<u64, SeenBefore>,
    state: RandomState,
}

impl SeenTable {
    /// What is known of an observable.
    pub fn about(&self, observable: &Observable) -> Option<&SeenBefore> {
        if self.seen.is_empty() {
            return None;
        }
        let key = Key::of(observable);
        self.seen.get(&self.hash(&key.kind, &key.folded))
    }

    /// Adds what is known of one.
    pub fn insert(&mut self, observable: &Observable, seen: SeenBefore) {
        let key = Key::of(observable);
        self.seen.insert(self.hash(&key.kind, &key.folded), seen);
    }

    fn hash(&self, kind: &str, folded: &str) -> u64 {
        self.state.hash_one((kind, folded))
    }
}

/// Of each input the most often that one of the feeds was counted in it: two feeds that know a value have not met it twice.
const BY_INPUT: &str = "SELECT kind, folded, max(times) AS times, min(first) AS first, max(last) AS last FROM sighting";

/// The sightings of a store.
#[derive(Clone, Copy, Debug)]
pub struct Sightings<'s> {
    pub(crate) store: &'s Store,
    pub(crate) most: u64,
}

impl Sightings<'_> {
    /// How many are kept, if nothing else is said.
    pub const MOST: u64 = 1_000_000;
    /// Longest name of an input that is kept. Bytes.
    pub const MAX_SOURCE: usize = 480;
    /// How often one is counted at most.
    const MOST_TIMES: i64 = 1 << 40;

    /// The same, of which so many are kept.
    #[must_use]
    pub fn bounded(self, most: u64) -> Self {
        Self { most, ..self }
    }

    /// Keeps what was met, all of it or nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&self, sightings: &[Sighting]) -> Result<()> {
        self.store.write("keep sightings in", Durability::Process, |transaction| {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO sighting (kind, folded, feed, source, first, last, times) VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1)
                 ON CONFLICT DO UPDATE SET first = min(first, ?5), last = max(last, ?5), times = min(times + 1, ?6)",
            )?;
            for sighting in sightings {
                let key = Key::of(&sighting.observable);
                let source = values::cut(&sighting.source, Self::MAX_SOURCE);
                let feed = sighting.feed.as_str();
                let at = sighting.at.unix();
                statement.execute(params![key.kind, key.folded, feed, source, at, Self::MOST_TIMES])?;
            }
            evict(transaction, self.most)
        })
    }

    /// Where an observable was met, the latest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(&self, observable: &Observable) -> Result<Vec<Seen>> {
        self.store.read("read the sightings of", |connection| {
            let key = Key::of(observable);
            let mut statement = connection.prepare_cached(
                "SELECT feed, source, first, last, times FROM sighting WHERE kind = ?1 AND folded = ?2
                 ORDER BY last DESC, feed, source",
            )?;
            statement.query_and_then(params![key.kind, key.folded], seen)?.collect()
        })
    }

    /// How often and when an observable was met, if it was.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn before(&self, observable: &Observable) -> Result<Option<SeenBefore>> {
        self.store.read("read the sightings of", |connection| {
            let key = Key::of(observable);
            let mut statement = connection.prepare_cached(&format!(
                "SELECT sum(times), count(*), min(first), max(last) FROM
                 ({BY_INPUT} WHERE kind = ?1 AND folded = ?2 GROUP BY source) HAVING count(*) > 0"
            ))?;
            let mut rows = statement.query_and_then(params![key.kind, key.folded], |row| seen_before(row, 0))?;
            rows.next().transpose()
        })
    }

    /// The same of everything, for whoever asks about many.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn table(&self) -> Result<SeenTable> {
        self.store.read("read the sightings of", |connection| {
            let mut table = SeenTable::default();
            let mut statement = connection.prepare_cached(&format!(
                "SELECT kind, folded, sum(times), count(*), min(first), max(last) FROM
                 ({BY_INPUT} GROUP BY kind, folded, source) GROUP BY kind, folded"
            ))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (kind, folded): (String, String) = (row.get(0)?, row.get(1)?);
                let hash = table.hash(&kind, &folded);
                table.seen.insert(hash, seen_before(row, 2)?);
            }
            Ok(table)
        })
    }

    /// How many are kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn count(&self) -> Result<u64> {
        self.store.read("read the sightings of", count)
    }
}

/// Four columns from `column` on.
fn seen_before(row: &Row<'_>, column: usize) -> std::result::Result<SeenBefore, Fault> {
    Ok(SeenBefore {
        times: values::count(row, column)?,
        inputs: values::count(row, column + 1)?,
        first: values::moment(row, column + 2)?,
        last: values::moment(row, column + 3)?,
    })
}

fn evict(transaction: &Transaction<'_>, most: u64) -> std::result::Result<(), Fault> {
    let excess = count(transaction)?.saturating_sub(most);
    if excess > 0 {
        transaction
            .prepare_cached("DELETE FROM sighting WHERE id IN (SELECT id FROM sighting ORDER BY last, id LIMIT ?1)")?
            .execute([values::number(excess)])?;
    }
    Ok(())
}

fn count(connection: &Connection) -> std::result::Result<u64, Fault> {
    let mut statement = connection.prepare_cached("SELECT sightings FROM sighting_total WHERE id = 1")?;
    let mut rows = statement.query_and_then([], |row| values::count(row, 0))?;
    rows.next()
        .unwrap_or_else(|| Err(Fault::Corrupt("the number of the sightings is missing".to_owned())))
}

/// Whether the number that is kept is the number that is there.
pub(crate) fn verify(connection: &Connection) -> std::result::Result<u64, Fault> {
    let kept = count(connection)?;
    let counted: i64 = connection.query_row("SELECT count(*) FROM sighting", [], |row| row.get(0))?;
    if values::number(kept) != counted {
        return Err(Fault::Corrupt(
            "the number of the sightings is not what is there".to_owned(),
        ));
    }
    Ok(kept)
}

fn seen(row: &Row<'_>) -> std::result::Result<Seen, Fault> {
    Ok(Seen {
        feed: values::name(row, 0)?,
        source: values::text(row, 1)?,
        first: values::moment(row, 2)?,
        last: values::moment(row, 3)?,
        times: values::count(row, 4)?,
    })
}
