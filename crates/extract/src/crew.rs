//! Several scanners of one text, which take parts of it by turns.
//!
//! A scanner reads its next part itself, behind a lock that orders the parts. Before it does so it learns which words the
//! others have come to know; since those stood in parts that were taken earlier, their first occurrence has been told to
//! the common table, and what a scanner recalls is never earlier than what the table knows.

use crate::cut::{Block, Cutter, READ};
use crate::memo::{Memo, Seen};
use crate::shared::Shared;
use crate::stream::Scanner;
use crate::table::Table;
use crate::{Extractor, memo, shared};
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts all that `reader` yields with `threads` scanners.
pub(crate) fn count(
    extractor: &Extractor,
    reader: &mut (dyn Read + Send),
    cutter: &mut Cutter,
    threads: usize,
) -> io::Result<Table> {
    let table = Mutex::new(Table::default());
    let source = Mutex::new(Source {
        reader,
        cutter,
        ended: false,
        failed: None,
    });
    let exchange = Exchange {
        seen: Seen::default(),
        inboxes: (0..threads).map(|_| Mutex::default()).collect(),
    };
    std::thread::scope(|scope| {
        let crew: Vec<_> = (0..threads)
            .map(|number| {
                let scanner = Scanner::new(Shared::new(&table), Some(Memo::new(exchange.seen.clone())));
                let (source, exchange) = (&source, &exchange);
                scope.spawn(move || work(extractor, source, exchange, number, scanner))
            })
            .collect();
        for scanner in crew {
            if let Err(panic) = scanner.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let source = source.into_inner().unwrap_or_else(PoisonError::into_inner);
    match source.failed {
        Some(error) => Err(error),
        None => Ok(table.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn work(
    extractor: &Extractor,
    source: &Mutex<Source<'_>>,
    exchange: &Exchange,
    number: usize,
    mut scanner: Scanner<Shared<'_>>,
) {
    let mut part = Part::default();
    while locked(source).next(&mut part) {
        for block in &part.blocks {
            extractor.count_block(block, &part.bytes, &mut scanner);
        }
        exchange.swap(number, &mut scanner);
    }
    scanner.finish().finish();
}

/// Some blocks, and the bytes that they were cut from.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    blocks: Vec<Block>,
}

/// The text, as far as no scanner has taken it.
struct Source<'s> {
    reader: &'s mut (dyn Read + Send),
    cutter: &'s mut Cutter,
    ended: bool,
    failed: Option<io::Error>,
}

impl Source<'_> {
    /// Puts the next part in the place of one that was scanned; false at the end.
    fn next(&mut self, part: &mut Part) -> bool {
        part.blocks.clear();
        while part.blocks.is_empty() && !self.ended {
            match self.cutter.take(READ, |room| self.reader.read(room)) {
                Ok(taken) => self.ended = taken == 0,
                Err(error) => {
                    (self.ended, self.failed) = (true, Some(error));
                    return false;
                }
            }
            while let Some(block) = self.cutter.next(self.ended) {
                part.blocks.push(block);
            }
        }
        self.cutter.give(&mut part.bytes);
        !part.blocks.is_empty()
    }
}

/// Where scanners tell one another what they have met and which words they know.
struct Exchange {
    seen: Seen,
    /// For each scanner, what the others have told it since it looked.
    inboxes: Vec<Mutex<Vec<Arc<News>>>>,
}

struct News {
    met: Option<shared::News>,
    words: Option<memo::News>,
}

impl Exchange {
    /// Tells the others what scanner `number` has learnt, and lets it learn from them.
    fn swap(&self, number: usize, scanner: &mut Scanner<Shared<'_>>) {
        let news = News {
            met: scanner.table.news(),
            words: scanner.memo.as_mut().and_then(Memo::news),
        };
        if news.met.is_some() || news.words.is_some() {
            let news = Arc::new(news);
            let others = self.inboxes.iter().enumerate().filter(|(other, _)| *other != number);
            others.for_each(|(_, inbox)| locked(inbox).push(Arc::clone(&news)));
        }
        let Some(inbox) = self.inboxes.get(number) else { return };
        let told = std::mem::take(&mut *locked(inbox));
        for news in told {
            if let Some(met) = &news.met {
                scanner.table.learn(met);
            }
            if let (Some(memo), Some(words)) = (&mut scanner.memo, &news.words) {
                memo.learn(words);
            }
        }
    }
}

fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    /// What a text ends with.
    struct End<F>(F);

    impl<F: FnMut() -> io::Result<usize>> Read for End<F> {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            (self.0)()
        }
    }

    const LINES: usize = 1 << 17;

    fn count_to(end: impl FnMut() -> io::Result<usize> + Send) -> io::Result<Table> {
        let text = b"203.0.113.7 evil.example 198.51.100.9\n".repeat(LINES);
        let mut reader = text.as_slice().chain(End(end));
        let extractor = Extractor::new(Options::default());
        count(&extractor, &mut reader, &mut Cutter::new(), 3)
    }

    #[test]
    fn each_scanner_counts_its_part() {
        let found = count_to(|| Ok(0)).unwrap().finish(0, 0, 0);
        assert!(
            found.observed.iter().all(|seen| seen.count == LINES as u64),
            "{found:?}"
        );
        assert_eq!(found.observed.len(), 3);
    }

    #[test]
    fn a_text_that_cannot_be_read_to_its_end_is_an_error() {
        let error = count_to(|| Err(io::Error::other("gone"))).err().unwrap();
        assert_eq!(error.to_string(), "gone");
    }
}
