//! Puts the pieces of IP packets together (RFC 791, section 3.2; RFC 8200, section 4.5).
//!
//! Where pieces overlap, what came first stays, as in Zeek; that they differ is counted. Packets that are not whole are
//! kept within [`Limits`] of number, bytes and age, the age in frames, so that the result depends on the capture alone.
//! What is given up is counted, too.

use crate::link;
use crate::packet::{Packet, Tunnel};
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// No packet is longer (RFC 791).
const LONGEST: u32 = 65_535;

/// Bytes of memory for a piece, beside what it holds; a little more than the tables of pieces need.
const EACH: usize = 64;

/// Packets inside of packets whose pieces are put together for one piece.
const MOST_LEVELS: usize = 4;

/// How much is kept of packets that are not whole.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Packets.
    pub packets: usize,
    /// Bytes of memory that their pieces need.
    pub bytes: usize,
    /// Frames after a packet's first piece.
    pub frames: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            packets: 4096,
            bytes: 16 << 20,
            frames: 100_000,
        }
    }
}

/// A packet that was put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// What it says. Places in it are places in `bytes`.
    pub packet: Packet,
    /// What IP carried.
    pub bytes: Vec<u8>,
}

/// What happened to pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pieces that were seen.
    pub pieces: u64,
    /// Packets that became whole.
    pub whole: u64,
    /// Packets that were given up, because pieces did not come or there were too many.
    pub given_up: u64,
    /// Pieces that overlap others and differ from them: some systems read what others do not.
    pub contradicting: u64,
    /// Pieces that no packet can have: too long, empty, or behind the end that another stated.
    pub senseless: u64,
}

/// Keeps pieces until their packet is whole.
#[derive(Debug, Default)]
pub struct Reassembler {
    limits: Limits,
    packets: HashMap<Key, Pieces, foldhash::fast::RandomState>,
    /// Which is the oldest, by the number of its first frame and a running number.
    order: BTreeMap<(u64, u64), Key>,
    running: u64,
    bytes: usize,
    counts: Counts,
}

/// What the pieces of one packet share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    id: u32,
    /// Of IPv4 alone: the pieces of IPv6 need not agree in it.
    protocol: Option<u8>,
    vlan: Option<u16>,
    tunnels: Vec<Tunnel>,
}

/// What has come of a packet.
#[derive(Debug)]
struct Pieces {
    age: (u64, u64),
    /// The first piece's packet, once it is there.
    first: Option<Packet>,
    /// Where the last piece ends, once it is there.
    total: Option<u32>,
    /// Bytes in the order in which they came.
    bytes: Vec<u8>,
    /// Pieces that do not overlap: where they begin, how long they are, and where they are in `bytes`.
    places: BTreeMap<u32, (u32, usize)>,
    /// The sum of their lengths.
    covered: u32,
    /// The end of the one that ends last.
    end: u32,
}

impl Reassembler {
    /// Keeps no more than `limits` say.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Packets that are not whole yet.
    pub fn waiting(&self) -> usize {
        self.packets.len()
    }

    /// Takes a packet that is a piece, of the frame with this number; `bytes` are those its places are in. Gives the
    /// packet of which it was the last that was missing.
    pub fn add(&mut self, frame: u64, packet: &Packet, bytes: &[u8]) -> Option<Whole> {
        self.forget(frame);
        let mut whole = self.piece(frame, packet, bytes)?;
        // What was put together may itself be a piece, of a packet in a tunnel.
        for _ in 1..MOST_LEVELS {
            if whole.packet.fragment.is_none() {
                break;
            }
            whole = self.piece(frame, &whole.packet, &whole.bytes)?;
        }
        Some(whole)
    }

