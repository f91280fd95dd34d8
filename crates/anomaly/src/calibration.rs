//! Scores become chances: how likely is a score as high as this from a row that is like the rest?
//!
//! Split conformal prediction (Vovk, Gammerman, Shafer, "Algorithmic learning in a random world", 2005; for outliers Bates,
//! Candès, Lei, Romano, Sesia, "Testing for outliers with conformal p-values", Annals of Statistics 51, 2023): rows that
//! the detector was not fitted on are scored, and the p-value of a row is its rank among them. If those rows are like what
//! comes, a share of p of the usual rows has a p-value of at most p, whatever the detector does.
//!
//! A rank says nothing beyond one in as many rows as there were. There the tail is continued by a generalised Pareto
//! distribution (Pickands 1975; fitted by probability-weighted moments, Hosking and Wallis, Technometrics 29, 1987) that is no
//! thinner than exponential, where that says less than the rank; and past the highest score seen by one that falls no faster
//! than the scores as a whole do. So an end that a fit imagines makes no p-value nought, as it would in tables of a few kinds of
//! rows, whose scores lie close together.

/// Ranks count down to this many scores above; below, the fitted tail does.
const RANKS: usize = 20;

/// The tail is fitted to this share of the scores.
const TAIL: f64 = 0.1;

/// No p-value is smaller.
const LEAST: f64 = 1e-15;

/// More scores than this are kept as evenly spaced ones.
const MOST_KEPT: usize = 8_192;

/// Rows that a number counts without gaps.
const MOST_ROWS: f64 = (1_u64 << 53) as f64;

/// Scores of rows that the detector was not fitted on, and their tail.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Sorted. Where there were too many, the highest are all there, of the others every so many.
    pub(crate) scores: Vec<f64>,
    /// How many scores each of the kept ones stands for is the same but for the tail; this is how many rows lie at or above
    /// each.
    pub(crate) above: Vec<f64>,
    /// How many there were.
    pub(crate) rows: f64,
    tail: Tail,
}

/// A generalised Pareto distribution above a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tail {
    threshold: f64,
    scale: f64,
    shape: f64,
}

impl Tail {
    /// The chance of lying above `score`, given that the threshold was passed.
    fn beyond(&self, score: f64) -> f64 {
        let distance = (score - self.threshold).max(0.0) / self.scale;
        if self.shape.abs() < 1e-6 {
            (-distance).exp()
        } else {
            (1.0 + self.shape * distance).max(0.0).powf(-1.0 / self.shape)
        }
    }

    /// The rate at which an exponential tail of the same mean falls.
    fn rate(&self) -> f64 {
        (1.0 - self.shape) / self.scale
    }
}

