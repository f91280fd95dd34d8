//! Tables of numbers, words and times: any CSV, any log.
//!
//! A column becomes numbers that grow with surprise. Numbers stay themselves; a word becomes the bits of information in
//! meeting it (minus the binary logarithm of its share), a pair of words the bits in meeting the one where the other is, a
//! time the bits in its hour of the day. A column of identifiers, in which nearly every row has a word of its own, says nothing
//! by being rare and is left out. What is learned is learned from the rows that are fitted; the rows that calibrate are told
//! by it like strangers, so that a word never met before is as surprising to them as it will be later.

mod encoder;

pub(crate) use encoder::Counts;
pub use encoder::{Encoder, Feature};

use crate::calibration::{Budget, Calibration};
use crate::ensemble::Ensemble;
use crate::model::{Anomaly, Judged, Model, Options, Reason, hold_out};
use crate::neighbours::Asked;
use crate::rows::Rows;

/// The cells of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Numbers; what is missing is `NaN`.
    Numbers(Vec<f64>),
    /// Words, as bytes; what is missing is empty.
    Words(Vec<Vec<u8>>),
    /// Seconds since 1970 in the time zone in which days are meant; what is missing is `NaN`.
    Times(Vec<f64>),
}

impl Cells {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(cells) | Self::Times(cells) => cells.len(),
            Self::Words(cells) => cells.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Words as the kind of cells that they are: numbers where nine in ten of those that are there read as numbers and there
    /// are more than a handful of different ones, else words.
    pub fn guess(words: Vec<Vec<u8>>) -> Self {
        let number = |word: &Vec<u8>| -> Option<f64> { std::str::from_utf8(word).ok()?.trim().parse().ok() };
        let there = words.iter().filter(|word| !word.is_empty()).count();
        let numbers: Vec<f64> = words
            .iter()
            .filter_map(number)
            .filter(|number: &f64| number.is_finite())
            .collect();
        let mut distinct: Vec<u64> = numbers.iter().map(|number| number.to_bits()).collect();
        distinct.sort_unstable();
        distinct.dedup();
        if there > 0 && numbers.len() * 10 >= there * 9 && distinct.len() > 2 {
            Self::Numbers(words.iter().map(|word| number(word).unwrap_or(f64::NAN)).collect())
        } else {
            Self::Words(words)
        }
    }
}

/// A named column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its cells.
    pub cells: Cells,
}

/// Columns of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
}

impl Table {
    /// A table of these columns; `None` where their lengths differ.
    pub fn new(columns: Vec<Column>) -> Option<Self> {
        let rows = columns.first().map_or(0, |column| column.cells.len());
        columns
            .iter()
            .all(|column| column.cells.len() == rows)
            .then_some(Self { columns, rows })
    }

    /// Its columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }
}

/// A model of a table: how its cells become numbers, and what of those is usual.
#[derive(Clone, Debug, PartialEq)]
pub struct TableModel {
    pub(crate) encoder: Encoder,
    pub(crate) model: Model,
}

/// A reason in a table's own words.
#[derive(Clone, Debug, PartialEq)]
pub struct TableReason {
    /// The number behind it, its part and its peers.
    pub reason: Reason,
    /// What was looked at.
    pub feature: Feature,
    /// The words of the row, where words were looked at. They come from the table: escape them before they are shown.
    pub words: Vec<Vec<u8>>,
    /// How many fitted rows had those words; for numbers and times 0.
    pub seen: u64,
    /// As `seen`; where the words are not among the many that are counted, as many rows may have had them.
    pub seen_at_most: u64,
}

/// A row that was raised.
#[derive(Clone, Debug, PartialEq)]
pub struct TableAnomaly {
    /// Which row.
    pub row: usize,
    /// How surprising.
    pub judged: Judged,
    /// Why: what has the greatest part first.
    pub reasons: Vec<TableReason>,
}

impl TableModel {
    /// Fits a model to a table. `None` where no column says anything.
    pub fn fit(table: &Table, options: &Options, threads: usize) -> Option<Self> {
        let (fitted, held_out) = hold_out(table.len(), options);
        let encoder = Encoder::fit(table, &fitted)?;
        let names = encoder.names();
        let columns = encoder.features().len();
        let values = encoder.encode(table, &fitted, Asked::Fitted);
        let rows = Rows::new(&values, columns)?;
        let model = if held_out.is_empty() {
            let ensemble = Ensemble::fit(rows, &options.ensemble, threads);
            let scores = ensemble.score(rows, Asked::Fitted, threads);
            Model::of(rows, &names, ensemble, Calibration::of(&scores), false, options)
        } else {
            let values = encoder.encode(table, &held_out, Asked::Others);
            Model::fit_and_calibrate(rows, Rows::new(&values, columns)?, &names, options, threads)
        };
        Some(Self { encoder, model })
    }

    /// How cells become numbers.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// What of the numbers is usual.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Score and p-value of each row. Columns are found by name; a column that is not there is missing in every row.
    pub fn judge(&self, table: &Table, threads: usize) -> Vec<Judged> {
        let values = self.encode(table);
        let rows = Rows::new(&values, self.encoder.features().len());
        rows.map_or_else(Vec::new, |rows| self.model.judge(rows, threads))
    }

    /// The rows that a budget of false alarms lets through, the least likely first, with reasons.
    pub fn anomalies(&self, table: &Table, budget: Budget, threads: usize) -> Vec<TableAnomaly> {
        let values = self.encode(table);
        let Some(rows) = Rows::new(&values, self.encoder.features().len()) else {
            return Vec::new();
        };
        let raised = self.model.anomalies(rows, budget, threads);
        let told = |Anomaly { row, judged, reasons }| {
            let reasons = reasons.into_iter().filter_map(|reason| self.tell(table, row, reason));
            TableAnomaly {
                row,
                judged,
                reasons: reasons.collect(),
            }
        };
        raised.into_iter().map(told).collect()
    }

    fn encode(&self, table: &Table) -> Vec<f64> {
        let all: Vec<usize> = (0..table.len()).collect();
        self.encoder.encode(table, &all, Asked::Others)
    }

    fn tell(&self, table: &Table, row: usize, reason: Reason) -> Option<TableReason> {
        let feature = self.encoder.features().get(reason.column)?.clone();
        let (words, [seen, seen_at_most]) = self.encoder.words(table, row, &feature);
        Some(TableReason {
            reason,
            feature,
            words,
            seen,
            seen_at_most,
        })
    }
}

#[cfg(test)]
mod tests;
