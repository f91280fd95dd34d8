//! Packets to flows.
//!
//! | a flow ends when | after |
//! |---|---|
//! | both ends of a connection closed it, or one broke it off | 5 s |
//! | somebody asked and nobody answered | 5 s |
//! | nothing more came: TCP | 5 min |
//! | nothing more came: everything else | 1 min |
//! | another SYN begins a connection between the same ends and ports | at once |
//! | there are too many: whoever was silent for the longest time goes first | at once |
//!
//! These are the times of Zeek, so that its rows and these can be compared. Time is that of the capture. A table is the
//! shard of one worker: what it says depends on the packets that it gets and on the ticks between them, and on nothing else.

mod community_id;
mod conversation;
mod history;
mod key;
mod said;
mod server;
mod stream;
mod tcp;
#[cfg(test)]
mod tests;
mod waiting;

use crate::neighbours::{Heard, Neighbours};
use crate::protocol::{Context, Here, Side, icmp};
use crate::{Packet, Tcp, Transport};
use community_id::community_id;
use conversation::{Conversation, Segment};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use history::History;
pub(crate) use key::{Ends, FlowKey};
pub use said::{Content, Said};
use std::net::{IpAddr, SocketAddr};
use tcp::{Change, Connection};
use waiting::{Linked, Links, Queue, Slot};
use watchfire_model::Timestamp;
use watchfire_model::network::{ConnectionState, Endpoint, Flow, Traffic, TransportProtocol};

/// Nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;

/// How long a flow may be silent before it is over, and from when on that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    /// It was closed or broken off: from then on.
    Closed,
    /// Somebody asked and nobody answered: from the question on.
    Unanswered,
    /// It has no connection: from the last packet on.
    Loose,
    /// It has one: from the last packet on.
    Connected,
}

impl Patience {
    const ALL: [Self; 4] = [Self::Closed, Self::Unanswered, Self::Loose, Self::Connected];

    /// Which of the queues.
    const fn index(self) -> usize {
        self as usize
    }

    const fn nanoseconds(self) -> u64 {
        match self {
            Self::Closed | Self::Unanswered => 5 * SECOND,
            Self::Loose => 60 * SECOND,
            Self::Connected => 300 * SECOND,
        }
    }

    /// Whether further packets make it longer.
    const fn grows(self) -> bool {
        matches!(self, Self::Loose | Self::Connected)
    }
}

/// A flow that goes on.
#[derive(Debug)]
struct Open {
    key: FlowKey,
    links: Links,
    patience: Patience,
    /// From when its patience counts.
    since: Timestamp,
    /// The ends in the direction of the originator.
    ends: Ends,
    protocol: u8,
    connection: Connection,
    history: History,
    first: Timestamp,
    last: Timestamp,
    first_frame: u64,
    last_frame: u64,
    sent: Traffic,
    received: Traffic,
    originator_mac: Option<[u8; 6]>,
    responder_mac: Option<[u8; 6]>,
    vlan: Option<u16>,
    tunnels: Vec<&'static str>,
    conversation: Conversation,
    services: Vec<&'static str>,
    carries: bool,
    /// Files that it carried.
    files: u32,
}

/// A packet with its place in the capture.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'p> {
    /// The number of its frame.
    pub frame: u64,
    /// When it was captured.
    pub time: Timestamp,
    /// What the layers say.
    pub packet: &'p Packet,
    /// What was captured of its payload.
    pub payload: &'p [u8],
    /// The kind of the tunnel that it carries, where what is inside is a packet of its own.
    pub carries: Option<&'static str>,
}

/// Flows of one shard.
#[derive(Debug)]
pub struct FlowTable {
    by_key: HashMap<FlowKey, Slot, FixedState>,
    flows: Slab,
    queues: [Queue; 4],
    most: usize,
    evicted: u64,
    /// What is heard below IP, in the table where that is.
    neighbours: Option<Box<Neighbours>>,
}

#[derive(Debug, Default)]
struct Slab {
    flows: Vec<Option<Open>>,
    free: Vec<Slot>,
}

impl Linked for Slab {
    fn links(&mut self, slot: Slot) -> Option<&mut Links> {
        Some(&mut self.get(slot)?.links)
    }
}

impl Slab {
    fn get(&mut self, slot: Slot) -> Option<&mut Open> {
        self.flows.get_mut(slot as usize)?.as_mut()
    }

