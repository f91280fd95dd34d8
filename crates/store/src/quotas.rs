//! How many calls a provider still allows: counted here, for all processes together, before each call is made. A crash
//! between the two wastes a call and never makes one too many.
//!
//! Windows roll. Calls are counted in slots of time, a second for a minute and coarser for more; a call counts from its
//! slot's beginning until the length of the window after its slot's end. So in no span of that length are more calls
//! than allowed, and what is given away is a fraction of a percent of the span. What a provider itself says of its quota
//! is heeded besides.
//!
//! A key is never kept. What stands for it is a salted hash of its [`KeyId`], which means nothing outside of this store.

use crate::Store;
use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use watchfire_model::{Allowance, Bucket, KeyId, Moment, Quota, Urgency, Window};

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Turn {
    /// It may, and is counted.
    Taken,
    /// It may not, and nothing is counted. It is worth asking again at that moment.
    Wait {
        /// The moment.
        until: Moment,
    },
}

/// How much of a window is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The window.
    pub window: Window,
    /// Calls made in it, by everybody.
    pub calls: u64,
    /// When the first of them no longer counts. Nothing if there are none.
    pub frees: Option<Moment>,
}

/// The quotas of a store. As a [`Quota`] it allows nothing where it cannot count.
#[derive(Clone, Copy, Debug)]
pub struct Quotas<'s>(pub(crate) &'s Store);

/// Lengths that are always counted, so that a limit that is set later knows what went before. Seconds.
const ALWAYS: [u64; 4] = [60, 3_600, 86_400, 30 * 86_400];

/// The length whose slots are exact, which tells when the last call was made.
const EXACT: i64 = 60;

/// How many slots a window has at most.
const SLOTS: u64 = 1440;

/// The longest window. Seconds.
const LONGEST: u64 = 400 * 86_400;

/// The longest that a provider's word holds: a month. Seconds.
const LONGEST_TOLD: u64 = 31 * 86_400;

/// How many sayings of a provider are kept; those about the nearest moments go first.
const MOST_TOLD: i64 = 16;

/// When to come again if nothing can be counted at all. Seconds.
const BROKEN: u64 = 60;

/// A length of window, and how its calls are counted.
#[derive(Clone, Copy)]
struct Span {
    seconds: u64,
    grain: u64,
}

impl Span {
    fn new(seconds: u64) -> Self {
        let seconds = seconds.clamp(1, LONGEST);
        Self {
            seconds,
            grain: seconds.div_ceil(SLOTS),
        }
    }

    /// Those that are always counted, and those of `windows`.
    fn all(windows: &[Window]) -> Vec<Self> {
        let mut all: Vec<u64> = ALWAYS.to_vec();
        all.extend(windows.iter().map(|window| window.seconds.clamp(1, LONGEST)));
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(Self::new).collect()
    }

    fn length(self) -> i64 {
        values::number(self.seconds)
    }

    /// The slot of a call made at `now`.
    fn slot(self, now: Moment) -> i64 {
        now.unix() - now.unix().rem_euclid(values::number(self.grain))
    }

    /// When the calls of a slot no longer count.
    fn frees(self, slot: Moment) -> Moment {
        slot.after(self.grain + self.seconds)
    }

    /// Slots up to this one no longer count at `now`.
    fn passed(self, now: Moment) -> i64 {
        now.before(self.grain + self.seconds).unix()
    }
}

