//! Blocks of pcapng (`draft-ietf-opsawg-pcapng`), in little-endian order: a section, its interfaces and packets, as far as they
//! are known of frames that were read. Each function appends one whole block, padded and with its length at both ends.
//!
//! What a live capture has to say besides (names, directions, counts) is written where it is known, in `sources`: that crate
//! stands beside this one and uses none of it.

/// The kinds of blocks.
pub(super) const SECTION: u32 = 0x0a0d_0d0a;
pub(super) const INTERFACE: u32 = 1;
pub(super) const PACKET: u32 = 6;

/// A packet beside its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PacketBlock {
    /// The interface, by its place in the section.
    pub(super) interface: u32,
    /// When it was captured, in nanoseconds since 1970.
    pub(super) time: u64,
    /// Bytes on the wire.
    pub(super) length: u32,
}

/// A section begins.
pub(super) fn section(out: &mut Vec<u8>) {
    block(out, SECTION, |out| {
        out.extend(0x1a2b_3c4d_u32.to_le_bytes());
        out.extend(1u16.to_le_bytes());
        out.extend(0u16.to_le_bytes());
        // How long it is, nobody knows yet.
        out.extend(u64::MAX.to_le_bytes());
        option(out, 4, concat!("Watchfire ", env!("CARGO_PKG_VERSION")).as_bytes());
        option(out, 0, &[]);
    });
}

/// An interface whose frames begin with `link`, a number of <https://www.tcpdump.org/linktypes.html>; the first of a section
/// is number 0.
pub(super) fn interface(out: &mut Vec<u8>, link: u16) {
    block(out, INTERFACE, |out| {
        out.extend(link.to_le_bytes());
        out.extend(0u16.to_le_bytes());
        // Frames are as long as they are.
        out.extend(0u32.to_le_bytes());
        // Times are in 10^-9 seconds.
        option(out, 9, &[9]);
        option(out, 0, &[]);
    });
}

/// A packet, of which `bytes` were captured.
pub(super) fn packet(out: &mut Vec<u8>, packet: &PacketBlock, bytes: &[u8]) {
    block(out, PACKET, |out| {
        out.extend(packet.interface.to_le_bytes());
        // The upper half first, whatever the order of bytes.
        out.extend(((packet.time >> 32) as u32).to_le_bytes());
        out.extend((packet.time as u32).to_le_bytes());
        out.extend(small(bytes.len()).to_le_bytes());
        out.extend(packet.length.to_le_bytes());
        out.extend_from_slice(bytes);
        pad(out, bytes.len());
    });
}

/// A block of `kind` with what `body` writes, which is a whole number of words.
fn block(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend(kind.to_le_bytes());
    out.extend([0; 4]);
    body(out);
    let length = small(out.len() - start + 4).to_le_bytes();
    out.extend(length);
    if let Some(place) = out.get_mut(start + 4..start + 8) {
        place.copy_from_slice(&length);
    }
}

/// An option: its code, its length, its value, padded.
fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    out.extend(code.to_le_bytes());
    out.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(value);
    pad(out, value.len());
}

fn pad(out: &mut Vec<u8>, length: usize) {
    let missing = length.wrapping_neg() % 4;
    out.extend_from_slice([0; 3].get(..missing).unwrap_or_default());
}

/// Frames are shorter than 4 GiB.
fn small(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_whole_words_and_says_its_length_twice() {
        let mut out = Vec::new();
        section(&mut out);
        interface(&mut out, 1);
        for length in 0..5 {
            packet(&mut out, &PacketBlock::default(), &[7; 5][..length]);
        }
        let mut kinds = Vec::new();
        let mut rest = out.as_slice();
        while let Some(head) = rest.first_chunk::<8>() {
            let [kind, length] = [0, 4].map(|at| u32::from_le_bytes(head[at..at + 4].try_into().unwrap()));
            let (block, behind) = rest.split_at(length as usize);
            assert_eq!((block.len() % 4, &block[4..8]), (0, &block[block.len() - 4..]));
            kinds.push(kind);
            rest = behind;
        }
        assert_eq!(kinds, [SECTION, INTERFACE, PACKET, PACKET, PACKET, PACKET, PACKET]);
    }
}
