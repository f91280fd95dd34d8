//! Cutting a text of any size into blocks.
//!
//! A text is cut by its content alone: at the last line end before a fixed size, so that neither the pieces in which it
//! arrives nor the number of scanners can change what is found. A block carries a little of the text before it, for the
//! words in front of a value, and of the text behind it, for things of several lines.

use crate::block;
use crate::text::{DELIMITER, is};
use std::io;
use std::ops::Range;

/// Text scanned at once.
pub(crate) const CORE: usize = 1 << 18;
/// Text read at once: several blocks, so that little of it is moved to make room.
pub(crate) const READ: usize = 4 * CORE;
/// Text kept from before a block.
const BEHIND: usize = 2304;
/// Text visible behind a block.
const AHEAD: usize = block::MOST;

/// A part of a text, ready to be scanned.
pub(crate) struct Block {
    /// Where its bytes are in the text that was cut.
    visible: Range<usize>,
    /// What of them this block is responsible for; the rest is surroundings.
    pub(crate) core: Range<usize>,
    /// Offset of the core in the whole text.
    pub(crate) offset: u64,
    /// Line of the core's first byte.
    pub(crate) line: u64,
}

impl Block {
    /// The bytes, from the text that was cut.
    pub(crate) fn bytes<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        text.get(self.visible.clone()).unwrap_or(&[])
    }
}

/// Where blocks are cut, and what was counted on the way.
pub(crate) struct Progress {
    pub(crate) offset: u64,
    line: u64,
    pub(crate) cut_lines: u64,
    last_byte: u8,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            offset: 0,
            line: 1,
            cut_lines: 0,
            last_byte: b'\n',
        }
    }

    /// The block of `text` that begins at `start`, and where it ends. All that is known of the text must be in `text`,
    /// or at least a block and what is visible behind it.
    pub(crate) fn block(&mut self, text: &[u8], start: usize, ended: bool) -> (Block, usize) {
        let rest = text.get(start..).unwrap_or(&[]);
        let length = if ended && rest.len() <= CORE {
            rest.len()
        } else {
            self.cut(rest.get(..CORE).unwrap_or(rest))
        };
        let end = start + length;
        let from = start.saturating_sub(BEHIND);
        let block = Block {
            visible: from..(end + AHEAD).min(text.len()),
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

    pub(crate) fn lines(&self) -> u64 {
        self.line - u64::from(self.last_byte == b'\n')
    }
}

/// Cuts a text that arrives in pieces.
pub(crate) struct Cutter {
    /// What no block has needed yet, and what the next one sees behind itself. Written to once at its full length, so
    /// that reading into it never has to clear it.
    pending: Vec<u8>,
    /// How much of `pending` is text.
    filled: usize,
    /// Where the next core begins in `pending`.
    start: usize,
    pub(crate) progress: Progress,
}

impl Cutter {
    pub(crate) fn new() -> Self {
        Self {
            pending: Vec::new(),
            filled: 0,
            start: 0,
            progress: Progress::new(),
        }
    }

    /// Takes in up to `most` bytes, to which `read` fills what it is given; returns how many it took.
    pub(crate) fn take(
        &mut self,
        most: usize,
        mut read: impl FnMut(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let done = self.done();
        if done > 0 {
            self.pending.copy_within(done..self.filled, 0);
            self.drop_done(done);
        }
        self.fit(self.filled + most);
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

    /// The next block of [`Cutter::text`], once enough text is there to know where it ends.
    pub(crate) fn next(&mut self, ended: bool) -> Option<Block> {
        let text = self.pending.get(..self.filled).unwrap_or(&[]);
        let available = text.len() - self.start;
        if available == 0 || (!ended && available < CORE + AHEAD) {
            return None;
        }
        let (block, end) = self.progress.block(text, self.start, ended);
        self.start = end;
        Some(block)
    }

    /// What blocks are cut from.
    pub(crate) fn text(&self) -> &[u8] {
        self.pending.get(..self.filled).unwrap_or(&[])
    }

    /// Gives away what blocks were cut from, for others to scan while this goes on. `bytes` is room to go on with, and
    /// holds the given text then.
    pub(crate) fn give(&mut self, bytes: &mut Vec<u8>) {
        let (done, filled) = (self.done(), self.filled);
        std::mem::swap(&mut self.pending, bytes);
        self.drop_done(done);
        self.fit(self.filled);
        let rest = bytes.get(done..filled).unwrap_or(&[]);
        if let Some(room) = self.pending.get_mut(..rest.len()) {
            room.copy_from_slice(rest);
        }
    }

    /// How much at the beginning no block needs any more.
    fn done(&self) -> usize {
        self.start.saturating_sub(BEHIND)
    }

    fn drop_done(&mut self, done: usize) {
        (self.start, self.filled) = (self.start - done, self.filled - done);
    }

    fn fit(&mut self, length: usize) {
        if self.pending.len() < length {
            self.pending.resize(length, 0);
        }
    }
}
