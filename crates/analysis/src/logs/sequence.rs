//! Files of logs, one behind the other, cut into blocks and read by as many threads as there are.

use super::activity::Windows;
use super::batch::Batch;
use super::choice::{Chooser, LogChoice};
use super::collect::Collector;
use super::feed::{Feed, Next};
use super::lane::{Entries, Lane, Shared};
use super::rules::{Hand, LogRules};
use crate::{Analysis, Engine};
use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use watchfire_formats::log::{Options, UserFormat};
use watchfire_model::log::EntrySink;
use watchfire_model::{Budget, Suppression, Timestamp, Untrusted};

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
    /// What is not told at once of logs that grow, since nobody wants to see it.
    pub suppressions: Arc<[Suppression]>,
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
            suppressions: Arc::from([]),
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
        let pool = (threads > 1).then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build());
        let belt = Belt {
            hands: Hands::new(&rules, reading, threads),
            shared,
            budget,
        };
        match pool {
            Some(Ok(pool)) => belt.run_beside(&pool, &mut feed, &mut collector),
            // Without threads, because none are wanted or none can be had, the work is done all the same.
            _ => belt.run(&mut feed, &mut collector),
        }
        let stopped = budget.check().err();
        collector.finish(feed.files, stopped)
    }
}

/// Blocks on their way from the files to the collector.
struct Belt<'p> {
    hands: Hands<'p>,
    shared: Shared<'p>,
    budget: &'p Budget,
}

/// A lane that was worked off, and as which it was handed out.
type Done = (u64, Lane, Batch);

impl<'p> Belt<'p> {
    /// Reads, works off and collects until nothing is left, one block after the other.
    fn run<'f, N: FnMut() -> Option<LogPart<'f>>>(
        &self,
        feed: &mut Feed<'f, N>,
        collector: &mut Collector<'_, '_, '_>,
    ) {
        let mut tickets = Tickets::default();
        while self.goes_on(collector)
            && let Next::Lane(mut lane) = feed.next()
            && let Some(windows) = tickets.take()
        {
            lane.windows = windows;
            let batch = self.hands.work(&mut lane, self.shared);
            feed.take_back(*lane);
            collector.take(batch);
            tickets.give(collector.windows());
        }
    }

    /// The same with blocks that are worked off side by side, and collected in their order by this thread.
    fn run_beside<'f, N: FnMut() -> Option<LogPart<'f>>>(
        &self,
        pool: &rayon::ThreadPool,
        feed: &mut Feed<'f, N>,
        collector: &mut Collector<'_, '_, '_>,
    ) {
        let (done, finished) = mpsc::channel::<Done>();
        let mut early: BTreeMap<u64, (Lane, Batch)> = BTreeMap::new();
        let mut tickets = Tickets::default();
        let (mut handed_out, mut collected) = (0_u64, 0_u64);
        let mut has_ended = false;
        pool.in_place_scope(|scope| {
            loop {
                while !has_ended && tickets.are_left() {
                    if !self.goes_on(collector) {
                        has_ended = true;
                        break;
                    }
                    let lane = match feed.next() {
                        Next::Lane(lane) => lane,
                        Next::Away => break,
                        Next::End => {
                            has_ended = true;
                            break;
                        }
                    };
                    let (mut lane, number, done) = (*lane, handed_out, done.clone());
                    lane.windows = tickets.take().unwrap_or_default();
                    handed_out += 1;
                    scope.spawn(move |_| {
                        let batch = self.hands.work(&mut lane, self.shared);
                        // Nobody listens any more when the collector gave up.
                        let _ = done.send((number, lane, batch));
                    });
                }
                if collected == handed_out {
                    break;
                }
                let Ok((number, lane, batch)) = finished.recv() else {
                    break;
                };
                early.insert(number, (lane, batch));
                while let Some((lane, batch)) = early.remove(&collected) {
                    feed.take_back(lane);
                    collector.take(batch);
                    tickets.give(collector.windows());
                    collected += 1;
                }
            }
        });
    }

    fn goes_on(&self, collector: &Collector<'_, '_, '_>) -> bool {
        collector.goes_on() && self.budget.check().is_ok()
    }
}

/// One for each block that may be on its way: how long windows were when so many blocks had been collected. What is found
/// depends on it, and it depends on nothing.
struct Tickets(VecDeque<Windows>);

impl Default for Tickets {
    fn default() -> Self {
        const MOST: usize = 16;
        Self(vec![Windows::default(); MOST].into())
    }
}

impl Tickets {
    fn are_left(&self) -> bool {
        !self.0.is_empty()
    }

    fn take(&mut self) -> Option<Windows> {
        self.0.pop_front()
    }

    fn give(&mut self, windows: Windows) {
        self.0.push_back(windows);
    }
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
