//! Answers of the DNS from a file: JSON, or text like zone files and the output of `dig`.
//!
//! JSON: an object with `answers`, which holds an object for each name:
//!
//! ```json
//! {
//!   "complete": ["corp.example"],
//!   "answers": {
//!     "example.com": {
//!       "A": ["192.0.2.1"], "AAAA": [], "MX": [[10, "mx.example.com"]],
//!       "TXT": ["v=spf1 mx -all", ["two ", "strings"]]
//!     },
//!     "gone.example": "no such name",
//!     "slow.example": {"TXT": "failed"}
//!   }
//! }
//! ```
//!
//! An empty list: the name has none of this kind. `complete` lists names at and below which nothing else exists, `"."` for
//! everywhere. What is in neither is not known, and verification asks for it.
//!
//! Text: RFC 1035, section 5, with `$ORIGIN`, relative names, `@`, parentheses, quotes and comments; names are absolute where
//! there is no `$ORIGIN`. A zone with an SOA record is complete at and below that record's name. Records of other types are
//! left out. Not here: `$INCLUDE`, `$GENERATE`, and delegations below a complete name.

mod entries;

use entries::{Entries, Word};
use serde_json::Value;
use std::net::IpAddr;
use watchfire_model::dns::{Answer, DnsSnapshot, Name, Question, Record, RecordKind, unescaped};
use watchfire_model::{Problem, Untrusted};

/// Most remarks that are made.
const MOST_PROBLEMS: usize = 32;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// The answers.
    pub dns: DnsSnapshot,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Reads a file. What cannot be read is a problem, and the rest stays.
pub fn read(bytes: &[u8]) -> Zone {
    let mut zone = Zone::default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    if text.trim_start().starts_with('{') {
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => zone.json(&value),
            Err(error) => zone.problem(format!("the answers are no JSON: {error}")),
        }
    } else {
        zone.master(&text);
    }
    zone
}

impl Zone {
    fn problem(&mut self, message: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem::warning("dns-unreadable", message));
        }
    }

    fn json(&mut self, value: &Value) {
        for apex in value.get("complete").and_then(Value::as_array).into_iter().flatten() {
            match apex.as_str().and_then(Name::parse) {
                Some(apex) => self.dns.complete(apex),
                None => self.problem(format!("'complete' holds what is no name: {apex}")),
            }
        }
        let Some(answers) = value.get("answers").and_then(Value::as_object) else {
            self.problem("there is no object 'answers'".to_owned());
            return;
        };
        for (host, kinds) in answers {
            let Some(name) = Name::parse(host) else {
                self.problem(format!("'{}' is no name", Untrusted::new(host.as_str())));
                continue;
            };
            match kinds {
                Value::Object(kinds) => {
                    for (kind, held) in kinds {
                        self.json_kind(&name, kind, held);
                    }
                }
                Value::String(word) => match ended(word) {
                    Some(answer) => self.for_all(&name, &answer),
                    None => self.problem(format!("'{}' is no answer", Untrusted::new(word.as_str()))),
                },
                _ => self.problem(format!("what is said of {name} is no answer")),
            }
        }
    }

    fn for_all(&mut self, name: &Name, answer: &Answer) {
        for kind in RecordKind::ALL {
            let name = name.clone();
            self.dns.insert(Question { name, kind }, answer.clone());
        }
    }

    fn json_kind(&mut self, name: &Name, kind: &str, held: &Value) {
        let answer = RecordKind::named(kind).and_then(|kind| {
            let answer = match held {
                Value::String(word) => ended(word),
                Value::Array(items) => {
                    let records = items.iter().map(|item| json_record(kind, item));
                    records.collect::<Option<Vec<_>>>().map(Answer::Records)
                }
                _ => None,
            };
            answer.map(|answer| (kind, answer))
        });
        match answer {
            Some((kind, answer)) => {
                let name = name.clone();
                self.dns.insert(Question { name, kind }, answer);
            }
            None => {
                let kind = Untrusted::new(kind);
                self.problem(format!("what is said of {name} {} is no answer", kind.shown(20)));
            }
        }
    }

    fn master(&mut self, text: &str) {
        let mut origin = Name::default();
        let mut owner = None;
        for entry in Entries::new(text) {
            let mut words = entry.words.iter();
            let first = words.clone().next();
            if first.is_some_and(|word| word.text.eq_ignore_ascii_case(b"$ORIGIN")) {
                let name = words.nth(1).and_then(|word| absolute(&word.text, &origin));
                match name {
                    Some(name) => origin = name,
                    None => self.problem(format!("line {}: '$ORIGIN' names no name", entry.line)),
                }
                continue;
            }
            if first.is_some_and(|word| word.text.starts_with(b"$")) {
                continue;
            }
            if entry.named {
                owner = words.next().and_then(|word| absolute(&word.text, &origin));
            }
            let rest: Vec<&Word> = words.collect();
            match &owner {
                Some(owner) => self.entry(owner, &rest, &origin, entry.line),
                None => self.problem(format!("line {}: there is no name", entry.line)),
            }
        }
    }

    /// `[TTL] [class] type data…`
    fn entry(&mut self, owner: &Name, words: &[&Word], origin: &Name, line: usize) {
        let skipped = words.iter().take_while(|word| {
            let text = word.text.as_slice();
            text.first().is_some_and(u8::is_ascii_digit)
                || [&b"IN"[..], b"CH", b"HS"]
                    .iter()
                    .any(|class| text.eq_ignore_ascii_case(class))
        });
        let skipped = skipped.count();
        let Some((kind, data)) = words.get(skipped..).and_then(|words| words.split_first()) else {
            self.problem(format!("line {line}: there is no type"));
            return;
        };
        if kind.text.eq_ignore_ascii_case(b"SOA") {
            self.dns.complete(owner.clone());
        }
        let Some(kind) = std::str::from_utf8(&kind.text).ok().and_then(RecordKind::named) else {
            return;
        };
        match master_record(kind, data, origin) {
            Some(record) => self.dns.add(owner.clone(), kind, record),
            None => self.problem(format!("line {line}: this is no record of type {kind}")),
        }
    }
}

