//! The selections of a rule: what is compared with which field, once all modifiers are applied.

use super::condition::joined;
use super::encode::{Utf16, base64, base64_offsets, utf16, windash};
use super::expand::Placeholders;
use super::modifier::{Comparison, Modifier, Modifiers, TimePart};
use super::network::Network;
use super::pattern::{Pattern, Piece};
use super::regular::Expression;
use crate::problem::{Place, Problem};
use crate::yaml::{Node, Scalar};
use std::cell::Cell;

/// What a selection asks for.
#[derive(Clone, Debug)]
pub(crate) enum Detection {
    /// All of these.
    All(Vec<Detection>),
    /// One of these.
    Any(Vec<Detection>),
    /// One field, or any value.
    Test(Test),
}

/// What is asked of one field.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// The field; nothing for keywords, which may stand in any value.
    pub(crate) field: Option<String>,
    /// What each value of the rule became: of one group, one check is enough.
    pub(crate) groups: Vec<Vec<Check>>,
    /// All groups hold, and not just one.
    pub(crate) is_all: bool,
    /// The field is there, and no check holds.
    pub(crate) is_negated: bool,
}

/// How two fields are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Relation {
    Equals,
    Contains,
    StartsWith,
    EndsWith,
}

/// What a value may be.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    Text {
        pattern: Pattern,
        is_cased: bool,
    },
    Regex(Expression),
    Network(Network),
    Number {
        part: Option<TimePart>,
        comparison: Comparison,
        number: f64,
    },
    /// Null, or not there.
    Null,
    Exists(bool),
    Field {
        name: String,
        relation: Relation,
        is_cased: bool,
    },
}

/// Most values that one value becomes.
const MOST: usize = 20_000;
/// Bytes that the values of one file become.
const ROOM: usize = 64 << 20;

/// What values become, and how much more of it one file may have.
pub(crate) struct Room<'p> {
    placeholders: &'p Placeholders,
    left: Cell<usize>,
}

impl<'p> Room<'p> {
    pub(crate) fn new(placeholders: &'p Placeholders) -> Self {
        let left = Cell::new(ROOM);
        Self { placeholders, left }
    }

