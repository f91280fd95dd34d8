//! What a live capture looks like right now: how much there is in each second, between whom, of what, and of which program.
//!
//! Frames are looked at as far as their transport. Every table is bounded: where there are too many, those with the least
//! traffic are forgotten, and what was not counted is told.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use watchfire_capture::{LinkType, Other, Packet, Ports, Transport, decode};
use watchfire_model::network::TransportProtocol;
use watchfire_sources::live::{Captured, Owner, Owners, Socket};

/// Seconds that are shown.
pub(super) const SECONDS: usize = 120;
/// Addresses that are kept when there are twice as many.
const TALKERS: usize = 1 << 15;
/// Sockets between two looks at their owners.
const SOCKETS: usize = 1 << 15;
/// Programs.
const PROGRAMS: usize = 1 << 12;
/// Protocols: IANA's 256 and some kinds of other frames.
const PROTOCOLS: usize = 1 << 10;
/// How often the owner of a socket is looked for before nobody is.
const LOOKS: u8 = 3;

/// What passed in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) frames: u64,
}

impl Passed {
    pub(super) fn bytes(&self) -> u64 {
        self.sent.saturating_add(self.received)
    }

    fn add(&mut self, other: Self) {
        self.sent = self.sent.saturating_add(other.sent);
        self.received = self.received.saturating_add(other.received);
        self.frames = self.frames.saturating_add(other.frames);
    }
}

/// What a frame is, as a list of protocols shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Ip(TransportProtocol),
    Other(Other),
}

/// Counts frames.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Addresses of this host.
    local: BTreeSet<IpAddr>,
    /// Seconds since 1970 in which there was something: frames and bytes.
    seconds: VecDeque<(u64, u64, u64)>,
    talkers: HashMap<IpAddr, Passed>,
    kinds: BTreeMap<Kind, (u64, u64)>,
    /// Sockets of this host whose owner is still to be looked for, and how often that was done.
    sockets: HashMap<Socket, (Passed, u8)>,
    programs: HashMap<Owner, Passed>,
    /// Traffic of this host whose program is not known.
    nobody: Passed,
}

impl Meter {
    /// Counts a frame.
    pub(super) fn frame(&mut self, frame: &Captured<'_>) {
        let length = u64::from(frame.length);
        self.second(frame.time / 1_000_000_000, length);
        let decoded = decode(LinkType(frame.link), frame.bytes, frame.length);
        let kind = match &decoded {
            Ok(packet) => Kind::Ip(TransportProtocol(packet.protocol)),
            Err(undecoded) => Kind::Other(undecoded.why.into()),
        };
        if self.kinds.len() < PROTOCOLS || self.kinds.contains_key(&kind) {
            let (frames, bytes) = self.kinds.entry(kind).or_default();
            *frames += 1;
            *bytes = bytes.saturating_add(length);
        }
        if let Ok(packet) = decoded {
            self.packet(&packet, length);
        }
    }

    fn second(&mut self, second: u64, bytes: u64) {
        // Frames of several interfaces come a little out of order: the newest second takes those as well.
        match self.seconds.back_mut() {
            Some((last, frames, all)) if second <= *last => {
                *frames += 1;
                *all = all.saturating_add(bytes);
            }
            _ => {
                self.seconds.push_back((second, 1, bytes));
                if self.seconds.len() > SECONDS + 2 {
                    self.seconds.pop_front();
                }
            }
        }
    }

