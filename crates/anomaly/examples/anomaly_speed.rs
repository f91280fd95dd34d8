//! What `benches/anomaly.sh` measures: a forest grown and asked over a million rows of ten columns.
//!
//! `anomaly_speed forest ROUNDS` grows a forest and scores every row that often; with 0 rounds only the table is made.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example")]

use watchfire_anomaly::forest::{Forest, Options};
use watchfire_anomaly::{Rows, Scale, Spread};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let rounds: u32 = arguments.get(2).and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut state = 1_u64;
    // Sums of uniform numbers: bell-shaped, and cheap to make.
    let values: Vec<f64> = (0..10_000_000)
        .map(|_| {
            (0..4)
                .map(|_| {
                    state = state
                        .wrapping_mul(0x5851_f42d_4c95_7f2d)
                        .wrapping_add(0x1405_7b7e_f767_814f);
                    (state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
                })
                .sum()
        })
        .collect();
    let Some(rows) = Rows::new(&values, 10) else { return };
    let mut sum = 0.0;
    for round in 0..rounds {
        let options = Options {
            seed: u64::from(round),
            ..Options::default()
        };
        let forest = Forest::fit(rows, Scale::of(rows, Spread::Standard, 0), &options, 1);
        sum += forest.score(rows, 1).iter().sum::<f64>();
    }
    println!("{sum}");
}
