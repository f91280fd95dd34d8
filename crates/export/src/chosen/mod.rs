//! Which records of captures are meant: an expression over their fields, called as NDJSON calls them.
//!
//! ```text
//! or    := and (("or" | "||") and)*
//! and   := term (("and" | "&&") term)*
//! term  := ("not" | "!") term | "(" or ")" | field test?
//! test  := ("==" | "=" | "!=" | "<" | "<=" | ">" | ">=") value | "contains" value | "matches" /pattern/
//!        | "in" value | "in" "(" value ("," value)* ")"
//! value := number unit? | "text" | 'text' | word | network
//! ```
//!
//! A field alone asks whether there is something in it. Of a list, one entry is enough. `a != b` is `not a == b`, also where
//! there is no such field. Text is compared without regard to case. Of what has an address, that is compared; of what has
//! bytes, those.
//!
//! Absent: arithmetic, comparisons of two fields, functions.

mod parse;
mod pattern;
#[cfg(test)]
mod tests;

pub use parse::WhereError;

use pattern::Pattern;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;
use watchfire_model::network::{Event, Flow, RecordChoice};

/// What records have to be like.
#[derive(Debug)]
pub struct Where {
    text: String,
    /// Walked from the front with one answer in hand.
    steps: Vec<Step>,
    /// The fields that are asked for, and whether any record had them.
    fields: BTreeMap<String, bool>,
}

#[derive(Debug)]
enum Step {
    Ask(Ask),
    /// The answer turns around.
    Not,
    /// If this is the answer, it stands until a later step.
    Unless(bool, usize),
}

/// What is asked of a field.
#[derive(Debug)]
struct Ask {
    field: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    IsThere,
    /// It is one of these.
    Is(Vec<Literal>),
    /// It stands so to this one.
    Stands(Relation, Literal),
    /// In small letters.
    Contains(String),
    Matches(Pattern),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What a value of the expression may be.
#[derive(Clone, Debug, PartialEq)]
struct Literal {
    /// In small letters.
    text: String,
    number: Option<f64>,
    network: Option<Network>,
}

/// Addresses that begin alike, as numbers of IPv6, and whether they are of IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    first: IpAddr,
    bits: u32,
}

impl Where {
    /// Reads an expression.
    ///
    /// # Errors
    /// Where it stops making sense, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, WhereError> {
        let steps = parse::steps(text)?;
        let asks = steps.iter().filter_map(|step| match step {
            Step::Ask(ask) => Some((ask.field.clone(), false)),
            _ => None,
        });
        Ok(Self {
            text: text.to_owned(),
            fields: asks.collect(),
            steps,
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Fields that are asked for and that no record had: there may be none of that name.
    pub fn unmet(&self) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(|(_, met)| !**met)
            .map(|(field, _)| field.as_str())
    }

    fn means(&mut self, record: &Value) -> bool {
        let mut answer = true;
        let mut at = 0;
        while let Some(step) = self.steps.get(at) {
            at += 1;
            match step {
                Step::Ask(ask) => {
                    let mut is_met = false;
                    answer = found(record, &ask.field, &mut |value| {
                        is_met = true;
                        ask.test.holds(value)
                    });
                    if is_met && let Some(met) = self.fields.get_mut(&ask.field) {
                        *met = true;
                    }
                }
                Step::Not => answer = !answer,
                Step::Unless(stands, until) if *stands == answer => at = at.max(*until),
                Step::Unless(..) => {}
            }
        }
        answer
    }
}

impl RecordChoice for Where {
    fn flow(&mut self, flow: &Flow) -> bool {
        let Ok(Value::Object(mut record)) = serde_json::to_value(flow) else {
            return false;
        };
        record.insert("record".to_owned(), "flow".into());
        let services = record.get("services").cloned().unwrap_or_default();
        record.insert("service".to_owned(), services);
        record.insert("flow".to_owned(), flow.first_frame.into());
        self.means(&Value::Object(record))
    }

    fn event(&mut self, event: &Event) -> bool {
        let Ok(Value::Object(mut record)) = serde_json::to_value(event) else {
            return false;
        };
        record.insert("record".to_owned(), "event".into());
        record.insert("service".to_owned(), event.exchange.kind().into());
        for (name, end) in [("originator", event.originator), ("responder", event.responder)] {
            let end = serde_json::json!({ "address": end.ip().to_string(), "port": end.port() });
            record.insert(name.to_owned(), end);
        }
        self.means(&Value::Object(record))
    }
}

/// Whether a test holds for something that a path leads to. Lists are gone through, `ip` is an `address`.
fn found(value: &Value, path: &str, test: &mut impl FnMut(&Value) -> bool) -> bool {
    let mut here = vec![value];
    for name in path.split('.') {
        let mut next = Vec::new();
        // Lists of lists come behind their entries.
        while let Some(value) = here.pop() {
            match value {
                Value::Array(list) => here.extend(list),
                Value::Object(fields) => next.extend(
                    fields
                        .get(name)
                        .or_else(|| (name == "ip").then(|| fields.get("address")).flatten()),
                ),
                _ => {}
            }
        }
        here = next;
    }
    while let Some(value) = here.pop() {
        match value {
            Value::Array(list) if !list.is_empty() => here.extend(list),
            value if test(value) => return true,
            _ => {}
        }
    }
    false
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        if let (Value::Object(fields), false) = (value, matches!(self, Self::IsThere)) {
            // What stands for the whole.
            let inner = fields.get("address").or_else(|| fields.get("bytes"));
            return inner.is_some_and(|inner| !inner.is_object() && self.holds(inner));
        }
        match self {
            Self::IsThere => is_there(value),
            Self::Is(literals) => literals.iter().any(|literal| literal.is(value)),
            Self::Stands(relation, literal) => literal.order(value).is_some_and(|order| relation.allows(order)),
            Self::Contains(part) => text(value).is_some_and(|text| text.contains(part.as_str())),
            Self::Matches(pattern) => match value {
                Value::String(text) => pattern.is_in(text),
                Value::Number(number) => pattern.is_in(&number.to_string()),
                _ => false,
            },
        }
    }
}

fn is_there(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_so) => *is_so,
        Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// In small letters.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_lowercase()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is_so) => Some(is_so.to_string()),
        _ => None,
    }
}

impl Literal {
    fn is(&self, value: &Value) -> bool {
        if let (Some(network), Value::String(text)) = (self.network, value)
            && let Ok(address) = text.parse()
        {
            return network.has(address);
        }
        match (self.number, value) {
            (Some(number), Value::Number(value)) => value.as_f64() == Some(number),
            _ => text(value).is_some_and(|text| text == self.text),
        }
    }

    /// How a value stands to this one. Times are written so that their letters stand as they do.
    fn order(&self, value: &Value) -> Option<Ordering> {
        match (self.number, value) {
            (Some(number), Value::Number(value)) => value.as_f64()?.partial_cmp(&number),
            (_, Value::String(_)) => Some(text(value)?.as_str().cmp(&self.text)),
            _ => None,
        }
    }
}

impl Network {
    fn has(self, address: IpAddr) -> bool {
        let same = |one: u128, other: u128, width: u32| {
            let rest = width.saturating_sub(self.bits);
            one.checked_shr(rest).unwrap_or(0) == other.checked_shr(rest).unwrap_or(0)
        };
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => same(u32::from(first).into(), u32::from(address).into(), 32),
            (IpAddr::V6(first), IpAddr::V6(address)) => same(first.into(), address.into(), 128),
            _ => false,
        }
    }
}

impl Relation {
    const fn allows(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}
