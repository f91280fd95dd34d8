//! Stops work on one input when its time is over.
//!
//! One thread watches the time of all: a thread for each of ten thousand mails would cost more than many of them.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use watchfire_model::{Budget, Canceller};

/// Does `work` and cancels `budget` if it takes longer than `time`.
pub(crate) fn within<T>(time: Option<Duration>, budget: &Budget, work: impl FnOnce() -> T) -> T {
    let due = time.and_then(|time| Instant::now().checked_add(time));
    // It is taken off the list when the work is done, also when that panics.
    let _watched = due.map(|due| WATCH.expect(due, budget.canceller()));
    work()
}

static WATCH: Watch = Watch {
    list: Mutex::new(List {
        due: BTreeMap::new(),
        taken: 0,
        wakes: None,
        watches: false,
    }),
    changed: Condvar::new(),
};

/// Who is to be stopped, and when.
struct Watch {
    list: Mutex<List>,
    changed: Condvar,
}

struct List {
    due: BTreeMap<(Instant, u64), Canceller>,
    /// Entries so far: two may be due at the same instant.
    taken: u64,
    /// When the thread that watches looks again by itself.
    wakes: Option<Instant>,
    /// Whether there is such a thread.
    watches: bool,
}

/// An entry, for as long as the work takes.
struct Watched(Instant, u64);

impl Drop for Watched {
    fn drop(&mut self) {
        WATCH.list().due.remove(&(self.0, self.1));
    }
}

impl Watch {
    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect(&'static self, due: Instant, canceller: Canceller) -> Watched {
        let mut list = self.list();
        list.taken += 1;
        let entry = Watched(due, list.taken);
        list.due.insert((entry.0, entry.1), canceller);
        if !list.watches {
            list.watches = thread::Builder::new().spawn(|| self.watch()).is_ok();
        } else if list.wakes.is_none_or(|wakes| due < wakes) {
            self.changed.notify_one();
        }
        entry
    }

    fn watch(&self) {
        let mut list = self.list();
        loop {
            let now = Instant::now();
            while let Some(entry) = list.due.first_entry().filter(|entry| entry.key().0 <= now) {
                entry.remove().cancel();
            }
            list.wakes = list.due.keys().next().map(|(due, _)| *due);
            // An entry that is taken off in the meantime is not worth waking for: whoever comes next is due later.
            list = match list.wakes {
                Some(wakes) => {
                    let waited = self.changed.wait_timeout(list, wakes.saturating_duration_since(now));
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(list).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_takes_too_long_is_cancelled() {
        let budget = Budget::default();
        within(Some(Duration::from_millis(1)), &budget, || {
            while budget.check().is_ok() {
                thread::yield_now();
            }
        });
        assert!(budget.check().is_err());
    }

    #[test]
    fn work_in_time_is_not() {
        let budget = Budget::default();
        assert_eq!(within(Some(Duration::from_secs(60)), &budget, || 7), 7);
        assert!(budget.check().is_ok());
    }
}
