//! The fuzz targets of this crate on damaged seeds, without the fuzzer and without the crate that lists all targets.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    unreachable_pub,
    reason = "a test, and it includes a file of another crate"
)]

#[path = "../../testkit/src/fuzz/sigma.rs"]
mod targets;

/// Numbers that look like chance and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

/// A seed with a piece changed, cut out, doubled, or taken from another seed.
fn damaged(seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seeds[numbers.next(seeds.len())].clone();
    for _ in 0..=numbers.next(6) {
        let at = numbers.next(bytes.len());
        let end = (at + numbers.next(40)).min(bytes.len());
        match numbers.next(5) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.next(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let other = &seeds[numbers.next(seeds.len())];
                let from = numbers.next(other.len());
                let to = (from + numbers.next(200)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => {
                let words: [&[u8]; 6] = [b"*", b"|", b"\n  ", b": ", b"\\", b"&a "];
                bytes.splice(at..at, words[numbers.next(words.len())].iter().copied());
            }
        }
    }
    bytes
}

#[test]
fn damaged_rules_conditions_pipelines_programs_and_matches_keep_every_promise() {
    let seeds = targets::seeds();
    let mut numbers = Numbers(7);
    for seed in &seeds {
        targets::sigma(seed);
        targets::sigma_correlation(seed);
    }
    for round in 0..1_500 {
        let bytes = damaged(&seeds, &mut numbers);
        targets::sigma(&bytes);
        targets::sigma_condition(&bytes);
        targets::sigma_pipeline(&bytes);
        targets::sigma_cache(&bytes);
        if round % 10 == 0 {
            targets::sigma_correlation(&bytes);
        }
    }
}

#[test]
fn damaged_expressions_keep_every_promise() {
    let seeds = targets::expressions();
    let mut numbers = Numbers(11);
    seeds.iter().for_each(|seed| targets::sigma_query(seed));
    for _ in 0..3_000 {
        targets::sigma_query(&damaged(&seeds, &mut numbers));
    }
}