impl Quotas<'_> {
    /// Counts a call, if every window and what the provider last said allow it.
    ///
    /// # Errors
    /// When it cannot be written. The call must not be made, then.
    pub fn try_take(&self, bucket: Bucket<'_>, urgency: Urgency, now: Moment) -> Result<Turn> {
        self.0.write("count a call in", Durability::Full, |transaction| {
            let id = account(transaction, bucket)?;
            let spans = Span::all(bucket.windows);
            let now = settle(transaction, id, &spans, now)?;
            let mut until = told(transaction, id, now)?;
            for window in bucket.windows {
                let room = room(transaction, id, Span::new(window.seconds), window.share(urgency), now)?;
                until = until.max(room.err());
            }
            if let Some(until) = until {
                return Ok(Turn::Wait { until });
            }
            for span in spans {
                add(transaction, id, span, span.slot(now), 1)?;
            }
            transaction
                .prepare_cached("UPDATE told SET calls = calls - 1 WHERE account = ?1")?
                .execute([id])?;
            Ok(Turn::Taken)
        })
    }

    /// Heeds what a provider says. What it says of several windows, by several moments, is heeded together; of one moment
    /// the smaller number holds, as answers overtake one another. What is to hold for longer than a month, holds a month.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn try_learn(&self, bucket: Bucket<'_>, allowance: Allowance, now: Moment) -> Result<()> {
        self.0.write("heed a quota in", Durability::Full, |transaction| {
            let until = allowance.until.min(now.after(LONGEST_TOLD));
            if until <= now {
                return Ok(());
            }
            let id = account(transaction, bucket)?;
            transaction
                .prepare_cached("DELETE FROM told WHERE account = ?1 AND until <= ?2")?
                .execute(params![id, now.unix()])?;
            // A moment that is told as "in 30 seconds" differs by how long the answer took.
            let (from, to) = (until.before(2), until.after(2));
            let lowered = transaction
                .prepare_cached(
                    "UPDATE told SET calls = min(calls, ?4) WHERE account = ?1 AND until BETWEEN ?2 AND ?3",
                )?
                .execute(params![id, from.unix(), to.unix(), allowance.remaining])?;
            if lowered == 0 {
                transaction
                    .prepare_cached("INSERT INTO told (account, until, calls) VALUES (?1, ?2, ?3)")?
                    .execute(params![id, until.unix(), allowance.remaining])?;
                transaction
                    .prepare_cached(
                        "DELETE FROM told WHERE account = ?1 AND until NOT IN
                         (SELECT until FROM told WHERE account = ?1 ORDER BY until DESC LIMIT ?2)",
                    )?
                    .execute(params![id, MOST_TOLD])?;
            }
            Ok(())
        })
    }

    /// Gives back a call that was taken at `taken` and never made. It is taken from the slot that the call was counted in or
    /// one before it, so that none counts for a shorter time than it must. What the provider itself said stays as it is.
    ///
    /// # Errors
    /// When it cannot be written. The call stays counted, then.
    pub fn try_give_back(&self, bucket: Bucket<'_>, taken: Moment) -> Result<()> {
        self.0.write("count a call in", Durability::Full, |transaction| {
            let id = account(transaction, bucket)?;
            for span in Span::all(bucket.windows) {
                transaction
                    .prepare_cached(
                        "UPDATE spent SET calls = calls - 1 WHERE account = ?1 AND seconds = ?2 AND slot =
                         (SELECT max(slot) FROM spent WHERE account = ?1 AND seconds = ?2 AND slot <= ?3 AND calls > 0)",
                    )?
                    .execute(params![id, span.length(), span.slot(taken)])?;
            }
            Ok(())
        })
    }

    /// Forgets what a provider has said, where that was wrong. What was counted stays.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn unlearn(&self, bucket: Bucket<'_>) -> Result<()> {
        self.0.write("heed a quota in", Durability::Full, |transaction| {
            let id = account(transaction, bucket)?;
            transaction
                .prepare_cached("DELETE FROM told WHERE account = ?1")?
                .execute([id])?;
            Ok(())
        })
    }

    /// What is used of each window of the bucket.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn spent(&self, bucket: Bucket<'_>, now: Moment) -> Result<Vec<Spent>> {
        self.0.read("read the quotas of", |connection| {
            let id = known(connection, bucket)?;
            let spent = |window: &Window| {
                let span = Span::new(window.seconds);
                let (calls, first) = match id {
                    Some(id) => used(connection, id, span, now)?,
                    None => (0, None),
                };
                Ok(Spent {
                    window: *window,
                    calls,
                    frees: first.map(|slot| span.frees(slot)),
                })
            };
            bucket.windows.iter().map(spent).collect()
        })
    }

    /// Calls that could be taken at once; nothing where there is no limit.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn try_left(&self, bucket: Bucket<'_>, urgency: Urgency, now: Moment) -> Result<Option<u32>> {
        self.0.read("read the quotas of", |connection| {
            let Some(id) = known(connection, bucket)? else {
                return Ok(bucket.windows.iter().map(|window| window.share(urgency)).min());
            };
            let mut left = allowed(connection, id, now)?;
            for window in bucket.windows {
                let (calls, _) = used(connection, id, Span::new(window.seconds), now)?;
                let calls = u32::try_from(calls).unwrap_or(u32::MAX);
                let room = window.share(urgency).saturating_sub(calls);
                left = Some(left.map_or(room, |left| left.min(room)));
            }
            Ok(left)
        })
    }
}

