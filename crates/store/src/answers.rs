//! Answers of providers, kept so that no question is asked twice.
//!
//! What is kept is bounded: the oldest answers make room for new ones. How long an answer is good is its provider's
//! business.

use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By, Key};
use crate::{Store, audit};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use watchfire_model::{Cache, Kept, Moment, Observable, Outcome, transport};

/// How many answers, or how many are kept at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswersSize {
    /// Answers.
    pub answers: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
}

impl AnswersSize {
    /// What is kept at most, if nothing else is said.
    pub const MOST: Self = Self {
        answers: 1_000_000,
        bytes: 256 << 20,
    };
}

/// What is to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge<'p> {
    /// Everything.
    All,
    /// What is not good any more at this moment.
    Stale(Moment),
    /// The answers of one provider.
    Provider(&'p str),
    /// The answers about one observable.
    About(&'p Observable),
}

/// The answers that a store keeps. As a [`Cache`] it has none where it cannot be read, and keeps none where it cannot be
/// written.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'s> {
    pub(crate) store: &'s Store,
    pub(crate) most: AnswersSize,
}

impl Answers<'_> {
    /// Largest body that is kept: that of the largest answer that is read. Bytes.
    pub const MAX_BODY: usize = transport::ANSWER;

    /// The same, kept smaller or larger.
    #[must_use]
    pub fn bounded(self, most: AnswersSize) -> Self {
        Self { most, ..self }
    }

    /// The last answer of `provider` about `what`, good or not.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn last(&self, provider: &str, what: &Observable) -> Result<Option<Kept>> {
        self.store.read("read the answers of", |connection| {
            let key = Key::of(what);
            let mut statement = connection.prepare_cached(
                "SELECT step, status, body, outcome, asked, good_until FROM answer
                 WHERE provider = ?1 AND kind = ?2 AND value = ?3",
            )?;
            let mut rows = statement.query_and_then(params![provider, key.kind, key.folded], kept)?;
            rows.next().transpose()
        })
    }

    /// The last answer of `provider` about `what` if it is good at `as_of`, and at most `max_age` seconds old then. One
    /// that was asked for later does not count: it was not known.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn good(&self, provider: &str, what: &Observable, as_of: Moment, max_age: Option<u64>) -> Result<Option<Kept>> {
        let last = self.last(provider, what)?;
        Ok(last.filter(|kept| {
            let young = max_age.is_none_or(|most| as_of.since(kept.asked) <= most);
            kept.asked <= as_of && as_of < kept.good_until && young
        }))
    }

    /// Keeps an answer, in place of the one before. Where too much would be kept, the oldest go.
    ///
    /// # Errors
    /// When it is neither found nor not found, or larger than [`Answers::MAX_BODY`] or than all together may be, and
    /// when it cannot be written.
    pub fn keep(&self, provider: &str, what: &Observable, kept: &Kept) -> Result<()> {
        self.store
            .write("keep an answer in", Durability::Process, |transaction| {
                let bytes = kept.body.len() as u64;
                if bytes > Self::MAX_BODY as u64 || bytes > self.most.bytes || self.most.answers == 0 {
                    return Err(Fault::Refused(format!(
                        "an answer of {bytes} bytes is too large to keep"
                    )));
                }
                if !matches!(kept.outcome, Outcome::Found | Outcome::NotFound) {
                    return Err(Fault::Refused("only answers are kept".to_owned()));
                }
                let key = Key::of(what);
                // A new row, so that of two that are equally old the first to come is the first to go.
                transaction
                    .prepare_cached("DELETE FROM answer WHERE provider = ?1 AND kind = ?2 AND value = ?3")?
                    .execute(params![provider, key.kind, key.folded])?;
                let room = AnswersSize {
                    answers: self.most.answers - 1,
                    bytes: self.most.bytes - bytes,
                };
                evict(transaction, room)?;
                transaction
                    .prepare_cached(
                        "INSERT INTO answer (provider, kind, value, step, status, outcome, asked, good_until, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )?
                    .execute(params![
                        provider,
                        key.kind,
                        key.folded,
                        kept.step,
                        kept.status,
                        kept.outcome.as_str(),
                        kept.asked.unix(),
                        kept.good_until.unix(),
                        kept.body
                    ])?;
                Ok(())
            })
    }

    /// Forgets answers; says how many.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn purge(&self, what: Purge<'_>, by: &By) -> Result<u64> {
        self.store
            .write("purge the answers of", Durability::Full, |transaction| {
                let (removed, subject) = match what {
                    Purge::All => (transaction.execute("DELETE FROM answer", [])?, "everything".to_owned()),
                    Purge::Stale(moment) => (
                        transaction.execute("DELETE FROM answer WHERE good_until <= ?1", [moment.unix()])?,
                        "what is stale".to_owned(),
                    ),
                    Purge::Provider(provider) => (
                        transaction.execute("DELETE FROM answer WHERE provider = ?1", [provider])?,
                        provider.to_owned(),
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

    /// What there are answers about, to know at once of a value that there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn held(&self) -> Result<Held> {
        self.store.read("read the answers of", |connection| {
            let mut statement = connection.prepare_cached("SELECT kind, value FROM answer")?;
            let mut held = Held::default();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (kind, value): (String, String) = (row.get(0)?, row.get(1)?);
                held.hashes.insert(held.state.hash_one((kind.as_str(), value.as_str())));
            }
            Ok(held)
        })
    }

    /// How many there are.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn size(&self) -> Result<AnswersSize> {
        self.store.read("read the answers of", size)
    }
}

/// What there were answers about when it was asked, as hashes: a million take little room.
#[derive(Clone, Debug, Default)]
pub struct Held {
    hashes: HashSet<u64>,
    state: RandomState,
}

impl Held {
    /// Whether there may be an answer of somebody about `what`. Right but for one value in billions that nobody was
    /// asked about.
    pub fn about(&self, what: &Observable) -> bool {
        if self.hashes.is_empty() {
            return false;
        }
        let key = Key::of(what);
        self.hashes
            .contains(&self.state.hash_one((key.kind.as_str(), key.folded.as_str())))
    }
}

impl Cache for Answers<'_> {
    fn get(&self, provider: &str, what: &Observable) -> Option<Kept> {
        self.last(provider, what).unwrap_or_default()
    }

    fn put(&self, provider: &str, what: &Observable, kept: &Kept) {
        // It is asked again, then.
        let _ = self.keep(provider, what, kept);
    }
}

