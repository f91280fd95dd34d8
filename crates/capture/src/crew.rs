//! The tables of flows, and the threads that work on them.
//!
//! With one thread, whoever reads works on each batch at once. With several, a batch is laid before each table, and any thread
//! takes a table before which something lies: never two the same, and each table gets its batches in their order. Whoever
//! reads does so, too, as soon as enough batches are on their way: it reads no further, and no thread waits while there is
//! work. Which thread works on what changes nothing in what a table says.
//!
//! What all tables said until a tick goes to the sink, on the thread that reads, and then to every listener, on any.

use crate::batch::{Batch, Behind};
use crate::flow::{FlowTable, Follow, Said};
use crate::office::{Help, Office};
use crate::pipeline::SHARDS;
use crate::room;
use crate::round::{Listener, Round};
use crate::{Block, Options, Sink, Totals};
use std::collections::VecDeque;
use std::mem::take;
use std::sync::Arc;
use std::thread::Scope;

/// Batches that may be on their way, for each thread.
const WAITING: usize = 8;
/// Bytes of memory of blocks that may be, whatever the number of threads: a block may be as long as a capture says.
const MOST_BYTES: usize = 32 << 20;

/// A table with what it said since the last tick.
#[derive(Debug)]
pub(crate) struct Table {
    flows: FlowTable,
    said: Said,
}

impl Table {
    fn new(options: &Options) -> Self {
        let said = Said::new(options.contents);
        Self {
            flows: FlowTable::new(options.most_flows, options.most_bytes / SHARDS, options.depth),
            said: match options.follow {
                Some(flow) => said.following(Follow::new(flow, options.frames)),
                None => said,
            },
        }
    }

    /// Takes in the packets that are for it. What it said, if it has to say it now; it goes on in `next`.
    pub(crate) fn take(&mut self, number: usize, batch: &Batch, next: impl FnOnce() -> Said) -> Option<Said> {
        if !Arc::ptr_eq(&self.said.secrets, batch.secrets()) {
            self.said.secrets = Arc::clone(batch.secrets());
        }
        self.flows.hold(batch.most_flows);
        self.flows.packets(batch, batch.of(number), &mut self.said);
        match batch.behind {
            Behind::Nothing => return None,
            Behind::Tick(now) => self.flows.tick(now, &mut self.said),
            Behind::End => self.flows.finish(&mut self.said),
        }
        let mut said = self.said.take(next());
        said.open = self.flows.open();
        Some(said)
    }

    pub(crate) fn count(&self, totals: &mut Totals) {
        totals.evicted += self.flows.evicted();
        totals.let_go += self.flows.let_go();
        totals.unsaid += self.said.unsaid();
    }
}

/// Who works on the tables, as whoever reads sees it.
pub(crate) enum Crew<'l> {
    /// Nobody else.
    Alone(Box<Alone<'l>>),
    /// Several threads.
    Many(Many<'l>),
}

impl<'l> Crew<'l> {
    pub(crate) fn new<'s>(
        scope: &'s Scope<'s, '_>,
        options: &Options,
        (listeners, is_eager): (Vec<&'l mut (dyn Listener + 'l)>, bool),
    ) -> Self
    where
        'l: 's,
    {
        let tables: Vec<Table> = (0..SHARDS).map(|_| Table::new(options)).collect();
        let room = Room::new(options.most_flows);
        if options.threads < 2 {
            return Self::Alone(Box::new(Alone {
                tables,
                listeners,
                batch: Batch::default(),
                room,
                spare: Vec::new(),
                heard: Round::default(),
            }));
        }
        let threads = options.threads.min(SHARDS);
        let office = Arc::new(Office::new(tables, listeners, (threads, is_eager)));
        for thread in 1..threads {
            let office = Arc::clone(&office);
            scope.spawn(move || office.work(thread));
        }
        Self::Many(Many {
            office,
            on_their_way: VecDeque::new(),
            bytes: 0,
            free: Vec::new(),
            room,
        })
    }

    /// An empty batch for packets of a block.
    pub(crate) fn batch(&mut self, block: &Arc<Block>) -> Batch {
        let mut batch = match self {
            Self::Alone(alone) => take(&mut alone.batch),
            Self::Many(many) => many.free.pop().unwrap_or_default(),
        };
        batch.clear(SHARDS, block);
        batch
    }

    /// Has the tables take a batch in, and hands out what they said.
    pub(crate) fn send(&mut self, mut batch: Batch, totals: &mut Totals, sink: &mut dyn Sink) {
        match self {
            Self::Alone(alone) => alone.send(batch, totals, sink),
            Self::Many(many) => {
                many.make_room(&mut batch, totals, sink);
                many.send(batch);
                many.wait_for(WAITING * many.office.threads(), MOST_BYTES);
                many.say(totals, sink);
            }
        }
    }

    /// Whether a thread has panicked, so that reading on is for nothing.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self, Self::Many(many) if many.office.is_broken())
    }

    /// Ends all flows.
    pub(crate) fn finish(mut self, totals: &mut Totals, sink: &mut dyn Sink) {
        let mut last = self.batch(&Arc::default());
        last.behind = Behind::End;
        self.send(last, totals, sink);
        match self {
            Self::Alone(alone) => alone.tables.iter().for_each(|table| table.count(totals)),
            Self::Many(mut many) => {
                many.wait_for(0, 0);
                many.say(totals, sink);
                many.office.finish(totals);
            }
        }
    }
}

