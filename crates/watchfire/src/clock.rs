//! What time it is. The only place that asks; everything else is told.

use std::time::{SystemTime, UNIX_EPOCH};
use watchfire_model::Moment;

/// A number that differs from run to run, for what is drawn and is no part of a result.
pub(crate) fn seed() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    elapsed.as_secs().rotate_left(32)
        ^ u64::from(elapsed.subsec_nanos())
        ^ u64::from(std::process::id()).rotate_left(48)
}

/// Milliseconds since 1970: a number that goes up.
pub(crate) fn milliseconds() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// This second.
pub(crate) fn now() -> Moment {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_unix(i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
}
