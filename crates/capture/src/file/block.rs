//! Numbers of pcapng: kinds of blocks and of options (`draft-ietf-opsawg-pcapng`, sections 4 and 10).

/// The bytes of a section header's kind, the same in both byte orders.
pub(super) const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
pub(super) const INTERFACE: u32 = 1;
pub(super) const OLD_PACKET: u32 = 2;
pub(super) const SIMPLE_PACKET: u32 = 3;
pub(super) const NAMES: u32 = 4;
pub(super) const STATISTICS: u32 = 5;
pub(super) const ENHANCED_PACKET: u32 = 6;
pub(super) const SECRETS: u32 = 10;

/// Kinds that a search after damage takes for blocks: those above, and the custom ones that other programs may skip or
/// must not copy.
pub(super) fn is_known(kind: u32) -> bool {
    matches!(kind, SECTION_HEADER | 1..=10 | 0x0000_0bad | 0x4000_0bad)
}

/// A remark, in any block.
pub(super) const COMMENT: u16 = 1;