/// What a word says instead of records.
fn ended(word: &str) -> Option<Answer> {
    match word {
        "no such name" => Some(Answer::NoSuchName),
        "failed" => Some(Answer::Failed),
        _ => None,
    }
}

fn json_record(kind: RecordKind, item: &Value) -> Option<Record> {
    match (kind, item) {
        (RecordKind::A | RecordKind::Aaaa, Value::String(text)) => address(kind, text),
        (RecordKind::Cname | RecordKind::Ptr, Value::String(text)) => Name::parse(text).map(Record::Name),
        (RecordKind::Mx, Value::Array(pair)) => {
            let [preference, exchange] = pair.as_slice() else {
                return None;
            };
            Some(Record::Mail {
                preference: u16::try_from(preference.as_u64()?).ok()?,
                exchange: Name::parse(exchange.as_str()?)?,
            })
        }
        (RecordKind::Txt, Value::String(text)) => Some(Record::Text(text.as_bytes().to_vec())),
        (RecordKind::Txt, Value::Array(strings)) => {
            let strings = strings.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
            Some(Record::Text(strings.concat().into_bytes()))
        }
        _ => None,
    }
}

fn address(kind: RecordKind, text: &str) -> Option<Record> {
    let address: IpAddr = text.parse().ok()?;
    (address.is_ipv4() == (kind == RecordKind::A)).then_some(Record::Address(address))
}

fn master_record(kind: RecordKind, data: &[&Word], origin: &Name) -> Option<Record> {
    let text = |at: usize| data.get(at).and_then(|word| std::str::from_utf8(&word.text).ok());
    match kind {
        RecordKind::A | RecordKind::Aaaa => address(kind, text(0)?),
        RecordKind::Cname | RecordKind::Ptr => absolute(&data.first()?.text, origin).map(Record::Name),
        RecordKind::Mx => Some(Record::Mail {
            preference: text(0)?.parse().ok()?,
            exchange: absolute(&data.get(1)?.text, origin)?,
        }),
        RecordKind::Txt if data.is_empty() => None,
        RecordKind::Txt => {
            let strings = data.iter().flat_map(|word| unescaped(&word.text));
            Some(Record::Text(strings.collect()))
        }
    }
}

/// A name of a zone file: `@`, absolute with a dot at its end, or relative to the origin.
fn absolute(word: &[u8], origin: &Name) -> Option<Name> {
    let text = String::from_utf8(unescaped(word)).ok()?;
    match text.as_str() {
        "@" => Some(origin.clone()),
        text if text.ends_with('.') || origin.is_root() => Name::parse(text),
        text => origin.below(text),
    }
}

#[cfg(test)]
mod tests;
