//! Frames of a block that the kernel filled (TPACKET_V3, `Documentation/networking/packet_mmap.rst` and
//! `include/uapi/linux/if_packet.h` of Linux).
//!
//! Every place and length that a block names is looked up in the bytes of the block; one that leads out of it ends the
//! walk, and that is told. Numbers are in the machine's own order.

/// Where a frame's data about the link (`struct sockaddr_ll`) stands behind its header.
const ADDRESS: usize = 48;
/// Bytes of that header and of the address, with which every frame begins.
const HEADER: usize = ADDRESS + 20;

/// The tag was taken out of the frame and stands in the header.
const VLAN_VALID: u32 = 1 << 4;
/// What kind of tag it was is known.
const VLAN_KIND_VALID: u32 = 1 << 6;
/// The kind of a tag that names none (IEEE 802.1Q).
const DOT1Q: u16 = 0x8100;

/// A frame as it lies in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RingFrame<'b> {
    /// When it was captured, in nanoseconds since 1970.
    pub(super) time: u64,
    /// Bytes on the wire.
    pub(super) length: u32,
    /// What was captured of it.
    pub(super) bytes: &'b [u8],
    /// Where the header of the network begins in `bytes`.
    pub(super) network: usize,
    /// The outermost VLAN tag that the card or the kernel took out: its kind and its value.
    pub(super) vlan: Option<(u16, u16)>,
    /// The interface.
    pub(super) interface: u32,
    /// What kind of interface that is, a number of `include/uapi/linux/if_arp.h`.
    pub(super) hardware: u16,
    /// What the link says that it carries, an EtherType.
    pub(super) protocol: u16,
    /// To us (0), to all (1), to many (2), to another (3), or from us (4).
    pub(super) kind: u8,
    /// The sender's address on the link, and how much of it there is.
    pub(super) address: ([u8; 8], u8),
}

/// Walks over the frames of a block.
#[derive(Debug)]
pub(super) struct Frames<'b> {
    block: &'b [u8],
    next: usize,
    left: u32,
    damaged: bool,
}

impl<'b> Frames<'b> {
    /// A block from its first byte on.
    pub(super) fn new(block: &'b [u8]) -> Self {
        let count = word(block, 12);
        let first = word(block, 16).and_then(|first| usize::try_from(first).ok());
        Self {
            block,
            next: first.unwrap_or(0),
            left: count.unwrap_or(0),
            damaged: count.is_none() || first.is_none(),
        }
    }

    /// Whether the block said something that cannot be.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged
    }

    fn frame(&mut self) -> Option<RingFrame<'b>> {
        let frame = self.block.get(self.next..)?;
        let step = usize::try_from(word(frame, 0)?).ok()?;
        // The last one says 0.
        if self.left > 1 && step < HEADER {
            return None;
        }
        self.next = self.next.checked_add(step)?;
        let status = word(frame, 20)?;
        let (mac, network) = (usize::from(half(frame, 24)?), usize::from(half(frame, 26)?));
        let captured = usize::try_from(word(frame, 12)?).ok()?;
        let (value, kind) = (word(frame, 32)? as u16, half(frame, 36)?);
        let kind = if status & VLAN_KIND_VALID != 0 { kind } else { DOT1Q };
        let tagged = status & VLAN_VALID != 0 || value != 0;
        let address = frame.get(ADDRESS..HEADER)?;
        Some(RingFrame {
            time: u64::from(word(frame, 4)?) * 1_000_000_000 + u64::from(word(frame, 8)?),
            length: word(frame, 16)?,
            bytes: frame.get(mac..mac.checked_add(captured)?)?,
            network: network.saturating_sub(mac),
            vlan: tagged.then_some((kind, value)),
            interface: word(address, 4)?,
            hardware: half(address, 8)?,
            protocol: u16::from_be_bytes(*address.get(2..)?.first_chunk()?),
            kind: *address.get(10)?,
            address: (*address.get(12..)?.first_chunk()?, (*address.get(11)?).min(8)),
        })
    }
}

impl<'b> Iterator for Frames<'b> {
    type Item = RingFrame<'b>;

