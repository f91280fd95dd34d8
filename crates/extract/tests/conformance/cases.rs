//! The corpus of peer cases: one JSON object per line, written by the test suites of other extractors.
//!
//! What the fields mean is described in the corpus's own README. This file only reads them.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Peer type name to values, sorted.
pub(crate) type Values = BTreeMap<String, Vec<String>>;

/// How a case states its expectation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// Values as they are after refanging.
    Refanged,
    /// The exact text that must be found.
    Raw,
    /// A text and what refanging makes of it.
    RefangPair,
    /// How many observables of a type there are.
    Count,
}

/// One case.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) id: u64,
    pub(crate) tier: char,
    pub(crate) source: String,
    pub(crate) test: String,
    pub(crate) text: String,
    pub(crate) form: Form,
    pub(crate) expect: Values,
    pub(crate) exact: Vec<String>,
    pub(crate) reject: Values,
    pub(crate) refang: Option<String>,
    pub(crate) count: BTreeMap<String, u64>,
    pub(crate) opts: Value,
}

/// All cases, or where they were sought and not found.
pub(crate) fn load() -> Result<Vec<Case>, PathBuf> {
    let root = std::env::var_os("WATCHFIRE_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    let path = root.join("ioc/peer_cases.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Err(path);
    };
    Ok(text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| read(&serde_json::from_str(line).expect("each line of the cases is JSON")))
        .collect())
}

fn read(case: &Value) -> Case {
    let text = |name: &str| case[name].as_str().unwrap_or_default().to_owned();
    Case {
        id: case["id"].as_u64().expect("each case has an id"),
        tier: text("tier").chars().next().expect("each case has a tier"),
        source: text("source"),
        test: text("test"),
        text: text("text"),
        form: match case["form"].as_str() {
            Some("refanged") => Form::Refanged,
            Some("raw") => Form::Raw,
            Some("refang_pair") => Form::RefangPair,
            Some("count") => Form::Count,
            other => panic!("unknown form {other:?}"),
        },
        expect: values(&case["expect"]),
        exact: strings(&case["exact"]),
        reject: values(&case["reject"]),
        refang: case["refang"].as_str().map(str::to_owned),
        count: case["count"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, count)| (name.clone(), count.as_u64().unwrap_or_default()))
            .collect(),
        opts: case["opts"].clone(),
    }
}

fn values(object: &Value) -> Values {
    object
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, list)| {
            let mut list = strings(list);
            list.sort();
            list.dedup();
            (name.clone(), list)
        })
        .collect()
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}
