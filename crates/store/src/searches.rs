//! Files that a search of disks judged and had nothing to say of, so that the next one need not read them again: one that
//! was interrupted goes on, and a repeated one reads what is new.
//!
//! A file is a mark: whoever changes it, moves it or judges by other rules makes another one. Marks are kept for a while.

use crate::Store;
use crate::error::Result;
use crate::store::Durability;
use rusqlite::params;
use std::collections::HashSet;
use watchfire_model::Moment;

/// Seconds that a mark is kept.
const KEPT: u64 = 90 * 86_400;

/// What stands for a file as it is: the beginning of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileMark(pub [u8; 16]);

/// The searches of a store.
#[derive(Clone, Copy, Debug)]
pub struct Searches<'s>(pub(crate) &'s Store);

impl Searches<'_> {
    /// Every file that is known to need no second look.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn judged(&self) -> Result<HashSet<FileMark>> {
        self.0.read("read what was searched", |connection| {
            let mut statement = connection.prepare_cached("SELECT mark FROM judged_file")?;
            let marks = statement.query_map([], |row| row.get::<_, [u8; 16]>(0))?;
            Ok(marks.map(|mark| mark.map(FileMark)).collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Remembers files that were judged `at` that moment. A loss of power may cost the last ones: they are read again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add(&self, marks: &[FileMark], at: Moment) -> Result<()> {
        self.0
            .write("remember what was searched", Durability::Process, |transaction| {
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO judged_file VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
                )?;
                for mark in marks {
                    insert.execute(params![mark.0, at.unix()])?;
                }
                Ok(())
            })
    }

    /// Forgets files that were judged long before `now`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget(&self, now: Moment) -> Result<()> {
        self.0
            .write("forget what was searched", Durability::Process, |transaction| {
                transaction.execute("DELETE FROM judged_file WHERE at < ?", [now.before(KEPT).unix()])?;
                Ok(())
            })
    }
}
