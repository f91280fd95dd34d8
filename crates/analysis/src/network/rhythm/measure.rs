//! How regular a series is, in words and points.
//!
//! | part | share | full points | none |
//! |---|---|---|---|
//! | intervals: how far half of them stray from the usual one | 35 | 15 % or less | 40 % or more |
//! | floor: how many are shorter than half of it, with what few of them leave open | 25 | none | a quarter |
//! | presence: stretches of four intervals in which something happened | 15 | 90 % | 40 % |
//! | sizes: how many are as large as most, both ways | 10 | 90 % | 20 % |
//! | volume: bytes both ways | 5 | 20 kB or less | 1 MB or more |
//! | coverage: how much of the capture it goes on | 5 | half | nothing |
//! | count: how many there are | 5 | 30 | 6 |
//!
//! The score is never more than 35 above the weakest of the first three.
//!
//! A timer waits, whatever its jitter is; a person opens a page and then three more. So the floor tells both apart where
//! intervals vary by 40 %, and it does not suffer where some are left out: those that are missing make intervals longer, never
//! shorter. Intervals across a silence of the whole capture count as none.
//!
//! Numbers are whole, in nanoseconds and thousandths, so that they are the same on every machine.

use super::series::{Occurrence, Series};
use watchfire_model::Timestamp;
use watchfire_model::network::{Gap, RhythmPart};

/// Nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;
/// Connections that begin within so many nanoseconds of the one before are the same occasion: pages need several, and so do
/// programs that ask first and answer then. With it, how many times as long the usual interval has to be: what is put
/// together leaves no short intervals, and chance alone would look like a timer.
const TOGETHER: [(u64, u64); 3] = [(SECOND, 4), (5 * SECOND, 12), (15 * SECOND, 12)];
/// Where the usual interval is looked for first: at this part of all in their order. Where many reports are missing, the middle
/// is already twice the usual one.
const GUESSES: [usize; 2] = [2, 4];
/// Intervals that it takes to tell anything.
pub(super) const LEAST: usize = 7;
/// Hundredths of all intervals that are one and not several.
const SINGLES: usize = 40;
/// A silence counts if it is so many times as long as the usual interval: in a capture of one host alone, any interval is one.
const ABOVE_INTERVAL: u64 = 3;
/// Intervals of a stretch that should have something in it.
const STRETCH: u64 = 4;

/// How much more the score may be than the points of the weakest of the first three parts.
const ABOVE_WEAKEST: u32 = 35;

/// How many short intervals more there might have been, in thousandths of one.
const LEFT_OPEN: u64 = 1_500;

/// Shares of the parts, in hundredths.
const SHARES: [(&str, u8); 7] = [
    ("intervals", 35),
    ("floor", 25),
    ("presence", 15),
    ("sizes", 10),
    ("volume", 5),
    ("coverage", 5),
    ("count", 5),
];

/// A time without any frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Silence {
    from: Timestamp,
    to: Timestamp,
}

impl Silence {
    pub(super) fn of(gap: &Gap) -> Self {
        let length = i64::try_from(gap.seconds.saturating_mul(SECOND)).unwrap_or(i64::MAX);
        Self {
            from: gap.from,
            to: Timestamp::from_nanoseconds(gap.from.nanoseconds().saturating_add(length)),
        }
    }

    fn length(&self) -> u64 {
        self.to.since(self.from)
    }

    /// How much of it lies between two instants.
    fn within(&self, from: Timestamp, to: Timestamp) -> u64 {
        self.to.min(to).since(self.from.max(from))
    }
}

/// What was measured.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    /// Occasions.
    pub(super) count: u64,
    /// Nanoseconds.
    pub(super) interval: u64,
    /// Thousandths.
    pub(super) jitter: u32,
    /// Thousandths.
    pub(super) missing: u32,
    pub(super) score: u8,
    pub(super) parts: Vec<RhythmPart>,
}

/// Measures a series; nothing where there is too little of it. What counts as one occasion is chosen so that the most regular
/// ones come out.
pub(super) fn measure(series: &Series, capture: (Timestamp, Timestamp), silences: &[Silence]) -> Option<Measured> {
    if series.size() <= LEAST {
        return None;
    }
    let kept = series.kept();
    let mut best: Option<Measured> = None;
    for (together, times) in TOGETHER {
        let occasions = occasions(&kept, together);
        let occasions = Occasions {
            series,
            all: &occasions,
            silences,
            least: together.saturating_mul(times),
        };
        for part in GUESSES {
            let measured = occasions.measure(capture, part);
            best = match (best, measured) {
                (Some(best), Some(other)) if other.score > best.score => Some(other),
                (best, other) => best.or(other),
            };
        }
    }
    best
}

