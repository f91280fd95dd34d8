//! Cases: a report and what people did about it.
//!
//! One acknowledged change is one committed transaction, with an event of the case and an entry of the audit log in it.
//! Names of people, notes and values of evidence stand in the tables of cases alone, so that they can be erased; the audit
//! log holds salted hashes of them ([`chain`]).

mod chain;
mod erase;
mod extend;
mod merge;
mod read;
mod record;
mod restore;
mod words;

pub(crate) use chain::verify;
pub use chain::verify_events;
pub use erase::{Erased, Scrub};
pub use read::{CaseCounts, Kept};
pub use record::{
    Case, CaseArtifact, CaseEvent, CaseLink, CaseObservable, CaseRecord, CaseReport, CaseTask, CaseTimes, Extended,
    NewTriage,
};
pub use restore::Restored;
pub use words::{CaseId, CaseName, Resolution, Status};

use crate::Store;
use crate::error::{Fault, Result};
use crate::store::Durability;
use crate::values::{self, By, Name};
use rusqlite::{OptionalExtension, Transaction, params};
use watchfire_model::{Moment, Severity, Tlp, Untrusted};

/// The cases of a store.
#[derive(Clone, Copy, Debug)]
pub struct Cases<'s>(pub(crate) &'s Store);

/// What people do to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Write something down.
    Note(Untrusted),
    /// Something is to be done.
    AddTask(Untrusted),
    /// It was done.
    FinishTask(u64),
    /// Tags that it gets, and those that it loses.
    Tag(Vec<Name>, Vec<Name>),
    /// Whose it is; nobody's without a name.
    Assign(Option<Untrusted>),
    /// It is taken up.
    Acknowledge,
    /// It does no more harm.
    Contain,
    /// It is over: what it was, and why.
    Resolve(Resolution, Untrusted),
    /// It is not over, and why.
    Reopen(Untrusted),
    /// Its times are others.
    Times(NewTimes),
    /// What it is about, of which type, how grave, how it may be shared.
    Describe(Description),
}

/// Times that somebody corrects; the others stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewTimes {
    /// When it happened.
    pub occurred: Option<Moment>,
    /// When it was noticed.
    pub detected: Option<Moment>,
    /// When somebody took it up.
    pub acknowledged: Option<Moment>,
    /// From when on it did no more harm.
    pub contained: Option<Moment>,
    /// When it was over.
    pub resolved: Option<Moment>,
}

/// What somebody says of a case; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// What it is about.
    pub title: Option<Untrusted>,
    /// Of which type.
    pub kind: Option<Name>,
    /// How grave.
    pub severity: Option<Severity>,
    /// How it may be shared.
    pub tlp: Option<Tlp>,
}

/// Longest text of a note. Bytes.
pub const MAX_NOTE: usize = chain::MAX_TEXT;
/// Longest title, task, reason or name of an assignee that is kept. Bytes.
const MAX_LINE: usize = 1000;
/// Tasks and tags of one case.
const MOST: u64 = 1000;

impl Cases<'_> {
    /// Changes a case that is called by name or number. It is as it is now when this returns, and stays so.
    ///
    /// # Errors
    /// When there is no such case, the change makes no sense, or it cannot be written.
    pub fn change(&self, called: &str, change: &Change, by: &By) -> Result<Case> {
        self.0.write("change a case of", Durability::Full, |transaction| {
            let case = read::required(transaction, called)?;
            let (action, text) = apply(transaction, &case, change, by)?;
            chain::add(transaction, (values::number(case.number), case.id), by, action, &text)?;
            read::by_id(transaction, case.id)?.ok_or_else(|| Fault::Unknown("such case".to_owned()))
        })
    }

    /// Enters into the audit log what was done with a case and changes nothing of it: who took a copy.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn audit(&self, id: CaseId, action: &Name, by: &By) -> Result<()> {
        self.0
            .write("add to the audit log of", Durability::Full, |transaction| {
                chain::audited(transaction, by, id, action.as_str(), "")
            })
    }
}

