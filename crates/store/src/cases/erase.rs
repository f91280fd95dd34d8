//! Forgetting: whole cases, and what cases hold of a person.
//!
//! Nothing of it is left in the file: deleted rows are overwritten, and [`Store::vacuum`](crate::Store::vacuum) writes the
//! file and its log anew. The audit log keeps that something was erased, from which case, by whom and when.

use super::read::{self, Kept};
use super::record::{Case, CaseRecord};
use super::{Cases, chain};
use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By};
use rusqlite::{Transaction, params};
use watchfire_model::{Moment, counted};

/// Finds what is to be erased.
pub trait Scrub {
    /// The text without it; nothing where it was not in it.
    fn text(&self, text: &str) -> Option<String>;

    /// The packed content of a report without it; nothing where it was not in it.
    ///
    /// # Errors
    /// Why it cannot be looked into, in words.
    fn report(&self, content: &[u8]) -> std::result::Result<Option<Vec<u8>>, String>;
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Cases that held something of it.
    pub cases: u64,
    /// Reports that were rewritten.
    pub reports: u64,
    /// Notes, titles, reasons, tasks, paths and names that were rewritten.
    pub texts: u64,
    /// Observables that were removed.
    pub observables: u64,
    /// Kept files that were removed, as nobody can look for all that they may say.
    pub files: u64,
    /// Cached answers and sightings that were removed.
    pub others: u64,
    /// Decisions and entries of the audit log that hold it and stay.
    pub left: u64,
}

impl Cases<'_> {
    /// Forgets a case.
    ///
    /// # Errors
    /// When there is none, and when it cannot be written.
    pub fn purge(&self, called: &str, by: &By) -> Result<Case> {
        self.0.write("purge a case of", Durability::Full, |transaction| {
            overwrite(transaction)?;
            let case = read::required(transaction, called)?;
            remove(transaction, &case, by)?;
            Ok(case)
        })
    }

    /// Forgets the cases that were resolved before `before`; says which.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn purge_resolved(&self, before: Moment, by: &By) -> Result<Vec<Case>> {
        self.0.write("purge cases of", Durability::Full, |transaction| {
            overwrite(transaction)?;
            let mut cases = read::all(transaction)?;
            cases.retain(|case| case.times.resolved.is_some_and(|resolved| resolved < before));
            for case in &cases {
                remove(transaction, case, by)?;
            }
            Ok(cases)
        })
    }

    /// Takes out of every case what `scrub` finds, and out of cached answers and sightings. What was done by whom stays
    /// in the chain of events: of events that said it, the words go and the hash stays.
    ///
    /// # Errors
    /// When a report cannot be looked into, and when it cannot be written. Nothing is erased, then.
    pub fn erase(&self, scrub: &dyn Scrub, by: &By) -> Result<Erased> {
        self.0.write("erase from", Durability::Full, |transaction| {
            overwrite(transaction)?;
            let mut erased = Erased::default();
            for case in read::all(transaction)? {
                let record = read::record(transaction, case, Kept::Without)?;
                scrub_case(transaction, &record, scrub, by, &mut erased)?;
            }
            erased.others = others(transaction, scrub)?;
            erased.left = left(transaction, scrub)?;
            Ok(erased)
        })
    }
}

/// What is deleted from now on is overwritten with zeros.
fn overwrite(transaction: &Transaction<'_>) -> std::result::Result<(), Fault> {
    transaction.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    Ok(())
}

fn remove(transaction: &Transaction<'_>, case: &Case, by: &By) -> std::result::Result<(), Fault> {
    let number = values::number(case.number);
    let events: i64 = transaction
        .prepare_cached("SELECT count(*) FROM case_event WHERE case_number = ?1")?
        .query_row([number], |row| row.get(0))?;
    transaction
        .prepare_cached("DELETE FROM case_file WHERE number = ?1")?
        .execute([number])?;
    chain::audited(transaction, by, case.id, "purged", &format!("{events} events"))
}

fn scrub_case(
    transaction: &Transaction<'_>,
    record: &CaseRecord,
    scrub: &dyn Scrub,
    by: &By,
    erased: &mut Erased,
) -> std::result::Result<(), Fault> {
    let before = *erased;
    let number = values::number(record.case.number);
    head(transaction, &record.case, scrub, erased)?;
    for event in &record.events {
        let text = scrub.text(event.text.raw());
        let who = scrub.text(event.who.raw());
        if text.is_none() && who.is_none() {
            continue;
        }
        erased.texts += 1;
        transaction
            .prepare_cached(
                "UPDATE case_event SET text = coalesce(?3, text), who = coalesce(?4, who), salt = NULL
                 WHERE case_number = ?1 AND number = ?2",
            )?
            .execute(params![number, values::number(event.number), text, who])?;
    }
    for task in &record.tasks {
        if let Some(text) = scrub.text(task.text.raw()) {
            erased.texts += 1;
            transaction
                .prepare_cached("UPDATE case_task SET text = ?3 WHERE case_number = ?1 AND number = ?2")?
                .execute(params![number, values::number(task.number), text])?;
        }
    }
    reports(transaction, record, scrub, erased)?;
    artifacts(transaction, record, scrub, erased)?;
    if *erased == before {
        return Ok(());
    }
    erased.files += transaction
        .prepare_cached(
            "DELETE FROM case_kept WHERE artifact IN (SELECT id FROM case_artifact WHERE case_number = ?1)",
        )?
        .execute([number])? as u64;
    erased.cases += 1;
    let detail = [
        counted(erased.texts - before.texts, "text"),
        counted(erased.reports - before.reports, "report"),
        counted(erased.observables - before.observables, "observable"),
        counted(erased.files - before.files, "file"),
    ];
    chain::audited(transaction, by, record.case.id, "erased", &detail.join(", "))
}

