//! Triage opens a case, or extends one.

use super::record::{Case, CaseArtifact, CaseReport, Extended, NewTriage};
use super::words::{CaseId, CaseName};
use super::{Cases, MAX_LINE, chain, read};
use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By, Key};
use rusqlite::{OptionalExtension, Transaction, params};
use watchfire_model::{Moment, Severity, Tlp, Untrusted, counted};

impl Cases<'_> {
    /// Keeps what triage found in the case of that name or number; opens one where there is none. What the case has
    /// already is not kept twice.
    ///
    /// # Errors
    /// When the name is none, the case became part of another one, or it cannot be written.
    pub fn extend(&self, called: &str, found: &NewTriage, by: &By) -> Result<Extended> {
        self.0.write("keep a case in", Durability::Full, |transaction| {
            let (case, is_new) = match read::find(transaction, called)? {
                Some(case) => (case, false),
                None => (open(transaction, called, found, by)?, true),
            };
            if case.merged_into.is_some() {
                return Err(Fault::Refused(format!("case '{}' is part of another one", case.name)));
            }
            let number = values::number(case.number);
            let mut done = Extended {
                case,
                is_new,
                artifacts: 0,
                observables: 0,
                report: false,
                kept: 0,
            };
            for artifact in &found.artifacts {
                let added = add_artifact(transaction, number, artifact)?;
                done.artifacts += u64::from(added.is_new);
                done.observables += added.observables;
                done.kept += u64::from(added.kept);
            }
            done.report = add_report(transaction, number, &found.report)?;
            if !is_new {
                grow(transaction, &done.case, found)?;
            }
            let text = told(&done);
            chain::add(transaction, (number, done.case.id), by, "triaged", &text)?;
            done.case =
                read::by_id(transaction, done.case.id)?.ok_or_else(|| Fault::Unknown("such case".to_owned()))?;
            Ok(done)
        })
    }
}

/// What an event says of it.
fn told(done: &Extended) -> String {
    let mut said = vec![
        counted(done.artifacts, "new artifact"),
        counted(done.observables, "new observable"),
    ];
    if !done.report {
        said.push("the report says nothing new".to_owned());
    }
    if done.kept > 0 {
        said.push(format!("{} kept", counted(done.kept, "file")));
    }
    said.join(", ")
}

fn open(transaction: &Transaction<'_>, called: &str, found: &NewTriage, by: &By) -> std::result::Result<Case, Fault> {
    let name = new_name(transaction, called)?;
    let id: [u8; 16] = transaction.query_row("SELECT randomblob(16)", [], |row| row.get(0))?;
    let head = NewHead {
        id: CaseId(id),
        name: &name,
        title: values::cut(&found.title, MAX_LINE),
        kind: found.kind,
        severity: found.severity,
        tlp: found.tlp,
        occurred: found.occurred,
        detected: by.at,
        split_from: None,
    };
    insert(transaction, &head, &found.report)?;
    chain::add(
        transaction,
        (transaction.last_insert_rowid(), head.id),
        by,
        "opened",
        name.as_str(),
    )?;
    read::by_id(transaction, head.id)?.ok_or_else(|| Fault::Unknown("such case".to_owned()))
}

/// A name for a case that is made. What reads as a number is one.
pub(super) fn new_name(transaction: &Transaction<'_>, called: &str) -> std::result::Result<CaseName, Fault> {
    let name = CaseName::parse(called)
        .map_err(|why| Fault::Refused(format!("'{}' is {why}", Untrusted::new(called).shown(80))))?;
    let text = name.as_str();
    let is_label = text.get(..3).is_some_and(|begin| begin.eq_ignore_ascii_case("WF-"));
    if is_label || text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Refused(format!(
            "there is no case '{text}', and no new one can be called so: it reads as the number of a case"
        )));
    }
    if read::is_taken(transaction, &name)? {
        return Err(Fault::Refused(format!("there is a case '{name}' already")));
    }
    Ok(name)
}

/// The head of a case that is made.
pub(super) struct NewHead<'n> {
    pub(super) id: CaseId,
    pub(super) name: &'n CaseName,
    pub(super) title: &'n str,
    pub(super) kind: &'n str,
    pub(super) severity: Option<Severity>,
    pub(super) tlp: Option<Tlp>,
    pub(super) occurred: Option<Moment>,
    pub(super) detected: Moment,
    pub(super) split_from: Option<CaseId>,
}