impl Quota for Quotas<'_> {
    fn take(&self, bucket: Bucket<'_>, urgency: Urgency, now: Moment) -> std::result::Result<(), Moment> {
        match self.try_take(bucket, urgency, now) {
            Ok(Turn::Taken) => Ok(()),
            Ok(Turn::Wait { until }) => Err(until),
            Err(_) => Err(now.after(BROKEN)),
        }
    }

    fn learn(&self, bucket: Bucket<'_>, allowance: Allowance, now: Moment) {
        // What cannot be kept is told again with the next answer.
        let _ = self.try_learn(bucket, allowance, now);
    }

    fn give_back(&self, bucket: Bucket<'_>, taken: Moment) {
        // What cannot be given back is one call too few.
        let _ = self.try_give_back(bucket, taken);
    }

    fn left(&self, bucket: Bucket<'_>, urgency: Urgency, now: Moment) -> Option<u32> {
        self.try_left(bucket, urgency, now).unwrap_or(Some(0))
    }
}

/// What stands for provider and key.
fn identity(connection: &Connection, provider: &str, key: KeyId) -> std::result::Result<[u8; 16], Fault> {
    let salt: [u8; 32] = connection
        .prepare_cached("SELECT salt FROM secret WHERE id = 1")?
        .query_row([], |row| row.get(0))?;
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(values::number(provider.len() as u64).to_be_bytes());
    hasher.update(provider);
    hasher.update(key.to_string());
    let mut identity = [0; 16];
    identity
        .iter_mut()
        .zip(hasher.finalize())
        .for_each(|(byte, digest)| *byte = digest);
    Ok(identity)
}

fn known(connection: &Connection, bucket: Bucket<'_>) -> std::result::Result<Option<i64>, Fault> {
    let key = identity(connection, bucket.provider, bucket.key)?;
    Ok(connection
        .prepare_cached("SELECT id FROM account WHERE provider = ?1 AND key = ?2")?
        .query_row(params![bucket.provider, key], |row| row.get(0))
        .optional()?)
}

fn account(transaction: &Transaction<'_>, bucket: Bucket<'_>) -> std::result::Result<i64, Fault> {
    if let Some(id) = known(transaction, bucket)? {
        return Ok(id);
    }
    let key = identity(transaction, bucket.provider, bucket.key)?;
    Ok(transaction
        .prepare_cached("INSERT INTO account (provider, key) VALUES (?1, ?2)")?
        .insert(params![bucket.provider, key])?)
}

fn add(transaction: &Transaction<'_>, id: i64, span: Span, slot: i64, calls: i64) -> std::result::Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO spent (account, seconds, slot, calls) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET calls = calls + excluded.calls",
        )?
        .execute(params![id, span.length(), slot, calls])?;
    Ok(())
}

