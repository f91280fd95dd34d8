//! One shared account of what an analysis may spend.
//!
//! Every loop over input, every decompressor and every recursion draws on a [`Budget`]. A root artifact and everything
//! unpacked from it share one, so a bomb in one input cannot starve the next, and what is spent does not depend on how
//! many threads work on other roots. The only limit that depends on the machine is the deadline: whoever holds the
//! clock calls [`Budget::cancel`].

use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// What a root and all it contains may cost. Sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Containers inside containers.
    pub depth: u32,
    /// Artifacts below one root; mails in a mailbox or an archive have as many each, and all together
    /// [`Limits::SHARES`] times as many.
    pub artifacts: u64,
    /// Bytes unpacked below one root, all together.
    pub unpacked: u64,
    /// Bytes of one unpacked artifact.
    pub artifact_size: u64,
    /// Unpacked bytes for each packed byte, of one stream and of a root and everything below it, once the output has
    /// passed [`Limits::RATIO_FREE`].
    pub ratio: u64,
    /// Memory a decompressor may ask for as its dictionary or window.
    pub dictionary: u64,
    /// Observables, facts and events kept per artifact.
    pub records: u64,
    /// Seconds that rules which somebody gave may take, all together.
    pub rules: u64,
}

impl Limits {
    /// Small outputs may have any ratio: a kilobyte of zeros is no bomb.
    pub const RATIO_FREE: u64 = 16 << 20;

    /// How many roots' worth of artifacts a container of mails may hold: a quarter of a million by default.
    pub const SHARES: u64 = 25;

    /// Work below one root that does not grow with what is unpacked, such as trying passwords, in computations of a hash: a
    /// second or so of one core, and [`Limits::EFFORT_PER_BYTE`] for each byte of the root.
    pub const EFFORT: u64 = 1 << 25;
    /// See [`Limits::EFFORT`].
    pub const EFFORT_PER_BYTE: u64 = 16;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 16,
            artifacts: 10_000,
            unpacked: 2 << 30,
            artifact_size: 512 << 20,
            ratio: 1_100,
            dictionary: 256 << 20,
            records: 5_000_000,
            rules: 300,
        }
    }
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitKind {
    /// [`Limits::depth`]
    Depth,
    /// [`Limits::artifacts`]
    Artifacts,
    /// [`Limits::unpacked`]
    Unpacked,
    /// [`Limits::artifact_size`]
    ArtifactSize,
    /// [`Limits::ratio`]
    Ratio,
    /// [`Limits::dictionary`]
    Dictionary,
    /// [`Limits::records`]
    Records,
    /// [`Limits::rules`]
    Rules,
    /// The deadline, or a person who pressed Ctrl-C.
    Time,
}

impl LimitKind {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Depth => "depth",
            Self::Artifacts => "artifacts",
            Self::Unpacked => "unpacked",
            Self::ArtifactSize => "artifact-size",
            Self::Ratio => "ratio",
            Self::Dictionary => "dictionary",
            Self::Records => "records",
            Self::Rules => "rules",
            Self::Time => "time",
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why work stopped early. What was found before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halt(pub LimitKind);

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} limit was reached", self.0)
    }
}

impl std::error::Error for Halt {}

/// The account itself. Cheap to share by reference.
#[derive(Debug, Default)]
pub struct Budget {
    limits: Limits,
    /// Artifacts of this share.
    artifacts: AtomicU64,
    whole: Arc<Whole>,
}

/// Who can stop all work on one account.
#[derive(Clone, Debug)]
pub struct Canceller(Arc<Whole>);

impl Canceller {
    /// Asks everyone to stop at the next check.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }
}

/// What all shares of one root spend together.
#[derive(Debug, Default)]
struct Whole {
    /// Bytes of the root; 0 where nobody said.
    root: AtomicU64,
    artifacts: AtomicU64,
    unpacked: AtomicU64,
    effort: AtomicU64,
    /// Microseconds that rules took.
    rules: AtomicU64,
    cancelled: AtomicBool,
}

