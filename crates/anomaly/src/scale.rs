//! Columns brought to one scale, each by its own centre and spread.
//!
//! Two kinds of spread, because neither is right for every table. The standard deviation is pulled up by what is far out, so
//! that columns with long tails count less; the interquartile range looks at the middle alone, so that they count more. What
//! is missing or infinite stands at the centre afterwards: it says nothing for or against a row.

use crate::random::Random;
use crate::rows::Rows;

/// Which spread becomes 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Mean and standard deviation, of what does not lie absurdly far out.
    Standard,
    /// Median and interquartile range over 1.349, which is the standard deviation of normal numbers; where the middle half
    /// is one value, the standard deviation.
    Robust,
    /// As robust, and then bent like a logarithm: ten times as far is not ten times as much. No single column can outshout
    /// the others.
    Bent,
}

/// What lies so many spreads from the middle counts as if it lay there when a standard deviation is taken: a few cells, which
/// anybody may write, would otherwise hide everything else in their column.
const ABSURD: f64 = 1e5;

/// Centre and spread of every column.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub(crate) centres: Vec<f64>,
    /// One over the spread; 0 for a column that never changes.
    pub(crate) factors: Vec<f64>,
    pub(crate) spread: Spread,
}

/// Quartiles of more values than this are those of a sample of as many.
const MOST_SORTED: usize = 65_536;

/// Further out than this is as far out as it gets, which keeps squares and sums finite.
const FURTHEST: f64 = 1e6;

impl Scale {
    /// The scale of `rows`. Where there are very many rows, quantiles come from a sample drawn by `seed`.
    pub fn of(rows: Rows<'_>, spread: Spread, seed: u64) -> Self {
        let sample = (rows.len() > MOST_SORTED).then(|| Random::of(seed, 0).sample(rows.len(), MOST_SORTED));
        let both = (0..rows.columns()).map(|column| {
            let mut values: Vec<f64> = match &sample {
                None => rows.column(column).collect(),
                Some(sample) => {
                    let value = |&at: &usize| rows.row(at).get(column).copied().unwrap_or(f64::NAN);
                    sample.iter().map(value).collect()
                }
            };
            values.retain(|value| value.is_finite());
            values.sort_unstable_by(f64::total_cmp);
            let (centre, width) = quartiles(&values);
            if spread != Spread::Standard && width > 0.0 && width.is_finite() {
                return (centre, width);
            }
            let far = ABSURD
                * if width > 0.0 {
                    width
                } else {
                    usual_distance(&values, centre)
                };
            let standard = match far.is_finite() && far > 0.0 {
                true => moments(rows.column(column).map(|value| match value.is_finite() {
                    true => value.clamp(centre - far, centre + far),
                    false => value,
                })),
                false => moments(rows.column(column)),
            };
            if spread == Spread::Standard {
                standard
            } else {
                (centre, standard.1)
            }
        });
        let (centres, factors) = both
            .map(|(centre, spread)| (centre, if spread > 0.0 { 1.0 / spread } else { 0.0 }))
            .unzip();
        Self {
            centres,
            factors,
            spread,
        }
    }

    /// Whether it is one that could have been made.
    pub(crate) fn checked(&self) -> bool {
        let whole = (1..=Rows::MOST_COLUMNS).contains(&self.columns()) && self.factors.len() == self.columns();
        whole
            && self
                .factors
                .iter()
                .chain(&self.centres)
                .all(|number| number.is_finite())
    }

    /// How many columns it is for.
    pub fn columns(&self) -> usize {
        self.centres.len()
    }

    /// `row` on this scale, written over `out`.
    pub(crate) fn apply(&self, row: &[f64], out: &mut [f32]) {
        let scale = self.centres.iter().zip(&self.factors);
        for ((to, value), (centre, factor)) in out.iter_mut().zip(row).zip(scale) {
            let scaled = ((value - centre) * factor).clamp(-FURTHEST, FURTHEST);
            *to = match self.spread {
                _ if !value.is_finite() => 0.0,
                Spread::Bent => scaled.asinh() as f32,
                Spread::Standard | Spread::Robust => scaled as f32,
            };
        }
    }
}

