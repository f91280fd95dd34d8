//! Measures that extraction is linear: each adversarial pattern at 1 MB and at 10 MB.
//!
//! `cargo run --release -p watchfire-testkit --example linear`. CPU time of this thread where the system tells it, else
//! wall-clock time. The system counts in ticks, so a text is read again and again for at least a fifth of a second, and
//! the best of three such rounds counts. Ends with exit code 1 if a pattern takes more than 1.3 times ten times as long.

#![allow(clippy::print_stdout, reason = "it prints its table")]

use std::process::ExitCode;
use std::time::Duration;
use watchfire_extract::{Extractor, Options};
use watchfire_testkit::adversarial::PATTERNS;
use watchfire_testkit::clock::Watch;

const SMALL: usize = 1_000_000;
const LARGE: usize = 10 * SMALL;
/// Shorter rounds are noise.
const ROUND: Duration = Duration::from_millis(200);
/// Whoever takes as long as this for 100 kB has lost already; 10 MB would take for ever.
const HOPELESS: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let extractor = Extractor::new(Options {
        types: watchfire_model::TypeSet::all(),
        ..Options::default()
    });
    println!(
        "{:<30}{:>12}{:>12}{:>10}{:>10}",
        "pattern", "1 MB, ms", "10 MB, ms", "ratio/10", "MB/s"
    );
    let mut bad = 0;
    for pattern in PATTERNS {
        let tiny = once(&extractor, &pattern.text(SMALL / 10));
        if tiny > HOPELESS {
            bad += 1;
            println!(
                "{:<30}{:>9.0} ms for 100 kB: NOT LINEAR",
                pattern.name,
                tiny.as_secs_f64() * 1e3
            );
            continue;
        }
        let small = best(&extractor, &pattern.text(SMALL));
        let large = best(&extractor, &pattern.text(LARGE));
        let ratio = large.as_secs_f64() / (10.0 * small.as_secs_f64());
        let linear = ratio <= 1.3;
        bad += u32::from(!linear);
        println!(
            "{:<30}{:>12.3}{:>12.3}{ratio:>10.2}{:>10.0}{}",
            pattern.name,
            small.as_secs_f64() * 1e3,
            large.as_secs_f64() * 1e3,
            10.0 / large.as_secs_f64(),
            if linear { "" } else { "  NOT LINEAR" }
        );
    }
    println!("{} patterns, {bad} not linear", PATTERNS.len());
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Time for one reading: the best of three rounds.
fn best(extractor: &Extractor, text: &[u8]) -> Duration {
    (0..3).map(|_| round(extractor, text)).min().unwrap_or_default()
}

/// The mean of as many readings as fill a round.
fn round(extractor: &Extractor, text: &[u8]) -> Duration {
    let begin = Watch::start();
    let mut readings = 0;
    loop {
        once(extractor, text);
        readings += 1;
        let took = begin.elapsed();
        if took >= ROUND {
            return took / readings;
        }
    }
}

fn once(extractor: &Extractor, text: &[u8]) -> Duration {
    let begin = Watch::start();
    let found = extractor.extract(text);
    assert_eq!(found.bytes, text.len() as u64, "not everything was read");
    begin.elapsed()
}