/// Forgets what no longer counts, and says at which moment the next call is to be counted: now, or where the clock has
/// gone back or another process was faster, when the last one was. Calls counted in a future that no window of now
/// reaches were counted by a wrong clock; they are held to have been made now.
fn settle(transaction: &Transaction<'_>, id: i64, spans: &[Span], now: Moment) -> std::result::Result<Moment, Fault> {
    for span in spans {
        let beyond = span.frees(now).unix();
        let strayed: Option<i64> = transaction
            .prepare_cached("SELECT sum(calls) FROM spent WHERE account = ?1 AND seconds = ?2 AND slot > ?3")?
            .query_row(params![id, span.length(), beyond], |row| row.get(0))?;
        if let Some(strayed) = strayed {
            add(transaction, id, *span, span.slot(now), strayed)?;
        }
        transaction
            .prepare_cached("DELETE FROM spent WHERE account = ?1 AND seconds = ?2 AND (slot > ?3 OR slot <= ?4)")?
            .execute(params![id, span.length(), beyond, span.passed(now)])?;
    }
    // Coarse slots stand at their beginning and tell nothing of when; those of a minute do, and never run further ahead
    // than a minute.
    let last: Option<i64> = transaction
        .prepare_cached("SELECT max(slot) FROM spent WHERE account = ?1 AND seconds = ?2")?
        .query_row(params![id, EXACT], |row| row.get(0))?;
    Ok(now.max(last.map_or(now, Moment::from_unix)))
}

/// The calls that count at `now`, and the slot of the first of them.
fn used(
    connection: &Connection,
    id: i64,
    span: Span,
    now: Moment,
) -> std::result::Result<(u64, Option<Moment>), Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(sum(calls), 0), min(slot) FROM spent WHERE account = ?1 AND seconds = ?2 AND slot > ?3",
    )?;
    let mut rows = statement.query_and_then(params![id, span.length(), span.passed(now)], |row| {
        Ok((values::count(row, 0)?, values::maybe_moment(row, 1)?))
    })?;
    rows.next().unwrap_or(Ok((0, None)))
}

/// Whether there is room for one more call; if not, from when on there is.
fn room(
    connection: &Connection,
    id: i64,
    span: Span,
    most: u32,
    now: Moment,
) -> std::result::Result<std::result::Result<(), Moment>, Fault> {
    let (used, _) = used(connection, id, span, now)?;
    let Some(excess) = used.checked_sub(u64::from(most)) else {
        return Ok(Ok(()));
    };
    // So many must have passed before there is room.
    let mut excess = excess + 1;
    let mut statement = connection.prepare_cached(
        "SELECT slot, calls FROM spent WHERE account = ?1 AND seconds = ?2 AND slot > ?3 ORDER BY slot",
    )?;
    let mut rows = statement.query(params![id, span.length(), span.passed(now)])?;
    while let Some(row) = rows.next()? {
        let (slot, calls) = (values::moment(row, 0)?, values::count(row, 1)?);
        excess = excess.saturating_sub(calls);
        if excess == 0 {
            return Ok(Err(span.frees(slot)));
        }
    }
    // A limit of nothing.
    Ok(Err(span.frees(now)))
}

/// What a provider has said and still holds. A clock that has gone back does not make a month longer.
const TOLD: &str = "FROM told WHERE account = ?1 AND until > ?2 AND until <= ?3";

/// Until when the provider allows no further call, by what it has said.
fn told(connection: &Connection, id: i64, now: Moment) -> std::result::Result<Option<Moment>, Fault> {
    let wanted = params![id, now.unix(), now.after(LONGEST_TOLD).unix()];
    let until: Option<i64> = connection
        .prepare_cached(&format!("SELECT max(until) {TOLD} AND calls < 1"))?
        .query_row(wanted, |row| row.get(0))?;
    Ok(until.map(Moment::from_unix))
}

/// How many calls the provider allows, by what it has said.
fn allowed(connection: &Connection, id: i64, now: Moment) -> std::result::Result<Option<u32>, Fault> {
    let wanted = params![id, now.unix(), now.after(LONGEST_TOLD).unix()];
    let least: Option<i64> = connection
        .prepare_cached(&format!("SELECT min(calls) {TOLD}"))?
        .query_row(wanted, |row| row.get(0))?;
    Ok(least.map(|least| u32::try_from(least.max(0)).unwrap_or(u32::MAX)))
}