    fn next(&mut self) -> Option<RingFrame<'b>> {
        if self.left == 0 {
            return None;
        }
        let frame = self.frame();
        self.left = if frame.is_some() { self.left - 1 } else { 0 };
        self.damaged |= frame.is_none();
        frame
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn put(block: &mut [u8], at: usize, bytes: &[u8]) {
        block[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// A block with these frames, each 256 bytes behind the one before.
    pub(in crate::live::os) fn block(frames: &[&[u8]]) -> Vec<u8> {
        let mut block = vec![0; 64 + frames.len() * 256];
        put(&mut block, 12, &(frames.len() as u32).to_ne_bytes());
        put(&mut block, 16, &48u32.to_ne_bytes());
        for (number, frame) in frames.iter().enumerate() {
            let at = 48 + number * 256;
            let last = number + 1 == frames.len();
            put(&mut block, at, &if last { 0u32 } else { 256 }.to_ne_bytes());
            put(&mut block, at + 4, &1_700_000_000u32.to_ne_bytes());
            put(&mut block, at + 8, &(5 + number as u32).to_ne_bytes());
            put(&mut block, at + 12, &(frame.len() as u32).to_ne_bytes());
            put(&mut block, at + 16, &(1000 + number as u32).to_ne_bytes());
            put(&mut block, at + 24, &82u16.to_ne_bytes());
            put(&mut block, at + 26, &96u16.to_ne_bytes());
            put(&mut block, at + 50, &0x0800u16.to_be_bytes());
            put(&mut block, at + 52, &7u32.to_ne_bytes());
            put(&mut block, at + 56, &1u16.to_ne_bytes());
            put(&mut block, at + 58, &[4, 6, 2, 0, 0, 0, 0, 9]);
            put(&mut block, at + 82, frame);
        }
        block
    }

    #[test]
    fn frames_come_with_their_time_length_interface_and_direction() {
        let block = block(&[b"first frame", b"second"]);
        let mut frames = Frames::new(&block);
        let first = frames.next().expect("a frame");
        assert_eq!(first.bytes, b"first frame");
        assert_eq!((first.time, first.length), (1_700_000_000_000_000_005, 1000));
        assert_eq!((first.interface, first.hardware, first.kind), (7, 1, 4));
        assert_eq!((first.protocol, first.network), (0x0800, 14));
        assert_eq!(first.address, ([2, 0, 0, 0, 0, 9, 0, 0], 6));
        assert_eq!(first.vlan, None);
        assert_eq!(frames.next().map(|frame| frame.bytes), Some(&b"second"[..]));
        assert_eq!(frames.next(), None);
        assert!(!frames.is_damaged());
    }

    #[test]
    fn a_tag_that_was_taken_out_is_told() {
        for (status, kind, told) in [
            (VLAN_VALID, 0x88a8, Some((DOT1Q, 0))),
            (VLAN_VALID | VLAN_KIND_VALID, 0x88a8, Some((0x88a8, 0))),
            (0, 0, None),
        ] {
            let mut block = block(&[b"frame"]);
            put(&mut block, 48 + 20, &status.to_ne_bytes());
            put(&mut block, 48 + 36, &(kind as u16).to_ne_bytes());
            assert_eq!(Frames::new(&block).next().and_then(|frame| frame.vlan), told);
        }
    }

    /// Whatever a word of a block says, the walk ends within the block and after as many frames as there are at most.
    #[test]
    fn no_number_leads_out_of_the_block() {
        let whole = block(&[b"first frame", b"second", b"third"]);
        for at in 12..200 {
            for value in [0u8, 1, 0x7f, 0xff] {
                for width in [1, 2, 4] {
                    let mut block = whole.clone();
                    block[at..at + width].fill(value);
                    let mut frames = Frames::new(&block);
                    assert!(frames.by_ref().count() <= block.len() / HEADER);
                }
            }
        }
        for length in 0..whole.len() {
            let mut frames = Frames::new(&whole[..length]);
            assert!(frames.by_ref().count() <= 3);
        }
        let cut = &whole[..300];
        let mut frames = Frames::new(cut);
        assert_eq!(frames.by_ref().count(), 1);
        assert!(frames.is_damaged());
    }
}