    fn add(&mut self, flow: Open) -> Slot {
        if let Some(slot) = self.free.pop() {
            if let Some(place) = self.flows.get_mut(slot as usize) {
                *place = Some(flow);
            }
            return slot;
        }
        self.flows.push(Some(flow));
        Slot::try_from(self.flows.len() - 1).unwrap_or(Slot::MAX)
    }

    fn take(&mut self, slot: Slot) -> Option<Open> {
        let flow = self.flows.get_mut(slot as usize)?.take();
        if flow.is_some() {
            self.free.push(slot);
        }
        flow
    }
}

impl FlowTable {
    /// A table of at most so many flows at a time (at least one).
    pub fn new(most: usize) -> Self {
        Self {
            by_key: HashMap::with_hasher(FixedState::default()),
            flows: Slab::default(),
            queues: [Queue::default(); 4],
            most: most.clamp(1, Slot::MAX as usize),
            evicted: 0,
            neighbours: None,
        }
    }

    /// Takes a packet in. Flows that are over because of it go to `out`. Pieces of packets are to be put together before.
    pub fn packet(&mut self, seen: Seen<'_>, out: &mut Said) {
        let ends = Ends::of(seen.packet);
        self.packet_of(ends.key(seen.packet.protocol), &ends, seen, out);
    }

    /// Takes a packet in of which it is known what flow it belongs to.
    pub(crate) fn packet_of(&mut self, key: FlowKey, ends: &Ends, seen: Seen<'_>, out: &mut Said) {
        if let Transport::Neighbourly(kind) = seen.packet.transport {
            let heard = Heard {
                kind,
                frame: seen.frame,
                time: seen.time,
                ethernet: seen.packet.ethernet,
                vlan: seen.packet.vlan,
                bytes: seen.payload,
            };
            self.neighbours.get_or_insert_default().hear(&heard, out);
            return;
        }
        let known = self.by_key.get(&key).copied();
        let slot = match known {
            Some(slot) if !self.flows.get(slot).is_some_and(|flow| flow.is_over(&seen)) => slot,
            _ => {
                known.into_iter().for_each(|slot| self.end(slot, out));
                while self.by_key.len() >= self.most {
                    let Some(oldest) = self.oldest() else { break };
                    self.evicted += 1;
                    self.end(oldest, out);
                }
                self.begin(key, ends, &seen)
            }
        };
        let Some(flow) = self.flows.get(slot) else { return };
        let before = flow.patience;
        flow.add(ends, &seen, out);
        let after = flow.patience;
        if before != after || after.grows() {
            self.leave(before, slot);
            self.wait(after, slot);
        }
    }

    /// Ends what was silent for too long, as of `now`.
    pub fn tick(&mut self, now: Timestamp, out: &mut Said) {
        if let Some(neighbours) = &mut self.neighbours {
            neighbours.tick(now, out);
        }
        for patience in Patience::ALL {
            while let Some(slot) = self.first(patience) {
                if self.flows.get(slot).is_some_and(|flow| !flow.is_silent(now)) {
                    break;
                }
                self.end(slot, out);
            }
        }
    }

    /// Ends everything.
    pub fn finish(&mut self, out: &mut Said) {
        if let Some(neighbours) = &mut self.neighbours {
            neighbours.finish(out);
        }
        for patience in Patience::ALL {
            while let Some(slot) = self.first(patience) {
                self.end(slot, out);
            }
        }
    }

    /// Flows that had to end since there were too many.
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    fn begin(&mut self, key: FlowKey, ends: &Ends, seen: &Seen<'_>) -> Slot {
        let flow = Open::new(key, ends, seen);
        let patience = flow.patience;
        let slot = self.flows.add(flow);
        self.by_key.insert(key, slot);
        self.wait(patience, slot);
        slot
    }

    fn end(&mut self, slot: Slot, out: &mut Said) {
        if let Some(patience) = self.flows.get(slot).map(|flow| flow.patience) {
            self.leave(patience, slot);
        }
        if let Some(flow) = self.flows.take(slot) {
            self.by_key.remove(&flow.key);
            flow.finish(out);
        }
    }

    /// Who was silent for the longest time.
    fn oldest(&mut self) -> Option<Slot> {
        let firsts = Patience::ALL.map(|patience| self.first(patience));
        let ages = firsts.into_iter().flatten().map(|slot| {
            let flow = self.flows.get(slot);
            (flow.map(|flow| (flow.last, flow.last_frame)), slot)
        });
        ages.min().map(|(_, slot)| slot)
    }

