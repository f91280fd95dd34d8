//! Frames on their way to the capture: connections over TCP and datagrams, cut where the capture cuts them.

use crate::Random;
use crate::capture::packets::{self, Segment};
use crate::capture::{TimedFrame, dns_answer, dns_question};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Nanoseconds of a second and of a millisecond.
pub(super) const SECOND: u64 = 1_000_000_000;
pub(super) const MILLISECOND: u64 = 1_000_000;
/// Bytes of a segment.
const SEGMENT: usize = 1_460;
/// Bytes that were once drawn; what is encrypted is cut out of them.
const NOISE: usize = 1 << 16;

/// A frame of which the capture may hold the beginning alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// Nanoseconds since 1970.
    pub time: u64,
    /// What was captured.
    pub bytes: Vec<u8>,
    /// How many bytes the frame had.
    pub length: u32,
}

/// Frames that are not handed out yet.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) waiting: Vec<Captured>,
    snap: usize,
    noise: Vec<u8>,
}

impl Wire {
    pub(super) fn new(snap: usize, random: &mut Random) -> Self {
        Self {
            waiting: Vec::new(),
            snap,
            noise: random.bytes(NOISE),
        }
    }

    fn push(&mut self, time: u64, mut bytes: Vec<u8>, more: usize) {
        let length = u32::try_from(bytes.len().saturating_add(more)).unwrap_or(u32::MAX);
        bytes.truncate(self.snap);
        self.waiting.push(Captured { time, bytes, length });
    }

    /// A frame with a packet of IP, between the network cards of both.
    fn packet(&mut self, time: u64, (from, to): (IpAddr, IpAddr), packet: &[u8], more: usize) {
        let ether_type = if from.is_ipv4() { [8, 0] } else { [0x86, 0xdd] };
        let bytes = [&mac(to)[..], &mac(from), &ether_type, packet].concat();
        self.push(time, bytes, more);
    }

    /// A datagram.
    pub(super) fn datagram(&mut self, time: u64, from: SocketAddr, to: SocketAddr, payload: &[u8]) {
        let packet = packets::udp(from, to, payload);
        self.packet(time, (from.ip(), to.ip()), &packet, 0);
    }

    /// A question and its answer in datagrams.
    pub(super) fn exchange(&mut self, time: u64, ends: (SocketAddr, SocketAddr), question: &[u8], answer: &[u8]) {
        self.datagram(time, ends.0, ends.1, question);
        self.datagram(time.saturating_add(3 * MILLISECOND), ends.1, ends.0, answer);
    }

    /// A name is asked for. When the answer is there.
    pub(super) fn ask(&mut self, time: u64, client: Ipv4Addr, random: &mut Random, name: &str, is: Ipv4Addr) -> u64 {
        let id = u16::try_from(random.below(0x1_0000)).unwrap_or_default();
        let ends = (
            SocketAddr::from((client, port(random))),
            SocketAddr::from((super::CONTROLLER, 53)),
        );
        self.exchange(time, ends, &dns_question(id, name), &dns_answer(id, name, is.octets()));
        time.saturating_add(5 * MILLISECOND)
    }

    /// A frame of something else.
    pub(super) fn frame(&mut self, frame: TimedFrame) {
        self.push(frame.time, frame.bytes, 0);
    }

    /// Bytes that look encrypted.
    pub(super) fn noise(&self, random: &mut Random, length: usize) -> Vec<u8> {
        let start = random.index(NOISE / 2);
        let mut bytes: Vec<u8> = self.noise.iter().skip(start).take(length).copied().collect();
        while bytes.len() < length {
            let more = self.noise.iter().take(length.saturating_sub(bytes.len()));
            bytes.extend(more);
        }
        bytes
    }
}

/// The network card of a host of the office; of hosts outside, the router's.
pub(super) fn mac(address: IpAddr) -> [u8; 6] {
    match address {
        IpAddr::V4(v4) if v4.octets().first() == Some(&10) => {
            let [_, b, c, d] = v4.octets();
            [0x02, 0x10, 0, b, c, d]
        }
        IpAddr::V4(v4) if v4.is_multicast() => {
            let [_, b, c, d] = v4.octets();
            [0x01, 0, 0x5e, b & 0x7f, c, d]
        }
        IpAddr::V4(v4) if v4.is_broadcast() => [0xff; 6],
        IpAddr::V4(v4) if v4.is_unspecified() => [0x02, 0x10, 0, 0, 0, 1],
        _ => [0x02, 0x10, 0xff, 0, 0, 0xfe],
    }
}

