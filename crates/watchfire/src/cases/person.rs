//! A person whose traces are to be erased: an address, and the names that stand with it.

use super::packed;
use super::redact::Replacer;
use crate::Problem;
use serde_json::Value;
use std::collections::BTreeSet;
use watchfire_model::{Observable, ObservableType, Untrusted};
use watchfire_store::{Kept, Scrub, Store};

/// What stands where a person stood.
const MARKER: &str = "[erased]";

/// Names of fewer letters are those of too many.
const SHORTEST_NAME: usize = 4;

/// Who is to be erased.
#[derive(Clone, Debug)]
pub struct Person {
    address: String,
    names: Vec<String>,
}

impl Person {
    /// By a mail address, and names that stand elsewhere without it.
    ///
    /// # Errors
    /// When it is no mail address, or a name is too short to be one.
    pub fn parse(address: &str, names: &[String]) -> Result<Self, Problem> {
        let shown = Untrusted::new(address).shown(80);
        let parsed = Observable::parse(ObservableType::Email, address).map_err(|why| {
            Problem::new(format!("--person: '{shown}' is {why}")).hint("a person is named by a mail address")
        })?;
        if let Some(short) = names.iter().find(|name| name.trim().chars().count() < SHORTEST_NAME) {
            let short = Untrusted::new(short.as_str()).shown(40);
            return Err(Problem::new(format!(
                "--also: '{short}' is too short: it stands in too many other words"
            ))
            .hint(format!("give at least {SHORTEST_NAME} letters")));
        }
        Ok(Self {
            address: parsed.raw().to_owned(),
            names: names.to_vec(),
        })
    }

    /// With the names that stand beside the address in mails.
    pub(super) fn with_names(&self, store: &Store) -> Result<Erasure, Problem> {
        let mut names: BTreeSet<String> = self.names.iter().cloned().collect();
        for case in store.cases().list()? {
            for report in store.cases().record(case.id, Kept::Without)?.reports {
                let report = packed::read(&report.content).map_err(Problem::new)?;
                self.named(&report, &mut names);
            }
        }
        let mut replacer = Replacer::default();
        replacer.add_address(&self.address, MARKER);
        for name in &names {
            replacer.add(name, MARKER);
        }
        Ok(Erasure(replacer))
    }

    /// Mailboxes of the person, wherever they stand.
    fn named(&self, value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.named(value, names)),
            Value::Object(fields) => {
                let text = |field: &str| fields.get(field).and_then(Value::as_str);
                let is_theirs = text("address").is_some_and(|address| address.eq_ignore_ascii_case(&self.address));
                if let (true, Some(name)) = (is_theirs, text("name")) {
                    let name = name.trim();
                    if name.chars().count() >= SHORTEST_NAME {
                        names.insert(name.to_owned());
                    }
                }
                fields.values().for_each(|value| self.named(value, names));
            }
            _ => {}
        }
    }
}

/// Finds a person in what cases hold.
pub(super) struct Erasure(Replacer);

impl Scrub for Erasure {
    fn text(&self, text: &str) -> Option<String> {
        self.0.text(text)
    }

    fn report(&self, content: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let mut report = packed::read(content)?;
        if !self.0.document(&mut report) {
            return Ok(None);
        }
        let json = serde_json::to_vec_pretty(&report).map_err(|error| error.to_string())?;
        packed::pack(&json).map(Some).map_err(|error| error.to_string())
    }
}
