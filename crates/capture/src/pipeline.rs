//! From a reader of frames to flows and events, on as many threads as there are.
//!
//! Packets go to one of [`SHARDS`] tables by the addresses and ports of their flow, so that a flow is always in one table. A
//! worker has the tables of several shards; which shards there are does not depend on how many workers there are. At every
//! [`TICK`]th frame of the sequence, all tables are told the time, and what they said since the last tick goes out in the
//! order of frames. So what comes out depends on the frames alone: not on threads, not on how the reader cut its blocks,
//! and not on how the frames are cut over files.

use crate::flow::{Ends, FlowKey};
use crate::fragments::Limits;
use crate::link::Why;
use crate::timeline::Clock;
use crate::{
    Block, Content, FlowTable, Frame, FrameReader, KeyLog, Neighbourly, Packet, Reassembler, Said, Seen, Undecoded,
    decode,
};
use foldhash::fast::FixedState;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::hash::BuildHasher;
use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;
use watchfire_model::Timestamp;
use watchfire_model::network::{Event, Flow};

/// Tables of flows, over all workers.
const SHARDS: usize = 64;
/// After so many frames, flows that are silent end and what was said goes out.
const TICK: u64 = 1 << 14;
/// Blocks that may be on their way to a worker.
const WAITING: usize = 4;

/// How a capture is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads beside the one that reads; with one or none, everything happens on the caller's.
    pub threads: usize,
    /// Flows that may be open at a time, over all shards.
    pub most_flows: usize,
    /// Bytes of each file that was carried that the sink gets to see.
    pub contents: u64,
    /// Secrets with which what is encrypted can be read. Those that the capture itself has are added.
    pub secrets: Arc<KeyLog>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 1,
            most_flows: 1 << 20,
            contents: 0,
            secrets: Arc::default(),
        }
    }
}

/// What a frame is in which no packet of IP was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Other {
    /// ARP.
    Arp,
    /// Another protocol of Ethernet, by IANA's number.
    Ethernet(u16),
    /// Another protocol of IEEE 802.2, by its access point.
    Llc(u8),
    /// Another protocol of PPP.
    Ppp(u16),
    /// The link's own.
    Management,
    /// Encrypted or compressed by the link.
    Encrypted,
    /// A link that is not read, by its number.
    Link(u16),
    /// Not captured far enough.
    CutShort,
    /// It contradicts itself.
    Senseless,
}

/// As a reader calls it: `ARP`, `EtherType 0x88cc`, `link type 220`.
impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arp => f.write_str("ARP"),
            Self::Ethernet(kind) => write!(f, "EtherType {kind:#06x}"),
            Self::Llc(point) => write!(f, "LLC {point:#04x}"),
            Self::Ppp(kind) => write!(f, "PPP {kind:#06x}"),
            Self::Management => f.write_str("of the link itself"),
            Self::Encrypted => f.write_str("encrypted by the link"),
            Self::Link(number) => write!(f, "link type {number}"),
            Self::CutShort => f.write_str("cut short"),
            Self::Senseless => f.write_str("without sense"),
        }
    }
}

impl From<Why> for Other {
    fn from(why: Why) -> Self {
        match why {
            Why::Arp(_) => Self::Arp,
            Why::NotIp(kind) => Self::Ethernet(kind.0),
            Why::Llc(point) => Self::Llc(point),
            Why::Ppp(kind) => Self::Ppp(kind),
            Why::Management => Self::Management,
            Why::Encrypted => Self::Encrypted,
            Why::UnknownLink(link) => Self::Link(link.0),
            Why::CutShort => Self::CutShort,
            Why::Senseless => Self::Senseless,
        }
    }
}

/// What a capture holds, as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Frames.
    pub frames: u64,
    /// Bytes of frames on the wire.
    pub bytes: u64,
    /// Bytes of them that were captured.
    pub captured: u64,
    /// When the first frame was captured; the earliest, where they are not in order.
    pub first: Option<Timestamp>,
    /// When the last one was.
    pub last: Option<Timestamp>,
    /// Bytes of frames over time, and silence.
    pub clock: Clock,
    /// Frames in which no packet of IP was found, by why.
    pub undecoded: BTreeMap<Other, u64>,
    /// Where sources after the first begin: the numbers of their first frames.
    pub sources: Vec<u64>,
    /// Flows.
    pub flows: u64,
    /// Flows that had to end early, since there were too many.
    pub evicted: u64,
}

