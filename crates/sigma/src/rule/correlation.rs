//! Correlation rules as they are written: what is counted over which time, and for whom.
//!
//! Beside the specification: `value_median`, and `percentile` in a condition of `value_percentile` (50 where it is not
//! said). The specification gives a percentile no other place.

use super::meta::Meta;
use super::modifier::Comparison;
use crate::problem::{Problem, nearest};
use crate::yaml::{Node, Scalar};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aggregate {
    /// Matches.
    EventCount,
    /// Distinct values of fields.
    ValueCount,
    /// Rules that matched, in any order.
    Temporal,
    /// Rules that matched, in their order.
    TemporalOrdered,
    /// The sum of a field.
    ValueSum,
    /// The mean of a field.
    ValueAverage,
    /// A percentile of a field.
    ValuePercentile,
}

/// Every type by its name.
pub(crate) const TYPES: [(&str, Aggregate); 8] = [
    ("event_count", Aggregate::EventCount),
    ("value_count", Aggregate::ValueCount),
    ("temporal", Aggregate::Temporal),
    ("temporal_ordered", Aggregate::TemporalOrdered),
    ("value_sum", Aggregate::ValueSum),
    ("value_avg", Aggregate::ValueAverage),
    ("value_percentile", Aggregate::ValuePercentile),
    ("value_median", Aggregate::ValuePercentile),
];

/// Timespans that can be counted over, up to ten years. Seconds.
pub(crate) const TIMESPANS: std::ops::RangeInclusive<u64> = 1..=10 * 365 * 86_400;

/// A rule about the matches of other rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlation {
    /// What it says of itself.
    pub meta: Meta,
    /// What is counted.
    pub aggregate: Aggregate,
    /// Identifiers or names of rules and correlations.
    pub rules: Vec<String>,
    /// Fields whose values part the matches.
    pub group_by: Vec<String>,
    /// Names for fields that differ from rule to rule: alias, rule, field.
    pub aliases: Vec<(String, String, String)>,
    /// Seconds.
    pub timespan: u64,
    /// What the count is compared with; all of these hold.
    pub conditions: Vec<(Comparison, f64)>,
    /// Fields whose values are counted.
    pub fields: Vec<String>,
    /// Which percentile, 0 to 100.
    pub percentile: f64,
    /// Matches of the rules that it names are told too.
    pub generate: bool,
}

/// Reads a correlation document.
pub(crate) fn read(root: &Node<'_>, meta: Meta, problems: &mut Vec<Problem>) -> Option<Correlation> {
    let node = root.get("correlation")?;
    if node.mapping().is_none() {
        let message = format!("'correlation' is a map, not {}", node.kind());
        problems.push(Problem::error("correlation", message).at(node.place));
        return None;
    }
    let (word, aggregate) = aggregate(node, problems)?;
    let rules = texts(node, "rules", problems)?;
    if rules.is_empty() {
        problems.push(Problem::error("correlation-rules", "'rules' names no rule").at(node.place));
    }
    let group_by = match node.get("group-by") {
        Some(_) => texts(node, "group-by", problems)?,
        None => {
            problems.push(
                Problem::warning(
                    "schema-group-by",
                    format!("a correlation of type '{word}' has 'group-by'"),
                )
                .at(node.place),
            );
            Vec::new()
        }
    };
    let timespan = timespan(node, problems)?;
    let mut correlation = Correlation {
        meta,
        aggregate,
        rules,
        group_by,
        aliases: aliases(node, problems),
        timespan,
        conditions: Vec::new(),
        fields: Vec::new(),
        percentile: 50.0,
        generate: false,
    };
    condition(node, word, &mut correlation, problems);
    if let Some(generate) = root.get("generate").or_else(|| node.get("generate")) {
        match generate.scalar() {
            Some(Scalar::Boolean(is)) => correlation.generate = is,
            _ => problems.push(Problem::warning("schema-type", "'generate' is true or false").at(generate.place)),
        }
    }
    Some(correlation)
}

fn aggregate(node: &Node<'_>, problems: &mut Vec<Problem>) -> Option<(&'static str, Aggregate)> {
    let Some(value) = node.get("type") else {
        problems.push(Problem::error("correlation-type", "a correlation has a 'type'").at(node.place));
        return None;
    };
    let text = value.text().unwrap_or_default();
    let found = TYPES.iter().find(|(name, _)| *name == text);
    if found.is_none() {
        let hint = match nearest(text, TYPES.iter().map(|(name, _)| *name)) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("write one of {}", TYPES.map(|(name, _)| name).join(", ")),
        };
        let message = format!("'{text}' is no type of correlation");
        problems.push(Problem::error("correlation-type", message).at(value.place).hint(hint));
    }
    found.copied()
}

fn texts(node: &Node<'_>, key: &str, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let Some(value) = node.get(key) else {
        problems.push(Problem::error("correlation-rules", format!("a correlation has '{key}'")).at(node.place));
        return None;
    };
    let items = match value.sequence() {
        Some(items) => items,
        None if value.string().is_some() && key == "field" => std::slice::from_ref(value),
        None if value.string().is_some() => {
            problems.push(Problem::warning("schema-type", format!("'{key}' is a list")).at(value.place));
            std::slice::from_ref(value)
        }
        None => {
            let message = format!("'{key}' is a list, not {}", value.kind());
            problems.push(Problem::error("correlation-rules", message).at(value.place));
            return None;
        }
    };
    let mut texts: Vec<String> = Vec::new();
    for item in items {
        match item.string() {
            Some(text) if texts.iter().any(|other| other == text) => {
                let message = format!("'{text}' stands twice in '{key}'");
                problems.push(Problem::warning("schema-repetition", message).at(item.place));
            }
            Some(text) => texts.push(text.to_owned()),
            None => {
                let message = format!("'{key}' lists text, not {}", item.kind());
                problems.push(Problem::error("correlation-rules", message).at(item.place));
            }
        }
    }
    if texts.len() > 200 {
        problems.push(Problem::error("correlation-rules", format!("'{key}' lists more than 200")).at(value.place));
    }
    Some(texts)
}

