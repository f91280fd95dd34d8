//! Two cases become one, and one becomes two.

use super::extend::{NewHead, add_report, insert, new_name};
use super::read::{self, Kept};
use super::record::{Case, CaseArtifact};
use super::words::{CaseId, CaseName, Resolution};
use super::{Cases, chain};
use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By};
use rusqlite::{Transaction, params};
use watchfire_model::{BELOW, Moment, Severity, Untrusted, counted};

impl Cases<'_> {
    /// Makes a case part of another one: what was triaged, the reports, the notes and the open tasks go there, and the
    /// case ends as a duplicate. Its own events stay with it.
    ///
    /// # Errors
    /// When one of them is not there, is the other, or is part of a third, and when it cannot be written.
    pub fn merge(&self, called: &str, into: &str, by: &By) -> Result<Case> {
        self.0.write("merge cases of", Durability::Full, |transaction| {
            let (case, target) = (read::required(transaction, called)?, read::required(transaction, into)?);
            if case.id == target.id {
                return Err(Fault::Refused("a case cannot become part of itself".to_owned()));
            }
            for one in [&case, &target] {
                if one.merged_into.is_some() {
                    return Err(Fault::Refused(format!("case '{}' is part of another one", one.name)));
                }
            }
            let said = pour(transaction, &case, &target, by)?;
            let (from, to) = (numbered(&case), numbered(&target));
            chain::add(
                transaction,
                to,
                by,
                "merged",
                &format!("'{}' into this: {said}", case.name),
            )?;
            transaction
                .prepare_cached(
                    "UPDATE case_file SET merged_into = ?2, resolved = coalesce(resolved, ?3), resolution = ?4,
                     acknowledged = coalesce(acknowledged, ?3), why = ?5 WHERE number = ?1",
                )?
                .execute(params![
                    from.0,
                    target.id.0,
                    by.at.unix(),
                    Resolution::Duplicate.as_str(),
                    format!("part of '{}'", target.name),
                ])?;
            chain::add(transaction, from, by, "merged", &format!("into '{}'", target.name))?;
            read::by_id(transaction, target.id)?.ok_or_else(|| Fault::Unknown("such case".to_owned()))
        })
    }

    /// Takes artifacts, with all that is in them, out of a case and into a new one. Each is named by its path or by its
    /// SHA-256, or the beginning of that. The reports are of both, from then on.
    ///
    /// # Errors
    /// When one of them is not there, none would be left, the name is taken, or it cannot be written.
    pub fn split(&self, called: &str, artifacts: &[String], to: &str, by: &By) -> Result<Case> {
        self.0.write("split a case of", Durability::Full, |transaction| {
            let case = read::required(transaction, called)?;
            let name = new_name(transaction, to)?;
            let record = read::record(transaction, case, Kept::Without)?;
            let chosen = chosen(&record.artifacts, artifacts)?;
            if chosen.len() == record.artifacts.len() {
                return Err(Fault::Refused("nothing would be left of the case".to_owned()));
            }
            let Some(worst) = record
                .reports
                .iter()
                .max_by_key(|report| (report.verdict, report.score))
            else {
                return Err(Fault::Refused("the case has no report".to_owned()));
            };
            let case = &record.case;
            let id: [u8; 16] = transaction.query_row("SELECT randomblob(16)", [], |row| row.get(0))?;
            let head = NewHead {
                id: CaseId(id),
                name: &name,
                title: case.title.raw(),
                kind: case.kind.as_str(),
                severity: case.severity,
                tlp: case.tlp,
                occurred: case.times.occurred,
                detected: case.times.detected,
                split_from: Some(case.id),
            };
            insert(transaction, &head, worst)?;
            let new = transaction.last_insert_rowid();
            for report in &record.reports {
                add_report(transaction, new, report)?;
            }
            for artifact in &chosen {
                transaction
                    .prepare_cached(
                        "UPDATE case_artifact SET case_number = ?1 WHERE case_number = ?2 AND identity = ?3",
                    )?
                    .execute(params![new, values::number(case.number), artifact.identity()])?;
            }
            let many = counted(chosen.len() as u64, "artifact");
            chain::add(
                transaction,
                numbered(case),
                by,
                "split",
                &format!("{many} into '{name}'"),
            )?;
            chain::add(
                transaction,
                (new, head.id),
                by,
                "opened",
                &format!("{many} out of '{}'", case.name),
            )?;
            read::by_id(transaction, head.id)?.ok_or_else(|| Fault::Unknown("such case".to_owned()))
        })
    }
}

fn numbered(case: &Case) -> (i64, CaseId) {
    (values::number(case.number), case.id)
}

/// The artifacts that are named, and what is in them.
fn chosen<'a>(all: &'a [CaseArtifact], named: &[String]) -> std::result::Result<Vec<&'a CaseArtifact>, Fault> {
    let mut chosen = vec![false; all.len()];
    for name in named {
        let is_named = |artifact: &CaseArtifact| {
            let digest = artifact.sha256.map(|sha256| sha256.to_string()).unwrap_or_default();
            let begins = name.len() >= 8 && digest.starts_with(&name.to_ascii_lowercase());
            let path = artifact.path.raw();
            let below = path
                .strip_prefix(name.as_str())
                .is_some_and(|rest| rest.starts_with(BELOW));
            begins || path == name || below
        };
        let roots: Vec<&str> = all
            .iter()
            .filter(|one| is_named(one))
            .map(|one| one.path.raw())
            .collect();
        if roots.is_empty() {
            return Err(Fault::Unknown(format!(
                "artifact '{}' in this case",
                Untrusted::new(name.as_str()).shown(80)
            )));
        }
        for (artifact, chosen) in all.iter().zip(&mut chosen) {
            let path = artifact.path.raw();
            let is_in = |root: &&str| {
                path.strip_prefix(root)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(BELOW))
            };
            *chosen |= roots.iter().any(is_in);
        }
    }
    Ok(all
        .iter()
        .zip(chosen)
        .filter(|(_, chosen)| *chosen)
        .map(|(one, _)| one)
        .collect())
}

