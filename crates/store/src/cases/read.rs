//! Reading cases back.

use super::record::{Case, CaseArtifact, CaseLink, CaseObservable, CaseRecord, CaseReport, CaseTask, CaseTimes};
use super::words::{CaseId, CaseName, Resolution};
use super::{Cases, chain};
use crate::error::{Fault, Result};
use crate::values::{self, Name};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;
use watchfire_model::{Observable, Severity, Tlp, Untrusted};

const HEAD: &str = "number, id, name, title, kind, severity, verdict, score, tlp, assignee, occurred, detected,
    acknowledged, contained, resolved, resolution, why, merged_into, split_from";

impl Cases<'_> {
    /// The heads of all cases, by number.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(&self) -> Result<Vec<Case>> {
        self.0.read("read the cases of", all)
    }

    /// The case of that name or number.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn find(&self, called: &str) -> Result<Option<Case>> {
        self.0.read("read the cases of", |connection| find(connection, called))
    }

    /// The case of that identifier.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn by_id(&self, id: CaseId) -> Result<Option<Case>> {
        self.0.read("read the cases of", |connection| by_id(connection, id))
    }

    /// All of a case; with the bytes that it keeps only where `kept` asks for them.
    ///
    /// # Errors
    /// When it cannot be read, or is not there.
    pub fn record(&self, id: CaseId, kept: Kept) -> Result<CaseRecord> {
        self.0.read("read a case of", |connection| {
            let case = by_id(connection, id)?.ok_or_else(|| Fault::Unknown("such case".to_owned()))?;
            record(connection, case, kept)
        })
    }

    /// How many artifacts a case has, how many of them are kept, and how many tasks are open and in all.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn counts(&self, number: u64) -> Result<CaseCounts> {
        self.0.read("read a case of", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT (SELECT count(*) FROM case_artifact WHERE case_number = ?1),
                        (SELECT count(*) FROM case_kept JOIN case_artifact ON id = artifact WHERE case_number = ?1),
                        (SELECT count(*) FROM case_task WHERE case_number = ?1 AND done IS NULL),
                        (SELECT count(*) FROM case_task WHERE case_number = ?1),
                        (SELECT count(*) FROM case_report WHERE case_number = ?1)",
            )?;
            let mut rows = statement.query_and_then([values::number(number)], |row| {
                Ok(CaseCounts {
                    artifacts: values::count(row, 0)?,
                    kept: values::count(row, 1)?,
                    open_tasks: values::count(row, 2)?,
                    tasks: values::count(row, 3)?,
                    reports: values::count(row, 4)?,
                })
            })?;
            rows.next().unwrap_or_else(|| Ok(CaseCounts::default()))
        })
    }

    /// Other cases that hold what this one holds, those that share most first. What is somebody's own or everybody's
    /// links nothing.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn links(&self, number: u64) -> Result<Vec<CaseLink>> {
        self.0.read("read the cases of", |connection| links(connection, number))
    }
}

/// Whether the bytes that a case keeps are read, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// They are.
    With,
    /// Only whether there are any: they come out empty.
    Without,
}

/// How much there is of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseCounts {
    /// Artifacts.
    pub artifacts: u64,
    /// Artifacts whose bytes are kept.
    pub kept: u64,
    /// Tasks that are not done.
    pub open_tasks: u64,
    /// Tasks.
    pub tasks: u64,
    /// Reports.
    pub reports: u64,
}

pub(super) fn all(connection: &Connection) -> std::result::Result<Vec<Case>, Fault> {
    let mut statement = connection.prepare_cached(&format!("SELECT {HEAD} FROM case_file ORDER BY number"))?;
    let cases: Vec<Case> = statement
        .query_and_then([], head)?
        .collect::<std::result::Result<_, Fault>>()?;
    cases.into_iter().map(|case| with_tags(connection, case)).collect()
}

/// `12`, `WF-2026-0012` or the name.
pub(super) fn find(connection: &Connection, called: &str) -> std::result::Result<Option<Case>, Fault> {
    let called = called.trim();
    let named = one(connection, "name = ?1", params![called])?;
    if named.is_some() {
        return Ok(named);
    }
    let label = called.get(..3).is_some_and(|begin| begin.eq_ignore_ascii_case("WF-"));
    let digits = if label {
        called.rsplit('-').next().unwrap_or_default()
    } else {
        called
    };
    let number = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse::<u32>().ok());
    match number.flatten() {
        Some(number) => one(connection, "number = ?1", params![number]),
        None => Ok(None),
    }
}

