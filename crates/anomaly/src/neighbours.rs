//! How far the nearest of a few random rows is, over many such few.
//!
//! After Pang, Ting, Albrecht ("LeSiNN: detecting anomalies by identifying least similar nearest neighbours", ICDM workshops
//! 2015) and Sugiyama, Borgwardt ("Rapid distance-based outlier detection via sampling", NIPS 2013): the mean distance to
//! the nearest row of many small samples. Anomalies that come in groups are seldom in a sample of sixteen, so that they do
//! not vouch for one another, as they do in k-nearest-neighbours over all rows; and a row costs the same whatever the table's
//! length. Distances are sums of absolute differences, in which one column that is far out counts less than in Euclid's.

#![expect(
    clippy::indexing_slicing,
    reason = "samples lie in one array of a length that `checked` holds; the tests measure by another way"
)]

use crate::parallel;
use crate::random::Random;
use crate::rows::Rows;
use crate::scale::Scale;

/// Rows of a sample: as many as are compared at once.
pub(crate) const SAMPLE: usize = 16;

/// Samples of rows, and how to look into them.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbours {
    pub(crate) scale: Scale,
    pub(crate) samples: Vec<Sample>,
}

/// One sample, column by column: [`SAMPLE`] numbers of the first column, then of the second.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// Seed and number: equal for equal samples.
    pub(crate) id: (u64, u32),
    pub(crate) values: Vec<f32>,
    /// Which rows they were, so that a row is not taken for its own neighbour.
    pub(crate) rows: Vec<u32>,
}

/// Whether the rows that are asked about are those that samples were drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The rows of the fit, in their order: none is its own neighbour.
    Fitted,
    /// Any others.
    Others,
}

impl Neighbours {
    /// Draws `samples` samples from `rows`, on `scale`.
    pub fn fit(rows: Rows<'_>, scale: Scale, samples: u32, seed: u64, threads: usize) -> Self {
        let samples = parallel::each(threads, samples as usize, |number| {
            let mut random = Random::of(seed, number as u64);
            // Every other sample is half as large: of anomalies in larger groups, fewer samples have one.
            let size = if number % 2 == 0 { SAMPLE } else { SAMPLE / 2 };
            Sample::of(rows, &scale, &random.sample(rows.len(), size), (seed, number as u32))
        });
        Self { scale, samples }
    }

    /// The number of columns that rows must have.
    pub fn columns(&self) -> usize {
        self.scale.columns()
    }

    /// The mean distance of each row to the nearest of each sample, in spreads summed over columns. Empty for rows of other
    /// columns.
    pub fn score(&self, rows: Rows<'_>, asked: Asked, threads: usize) -> Vec<f64> {
        if rows.columns() != self.columns() {
            return Vec::new();
        }
        // Rows know their place only when they come with it.
        let mut scores: Vec<f64> = (0..rows.len()).map(|at| at as f64).collect();
        parallel::fill(threads, rows, &mut scores, 1, |rows, scores| {
            self.look(rows, asked, scores)
        });
        scores
    }

    /// Replaces the places in `scores` by the scores of the rows there.
    fn look(&self, rows: Rows<'_>, asked: Asked, scores: &mut [f64]) {
        let mut scaled = vec![0.0; self.columns()];
        for (row, score) in rows.iter().zip(scores) {
            let own = match asked {
                Asked::Fitted => Some(*score as u32),
                Asked::Others => None,
            };
            self.scale.apply(row, &mut scaled);
            *score = self.distance(&scaled, own);
        }
    }

    fn distance(&self, scaled: &[f32], own: Option<u32>) -> f64 {
        let mut sum = 0.0_f32;
        for sample in &self.samples {
            sum += sample.nearest(scaled, own);
        }
        f64::from(sum) / self.samples.len().max(1) as f64
    }

    /// How much each column adds to the score of `row`: they add up to it. Empty for a row of other columns.
    pub fn credits(&self, row: &[f64]) -> Vec<f64> {
        let columns = self.columns();
        if row.len() != columns {
            return Vec::new();
        }
        let mut scaled = vec![0.0; columns];
        self.scale.apply(row, &mut scaled);
        let mut credits = vec![0.0; columns];
        for sample in &self.samples {
            let nearest = sample.place_of_nearest(&scaled);
            for ((credit, value), others) in credits.iter_mut().zip(&scaled).zip(sample.values.chunks_exact(SAMPLE)) {
                *credit += f64::from((value - others[nearest]).abs());
            }
        }
        for credit in &mut credits {
            *credit /= self.samples.len().max(1) as f64;
        }
        credits
    }

    /// The samples of both, each once, in the order of their seeds. `None` where their scales differ.
    pub fn merge(&self, other: &Self) -> Option<Self> {
        if self.scale != other.scale {
            return None;
        }
        let mut samples: Vec<Sample> = self.samples.iter().chain(&other.samples).cloned().collect();
        samples.sort_by_key(|sample| sample.id);
        samples.dedup_by_key(|sample| sample.id);
        Some(Self {
            scale: self.scale.clone(),
            samples,
        })
    }

    /// Whether everything in it fits together.
    pub(crate) fn checked(&self) -> bool {
        let whole = self.columns() * SAMPLE;
        let sound = |sample: &Sample| {
            sample.values.len() == whole
                && sample.rows.len() == SAMPLE
                && sample.values.iter().all(|value| value.is_finite())
        };
        self.scale.checked() && self.samples.iter().all(sound)
    }
}