/// Removes the oldest answers until what is left fits.
fn evict(transaction: &Transaction<'_>, room: AnswersSize) -> std::result::Result<(), Fault> {
    let fits = |size: AnswersSize| size.answers <= room.answers && size.bytes <= room.bytes;
    while !fits(size(transaction)?) {
        let removed = transaction
            .prepare_cached("DELETE FROM answer WHERE id = (SELECT id FROM answer ORDER BY asked, id LIMIT 1)")?
            .execute([])?;
        if removed == 0 {
            return Err(Fault::Corrupt(
                "the size of the answers is not what is there".to_owned(),
            ));
        }
    }
    Ok(())
}

fn size(connection: &Connection) -> std::result::Result<AnswersSize, Fault> {
    let mut statement = connection.prepare_cached("SELECT answers, bytes FROM answer_total WHERE id = 1")?;
    let mut rows = statement.query_and_then([], |row| {
        Ok(AnswersSize {
            answers: values::count(row, 0)?,
            bytes: values::count(row, 1)?,
        })
    })?;
    rows.next()
        .unwrap_or_else(|| Err(Fault::Corrupt("the size of the answers is missing".to_owned())))
}

/// Whether the size that is kept is the size that is there.
pub(crate) fn verify(connection: &Connection) -> std::result::Result<AnswersSize, Fault> {
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

fn kept(row: &Row<'_>) -> std::result::Result<Kept, Fault> {
    Ok(Kept {
        step: row.get(0)?,
        status: row.get(1)?,
        body: row.get(2)?,
        outcome: values::word(row, 3, &[Outcome::Found, Outcome::NotFound], Outcome::as_str)?,
        asked: values::moment(row, 4)?,
        good_until: values::moment(row, 5)?,
    })
}
