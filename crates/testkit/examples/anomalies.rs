//! Measures detectors on labelled sets: `cargo run --release -p watchfire-testkit --example anomalies -- FOLDER`.
//!
//! One line a set: name, then AUC-ROC and AUC-PR (times 100, mean of three seeds) of the isolation forest, the extended one,
//! ECOD and the ensemble. Tab-separated.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement"
)]

#[path = "../tests/anomalies/measure.rs"]
mod measure;

use measure::{ecod, ensemble, extended, forest, mean, sets};
use std::path::PathBuf;

fn main() {
    let folder = std::env::args()
        .nth(1)
        .map(PathBuf::from)
        .expect("a folder of .npz files");
    for set in sets(&folder) {
        let figures = [
            mean(&set, forest),
            mean(&set, extended),
            mean(&set, ecod),
            mean(&set, ensemble),
        ];
        let cells: Vec<String> = figures.iter().flatten().map(|figure| format!("{figure:.2}")).collect();
        println!("{}\t{}", set.name, cells.join("\t"));
    }
}