    fn packet(&mut self, packet: &Packet, length: u64) {
        let sent = Passed {
            sent: length,
            received: 0,
            frames: 1,
        };
        let received = Passed {
            sent: 0,
            received: length,
            frames: 1,
        };
        for (address, passed) in [(packet.source, sent), (packet.destination, received)] {
            self.talkers.entry(address).or_default().add(passed);
        }
        keep_largest(&mut self.talkers, TALKERS);
        let Some(ports) = ports(packet) else { return };
        let source = SocketAddr::new(packet.source, ports.source);
        let destination = SocketAddr::new(packet.destination, ports.destination);
        for (own, other, passed) in [(source, destination, sent), (destination, source, received)] {
            if self.local.contains(&own.ip()) {
                let socket = Socket {
                    protocol: TransportProtocol(packet.protocol),
                    local: own,
                    remote: Some(other),
                };
                if self.sockets.len() < SOCKETS || self.sockets.contains_key(&socket) {
                    self.sockets.entry(socket).or_default().0.add(passed);
                } else {
                    self.nobody.add(passed);
                }
            }
        }
    }

    /// Says which addresses are this host's.
    pub(super) fn is_at(&mut self, local: BTreeSet<IpAddr>) {
        self.local = local;
    }

    /// Gives what passed since the last time to the programs that own the sockets. Whose owner is still unknown after some
    /// looks at the sockets of this host is nobody's; `looked` says that this is one.
    pub(super) fn resolve(&mut self, owners: &Owners, looked: bool) {
        let (programs, nobody) = (&mut self.programs, &mut self.nobody);
        self.sockets.retain(|socket, (passed, looks)| {
            let owner = socket
                .remote
                .and_then(|remote| owners.of(socket.protocol, socket.local, remote))
                .filter(|owner| programs.len() < PROGRAMS || programs.contains_key(owner));
            if let Some(owner) = owner {
                programs.entry(owner.clone()).or_default().add(*passed);
                return false;
            }
            *looks += u8::from(looked);
            if *looks >= LOOKS {
                nobody.add(*passed);
                return false;
            }
            true
        });
    }

    /// Frames and bytes of the seconds before `now`, which is not over; the oldest first.
    pub(super) fn history(&self, now: u64) -> Vec<(u64, u64)> {
        let first = now.saturating_sub(SECONDS as u64);
        let mut history = vec![(0, 0); SECONDS];
        for (second, frames, bytes) in &self.seconds {
            let place = second.checked_sub(first).and_then(|place| usize::try_from(place).ok());
            if let Some(place) = place.and_then(|place| history.get_mut(place)) {
                *place = (*frames, *bytes);
            }
        }
        history
    }

    /// The addresses with the most traffic, and how many there are.
    pub(super) fn talkers(&self, most: usize) -> (Vec<(IpAddr, Passed)>, usize) {
        (largest(&self.talkers, most), self.talkers.len())
    }

    /// The programs with the most traffic.
    pub(super) fn programs(&self, most: usize) -> Vec<(Owner, Passed)> {
        largest(&self.programs, most)
    }

    /// Traffic of this host whose program is not known.
    pub(super) fn nobody(&self) -> Passed {
        self.nobody
    }

    /// What frames are, with how many there are and their bytes; the largest first.
    pub(super) fn kinds(&self) -> Vec<(Kind, u64, u64)> {
        let mut kinds: Vec<_> = self
            .kinds
            .iter()
            .map(|(kind, (frames, bytes))| (*kind, *frames, *bytes))
            .collect();
        kinds.sort_by_key(|(kind, _, bytes)| (std::cmp::Reverse(*bytes), *kind));
        kinds
    }
}

fn ports(packet: &Packet) -> Option<Ports> {
    match packet.transport {
        Transport::Tcp(tcp) => Some(tcp.ports),
        Transport::Udp(ports) => Some(ports),
        _ => None,
    }
}

/// Forgets the smallest where there are twice too many.
fn keep_largest(all: &mut HashMap<IpAddr, Passed>, most: usize) {
    if all.len() < 2 * most {
        return;
    }
    let mut sizes: Vec<u64> = all.values().map(Passed::bytes).collect();
    let (_, least, _) = sizes.select_nth_unstable(most);
    let least = *least;
    all.retain(|_, passed| passed.bytes() > least);
}

