//! Feeds, and which version of each is in use.
//!
//! The indicators themselves are in one packed file for each version, beside this store. A version exists once its file
//! is written and synced; it is in use from the moment that [`Feeds::publish`] returns, for every process that asks from
//! then on. Whoever crashes before leaves a file that nobody names, never a part of a feed.

use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By, Name};
use crate::{Store, audit};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::collections::BTreeSet;
use std::fmt;
use watchfire_model::{ArtifactId, Grade, Invalid, Moment, Untrusted, Verdict};

/// Where a feed is fetched: an absolute URL without a name and a password in front of its host. Keys do not belong into
/// it either, as it is kept and shown; they come from the environment or the key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedUrl(Box<str>);

impl FeedUrl {
    /// Checks a URL.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> std::result::Result<Self, Invalid> {
        const WRONG: Invalid = Invalid("not a URL like https://feeds.example/list.txt");
        let (scheme, rest) = text.split_once("://").ok_or(WRONG)?;
        let printable = text.len() <= 2048 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_lowercase()) || !printable {
            return Err(WRONG);
        }
        match rest.split(['/', '?', '#']).next() {
            None | Some("") => Err(WRONG),
            Some(host) if host.contains('@') => Err(Invalid("a URL with a password in it, which would be kept")),
            Some(_) => Ok(Self(text.into())),
        }
    }

    /// The URL, live.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The file of a version, by its name in the folder of feeds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetFile(Box<str>);

impl SetFile {
    /// Checks a name: 1 to 200 of `a-z A-Z 0-9 . _ -`, the first a letter or digit. It leads nowhere else.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> std::result::Result<Self, Invalid> {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = text.len() <= 200 && text.bytes().all(inner) && !text.starts_with(['.', '_', '-']);
        if fits && !text.is_empty() {
            Ok(Self(text.into()))
        } else {
            Err(Invalid("not the name of a set file"))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SetFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A feed as it was set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSpec {
    /// Its name.
    pub name: Name,
    /// Where it is fetched; nothing if it is imported only.
    pub url: Option<FeedUrl>,
    /// How it is read.
    pub format: Name,
    /// Options of the format, as JSON.
    pub options: String,
    /// How far it can be trusted.
    pub grade: Grade,
    /// The family it belongs to: feeds of one family are not independent.
    pub group: Name,
    /// What it speaks for where a record does not say.
    pub towards: Verdict,
    /// After how many seconds it is to be fetched again.
    pub refresh: Option<u64>,
    /// For how many seconds an indicator holds that bears no end.
    pub lifetime: Option<u64>,
    /// Its licence and attribution.
    pub licence: Untrusted,
}

impl FeedSpec {
    /// Longest options. Bytes.
    pub const MAX_OPTIONS: usize = 64 << 10;
}

/// A feed and how it fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// As it was set up.
    pub spec: FeedSpec,
    /// When it was added.
    pub added: Moment,
    /// When it was last asked for, whatever came of it.
    pub checked: Option<Moment>,
    /// What went wrong then. Nothing if nothing did.
    pub problem: Option<Untrusted>,
    /// The version in use.
    pub current: Option<FeedVersion>,
}

/// The number of a version. Numbers are never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionId(i64);

impl VersionId {
    pub(crate) const fn of(number: i64) -> Self {
        Self(number)
    }

    pub(crate) const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a version came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Fetched from the feed's URL.
    Url,
    /// Imported from a file.
    Import,
    /// Imported in a signed bundle.
    Bundle,
}

impl Arrival {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Import => "import",
            Self::Bundle => "bundle",
        }
    }
}

/// A version whose file is written and synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// When it was fetched.
    pub fetched: Moment,
    /// Its file.
    pub file: SetFile,
    /// The digest of the file.
    pub sha256: ArtifactId,
    /// How many indicators are in it.
    pub indicators: u64,
    /// How many records could not be read.
    pub rejected: u64,
    /// What to ask with next time (`ETag`).
    pub etag: Option<Untrusted>,
    /// What to ask with next time (`Last-Modified`).
    pub last_modified: Option<Untrusted>,
    /// How it came here.
    pub arrival: Arrival,
}

