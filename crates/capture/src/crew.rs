//! The tables of flows, and the threads that work on them.
//!
//! With one thread, whoever reads works on each batch at once. With several, a batch is laid before each table, and any thread
//! takes a table before which something lies: never two the same, and each table gets its batches in their order. Whoever
//! reads does so, too, as soon as enough batches are on their way: it reads no further, and no thread waits while there is
//! work. Which thread works on what changes nothing in what a table says.

use crate::batch::{Batch, Behind};
use crate::flow::{FlowTable, Follow, Said};
use crate::pipeline::{SHARDS, say};
use crate::room;
use crate::{Block, Options, Sink, Totals};
use std::collections::VecDeque;
use std::mem::take;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
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

    /// Takes in the packets that are for it. What it said, if it has to say it now.
    fn take(&mut self, number: usize, batch: &Batch) -> Option<Said> {
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
        let mut said = self.said.take();
        said.open = self.flows.open();
        Some(said)
    }

    fn count(&self, totals: &mut Totals) {
        totals.evicted += self.flows.evicted();
        totals.let_go += self.flows.let_go();
        totals.unsaid += self.said.unsaid();
    }
}

/// Who works on the tables, as whoever reads sees it.
#[derive(Debug)]
pub(crate) enum Crew {
    /// Nobody else.
    Alone {
        tables: Vec<Table>,
        batch: Batch,
        room: Room,
    },
    /// Several threads.
    Many(Many),
}

impl Crew {
    pub(crate) fn new<'s>(scope: &'s Scope<'s, '_>, options: &Options) -> Self {
        let tables = (0..SHARDS).map(|_| Table::new(options));
        let room = Room::new(options.most_flows);
        if options.threads < 2 {
            return Self::Alone {
                tables: tables.collect(),
                batch: Batch::default(),
                room,
            };
        }
        let threads = options.threads.min(SHARDS);
        let office = Arc::new(Office {
            tables: tables.map(Mutex::new).collect(),
            desk: Mutex::new(Desk {
                before: (0..SHARDS).map(|_| Vec::new()).collect(),
                ..Desk::default()
            }),
            has_work: Condvar::new(),
            is_done: Condvar::new(),
            threads,
        });
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
            Self::Alone { batch, .. } => take(batch),
            Self::Many(many) => many.free.pop().unwrap_or_default(),
        };
        batch.clear(SHARDS, block);
        batch
    }

    /// Has the tables take a batch in, and hands out what they said.
    pub(crate) fn send(&mut self, mut batch: Batch, totals: &mut Totals, sink: &mut dyn Sink) {
        match self {
            Self::Alone {
                tables,
                batch: free,
                room,
            } => {
                batch.most_flows = room.level();
                let said = tables.iter_mut().enumerate();
                let said: Vec<Said> = said.filter_map(|(number, table)| table.take(number, &batch)).collect();
                if !said.is_empty() {
                    room.hear(&said);
                    say(said, sink, totals);
                }
                batch.release();
                *free = batch;
            }
            Self::Many(many) => {
                many.make_room(&mut batch, totals, sink);
                many.send(batch);
                many.wait_for(WAITING * many.office.threads, MOST_BYTES);
                many.say(totals, sink);
            }
        }
    }

    /// Ends all flows.
    pub(crate) fn finish(mut self, totals: &mut Totals, sink: &mut dyn Sink) {
        let mut last = self.batch(&Arc::default());
        last.behind = Behind::End;
        self.send(last, totals, sink);
        match self {
            Self::Alone { tables, .. } => tables.iter().for_each(|table| table.count(totals)),
            Self::Many(mut many) => {
                many.wait_for(0, 0);
                many.say(totals, sink);
                many.office.tables.iter().for_each(|table| own(table).count(totals));
            }
        }
    }
}

/// Whoever reads, and the others.
#[derive(Debug)]
pub(crate) struct Many {
    office: Arc<Office>,
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
    fn hear(&mut self, said: &[Said]) {
        for (open, said) in self.open.iter_mut().zip(said) {
            *open = said.open;
        }
    }

    /// Whether there is room for all flows that packets can have begun since, whatever tables they are in.
    fn is_enough(&self) -> bool {
        self.open.iter().chain(&self.packets).sum::<usize>() <= self.most
    }
}

/// What threads share.
#[derive(Debug)]
struct Office {
    tables: Vec<Mutex<Table>>,
    desk: Mutex<Desk>,
    has_work: Condvar,
    /// A thread has left a table.
    is_done: Condvar,
    threads: usize,
}

/// What is to be done.
#[derive(Debug, Default)]
struct Desk {
    /// What lies before each table, with the number of the round that ends behind it.
    before: Vec<Vec<(Arc<Batch>, u64)>>,
    /// Tables before which something lies and at which nobody is, as bits.
    ready: u64,
    /// Tables at which somebody is.
    busy: u64,
    /// Rounds before which nobody is waited for any more.
    said: u64,
    /// What tables said in the rounds behind those.
    rounds: VecDeque<Round>,
    is_over: bool,
    /// A thread has panicked, which its scope passes on.
    is_broken: bool,
}

