//! Files of logs, one behind the other, cut into blocks and read by as many threads as there are.

use super::batch::Batch;
use super::choice::{Chooser, LogChoice};
use super::collect::Collector;
use super::cut::{self, BLOCK};
use super::lane::{Entries, Lane, Shared};
use super::rules::{Hand, LogRules};
use crate::{Analysis, Engine};
use rayon::prelude::*;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use watchfire_formats::log::{HEAD, Options, Reader, UserFormat};
use watchfire_model::log::EntrySink;
use watchfire_model::{Budget, Timestamp, Untrusted};

/// What is wanted of logs.
#[derive(Clone, Debug)]
pub struct LogReading {
    /// Threads; what is said does not depend on them.
    pub threads: usize,
    /// The time at which the logs were collected, or now: years that logs leave out are counted back from it.
    pub as_of: Timestamp,
    /// Seconds east of Greenwich of times that state no zone.
    pub zone: Option<i32>,
    /// Formats that the user described.
    pub formats: Arc<[UserFormat]>,
    /// Records before this time are not looked at.
    pub from: Option<Timestamp>,
    /// Records from this time on are not looked at.
    pub to: Option<Timestamp>,
    /// Which records are looked at, by their fields.
    pub choice: Option<Arc<LogChoice>>,
    /// Fields whose values are counted, by the names of logs or of the schema.
    pub top: Vec<String>,
    /// Whether templates are mined and what is unusual is told.
    pub anomalies: bool,
    /// Whether records of the timeline show secrets.
    pub show_secrets: bool,
    /// Whether values are looked for in records.
    pub observables: bool,
}

impl LogReading {
    /// All records, as of `as_of`, on one thread.
    pub fn new(as_of: Timestamp) -> Self {
        Self {
            threads: 1,
            as_of,
            zone: None,
            formats: Arc::from([]),
            from: None,
            to: None,
            choice: None,
            top: Vec::new(),
            anomalies: true,
            show_secrets: false,
            observables: true,
        }
    }

    pub(super) fn options(&self) -> Options {
        Options {
            zone: self.zone,
            user: Arc::clone(&self.formats),
            ..Options::new(self.as_of)
        }
    }
}

/// A file and its name.
pub type LogPart<'p> = (Untrusted, Box<dyn Read + 'p>);

/// Blocks that are worked off together. Depends on nothing, so that what is found does not either.
const ROUND: usize = 16;

impl Engine {
    /// Reads every file that `next` gives, in memory that does not depend on how long they are, and looks at all of them
    /// together. Nothing of them is hashed. Records for the timeline go to `entries` in order.
    pub fn read_logs<'p>(
        &self,
        next: impl FnMut() -> Option<LogPart<'p>>,
        reading: &LogReading,
        entries: Option<&mut dyn EntrySink>,
        budget: &Budget,
    ) -> Analysis {
        let rules = self.log_rules();
        let wanted = Entries::wanted(entries.as_deref());
        let shared = Shared {
            engine: self,
            rules: &rules,
            reading,
            entries: wanted,
        };
        let mut collector = Collector::new(self, &rules, reading, entries);
        let mut feed = Feed::new(next, reading.options());
        let threads = reading.threads.max(1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        match pool {
            Ok(pool) if threads > 1 => {
                let hands = Hands::new(&rules, reading, threads);
                rounds(&mut feed, &mut collector, budget, |lanes, before, collector| {
                    let mut done = Vec::new();
                    pool.in_place_scope(|scope| {
                        scope.spawn(|_| done = lanes.par_iter_mut().map(|lane| hands.work(lane, shared)).collect());
                        collector.take_all(before);
                    });
                    done
                });
            }
            // Without threads, because none are wanted or none can be had, the work is done all the same.
            _ => {
                let hands = Hands::new(&rules, reading, 1);
                rounds(&mut feed, &mut collector, budget, |lanes, before, collector| {
                    collector.take_all(before);
                    lanes.iter_mut().map(|lane| hands.work(lane, shared)).collect()
                });
            }
        }
        let stopped = budget.check().err();
        collector.finish(feed.files, stopped)
    }
}

