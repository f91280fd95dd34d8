//! Learns how often a letter follows two others. What was rarely seen is filled up by how often it follows one.

use std::collections::BTreeSet;

const SYMBOLS: usize = 29;
/// How many imagined sights of two letters weigh as much as those that were seen.
const PRIOR: f64 = 4.0;

/// The lists whose names are learnt from.
pub(crate) const LISTS: [&str; 3] = ["majestic_million", "university_domains", "bank-website"];

/// The labels that were registered, each once: those to learn from, and those to measure by.
pub(crate) fn labels(hosts: impl Iterator<Item = String>) -> (Vec<String>, Vec<String>) {
    let names = hosts.filter(|name| !name.starts_with("xn--") && !name.is_empty());
    let names: BTreeSet<String> = names.collect();
    names.into_iter().partition(|name| !is_held_back(name))
}

fn is_held_back(name: &str) -> bool {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 32).is_multiple_of(5)
}

/// The table.
pub(crate) fn table(names: &[String]) -> Vec<u8> {
    let mut three = vec![0_u32; SYMBOLS * SYMBOLS * SYMBOLS];
    let mut two = vec![0_u32; SYMBOLS * SYMBOLS];
    for name in names {
        let (mut first, mut second) = (0, 0);
        for next in name.bytes().map(super::symbol).chain([0]) {
            three[(first * SYMBOLS + second) * SYMBOLS + next] += 1;
            two[second * SYMBOLS + next] += 1;
            (first, second) = (second, next);
        }
    }
    let mut out = Vec::with_capacity(three.len());
    for (before, row) in three.chunks(SYMBOLS).enumerate() {
        let second = before % SYMBOLS;
        let pairs = &two[second * SYMBOLS..(second + 1) * SYMBOLS];
        let (all, of_pairs) = (sum(row), sum(pairs));
        for (seen, pair) in row.iter().zip(pairs) {
            let likely = (f64::from(*pair) + 0.5) / (of_pairs + 0.5 * (SYMBOLS - 1) as f64);
            let likely = (f64::from(*seen) + PRIOR * likely) / (all + PRIOR);
            out.push((-likely.log2() * 16.0).round().clamp(0.0, 255.0) as u8);
        }
    }
    out
}

fn sum(counts: &[u32]) -> f64 {
    f64::from(counts.iter().sum::<u32>())
}
