//! An entry as a stream: unpacked as it is read, so that it need not be in memory whole.

use super::entry::Entry;
use super::{Zip, codec_of, other_checksum};
use crate::capped::{CappedReader, reader};
use std::io::{self, Read};
use watchfire_model::{Budget, Halt, Problem};

/// What an entry holds, as it is read. It never fails: what was wrong is told at its end.
#[derive(Debug)]
pub struct Content<'a> {
    inner: CappedReader<'a>,
    checksum: crc32fast::Hasher,
    expected: Option<u32>,
}

impl<'a> Zip<'a> {
    /// What an entry holds, as a stream.
    ///
    /// # Errors
    /// Why it cannot be read: it is encrypted, damaged, or packed by a method that is not known.
    pub fn content(&self, entry: &Entry, budget: &'a Budget) -> Result<Content<'a>, Problem> {
        if let Some(problem) = entry.unreadable() {
            return Err(problem);
        }
        if entry.is_encrypted() {
            return Err(Problem::warning("archive-encrypted", "it is encrypted"));
        }
        let data = self.bytes.get(entry.data..entry.region.end).unwrap_or_default();
        let (codec, skip) = codec_of(entry, data)?;
        Ok(Content {
            inner: reader(codec, Box::new(data.get(skip..).unwrap_or_default()), budget),
            checksum: crc32fast::Hasher::new(),
            expected: entry.checksum(),
        })
    }
}

impl Content<'_> {
    /// The limit that ended reading.
    pub fn halted(&self) -> Option<Halt> {
        self.inner.halted()
    }

    /// What is wrong with what was read, once it is at its end.
    pub fn problem(&self) -> Option<Problem> {
        if let Some(halt) = self.inner.halted() {
            return Some(Problem::warning(
                "archive-limit",
                format!("unpacked in part, since {halt}"),
            ));
        }
        let is_other = |expected: &u32| *expected != self.checksum.clone().finalize();
        self.inner.problem().cloned().or_else(|| {
            let stated = self.expected.filter(is_other);
            stated.map(|_| other_checksum())
        })
    }
}

impl Read for Content<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.checksum.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}
