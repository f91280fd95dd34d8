//! The file: how it is made, opened, written to and read from.
//!
//! One SQLite database with a write-ahead log. Readers never wait for writers; writers wait for one another for a while.
//! Nothing here knows what is in the tables.

use crate::error::{Fault, Result, StoreError};
use crate::{files, migrations};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The name of the database in the data folder.
pub const FILE_NAME: &str = "watchfire.db";

/// How long one process waits for another. A write takes milliseconds; even cleaning up takes seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a log is cut back to once its pages are in the database. Bytes.
const LOG_LIMIT: i64 = 16 << 20;

/// How many statements stay prepared, of those that were used.
const STATEMENTS: usize = 64;

/// The smallest page that SQLite knows. Bytes.
const SMALLEST_PAGE: u64 = 512;

/// What Watchfire remembers. Threads may share it; processes open their own.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    read_only: bool,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    connection: Connection,
    durability: Durability,
}

/// What a write survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// A crash of the process, of the system, and the loss of power: the log is synced before a write returns
    /// (`synchronous=FULL`; with less, SQLite may forget the last commits). Decisions must not be lost, and a call that
    /// is forgotten would be made twice.
    Full,
    /// A crash of the process. After a loss of power the last ones may be gone, which costs a question asked twice.
    Process,
}

impl Store {
    /// Opens the store of a data folder; makes folder and store where they are missing, for their owner alone.
    ///
    /// Where nothing can be written, what is there is opened for reading.
    ///
    /// # Errors
    /// When it cannot be made, is damaged, is another program's, or was written by a later Watchfire.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        if is_missing(&path)? {
            create(folder, &path).map_err(|fault| StoreError::new("create the store", &path, fault))?;
        }
        Self::open_file(path)
    }

    /// Opens the store of a data folder if there is one. Makes nothing.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_existing(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE_NAME);
        if is_missing(&path)? {
            return Ok(None);
        }
        Self::open_file(path).map(Some)
    }

    fn open_file(path: PathBuf) -> Result<Self> {
        match connect(&path) {
            Ok((connection, read_only)) => Ok(Self {
                path,
                read_only,
                open: Mutex::new(Open {
                    connection,
                    durability: Durability::Full,
                }),
            }),
            Err(fault) => Err(StoreError::new("open the store", &path, fault)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nothing can be written: every write fails with [`Fault::ReadOnly`].
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // A thread that panicked has rolled its transaction back on the way.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in one transaction, which begins by waiting for other writers. All of it is kept, or nothing.
    pub(crate) fn write<T>(
        &self,
        doing: &'static str,
        durability: Durability,
        work: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, Fault>,
    ) -> Result<T> {
        let run = || {
            if self.read_only {
                return Err(Fault::ReadOnly);
            }
            let mut open = self.lock();
            if open.durability != durability {
                let level = match durability {
                    Durability::Full => "FULL",
                    Durability::Process => "NORMAL",
                };
                open.connection.pragma_update(None, "synchronous", level)?;
                open.durability = durability;
            }
            let transaction = open
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|fault| StoreError::new(doing, &self.path, fault))
    }

    /// Runs `work` on one state of the database.
    pub(crate) fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> std::result::Result<T, Fault>,
    ) -> Result<T> {
        let run = || {
            let mut open = self.lock();
            let transaction = open.connection.transaction()?;
            work(&transaction)
        };
        run().map_err(|fault| StoreError::new(doing, &self.path, fault))
    }

    /// Runs `work` outside of any transaction.
    pub(crate) fn outside<T>(
        &self,
        work: impl FnOnce(&Connection) -> std::result::Result<T, Fault>,
    ) -> std::result::Result<T, Fault> {
        work(&self.lock().connection)
    }
}

fn is_missing(path: &Path) -> Result<bool> {
    let is_missing = |path: &Path| match fs::symlink_metadata(path) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    };
    let missing = || -> std::result::Result<bool, Fault> {
        if !is_missing(path)? {
            return Ok(false);
        }
        // A database that went away while its log stayed: SQLite would take the log for that of a new one.
        if !is_missing(&beside(path, "-wal"))? && is_missing(path)? {
            return Err(Fault::Corrupt(format!(
                "'{FILE_NAME}-wal' is there without it, and belongs to where it went"
            )));
        }
        Ok(true)
    };
    missing().map_err(|fault| StoreError::new("open the store", path, fault))
}

