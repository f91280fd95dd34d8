//! Texts of any size in bounded memory, on any number of threads, always with the same result.
//!
//! A text is cut into blocks by its content alone: at the last line end before a fixed size, so that neither the pieces
//! in which it arrives nor the number of scanners can change what is found. A block carries a little of the text before
//! it, for the words in front of a value, and of the text behind it, for things of several lines.

use crate::found::{Found, Sink};
use crate::memo::{Memo, Recall};
use crate::reader::Reader;
use crate::scan;
use crate::shared::Shared;
use crate::table::{Outcome, Place, Table, Tally};
use crate::text::{DELIMITER, Text, is};
use crate::{Extraction, Extractor, block};
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use watchfire_model::Observed;

/// Text scanned at once.
const CORE: usize = 1 << 18;
/// Text read at once: several blocks, so that little of it is moved to make room.
const READ: usize = 4 * CORE;
/// Text kept from before a block.
const BEHIND: usize = 2304;
/// Text visible behind a block.
const AHEAD: usize = block::MOST;

/// A part of the text, ready to be scanned.
#[derive(Clone)]
struct Block<B> {
    bytes: B,
    /// What this block is responsible for; the rest is surroundings.
    core: std::ops::Range<usize>,
    /// Offset of the core in the text.
    offset: u64,
    /// Line of the core's first byte.
    line: u64,
}

impl<B> Block<B> {
    /// The same block over other bytes.
    fn with<C>(&self, bytes: C) -> Block<C> {
        Block {
            bytes,
            core: self.core.clone(),
            offset: self.offset,
            line: self.line,
        }
    }
}

/// Where blocks are cut, and what was counted on the way.
struct Progress {
    offset: u64,
    line: u64,
    cut_lines: u64,
    last_byte: u8,
}

impl Progress {
    fn new() -> Self {
        Self {
            offset: 0,
            line: 1,
            cut_lines: 0,
            last_byte: b'\n',
        }
    }

    /// The block of `text` that begins at `start`, and where it ends. All that is known of the text must be in `text`,
    /// or at least a block and what is visible behind it.
    fn block<'t>(&mut self, text: &'t [u8], start: usize, ended: bool) -> (Block<&'t [u8]>, usize) {
        let rest = text.get(start..).unwrap_or(&[]);
        let length = if ended && rest.len() <= CORE {
            rest.len()
        } else {
            self.cut(rest.get(..CORE).unwrap_or(rest))
        };
        let end = start + length;
        let from = start.saturating_sub(BEHIND);
        let bytes = text.get(from..(end + AHEAD).min(text.len())).unwrap_or(&[]);
        let block = Block {
            bytes,
            core: start - from..end - from,
            offset: self.offset,
            line: self.line,
        };
        let core = rest.get(..length).unwrap_or(&[]);
        self.offset += length as u64;
        self.line += memchr::memchr_iter(b'\n', core).count() as u64;
        self.last_byte = core.last().copied().unwrap_or(self.last_byte);
        (block, end)
    }

    /// The length of the next block: behind the last line end that fits, else at a space, else all.
    fn cut(&mut self, window: &[u8]) -> usize {
        if let Some(at) = memchr::memrchr(b'\n', window) {
            return at + 1;
        }
        self.cut_lines += 1;
        let tail = window.len().saturating_sub(AHEAD);
        let space = window
            .get(tail..)
            .and_then(|tail| tail.iter().rposition(|byte| is(*byte, DELIMITER)));
        space.map_or(window.len(), |at| tail + at + 1)
    }

    fn lines(&self) -> u64 {
        self.line - u64::from(self.last_byte == b'\n')
    }
}

/// Cuts a text that arrives in pieces.
struct Cutter {
    /// What no block has needed yet, and what the next one sees behind itself. Written to once at its full length, so
    /// that reading into it never has to clear it.
    pending: Vec<u8>,
    /// How much of `pending` is text.
    filled: usize,
    /// Where the next core begins in `pending`.
    start: usize,
    progress: Progress,
}

impl Cutter {
    fn new() -> Self {
        Self {
            pending: Vec::new(),
            filled: 0,
            start: 0,
            progress: Progress::new(),
        }
    }