/// Mean and standard deviation of what is finite, without the loss of digits that sums of squares bring (Welford, 1962).
fn moments(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for value in values.filter(|value| value.is_finite()) {
        count += 1.0;
        let before = value - mean;
        mean += before / count;
        squares += before * (value - mean);
    }
    let spread = if count > 0.0 { f64::sqrt(squares / count) } else { 0.0 };
    let usable = mean.is_finite() && spread.is_finite();
    if usable { (mean, spread) } else { (0.0, 0.0) }
}

/// Median and interquartile range over 1.349.
fn quartiles(sorted: &[f64]) -> (f64, f64) {
    let [low, middle, high] = [0.25, 0.5, 0.75].map(|part| quantile(sorted, part).unwrap_or(0.0));
    (middle, (high - low) / 1.349)
}

/// How far what is not the middle value lies from it, as the middle of those.
fn usual_distance(sorted: &[f64], middle: f64) -> f64 {
    let mut distances: Vec<f64> = sorted.iter().map(|value| (value - middle).abs()).collect();
    distances.retain(|distance| *distance > 0.0 && distance.is_finite());
    distances.sort_unstable_by(f64::total_cmp);
    quantile(&distances, 0.5).unwrap_or(0.0)
}

/// The value below which `part` of the sorted `values` lie, between neighbours by their distance.
pub(crate) fn quantile(values: &[f64], part: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let place = part.clamp(0.0, 1.0) * last as f64;
    let low = place.floor();
    let below = values.get(low as usize)?;
    let above = values.get((low as usize + 1).min(last))?;
    Some(below + (above - below) * (place - low))
}

#[cfg(test)]
mod tests {
    use super::{Scale, Spread};
    use crate::rows::Rows;

    fn check(spread: Spread, column: &[f64], expected: &[f32]) {
        let rows = Rows::new(column, 1).unwrap();
        let scale = Scale::of(rows, spread, 1);
        let mut scaled = vec![0.0; column.len()];
        for (row, scaled) in rows.iter().zip(scaled.chunks_exact_mut(1)) {
            scale.apply(row, scaled);
        }
        for (one, other) in scaled.iter().zip(expected) {
            assert!((one - other).abs() < 1e-3, "{scaled:?}");
        }
    }

    #[test]
    fn what_is_missing_stands_at_the_centre() {
        check(
            Spread::Standard,
            &[1.0, f64::NAN, 3.0, f64::INFINITY],
            &[-1.0, 0.0, 1.0, 0.0],
        );
    }

    #[test]
    fn a_far_value_moves_no_quartile() {
        check(
            Spread::Robust,
            &[0.0, 1.0, 2.0, 3.0, 1e9],
            &[-1.349, -0.6745, 0.0, 0.6745, 1e6],
        );
    }

    #[test]
    fn where_the_middle_half_is_one_value_the_deviation_counts() {
        check(Spread::Robust, &[5.0, 5.0, 5.0, 5.0, 10.0], &[0.0, 0.0, 0.0, 0.0, 2.5]);
    }

    #[test]
    fn absurd_values_in_a_few_cells_hide_no_others() {
        for absurd in [1e12, 1e100, 1e200, f64::MAX] {
            for spread in [Spread::Standard, Spread::Robust, Spread::Bent] {
                // Mostly the same, and with numbers of all kinds.
                for usual in [0.0, 1.0] {
                    let mut column: Vec<f64> = (0..3_000).map(|row| f64::from(row % 50) * usual).collect();
                    (0..300).for_each(|row| column[row * 10] = f64::from(row as u32 % 7));
                    (0..5).for_each(|row| column[row] = absurd);
                    let scale = Scale::of(Rows::new(&column, 1).unwrap(), spread, 1);
                    let mut out = [0.0_f32];
                    let mut of = |value: f64| {
                        scale.apply(&[value], &mut out);
                        out[0]
                    };
                    let step = of(9e6) - of(10.0);
                    assert!(step > 5.0, "{absurd} {spread:?} {usual}: {step}");
                }
            }
        }
    }

    #[test]
    fn ten_times_as_far_is_not_ten_times_as_much() {
        let bent = |value: f32| value.asinh();
        check(
            Spread::Bent,
            &[0.0, 1.0, 2.0, 3.0, 102.0],
            &[bent(-1.349), bent(-0.6745), 0.0, bent(0.6745), bent(67.45)],
        );
    }

    #[test]
    fn a_column_that_never_changes_says_nothing() {
        check(Spread::Standard, &[7.0, 7.0], &[0.0, 0.0]);
    }
}
