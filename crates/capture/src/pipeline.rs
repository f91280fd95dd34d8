//! From a reader of frames to flows and events, on as many threads as there are.
//!
//! Packets go to one of [`SHARDS`] tables by the addresses and ports of their flow, so that a flow is always in one table.
//! At every [`TICK`]th frame of the sequence, or after [`TICK_BYTES`] captured bytes, all tables are told the time, and what
//! they said since the last tick goes out in the order of frames. So what comes out depends on the frames alone: not on
//! threads, not on how the reader cut its blocks, and not on how the frames are cut over files.
//!
//! Whoever reads also decodes, and hands a batch of packets to the tables (`crew.rs`).

use crate::batch::{Batch, Behind};
use crate::crew::Crew;
use crate::flow::{FlowKey, KeyHasher};
use crate::fragments::Limits;
use crate::link::{Why, decode_into};
use crate::round::Listener;
use crate::timeline::Clock;
use crate::{Block, Content, Filter, Frame, FrameReader, KeyLog, Neighbourly, Packet, Passage, Reassembler, Undecoded};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::hash::BuildHasher;
use std::io::Read;
use std::sync::Arc;
use watchfire_model::Timestamp;
use watchfire_model::network::{Event, Flow};

/// Tables of flows.
pub(crate) const SHARDS: usize = 16;
/// After so many frames, flows that are silent end and what was said goes out: soon enough that it is in the cache still.
const TICK: u64 = 1 << 10;
/// After so many captured bytes as well.
const TICK_BYTES: u64 = 4 << 20;
/// Before all frames.
const NEVER: Timestamp = Timestamp::from_nanoseconds(i64::MIN);

/// How a capture is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that work, the caller's among them; more than 16 are of no use.
    pub threads: usize,
    /// Flows that may be open at a tick, over all tables. Between two of them a few more may begin where others ended.
    pub most_flows: usize,
    /// Bytes of memory that conversations may need that are heard at a time, over all shards, as far as that is known.
    pub most_bytes: usize,
    /// How far traffic is looked into.
    pub depth: Depth,
    /// Bytes of each file that was carried that the sink gets to see.
    pub contents: u64,
    /// Secrets with which what is encrypted can be read. Those that the capture itself has are added.
    pub secrets: Arc<KeyLog>,
    /// Which frames are read. The others are counted, and nothing else.
    pub filter: Option<Arc<Filter>>,
    /// The flow of which the sink hears every passage, by the number of its first frame. Of flows that begin in the same
    /// frame, it is the one that carries no other.
    pub follow: Option<u64>,
    /// Whether the sink wants the frames that are read; where a flow is followed, those of that flow.
    pub frames: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 1,
            most_flows: 1 << 20,
            most_bytes: 64 << 20,
            depth: Depth::Everything,
            contents: 0,
            secrets: Arc::default(),
            filter: None,
            follow: None,
            frames: false,
        }
    }
}

/// How far traffic is looked into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Who talks to whom, when and how much; flows have no services then, and there are no events.
    Flows,
    /// What is said as well.
    #[default]
    Everything,
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
    /// Frames that the filter left out; they are in none of the other counts.
    pub left_out: u64,
    /// Flows.
    pub flows: u64,
    /// Flows that had to end early, since there were too many.
    pub evicted: u64,
    /// Conversations that were not heard to their end, since all together needed too much memory.
    pub let_go: u64,
    /// Exchanges that are not said, since those between two ticks needed too much memory.
    pub unsaid: u64,
}

impl Totals {
    fn add(&mut self, frames: &[Frame]) {
        self.frames += frames.len() as u64;
        self.bytes += frames.iter().map(|frame| u64::from(frame.length)).sum::<u64>();
        self.captured += frames.iter().map(|frame| u64::from(frame.captured)).sum::<u64>();
        let times = || frames.iter().map(|frame| frame.time);
        self.first = self.first.into_iter().chain(times()).min();
        self.last = self.last.into_iter().chain(times()).max();
    }
}

