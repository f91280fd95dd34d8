//! A cache and quotas that last as long as the run: where there is no database, and in tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use watchfire_model::{Allowance, Bucket, Cache, Kept, KeyId, Moment, Observable, Quota, Urgency};

/// Answers in memory.
#[derive(Debug, Default)]
pub struct MemoryCache(Mutex<BTreeMap<(String, Observable), Kept>>);

impl Cache for MemoryCache {
    fn get(&self, provider: &str, what: &Observable) -> Option<Kept> {
        held(&self.0).get(&(provider.to_owned(), what.clone())).cloned()
    }

    fn put(&self, provider: &str, what: &Observable, kept: &Kept) {
        held(&self.0).insert((provider.to_owned(), what.clone()), kept.clone());
    }
}

/// Calls in memory: the moments of those that still count, and what the provider said itself.
#[derive(Debug, Default)]
pub struct MemoryQuota(Mutex<BTreeMap<(String, KeyId), Spent>>);

#[derive(Debug, Default)]
struct Spent {
    calls: Vec<Moment>,
    said: Option<Allowance>,
}

impl Spent {
    /// Calls left and, where none is, when there will be.
    fn room(&self, bucket: Bucket<'_>, urgency: Urgency, now: Moment) -> (Option<u32>, Moment) {
        let mut left: Option<u32> = None;
        let mut again = now;
        for window in bucket.windows {
            let share = window.share(urgency);
            let since = now.before(window.seconds);
            let counted: Vec<Moment> = self.calls.iter().copied().filter(|call| *call > since).collect();
            let used = u32::try_from(counted.len()).unwrap_or(u32::MAX);
            let free = share.saturating_sub(used);
            left = Some(left.map_or(free, |left| left.min(free)));
            if free == 0 {
                // The call that has to grow old before there is room for one more.
                let at = counted
                    .len()
                    .saturating_sub(usize::try_from(share).unwrap_or(usize::MAX));
                let oldest = counted.get(at).copied().unwrap_or(now);
                again = again.max(oldest.after(window.seconds));
            }
        }
        if let Some(said) = self.said.filter(|said| said.until > now) {
            left = Some(left.map_or(said.remaining, |left| left.min(said.remaining)));
            if said.remaining == 0 {
                again = again.max(said.until);
            }
        }
        (left, again)
    }
}

impl Quota for MemoryQuota {
    fn take(&self, bucket: Bucket<'_>, urgency: Urgency, now: Moment) -> Result<(), Moment> {
        let mut all = held(&self.0);
        let spent = all.entry((bucket.provider.to_owned(), bucket.key)).or_default();
        let longest = bucket
            .windows
            .iter()
            .map(|window| window.seconds)
            .max()
            .unwrap_or_default();
        let since = now.before(longest);
        spent.calls.retain(|call| *call > since);
        match spent.room(bucket, urgency, now) {
            (Some(0), again) => Err(again),
            _ => {
                if longest > 0 {
                    spent.calls.push(now);
                }
                if let Some(said) = spent.said.as_mut().filter(|said| said.until > now) {
                    said.remaining = said.remaining.saturating_sub(1);
                }
                Ok(())
            }
        }
    }

    fn learn(&self, bucket: Bucket<'_>, allowance: Allowance, _: Moment) {
        let mut all = held(&self.0);
        all.entry((bucket.provider.to_owned(), bucket.key)).or_default().said = Some(allowance);
    }

    fn give_back(&self, bucket: Bucket<'_>, taken: Moment) {
        let mut all = held(&self.0);
        if let Some(spent) = all.get_mut(&(bucket.provider.to_owned(), bucket.key))
            && let Some(place) = spent.calls.iter().rposition(|call| *call <= taken)
        {
            spent.calls.remove(place);
        }
    }

    fn left(&self, bucket: Bucket<'_>, urgency: Urgency, now: Moment) -> Option<u32> {
        let all = held(&self.0);
        match all.get(&(bucket.provider.to_owned(), bucket.key)) {
            Some(spent) => spent.room(bucket, urgency, now).0,
            None => bucket.windows.iter().map(|window| window.share(urgency)).min(),
        }
    }
}

/// A lock that a panic elsewhere does not spoil: what it guards is whole after every statement.
pub(super) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::Window;

    const WINDOWS: &[Window] = &[Window::minute(2), Window::day(5)];

    fn bucket() -> Bucket<'static> {
        Bucket {
            provider: "p",
            key: KeyId::NONE,
            windows: WINDOWS,
        }
    }

    #[test]
    fn calls_come_back_when_they_have_grown_old() {
        let quota = MemoryQuota::default();
        let start = Moment::from_unix(1_800_000_000);
        let take = |seconds| quota.take(bucket(), Urgency::Interactive, start.after(seconds));
        assert_eq!((take(0), take(10)), (Ok(()), Ok(())));
        assert_eq!(take(20), Err(start.after(60)));
        assert_eq!((take(60), take(70)), (Ok(()), Ok(())));
        assert_eq!(take(130), Ok(()), "the fifth of the day");
        assert_eq!(take(200), Err(start.after(86_400)));
    }

    #[test]
    fn the_last_fifth_is_for_people() {
        let quota = MemoryQuota::default();
        let bucket = Bucket {
            windows: &[Window::day(5)],
            ..bucket()
        };
        let now = Moment::from_unix(0);
        for _ in 0..4 {
            assert_eq!(quota.take(bucket, Urgency::Bulk, now), Ok(()));
        }
        assert!(quota.take(bucket, Urgency::Bulk, now).is_err());
        assert_eq!(quota.left(bucket, Urgency::Bulk, now), Some(0));
        assert_eq!(quota.take(bucket, Urgency::Interactive, now), Ok(()));
    }

    #[test]
    fn what_the_provider_says_counts_until_it_ends() {
        let quota = MemoryQuota::default();
        let now = Moment::from_unix(0);
        let said = Allowance {
            remaining: 1,
            until: now.after(30),
        };
        quota.learn(bucket(), said, now);
        assert_eq!(quota.take(bucket(), Urgency::Alert, now), Ok(()));
        assert_eq!(quota.take(bucket(), Urgency::Alert, now), Err(now.after(30)));
        assert_eq!(quota.take(bucket(), Urgency::Alert, now.after(30)), Ok(()));
    }
}