/// One occasion of everything that begins within so many nanoseconds of what was before.
fn occasions(kept: &[Occurrence], together: u64) -> Vec<Occurrence> {
    let mut occasions: Vec<Occurrence> = Vec::with_capacity(kept.len());
    let mut before = None;
    for one in kept {
        match (occasions.last_mut(), before) {
            (Some(last), Some(before)) if one.time.since(before) < together => {
                last.sent = last.sent.saturating_add(one.sent);
                last.received = last.received.saturating_add(one.received);
            }
            _ => occasions.push(*one),
        }
        before = Some(one.time);
    }
    occasions
}

struct Occasions<'o> {
    series: &'o Series,
    all: &'o [Occurrence],
    silences: &'o [Silence],
    /// How long the usual interval is at least.
    least: u64,
}

impl Occasions<'_> {
    fn measure(&self, (begins, ends): (Timestamp, Timestamp), guess: usize) -> Option<Measured> {
        let rough = usual(&self.intervals(&[]), guess)?;
        let silences: Vec<Silence> = self
            .silences
            .iter()
            .filter(|silence| silence.length() >= rough.saturating_mul(ABOVE_INTERVAL))
            .copied()
            .collect();
        let intervals = self.intervals(&silences);
        if intervals.len() < LEAST {
            return None;
        }
        let usual = usual(&intervals, guess)?;
        let singles = singles(&intervals, usual);
        let is_told = singles.len() >= LEAST && singles.len() * 100 >= intervals.len() * SINGLES;
        if !is_told || usual < self.least {
            return None;
        }
        let (first, last) = (self.all.first()?.time, self.all.last()?.time);
        let silent = |from, to| silences.iter().map(|silence| silence.within(from, to)).sum::<u64>();
        let capture = ends.since(begins).saturating_sub(silent(begins, ends));
        let lasts = last.since(first).saturating_sub(silent(first, last));
        let (jitter, missing) = (strays(singles, usual).saturating_mul(2), missing(&intervals, usual));
        let count = self.all.len() as u64;
        let parts = [
            spread(usual, jitter),
            floor(singles, usual),
            self.presence(usual, &silences),
            self.sizes()?,
            self.volume()?,
            coverage(lasts, capture, last.since(first)),
            (rise(count, 6, 30), format!("{count} connections")),
        ];
        let parts: Vec<RhythmPart> = SHARES
            .iter()
            .zip(parts)
            .map(|((name, share), (points, said))| RhythmPart {
                name,
                points,
                share: *share,
                said,
            })
            .collect();
        let sum: u32 = parts
            .iter()
            .map(|part| u32::from(part.points) * u32::from(part.share))
            .sum();
        // What is of the same size is no timer for that.
        let weakest = parts.iter().take(3).map(|part| u32::from(part.points)).min();
        let most = weakest.unwrap_or_default() + ABOVE_WEAKEST;
        Some(Measured {
            count,
            interval: usual,
            jitter,
            missing,
            score: u8::try_from((sum / 100).min(most)).unwrap_or(100),
            parts,
        })
    }

    /// Times between two that follow one another, in order of length.
    fn intervals(&self, silences: &[Silence]) -> Vec<u64> {
        let pairs = self.all.windows(2).filter_map(|pair| match pair {
            [one, next] => Some((one.time, next.time)),
            _ => None,
        });
        let told = pairs.filter(|(one, next)| {
            let is_silent = silences.iter().any(|silence| silence.within(*one, *next) > 0);
            !is_silent && self.series.is_whole(*one, *next)
        });
        let mut intervals: Vec<u64> = told.map(|(one, next)| next.since(one)).collect();
        intervals.sort_unstable();
        intervals
    }

    /// Stretches in which there was something, of those between the first and the last that the capture saw.
    fn presence(&self, usual: u64, silences: &[Silence]) -> (u8, String) {
        let stretch = usual.saturating_mul(STRETCH).max(1);
        let Some(first) = self.all.first().map(|one| one.time) else {
            return (0, String::new());
        };
        let (mut there, mut all) = (0_u64, 0_u64);
        let mut before = None;
        for one in self.all {
            let at = one.time.since(first) / stretch;
            if before == Some(at) {
                continue;
            }
            there += 1;
            all += 1;
            if let Some(before) = before {
                let edge = |number: u64| {
                    let nanoseconds = i64::try_from(number.saturating_mul(stretch)).unwrap_or(i64::MAX);
                    Timestamp::from_nanoseconds(first.nanoseconds().saturating_add(nanoseconds))
                };
                let (from, to) = (edge(before + 1), edge(at));
                let silent: u64 = silences.iter().map(|silence| silence.within(from, to)).sum();
                if self.series.is_whole(from, to) {
                    all += to.since(from).saturating_sub(silent) / stretch;
                }
            }
            before = Some(at);
        }
        let share = there * 1_000 / all.max(1);
        let said = format!("something in {} % of all {}", share / 10, length(stretch));
        (rise(share, 400, 900), said)
    }

    /// How many are as large as most.
    fn sizes(&self) -> Option<(u8, String)> {
        let (sent, received) = self.middle()?;
        let is_near = |one: u32, usual: u32| one.abs_diff(usual) <= (usual / 8).max(64);
        let near = self
            .all
            .iter()
            .filter(|one| is_near(one.sent, sent) && is_near(one.received, received))
            .count() as u64;
        let share = near * 1_000 / (self.all.len() as u64).max(1);
        Some((rise(share, 200, 900), format!("{} % of the same size", share / 10)))
    }

    /// How much is said each time.
    fn volume(&self) -> Option<(u8, String)> {
        let (sent, received) = self.middle()?;
        let both = u64::from(sent) + u64::from(received);
        let said = format!("mostly {} out and {} in", bytes(sent), bytes(received));
        Some((fall(both, 20_000, 1_000_000), said))
    }

    /// Bytes that are sent and received mostly.
    fn middle(&self) -> Option<(u32, u32)> {
        let median = |of: fn(&Occurrence) -> u32| {
            let mut sizes: Vec<u32> = self.all.iter().map(of).collect();
            sizes.sort_unstable();
            sizes.get(sizes.len() / 2).copied()
        };
        Some((median(|one| one.sent)?, median(|one| one.received)?))
    }
}

