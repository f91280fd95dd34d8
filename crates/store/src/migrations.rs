//! The schema, as the steps that lead to it. A step that has been released is never edited: a new one follows it.

use crate::error::Fault;
use rusqlite::{Connection, TransactionBehavior};

/// `Wfir`: tells our file from those of other programs.
pub(crate) const APPLICATION: i64 = 0x5766_6972;

/// Step `n` leads from schema `n` to `n + 1`.
const STEPS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
];

/// The schema that this crate works with.
pub(crate) const LATEST: i64 = STEPS.len() as i64;

/// The schema of a database.
pub(crate) fn version(connection: &Connection) -> Result<i64, Fault> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Walks the steps that are missing up to schema `to`. Each is one transaction, so that whatever interrupts them leaves
/// a schema that is one of ours, and of several processes that begin at once one walks it.
pub(crate) fn migrate(connection: &mut Connection, to: i64) -> Result<(), Fault> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version(&transaction)?;
        let step = usize::try_from(version).ok().and_then(|version| STEPS.get(version));
        let Some(step) = step.filter(|_| version < to) else {
            return Ok(());
        };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
}