/// Changes the rows, and says what was done.
fn apply(
    transaction: &Transaction<'_>,
    case: &Case,
    change: &Change,
    by: &By,
) -> std::result::Result<(&'static str, String), Fault> {
    let number = values::number(case.number);
    Ok(match change {
        Change::Note(text) => ("noted", required(text, MAX_NOTE, "a note")?),
        Change::AddTask(text) => ("task-added", add_task(transaction, number, text)?),
        Change::FinishTask(task) => ("task-done", finish_task(transaction, number, *task, by)?),
        Change::Tag(more, less) => ("tagged", tag(transaction, number, more, less)?),
        Change::Assign(who) => ("assigned", assign(transaction, case, who.as_ref(), by)?),
        Change::Acknowledge => ("acknowledged", reach(transaction, case, "acknowledged", by)?),
        Change::Contain => {
            begin(transaction, case, by)?;
            ("contained", reach(transaction, case, "contained", by)?)
        }
        Change::Resolve(resolution, why) => ("resolved", resolve(transaction, case, *resolution, why, by)?),
        Change::Reopen(why) => ("reopened", reopen(transaction, case, why)?),
        Change::Times(times) => ("timed", set_times(transaction, case, times)?),
        Change::Describe(said) => ("described", describe(transaction, number, said)?),
    })
}

/// Text that must say something.
fn required(text: &Untrusted, most: usize, what: &str) -> std::result::Result<String, Fault> {
    let trimmed = text.raw().trim();
    if trimmed.is_empty() {
        return Err(Fault::Refused(format!("{what} is empty")));
    }
    if trimmed.len() > most {
        return Err(Fault::Refused(format!(
            "{what} is longer than {most} bytes: keep it in a file, and triage that into the case"
        )));
    }
    Ok(trimmed.to_owned())
}

fn add_task(transaction: &Transaction<'_>, case: i64, text: &Untrusted) -> std::result::Result<String, Fault> {
    let text = required(text, MAX_LINE, "a task")?;
    let last: Option<i64> = transaction
        .prepare_cached("SELECT max(number) FROM case_task WHERE case_number = ?1")?
        .query_row([case], |row| row.get(0))?;
    let number = last.unwrap_or(0).saturating_add(1);
    if number > values::number(MOST) {
        return Err(Fault::Refused(format!("a case has at most {MOST} tasks")));
    }
    transaction
        .prepare_cached("INSERT INTO case_task (case_number, number, text) VALUES (?1, ?2, ?3)")?
        .execute(params![case, number, text])?;
    Ok(format!("{number}: {text}"))
}

fn finish_task(transaction: &Transaction<'_>, case: i64, task: u64, by: &By) -> std::result::Result<String, Fault> {
    let found = transaction
        .prepare_cached("SELECT text, done FROM case_task WHERE case_number = ?1 AND number = ?2")?
        .query_row(params![case, values::number(task)], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?))
        })
        .optional()?;
    let Some((text, done)) = found else {
        return Err(Fault::Unknown(format!("task {task} of this case")));
    };
    if done.is_some() {
        return Err(Fault::Refused(format!("task {task} is done already")));
    }
    transaction
        .prepare_cached("UPDATE case_task SET done = ?3 WHERE case_number = ?1 AND number = ?2")?
        .execute(params![case, values::number(task), by.at.unix()])?;
    Ok(format!("{task}: {text}"))
}