/// What became of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In use.
    Current,
    /// Another one is in use.
    Kept,
    /// Somebody went back to one before it.
    Withdrawn,
}

/// A version of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedVersion {
    /// Its number.
    pub id: VersionId,
    /// What was published.
    pub version: NewVersion,
    /// What became of it.
    pub state: State,
}

/// What [`Feeds::publish`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The number of the new version, which is in use.
    pub id: VersionId,
    /// The one that was in use.
    pub replaced: Option<VersionId>,
    /// Files that no version names any more. Readers may still have them open.
    pub released: Vec<SetFile>,
}

/// The feeds of a store.
#[derive(Clone, Copy, Debug)]
pub struct Feeds<'s>(pub(crate) &'s Store);

const READING: &str = "read the feeds of";
const VERSION: &str =
    "v.id, v.fetched, v.file, v.sha256, v.indicators, v.rejected, v.etag, v.last_modified, v.origin, v.withdrawn";
const FEED: &str = "f.name, f.url, f.format, f.options, f.grade, f.family, f.towards, f.refresh, f.lifetime, f.licence, f.added, f.checked, f.problem";

impl Feeds<'_> {
    /// Adds a feed.
    ///
    /// # Errors
    /// When there is one of that name, and when it cannot be written.
    pub fn add(&self, spec: &FeedSpec, by: &By) -> Result<()> {
        self.0.write("add a feed to", Durability::Full, |transaction| {
            if !ensure(transaction, spec, by)? {
                return Err(Fault::Refused(format!("there is a feed '{}' already", spec.name)));
            }
            Ok(())
        })
    }

    /// Sets a feed up anew. Its versions stay.
    ///
    /// # Errors
    /// When there is none of that name, and when it cannot be written.
    pub fn change(&self, spec: &FeedSpec, by: &By) -> Result<()> {
        self.0.write("change a feed in", Durability::Full, |transaction| {
            change(transaction, spec, by)
        })
    }

    /// Removes a feed and its versions; gives the files that no version names any more.
    ///
    /// # Errors
    /// When there is none of that name, and when it cannot be written.
    pub fn remove(&self, name: &Name, by: &By) -> Result<Vec<SetFile>> {
        self.0.write("remove a feed from", Durability::Full, |transaction| {
            found(transaction, name)?;
            let files = history(transaction, name)?;
            transaction.execute("DELETE FROM feed WHERE name = ?1", [name.as_str()])?;
            audit::enter(transaction, by, "feed-removed", name.as_str(), "")?;
            released(transaction, files.into_iter().map(|version| version.version.file))
        })
    }

    /// All feeds, by name.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(&self) -> Result<Vec<Feed>> {
        self.0.read(READING, |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {VERSION}, {FEED} FROM feed f LEFT JOIN feed_version v ON v.id = f.current ORDER BY f.name"
            ))?;
            statement.query_and_then([], feed)?.collect()
        })
    }

    /// One feed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn get(&self, name: &Name) -> Result<Option<Feed>> {
        self.0.read(READING, |connection| find(connection, name))
    }

    /// The versions of a feed that are kept, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn history(&self, name: &Name) -> Result<Vec<FeedVersion>> {
        self.0.read(READING, |connection| history(connection, name))
    }

    /// Puts a version into use, and forgets all but the `keep` newest. Nobody ever sees anything in between.
    ///
    /// # Errors
    /// When there is no such feed, and when it cannot be written.
    pub fn publish(&self, name: &Name, version: &NewVersion, keep: u32, by: &By) -> Result<Published> {
        self.0.write("publish a feed in", Durability::Full, |transaction| {
            publish(transaction, name, version, keep, by)
        })
    }

    /// The same, and adds the feed if there is none of its name; one that is there stays as it was set up. Nobody ever sees
    /// a feed without its first version.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn introduce(&self, spec: &FeedSpec, version: &NewVersion, keep: u32, by: &By) -> Result<Published> {
        self.0.write("publish a feed in", Durability::Full, |transaction| {
            ensure(transaction, spec, by)?;
            publish(transaction, &spec.name, version, keep, by)
        })
    }

    /// The same, and sets the feed up anew as `spec` says, whether or not it was there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn revise(&self, spec: &FeedSpec, version: &NewVersion, keep: u32, by: &By) -> Result<Published> {
        self.0.write("publish a feed in", Durability::Full, |transaction| {
            if !ensure(transaction, spec, by)? {
                change(transaction, spec, by)?;
            }
            publish(transaction, &spec.name, version, keep, by)
        })
    }

    /// Notes that a feed was asked for and has not changed.
    ///
    /// # Errors
    /// When there is no such feed, and when it cannot be written.
    pub fn unchanged(&self, name: &Name, at: Moment) -> Result<()> {
        self.note(name, at, None)
    }

    /// Notes that a feed was asked for in vain. The version in use stays.
    ///
    /// # Errors
    /// When there is no such feed, and when it cannot be written.
    pub fn failed(&self, name: &Name, at: Moment, why: &Untrusted) -> Result<()> {
        self.note(name, at, Some(values::cut(why, 1000)))
    }

    fn note(&self, name: &Name, at: Moment, problem: Option<&str>) -> Result<()> {
        self.0.write("note about a feed in", Durability::Full, |transaction| {
            let noted = transaction.execute(
                "UPDATE feed SET checked = ?2, problem = ?3 WHERE name = ?1",
                params![name.as_str(), at.unix(), problem],
            )?;
            if noted == 0 {
                return Err(no_feed(name));
            }
            Ok(())
        })
    }

    /// Goes back to the version before the one in use, which is withdrawn. Gives the one now in use.
    ///
    /// # Errors
    /// When there is no version to go back to, and when it cannot be written.
    pub fn rollback(&self, name: &Name, by: &By) -> Result<FeedVersion> {
        self.0.write("roll a feed back in", Durability::Full, |transaction| {
            let current = found(transaction, name)?.current;
            let current = current.ok_or_else(|| Fault::Refused(format!("feed '{name}' has no version yet")))?;
            let earlier = history(transaction, name)?
                .into_iter()
                .find(|version| version.id < current.id && version.state == State::Kept)
                .ok_or_else(|| Fault::Refused(format!("feed '{name}' has no version before {}", current.id)))?;
            go_back(transaction, name, current.id, Some(earlier.id))?;
            let detail = format!("version {} instead of {}", earlier.id, current.id);
            audit::enter(transaction, by, "feed-rolled-back", name.as_str(), &detail)?;
            Ok(FeedVersion {
                state: State::Current,
                ..earlier
            })
        })
    }

    /// Those of the files `present` that no version names. One that is younger than a fetch takes may be on its way to
    /// being named, and must be spared.
    ///
    /// # Errors
    /// When the versions cannot be read.
    pub fn unreferenced(&self, present: impl IntoIterator<Item = SetFile>) -> Result<Vec<SetFile>> {
        self.0.read(READING, |connection| released(connection, present))
    }
}

