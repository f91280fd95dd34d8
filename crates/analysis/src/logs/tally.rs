//! Values and how often each was met, in bounded memory.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use watchfire_model::Untrusted;
use watchfire_model::log::{Count, Counts};

/// Values that are told apart at most. Those that come when it is full are only counted as others.
const MOST: usize = 65_536;
/// Bytes of a value that tell it from another.
const LONGEST: usize = 256;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: HashTable<(Box<str>, u64)>,
    others: u64,
    hasher: RandomState,
}

impl Tally {
    pub(super) fn add(&mut self, value: &str, count: u64) {
        let value = super::rules::cut(value, LONGEST);
        let Self { rows, others, hasher } = self;
        let hashed = hasher.hash_one(value);
        let is_full = rows.len() >= MOST;
        match rows.find_mut(hashed, |(own, _)| **own == *value) {
            Some((_, own)) => *own = own.saturating_add(count),
            None if is_full => *others = others.saturating_add(count),
            None => {
                rows.insert_unique(hashed, (value.into(), count), |(value, _)| hasher.hash_one(&**value));
            }
        }
    }

    /// Adds another; its values come in their order, so that it does not matter in which order they lie in the table.
    pub(super) fn merge(&mut self, other: Self) {
        self.others = self.others.saturating_add(other.others);
        for (value, count) in other.sorted() {
            self.add(&value, count);
        }
    }

    fn sorted(self) -> Vec<(Box<str>, u64)> {
        let mut rows: Vec<_> = self.rows.into_iter().collect();
        rows.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        rows
    }

    /// The `most` frequent of them.
    pub(super) fn into_counts(self, field: &str, most: usize) -> Counts {
        let is_partial = self.others > 0;
        let rows = self.sorted();
        Counts {
            field: field.into(),
            distinct: rows.len() as u64,
            is_partial,
            values: rows
                .into_iter()
                .take(most)
                .map(|(value, count)| Count {
                    value: Untrusted::from(&*value),
                    count,
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_come_first() {
        let mut one = Tally::default();
        one.add("b", 1);
        one.add("a", 1);
        let mut other = Tally::default();
        other.add("c", 3);
        other.add("a", 1);
        one.merge(other);
        let counts = one.into_counts("user", 2);
        let values: Vec<_> = counts
            .values
            .iter()
            .map(|count| (count.value.raw(), count.count))
            .collect();
        assert_eq!((values, counts.distinct), (vec![("c", 3), ("a", 2)], 3));
    }

    #[test]
    fn what_finds_no_room_is_said() {
        let mut tally = Tally::default();
        for number in 0..=MOST {
            tally.add(&number.to_string(), 1);
        }
        assert!(tally.into_counts("user", 1).is_partial);
    }
}
