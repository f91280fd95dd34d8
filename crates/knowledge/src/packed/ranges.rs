//! Sorted ranges of integers, each with a 16-bit value.
//!
//! The number line is cut wherever the value changes. `cuts: u32`, then where each piece starts, then its value; zero is
//! the value of what no range covers. A piece ends where the next one starts.

use super::{u16_at, u32_at, u64_at};
use std::marker::PhantomData;

/// An integer that ranges are made of.
pub(crate) trait Key: Copy + Ord {
    /// Bytes in a table.
    const SIZE: usize;
    /// The `at`-th integer of `bytes`.
    fn read(bytes: &[u8], at: usize) -> Option<Self>;
}

impl Key for u32 {
    const SIZE: usize = 4;
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        u32_at(bytes, at)
    }
}

impl Key for u64 {
    const SIZE: usize = 8;
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        u64_at(bytes, at)
    }
}

impl Key for u128 {
    const SIZE: usize = 16;
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        bytes
            .get(at.checked_mul(16)?..)?
            .first_chunk()
            .copied()
            .map(Self::from_le_bytes)
    }
}

/// How many of the sorted integers `starts` are at or below `key`, where at least `low` and at most `high` are.
pub(crate) fn at_or_below<K: Key>(starts: &[u8], key: K, (mut low, mut high): (usize, usize)) -> usize {
    while low < high {
        let middle = low + (high - low) / 2;
        match K::read(starts, middle) {
            Some(start) if start <= key => low = middle + 1,
            _ => high = middle,
        }
    }
    low
}

/// An embedded table.
#[derive(Clone, Copy)]
pub(crate) struct Ranges<K> {
    count: usize,
    starts: &'static [u8],
    values: &'static [u8],
    key: PhantomData<K>,
}

impl<K: Key> Ranges<K> {
    /// Reads the header. What is not such a table is an empty one; tests look up something in each.
    pub(crate) const fn new(table: &'static [u8]) -> Self {
        if let Some((count, rest)) = table.split_first_chunk::<4>() {
            let count = u32::from_le_bytes(*count) as usize;
            if let Some((starts, values)) = rest.split_at_checked(count * K::SIZE) {
                return Self {
                    count,
                    starts,
                    values,
                    key: PhantomData,
                };
            }
        }
        Self {
            count: 0,
            starts: &[],
            values: &[],
            key: PhantomData,
        }
    }

    /// How many pieces there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The value at `key`; zero where no range covers it.
    pub(crate) fn get(&self, key: K) -> u16 {
        at_or_below(self.starts, key, (0, self.count))
            .checked_sub(1)
            .and_then(|piece| u16_at(self.values, piece))
            .unwrap_or_default()
    }
}

impl Ranges<u32> {
    /// For each value of the sixteen bits at the top, how many pieces start below it; and once more behind the last.
    pub(crate) fn index(&self) -> Vec<u32> {
        let mut index = Vec::with_capacity((1 << 16) + 1);
        let mut below = 0;
        for top in 0..1_u32 << 16 {
            while u32::read(self.starts, below).is_some_and(|start| start < top << 16) {
                below += 1;
            }
            index.push(below as u32);
        }
        index.push(self.count as u32);
        index
    }

    /// [`Ranges::get`] with an [`Ranges::index`].
    pub(crate) fn get_by(&self, index: &[u32], key: u32) -> u16 {
        let top = (key >> 16) as usize;
        let low = index.get(top).map_or(0, |low| *low as usize);
        let high = index.get(top + 1).map_or(self.count, |high| *high as usize);
        at_or_below(self.starts, key, (low, high))
            .checked_sub(1)
            .and_then(|piece| u16_at(self.values, piece))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Ranges;

    #[test]
    fn a_piece_starts_at_its_cut_and_ends_before_the_next() {
        let mut bytes = 3_u32.to_le_bytes().to_vec();
        for start in [10_u32, 20, 30] {
            bytes.extend(start.to_le_bytes());
        }
        for value in [1_u16, 2, 0] {
            bytes.extend(value.to_le_bytes());
        }
        let ranges = Ranges::<u32>::new(bytes.leak());
        for (key, value) in [
            (0, 0),
            (9, 0),
            (10, 1),
            (19, 1),
            (20, 2),
            (29, 2),
            (30, 0),
            (u32::MAX, 0),
        ] {
            assert_eq!(ranges.get(key), value, "{key}");
            assert_eq!(ranges.get_by(&ranges.index(), key), value, "{key}");
        }
    }

    #[test]
    fn damaged_tables_are_empty() {
        for bytes in [&b""[..], b"\x01\0\0", b"\xff\xff\xff\xff", b"\x02\0\0\0\x01\0\0\0"] {
            assert_eq!(Ranges::<u32>::new(bytes).get(1), 0);
        }
    }
}
