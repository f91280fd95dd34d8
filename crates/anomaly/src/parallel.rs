//! Work shared among threads so that its result does not depend on how many there are: every piece is computed by
//! itself, from its place alone, and written to its own place.

use crate::rows::Rows;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Rows in a piece: enough that sharing costs nothing, few enough that they stay in the cache.
const PIECE: usize = 256;

/// `work` on the rows piece by piece, with what belongs to them of `out`: `width` numbers for each row. Threads are
/// scoped, and end before this does.
pub(crate) fn fill(
    threads: usize,
    rows: Rows<'_>,
    out: &mut [f64],
    width: usize,
    work: impl Fn(Rows<'_>, &mut [f64]) + Sync,
) {
    let pieces = rows
        .pieces(PIECE)
        .zip(out.chunks_mut(PIECE.saturating_mul(width.max(1))));
    if threads <= 1 || rows.len() <= PIECE {
        pieces.for_each(|(rows, out)| work(rows, out));
        return;
    }
    let queue = Mutex::new(pieces);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    // A thread that panicked held the lock only to take a piece: what is left is whole.
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((rows, out)) = next else { break };
                    work(rows, out);
                }
            });
        }
    });
}

/// `make` of every number under `count`, in order.
pub(crate) fn each<T: Send>(threads: usize, count: usize, make: impl Fn(usize) -> T + Sync) -> Vec<T> {
    if threads <= 1 || count <= 1 {
        return (0..count).map(make).collect();
    }
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    let one = make(at);
                    made.lock().unwrap_or_else(PoisonError::into_inner).push((at, one));
                }
            });
        }
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, one)| one).collect()
}
