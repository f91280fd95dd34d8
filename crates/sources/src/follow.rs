//! A file that somebody else still writes.
//!
//! Polled, not watched: notification systems differ between platforms, miss network shares, and save nothing at the
//! pace at which a person reads.

use crate::{Reader, Source, SourceError, os};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

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

/// How many polls without anything new the old file of a rotation has: whoever writes it opens the new one a while after
/// it was made, and until then writes into the old one.
const PATIENCE: u32 = 10;

/// A source that is read as it grows.
#[derive(Debug)]
pub struct Follow {
    source: Source,
    state: State,
}

#[derive(Debug)]
enum State {
    File(Growing),
    Stream(Reader),
}

#[derive(Debug)]
struct Growing {
    file: File,
    read: u64,
    next: Option<Next>,
}

/// The file that has the name now.
#[derive(Debug)]
struct Next {
    file: File,
    patience: u32,
}

impl Follow {
    /// Starts at the beginning of `source`.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(source: Source) -> Result<Self, SourceError> {
        let state = match (source.path(), source.size()) {
            (Some(path), Some(_)) => State::File(Growing {
                file: File::open(path).map_err(|error| source.failed(&error))?,
                read: 0,
                next: None,
            }),
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
        match (&mut self.state, self.source.path()) {
            (State::Stream(reader), _) => {
                let count = reader.read(buffer)?;
                Ok(if count == 0 { Grown::Ended } else { Grown::Data(count) })
            }
            (State::File(growing), Some(path)) => growing.poll(path, buffer),
            (State::File(_), None) => Ok(Grown::Ended),
        }
    }
}

impl Growing {
    fn poll(&mut self, path: &Path, buffer: &mut [u8]) -> io::Result<Grown> {
        let count = self.file.read(buffer)?;
        if count > 0 {
            self.read += count as u64;
            return Ok(Grown::Data(count));
        }
        let now = match fs::metadata(path) {
            Ok(now) => now,
            // Between the two steps of a rotation the name is free.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self.wait()),
            Err(error) => return Err(error),
        };
        let newest = self.next.as_ref().map_or(&self.file, |next| &next.file);
        if os::identity(path, &now) != os::identity(path, &newest.metadata()?) {
            let opened = match File::open(path) {
                Ok(opened) => opened,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self.wait()),
                Err(error) => return Err(error),
            };
            let next = self.next.replace(Next {
                file: opened,
                patience: PATIENCE,
            });
            // Rotated again while the old file was waited for: what came between is not to be lost.
            return Ok(next.map_or(Grown::Idle, |between| self.turn_to(between.file)));
        }
        if self.next.is_some() {
            return Ok(self.wait());
        }
        if now.len() < self.read {
            self.read = self.file.seek(SeekFrom::Start(0))?;
            return Ok(Grown::Restarted(Restart::Truncated));
        }
        Ok(Grown::Idle)
    }

    /// Nothing new in the old file of a rotation, if there is one.
    fn wait(&mut self) -> Grown {
        let Some(next) = &mut self.next else {
            return Grown::Idle;
        };
        if next.patience > 1 {
            next.patience -= 1;
            return Grown::Idle;
        }
        match self.next.take() {
            Some(next) => self.turn_to(next.file),
            None => Grown::Idle,
        }
    }

    fn turn_to(&mut self, file: File) -> Grown {
        (self.file, self.read) = (file, 0);
        Grown::Restarted(Restart::Rotated)
    }
}
