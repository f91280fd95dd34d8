//! A case that comes from elsewhere, all of it in one transaction or nothing.

use super::extend::{add_artifact, add_report};
use super::record::{Case, CaseEvent, CaseRecord};
use super::words::Resolution;
use super::{Cases, chain, read};
use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By};
use rusqlite::{Transaction, params};
use watchfire_model::{Moment, Severity, Tlp, Untrusted};

/// What became of a case that came from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It was not here.
    New(Case),
    /// It was here, and somebody has gone on with it elsewhere; so many events are new.
    Extended(Case, u64),
    /// All of it was here.
    Known(Case),
}

impl Cases<'_> {
    /// Takes a case in, with its own identifier and events. One that is here is extended if what was done to it there
    /// goes on from what was done here; nothing is ever overwritten.
    ///
    /// # Errors
    /// When its events do not follow one another, its name is that of another case, or both went on on their own, and
    /// when it cannot be written.
    pub fn restore(&self, record: &CaseRecord, by: &By) -> Result<Restored> {
        self.0.write("import a case into", Durability::Full, |transaction| {
            chain::verify_events(&record.events)
                .map_err(|number| Fault::Refused(format!("event {number} is not what was written")))?;
            let Some(known) = read::by_id(transaction, record.case.id)? else {
                if read::is_taken(transaction, &record.case.name)? {
                    return Err(Fault::Refused(format!(
                        "another case is called '{}' here",
                        record.case.name
                    )));
                }
                put(transaction, record, None)?;
                return enter(transaction, record, by).map(Restored::New);
            };
            let here = chain::events(transaction, values::number(known.number))?;
            let follow = |one: &[CaseEvent], other: &[CaseEvent]| {
                one.len() <= other.len() && one.iter().zip(other).all(|(one, other)| one.hash == other.hash)
            };
            if follow(&record.events, &here) {
                return Ok(Restored::Known(known));
            }
            if !follow(&here, &record.events) {
                return Err(Fault::Refused(format!(
                    "case '{}' is here, and went on on its own in both places",
                    known.name
                )));
            }
            // What was erased elsewhere must not take away what is here.
            if here
                .iter()
                .zip(&record.events)
                .any(|(here, there)| here.salt.is_some() && there.salt.is_none())
            {
                return Err(Fault::Refused(format!(
                    "case '{}' is here, and parts of it are left out there",
                    known.name
                )));
            }
            let fresh = (record.events.len() - here.len()) as u64;
            transaction
                .prepare_cached("DELETE FROM case_file WHERE number = ?1")?
                .execute([values::number(known.number)])?;
            put(transaction, record, Some((known.number, known.name.as_str())))?;
            enter(transaction, record, by).map(|case| Restored::Extended(case, fresh))
        })
    }
}

/// The entry of the audit log.
fn enter(transaction: &Transaction<'_>, record: &CaseRecord, by: &By) -> std::result::Result<Case, Fault> {
    let last = record.events.last();
    let detail = last.map_or_else(String::new, |last| {
        format!("{} events, the last {}", last.number, last.hash)
    });
    chain::audited(transaction, by, record.case.id, "imported", &detail)?;
    read::by_id(transaction, record.case.id)?.ok_or_else(|| Fault::Unknown("such case".to_owned()))
}

/// Writes all rows of a case; under the number and name that it has here, where it has some.
fn put(
    transaction: &Transaction<'_>,
    record: &CaseRecord,
    here: Option<(u64, &str)>,
) -> std::result::Result<(), Fault> {
    let case = &record.case;
    let unix = |moment: Option<Moment>| moment.map(Moment::unix);
    transaction
        .prepare_cached(
            "INSERT INTO case_file (number, id, name, title, kind, severity, verdict, score, tlp, assignee, occurred,
             detected, acknowledged, contained, resolved, resolution, why, merged_into, split_from)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        )?
        .execute(params![
            here.map(|(number, _)| values::number(number)),
            case.id.0,
            here.map_or(case.name.as_str(), |(_, name)| name),
            case.title.raw(),
            case.kind.as_str(),
            case.severity.map(Severity::as_str),
            case.verdict.as_str(),
            case.score,
            case.tlp.map(Tlp::as_str),
            case.assignee.as_ref().map(Untrusted::raw),
            unix(case.times.occurred),
            case.times.detected.unix(),
            unix(case.times.acknowledged),
            unix(case.times.contained),
            unix(case.times.resolved),
            case.resolution.map(Resolution::as_str),
            case.why.raw(),
            case.merged_into.map(|id| id.0),
            case.split_from.map(|id| id.0),
        ])?;
    let number = transaction.last_insert_rowid();
    for tag in &case.tags {
        transaction
            .prepare_cached("INSERT INTO case_tag (case_number, tag) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![number, tag.as_str()])?;
    }
    for artifact in &record.artifacts {
        add_artifact(transaction, number, artifact)?;
    }
    for report in &record.reports {
        add_report(transaction, number, report)?;
    }
    for task in &record.tasks {
        transaction
            .prepare_cached("INSERT INTO case_task (case_number, number, text, done) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                number,
                values::number(task.number),
                task.text.raw(),
                unix(task.done)
            ])?;
    }
    for event in &record.events {
        put_event(transaction, number, event)?;
    }
    Ok(())
}

fn put_event(transaction: &Transaction<'_>, case: i64, event: &CaseEvent) -> std::result::Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT INTO case_event (case_number, number, at, who, action, text, salt, sealed, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            case,
            values::number(event.number),
            event.at.unix(),
            event.who.raw(),
            event.action.as_str(),
            event.text.raw(),
            event.salt,
            event.sealed.as_bytes(),
            event.hash.as_bytes(),
        ])?;
    Ok(())
}