    fn first(&self, patience: Patience) -> Option<Slot> {
        self.queues.get(patience.index()).and_then(Queue::first)
    }

    fn wait(&mut self, patience: Patience, slot: Slot) {
        if let Some(queue) = self.queues.get_mut(patience.index()) {
            queue.add(slot, &mut self.flows);
        }
    }

    fn leave(&mut self, patience: Patience, slot: Slot) {
        if let Some(queue) = self.queues.get_mut(patience.index()) {
            queue.remove(slot, &mut self.flows);
        }
    }
}

impl Open {
    fn new(key: FlowKey, ends: &Ends, seen: &Seen<'_>) -> Self {
        let packet = seen.packet;
        let is_answer = match packet.transport {
            Transport::Tcp(tcp) => Connection::is_answer(&tcp, server::is_tcp),
            Transport::Udp(ports) => server::is_answer(ports, seen.payload),
            _ => false,
        };
        let mut flow = Self {
            key,
            links: Links::default(),
            patience: match packet.transport {
                Transport::Tcp(_) => Patience::Connected,
                _ => Patience::Loose,
            },
            since: seen.time,
            ends: *ends,
            protocol: packet.protocol,
            connection: Connection::default(),
            history: History::default(),
            first: seen.time,
            last: seen.time,
            first_frame: seen.frame,
            last_frame: seen.frame,
            sent: Traffic::default(),
            received: Traffic::default(),
            originator_mac: None,
            responder_mac: None,
            vlan: packet.vlan,
            tunnels: packet.tunnels.iter().map(|tunnel| tunnel.kind).collect(),
            conversation: Conversation::default(),
            services: Vec::new(),
            carries: false,
            files: 0,
        };
        if is_answer && !is_for_many(ends.destination.0) {
            flow.swap();
        }
        flow
    }

    /// Who seemed to begin is who answers.
    fn swap(&mut self) {
        std::mem::swap(&mut self.ends.source, &mut self.ends.destination);
        std::mem::swap(&mut self.sent, &mut self.received);
        std::mem::swap(&mut self.originator_mac, &mut self.responder_mac);
        self.history.swap();
        self.conversation.swap();
    }

    fn is_silent(&self, now: Timestamp) -> bool {
        now.since(self.since) > self.patience.nanoseconds()
    }

    /// Whether a packet between the same ends is not of this flow any more.
    fn is_over(&self, seen: &Seen<'_>) -> bool {
        let is_new = matches!(seen.packet.transport, Transport::Tcp(tcp) if self.connection.is_new(&tcp));
        is_new || self.is_silent(seen.time)
    }

    fn add(&mut self, ends: &Ends, seen: &Seen<'_>, out: &mut Said) {
        let packet = seen.packet;
        let side = if ends.source == self.ends.source {
            Side::Originator
        } else {
            Side::Responder
        };
        self.last = self.last.max(seen.time);
        self.last_frame = seen.frame;
        self.learn(side, packet);
        let traffic = match side {
            Side::Originator => &mut self.sent,
            Side::Responder => &mut self.received,
        };
        traffic.packets += 1;
        traffic.ip_bytes += u64::from(packet.length);
        if let Transport::Tcp(tcp) = packet.transport {
            self.segment(side, &tcp, seen, out);
        } else {
            traffic.bytes += u64::from(packet.payload_length);
            self.history.first(side, b'D');
            self.since = self.since.max(seen.time);
            if let Some(kind) = seen.carries {
                self.carries = true;
                if !self.services.contains(&kind) {
                    self.services.push(kind);
                }
            } else if matches!(packet.transport, Transport::Udp(_)) {
                let port = self.ends.destination.1;
                let mut conversation = std::mem::take(&mut self.conversation);
                conversation.datagram(side, seen.payload, port, &mut self.context(seen.frame, seen.time, out));
                self.conversation = conversation;
            } else if let Transport::Icmp(icmp) = packet.transport {
                let message = icmp::Message {
                    version_6: packet.source.is_ipv6(),
                    kind: icmp.kind,
                    code: icmp.code,
                    rest: icmp.rest,
                    payload: seen.payload,
                    length: packet.payload_length,
                };
                let mut conversation = std::mem::take(&mut self.conversation);
                conversation.icmp(side, &message, &self.context(seen.frame, seen.time, out));
                self.conversation = conversation;
            }
        }
    }

