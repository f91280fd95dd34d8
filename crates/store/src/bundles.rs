//! Signed bundles that were imported: what each brought, and the way back.
//!
//! A bundle comes into use as a whole, feeds, knowledge and rules together, and goes as a whole. Whether its signature is
//! good is decided before it comes here.

use crate::error::{Fault, Result};
use crate::feeds::{self, FeedSpec, FeedUrl, NewVersion, Published, SetFile, VersionId};
use crate::store::Durability;
use crate::values::{self, By, Name};
use crate::{Store, audit};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::fmt;
use watchfire_model::{ArtifactId, Moment, Untrusted};

/// The number of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleId(i64);

impl fmt::Display for BundleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a bundle carries besides feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
    /// Tables of facts.
    Knowledge,
    /// Detection rules.
    Rules,
}

impl PartKind {
    /// The word used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Knowledge => "knowledge",
            Self::Rules => "rules",
        }
    }
}

/// Knowledge or rules, whose file is written and synced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Its name: of one kind and name, one is in use.
    pub name: Name,
    /// Its file.
    pub file: SetFile,
    /// The digest of the file.
    pub sha256: ArtifactId,
}

/// Where a bundle was fetched, and what to ask with next time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where it is.
    pub url: FeedUrl,
    /// `ETag`
    pub etag: Option<Untrusted>,
    /// `Last-Modified`
    pub last_modified: Option<Untrusted>,
}

/// A bundle whose files are written and synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBundle {
    /// Its name, `intel-2026-11-21.bundle`.
    pub name: Untrusted,
    /// The digest of all of it.
    pub sha256: ArtifactId,
    /// The public key that it is signed with, by its number; nothing for a file of the user's own.
    pub signer: Untrusted,
    /// Its place in the series of its signer. Only one above that of the bundle in use is taken.
    pub counter: Option<u64>,
    /// Where it was fetched.
    pub fetched: Option<Fetched>,
    /// Feeds, each as it is to be set up where it is missing.
    pub feeds: Vec<(FeedSpec, NewVersion)>,
    /// Knowledge and rules.
    pub parts: Vec<Part>,
}

/// A bundle that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Its number.
    pub id: BundleId,
    /// Its name.
    pub name: Untrusted,
    /// Its digest.
    pub sha256: ArtifactId,
    /// Who signed it.
    pub signer: Untrusted,
    /// Its place in the series of its signer.
    pub counter: Option<u64>,
    /// Where it was fetched.
    pub fetched: Option<Fetched>,
    /// Who imported it, and when.
    pub by: By,
    /// When somebody went back to what was before.
    pub withdrawn: Option<Moment>,
    /// Its feeds: the version that it brought, and the one that was in use.
    pub feeds: Vec<(Name, VersionId, Option<VersionId>)>,
    /// Its knowledge and rules.
    pub parts: Vec<Part>,
}

/// What [`Bundles::import`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The number of the bundle.
    pub id: BundleId,
    /// Its feeds, in its order.
    pub feeds: Vec<Published>,
}

/// What [`Bundles::rollback`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolledBack {
    /// Feeds that are at the version before.
    pub returned: Vec<Name>,
    /// Feeds that stay as they are: they have been updated since, or the version before is forgotten.
    pub stayed: Vec<Name>,
}

/// The bundles of a store.
#[derive(Clone, Copy, Debug)]
pub struct Bundles<'s>(pub(crate) &'s Store);