impl Calibration {
    /// Calibrates by the scores of held-out rows. Without any every p-value is 1.
    pub fn of(scores: &[f64]) -> Self {
        let mut sorted: Vec<f64> = scores.iter().copied().filter(|score| score.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let rows = sorted.len() as f64;
        let (scores, above) = thin(&sorted);
        Self::from_parts(scores, above, rows)
    }

    fn from_parts(scores: Vec<f64>, above: Vec<f64>, rows: f64) -> Self {
        let tail = fit_tail(&scores, &above, rows);
        Self {
            scores,
            above,
            rows,
            tail,
        }
    }

    /// From what a file holds; the tail follows from it. `None` where it could not have been made.
    pub(crate) fn checked_from(scores: Vec<f64>, above: Vec<f64>, rows: f64) -> Option<Self> {
        let untailed = Self {
            scores,
            above,
            rows,
            tail: Tail::default(),
        };
        untailed
            .checked()
            .then(|| Self::from_parts(untailed.scores, untailed.above, rows))
    }

    /// How many rows it was made of.
    pub fn rows(&self) -> u64 {
        self.rows as u64
    }

    /// The chance that a usual row has a score of at least `score`. Falls with the score, and is never nought.
    pub fn p_value(&self, score: f64) -> f64 {
        if self.scores.is_empty() || score.is_nan() {
            return 1.0;
        }
        let at = self.scores.partition_point(|other| *other < score);
        let rank = (1.0 + self.above.get(at).copied().unwrap_or(0.0)) / (self.rows + 1.0);
        let Some(anchor) = self.anchor() else {
            return rank.min(1.0);
        };
        if score <= anchor.score {
            return rank.min(1.0);
        }
        let passed = anchor.chance / self.tail.beyond(anchor.score).max(LEAST);
        let highest = self.scores.last().copied().unwrap_or(0.0);
        // Of the two the smaller would come out too small on average, were the rank not given some room.
        let at_most = |score: f64| (passed * self.tail.beyond(score)).min(1.5 * rank);
        let chance = if score <= highest {
            at_most(score)
        } else {
            // Nothing was seen here.
            let as_exponential = (-(score - highest) * self.tail.rate().min(self.rate_of_all(highest))).exp();
            let as_fitted = self.tail.beyond(score) / self.tail.beyond(highest).max(LEAST);
            at_most(highest) * as_exponential.max(as_fitted)
        };
        chance.clamp(LEAST, anchor.chance.max(LEAST))
    }

    /// The rate at which chances fall from the middle score to the highest, on average.
    fn rate_of_all(&self, highest: f64) -> f64 {
        let middle = self.above.partition_point(|above| *above > self.rows / 2.0);
        let middle = self.scores.get(middle).copied().unwrap_or(highest);
        let width = highest - middle;
        if width > 0.0 {
            self.rows.max(2.0).ln() / width
        } else {
            f64::INFINITY
        }
    }

    /// The lowest score whose p-value is at most `p`.
    pub fn threshold(&self, p: f64) -> f64 {
        let Some(&highest) = self.scores.last() else {
            return f64::INFINITY;
        };
        let mut low = self.scores.first().copied().unwrap_or(highest);
        let width = (highest - low).abs().max(1.0);
        let mut high = highest + width;
        for doubling in 1..=60 {
            if self.p_value(high) <= p {
                break;
            }
            high = highest + width * f64::from(doubling).exp2();
        }
        if self.p_value(high) > p {
            return f64::INFINITY;
        }
        for _ in 0..200 {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if self.p_value(middle) <= p {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    /// Where ranks end and the tail begins, and the chance there; `None` where there are too few rows for a tail.
    fn anchor(&self) -> Option<Anchor> {
        if self.tail.scale <= 0.0 {
            return None;
        }
        // The highest kept score that enough others reach.
        let enough = |above: &f64| *above >= RANKS as f64;
        let at = self.above.partition_point(enough).checked_sub(1)?;
        let score = *self.scores.get(at)?;
        let chance = (1.0 + self.above.get(at)?) / (self.rows + 1.0);
        Some(Anchor {
            score: score.max(self.tail.threshold),
            chance: if score >= self.tail.threshold {
                chance
            } else {
                self.tail_share()
            },
        })
    }

    fn tail_share(&self) -> f64 {
        let at = self.scores.partition_point(|score| *score < self.tail.threshold);
        (1.0 + self.above.get(at).copied().unwrap_or(0.0)) / (self.rows + 1.0)
    }

    /// Whether it is one that could have been made.
    pub(crate) fn checked(&self) -> bool {
        self.scores.len() == self.above.len()
            && self.scores.len() <= 2 * MOST_KEPT
            && (0.0..=MOST_ROWS).contains(&self.rows)
            && self.scores.iter().all(|score| score.is_finite())
            && self.scores.is_sorted()
            && self.above.iter().all(|above| (0.0..=self.rows).contains(above))
            && self.above.iter().rev().is_sorted()
    }
}

struct Anchor {
    score: f64,
    chance: f64,
}

/// All of the highest scores, and of the others evenly spaced ones, each with the number of scores at or above it.
fn thin(sorted: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let count = sorted.len();
    let every = count.div_ceil(MOST_KEPT).max(1);
    let tail = count - MOST_KEPT.min(count);
    let kept = sorted
        .iter()
        .enumerate()
        .filter(|(at, _)| *at >= tail || at % every == 0);
    kept.map(|(_, score)| {
        // Of equal scores all lie at or above each.
        let first = sorted.partition_point(|other| other < score);
        (*score, (count - first) as f64)
    })
    .unzip()
}

/// Fits the tail to the highest scores. Too few, or all alike: none.
fn fit_tail(scores: &[f64], above: &[f64], rows: f64) -> Tail {
    let wanted = (rows * TAIL).max(RANKS as f64).min(2_000.0);
    let begin = above.partition_point(|above| *above > wanted);
    let (Some(&threshold), Some(highest)) = (scores.get(begin.saturating_sub(1)), scores.get(begin..)) else {
        return Tail::default();
    };
    let excesses: Vec<f64> = highest
        .iter()
        .map(|score| score - threshold)
        .filter(|excess| *excess > 0.0)
        .collect();
    let count = excesses.len() as f64;
    if excesses.len() < 10 {
        return Tail::default();
    }
    let mean: f64 = excesses.iter().map(|excess| excess / count).sum();
    let places = (1..).map(|place| (f64::from(place) - 0.35) / count);
    let weighted: f64 = excesses
        .iter()
        .zip(places)
        .map(|(excess, place)| (1.0 - place) * excess / count)
        .sum();
    let denominator = mean - 2.0 * weighted;
    if mean <= 0.0 || denominator.abs() < 1e-12 * mean || !denominator.is_finite() {
        return Tail::default();
    }
    // Few excesses say little about the shape: between what they say and an exponential tail, by how many there are.
    let shape = (2.0 - mean / denominator).clamp(0.0, 0.9) * count / (count + 20.0);
    // The mean of the distribution is its scale over one minus its shape: what the clamp moved, the scale makes good.
    let scale = mean * (1.0 - shape);
    if scale > 0.0 && scale.is_finite() {
        Tail {
            threshold,
            scale,
            shape,
        }
    } else {
        Tail::default()
    }
}

/// How many alarms are wanted, in place of a share of rows that are called anomalous whatever they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// Of what is raised, at most this share is expected to be false (Benjamini and Hochberg, Journal of the Royal Statistical
    /// Society B 57, 1995; for conformal p-values shown by Bates and others).
    FalseShare(f64),
    /// At most so many false alarms are expected in a day that brings so many rows.
    PerDay {
        /// False alarms a day.
        alarms: f64,
        /// Rows a day.
        rows: f64,
    },
    /// Rows with at most this p-value.
    Chance(f64),
}

impl Budget {
    /// The highest p-value that is raised among `p_values`; 0 where none is.
    pub fn limit(&self, p_values: &[f64]) -> f64 {
        match *self {
            Self::Chance(chance) => chance,
            Self::PerDay { alarms, rows } if rows > 0.0 => (alarms / rows).clamp(0.0, 1.0),
            Self::PerDay { .. } => 0.0,
            Self::FalseShare(share) => {
                let mut sorted = p_values.to_vec();
                sorted.sort_unstable_by(f64::total_cmp);
                let count = sorted.len() as f64;
                let raised = (1..)
                    .zip(&sorted)
                    .filter(|(rank, p)| **p <= share * f64::from(*rank) / count);
                raised.last().map_or(0.0, |(_, p)| *p)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Calibration};
    use crate::random::Random;

    /// Scores with an exponential tail.
    fn exponential(count: usize, seed: u64) -> Vec<f64> {
        let mut random = Random::of(seed, 0);
        (0..count).map(|_| -(1.0 - random.unit()).ln()).collect()
    }

    #[test]
    fn a_rank_is_a_p_value() {
        let scores: Vec<f64> = (0..1_000).map(f64::from).collect();
        let calibration = Calibration::of(&scores);
        assert_eq!(calibration.p_value(-1.0), 1.0);
        assert!((calibration.p_value(500.0) - 501.0 / 1_001.0).abs() < 1e-9);
    }

    #[test]
    fn what_lies_just_past_the_highest_is_no_wonder() {
        // An end, and before it gaps: as rows of a few kinds have them.
        let scores: Vec<f64> = (0..20_000).map(|row| f64::from(row % 400).sqrt()).collect();
        let calibration = Calibration::of(&scores);
        let highest = 399_f64.sqrt();
        assert!(calibration.p_value(highest) >= 50.0 / 20_001.0);
        assert!(calibration.p_value(highest + 0.3) > 0.25 / 20_001.0);
        assert!(calibration.p_value(highest + 20.0) < 0.01 / 20_001.0);
    }

    #[test]
    fn p_values_fall_with_the_score_and_stay_above_nought() {
        for scores in [
            exponential(50, 1),
            exponential(3_000, 2),
            exponential(40_000, 3),
            vec![1.0; 500],
            vec![1.0, 2.0],
        ] {
            let calibration = Calibration::of(&scores);
            let p: Vec<f64> = (0..4_000)
                .map(|step| calibration.p_value(f64::from(step) * 0.01))
                .collect();
            assert!(
                p.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-9)),
                "{:?}",
                p.windows(2).find(|pair| pair[1] > pair[0])
            );
            assert!(p.iter().all(|p| *p > 0.0 && *p <= 1.0));
            assert!(calibration.checked());
        }
    }

    #[test]
    fn beyond_what_was_seen_the_tail_goes_on() {
        let mut worst: f64 = 0.0;
        for seed in 0..20 {
            let p = Calibration::of(&exponential(2_000, seed)).p_value(12.0);
            worst = worst.max((p.ln() + 12.0).abs());
        }
        // A chance of 6 in a million from 2,000 scores: within a factor of some hundred, and by no means nought.
        assert!(worst < 5.5, "{worst}");
    }

    #[test]
    fn clean_data_is_flagged_as_often_as_the_chance_says() {
        for count in [300, 1_000, 20_000] {
            let (mut flagged, mut all) = (0_u32, 0_u32);
            for seed in 0..60 {
                let calibration = Calibration::of(&exponential(count, seed));
                let fresh = exponential(1_000, 1_000 + seed);
                flagged += fresh
                    .iter()
                    .filter(|score| calibration.p_value(**score) <= 0.01)
                    .count() as u32;
                all += 1_000;
            }
            let share = f64::from(flagged) / f64::from(all);
            assert!((0.008..=0.012).contains(&share), "{count}: {share}");
        }
    }

    #[test]
    fn a_threshold_is_where_the_p_value_is_reached() {
        let calibration = Calibration::of(&exponential(5_000, 4));
        for p in [0.3, 0.01, 1e-6] {
            let threshold = calibration.threshold(p);
            assert!(
                calibration.p_value(threshold) <= p && calibration.p_value(threshold * 0.999 - 1e-9) > p * 0.98,
                "{p}"
            );
        }
    }

    #[test]
    fn a_budget_says_how_low_a_p_value_must_be() {
        let mut p: Vec<f64> = (1..=98).map(|n| f64::from(n) / 98.0).collect();
        p.extend([1e-6, 1e-5]);
        assert_eq!(Budget::FalseShare(0.1).limit(&p), 1e-5);
        assert_eq!(Budget::FalseShare(1e-9).limit(&p), 0.0);
        assert_eq!(Budget::PerDay { alarms: 5.0, rows: 1e6 }.limit(&p), 5e-6);
    }
}