/// Adds a feed if there is none of its name. Says whether it did.
pub(crate) fn ensure(transaction: &Transaction<'_>, spec: &FeedSpec, by: &By) -> std::result::Result<bool, Fault> {
    if find(transaction, &spec.name)?.is_some() {
        return Ok(false);
    }
    keep(transaction, spec, by.at)?;
    let detail = format!("format {}, grade {}", spec.format, spec.grade);
    audit::enter(transaction, by, "feed-added", spec.name.as_str(), &detail)?;
    Ok(true)
}

/// Sets up anew a feed that is there.
fn change(transaction: &Transaction<'_>, spec: &FeedSpec, by: &By) -> std::result::Result<(), Fault> {
    let feed = found(transaction, &spec.name)?;
    keep(transaction, spec, feed.added)?;
    let mut detail = format!(
        "format {}, grade {}, group {}, towards {}",
        spec.format,
        spec.grade,
        spec.group,
        spec.towards.as_str()
    );
    if let Some(lifetime) = spec.lifetime {
        detail.push_str(&format!(", lifetime {lifetime} s"));
    }
    for option in spec.options.lines() {
        detail.push_str(&format!(", {option}"));
    }
    audit::enter(transaction, by, "feed-changed", spec.name.as_str(), &detail)
}

pub(crate) fn publish(
    transaction: &Transaction<'_>,
    name: &Name,
    version: &NewVersion,
    keep: u32,
    by: &By,
) -> std::result::Result<Published, Fault> {
    let replaced = found(transaction, name)?.current.map(|current| current.id);
    let id = transaction
        .prepare_cached(
            "INSERT INTO feed_version
             (feed, fetched, file, sha256, indicators, rejected, etag, last_modified, origin)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert(params![
            name.as_str(),
            version.fetched.unix(),
            version.file.as_str(),
            version.sha256.as_bytes(),
            values::number(version.indicators),
            values::number(version.rejected),
            version.etag.as_ref().map(Untrusted::raw),
            version.last_modified.as_ref().map(Untrusted::raw),
            version.arrival.as_str()
        ])?;
    transaction
        .prepare_cached("UPDATE feed SET current = ?2, checked = ?3, problem = NULL WHERE name = ?1")?
        .execute(params![name.as_str(), id, version.fetched.unix()])?;
    let older: Vec<FeedVersion> = history(transaction, name)?
        .into_iter()
        .skip(usize::try_from(keep.max(1)).unwrap_or(usize::MAX))
        .collect();
    for version in &older {
        transaction
            .prepare_cached("DELETE FROM feed_version WHERE id = ?1")?
            .execute([version.id.0])?;
    }
    let instead = replaced.map(|id| format!(" instead of {id}")).unwrap_or_default();
    let detail = format!(
        "version {id}{instead}: {} indicators, {} records rejected, sha256 {}",
        version.indicators, version.rejected, version.sha256
    );
    audit::enter(transaction, by, "feed-published", name.as_str(), &detail)?;
    Ok(Published {
        id: VersionId(id),
        replaced,
        released: released(transaction, older.into_iter().map(|version| version.version.file))?,
    })
}

/// Goes back from `version` to `replaced`, or to none, if that is what is in use and what is still there.
pub(crate) fn go_back_from(
    transaction: &Transaction<'_>,
    name: &Name,
    version: VersionId,
    replaced: Option<VersionId>,
) -> std::result::Result<bool, Fault> {
    let history = history(transaction, name)?;
    let is_current = |id| move |known: &FeedVersion| known.id == id && known.state == State::Current;
    let is_there = replaced.is_none_or(|replaced| history.iter().any(|known| known.id == replaced));
    let possible = is_there && history.iter().any(is_current(version));
    if possible {
        go_back(transaction, name, version, replaced)?;
    }
    Ok(possible)
}

/// Withdraws `current` and puts `earlier` into use.
fn go_back(
    transaction: &Transaction<'_>,
    name: &Name,
    current: VersionId,
    earlier: Option<VersionId>,
) -> std::result::Result<(), Fault> {
    transaction.execute("UPDATE feed_version SET withdrawn = 1 WHERE id = ?1", [current.0])?;
    transaction.execute(
        "UPDATE feed SET current = ?2 WHERE name = ?1",
        params![name.as_str(), earlier.map(VersionId::get)],
    )?;
    Ok(())
}

fn keep(transaction: &Transaction<'_>, spec: &FeedSpec, added: Moment) -> std::result::Result<(), Fault> {
    if spec.options.len() > FeedSpec::MAX_OPTIONS {
        return Err(Fault::Refused("the options of the feed are too long".to_owned()));
    }
    transaction.execute(
        "INSERT INTO feed (name, url, format, options, grade, family, towards, refresh, lifetime, licence, added)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT DO UPDATE SET url = ?2, format = ?3, options = ?4, grade = ?5, family = ?6, towards = ?7,
         refresh = ?8, lifetime = ?9, licence = ?10",
        params![
            spec.name.as_str(),
            spec.url.as_ref().map(FeedUrl::as_str),
            spec.format.as_str(),
            spec.options,
            spec.grade.as_str(),
            spec.group.as_str(),
            spec.towards.as_str(),
            spec.refresh.map(values::number),
            spec.lifetime.map(values::number),
            values::cut(&spec.licence, 2000),
            added.unix()
        ],
    )?;
    Ok(())
}

fn no_feed(name: &Name) -> Fault {
    Fault::Unknown(format!("feed '{name}'"))
}

fn found(connection: &Connection, name: &Name) -> std::result::Result<Feed, Fault> {
    find(connection, name)?.ok_or_else(|| no_feed(name))
}

fn find(connection: &Connection, name: &Name) -> std::result::Result<Option<Feed>, Fault> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {VERSION}, {FEED} FROM feed f LEFT JOIN feed_version v ON v.id = f.current WHERE f.name = ?1"
    ))?;
    let mut rows = statement.query_and_then([name.as_str()], feed)?;
    rows.next().transpose()
}

