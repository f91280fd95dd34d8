//! How many calls a provider still allows: counted here, for all processes together, before each call is made. A crash
//! between the two wastes a call and never makes one too many.
//!
//! Windows of a minute or an hour roll: at no moment do the last 60 seconds hold more calls than allowed. Days and months
//! are those of the calendar in UTC, as providers count them. What a provider itself says of its quota is heeded besides.
//!
//! A key is never kept. What stands for it is a salted hash that means nothing outside of this store.

use crate::Store;
use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, Name};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use std::fmt;
use watchfire_model::{Date, Moment};

/// What stands for a key of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 16]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Whose quota it is: a provider, and the key it is asked with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The provider.
    pub provider: Name,
    /// The key, from [`Quotas::key_id`].
    pub key: KeyId,
}

/// A stretch of time that a limit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// Any 60 seconds.
    Minute,
    /// Any 3600 seconds.
    Hour,
    /// A day of the calendar, UTC.
    Day,
    /// A month of the calendar, UTC.
    Month,
}

/// So many calls in each such window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The window.
    pub window: Window,
    /// Calls.
    pub calls: u32,
}

/// Who is waiting for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// An alert that a machine has raised.
    Alert,
    /// A person.
    Interactive,
    /// Nobody in particular. A fifth of every limit is kept from these.
    Bulk,
}

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
    /// Calls made in it.
    pub calls: u64,
    /// When it begins anew; for windows that roll, when all of it has passed.
    pub until: Moment,
}

impl Window {
    /// All of them, shortest first.
    pub const ALL: [Self; 4] = [Self::Minute, Self::Hour, Self::Day, Self::Month];

    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// For how many seconds a call counts in a window that rolls. One more than the window is long: a call is made
    /// anywhere within its second.
    const fn rolls(self) -> Option<u64> {
        match self {
            Self::Minute => Some(61),
            Self::Hour => Some(3601),
            Self::Day | Self::Month => None,
        }
    }

    /// The longest that it lasts. Seconds.
    const fn longest(self) -> u64 {
        match self {
            Self::Minute => 61,
            Self::Hour => 3601,
            Self::Day => 86_400,
            Self::Month => LONGEST,
        }
    }

    /// The first slot that still counts at `now`.
    fn from(self, now: Moment) -> Moment {
        match self.rolls() {
            Some(seconds) => now.before(seconds - 1),
            None => self.begin(now),
        }
    }

    /// The slot of a call made at `now`.
    fn slot(self, now: Moment) -> Moment {
        match self.rolls() {
            Some(_) => now,
            None => self.begin(now),
        }
    }

    /// When the day or month of `now` began.
    fn begin(self, now: Moment) -> Moment {
        let midnight = Moment::from_unix(now.unix() - now.unix().rem_euclid(86_400));
        match self {
            Self::Month => {
                let (_, _, day) = now.date().parts();
                midnight.before(86_400 * u64::from(day.saturating_sub(1)))
            }
            _ => midnight,
        }
    }

    /// When a call that stands in `slot` no longer counts.
    fn frees(self, slot: Moment) -> Moment {
        match (self, self.rolls()) {
            (_, Some(seconds)) => slot.after(seconds),
            (Self::Month, None) => {
                let (year, month, _) = slot.date().parts();
                let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                let first = Date::new(year, month, 1).map(|day| day.to_string());
                let next = first.and_then(|day| Moment::parse(&day));
                next.unwrap_or_else(|_| slot.after(LONGEST))
            }
            (_, None) => slot.after(86_400),
        }
    }
}

/// The longest that anything holds a call back: a month. Seconds.
const LONGEST: u64 = 31 * 86_400;

/// How many sayings of a provider are kept; those about the nearest moments go first.
const MOST_TOLD: i64 = 16;

/// The quotas of a store.
#[derive(Clone, Copy, Debug)]
pub struct Quotas<'s>(pub(crate) &'s Store);

