//! When something happened, again and again: as much of it as memory allows.
//!
//! What is kept of a series depends on what happened alone, not on the order in which that was told. Where there is too
//! much, whole stretches of ten minutes go: those that stay are told completely, so that the times between two are still
//! right.

use watchfire_model::Timestamp;
use watchfire_model::network::Flow;

/// Nanoseconds of a stretch, which is kept or not.
const STRETCH: i64 = 600_000_000_000;
/// Halvings, until there is nothing left to halve.
const MOST_HALVINGS: u8 = 16;

/// Once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence {
    /// When it began.
    pub(super) time: Timestamp,
    /// In which frame.
    pub(super) frame: u64,
    /// Bytes of payload that the originator sent.
    pub(super) sent: u32,
    /// Bytes that came back.
    pub(super) received: u32,
}

impl Occurrence {
    /// A flow.
    pub(super) fn of(flow: &Flow) -> Self {
        let short = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            time: flow.first,
            frame: flow.first_frame,
            sent: short(flow.sent.bytes),
            received: short(flow.received.bytes),
        }
    }
}

/// What happened between the same two. Most series are short, and there are many: what can be said of all that was kept is
/// not written down beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    /// How often, kept or not.
    pub(super) count: u64,
    kept: Vec<Occurrence>,
    /// Nothing, while everything was kept.
    thinned: Option<Box<Thinned>>,
}

/// What is still known when not everything is kept.
#[derive(Clone, Debug)]
struct Thinned {
    /// Of so many stretches, as a power of two, one is kept.
    halvings: u8,
    /// The earliest and the latest, kept or not.
    ends: (Occurrence, Occurrence),
    over_time: OverTime,
}

impl Series {
    /// Once more; of all, at most so many are kept. By how much more memory it takes than before, as [`Self::memory`] counts.
    pub(super) fn add(&mut self, occurrence: Occurrence, most: usize) -> isize {
        let before = self.memory();
        self.count += 1;
        if let Some(thinned) = &mut self.thinned {
            thinned.over_time.add(occurrence.time);
            let (first, last) = thinned.ends;
            thinned.ends = (first.min(occurrence), last.max(occurrence));
        }
        if self.keeps(occurrence.time) {
            // Most happens once.
            self.kept.reserve_exact(usize::from(self.kept.is_empty()));
            self.kept.push(occurrence);
            self.thin(most);
        }
        difference(self.memory(), before)
    }

    /// Keeps at most so many. By how much more memory it takes than before: less, mostly.
    pub(super) fn cut(&mut self, most: usize) -> isize {
        let before = self.memory();
        self.thin(most);
        self.kept.shrink_to_fit();
        difference(self.memory(), before)
    }

    fn thin(&mut self, most: usize) {
        if self.kept.len() <= most {
            return;
        }
        let thinned = self.thinned.get_or_insert_with(|| Box::new(Thinned::of(&self.kept)));
        while self.kept.len() > most && thinned.halvings < MOST_HALVINGS {
            thinned.halvings += 1;
            let halvings = thinned.halvings;
            self.kept.retain(|kept| is_kept(kept.time, halvings));
        }
        // So much in ten minutes has no rhythm that is looked for.
        if self.kept.len() > most {
            self.kept.clear();
            thinned.halvings = u8::MAX;
        }
    }

    fn halvings(&self) -> u8 {
        self.thinned.as_ref().map_or(0, |thinned| thinned.halvings)
    }

    fn keeps(&self, time: Timestamp) -> bool {
        self.halvings() != u8::MAX && is_kept(time, self.halvings())
    }

    /// What was kept, in order.
    pub(super) fn kept(&self) -> Vec<Occurrence> {
        let mut kept = self.kept.clone();
        kept.sort_unstable();
        kept
    }

    /// How many were kept.
    pub(super) fn size(&self) -> usize {
        self.kept.len()
    }

    /// How much memory it takes, in occurrences: three steps of time are as long as one.
    pub(super) fn memory(&self) -> usize {
        let steps = self.thinned.as_ref().map_or(0, |thinned| thinned.over_time.steps.len());
        self.kept.len() + steps / 3
    }

    /// Whether everything that happened between two instants was kept.
    pub(super) fn is_whole(&self, from: Timestamp, to: Timestamp) -> bool {
        // Only with the first halving do neighbours go.
        self.halvings() == 0 || self.keeps(from) && stretch(from) == stretch(to)
    }

    /// The earliest and the latest.
    pub(super) fn ends(&self) -> Option<(Occurrence, Occurrence)> {
        match &self.thinned {
            Some(thinned) => Some(thinned.ends),
            None => ends(&self.kept),
        }
    }

    /// What comes first when series have to go.
    pub(super) fn rank(&self) -> (u64, Timestamp) {
        let last = self.ends().map_or(Timestamp::default(), |(_, last)| last.time);
        (self.count, last)
    }

