//! How fresh a feed is: when its publisher last vouched for it, and when that is too long ago.

use watchfire_intel::LIFETIME;
use watchfire_model::Moment;
use watchfire_store::Feed;

const DAY: u64 = 86_400;
/// A feed that is fetched is stale after so many of its intervals, and never within a day.
const INTERVALS: u64 = 3;
/// The interval of a feed of which none is known.
const USUAL: u64 = DAY;
/// A feed from a file is stale after so long: nobody can ask whether it still holds.
const IMPORTED: u64 = 30 * DAY;

/// When the publisher last gave out what is in use: when it was fetched, or last found unchanged.
pub(crate) fn confirmed(feed: &Feed) -> Option<Moment> {
    let fetched = feed.current.as_ref()?.version.fetched;
    let unchanged = feed.checked.filter(|_| feed.problem.is_none());
    Some(unchanged.map_or(fetched, |checked| checked.max(fetched)))
}

/// Whether what is in use has been vouched for so long ago that the world may have moved on.
pub fn is_stale(feed: &Feed, as_of: Moment) -> bool {
    let most = match &feed.spec.url {
        None => IMPORTED,
        Some(_) => feed.spec.refresh.unwrap_or(USUAL).saturating_mul(INTERVALS).max(DAY),
    };
    confirmed(feed).is_some_and(|confirmed| as_of.since(confirmed) > most)
}

/// When a feed is to be asked for again, if somebody said how often.
pub fn due(feed: &Feed) -> Option<Moment> {
    let refresh = feed.spec.refresh.filter(|_| feed.spec.url.is_some())?;
    Some(feed.checked?.after(refresh))
}

/// After how many seconds half is left of an assertion of this feed that age touches, and after how many nothing.
pub fn half_life(feed: &Feed) -> (u64, u64) {
    // What is gone is the root of the share of the lifetime: half of it at a quarter.
    let lifetime = feed.spec.lifetime.unwrap_or(LIFETIME);
    (lifetime / 4, lifetime)
}
