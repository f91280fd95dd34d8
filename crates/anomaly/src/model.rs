//! A model of a table: what is usual, how surprising a row is, and why.

use crate::calibration::{Budget, Calibration};
use crate::ecod::Ecod;
use crate::ensemble::{self, Ensemble, gather};
use crate::neighbours::Asked;
use crate::random::Random;
use crate::rows::Rows;

/// This share of the rows calibrates.
const HELD_OUT: f64 = 0.3;

/// More rows than this need not calibrate.
const MOST_HELD_OUT: usize = 20_000;

/// Of fewer rows none is held out: each is judged as if it had not been fitted, which neighbours can do exactly.
const FEWEST: usize = 200;

/// How a model is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The detectors.
    pub ensemble: ensemble::Options,
}

/// A detector with its calibration and what it takes to explain.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(crate) names: Vec<String>,
    pub(crate) ensemble: Ensemble,
    pub(crate) peers: Ecod,
    pub(crate) calibration: Calibration,
    /// Whether calibration had rows of its own.
    pub(crate) held_out: bool,
}

/// What a row is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The ensemble's score: about 0 is usual.
    pub score: f64,
    /// The chance that a usual row scores as high.
    pub p_value: f64,
}

/// One column's part in an anomaly, against its peers.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The column's place.
    pub column: usize,
    /// Its name, as it was given.
    pub name: String,
    /// Its part of the whole explanation, from 0 to 1.
    pub share: f64,
    /// The row's value.
    pub value: f64,
    /// The share of the fitted rows whose value is at most this.
    pub at_most: f64,
    /// The 5th, 50th and 95th of a hundred fitted values.
    pub usual: [f64; 3],
}

/// A row that was raised.
#[derive(Clone, Debug, PartialEq)]
pub struct Anomaly {
    /// Which row.
    pub row: usize,
    /// How surprising.
    pub judged: Judged,
    /// Why: columns with the greatest part first.
    pub reasons: Vec<Reason>,
}

impl Model {
    /// Fits a model to `rows`, whose columns have `names`: part of the rows, drawn by the seed, calibrates and is not fitted.
    pub fn fit(rows: Rows<'_>, names: &[String], options: &Options, threads: usize) -> Self {
        let (fitted, held_out) = hold_out(rows.len(), options);
        let values = gather(rows, &fitted);
        let others = gather(rows, &held_out);
        match (Rows::new(&values, rows.columns()), Rows::new(&others, rows.columns())) {
            (Some(fitted), Some(others)) if !others.is_empty() => {
                Self::fit_and_calibrate(fitted, others, names, options, threads)
            }
            _ => {
                let ensemble = Ensemble::fit(rows, &options.ensemble, threads);
                let scores = ensemble.score(rows, Asked::Fitted, threads);
                Self::of(rows, names, ensemble, Calibration::of(&scores), false, options)
            }
        }
    }

    /// Fits a model to `rows` and calibrates it by others, which should be clean: rows known to be usual.
    pub fn fit_and_calibrate(
        rows: Rows<'_>,
        clean: Rows<'_>,
        names: &[String],
        options: &Options,
        threads: usize,
    ) -> Self {
        let ensemble = Ensemble::fit(rows, &options.ensemble, threads);
        let scores = ensemble.score(clean, Asked::Others, threads);
        Self::of(rows, names, ensemble, Calibration::of(&scores), true, options)
    }