/// A port that nobody has reserved.
pub(super) fn port(random: &mut Random) -> u16 {
    u16::try_from(random.between(49_152, 65_535)).unwrap_or(50_000)
}

/// A connection over TCP that goes on.
#[derive(Clone, Debug)]
pub(super) struct Talk {
    client: SocketAddr,
    server: SocketAddr,
    next: [u32; 2],
    /// When the next frame comes.
    pub(super) time: u64,
    /// From one end to the other.
    delay: u64,
}

impl Talk {
    pub(super) fn new(client: Ipv4Addr, server: SocketAddr, at: u64, random: &mut Random) -> Self {
        let first = |random: &mut Random| u32::try_from(random.below(1 << 32)).unwrap_or_default();
        let is_near = matches!(server.ip(), IpAddr::V4(v4) if v4.octets().first() == Some(&10));
        let most = if is_near { 2 } else { 40 };
        Self {
            client: SocketAddr::from((client, port(random))),
            server,
            next: [first(random), first(random)],
            time: at,
            delay: random.between(MILLISECOND / 4, most * MILLISECOND),
        }
    }

    pub(super) fn open(&mut self, wire: &mut Wire) {
        self.send(wire, true, 0x02, &[], 0);
        self.send(wire, false, 0x12, &[], 0);
        self.send(wire, true, 0x10, &[], 0);
    }

    /// One side says something; the other acknowledges every second segment, and what is left with what it says next.
    pub(super) fn say(&mut self, wire: &mut Wire, is_client: bool, payload: &[u8]) {
        let last = payload.len().div_ceil(SEGMENT).saturating_sub(1);
        for (number, piece) in payload.chunks(SEGMENT).enumerate() {
            self.send(wire, is_client, if number == last { 0x18 } else { 0x10 }, piece, 0);
            if number % 2 == 1 {
                self.send(wire, !is_client, 0x10, &[], 0);
            }
        }
    }

    /// The client sends so many bytes in one piece that its network card cuts: of which the capture sees the headers.
    pub(super) fn push(&mut self, wire: &mut Wire, bytes: usize) {
        self.send(wire, true, 0x18, &[], bytes);
        self.send(wire, false, 0x10, &[], 0);
    }

    pub(super) fn close(&mut self, wire: &mut Wire) {
        self.send(wire, true, 0x11, &[], 0);
        self.send(wire, false, 0x11, &[], 0);
        self.send(wire, true, 0x10, &[], 0);
    }

    fn send(&mut self, wire: &mut Wire, is_client: bool, flags: u8, payload: &[u8], more: usize) {
        let [client, server] = self.next;
        let (ends, sequence, acknowledged) = match is_client {
            true => ((self.client, self.server), client, server),
            false => ((self.server, self.client), server, client),
        };
        let segment = Segment {
            sequence,
            acknowledged: if flags & 0x10 == 0 { 0 } else { acknowledged },
            flags,
        };
        let mut packet = packets::tcp(ends.0, ends.1, segment, payload);
        if more > 0 {
            // The length of the whole, of which the rest is not there.
            let whole = u16::try_from(packet.len().saturating_add(more)).unwrap_or(u16::MAX);
            let length = packet.iter_mut().skip(2).zip(whole.to_be_bytes());
            length.for_each(|(byte, new)| *byte = new);
        }
        wire.packet(self.time, (ends.0.ip(), ends.1.ip()), &packet, more);
        let is_turn = flags & 0x12 != 0x10 || payload.is_empty();
        self.time = self
            .time
            .saturating_add(if is_turn { self.delay } else { MILLISECOND / 10 });
        let counted = payload
            .len()
            .saturating_add(more)
            .saturating_add(usize::from(flags & 0x03 != 0));
        if let Some(next) = self.next.get_mut(usize::from(!is_client)) {
            *next = next.wrapping_add(u32::try_from(counted).unwrap_or_default());
        }
    }
}

/// So many nanoseconds, drawn so that each doubling is as likely as the one before: most are short, few are very long.
pub(super) fn heavy(random: &mut Random, least: u64, most: u64) -> u64 {
    let least = least.max(1);
    let doublings = (most / least).max(1).ilog2();
    let base = least << random.between(0, u64::from(doublings).saturating_sub(1));
    random.between(base, base.saturating_mul(2)).min(most)
}

/// The same for lengths.
pub(super) fn heavy_size(random: &mut Random, least: usize, most: usize) -> usize {
    usize::try_from(heavy(random, least as u64, most as u64)).unwrap_or(most)
}