/// Reads, works off and collects until nothing is left: the batches of a round are collected while the next one is worked
/// off.
fn rounds<'p, N: FnMut() -> Option<LogPart<'p>>>(
    feed: &mut Feed<'p, N>,
    collector: &mut Collector<'_, '_>,
    budget: &Budget,
    mut work: impl FnMut(&mut [Lane], Vec<Batch>, &mut Collector<'_, '_>) -> Vec<Batch>,
) {
    let mut before = Vec::new();
    while collector.goes_on() && budget.check().is_ok() {
        let mut lanes = feed.round();
        if lanes.is_empty() {
            break;
        }
        before = work(&mut lanes, before, collector);
        feed.take_back(lanes);
    }
    collector.take_all(before);
}

/// What threads remember of the rules, for whoever works next.
pub(super) struct Hands<'p> {
    rules: &'p LogRules,
    reading: &'p LogReading,
    idle: Mutex<Vec<Hand<'p>>>,
}

impl<'p> Hands<'p> {
    pub(super) fn new(rules: &'p LogRules, reading: &'p LogReading, threads: usize) -> Self {
        Self {
            rules,
            reading,
            idle: Mutex::new(Vec::with_capacity(threads)),
        }
    }

    pub(super) fn work(&self, lane: &mut Lane, shared: Shared<'p>) -> Batch {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut hand = idle.unwrap_or_else(|| {
            let chooser = self.reading.choice.as_deref().map(Chooser::new);
            Hand::new(&self.rules.program, chooser)
        });
        match catch_unwind(AssertUnwindSafe(|| lane.work(shared, &mut hand))) {
            Ok(batch) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(hand);
                batch
            }
            // The block is lost, and that is said; the hand may be in any state.
            Err(_) => Batch {
                file: lane.file,
                has_failed: true,
                ..Batch::default()
            },
        }
    }
}

/// A file that was begun.
pub(super) struct FileRead {
    pub(super) name: Untrusted,
    /// Why reading ended early.
    pub(super) failed: Option<io::Error>,
}

/// Where blocks come from.
struct Feed<'p, N> {
    next: N,
    options: Options,
    open: Option<Open<'p>>,
    files: Vec<FileRead>,
}

/// The file that is being read.
struct Open<'p> {
    source: Box<dyn Read + 'p>,
    /// Bytes and lines before what is carried.
    at: u64,
    lines: u64,
    /// What was read and is in no block yet.
    carry: Vec<u8>,
    way: Way,
}

/// How the blocks of a file are read.
enum Way {
    /// Side by side, each by a copy of this reader.
    Apart(Box<Reader>),
    /// One behind the other, by one reader. It is away while a round is worked off.
    Together(Option<Box<Reader>>),
}