/// Where what a capture says goes: in the order of frames, tick by tick.
pub trait Sink {
    /// A piece of a file that was carried; none without [`Options::contents`].
    fn content(&mut self, content: Content<'_>) {
        let _ = content;
    }

    /// A frame that was read, and what was captured of it, in the order of the capture; none without [`Options::frames`].
    fn frame(&mut self, frame: &Frame, bytes: &[u8]) {
        let _ = (frame, bytes);
    }

    /// What an end said in the flow that is followed; none without [`Options::follow`].
    fn passage(&mut self, passage: Passage<'_>) {
        let _ = passage;
    }

    /// Something was exchanged.
    fn event(&mut self, event: &Event);

    /// A flow is over.
    fn flow(&mut self, flow: &Flow);

    /// All is told that was said until a tick.
    fn tick(&mut self) {}

    /// Whether to read on. Asked for each block; what is known by then still goes out.
    fn goes_on(&self) -> bool {
        true
    }
}

/// Takes the frames that are read, in the order of the capture.
pub trait FrameSink {
    /// A frame, and what was captured of it.
    fn frame(&mut self, frame: &Frame, bytes: &[u8]);

    /// Whether more is wanted.
    fn goes_on(&self) -> bool {
        true
    }
}

/// Reads everything that `sources` give, as one sequence.
pub fn read<R: Read>(
    reader: &mut FrameReader<R>,
    next_source: impl FnMut() -> Option<R>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Totals {
    read_with((reader, next_source), options, sink, Vec::new())
}

/// The same; `listeners` hear it, too.
pub fn read_with<'l, R: Read>(
    (reader, mut next_source): (&mut FrameReader<R>, impl FnMut() -> Option<R>),
    options: &Options,
    sink: &mut dyn Sink,
    listeners: Vec<&'l mut (dyn Listener + 'l)>,
) -> Totals {
    let mut totals = Totals::default();
    reader.know(&options.secrets);
    let mut decoder = Decoder {
        fragments: Reassembler::new(Limits::default()),
        since_tick: 0,
        now: NEVER,
        packet: Packet::blank(),
        hasher: KeyHasher::default(),
        filter: options.filter.clone(),
        // Those of a flow come from its table.
        hands_out: options.frames && options.follow.is_none(),
    };
    std::thread::scope(|scope| {
        let mut crew = Crew::new(scope, options, (listeners, reader.is_eager()));
        let mut pool = Pool::new(4 * reader.block_size());
        loop {
            let mut block = pool.take();
            if !sink.goes_on() || crew.is_broken() {
                break;
            }
            let is_there = Arc::get_mut(&mut block).is_some_and(|block| reader.next_block(block));
            if is_there {
                decoder.block(&block, &mut crew, &mut totals, sink);
                pool.give(block);
            } else if let Some(source) = next_source() {
                reader.go_on_with(source);
                totals.sources.push(totals.frames + totals.left_out + 1);
            } else {
                break;
            }
        }
        crew.finish(&mut totals, sink);
    });
    totals
}

/// Blocks whose memory is used again once no table needs them.
#[derive(Debug)]
struct Pool {
    blocks: VecDeque<Arc<Block>>,
    /// Bytes of memory of a block: one that had to grow for a long record is given back.
    most: usize,
}

impl Pool {
    const fn new(most: usize) -> Self {
        Self {
            blocks: VecDeque::new(),
            most,
        }
    }

    fn take(&mut self) -> Arc<Block> {
        match self.blocks.front_mut().map(Arc::get_mut) {
            Some(Some(_)) => self.blocks.pop_front().unwrap_or_default(),
            _ => Arc::default(),
        }
    }

    fn give(&mut self, block: Arc<Block>) {
        if block.memory() <= self.most {
            self.blocks.push_back(block);
        }
    }
}

/// Frames to packets, in the order of the capture.
#[derive(Debug)]
struct Decoder {
    fragments: Reassembler,
    /// Captured bytes since the last tick.
    since_tick: u64,
    /// The latest time of a frame since the last tick. What was captured before does not count: one frame of a wrong
    /// clock, or a file that is older than the one before, must not end all flows from then on.
    now: Timestamp,
    /// Of the frame that is decoded; written anew for each, since moving it would cost more.
    packet: Packet,
    hasher: KeyHasher,
    filter: Option<Arc<Filter>>,
    /// The sink wants frames.
    hands_out: bool,
}

