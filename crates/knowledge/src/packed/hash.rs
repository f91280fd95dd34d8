//! The hash that packed tables are laid out by: FNV-1a over the bytes from the last to the first.
//!
//! Backwards, so that one pass over a host yields the hash of each domain it lies below. It only decides where to look:
//! keys are always compared in full, so that a collision made on purpose gains nothing.

/// A hash in the making.
#[derive(Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    /// Of no bytes.
    pub(crate) const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    /// With `byte` before those taken so far.
    pub(crate) const fn prepend(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3))
    }

    /// Of all of `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        bytes.iter().rev().fold(Self::EMPTY, |hash, byte| hash.prepend(*byte))
    }

    /// The first of `slots` slots to look in. The upper half decides, the lower half of a product is its weaker one.
    pub(crate) const fn slot(self, slots: u32) -> u32 {
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (((mixed >> 32) * slots as u64) >> 32) as u32
    }

    /// Eight bits that tell most other keys in the same slot apart.
    pub(crate) const fn mark(self) -> u32 {
        (self.0 >> 16) as u32 & 0xff
    }
}