impl<'p, N: FnMut() -> Option<LogPart<'p>>> Feed<'p, N> {
    fn new(next: N, options: Options) -> Self {
        Self {
            next,
            options,
            open: None,
            files: Vec::new(),
        }
    }

    /// Blocks for one round; none, where everything was read.
    fn round(&mut self) -> Vec<Lane> {
        let mut lanes: Vec<Lane> = Vec::new();
        let mut blocks = 0;
        while blocks < ROUND {
            let Some(mut open) = self.open.take().or_else(|| self.begin()) else {
                break;
            };
            let (ended, failed) = fill(&mut open);
            if let Some(file) = self.files.last_mut() {
                file.failed = failed;
            }
            blocks += 1;
            let (file, name) = self.current();
            match &mut open.way {
                Way::Apart(prototype) => {
                    let len = if ended {
                        open.carry.len()
                    } else {
                        match cut::end(&open.carry, open.at, prototype.has_lines()) {
                            Some(len) => len,
                            // A record that is longer than a block: the next ones are read with it.
                            None if open.carry.len() < LONGEST => {
                                self.open = Some(open);
                                continue;
                            }
                            None => open.carry.len(),
                        }
                    };
                    let rest = open.carry.split_off(len);
                    let block = std::mem::replace(&mut open.carry, rest);
                    if let Some(reader) = prototype.fork(&self.options, open.at, open.lines) {
                        open.at = open.at.saturating_add(block.len() as u64);
                        if reader.has_lines() {
                            let lines = memchr::memchr_iter(b'\n', &block).count() as u64;
                            open.lines = open.lines.saturating_add(lines);
                            learn(prototype, &block);
                        }
                        lanes.push(Lane {
                            file,
                            name,
                            reader,
                            blocks: vec![block],
                            is_last: ended,
                            is_paused: false,
                            is_fork: true,
                        });
                    }
                }
                Way::Together(reader) => {
                    let block = std::mem::take(&mut open.carry);
                    if let Some(reader) = reader.take() {
                        lanes.push(Lane {
                            file,
                            name,
                            reader: *reader,
                            blocks: vec![block],
                            is_last: ended,
                            is_paused: false,
                            is_fork: false,
                        });
                    } else if let Some(lane) = lanes.last_mut() {
                        lane.blocks.push(block);
                        lane.is_last = ended;
                    }
                }
            }
            if !ended {
                self.open = Some(open);
            }
        }
        lanes
    }

    /// Gives the reader of the open file back.
    fn take_back(&mut self, lanes: Vec<Lane>) {
        let last = lanes.into_iter().next_back();
        if let (
            Some(Open {
                way: Way::Together(place),
                ..
            }),
            Some(lane),
        ) = (&mut self.open, last)
        {
            *place = Some(Box::new(lane.reader));
        }
    }

    fn current(&self) -> (u32, Untrusted) {
        let number = u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let name = self.files.last().map(|file| file.name.clone()).unwrap_or_default();
        (number, name)
    }

    /// Begins the next file.
    fn begin(&mut self) -> Option<Open<'p>> {
        let (name, source) = (self.next)()?;
        self.files.push(FileRead { name, failed: None });
        let mut open = Open {
            source,
            at: 0,
            lines: 0,
            carry: Vec::new(),
            way: Way::Together(None),
        };
        let (_, failed) = fill(&mut open);
        if let Some(file) = self.files.last_mut() {
            file.failed = failed;
        }
        let mut prototype = Reader::new(&self.options);
        let head = open.carry.get(..HEAD).unwrap_or(&open.carry);
        if head.len() == HEAD {
            prototype.push(head, &mut |_| ());
        }
        open.way = match prototype.fork(&self.options, 0, 0) {
            Some(_) => Way::Apart(Box::new(prototype)),
            None => Way::Together(Some(Box::new(Reader::new(&self.options)))),
        };
        Some(open)
    }
}

/// A record is not waited for beyond so many bytes.
const LONGEST: usize = 8 * BLOCK;

/// Reads until a block is full. Whether the file has ended, and why it ended early.
fn fill(open: &mut Open<'_>) -> (bool, Option<io::Error>) {
    let wanted = (open.carry.len() / BLOCK + 1) * BLOCK;
    let mut filled = open.carry.len();
    open.carry.resize(wanted, 0);
    let mut end = (false, None);
    while let Some(room) = open.carry.get_mut(filled..).filter(|room| !room.is_empty()) {
        match open.source.read(room) {
            Ok(0) => {
                end = (true, None);
                break;
            }
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                end = (true, Some(error));
                break;
            }
        }
    }
    open.carry.truncate(filled);
    end
}

/// What the head of a table says further down in a file holds for what follows.
fn learn(prototype: &mut Reader, block: &[u8]) {
    for at in memchr::memmem::find_iter(block, b"\n#") {
        let line = block.get(at.saturating_add(1)..).unwrap_or_default();
        let len = memchr::memchr(b'\n', line).map_or(line.len(), |end| end.saturating_add(1));
        prototype.push(line.get(..len).unwrap_or_default(), &mut |_| ());
    }
}
