//! What the layers below the protocols say of a frame.

use crate::link::Undecoded;
use crate::neighbours::Neighbourly;
use std::net::IpAddr;
use std::ops::Range;

/// A frame down to its transport. Where there are tunnels, it is the innermost packet; what lies around it is in `tunnels`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The frame's addresses, where its link has such.
    pub ethernet: Option<Ethernet>,
    /// The outermost VLAN, where it is in one (IEEE 802.1Q).
    pub vlan: Option<u16>,
    /// Tunnels around it, from the outside; at most [`Packet::MOST_TUNNELS`].
    pub tunnels: Vec<Tunnel>,
    /// Who sent it.
    pub source: IpAddr,
    /// Whom it was sent to.
    pub destination: IpAddr,
    /// What IP carries, by IANA's number: 6 is TCP. Extension headers of IPv6 are gone through.
    pub protocol: u8,
    /// Hops that were left to it.
    pub hops: u8,
    /// Bytes of the packet with its IP header, as that says. Of segments that the card has still to cut (length 0), as
    /// many as were on the wire.
    pub length: u32,
    /// It is a piece of a larger packet.
    pub fragment: Option<Fragment>,
    /// What the transport says. [`Transport::Other`] of a fragment.
    pub transport: Transport,
    /// Where its payload lies in the captured bytes of the frame: what TCP or UDP carry, the rest of ICMP, or all that IP
    /// carries.
    pub payload: Range<u32>,
    /// Bytes of payload by the headers; more than `payload` holds where the capture cut the frame short.
    pub payload_length: u32,
}

impl Packet {
    /// Layers of tunnels that are gone through.
    pub const MOST_TUNNELS: usize = 8;

    /// A frame of those who speak below IP.
    pub(crate) fn below_ip(kind: Neighbourly, undecoded: Undecoded) -> Self {
        Self {
            ethernet: undecoded.ethernet,
            vlan: undecoded.vlan,
            transport: Transport::Neighbourly(kind),
            payload: undecoded.rest,
            ..Self::blank()
        }
    }

    /// The datagrams around it, from the outside, each with the kind of the tunnel that it carries; only tunnels behind the
    /// first so many. They have no payload of their own.
    pub(crate) fn around(&self, skipped: usize) -> impl Iterator<Item = (Self, &'static str)> {
        let tunnels = self.tunnels.iter().enumerate().skip(skipped);
        tunnels.filter_map(|(at, tunnel)| {
            let datagram = tunnel.datagram?;
            let packet = Self {
                ethernet: self.ethernet,
                vlan: self.vlan,
                tunnels: self.tunnels.get(..at).unwrap_or_default().to_vec(),
                source: tunnel.source,
                destination: tunnel.destination,
                protocol: 17,
                hops: datagram.hops,
                length: datagram.length,
                fragment: None,
                transport: Transport::Udp(datagram.ports),
                payload: 0..0,
                payload_length: datagram.payload_length,
            };
            Some((packet, tunnel.kind))
        })
    }
}

/// Addresses of Ethernet and its kin (IEEE 802).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ethernet {
    /// Who sent the frame.
    pub source: [u8; 6],
    /// Whom it was sent to; zeros where a capture keeps the sender's alone (Linux "cooked").
    pub destination: [u8; 6],
}

/// A packet around a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tunnel {
    /// What kind: `vxlan`, `gre`, `ip` and the like.
    pub kind: &'static str,
    /// One end.
    pub source: IpAddr,
    /// The other.
    pub destination: IpAddr,
    /// The datagram that it is in, where it is over UDP.
    pub datagram: Option<Datagram>,
}

/// A datagram around a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Datagram {
    /// Its ports.
    pub ports: Ports,
    /// Hops that were left to it.
    pub hops: u8,
    /// Bytes with its IP header.
    pub length: u32,
    /// Bytes that it carries.
    pub payload_length: u32,
}

/// Which piece of a larger packet (RFC 791, RFC 8200).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// What all pieces of one packet share.
    pub id: u32,
    /// Where the piece begins, in bytes of what IP carries.
    pub offset: u32,
    /// Whether others follow.
    pub more: bool,
}

/// What the transport says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP (RFC 9293).
    Tcp(Tcp),
    /// UDP (RFC 768).
    Udp(Ports),
    /// SCTP (RFC 9260).
    Sctp(Ports),
    /// ICMP or ICMPv6.
    Icmp(Icmp),
    /// None: it is below IP, and has no addresses there.
    Neighbourly(Neighbourly),
    /// Another, or its header was not captured or makes no sense.
    Other,
}

/// Ports of two ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports {
    /// The sender's.
    pub source: u16,
    /// The other's.
    pub destination: u16,
}

/// What a segment's header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tcp {
    /// The ports.
    pub ports: Ports,
    /// Where its first byte is in the stream.
    pub sequence: u32,
    /// Which byte is expected next.
    pub acknowledged: u32,
    /// Its flags.
    pub flags: TcpFlags,
    /// The window as it stands there, not scaled.
    pub window: u16,
}

/// Flags of a segment: FIN is 0x01, SYN 0x02, RST 0x04, PSH 0x08, ACK 0x10, URG 0x20, ECE 0x40, CWR 0x80.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// The sender has no more.
    pub const fn fin(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// It opens the connection.
    pub const fn syn(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// It ends the connection at once.
    pub const fn rst(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// It says what has come.
    pub const fn ack(self) -> bool {
        self.0 & 0x10 != 0
    }
}

/// What a message of ICMP says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// Which message, by IANA's number.
    pub kind: u8,
    /// Which kind of it.
    pub code: u8,
    /// What an echo and its answer share; 0 of other messages.
    pub id: u16,
    /// What stands behind the checksum: of echoes that and a number, of others what the message is about.
    pub rest: [u8; 4],
}
