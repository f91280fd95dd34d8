//! Literals by a few of their bytes: a bitmap that says at once that nothing is known by the bytes at a place, and behind it
//! a list of what is.

use super::index::{small, usize};

/// One way in: a literal by the bytes at `offset`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The bytes, the first one lowest.
    pub(crate) gram: u64,
    pub(crate) literal: u32,
    pub(crate) offset: u32,
}

/// Literals by grams of one width.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Bytes of a gram, from 1 to 8.
    pub(crate) width: usize,
    /// Bytes that count in eight.
    pub(crate) mask: u64,
    /// Hashes of grams, in many more slots than there are entries.
    filter: Vec<u64>,
    filter_shift: u32,
    /// Where the entries of each hash begin.
    heads: Vec<u32>,
    shift: u32,
    entries: Vec<Entry>,
}

/// The highest bits of the product depend on all bytes.
#[inline]
fn hash(gram: u64, shift: u32) -> u64 {
    gram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift
}

#[inline]
fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// How far a product is shifted for a number below the next power of two.
fn shift_for(slots: usize, least: usize, most: usize) -> u32 {
    64 - slots.next_power_of_two().clamp(least, most).trailing_zeros()
}

impl Table {
    /// Slots of the bitmap for each entry: it is nearly empty, so that few places are looked at in vain.
    const SLOTS: usize = 32;
    /// Most slots: 64 KiB stay in a near cache.
    const MOST: usize = 1 << 19;

    pub(crate) fn new(width: usize, mut entries: Vec<Entry>) -> Self {
        let shift = shift_for(entries.len().saturating_mul(2), 16, 1 << 20);
        entries.sort_unstable_by_key(|entry| (hash(entry.gram, shift), entry.gram, entry.literal));
        let slots = 1_usize << (64 - shift);
        let mut heads = vec![0_u32; slots + 1];
        for entry in &entries {
            if let Some(head) = heads.get_mut(place(hash(entry.gram, shift)) + 1) {
                *head += 1;
            }
        }
        let mut sum = 0;
        for head in &mut heads {
            sum += *head;
            *head = sum;
        }
        let filter_shift = shift_for(entries.len().saturating_mul(Self::SLOTS), 64, Self::MOST);
        let mut filter = vec![0_u64; (1_usize << (64 - filter_shift)).div_ceil(64)];
        for entry in &entries {
            let slot = hash(entry.gram, filter_shift);
            if let Some(word) = filter.get_mut(place(slot >> 6)) {
                *word |= 1 << (slot & 63);
            }
        }
        Self {
            width,
            mask: u64::MAX >> (64 - 8 * small(width.clamp(1, 8))),
            filter,
            filter_shift,
            heads,
            shift,
            entries,
        }
    }

    /// 0 where nothing is known by the gram, 1 where something may be.
    #[inline]
    pub(crate) fn may_hold(&self, gram: u64) -> u64 {
        let slot = hash(gram, self.filter_shift);
        self.filter
            .get(place(slot >> 6))
            .map_or(0, |word| word >> (slot & 63) & 1)
    }

    /// What is known by the gram.
    #[inline]
    pub(crate) fn entries(&self, gram: u64) -> impl Iterator<Item = &Entry> {
        let slot = place(hash(gram, self.shift));
        let from = self.heads.get(slot).copied().map_or(0, usize);
        let to = self.heads.get(slot + 1).copied().map_or(0, usize);
        let entries = self.entries.get(from..to).unwrap_or_default();
        entries.iter().filter(move |entry| entry.gram == gram)
    }
}