impl Bundles<'_> {
    /// Puts a bundle into use. Of each feed, `keep` versions are kept, and at least the one before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn import(&self, bundle: &NewBundle, keep: u32, by: &By) -> Result<Imported> {
        self.0.write("import a bundle into", Durability::Full, |transaction| {
            if let (Some(counter), Some(last)) = (bundle.counter, last(transaction, &bundle.signer)?)
                && counter <= last
            {
                let why = format!("its counter {counter} is not above {last}, that of the bundle that is in use");
                return Err(Fault::Refused(why));
            }
            let id = enter(transaction, bundle, by)?;
            let mut published = Vec::new();
            for (spec, version) in &bundle.feeds {
                feeds::ensure(transaction, spec, by)?;
                let done = feeds::publish(transaction, &spec.name, version, keep.max(2), by)?;
                transaction
                    .prepare_cached(
                        "INSERT INTO bundle_feed (bundle, feed, version, replaced) VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute(params![
                        id,
                        spec.name.as_str(),
                        done.id.get(),
                        done.replaced.map(VersionId::get)
                    ])?;
                published.push(done);
            }
            for part in &bundle.parts {
                transaction
                    .prepare_cached(
                        "INSERT INTO bundle_part (bundle, kind, name, file, sha256) VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![
                        id,
                        part.kind.as_str(),
                        part.name.as_str(),
                        part.file.as_str(),
                        part.sha256.as_bytes()
                    ])?;
            }
            forget(transaction)?;
            let detail = format!(
                "bundle {id}, signed by {}, sha256 {}: {} feeds, {} parts",
                bundle.signer.raw(),
                bundle.sha256,
                bundle.feeds.len(),
                bundle.parts.len()
            );
            audit::enter(transaction, by, "bundle-imported", bundle.name.raw(), &detail)?;
            Ok(Imported {
                id: BundleId(id),
                feeds: published,
            })
        })
    }

    /// Takes a bundle out of use: each of its feeds goes back to the version before, unless it has moved on, and its
    /// knowledge and rules to those of the bundle before.
    ///
    /// # Errors
    /// When there is no such bundle in use, and when it cannot be written.
    pub fn rollback(&self, id: BundleId, by: &By) -> Result<RolledBack> {
        self.0.write("roll a bundle back in", Durability::Full, |transaction| {
            let bundle = all(transaction)?.into_iter().find(|bundle| bundle.id == id);
            let bundle = bundle.ok_or_else(|| Fault::Unknown(format!("bundle {id}")))?;
            if bundle.withdrawn.is_some() {
                return Err(Fault::Refused(format!("bundle {id} is withdrawn already")));
            }
            transaction.execute(
                "UPDATE bundle SET withdrawn = ?2 WHERE id = ?1",
                params![id.0, by.at.unix()],
            )?;
            let mut done = RolledBack::default();
            for (feed, version, replaced) in bundle.feeds {
                if feeds::go_back_from(transaction, &feed, version, replaced)? {
                    done.returned.push(feed);
                } else {
                    done.stayed.push(feed);
                }
            }
            let detail = format!(
                "bundle {id}: {} feeds returned, {} stayed",
                done.returned.len(),
                done.stayed.len()
            );
            audit::enter(transaction, by, "bundle-rolled-back", bundle.name.raw(), &detail)?;
            Ok(done)
        })
    }

    /// The counter of the newest bundle in use that `signer` signed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn last_counter(&self, signer: &Untrusted) -> Result<Option<u64>> {
        self.0
            .read("read the bundles of", |connection| last(connection, signer))
    }

    /// Every bundle, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn history(&self) -> Result<Vec<Bundle>> {
        self.0.read("read the bundles of", all)
    }

    /// The knowledge and rules in use, by kind and name.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn parts(&self) -> Result<Vec<Part>> {
        self.0.read("read the bundles of", |connection| {
            parts(
                connection,
                "WHERE bundle = (SELECT max(b.id) FROM bundle b JOIN bundle_part o ON o.bundle = b.id
                 WHERE b.withdrawn IS NULL AND o.kind = bundle_part.kind AND o.name = bundle_part.name)",
                [],
            )
        })
    }

    /// Those of the files `present` that no bundle names; the same caution applies as to
    /// [`Feeds::unreferenced`](crate::Feeds::unreferenced).
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn unreferenced(&self, present: impl IntoIterator<Item = SetFile>) -> Result<Vec<SetFile>> {
        self.0.read("read the bundles of", |connection| {
            let mut statement = connection.prepare_cached("SELECT 1 FROM bundle_part WHERE file = ?1 LIMIT 1")?;
            let mut unnamed = Vec::new();
            for file in present {
                if statement.query_row([file.as_str()], |_| Ok(())).optional()?.is_none() {
                    unnamed.push(file);
                }
            }
            unnamed.sort();
            unnamed.dedup();
            Ok(unnamed)
        })
    }
}

/// Knowledge and rules of one kind and name that are kept, those that nobody went back from.
const KEEP: i64 = 3;

fn last(connection: &Connection, signer: &Untrusted) -> std::result::Result<Option<u64>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT max(counter) FROM bundle WHERE signer = ?1 AND withdrawn IS NULL")?;
    let last: Option<i64> = statement.query_row([values::cut(signer, 480)], |row| row.get(0))?;
    Ok(last.and_then(|last| u64::try_from(last).ok()))
}