pub(super) fn by_id(connection: &Connection, id: CaseId) -> std::result::Result<Option<Case>, Fault> {
    one(connection, "id = ?1", params![id.0])
}

fn one(
    connection: &Connection,
    which: &str,
    parameters: impl rusqlite::Params,
) -> std::result::Result<Option<Case>, Fault> {
    let mut statement = connection.prepare_cached(&format!("SELECT {HEAD} FROM case_file WHERE {which}"))?;
    let found = statement.query_and_then(parameters, head)?.next().transpose()?;
    found.map(|case| with_tags(connection, case)).transpose()
}

fn with_tags(connection: &Connection, case: Case) -> std::result::Result<Case, Fault> {
    let mut statement = connection.prepare_cached("SELECT tag FROM case_tag WHERE case_number = ?1 ORDER BY tag")?;
    let tags = statement
        .query_and_then([values::number(case.number)], |row| values::name(row, 0))?
        .collect::<std::result::Result<Vec<Name>, Fault>>()?;
    Ok(Case { tags, ..case })
}

fn head(row: &Row<'_>) -> std::result::Result<Case, Fault> {
    let name: String = row.get(2)?;
    let damaged = |what: &str| Fault::Corrupt(format!("a case has a {what} that is none"));
    let tlp: Option<String> = row.get(8)?;
    let id = |column| -> std::result::Result<Option<CaseId>, Fault> {
        Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(CaseId))
    };
    Ok(Case {
        number: values::count(row, 0)?,
        id: CaseId(row.get(1)?),
        name: CaseName::parse(&name).map_err(|_| damaged("name"))?,
        title: values::text(row, 3)?,
        kind: values::name(row, 4)?,
        severity: severity(row, 5)?,
        verdict: values::verdict(row, 6)?,
        score: u8::try_from(values::count(row, 7)?).map_err(|_| damaged("score"))?,
        tlp: tlp
            .map(|label| Tlp::parse(&label).ok_or_else(|| damaged("marking")))
            .transpose()?,
        assignee: values::maybe_text(row, 9)?,
        tags: Vec::new(),
        times: CaseTimes {
            occurred: values::maybe_moment(row, 10)?,
            detected: values::moment(row, 11)?,
            acknowledged: values::maybe_moment(row, 12)?,
            contained: values::maybe_moment(row, 13)?,
            resolved: values::maybe_moment(row, 14)?,
        },
        resolution: match row.get::<_, Option<String>>(15)? {
            Some(word) => Some(Resolution::parse(&word).ok_or_else(|| damaged("resolution"))?),
            None => None,
        },
        why: values::text(row, 16)?,
        merged_into: id(17)?,
        split_from: id(18)?,
    })
}

fn severity(row: &Row<'_>, column: usize) -> std::result::Result<Option<Severity>, Fault> {
    use Severity::{Critical, High, Informational, Low, Medium};
    if row.get::<_, Option<String>>(column)?.is_none() {
        return Ok(None);
    }
    let all = [Informational, Low, Medium, High, Critical];
    values::word(row, column, &all, Severity::as_str).map(Some)
}

pub(super) fn record(connection: &Connection, case: Case, kept: Kept) -> std::result::Result<CaseRecord, Fault> {
    let number = values::number(case.number);
    Ok(CaseRecord {
        artifacts: artifacts(connection, number, kept)?,
        reports: reports(connection, number)?,
        tasks: tasks(connection, number)?,
        events: chain::events(connection, number)?,
        case,
    })
}

fn artifacts(connection: &Connection, case: i64, kept: Kept) -> std::result::Result<Vec<CaseArtifact>, Fault> {
    let mut seen = observables(connection, case)?;
    let sealed = match kept {
        Kept::With => "sealed",
        Kept::Without => "CASE WHEN sealed IS NULL THEN NULL ELSE x'' END",
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, sha256, path, size, media_type, depth, {sealed} FROM case_artifact
         LEFT JOIN case_kept ON artifact = id WHERE case_number = ?1 ORDER BY id"
    ))?;
    let rows = statement.query_and_then([case], |row| {
        let digest: Option<[u8; 32]> = row.get(1)?;
        Ok(CaseArtifact {
            sha256: digest.map(crate::ArtifactId::from_digest),
            path: values::text(row, 2)?,
            size: values::count(row, 3)?,
            media_type: values::text(row, 4)?,
            depth: u32::try_from(values::count(row, 5)?).unwrap_or(u32::MAX),
            observables: seen.remove(&row.get::<_, i64>(0)?).unwrap_or_default(),
            sealed: row.get(6)?,
        })
    })?;
    rows.collect()
}