impl Budget {
    /// A fresh account.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// An account with artifacts of its own, for one of many mails in a mailbox: what one carries does not count against
    /// the next. Everything else is shared.
    pub fn share(&self) -> Self {
        Self {
            limits: self.limits,
            artifacts: AtomicU64::new(0),
            whole: Arc::clone(&self.whole),
        }
    }

    /// Says how long the root is. What is unpacked below it, however often it was packed, is measured by that too.
    pub fn begin(&self, bytes: u64) {
        self.whole.root.store(bytes, Ordering::Relaxed);
    }

    /// The limits it was opened with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Asks everyone to stop at the next check.
    pub fn cancel(&self) {
        self.canceller().cancel();
    }

    /// Who can do so from elsewhere, for as long as they like.
    pub fn canceller(&self) -> Canceller {
        Canceller(self.whole.clone())
    }

    /// Call in every long loop.
    pub fn check(&self) -> Result<(), Halt> {
        if self.whole.cancelled.load(Ordering::Relaxed) {
            Err(Halt(LimitKind::Time))
        } else {
            Ok(())
        }
    }

    /// Call before an artifact at `depth` (roots have depth 0) enters the queue.
    pub fn admit(&self, depth: u32) -> Result<(), Halt> {
        self.check()?;
        if depth > self.limits.depth {
            return Err(Halt(LimitKind::Depth));
        }
        if self.artifacts.fetch_add(1, Ordering::Relaxed) >= self.limits.artifacts {
            return Err(Halt(LimitKind::Artifacts));
        }
        self.count()
    }

    /// The same for a mail that gets a [share](Budget::share): it counts with all shares together, not here.
    pub fn admit_share(&self, depth: u32) -> Result<(), Halt> {
        self.check()?;
        if depth > self.limits.depth {
            return Err(Halt(LimitKind::Depth));
        }
        self.count()
    }

    fn count(&self) -> Result<(), Halt> {
        let most = self.limits.artifacts.saturating_mul(Limits::SHARES);
        if self.whole.artifacts.fetch_add(1, Ordering::Relaxed) >= most {
            return Err(Halt(LimitKind::Artifacts));
        }
        Ok(())
    }

    /// Call for every chunk a decompressor produced: `chunk` more bytes, `total` so far for this stream from `packed`
    /// bytes read.
    pub fn unpack(&self, chunk: u64, total: u64, packed: u64) -> Result<(), Halt> {
        self.check()?;
        if total > self.limits.artifact_size {
            return Err(Halt(LimitKind::ArtifactSize));
        }
        if total > Limits::RATIO_FREE && total / packed.max(1) > self.limits.ratio {
            return Err(Halt(LimitKind::Ratio));
        }
        let before = self.whole.unpacked.fetch_add(chunk, Ordering::Relaxed);
        let all = before.saturating_add(chunk);
        let root = self.whole.root.load(Ordering::Relaxed);
        if root > 0 && all > Limits::RATIO_FREE && all / root > self.limits.ratio {
            return Err(Halt(LimitKind::Ratio));
        }
        if all > self.limits.unpacked {
            return Err(Halt(LimitKind::Unpacked));
        }
        Ok(())
    }

    /// Call before a decompressor allocates a window or dictionary of `bytes`.
    pub fn dictionary(&self, bytes: u64) -> Result<(), Halt> {
        if bytes > self.limits.dictionary {
            Err(Halt(LimitKind::Dictionary))
        } else {
            Ok(())
        }
    }