/// Whoever reads, and does everything.
pub(crate) struct Alone<'l> {
    tables: Vec<Table>,
    listeners: Vec<&'l mut (dyn Listener + 'l)>,
    batch: Batch,
    room: Room,
    /// Memory for what tables say next.
    spare: Vec<Said>,
    heard: Round,
}

impl Alone<'_> {
    fn send(&mut self, mut batch: Batch, totals: &mut Totals, sink: &mut dyn Sink) {
        batch.most_flows = self.room.level();
        let mut said = Vec::with_capacity(SHARDS);
        for (number, table) in self.tables.iter_mut().enumerate() {
            said.extend(table.take(number, &batch, || self.spare.pop().unwrap_or_default()));
        }
        if !said.is_empty() {
            self.room.hear(said.iter().map(|said| said.open));
            let mut round = Round::of(said, take(&mut self.heard));
            totals.flows += round.ended();
            round.tell(sink);
            self.listeners.iter_mut().for_each(|listener| listener.hear(&round));
            self.spare.extend(round.parts());
            self.spare.iter_mut().for_each(Said::clear);
            self.heard = round;
        }
        batch.release();
        self.batch = batch;
    }
}

/// Whoever reads, and the others.
pub(crate) struct Many<'l> {
    office: Arc<Office<'l>>,
    /// In their order, each with the bytes of memory that become free with it.
    on_their_way: VecDeque<(Arc<Batch>, usize)>,
    /// The sum of those.
    bytes: usize,
    free: Vec<Batch>,
    room: Room,
}

/// Flows that tables may hold, as far as whoever reads knows.
#[derive(Debug)]
pub(crate) struct Room {
    /// In all tables.
    most: usize,
    /// Flows of each table at the end of the last round that was said.
    open: Vec<usize>,
    /// Packets of each round since then; the last goes on.
    packets: VecDeque<usize>,
}

impl Room {
    fn new(most: usize) -> Self {
        Self {
            most,
            open: vec![0; SHARDS],
            packets: VecDeque::from([0]),
        }
    }

    /// What each table may hold after the last round.
    fn level(&self) -> usize {
        room::level(&self.open, self.most)
    }

    /// A round was said.
    fn hear(&mut self, said: impl Iterator<Item = usize>) {
        for (open, said) in self.open.iter_mut().zip(said) {
            *open = said;
        }
    }

    /// Whether there is room for all flows that packets can have begun since, whatever tables they are in.
    fn is_enough(&self) -> bool {
        self.open.iter().chain(&self.packets).sum::<usize>() <= self.most
    }
}