fn observables(connection: &Connection, case: i64) -> std::result::Result<BTreeMap<i64, Vec<CaseObservable>>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT artifact, kind, value, telling FROM case_observable JOIN case_artifact ON id = artifact
         WHERE case_number = ?1 ORDER BY artifact, kind, folded",
    )?;
    let mut rows = statement.query([case])?;
    let mut seen: BTreeMap<i64, Vec<CaseObservable>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (kind, value): (String, String) = (row.get(1)?, row.get(2)?);
        seen.entry(row.get(0)?).or_default().push(CaseObservable {
            observable: values::observable(&kind, &value)?,
            is_telling: row.get(3)?,
        });
    }
    Ok(seen)
}

fn reports(connection: &Connection, case: i64) -> std::result::Result<Vec<CaseReport>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT digest, made, verdict, score, content FROM case_report WHERE case_number = ?1 ORDER BY id",
    )?;
    let rows = statement.query_and_then([case], |row| {
        Ok(CaseReport {
            digest: values::digest(row, 0)?,
            made: values::moment(row, 1)?,
            verdict: values::verdict(row, 2)?,
            score: u8::try_from(values::count(row, 3)?).unwrap_or(u8::MAX),
            content: row.get(4)?,
        })
    })?;
    rows.collect()
}

fn tasks(connection: &Connection, case: i64) -> std::result::Result<Vec<CaseTask>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT number, text, done FROM case_task WHERE case_number = ?1 ORDER BY number")?;
    let rows = statement.query_and_then([case], |row| {
        Ok(CaseTask {
            number: values::count(row, 0)?,
            text: values::text(row, 1)?,
            done: values::maybe_moment(row, 2)?,
        })
    })?;
    rows.collect()
}

fn links(connection: &Connection, number: u64) -> std::result::Result<Vec<CaseLink>, Fault> {
    // In how many cases each value is; those that are in many say nothing.
    let mut statement = connection.prepare_cached(
        "WITH mine AS (
             SELECT DISTINCT kind, folded FROM case_observable JOIN case_artifact ON id = artifact
             WHERE case_number = ?1 AND telling = 1
         ), held AS (
             SELECT DISTINCT o.kind, o.folded, o.value, a.case_number FROM mine
             JOIN case_observable o ON o.kind = mine.kind AND o.folded = mine.folded AND o.telling = 1
             JOIN case_artifact a ON a.id = o.artifact
         ), rare AS (
             SELECT kind, folded FROM held GROUP BY kind, folded HAVING count(DISTINCT case_number) <= ?2
         )
         SELECT f.number, f.name, h.kind, min(h.value) FROM held h JOIN rare USING (kind, folded)
         JOIN case_file f ON f.number = h.case_number WHERE h.case_number <> ?1
         GROUP BY f.number, h.kind, h.folded ORDER BY f.number, h.kind, h.folded",
    )?;
    let mut rows = statement.query(params![values::number(number), values::number(CaseLink::UBIQUITOUS)])?;
    let mut links: BTreeMap<u64, CaseLink> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (name, kind, value): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let number = values::count(row, 0)?;
        let name = CaseName::parse(&name).map_err(|why| Fault::Corrupt(why.to_string()))?;
        let link = links.entry(number).or_insert_with(|| CaseLink {
            name,
            number,
            shared: Vec::new(),
            count: 0,
        });
        link.count += 1;
        if link.shared.len() < CaseLink::MOST {
            link.shared.push(observable(&kind, &value)?);
        }
    }
    let mut links: Vec<CaseLink> = links.into_values().collect();
    links.sort_by_key(|link| (std::cmp::Reverse(link.count), link.number));
    Ok(links)
}

fn observable(kind: &str, value: &str) -> std::result::Result<Observable, Fault> {
    values::observable(kind, value)
}

/// The number of a case, and its identifier, where it is there.
pub(super) fn required(connection: &Connection, called: &str) -> std::result::Result<Case, Fault> {
    let shown = Untrusted::new(called).shown(80);
    find(connection, called)?.ok_or_else(|| Fault::Unknown(format!("case '{shown}'")))
}

/// Whether a name is taken.
pub(super) fn is_taken(connection: &Connection, name: &CaseName) -> std::result::Result<bool, Fault> {
    let found = connection
        .prepare_cached("SELECT 1 FROM case_file WHERE name = ?1")?
        .query_row([name.as_str()], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}
