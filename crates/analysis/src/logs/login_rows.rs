//! Log-ins as a report lists them: attempts of one user from one place by one way, with one end, in bounded memory.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::net::IpAddr;
use watchfire_model::log::{LogIn, LogInOutcome, LogInRow};

/// Rows that are told apart at most.
pub(super) const MOST: usize = 100_000;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct LogInRows {
    table: HashTable<LogInRow>,
    left_out: u64,
}

/// What tells rows apart.
type Key<'r> = (&'r str, Option<IpAddr>, &'r str, &'r str, &'static str, LogInOutcome);

fn key(row: &LogInRow) -> Key<'_> {
    let (user, from_host, host) = (row.user.raw(), row.from_host.raw(), row.host.raw());
    (user, row.from, from_host, host, row.service, row.outcome)
}

fn key_of(login: &LogIn) -> Key<'_> {
    let (user, from_host, host) = (login.user.raw(), login.from_host.raw(), login.host.raw());
    (user, login.from, from_host, host, login.service, login.outcome)
}

fn hash(key: Key<'_>) -> u64 {
    FixedState::default().hash_one(key)
}

impl LogInRows {
    pub(super) fn add(&mut self, login: &LogIn) {
        let own = key_of(login);
        let hashed = hash(own);
        let is_full = self.table.len() >= MOST;
        match self.table.find_mut(hashed, |row| key(row) == own) {
            Some(row) => {
                row.count = row.count.saturating_add(login.count);
                row.first = row.first.min(login.time).or(row.first).or(login.time);
                row.last = row.last.max(login.last);
            }
            None if is_full => self.left_out = self.left_out.saturating_add(login.count),
            None => {
                let row = LogInRow {
                    user: login.user.clone(),
                    from: login.from,
                    from_host: login.from_host.clone(),
                    host: login.host.clone(),
                    service: login.service,
                    outcome: login.outcome,
                    count: login.count,
                    first: login.time,
                    last: login.last,
                };
                self.table.insert_unique(hashed, row, |row| hash(key(row)));
            }
        }
    }

    /// Log-ins for which there was no room.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The `most` frequent of them.
    pub(super) fn take(&mut self, most: usize) -> Vec<LogInRow> {
        let mut rows: Vec<LogInRow> = std::mem::take(&mut self.table).into_iter().collect();
        rows.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| key(a).cmp(&key(b))));
        rows.truncate(most);
        rows
    }
}
