//! Ethernet and what it is tagged with: VLANs (IEEE 802.1Q), 802.2 with SNAP, MPLS (RFC 3032), PPPoE (RFC 2516), PPP
//! (RFC 1661), ARP (RFC 826).

use super::{Decoder, EtherType, Layer, Why};
use crate::bytes::{array, be16, byte};
use std::net::Ipv4Addr;

/// Who has which address of a link (RFC 826), for Ethernet and IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// 1 asks, 2 answers.
    pub operation: u16,
    /// The sender's address on the link.
    pub sender: [u8; 6],
    /// The sender's address.
    pub sender_address: Ipv4Addr,
    /// The other's address on the link; zeros in questions.
    pub target: [u8; 6],
    /// The other's address.
    pub target_address: Ipv4Addr,
}

impl Decoder<'_> {
    pub(super) fn ethernet(&mut self) -> Result<Layer, Why> {
        let header: [u8; 14] = self.cursor.array()?;
        let [destination @ .., s0, s1, s2, s3, s4, s5, high, low] = header;
        self.addresses([s0, s1, s2, s3, s4, s5], destination);
        Ok(self.length_or_type(u16::from_be_bytes([high, low])))
    }

    /// Up to 1,500 it is a length, and 802.2 follows.
    pub(super) fn length_or_type(&mut self, number: u16) -> Layer {
        if number > 1_500 {
            return Layer::EtherType(number);
        }
        let length = usize::from(number);
        if length > 0 && length <= self.cursor.on_wire() {
            self.cursor.limit(length);
        }
        Layer::Llc
    }

    pub(super) fn ether_type(&mut self, kind: u16) -> Result<Layer, Why> {
        match kind {
            0x0800 | 0x86dd if self.cursor.is_ip() => Ok(Layer::Ip),
            0x0800 | 0x86dd if self.cursor.rest().is_empty() => Err(self.cursor.missing(1)),
            0x0800 | 0x86dd => Err(Why::Senseless),
            0x8100 | 0x88a8 | 0x9100 | 0x9200 => self.vlan(),
            0x0806 => Err(self.arp()),
            0x8847 | 0x8848 => Ok(Layer::Mpls),
            0x8864 => self.session(),
            0x880b => Ok(Layer::Ppp),
            0x6558 => Ok(Layer::Ethernet),
            // Four bytes of a VN-Tag (IEEE 802.1BR), or six of Cisco's metadata, then another type.
            0x8926 => self.tag(4),
            0x8909 => self.tag(6),
            0xd28b => self.arista(),
            0x88e5 => self.secured(),
            // An instance of a provider's backbone (IEEE 802.1ah) around a whole frame.
            0x88e7 => self.cursor.take(4).map(|_| Layer::Ethernet),
            _ => Err(Why::NotIp(EtherType(kind))),
        }
    }

    fn vlan(&mut self) -> Result<Layer, Why> {
        let tag = self.cursor.be16()?;
        if self.tunnels.is_empty() {
            self.vlan = self.vlan.or(Some(tag & 0x0fff));
        }
        let number = self.cursor.be16()?;
        Ok(self.length_or_type(number))
    }

    fn tag(&mut self, bytes: usize) -> Result<Layer, Why> {
        self.cursor.take(bytes)?;
        let number = self.cursor.be16()?;
        Ok(self.length_or_type(number))
    }

    /// MACsec (IEEE 802.1AE), which need not encrypt: flags, a length, a number, and who sent it if the flags say so.
    fn secured(&mut self) -> Result<Layer, Why> {
        let [flags, _, _, _, _, _] = self.cursor.array()?;
        if flags & 0x0c != 0 {
            return Err(Why::Encrypted);
        }
        self.tag(if flags & 0x20 != 0 { 8 } else { 0 })
    }

    /// When an Arista switch saw the frame: kind, layout of the time, a time of 48 or 64 bits.
    fn arista(&mut self) -> Result<Layer, Why> {
        match self.cursor.array()? {
            [0, 1, _, 0x10] => self.tag(8),
            [0, 1, _, 0x20] => self.tag(6),
            _ => Err(Why::NotIp(EtherType(0xd28b))),
        }
    }

    /// A switch's own tag behind the addresses: Broadcom's, or Marvell's with or without a type.
    pub(super) fn switch_tag(&mut self, bytes: usize) -> Result<Layer, Why> {
        let addresses: [u8; 12] = self.cursor.array()?;
        let [destination @ .., s0, s1, s2, s3, s4, s5] = addresses;
        self.addresses([s0, s1, s2, s3, s4, s5], destination);
        self.tag(bytes)
    }

    /// IEEE 802.2, whose access point 0xaa is the way to Ethernet's types (SNAP).
    pub(super) fn llc(&mut self) -> Result<Layer, Why> {
        let [to, from, control] = self.cursor.array()?;
        match (to, from, control) {
            (0xaa, 0xaa, _) => {
                let organisation: [u8; 3] = self.cursor.array()?;
                let kind = self.cursor.be16()?;
                match organisation {
                    // Those of RFC 1042, of bridges (802.1H), and of bridged Ethernet (RFC 2427: 1 with its checksum,
                    // 7 without).
                    [0, 0, 0] | [0, 0, 0xf8] => Ok(Layer::EtherType(kind)),
                    [0, 0x80, 0xc2] if kind == 1 || kind == 7 => Ok(Layer::Ethernet),
                    _ => Err(Why::NotIp(EtherType(kind))),
                }
            }
            (0x06, 0x06, 0x03) => Ok(Layer::Ip),
            _ => Err(Why::Llc(to)),
        }
    }

    /// Labels up to the bottom of their stack. What follows tells itself: IP, or a frame behind a control word.
    pub(super) fn mpls(&mut self) -> Result<Layer, Why> {
        let [_, _, bottom, _] = self.cursor.array::<4>()?;
        if bottom & 1 == 0 {
            return Ok(Layer::Mpls);
        }
        if self.cursor.is_ip() {
            return Ok(Layer::Ip);
        }
        match self.cursor.rest() {
            [] => Err(self.cursor.missing(1)),
            [first, ..] if first >> 4 == 0 => self.cursor.take(4).map(|_| Layer::Ethernet),
            _ => Ok(Layer::Ethernet),
        }
    }

    /// PPPoE: version and type, code, session, length. IP's own length says where the payload ends: some concentrators
    /// state less than they send.
    pub(super) fn session(&mut self) -> Result<Layer, Why> {
        let [version, code, _, _, _, _] = self.cursor.array()?;
        if version != 0x11 || code != 0 {
            return Err(Why::Senseless);
        }
        Ok(Layer::Ppp)
    }

    /// PPP with or without address and control, and with protocol numbers of one byte or two.
    pub(super) fn ppp(&mut self) -> Result<Layer, Why> {
        if self.cursor.rest().starts_with(&[0xff, 0x03]) {
            self.cursor.take(2)?;
        }
        let protocol = match byte(self.cursor.rest(), 0) {
            Some(short) if short & 1 == 1 => self.cursor.array::<1>().map(|[short]| u16::from(short))?,
            _ => self.cursor.be16()?,
        };
        match protocol {
            0x0021 | 0x0057 => Ok(Layer::Ip),
            0x0281 | 0x0283 => Ok(Layer::Mpls),
            // Bridged frames: flags and kind, of which 1 is Ethernet (RFC 3518).
            0x0031 => match self.cursor.array()? {
                [_, 1] => Ok(Layer::Ethernet),
                _ => Err(Why::Ppp(protocol)),
            },
            _ => Err(Why::Ppp(protocol)),
        }
    }

    /// What is asked or told, if it is about Ethernet and IPv4.
    fn arp(&mut self) -> Why {
        let rest = self.cursor.rest();
        if rest.len() < 28 {
            return self.cursor.missing(28);
        }
        if rest.get(..6) != Some(&[0, 1, 8, 0, 6, 4]) && rest.get(..6) != Some(&[0, 6, 8, 0, 6, 4]) {
            return Why::NotIp(EtherType(0x0806));
        }
        let found = (|| {
            Some(Arp {
                operation: be16(rest, 6)?,
                sender: array(rest, 8)?,
                sender_address: array::<4>(rest, 14)?.into(),
                target: array(rest, 18)?,
                target_address: array::<4>(rest, 24)?.into(),
            })
        })();
        found.map_or(Why::Senseless, Why::Arp)
    }
}
