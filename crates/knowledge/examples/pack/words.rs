//! Builds the perfect hash that `src/tld.rs` asks: seeds, then slots.

use crate::{Result, word};
use std::collections::BTreeSet;

/// Seeds and slots for `words`, by hash and displace: the fullest buckets choose their seed first.
pub(crate) fn build(words: &BTreeSet<u64>) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut buckets: Vec<(usize, Vec<u64>)> = (0..word::SEEDS)
        .map(|bucket| {
            (
                bucket,
                words
                    .iter()
                    .copied()
                    .filter(|word| word::bucket(*word) == bucket)
                    .collect(),
            )
        })
        .collect();
    buckets.sort_by_key(|(bucket, words)| (usize::MAX - words.len(), *bucket));
    let mut seeds = vec![0_u16; word::SEEDS];
    let mut slots = vec![0_u64; word::SLOTS];
    for (bucket, words) in &buckets {
        let fits = |seed: &u16| {
            let wanted: BTreeSet<usize> = words.iter().map(|word| word::slot(*word, *seed)).collect();
            wanted.len() == words.len() && wanted.iter().all(|at| slots.get(*at) == Some(&0))
        };
        let seed = (0..=u16::MAX).find(fits).ok_or("no seed fits")?;
        if let Some(chosen) = seeds.get_mut(*bucket) {
            *chosen = seed;
        }
        for word in words {
            if let Some(slot) = slots.get_mut(word::slot(*word, seed)) {
                *slot = *word;
            }
        }
    }
    Ok((
        seeds.iter().flat_map(|seed| seed.to_le_bytes()).collect(),
        slots.iter().flat_map(|slot| slot.to_le_bytes()).collect(),
    ))
}
