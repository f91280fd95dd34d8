//! What decoders read from, and how they say what is wrong.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;
use watchfire_model::{Halt, Problem};

/// Bytes a decoder took so far, visible to whoever pumps it.
pub(super) type Taken = Rc<Cell<u64>>;

/// The packed side: a slice, or a stream of any length.
pub(super) struct Input<'a> {
    source: Source<'a>,
    taken: Taken,
}

enum Source<'a> {
    Slice(&'a [u8]),
    Stream(BufReader<Box<dyn Read + 'a>>),
}

impl<'a> Input<'a> {
    pub(super) fn slice(bytes: &'a [u8]) -> Self {
        Self::new(Source::Slice(bytes))
    }

    pub(super) fn stream(source: Box<dyn Read + 'a>) -> Self {
        Self::new(Source::Stream(BufReader::with_capacity(64 << 10, source)))
    }

    fn new(source: Source<'a>) -> Self {
        Self {
            source,
            taken: Taken::default(),
        }
    }

    pub(super) fn taken(&self) -> Taken {
        Rc::clone(&self.taken)
    }

    /// The next byte, or `None` at the end.
    pub(super) fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.fill_buf()?.first().copied();
        if byte.is_some() {
            self.consume(1);
        }
        Ok(byte)
    }

    /// Says that the last bytes taken were not part of the stream. They cannot be read again.
    pub(super) fn give_back(&mut self, len: usize) {
        self.taken.set(self.taken.get().saturating_sub(len as u64));
    }

    /// The next `N` bytes; an early end is an error.
    pub(super) fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Input<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = match &mut self.source {
            Source::Slice(rest) => rest.read(into)?,
            Source::Stream(stream) => stream.read(into)?,
        };
        self.taken.set(self.taken.get() + len as u64);
        Ok(len)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match &mut self.source {
            Source::Slice(rest) => Ok(rest),
            Source::Stream(stream) => stream.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match &mut self.source {
            Source::Slice(rest) => rest.consume(amount.min(rest.len())),
            Source::Stream(stream) => stream.consume(amount),
        }
        self.taken.set(self.taken.get() + amount as u64);
    }
}

/// A decoder. Bytes it could decode come out before it reports an error.
pub(super) trait Decode: Read {
    /// What was wrong with a stream that could be read to its end.
    fn flaw(&mut self) -> Option<Flaw> {
        None
    }
}

impl Decode for Input<'_> {}

/// What can be wrong with a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It ends too early.
    Truncated,
    /// It is not what its format allows; the decoder's own words.
    Damaged(String),
    /// It decodes, but a checksum or length in it disagrees.
    Checksum,
}

impl Flaw {
    pub(super) fn from_error(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Damaged(error.to_string()),
        }
    }

    pub(super) fn problem(&self, format: &str) -> Problem {
        match self {
            Self::Truncated => Problem::warning("stream-truncated", format!("the {format} stream ends too early")),
            Self::Damaged(why) => Problem::warning("stream-damaged", format!("the {format} stream is damaged: {why}")),
            Self::Checksum => {
                Problem::warning("stream-checksum", format!("a checksum in the {format} stream is wrong"))
            }
        }
    }
}

/// A limit on its way through an interface that knows only I/O errors.
pub(super) fn halt(halt: Halt) -> io::Error {
    io::Error::other(halt)
}

pub(super) fn halt_in(error: &io::Error) -> Option<Halt> {
    error.get_ref()?.downcast_ref::<Halt>().copied()
}

/// Damage, in words.
pub(super) fn damaged(why: impl fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_string())
}

/// An early end.
pub(super) fn truncated() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