impl Quotas<'_> {
    /// What stands for `key` of `provider`. Providers that need no key have an empty one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn key_id(&self, provider: &Name, key: &[u8]) -> Result<KeyId> {
        self.0.read("read the quotas of", |connection| {
            let salt: [u8; 32] = connection.query_row("SELECT salt FROM secret WHERE id = 1", [], |row| row.get(0))?;
            let mut hasher = Sha256::new();
            hasher.update(salt);
            hasher.update(values::number(provider.as_str().len() as u64).to_be_bytes());
            hasher.update(provider.as_str());
            hasher.update(key);
            let digest: [u8; 32] = hasher.finalize().into();
            let mut id = [0; 16];
            id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
            Ok(KeyId(id))
        })
    }

    /// Counts a call, if every limit and what the provider last said allow it. `now` is the present moment: a limit that
    /// is not given is not checked, but every window is counted.
    ///
    /// # Errors
    /// When it cannot be written. The call must not be made, then.
    pub fn take(&self, account: &Account, limits: &[Limit], now: Moment, urgency: Urgency) -> Result<Turn> {
        self.0.write("count a call in", Durability::Full, |transaction| {
            let id = open_account(transaction, account)?;
            let now = settle(transaction, id, now)?;
            let mut until = None;
            for limit in limits {
                let allowed = allowed(limit.calls, urgency);
                until = until.max(frees(transaction, id, limit.window, allowed, now)?);
            }
            until = until.max(told(transaction, id, now)?);
            if let Some(until) = until {
                return Ok(Turn::Wait { until });
            }
            for window in Window::ALL {
                transaction
                    .prepare_cached(
                        "INSERT INTO spent (account, span, slot, calls) VALUES (?1, ?2, ?3, 1)
                         ON CONFLICT DO UPDATE SET calls = calls + 1",
                    )?
                    .execute(params![id, window.as_str(), window.slot(now).unix()])?;
            }
            transaction
                .prepare_cached("UPDATE told SET calls = calls - 1 WHERE account = ?1")?
                .execute([id])?;
            Ok(Turn::Taken)
        })
    }

    /// Heeds what a provider says: so many calls are `left` until `reset`. What it says of several windows, by several
    /// moments, is heeded together; of one moment the smaller number holds, as answers overtake one another. A `reset`
    /// beyond a month from now is taken for a month.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn learn(&self, account: &Account, left: u32, reset: Moment, now: Moment) -> Result<()> {
        self.0.write("heed a quota in", Durability::Full, |transaction| {
            let reset = reset.min(now.after(LONGEST));
            if reset <= now {
                return Ok(());
            }
            let id = open_account(transaction, account)?;
            transaction
                .prepare_cached("DELETE FROM told WHERE account = ?1 AND until <= ?2")?
                .execute(params![id, now.unix()])?;
            // A reset that is told as "in 30 seconds" differs by how long the answer took.
            let (from, to) = (reset.before(2), reset.after(2));
            let lowered = transaction
                .prepare_cached(
                    "UPDATE told SET calls = min(calls, ?4) WHERE account = ?1 AND until BETWEEN ?2 AND ?3",
                )?
                .execute(params![id, from.unix(), to.unix(), left])?;
            if lowered == 0 {
                transaction
                    .prepare_cached("INSERT INTO told (account, until, calls) VALUES (?1, ?2, ?3)")?
                    .execute(params![id, reset.unix(), left])?;
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

    /// Forgets what a provider has said about an account, where that was wrong. What was counted stays.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn unlearn(&self, account: &Account) -> Result<()> {
        self.0.write("heed a quota in", Durability::Full, |transaction| {
            let id = open_account(transaction, account)?;
            transaction
                .prepare_cached("DELETE FROM told WHERE account = ?1")?
                .execute([id])?;
            Ok(())
        })
    }

    /// What an account has used of each window.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn spent(&self, account: &Account, now: Moment) -> Result<Vec<Spent>> {
        self.0.read("read the quotas of", |connection| {
            let id: Option<i64> = connection
                .prepare_cached("SELECT id FROM account WHERE provider = ?1 AND key = ?2")?
                .query_row(params![account.provider.as_str(), account.key.0], |row| row.get(0))
                .optional()?;
            let mut all = Vec::new();
            for window in Window::ALL {
                let calls = match id {
                    Some(id) => calls(connection, id, window, now)?,
                    None => 0,
                };
                all.push(Spent {
                    window,
                    calls,
                    until: window.frees(window.slot(now)),
                });
            }
            Ok(all)
        })
    }

    /// How many of so many calls somebody may use up: bulk leaves a fifth, but at most all but one.
    pub fn allowance(calls: u32, urgency: Urgency) -> u32 {
        allowed(calls, urgency)
    }
}

fn reserve(calls: u32) -> u32 {
    calls.div_ceil(5).min(calls.saturating_sub(1))
}

fn allowed(calls: u32, urgency: Urgency) -> u32 {
    match urgency {
        Urgency::Alert | Urgency::Interactive => calls,
        Urgency::Bulk => calls - reserve(calls),
    }
}