    fn segment(&mut self, mut side: Side, tcp: &Tcp, seen: &Seen<'_>, out: &mut Said) {
        let (length, time) = (seen.packet.payload_length, seen.time);
        let change = self.connection.segment(side, tcp, length, &mut self.history);
        if change.swapped {
            self.swap();
            side = side.other();
        }
        if !self.conversation.is_over() {
            self.hear(side, tcp, seen, &change, out);
        }
        if self.patience == Patience::Closed {
            return;
        }
        self.patience = if change.is_over {
            Patience::Closed
        } else if self.connection.is_attempt() {
            Patience::Unanswered
        } else {
            Patience::Connected
        };
        if self.patience != Patience::Unanswered {
            self.since = self.since.max(time);
        }
    }

    fn hear(&mut self, side: Side, tcp: &Tcp, seen: &Seen<'_>, change: &Change, out: &mut Said) {
        let mut conversation = std::mem::take(&mut self.conversation);
        let port = self.ends.destination.1;
        let mut context = self.context(seen.frame, seen.time, out);
        let length = seen.packet.payload_length;
        if length > 0 && !tcp.flags.rst() {
            let segment = Segment {
                side,
                at: change.at,
                bytes: seen.payload,
                cut: length.saturating_sub(u32::try_from(seen.payload.len()).unwrap_or(u32::MAX)),
            };
            conversation.segment(segment, port, &mut context);
        }
        if let Some(position) = change.arrived {
            conversation.acknowledged(side.other(), position, &mut context);
        }
        self.conversation = conversation;
    }

    fn context<'c>(&'c mut self, frame: u64, time: Timestamp, said: &'c mut Said) -> Context<'c> {
        Context {
            here: Here { frame, time },
            flow: self.first_frame,
            originator: SocketAddr::from(self.ends.source),
            responder: SocketAddr::from(self.ends.destination),
            said,
            services: &mut self.services,
            files: &mut self.files,
            depth: 0,
        }
    }

    /// Keeps the addresses on the link that the first frames show.
    fn learn(&mut self, side: Side, packet: &Packet) {
        let Some(ethernet) = packet.ethernet else { return };
        let (from, to) = match side {
            Side::Originator => (&mut self.originator_mac, &mut self.responder_mac),
            Side::Responder => (&mut self.responder_mac, &mut self.originator_mac),
        };
        from.get_or_insert(ethernet.source);
        to.get_or_insert(ethernet.destination);
    }

    fn finish(mut self, out: &mut Said) {
        let mut conversation = std::mem::take(&mut self.conversation);
        conversation.finish(&mut self.context(self.last_frame, self.last, out));
        out.flows.push(self.into_flow());
    }

    fn into_flow(self) -> Flow {
        let (mut sent, mut received) = (self.sent, self.received);
        let state = match TransportProtocol(self.protocol) {
            TransportProtocol::TCP => {
                (sent.bytes, received.bytes) = self.connection.bytes();
                self.connection.state()
            }
            TransportProtocol::UDP | TransportProtocol::UDP_LITE => match (sent.packets, received.packets) {
                (0, 0) => ConnectionState::Oth,
                (0, _) => ConnectionState::Shr,
                (_, 0) => ConnectionState::S0,
                _ => ConnectionState::Sf,
            },
            _ => ConnectionState::Oth,
        };
        let end = |(address, port): (IpAddr, u16), mac| Endpoint { address, port, mac };
        Flow {
            community_id: community_id(&self.ends, self.protocol, 0),
            protocol: TransportProtocol(self.protocol),
            originator: end(self.ends.source, self.originator_mac),
            responder: end(self.ends.destination, self.responder_mac),
            first: self.first,
            last: self.last,
            first_frame: self.first_frame,
            last_frame: self.last_frame,
            sent,
            received,
            state,
            services: self.services,
            history: self.history.into_letters(),
            vlan: self.vlan,
            tunnels: self.tunnels,
            carries: self.carries,
        }
    }
}

/// Whether an address is that of many: nobody answers from there.
fn is_for_many(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_broadcast() || address.is_multicast(),
        IpAddr::V6(address) => address.is_multicast(),
    }
}
