//! Answers of providers, kept for as long as they hold, so that no question is asked twice.
//!
//! The cache is bounded: the oldest answers make room for new ones. How long an answer holds is its provider's business.

use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, Key, Name};
use crate::{By, Store, audit};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use watchfire_model::{Moment, Observable, Outcome, transport};

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedAnswer {
    /// How the look-up ended.
    pub outcome: Outcome,
    /// What the provider's reader made of the answer, in a form of its own.
    pub body: Vec<u8>,
    /// When it was asked.
    pub stored: Moment,
    /// From when on it is to be asked again.
    pub expires: Moment,
}

/// How large the cache may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// Answers.
    pub answers: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            answers: 1_000_000,
            bytes: 256 << 20,
        }
    }
}

/// How large the cache is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheSize {
    /// Answers.
    pub answers: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
}

/// What is to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge<'p> {
    /// Everything.
    All,
    /// What does not hold any more at this moment.
    Expired(Moment),
    /// The answers of one provider.
    Provider(&'p Name),
    /// The answers about one observable.
    About(&'p Observable),
}

/// The answers that a store keeps.
#[derive(Clone, Copy, Debug)]
pub struct Cache<'s>(pub(crate) &'s Store);

impl Cache<'_> {
    /// Largest body that is kept: that of the largest answer that is read. Bytes.
    pub const MAX_BODY: usize = transport::ANSWER;

    /// The answer of `provider` about `observable` that holds at `as_of`, if it is at most `max_age` seconds old then.
    /// One that was stored later does not count: it was not known.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn get(
        &self,
        provider: &Name,
        observable: &Observable,
        as_of: Moment,
        max_age: Option<u64>,
    ) -> Result<Option<CachedAnswer>> {
        self.0.read("read the answers of", |connection| {
            let key = Key::of(observable);
            let oldest = max_age.map_or(Moment::from_unix(i64::MIN), |age| as_of.before(age));
            let mut statement = connection.prepare_cached(
                "SELECT outcome, body, stored, expires FROM answer WHERE provider = ?1 AND kind = ?2 AND value = ?3
                 AND stored BETWEEN ?4 AND ?5 AND expires > ?5",
            )?;
            let wanted = params![provider.as_str(), key.kind, key.folded, oldest.unix(), as_of.unix()];
            let mut rows = statement.query_and_then(wanted, answer)?;
            rows.next().transpose()
        })
    }

    /// Keeps an answer, in place of the one before. Where the cache would outgrow `limits`, the oldest go.
    ///
    /// # Errors
    /// When the body is larger than [`Cache::MAX_BODY`] or than the whole cache may be, and when it cannot be written.
    pub fn put(
        &self,
        provider: &Name,
        observable: &Observable,
        answer: &CachedAnswer,
        limits: CacheLimits,
    ) -> Result<()> {
        self.0.write("keep an answer in", Durability::Process, |transaction| {
            let bytes = answer.body.len() as u64;
            if bytes > Self::MAX_BODY as u64 || bytes > limits.bytes || limits.answers == 0 {
                return Err(Fault::Refused(format!(
                    "an answer of {bytes} bytes is too large to keep"
                )));
            }
            let key = Key::of(observable);
            // A new row, so that the oldest stand first whatever was kept before.
            transaction
                .prepare_cached("DELETE FROM answer WHERE provider = ?1 AND kind = ?2 AND value = ?3")?
                .execute(params![provider.as_str(), key.kind, key.folded])?;
            evict(
                transaction,
                CacheLimits {
                    answers: limits.answers - 1,
                    bytes: limits.bytes - bytes,
                },
            )?;
            transaction
                .prepare_cached(
                    "INSERT INTO answer (provider, kind, value, outcome, stored, expires, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    provider.as_str(),
                    key.kind,
                    key.folded,
                    answer.outcome.as_str(),
                    answer.stored.unix(),
                    answer.expires.unix(),
                    answer.body
                ])?;
            Ok(())
        })
    }

    /// Forgets answers; says how many.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn purge(&self, what: Purge<'_>, by: &By) -> Result<u64> {
        self.0.write("purge the answers of", Durability::Full, |transaction| {
            let (removed, subject) = match what {
                Purge::All => (transaction.execute("DELETE FROM answer", [])?, "everything".to_owned()),
                Purge::Expired(moment) => (
                    transaction.execute("DELETE FROM answer WHERE expires <= ?1", [moment.unix()])?,
                    "expired".to_owned(),
                ),
                Purge::Provider(provider) => (
                    transaction.execute("DELETE FROM answer WHERE provider = ?1", [provider.as_str()])?,
                    provider.to_string(),
                ),
                Purge::About(observable) => {
                    let key = Key::of(observable);
                    let removed = transaction.execute(
                        "DELETE FROM answer WHERE kind = ?1 AND value = ?2",
                        params![key.kind, key.folded],
                    )?;
                    (removed, format!("{} {}", key.kind, observable.raw()))
                }
            };
            if removed > 0 {
                audit::enter(
                    transaction,
                    by,
                    "answers-purged",
                    &subject,
                    &format!("{removed} answers"),
                )?;
            }
            Ok(removed as u64)
        })
    }

    /// How large it is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn size(&self) -> Result<CacheSize> {
        self.0.read("read the answers of", size)
    }
}

/// Removes the oldest answers until what is left fits.
fn evict(transaction: &Transaction<'_>, room: CacheLimits) -> std::result::Result<(), Fault> {
    let fits = |size: CacheSize| size.answers <= room.answers && size.bytes <= room.bytes;
    while !fits(size(transaction)?) {
        let removed = transaction
            .prepare_cached("DELETE FROM answer WHERE id = (SELECT id FROM answer ORDER BY stored, id LIMIT 1)")?
            .execute([])?;
        if removed == 0 {
            return Err(Fault::Corrupt(
                "the size of the answers is not what is there".to_owned(),
            ));
        }
    }
    Ok(())
}

fn size(connection: &rusqlite::Connection) -> std::result::Result<CacheSize, Fault> {
    let mut statement = connection.prepare_cached("SELECT answers, bytes FROM answer_total WHERE id = 1")?;
    let mut rows = statement.query_and_then([], |row| {
        Ok(CacheSize {
            answers: values::count(row, 0)?,
            bytes: values::count(row, 1)?,
        })
    })?;
    rows.next()
        .unwrap_or_else(|| Err(Fault::Corrupt("the size of the answers is missing".to_owned())))
}

/// Whether the size that is kept is the size that is there.
pub(crate) fn verify(connection: &rusqlite::Connection) -> std::result::Result<CacheSize, Fault> {
    let kept = size(connection)?;
    let counted: (i64, i64) = connection
        .query_row(
            "SELECT count(*), coalesce(sum(length(body)), 0) FROM answer",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?
        .unwrap_or_default();
    if (values::number(kept.answers), values::number(kept.bytes)) != counted {
        return Err(Fault::Corrupt(
            "the size of the answers is not what is there".to_owned(),
        ));
    }
    Ok(kept)
}

fn answer(row: &Row<'_>) -> std::result::Result<CachedAnswer, Fault> {
    Ok(CachedAnswer {
        outcome: values::outcome(row, 0)?,
        body: row.get(1)?,
        stored: values::moment(row, 2)?,
        expires: values::moment(row, 3)?,
    })
}
