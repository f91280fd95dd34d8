//! What time it is. The only place that asks; everything else is told.

use std::time::{SystemTime, UNIX_EPOCH};
use watchfire_model::Moment;

/// This second.
pub(crate) fn now() -> Moment {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_unix(i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
}