fn largest<K: Clone + Ord + Eq + Hash>(all: &HashMap<K, Passed>, most: usize) -> Vec<(K, Passed)> {
    let by_size = |(one, one_passed): &(&K, &Passed), (other, other_passed): &(&K, &Passed)| {
        let by_size = other_passed.bytes().cmp(&one_passed.bytes());
        by_size.then_with(|| one.cmp(other))
    };
    let mut sorted: Vec<(&K, &Passed)> = all.iter().collect();
    // Whoever captures waits meanwhile: only those that are shown are put in order.
    if most < sorted.len() {
        sorted.select_nth_unstable_by(most, by_size);
        sorted.truncate(most);
    }
    sorted.sort_by(by_size);
    sorted.into_iter().map(|(key, passed)| (key.clone(), *passed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IPv4 datagram without anything before it.
    fn datagram(from: ([u8; 4], u16), to: ([u8; 4], u16)) -> Vec<u8> {
        let mut bytes = vec![0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0];
        bytes.extend(from.0);
        bytes.extend(to.0);
        bytes.extend(from.1.to_be_bytes());
        bytes.extend(to.1.to_be_bytes());
        bytes.extend([0, 8, 0, 0]);
        bytes
    }

    fn frame(bytes: &[u8], second: u64, length: u32) -> Captured<'_> {
        Captured {
            link: 101,
            time: second * 1_000_000_000,
            length,
            bytes,
        }
    }

    const HERE: [u8; 4] = [10, 0, 0, 5];
    const THERE: [u8; 4] = [192, 0, 2, 1];

    #[test]
    fn frames_are_counted_by_second_address_and_kind() {
        let mut meter = Meter::default();
        let (ask, answer) = (datagram((HERE, 5000), (THERE, 53)), datagram((THERE, 53), (HERE, 5000)));
        meter.frame(&frame(&ask, 1000, 100));
        meter.frame(&frame(&answer, 1002, 300));
        meter.frame(&frame(b"nonsense", 1001, 8));
        let history = meter.history(1003);
        assert_eq!(history[SECONDS - 3..], [(1, 100), (0, 0), (2, 308)]);
        assert_eq!(meter.history(2000), vec![(0, 0); SECONDS]);
        let (talkers, count) = meter.talkers(1);
        let passed = Passed {
            sent: 100,
            received: 300,
            frames: 2,
        };
        assert_eq!((talkers, count), (vec![(IpAddr::from(HERE), passed)], 2));
        let kinds = meter.kinds();
        assert_eq!(kinds[0], (Kind::Ip(TransportProtocol::UDP), 2, 400));
        assert!(matches!(kinds[1], (Kind::Other(_), 1, 8)));
    }

    #[test]
    fn traffic_of_this_host_is_given_to_programs_or_to_nobody() {
        let mut meter = Meter::default();
        meter.is_at([IpAddr::from(HERE)].into());
        meter.frame(&frame(&datagram((HERE, 5000), (THERE, 53)), 1000, 100));
        for _ in 0..LOOKS {
            assert_eq!(meter.nobody(), Passed::default());
            meter.resolve(&Owners::new(), true);
        }
        let passed = Passed {
            sent: 100,
            received: 0,
            frames: 1,
        };
        assert_eq!(meter.nobody(), passed);
        assert!(meter.programs(10).is_empty());
        // What passes between others is of no program here.
        meter.frame(&frame(&datagram((THERE, 5000), (THERE, 53)), 1000, 100));
        for _ in 0..LOOKS {
            meter.resolve(&Owners::new(), true);
        }
        assert_eq!(meter.nobody(), passed);
    }

    #[test]
    fn addresses_without_end_are_not_kept_without_end() {
        let mut meter = Meter::default();
        for number in 0..200_000_u32 {
            let from = (0x0b00_0000 + number).to_be_bytes();
            meter.frame(&frame(&datagram((from, 1), (THERE, 2)), 1000, 100));
        }
        let (talkers, count) = meter.talkers(1);
        assert_eq!(talkers[0].0, IpAddr::from(THERE));
        assert!(count < 2 * TALKERS);
    }
}
