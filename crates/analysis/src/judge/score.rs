//! From weights to a score: `round(100·(1−Π(1−w)))` over independent groups, with the heaviest of each.

use std::collections::BTreeMap;
use watchfire_model::{Score, Weight};

/// The heaviest weight of each group of evidence.
#[derive(Debug, Default)]
pub(super) struct Groups<'g>(BTreeMap<&'g str, Weight>);

impl<'g> Groups<'g> {
    /// Sorts evidence into groups. What weighs nothing counts for nothing.
    pub(super) fn of(evidence: impl IntoIterator<Item = (&'g str, Weight)>) -> Self {
        let mut groups = BTreeMap::new();
        for (group, weight) in evidence {
            if weight > Weight::NONE {
                let heaviest = groups.entry(group).or_insert(Weight::NONE);
                *heaviest = weight.max(*heaviest);
            }
        }
        Self(groups)
    }

    /// How many groups speak.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// In units of 10⁻¹⁸. Rounding down at each step keeps it monotonic in every weight.
    pub(super) fn score(&self) -> Score {
        const ONE: u128 = 1_000_000_000_000_000_000;
        let innocent = self.0.values().fold(ONE, |rest, weight| {
            rest * (1000 - u128::from(weight.thousandths())) / 1000
        });
        let percent = (100 * (ONE - innocent) + ONE / 2) / ONE;
        Score::new(u8::try_from(percent).unwrap_or(100))
    }
}
