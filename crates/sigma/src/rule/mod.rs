//! Rules as they are written: documents read into selections, conditions and what they say of themselves.

mod condition;
pub(crate) mod correlation;
pub(crate) mod detection;
mod document;
mod encode;
mod expand;
pub(crate) mod instant;
pub(crate) mod meta;
pub(crate) mod modifier;
pub(crate) mod network;
pub(crate) mod pattern;
pub(crate) mod regular;
mod schema;
mod words;

pub use condition::Condition;
pub use correlation::{Aggregate, Correlation};
pub use document::Source;
pub use expand::Placeholders;
pub use meta::{Level, LogSource, Meta, Status};
pub use modifier::{Comparison, TimePart};
pub use network::Network;
pub use pattern::{Pattern, Piece};
pub use words::{Statement, Words};

pub(crate) use condition::{is_meant, joined};

use crate::problem::{Lines, Place, Problem, Severity};
use crate::yaml::Node;
use detection::{Detection, Room};
use schema::Reader;

/// What rule files may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file.
    pub source: usize,
    /// Values in one document, those of aliases counted each time.
    pub values: usize,
    /// Levels of nesting.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source: 16 << 20,
            values: 200_000,
            depth: 32,
        }
    }
}

/// A rule that looks at one record at a time.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it says of itself.
    pub meta: Meta,
    /// Which logs it is for.
    pub logsource: LogSource,
    pub(crate) selections: Vec<(String, Detection)>,
    /// One of these is enough.
    pub(crate) conditions: Vec<Condition>,
}

/// A document that excludes what many rules would match.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What it says of itself.
    pub meta: Meta,
    /// Which rules it may exclude from, besides those that it names.
    pub logsource: LogSource,
    /// Identifiers or names of rules; `any` means all.
    pub rules: Vec<String>,
    pub(crate) selections: Vec<(String, Detection)>,
    pub(crate) condition: Condition,
}

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// Rules, in the order of sources and documents.
    pub rules: Vec<Rule>,
    /// Correlations.
    pub correlations: Vec<Correlation>,
    /// Filters.
    pub filters: Vec<Filter>,
}

/// Most problems that are told of one document.
const MOST_PROBLEMS: usize = 50;
/// Most problems that are told of one file.
const MOST_OF_FILE: usize = 5_000;

/// Reads sources. A document that cannot be used is an error and is left out; nothing stops the others.
pub fn parse(sources: &[Source], placeholders: &Placeholders, limits: &Limits) -> (Collection, Vec<Problem>) {
    let mut collection = Collection::default();
    let mut problems = Vec::new();
    for source in sources {
        let mut lines = Lines::new(&source.text);
        let mut left = MOST_OF_FILE;
        let mut untold = 0;
        let room = Room::new(placeholders);
        document::each(source, limits, |document, of_yaml| {
            let mut found = of_yaml;
            match document {
                Ok(node) => read(node, source, &room, &mut collection, &mut found),
                Err(problem) => found.push(problem),
            }
            if found.len() > MOST_PROBLEMS {
                found.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
                found.truncate(MOST_PROBLEMS);
            }
            let told = found.len().min(left);
            left -= told;
            untold += found.split_off(told).len();
            problems.extend(found.into_iter().map(|problem| problem.of(&source.name, &mut lines)));
        });
        if untold > 0 {
            let message = format!("{untold} more problems of this file are not told");
            problems.push(Problem::error("problems", message).of(&source.name, &mut lines));
        }
    }
    (collection, problems)
}

