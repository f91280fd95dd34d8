//! Every fuzz target over its seeds and over damaged ones: deterministic, bounded, on stable Rust.
//!
//! `WATCHFIRE_FUZZ_ROUNDS` is the number of damaged inputs per target, 1,000 unless told. A failure names target, round
//! and input, which [`input`] makes again.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::panic::catch_unwind;
use std::time::{Duration, Instant};
use watchfire_testkit::fuzz::{TARGETS, Target};
use watchfire_testkit::{Random, mutate};

/// No input of a few kilobytes may take longer, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

fn rounds() -> u64 {
    std::env::var("WATCHFIRE_FUZZ_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(1_000)
}

/// The input of a round: the seeds as they are first, then damaged, ever the same.
fn input(seeds: &[Vec<u8>], round: u64) -> Vec<u8> {
    if let Some(seed) = usize::try_from(round).ok().and_then(|round| seeds.get(round)) {
        return seed.clone();
    }
    let mut random = Random::new(round);
    let empty = Vec::new();
    let one = seeds.get(random.index(seeds.len())).unwrap_or(&empty);
    let other = seeds.get(random.index(seeds.len())).unwrap_or(&empty);
    mutate::mutate(&mut random, one, other)
}

fn survives(target: &Target) -> Result<(), String> {
    let seeds = (target.seeds)();
    for round in 0..rounds() + seeds.len() as u64 {
        let data = input(&seeds, round);
        let begin = Instant::now();
        if catch_unwind(|| (target.run)(&data)).is_err() {
            return Err(format!(
                "target '{}' fails in round {round} on {} bytes: \"{}\"",
                target.name,
                data.len(),
                data.iter()
                    .take(400)
                    .copied()
                    .map(std::ascii::escape_default)
                    .map(|c| c.to_string())
                    .collect::<String>()
            ));
        }
        let took = begin.elapsed();
        if took > PATIENCE {
            return Err(format!(
                "target '{}' takes {took:?} in round {round} on {} bytes",
                target.name,
                data.len()
            ));
        }
    }
    Ok(())
}

#[test]
fn every_target_keeps_its_promises() {
    // One thread per target would hide nothing, but the failures of all targets are worth having at once.
    let failures: Vec<String> = TARGETS.iter().filter_map(|target| survives(target).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