/// The usual interval: the middle of those that are one, and not several because some in between are missing.
fn usual(sorted: &[u64], guess: usize) -> Option<u64> {
    let mut usual = *sorted.get(sorted.len() / guess)?;
    for _ in 0..3 {
        let below = sorted.partition_point(|interval| *interval <= usual.saturating_add(usual / 2));
        usual = *sorted.get(below / 2)?;
    }
    Some(usual)
}

/// Those of `sorted` that are one interval, and not several because some in between are missing.
fn singles(sorted: &[u64], usual: u64) -> &[u64] {
    let end = sorted.partition_point(|interval| *interval <= usual.saturating_add(usual / 4 * 3));
    sorted.get(..end).unwrap_or_default()
}

/// The middle of how far they stray, in thousandths of the usual interval.
fn strays(intervals: &[u64], usual: u64) -> u32 {
    let mut strays: Vec<u64> = intervals.iter().map(|interval| interval.abs_diff(usual)).collect();
    strays.sort_unstable();
    let middle = strays.get(strays.len() / 2).copied().unwrap_or_default();
    u32::try_from(thousandths(middle, usual)).unwrap_or(u32::MAX)
}

fn thousandths(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 1_000 / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

fn missing(intervals: &[u64], usual: u64) -> u32 {
    let half = usual / 2;
    let expected: u64 = intervals
        .iter()
        .map(|interval| (interval.saturating_add(half) / usual.max(1)).max(1))
        .sum();
    let missing = expected.saturating_sub(intervals.len() as u64);
    u32::try_from(thousandths(missing, expected)).unwrap_or(u32::MAX)
}

fn spread(usual: u64, jitter: u32) -> (u8, String) {
    let said = format!("every {}, jitter {} %", length(usual), (jitter + 5) / 10);
    (fall(u64::from(jitter), 300, 800), said)
}

/// How many are much shorter than usual. Of few, chance may have left out what is short: some are added to them.
fn floor(intervals: &[u64], usual: u64) -> (u8, String) {
    let short = intervals.partition_point(|interval| *interval < usual / 2) as u64;
    let all = intervals.len() as u64;
    let said = match short {
        0 => "none comes much too early".to_owned(),
        _ => format!("{} % come much too early", (short * 100).div_ceil(all.max(1))),
    };
    (fall((short * 1_000 + LEFT_OPEN) / (all + 1), 0, 250), said)
}

fn coverage(lasts: u64, capture: u64, shown: u64) -> (u8, String) {
    (rise(thousandths(lasts, capture), 0, 500), length(shown))
}

/// From 0 at `none` to 100 at `full` and above.
fn rise(value: u64, none: u64, full: u64) -> u8 {
    let above = value.saturating_sub(none).saturating_mul(100);
    u8::try_from(above / full.saturating_sub(none).max(1))
        .unwrap_or(100)
        .min(100)
}

/// From 100 at `full` and below to 0 at `none`.
fn fall(value: u64, full: u64, none: u64) -> u8 {
    100 - rise(value, full, none)
}

/// A length of time as people say it: `60 s`, `5 min`, `3 h 58 min`.
pub(crate) fn length(nanoseconds: u64) -> String {
    let tenths = (nanoseconds + SECOND / 20) / (SECOND / 10);
    let seconds = (nanoseconds + SECOND / 2) / SECOND;
    let minutes = (seconds + 30) / 60;
    match seconds {
        0..10 if !tenths.is_multiple_of(10) => format!("{}.{} s", tenths / 10, tenths % 10),
        0..120 => format!("{seconds} s"),
        120..600 if !seconds.is_multiple_of(60) => format!("{} min {} s", seconds / 60, seconds % 60),
        120..3_600 if minutes < 60 => format!("{minutes} min"),
        _ if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

fn bytes(number: u32) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{}.{} kB", number / 1_000, number % 1_000 / 100),
        _ => format!("{}.{} MB", number / 1_000_000, number % 1_000_000 / 100_000),
    }
}