/// What became of a frame.
enum Outcome {
    Read,
    /// Nothing of IP is in it.
    Unread(Why),
    /// The filter does not mean it.
    LeftOut,
}

impl Decoder {
    fn block(&mut self, block: &Arc<Block>, crew: &mut Crew<'_>, totals: &mut Totals, sink: &mut dyn Sink) {
        if self.filter.is_none() {
            totals.add(block.frames());
        }
        let mut batch = crew.batch(block);
        for (place, frame) in block.frames().iter().enumerate() {
            self.since_tick += u64::from(frame.captured);
            if frame.time > self.now {
                self.now = frame.time;
            }
            let outcome = self.frame(block, (place, frame), &mut batch);
            if matches!(outcome, Outcome::LeftOut) {
                totals.left_out += 1;
            } else {
                self.has_read(block, frame, totals, sink);
            }
            if let Outcome::Unread(why) = outcome {
                *totals.undecoded.entry(why.into()).or_default() += 1;
            }
            if frame.number % TICK == 0 || self.since_tick >= TICK_BYTES {
                self.since_tick = 0;
                batch.behind = Behind::Tick(std::mem::replace(&mut self.now, NEVER));
                crew.send(batch, totals, sink);
                batch = crew.batch(block);
            }
        }
        crew.send(batch, totals, sink);
    }

    #[inline]
    fn has_read(&self, block: &Block, frame: &Frame, totals: &mut Totals, sink: &mut dyn Sink) {
        totals.clock.frame(frame.number, frame.time, frame.length);
        if self.filter.is_some() {
            totals.add(std::slice::from_ref(frame));
        }
        if self.hands_out {
            sink.frame(frame, block.bytes_of(frame));
        }
    }

    #[inline]
    fn frame(&mut self, block: &Block, frame: (usize, &Frame), batch: &mut Batch) -> Outcome {
        let bytes = block.bytes_of(frame.1);
        let decoded = decode_into(frame.1.link, bytes, frame.1.length, &mut self.packet);
        if let Some(filter) = &self.filter {
            let decoded = decoded.as_ref().map(|()| &self.packet);
            if !filter.matches(decoded, frame.1, bytes) {
                return Outcome::LeftOut;
            }
        }
        let hash = |key: &FlowKey| self.hasher.hash_one(key);
        if let Err(undecoded) = decoded {
            return Outcome::Unread(below(frame, undecoded, batch, hash));
        }
        if !self.packet.tunnels.is_empty() {
            around(frame, &self.packet, 0, batch, hash);
        }
        if self.packet.fragment.is_none() {
            batch.add(frame, &self.packet, None, None, hash);
        } else if let Some(whole) = self.fragments.add(frame.1.number, &self.packet, bytes) {
            around(frame, &whole.packet, self.packet.tunnels.len(), batch, hash);
            batch.add(frame, &whole.packet, None, Some(&whole.bytes), hash);
        }
        Outcome::Read
    }
}

/// What neighbours say is heard by the one table where packets without ends are.
fn below(frame: (usize, &Frame), undecoded: Undecoded, batch: &mut Batch, hash: impl Fn(&FlowKey) -> u64) -> Why {
    let why = undecoded.why;
    if let Some(kind) = Neighbourly::of(&why) {
        batch.add(frame, &Packet::below_ip(kind, undecoded), None, None, hash);
    }
    why
}

/// The datagrams around a packet are packets as well, of flows that carry.
fn around(
    frame: (usize, &Frame),
    packet: &Packet,
    skipped: usize,
    batch: &mut Batch,
    hash: impl Fn(&FlowKey) -> u64 + Copy,
) {
    for (datagram, kind) in packet.around(skipped) {
        batch.add(frame, &datagram, Some(kind), None, hash);
    }
}

#[cfg(test)]
mod tests;
