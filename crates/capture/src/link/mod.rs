//! From the bytes of a frame to a [`Packet`]: link layers, IP, transports and tunnels.
//!
//! [`decode`] goes through a frame layer by layer, without recursion and with a bounded number of layers, and allocates
//! nothing unless there are tunnels. A tunnel is entered if what is inside makes sense; otherwise the packet around it
//! is the result. Lengths are those that IP states, so that padding of Ethernet is no payload.
//!
//! Absent: checksums of what was captured (network cards compute them later than captures see), decryption, and links
//! that carry no IP: those are told by their number.

mod ethernet;
mod ip;
mod other;
mod sensor;
mod tunnel;
mod wireless;

pub use ethernet::Arp;
pub(crate) use ip::whole;

use crate::bytes::{byte, field, place};
use crate::frame::LinkType;
use crate::packet::{Ethernet, Packet, Transport, Tunnel};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

/// Layers that a frame may have.
const MOST_LAYERS: usize = 64;

/// A protocol over Ethernet, by IANA's number: 0x0800 is IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EtherType(pub u16);

/// A frame in which no packet of IP was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecoded {
    /// The frame's addresses, where its link has such.
    pub ethernet: Option<Ethernet>,
    /// The outermost VLAN, where it is in one.
    pub vlan: Option<u16>,
    /// What it is instead.
    pub why: Why,
    /// Where in the captured bytes that begins.
    pub rest: Range<u32>,
}

/// Why there is no packet of IP in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It asks or says which address of a link belongs to an address of IPv4.
    Arp(Arp),
    /// It carries another protocol of Ethernet.
    NotIp(EtherType),
    /// It carries another protocol of IEEE 802.2, by its destination's access point.
    Llc(u8),
    /// It carries another protocol of PPP.
    Ppp(u16),
    /// It belongs to the link itself, as beacons of 802.11 do.
    Management,
    /// The link encrypts it, or compresses it in a way that is not undone.
    Encrypted,
    /// Links of this kind are not read.
    UnknownLink(LinkType),
    /// The capture does not hold enough of it.
    CutShort,
    /// It contradicts itself.
    Senseless,
}

/// Reads a frame. `length` is how many bytes it had on the wire; places in the result are places in `bytes`.
pub fn decode(link: LinkType, bytes: &[u8], length: u32) -> Result<Packet, Undecoded> {
    let mut packet = Packet::blank();
    decode_into(link, bytes, length, &mut packet)?;
    Ok(packet)
}

/// Reads a frame into `packet`, which may hold another. Where there is no packet, what it holds then says nothing.
pub(crate) fn decode_into(link: LinkType, bytes: &[u8], length: u32, packet: &mut Packet) -> Result<(), Undecoded> {
    packet.tunnels.clear();
    let cursor = Cursor {
        bytes,
        at: 0,
        end: bytes.len(),
        wire: place(length).max(bytes.len()),
    };
    if link.0 == 1 && plain(cursor, packet) {
        return Ok(());
    }
    let mut decoder = Decoder::new(cursor);
    decoder.run(Layer::Link(link), packet).map_err(|why| Undecoded {
        ethernet: decoder.ethernet,
        vlan: decoder.vlan,
        why,
        rest: field(decoder.cursor.at)..field(decoder.cursor.end),
    })
}

/// Reads a frame of Ethernet with nothing but IP and its transport in it, as almost all have. False where there is more or
/// where it makes no sense; then it is read layer by layer, with the same result for what both read.
#[inline]
fn plain(mut cursor: Cursor<'_>, packet: &mut Packet) -> bool {
    let Some(header) = cursor.bytes.first_chunk::<15>() else {
        return false;
    };
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, high, low, first] = *header;
    cursor.at = 14;
    let read = match (high, low, first >> 4) {
        (0x08, 0x00, 4) => ip::version_4(&mut cursor, false, packet),
        (0x86, 0xdd, 6) => ip::version_6(&mut cursor, false, packet),
        _ => return false,
    };
    if read.is_err() {
        return false;
    }
    packet.ethernet = Some(Ethernet {
        source: [s0, s1, s2, s3, s4, s5],
        destination: [d0, d1, d2, d3, d4, d5],
    });
    packet.vlan = None;
    ip::carry(&mut cursor, packet);
    !tunnel::may_carry(cursor.bytes, packet)
}

impl Packet {
    /// To be filled.
    pub(crate) const fn blank() -> Self {
        Self {
            ethernet: None,
            vlan: None,
            tunnels: Vec::new(),
            source: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            destination: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            protocol: 0,
            hops: 0,
            length: 0,
            fragment: None,
            transport: Transport::Other,
            payload: 0..0,
            payload_length: 0,
        }
    }
}

/// What comes next in a frame.
#[derive(Clone, Copy, Debug)]
enum Layer {
    Link(LinkType),
    Ethernet,
    EtherType(u16),
    Llc,
    Ppp,
    /// 802.11, and whether its header is padded to four bytes.
    Wireless {
        padded: bool,
    },
    Mpls,
    /// IP of the version that its first byte tells.
    Ip,
    /// IPv6 whose header a network of sensors compressed.
    Compressed,
}

/// What a layer leads to.
enum Next {
    Layer(Layer),
    /// The packet has been written.
    Packet,
}

/// Where a frame is being read.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the captured bytes of this layer end.
    end: usize,
    /// Where they ended on the wire.
    wire: usize,
}

