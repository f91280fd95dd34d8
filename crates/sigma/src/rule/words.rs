//! A rule in plain words, for people who have to judge a match and do not read Sigma.
//!
//! What stands here is what the rule asks once modifiers are applied: an encoding shows as the text that is looked for.

use super::correlation::{Aggregate, Correlation};
use super::detection::{Check, Detection, Relation, Test};
use super::pattern::{Pattern, Shape};
use super::{Comparison, Condition, Rule, TimePart, is_meant};

/// One thing that a selection asks for. Names and values are text that others wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// How deep it stands below its selection, from 0.
    pub depth: usize,
    /// What is asked, in front of its values: `Image ends with one of`.
    pub says: String,
    /// What it is compared with, as a rule would write it; empty where nothing follows.
    pub values: Vec<String>,
}

/// What a rule looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Each selection by its name.
    pub selections: Vec<(String, Vec<Statement>)>,
    /// How they go together: `img, and none of filter_a, filter_b`. One line for each condition, of which one is enough.
    pub conditions: Vec<String>,
}

impl Rule {
    /// What the rule looks for, in words.
    pub fn words(&self) -> Words {
        let names: Vec<&str> = self.selections.iter().map(|(name, _)| name.as_str()).collect();
        let selection = |(name, detection): &(String, Detection)| {
            let mut statements = Vec::new();
            detection_words(detection, 0, &mut statements);
            (name.clone(), statements)
        };
        Words {
            selections: self.selections.iter().map(selection).collect(),
            conditions: self
                .conditions
                .iter()
                .map(|condition| condition_words(condition, &names, false))
                .collect(),
        }
    }
}

impl Correlation {
    /// What the correlation counts, in words: `10 or more matches of 'a' with the same src_ip within 5 minutes`.
    pub fn words(&self) -> String {
        let rules: Vec<String> = self.rules.iter().map(|rule| format!("'{rule}'")).collect();
        let rules = rules.join(", ");
        let counts: Vec<String> = self
            .conditions
            .iter()
            .map(|(comparison, number)| compared(*comparison, *number))
            .collect();
        let counts = counts.join(" and ");
        let fields = self.fields.join(", ");
        let what = match self.aggregate {
            Aggregate::EventCount => format!("{counts} matches of {rules}"),
            Aggregate::ValueCount => format!("{counts} different values of {fields} in matches of {rules}"),
            Aggregate::Temporal if counts.is_empty() => format!("matches of all of {rules}, in any order"),
            Aggregate::Temporal => format!("matches of {counts} of {rules}, in any order"),
            Aggregate::TemporalOrdered if counts.is_empty() => format!("matches of all of {rules}, in this order"),
            Aggregate::TemporalOrdered => format!("matches of {counts} of {rules}, in this order"),
            Aggregate::ValueSum => format!("matches of {rules} whose {fields} add up to {counts}"),
            Aggregate::ValueAverage => format!("matches of {rules} whose mean {fields} is {counts}"),
            Aggregate::ValuePercentile => format!(
                "matches of {rules} whose percentile {} of {fields} is {counts}",
                self.percentile
            ),
        };
        let group = match self.group_by.as_slice() {
            [] => String::new(),
            fields => format!(" with the same {}", fields.join(", ")),
        };
        format!("{what}{group} within {}", span(self.timespan))
    }
}