    fn piece(&mut self, frame: u64, packet: &Packet, bytes: &[u8]) -> Option<Whole> {
        let fragment = packet.fragment?;
        self.counts.pieces = self.counts.pieces.saturating_add(1);
        let range = packet.payload.start as usize..packet.payload.end as usize;
        let payload = bytes.get(range).unwrap_or_default();
        let length = crate::bytes::field(payload.len());
        let end = fragment.offset.saturating_add(length);
        let uneven = fragment.more && !length.is_multiple_of(8);
        if length == 0 || length < packet.payload_length || end > LONGEST || uneven {
            self.counts.senseless = self.counts.senseless.saturating_add(1);
            return None;
        }
        let key = Key::of(packet, fragment.id);
        self.running = self.running.wrapping_add(1);
        let age = (frame, self.running);
        if !self.packets.contains_key(&key) {
            self.order.insert(age, key.clone());
        }
        let pieces = self.packets.entry(key.clone()).or_insert_with(|| Pieces::new(age));
        let stated = if fragment.more { None } else { Some(end) };
        if !pieces.accepts(end, stated) {
            self.counts.senseless = self.counts.senseless.saturating_add(1);
            return None;
        }
        pieces.total = pieces.total.or(stated);
        if fragment.offset == 0 && pieces.first.is_none() {
            pieces.first = Some(packet.clone());
        }
        let before = pieces.memory();
        if !pieces.insert(fragment.offset, payload) {
            self.counts.contradicting = self.counts.contradicting.saturating_add(1);
        }
        let more = pieces.memory().saturating_sub(before);
        self.bytes = self.bytes.saturating_add(more);
        if pieces.is_whole() {
            let pieces = self.remove(&key)?;
            self.counts.whole = self.counts.whole.saturating_add(1);
            return pieces.join();
        }
        self.shrink();
        None
    }

    fn remove(&mut self, key: &Key) -> Option<Pieces> {
        let pieces = self.packets.remove(key)?;
        self.order.remove(&pieces.age);
        self.bytes = self.bytes.saturating_sub(pieces.memory());
        Some(pieces)
    }

    fn give_up_oldest(&mut self) {
        if let Some((_, key)) = self.order.pop_first() {
            self.remove(&key);
            self.counts.given_up = self.counts.given_up.saturating_add(1);
        }
    }

    /// Gives up what waits for too long.
    fn forget(&mut self, frame: u64) {
        while let Some(((first, _), _)) = self.order.first_key_value() {
            if frame.saturating_sub(*first) <= self.limits.frames {
                break;
            }
            self.give_up_oldest();
        }
    }

    /// Gives up the oldest until there is room.
    fn shrink(&mut self) {
        while self.packets.len() > self.limits.packets || self.bytes > self.limits.bytes {
            if self.order.is_empty() {
                break;
            }
            self.give_up_oldest();
        }
    }
}

impl Key {
    fn of(packet: &Packet, id: u32) -> Self {
        Self {
            source: packet.source,
            destination: packet.destination,
            id,
            protocol: packet.source.is_ipv4().then_some(packet.protocol),
            vlan: packet.vlan,
            tunnels: packet.tunnels.iter().map(ends).collect(),
        }
    }
}

/// A tunnel by its ends: each piece is in a datagram of its own.
fn ends(tunnel: &Tunnel) -> Tunnel {
    Tunnel {
        datagram: None,
        ..*tunnel
    }
}

impl Pieces {
    fn new(age: (u64, u64)) -> Self {
        Self {
            age,
            first: None,
            total: None,
            bytes: Vec::new(),
            places: BTreeMap::new(),
            covered: 0,
            end: 0,
        }
    }

    /// Bytes of memory that its pieces need.
    fn memory(&self) -> usize {
        self.bytes.len() + self.places.len() * EACH
    }

    /// Whether a piece that ends there fits to what others said of the packet's end.
    fn accepts(&self, end: u32, stated: Option<u32>) -> bool {
        let total = self.total.or(stated).unwrap_or(LONGEST);
        end <= total && self.end <= total && stated.is_none_or(|stated| stated == total)
    }

