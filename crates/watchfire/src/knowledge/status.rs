//! What is known without asking anybody: each table, where it is from, and how old it is.

use super::{own_parts, replaced};
use crate::bundles::rules;
use crate::{Config, Problem};
use std::path::Path;
use watchfire_knowledge::{geography, tables};
use watchfire_model::{Moment, Untrusted};
use watchfire_store::{Part, PartKind};

/// How a table comes to be in use, or why it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is a part of the program.
    Embedded,
    /// It is a part of the program, and something newer is used instead.
    Replaced,
    /// It came in a signed bundle.
    Bundle,
    /// It is a file of the user's own.
    Own,
    /// It cannot be read.
    Damaged,
}

impl Standing {
    /// The word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Replaced => "replaced",
            Self::Bundle => "bundle",
            Self::Own => "own",
            Self::Damaged => "damaged",
        }
    }
}

/// One table.
#[derive(Clone, Debug)]
pub struct KnowledgeTable {
    /// Its name.
    pub name: String,
    /// What it says, or why it cannot be read.
    pub says: Untrusted,
    /// Whose data it is.
    pub source: Untrusted,
    /// Its terms.
    pub terms: &'static str,
    /// The day of the data; of its newest part where the parts have days of their own.
    pub day: Option<String>,
    /// How old that is, in seconds.
    pub age: Option<u64>,
    /// The day of its oldest part, where the parts have days of their own, and how old that is.
    pub oldest: Option<(String, u64)>,
    /// Whether its source does not date it: `day` is the one on which it was taken, and it is that old at least.
    pub is_undated: bool,
    /// How many entries it has.
    pub entries: Option<u64>,
    /// Bytes.
    pub bytes: u64,
    /// How it comes to be in use.
    pub standing: Standing,
}

/// Every table, the embedded ones first; ages count to the configured instant.
///
/// # Errors
/// When what is remembered cannot be read.
pub fn status(config: &Config) -> Result<Vec<KnowledgeTable>, Problem> {
    let as_of = config.check()?.as_of;
    let mut all: Vec<KnowledgeTable> = tables::tables()
        .into_iter()
        .map(|table| row(table, Standing::Embedded, as_of))
        .collect();
    let (Some(data), Some(store)) = (config.data_folder(), crate::existing_store(config)?) else {
        return Ok(all);
    };
    let parts = store.bundles().parts()?;
    match replaced(&parts, &data) {
        Some((_, Ok((path, newer)))) => {
            if let Some(embedded) = all.iter_mut().find(|table| table.name == super::GEOGRAPHY) {
                embedded.standing = Standing::Replaced;
            }
            let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            all.push(row(geography_of(newer, bytes), Standing::Bundle, as_of));
        }
        Some((part, Err(why))) => all.push(damaged(part, &why)),
        None => {}
    }
    all.extend(
        parts
            .iter()
            .filter(|part| part.kind == PartKind::Rules)
            .map(|part| carried_rules(part, &data)),
    );
    all.extend(super::files::tables(&parts, &data, as_of));
    for part in own_parts(&parts) {
        match super::open(part, &data) {
            Err(why) => all.push(damaged(part, &why)),
            Ok(database) => all.push(KnowledgeTable {
                name: part.name.to_string(),
                says: what(database.kind()).into(),
                source: database.name(),
                terms: "yours",
                day: Some(database.built().date().to_string()),
                age: Some(as_of.since(database.built())),
                oldest: None,
                is_undated: false,
                entries: Some(u64::from(database.nodes())),
                bytes: database.size() as u64,
                standing: Standing::Own,
            }),
        }
    }
    Ok(all)
}

fn geography_of(tables: &geography::Geography, bytes: usize) -> tables::Table {
    tables::geography_table(tables, bytes)
}

fn what(kind: &str) -> &'static str {
    match kind {
        "city" => "cities and countries of addresses",
        "country" => "countries of addresses",
        _ => "networks of addresses",
    }
}

fn row(table: tables::Table, standing: Standing, as_of: Moment) -> KnowledgeTable {
    let age = |day: &str| Moment::parse(day).ok().map(|day| as_of.since(day));
    KnowledgeTable {
        name: table.name.to_owned(),
        says: table.says.into(),
        source: table.source.into(),
        terms: table.terms,
        age: table.day.as_deref().and_then(age),
        day: table.day,
        oldest: table.oldest.and_then(|day| Some((day.clone(), age(&day)?))),
        is_undated: table.is_undated,
        entries: table.entries.map(|entries| entries as u64),
        bytes: table.bytes as u64,
        standing,
    }
}

/// Rules that came in a bundle: where they are, for whoever runs them.
fn carried_rules(part: &Part, data: &Path) -> KnowledgeTable {
    let folder = rules::place(part, data);
    match rules::kept(part, data) {
        Ok((entries, bytes)) => KnowledgeTable {
            says: format!("detection rules, in {}", folder.display()).into(),
            entries: Some(entries),
            bytes,
            standing: Standing::Bundle,
            ..damaged(part, "")
        },
        Err(why) => damaged(part, &format!("{why}, in {}", folder.display())),
    }
}

pub(super) fn damaged(part: &Part, why: &str) -> KnowledgeTable {
    KnowledgeTable {
        name: part.name.to_string(),
        says: why.into(),
        source: Untrusted::default(),
        terms: "",
        day: None,
        age: None,
        oldest: None,
        is_undated: false,
        entries: None,
        bytes: 0,
        standing: Standing::Damaged,
    }
}
