//! A file that somebody else still writes.
//!
//! Polled, not watched: notification systems differ between platforms, miss network shares, and save nothing at the
//! pace at which a person reads.

use crate::{Reader, Source, SourceError, os};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};

/// What a poll found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grown {
    /// So many new bytes are in the buffer.
    Data(usize),
    /// Nothing new; ask again later.
    Idle,
    /// The file begins anew: offsets and lines start from zero.
    Restarted(Restart),
    /// There will never be more: standard input was closed.
    Ended,
}

/// Why a followed file begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// It became shorter than what was read.
    Truncated,
    /// Another file has its name now.
    Rotated,
}

/// A source that is read as it grows.
#[derive(Debug)]
pub struct Follow {
    source: Source,
    state: State,
}

#[derive(Debug)]
enum State {
    File { file: File, read: u64 },
    Stream(Reader),
}

impl Follow {
    /// Starts at the beginning of `source`.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(source: Source) -> Result<Self, SourceError> {
        let state = match (source.path(), source.size()) {
            (Some(path), Some(_)) => State::File {
                file: File::open(path).map_err(|error| source.failed(&error))?,
                read: 0,
            },
            // Standard input and pipes have no size and end by themselves.
            _ => State::Stream(source.open()?),
        };
        Ok(Self { source, state })
    }

    /// What is followed.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Reads what is new into `buffer`, without waiting for more.
    ///
    /// # Errors
    /// When the system refuses to read.
    pub fn poll(&mut self, buffer: &mut [u8]) -> Result<Grown, SourceError> {
        self.try_poll(buffer).map_err(|error| self.source.failed(&error))
    }

    fn try_poll(&mut self, buffer: &mut [u8]) -> io::Result<Grown> {
        let (file, read) = match &mut self.state {
            State::Stream(reader) => {
                return reader
                    .read(buffer)
                    .map(|count| if count == 0 { Grown::Ended } else { Grown::Data(count) });
            }
            State::File { file, read } => (file, read),
        };
        let count = file.read(buffer)?;
        if count > 0 {
            *read += count as u64;
            return Ok(Grown::Data(count));
        }
        let Some(path) = self.source.path() else {
            return Ok(Grown::Ended);
        };
        let now = match fs::metadata(path) {
            Ok(now) => now,
            // Between the two steps of a rotation the name is free.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Grown::Idle),
            Err(error) => return Err(error),
        };
        if os::identity(path, &now) != os::identity(path, &file.metadata()?) {
            (*file, *read) = (File::open(path)?, 0);
            return Ok(Grown::Restarted(Restart::Rotated));
        }
        if now.len() < *read {
            *read = file.seek(SeekFrom::Start(0))?;
            return Ok(Grown::Restarted(Restart::Truncated));
        }
        Ok(Grown::Idle)
    }
}
