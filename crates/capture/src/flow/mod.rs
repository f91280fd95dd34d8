//! Packets to flows.
//!
//! | a flow ends when | after |
//! |---|---|
//! | both ends of a connection closed it, or one broke it off | 5 s |
//! | somebody asked and nobody answered | 5 s |
//! | nothing more came: TCP | 5 min |
//! | nothing more came: everything else | 1 min |
//! | another SYN begins a connection between the same ends and ports | at once |
//! | there are too many: whoever would end next goes first | at once |
//!
//! These are the times of Zeek, so that its rows and these can be compared. Time is that of the capture. A table is the
//! shard of one worker: what it says depends on the packets that it gets and on the ticks between them, and on nothing else.

mod community_id;
mod conversation;
mod due;
mod follow;
mod history;
mod key;
mod load;
mod open;
mod said;
mod server;
mod stream;
mod tcp;
#[cfg(test)]
mod tests;

use crate::batch::{Batch, Brief, Kind, Seen};
use crate::neighbours::{Heard, Neighbours};
use crate::{Depth, Neighbourly};
pub use community_id::community_id_of;
use conversation::Conversation;
use due::{Calendar, Second, Slot};
pub(crate) use follow::Follow;
pub use follow::Passage;
use hashbrown::HashTable;
use history::History;
pub(crate) use key::{FlowKey, KeyHasher};
use load::{Load, Turn};
pub use said::Content;
pub(crate) use said::Said;
use tcp::Connection;
use watchfire_model::Timestamp;
use watchfire_model::network::Traffic;

/// Nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;

/// Entries that the calendar may have besides twice the places that there are for flows.
const FORGOTTEN: usize = 1_024;

/// Packets whose flows are looked up together.
const TOGETHER: usize = 32;

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
    const fn nanoseconds(self) -> u64 {
        match self {
            Self::Closed | Self::Unanswered => 5 * SECOND,
            Self::Loose => 60 * SECOND,
            Self::Connected => 300 * SECOND,
        }
    }
}

/// A flow that goes on: what its packets change.
#[derive(Debug)]
struct Open {
    key: FlowKey,
    hash: u64,
    /// Its originator is the second end of its key.
    from_second: bool,
    patience: Patience,
    /// Both addresses of the link are known.
    is_placed: bool,
    carries: bool,
    /// Bytes of memory that its conversation needs.
    load: usize,
    /// From when its patience counts.
    since: Timestamp,
    last: Timestamp,
    first_frame: u64,
    last_frame: u64,
    sent: Traffic,
    received: Traffic,
    conversation: Conversation,
    history: History,
    connection: Connection,
}

/// What is said of it once.
#[derive(Debug, Default)]
struct Lasting {
    first: Timestamp,
    originator_mac: Option<[u8; 6]>,
    responder_mac: Option<[u8; 6]>,
    vlan: Option<u16>,
    tunnels: Vec<&'static str>,
    services: Vec<&'static str>,
    /// Files that it carried.
    files: u32,
}

/// Flows of one shard.
#[derive(Debug)]
pub(crate) struct FlowTable {
    index: HashTable<Entry>,
    flows: Slab,
    calendar: Calendar,
    load: Load,
    depth: Depth,
    most: usize,
    evicted: u64,
    /// What is heard below IP, in the table where that is.
    neighbours: Option<Box<Neighbours>>,
}

/// Where a flow is, and the upper half of the hash of its key.
#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    slot: Slot,
}

impl Entry {
    fn new(hash: u64, slot: Slot) -> Self {
        Self {
            hash: (hash >> 32) as u32,
            slot,
        }
    }

