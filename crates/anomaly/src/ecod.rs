//! How far out in the tails of each column a row lies, by counting alone.
//!
//! ECOD after Li, Zhao, Hu, Botta, Ionescu, Chen ("ECOD: unsupervised outlier detection using empirical cumulative
//! distribution functions", IEEE TKDE 2022): the logarithms of the chances of both tails, of each column the one that counts
//! more, and where it is skewed the longer one; summed over columns. As in PyOD the largest of the three is taken in each
//! column before summing. Nothing is chosen and nothing is random, but for the sample that stands for very long tables.

use crate::parallel;
use crate::random::Random;
use crate::rows::Rows;

/// Of longer tables, a sample of as many rows is kept.
const MOST_KEPT: usize = 16_384;

/// The sorted values of every column.
#[derive(Clone, Debug, PartialEq)]
pub struct Ecod {
    pub(crate) columns: Vec<Tails>,
}

/// What one column's values were.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tails {
    /// Sorted, finite.
    pub(crate) values: Vec<f64>,
    /// The third moment's sign: below 0 the left tail is the longer one.
    pub(crate) skew: f64,
}

impl Ecod {
    /// Sorts the columns of `rows`, or of a sample of them drawn by `seed`.
    pub fn fit(rows: Rows<'_>, seed: u64, threads: usize) -> Self {
        let sample = Random::of(seed, 0).sample(rows.len(), MOST_KEPT);
        let columns = parallel::each(threads, rows.columns(), |column| {
            let value = |&at: &usize| rows.row(at).get(column).copied();
            Tails::of(sample.iter().filter_map(value).collect())
        });
        Self { columns }
    }

    /// The sum over columns of minus the logarithm of the tail's chance. Empty for rows of other columns.
    pub fn score(&self, rows: Rows<'_>, threads: usize) -> Vec<f64> {
        if rows.columns() != self.columns.len() {
            return Vec::new();
        }
        let mut scores = vec![0.0; rows.len()];
        parallel::fill(threads, rows, &mut scores, 1, |rows, scores| {
            for (row, score) in rows.iter().zip(scores) {
                *score = self.parts(row).sum();
            }
        });
        scores
    }

    /// What each column adds to the score of `row`.
    pub fn parts(&self, row: &[f64]) -> impl Iterator<Item = f64> {
        self.columns.iter().zip(row).map(|(column, value)| column.part(*value))
    }

    /// The share of the fitted values of `column` that are at most `value`; `None` past the last column.
    pub fn share_below(&self, column: usize, value: f64) -> Option<f64> {
        let values = &self.columns.get(column)?.values;
        let below = values.partition_point(|other| *other <= value);
        Some(below as f64 / values.len().max(1) as f64)
    }

    /// The value of `column` below which `part` of the fitted values lie.
    pub fn quantile(&self, column: usize, part: f64) -> Option<f64> {
        crate::scale::quantile(&self.columns.get(column)?.values, part)
    }

    /// The values of both. `None` where the numbers of columns differ. Past the bound of kept values, evenly spaced ones
    /// are.
    pub fn merge(&self, other: &Self) -> Option<Self> {
        if self.columns.len() != other.columns.len() {
            return None;
        }
        let both = self.columns.iter().zip(&other.columns);
        let columns = both.map(|(one, other)| Tails::of(one.values.iter().chain(&other.values).copied().collect()));
        Some(Self {
            columns: columns.collect(),
        })
    }

    /// Whether everything in it fits together.
    pub(crate) fn checked(&self) -> bool {
        self.columns.iter().all(|column| {
            column.skew.is_finite() && column.values.iter().all(|value| value.is_finite()) && column.values.is_sorted()
        })
    }
}

impl Tails {
    fn of(mut values: Vec<f64>) -> Self {
        values.retain(|value| value.is_finite());
        values.sort_unstable_by(f64::total_cmp);
        if values.len() > MOST_KEPT {
            let every = values.len() as f64 / MOST_KEPT as f64;
            let at = |number: usize| values.get(((number as f64 + 0.5) * every) as usize).copied();
            values = (0..MOST_KEPT).filter_map(at).collect();
        }
        let count = values.len().max(1) as f64;
        let mean: f64 = values.iter().map(|value| value / count).sum();
        let widest = values.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
        // Divided by the widest, so that no cube overflows: only the sign matters.
        let skew: f64 = values.iter().map(|value| ((value - mean) / widest).powi(3)).sum();
        Self {
            values,
            skew: if skew.is_finite() { skew } else { 0.0 },
        }
    }

    /// The larger of both tails and of the one that skew prefers; nothing for what is missing.
    fn part(&self, value: f64) -> f64 {
        if !value.is_finite() || self.values.is_empty() {
            return 0.0;
        }
        let count = self.values.len() as f64;
        let up_to = self.values.partition_point(|other| *other <= value) as f64;
        let below = self.values.partition_point(|other| *other < value) as f64;
        // What is beyond everything seen is as rare as one more than all of it.
        let left = -(up_to.max(0.5) / count).ln();
        let right = -((count - below).max(0.5) / count).ln();
        let longer = if self.skew < 0.0 { left } else { right };
        left.max(right).max(longer)
    }
}

#[cfg(test)]
mod tests {
    use super::Ecod;
    use crate::rows::Rows;

    #[test]
    fn a_tail_is_the_logarithm_of_a_count() {
        let values = [1.0, 2.0, 3.0, 4.0];
        let rows = Rows::new(&values, 1).unwrap();
        let scores = Ecod::fit(rows, 0, 1).score(rows, 1);
        let expected = [(4.0_f64).ln(), (2.0_f64).ln(), (2.0_f64).ln(), (4.0_f64).ln()];
        for (score, expected) in scores.iter().zip(expected) {
            assert!((score - expected).abs() < 1e-12, "{scores:?}");
        }
    }

    #[test]
    fn what_lies_beyond_everything_scores_more_than_anything_seen() {
        let values: Vec<f64> = (0..200).flat_map(|n| [f64::from(n), f64::from(n % 7)]).collect();
        let rows = Rows::new(&values, 2).unwrap();
        let ecod = Ecod::fit(rows, 0, 2);
        let far = ecod.parts(&[1e9, 3.0]).collect::<Vec<_>>();
        let seen = ecod.score(rows, 2).into_iter().fold(0.0, f64::max);
        assert!(
            far[0] > far[1] && far.iter().sum::<f64>() > seen - 2.0,
            "{far:?} {seen}"
        );
        assert_eq!(ecod.parts(&[f64::NAN, f64::INFINITY]).sum::<f64>(), 0.0);
    }

    #[test]
    fn merging_halves_is_fitting_the_whole() {
        let values: Vec<f64> = (0..1_000).map(|n| f64::from(n * n % 613)).collect();
        let of = |values: &[f64]| Ecod::fit(Rows::new(values, 2).unwrap(), 0, 1);
        let (one, other) = values.split_at(400);
        assert_eq!(of(one).merge(&of(other)).unwrap(), of(&values));
    }
}
