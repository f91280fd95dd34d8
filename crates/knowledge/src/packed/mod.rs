//! How tables are searched where they lie.
//!
//! Tables are embedded as they are stored; headers are read when the program is compiled. Integers are little endian.

pub(crate) mod hash;
pub(crate) mod lines;
pub(crate) mod names;
pub(crate) mod phrases;
pub(crate) mod ranges;
pub(crate) mod spans;
pub(crate) mod word;

/// The `at`-th integer of `bytes`.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let start = at.checked_mul(2)?;
    bytes.get(start..)?.first_chunk().copied().map(u16::from_le_bytes)
}

/// The `at`-th integer of `bytes`.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let start = at.checked_mul(4)?;
    bytes.get(start..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// The `at`-th integer of `bytes`.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let start = at.checked_mul(8)?;
    bytes.get(start..)?.first_chunk().copied().map(u64::from_le_bytes)
}