/// Where what a capture says goes: in the order of frames, tick by tick.
pub trait Sink {
    /// A piece of a file that was carried; none without [`Options::contents`].
    fn content(&mut self, content: Content<'_>) {
        let _ = content;
    }

    /// Something was exchanged.
    fn event(&mut self, event: Event);

    /// A flow is over.
    fn flow(&mut self, flow: Flow);

    /// Whether to read on. Asked for each block; what is known by then still goes out.
    fn goes_on(&self) -> bool {
        true
    }
}

/// A packet on its way to its table.
#[derive(Debug)]
struct Work {
    shard: u8,
    key: FlowKey,
    ends: Ends,
    frame: Frame,
    packet: Packet,
    /// The kind of the tunnel that the packet carries; what is inside is a packet of its own.
    carries: Option<&'static str>,
    /// The payload of a packet that was put together; otherwise it is in the block.
    whole: Option<Vec<u8>>,
}

/// What a worker is told.
#[derive(Debug)]
enum Order {
    Packets(Arc<Block>, Vec<Work>),
    Tick(Timestamp),
    Finish,
}

/// Tables of the shards of one worker.
#[derive(Debug)]
struct Worker {
    tables: Vec<(u8, FlowTable)>,
    said: Said,
}

impl Worker {
    /// The worker at `index` of `workers`.
    fn new(index: usize, workers: usize, options: &Options) -> Self {
        let shards = (index..SHARDS).step_by(workers);
        let table = |shard: usize| (shard as u8, FlowTable::new(options.most_flows / SHARDS));
        Self {
            tables: shards.map(table).collect(),
            said: Said::new(options.contents),
        }
    }

    fn packets(&mut self, block: &Block, packets: &[Work], workers: usize) {
        if !Arc::ptr_eq(&self.said.secrets, &block.secrets) {
            self.said.secrets = Arc::clone(&block.secrets);
        }
        for work in packets {
            let Some((_, table)) = self.tables.get_mut(usize::from(work.shard) / workers) else {
                continue;
            };
            let payload = match &work.whole {
                Some(bytes) => part(bytes, &work.packet.payload),
                None => block.part(&work.frame, work.packet.payload.clone()),
            };
            let seen = Seen {
                frame: work.frame.number,
                time: work.frame.time,
                packet: &work.packet,
                payload,
                carries: work.carries,
            };
            table.packet_of(work.key, &work.ends, seen, &mut self.said);
        }
    }

    fn tick(&mut self, now: Timestamp) -> Said {
        for (_, table) in &mut self.tables {
            table.tick(now, &mut self.said);
        }
        self.said.take()
    }

    fn finish(&mut self) -> (Said, u64) {
        let mut evicted = 0;
        for (_, table) in &mut self.tables {
            table.finish(&mut self.said);
            evicted += table.evicted();
        }
        (self.said.take(), evicted)
    }
}

/// Reads everything that `sources` give, as one sequence.
pub fn read<R: Read>(
    reader: &mut FrameReader<R>,
    mut next_source: impl FnMut() -> Option<R>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Totals {
    let mut totals = Totals::default();
    reader.know(&options.secrets);
    let mut decoder = Decoder {
        fragments: Reassembler::new(Limits::default()),
        hasher: FixedState::with_seed(1),
    };
    std::thread::scope(|scope| {
        let mut crew = Crew::new(scope, options);
        let mut pool = Pool::default();
        loop {
            let mut block = pool.take();
            if !sink.goes_on() {
                break;
            }
            let is_there = Arc::get_mut(&mut block).is_some_and(|block| reader.next_block(block));
            if is_there {
                decoder.block(&block, &mut crew, &mut totals, sink);
                pool.give(block);
            } else if let Some(source) = next_source() {
                reader.go_on_with(source);
                totals.sources.push(totals.frames + 1);
            } else {
                break;
            }
        }
        crew.finish(&mut totals, sink);
    });
    totals
}

/// A part of a packet that was put together.
fn part<'p>(bytes: &'p [u8], range: &std::ops::Range<u32>) -> &'p [u8] {
    bytes.get(range.start as usize..range.end as usize).unwrap_or_default()
}

/// Blocks whose memory is used again once no worker needs them.
#[derive(Debug, Default)]
struct Pool(VecDeque<Arc<Block>>);

