//! What analysts decided about observables: benign or malicious, why, and until when.
//!
//! One decision about an observable is in force at a time. A new one ends the one before, and none is ever removed, so
//! that what was in force at any moment can be told.

use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By, Key};
use crate::{Store, audit};
use rusqlite::{OptionalExtension, Row, params};
use watchfire_model::{Moment, Observable, Untrusted, Verdict};

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// It does no harm.
    Benign,
    /// It does.
    Malicious,
}

impl Mark {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Benign => "benign",
            Self::Malicious => "malicious",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Benign, Self::Malicious]
            .into_iter()
            .find(|mark| mark.as_str() == text)
    }

    /// What it speaks for.
    pub const fn towards(self) -> Verdict {
        match self {
            Self::Benign => Verdict::Benign,
            Self::Malicious => Verdict::Malicious,
        }
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// About what.
    pub observable: Observable,
    /// What was decided.
    pub mark: Mark,
    /// The reason. Never empty.
    pub why: Untrusted,
    /// Who decided, and when.
    pub by: By,
    /// From when on it does not hold any more.
    pub expires: Option<Moment>,
    /// When it was withdrawn, or another one took its place.
    pub ended: Option<Moment>,
}

impl Decision {
    /// Longest reason that is kept. Bytes.
    pub const MAX_WHY: usize = 1000;

    /// Whether it holds at `as_of`.
    pub fn holds(&self, as_of: Moment) -> bool {
        let over = |end: Option<Moment>| end.is_some_and(|end| end <= as_of);
        self.by.at <= as_of && !over(self.expires) && !over(self.ended)
    }
}

/// The decisions of a store.
#[derive(Clone, Copy, Debug)]
pub struct Decisions<'s>(pub(crate) &'s Store);

const COLUMNS: &str = "kind, value, mark, why, who, made, expires, ended";

impl Decisions<'_> {
    /// Keeps a decision, in place of the one in force about the same observable.
    ///
    /// # Errors
    /// When it bears no reason or is over when it is made, and when it cannot be written.
    pub fn mark(
        &self,
        observable: &Observable,
        mark: Mark,
        why: &Untrusted,
        expires: Option<Moment>,
        by: &By,
    ) -> Result<()> {
        self.0.write("keep a decision in", Durability::Full, |transaction| {
            let why = values::cut(why, Decision::MAX_WHY).trim();
            if why.is_empty() {
                return Err(Fault::Refused("a decision needs a reason".to_owned()));
            }
            if expires.is_some_and(|expires| expires <= by.at) {
                return Err(Fault::Refused(
                    "a decision must expire later than it is made".to_owned(),
                ));
            }
            let key = Key::of(observable);
            transaction
                .prepare_cached("UPDATE decision SET ended = ?3 WHERE kind = ?1 AND folded = ?2 AND ended IS NULL")?
                .execute(params![key.kind, key.folded, by.at.unix()])?;
            transaction
                .prepare_cached(
                    "INSERT INTO decision (kind, folded, value, mark, why, who, made, expires)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    key.kind,
                    key.folded,
                    observable.raw(),
                    mark.as_str(),
                    why,
                    by.who(),
                    by.at.unix(),
                    expires.map(Moment::unix)
                ])?;
            let until = expires.map(|expires| format!(" until {expires}")).unwrap_or_default();
            let detail = format!("{}{until}: {why}", mark.as_str());
            audit::enter(transaction, by, "decision-made", &subject(observable), &detail)
        })
    }

    /// Ends the decision in force. Says whether there was one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn withdraw(&self, observable: &Observable, why: &Untrusted, by: &By) -> Result<bool> {
        self.0.write("withdraw a decision in", Durability::Full, |transaction| {
            let key = Key::of(observable);
            let ended = transaction
                .prepare_cached("UPDATE decision SET ended = ?3 WHERE kind = ?1 AND folded = ?2 AND ended IS NULL")?
                .execute(params![key.kind, key.folded, by.at.unix()])?;
            if ended > 0 {
                let why = values::cut(why, Decision::MAX_WHY);
                audit::enter(transaction, by, "decision-withdrawn", &subject(observable), why)?;
            }
            Ok(ended > 0)
        })
    }

    /// The decision that holds, or held, at `as_of`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn about(&self, observable: &Observable, as_of: Moment) -> Result<Option<Decision>> {
        self.0.read("read the decisions of", |connection| {
            let key = Key::of(observable);
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM decision WHERE kind = ?1 AND folded = ?2 AND made <= ?3
                 AND (ended IS NULL OR ended > ?3) AND (expires IS NULL OR expires > ?3) ORDER BY id DESC LIMIT 1"
            ))?;
            let mut rows = statement.query_and_then(params![key.kind, key.folded, as_of.unix()], decision)?;
            rows.next().transpose()
        })
    }

    /// Every decision about an observable, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn history(&self, observable: &Observable) -> Result<Vec<Decision>> {
        self.0.read("read the decisions of", |connection| {
            let key = Key::of(observable);
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM decision WHERE kind = ?1 AND folded = ?2 ORDER BY id DESC"
            ))?;
            statement
                .query_and_then(params![key.kind, key.folded], decision)?
                .collect()
        })
    }

    /// Every decision that holds at `as_of`, sorted by type and value: whoever asks about many observables asks once.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn all(&self, as_of: Moment) -> Result<Vec<Decision>> {
        self.0.read("read the decisions of", |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS}, max(id) FROM decision WHERE made <= ?1
                 AND (ended IS NULL OR ended > ?1) AND (expires IS NULL OR expires > ?1)
                 GROUP BY kind, folded ORDER BY kind, folded"
            ))?;
            statement.query_and_then([as_of.unix()], decision)?.collect()
        })
    }

    /// Whether any decision was ever made: there is nothing to look up otherwise.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn is_empty(&self) -> Result<bool> {
        self.0.read("read the decisions of", |connection| {
            let first = connection
                .prepare_cached("SELECT 1 FROM decision LIMIT 1")?
                .query_row([], |_| Ok(()))
                .optional()?;
            Ok(first.is_none())
        })
    }
}

fn subject(observable: &Observable) -> String {
    format!("{} {}", observable.kind().name(), observable.raw())
}

fn decision(row: &Row<'_>) -> std::result::Result<Decision, Fault> {
    let (kind, value): (String, String) = (row.get(0)?, row.get(1)?);
    Ok(Decision {
        observable: values::observable(&kind, &value)?,
        mark: values::word(row, 2, &[Mark::Benign, Mark::Malicious], Mark::as_str)?,
        why: values::text(row, 3)?,
        by: By::new(values::text(row, 4)?, values::moment(row, 5)?),
        expires: values::maybe_moment(row, 6)?,
        ended: values::maybe_moment(row, 7)?,
    })
}
