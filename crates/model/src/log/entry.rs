//! A record as a timeline lists it.

use super::{LogAlert, RuleLevel};
use crate::{Timestamp, Untrusted};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// One record of a log, with the names of its log and those of the Open Cybersecurity Schema Framework.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LogEntry {
    /// When it happened, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// What of the time was assumed: `zone`, `year`, `zone and year`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<&'static str>,
    /// The file.
    pub source: Untrusted,
    /// Its line there, or its number where there are no lines.
    pub line: u64,
    /// What it was read as.
    pub format: &'static str,
    /// Whose log it is.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub host: Untrusted,
    /// The highest level of the rules that hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<RuleLevel>,
    /// Rules that hold for it.
    pub rules: Vec<EntryRule>,
    /// What it says to people.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub message: Untrusted,
    /// What is wrong with the record itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
    /// Names and values as the log has them.
    #[serde(serialize_with = "original")]
    pub fields: Vec<EntryField>,
    /// The same under the names of the schema, as far as it has some.
    #[serde(serialize_with = "named")]
    pub normal: Vec<(&'static str, EntryValue)>,
}

/// A rule that holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EntryRule {
    /// Its identifier.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub id: Untrusted,
    /// Its title.
    pub title: Untrusted,
    /// How critical.
    pub level: RuleLevel,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryField {
    /// The name, as the log writes it.
    pub name: Untrusted,
    /// The value.
    pub value: EntryValue,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum EntryValue {
    /// Text.
    Text(Untrusted),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Said to be nothing.
    Null,
}

/// Takes records of logs in the order in which they are read.
pub trait EntrySink {
    /// Whether it wants all records, and not only those that something is said of.
    fn wants_all(&self) -> bool {
        false
    }

    /// Whether it wants records at all, and not only what is told at once.
    fn wants_entries(&self) -> bool {
        true
    }

    /// One record.
    fn entry(&mut self, entry: &LogEntry);

    /// Something is told of a log that grows, behind the record that it is about.
    fn alert(&mut self, _alert: &LogAlert) {}

    /// Whether more is wanted. Whoever writes to something that is full or closed says no.
    fn goes_on(&self) -> bool {
        true
    }
}

fn original<S: Serializer>(fields: &[EntryField], serializer: S) -> Result<S::Ok, S::Error> {
    grouped(fields.iter().map(|field| (field.name.raw(), &field.value)), serializer)
}

fn named<S: Serializer>(fields: &[(&'static str, EntryValue)], serializer: S) -> Result<S::Ok, S::Error> {
    grouped(fields.iter().map(|(name, value)| (*name, value)), serializer)
}

/// Values of one name are a list, at the place of the first.
fn grouped<'v, S: Serializer>(
    fields: impl Iterator<Item = (&'v str, &'v EntryValue)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut names: Vec<(&str, Vec<&EntryValue>)> = Vec::new();
    let mut places: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for (name, value) in fields {
        let place = *places.entry(name).or_insert(names.len());
        match names.get_mut(place) {
            Some((_, values)) => values.push(value),
            None => names.push((name, vec![value])),
        }
    }
    let mut map = serializer.serialize_map(Some(names.len()))?;
    for (name, values) in names {
        match values.as_slice() {
            [value] => map.serialize_entry(name, value)?,
            values => map.serialize_entry(name, values)?,
        }
    }
    map.end()
}

impl std::fmt::Display for EntryValue {
    /// As a table writes it, live.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text.raw()),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Bool(is) => write!(f, "{is}"),
            Self::Null => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_name_are_a_list() {
        let field = |name: &str, value| EntryField {
            name: name.into(),
            value,
        };
        let entry = LogEntry {
            format: "json",
            fields: vec![
                field("a", EntryValue::Integer(1)),
                field("b", EntryValue::Null),
                field("a", EntryValue::Text("x".into())),
            ],
            ..LogEntry::default()
        };
        let json = serde_json::to_string(&entry).expect("it is JSON");
        assert_eq!(
            json,
            r#"{"source":"","line":0,"format":"json","rules":[],"fields":{"a":[1,"x"],"b":null},"normal":{}}"#
        );
    }
}
