//! Several detectors, one score.
//!
//! Four members: an isolation forest grown to the leaves, which is best at rows that are far out in single columns, and
//! neighbours in small samples on three scales, which are best at rows where columns do not fit one another. Scales differ
//! because no spread is right for every table: by the standard deviation a column with a long tail counts little, by its
//! middle half it counts much, and bent like a logarithm no column outshouts the others.
//!
//! How scores are put together decides what is won. Sums of ranks throw away how far the first is from the second, and lose
//! precision at the top; sums of raw scores let one member outvote the others on every row that it finds extreme. Here each
//! score is measured in interquartile ranges from the median of the fitted rows, bent by a signed logarithm, and the mean is
//! taken: near the middle that is a standardised score, far out each member can say "ten times further" but not drown the
//! rest. Nothing is tuned for a table. `docs/anomalies.md` has the measurements that decided.

use crate::forest::{self, Depth, Forest};
use crate::neighbours::{Asked, Neighbours};
use crate::random::Random;
use crate::rows::Rows;
use crate::scale::{Scale, Spread, quantile};

/// The scales of neighbours.
const SPREADS: [Spread; 3] = [Spread::Standard, Spread::Robust, Spread::Bent];

/// Of longer tables, as many rows tell what scores are usual.
const MOST_SCORED: usize = 16_384;

/// As many rows tell what credits are usual.
const MOST_CREDITED: usize = 512;

/// How an ensemble is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Trees of the forest.
    pub trees: u32,
    /// Samples of each of the three kinds of neighbours.
    pub samples: u32,
    /// The same seed gives the same ensemble.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trees: 200,
            samples: 64,
            seed: 0,
        }
    }
}

/// Where a member's scores lie, so that members can be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usual {
    pub(crate) middle: f64,
    /// The interquartile range, or what stands for it.
    pub(crate) width: f64,
}

impl Usual {
    fn of(scores: &[f64]) -> Self {
        let mut sorted: Vec<f64> = scores.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |part| quantile(&sorted, part).unwrap_or(0.0);
        let middle = at(0.5);
        // Where half of the rows are equal, the width of more of them.
        let widths = [
            at(0.75) - at(0.25),
            (at(0.95) - at(0.05)) / 2.4,
            (at(1.0) - at(0.0)) / 6.0,
        ];
        let width = widths.into_iter().find(|width| *width > 1e-12).unwrap_or(1.0);
        Self { middle, width }
    }

    fn standardised(self, score: f64) -> f64 {
        let far = (score - self.middle) / self.width;
        far.signum() * far.abs().ln_1p()
    }
}

/// A fitted ensemble.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    pub(crate) forest: Forest,
    pub(crate) neighbours: Vec<Neighbours>,
    /// One for the forest and each of the neighbours.
    pub(crate) usual: Vec<Usual>,
    /// For each member the mean credit of every column.
    pub(crate) credits: Vec<Vec<f64>>,
}

impl Ensemble {
    /// Fits all members to `rows`.
    pub fn fit(rows: Rows<'_>, options: &Options, threads: usize) -> Self {
        let scales = SPREADS.map(|spread| Scale::of(rows, spread, options.seed));
        Self::fit_on(rows, &scales, options, threads)
    }

    /// Fits another ensemble to other rows on the scales of this one, so that both can be merged. Give it another seed.
    pub fn fit_alike(&self, rows: Rows<'_>, options: &Options, threads: usize) -> Option<Self> {
        let scales: Vec<Scale> = self.neighbours.iter().map(|member| member.scale.clone()).collect();
        (rows.columns() == self.columns()).then(|| Self::fit_on(rows, &scales, options, threads))
    }

    fn fit_on(rows: Rows<'_>, scales: &[Scale], options: &Options, threads: usize) -> Self {
        let grown = forest::Options {
            trees: options.trees,
            depth: Depth::Full,
            seed: options.seed,
            ..forest::Options::default()
        };
        let scale = scales
            .first()
            .cloned()
            .unwrap_or_else(|| Scale::of(rows, Spread::Standard, options.seed));
        let forest = Forest::fit(rows, scale, &grown, threads);
        let neighbours = scales.iter().zip(1..).map(|(scale, number)| {
            let seed = crate::random::mix(options.seed.wrapping_add(number));
            Neighbours::fit(rows, scale.clone(), options.samples, seed, threads)
        });
        let mut ensemble = Self {
            forest,
            neighbours: neighbours.collect(),
            usual: Vec::new(),
            credits: Vec::new(),
        };
        ensemble.learn_usual(rows, options.seed, threads);
        ensemble
    }