impl<'a> Cursor<'a> {
    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..self.end).unwrap_or_default()
    }

    /// The next bytes, which are gone through.
    #[inline]
    fn take(&mut self, count: usize) -> Result<&'a [u8], Why> {
        let Some(taken) = self.rest().get(..count) else {
            return Err(self.missing(count));
        };
        self.at = self.at.saturating_add(count);
        Ok(taken)
    }

    /// The next bytes, which are gone through.
    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Why> {
        let Some(taken) = self.rest().first_chunk().copied() else {
            return Err(self.missing(N));
        };
        self.at = self.at.saturating_add(N);
        Ok(taken)
    }

    /// The next number, which is gone through.
    #[inline]
    fn be16(&mut self) -> Result<u16, Why> {
        self.array().map(u16::from_be_bytes)
    }

    /// Why so many bytes are not there.
    fn missing(&self, count: usize) -> Why {
        if self.at.saturating_add(count) <= self.wire {
            Why::CutShort
        } else {
            Why::Senseless
        }
    }

    /// Whether the next byte begins IPv4 or IPv6.
    fn is_ip(&self) -> bool {
        matches!(byte(self.rest(), 0).map(|first| first >> 4), Some(4 | 6))
    }

    /// Bytes of this layer that were on the wire from here on.
    #[inline]
    fn on_wire(&self) -> usize {
        self.wire.saturating_sub(self.at)
    }

    /// The layer has only so many bytes from here on; padding may follow.
    #[inline]
    fn limit(&mut self, count: usize) {
        self.wire = self.at.saturating_add(count);
        self.end = self.end.min(self.wire);
    }
}

/// A frame on the way to its packet.
struct Decoder<'a> {
    cursor: Cursor<'a>,
    ethernet: Option<Ethernet>,
    vlan: Option<u16>,
    tunnels: Vec<Tunnel>,
    /// Only a port says that there is a packet inside, so it must look like one.
    doubtful: bool,
    /// The packet around the tunnel that is being entered.
    around: Option<Packet>,
    /// What a network of sensors leaves out of addresses.
    interfaces: sensor::Interfaces,
}

impl<'a> Decoder<'a> {
    fn new(cursor: Cursor<'a>) -> Self {
        Self {
            cursor,
            ethernet: None,
            vlan: None,
            tunnels: Vec::new(),
            doubtful: false,
            around: None,
            interfaces: [[0; 8]; 2],
        }
    }

    /// Writes the innermost packet into `packet`.
    fn run(&mut self, first: Layer, packet: &mut Packet) -> Result<(), Why> {
        let mut layer = first;
        for _ in 0..MOST_LAYERS {
            match self.enter(layer, packet) {
                Ok(Next::Layer(next)) => layer = next,
                Ok(Next::Packet) => match self.tunnel(packet) {
                    Some(next) => {
                        self.around = Some(std::mem::replace(packet, Packet::blank()));
                        layer = next;
                    }
                    None => return Ok(()),
                },
                Err(why) => return self.go_back(packet, why),
            }
        }
        self.go_back(packet, Why::Senseless)
    }

    /// What is inside makes no sense, so the packet around it is the result, if there is one.
    fn go_back(&mut self, packet: &mut Packet, why: Why) -> Result<(), Why> {
        *packet = self.around.take().ok_or(why)?;
        Ok(())
    }

    #[inline]
    fn enter(&mut self, layer: Layer, packet: &mut Packet) -> Result<Next, Why> {
        match layer {
            Layer::Ip => self.ip(packet).map(|()| Next::Packet),
            Layer::Ethernet => self.ethernet().map(Next::Layer),
            Layer::EtherType(kind) => self.ether_type(kind).map(Next::Layer),
            Layer::Link(link) => self.link(link).map(Next::Layer),
            Layer::Llc => self.llc().map(Next::Layer),
            Layer::Ppp => self.ppp().map(Next::Layer),
            Layer::Wireless { padded } => self.wireless(padded).map(Next::Layer),
            Layer::Compressed => self.compressed(packet).map(|()| Next::Packet),
            Layer::Mpls => self.mpls().map(Next::Layer),
        }
    }

    /// The outermost addresses are the frame's.
    fn addresses(&mut self, source: [u8; 6], destination: [u8; 6]) {
        if self.ethernet.is_none() && self.tunnels.is_empty() {
            self.ethernet = Some(Ethernet { source, destination });
        }
    }

    /// The first layer, by the number of the link (<https://www.tcpdump.org/linktypes.html>).
    fn link(&mut self, link: LinkType) -> Result<Layer, Why> {
        match link.0 {
            1 => Ok(Layer::Ethernet),
            // 12 and 14 are what BSDs write for 101.
            12 | 14 | 101 | 228 | 229 => Ok(Layer::Ip),
            0 | 108 => self.null(),
            113 => self.cooked(),
            276 => self.cooked_2(),
            105 => Ok(Layer::Wireless { padded: false }),
            127 => self.radiotap(),
            119 => self.prism(),
            163 => self.avs(),
            192 => self.ppi(),
            195 | 215 | 230 | 283 => self.sensor(link),
            9 | 50 => self.ppp_serial(),
            51 => self.ppp_ethernet(),
            166 | 204 => self.cursor.take(1).map(|_| Layer::Ppp),
            104 => self.cisco_hdlc(),
            107 => self.frame_relay(),
            239 => self.netfilter(),
            149 | 258 => self.packet_tap(),
            6 => self.token_ring(),
            10 => self.fddi(),
            100 => Ok(Layer::Llc),
            109 => self.enc(),
            117 => self.packet_filter_log(),
            129 => self.arcnet(),
            138 => self.firewire(),
            226 => self.ipnet(),
            219 => Ok(Layer::Mpls),
            281 | 284 => self.switch_tag(4),
            285 => self.switch_tag(8),
            282 => self.cursor.take(4).map(|_| Layer::Ethernet),
            _ => Err(Why::UnknownLink(link)),
        }
    }
}
