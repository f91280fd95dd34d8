//! Packets on their way from whoever decodes frames to the tables of flows.
//!
//! A packet is as short as it can be there: what is said only when a flow begins stays in the frame, or beside the batch
//! where a frame does not show it at a known place.

use crate::flow::FlowKey;
use crate::{Block, Ethernet, Frame, KeyLog, Neighbourly, Packet, Tcp, Transport};
use std::sync::Arc;
use watchfire_model::Timestamp;

/// Ethernet in the list of links.
const ETHERNET: u16 = 1;
/// Bytes for payloads that were put together that a batch keeps for the next one.
const MOST_JOINED: usize = 1 << 18;
/// Not in any VLAN.
const NO_VLAN: u16 = u16::MAX;

/// Packets of one block for all tables, until the time is told, or until the block ends.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    block: Arc<Block>,
    /// For each table, in the order of the capture.
    briefs: Vec<Vec<Brief>>,
    asides: Vec<Aside>,
    /// Payloads that were put together.
    joined: Vec<u8>,
    /// Flows that each table may hold.
    pub(crate) most_flows: usize,
    pub(crate) behind: Behind,
}

/// What comes behind the packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behind {
    /// Others.
    #[default]
    Nothing,
    /// The tables are told what time it is, and say what they have to say.
    Tick(Timestamp),
    /// No others.
    End,
}

/// What tables need of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brief {
    pub(crate) key: FlowKey,
    pub(crate) hash: u64,
    /// The place of its frame in the block.
    frame: u32,
    /// Where its payload begins in the frame, or in what was put together.
    start: u32,
    /// How much of it was captured.
    captured: u32,
    pub(crate) payload_length: u32,
    /// With its IP header.
    pub(crate) length: u32,
    pub(crate) sequence: u32,
    pub(crate) acknowledged: u32,
    /// Behind the place of its [`Aside`]; 0 where it has none.
    aside: u32,
    pub(crate) window: u16,
    vlan: u16,
    /// Of TCP.
    pub(crate) flags: u8,
    pub(crate) kind: Kind,
    /// It comes from the second end of its key.
    pub(crate) from_second: bool,
}

/// What carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tcp,
    Udp,
    /// With the type and the code of the message where TCP acknowledges, and what is behind its checksum where TCP has
    /// its sequence number.
    Icmp,
    /// It is below IP.
    Below(Neighbourly),
    Other,
}

/// What frames do not show at a known place.
#[derive(Debug)]
struct Aside {
    ethernet: Option<Ethernet>,
    tunnels: Vec<&'static str>,
    /// The kind of the tunnel that the packet carries.
    carries: Option<&'static str>,
    is_joined: bool,
}

/// A packet with its place in the capture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'b> {
    batch: &'b Batch,
    pub(crate) brief: &'b Brief,
    pub(crate) frame: &'b Frame,
}

impl Batch {
    /// For so many tables, of the packets of one block.
    pub(crate) fn clear(&mut self, tables: usize, block: &Arc<Block>) {
        self.block = Arc::clone(block);
        self.briefs.resize_with(tables, Vec::new);
        self.briefs.iter_mut().for_each(Vec::clear);
        self.asides.clear();
        self.joined.clear();
        self.behind = Behind::Nothing;
    }

    /// Lets its block go, and what was put together where that was much.
    pub(crate) fn release(&mut self) {
        self.block = Arc::default();
        if self.joined.capacity() > MOST_JOINED {
            self.joined = Vec::new();
        }
    }

    /// Bytes of memory of its block.
    pub(crate) fn block_memory(&self) -> usize {
        self.block.memory()
    }

    /// Bytes of memory of what was put together.
    pub(crate) const fn joined_memory(&self) -> usize {
        self.joined.capacity()
    }

