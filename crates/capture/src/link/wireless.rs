//! Wi-Fi (IEEE 802.11) and the headers that captures put before it: radiotap, Prism, AVS, PPI.
//!
//! Read are data frames in clear; what belongs to the network itself or is encrypted is told as such. Of frames put
//! together (A-MSDU) the first is read.

use super::{Decoder, Layer, Why};
use crate::bytes::{array, byte, place};
use crate::frame::LinkType;

impl Decoder<'_> {
    pub(super) fn wireless(&mut self, padded: bool) -> Result<Layer, Why> {
        let begin = self.cursor.at;
        let [kind, flags] = self.cursor.array()?;
        if kind >> 2 & 3 != 2 || kind & 0x40 != 0 {
            // Management, control, and data frames without data.
            return Err(Why::Management);
        }
        let header: [u8; 22] = self.cursor.array()?;
        let address = |at| array::<6>(&header, at).unwrap_or_default();
        let (one, two, three) = (address(2), address(8), address(14));
        match flags & 3 {
            0 => self.addresses(two, one),
            1 => self.addresses(two, three),
            2 => self.addresses(three, one),
            _ => {
                let four = self.cursor.array()?;
                self.addresses(four, three);
            }
        }
        let mut together = false;
        if kind & 0x80 != 0 {
            let [quality, _] = self.cursor.array()?;
            together = quality & 0x80 != 0;
            if flags & 0x80 != 0 {
                self.cursor.take(4)?;
            }
        }
        if flags & 0x40 != 0 {
            return Err(Why::Encrypted);
        }
        if padded {
            let header = self.cursor.at.saturating_sub(begin);
            self.cursor.take(header.next_multiple_of(4).saturating_sub(header))?;
        }
        if together {
            let header: [u8; 14] = self.cursor.array()?;
            let [.., high, low] = header;
            let length = u16::from_be_bytes([high, low]);
            self.cursor.limit(usize::from(length).min(self.cursor.on_wire()));
        }
        Ok(Layer::Llc)
    }

    /// Radiotap: its length, then which fields there are; of these the flags say whether the header is padded.
    pub(super) fn radiotap(&mut self) -> Result<Layer, Why> {
        let rest = self.cursor.rest();
        let (Some(length), Some(present)) = (array(rest, 2), array(rest, 4)) else {
            return Err(self.cursor.missing(8));
        };
        let length = usize::from(u16::from_le_bytes(length));
        if length < 8 {
            return Err(Why::Senseless);
        }
        let header = self.cursor.take(length)?;
        let present = u32::from_le_bytes(present);
        let mut at = 8_usize;
        let mut more = present;
        // Each further word of fields takes four bytes of the header.
        while more & 0x8000_0000 != 0 {
            let Some(next) = array(header, at) else {
                return Err(Why::Senseless);
            };
            more = u32::from_le_bytes(next);
            at = at.saturating_add(4);
        }
        if present & 1 != 0 {
            at = at.next_multiple_of(8).saturating_add(8);
        }
        let flags = byte(header, at).filter(|_| present & 2 != 0).unwrap_or_default();
        Ok(Layer::Wireless {
            padded: flags & 0x20 != 0,
        })
    }

    /// Prism: its length at 4, in the writer's byte order; some writers put AVS under its number.
    pub(super) fn prism(&mut self) -> Result<Layer, Why> {
        let rest = self.cursor.rest();
        if rest.starts_with(&[0x80, 0x21, 0x10]) {
            return self.avs();
        }
        let Some(length) = array::<4>(rest, 4) else {
            return Err(self.cursor.missing(8));
        };
        let length = u32::from_le_bytes(length).min(u32::from_be_bytes(length));
        self.headed(length)
    }

    /// AVS: its length at 4.
    pub(super) fn avs(&mut self) -> Result<Layer, Why> {
        let Some(length) = array::<4>(self.cursor.rest(), 4) else {
            return Err(self.cursor.missing(8));
        };
        self.headed(u32::from_be_bytes(length))
    }

    fn headed(&mut self, length: u32) -> Result<Layer, Why> {
        if length < 8 {
            return Err(Why::Senseless);
        }
        self.cursor.take(place(length))?;
        Ok(Layer::Wireless { padded: false })
    }

    /// Per-packet information: version, flags, length, the kind of the link.
    pub(super) fn ppi(&mut self) -> Result<Layer, Why> {
        let rest = self.cursor.rest();
        let (Some(length), Some(link)) = (array(rest, 2), array(rest, 4)) else {
            return Err(self.cursor.missing(8));
        };
        let length = usize::from(u16::from_le_bytes(length));
        if length < 8 {
            return Err(Why::Senseless);
        }
        self.cursor.take(length)?;
        match u16::try_from(u32::from_le_bytes(link)) {
            Ok(192) | Err(_) => Err(Why::Senseless),
            Ok(link) => Ok(Layer::Link(LinkType(link))),
        }
    }
}
