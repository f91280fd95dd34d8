//! What threads share that work on tables and hear what those say.
//!
//! Work is a table with the batches that lie before it, or a listener with the rounds that it has not heard. Whoever reads
//! takes tables first, which have just become work by what it read; the others take listeners first, who hear their rounds
//! one after the other and so are what everybody would wait for at the end.
//!
//! What one thread allocates and another frees makes them wait for one another in the allocator, and that was most of what a
//! second thread cost. So what was said goes back to the thread that said it, and tables stay with the same thread, unless
//! much lies before them. Nor is anybody called for a single batch: to fall asleep and be called takes longer than the work.

use crate::Totals;
use crate::batch::{Batch, Behind};
use crate::crew::Table;
use crate::flow::Said;
use crate::pipeline::SHARDS;
use crate::round::{Coming, Listener, Round};
use std::collections::VecDeque;
use std::mem::take;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Rounds that listeners may be behind, for each thread.
const BEHIND: usize = 8;
/// Bytes of memory of those, whatever the number of threads.
const MOST_BYTES: usize = 16 << 20;
/// Batches and rounds for which somebody is called who waits, unless the capture still goes on.
const WORTH_A_CALL: usize = 4;
/// Batches before a table from which on any thread takes it.
const MUCH: usize = 4;
/// Of what was said, as much memory stays with a thread.
const KEPT: usize = 4 * SHARDS;

pub(crate) struct Office<'l> {
    tables: Vec<Mutex<Table>>,
    listeners: Vec<Mutex<&'l mut (dyn Listener + 'l)>>,
    /// What each thread said and everybody has heard; the other half is empty.
    spare: Vec<Mutex<Spare>>,
    /// What is left of rounds that everybody has heard.
    heard: Mutex<Vec<Round>>,
    desk: Mutex<Desk>,
    has_work: Condvar,
    /// A thread has left its work.
    is_done: Condvar,
    threads: usize,
    /// Batches and rounds for which somebody is called.
    worth_a_call: usize,
}

/// What a thread said before, which it lets go itself.
#[derive(Debug, Default)]
struct Spare {
    heard: Vec<Said>,
    empty: Vec<Said>,
}

/// What is to be done.
#[derive(Debug, Default)]
struct Desk {
    /// What lies before each table, with the number of the round that ends behind it.
    before: Vec<Vec<(Arc<Batch>, u64)>>,
    /// What each listener has not heard.
    unheard: Vec<Vec<Arc<Round>>>,
    /// Tables before which something lies and at which nobody is, as bits.
    ready: u64,
    /// Tables at which somebody is.
    busy: u64,
    /// The same for listeners.
    listens: Vec<Place>,
    /// Rounds before which nobody is waited for any more.
    said: u64,
    /// What tables said in the rounds behind those.
    rounds: VecDeque<Coming>,
    /// Rounds that not everybody has heard, and their bytes of memory.
    behind: (usize, usize),
    /// Threads that wait for work, without whoever reads.
    idle: usize,
    /// Batches and rounds since they were called.
    uncalled: usize,
    /// Whether whoever reads waits for others.
    is_awaited: bool,
    is_over: bool,
    /// A thread has panicked, which its scope passes on.
    is_broken: bool,
}

/// Whether something waits for a listener.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Nothing does.
    #[default]
    Free,
    /// Something does, and nobody is there.
    Ready,
    /// Somebody is there.
    Busy,
}

/// A table and what lies before it, or a listener and what he has not heard.
enum Work {
    Table(usize, Vec<(Arc<Batch>, u64)>),
    Listener(usize, Vec<Arc<Round>>),
}

/// What became of waiting.
pub(crate) enum Help {
    /// There is nothing to wait for.
    Enough,
    /// Something was done, by whoever waits or by others.
    Worked,
    /// A thread has panicked.
    Broken,
}

