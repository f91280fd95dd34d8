//! Links that are not Ethernet and not radio: what operating systems write for any interface, serial lines, old networks.
//!
//! Layouts are those of <https://www.tcpdump.org/linktypes.html>.

use super::{Decoder, EtherType, Layer, Why};
use crate::bytes::{array, be16, byte, place};
use crate::frame::LinkType;

impl Decoder<'_> {
    /// A family of addresses in the byte order of the machine that wrote it. 2 is IPv4 everywhere.
    pub(super) fn null(&mut self) -> Result<Layer, Why> {
        let family: [u8; 4] = self.cursor.array()?;
        let family = u32::from_le_bytes(family).min(u32::from_be_bytes(family));
        match family {
            // IPv6 is 10 on Linux, 23 on Windows, 24, 28 and 30 on BSDs and Darwin.
            2 | 10 | 23 | 24 | 28 | 30 => Ok(Layer::Ip),
            _ if self.cursor.is_ip() && family == 0 => Ok(Layer::Ip),
            _ => Err(Why::NotIp(EtherType(u16::try_from(family).unwrap_or(u16::MAX)))),
        }
    }

    /// Linux "cooked": direction, kind of device, address, protocol.
    pub(super) fn cooked(&mut self) -> Result<Layer, Why> {
        let header: [u8; 16] = self.cursor.array()?;
        let device = be16(&header, 2).unwrap_or_default();
        if be16(&header, 4) == Some(6) {
            self.addresses(array(&header, 6).unwrap_or_default(), [0; 6]);
        }
        self.cooked_protocol(device, be16(&header, 14).unwrap_or_default())
    }

    /// The second layout: protocol first, and which interface.
    pub(super) fn cooked_2(&mut self) -> Result<Layer, Why> {
        let header: [u8; 20] = self.cursor.array()?;
        let device = be16(&header, 8).unwrap_or_default();
        if byte(&header, 11) == Some(6) {
            self.addresses(array(&header, 12).unwrap_or_default(), [0; 6]);
        }
        self.cooked_protocol(device, be16(&header, 0).unwrap_or_default())
    }

    fn cooked_protocol(&mut self, device: u16, protocol: u16) -> Result<Layer, Why> {
        match (device, protocol) {
            // Netlink and CAN number otherwise.
            (824 | 280, _) => Err(Why::Management),
            // 802.11 in its several dresses.
            (801, _) => Ok(Layer::Wireless { padded: false }),
            (803, _) => Ok(Layer::Link(LinkType(127))),
            // 802.3 without 802.2 is Novell's; 4 is 802.2.
            (_, 0x0004) => Ok(Layer::Llc),
            (_, ..=1_500) => Err(Why::NotIp(EtherType(protocol))),
            _ => Ok(Layer::EtherType(protocol)),
        }
    }

    /// PPP, or Cisco's HDLC, which is told by its first byte.
    pub(super) fn ppp_serial(&mut self) -> Result<Layer, Why> {
        match self.cursor.rest() {
            [0x0f | 0x8f, 0, ..] => self.cisco_hdlc(),
            _ => Ok(Layer::Ppp),
        }
    }

    /// What Ethernet's PPPoE has behind its type.
    pub(super) fn ppp_ethernet(&mut self) -> Result<Layer, Why> {
        self.session()
    }

    /// Address, control, a type of Ethernet.
    pub(super) fn cisco_hdlc(&mut self) -> Result<Layer, Why> {
        let [_, _, high, low] = self.cursor.array()?;
        match u16::from_be_bytes([high, low]) {
            // Cisco's own keep-alive has this number.
            0x8035 => Err(Why::Management),
            number => Ok(Layer::EtherType(number)),
        }
    }

    /// Frame Relay (RFC 2427): an address of two to four bytes, then a network protocol; or Cisco's way, a type.
    pub(super) fn frame_relay(&mut self) -> Result<Layer, Why> {
        let rest = self.cursor.rest();
        let Some(last) = rest.iter().take(4).position(|byte| byte & 1 == 1) else {
            return Err(self.cursor.missing(4));
        };
        self.cursor.take(last.saturating_add(1))?;
        match self.cursor.rest() {
            [0x03, 0x00, 0x80, ..] => self.cursor.take(3).map(|_| ())?,
            [0x03, 0x80, ..] => self.cursor.take(2).map(|_| ())?,
            [0x03, 0xcc | 0x8e, ..] => return self.cursor.take(2).map(|_| Layer::Ip),
            [0x03, 0x00, 0xcc | 0x8e, ..] => return self.cursor.take(3).map(|_| Layer::Ip),
            [0x03, protocol, ..] => return Err(Why::Llc(*protocol)),
            _ => return self.cursor.be16().map(Layer::EtherType),
        }
        let organisation: [u8; 3] = self.cursor.array()?;
        let kind = self.cursor.be16()?;
        match organisation {
            [0, 0, 0] => Ok(Layer::EtherType(kind)),
            [0, 0x80, 0xc2] if kind == 1 || kind == 7 => Ok(Layer::Ethernet),
            _ => Err(Why::NotIp(EtherType(kind))),
        }
    }

    /// Netfilter's log: attributes, of which number 9 is the packet.
    pub(super) fn netfilter(&mut self) -> Result<Layer, Why> {
        self.cursor.take(4)?;
        // Each step takes at least four bytes.
        loop {
            let rest = self.cursor.rest();
            let (Some(one), Some(two)) = (array::<2>(rest, 0), array::<2>(rest, 2)) else {
                return Err(self.cursor.missing(4));
            };
            // The byte order is the writer's, which is little nearly everywhere; small lengths tell.
            let little = u16::from_le_bytes(one) <= u16::from_be_bytes(one);
            let (length, kind) = if little {
                (u16::from_le_bytes(one), u16::from_le_bytes(two))
            } else {
                (u16::from_be_bytes(one), u16::from_be_bytes(two))
            };
            let length = usize::from(length);
            if length < 4 {
                return Err(Why::Senseless);
            }
            if kind & 0x7fff == 9 {
                self.cursor.take(4)?;
                self.cursor.limit(length.saturating_sub(4));
                return Ok(Layer::Ip);
            }
            self.cursor.take(length.saturating_add(3) & !3)?;
        }
    }

    /// Apple's tap: the length of its header, then at 8 the kind of the link.
    pub(super) fn packet_tap(&mut self) -> Result<Layer, Why> {
        let rest = self.cursor.rest();
        let (Some(length), Some(link)) = (array(rest, 0), array(rest, 8)) else {
            return Err(self.cursor.missing(12));
        };
        let length = place(u32::from_le_bytes(length));
        if length < 12 {
            return Err(Why::Senseless);
        }
        self.cursor.take(length)?;
        match u16::try_from(u32::from_le_bytes(link)) {
            Ok(149 | 258) | Err(_) => Err(Why::Senseless),
            Ok(link) => Ok(Layer::Link(LinkType(link))),
        }
    }

    /// OpenBSD's and FreeBSD's view into IPsec: family, index, flags.
    pub(super) fn enc(&mut self) -> Result<Layer, Why> {
        self.cursor.take(12).map(|_| Layer::Ip)
    }

    /// The log of a packet filter: its own length first, rounded up to four.
    pub(super) fn packet_filter_log(&mut self) -> Result<Layer, Why> {
        let length = byte(self.cursor.rest(), 0).ok_or(Why::CutShort)?;
        self.cursor.take(usize::from(length).saturating_add(3) & !3)?;
        Ok(Layer::Ip)
    }

    /// Token Ring: two bytes of control, addresses, and a route if the sender's address says so.
    pub(super) fn token_ring(&mut self) -> Result<Layer, Why> {
        let header: [u8; 14] = self.cursor.array()?;
        let mut source: [u8; 6] = array(&header, 8).unwrap_or_default();
        let routed = source.first().is_some_and(|first| first & 0x80 != 0);
        if let Some(first) = source.first_mut() {
            *first &= 0x7f;
        }
        self.addresses(source, array(&header, 2).unwrap_or_default());
        if routed {
            let length = byte(self.cursor.rest(), 0).ok_or(Why::CutShort)?;
            self.cursor.take(usize::from(length & 0x1f).max(2))?;
        }
        Ok(Layer::Llc)
    }

    /// FDDI: a byte of control, addresses.
    pub(super) fn fddi(&mut self) -> Result<Layer, Why> {
        let header: [u8; 13] = self.cursor.array()?;
        self.addresses(
            array(&header, 7).unwrap_or_default(),
            array(&header, 1).unwrap_or_default(),
        );
        Ok(Layer::Llc)
    }

    /// IP over FireWire: addresses of eight bytes, a type.
    pub(super) fn firewire(&mut self) -> Result<Layer, Why> {
        self.cursor.take(16)?;
        self.cursor.be16().map(Layer::EtherType)
    }

    /// Solaris' view between layers: version, family, hook, length, interfaces, zones.
    pub(super) fn ipnet(&mut self) -> Result<Layer, Why> {
        self.cursor.take(24).map(|_| Layer::Ip)
    }

    /// ARCNET as Linux captures it: addresses, an offset, the protocol, and for RFC 1201 a split flag and a number.
    pub(super) fn arcnet(&mut self) -> Result<Layer, Why> {
        let [_, _, _, _, protocol] = self.cursor.array()?;
        match protocol {
            0xf0 => Ok(Layer::Ip),
            0xd4 | 0xc4 => {
                let [split, _, _] = self.cursor.array()?;
                match split {
                    0 => Ok(Layer::Ip),
                    // An exception frame repeats what was said, then says it right.
                    0xff => self.cursor.take(4).map(|_| Layer::Ip),
                    _ => Err(Why::CutShort),
                }
            }
            _ => Err(Why::NotIp(EtherType(u16::from(protocol)))),
        }
    }
}
