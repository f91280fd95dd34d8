//! What a frame of the ring is in a capture: with its VLAN tag, behind the link that the kind of interface has.
//!
//! What comes from an interface whose own header is not the same on all systems is written "cooked" (LINKTYPE_LINUX_SLL2),
//! from where the network begins.

use super::super::interfaces::link_of;
use super::block::RingFrame;

/// Ethernet, of the links that a capture knows.
const ETHERNET: u16 = 1;
/// Linux "cooked", version 2.
const COOKED: u16 = 276;

/// The loopback's kind.
const LOOPBACK: u16 = 772;
/// How the kernel marks what this host sent.
const OUTGOING: u8 = 4;

/// Whether the same frame comes a second time: what is sent over the loopback is also received there.
pub(super) fn is_twin(frame: &RingFrame<'_>) -> bool {
    frame.hardware == LOOPBACK && frame.kind == OUTGOING
}

/// `epb_flags` of pcapng: which way it went, and to whom.
pub(super) fn flags_of(frame: &RingFrame<'_>) -> u32 {
    const IN: u32 = 1;
    match frame.kind {
        0 => IN | 1 << 2,
        1 => IN | 3 << 2,
        2 => IN | 2 << 2,
        3 => IN | 4 << 2,
        OUTGOING => 2,
        _ => 0,
    }
}

/// A frame as it is written: what stands before, in between and behind, and how long it was on the wire.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written<'b> {
    before: &'b [u8],
    between: ([u8; 20], usize),
    behind: &'b [u8],
    /// Bytes on the wire.
    pub(super) length: u32,
}

impl<'b> Written<'b> {
    /// Puts a frame into the form of its link.
    pub(super) fn new(frame: &RingFrame<'b>) -> Self {
        let bytes = frame.bytes;
        match (link_of(frame.hardware), frame.vlan) {
            (COOKED, _) => {
                let behind = bytes.get(frame.network..).unwrap_or_default();
                let header = u32::try_from(frame.network.min(bytes.len())).unwrap_or(u32::MAX);
                Self {
                    before: &[],
                    between: (cooked(frame), 20),
                    behind,
                    length: frame.length.saturating_sub(header).saturating_add(20),
                }
            }
            // The tag stands behind the two addresses.
            (ETHERNET, Some((kind, value))) if bytes.len() >= 12 => {
                let (before, behind) = bytes.split_at_checked(12).unwrap_or((bytes, &[]));
                let ([a, b], [c, d]) = (kind.to_be_bytes(), value.to_be_bytes());
                let mut tag = [0; 20];
                if let Some(place) = tag.first_chunk_mut() {
                    *place = [a, b, c, d];
                }
                Self {
                    before,
                    between: (tag, 4),
                    behind,
                    length: frame.length.saturating_add(4),
                }
            }
            _ => Self {
                before: &[],
                between: ([0; 20], 0),
                behind: bytes,
                length: frame.length,
            },
        }
    }

    /// The bytes, one part after another, `most` of them.
    pub(super) fn parts(&self, most: usize) -> [&[u8]; 3] {
        let mut left = most;
        let between = self.between.0.get(..self.between.1).unwrap_or_default();
        [self.before, between, self.behind].map(|part| {
            let part = part.get(..left).unwrap_or(part);
            left -= part.len();
            part
        })
    }
}

/// The header of LINKTYPE_LINUX_SLL2.
fn cooked(frame: &RingFrame<'_>) -> [u8; 20] {
    let ([a, b], [c, d, e, f]) = (frame.protocol.to_be_bytes(), frame.interface.to_be_bytes());
    let ([g, h], ([i, j, k, l, m, n, o, p], length)) = (frame.hardware.to_be_bytes(), frame.address);
    [a, b, 0, 0, c, d, e, f, g, h, frame.kind, length, i, j, k, l, m, n, o, p]
}

#[cfg(test)]
mod tests {
    use super::super::block::Frames;
    use super::super::block::tests::block;
    use super::*;

    fn frame(block: &[u8]) -> RingFrame<'_> {
        Frames::new(block).next().expect("a frame")
    }

    #[test]
    fn a_tag_goes_back_behind_the_addresses() {
        let block = block(&[b"DESTINSOURCE\x08\x00payload"]);
        let mut tagged = frame(&block);
        tagged.vlan = Some((0x8100, 0x2005));
        let written = Written::new(&tagged);
        assert_eq!(
            written.parts(1000).concat(),
            b"DESTINSOURCE\x81\x00\x20\x05\x08\x00payload"
        );
        assert_eq!(written.length, 1004);
        assert_eq!(written.parts(14).concat(), b"DESTINSOURCE\x81\x00");
        // Too short to have a place for it.
        tagged.bytes = b"short";
        assert_eq!(Written::new(&tagged).parts(1000).concat(), b"short");
    }

    #[test]
    fn what_has_no_common_header_is_cooked() {
        let block = block(&[b"fourteen bytesIP packet"]);
        let mut ppp = frame(&block);
        ppp.hardware = 512;
        let written = Written::new(&ppp);
        let expected = b"\x08\x00\0\0\0\0\0\x07\x02\x00\x04\x06\x02\0\0\0\0\x09\0\0IP packet";
        assert_eq!(written.parts(1000).concat(), expected);
        assert_eq!(written.length, 1000 - 14 + 20);
        assert_eq!(written.parts(22).concat(), expected[..22]);
    }

    #[test]
    fn what_the_loopback_shows_twice_is_taken_once() {
        let block = block(&[b"frame"]);
        let mut sent = frame(&block);
        assert!(!is_twin(&sent));
        assert_eq!(flags_of(&sent), 2);
        sent.hardware = 772;
        assert!(is_twin(&sent));
        sent.kind = 0;
        assert!(!is_twin(&sent));
        assert_eq!(flags_of(&sent), 5);
    }
}