/// `5 minutes`, in the largest unit that comes out even.
fn span(seconds: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let fitting = units.iter().find(|(unit, _)| seconds % unit == 0);
    let (count, unit) = fitting.map_or((seconds, "second"), |(unit, name)| (seconds / unit, *name));
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

fn compared(comparison: Comparison, number: f64) -> String {
    match comparison {
        Comparison::Equal => format!("exactly {number}"),
        Comparison::Less => format!("fewer than {number}"),
        Comparison::LessOrEqual => format!("{number} or fewer"),
        Comparison::Greater => format!("more than {number}"),
        Comparison::GreaterOrEqual => format!("{number} or more"),
        Comparison::NotEqual => format!("not {number}"),
    }
}

/// The depth of a detection is bounded by the reader.
fn detection_words(detection: &Detection, depth: usize, out: &mut Vec<Statement>) {
    let (says, parts) = match detection {
        Detection::Test(test) => return test_words(test, depth, out),
        Detection::All(parts) => ("all of these", parts),
        Detection::Any(parts) => ("one of these", parts),
    };
    // A selection is a list of things that all hold, unless it says otherwise.
    let is_plain = depth == 0 && matches!(detection, Detection::All(_));
    if !is_plain {
        out.push(Statement {
            depth,
            says: says.to_owned(),
            values: Vec::new(),
        });
    }
    for part in parts {
        detection_words(part, depth + usize::from(!is_plain), out);
    }
}

/// One line for each way of comparing, in the order in which they first appear.
fn test_words(test: &Test, depth: usize, out: &mut Vec<Statement>) {
    let subject = test.field.as_deref().unwrap_or("any value");
    let mut ways: Vec<(String, Vec<String>)> = Vec::new();
    for check in test.groups.iter().flatten() {
        let (way, value) = check_words(check, test.field.is_none());
        match ways.iter_mut().find(|(known, _)| *known == way) {
            Some((_, values)) => values.extend(value),
            None => ways.push((way, value.into_iter().collect())),
        }
    }
    // What one value became stands for that value: of those one is enough, also where all values are asked for.
    let is_all = test.is_all && test.groups.iter().all(|group| group.len() == 1);
    let several = ways.len() > 1 && !test.is_all;
    if several {
        let says = if test.is_negated {
            "none of these"
        } else {
            "one of these"
        };
        out.push(Statement {
            depth,
            says: says.to_owned(),
            values: Vec::new(),
        });
    }
    for (way, values) in ways {
        let many = match (values.len(), is_all) {
            (0 | 1, _) => "",
            (_, true) => " all of",
            (_, false) => " one of",
        };
        let not = if test.is_negated && !several { "not: " } else { "" };
        out.push(Statement {
            depth: depth + usize::from(several),
            says: format!("{not}{subject} {way}{many}"),
            values,
        });
    }
}

fn check_words(check: &Check, is_keyword: bool) -> (String, Option<String>) {
    let cased = |words: &str, is_cased: bool| {
        if is_cased {
            format!("{words}, in this case,")
        } else {
            words.to_owned()
        }
    };
    match check {
        Check::Text { pattern, is_cased } => {
            let (way, value) = pattern_words(pattern);
            let way = if is_keyword && way == "is" { "contains" } else { way };
            (cased(way, *is_cased), value)
        }
        Check::Regex(expression) => (
            "matches the expression".to_owned(),
            Some(expression.source().to_owned()),
        ),
        Check::Network(network) => ("is in the network".to_owned(), Some(network.to_string())),
        Check::Number {
            part,
            comparison,
            number,
        } => {
            let of = part.map_or("", part_words);
            (
                format!("{of}{}", comparison_words(*comparison)),
                Some(number.to_string()),
            )
        }
        Check::Null => ("is empty or missing".to_owned(), None),
        Check::Exists(true) => ("is there".to_owned(), None),
        Check::Exists(false) => ("is missing".to_owned(), None),
        Check::Field {
            name,
            relation,
            is_cased,
        } => {
            let way = match relation {
                Relation::Equals => "is the same as the field",
                Relation::Contains => "contains the field",
                Relation::StartsWith => "starts with the field",
                Relation::EndsWith => "ends with the field",
            };
            (cased(way, *is_cased), Some(name.clone()))
        }
    }
}

fn pattern_words(pattern: &Pattern) -> (&'static str, Option<String>) {
    let text = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).into_owned());
    match pattern.shape() {
        Shape::Exact([]) => ("is the empty text", None),
        Shape::Exact(bytes) => ("is", text(bytes)),
        Shape::Prefix(bytes) => ("starts with", text(bytes)),
        Shape::Suffix(bytes) => ("ends with", text(bytes)),
        Shape::Contains(bytes) => ("contains", text(bytes)),
        Shape::Anything => ("has any value", None),
        Shape::Other => ("looks like", Some(pattern.to_string())),
    }
}

const fn part_words(part: TimePart) -> &'static str {
    match part {
        TimePart::Minute => "has a minute that ",
        TimePart::Hour => "has an hour that ",
        TimePart::Day => "has a day that ",
        TimePart::Week => "has a week that ",
        TimePart::Month => "has a month that ",
        TimePart::Year => "has a year that ",
    }
}

const fn comparison_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "is",
        Comparison::Less => "is less than",
        Comparison::LessOrEqual => "is at most",
        Comparison::Greater => "is more than",
        Comparison::GreaterOrEqual => "is at least",
        Comparison::NotEqual => "is not",
    }
}

/// The depth of a condition is bounded by its parser.
fn condition_words(condition: &Condition, names: &[&str], is_inner: bool) -> String {
    let joined = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| condition_words(part, names, true)).collect();
        let text = parts.join(word);
        if is_inner { format!("({text})") } else { text }
    };
    match condition {
        Condition::Name(name) => name.clone(),
        Condition::Of { least, pattern } => {
            let meant = meant(names, pattern.as_deref());
            match (least, meant.as_slice()) {
                (_, []) => "something of which there is nothing".to_owned(),
                (_, [only]) => (*only).to_owned(),
                (None, all) => format!("all of {}", all.join(", ")),
                (Some(1), all) => format!("one of {}", all.join(", ")),
                (Some(least), all) => format!("{least} of {}", all.join(", ")),
            }
        }
        Condition::Not(inner) => match &**inner {
            Condition::Of {
                least: Some(1),
                pattern,
            } => match meant(names, pattern.as_deref()).as_slice() {
                [] => "anything".to_owned(),
                [only] => format!("not {only}"),
                all => format!("none of {}", all.join(", ")),
            },
            inner => format!("not {}", condition_words(inner, names, true)),
        },
        Condition::And(parts) => joined(parts, ", and "),
        Condition::Or(parts) => joined(parts, ", or "),
    }
}

fn meant<'n>(names: &[&'n str], pattern: Option<&str>) -> Vec<&'n str> {
    names.iter().copied().filter(|name| is_meant(name, pattern)).collect()
}