/// `watchfire.db-wal` for `watchfire.db`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes a database that is whole from the moment it bears its name. Of several processes one makes it.
///
/// An empty file would do for SQLite, but then a database that was cut to nothing would silently begin anew.
fn create(folder: &Path, path: &Path) -> std::result::Result<(), Fault> {
    files::create_folder(folder)?;
    let guard = folder.join(".watchfire.db.lock");
    let lock = files::private().create(true).truncate(false).open(&guard)?;
    lock.lock()?;
    if !path.try_exists()? {
        let part = folder.join(".watchfire.db.part");
        for ending in ["", "-journal", "-wal", "-shm"] {
            match fs::remove_file(beside(&part, ending)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        drop(files::private().create_new(true).open(&part)?);
        let mut connection = Connection::open_with_flags(&part, flags())?;
        // It is nobody's yet: one sync at the end serves.
        connection.pragma_update(None, "synchronous", "OFF")?;
        migrations::migrate(&mut connection, migrations::LATEST)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)?;
        File::open(&part)?.sync_all()?;
        fs::rename(&part, path)?;
        files::sync_folder(folder);
    }
    // Whoever waits for the lock finds the database there, whether or not the name of the lock is.
    let _ = fs::remove_file(&guard);
    Ok(())
}

fn flags() -> OpenFlags {
    // Our own mutex guards the connection.
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE
}

/// A connection, and whether it can only read.
fn connect(path: &Path) -> std::result::Result<(Connection, bool), Fault> {
    let metadata = fs::metadata(path).map_err(|error| match fs::read_link(path) {
        Ok(target) if error.kind() == io::ErrorKind::NotFound => {
            Fault::Refused(format!("it is a link to '{}', and nothing is there", target.display()))
        }
        _ => error.into(),
    })?;
    if metadata.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    // To SQLite, what is shorter than a page is an empty database.
    match metadata.len() {
        0 => return Err(Fault::Corrupt("it is empty".to_owned())),
        1..SMALLEST_PAGE => return Err(Fault::Corrupt("it is cut off".to_owned())),
        _ => {}
    }
    match writable(path) {
        Ok(connection) => Ok((connection, false)),
        Err(Fault::ReadOnly | Fault::Io(_)) => Ok((readable(path)?, true)),
        Err(fault) => Err(fault),
    }
}

fn writable(path: &Path) -> std::result::Result<Connection, Fault> {
    let mut connection = Connection::open_with_flags(path, flags())?;
    prepare(&connection)?;
    let version = checked(&connection)?;
    if connection.is_readonly("main")? {
        return Err(Fault::ReadOnly);
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_LIMIT, |_| Ok(()))?;
    if version < migrations::LATEST {
        migrations::migrate(&mut connection, migrations::LATEST)?;
    }
    Ok(connection)
}

/// Opens what cannot be written. SQLite wants to write beside a database with a log even to read it, unless it is told
/// that nothing will change.
fn readable(path: &Path) -> std::result::Result<Connection, Fault> {
    let waiting = fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = |path: &Path, flags: OpenFlags| {
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_EXRESCODE)?;
        prepare(&connection)?;
        let version = checked(&connection)?;
        Ok((connection, version))
    };
    let (connection, version) = match open(path, read_only) {
        Err(Fault::ReadOnly | Fault::Io(_)) if waiting => {
            return Err(Fault::Refused(format!(
                "its last writes wait in '{FILE_NAME}-wal', and nothing can be written there"
            )));
        }
        Err(Fault::ReadOnly | Fault::Io(_)) => open(&unchanging(path), read_only | OpenFlags::SQLITE_OPEN_URI)?,
        done => done?,
    };
    if version < migrations::LATEST {
        return Err(Fault::Refused(
            "an earlier watchfire wrote it, and it cannot be brought up to date: it cannot be written".to_owned(),
        ));
    }
    Ok(connection)
}

/// `file:…?immutable=1`
fn unchanging(path: &Path) -> PathBuf {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' | b':' => {
                uri.push(char::from(*byte));
            }
            b'\\' if cfg!(windows) => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri.into()
}

fn prepare(connection: &Connection) -> std::result::Result<(), Fault> {
    connection.busy_timeout(PATIENCE)?;
    // One turn of a quota alone takes ten.
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // What is in the file may not make SQLite do more than read it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    Ok(())
}

