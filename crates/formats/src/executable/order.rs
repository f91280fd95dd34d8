//! Numbers of a file that says itself in which order their bytes are.

use crate::bytes::{be16, be32, be64, le16, le32, le64};

/// Which byte of a number comes first, and how wide addresses are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) is_big: bool,
    pub(super) is_wide: bool,
}

impl Order {
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        if self.is_big { be16(bytes, at) } else { le16(bytes, at) }
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        if self.is_big { be32(bytes, at) } else { le32(bytes, at) }
    }

    pub(super) fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.is_big { be64(bytes, at) } else { le64(bytes, at) }
    }

    /// An address: 32 or 64 bits.
    pub(super) fn address(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.is_wide {
            self.u64(bytes, at)
        } else {
            self.u32(bytes, at).map(u64::from)
        }
    }
}