    /// Takes room for what a value became.
    fn take(&self, checks: &[Check]) -> bool {
        let weights = checks.iter().map(|check| match check {
            Check::Text { pattern, .. } => weight(pattern),
            _ => EACH,
        });
        let left = self.left.get().checked_sub(weights.sum());
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// Bytes that a value takes beside its text.
const EACH: usize = 64;

fn weight(pattern: &Pattern) -> usize {
    let bytes = pattern.pieces().iter().map(|piece| match piece {
        Piece::Literal(bytes) => bytes.len(),
        _ => 0,
    });
    EACH + bytes.sum::<usize>()
}

/// Reads a selection.
pub(crate) fn selection(node: &Node<'_>, room: &Room<'_>, notes: &mut Vec<Problem>) -> Result<Detection, Problem> {
    if let Some(entries) = node.mapping() {
        return map(entries, node.place, room, notes);
    }
    let Some(items) = node.sequence() else {
        notes.push(
            Problem::warning("schema-selection", "a selection is a list or a map, not a single value").at(node.place),
        );
        return Ok(Detection::Test(keywords(std::slice::from_ref(node))?));
    };
    if items.is_empty() {
        return Err(Problem::error("selection-empty", "this selection is empty").at(node.place));
    }
    let (maps, words): (Vec<&Node<'_>>, Vec<&Node<'_>>) = items.iter().partition(|item| item.mapping().is_some());
    let mut any = Vec::new();
    for item in maps {
        any.push(map(item.mapping().unwrap_or_default(), item.place, room, notes)?);
    }
    if !words.is_empty() {
        let words: Vec<Node<'_>> = words.into_iter().cloned().collect();
        any.push(Detection::Test(keywords(&words)?));
    }
    Ok(joined(any, Detection::Any))
}

/// Words that stand anywhere in a record.
fn keywords(items: &[Node<'_>]) -> Result<Test, Problem> {
    let mut checks = Vec::new();
    for item in items {
        let Some(text) = item.text().filter(|_| !item.is_null()) else {
            let message = format!("a keyword is text, not {}", item.kind());
            return Err(Problem::error("keyword", message).at(item.place));
        };
        checks.push(Check::Text {
            pattern: Pattern::parse(text).open(true, true),
            is_cased: false,
        });
    }
    Ok(Test {
        field: None,
        groups: vec![checks],
        is_all: false,
        is_negated: false,
    })
}

fn map(
    entries: &[(Node<'_>, Node<'_>)],
    place: Place,
    room: &Room<'_>,
    notes: &mut Vec<Problem>,
) -> Result<Detection, Problem> {
    if entries.is_empty() {
        return Err(Problem::error("selection-empty", "this selection is empty").at(place));
    }
    let mut all = Vec::new();
    for (key, value) in entries {
        let Some(name) = key.text() else {
            return Err(Problem::error("field-name", "the name of a field is text").at(key.place));
        };
        let (field, modifiers) = Modifiers::parse(name).map_err(|problem| problem.at(key.place))?;
        let reader = Reader {
            name,
            field,
            modifiers: &modifiers,
            room,
        };
        all.push(Detection::Test(reader.test(key, value, notes)?));
    }
    Ok(joined(all, Detection::All))
}

struct Reader<'r> {
    name: &'r str,
    field: Option<&'r str>,
    modifiers: &'r Modifiers,
    room: &'r Room<'r>,
}

impl Reader<'_> {
    fn has(&self, modifier: Modifier) -> bool {
        self.modifiers.has(modifier)
    }

    fn test(&self, key: &Node<'_>, value: &Node<'_>, notes: &mut Vec<Problem>) -> Result<Test, Problem> {
        let values = match value.sequence() {
            Some(values) => values,
            None => std::slice::from_ref(value),
        };
        if values.is_empty() {
            return Err(Problem::error("value-missing", format!("'{}' has no value", self.name)).at(key.place));
        }
        if self.has(Modifier::All) && values.len() < 2 {
            notes.push(
                Problem::warning(
                    "all-single",
                    format!("'all' has no effect on the one value of '{}'", self.name),
                )
                .at(key.place)
                .hint("remove 'all'"),
            );
        }
        if value.sequence().is_some() && values.iter().any(Node::is_null) {
            notes.push(
                Problem::warning("null-in-list", format!("null in the list of '{}'", self.name))
                    .at(value.place)
                    .hint("ask for null in a selection of its own"),
            );
        }
        // Each value may become several, of which one is enough; with `all`, that holds for each value.
        let mut groups = Vec::new();
        let mut count = 0;
        for value in values {
            let of_value = self.value(value).map_err(|problem| problem.at(value.place))?;
            count += of_value.len();
            if count > MOST || !self.room.take(&of_value) {
                return Err(Problem::error(
                    "value-expansion",
                    format!("'{}' becomes more than {MOST} values", self.name),
                )
                .at(key.place));
            }
            groups.push(of_value);
        }
        Ok(Test {
            field: self.field.map(str::to_owned),
            groups,
            is_all: self.has(Modifier::All),
            is_negated: self.has(Modifier::NotEqual),
        })
    }

    fn value(&self, node: &Node<'_>) -> Result<Vec<Check>, Problem> {
        let Some(scalar) = node.scalar() else {
            let message = format!("the value of '{}' is {}, not text or a number", self.name, node.kind());
            return Err(Problem::error("value-type", message));
        };
        let wrong = |wanted: &str| {
            let message = format!("the value of '{}' is {}, not {wanted}", self.name, node.kind());
            Err(Problem::error("value-type", message))
        };
        if self.has(Modifier::Exists) {
            let text = node.text().unwrap_or_default().to_ascii_lowercase();
            return match text.as_str() {
                "true" | "yes" => Ok(vec![Check::Exists(true)]),
                "false" | "no" => Ok(vec![Check::Exists(false)]),
                _ => wrong("true or false"),
            };
        }
        if self.modifiers.comparison().is_some() || self.modifiers.part().is_some() {
            let Some(number) = number(scalar) else {
                return wrong("a number");
            };
            return Ok(vec![Check::Number {
                part: self.modifiers.part(),
                comparison: self.modifiers.comparison().unwrap_or(Comparison::Equal),
                number,
            }]);
        }
        let text = node.text().unwrap_or_default();
        if scalar == Scalar::Null {
            let is_plain = self
                .modifiers
                .iter()
                .all(|modifier| matches!(modifier, Modifier::NotEqual | Modifier::All));
            return if is_plain && self.field.is_some() {
                Ok(vec![Check::Null])
            } else {
                wrong("text")
            };
        }
        if self.has(Modifier::Re) {
            return self.regex(text).map(|regex| vec![Check::Regex(regex)]);
        }
        if self.has(Modifier::FieldRef) {
            return Ok(vec![Check::Field {
                name: text.to_owned(),
                relation: self.relation(),
                is_cased: self.has(Modifier::Cased),
            }]);
        }
        if self.has(Modifier::Cidr) {
            return self.networks(text);
        }
        self.text(scalar, text)
    }

    fn relation(&self) -> Relation {
        match (
            self.has(Modifier::Contains),
            self.has(Modifier::StartsWith),
            self.has(Modifier::EndsWith),
        ) {
            (true, _, _) | (_, true, true) => Relation::Contains,
            (_, true, _) => Relation::StartsWith,
            (_, _, true) => Relation::EndsWith,
            _ => Relation::Equals,
        }
    }

    fn regex(&self, text: &str) -> Result<Expression, Problem> {
        let flags: String = [
            (Modifier::IgnoreCase, 'i'),
            (Modifier::MultiLine, 'm'),
            (Modifier::DotAll, 's'),
        ]
        .iter()
        .filter_map(|(modifier, flag)| self.has(*modifier).then_some(*flag))
        .collect();
        let flags = if flags.is_empty() { flags } else { format!("(?{flags})") };
        let source = match (self.has(Modifier::StartsWith), self.has(Modifier::EndsWith)) {
            (true, false) => format!("{flags}\\A(?:{text})"),
            (false, true) => format!("{flags}(?:{text})\\z"),
            _ => format!("{flags}{text}"),
        };
        Expression::new(source)
    }

    fn networks(&self, text: &str) -> Result<Vec<Check>, Problem> {
        let texts = if self.has(Modifier::Expand) {
            self.room.placeholders.expand(text)?
        } else {
            vec![text.to_owned()]
        };
        let network = |text: &String| {
            Network::parse(text).map(Check::Network).ok_or_else(|| {
                Problem::error("cidr", format!("'{text}' is no network"))
                    .hint("write an address and the number of bits, such as 10.0.0.0/8")
            })
        };
        texts.iter().map(network).collect()
    }

    /// Everything that is compared as text, numbers and booleans too.
    fn text(&self, scalar: Scalar<'_>, text: &str) -> Result<Vec<Check>, Problem> {
        let patterns = match scalar {
            Scalar::Integer(number) => self.spellings(text, number.to_string()),
            Scalar::Float(number) => self.spellings(text, number.to_string()),
            // Products say it in three ways.
            Scalar::Boolean(is) => {
                let words = if is { ["true", "1", "yes"] } else { ["false", "0", "no"] };
                let least = if self.modifiers.iter().next().is_none() { 3 } else { 1 };
                words.iter().take(least).map(|word| Pattern::literal(*word)).collect()
            }
            _ if self.has(Modifier::Expand) => self
                .room
                .placeholders
                .expand(text)?
                .iter()
                .map(|text| Pattern::parse(text))
                .collect(),
            _ => vec![Pattern::parse(text)],
        };
        let mut patterns = patterns;
        for (place, modifier) in self.modifiers.iter().enumerate() {
            let is_encoded = self.modifiers.iter().skip(place).any(Modifier::encodes);
            let mut next = Vec::new();
            let mut size = 0;
            for pattern in patterns {
                let changed = self.change(pattern, modifier, is_encoded)?;
                size += changed.iter().map(weight).sum::<usize>();
                next.extend(changed);
                if next.len() > MOST || size > self.room.left.get() {
                    let message = format!("a value of '{}' becomes more than {MOST}", self.name);
                    return Err(Problem::error("value-expansion", message));
                }
            }
            patterns = next;
        }
        if self.field.is_none() {
            patterns = patterns.into_iter().map(|pattern| pattern.open(true, true)).collect();
        }
        let is_cased = self.has(Modifier::Cased);
        Ok(patterns
            .into_iter()
            .map(|pattern| Check::Text { pattern, is_cased })
            .collect())
    }

    /// A number as the rule writes it, such as the version `1.10`, and as most logs write numbers. A part of a number is only
    /// looked for as it is written.
    fn spellings(&self, text: &str, number: String) -> Vec<Pattern> {
        let is_part = self
            .modifiers
            .iter()
            .any(|modifier| matches!(modifier, Modifier::Contains | Modifier::StartsWith | Modifier::EndsWith));
        if text == number || is_part {
            return vec![Pattern::literal(text)];
        }
        vec![Pattern::literal(text), Pattern::literal(number)]
    }

    /// What one modifier makes of one pattern.
    fn change(&self, pattern: Pattern, modifier: Modifier, is_encoded: bool) -> Result<Vec<Pattern>, Problem> {
        let bytes = |pattern: &Pattern| {
            pattern.as_literal().map(<[u8]>::to_vec).ok_or_else(|| {
                Problem::error(
                    "encode-wildcard",
                    format!("a value of '{}' is encoded and has wildcards", self.name),
                )
                .hint("escape them with a backslash")
            })
        };
        Ok(match modifier {
            Modifier::Contains => vec![pattern.open(true, true)],
            Modifier::StartsWith => vec![pattern.open(false, true)],
            Modifier::EndsWith => vec![pattern.open(true, false)],
            Modifier::Windash => windash(&pattern, is_encoded).ok_or_else(|| {
                let message = format!("a value of '{}' is encoded and has too many options", self.name);
                Problem::error("value-expansion", message).hint("ask for each of them alone, with 'all'")
            })?,
            Modifier::Base64 => vec![Pattern::literal(base64(&bytes(&pattern)?))],
            Modifier::Base64Offset => base64_offsets(&bytes(&pattern)?)
                .into_iter()
                .map(Pattern::literal)
                .collect(),
            Modifier::Utf16 => vec![pattern.map(|bytes| utf16(bytes, Utf16::Marked))],
            Modifier::Utf16Little => vec![pattern.map(|bytes| utf16(bytes, Utf16::Little))],
            Modifier::Utf16Big => vec![pattern.map(|bytes| utf16(bytes, Utf16::Big))],
            _ => vec![pattern],
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "rules compare with numbers far below 2^53")]
fn number(scalar: Scalar<'_>) -> Option<f64> {
    match scalar {
        Scalar::Integer(number) => Some(number as f64),
        Scalar::Float(number) => Some(number),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Null | Scalar::Boolean(_) => None,
    }
}