/// The schema of a database that is ours.
fn checked(connection: &Connection) -> std::result::Result<i64, Fault> {
    let version = migrations::version(connection)?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != migrations::APPLICATION || version < 1 {
        return Err(Fault::Foreign);
    }
    if version > migrations::LATEST {
        return Err(Fault::Newer(version, migrations::LATEST));
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{By, Mark};
    use watchfire_model::{Moment, Observable, ObservableType};

    /// A folder that goes away with its test.
    struct Bed(PathBuf);

    impl Bed {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("watchfire-store-unit-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            Self(folder)
        }
    }

    impl Drop for Bed {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn decide(store: &Store, last: u8, why: &str) -> Result<()> {
        let about = Observable::parse(ObservableType::Ipv4, &format!("192.0.2.{last}")).unwrap();
        let by = By::new("ana", Moment::from_unix(0));
        store.decisions().mark(&about, Mark::Benign, &why.into(), None, &by)
    }

    #[test]
    fn every_earlier_schema_is_brought_up_to_date_with_all_that_is_in_it() {
        for schema in 1..migrations::LATEST {
            let bed = Bed::new(&format!("schema-{schema}"));
            files::create_folder(&bed.0).unwrap();
            let path = bed.0.join(FILE_NAME);
            let mut old = Connection::open(&path).unwrap();
            migrations::migrate(&mut old, schema).unwrap();
            assert_eq!(migrations::version(&old).unwrap(), schema);
            old.execute_batch(
                "INSERT INTO decision (kind, folded, value, mark, why, who, made)
                 VALUES ('ipv4', '192.0.2.1', '192.0.2.1', 'benign', 'before', 'ana', 0)",
            )
            .unwrap();
            drop(old);
            let store = Store::open(&bed.0).unwrap();
            assert_eq!(store.check().unwrap().schema, migrations::LATEST);
            decide(&store, 2, "after").unwrap();
            assert_eq!(store.decisions().all(Moment::from_unix(1)).unwrap().len(), 2);
        }
    }

    #[test]
    fn a_full_disk_loses_nothing_and_says_so() {
        let bed = Bed::new("full");
        let store = Store::open(&bed.0).unwrap();
        decide(&store, 1, "before").unwrap();
        let pages = |pages: i64| {
            let limit =
                |open: &Connection| Ok(open.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?);
            store.outside(limit).unwrap();
        };
        let used: i64 = store
            .outside(|open| Ok(open.pragma_query_value(None, "page_count", |row| row.get(0))?))
            .unwrap();
        pages(used + 2);
        let failed = (2..255).find_map(|last| decide(&store, last, &"x".repeat(900)).err().map(|error| (last, error)));
        let (last, error) = failed.unwrap();
        assert!(matches!(error.fault(), Fault::Full), "{error}");
        assert!(error.to_string().ends_with("the disk is full") && error.hint().is_some());
        let kept = || store.decisions().all(Moment::from_unix(1)).unwrap().len();
        assert_eq!(kept(), usize::from(last) - 1);
        assert_eq!(store.check().unwrap().audit.entries, u64::from(last) - 1);
        pages(1 << 30);
        decide(&store, last, "room again").unwrap();
        assert_eq!(kept(), usize::from(last));
    }

    #[test]
    fn whoever_waits_too_long_is_told() {
        let bed = Bed::new("busy");
        let store = Store::open(&bed.0).unwrap();
        store
            .outside(|open| Ok(open.busy_timeout(Duration::from_millis(5))?))
            .unwrap();
        let other = Connection::open(bed.0.join(FILE_NAME)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = decide(&store, 1, "x").unwrap_err();
        assert!(
            matches!(error.fault(), Fault::Busy) && error.hint().is_some(),
            "{error}"
        );
        store.check().unwrap();
        other.execute_batch("ROLLBACK").unwrap();
        decide(&store, 1, "x").unwrap();
    }

    #[test]
    fn what_cannot_be_written_can_be_read() {
        let bed = Bed::new("read only");
        let path = bed.0.join(FILE_NAME);
        let store = Store::open(&bed.0).unwrap();
        decide(&store, 1, "before").unwrap();
        drop(store);
        // As if nothing could be written beside it: the name has a space, and must be found all the same.
        let uri = unchanging(&path);
        assert!(
            uri.to_string_lossy().ends_with("read%20only/watchfire.db?immutable=1"),
            "{uri:?}"
        );
        let connection = readable(&path).unwrap();
        let store = Store {
            path,
            read_only: true,
            open: Mutex::new(Open {
                connection,
                durability: Durability::Full,
            }),
        };
        assert_eq!(store.decisions().all(Moment::from_unix(1)).unwrap().len(), 1);
        assert!(matches!(decide(&store, 2, "x").unwrap_err().fault(), Fault::ReadOnly));
        assert!(store.vacuum().is_err());
        store.check().unwrap();
    }
}
