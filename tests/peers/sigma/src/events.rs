//! Event logs of Windows as flat records, named as SigmaHQ's rules name fields: children of `System` by their names,
//! attributes as `Provider_Name`, and what stands in `EventData` or `UserData` by its own name.

use evtx::{EvtxParser, ParserSettings};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

/// A value of a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Held {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Null,
}

/// Names and values in the order of their names; a list gives several values under one name.
pub(crate) type Record = Vec<(String, Held)>;

/// Every record that can be read.
pub(crate) fn records(path: &Path) -> Vec<Record> {
    let settings = ParserSettings::new().num_threads(1);
    let Ok(parser) = EvtxParser::from_path(path) else {
        return Vec::new();
    };
    let mut parser = parser.with_configuration(settings);
    let records = parser.records_json_value().flatten();
    records.map(|record| flatten(&record.data)).collect()
}

fn flatten(event: &Json) -> Record {
    let event = event.get("Event").unwrap_or(event);
    let mut fields: BTreeMap<String, Vec<Held>> = BTreeMap::new();
    if let Some(Json::Object(system)) = event.get("System") {
        for (name, value) in system {
            element(name, value, true, &mut fields);
        }
    }
    for part in ["EventData", "UserData"] {
        if let Some(Json::Object(children)) = event.get(part) {
            for (name, value) in children.iter().filter(|(name, _)| *name != "#attributes") {
                element(name, value, false, &mut fields);
            }
        }
    }
    let pairs = fields
        .into_iter()
        .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)));
    pairs.collect()
}

/// An element: its text under its name, its attributes under both names where it is of `System`, its children under theirs.
fn element(name: &str, value: &Json, is_system: bool, fields: &mut BTreeMap<String, Vec<Held>>) {
    let mut add = |name: String, value: Held| fields.entry(name).or_default().push(value);
    match value {
        Json::Object(children) => {
            for (child, value) in children {
                match (child.as_str(), value) {
                    ("#text", value) => element(name, value, is_system, fields),
                    ("#attributes", Json::Object(attributes)) if is_system => {
                        for (attribute, value) in attributes {
                            element(&format!("{name}_{attribute}"), value, true, fields);
                        }
                    }
                    ("#attributes", _) => {}
                    _ => element(child, value, false, fields),
                }
            }
        }
        Json::Array(values) => values.iter().for_each(|value| element(name, value, is_system, fields)),
        Json::String(text) => add(name.to_owned(), Held::Text(text.clone())),
        Json::Bool(is) => add(name.to_owned(), Held::Boolean(*is)),
        Json::Null => add(name.to_owned(), Held::Null),
        Json::Number(number) => add(
            name.to_owned(),
            number
                .as_i64()
                .map_or_else(|| Held::Float(number.as_f64().unwrap_or(0.0)), Held::Integer),
        ),
    }
}
