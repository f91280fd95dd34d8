//! What `benches/anomaly.sh` measures: detectors over a million rows of ten columns, and templates of a million lines.
//!
//! `anomaly_speed forest|extended|ensemble|templates ROUNDS` does the work that often; with 0 rounds only the input is made.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example")]

use watchfire_anomaly::forest::{Forest, Options};
use watchfire_anomaly::templates::Miner;
use watchfire_anomaly::{Asked, Ensemble, Rows, Scale, Spread, ensemble};

const ROWS: usize = 1_000_000;

/// The high bits of a linear congruential generator.
fn next(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(0x5851_f42d_4c95_7f2d)
        .wrapping_add(0x1405_7b7e_f767_814f);
    *state >> 40
}

/// Sums of uniform numbers: bell-shaped, and cheap to make.
fn table() -> Vec<f64> {
    let mut state = 1;
    let mut bell = || {
        (0..4)
            .map(|_| next(&mut state) as f64 / (1_u64 << 24) as f64 - 0.5)
            .sum()
    };
    (0..ROWS * 10).map(|_| bell()).collect()
}

/// Lines of six statements.
fn lines() -> Vec<Vec<u8>> {
    let mut state = 1;
    let line = |_| {
        let (n, m) = (next(&mut state), next(&mut state));
        match n % 6 {
            0 => format!(
                "Accepted publickey for user{} from 192.0.2.{} port {m} ssh2",
                m % 9,
                m % 250
            ),
            1 => format!(
                "pam_unix(sshd:session): session opened for user root by (uid={})",
                m % 3
            ),
            2 => format!(
                "192.0.2.{} - - \"GET /static/{m}/index.html HTTP/1.1\" status: 200 len: {n} time: 0.{m}",
                m % 250
            ),
            3 => format!(
                "Receiving block blk_-{m}{n} src: /192.0.2.{}:{} dest: /198.51.100.7:50010",
                n % 250,
                m % 60_000
            ),
            4 => format!(
                "Block broadcast_{} stored as values in memory (estimated size {}.4 KB, free {} MB)",
                n % 99,
                m % 999,
                m % 400
            ),
            _ => format!("instruction cache parity error corrected at 0x{m:08x}"),
        }
        .into_bytes()
    };
    (0..ROWS).map(line).collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let way = arguments.get(1).map_or("forest", String::as_str);
    let rounds: u32 = arguments.get(2).and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut sum = 0.0;
    if way == "templates" {
        let lines = lines();
        for _ in 0..rounds {
            let mut miner = Miner::default();
            lines.iter().for_each(|line| _ = miner.learn(line));
            sum += miner.templates().list().len() as f64;
        }
        println!("{sum}");
        return;
    }
    let values = table();
    let Some(rows) = Rows::new(&values, 10) else { return };
    for round in 0..rounds {
        let seed = u64::from(round);
        let grown = |extension, spread| {
            let options = Options {
                seed,
                extension,
                ..Options::default()
            };
            Forest::fit(rows, Scale::of(rows, spread, 0), &options, 1).score(rows, 1)
        };
        let scores = match way {
            "extended" => grown(3, Spread::Robust),
            "ensemble" => {
                let options = ensemble::Options {
                    seed,
                    ..ensemble::Options::default()
                };
                Ensemble::fit(rows, &options, 1).score(rows, Asked::Fitted, 1)
            }
            _ => grown(1, Spread::Standard),
        };
        sum += scores.iter().sum::<f64>();
    }
    println!("{sum}");
}
