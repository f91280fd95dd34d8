//! Detectors on labelled sets, for the test that holds them and the example that prints them.

use std::path::Path;
use watchfire_anomaly::ensemble::{self, Ensemble};
use watchfire_anomaly::forest::{Forest, Options};
use watchfire_anomaly::{Asked, Ecod, Rows, Scale, Spread};
use watchfire_testkit::corpus::files;
use watchfire_testkit::numpy::array;
use watchfire_testkit::ranking::{area_under_roc, average_precision};

/// Seeds whose mean is reported.
pub(crate) const SEEDS: [u64; 3] = [0, 1, 2];

/// A table and which of its rows are anomalous.
pub(crate) struct Labelled {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
    pub(crate) columns: usize,
    pub(crate) anomalous: Vec<bool>,
}

impl Labelled {
    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows::new(&self.values, self.columns).expect("a table has columns")
    }
}

/// Every set of the folder, by name.
pub(crate) fn sets(folder: &Path) -> impl Iterator<Item = Labelled> {
    files(folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "npz"))
        .map(|path| {
            let bytes = std::fs::read(&path).expect("the corpus can be read");
            let table = array(&bytes, "X").expect("a table");
            let labels = array(&bytes, "y").expect("labels");
            Labelled {
                name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
                values: table.values,
                columns: table.columns,
                anomalous: labels.values.iter().map(|label| *label > 0.5).collect(),
            }
        })
}

/// AUC-ROC and AUC-PR, times 100.
pub(crate) fn quality(set: &Labelled, scores: &[f64]) -> [f64; 2] {
    [
        area_under_roc(scores, &set.anomalous),
        average_precision(scores, &set.anomalous),
    ]
    .map(|part| 100.0 * part)
}

/// The mean over seeds of what a detector reaches.
pub(crate) fn mean(set: &Labelled, scores: impl Fn(Rows<'_>, u64) -> Vec<f64>) -> [f64; 2] {
    let all = SEEDS.map(|seed| quality(set, &scores(set.rows(), seed)));
    [0, 1].map(|at| all.iter().map(|one| one[at]).sum::<f64>() / SEEDS.len() as f64)
}

/// The isolation forest of the paper.
pub(crate) fn forest(rows: Rows<'_>, seed: u64) -> Vec<f64> {
    let options = Options {
        seed,
        ..Options::default()
    };
    Forest::fit(rows, Scale::of(rows, Spread::Standard, seed), &options, 2).score(rows, 2)
}

/// The extended one, across three columns.
pub(crate) fn extended(rows: Rows<'_>, seed: u64) -> Vec<f64> {
    let options = Options {
        seed,
        extension: 3,
        ..Options::default()
    };
    Forest::fit(rows, Scale::of(rows, Spread::Robust, seed), &options, 2).score(rows, 2)
}

/// Tails.
pub(crate) fn ecod(rows: Rows<'_>, seed: u64) -> Vec<f64> {
    Ecod::fit(rows, seed, 2).score(rows, 2)
}

/// All together.
pub(crate) fn ensemble(rows: Rows<'_>, seed: u64) -> Vec<f64> {
    let options = ensemble::Options {
        seed,
        ..ensemble::Options::default()
    };
    Ensemble::fit(rows, &options, 2).score(rows, Asked::Fitted, 2)
}
