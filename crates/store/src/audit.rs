//! The audit log: who changed what, and when. Entries are only added, and each is hashed together with the one before.
//!
//! Whoever changes or removes an entry in the middle breaks the chain, and [`Audit::verify`] says where. Whoever cuts
//! the end off, or rewrites all of it, does not: for that, keep the [`Head`] elsewhere.
//!
//! What is written here may be handed to auditors, so there are no secrets in it: no keys, no addresses of feeds (which
//! may carry keys), no answers of providers.

use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By, Name};
use crate::{ArtifactId, Store};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};
use watchfire_model::{Moment, Untrusted};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1 upwards, without gaps.
    pub number: u64,
    /// When.
    pub at: Moment,
    /// Who.
    pub who: Untrusted,
    /// What was done, `feed-added`.
    pub action: Name,
    /// To what: a feed, an observable.
    pub subject: Untrusted,
    /// More of it, in words.
    pub detail: Untrusted,
    /// The hash over this entry and the one before.
    pub hash: ArtifactId,
}

/// The last entry: enough to tell later whether the log was cut or rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last one; zeros where there is none.
    pub hash: ArtifactId,
}

/// The audit log of a store.
#[derive(Clone, Copy, Debug)]
pub struct Audit<'s>(pub(crate) &'s Store);

/// Longest text of an entry that is kept. Bytes.
const MAX_TEXT: usize = 2000;

impl Audit<'_> {
    /// Adds an entry of the caller's own. What this crate changes, it enters itself.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&self, by: &By, action: &Name, subject: &Untrusted, detail: &Untrusted) -> Result<()> {
        self.0
            .write("add to the audit log of", Durability::Full, |transaction| {
                enter(transaction, by, action.as_str(), subject.raw(), detail.raw())
            })
    }

    /// The newest entries, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn latest(&self, most: u32) -> Result<Vec<Entry>> {
        self.0.read("read the audit log of", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT number, at, who, action, subject, detail, hash FROM audit ORDER BY number DESC LIMIT ?1",
            )?;
            statement.query_and_then([most], entry)?.collect()
        })
    }

    /// Hashes every entry again.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] with the first entry that is not what it was, or not where it was.
    pub fn verify(&self) -> Result<Head> {
        self.0.read("verify the audit log of", verify)
    }
}

/// Adds an entry to the transaction that it is about.
pub(crate) fn enter(
    transaction: &Transaction<'_>,
    by: &By,
    action: &str,
    subject: &str,
    detail: &str,
) -> std::result::Result<(), Fault> {
    let last = transaction
        .prepare_cached("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()?;
    let (number, before) = last.map_or((1, [0; 32]), |(number, hash)| (number.saturating_add(1), hash));
    let shorten = |text: &str| values::cut(&Untrusted::new(text), MAX_TEXT).to_owned();
    let (who, subject, detail) = (by.who().to_owned(), shorten(subject), shorten(detail));
    let hash = chained(&before, number, by.at, [&who, action, &subject, &detail]);
    transaction
        .prepare_cached(
            "INSERT INTO audit (number, at, who, action, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![number, by.at.unix(), who, action, subject, detail, hash])?;
    Ok(())
}

/// SHA-256 over the hash before, the number, the time, and each text behind its length: no two entries are written alike.
fn chained(before: &[u8; 32], number: i64, at: Moment, texts: [&str; 4]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"watchfire audit 1\n");
    hasher.update(before);
    hasher.update(number.to_be_bytes());
    hasher.update(at.unix().to_be_bytes());
    for text in texts {
        hasher.update(values::number(text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().into()
}

pub(crate) fn verify(connection: &Connection) -> std::result::Result<Head, Fault> {
    let mut statement =
        connection.prepare("SELECT number, at, who, action, subject, detail, hash FROM audit ORDER BY number")?;
    let mut rows = statement.query([])?;
    let (mut entries, mut before) = (0u64, [0; 32]);
    while let Some(row) = rows.next()? {
        let found = entry(row)?;
        entries += 1;
        if found.number != entries {
            return Err(Fault::Corrupt(format!(
                "entry {entries} of the audit log is missing: {} follows the one before",
                found.number
            )));
        }
        let texts = [
            found.who.raw(),
            found.action.as_str(),
            found.subject.raw(),
            found.detail.raw(),
        ];
        before = chained(&before, values::number(entries), found.at, texts);
        if &before != found.hash.as_bytes() {
            return Err(Fault::Corrupt(format!(
                "entry {entries} of the audit log, or the one before it, is not what was written"
            )));
        }
    }
    let hash = ArtifactId::from_digest(before);
    Ok(Head { entries, hash })
}

fn entry(row: &Row<'_>) -> std::result::Result<Entry, Fault> {
    Ok(Entry {
        number: values::count(row, 0)?,
        at: values::moment(row, 1)?,
        who: values::text(row, 2)?,
        action: values::name(row, 3)?,
        subject: values::text(row, 4)?,
        detail: values::text(row, 5)?,
        hash: values::digest(row, 6)?,
    })
}
