//! Looking after the file: is it whole, a copy of it, and giving back what it no longer needs.

use crate::audit::{self, Head};
use crate::error::{Fault, Result, StoreError};
use crate::{AnswersSize, Store, answers, cases, files, migrations, sightings};
use std::fs::{self, File};
use std::path::Path;

/// What a check has found to be in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The schema.
    pub schema: i64,
    /// The size of the database. Bytes.
    pub bytes: u64,
    /// How much of that is free. Bytes.
    pub free: u64,
    /// The end of the audit log.
    pub audit: Head,
    /// The answers that are kept.
    pub answers: AnswersSize,
    /// How many sightings are kept.
    pub sightings: u64,
    /// How many cases there are.
    pub cases: u64,
}

impl Store {
    /// Reads every page and index, follows every reference, and hashes the audit log and the events of cases again.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] with the first thing that is wrong.
    pub fn check(&self) -> Result<Checked> {
        self.read("check the store", |connection| {
            let mut statement = connection.prepare("PRAGMA integrity_check(1)")?;
            let found: String = statement.query_row([], |row| row.get(0))?;
            if found != "ok" {
                return Err(Fault::Corrupt(found.replace('\n', "; ")));
            }
            let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
            let dangling = statement
                .query_map([], |row| row.get::<_, String>(0))?
                .next()
                .transpose()?;
            if let Some(table) = dangling {
                return Err(Fault::Corrupt(format!("a row of '{table}' refers to one that is gone")));
            }
            let number = |pragma: &str| -> std::result::Result<u64, Fault> {
                let number: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
                Ok(u64::try_from(number).unwrap_or_default())
            };
            let page = number("page_size")?;
            Ok(Checked {
                schema: migrations::version(connection)?,
                bytes: number("page_count")?.saturating_mul(page),
                free: number("freelist_count")?.saturating_mul(page),
                audit: audit::verify(connection)?,
                answers: answers::verify(connection)?,
                sightings: sightings::verify(connection)?,
                cases: cases::verify(connection)?,
            })
        })
    }

    /// Writes a copy to `to`, which must not exist; its owner alone can read it. Others may go on working meanwhile: the
    /// copy is of one moment.
    ///
    /// # Errors
    /// When there is a file of that name, and when it cannot be written. Nothing is left of it, then.
    pub fn backup(&self, to: &Path) -> Result<()> {
        let copy = || -> std::result::Result<(), Fault> {
            if to.try_exists()? {
                return Err(Fault::Refused("there is a file of that name already".to_owned()));
            }
            let mut name = to.file_name().unwrap_or_default().to_owned();
            name.push(format!(".{}.part", std::process::id()));
            let part = to.with_file_name(name);
            // SQLite fills an empty file, and leaves its permissions alone.
            drop(files::private().create_new(true).open(&part)?);
            let filled = self.fill(&part).and_then(|()| {
                File::open(&part)?.sync_all()?;
                // A link, unlike a rename, never takes the place of another file.
                match fs::hard_link(&part, to) {
                    Ok(()) => Ok(fs::remove_file(&part)?),
                    Err(_) if !to.try_exists()? => Ok(fs::rename(&part, to)?),
                    Err(error) => Err(error.into()),
                }
            });
            if filled.is_err() {
                let _ = fs::remove_file(&part);
            }
            filled?;
            if let Some(folder) = to.parent() {
                files::sync_folder(folder);
            }
            Ok(())
        };
        copy().map_err(|fault| StoreError::new("back the store up to", to, fault))
    }

    fn fill(&self, part: &Path) -> std::result::Result<(), Fault> {
        let target = part
            .to_str()
            .ok_or_else(|| Fault::Refused("the name of the copy is not UTF-8".to_owned()))?;
        self.outside(|connection| {
            connection.execute("VACUUM INTO ?1", [target])?;
            Ok(())
        })
    }

    /// Gives back the space of what was removed, and the log's.
    ///
    /// # Errors
    /// When it cannot be written, or the disk has no room for a second copy of it. Nothing is lost, then.
    pub fn vacuum(&self) -> Result<()> {
        let work = || {
            if self.is_read_only() {
                return Err(Fault::ReadOnly);
            }
            self.outside(|connection| {
                connection.execute_batch("VACUUM")?;
                // Where others are reading, their part of the log stays until the next time.
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
                Ok(())
            })
        };
        work().map_err(|fault| StoreError::new("clean up the store", self.path(), fault))
    }
}