/// The mutex's content; what a thread that panicked left there is not used any more.
fn own<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'l> Office<'l> {
    pub(crate) fn new(
        tables: Vec<Table>,
        listeners: Vec<&'l mut (dyn Listener + 'l)>,
        (threads, is_eager): (usize, bool),
    ) -> Self {
        Self {
            desk: Mutex::new(Desk {
                before: tables.iter().map(|_| Vec::new()).collect(),
                unheard: listeners.iter().map(|_| Vec::new()).collect(),
                listens: listeners.iter().map(|_| Place::Free).collect(),
                ..Desk::default()
            }),
            spare: (0..threads).map(|_| Mutex::default()).collect(),
            heard: Mutex::default(),
            tables: tables.into_iter().map(Mutex::new).collect(),
            listeners: listeners.into_iter().map(Mutex::new).collect(),
            has_work: Condvar::new(),
            is_done: Condvar::new(),
            threads,
            worth_a_call: if is_eager { 1 } else { WORTH_A_CALL },
        }
    }

    pub(crate) const fn threads(&self) -> usize {
        self.threads
    }

    /// Lays a batch before the tables that it is for.
    pub(crate) fn lay_out(&self, batch: &Arc<Batch>) {
        let mut desk = own(&self.desk);
        // Nobody would take it.
        if desk.is_broken {
            return;
        }
        let round = desk.said + desk.rounds.len() as u64;
        for table in (0..SHARDS).filter(|table| batch.is_for(*table)) {
            if let Some(before) = desk.before.get_mut(table) {
                before.push((Arc::clone(batch), round));
            }
            desk.ready |= (1 << table) & !desk.busy;
        }
        if batch.behind != Behind::Nothing {
            desk.rounds.push_back(Coming::default());
        }
        self.call(&mut desk);
    }

    /// Calls those who wait for work, where it is worth it.
    fn call(&self, desk: &mut Desk) {
        desk.uncalled += 1;
        if desk.uncalled >= self.worth_a_call {
            self.call_at_once(desk);
        }
    }

    fn call_at_once(&self, desk: &mut Desk) {
        if desk.idle > 0 && desk.uncalled > 0 {
            desk.uncalled = 0;
            self.has_work.notify_all();
        }
    }

    /// Memory for a round.
    pub(crate) fn take_heard(&self) -> Round {
        own(&self.heard).pop().unwrap_or_default()
    }

    /// The next round in which all tables have spoken.
    pub(crate) fn next_round(&self) -> Option<Coming> {
        let mut desk = own(&self.desk);
        let is_whole = desk.rounds.front().is_some_and(Coming::is_whole);
        let coming = is_whole.then(|| desk.rounds.pop_front()).flatten()?;
        desk.said += 1;
        Some(coming)
    }

    /// Tells every listener of a round.
    pub(crate) fn tell(&self, round: Round) {
        if self.listeners.is_empty() {
            return self.forget(round);
        }
        let bytes = round.memory();
        let round = Arc::new(round);
        let mut desk = own(&self.desk);
        let Desk { unheard, listens, .. } = &mut *desk;
        for (unheard, place) in unheard.iter_mut().zip(listens) {
            unheard.push(Arc::clone(&round));
            if *place == Place::Free {
                *place = Place::Ready;
            }
        }
        desk.behind.0 += 1;
        desk.behind.1 += bytes;
        self.call(&mut desk);
        // The desk is left last: a listener must not find the round in two hands when he is the last to hear it.
        drop(round);
        drop(desk);
    }

    /// Everybody has heard it: each part goes back to the thread that said it.
    fn forget(&self, mut round: Round) {
        for said in round.parts() {
            if let Some(spare) = self.spare.get(said.by) {
                own(spare).heard.push(said);
            }
        }
        own(&self.heard).push(round);
    }

    /// Lets go what a thread said and everybody has heard.
    fn tidy(&self, thread: usize) {
        let Some(spare) = self.spare.get(thread) else { return };
        let mut heard = take(&mut own(spare).heard);
        heard.iter_mut().for_each(Said::clear);
        let mut spare = own(spare);
        spare.empty.append(&mut heard);
        spare.empty.truncate(KEPT);
        // The longer list has room for more.
        if spare.heard.is_empty() {
            spare.heard = heard;
        }
    }

    /// Does some work, or waits until others did, unless `is_enough` and listeners are not far behind. `is_free` says
    /// whether there is something to take back.
    pub(crate) fn help(&self, is_enough: bool, is_free: impl Fn() -> bool) -> Help {
        let mut desk = own(&self.desk);
        if desk.is_broken {
            return Help::Broken;
        }
        if is_enough && desk.behind.0 <= BEHIND * self.threads && desk.behind.1 <= MOST_BYTES {
            return Help::Enough;
        }
        let work = desk.pick(0, self.threads);
        self.call_at_once(&mut desk);
        match work {
            Some(work) => {
                drop(desk);
                self.take_on(0, work);
            }
            // What became free before the desk was taken would not be told again.
            None if is_free() => {}
            None => {
                desk.is_awaited = true;
                desk = self.is_done.wait(desk).unwrap_or_else(PoisonError::into_inner);
                desk.is_awaited = false;
            }
        }
        Help::Worked
    }

    /// What a thread does until the end.
    pub(crate) fn work(&self, thread: usize) {
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
                desk.idle += 1;
                desk = self.has_work.wait(desk).unwrap_or_else(PoisonError::into_inner);
                desk.idle -= 1;
            };
            drop(desk);
            self.take_on(thread, work);
        }
    }

    fn take_on(&self, thread: usize, work: Work) {
        self.tidy(thread);
        match work {
            Work::Table(number, batches) => self.at_table(thread, number, batches),
            Work::Listener(number, rounds) => self.listen(number, rounds),
        }
    }

    fn at_table(&self, thread: usize, number: usize, mut batches: Vec<(Arc<Batch>, u64)>) {
        let next = || {
            let spare = self.spare.get(thread);
            spare.and_then(|spare| own(spare).empty.pop()).unwrap_or_default()
        };
        let mut said = Vec::new();
        if let Some(table) = self.tables.get(number) {
            let mut table = own(table);
            for (batch, round) in &batches {
                said.extend(table.take(number, batch, next).map(|said| (*round, said)));
            }
        }
        let mut desk = own(&self.desk);
        for (round, mut said) in said {
            said.by = thread;
            let place = usize::try_from(round.saturating_sub(desk.said)).unwrap_or(usize::MAX);
            if let Some(round) = desk.rounds.get_mut(place) {
                round.has_said(number, said);
            }
        }
        desk.busy &= !(1 << number);
        if desk.before.get(number).is_some_and(|before| !before.is_empty()) {
            desk.ready |= 1 << number;
        }
        // Not before what was said lies on the desk: whoever reads takes a batch that nobody has for one that was heard.
        batches.clear();
        if let Some(before) = desk.before.get_mut(number).filter(|before| before.is_empty()) {
            *before = batches;
        }
        self.leave(&desk);
    }

    fn listen(&self, number: usize, rounds: Vec<Arc<Round>>) {
        let mut heard = (0, 0);
        if let Some(listener) = self.listeners.get(number) {
            let mut listener = own(listener);
            for round in rounds {
                listener.hear(&round);
                if let Some(round) = Arc::into_inner(round) {
                    heard.0 += 1;
                    heard.1 += round.memory();
                    self.forget(round);
                }
            }
        }
        let mut desk = own(&self.desk);
        desk.behind.0 = desk.behind.0.saturating_sub(heard.0);
        desk.behind.1 = desk.behind.1.saturating_sub(heard.1);
        let is_behind = desk.unheard.get(number).is_some_and(|unheard| !unheard.is_empty());
        if let Some(place) = desk.listens.get_mut(number) {
            *place = if is_behind { Place::Ready } else { Place::Free };
        }
        self.leave(&desk);
    }

    /// Tells whoever reads that something was done.
    fn leave(&self, desk: &Desk) {
        if desk.is_awaited {
            self.is_done.notify_one();
        }
    }

    /// Waits until every listener has heard everything, and counts what tables have to say at the end.
    pub(crate) fn finish(&self, totals: &mut Totals) {
        loop {
            let mut desk = own(&self.desk);
            if desk.is_broken || desk.behind.0 == 0 {
                break;
            }
            match desk.pick(0, self.threads) {
                Some(work) => {
                    self.call_at_once(&mut desk);
                    drop(desk);
                    self.take_on(0, work);
                }
                None => {
                    desk.is_awaited = true;
                    desk = self.is_done.wait(desk).unwrap_or_else(PoisonError::into_inner);
                    desk.is_awaited = false;
                }
            }
        }
        self.tables.iter().for_each(|table| own(table).count(totals));
    }

    /// A thread will never be done.
    pub(crate) fn give_up(&self) {
        own(&self.desk).is_broken = true;
        self.is_done.notify_all();
    }

    /// Whether a thread has panicked.
    pub(crate) fn is_broken(&self) -> bool {
        own(&self.desk).is_broken
    }

    /// Sends everybody home.
    pub(crate) fn close(&self) {
        own(&self.desk).is_over = true;
        self.has_work.notify_all();
    }
}