fn open_account(transaction: &Transaction<'_>, account: &Account) -> std::result::Result<i64, Fault> {
    let wanted = params![account.provider.as_str(), account.key.0];
    let known = transaction
        .prepare_cached("SELECT id FROM account WHERE provider = ?1 AND key = ?2")?
        .query_row(wanted, |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let mut statement = transaction.prepare_cached("INSERT INTO account (provider, key) VALUES (?1, ?2)")?;
    Ok(statement.insert(wanted)?)
}

/// Forgets what no longer counts, and says at which moment the next call is to be counted: now, or where the clock has
/// gone back or another process was faster, when the last one was. Calls counted in a future that no window of now
/// reaches were counted by a wrong clock; they are held to have been made now.
fn settle(transaction: &Transaction<'_>, id: i64, now: Moment) -> std::result::Result<Moment, Fault> {
    for window in Window::ALL {
        let beyond = now.after(window.longest());
        let strayed: Option<i64> = transaction
            .prepare_cached("SELECT sum(calls) FROM spent WHERE account = ?1 AND span = ?2 AND slot > ?3")?
            .query_row(params![id, window.as_str(), beyond.unix()], |row| row.get(0))?;
        if let Some(strayed) = strayed {
            transaction
                .prepare_cached(
                    "INSERT INTO spent (account, span, slot, calls) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET calls = calls + excluded.calls",
                )?
                .execute(params![id, window.as_str(), window.slot(now).unix(), strayed])?;
            transaction
                .prepare_cached("DELETE FROM spent WHERE account = ?1 AND span = ?2 AND slot > ?3")?
                .execute(params![id, window.as_str(), beyond.unix()])?;
        }
        transaction
            .prepare_cached("DELETE FROM spent WHERE account = ?1 AND span = ?2 AND slot < ?3")?
            .execute(params![id, window.as_str(), window.from(now).unix()])?;
    }
    // Days and months stand at their beginning and tell nothing of when; the minute knows, and never runs further ahead
    // than its own length.
    let last: Option<i64> = transaction
        .prepare_cached("SELECT max(slot) FROM spent WHERE account = ?1 AND span = ?2")?
        .query_row(params![id, Window::Minute.as_str()], |row| row.get(0))?;
    Ok(now.max(last.map_or(now, Moment::from_unix)))
}

fn calls(connection: &Connection, id: i64, window: Window, now: Moment) -> std::result::Result<u64, Fault> {
    let calls: i64 = connection
        .prepare_cached("SELECT coalesce(sum(calls), 0) FROM spent WHERE account = ?1 AND span = ?2 AND slot >= ?3")?
        .query_row(params![id, window.as_str(), window.from(now).unix()], |row| row.get(0))?;
    Ok(u64::try_from(calls).unwrap_or_default())
}

/// When there is room for one more call, if there is none at `now`.
fn frees(
    connection: &Connection,
    id: i64,
    window: Window,
    allowed: u32,
    now: Moment,
) -> std::result::Result<Option<Moment>, Fault> {
    let used = calls(connection, id, window, now)?;
    if used < u64::from(allowed) {
        return Ok(None);
    }
    // So many must have passed before there is room.
    let mut excess = used - u64::from(allowed) + 1;
    let mut statement = connection.prepare_cached(
        "SELECT slot, calls FROM spent WHERE account = ?1 AND span = ?2 AND slot >= ?3 ORDER BY slot",
    )?;
    let mut rows = statement.query(params![id, window.as_str(), window.from(now).unix()])?;
    while let Some(row) = rows.next()? {
        let (slot, calls) = (values::moment(row, 0)?, values::count(row, 1)?);
        excess = excess.saturating_sub(calls);
        if excess == 0 {
            return Ok(Some(window.frees(slot)));
        }
    }
    // A limit of nothing: not within this window.
    Ok(Some(window.frees(window.slot(now))))
}

/// Until when the provider allows no further call, by what it has said.
fn told(connection: &Connection, id: i64, now: Moment) -> std::result::Result<Option<Moment>, Fault> {
    // A clock that has gone back does not make a month longer.
    let until: Option<i64> = connection
        .prepare_cached("SELECT max(until) FROM told WHERE account = ?1 AND calls < 1 AND until > ?2 AND until <= ?3")?
        .query_row(params![id, now.unix(), now.after(LONGEST).unix()], |row| row.get(0))?;
    Ok(until.map(Moment::from_unix))
}
