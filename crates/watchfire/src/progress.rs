//! What a long job tells while it runs. Never part of a result.

use std::io::{self, Read, Seek, SeekFrom};
use watchfire_sources::{Skipped, SourceError};

/// Hears how far a job is. Called from several threads.
pub trait Progress: Sync {
    /// All inputs are known: so many bytes are to be read. Pipes count as nothing.
    fn total(&self, bytes: u64) {
        let _ = bytes;
    }

    /// So many more bytes were read.
    fn advance(&self, bytes: u64) {
        let _ = bytes;
    }

    /// Whether it pays to count the files of a search beside it, so that its end can be foretold.
    fn wants_count(&self) -> bool {
        false
    }

    /// So many files are to be searched, as far as they were counted.
    fn counted(&self, files: u64) {
        let _ = files;
    }

    /// So many more files were searched.
    fn searched(&self, files: u64) {
        let _ = files;
    }

    /// An input could not be read. The rest of the batch goes on.
    fn failed(&self, error: &SourceError) {
        let _ = error;
    }

    /// Something was left out on purpose.
    fn skipped(&self, skipped: &Skipped) {
        let _ = skipped;
    }

    /// A part of an input could not be read.
    fn lost(&self, text: &str) {
        let _ = text;
    }

    /// Something worth knowing that is no part of the result.
    fn note(&self, text: &str) {
        let _ = text;
    }
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {}

/// Tells how much is read.
pub(crate) struct Counted<'p, R> {
    pub(crate) inner: R,
    pub(crate) progress: &'p dyn Progress,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.advance(count as u64);
        Ok(count)
    }
}

impl<R: Seek> Seek for Counted<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