    /// What the index goes by: its own upper bits and lower bits should differ, where the half has 32 in all.
    #[inline]
    const fn spread(hash: u32) -> u64 {
        (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

#[derive(Debug, Default)]
struct Slab {
    open: Vec<Option<Open>>,
    lasting: Vec<Lasting>,
    /// The second of the calendar at which each stands: looked at for many at once, so that it is kept closely together.
    written: Vec<Second>,
    free: Vec<Slot>,
}

impl Slab {
    #[inline]
    fn get(&mut self, slot: Slot) -> Option<&mut Open> {
        self.open.get_mut(slot as usize)?.as_mut()
    }

    #[inline]
    fn both(&mut self, slot: Slot) -> Option<(&mut Open, &mut Lasting)> {
        let open = self.open.get_mut(slot as usize)?.as_mut()?;
        Some((open, self.lasting.get_mut(slot as usize)?))
    }

    #[inline]
    fn add(&mut self, open: Open, lasting: Lasting) -> Slot {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.open.push(None);
            self.lasting.push(Lasting::default());
            self.written.push(Second::NEVER);
            Slot::try_from(self.open.len() - 1).unwrap_or(Slot::MAX)
        });
        let places = (self.open.get_mut(slot as usize), self.lasting.get_mut(slot as usize));
        if let (Some(place), Some(beside)) = places {
            *place = Some(open);
            *beside = lasting;
        }
        slot
    }

    /// Writes it down in the calendar, unless it stands there before.
    fn write(&mut self, slot: Slot, second: Second, calendar: &mut Calendar) {
        if let Some(written) = self.written.get_mut(slot as usize)
            && second < *written
        {
            *written = second;
            calendar.add(second, slot);
        }
    }

    /// It was taken out of the calendar.
    fn unwrite(&mut self, slot: Slot) {
        if let Some(written) = self.written.get_mut(slot as usize) {
            *written = Second::NEVER;
        }
    }

    /// Writes the calendar anew: each place once, and none that is empty.
    fn rewrite(&mut self, calendar: &mut Calendar) {
        calendar.clear();
        for ((slot, open), written) in (0..).zip(&self.open).zip(&mut self.written) {
            match open {
                Some(_) => calendar.add(*written, slot),
                None => *written = Second::NEVER,
            }
        }
    }

    /// Whether it stands there in the calendar, and not somewhere else by now.
    #[inline]
    fn is_written(&self, slot: Slot, second: Second) -> bool {
        self.written.get(slot as usize) == Some(&second)
    }

    /// Nothing is there any more. The calendar keeps its place.
    fn remove(&mut self, slot: Slot) {
        if let Some(open) = self.open.get_mut(slot as usize) {
            *open = None;
            self.free.push(slot);
        }
    }
}

impl FlowTable {
    /// A table of at most so many flows at a time (at least one), whose conversations may need so many bytes.
    pub(crate) fn new(most: usize, most_bytes: usize, depth: Depth) -> Self {
        Self {
            index: HashTable::new(),
            flows: Slab::default(),
            calendar: Calendar::default(),
            load: Load::new(most_bytes),
            depth,
            most: most.clamp(1, Slot::MAX as usize),
            evicted: 0,
            neighbours: None,
        }
    }

    /// From now on, no more flows than so many are open at a time.
    pub(crate) fn hold(&mut self, most: usize) {
        self.most = most.clamp(1, Slot::MAX as usize);
    }

    /// Flows that are open.
    pub(crate) fn open(&self) -> usize {
        self.index.len()
    }

    /// Takes packets in. Flows that are over because of them go to `out`. Pieces of packets are to be put together before.
    pub(crate) fn packets(&mut self, batch: &Batch, briefs: &[Brief], out: &mut Said) {
        let mut slots = [None; TOGETHER];
        for briefs in briefs.chunks(TOGETHER) {
            // Flows are looked up together, since memory is waited for once then, and not for each.
            for (slot, brief) in slots.iter_mut().zip(briefs) {
                *slot = self.find(brief);
            }
            for (slot, brief) in slots.into_iter().zip(briefs) {
                match (batch.seen(brief), brief.kind) {
                    (Some(seen), Kind::Below(kind)) => self.below(kind, &seen, out),
                    (Some(seen), _) => self.packet(slot, seen, out),
                    (None, _) => {}
                }
            }
        }
    }

    /// Hears what neighbours say, which is in no flow.
    fn below(&mut self, kind: Neighbourly, seen: &Seen<'_>, out: &mut Said) {
        if self.depth == Depth::Flows {
            return;
        }
        let heard = Heard {
            kind,
            frame: seen.frame.number,
            time: seen.frame.time,
            ethernet: seen.ethernet(),
            vlan: seen.vlan(),
            bytes: seen.payload(),
        };
        self.neighbours.get_or_insert_default().hear(&heard, out);
    }

    /// Takes a packet in, of the flow that is at the place, if it is there still.
    fn packet(&mut self, place: Option<Slot>, seen: Seen<'_>, out: &mut Said) {
        let is_there = |slot: &Slot| {
            let flow = self.flows.open.get(*slot as usize).and_then(Option::as_ref);
            flow.is_some_and(|flow| flow.key == seen.brief.key)
        };
        let known = place.filter(is_there).or_else(|| self.find(seen.brief));
        let slot = match known {
            Some(slot) if !self.flows.get(slot).is_some_and(|flow| flow.is_over(&seen)) => slot,
            _ => {
                known.into_iter().for_each(|slot| self.end(slot, out));
                while self.index.len() >= self.most && self.evict(out) {}
                self.begin(&seen)
            }
        };
        let Some((flow, lasting)) = self.flows.both(slot) else {
            return;
        };
        let before = flow.patience;
        flow.add(lasting, &seen, out);
        // What has just begun is written down as what it is by now.
        if flow.patience != before || flow.first_frame == seen.frame.number {
            let due = flow.due();
            self.flows.write(slot, due, &mut self.calendar);
        }
        self.weigh(slot, out);
    }

