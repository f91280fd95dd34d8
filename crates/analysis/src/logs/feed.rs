//! Where blocks come from: files, one behind the other, and how each is cut for readers.

use super::activity::Windows;
use super::cut::{self, BLOCK};
use super::lane::Lane;
use super::sequence::LogPart;
use std::io::{self, Read};
use watchfire_formats::log::{HEAD, Options, Reader};
use watchfire_model::Untrusted;

/// A file that was begun.
pub(super) struct FileRead {
    pub(super) name: Untrusted,
    /// Why reading ended early.
    pub(super) failed: Option<io::Error>,
    /// Whether nothing of it is left.
    pub(super) has_ended: bool,
}

/// What is to be worked off next.
pub(super) enum Next {
    /// These blocks.
    Lane(Box<Lane>),
    /// What waits for the reader that is away with other blocks.
    Away,
    /// Nothing is left.
    End,
}

/// Where blocks come from.
pub(super) struct Feed<'p, N> {
    next: N,
    options: Options,
    open: Option<Open<'p>>,
    pub(super) files: Vec<FileRead>,
}

/// The file that is being read.
struct Open<'p> {
    source: Box<dyn Read + 'p>,
    /// Bytes and lines before what is carried.
    at: u64,
    lines: u64,
    /// What was read and is in no block yet.
    carry: Vec<u8>,
    /// Whether there is nothing more to read.
    has_ended: bool,
    way: Way,
}

/// How the blocks of a file are read.
enum Way {
    /// Side by side, each by a copy of this reader.
    Apart(Box<Reader>),
    /// One behind the other, by one reader. It is away while blocks are worked off.
    Together(Option<Box<Reader>>),
}

impl<'p, N: FnMut() -> Option<LogPart<'p>>> Feed<'p, N> {
    pub(super) fn new(next: N, options: Options) -> Self {
        Self {
            next,
            options,
            open: None,
            files: Vec::new(),
        }
    }

    /// What is to be worked off next.
    pub(super) fn next(&mut self) -> Next {
        loop {
            let Some(mut open) = self.open.take().or_else(|| self.begin()) else {
                return Next::End;
            };
            if matches!(open.way, Way::Together(None)) {
                self.open = Some(open);
                return Next::Away;
            }
            let lane = match &mut open.way {
                Way::Apart(_) => self.apart(&mut open),
                Way::Together(_) => self.together(&mut open),
            };
            let is_whole = open.has_ended && open.carry.is_empty();
            match self.files.last_mut().filter(|_| is_whole) {
                Some(file) => file.has_ended = true,
                None => self.open = Some(open),
            }
            if let Some(lane) = lane {
                return Next::Lane(Box::new(lane));
            }
        }
    }

    /// The next block, for a reader of its own; nothing, where a record is longer than what was read.
    fn apart(&mut self, open: &mut Open<'p>) -> Option<Lane> {
        self.fill(open);
        let Way::Apart(prototype) = &mut open.way else {
            return None;
        };
        let end = cut::end(&open.carry, open.at, prototype.has_lines());
        let len = match end {
            Some(len) if !open.has_ended => len,
            // The next block is read with it.
            None if !open.has_ended && open.carry.len() < LONGEST => return None,
            _ => open.carry.len(),
        };
        let rest = open.carry.split_off(len);
        let block = std::mem::replace(&mut open.carry, rest);
        let reader = prototype.fork(&self.options, open.at, open.lines)?;
        open.at = open.at.saturating_add(block.len() as u64);
        if reader.has_lines() {
            let lines = memchr::memchr_iter(b'\n', &block).count() as u64;
            open.lines = open.lines.saturating_add(lines);
            learn(prototype, &block);
        }
        Some(self.lane(reader, vec![block], open.has_ended, true))
    }

    /// The next blocks, for the one reader of the file.
    fn together(&mut self, open: &mut Open<'p>) -> Option<Lane> {
        let mut blocks = Vec::new();
        while blocks.len() < TOGETHER && (blocks.is_empty() || !open.has_ended) {
            self.fill(open);
            blocks.push(std::mem::take(&mut open.carry));
        }
        let Way::Together(reader) = &mut open.way else {
            return None;
        };
        let reader = *reader.take()?;
        Some(self.lane(reader, blocks, open.has_ended, false))
    }

    fn lane(&self, reader: Reader, blocks: Vec<Vec<u8>>, is_last: bool, is_fork: bool) -> Lane {
        let name = self.files.last().map(|file| file.name.clone()).unwrap_or_default();
        Lane {
            file: self.current(),
            name,
            reader,
            blocks,
            is_last,
            is_paused: false,
            is_fork,
            windows: Windows::default(),
        }
    }

    /// Gives the reader of the open file back.
    pub(super) fn take_back(&mut self, lane: Lane) {
        let file = self.current();
        if let Some(Open {
            way: Way::Together(place @ None),
            ..
        }) = &mut self.open
            && lane.file == file
        {
            *place = Some(Box::new(lane.reader));
        }
    }

    fn current(&self) -> u32 {
        u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Reads until a block is full.
    fn fill(&mut self, open: &mut Open<'_>) {
        if open.has_ended {
            return;
        }
        if let Err(error) = fill(open)
            && let Some(file) = self.files.last_mut()
        {
            file.failed = Some(error);
        }
    }

    /// Begins the next file.
    fn begin(&mut self) -> Option<Open<'p>> {
        let (name, source) = (self.next)()?;
        self.files.push(FileRead {
            name,
            failed: None,
            has_ended: false,
        });
        let mut open = Open {
            source,
            at: 0,
            lines: 0,
            carry: Vec::new(),
            has_ended: false,
            way: Way::Together(None),
        };
        self.fill(&mut open);
        let mut prototype = Reader::new(&self.options);
        let head = open.carry.get(..HEAD).unwrap_or(&open.carry);
        if head.len() == HEAD {
            prototype.push(head, &mut |_| ());
        }
        open.way = match prototype.fork(&self.options, 0, 0) {
            Some(_) => {
                if prototype.has_lines() {
                    // What is learnt later stands at the beginning of a line.
                    prototype.finish(&mut |_| ());
                }
                if open.carry.starts_with(MARK) {
                    open.carry.drain(..MARK.len());
                    open.at = MARK.len() as u64;
                }
                Way::Apart(Box::new(prototype))
            }
            None => Way::Together(Some(Box::new(Reader::new(&self.options)))),
        };
        Some(open)
    }
}

/// The mark of UTF-8 that some programs put in front of a file.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Blocks that the one reader of a file takes at once.
const TOGETHER: usize = 8;

/// A record is not waited for beyond so many bytes.
const LONGEST: usize = 8 * BLOCK;

/// Reads until a block is full.
///
/// # Errors
/// Why the file ended early.
fn fill(open: &mut Open<'_>) -> io::Result<()> {
    let wanted = (open.carry.len() / BLOCK + 1) * BLOCK;
    let mut filled = open.carry.len();
    open.carry.resize(wanted, 0);
    let mut end = Ok(());
    while let Some(room) = open.carry.get_mut(filled..).filter(|room| !room.is_empty()) {
        match open.source.read(room) {
            Ok(0) => {
                open.has_ended = true;
                break;
            }
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                open.has_ended = true;
                end = Err(error);
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