    /// What scores and credits usual rows have.
    fn learn_usual(&mut self, rows: Rows<'_>, seed: u64, threads: usize) {
        let columns = rows.columns();
        let mut random = Random::of(seed, u64::MAX);
        let raw = if rows.len() <= MOST_SCORED {
            self.raw(rows, Asked::Fitted, threads)
        } else {
            let values = gather(rows, &random.sample(rows.len(), MOST_SCORED));
            Rows::new(&values, columns).map_or_else(Vec::new, |rows| self.raw(rows, Asked::Others, threads))
        };
        self.usual = raw.iter().map(|scores| Usual::of(scores)).collect();
        let drawn = random.sample(rows.len(), MOST_CREDITED);
        let mut sums = vec![vec![0.0; columns]; raw.len()];
        for &at in &drawn {
            for (sums, credits) in sums.iter_mut().zip(self.raw_credits(rows.row(at))) {
                for (sum, credit) in sums.iter_mut().zip(credits) {
                    *sum += credit / drawn.len() as f64;
                }
            }
        }
        self.credits = sums;
    }

    /// The number of columns that rows must have.
    pub fn columns(&self) -> usize {
        self.forest.columns()
    }

    /// How anomalous each row is: about 0 is usual, and higher is more so. Empty for rows of other columns.
    pub fn score(&self, rows: Rows<'_>, asked: Asked, threads: usize) -> Vec<f64> {
        if rows.columns() != self.columns() {
            return Vec::new();
        }
        let mut sums = vec![0.0; rows.len()];
        let raw = self.raw(rows, asked, threads);
        let members = raw.len().max(1) as f64;
        for (scores, usual) in raw.iter().zip(&self.usual) {
            for (sum, score) in sums.iter_mut().zip(scores) {
                *sum += usual.standardised(*score) / members;
            }
        }
        sums
    }

    /// The scores of all members.
    fn raw(&self, rows: Rows<'_>, asked: Asked, threads: usize) -> Vec<Vec<f64>> {
        let mut paths = self.forest.paths(rows, threads);
        paths.iter_mut().for_each(|path| *path = -*path);
        let near = self.neighbours.iter().map(|member| member.score(rows, asked, threads));
        std::iter::once(paths).chain(near).collect()
    }

    fn raw_credits(&self, row: &[f64]) -> impl Iterator<Item = Vec<f64>> {
        let near = self.neighbours.iter().map(|member| member.credits(row));
        std::iter::once(self.forest.credits(row)).chain(near)
    }

    /// How much each column has to do with the score of `row`: shares that add up to 1, or all nought where no column stands
    /// out. Of each member, what a column adds beyond what it adds for usual rows; of all members, the mean.
    pub fn shares(&self, row: &[f64]) -> Vec<f64> {
        let mut shares = vec![0.0; self.columns()];
        if row.len() != shares.len() {
            return Vec::new();
        }
        for (credits, usual) in self.raw_credits(row).zip(&self.credits) {
            let beyond = || {
                credits
                    .iter()
                    .zip(usual)
                    .map(|(credit, usual)| (credit - usual).max(0.0))
            };
            let whole: f64 = beyond().sum();
            if whole > 0.0 {
                for (share, part) in shares.iter_mut().zip(beyond()) {
                    *share += part / whole;
                }
            }
        }
        let whole: f64 = shares.iter().sum();
        if whole > 0.0 {
            shares.iter_mut().for_each(|share| *share /= whole);
        }
        shares
    }