    /// Minutes in which something happened, and how often.
    pub(super) fn over_time(&self) -> impl Iterator<Item = (Timestamp, u32)> {
        let over_time = match &self.thinned {
            Some(thinned) => thinned.over_time.clone(),
            None => OverTime::of(&self.kept),
        };
        over_time.into_steps()
    }
}

impl Thinned {
    /// Before anything goes of what was kept.
    fn of(kept: &[Occurrence]) -> Self {
        let none = Occurrence::default();
        Self {
            halvings: 0,
            ends: ends(kept).unwrap_or((none, none)),
            over_time: OverTime::of(kept),
        }
    }
}

/// The earliest and the latest of some.
fn ends(all: &[Occurrence]) -> Option<(Occurrence, Occurrence)> {
    Some((all.iter().min().copied()?, all.iter().max().copied()?))
}

fn difference(now: usize, before: usize) -> isize {
    isize::try_from(now).unwrap_or(isize::MAX) - isize::try_from(before).unwrap_or(isize::MAX)
}

fn stretch(time: Timestamp) -> i64 {
    time.nanoseconds().div_euclid(STRETCH)
}

fn is_kept(time: Timestamp, halvings: u8) -> bool {
    stretch(time).rem_euclid(1 << halvings.min(MOST_HALVINGS)) == 0
}

/// How often over time: minutes, or as many more together as their number asks for.
#[derive(Clone, Debug, Default)]
struct OverTime {
    /// Doublings of a minute.
    doublings: u8,
    /// Steps since 1970 and how often, in order.
    steps: Vec<(i32, u32)>,
}

impl OverTime {
    /// Steps at most. Twice as many as marks are shown, so that these lose little.
    const MOST: usize = 480;
    const MINUTE: i64 = 60_000_000_000;

    fn of(all: &[Occurrence]) -> Self {
        let mut over_time = Self::default();
        all.iter().for_each(|one| over_time.add(one.time));
        over_time
    }

    fn add(&mut self, time: Timestamp) {
        let minute = i32::try_from(time.nanoseconds().div_euclid(Self::MINUTE)).unwrap_or_default();
        let step = minute >> self.doublings;
        match self.steps.binary_search_by_key(&step, |(step, _)| *step) {
            Ok(at) => {
                if let Some((_, count)) = self.steps.get_mut(at) {
                    *count = count.saturating_add(1);
                }
            }
            Err(at) => self.steps.insert(at, (step, 1)),
        }
        while self.steps.len() > Self::MOST {
            self.doublings += 1;
            for (step, _) in &mut self.steps {
                *step >>= 1;
            }
            self.steps.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    earlier.1 = earlier.1.saturating_add(later.1);
                }
                is_same
            });
        }
    }

    /// When each step begins, and how often.
    fn into_steps(self) -> impl Iterator<Item = (Timestamp, u32)> {
        let doublings = self.doublings;
        self.steps.into_iter().map(move |(step, count)| {
            let minute = i64::from(step) << doublings;
            (Timestamp::from_nanoseconds(minute * Self::MINUTE), count)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Occurrence {
        Occurrence {
            time: Timestamp::new(seconds, 0),
            frame: seconds.unsigned_abs(),
            sent: 1,
            received: 2,
        }
    }

    #[test]
    fn what_is_kept_does_not_depend_on_the_order() {
        let (mut forward, mut backward) = (Series::default(), Series::default());
        for number in 0..5_000 {
            forward.add(at(number * 7), 512);
            backward.add(at((4_999 - number) * 7), 512);
        }
        assert_eq!(forward.kept(), backward.kept());
        assert!(forward.over_time().eq(backward.over_time()));
        assert!((100..=512).contains(&forward.size()));
        assert_eq!(forward.ends(), Some((at(0), at(4_999 * 7))));
    }

    #[test]
    fn stretches_that_are_kept_are_whole() {
        let mut series = Series::default();
        (0..5_000).for_each(|number| _ = series.add(at(number * 7), 512));
        let kept = series.kept();
        let within = kept
            .windows(2)
            .filter(|pair| series.is_whole(pair[0].time, pair[1].time));
        let mut number = 0;
        for pair in within {
            number += 1;
            assert_eq!(pair[1].time.since(pair[0].time), 7_000_000_000);
        }
        assert!(number > 100);
        // A stretch that went is not whole.
        assert!(!series.is_whole(at(600).time, at(700).time) && series.is_whole(at(0).time, at(100).time));
    }

    #[test]
    fn a_storm_is_counted_and_not_kept() {
        let mut series = Series::default();
        let kept: isize = (0..10_000).map(|_| series.add(at(1_200), 512)).sum();
        assert_eq!((series.count, series.size(), kept), (10_000, 0, 0));
    }
}
