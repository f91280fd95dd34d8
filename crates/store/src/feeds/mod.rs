//! Feeds, and which version of each is in use.
//!
//! The indicators themselves are in one packed file for each version, beside this store. A version exists once its file
//! is written and synced; it is in use from the moment that [`Feeds::publish`] returns, for every process that asks from
//! then on. Whoever crashes before leaves a file that nobody names, never a part of a feed.

mod feed;

pub use feed::{Arrival, Feed, FeedSpec, FeedUrl, FeedVersion, NewVersion, Published, SetFile, State, VersionId};

use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By, Name};
use crate::{Store, audit};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::collections::BTreeSet;
use watchfire_model::{Moment, Untrusted};

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
            .execute([version.id.get()])?;
    }
    let instead = replaced.map(|id| format!(" instead of {id}")).unwrap_or_default();
    let detail = format!(
        "version {id}{instead}: {} indicators, {} records rejected, sha256 {}",
        version.indicators, version.rejected, version.sha256
    );
    audit::enter(transaction, by, "feed-published", name.as_str(), &detail)?;
    Ok(Published {
        id: VersionId::of(id),
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
    transaction.execute("UPDATE feed_version SET withdrawn = 1 WHERE id = ?1", [current.get()])?;
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
        id: VersionId::of(id),
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
