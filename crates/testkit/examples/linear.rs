//! Measures that extraction is linear: each adversarial pattern at 1 MB and at 10 MB.
//!
//! `cargo run --release -p watchfire-testkit --example linear`. Best of five runs at 1 MB and of three at 10 MB, CPU time of this
//! thread where the system tells it, else wall-clock time. Ends with exit code 1 if a pattern takes more than 1.3 times
//! ten times as long, unless both are too short to measure.

#![allow(clippy::print_stdout, reason = "it prints its table")]

use std::process::ExitCode;
use std::time::{Duration, Instant};
use watchfire_extract::{Extractor, Options};
use watchfire_testkit::adversarial::PATTERNS;

const SMALL: usize = 1_000_000;
const LARGE: usize = 10 * SMALL;
/// Shorter times are noise.
const MEASURABLE: Duration = Duration::from_micros(500);

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
        let small = best(&extractor, &pattern.text(SMALL), 5);
        let large = best(&extractor, &pattern.text(LARGE), 3);
        let ratio = large.as_secs_f64() / (10.0 * small.max(Duration::from_nanos(1)).as_secs_f64());
        let linear = ratio <= 1.3 || large < MEASURABLE * 10;
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

fn best(extractor: &Extractor, text: &[u8], runs: u32) -> Duration {
    (0..runs)
        .map(|_| {
            let begin = Clock::now();
            let found = extractor.extract(text);
            let took = begin.elapsed();
            assert_eq!(found.bytes, text.len() as u64, "not everything was read");
            took
        })
        .min()
        .unwrap_or_default()
}

/// CPU time of this thread (Linux), or the wall clock.
struct Clock {
    cpu: Option<u64>,
    wall: Instant,
}

impl Clock {
    fn now() -> Self {
        Self {
            cpu: cpu(),
            wall: Instant::now(),
        }
    }

    fn elapsed(&self) -> Duration {
        match (self.cpu, cpu()) {
            (Some(begin), Some(end)) => Duration::from_nanos(end.saturating_sub(begin)),
            _ => self.wall.elapsed(),
        }
    }
}

fn cpu() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}
