//! Asking a snapshot of the DNS, and remembering what it did not know.
//!
//! A verification that meets an unknown answer ends there, with the question noted; somebody answers it, and the
//! verification is done again from the start. Nothing is remembered from one time to the next but the snapshot.

use std::collections::BTreeSet;
use watchfire_model::dns::{DnsSnapshot, Known, Name, Question, Record, RecordKind};

/// Whoever asks.
#[derive(Debug)]
pub struct Asker<'a> {
    dns: &'a DnsSnapshot,
    missing: BTreeSet<Question>,
}

/// What a question was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// These records, at least one.
    Records(&'a [Record]),
    /// No such name, or none of this kind.
    Nothing,
    /// It could not be found out.
    Failed,
}

/// An answer is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing;

impl<'a> Asker<'a> {
    /// Asks this snapshot.
    pub fn new(dns: &'a DnsSnapshot) -> Self {
        Self {
            dns,
            missing: BTreeSet::new(),
        }
    }

    /// Asks. What is not known is noted.
    pub fn ask(&mut self, name: &Name, kind: RecordKind) -> Result<Reply<'a>, Missing> {
        let question = Question {
            name: name.clone(),
            kind,
        };
        match self.dns.look_up(&question) {
            Known::Records(records) => Ok(Reply::Records(records)),
            Known::NoSuchName | Known::NoData => Ok(Reply::Nothing),
            Known::Failed => Ok(Reply::Failed),
            Known::Unknown(question) => {
                self.missing.insert(question);
                Err(Missing)
            }
        }
    }

    /// The texts of a name.
    pub fn texts(&mut self, name: &Name) -> Result<Result<Vec<&'a [u8]>, Failed>, Missing> {
        Ok(match self.ask(name, RecordKind::Txt)? {
            Reply::Records(records) => Ok(records.iter().filter_map(text).collect()),
            Reply::Nothing => Ok(Vec::new()),
            Reply::Failed => Err(Failed),
        })
    }

    /// What was asked and not known, in order.
    pub fn into_missing(self) -> Vec<Question> {
        self.missing.into_iter().collect()
    }
}

/// An answer could not be had this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

fn text(record: &Record) -> Option<&[u8]> {
    match record {
        Record::Text(text) => Some(text),
        _ => None,
    }
}