    /// Puts in what is not there yet. False if what is there differs.
    fn insert(&mut self, offset: u32, payload: &[u8]) -> bool {
        let end = offset.saturating_add(crate::bytes::field(payload.len()));
        self.end = self.end.max(end);
        let before = self
            .places
            .range(..=offset)
            .next_back()
            .map(|(at, piece)| (*at, *piece));
        let inside = self.places.range(offset.saturating_add(1)..end);
        let there: Vec<(u32, (u32, usize))> = before
            .into_iter()
            .chain(inside.map(|(at, piece)| (*at, *piece)))
            .filter(|(at, (length, _))| at.saturating_add(*length) > offset)
            .collect();
        let mut agrees = true;
        let mut at = offset;
        for (start, (length, place)) in there {
            self.fill(at, start, offset, payload);
            let stop = start.saturating_add(length);
            let (from, to) = (start.max(offset), stop.min(end));
            let old = part(&self.bytes, place, from.saturating_sub(start), to.saturating_sub(start));
            agrees &= old == part(payload, 0, from.saturating_sub(offset), to.saturating_sub(offset));
            at = at.max(stop);
        }
        self.fill(at, end, offset, payload);
        agrees
    }

    /// Adds what `payload`, which begins at `offset`, has from `from` to `to`.
    fn fill(&mut self, from: u32, to: u32, offset: u32, payload: &[u8]) {
        let new = part(payload, 0, from.saturating_sub(offset), to.saturating_sub(offset));
        if from >= to || new.is_empty() {
            return;
        }
        let length = crate::bytes::field(new.len());
        self.places.insert(from, (length, self.bytes.len()));
        self.bytes.extend_from_slice(new);
        self.covered = self.covered.saturating_add(length);
    }

    fn is_whole(&self) -> bool {
        self.first.is_some() && self.total == Some(self.covered)
    }

    fn join(self) -> Option<Whole> {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        for (length, place) in self.places.values() {
            bytes.extend_from_slice(part(&self.bytes, *place, 0, *length));
        }
        let packet = link::whole(&self.first?, &bytes);
        Some(Whole { packet, bytes })
    }
}