    pub(crate) fn of(
        rows: Rows<'_>,
        names: &[String],
        ensemble: Ensemble,
        calibration: Calibration,
        held_out: bool,
        options: &Options,
    ) -> Self {
        let name = |column| {
            names
                .get(column)
                .cloned()
                .unwrap_or_else(|| format!("column {}", column + 1))
        };
        Self {
            names: (0..rows.columns()).map(name).collect(),
            ensemble,
            peers: Ecod::fit(rows, options.ensemble.seed, 1),
            calibration,
            held_out,
        }
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The detectors.
    pub fn ensemble(&self) -> &Ensemble {
        &self.ensemble
    }

    /// What scores are worth.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Whether rows that were not fitted calibrated it. If not, p-values of fresh rows come out a little too small.
    pub fn held_out(&self) -> bool {
        self.held_out
    }

    /// Calibrates anew, by the scores of rows known to be usual.
    pub fn calibrate(&mut self, clean: Rows<'_>, threads: usize) {
        self.calibration = Calibration::of(&self.ensemble.score(clean, Asked::Others, threads));
        self.held_out = true;
    }

    /// Score and p-value of each row. Empty for rows of other columns.
    pub fn judge(&self, rows: Rows<'_>, threads: usize) -> Vec<Judged> {
        let scores = self.ensemble.score(rows, Asked::Others, threads);
        let judged = scores.into_iter().map(|score| Judged {
            score,
            p_value: self.calibration.p_value(score),
        });
        judged.collect()
    }

    /// The rows that a budget of false alarms lets through, the least likely first, with reasons.
    pub fn anomalies(&self, rows: Rows<'_>, budget: Budget, threads: usize) -> Vec<Anomaly> {
        let judged = self.judge(rows, threads);
        let p_values: Vec<f64> = judged.iter().map(|judged| judged.p_value).collect();
        let limit = budget.limit(&p_values);
        let mut raised: Vec<(usize, Judged)> = judged
            .into_iter()
            .enumerate()
            .filter(|(_, judged)| judged.p_value <= limit)
            .collect();
        raised.sort_by(|(at, one), (to, other)| other.score.total_cmp(&one.score).then(at.cmp(to)));
        let anomaly = |(row, judged)| Anomaly {
            row,
            judged,
            reasons: self.explain(rows.row(row)),
        };
        raised.into_iter().map(anomaly).collect()
    }

    /// Why a row has its score: each column that has a part in it, the greatest first. Empty for a row of other columns.
    pub fn explain(&self, row: &[f64]) -> Vec<Reason> {
        let shares = self.ensemble.shares(row);
        let mut reasons: Vec<Reason> = shares
            .into_iter()
            .zip(row)
            .enumerate()
            .filter(|(_, (share, _))| *share > 0.0)
            .map(|(column, (share, &value))| Reason {
                column,
                name: self.names.get(column).cloned().unwrap_or_default(),
                share,
                value,
                at_most: self.peers.share_below(column, value).unwrap_or(0.0),
                usual: [0.05, 0.5, 0.95].map(|part| self.peers.quantile(column, part).unwrap_or(f64::NAN)),
            })
            .collect();
        reasons.sort_by(|one, other| other.share.total_cmp(&one.share).then(one.column.cmp(&other.column)));
        reasons
    }

    /// Whether everything in it fits together.
    pub(crate) fn checked(&self) -> bool {
        let columns = self.ensemble.columns();
        self.ensemble.checked()
            && self.peers.checked()
            && self.peers.columns.len() == columns
            && self.names.len() == columns
            && self.calibration.checked()
    }
}

/// Which of `rows` rows are fitted, and which calibrate: drawn by the seed, and none of few.
pub(crate) fn hold_out(rows: usize, options: &Options) -> (Vec<usize>, Vec<usize>) {
    if rows < FEWEST {
        return ((0..rows).collect(), Vec::new());
    }
    let wanted = ((rows as f64 * HELD_OUT) as usize).min(MOST_HELD_OUT);
    let mut held_out = Random::of(options.ensemble.seed, 1 << 40).sample(rows, wanted);
    held_out.sort_unstable();
    let fitted = (0..rows).filter(|at| held_out.binary_search(at).is_err());
    (fitted.collect(), held_out)
}

#[cfg(test)]
mod tests {
    use super::{Budget, Model, Options};
    use crate::ensemble;
    use crate::random::Random;
    use crate::rows::Rows;

    fn clean(rows: usize, seed: u64) -> Vec<f64> {
        let mut random = Random::of(seed, 0);
        (0..rows * 4).map(|_| random.normal().exp()).collect()
    }

    fn quick() -> Options {
        Options {
            ensemble: ensemble::Options {
                trees: 50,
                samples: 32,
                seed: 3,
            },
        }
    }

    #[test]
    fn a_planted_row_is_raised_alone_and_says_why() {
        let mut values = clean(3_000, 1);
        values.extend([1.0, 1.0, 400.0, 1.0]);
        let rows = Rows::new(&values, 4).unwrap();
        let names = ["bytes", "packets", "ports", "seconds"].map(str::to_owned);
        let model = Model::fit(rows, &names, &quick(), 1);
        let raised = model.anomalies(
            rows,
            Budget::PerDay {
                alarms: 0.5,
                rows: 3_000.0,
            },
            1,
        );
        assert!((1..=3).contains(&raised.len()), "{raised:?}");
        let first = &raised[0];
        assert_eq!((first.row, first.reasons[0].name.as_str()), (3_000, "ports"));
        assert!(
            first.reasons[0].share > 0.8 && first.reasons[0].at_most > 0.999,
            "{:?}",
            first.reasons
        );
    }

    #[test]
    fn clean_rows_are_flagged_as_often_as_the_chance_says() {
        let (fitted, held_out, fresh) = (clean(4_000, 1), clean(4_000, 2), clean(20_000, 3));
        let [fitted, held_out, fresh] = [&fitted, &held_out, &fresh].map(|values| Rows::new(values, 4).unwrap());
        let model = Model::fit_and_calibrate(fitted, held_out, &[], &quick(), 1);
        let flagged = model
            .judge(fresh, 1)
            .iter()
            .filter(|judged| judged.p_value <= 0.01)
            .count();
        assert!((100..=300).contains(&flagged), "{flagged} of 20,000");
    }

    #[test]
    fn a_small_table_is_judged_too() {
        let values = clean(60, 1);
        let rows = Rows::new(&values, 4).unwrap();
        let model = Model::fit(rows, &[], &quick(), 1);
        assert!(!model.held_out() && model.checked());
        assert_eq!(model.judge(rows, 1).len(), 60);
        assert_eq!(model.names()[1], "column 2");
    }
}
