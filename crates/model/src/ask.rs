//! Where whoever asks providers meets whoever remembers: kept answers and spent questions. The database implements
//! both, and tests do in memory.
//!
//! What is kept is what the provider wrote, not what was made of it: a kept answer is read again each time, so that a
//! better reading needs no new question.

use crate::{Moment, Observable, Outcome};
use sha2::{Digest, Sha256};
use std::fmt;

/// What a provider wrote about an observable, as it is kept. Keys never come into it.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which step of the conversation it answers; 0 where one question is enough. The reader needs it to know which
    /// document it holds.
    pub step: u8,
    /// The HTTP status.
    pub status: u16,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// How the look-up ended when it was made: [`Outcome::Found`] or [`Outcome::NotFound`], nothing else is kept.
    pub outcome: Outcome,
    /// When it was asked.
    pub asked: Moment,
    /// Until when it is good without asking again.
    pub good_until: Moment,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, length, outcome) = (self.status, self.body.len(), self.outcome.as_str());
        write!(
            f,
            "Kept({outcome}, {status}, {length} bytes, {}..{})",
            self.asked, self.good_until
        )
    }
}

/// Answers of providers, kept for a while.
pub trait Cache: Send + Sync {
    /// The last answer of `provider` about `what`, stale or not: the caller decides by [`Kept::good_until`]. A cache
    /// that cannot be read has no answers.
    fn get(&self, provider: &str, what: &Observable) -> Option<Kept>;

    /// Keeps an answer, in place of an older one. A cache that cannot be written forgets; that is no error, since the
    /// answer itself is in hand.
    fn put(&self, provider: &str, what: &Observable, kept: &Kept);
}

/// How urgent a question is. A part of every quota is kept back for what a person waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// A list that is worked off. The last fifth of each window is not for it.
    Bulk,
    /// A person waits.
    #[default]
    Interactive,
    /// An alert waits.
    Alert,
}

/// So many calls in any span of so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Most calls.
    pub calls: u32,
    /// Length of the span.
    pub seconds: u64,
}

impl Window {
    /// `calls` in any minute.
    pub const fn minute(calls: u32) -> Self {
        Self { calls, seconds: 60 }
    }

    /// `calls` in any hour.
    pub const fn hour(calls: u32) -> Self {
        Self { calls, seconds: 3_600 }
    }

    /// `calls` in any 24 hours.
    pub const fn day(calls: u32) -> Self {
        Self { calls, seconds: 86_400 }
    }

    /// `calls` in any 30 days.
    pub const fn month(calls: u32) -> Self {
        Self {
            calls,
            seconds: 30 * 86_400,
        }
    }

    /// How many calls of a window `urgency` may use: four fifths, rounded up, for [`Urgency::Bulk`].
    pub const fn share(self, urgency: Urgency) -> u32 {
        match urgency {
            Urgency::Bulk => self.calls - self.calls / 5,
            Urgency::Interactive | Urgency::Alert => self.calls,
        }
    }
}

/// Names a key without telling it: the first eight hexadecimal digits of a SHA-256. Quotas belong to keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// For questions without a key.
    pub const NONE: Self = Self([0; 4]);

    /// The name of `key`.
    pub fn of(key: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"watchfire key\0");
        hasher.update(key.as_bytes());
        let mut id = [0; 4];
        id.iter_mut()
            .zip(hasher.finalize())
            .for_each(|(byte, digest)| *byte = digest);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:08x}", u32::from_be_bytes(self.0)))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// What calls are counted against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket<'b> {
    /// The provider.
    pub provider: &'b str,
    /// The key.
    pub key: KeyId,
    /// What the provider allows; empty for no limit. All must hold.
    pub windows: &'b [Window],
}

/// What a provider said about its limit in its last answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Calls left.
    pub remaining: u32,
    /// Until when that number holds.
    pub until: Moment,
}

/// Counts calls, for all processes that share a key.
pub trait Quota: Send + Sync {
    /// Takes one call, or says when to come again. A call that is taken is spent unless it is given back: after a crash
    /// too few calls are made, never too many.
    ///
    /// # Errors
    /// The first moment at which another call may be taken.
    fn take(&self, bucket: Bucket<'_>, urgency: Urgency, now: Moment) -> Result<(), Moment>;

    /// What the provider itself says counts where it says less: after `remaining: 0`, nothing is taken before `until`.
    fn learn(&self, bucket: Bucket<'_>, allowance: Allowance, now: Moment);

    /// Gives back a call that was taken at `taken` and never made: no connection came about. Never more calls are possible
    /// for it than if it had not been taken.
    fn give_back(&self, bucket: Bucket<'_>, taken: Moment);

    /// Calls that could be taken at once; nothing where there is no limit.
    fn left(&self, bucket: Bucket<'_>, urgency: Urgency, now: Moment) -> Option<u32>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_and_not_told() {
        let id = KeyId::of("0123456789abcdef");
        assert_eq!(id, KeyId::of("0123456789abcdef"));
        assert_ne!(id, KeyId::of("0123456789abcdee"));
        assert_eq!(id.to_string().len(), 8);
        assert_ne!(KeyId::of(""), KeyId::NONE);
    }

    #[test]
    fn lists_leave_a_fifth_to_people() {
        assert_eq!(Window::day(500).share(Urgency::Bulk), 400);
        assert_eq!(
            Window::minute(4).share(Urgency::Bulk),
            4,
            "a window of four has no fifth"
        );
        assert_eq!(Window::minute(5).share(Urgency::Interactive), 5);
    }
}