/// What was said from one tick to the next.
#[derive(Debug)]
struct Round {
    by: Vec<Said>,
    /// Tables that have not spoken yet.
    missing: usize,
}

/// The mutex's content; what a thread that panicked left there is not used any more.
fn own<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Many {
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
        let mut desk = own(&self.office.desk);
        let round = desk.said + desk.rounds.len() as u64;
        for table in (0..SHARDS).filter(|table| batch.is_for(*table)) {
            if let Some(before) = desk.before.get_mut(table) {
                before.push((Arc::clone(&batch), round));
            }
            desk.ready |= (1 << table) & !desk.busy;
        }
        if batch.behind != Behind::Nothing {
            desk.rounds.push_back(Round {
                by: (0..SHARDS).map(|_| Said::default()).collect(),
                missing: SHARDS,
            });
        }
        drop(desk);
        self.office.has_work.notify_all();
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

    /// Works until at most so many batches are on their way, with so many bytes.
    fn wait_for(&mut self, batches: usize, bytes: usize) {
        loop {
            self.take_back();
            if self.on_their_way.len() <= batches && self.bytes <= bytes {
                return;
            }
            let mut desk = own(&self.office.desk);
            if desk.is_broken {
                self.on_their_way.clear();
                self.bytes = 0;
                return;
            }
            match desk.pick(0, self.office.threads) {
                Some(work) => {
                    drop(desk);
                    self.office.at_table(work);
                }
                // What became free before the desk was taken would not be told again.
                None if self.is_first_free() => {}
                None => {
                    desk = self.office.is_done.wait(desk).unwrap_or_else(PoisonError::into_inner);
                    drop(desk);
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
        loop {
            let mut desk = own(&self.office.desk);
            if desk.rounds.front().is_none_or(|round| round.missing > 0) {
                return;
            }
            let round = desk.rounds.pop_front();
            desk.said += 1;
            drop(desk);
            if let Some(round) = round {
                self.room.hear(&round.by);
                self.room.packets.pop_front();
                say(round.by, sink, totals);
            }
        }
    }
}

/// The others go home.
impl Drop for Many {
    fn drop(&mut self) {
        own(&self.office.desk).is_over = true;
        self.office.has_work.notify_all();
    }
}

/// A table, and what lies before it.
type Work = (usize, Vec<(Arc<Batch>, u64)>);

impl Desk {
    /// A table at which nobody is: for each thread preferably the same ones, whose memory is near.
    fn pick(&mut self, thread: usize, threads: usize) -> Option<Work> {
        let mine = (thread..SHARDS)
            .step_by(threads)
            .fold(0, |mine, table| mine | 1 << table);
        let among = if self.ready & mine != 0 {
            self.ready & mine
        } else {
            self.ready
        };
        if among == 0 {
            return None;
        }
        let table = among.trailing_zeros() as usize;
        self.ready &= !(1 << table);
        self.busy |= 1 << table;
        Some((table, self.before.get_mut(table).map(take).unwrap_or_default()))
    }
}

impl Office {
    /// What a thread does until the end.
    fn work(&self, thread: usize) {
        let _alarm = Alarm(self);
        loop {
            let mut desk = own(&self.desk);
            let work = loop {
                if desk.is_over {
                    return;
                }
                if let Some(work) = desk.pick(thread, self.threads) {
                    break work;
                }
                desk = self.has_work.wait(desk).unwrap_or_else(PoisonError::into_inner);
            };
            drop(desk);
            self.at_table(work);
        }
    }

    fn at_table(&self, (number, batches): Work) {
        let mut said = Vec::new();
        if let Some(table) = self.tables.get(number) {
            let mut table = own(table);
            for (batch, round) in &batches {
                said.extend(table.take(number, batch).map(|said| (*round, said)));
            }
        }
        let mut desk = own(&self.desk);
        for (round, said) in said {
            let place = usize::try_from(round.saturating_sub(desk.said)).unwrap_or(usize::MAX);
            if let Some(round) = desk.rounds.get_mut(place) {
                round.missing = round.missing.saturating_sub(1);
                if let Some(by) = round.by.get_mut(number) {
                    *by = said;
                }
            }
        }
        desk.busy &= !(1 << number);
        if desk.before.get(number).is_some_and(|before| !before.is_empty()) {
            desk.ready |= 1 << number;
        }
        // Not before what was said lies on the desk: whoever reads takes a batch that nobody has for one that was heard.
        drop(batches);
        drop(desk);
        self.is_done.notify_one();
    }
}

/// Tells whoever waits that a thread will never be done.
struct Alarm<'o>(&'o Office);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            own(&self.0.desk).is_broken = true;
            self.0.is_done.notify_all();
        }
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
            let mut crew = Crew::new(scope, &options);
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
}
