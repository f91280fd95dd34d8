//! Tables whose rows lie closely together, one behind the other, as they came: of what a capture says there may be tens of
//! thousands of rows, each looked at seldom. What is looked for is found in an index of eight bytes a row, which stays in the
//! cache, and then one row is waited for. Memory grows with the rows, and what goes leaves none of it unused.

use foldhash::fast::RandomState;
use hashbrown::{Equivalent, HashTable};
use std::hash::{BuildHasher, Hash};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Rows<K, V> {
    index: HashTable<Entry>,
    rows: Vec<(K, V)>,
    hasher: RandomState,
}

/// Half of the hash of a key, and where its row is.
#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    place: u32,
}

impl Entry {
    /// What the index goes by: its upper bits and its lower ones differ.
    const fn spread(hash: u32) -> u64 {
        (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

impl<K, V> Default for Rows<K, V> {
    fn default() -> Self {
        Self {
            index: HashTable::new(),
            rows: Vec::new(),
            hasher: RandomState::default(),
        }
    }
}

impl<K: Hash + Eq, V> Rows<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> u32 {
        (self.hasher.hash_one(key) >> 32) as u32
    }

    fn place<Q: Equivalent<K> + ?Sized>(&self, hash: u32, key: &Q) -> Option<usize> {
        let is_it = |entry: &Entry| {
            let row = self.rows.get(entry.place as usize);
            entry.hash == hash && row.is_some_and(|(known, _)| key.equivalent(known))
        };
        let entry = self.index.find(Entry::spread(hash), is_it)?;
        Some(entry.place as usize)
    }

    /// The row of `key`, if there is one.
    pub(crate) fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<&V> {
        let place = self.place(self.hash(key), key)?;
        self.rows.get(place).map(|(_, value)| value)
    }

    /// The same, to change it.
    pub(crate) fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        let place = self.place(self.hash(key), key)?;
        self.rows.get_mut(place).map(|(_, value)| value)
    }

    /// The row of `key`; a new one, unless there are as many as there may be.
    pub(crate) fn row(&mut self, key: K, most: usize, new: impl FnOnce() -> V) -> Option<&mut V> {
        let hash = self.hash(&key);
        let place = match self.place(hash, &key) {
            Some(place) => place,
            None if self.rows.len() >= most => return None,
            None => {
                let place = self.rows.len();
                self.rows.push((key, new()));
                self.enter(hash, place)?;
                place
            }
        };
        self.rows.get_mut(place).map(|(_, value)| value)
    }

    fn enter(&mut self, hash: u32, place: usize) -> Option<()> {
        let place = u32::try_from(place).ok()?;
        let entry = Entry { hash, place };
        self.index
            .insert_unique(Entry::spread(hash), entry, |entry| Entry::spread(entry.hash));
        Some(())
    }

    /// Keeps those rows that `keeps` wants, in their order.
    pub(crate) fn retain(&mut self, mut keeps: impl FnMut(&K, &V) -> bool) {
        self.rows.retain(|(key, value)| keeps(key, value));
        self.index.clear();
        for place in 0..self.rows.len() {
            if let Some((key, _)) = self.rows.get(place) {
                let hash = self.hash(key);
                self.enter(hash, place);
            }
        }
    }

    /// All rows, as they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter().map(|(key, value)| (key, value))
    }

    /// The same, to change them.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.rows.iter_mut().map(|(_, value)| value)
    }

    /// The same, to keep them.
    pub(crate) fn into_rows(self) -> Vec<(K, V)> {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_and_there_are_no_more_than_there_may_be() {
        let mut rows: Rows<String, u32> = Rows::default();
        for round in 0..3 {
            for number in 0..1_200_u32 {
                if let Some(row) = rows.row(number.to_string(), 1_000, || number) {
                    *row += 1;
                }
                let expected = (number < 1_000).then_some(number + round + 1);
                assert_eq!(rows.get(&number.to_string()).copied(), expected);
            }
        }
        assert_eq!(rows.len(), 1_000);
    }

    #[test]
    fn what_stays_is_found_where_it_is_now_and_others_have_room() {
        let mut rows: Rows<u32, u32> = Rows::default();
        (0..1_000).for_each(|number| _ = rows.row(number, 1_000, || number));
        rows.retain(|key, _| key % 3 == 0);
        (0..1_000).for_each(|number| assert_eq!(rows.get(&number).copied(), (number % 3 == 0).then_some(number)));
        assert!(rows.row(1_001, 1_000, || 7).is_some());
        *rows.get_mut(&999).unwrap() += 1;
        let last: Vec<(u32, u32)> = rows.into_rows().into_iter().rev().take(2).collect();
        assert_eq!(last, [(1_001, 7), (999, 1_000)]);
    }
}
