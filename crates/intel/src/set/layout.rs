//! The layout of a set, version 1.
//!
//! Header: `WFSET\0\x01\0`, then `u64` each: key of the hash (two), kinds of keys present (a bit for each), counts
//! (indicators, slots, networks of IPv4, networks of IPv6, labels), where labels and records begin, where all ends, and a checksum
//! over the above. Sections follow one another without gaps in the order of [`Section`].

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Bytes of the header.
pub(super) const HEADER: usize = 128;
const MAGIC: [u8; 8] = *b"WFSET\0\x01\0";
/// Bits of a slot that hold the offset of a record, counted from one.
pub(super) const OFFSET_BITS: u32 = 40;
pub(super) const OFFSET_MASK: u64 = (1 << OFFSET_BITS) - 1;
/// Bytes of a network of IPv4: first and last address, the network around it (counted from one), its record.
pub(super) const V4: usize = 4 + 4 + 4 + 8;
/// The same for IPv6.
pub(super) const V6: usize = 16 + 16 + 4 + 8;

/// What stands behind the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Table,
    V4,
    V6,
    Labels,
    Records,
}

/// The slot where the search for a hash begins.
pub(super) fn slot(hash: u64, slots: u64) -> u64 {
    // The high bits of a product spread evenly over any number of slots (Lemire).
    ((u128::from(hash) * u128::from(slots)) >> 64) as u64
}

/// What tells hashes in one slot apart: bits that [`slot`] does not look at first. Never all of a slot's bits: zero is
/// an empty slot, and an offset counts from one.
pub(super) const fn mark(hash: u64) -> u64 {
    hash & ((1 << (64 - OFFSET_BITS)) - 1)
}

/// What the first bytes of a set say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// The key of the hash. It comes from the indicators themselves, so that nobody can choose values that collide.
    pub(super) seed: [u64; 2],
    /// Which kinds of keys there are, a bit for each.
    pub(super) present: u64,
    pub(super) indicators: u32,
    pub(super) slots: u32,
    pub(super) v4: u32,
    pub(super) v6: u32,
    /// Labels: threats, which repeat.
    pub(super) labels: u32,
    pub(super) records_at: u64,
    pub(super) end: u64,
}

impl Header {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEADER)?;
        let number = |at: usize| -> Option<u64> {
            let chunk = bytes.get(8 + at * 8..)?.first_chunk()?;
            Some(u64::from_le_bytes(*chunk))
        };
        let small = |at: usize| number(at).and_then(|number| u32::try_from(number).ok());
        let header = Self {
            seed: [number(0)?, number(1)?],
            present: number(2)?,
            indicators: small(3)?,
            slots: small(4)?,
            v4: small(5)?,
            v6: small(6)?,
            labels: small(7)?,
            records_at: number(8)?,
            end: number(9)?,
        };
        let whole = bytes.starts_with(&MAGIC)
            && header.bytes().as_slice() == bytes
            && header.section(Section::Labels) <= header.records_at
            && header.records_at <= header.end;
        whole.then_some(header)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let numbers = [
            self.seed[0],
            self.seed[1],
            self.present,
            self.indicators.into(),
            self.slots.into(),
            self.v4.into(),
            self.v6.into(),
            self.labels.into(),
            self.records_at,
            self.end,
        ];
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes.resize(HEADER - 8, 0);
        let check = hash([0x7761_7463, 0x6866_6972], &bytes);
        bytes.extend(check.to_le_bytes());
        bytes
    }

    /// Where a section begins.
    pub(super) fn section(&self, section: Section) -> u64 {
        let table = HEADER as u64;
        let v4 = table + 8 * u64::from(self.slots);
        let v6 = v4 + V4 as u64 * u64::from(self.v4);
        match section {
            Section::Table => table,
            Section::V4 => v4,
            Section::V6 => v6,
            Section::Labels => v6 + V6 as u64 * u64::from(self.v6),
            Section::Records => self.records_at,
        }
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn hash(&self, key: &[u8]) -> u64 {
        hash(self.seed, key)
    }
}

/// SipHash-1-3.
pub(super) fn hash(seed: [u64; 2], key: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(seed[0], seed[1]);
    hasher.write(key);
    hasher.finish()
}

/// Appends a number in groups of seven bits, the lowest first (LEB128).
pub(super) fn push_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number off the front.
pub(super) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