    /// Call before work that costs as much as `cost` computations of a hash; whether [`Limits::EFFORT`] leaves so much. What
    /// is left out then is for the caller to say.
    pub fn effort(&self, cost: u64) -> bool {
        let root = self.whole.root.load(Ordering::Relaxed);
        let most = Limits::EFFORT.saturating_add(root.saturating_mul(Limits::EFFORT_PER_BYTE));
        let spend = |spent: u64| spent.checked_add(cost).filter(|all| *all <= most);
        self.whole
            .effort
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend)
            .is_ok()
    }

    /// How long rules may still take.
    pub fn rules_left(&self) -> Duration {
        let spent = Duration::from_micros(self.whole.rules.load(Ordering::Relaxed));
        Duration::from_secs(self.limits.rules).saturating_sub(spent)
    }

    /// Call with the time that rules took: whoever asks them holds the clock.
    pub fn spend_on_rules(&self, time: Duration) {
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let add = |spent: u64| Some(spent.saturating_add(time));
        let _always = self.whole.rules.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Gives back what led to something: only failures wear the account down.
    pub fn regain(&self, cost: u64) {
        let regain = |spent: u64| Some(spent.saturating_sub(cost));
        let _always = self
            .whole
            .effort
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, regain);
    }

    /// Bytes unpacked so far.
    pub fn unpacked(&self) -> u64 {
        self.whole.unpacked.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_and_count_are_bounded() {
        let budget = Budget::new(Limits {
            depth: 1,
            artifacts: 2,
            ..Limits::default()
        });
        assert_eq!(budget.admit(2), Err(Halt(LimitKind::Depth)));
        assert_eq!((budget.admit(0), budget.admit(1)), (Ok(()), Ok(())));
        assert_eq!(budget.admit(1), Err(Halt(LimitKind::Artifacts)));
    }

    #[test]
    fn shares_count_their_own_artifacts_and_all_together() {
        let budget = Budget::new(Limits {
            artifacts: 2,
            ..Limits::default()
        });
        let full = Err(Halt(LimitKind::Artifacts));
        for _ in 0..16 {
            assert_eq!(budget.admit_share(1), Ok(()));
            let share = budget.share();
            assert_eq!([share.admit(2), share.admit(2), share.admit(2)], [Ok(()), Ok(()), full]);
        }
        assert_eq!((budget.admit(1), budget.admit(1)), (Ok(()), Ok(())));
        assert_eq!(budget.admit_share(1), full);
        let share = budget.share();
        budget.cancel();
        assert_eq!(share.check(), Err(Halt(LimitKind::Time)));
    }

    #[test]
    fn rules_have_an_account_of_time_that_shares_have_in_common() {
        let budget = Budget::new(Limits {
            rules: 2,
            ..Limits::default()
        });
        let share = budget.share();
        share.spend_on_rules(Duration::from_millis(1500));
        assert_eq!(budget.rules_left(), Duration::from_millis(500));
        budget.spend_on_rules(Duration::MAX);
        assert_eq!(share.rules_left(), Duration::ZERO);
    }

    #[test]
    fn small_outputs_may_have_any_ratio() {
        let budget = Budget::default();
        assert_eq!(budget.unpack(1 << 20, 1 << 20, 10), Ok(()));
        assert_eq!(budget.unpack(1 << 20, 17 << 20, 10), Err(Halt(LimitKind::Ratio)));
    }

    #[test]
    fn what_is_packed_again_and_again_is_measured_by_the_root() {
        let budget = Budget::default();
        budget.begin(10_000);
        assert_eq!(budget.unpack(10 << 20, 10 << 20, 1 << 20), Ok(()));
        assert_eq!(budget.unpack(10 << 20, 10 << 20, 1 << 20), Err(Halt(LimitKind::Ratio)));
    }

    #[test]
    fn effort_is_spent_together_and_regained() {
        let budget = Budget::default();
        assert!(budget.effort(Limits::EFFORT - 1) && !budget.effort(2) && budget.effort(1));
        budget.regain(5);
        assert!(budget.effort(5) && !budget.effort(1) && !budget.effort(u64::MAX));
    }

    #[test]
    fn cancelling_stops_everyone() {
        let budget = Budget::default();
        budget.cancel();
        assert_eq!(budget.check(), Err(Halt(LimitKind::Time)));
    }
}
