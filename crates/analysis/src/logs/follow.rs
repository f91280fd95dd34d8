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
use super::sequence::{Hands, LogReading};
use crate::{Analysis, Engine};
use std::io;
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
        let rules = self.log_rules();
        let shared = Shared {
            engine: self,
            rules: &rules,
            reading,
            entries: Entries::wanted(entries.as_deref()),
        };
        let mut followed = Followed {
            hands: Hands::new(&rules, reading, 1),
            shared,
            growing: Vec::new(),
            read: Vec::new(),
        };
        let mut collector = Collector::new(self, &rules, reading, entries);
        collector.follow();
        let mut is_behind = true;
        while collector.goes_on() && budget.check().is_ok() {
            let Some(news) = next() else { break };
            if let Some(batch) = followed.take(news, &mut collector) {
                collector.take(batch);
            }
            if is_behind && followed.has_paused() {
                is_behind = false;
                collector.catch_up();
            }
            collector.tell();
        }
        for number in 0..followed.growing.len() {
            if let Some(batch) = followed.work(number, Vec::new(), Turn::End) {
                collector.take(batch);
            }
        }
        collector.tell();
        let stopped = budget.check().err();
        collector.finish(followed.read, stopped)
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
struct Followed<'f> {
    hands: Hands<'f>,
    shared: Shared<'f>,
    growing: Vec<Growing>,
    read: Vec<FileRead>,
}

impl Followed<'_> {
    /// What comes of one piece of news.
    fn take(&mut self, news: LogNews, collector: &mut Collector<'_, '_>) -> Option<Batch> {
        match news {
            LogNews::Begun(name) => {
                collector.begin(&name);
                self.growing.push(Growing {
                    name: name.clone(),
                    reader: Some(Reader::new(&self.shared.reading.options())),
                    has_paused: false,
                });
                self.read.push(FileRead {
                    name,
                    failed: None,
                    has_ended: false,
                });
                None
            }
            LogNews::Grown(number, block) => self.work(number, vec![block], Turn::More),
            LogNews::Paused(number) => self.work(number, Vec::new(), Turn::Pause),
            LogNews::Restarted(number) => self.work(number, Vec::new(), Turn::Anew),
            LogNews::Ended(number, failed) => {
                if let Some(file) = self.read.get_mut(number) {
                    file.failed = failed;
                    file.has_ended = true;
                }
                self.work(number, Vec::new(), Turn::End)
            }
        }
    }

    /// Reads what came of a log that has not ended.
    fn work(&mut self, number: usize, blocks: Vec<Vec<u8>>, turn: Turn) -> Option<Batch> {
        let file = self.growing.get_mut(number)?;
        let mut lane = Lane {
            file: u32::try_from(number).ok()?,
            name: file.name.clone(),
            reader: file.reader.take()?,
            blocks,
            is_last: matches!(turn, Turn::Anew | Turn::End),
            is_paused: turn == Turn::Pause,
            is_fork: false,
            windows: Windows::default(),
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
    fn has_paused(&self) -> bool {
        self.growing.iter().all(|file| file.has_paused)
    }
}