fn enter(transaction: &Transaction<'_>, bundle: &NewBundle, by: &By) -> std::result::Result<i64, Fault> {
    let fetched = bundle.fetched.as_ref();
    let id = transaction
        .prepare_cached(
            "INSERT INTO bundle (name, sha256, signer, imported, who, counter, url, etag, last_modified)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert(params![
            values::cut(&bundle.name, 480),
            bundle.sha256.as_bytes(),
            values::cut(&bundle.signer, 480),
            by.at.unix(),
            by.who(),
            bundle.counter.map(values::number),
            fetched.map(|fetched| fetched.url.as_str()),
            fetched
                .and_then(|fetched| fetched.etag.as_ref())
                .map(|etag| values::cut(etag, 480)),
            fetched
                .and_then(|fetched| fetched.last_modified.as_ref())
                .map(|at| values::cut(at, 480)),
        ])?;
    Ok(id)
}

/// Forgets knowledge and rules that nobody would go back to, so that they do not grow with every bundle.
fn forget(transaction: &Transaction<'_>) -> std::result::Result<(), Fault> {
    transaction.execute(
        "DELETE FROM bundle_part WHERE bundle NOT IN (
             SELECT b.id FROM bundle b JOIN bundle_part p ON p.bundle = b.id
             WHERE b.withdrawn IS NULL AND p.kind = bundle_part.kind AND p.name = bundle_part.name
             ORDER BY b.id DESC LIMIT ?1)",
        [KEEP],
    )?;
    Ok(())
}

fn all(connection: &Connection) -> std::result::Result<Vec<Bundle>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT id, name, sha256, signer, who, imported, withdrawn, counter, url, etag, last_modified
             FROM bundle ORDER BY id DESC",
    )?;
    let rows = statement.query_and_then([], |row| {
        let id: i64 = row.get(0)?;
        Ok(Bundle {
            id: BundleId(id),
            name: values::text(row, 1)?,
            sha256: values::digest(row, 2)?,
            signer: values::text(row, 3)?,
            counter: row
                .get::<_, Option<i64>>(7)?
                .and_then(|counter| u64::try_from(counter).ok()),
            fetched: fetched(row)?,
            by: By::new(values::text(row, 4)?, values::moment(row, 5)?),
            withdrawn: values::maybe_moment(row, 6)?,
            feeds: feeds_of(connection, id)?,
            parts: parts(connection, "WHERE bundle = ?1", [id])?,
        })
    })?;
    rows.collect()
}

fn fetched(row: &Row<'_>) -> std::result::Result<Option<Fetched>, Fault> {
    let Some(url) = row.get::<_, Option<String>>(8)? else {
        return Ok(None);
    };
    Ok(Some(Fetched {
        url: FeedUrl::parse(&url).map_err(|why| Fault::Corrupt(format!("the address of a bundle is {why}")))?,
        etag: row.get::<_, Option<String>>(9)?.map(Untrusted::from),
        last_modified: row.get::<_, Option<String>>(10)?.map(Untrusted::from),
    }))
}

type BundledFeed = (Name, VersionId, Option<VersionId>);

fn feeds_of(connection: &Connection, bundle: i64) -> std::result::Result<Vec<BundledFeed>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT feed, version, replaced FROM bundle_feed WHERE bundle = ?1 ORDER BY feed")?;
    let rows = statement.query_and_then([bundle], |row| {
        let replaced: Option<i64> = row.get(2)?;
        Ok((
            values::name(row, 0)?,
            VersionId::of(row.get(1)?),
            replaced.map(VersionId::of),
        ))
    })?;
    rows.collect()
}

fn parts(connection: &Connection, which: &str, wanted: impl rusqlite::Params) -> std::result::Result<Vec<Part>, Fault> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT kind, name, file, sha256 FROM bundle_part {which} ORDER BY kind, name"
    ))?;
    let rows = statement.query_and_then(wanted, |row| {
        let file: String = row.get(2)?;
        Ok(Part {
            kind: values::word(row, 0, &[PartKind::Knowledge, PartKind::Rules], PartKind::as_str)?,
            name: values::name(row, 1)?,
            file: SetFile::parse(&file).map_err(|why| Fault::Corrupt(why.to_string()))?,
            sha256: values::digest(row, 3)?,
        })
    })?;
    rows.collect()
}