/// The bytes `from..to` of what begins at `place`.
fn part(bytes: &[u8], place: usize, from: u32, to: u32) -> &[u8] {
    let range = place.saturating_add(from as usize)..place.saturating_add(to as usize);
    bytes.get(range).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{Fragment, Ports, Transport};

    /// UDP from port 1 to port 2 with 24 bytes `0..24`.
    fn datagram() -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, 2, 0, 32, 0, 0];
        bytes.extend(0..24);
        bytes
    }

    fn piece(id: u32, offset: u32, more: bool, payload: &[u8]) -> (Packet, Vec<u8>) {
        let length = payload.len() as u32;
        let packet = Packet {
            ethernet: None,
            vlan: None,
            tunnels: Vec::new(),
            source: "192.0.2.1".parse().expect("an address"),
            destination: "192.0.2.2".parse().expect("an address"),
            protocol: 17,
            hops: 64,
            length: length + 20,
            fragment: Some(Fragment { id, offset, more }),
            transport: Transport::Other,
            payload: 0..length,
            payload_length: length,
        };
        (packet, payload.to_vec())
    }

    /// Adds pieces `(from, to)` of the datagram in this order; gives what comes of the last.
    fn check(pieces: &[(usize, usize)], whole_at: Option<usize>) -> Counts {
        let datagram = datagram();
        let mut reassembler = Reassembler::default();
        for (number, (from, to)) in pieces.iter().enumerate() {
            let (packet, bytes) = piece(7, *from as u32, *to < datagram.len(), &datagram[*from..*to]);
            let whole = reassembler.add(number as u64, &packet, &bytes);
            assert_eq!(whole.is_some(), whole_at == Some(number), "at piece {number}");
            let Some(whole) = whole else { continue };
            assert_eq!(whole.bytes, datagram);
            let ports = Ports {
                source: 1,
                destination: 2,
            };
            assert_eq!(whole.packet.transport, Transport::Udp(ports));
            assert_eq!((whole.packet.payload, whole.packet.payload_length), (8..32, 24));
            assert_eq!(whole.packet.length, 52);
            assert_eq!(whole.packet.fragment, None);
            assert_eq!(reassembler.waiting(), 0);
            assert_eq!(reassembler.bytes, 0);
        }
        reassembler.counts()
    }

    #[test]
    fn pieces_come_in_any_order() {
        check(&[(0, 16), (16, 32)], Some(1));
        check(&[(16, 32), (0, 16)], Some(1));
        check(&[(8, 16), (24, 32), (16, 24), (0, 8)], Some(3));
    }

    #[test]
    fn pieces_come_twice_or_overlap() {
        let counts = check(&[(0, 16), (0, 16), (8, 24), (16, 32)], Some(3));
        assert_eq!(counts.contradicting, 0);
        check(&[(8, 16), (0, 24), (0, 32)], Some(2));
    }

    #[test]
    fn a_missing_piece_is_waited_for() {
        check(&[(0, 8), (16, 32)], None);
        check(&[(8, 32)], None);
    }

    #[test]
    fn what_came_first_stays() {
        let mut reassembler = Reassembler::default();
        let mut add = |offset, more, payload: &[u8]| {
            let (packet, bytes) = piece(1, offset, more, payload);
            reassembler.add(1, &packet, &bytes)
        };
        assert_eq!(add(8, true, &[1; 8]), None);
        assert_eq!(add(0, true, &[2; 24]), None);
        let whole = add(16, false, &[3; 16]).expect("it is whole");
        assert_eq!(whole.bytes, [[2; 8], [1; 8], [2; 8], [3; 8]].concat());
        assert_eq!(reassembler.counts().contradicting, 2);
    }

    #[test]
    fn a_piece_behind_the_end_is_refused() {
        let mut reassembler = Reassembler::default();
        let mut add = |offset, more, payload: &[u8]| {
            let (packet, bytes) = piece(1, offset, more, payload);
            reassembler.add(1, &packet, &bytes).is_some()
        };
        assert!(!add(8, false, &[1; 8]));
        assert!(!add(16, true, &[1; 8]));
        assert!(!add(16, false, &[1; 8]));
        assert!(!add(65_528, false, &[1; 16]));
        assert!(!add(24, true, &[1; 7]));
        assert!(add(0, true, &[1; 8]));
        assert_eq!(reassembler.counts().senseless, 4);
    }

    #[test]
    fn packets_that_never_become_whole_are_given_up() {
        let limits = Limits {
            packets: 10,
            bytes: 8 * (EACH + 8),
            frames: 100,
        };
        let mut reassembler = Reassembler::new(limits);
        for id in 0..1_000 {
            let (packet, bytes) = piece(id, 0, true, &[0; 8]);
            reassembler.add(u64::from(id), &packet, &bytes);
            assert!(reassembler.waiting() <= 8 && reassembler.bytes <= limits.bytes);
        }
        let (packet, bytes) = piece(5_000, 0, true, &[0; 8]);
        reassembler.add(5_000, &packet, &bytes);
        assert_eq!(reassembler.waiting(), 1);
        assert_eq!(reassembler.order.len(), 1);
        assert_eq!(reassembler.counts().given_up, 1_000);
    }

    #[test]
    fn pieces_cost_memory_however_short_they_are() {
        let limits = Limits {
            packets: 100,
            bytes: 64 << 10,
            frames: 1 << 20,
        };
        let mut reassembler = Reassembler::new(limits);
        for number in 0..20_000_u32 {
            // Every other piece of eight bytes, so that none are beside one another.
            let (packet, bytes) = piece(number / 4_000, number % 4_000 * 16, true, &[0; 8]);
            reassembler.add(1, &packet, &bytes);
            let pieces: usize = reassembler.packets.values().map(|pieces| pieces.places.len()).sum();
            assert!(pieces <= limits.bytes / EACH, "{pieces} pieces");
        }
        assert!(reassembler.counts().given_up > 0);
    }
}