impl Sample {
    /// The rows `drawn` of `rows`. Of fewer than [`SAMPLE`], some come again; of none, the centre does.
    pub(crate) fn of(rows: Rows<'_>, scale: &Scale, drawn: &[usize], id: (u64, u32)) -> Self {
        let columns = rows.columns();
        let mut sample = Self {
            id,
            values: vec![0.0; columns * SAMPLE],
            rows: vec![u32::MAX; SAMPLE],
        };
        let mut scaled = vec![0.0; columns];
        for (lane, &at) in drawn.iter().cycle().take(SAMPLE).enumerate() {
            scale.apply(rows.row(at), &mut scaled);
            for (column, value) in scaled.iter().enumerate() {
                sample.values[column * SAMPLE + lane] = *value;
            }
            sample.rows[lane] = u32::try_from(at).unwrap_or(u32::MAX);
        }
        sample
    }

    /// How far each row of the sample is.
    #[inline]
    fn distances(&self, row: &[f32]) -> [f32; SAMPLE] {
        let mut distances = [0.0_f32; SAMPLE];
        for (value, others) in row.iter().zip(self.values.as_chunks::<SAMPLE>().0) {
            for (distance, other) in distances.iter_mut().zip(others) {
                *distance += (value - other).abs();
            }
        }
        distances
    }

    /// How far the nearest row is that is not `own`; 0 where there is no other.
    #[inline]
    fn nearest(&self, row: &[f32], own: Option<u32>) -> f32 {
        let mut least = self.distances(row);
        if own.is_some_and(|own| self.rows.contains(&own)) {
            for (distance, other) in least.iter_mut().zip(&self.rows) {
                if Some(*other) == own {
                    *distance = f32::INFINITY;
                }
            }
        }
        // Halves at a time, which takes four steps where one after another takes sixteen.
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                let other = least[lane + half];
                if other < least[lane] {
                    least[lane] = other;
                }
            }
        }
        let [nearest, ..] = least;
        if nearest == f32::INFINITY { 0.0 } else { nearest }
    }

    /// Which row is the nearest, the first of equals.
    fn place_of_nearest(&self, row: &[f32]) -> usize {
        let distances = self.distances(row);
        let lanes = distances.iter().enumerate();
        lanes
            .min_by(|one, other| one.1.total_cmp(other.1))
            .map_or(0, |(lane, _)| lane)
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Neighbours, SAMPLE};
    use crate::random::Random;
    use crate::rows::Rows;
    use crate::scale::{Scale, Spread};

    fn cloud(rows: usize, columns: usize) -> Vec<f64> {
        let mut random = Random::of(5, 1);
        (0..rows * columns).map(|_| random.normal()).collect()
    }

    /// The same by looking at every row of every sample.
    fn naive(of: &Neighbours, row: &[f64], own: Option<u32>) -> f64 {
        let mut scaled = vec![0.0; row.len()];
        of.scale.apply(row, &mut scaled);
        let nearest = of.samples.iter().map(|sample| {
            let distance = |lane: usize| {
                let columns = scaled.iter().enumerate();
                columns
                    .map(|(column, value)| (value - sample.values[column * SAMPLE + lane]).abs())
                    .sum::<f32>()
            };
            let lanes = (0..SAMPLE).filter(|&lane| own != Some(sample.rows[lane]));
            lanes.map(distance).fold(f32::INFINITY, f32::min)
        });
        f64::from(nearest.sum::<f32>()) / of.samples.len() as f64
    }

    #[test]
    fn sixteen_at_once_are_sixteen_one_by_one() {
        let values = cloud(700, 7);
        let rows = Rows::new(&values, 7).unwrap();
        let fitted = Neighbours::fit(rows, Scale::of(rows, Spread::Robust, 0), 20, 4, 1);
        for (asked, threads) in [(Asked::Fitted, 1), (Asked::Others, 3)] {
            let scores = fitted.score(rows, asked, threads);
            for (at, row) in rows.iter().enumerate() {
                let own = (asked == Asked::Fitted).then_some(at as u32);
                assert_eq!(naive(&fitted, row, own), scores[at]);
            }
        }
    }

    #[test]
    fn credits_add_up_to_the_score() {
        let values = cloud(300, 5);
        let rows = Rows::new(&values, 5).unwrap();
        let fitted = Neighbours::fit(rows, Scale::of(rows, Spread::Robust, 0), 20, 4, 1);
        let row = [0.0, 0.0, 15.0, 0.0, 0.0];
        let credits = fitted.credits(&row);
        let score = fitted.score(Rows::new(&row, 5).unwrap(), Asked::Others, 1)[0];
        assert!((credits.iter().sum::<f64>() - score).abs() < 1e-3);
        assert!(credits[2] > 0.7 * score, "{credits:?}");
    }

    #[test]
    fn a_group_of_anomalies_does_not_vouch_for_itself() {
        let mut values = cloud(2_000, 2);
        values.extend([20.0, 20.0].repeat(20));
        let rows = Rows::new(&values, 2).unwrap();
        let scores = Neighbours::fit(rows, Scale::of(rows, Spread::Robust, 0), 50, 1, 1).score(rows, Asked::Fitted, 1);
        let highest_usual = scores[..2_000].iter().copied().fold(0.0, f64::max);
        assert!(scores[2_000..].iter().all(|score| *score > highest_usual));
    }

    #[test]
    fn tiny_tables_have_scores_too() {
        for values in [vec![], vec![1.0], vec![1.0, 1.0, 9.0]] {
            let rows = Rows::new(&values, 1).unwrap();
            let fitted = Neighbours::fit(rows, Scale::of(rows, Spread::Robust, 0), 5, 1, 1);
            assert!(fitted.checked());
            assert!(
                fitted
                    .score(rows, Asked::Fitted, 1)
                    .iter()
                    .all(|score| score.is_finite())
            );
        }
    }
}