fn tag(transaction: &Transaction<'_>, case: i64, more: &[Name], less: &[Name]) -> std::result::Result<String, Fault> {
    let mut said = Vec::new();
    for tag in more {
        let added = transaction
            .prepare_cached("INSERT INTO case_tag (case_number, tag) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![case, tag.as_str()])?;
        said.extend((added > 0).then(|| format!("+{tag}")));
    }
    for tag in less {
        let removed = transaction
            .prepare_cached("DELETE FROM case_tag WHERE case_number = ?1 AND tag = ?2")?
            .execute(params![case, tag.as_str()])?;
        said.extend((removed > 0).then(|| format!("-{tag}")));
    }
    let count: i64 = transaction
        .prepare_cached("SELECT count(*) FROM case_tag WHERE case_number = ?1")?
        .query_row([case], |row| row.get(0))?;
    if count > values::number(MOST) {
        return Err(Fault::Refused(format!("a case has at most {MOST} tags")));
    }
    if said.is_empty() {
        return Err(Fault::Refused("its tags are as they should be already".to_owned()));
    }
    Ok(said.join(" "))
}

fn assign(
    transaction: &Transaction<'_>,
    case: &Case,
    who: Option<&Untrusted>,
    by: &By,
) -> std::result::Result<String, Fault> {
    let who = who.map(|who| required(who, By::MAX_WHO, "a name")).transpose()?;
    transaction
        .prepare_cached("UPDATE case_file SET assignee = ?2 WHERE number = ?1")?
        .execute(params![values::number(case.number), who])?;
    if who.is_some() {
        begin(transaction, case, by)?;
    }
    Ok(who.unwrap_or_else(|| "nobody".to_owned()))
}

/// Whoever works on a case has taken it up.
fn begin(transaction: &Transaction<'_>, case: &Case, by: &By) -> std::result::Result<(), Fault> {
    transaction
        .prepare_cached("UPDATE case_file SET acknowledged = coalesce(acknowledged, ?2) WHERE number = ?1")?
        .execute(params![values::number(case.number), by.at.unix()])?;
    Ok(())
}

/// Sets a time that was not reached.
fn reach(
    transaction: &Transaction<'_>,
    case: &Case,
    column: &'static str,
    by: &By,
) -> std::result::Result<String, Fault> {
    if case.times.resolved.is_some() {
        return Err(Fault::Refused(format!(
            "case '{}' is resolved: reopen it first",
            case.name
        )));
    }
    let changed = transaction
        .prepare_cached(&format!(
            "UPDATE case_file SET {column} = ?2 WHERE number = ?1 AND {column} IS NULL"
        ))?
        .execute(params![values::number(case.number), by.at.unix()])?;
    if changed == 0 {
        return Err(Fault::Refused(format!("case '{}' is {column} already", case.name)));
    }
    Ok(String::new())
}

fn resolve(
    transaction: &Transaction<'_>,
    case: &Case,
    resolution: Resolution,
    why: &Untrusted,
    by: &By,
) -> std::result::Result<String, Fault> {
    if case.times.resolved.is_some() {
        return Err(Fault::Refused(format!(
            "case '{}' is resolved already: reopen it first",
            case.name
        )));
    }
    let why = required(why, MAX_LINE, "the reason")?;
    begin(transaction, case, by)?;
    transaction
        .prepare_cached("UPDATE case_file SET resolved = ?2, resolution = ?3, why = ?4 WHERE number = ?1")?
        .execute(params![
            values::number(case.number),
            by.at.unix(),
            resolution.as_str(),
            why
        ])?;
    Ok(format!("{}: {why}", resolution.as_str()))
}

fn reopen(transaction: &Transaction<'_>, case: &Case, why: &Untrusted) -> std::result::Result<String, Fault> {
    if case.times.resolved.is_none() {
        return Err(Fault::Refused(format!("case '{}' is open", case.name)));
    }
    if case.merged_into.is_some() {
        return Err(Fault::Refused(format!("case '{}' is part of another one", case.name)));
    }
    let why = values::cut(why, MAX_LINE).trim().to_owned();
    transaction
        .prepare_cached("UPDATE case_file SET resolved = NULL, resolution = NULL, why = '' WHERE number = ?1")?
        .execute([values::number(case.number)])?;
    Ok(why)
}

fn set_times(transaction: &Transaction<'_>, case: &Case, times: &NewTimes) -> std::result::Result<String, Fault> {
    if times.resolved.is_some() && case.times.resolved.is_none() {
        return Err(Fault::Refused(format!(
            "case '{}' is not resolved: resolve it, and correct the time then",
            case.name
        )));
    }
    let columns = [
        ("occurred", times.occurred),
        ("detected", times.detected),
        ("acknowledged", times.acknowledged),
        ("contained", times.contained),
        ("resolved", times.resolved),
    ];
    let mut said = Vec::new();
    for (column, moment) in columns {
        let Some(moment) = moment else { continue };
        transaction
            .prepare_cached(&format!("UPDATE case_file SET {column} = ?2 WHERE number = ?1"))?
            .execute(params![values::number(case.number), moment.unix()])?;
        said.push(format!("{column} {moment}"));
    }
    if said.is_empty() {
        return Err(Fault::Refused("no time was given".to_owned()));
    }
    Ok(said.join(", "))
}

fn describe(transaction: &Transaction<'_>, case: i64, said: &Description) -> std::result::Result<String, Fault> {
    let title = said
        .title
        .as_ref()
        .map(|title| required(title, MAX_LINE, "a title"))
        .transpose()?;
    let columns = [
        ("title", title),
        ("kind", said.kind.as_ref().map(ToString::to_string)),
        ("severity", said.severity.map(|severity| severity.as_str().to_owned())),
        ("tlp", said.tlp.map(|tlp| tlp.as_str().to_owned())),
    ];
    let mut told = Vec::new();
    for (column, value) in columns {
        let Some(value) = value else { continue };
        transaction
            .prepare_cached(&format!("UPDATE case_file SET {column} = ?2 WHERE number = ?1"))?
            .execute(params![case, value])?;
        told.push(format!("{} {value}", if column == "kind" { "type" } else { column }));
    }
    if told.is_empty() {
        return Err(Fault::Refused("nothing was said of it".to_owned()));
    }
    Ok(told.join(", "))
}