    /// Whether both are of one block.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.block, &other.block)
    }

    /// Adds the packet of the frame at a place in the block. `carries` is the kind of the tunnel in it, `joined` what its
    /// places are in where it was put together.
    #[inline]
    pub(crate) fn add(
        &mut self,
        frame: (usize, &Frame),
        packet: &Packet,
        carries: Option<&'static str>,
        joined: Option<&[u8]>,
        hash: impl Fn(&FlowKey) -> u64,
    ) {
        let (key, from_second) = FlowKey::of(packet);
        let hash = hash(&key);
        let (kind, tcp) = match packet.transport {
            Transport::Tcp(tcp) => (Kind::Tcp, tcp),
            Transport::Udp(_) => (Kind::Udp, Default::default()),
            Transport::Icmp(icmp) => {
                let message = Tcp {
                    sequence: u32::from_be_bytes(icmp.rest),
                    acknowledged: u32::from(icmp.kind) << 8 | u32::from(icmp.code),
                    ..Tcp::default()
                };
                (Kind::Icmp, message)
            }
            Transport::Neighbourly(kind) => (Kind::Below(kind), Default::default()),
            Transport::Sctp(_) | Transport::Other => (Kind::Other, Default::default()),
        };
        let mut brief = Brief {
            key,
            hash,
            frame: crate::bytes::field(frame.0),
            start: packet.payload.start,
            captured: packet.payload.end.saturating_sub(packet.payload.start),
            payload_length: packet.payload_length,
            length: packet.length,
            sequence: tcp.sequence,
            acknowledged: tcp.acknowledged,
            aside: 0,
            window: tcp.window,
            vlan: packet.vlan.unwrap_or(NO_VLAN),
            flags: tcp.flags.0,
            kind,
            from_second,
        };
        let is_plain = frame.1.link.0 == ETHERNET && packet.tunnels.is_empty();
        if !is_plain || carries.is_some() || joined.is_some() {
            self.aside(&mut brief, packet, carries, joined);
        }
        let table = key.table(self.briefs.len());
        if let Some(briefs) = self.briefs.get_mut(table) {
            briefs.push(brief);
        }
    }

    #[cold]
    fn aside(&mut self, brief: &mut Brief, packet: &Packet, carries: Option<&'static str>, joined: Option<&[u8]>) {
        if let Some(bytes) = joined {
            brief.start = crate::bytes::field(self.joined.len()).saturating_add(brief.start);
            self.joined.extend_from_slice(bytes);
        }
        self.asides.push(Aside {
            ethernet: packet.ethernet,
            tunnels: packet.tunnels.iter().map(|tunnel| tunnel.kind).collect(),
            carries,
            is_joined: joined.is_some(),
        });
        brief.aside = crate::bytes::field(self.asides.len());
    }

    /// What is known of how its frames are encrypted.
    pub(crate) fn secrets(&self) -> &Arc<KeyLog> {
        &self.block.secrets
    }

    /// Whether there is anything for a table.
    pub(crate) fn is_for(&self, table: usize) -> bool {
        self.behind != Behind::Nothing || !self.of(table).is_empty()
    }

    /// How many packets there are.
    pub(crate) fn packets(&self) -> usize {
        self.briefs.iter().map(Vec::len).sum()
    }

    /// The packets of a table.
    pub(crate) fn of(&self, table: usize) -> &[Brief] {
        self.briefs.get(table).map_or(&[], Vec::as_slice)
    }

    /// One of its packets.
    #[inline]
    pub(crate) fn seen<'b>(&'b self, brief: &'b Brief) -> Option<Seen<'b>> {
        Some(Seen {
            batch: self,
            brief,
            frame: self.block.frames().get(brief.frame as usize)?,
        })
    }
}

impl<'b> Seen<'b> {
    /// What was captured of its payload.
    #[inline]
    pub(crate) fn payload(&self) -> &'b [u8] {
        let (start, end) = (self.brief.start, self.brief.start.saturating_add(self.brief.captured));
        if self.aside().is_some_and(|aside| aside.is_joined) {
            let range = start as usize..end as usize;
            return self.batch.joined.get(range).unwrap_or_default();
        }
        self.batch.block.part(self.frame, start..end)
    }

    /// What was captured of its frame.
    pub(crate) fn frame_bytes(&self) -> &'b [u8] {
        self.batch.block.bytes_of(self.frame)
    }

    /// The frame's addresses, where its link has such.
    pub(crate) fn ethernet(&self) -> Option<Ethernet> {
        match self.aside() {
            Some(aside) => aside.ethernet,
            None => {
                let bytes = self.batch.block.bytes_of(self.frame).first_chunk::<12>()?;
                let [destination @ .., s0, s1, s2, s3, s4, s5] = *bytes;
                Some(Ethernet {
                    source: [s0, s1, s2, s3, s4, s5],
                    destination,
                })
            }
        }
    }

    /// The outermost VLAN.
    pub(crate) fn vlan(&self) -> Option<u16> {
        (self.brief.vlan != NO_VLAN).then_some(self.brief.vlan)
    }

    /// Kinds of the tunnels around it.
    pub(crate) fn tunnels(&self) -> &'b [&'static str] {
        self.aside().map_or(&[], |aside| &aside.tunnels)
    }

    /// The kind of the tunnel that it carries; what is inside is a packet of its own.
    #[inline]
    pub(crate) fn carries(&self) -> Option<&'static str> {
        self.aside()?.carries
    }

    #[inline]
    fn aside(&self) -> Option<&'b Aside> {
        self.batch.asides.get((self.brief.aside as usize).wrapping_sub(1))
    }
}
