//! Folders by what Rust's library offers everywhere.

use super::{Attributes, Kind, Status};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Nothing is kept between listings.
#[derive(Default)]
pub(super) struct Buffer;

/// Names that are handed over together.
#[derive(Default)]
pub(super) struct Names(Vec<OsString>);

impl Names {
    const BATCH: usize = 500;

    pub(super) fn push(&mut self, name: &OsStr) {
        self.0.push(name.to_owned());
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= Self::BATCH
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &OsStr> {
        self.0.iter().map(OsString::as_os_str)
    }
}

/// A folder, by its path.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn open(path: &Path, follow: bool) -> io::Result<Self> {
        let metadata = if follow {
            fs::metadata(path)
        } else {
            fs::symlink_metadata(path)
        }?;
        if !metadata.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        }
        Ok(Self(path.to_owned()))
    }

    pub(super) fn around(path: &Path) -> io::Result<Self> {
        Ok(Self(path.to_owned()))
    }

    /// A number for the path with every link resolved, as there is no number for the folder itself.
    pub(super) fn identity(&self) -> io::Result<(u64, u64)> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.0.canonicalize()?.hash(&mut hasher);
        Ok((0, hasher.finish()))
    }

    pub(super) fn list(&self, _buffer: &mut Buffer, mut each: impl FnMut(&OsStr, Kind)) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let kind = entry.file_type().map_or(Kind::File, |kind| {
                if kind.is_symlink() {
                    Kind::Link
                } else if kind.is_dir() {
                    Kind::Folder
                } else if kind.is_file() {
                    Kind::File
                } else {
                    Kind::Special
                }
            });
            each(&entry.file_name(), kind);
        }
        Ok(())
    }

    pub(super) fn open_file(&self, name: &OsStr, _follow: bool) -> io::Result<File> {
        File::open(self.0.join(name))
    }

    pub(super) fn status(&self, name: &OsStr, follow: bool) -> io::Result<Status> {
        let path = self.0.join(name);
        let metadata = if follow {
            fs::metadata(path)
        } else {
            fs::symlink_metadata(path)
        }?;
        Ok(status(&metadata))
    }
}

fn status(metadata: &Metadata) -> Status {
    let kind = match metadata.file_type() {
        kind if kind.is_symlink() => Kind::Link,
        kind if kind.is_dir() => Kind::Folder,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Special,
    };
    let since = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Status {
        kind,
        size: metadata.len(),
        modified: since.and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0),
        mode: None,
        owner: None,
        changed: None,
        identity: None,
    }
}

/// Nothing: how other systems store what lies beside a file is not read.
pub(super) fn attributes(_: &File, _: &mut Attributes) {}
