//! Where the bytes of a set are: in memory, for many questions, or in a file, for a few.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

/// Bytes to look into. Never mapped: a file that shrinks under a mapping kills the process.
#[derive(Debug)]
pub enum Backing {
    /// All of it.
    Memory(Vec<u8>),
    /// Read as needed, a few bytes at a time.
    File(Mutex<File>),
}

impl Backing {
    /// Opens a file to be read as needed: the first answer comes soon.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::File(Mutex::new(File::open(path)?)))
    }

    /// Reads a file whole: every answer comes fast.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn load(path: &Path) -> io::Result<Self> {
        std::fs::read(path).map(Self::Memory)
    }

    pub(crate) fn size(&self) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => Ok(bytes.len() as u64),
            Self::File(file) => {
                let file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                file.metadata().map(|metadata| metadata.len())
            }
        }
    }

    /// `length` bytes from `start`, if there are so many.
    pub(crate) fn get(&self, start: u64, length: usize) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(start).ok()?;
                bytes.get(start..start.checked_add(length)?).map(Cow::Borrowed)
            }
            Self::File(file) => {
                let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let mut bytes = vec![0; length];
                file.seek(SeekFrom::Start(start)).ok()?;
                file.read_exact(&mut bytes).ok()?;
                Some(Cow::Owned(bytes))
            }
        }
    }

    /// At most `length` bytes from `start`: fewer where the set ends.
    pub(super) fn up_to(&self, start: u64, length: usize) -> Option<Cow<'_, [u8]>> {
        let left = self.size().ok()?.checked_sub(start)?;
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(length);
        self.get(start, length)
    }

    pub(crate) fn u64_at(&self, start: u64) -> Option<u64> {
        if let Self::Memory(bytes) = self {
            let start = usize::try_from(start).ok()?;
            return bytes
                .get(start..)?
                .first_chunk()
                .map(|chunk| u64::from_le_bytes(*chunk));
        }
        let bytes = self.get(start, 8)?;
        bytes.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
    }
}