impl Many<'_> {
    /// Says of a batch how many flows tables may hold, by what they held at the last tick before it. As long as there is
    /// certainly room for all, nobody has to know that; where it gets narrow, the rounds before are waited for.
    fn make_room(&mut self, batch: &mut Batch, totals: &mut Totals, sink: &mut dyn Sink) {
        if let Some(packets) = self.room.packets.back_mut() {
            *packets += batch.packets();
        }
        batch.most_flows = loop {
            let is_known = self.room.packets.len() == 1;
            match self.on_their_way.len() {
                _ if self.room.is_enough() => break usize::MAX,
                0 => break self.room.level(),
                _ if is_known => break self.room.level(),
                waiting => self.wait_for(waiting - 1, usize::MAX),
            }
            self.say(totals, sink);
        };
        if batch.behind != Behind::Nothing {
            self.room.packets.push_back(0);
        }
    }

    fn send(&mut self, batch: Batch) {
        let batch = Arc::new(batch);
        self.office.lay_out(&batch);
        self.take_along(batch);
    }

    /// Puts a batch behind the others. A block becomes free with its last one.
    fn take_along(&mut self, batch: Arc<Batch>) {
        let block = batch.block_memory();
        if let Some((before, bytes)) = self.on_their_way.back_mut()
            && before.is_beside(&batch)
        {
            *bytes = bytes.saturating_sub(block);
            self.bytes = self.bytes.saturating_sub(block);
        }
        let bytes = block + batch.joined_memory();
        self.bytes += bytes;
        self.on_their_way.push_back((batch, bytes));
    }

    /// Works until at most so many batches are on their way, with so many bytes, and listeners are not far behind.
    fn wait_for(&mut self, batches: usize, bytes: usize) {
        loop {
            self.take_back();
            let is_enough = self.on_their_way.len() <= batches && self.bytes <= bytes;
            let is_first_free = || self.is_first_free();
            match self.office.help(is_enough, is_first_free) {
                Help::Enough => return,
                Help::Worked => {}
                Help::Broken => {
                    self.on_their_way.clear();
                    self.bytes = 0;
                    return;
                }
            }
        }
    }

    fn is_first_free(&self) -> bool {
        self.on_their_way
            .front()
            .is_some_and(|(batch, _)| Arc::strong_count(batch) == 1)
    }

    /// Takes back those batches that all tables have taken in.
    fn take_back(&mut self) {
        while self.is_first_free() {
            let Some((batch, bytes)) = self.on_their_way.pop_front() else {
                return;
            };
            self.bytes = self.bytes.saturating_sub(bytes);
            if let Some(mut batch) = Arc::into_inner(batch) {
                batch.release();
                self.free.push(batch);
            }
        }
    }

    /// Hands out the rounds in which all tables have spoken.
    fn say(&mut self, totals: &mut Totals, sink: &mut dyn Sink) {
        while let Some(coming) = self.office.next_round() {
            self.room.hear(coming.open());
            self.room.packets.pop_front();
            let round = Round::of(coming.into_parts(), self.office.take_heard());
            totals.flows += round.ended();
            round.tell(sink);
            self.office.tell(round);
        }
    }
}

/// The others go home.
impl Drop for Many<'_> {
    fn drop(&mut self) {
        self.office.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn blocks_on_their_way_are_counted_by_their_bytes_each_once() {
        let options = Options {
            threads: 2,
            ..Options::default()
        };
        thread::scope(|scope| {
            let mut crew = Crew::new(scope, &options, (Vec::new(), false));
            for _ in 0..3 {
                let block = Arc::new(Block {
                    bytes: vec![0; 1 << 20],
                    ..Block::default()
                });
                for _ in 0..4 {
                    let batch = crew.batch(&block);
                    let Crew::Many(many) = &mut crew else { panic!() };
                    many.send(batch);
                }
            }
            let Crew::Many(many) = &mut crew else { panic!() };
            assert_eq!((many.on_their_way.len(), many.bytes), (12, 3 << 20));
            many.wait_for(usize::MAX, 1 << 20);
            assert!(many.bytes <= 1 << 20 && many.on_their_way.len() <= 4);
            many.wait_for(0, 0);
            assert_eq!((many.on_their_way.len(), many.bytes), (0, 0));
        });
    }

    #[test]
    fn after_a_panic_nobody_holds_what_is_read() {
        let options = Options {
            threads: 2,
            ..Options::default()
        };
        thread::scope(|scope| {
            let mut crew = Crew::new(scope, &options, (Vec::new(), false));
            let Crew::Many(many) = &mut crew else { panic!() };
            many.office.give_up();
            assert!(crew.is_broken());
            let block = Arc::default();
            for _ in 0..4 {
                let mut batch = crew.batch(&block);
                batch.behind = Behind::End;
                let Crew::Many(many) = &mut crew else { panic!() };
                many.send(batch);
                many.wait_for(0, 0);
            }
            assert_eq!(Arc::strong_count(&block), 1);
        });
    }
}