/// Moves what a case holds into another one; says what that was.
fn pour(transaction: &Transaction<'_>, case: &Case, target: &Case, by: &By) -> std::result::Result<String, Fault> {
    let (from, to) = (values::number(case.number), values::number(target.number));
    let moved = transaction
        .prepare_cached("UPDATE OR IGNORE case_artifact SET case_number = ?2 WHERE case_number = ?1")?
        .execute([from, to])?;
    // What both have: what was kept or seen only here goes over.
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO case_kept (artifact, sealed) SELECT theirs.id, sealed FROM case_kept
             JOIN case_artifact ours ON ours.id = artifact AND ours.case_number = ?1
             JOIN case_artifact theirs ON theirs.identity = ours.identity AND theirs.case_number = ?2",
        )?
        .execute([from, to])?;
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO case_observable (artifact, kind, folded, value, telling)
             SELECT theirs.id, kind, folded, value, telling FROM case_observable
             JOIN case_artifact ours ON ours.id = artifact AND ours.case_number = ?1
             JOIN case_artifact theirs ON theirs.identity = ours.identity AND theirs.case_number = ?2",
        )?
        .execute([from, to])?;
    transaction
        .prepare_cached("DELETE FROM case_artifact WHERE case_number = ?1")?
        .execute([from])?;
    let reports = transaction
        .prepare_cached("UPDATE OR IGNORE case_report SET case_number = ?2 WHERE case_number = ?1")?
        .execute([from, to])?;
    transaction
        .prepare_cached("DELETE FROM case_report WHERE case_number = ?1")?
        .execute([from])?;
    let notes = notes(transaction, case, target, by)?;
    let tasks = tasks(transaction, from, to)?;
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO case_tag (case_number, tag) SELECT ?2, tag FROM case_tag WHERE case_number = ?1",
        )?
        .execute([from, to])?;
    worsen(transaction, case, target)?;
    Ok([
        counted(moved as u64, "artifact"),
        counted(reports as u64, "report"),
        counted(notes, "note"),
        counted(tasks, "open task"),
    ]
    .join(", "))
}

/// Writes the notes of a case down in another one: who wrote each, and when, stands before it.
fn notes(transaction: &Transaction<'_>, case: &Case, target: &Case, by: &By) -> std::result::Result<u64, Fault> {
    let events = chain::events(transaction, values::number(case.number))?;
    let mut count = 0;
    for note in events.iter().filter(|event| event.action.as_str() == "noted") {
        let text = format!(
            "({}, {}, in '{}') {}",
            note.who.raw(),
            note.at,
            case.name,
            note.text.raw()
        );
        chain::add(transaction, numbered(target), by, "noted", &text)?;
        count += 1;
    }
    Ok(count)
}

/// Moves the tasks that are not done.
fn tasks(transaction: &Transaction<'_>, from: i64, to: i64) -> std::result::Result<u64, Fault> {
    let last: Option<i64> = transaction
        .prepare_cached("SELECT max(number) FROM case_task WHERE case_number = ?1")?
        .query_row([to], |row| row.get(0))?;
    let moved = transaction
        .prepare_cached(
            "INSERT INTO case_task (case_number, number, text)
             SELECT ?2, ?3 + row_number() OVER (ORDER BY number), text FROM case_task
             WHERE case_number = ?1 AND done IS NULL",
        )?
        .execute([from, to, last.unwrap_or(0)])?;
    transaction
        .prepare_cached("DELETE FROM case_task WHERE case_number = ?1 AND done IS NULL")?
        .execute([from])?;
    Ok(moved as u64)
}

/// A case is as bad as the worse of both, began with the earlier, and may be shared as the less shared.
fn worsen(transaction: &Transaction<'_>, case: &Case, target: &Case) -> std::result::Result<(), Fault> {
    let (verdict, score) = (case.verdict, case.score).max((target.verdict, target.score));
    let occurred = [case.times.occurred, target.times.occurred].into_iter().flatten().min();
    transaction
        .prepare_cached(
            "UPDATE case_file SET severity = ?2, verdict = ?3, score = ?4, occurred = ?5, detected = ?6, tlp = ?7
             WHERE number = ?1",
        )?
        .execute(params![
            values::number(target.number),
            case.severity.max(target.severity).map(Severity::as_str),
            verdict.as_str(),
            score,
            occurred.map(Moment::unix),
            case.times.detected.min(target.times.detected).unix(),
            case.tlp.max(target.tlp).map(watchfire_model::Tlp::as_str),
        ])?;
    Ok(())
}

/// The names of cases by their identifiers, for whoever shows what became of one.
impl Cases<'_> {
    /// What the case of that identifier is called here, if it is here.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn name_of(&self, id: CaseId) -> Result<Option<CaseName>> {
        Ok(self.by_id(id)?.map(|case| case.name))
    }
}
