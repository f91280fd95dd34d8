//! Work that is done on several threads and comes back in its order: how many there are changes nothing in what comes out.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread::scope;

/// Threads that work, whoever asks for it among them: what they leave in memory is used again by the next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hands(usize);

impl Hands {
    /// So many threads.
    pub(crate) const fn new(threads: usize) -> Self {
        Self(threads)
    }

    /// What `work` makes of each, in their order.
    pub(crate) fn map<T: Send, R: Send>(self, all: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
        let helpers = self.0.min(all.len()).saturating_sub(1);
        if helpers == 0 {
            return all.into_iter().map(work).collect();
        }
        let waiting = Mutex::new(all.into_iter().enumerate());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let share = || -> Vec<(usize, R)> {
            std::iter::from_fn(next)
                .map(|(place, one)| (place, work(one)))
                .collect()
        };
        let mut made = scope(|scope| {
            let others: Vec<_> = (0..helpers).map(|_| scope.spawn(share)).collect();
            let mut made = share();
            for other in others {
                made.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            made
        });
        made.sort_unstable_by_key(|(place, _)| *place);
        made.into_iter().map(|(_, made)| made).collect()
    }

    /// Does both.
    pub(crate) fn both<A: Send, B>(self, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
        if self.0 < 2 {
            return (one(), other());
        }
        scope(|scope| {
            let one = scope.spawn(one);
            let other = other();
            (one.join().unwrap_or_else(|panic| resume_unwind(panic)), other)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_in_order_however_many_there_are() {
        for threads in 0..5 {
            let hands = Hands::new(threads);
            let squares = hands.map((0..1_000).collect(), |number: u64| number * number);
            assert!(squares.iter().copied().eq((0..1_000).map(|number| number * number)));
            assert_eq!(hands.both(|| 1, || "two"), (1, "two"));
        }
    }
}
