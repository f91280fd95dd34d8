//! What can go wrong with the database, in the voice of the house: `cannot … 'path': why`, and what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Results of this crate.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why something could not be done. What was asked for has not been done, not even in part.
#[derive(Debug)]
pub struct StoreError {
    doing: &'static str,
    path: PathBuf,
    fault: Fault,
}

/// The reasons, for those who act on them.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Another process held the database for longer than anybody should.
    Busy,
    /// The disk, or a quota of it, is full.
    Full,
    /// The file or its disk cannot be written.
    ReadOnly,
    /// The content is damaged: what SQLite or our own checks say.
    Corrupt(String),
    /// A later Watchfire wrote it: its schema, and the latest that is known here.
    Newer(i64, i64),
    /// It is a database, of another program.
    Foreign,
    /// The request makes no sense, and why.
    Refused(String),
    /// There is nothing of that name.
    Unknown(String),
    /// What the operating system says.
    Io(io::Error),
    /// What SQLite says besides.
    Sqlite(String),
}

impl StoreError {
    pub(crate) fn new(doing: &'static str, path: &Path, fault: impl Into<Fault>) -> Self {
        Self {
            doing,
            path: path.to_owned(),
            fault: fault.into(),
        }
    }

    /// The reason.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.fault {
            Fault::Busy => "another watchfire is at work; try again when it is done",
            Fault::Full => "make room on the disk; nothing that was kept is lost",
            Fault::ReadOnly => "--data-dir names a folder that can be written",
            Fault::Io(ref error) if error.kind() == io::ErrorKind::PermissionDenied => {
                "--data-dir names a folder that is yours"
            }
            Fault::Corrupt(_) => {
                "put a backup in its place, or move the file away to begin anew; watchfire store check tells more"
            }
            Fault::Newer(..) => "use the watchfire that wrote it, or a later one",
            Fault::Foreign => "--data-dir names another folder",
            Fault::Refused(_) | Fault::Unknown(_) | Fault::Io(_) | Fault::Sqlite(_) => return None,
        })
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} '{}': {}", self.doing, self.path.display(), self.fault)
    }
}

impl std::error::Error for StoreError {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("it is in use by another process"),
            Self::Full => f.write_str("the disk is full"),
            Self::ReadOnly => f.write_str("it cannot be written"),
            Self::Corrupt(why) => write!(f, "it is damaged: {why}"),
            Self::Newer(found, known) => {
                write!(
                    f,
                    "a later watchfire wrote it (schema {found}, this one knows up to {known})"
                )
            }
            Self::Foreign => f.write_str("it is not a database of watchfire"),
            Self::Refused(why) => f.write_str(why),
            Self::Unknown(what) => write!(f, "there is no {what}"),
            Self::Io(error) => match error.kind() {
                io::ErrorKind::PermissionDenied => f.write_str("permission denied"),
                io::ErrorKind::NotADirectory => f.write_str("a part of its path is not a folder"),
                _ => error.fmt(f),
            },
            Self::Sqlite(why) => f.write_str(why),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error;
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, PermissionDenied,
            ReadOnly,
        };
        match &error {
            Error::SqliteFailure(code, _) => match code.code {
                DatabaseBusy | DatabaseLocked => Self::Busy,
                DiskFull => Self::Full,
                ReadOnly => Self::ReadOnly,
                NotADatabase => Self::Corrupt("it does not begin as a database does".to_owned()),
                DatabaseCorrupt => Self::Corrupt(error.to_string()),
                CannotOpen | PermissionDenied => Self::Io(io::ErrorKind::PermissionDenied.into()),
                _ => Self::Sqlite(error.to_string()),
            },
            // A row that is not what our own writing makes it.
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..) => Self::Corrupt(error.to_string()),
            _ => Self::Sqlite(error.to_string()),
        }
    }
}
