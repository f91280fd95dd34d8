//! One thing to read.

use crate::{SourceError, SourceProblem, os};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use watchfire_model::Untrusted;

/// The block in which files are read, in bytes.
pub const BLOCK: usize = 1 << 20;

/// What a person named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file or folder.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// Reads an argument; `-` is standard input.
    pub fn parse(argument: &OsStr) -> Self {
        if argument == "-" {
            Self::Stdin
        } else {
            Self::Path(argument.into())
        }
    }
}

/// Something that can be opened and read from start to end.
#[derive(Clone, Debug)]
pub struct Source {
    name: Untrusted,
    path: Option<PathBuf>,
    size: Option<u64>,
}

impl Source {
    /// Standard input.
    pub fn stdin() -> Self {
        Self {
            name: "stdin".into(),
            path: None,
            size: None,
        }
    }

    pub(crate) fn file(path: PathBuf, size: Option<u64>) -> Self {
        Self {
            name: shown(&path),
            path: Some(path),
            size,
        }
    }

    /// Its name as a person gave it or as the walk built it; `stdin` for standard input.
    pub fn name(&self) -> &Untrusted {
        &self.name
    }

    /// Its path; standard input has none.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Its size in bytes when it was found; pipes have none, and a growing file may have more by now.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Opens it.
    ///
    /// # Errors
    /// What the operating system says, in our words.
    pub fn open(&self) -> Result<Reader, SourceError> {
        let Some(path) = &self.path else {
            return Ok(Reader(Inner::Stdin(io::stdin())));
        };
        let file = File::open(path).map_err(|error| self.failed(&error))?;
        // What was a file when the folder was listed may be a folder or a device by now.
        let metadata = file.metadata().map_err(|error| self.failed(&error))?;
        if metadata.is_dir() {
            return Err(SourceError {
                name: self.name.clone(),
                problem: SourceProblem::Folder,
            });
        }
        match os::special(metadata.file_type()) {
            None | Some(SourceProblem::Fifo) => Ok(Reader(Inner::File(file))),
            Some(problem) => Err(SourceError {
                name: self.name.clone(),
                problem,
            }),
        }
    }

    /// Reads up to `limit` bytes. A source that holds more comes back as its beginning and the reader for the rest.
    ///
    /// # Errors
    /// What the operating system says, in our words.
    pub fn read(&self, limit: usize) -> Result<Content, SourceError> {
        let mut reader = self.open()?;
        let expected = self.size.and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
        let mut bytes = Vec::with_capacity(expected.min(limit).saturating_add(1));
        let wanted = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        (&mut reader)
            .take(wanted)
            .read_to_end(&mut bytes)
            .map_err(|error| self.failed(&error))?;
        Ok(if bytes.len() > limit {
            Content::Larger {
                start: bytes,
                rest: reader,
            }
        } else {
            Content::Whole(bytes)
        })
    }

    /// Says that reading this source failed.
    pub fn failed(&self, error: &io::Error) -> SourceError {
        SourceError::from_io(&self.name, error)
    }
}

/// What [`Source::read`] found.
#[derive(Debug)]
pub enum Content {
    /// Everything.
    Whole(Vec<u8>),
    /// More than the limit.
    Larger {
        /// The first bytes, one more than the limit.
        start: Vec<u8>,
        /// What follows them.
        rest: Reader,
    },
}

/// An open source.
#[derive(Debug)]
pub struct Reader(Inner);

#[derive(Debug)]
enum Inner {
    File(File),
    Stdin(io::Stdin),
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Inner::File(file) => file.read(buffer),
            Inner::Stdin(stdin) => stdin.read(buffer),
        }
    }
}

/// Fails for what can be read only once.
impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.0 {
            Inner::File(file) => file.seek(to),
            Inner::Stdin(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// A path for people. Paths are not UTF-8; what is not becomes U+FFFD.
pub fn shown(path: &Path) -> Untrusted {
    Untrusted::new(path.to_string_lossy().into_owned())
}
