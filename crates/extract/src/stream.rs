//! Texts of any size in bounded memory, on any number of threads, always with the same result.

use crate::cut::{Block, CORE, Cutter, Progress, READ};
use crate::found::{Found, Sink};
use crate::memo::{Memo, Recall, Seen};
use crate::options;
use crate::reader::Reader;
use crate::scan;
use crate::table::{Outcome, Place, Table, Tally};
use crate::text::Text;
use crate::{Extraction, Extractor, crew};
use std::io::{self, Read};
use std::ops::Range;
use watchfire_model::Observed;

/// What a scanner keeps from block to block.
pub(crate) struct Scanner<T> {
    pub(crate) table: T,
    pub(crate) memo: Option<Memo>,
    scratch: Vec<u8>,
    /// What the word under the reader held: entry numbers and places.
    noted: Vec<(u32, usize)>,
}

impl<T: Tally> Scanner<T> {
    /// Counts into `table`, with a memory of words if there is one.
    pub(crate) fn new(table: T, memo: Option<Memo>) -> Self {
        Self {
            table,
            memo,
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
    /// Counts a block of `text`.
    pub(crate) fn count_block<T: Tally>(&self, block: &Block, text: &[u8], scanner: &mut Scanner<T>) {
        let (bytes, core) = (block.bytes(text), block.core.clone());
        let text = Text::new(bytes);
        let Scanner {
            table,
            memo,
            scratch,
            noted,
        } = scanner;
        let place = Place::new(bytes, core.start, block.offset, block.line, self.options.surroundings());
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
        let text = bytes.get(core.clone()).unwrap_or(&[]);
        options::matches(&self.options.patterns, text, &mut |name, found| {
            let (start, end) = (core.start + found.start, core.start + found.end);
            sink.table.pattern(name, start, end, &mut sink.place);
        });
    }

    fn tell_block(&self, block: &Block, text: &[u8], table: &mut Table, tell: &mut dyn FnMut(Observed)) {
        let bytes = block.bytes(text);
        let place = Place::new(
            bytes,
            block.core.start,
            block.offset,
            block.line,
            self.options.surroundings(),
        );
        let mut sink = Telling {
            table,
            place,
            told: Vec::new(),
        };
        self.scan(bytes, block.core.clone(), &mut sink, &mut Vec::new());
        let Telling {
            table,
            mut place,
            mut told,
        } = sink;
        let text = bytes.get(block.core.clone()).unwrap_or(&[]);
        options::matches(&self.options.patterns, text, &mut |name, matched| {
            let (start, end) = (block.core.start + matched.start, block.core.start + matched.end);
            if let Some(entry) = table.match_of(name, start, end, &mut place) {
                let candidate = Found::new(watchfire_model::ObservableType::Pattern, &[], start, end);
                told.extend(table.occurrence(entry, &candidate, &mut place));
            }
        });
        told.sort_by_key(|observed| (observed.span, observed.observable.kind()));
        told.into_iter().for_each(tell);
    }

    fn scan<S: Sink>(&self, bytes: &[u8], core: Range<usize>, sink: &mut S, scratch: &mut Vec<u8>) {
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
            self.count_block(&block, text, scanner);
            start = end;
        }
        (progress.lines(), progress.cut_lines)
    }

    /// See [`Extractor::extract_reader`].
    pub(crate) fn count_reader(&self, reader: &mut (dyn Read + Send), threads: usize) -> io::Result<Extraction> {
        let mut cutter = Cutter::new();
        let table = if threads <= 1 {
            let mut scanner = Scanner::new(Table::default(), Some(Memo::new(Seen::default())));
            loop {
                let ended = cutter.take(READ, |room| reader.read(room))? == 0;
                while let Some(block) = cutter.next(ended) {
                    self.count_block(&block, cutter.text(), &mut scanner);
                }
                if ended {
                    break;
                }
            }
            scanner.finish()
        } else {
            crew::count(self, reader, &mut cutter, threads)?
        };
        Ok(table.finish(
            cutter.progress.offset,
            cutter.progress.lines(),
            cutter.progress.cut_lines,
        ))
    }
}

/// Reads the words of a block, or recalls what was in them.
fn read_or_recall<T: Tally>(reader: &mut Reader<'_, '_, Counting<'_, '_, T>>, memo: &mut Memo, core: Range<usize>) {
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
            self.extractor
                .tell_block(&block, self.cutter.text(), &mut self.table, found);
        }
    }
}
