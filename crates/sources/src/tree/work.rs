//! Work that makes more work, shared by threads: each keeps what it finds to itself, last first, so that little waits at
//! a time, and gives half of it away as soon as another has nothing to do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// What waits, and who works.
pub(super) struct Work<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Condvar,
    /// Threads that wait, for a glance without the lock.
    idle: AtomicUsize,
}

struct Waiting<T> {
    tasks: Vec<T>,
    working: usize,
}

impl<T> Work<T> {
    /// Begins with these; the last comes first.
    pub(super) fn new(tasks: Vec<T>) -> Self {
        Self {
            waiting: Mutex::new(Waiting { tasks, working: 0 }),
            changed: Condvar::new(),
            idle: AtomicUsize::new(0),
        }
    }

    /// Works until nobody has anything left. `one` puts what it finds at the end of the list it is given.
    pub(super) fn join(&self, mut one: impl FnMut(T, &mut Vec<T>)) {
        let mut own = Vec::new();
        while let Some(_working) = self.take(&mut own) {
            while let Some(task) = own.pop() {
                one(task, &mut own);
                if own.len() > 1 && self.idle.load(Ordering::Relaxed) > 0 {
                    self.share(&mut own);
                }
            }
        }
    }

    /// Waits for something to do. Nothing comes any more when nobody works.
    fn take(&self, own: &mut Vec<T>) -> Option<Working<'_, T>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(task) = waiting.tasks.pop() {
                own.push(task);
                waiting.working += 1;
                return Some(Working(self));
            }
            if waiting.working == 0 {
                return None;
            }
            self.idle.fetch_add(1, Ordering::Relaxed);
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            self.idle.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Gives away the older half: those are the larger parts of the tree.
    fn share(&self, own: &mut Vec<T>) {
        let half = own.len() / 2;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.tasks.extend(own.drain(..half));
        drop(waiting);
        self.changed.notify_all();
    }
}

/// That a thread works. It ends when a visitor panics, too, or the others would wait for ever.
struct Working<'w, T>(&'w Work<T>);

impl<T> Drop for Working<'_, T> {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.working -= 1;
        let is_last = waiting.working == 0;
        drop(waiting);
        if is_last {
            self.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_whatever_the_threads() {
        for threads in [1, 2, 7] {
            let work = Work::new(vec![12_u32]);
            let done = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        work.join(|task, found| {
                            done.fetch_add(1, Ordering::Relaxed);
                            found.extend((task > 0).then(|| [task - 1, task - 1]).into_iter().flatten());
                        });
                    });
                }
            });
            assert_eq!(done.into_inner(), (1 << 13) - 1, "{threads}");
        }
    }

    #[test]
    fn a_panic_leaves_nobody_waiting() {
        let work = Work::new(vec![0, 1]);
        std::thread::scope(|scope| {
            let ends: Vec<_> = (0..2)
                .map(|_| scope.spawn(|| work.join(|task, _| assert_ne!(task, 0))))
                .collect();
            assert_eq!(ends.into_iter().filter_map(|end| end.join().err()).count(), 1);
        });
    }
}