    /// An ensemble with the members of both. `None` unless one was fitted like the other ([`Ensemble::fit_alike`]).
    pub fn merge(&self, other: &Self) -> Option<Self> {
        let near = self.neighbours.iter().zip(&other.neighbours);
        let (trees, others) = (self.forest.len() as f64, other.forest.len() as f64);
        let share = if trees + others > 0.0 {
            trees / (trees + others)
        } else {
            0.5
        };
        let between = |one: f64, other: f64| one * share + other * (1.0 - share);
        let usual = self.usual.iter().zip(&other.usual).map(|(one, other)| Usual {
            middle: between(one.middle, other.middle),
            width: between(one.width, other.width),
        });
        let credits = self.credits.iter().zip(&other.credits).map(|(one, other)| {
            one.iter()
                .zip(other)
                .map(|(one, other)| between(*one, *other))
                .collect()
        });
        Some(Self {
            forest: self.forest.merge(&other.forest)?,
            neighbours: near.map(|(one, other)| one.merge(other)).collect::<Option<_>>()?,
            usual: usual.collect(),
            credits: credits.collect(),
        })
    }

    /// Whether everything in it fits together.
    pub(crate) fn checked(&self) -> bool {
        let members = self.neighbours.len() + 1;
        let columns = self.columns();
        self.forest.checked()
            && self
                .neighbours
                .iter()
                .all(|member| member.checked() && member.columns() == columns)
            && self.usual.len() == members
            && self
                .usual
                .iter()
                .all(|usual| usual.middle.is_finite() && usual.width.is_finite() && usual.width > 0.0)
            && self.credits.len() == members
            && self
                .credits
                .iter()
                .all(|credits| credits.len() == columns && credits.iter().all(|credit| credit.is_finite()))
    }
}

/// The rows at `places`, one after another.
pub(crate) fn gather(rows: Rows<'_>, places: &[usize]) -> Vec<f64> {
    places.iter().flat_map(|&at| rows.row(at)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::{Asked, Ensemble, Options};
    use crate::random::Random;
    use crate::rows::Rows;

    /// Two columns that go together, a third that does not matter.
    fn table(rows: usize) -> Vec<f64> {
        let mut random = Random::of(9, 0);
        (0..rows)
            .flat_map(|_| {
                let (one, two) = (random.normal(), random.normal());
                [one, one + 0.1 * two, random.unit()]
            })
            .collect()
    }

    #[test]
    fn far_out_and_out_of_line_are_both_found_and_explained() {
        let mut values = table(2_000);
        values.extend([8.0, 8.0, 0.5, 1.5, -1.5, 0.5]);
        let rows = Rows::new(&values, 3).unwrap();
        let ensemble = Ensemble::fit(rows, &Options::default(), 1);
        let scores = ensemble.score(rows, Asked::Fitted, 1);
        let above = |score: f64| scores.iter().filter(|other| **other > score).count();
        assert!(
            above(scores[2_000]) == 0 && above(scores[2_001]) < 25,
            "{} {}",
            above(scores[2_000]),
            above(scores[2_001])
        );
        let shares = ensemble.shares(rows.row(2_000));
        assert!(
            (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 && shares[2] < 0.1,
            "{shares:?}"
        );
    }

    #[test]
    fn threads_change_nothing_and_parts_merge() {
        let values = table(900);
        let rows = Rows::new(&values, 3).unwrap();
        let options = Options {
            trees: 20,
            samples: 10,
            seed: 1,
        };
        let one = Ensemble::fit(rows, &options, 1);
        assert_eq!(one, Ensemble::fit(rows, &options, 3));
        assert_eq!(one.score(rows, Asked::Others, 1), one.score(rows, Asked::Others, 3));
        let other = one.fit_alike(rows, &Options { seed: 2, ..options }, 1).unwrap();
        let both = one.merge(&other).unwrap();
        assert!(both.checked() && both.forest.len() == 40);
        assert_eq!(both.merge(&one).unwrap().forest, both.forest);
    }

    #[test]
    fn odd_tables_have_scores_too() {
        for values in [
            vec![],
            vec![1.0],
            vec![3.0; 50],
            vec![f64::NAN; 50],
            vec![f64::MAX, f64::MIN, 0.0],
        ] {
            let rows = Rows::new(&values, 1).unwrap();
            let ensemble = Ensemble::fit(
                rows,
                &Options {
                    trees: 5,
                    samples: 5,
                    seed: 0,
                },
                1,
            );
            assert!(ensemble.checked());
            assert!(
                ensemble
                    .score(rows, Asked::Fitted, 1)
                    .iter()
                    .all(|score| score.is_finite())
            );
        }
    }
}