pub(super) fn insert(
    transaction: &Transaction<'_>,
    head: &NewHead<'_>,
    report: &CaseReport,
) -> std::result::Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO case_file (id, name, title, kind, severity, verdict, score, tlp, occurred, detected, why,
             split_from) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, '', ?11)",
        )?
        .execute(params![
            head.id.0,
            head.name.as_str(),
            head.title,
            head.kind,
            head.severity.map(Severity::as_str),
            report.verdict.as_str(),
            report.score,
            head.tlp.map(Tlp::as_str),
            head.occurred.map(Moment::unix),
            head.detected.unix(),
            head.split_from.map(|id| id.0),
        ])?;
    Ok(())
}

/// What became of an artifact that was to be added.
pub(super) struct Added {
    is_new: bool,
    observables: u64,
    kept: bool,
}

pub(super) fn add_artifact(
    transaction: &Transaction<'_>,
    case: i64,
    artifact: &CaseArtifact,
) -> std::result::Result<Added, Fault> {
    let identity = artifact.identity();
    let is_new = transaction
        .prepare_cached(
            "INSERT INTO case_artifact (case_number, identity, sha256, path, size, media_type, depth)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            case,
            identity,
            artifact.sha256.map(|sha256| *sha256.as_bytes()),
            artifact.path.raw(),
            values::number(artifact.size),
            artifact.media_type.raw(),
            artifact.depth,
        ])?
        > 0;
    let id: i64 = transaction
        .prepare_cached("SELECT id FROM case_artifact WHERE case_number = ?1 AND identity = ?2")?
        .query_row(params![case, identity], |row| row.get(0))?;
    let mut observables = 0;
    for seen in &artifact.observables {
        let key = Key::of(&seen.observable);
        observables += transaction
            .prepare_cached(
                "INSERT INTO case_observable (artifact, kind, folded, value, telling) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                id,
                key.kind,
                key.folded,
                seen.observable.raw(),
                seen.is_telling
            ])? as u64;
    }
    let kept = match &artifact.sealed {
        Some(sealed) => {
            transaction
                .prepare_cached("INSERT INTO case_kept (artifact, sealed) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute(params![id, sealed])?
                > 0
        }
        None => false,
    };
    Ok(Added {
        is_new,
        observables,
        kept,
    })
}

/// Whether the case had no report that says the same.
pub(super) fn add_report(
    transaction: &Transaction<'_>,
    case: i64,
    report: &CaseReport,
) -> std::result::Result<bool, Fault> {
    let known = transaction
        .prepare_cached("SELECT 1 FROM case_report WHERE case_number = ?1 AND digest = ?2")?
        .query_row(params![case, report.digest.as_bytes()], |_| Ok(()))
        .optional()?;
    if known.is_some() {
        return Ok(false);
    }
    transaction
        .prepare_cached(
            "INSERT INTO case_report (case_number, digest, made, verdict, score, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            case,
            report.digest.as_bytes(),
            report.made.unix(),
            report.verdict.as_str(),
            report.score,
            report.content,
        ])?;
    Ok(true)
}

/// A case is as bad as the worst that was found for it, and began with the earliest. What may be shared less, may be
/// shared less from then on.
fn grow(transaction: &Transaction<'_>, case: &Case, found: &NewTriage) -> std::result::Result<(), Fault> {
    let report = &found.report;
    let (verdict, score) = (case.verdict, case.score).max((report.verdict, report.score));
    let number = values::number(case.number);
    let is_corrected = transaction
        .prepare_cached("SELECT 1 FROM case_event WHERE case_number = ?1 AND action = 'timed' LIMIT 1")?
        .query_row([number], |_| Ok(()))
        .optional()?
        .is_some();
    // What somebody said about the time counts for more than what evidence says.
    let occurred = match case.times.occurred {
        Some(said) if is_corrected => Some(said),
        kept => [kept, found.occurred].into_iter().flatten().min(),
    };
    let tlp = case.tlp.max(found.tlp);
    transaction
        .prepare_cached(
            "UPDATE case_file SET severity = ?2, verdict = ?3, score = ?4, occurred = ?5, tlp = ?6 WHERE number = ?1",
        )?
        .execute(params![
            number,
            case.severity.max(found.severity).map(Severity::as_str),
            verdict.as_str(),
            score,
            occurred.map(Moment::unix),
            tlp.map(Tlp::as_str),
        ])?;
    Ok(())
}
