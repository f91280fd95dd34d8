//! How long something takes: the time that a thread computed, which other programs on the machine do not lengthen, and
//! where the system does not tell that, the time that passed.

use std::time::{Duration, Instant};

/// What this thread computed since it began; nothing where the system does not tell.
pub fn cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Measures what its own thread does.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    cpu: Option<Duration>,
    wall: Instant,
}

impl Watch {
    /// Begins.
    pub fn start() -> Self {
        Self {
            cpu: cpu(),
            wall: Instant::now(),
        }
    }

    /// What it took so far.
    pub fn elapsed(&self) -> Duration {
        match (self.cpu, cpu()) {
            (Some(begin), Some(end)) => end.saturating_sub(begin),
            _ => self.wall.elapsed(),
        }
    }
}

/// Runs something that has no business taking longer, and panics where it does.
#[track_caller]
pub fn within<T>(most: Duration, what: &str, run: impl FnOnce() -> T) -> T {
    let watch = Watch::start();
    let out = run();
    let took = watch.elapsed();
    assert!(took < most, "{what} took {took:.2?}, more than {most:.2?}");
    out
}

/// Runs something whose work is linear: generous for a build without optimisation, and what is not linear takes minutes.
#[track_caller]
pub fn soon<T>(what: &str, run: impl FnOnce() -> T) -> T {
    within(Duration::from_secs(20), what, run)
}
