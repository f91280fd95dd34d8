//! A coarse guard that extraction stays linear, for every test run: ten times the text may not take thirty times as long.
//!
//! Quadratic would be a hundred times. The exact measurement is the example `linear`, in a release build.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::time::Duration;
use watchfire_extract::{Extractor, Options};
use watchfire_testkit::adversarial::PATTERNS;
use watchfire_testkit::clock::Watch;

const SMALL: usize = 10_000;
const LARGE: usize = 10 * SMALL;
/// Below this a busy machine decides.
const FLOOR: Duration = Duration::from_millis(300);

fn took(extractor: &Extractor, text: &[u8]) -> Duration {
    let watch = Watch::start();
    extractor.extract(text);
    watch.elapsed()
}

#[test]
fn ten_times_the_text_does_not_take_thirty_times_as_long() {
    let extractor = Extractor::new(Options {
        types: watchfire_model::TypeSet::all(),
        ..Options::default()
    });
    let slow: Vec<String> = PATTERNS
        .iter()
        .filter_map(|pattern| {
            let (small, large) = (pattern.text(SMALL), pattern.text(LARGE));
            let long = took(&extractor, &large);
            if long < FLOOR {
                return None;
            }
            // Twice, because the first may have been disturbed.
            let short = took(&extractor, &small).max(Duration::from_micros(100));
            let long = long.min(took(&extractor, &large));
            (long > FLOOR && long > short * 30).then(|| format!("{}: {short:?}, then {long:?}", pattern.name))
        })
        .collect();
    assert!(slow.is_empty(), "not linear:\n{}", slow.join("\n"));
}