impl Pool {
    fn take(&mut self) -> Arc<Block> {
        match self.0.front_mut().map(Arc::get_mut) {
            Some(Some(_)) => self.0.pop_front().unwrap_or_default(),
            _ => Arc::default(),
        }
    }

    fn give(&mut self, block: Arc<Block>) {
        self.0.push_back(block);
    }
}

/// Frames to packets, in the order of the capture.
#[derive(Debug)]
struct Decoder {
    fragments: Reassembler,
    /// Not the one of the tables: what is in one of them has to differ there.
    hasher: FixedState,
}

impl Decoder {
    fn block(&mut self, block: &Arc<Block>, crew: &mut Crew<'_>, totals: &mut Totals, sink: &mut dyn Sink) {
        for frame in block.frames() {
            totals.frames += 1;
            totals.bytes += u64::from(frame.length);
            totals.captured += u64::from(frame.captured);
            totals.first = Some(totals.first.map_or(frame.time, |first| first.min(frame.time)));
            totals.last = Some(totals.last.map_or(frame.time, |last| last.max(frame.time)));
            totals.clock.frame(frame.number, frame.time, frame.length);
            if let Err(why) = self.frame(block, frame, crew) {
                *totals.undecoded.entry(why.into()).or_default() += 1;
            }
            if frame.number % TICK == 0 {
                crew.send(block);
                crew.tick(totals.clock.latest(), sink, totals);
            }
        }
        crew.send(block);
    }

    fn frame(&mut self, block: &Block, frame: &Frame, crew: &mut Crew<'_>) -> Result<(), Why> {
        let bytes = block.bytes_of(frame);
        let mut packet = match decode(frame.link, bytes, frame.length) {
            Ok(packet) => packet,
            Err(undecoded) => return self.below(frame, undecoded, crew),
        };
        let mut whole = None;
        self.around(frame, &packet, 0, crew);
        if packet.fragment.is_some() {
            let Some(together) = self.fragments.add(frame.number, &packet, bytes) else {
                return Ok(());
            };
            self.around(frame, &together.packet, packet.tunnels.len(), crew);
            packet = together.packet;
            whole = Some(together.bytes);
        }
        self.add(frame, packet, None, whole, crew);
        Ok(())
    }

    /// What neighbours say is heard by the one table where packets without ends are.
    fn below(&self, frame: &Frame, undecoded: Undecoded, crew: &mut Crew<'_>) -> Result<(), Why> {
        let why = undecoded.why;
        if let Some(kind) = Neighbourly::of(&why) {
            self.add(frame, Packet::below_ip(kind, undecoded), None, None, crew);
        }
        Err(why)
    }

    /// The datagrams around a packet are packets as well, of flows that carry.
    #[inline]
    fn around(&self, frame: &Frame, packet: &Packet, skipped: usize, crew: &mut Crew<'_>) {
        for (datagram, kind) in packet.around(skipped) {
            self.add(frame, datagram, Some(kind), None, crew);
        }
    }

    /// Hands a packet to the table of its flow.
    #[inline]
    fn add(
        &self,
        frame: &Frame,
        packet: Packet,
        carries: Option<&'static str>,
        whole: Option<Vec<u8>>,
        crew: &mut Crew<'_>,
    ) {
        let ends = Ends::of(&packet);
        let key = ends.key(packet.protocol);
        let shard = (self.hasher.hash_one(key) >> 32) as usize % SHARDS;
        crew.add(Work {
            shard: shard as u8,
            key,
            ends,
            frame: *frame,
            packet,
            carries,
            whole,
        });
    }
}

/// The workers, as whoever reads sees them.
enum Crew<'s> {
    /// There is one, and it is here.
    Alone { worker: Worker, batch: Vec<Work> },
    /// They are on threads of their own.
    Many(Vec<Hand<'s>>, usize),
}

/// A worker on another thread.
struct Hand<'s> {
    orders: SyncSender<Order>,
    said: Receiver<(Said, u64)>,
    batch: Vec<Work>,
    _thread: std::thread::ScopedJoinHandle<'s, ()>,
}

impl<'s> Crew<'s> {
    /// Ticks whose sayings may be on their way.
    const AHEAD: usize = 2;

