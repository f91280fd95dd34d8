//! Two lists of ranges as one: cut wherever either of them changes.

use crate::{Family, Result};
use std::collections::BTreeSet;

/// A span in which nothing changes.
pub(crate) struct Cut {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) country: Option<[u8; 2]>,
    /// 0 for none.
    pub(crate) network: u32,
}

/// What lies in ranges that are sorted and do not overlap.
struct Sweep<'r, T> {
    ranges: &'r [(u64, u64, T)],
}

impl<T: Copy> Sweep<'_, T> {
    /// The value at `at`, which never goes back.
    fn at(&mut self, at: u64) -> Option<T> {
        while let Some(((_, last, _), rest)) = self.ranges.split_first() {
            if *last >= at {
                break;
            }
            self.ranges = rest;
        }
        self.ranges
            .first()
            .filter(|(first, ..)| *first <= at)
            .map(|(.., value)| *value)
    }
}

pub(crate) fn cut(family: &Family) -> Vec<Cut> {
    let countries = family.countries.iter().map(|(first, last, _)| (*first, *last));
    let networks = family.networks.iter().map(|(first, last, _)| (*first, *last));
    let mut starts = BTreeSet::new();
    for (first, last) in countries.chain(networks) {
        starts.insert(first);
        starts.extend(last.checked_add(1));
    }
    let (mut countries, mut networks) = (
        Sweep {
            ranges: &family.countries,
        },
        Sweep {
            ranges: &family.networks,
        },
    );
    let mut cuts: Vec<Cut> = Vec::new();
    let mut starts = starts.into_iter().peekable();
    while let Some(first) = starts.next() {
        let last = starts.peek().map_or(u64::MAX, |next| next - 1);
        let (country, network) = (countries.at(first), networks.at(first).unwrap_or_default());
        if country.is_none() && network == 0 {
            continue;
        }
        match cuts.last_mut() {
            Some(before) if before.last + 1 == first && (before.country, before.network) == (country, network) => {
                before.last = last;
            }
            _ => cuts.push(Cut {
                first,
                last,
                country,
                network,
            }),
        }
    }
    cuts
}

/// Every country once; the first is no country.
pub(crate) fn countries(one: &[Cut], other: &[Cut]) -> Result<Vec<[u8; 2]>> {
    let all: BTreeSet<[u8; 2]> = one.iter().chain(other).filter_map(|cut| cut.country).collect();
    let countries: Vec<[u8; 2]> = std::iter::once(*b"--").chain(all).collect();
    if countries.len() > 256 {
        return Err("more than 255 countries".into());
    }
    Ok(countries)
}
