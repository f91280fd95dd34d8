//! What people did to a case, as a chain of hashes: each event is hashed with a salt, and that together with the event
//! before. The audit log of the store holds the hash of each event and nothing that it says.
//!
//! So whoever changes an event breaks the chain, and yet what an event says can be erased: its salt goes with its text,
//! nobody can tell by trying what it was, and the hashes stay.

use super::record::CaseEvent;
use super::words::CaseId;
use crate::error::Fault;
use crate::values::{self, By, Name};
use crate::{ArtifactId, audit};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::{Moment, Untrusted};

/// What the audit log calls what is done to cases.
const AUDITED: &str = "case-";

/// Longest text of an event. Bytes.
pub(super) const MAX_TEXT: usize = 64 << 10;

/// The salted hash of what was done: each text stands behind its length.
pub(super) fn sealed(salt: &[u8; 16], at: Moment, texts: [&str; 3]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"watchfire case event 1\n");
    hasher.update(salt);
    hasher.update(at.unix().to_be_bytes());
    for text in texts {
        hasher.update(values::number(text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().into()
}

/// The hash over an event and the one before.
fn chained(before: &[u8; 32], number: u64, sealed: &[u8; 32]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"watchfire case chain 1\n");
    hasher.update(before);
    hasher.update(values::number(number).to_be_bytes());
    hasher.update(sealed);
    hasher.finalize().into()
}

/// Whether events follow one another as they were written; the first that does not.
///
/// # Errors
/// The number of that event.
pub fn verify_events(events: &[CaseEvent]) -> Result<(), u64> {
    let mut before = [0; 32];
    for (number, event) in (1..).zip(events) {
        let texts = [event.who.raw(), event.action.as_str(), event.text.raw()];
        let said = event.salt.map(|salt| sealed(&salt, event.at, texts));
        if event.number != number || said.is_some_and(|said| &said != event.sealed.as_bytes()) {
            return Err(number);
        }
        before = chained(&before, number, event.sealed.as_bytes());
        if &before != event.hash.as_bytes() {
            return Err(number);
        }
    }
    Ok(())
}

/// How the audit log names a case.
pub(super) fn subject(id: CaseId) -> String {
    format!("case {id}")
}

/// Enters into the audit log what was done to a case as a whole.
pub(super) fn audited(
    transaction: &Transaction<'_>,
    by: &By,
    id: CaseId,
    action: &str,
    detail: &str,
) -> Result<(), Fault> {
    audit::enter(transaction, by, &format!("{AUDITED}{action}"), &subject(id), detail)
}

/// Adds an event to a case, and its hash to the audit log.
pub(super) fn add(
    transaction: &Transaction<'_>,
    (case, id): (i64, CaseId),
    by: &By,
    action: &str,
    text: &str,
) -> Result<(), Fault> {
    let last = transaction
        .prepare_cached("SELECT number, hash FROM case_event WHERE case_number = ?1 ORDER BY number DESC LIMIT 1")?
        .query_row([case], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()?;
    let (number, before) = last.map_or((1, [0; 32]), |(number, hash)| (number.saturating_add(1), hash));
    let salt: [u8; 16] = transaction
        .prepare_cached("SELECT randomblob(16)")?
        .query_row([], |row| row.get(0))?;
    let text = values::cut(&Untrusted::new(text), MAX_TEXT).to_owned();
    let who = by.who();
    let sealed = sealed(&salt, by.at, [who, action, &text]);
    let hash = chained(&before, u64::try_from(number).unwrap_or_default(), &sealed);
    transaction
        .prepare_cached(
            "INSERT INTO case_event (case_number, number, at, who, action, text, salt, sealed, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            case,
            number,
            by.at.unix(),
            who,
            action,
            text,
            salt,
            sealed,
            hash
        ])?;
    let detail = format!("event {number} {}", ArtifactId::from_digest(hash));
    audited(transaction, by, id, action, &detail)
}

/// The events of a case, the first first.
pub(super) fn events(connection: &Connection, case: i64) -> Result<Vec<CaseEvent>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT number, at, who, action, text, salt, sealed, hash FROM case_event
         WHERE case_number = ?1 ORDER BY number",
    )?;
    statement.query_and_then([case], event)?.collect()
}

fn event(row: &Row<'_>) -> Result<CaseEvent, Fault> {
    Ok(CaseEvent {
        number: values::count(row, 0)?,
        at: values::moment(row, 1)?,
        who: values::text(row, 2)?,
        action: values::name(row, 3)?,
        text: values::text(row, 4)?,
        salt: row.get(5)?,
        sealed: values::digest(row, 6)?,
        hash: values::digest(row, 7)?,
    })
}

/// What the audit log says of cases.
#[derive(Default)]
struct Told {
    /// The hashes of events, by case and number.
    events: BTreeMap<(String, u64), String>,
    /// Cases that somebody purged, and those of which something was erased or that came from elsewhere.
    purged: BTreeSet<String>,
    changed: BTreeSet<String>,
}

fn told(connection: &Connection) -> Result<Told, Fault> {
    let mut told = Told::default();
    let mut statement = connection
        .prepare("SELECT action, subject, detail FROM audit WHERE substr(action, 1, 5) = 'case-' ORDER BY number")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (action, subject, detail): (Name, String, String) = (values::name(row, 0)?, row.get(1)?, row.get(2)?);
        match action.as_str() {
            "case-purged" => {
                told.events.retain(|(case, _), _| *case != subject);
                told.purged.insert(subject);
            }
            "case-erased" => drop(told.changed.insert(subject)),
            "case-imported" => {
                // What is imported takes the place of what was there, and says itself what follows what.
                told.events.retain(|(case, _), _| *case != subject);
                told.purged.remove(&subject);
                told.changed.insert(subject);
            }
            _ => {
                let mut words = detail.split(' ');
                let (first, number, hash) = (words.next(), words.next(), words.next());
                let number = number.and_then(|number| number.parse().ok());
                if let (Some("event"), Some(number), Some(hash)) = (first, number, hash) {
                    told.events.insert((subject, number), hash.to_owned());
                }
            }
        }
    }
    Ok(told)
}

/// Whether every case is what people made of it, and none is missing; how many there are.
pub(crate) fn verify(connection: &Connection) -> Result<u64, Fault> {
    let mut told = told(connection)?;
    let mut statement = connection.prepare("SELECT number, id FROM case_file ORDER BY number")?;
    let cases = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (case, id) in &cases {
        let subject = subject(CaseId(*id));
        let events = events(connection, *case)?;
        let wrong = |number: u64| {
            Fault::Corrupt(format!(
                "event {number} of case {case}, or the one before it, is not what was written"
            ))
        };
        verify_events(&events).map_err(wrong)?;
        let is_changed = told.changed.contains(&subject);
        for event in &events {
            if event.salt.is_none() && !is_changed {
                return Err(wrong(event.number));
            }
            let logged = told.events.remove(&(subject.clone(), event.number));
            if logged.map_or(!is_changed, |logged| logged != event.hash.to_string()) {
                return Err(wrong(event.number));
            }
        }
    }
    let missing = told.events.keys().find(|(subject, _)| !told.purged.contains(subject));
    match missing {
        Some((subject, number)) => Err(Fault::Corrupt(format!(
            "event {number} of {subject} is in the audit log and nowhere else"
        ))),
        None => Ok(cases.len() as u64),
    }
}