fn is_fatal(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

/// One document, of whichever kind it is.
fn read(root: &Node<'_>, source: &Source, room: &Room<'_>, collection: &mut Collection, problems: &mut Vec<Problem>) {
    if root.mapping().is_none() {
        problems.push(Problem::error("document", format!("a rule is a map, not {}", root.kind())).at(root.place));
        return;
    }
    let mut found = std::mem::take(problems);
    let mut reader = Reader {
        root,
        problems: &mut found,
    };
    let meta = reader.meta(&source.name);
    if root.get("correlation").is_some() {
        let correlation = correlation::read(root, meta, &mut found);
        if let Some(correlation) = correlation.filter(|_| !is_fatal(&found)) {
            collection.correlations.push(correlation);
        }
    } else if root.get("filter").is_some() {
        let logsource = reader.logsource();
        let filter = filter(root, meta, logsource, room, &mut found);
        if let Some(filter) = filter.filter(|_| !is_fatal(&found)) {
            collection.filters.push(filter);
        }
    } else {
        let logsource = reader.logsource();
        let rule = rule(root, meta, logsource, room, &mut found);
        if let Some(rule) = rule.filter(|_| !is_fatal(&found)) {
            collection.rules.push(rule);
        }
    }
    *problems = found;
}

fn rule(
    root: &Node<'_>,
    meta: Meta,
    logsource: LogSource,
    room: &Room<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Rule> {
    let Some(node) = root.get("detection") else {
        problems.push(
            Problem::error("detection", "a rule has a detection")
                .at(root.place)
                .hint("add 'detection:'"),
        );
        return None;
    };
    let selections = selections(node, &["condition", "timeframe"], room, problems)?;
    if let Some(timeframe) = node.get("timeframe") {
        problems.push(
            Problem::warning(
                "schema-timeframe",
                "'timeframe' is not part of Sigma 2 and has no effect",
            )
            .at(timeframe.place)
            .hint("write a correlation rule"),
        );
    }
    let conditions = conditions(node, &selections, problems)?;
    Some(Rule {
        meta,
        logsource,
        selections,
        conditions,
    })
}

/// Every key of `node` but those of `reserved`.
fn selections(
    node: &Node<'_>,
    reserved: &[&str],
    room: &Room<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<(String, Detection)>> {
    let Some(entries) = node.mapping() else {
        problems.push(Problem::error("detection", format!("a detection is a map, not {}", node.kind())).at(node.place));
        return None;
    };
    let mut selections = Vec::new();
    for (key, value) in entries {
        let Some(name) = key.text() else { continue };
        if reserved.contains(&name) {
            continue;
        }
        match detection::selection(value, room, problems) {
            Ok(selection) => selections.push((name.to_owned(), selection)),
            Err(problem) => problems.push(problem.at(key.place)),
        }
    }
    Some(selections)
}

/// The conditions, whose names are all selections.
fn conditions(
    node: &Node<'_>,
    selections: &[(String, Detection)],
    problems: &mut Vec<Problem>,
) -> Option<Vec<Condition>> {
    let Some(value) = node.get("condition") else {
        problems.push(
            Problem::error("condition", "there is no condition")
                .at(node.place)
                .hint("add 'condition:'"),
        );
        return None;
    };
    let texts: Vec<&Node<'_>> = match value.sequence() {
        Some(items) => {
            problems.push(Problem::warning("schema-type", "'condition' is text, not a list").at(value.place));
            items.iter().collect()
        }
        None => vec![value],
    };
    // What cannot be read is told already; here it is known.
    let known: Vec<&str> = node
        .mapping()
        .unwrap_or_default()
        .iter()
        .filter_map(|(key, _)| key.text())
        .collect();
    let mut used = vec![false; selections.len()];
    let mut conditions = Vec::new();
    for text in texts {
        let Some(string) = text.string() else {
            problems
                .push(Problem::error("condition", format!("a condition is text, not {}", text.kind())).at(text.place));
            continue;
        };
        match Condition::parse(string) {
            Ok(condition) => {
                names(&condition, &known, selections, &mut used, text.place, problems);
                conditions.push(condition);
            }
            Err(problem) => problems.push(problem.at(text.place)),
        }
    }
    for ((name, _), _) in selections.iter().zip(used).filter(|(_, is_used)| !is_used) {
        let key = node
            .mapping()
            .unwrap_or_default()
            .iter()
            .find(|(key, _)| key.text() == Some(name));
        let place = key.map_or(node.place, |(key, _)| key.place);
        problems.push(Problem::note("selection-unused", format!("the condition does not name '{name}'")).at(place));
    }
    (!conditions.is_empty()).then_some(conditions)
}

fn names(
    condition: &Condition,
    known: &[&str],
    selections: &[(String, Detection)],
    used: &mut [bool],
    place: Place,
    problems: &mut Vec<Problem>,
) {
    let mut unknown = 0;
    condition.visit(&mut |part| match part {
        Condition::Name(name) => {
            if !known.contains(&name.as_str()) && unknown < MOST_PROBLEMS {
                unknown += 1;
                problems.push(
                    condition::unknown(name, known.iter().copied().filter(|name| *name != "condition")).at(place),
                );
            }
            for ((other, _), used) in selections.iter().zip(used.iter_mut()) {
                *used |= other == name;
            }
        }
        Condition::Of { pattern, .. } => {
            let mut count = 0;
            for ((other, _), used) in selections.iter().zip(used.iter_mut()) {
                let meant = is_meant(other, pattern.as_deref());
                *used |= meant;
                count += usize::from(meant);
            }
            if count == 0 {
                let pattern = pattern.as_deref().unwrap_or("them");
                problems.push(Problem::warning("condition-empty", format!("'{pattern}' means no selection")).at(place));
            }
        }
        _ => {}
    });
}

fn filter(
    root: &Node<'_>,
    meta: Meta,
    logsource: LogSource,
    room: &Room<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Filter> {
    let node = root.get("filter")?;
    if node.mapping().is_none() {
        problems.push(Problem::error("filter", format!("'filter' is a map, not {}", node.kind())).at(node.place));
        return None;
    }
    let rules: Vec<String> = match node.get("rules") {
        Some(list) if list.sequence().is_some() => {
            let items = list.sequence().unwrap_or_default();
            for item in items.iter().filter(|item| item.string().is_none()) {
                let message = format!("'rules' lists text, not {}", item.kind());
                problems.push(Problem::error("filter-rules", message).at(item.place));
            }
            items.iter().filter_map(Node::string).map(str::to_owned).collect()
        }
        Some(word) if word.string() == Some("any") => vec!["any".to_owned()],
        Some(other) => {
            let message = format!("'rules' is a list, not {}", other.kind());
            problems.push(Problem::error("filter-rules", message).at(other.place));
            return None;
        }
        None => {
            problems.push(Problem::error("filter-rules", "a filter names 'rules'").at(node.place));
            return None;
        }
    };
    if rules.is_empty() {
        problems.push(Problem::error("filter-rules", "'rules' names no rule").at(node.place));
    }
    let selections = selections(node, &["rules", "condition"], room, problems)?;
    if !selections.iter().any(|(name, _)| name == "selection") {
        problems.push(Problem::warning("schema-selection", "a filter has a 'selection'").at(node.place));
    }
    let condition = conditions(node, &selections, problems)?.into_iter().next()?;
    if condition.negates_within() {
        let place = node.get("condition").map_or(node.place, |condition| condition.place);
        problems.push(
            Problem::warning(
                "filter-condition",
                "a filter says what is excluded, and this one says 'not' within",
            )
            .at(place)
            .hint("write what is excluded, such as 'selection'; only a 'not' before all else is understood either way"),
        );
    }
    Some(Filter {
        meta,
        logsource,
        rules,
        selections,
        condition,
    })
}
