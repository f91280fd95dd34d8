//! Networks of sensors (IEEE 802.15.4), as far as their frames carry whole packets of IPv6 (RFC 4944).
//!
//! Compressed headers (RFC 6282) are not undone: such frames are told as compressed.

use super::{Decoder, Layer, Why};
use crate::bytes::byte;
use crate::frame::LinkType;

/// IPv6 as it is (RFC 4944, section 5.1).
const UNCOMPRESSED: u8 = 0x41;

impl Decoder<'_> {
    pub(super) fn sensor(&mut self, link: LinkType) -> Result<Layer, Why> {
        if link.0 == 215 {
            // The physical header: preamble, start of frame, length.
            self.cursor.take(6)?;
        }
        if link.0 == 283 {
            // TAP: version, reserved, length of the whole header.
            let [_, _, low, high] = self.cursor.array()?;
            let length = usize::from(u16::from_le_bytes([low, high]));
            self.cursor.take(length.saturating_sub(4))?;
        }
        let [low, high] = self.cursor.array()?;
        let control = u16::from_le_bytes([low, high]);
        if control & 7 != 1 {
            return Err(Why::Management);
        }
        if control & 8 != 0 {
            return Err(Why::Encrypted);
        }
        let version = control >> 12 & 3;
        if version > 1 {
            return Err(Why::Encrypted);
        }
        let (destination, source) = (control >> 10 & 3, control >> 14);
        let one_network = control & 0x40 != 0;
        let mut addresses = 1_usize;
        for (mode, network) in [(destination, true), (source, !one_network)] {
            let bytes = match mode {
                2 => 2,
                3 => 8,
                _ => continue,
            };
            addresses = addresses
                .saturating_add(bytes)
                .saturating_add(if network { 2 } else { 0 });
        }
        self.cursor.take(addresses)?;
        match byte(self.cursor.rest(), 0) {
            Some(UNCOMPRESSED) => self.cursor.take(1).map(|_| Layer::Ip),
            Some(_) => Err(Why::Encrypted),
            None => Err(self.cursor.missing(1)),
        }
    }
}