impl Desk {
    fn pick(&mut self, thread: usize, threads: usize) -> Option<Work> {
        if thread == 0 {
            return self.pick_table(thread, threads).or_else(|| self.pick_listener());
        }
        self.pick_listener().or_else(|| self.pick_table(thread, threads))
    }

    /// A table at which nobody is: one of the thread's own, whose memory is near; another one only for whoever reads, who
    /// waits otherwise, and where much lies before it.
    fn pick_table(&mut self, thread: usize, threads: usize) -> Option<Work> {
        let own = (thread..SHARDS).step_by(threads).fold(0, |own, table| own | 1 << table);
        let table = match self.ready & own {
            0 => self.others(thread)?,
            own => own.trailing_zeros() as usize,
        };
        self.ready &= !(1 << table);
        self.busy |= 1 << table;
        let before = self.before.get_mut(table).map(take).unwrap_or_default();
        Some(Work::Table(table, before))
    }

    /// The table before which most lies.
    fn others(&self, thread: usize) -> Option<usize> {
        let ready = self.before.iter().enumerate();
        let ready =
            ready.filter(|(table, before)| self.ready >> table & 1 == 1 && (thread == 0 || before.len() >= MUCH));
        ready.max_by_key(|(_, before)| before.len()).map(|(table, _)| table)
    }

    /// The listener who is farthest behind.
    fn pick_listener(&mut self) -> Option<Work> {
        let ready = self.listens.iter_mut().zip(&mut self.unheard).enumerate();
        let ready = ready.filter(|(_, (place, _))| **place == Place::Ready);
        let (number, (place, unheard)) = ready.max_by_key(|(_, (_, unheard))| unheard.len())?;
        *place = Place::Busy;
        Some(Work::Listener(number, take(unheard)))
    }
}

/// Tells whoever waits that a thread will never be done.
struct Alarm<'o, 'l>(&'o Office<'l>);

impl Drop for Alarm<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.give_up();
        }
    }
}