/// `90m`: a number and one of `s`, `m`, `h`, `d`; also weeks, months of 30 days, and years of 365.
fn timespan(node: &Node<'_>, problems: &mut Vec<Problem>) -> Option<u64> {
    let Some(value) = node.get("timespan").or_else(|| node.get("timeframe")) else {
        problems.push(
            Problem::error("correlation-timespan", "a correlation has a 'timespan'")
                .at(node.place)
                .hint("add 'timespan: 5m'"),
        );
        return None;
    };
    let text = value.text().unwrap_or_default();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..) {
        Some("s") => Some(1),
        Some("m") => Some(60),
        Some("h") => Some(3_600),
        Some("d") => Some(86_400),
        Some("w") => Some(7 * 86_400),
        Some("M") => Some(30 * 86_400),
        Some("y") => Some(365 * 86_400),
        _ => None,
    };
    let seconds = digits
        .parse::<u64>()
        .ok()
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit));
    let seconds = seconds.filter(|seconds| TIMESPANS.contains(seconds));
    if seconds.is_none() {
        problems.push(
            Problem::error("correlation-timespan", format!("'{text}' is no span of time"))
                .at(value.place)
                .hint("write a number and s, m, h or d, such as 90m"),
        );
    }
    seconds
}

fn aliases(node: &Node<'_>, problems: &mut Vec<Problem>) -> Vec<(String, String, String)> {
    let Some(value) = node.get("aliases") else {
        return Vec::new();
    };
    let mut aliases = Vec::new();
    for (name, rules) in value.mapping().unwrap_or_default() {
        for (rule, field) in rules.mapping().unwrap_or_default() {
            if let (Some(name), Some(rule), Some(field)) = (name.text(), rule.text(), field.text()) {
                aliases.push((name.to_owned(), rule.to_owned(), field.to_owned()));
            }
        }
        if rules.mapping().is_none() {
            let message = "an alias is a map of rules and their fields";
            problems.push(Problem::error("correlation-aliases", message).at(rules.place));
        }
    }
    if value.mapping().is_none() {
        let message = format!("'aliases' is a map, not {}", value.kind());
        problems.push(Problem::error("correlation-aliases", message).at(value.place));
    }
    aliases
}

const COMPARISONS: [(&str, Comparison); 6] = [
    ("gt", Comparison::Greater),
    ("gte", Comparison::GreaterOrEqual),
    ("lt", Comparison::Less),
    ("lte", Comparison::LessOrEqual),
    ("eq", Comparison::Equal),
    ("neq", Comparison::NotEqual),
];

fn condition(node: &Node<'_>, word: &str, correlation: &mut Correlation, problems: &mut Vec<Problem>) {
    let is_temporal = matches!(correlation.aggregate, Aggregate::Temporal | Aggregate::TemporalOrdered);
    let Some(value) = node.get("condition") else {
        if !is_temporal {
            let message = format!("a correlation of type '{word}' has a 'condition'");
            problems.push(
                Problem::error("correlation-condition", message)
                    .at(node.place)
                    .hint("add 'condition:' with gt, gte, lt, lte, eq or neq"),
            );
        }
        return;
    };
    let Some(entries) = value.mapping() else {
        let message = format!("the condition of a correlation is a map, not {}", value.kind());
        problems.push(Problem::error("correlation-condition", message).at(value.place));
        return;
    };
    for (key, of) in entries {
        let name = key.text().unwrap_or_default();
        let number = match of.scalar() {
            Some(Scalar::Integer(number)) => Some(as_float(number)),
            Some(Scalar::Float(number)) => Some(number),
            _ => None,
        };
        match (name, COMPARISONS.iter().find(|(known, _)| *known == name), number) {
            (_, Some((_, comparison)), Some(number)) => correlation.conditions.push((*comparison, number)),
            ("percentile", _, Some(number)) if (0.0..=100.0).contains(&number) => correlation.percentile = number,
            ("field", _, _) => correlation
                .fields
                .extend(texts(value, "field", problems).unwrap_or_default()),
            (_, Some(_), None) | ("percentile", _, _) => {
                let message = format!("'{name}' is a number, not {}", of.kind());
                problems.push(Problem::error("correlation-condition", message).at(of.place));
            }
            _ => problems.push(
                Problem::error("correlation-condition", format!("'{name}' is nothing to compare with"))
                    .at(key.place)
                    .hint("write gt, gte, lt, lte, eq or neq"),
            ),
        }
    }
    let takes_field = !is_temporal && correlation.aggregate != Aggregate::EventCount;
    let problem = if takes_field && correlation.fields.is_empty() {
        "the condition names no 'field'"
    } else if takes_field && correlation.aggregate != Aggregate::ValueCount && correlation.fields.len() > 1 {
        "one 'field' at a time can be added up"
    } else if !is_temporal && correlation.conditions.is_empty() {
        "the condition compares with nothing"
    } else {
        return;
    };
    problems.push(Problem::error("correlation-condition", problem).at(value.place));
}

#[expect(clippy::cast_precision_loss, reason = "rules compare with numbers far below 2^53")]
fn as_float(number: i64) -> f64 {
    number as f64
}
