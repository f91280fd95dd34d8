//! Log-ins as a report lists them: attempts of one user from one place by one way, with one end, in bounded memory.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::net::IpAddr;
use watchfire_model::log::{LogIn, LogInOutcome, LogInRow, earlier};

/// Rows that are told apart at most.
pub(super) const MOST: usize = 100_000;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct LogInRows {
    table: HashTable<LogInRow>,
    left_out: u64,
    hasher: RandomState,
}

/// What tells rows apart.
type Key<'r> = (
    &'r str,
    &'r str,
    Option<IpAddr>,
    &'r str,
    &'r str,
    &'static str,
    LogInOutcome,
);

fn key(row: &LogInRow) -> Key<'_> {
    let (user, from_host, host) = (row.user.raw(), row.from_host.raw(), row.host.raw());
    (
        user,
        row.domain.raw(),
        row.from,
        from_host,
        host,
        row.service,
        row.outcome,
    )
}

fn key_of(login: &LogIn) -> Key<'_> {
    let (user, from_host, host) = (login.user.raw(), login.from_host.raw(), login.host.raw());
    (
        user,
        login.domain.raw(),
        login.from,
        from_host,
        host,
        login.service,
        login.outcome,
    )
}

impl LogInRows {
    pub(super) fn add(&mut self, login: &LogIn) {
        let own = key_of(login);
        let Self {
            table,
            left_out,
            hasher,
        } = self;
        let hashed = hasher.hash_one(own);
        let is_full = table.len() >= MOST;
        match table.find_mut(hashed, |row| key(row) == own) {
            Some(row) => {
                row.count = row.count.saturating_add(login.count);
                row.first = earlier(row.first, login.time);
                row.last = row.last.max(login.last);
            }
            None if is_full => *left_out = left_out.saturating_add(login.count),
            None => {
                let row = LogInRow {
                    user: login.user.clone(),
                    domain: login.domain.clone(),
                    from: login.from,
                    from_host: login.from_host.clone(),
                    host: login.host.clone(),
                    service: login.service,
                    outcome: login.outcome,
                    count: login.count,
                    first: login.time,
                    last: login.last,
                };
                table.insert_unique(hashed, row, |row| hasher.hash_one(key(row)));
            }
        }
    }

    /// Log-ins for which there was no room.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The `most` frequent of those who were let in, and the `most` frequent of the others.
    pub(super) fn take(&mut self, most: usize) -> Vec<LogInRow> {
        let rows = std::mem::take(&mut self.table).into_iter();
        let (mut accepted, mut refused): (Vec<_>, Vec<_>) = rows.partition(|row| row.outcome == LogInOutcome::Accepted);
        for list in [&mut accepted, &mut refused] {
            let order = |a: &LogInRow, b: &LogInRow| b.count.cmp(&a.count).then_with(|| key(a).cmp(&key(b)));
            // Of a hundred thousand rows only the first few have to be in order.
            if most < list.len() {
                list.select_nth_unstable_by(most, order);
                list.truncate(most);
            }
            list.sort_unstable_by(order);
        }
        accepted.append(&mut refused);
        accepted
    }
}