fn head(
    transaction: &Transaction<'_>,
    case: &Case,
    scrub: &dyn Scrub,
    erased: &mut Erased,
) -> std::result::Result<(), Fault> {
    let number = values::number(case.number);
    let assignee = case.assignee.as_ref().and_then(|assignee| scrub.text(assignee.raw()));
    // A name is no place for a marker.
    let name = scrub.text(case.name.as_str()).map(|_| format!("erased {}", case.id));
    let columns = [
        ("name", name),
        ("title", scrub.text(case.title.raw())),
        ("why", scrub.text(case.why.raw())),
        ("assignee", assignee),
    ];
    for (column, text) in columns {
        let Some(text) = text else { continue };
        erased.texts += 1;
        transaction
            .prepare_cached(&format!("UPDATE case_file SET {column} = ?2 WHERE number = ?1"))?
            .execute(params![number, text])?;
    }
    for tag in case.tags.iter().filter(|tag| scrub.text(tag.as_str()).is_some()) {
        erased.texts += 1;
        transaction
            .prepare_cached("DELETE FROM case_tag WHERE case_number = ?1 AND tag = ?2")?
            .execute(params![number, tag.as_str()])?;
    }
    Ok(())
}

fn reports(
    transaction: &Transaction<'_>,
    record: &CaseRecord,
    scrub: &dyn Scrub,
    erased: &mut Erased,
) -> std::result::Result<(), Fault> {
    for report in &record.reports {
        if let Some(content) = scrub.report(&report.content).map_err(Fault::Corrupt)? {
            erased.reports += 1;
            transaction
                .prepare_cached("UPDATE case_report SET content = ?3 WHERE case_number = ?1 AND digest = ?2")?
                .execute(params![
                    values::number(record.case.number),
                    report.digest.as_bytes(),
                    content
                ])?;
        }
    }
    Ok(())
}

fn artifacts(
    transaction: &Transaction<'_>,
    record: &CaseRecord,
    scrub: &dyn Scrub,
    erased: &mut Erased,
) -> std::result::Result<(), Fault> {
    let case = values::number(record.case.number);
    for artifact in &record.artifacts {
        let identity = artifact.identity();
        let id: i64 = transaction
            .prepare_cached("SELECT id FROM case_artifact WHERE case_number = ?1 AND identity = ?2")?
            .query_row(params![case, identity], |row| row.get(0))?;
        for seen in &artifact.observables {
            if scrub.text(seen.observable.raw()).is_some() {
                let key = values::Key::of(&seen.observable);
                erased.observables += 1;
                transaction
                    .prepare_cached("DELETE FROM case_observable WHERE artifact = ?1 AND kind = ?2 AND folded = ?3")?
                    .execute(params![id, key.kind, key.folded])?;
            }
        }
        if let Some(path) = scrub.text(artifact.path.raw()) {
            erased.texts += 1;
            // What is known by its path alone is known by its number from then on.
            let identity = if artifact.sha256.is_some() {
                identity
            } else {
                format!("erased:{id}")
            };
            transaction
                .prepare_cached("UPDATE case_artifact SET path = ?2, identity = ?3 WHERE id = ?1")?
                .execute(params![id, path, identity])?;
        }
    }
    Ok(())
}

/// Answers of providers about it, and sightings of it: they can be had again.
fn others(transaction: &Transaction<'_>, scrub: &dyn Scrub) -> std::result::Result<u64, Fault> {
    let mut removed = 0;
    for (table, column) in [("answer", "value"), ("sighting", "folded"), ("sighting", "source")] {
        let mut found: Vec<i64> = Vec::new();
        let mut statement = transaction.prepare_cached(&format!("SELECT id, {column} FROM {table}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if scrub.text(&row.get::<_, String>(1)?).is_some() {
                found.push(row.get(0)?);
            }
        }
        for id in found {
            removed += transaction
                .prepare_cached(&format!("DELETE FROM {table} WHERE id = ?1"))?
                .execute([id])? as u64;
        }
    }
    Ok(removed)
}

/// What somebody answers for stays: decisions, and what the audit log says of them.
fn left(transaction: &Transaction<'_>, scrub: &dyn Scrub) -> std::result::Result<u64, Fault> {
    let mut left = 0;
    for texts in [
        "SELECT value || ' ' || why || ' ' || who FROM decision",
        "SELECT subject || ' ' || detail || ' ' || who FROM audit",
    ] {
        let mut statement = transaction.prepare_cached(texts)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            left += u64::from(scrub.text(&row.get::<_, String>(0)?).is_some());
        }
    }
    Ok(left)
}
