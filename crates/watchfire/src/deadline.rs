//! Stops work on one input when its time is over.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;
use watchfire_model::Budget;

/// Does `work` and cancels `budget` if it takes longer than `time`.
pub(crate) fn within<T>(time: Option<Duration>, budget: &Budget, work: impl FnOnce() -> T) -> T {
    let Some(time) = time else {
        return work();
    };
    thread::scope(|scope| {
        let (done, wait) = channel::<()>();
        scope.spawn(move || {
            // The sender is dropped when the work is done, also when it panics.
            if wait.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                budget.cancel();
            }
        });
        let result = work();
        drop(done);
        result
    })
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
