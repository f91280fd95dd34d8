//! Rows that come one by one: a tail of a log, a feed of flows.
//!
//! A window of the latest rows is remembered. Every so many rows a small ensemble is fitted to it anew, so that what has
//! become usual is learned and what is over is forgotten. Each row is scored before it enters the window, by an ensemble that
//! has not seen it, and its p-value is its rank among the scores that others had when they came: calibration needs no rows
//! of its own. What comes out depends on the rows and the seed alone.

use crate::calibration::Calibration;
use crate::ensemble::{self, Ensemble};
use crate::model::Judged;
use crate::rows::Rows;
use std::collections::VecDeque;

/// How a stream is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// As many rows are remembered.
    pub window: usize,
    /// Before as many have come nothing is judged.
    pub warm_up: usize,
    /// After as many rows the ensemble is fitted anew.
    pub refit: usize,
    /// The ensemble.
    pub ensemble: ensemble::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            window: 4_096,
            warm_up: 256,
            refit: 512,
            ensemble: ensemble::Options {
                trees: 50,
                samples: 32,
                seed: 0,
            },
        }
    }
}

/// A stream of rows with the same columns.
#[derive(Clone, Debug)]
pub struct Stream {
    options: Options,
    columns: usize,
    /// Rows one after another, the oldest first.
    rows: VecDeque<f64>,
    /// The scores that the latest rows had when they came.
    scores: VecDeque<f64>,
    ensemble: Option<Ensemble>,
    calibration: Calibration,
    seen: u64,
    /// Rows since the last fit.
    since: usize,
}

impl Stream {
    /// A stream of rows of `columns` numbers; `None` for a number of columns that no table has.
    pub fn new(columns: usize, options: Options) -> Option<Self> {
        Rows::new(&[], columns)?;
        let window = options.window.max(64);
        let options = Options {
            window,
            warm_up: options.warm_up.clamp(32, window),
            refit: options.refit.max(1),
            ..options
        };
        Some(Self {
            options,
            columns,
            rows: VecDeque::new(),
            scores: VecDeque::new(),
            ensemble: None,
            calibration: Calibration::of(&[]),
            seen: 0,
            since: 0,
        })
    }

    /// Judges a row and takes it in. `None` while warming up, and for a row of other columns, which is not taken in.
    pub fn push(&mut self, row: &[f64], threads: usize) -> Option<Judged> {
        let one = Rows::new(row, self.columns).filter(|rows| rows.len() == 1 && row.len() == self.columns)?;
        let score = self
            .ensemble
            .as_ref()
            .and_then(|ensemble| ensemble.score(one, crate::Asked::Others, 1).first().copied());
        let judged = score.map(|score| {
            self.scores.push_back(score);
            Judged {
                score,
                p_value: self.calibration.p_value(score),
            }
        });
        self.rows.extend(row);
        while self.rows.len() > self.options.window.saturating_mul(self.columns) {
            self.rows.drain(..self.columns.min(self.rows.len()));
        }
        while self.scores.len() > self.options.window {
            self.scores.pop_front();
        }
        self.seen = self.seen.saturating_add(1);
        self.since += 1;
        let warm = self.seen >= self.options.warm_up as u64;
        if warm && (self.ensemble.is_none() || self.since >= self.options.refit) {
            self.refit(threads);
        }
        // Before enough scores have come, p-values would say nothing.
        judged.filter(|_| self.calibration.rows() > 0)
    }

    /// Fits the window.
    fn refit(&mut self, threads: usize) {
        self.since = 0;
        let seed = crate::random::mix(self.options.ensemble.seed ^ self.seen);
        let options = ensemble::Options {
            seed,
            ..self.options.ensemble
        };
        let Some(rows) = Rows::new(self.rows.make_contiguous(), self.columns) else {
            return;
        };
        let first = self.ensemble.is_none();
        let fitted = Ensemble::fit(rows, &options, threads);
        if first {
            // The first scores are of rows that were fitted: the best there is until others have come.
            self.scores.extend(fitted.score(rows, crate::Asked::Fitted, threads));
        }
        self.ensemble = Some(fitted);
        self.calibration = Calibration::of(self.scores.make_contiguous());
    }

    /// How much each column has to do with a row's score. Empty while warming up.
    pub fn shares(&self, row: &[f64]) -> Vec<f64> {
        self.ensemble
            .as_ref()
            .map_or_else(Vec::new, |ensemble| ensemble.shares(row))
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, Stream};
    use crate::random::Random;

    fn options() -> Options {
        Options {
            window: 1_024,
            refit: 256,
            ..Options::default()
        }
    }

    #[test]
    fn what_has_become_usual_is_no_longer_raised() {
        let mut random = Random::of(1, 0);
        let mut stream = Stream::new(2, options()).unwrap();
        let mut raised = [0_u32; 3];
        for row in 0..6_000 {
            // After 2,000 rows everything moves.
            let level = if row < 2_000 { 0.0 } else { 12.0 };
            let judged = stream.push(&[random.normal() + level, random.normal()], 1);
            let phase = [2_000..2_100, 4_000..6_000, 300..2_000]
                .iter()
                .position(|rows| rows.contains(&row));
            if let (Some(judged), Some(phase)) = (judged, phase) {
                raised[phase] += u32::from(judged.p_value < 0.01);
            }
        }
        assert!(raised[0] > 40, "the change is seen: {raised:?}");
        assert!(raised[1] < 60 && raised[2] < 60, "and then it is usual: {raised:?}");
    }

    #[test]
    fn threads_change_nothing_and_other_rows_are_refused() {
        let run = |threads| {
            let mut random = Random::of(2, 0);
            let mut stream = Stream::new(1, options()).unwrap();
            (0..800)
                .map(|_| stream.push(&[random.normal()], threads))
                .collect::<Vec<_>>()
        };
        let judged = run(1);
        assert_eq!(judged, run(3));
        assert!(judged[..256].iter().all(Option::is_none) && judged[300..].iter().all(Option::is_some));
        assert_eq!(Stream::new(2, options()).unwrap().push(&[1.0], 1), None);
    }
}
