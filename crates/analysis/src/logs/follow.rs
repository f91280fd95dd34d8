//! Logs that grow: what comes is read as it comes, and what can be said is said at once.
//!
//! Each file has a reader of its own. A block ends where nothing more is there for now, so nobody waits for a block to be
//! full. Until every file that was there at the beginning has been read as far as it goes, correlations wait for earlier
//! matches; from then on what comes first counts first, since nobody knows what else is to come.

use super::activity::Windows;
use super::batch::Batch;
use super::collect::Collector;
use super::feed::FileRead;
use super::lane::{Entries, Lane, Shared};
use super::rules::LogRules;
use super::sequence::{Hands, LogReading};
use crate::{Analysis, Engine};
use std::io;
use std::sync::Arc;
use watchfire_formats::log::Reader;
use watchfire_model::log::EntrySink;
use watchfire_model::{Budget, Untrusted};

/// What became of a log that grows.
#[derive(Debug)]
pub enum LogNews {
    /// One more is there; it has the next number from 0.
    Begun(Untrusted),
    /// It grew by this much.
    Grown(usize, Vec<u8>),
    /// Nothing more of it is there for now.
    Paused(usize),
    /// It begins anew, with what comes next.
    Restarted(usize),
    /// Nothing more of it will come, and why, where that is not its end.
    Ended(usize, Option<io::Error>),
    /// From now on these rules are asked. Correlations begin anew.
    Rules(Arc<LogRules>),
}

/// A log that grows.
struct Growing {
    name: Untrusted,
    /// Nothing, once it has ended.
    reader: Option<Reader>,
    /// It was read as far as it went, at least once.
    has_paused: bool,
}

impl Engine {
    /// Reads logs as they grow, until `next` has nothing more to tell. What would be a finding goes to `entries` as an alert as
    /// soon as it is known; the analysis is about all that was read.
    pub fn follow_logs(
        &self,
        mut next: impl FnMut() -> Option<LogNews>,
        reading: &LogReading,
        entries: Option<&mut dyn EntrySink>,
        budget: &Budget,
    ) -> Analysis {
        let (mut rules, none) = (self.log_rules(), LogRules::none());
        let wanted = Entries::wanted(entries.as_deref());
        let mut collector = Collector::new(self, &none, reading, entries);
        collector.follow();
        let mut files = Files::default();
        loop {
            let shared = Shared {
                engine: self,
                rules: &rules,
                reading,
                entries: wanted,
            };
            let ruled = collector.under(&rules);
            let (ruled, new) = Followed::new(shared, &mut files).run(ruled, &mut next, budget);
            let Some(new) = new else {
                return ruled.finish(files.read, budget.check().err());
            };
            collector = ruled.under(&none);
            rules = new;
        }
    }
}

/// What becomes of a reader behind a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    More,
    Pause,
    Anew,
    End,
}

/// All logs that are followed.
struct Files {
    growing: Vec<Growing>,
    read: Vec<FileRead>,
    /// Not all that was there at the beginning was read.
    are_behind: bool,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            growing: Vec::new(),
            read: Vec::new(),
            are_behind: true,
        }
    }
}

/// The same, as long as the rules stay what they are.
struct Followed<'f, 'r> {
    hands: Hands<'r>,
    shared: Shared<'r>,
    files: &'f mut Files,
}

impl<'r> Followed<'_, 'r> {
    fn new<'f>(shared: Shared<'r>, files: &'f mut Files) -> Followed<'f, 'r> {
        Followed {
            hands: Hands::new(shared.rules, shared.reading, 1),
            shared,
            files,
        }
    }

    /// Reads until there is nothing more to read, or until the rules become others: those.
    fn run<'e, 'w>(
        mut self,
        mut collector: Collector<'e, 'r, 'w>,
        next: &mut impl FnMut() -> Option<LogNews>,
        budget: &Budget,
    ) -> (Collector<'e, 'r, 'w>, Option<Arc<LogRules>>) {
        if !self.files.are_behind {
            collector.catch_up();
        }
        while collector.goes_on() && budget.check().is_ok() {
            let Some(news) = next() else { break };
            if let LogNews::Rules(rules) = news {
                return (collector, Some(rules));
            }
            if let Some(batch) = self.take(news, &mut collector) {
                collector.take(batch);
            }
            if self.files.are_behind && self.have_paused() {
                self.files.are_behind = false;
                collector.catch_up();
            }
            collector.tell();
        }
        for number in 0..self.files.growing.len() {
            if let Some(batch) = self.work(number, Vec::new(), Turn::End) {
                collector.take(batch);
            }
        }
        collector.tell();
        (collector, None)
    }

    /// What comes of one piece of news.
    fn take(&mut self, news: LogNews, collector: &mut Collector<'_, '_, '_>) -> Option<Batch> {
        match news {
            LogNews::Begun(name) => {
                collector.begin(&name);
                self.files.growing.push(Growing {
                    name: name.clone(),
                    reader: Some(Reader::new(&self.shared.reading.options())),
                    has_paused: false,
                });
                self.files.read.push(FileRead {
                    name,
                    failed: None,
                    has_ended: false,
                });
                None
            }
            // Whoever reads hears of them.
            LogNews::Rules(_) => None,
            LogNews::Grown(number, block) => self.work(number, vec![block], Turn::More),
            LogNews::Paused(number) => self.work(number, Vec::new(), Turn::Pause),
            LogNews::Restarted(number) => self.work(number, Vec::new(), Turn::Anew),
            LogNews::Ended(number, failed) => {
                if let Some(file) = self.files.read.get_mut(number) {
                    file.failed = failed;
                    file.has_ended = true;
                }
                self.work(number, Vec::new(), Turn::End)
            }
        }
    }

    /// Reads what came of a log that has not ended.
    fn work(&mut self, number: usize, blocks: Vec<Vec<u8>>, turn: Turn) -> Option<Batch> {
        let file = self.files.growing.get_mut(number)?;
        let mut lane = Lane {
            file: u32::try_from(number).ok()?,
            name: file.name.clone(),
            reader: file.reader.take()?,
            blocks,
            is_last: matches!(turn, Turn::Anew | Turn::End),
            is_paused: turn == Turn::Pause,
            is_fork: false,
            windows: Windows::short(),
        };
        let batch = self.hands.work(&mut lane, self.shared);
        file.has_paused |= turn != Turn::More;
        file.reader = match turn {
            Turn::More | Turn::Pause => Some(lane.reader),
            Turn::Anew => Some(Reader::new(&self.shared.reading.options())),
            Turn::End => None,
        };
        Some(batch)
    }

    /// Whether every log was read as far as it went, at least once.
    fn have_paused(&self) -> bool {
        self.files.growing.iter().all(|file| file.has_paused)
    }
}