    /// Takes in up to `most` bytes, to which `read` fills what it is given; returns how many it took. What no block needs
    /// any more goes.
    fn take(&mut self, most: usize, mut read: impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<usize> {
        let done = self.start.saturating_sub(BEHIND);
        if done > 0 {
            self.pending.copy_within(done..self.filled, 0);
            (self.start, self.filled) = (self.start - done, self.filled - done);
        }
        if self.pending.len() < self.filled + most {
            self.pending.resize(self.filled + most, 0);
        }
        let mut taken = 0;
        while taken < most {
            let room = self.pending.get_mut(self.filled..self.filled + most - taken);
            match read(room.unwrap_or_default()) {
                Ok(0) => break,
                Ok(more) => {
                    let more = more.min(most - taken);
                    taken += more;
                    self.filled += more;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }

    /// The next block, once enough text is there to know where it ends.
    fn next(&mut self, ended: bool) -> Option<Block<&[u8]>> {
        let text = self.pending.get(..self.filled).unwrap_or(&[]);
        let available = text.len() - self.start;
        if available == 0 || (!ended && available < CORE + AHEAD) {
            return None;
        }
        let (block, end) = self.progress.block(text, self.start, ended);
        self.start = end;
        Some(block)
    }
}

/// What a scanner keeps from block to block.
pub(crate) struct Scanner<T> {
    table: T,
    memo: Option<Memo>,
    scratch: Vec<u8>,
    /// What the word under the reader held: entry numbers and places.
    noted: Vec<(u32, usize)>,
}

impl<T: Tally> Scanner<T> {
    pub(crate) fn new(table: T, memo: bool) -> Self {
        Self {
            table,
            memo: memo.then(Memo::new),
            scratch: Vec::new(),
            noted: Vec::new(),
        }
    }

    /// What was found, with everything counted.
    pub(crate) fn finish(mut self) -> T {
        if let Some(memo) = &mut self.memo {
            memo.settle(&mut self.table);
        }
        self.table
    }
}

/// Feeds candidates to a table.
struct Counting<'a, 't, T> {
    table: &'a mut T,
    place: Place<'t>,
    noted: &'a mut Vec<(u32, usize)>,
}

impl<T: Tally> Sink for Counting<'_, '_, T> {
    #[inline]
    fn found(&mut self, found: Found<'_>) -> bool {
        let Outcome::Accepted(entry) = self.table.found(&found, &mut self.place) else {
            return false;
        };
        self.noted.push((entry as u32, found.start));
        true
    }
}

/// Collects every occurrence as well.
struct Telling<'a, 't> {
    table: &'a mut Table,
    place: Place<'t>,
    told: Vec<Observed>,
}

impl Sink for Telling<'_, '_> {
    fn found(&mut self, found: Found<'_>) -> bool {
        let Outcome::Accepted(entry) = self.table.found(&found, &mut self.place) else {
            return false;
        };
        self.told.extend(self.table.occurrence(entry, &found, &mut self.place));
        true
    }
}

impl Extractor {
    fn count_block<T: Tally>(&self, block: &Block<&[u8]>, scanner: &mut Scanner<T>) {
        self.count(block.bytes, block.core.clone(), (block.offset, block.line), scanner);
    }

    fn count<T: Tally>(
        &self,
        bytes: &[u8],
        core: std::ops::Range<usize>,
        (offset, line): (u64, u64),
        scanner: &mut Scanner<T>,
    ) {
        let text = Text::new(bytes);
        let Scanner {
            table,
            memo,
            scratch,
            noted,
        } = scanner;
        let place = Place::new(bytes, core.start, offset, line, self.options.context);
        let mut sink = Counting { table, place, noted };
        let mut reader = Reader::new(
            text,
            core.start,
            &mut sink,
            (self.options.types, self.options.policy),
            scratch,
        );
        match memo {
            Some(memo) => read_or_recall(&mut reader, memo, core.clone()),
            None => scan::each(reader.words(core.clone()), |start, end| reader.word(start, end)),
        }
        for pattern in &self.options.patterns {
            let text = bytes.get(core.clone()).unwrap_or(&[]);
            for found in pattern.regex().find_iter(text).filter(|found| !found.is_empty()) {
                sink.table.pattern(
                    pattern.name(),
                    core.start + found.start(),
                    core.start + found.end(),
                    &mut sink.place,
                );
            }
        }
    }

    fn tell_block(&self, block: &Block<&[u8]>, table: &mut Table, tell: &mut dyn FnMut(Observed)) {
        let place = Place::new(
            block.bytes,
            block.core.start,
            block.offset,
            block.line,
            self.options.context,
        );
        let mut sink = Telling {
            table,
            place,
            told: Vec::new(),
        };
        self.scan(block.bytes, block.core.clone(), &mut sink, &mut Vec::new());
        let Telling {
            table,
            mut place,
            mut told,
        } = sink;
        for pattern in &self.options.patterns {
            let text = block.bytes.get(block.core.clone()).unwrap_or(&[]);
            for matched in pattern.regex().find_iter(text).filter(|matched| !matched.is_empty()) {
                let (start, end) = (block.core.start + matched.start(), block.core.start + matched.end());
                let Some(entry) = table.match_of(pattern.name(), start, end, &mut place) else {
                    continue;
                };
                let candidate = Found::new(watchfire_model::ObservableType::Pattern, &[], start, end);
                told.extend(table.occurrence(entry, &candidate, &mut place));
            }
        }
        told.sort_by_key(|observed| (observed.span, observed.observable.kind()));
        told.into_iter().for_each(tell);
    }

    fn scan<S: Sink>(&self, bytes: &[u8], core: std::ops::Range<usize>, sink: &mut S, scratch: &mut Vec<u8>) {
        let text = Text::new(bytes);
        let options = (self.options.types, self.options.policy);
        let mut reader = Reader::new(text, core.start, sink, options, scratch);
        scan::each(reader.words(core), |start, end| reader.word(start, end));
    }

    /// A whole text that is in memory. Returns its lines, and how many of them were cut.
    pub(crate) fn count_whole(&self, text: &[u8], scanner: &mut Scanner<Table>) -> (u64, u64) {
        let mut progress = Progress::new();
        let mut start = 0;
        while start < text.len() {
            let (block, end) = progress.block(text, start, true);
            self.count_block(&block, scanner);
            start = end;
        }
        (progress.lines(), progress.cut_lines)
    }

    /// See [`Extractor::extract_reader`].
    pub(crate) fn count_reader(&self, reader: &mut (dyn Read + Send), threads: usize) -> io::Result<Extraction> {
        let mut cutter = Cutter::new();
        let table = if threads <= 1 {
            let mut scanner = Scanner::new(Table::default(), true);
            cut_all(reader, &mut cutter, |block| self.count_block(&block, &mut scanner))?;
            scanner.finish()
        } else {
            let table = Mutex::new(Table::default());
            self.share(reader, &mut cutter, threads, &table)?;
            table.into_inner().unwrap_or_else(PoisonError::into_inner)
        };
        Ok(table.finish(
            cutter.progress.offset,
            cutter.progress.lines(),
            cutter.progress.cut_lines,
        ))
    }

    /// Reads, cuts, and lets `threads` scanners count into `table`.
    fn share(
        &self,
        reader: &mut (dyn Read + Send),
        cutter: &mut Cutter,
        threads: usize,
        table: &Mutex<Table>,
    ) -> io::Result<()> {
        let (send, receive) = sync_channel::<Block<Vec<u8>>>(threads);
        let receive = Arc::new(Mutex::new(receive));
        // The bytes of blocks that were scanned, to be filled again.
        let (give_back, spare) = channel::<Vec<u8>>();
        std::thread::scope(|scope| {
            let mut workers = Vec::new();
            for _ in 0..threads {
                let (receive, give_back) = (Arc::clone(&receive), give_back.clone());
                workers.push(scope.spawn(move || self.work(&receive, &give_back, table)));
            }
            // Only the workers hold the other end: when the last of them panics, sending fails instead of waiting.
            drop(receive);
            let read = cut_all(reader, cutter, |block| {
                let mut bytes = spare.try_recv().unwrap_or_default();
                bytes.clear();
                bytes.extend_from_slice(block.bytes);
                // A send fails only if every worker is gone, and then joining tells why.
                let _ = send.send(block.with(bytes));
            });
            drop(send);
            for worker in workers {
                if let Err(panic) = worker.join() {
                    std::panic::resume_unwind(panic);
                }
            }
            read
        })
    }

    fn work(&self, blocks: &Mutex<Receiver<Block<Vec<u8>>>>, give_back: &Sender<Vec<u8>>, table: &Mutex<Table>) {
        let mut scanner = Scanner::new(Shared::new(table), true);
        loop {
            let next = blocks.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(block) = next else { break };
            self.count_block(&block.with(block.bytes.as_slice()), &mut scanner);
            // Who reads may have ended.
            let _ = give_back.send(block.bytes);
        }
        scanner.finish().finish();
    }
}

/// Reads the words of a block, or recalls what was in them.
fn read_or_recall<T: Tally>(
    reader: &mut Reader<'_, '_, Counting<'_, '_, T>>,
    memo: &mut Memo,
    core: std::ops::Range<usize>,
) {
    let text = reader.text;
    let mut words = reader.words(core.clone());
    let (mut found, mut batch) = (Vec::new(), Vec::new());
    let mut done = core.start;
    while words.page(&mut found) {
        batch.clear();
        batch.extend(found.drain(..).map(|(start, end)| memo.begin(text, start, end)));
        batch.iter_mut().for_each(|word| memo.approach(word));
        for word in &batch {
            let (start, end) = (word.start, word.end);
            if end <= done {
                continue;
            }
            let recall = if start >= done {
                memo.recall(text, word)
            } else {
                Recall::Read
            };
            if let Recall::Known(record) = recall {
                memo.count(record);
                if reader.sink.table.keeps_places() {
                    let base = reader.sink.place.base + start as u64;
                    for (entry, at) in memo.findings(record) {
                        reader.sink.table.keep_place(entry, base + u64::from(at));
                    }
                }
                reader.floor = end;
                done = end;
                continue;
            }
            reader.sink.noted.clear();
            done = reader.word(start.max(done), end).max(end);
            let kept = matches!(recall, Recall::Keep)
                && done == end
                && !reader.outside
                && reader.sink.noted.iter().all(|(_, at)| *at >= start);
            if kept {
                memo.keep(text, word, reader.sink.noted, reader.keyword, reader.sink.table);
            }
        }
    }
}

/// Reads everything and hands out blocks as soon as they are certain.
fn cut_all(reader: &mut (dyn Read + Send), cutter: &mut Cutter, mut take: impl FnMut(Block<&[u8]>)) -> io::Result<()> {
    loop {
        let ended = cutter.take(READ, |room| reader.read(room))? == 0;
        while let Some(block) = cutter.next(ended) {
            take(block);
        }
        if ended {
            return Ok(());
        }
    }
}

/// See [`Extractor::session`].
pub struct Session<'e> {
    extractor: &'e Extractor,
    cutter: Cutter,
    table: Table,
}

impl<'e> Session<'e> {
    pub(crate) fn new(extractor: &'e Extractor) -> Self {
        Self {
            extractor,
            cutter: Cutter::new(),
            table: Table::default(),
        }
    }

    /// More text. Observables that can no longer change are handed to `found` (each occurrence, count 1).
    pub fn push(&mut self, text: &[u8], found: &mut dyn FnMut(Observed)) {
        for mut piece in text.chunks(CORE) {
            // Reading from a slice cannot fail.
            let _ = self.cutter.take(piece.len(), |room| piece.read(room));
            self.blocks(false, found);
        }
    }

    /// The end of the text.
    pub fn finish(mut self, found: &mut dyn FnMut(Observed)) {
        self.blocks(true, found);
    }

    fn blocks(&mut self, ended: bool, found: &mut dyn FnMut(Observed)) {
        while let Some(block) = self.cutter.next(ended) {
            self.extractor.tell_block(&block, &mut self.table, found);
        }
    }
}
