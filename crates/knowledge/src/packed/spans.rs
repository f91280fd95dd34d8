//! Sorted spans of integers, each with a country and a network's number, a few bytes each.
//!
//! Spans stand in blocks of sixteen. `blocks: u32`; for tables that are looked up by the bits at the top, for each value of
//! these bits the number of blocks that start below it (`u16`); where the first span of each block starts; where each
//! block lies behind these headers (`u32`); the blocks. A span is one byte of flags and length, then what the flags
//! ask for: the gap before it (varint; the first of a block has none), its length (varint) if that is no power of two,
//! its country (one byte) and its network (see [`Codes`]) where they differ from those of the span before.

use super::ranges::{Key, at_or_below};
use super::{u16_at, u32_at};
use std::marker::PhantomData;

/// A gap precedes the span.
const GAP: u8 = 0x80;
/// The country is that of the span before.
const SAME_COUNTRY: u8 = 0x40;
/// The network is that of the span before.
const SAME_NETWORK: u8 = 0x20;
/// The exponent that stands for a length written out.
const WRITTEN_OUT: u8 = 0x1F;
/// Codes of one byte.
const SHORT: usize = 0x80;

/// An embedded table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spans<K> {
    count: usize,
    below: &'static [u8],
    starts: &'static [u8],
    places: &'static [u8],
    blocks: &'static [u8],
    shape: Shape,
    key: PhantomData<K>,
}

/// What a table's header does not say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// The exponent zero of a length stands for so many bits.
    pub(crate) shift: u32,
    /// Bits at the top by which a block is found, 0 for none.
    pub(crate) top: u32,
}

/// IPv4 addresses.
pub(crate) const V4: Shape = Shape { shift: 0, top: 16 };
/// IPv6 networks of 64 bits.
pub(crate) const V6: Shape = Shape { shift: 8, top: 0 };

/// What covers an integer: a country's and a network's number, zero for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cover {
    pub(crate) country: u8,
    pub(crate) network: u32,
}

/// The numbers of the most frequent networks: they are written in one byte or two, all others in three.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes(pub(crate) &'static [u8]);

impl Codes {
    fn read(self, bytes: &mut &[u8]) -> Option<u32> {
        let first = byte(bytes)?;
        if usize::from(first) < SHORT {
            return u32_at(self.0, usize::from(first));
        }
        let second = u32::from(byte(bytes)?);
        if first < 0xC0 {
            return u32_at(self.0, SHORT + (usize::from(first & 0x3F) << 8) + second as usize);
        }
        Some(u32::from(first & 0x3F) << 16 | second << 8 | u32::from(byte(bytes)?))
    }
}

impl<K: Key + Into<u64>> Spans<K> {
    /// Reads the header. What is not such a table is an empty one; tests look up something in each.
    pub(crate) const fn new(table: &'static [u8], shape: Shape) -> Self {
        let below = if shape.top == 0 { 0 } else { 2 << shape.top };
        if let Some((count, rest)) = table.split_first_chunk::<4>() {
            let count = u32::from_le_bytes(*count) as usize;
            if let Some((below, rest)) = rest.split_at_checked(below)
                && let Some((starts, rest)) = rest.split_at_checked(count * K::SIZE)
                && let Some((places, blocks)) = rest.split_at_checked(count * 4)
            {
                return Self {
                    count,
                    below,
                    starts,
                    places,
                    blocks,
                    shape,
                    key: PhantomData,
                };
            }
        }
        Self {
            count: 0,
            below: &[],
            starts: &[],
            places: &[],
            blocks: &[],
            shape,
            key: PhantomData,
        }
    }

    /// How many blocks there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What covers `key`.
    pub(crate) fn get(&self, key: K, codes: Codes) -> Cover {
        at_or_below(self.starts, key, self.between(key))
            .checked_sub(1)
            .and_then(|block| self.in_block(block, key.into(), codes))
            .unwrap_or_default()
    }

    /// The number of blocks that start at or below `key`, at least and at most.
    fn between(&self, key: K) -> (usize, usize) {
        if self.shape.top == 0 {
            return (0, self.count);
        }
        let top = (key.into() >> (8 * K::SIZE as u32 - self.shape.top)) as usize;
        let below = |top| u16_at(self.below, top).map(usize::from);
        (below(top).unwrap_or_default(), below(top + 1).unwrap_or(self.count))
    }

    fn in_block(&self, block: usize, key: u64, codes: Codes) -> Option<Cover> {
        let mut at: u64 = K::read(self.starts, block)?.into();
        let from = u32_at(self.places, block)? as usize;
        let to = u32_at(self.places, block + 1).map_or(self.blocks.len(), |to| to as usize);
        let mut bytes = self.blocks.get(from..to)?;
        let mut cover = Cover::default();
        while let Some(head) = byte(&mut bytes) {
            if head & GAP != 0 {
                at = at.checked_add(varint(&mut bytes)?)?;
            }
            let length = match head & WRITTEN_OUT {
                WRITTEN_OUT => varint(&mut bytes)?,
                exponent => 1u64.checked_shl(u32::from(exponent) + self.shape.shift)?,
            };
            if head & SAME_COUNTRY == 0 {
                cover.country = byte(&mut bytes)?;
            }
            if head & SAME_NETWORK == 0 {
                cover.network = codes.read(&mut bytes)?;
            }
            if key < at {
                return None;
            }
            // The last span may end with the last integer.
            if key - at < length {
                return Some(cover);
            }
            at = at.checked_add(length)?;
        }
        None
    }
}

#[inline]
fn byte(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

/// Seven bits a byte, the lowest first; the last byte has no high bit.
#[inline]
pub(crate) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let next = byte(bytes)?;
        value |= u64::from(next & 0x7F) << shift;
        if next < 0x80 {
            return Some(value);
        }
    }
    None
}