fn history(connection: &Connection, name: &Name) -> std::result::Result<Vec<FeedVersion>, Fault> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {VERSION}, f.current FROM feed_version v JOIN feed f ON f.name = v.feed WHERE v.feed = ?1 ORDER BY v.id DESC"
    ))?;
    let rows = statement.query_and_then([name.as_str()], |row| {
        let current: Option<i64> = row.get(10)?;
        version(row, current)
    })?;
    rows.collect()
}

/// Those of `files` that no version names, sorted.
fn released(
    connection: &Connection,
    files: impl IntoIterator<Item = SetFile>,
) -> std::result::Result<Vec<SetFile>, Fault> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM feed_version WHERE file = ?1 LIMIT 1")?;
    let mut unnamed = Vec::new();
    for file in files.into_iter().collect::<BTreeSet<_>>() {
        if statement.query_row([file.as_str()], |_| Ok(())).optional()?.is_none() {
            unnamed.push(file);
        }
    }
    Ok(unnamed)
}

fn version(row: &Row<'_>, current: Option<i64>) -> std::result::Result<FeedVersion, Fault> {
    let id: i64 = row.get(0)?;
    let file: String = row.get(2)?;
    let state = match row.get(9)? {
        _ if current == Some(id) => State::Current,
        0i64 => State::Kept,
        _ => State::Withdrawn,
    };
    let all = [Arrival::Url, Arrival::Import, Arrival::Bundle];
    Ok(FeedVersion {
        id: VersionId(id),
        version: NewVersion {
            fetched: values::moment(row, 1)?,
            file: SetFile::parse(&file).map_err(|why| Fault::Corrupt(why.to_string()))?,
            sha256: values::digest(row, 3)?,
            indicators: values::count(row, 4)?,
            rejected: values::count(row, 5)?,
            etag: values::maybe_text(row, 6)?,
            last_modified: values::maybe_text(row, 7)?,
            arrival: values::word(row, 8, &all, Arrival::as_str)?,
        },
        state,
    })
}

/// Columns of the version in use, which may be none, and of the feed behind them.
fn feed(row: &Row<'_>) -> std::result::Result<Feed, Fault> {
    let current: Option<i64> = row.get(0)?;
    let url: Option<String> = row.get(11)?;
    let url = url.map(|url| FeedUrl::parse(&url)).transpose();
    Ok(Feed {
        spec: FeedSpec {
            name: values::name(row, 10)?,
            url: url.map_err(|why| Fault::Corrupt(format!("the address of a feed is {why}")))?,
            format: values::name(row, 12)?,
            options: row.get(13)?,
            grade: values::grade(row, 14)?,
            group: values::name(row, 15)?,
            towards: values::verdict(row, 16)?,
            refresh: row
                .get::<_, Option<i64>>(17)?
                .map(|_| values::count(row, 17))
                .transpose()?,
            lifetime: row
                .get::<_, Option<i64>>(18)?
                .map(|_| values::count(row, 18))
                .transpose()?,
            licence: values::text(row, 19)?,
        },
        added: values::moment(row, 20)?,
        checked: values::maybe_moment(row, 21)?,
        problem: values::maybe_text(row, 22)?,
        current: match current {
            Some(_) => Some(version(row, current)?),
            None => None,
        },
    })
}