    /// Sees what a flow's conversation needs now. Where all need too much, some are let go.
    #[inline]
    fn weigh(&mut self, slot: Slot, out: &mut Said) {
        let Some(flow) = self.flows.get(slot) else { return };
        let (before, after) = (flow.load, flow.conversation.memory());
        if before == after {
            return;
        }
        flow.load = after;
        let turn = Turn {
            slot,
            flow: flow.first_frame,
            heard: flow.last_frame,
        };
        self.load.change(before, after, turn);
        if self.load.is_full() {
            self.lighten(out);
        }
    }

    /// Lets conversations go until the others have room; their flows go on.
    #[cold]
    fn lighten(&mut self, out: &mut Said) {
        let Self { flows, load, .. } = self;
        while load.is_full() {
            let last = |turn: &Turn| {
                let flow = flows
                    .get(turn.slot)
                    .filter(|flow| flow.first_frame == turn.flow && flow.load > 0);
                flow.map(|flow| flow.last_frame)
            };
            let Some(turn) = load.turn(last) else { return };
            if let Some((flow, lasting)) = flows.both(turn.slot) {
                load.change(flow.load, 0, turn);
                load.let_go += 1;
                flow.load = 0;
                let mut context = flow.context(lasting, flow.last_frame, flow.last, out);
                flow.conversation.finish(&mut context);
            }
        }
    }

    /// Ends what was silent for too long, as of `now`.
    pub(crate) fn tick(&mut self, now: Timestamp, out: &mut Said) {
        if let Some(neighbours) = &mut self.neighbours {
            neighbours.tick(now, out);
        }
        let mut silent = Vec::new();
        for (second, slots) in self.calendar.until(now) {
            for slot in slots {
                if !self.flows.is_written(slot, second) {
                    continue;
                }
                self.flows.unwrite(slot);
                let Some(flow) = self.flows.get(slot) else { continue };
                if flow.is_silent(now) {
                    silent.push(slot);
                } else {
                    let due = flow.due();
                    self.flows.write(slot, due, &mut self.calendar);
                }
            }
        }
        silent.into_iter().for_each(|slot| self.end(slot, out));
        while self.index.len() > self.most && self.evict(out) {}
        let Self { flows, load, .. } = self;
        load.clean(flows.open.len(), |turn| {
            let flow = flows.get(turn.slot);
            flow.is_some_and(|flow| flow.first_frame == turn.flow && flow.load > 0)
        });
        if self.calendar.len() > 2 * self.flows.open.len() + FORGOTTEN {
            self.flows.rewrite(&mut self.calendar);
        }
    }

    /// Ends everything.
    pub(crate) fn finish(&mut self, out: &mut Said) {
        if let Some(neighbours) = &mut self.neighbours {
            neighbours.finish(out);
        }
        for slot in 0..self.flows.open.len() {
            self.end(Slot::try_from(slot).unwrap_or(Slot::MAX), out);
        }
    }

    /// Flows that had to end since there were too many.
    pub(crate) const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Conversations that were let go since all together needed too much memory.
    pub(crate) const fn let_go(&self) -> u64 {
        self.load.let_go
    }

    #[inline]
    fn find(&self, brief: &Brief) -> Option<Slot> {
        let hash = Entry::new(brief.hash, 0).hash;
        let is_it = |entry: &Entry| {
            let flow = self.flows.open.get(entry.slot as usize);
            entry.hash == hash && flow.is_some_and(|flow| flow.as_ref().is_some_and(|flow| flow.key == brief.key))
        };
        self.index.find(Entry::spread(hash), is_it).map(|entry| entry.slot)
    }

    fn begin(&mut self, seen: &Seen<'_>) -> Slot {
        let (flow, lasting) = Open::new(seen, self.depth);
        let slot = self.flows.add(flow, lasting);
        let entry = Entry::new(seen.brief.hash, slot);
        self.index
            .insert_unique(Entry::spread(entry.hash), entry, |entry| Entry::spread(entry.hash));
        slot
    }

    fn end(&mut self, slot: Slot, out: &mut Said) {
        let Some((flow, lasting)) = self.flows.both(slot) else {
            return;
        };
        let hash = Entry::new(flow.hash, slot).hash;
        let turn = Turn {
            slot,
            flow: flow.first_frame,
            heard: flow.last_frame,
        };
        self.load.change(flow.load, 0, turn);
        flow.finish(lasting, out);
        self.flows.remove(slot);
        let entry = self.index.find_entry(Entry::spread(hash), |entry| entry.slot == slot);
        if let Ok(entry) = entry {
            entry.remove();
        }
    }

    /// Ends the flow that would end next. Whether there was one.
    fn evict(&mut self, out: &mut Said) -> bool {
        while let Some((second, slot)) = self.calendar.pop() {
            if !self.flows.is_written(slot, second) {
                continue;
            }
            self.flows.unwrite(slot);
            let Some(due) = self.flows.get(slot).map(|flow| flow.due()) else {
                continue;
            };
            if due <= second {
                self.evicted += 1;
                self.end(slot, out);
                return true;
            }
            self.flows.write(slot, due, &mut self.calendar);
        }
        false
    }
}
