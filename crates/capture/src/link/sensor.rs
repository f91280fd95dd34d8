//! Networks of sensors (IEEE 802.15.4) and the IPv6 in them: whole (RFC 4944), or with compressed headers (RFC 6282).
//!
//! What a compressed header leaves out is taken from the addresses of the link. Left out are contexts, which only the
//! network knows, fragments, meshes, and compressed extension headers: such frames are told as not undone.

use super::ip::carry;
use super::{Decoder, Layer, Why};
use crate::bytes::field;
use crate::frame::LinkType;
use crate::packet::{Packet, Ports, Transport};
use std::net::Ipv6Addr;

/// IPv6 as it is (RFC 4944, section 5.1).
const UNCOMPRESSED: u8 = 0x41;

/// The second halves of addresses that follow from those of the link: sender, receiver.
pub(super) type Interfaces = [[u8; 8]; 2];

impl Decoder<'_> {
    pub(super) fn sensor(&mut self, link: LinkType) -> Result<Layer, Why> {
        match link.0 {
            // The physical header: preamble, start of frame, length.
            215 => self.cursor.take(6).map(|_| ())?,
            // TAP: version, reserved, length of the whole header.
            283 => {
                let [_, _, low, high] = self.cursor.array()?;
                let length = usize::from(u16::from_le_bytes([low, high]));
                self.cursor.take(length.saturating_sub(4))?;
            }
            _ => {}
        }
        // These two keep the frame's checksum.
        if matches!(link.0, 195 | 215) {
            self.cursor.limit(self.cursor.on_wire().saturating_sub(2));
        }
        self.interfaces = self.frame_header()?;
        match self.cursor.rest().first() {
            Some(&UNCOMPRESSED) => self.cursor.take(1).map(|_| Layer::Ip),
            Some(first) if first >> 5 == 3 => Ok(Layer::Compressed),
            Some(_) => Err(Why::Encrypted),
            None => Err(self.cursor.missing(1)),
        }
    }

    /// Control, number, networks and addresses, the lowest byte first.
    fn frame_header(&mut self) -> Result<Interfaces, Why> {
        let control = self.cursor.array().map(u16::from_le_bytes)?;
        let version = control >> 12 & 3;
        // Only data; neither encrypted, nor with elements of information.
        if control & 7 != 1 {
            return Err(Why::Management);
        }
        if control & 8 != 0 || version > 2 || (version == 2 && control & 0x0200 != 0) {
            return Err(Why::Encrypted);
        }
        if version < 2 || control & 0x0100 == 0 {
            self.cursor.take(1)?;
        }
        let (to, from) = (control >> 10 & 3, control >> 14);
        let one_network = control & 0x40 != 0;
        // In the second version long addresses name one network at most.
        let long = version == 2 && to == 3 && from == 3;
        if to != 0 && !(long && one_network) {
            self.cursor.take(2)?;
        }
        let receiver = self.link_address(to)?;
        if from != 0 && !one_network && !long {
            self.cursor.take(2)?;
        }
        let sender = self.link_address(from)?;
        Ok([sender, receiver])
    }

    fn link_address(&mut self, mode: u16) -> Result<[u8; 8], Why> {
        match mode {
            2 => {
                let [low, high] = self.cursor.array()?;
                Ok(short([high, low]))
            }
            3 => {
                let [h, g, f, e, d, c, b, a] = self.cursor.array()?;
                // The bit that says that an address is of this world is inverted (RFC 4291, appendix A).
                Ok([a ^ 2, b, c, d, e, f, g, h])
            }
            _ => Ok([0; 8]),
        }
    }

    /// A header that RFC 6282 compressed (section 3.1), and that of UDP (section 4.3).
    pub(super) fn compressed(&mut self, packet: &mut Packet) -> Result<(), Why> {
        let [first, second] = self.cursor.array()?;
        if second & 0x80 != 0 {
            self.cursor.take(1)?;
        }
        let traffic = match first >> 3 & 3 {
            0 => 4,
            1 => 3,
            2 => 1,
            _ => 0,
        };
        self.cursor.take(traffic)?;
        let stated = if first & 4 == 0 { Some(self.byte()?) } else { None };
        let hops = match first & 3 {
            0 => self.byte()?,
            1 => 1,
            2 => 64,
            _ => 255,
        };
        let [sender, receiver] = self.interfaces;
        let source = match second >> 4 & 7 {
            mode @ ..4 => self.unicast(mode, sender)?,
            4 => Ipv6Addr::UNSPECIFIED,
            _ => return Err(Why::Encrypted),
        };
        let destination = match second & 0x0f {
            mode @ ..4 => self.unicast(mode, receiver)?,
            mode @ 8..12 => self.multicast(mode & 3)?,
            _ => return Err(Why::Encrypted),
        };
        let (protocol, ports) = match stated {
            Some(protocol) => (protocol, None),
            None => (17, Some(self.compressed_udp()?)),
        };
        let carried = self
            .cursor
            .on_wire()
            .saturating_add(if ports.is_some() { 8 } else { 0 });
        packet.source = source.into();
        packet.destination = destination.into();
        packet.protocol = protocol;
        packet.hops = hops;
        packet.length = field(carried.saturating_add(40));
        packet.fragment = None;
        self.around_ip(packet);
        match ports {
            None => carry(&mut self.cursor, packet),
            Some(ports) => {
                packet.transport = Transport::Udp(ports);
                packet.payload = field(self.cursor.at)..field(self.cursor.end);
                packet.payload_length = field(self.cursor.on_wire());
            }
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Why> {
        self.cursor.array().map(|[byte]| byte)
    }

    /// An address that is there as a whole, or of the link, with so much of its second half as is there.
    fn unicast(&mut self, mode: u8, of_link: [u8; 8]) -> Result<Ipv6Addr, Why> {
        let second: [u8; 8] = match mode {
            0 => return self.cursor.array::<16>().map(Ipv6Addr::from),
            1 => self.cursor.array()?,
            2 => short(self.cursor.array()?),
            _ => of_link,
        };
        Ok(Ipv6Addr::from_bits(
            0xfe80 << 112 | u128::from(u64::from_be_bytes(second)),
        ))
    }

    /// An address of a group, of which the bytes that are mostly 0 are left out.
    fn multicast(&mut self, mode: u8) -> Result<Ipv6Addr, Why> {
        let mut address = [0; 16];
        let [a, b, .., j, k, l, m, n] = &mut address;
        *a = 0xff;
        match mode {
            0 => return self.cursor.array::<16>().map(Ipv6Addr::from),
            1 => [*b, *j, *k, *l, *m, *n] = self.cursor.array()?,
            2 => [*b, *l, *m, *n] = self.cursor.array()?,
            _ => {
                *b = 2;
                [*n] = self.cursor.array()?;
            }
        }
        Ok(address.into())
    }

    fn compressed_udp(&mut self) -> Result<Ports, Why> {
        let kind = self.byte()?;
        if kind >> 3 != 0x1e {
            return Err(Why::Encrypted);
        }
        let near = |low: u8| 0xf000 | u16::from(low);
        let (source, destination) = match kind & 3 {
            0 => (self.cursor.be16()?, self.cursor.be16()?),
            1 => (self.cursor.be16()?, near(self.byte()?)),
            2 => (near(self.byte()?), self.cursor.be16()?),
            _ => {
                let both = self.byte()?;
                (near(0xb0 | both >> 4), near(0xb0 | both & 15))
            }
        };
        if kind & 4 == 0 {
            self.cursor.take(2)?;
        }
        Ok(Ports { source, destination })
    }
}

/// The second half of an address that follows from a short one of the link (RFC 6282, section 3.2.2).
fn short(address: [u8; 2]) -> [u8; 8] {
    let [high, low] = address;
    [0, 0, 0, 0xff, 0xfe, 0, high, low]
}
