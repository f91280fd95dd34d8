//! How much there was when: bytes over time, and silence.
//!
//! Nobody knows how long a capture is before its end. Steps are a second long at first; where there would be too many, two
//! become one.

use watchfire_model::Timestamp;
use watchfire_model::network::{Gap, Timeline};

/// Steps that are kept.
const MOST_STEPS: usize = 240;
/// Silences that are kept, the longest.
const MOST_GAPS: usize = 16;
/// How long a silence is that is worth a word, at least. Nanoseconds.
const SHORTEST_GAP: u64 = 60 * SECOND;

const SECOND: u64 = 1_000_000_000;

/// Bytes of frames over time. What it says depends on the frames and their order alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    begins: Timestamp,
    /// Nanoseconds; 0 before the first frame.
    step: u64,
    bytes: Vec<u64>,
    /// The step of the last frame, and when it begins and ends.
    at: usize,
    from: Timestamp,
    until: Timestamp,
    /// The latest frame.
    latest: Timestamp,
    frame: u64,
    gaps: Vec<Gap>,
}

impl Clock {
    /// A frame of so many bytes.
    #[inline]
    pub(crate) fn frame(&mut self, number: u64, time: Timestamp, length: u32) {
        if time < self.from || time >= self.until {
            self.turn(time);
        }
        if let Some(step) = self.bytes.get_mut(self.at) {
            *step += u64::from(length);
        }
        if time > self.latest {
            if time.since(self.latest) >= SHORTEST_GAP && self.frame > 0 {
                self.silence(time);
            }
            self.latest = time;
            self.frame = number;
        }
    }

    /// Bytes over time.
    pub fn timeline(&self) -> Timeline {
        Timeline {
            begins: (self.step > 0).then_some(self.begins),
            step: self.step / SECOND,
            bytes: self.bytes.clone(),
        }
    }

    /// Times without any frame, of a minute and longer, the longest first.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Goes to the step in which `time` is.
    fn turn(&mut self, time: Timestamp) {
        if self.step == 0 {
            self.step = SECOND;
            self.begins = floor(time);
            self.latest = Timestamp::from_nanoseconds(i64::MIN);
        }
        // Each turn doubles the step, so that there are not many.
        let at = loop {
            let before = self.begins.since(time).div_ceil(self.step);
            let behind = time.since(self.begins) / self.step;
            let length = (self.bytes.len() as u64).max(behind + 1) + before;
            if length <= MOST_STEPS as u64 {
                let before = before as usize;
                self.bytes.splice(..0, std::iter::repeat_n(0, before));
                self.begins = earlier(self.begins, before as u64 * self.step);
                let at = if before > 0 { 0 } else { behind as usize };
                self.bytes.resize(self.bytes.len().max(at + 1), 0);
                break at;
            }
            self.bytes = self.bytes.chunks(2).map(|pair| pair.iter().sum()).collect();
            self.step *= 2;
        };
        self.at = at;
        self.from = later(self.begins, at as u64 * self.step);
        self.until = later(self.from, self.step);
    }

    fn silence(&mut self, until: Timestamp) {
        self.gaps.push(Gap {
            seconds: until.since(self.latest) / SECOND,
            frame: self.frame,
            from: self.latest,
        });
        self.gaps
            .sort_by(|a, b| b.seconds.cmp(&a.seconds).then(a.frame.cmp(&b.frame)));
        self.gaps.truncate(MOST_GAPS);
    }
}

fn floor(time: Timestamp) -> Timestamp {
    let nanoseconds = time.nanoseconds();
    Timestamp::from_nanoseconds(nanoseconds.saturating_sub(nanoseconds.rem_euclid(SECOND as i64)))
}

fn later(time: Timestamp, by: u64) -> Timestamp {
    Timestamp::from_nanoseconds(time.nanoseconds().saturating_add_unsigned(by))
}

fn earlier(time: Timestamp, by: u64) -> Timestamp {
    Timestamp::from_nanoseconds(time.nanoseconds().saturating_sub_unsigned(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of frames of one byte at these seconds: when it begins, the length of a step and its bytes.
    fn check(seconds: &[i64], expected: (i64, u64, &[u64])) {
        let mut clock = Clock::default();
        for (at, second) in seconds.iter().enumerate() {
            clock.frame(at as u64 + 1, Timestamp::new(*second, 0), 1);
        }
        let timeline = clock.timeline();
        let begins = timeline.begins.map(|begins| begins.moment().unix());
        assert_eq!(
            (begins, timeline.step, timeline.bytes.as_slice()),
            (Some(expected.0), expected.1, expected.2),
            "{seconds:?}"
        );
    }

    #[test]
    fn frames_are_counted_by_the_second() {
        check(&[100, 100, 103], (100, 1, &[2, 0, 0, 1]));
        check(&[100, 98, 99, 100], (98, 1, &[1, 1, 2]));
    }

    #[test]
    fn steps_grow_with_the_capture() {
        let mut expected = vec![0; 120];
        expected[0] = 2;
        expected.push(1);
        check(&[100, 101, 340], (100, 2, &expected));
        let mut clock = Clock::default();
        for (number, second) in [(1, i64::MIN), (2, 0), (3, i64::MAX), (4, 5)] {
            clock.frame(number, Timestamp::new(second, 0), 7);
        }
        assert_eq!(clock.timeline().bytes.iter().sum::<u64>(), 28);
        assert!(clock.timeline().bytes.len() <= MOST_STEPS);
    }

    #[test]
    fn silences_of_a_minute_are_kept_the_longest_first() {
        let mut clock = Clock::default();
        for (number, second) in [(1, 0), (2, 59), (3, 120), (4, 100), (5, 1_320)] {
            clock.frame(number, Timestamp::new(second, 0), 1);
        }
        let gaps: Vec<(u64, u64)> = clock.gaps().iter().map(|gap| (gap.frame, gap.seconds)).collect();
        assert_eq!(gaps, [(3, 1_200), (2, 61)]);
    }
}