    fn new(scope: &'s Scope<'s, '_>, options: &Options) -> Self {
        let workers = options.threads.min(SHARDS);
        if workers < 2 {
            return Self::Alone {
                worker: Worker::new(0, 1, options),
                batch: Vec::new(),
            };
        }
        let hand = |index| {
            let (orders, incoming) = sync_channel::<Order>(WAITING);
            let (outgoing, said) = sync_channel(Self::AHEAD + 1);
            let mut worker = Worker::new(index, workers, options);
            let thread = scope.spawn(move || {
                for order in incoming {
                    let said = match order {
                        Order::Packets(block, packets) => {
                            worker.packets(&block, &packets, workers);
                            continue;
                        }
                        Order::Tick(now) => (worker.tick(now), 0),
                        Order::Finish => worker.finish(),
                    };
                    if outgoing.send(said).is_err() {
                        return;
                    }
                }
            });
            Hand {
                orders,
                said,
                batch: Vec::new(),
                _thread: thread,
            }
        };
        Self::Many((0..workers).map(hand).collect(), 0)
    }

    fn add(&mut self, work: Work) {
        match self {
            Self::Alone { batch, .. } => batch.push(work),
            Self::Many(hands, _) => {
                let workers = hands.len();
                if let Some(hand) = hands.get_mut(usize::from(work.shard) % workers) {
                    hand.batch.push(work);
                }
            }
        }
    }

    fn send(&mut self, block: &Arc<Block>) {
        match self {
            Self::Alone { worker, batch } => {
                worker.packets(block, batch, 1);
                batch.clear();
            }
            Self::Many(hands, _) => {
                for hand in hands {
                    if !hand.batch.is_empty() {
                        let batch = std::mem::take(&mut hand.batch);
                        // A worker that is gone has panicked, which the scope passes on.
                        let _ = hand.orders.send(Order::Packets(Arc::clone(block), batch));
                    }
                }
            }
        }
    }

    fn tick(&mut self, now: Timestamp, sink: &mut dyn Sink, totals: &mut Totals) {
        match self {
            Self::Alone { worker, .. } => say(vec![worker.tick(now)], sink, totals),
            Self::Many(hands, ahead) => {
                for hand in hands.iter() {
                    let _ = hand.orders.send(Order::Tick(now));
                }
                *ahead += 1;
                if *ahead > Self::AHEAD {
                    *ahead -= 1;
                    gather(hands, sink, totals);
                }
            }
        }
    }

    fn finish(self, totals: &mut Totals, sink: &mut dyn Sink) {
        match self {
            Self::Alone { mut worker, .. } => {
                let (said, evicted) = worker.finish();
                totals.evicted += evicted;
                say(vec![said], sink, totals);
            }
            Self::Many(hands, ahead) => {
                for hand in &hands {
                    let _ = hand.orders.send(Order::Finish);
                }
                for _ in 0..=ahead {
                    gather(&hands, sink, totals);
                }
            }
        }
    }
}

/// Hands out what all workers said until the same tick.
fn gather(hands: &[Hand<'_>], sink: &mut dyn Sink, totals: &mut Totals) {
    let said = hands.iter().filter_map(|hand| hand.said.recv().ok());
    let said = said.map(|(said, evicted)| {
        totals.evicted += evicted;
        said
    });
    let said: Vec<Said> = said.collect();
    say(said, sink, totals);
}

/// Hands out what was said until one tick: pieces of files, then events, then flows, each by where they begin.
fn say(mut said: Vec<Said>, sink: &mut dyn Sink, totals: &mut Totals) {
    let (mut events, mut flows) = (Vec::new(), Vec::new());
    for part in &mut said {
        events.append(&mut part.events);
        flows.append(&mut part.flows);
    }
    let mut pieces: Vec<_> = said
        .iter()
        .flat_map(|part| part.pieces.iter().map(move |piece| (part, piece)))
        .collect();
    // A frame is in one flow and in those that carry it, outer ones first, and a flow in one table: what is equal here is
    // in order already.
    pieces.sort_by_key(|(_, piece)| piece.frame);
    events.sort_by_key(|event| (event.frame, event.flow));
    flows.sort_by_key(|flow| (flow.first_frame, flow.tunnels.len()));
    totals.flows += flows.len() as u64;
    pieces
        .into_iter()
        .for_each(|(part, piece)| sink.content(part.piece(piece)));
    events.into_iter().for_each(|event| sink.event(event));
    flows.into_iter().for_each(|flow| sink.flow(flow));
}
