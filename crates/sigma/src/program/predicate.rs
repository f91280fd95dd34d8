//! What can be asked of one value: each question once in a program, whatever the number of rules that ask it.

use crate::rule::instant;
use crate::rule::modifier::{Comparison, TimePart};
use crate::rule::network::{self, Network};
use crate::rule::pattern::{Pattern, lower};
use crate::rule::regular::Expression;
use crate::value::Value;
use std::fmt;

/// A question about one value of a field.
#[derive(Clone, Debug)]
pub(crate) struct Predicate {
    /// Index of the field's name.
    pub(crate) field: u32,
    pub(crate) ask: Ask,
}

/// The question.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// The pattern is in lower case unless case counts.
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
    /// The field is there.
    Present,
    /// The field has a value.
    Valued,
}

/// One of several questions about one field, of which one is to be answered with yes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Item {
    pub(crate) field: u32,
    /// Indices of predicates, in order.
    pub(crate) predicates: Vec<u32>,
}

impl Ask {
    /// The plain answer, without any index: the definition, and what explanations and tests use. Where the value matches:
    /// start and end in bytes of its lower case, or of the value itself where case counts.
    pub(crate) fn find(&self, value: Value<'_>) -> Option<(usize, usize)> {
        let whole = |is: bool| is.then(|| (0, value.text().map_or(0, |text| text.len())));
        match self {
            Self::Present => whole(true),
            Self::Valued => whole(value != Value::Null),
            Self::Text { pattern, is_cased } => {
                let text = value.text()?;
                if *is_cased {
                    pattern.find(text.as_bytes())
                } else {
                    pattern.find(&lower(text.as_bytes()))
                }
            }
            Self::Regex(expression) => expression.find(&value.text()?),
            Self::Network(network) => {
                whole(network::address(&value.text()?).is_some_and(|address| network.contains(address)))
            }
            Self::Number { .. } => whole(self.compares(value)),
        }
    }

    /// Whether the number that `value` is compares as asked.
    pub(crate) fn compares(&self, value: Value<'_>) -> bool {
        let Self::Number {
            part,
            comparison,
            number,
        } = self
        else {
            return false;
        };
        let own = match part {
            Some(part) => instant::part(value, *part),
            None => value.number(),
        };
        own.is_some_and(|own| comparison.holds(own, *number))
    }

    /// Whether `find` tells places in the value's lower case.
    pub(crate) fn is_lowered(&self) -> bool {
        matches!(self, Self::Text { is_cased: false, .. })
    }

    /// The word for the question, as modifiers name it.
    pub(crate) fn operator(&self) -> &'static str {
        use crate::rule::pattern::Shape;
        match self {
            Self::Text { pattern, .. } => match pattern.shape() {
                Shape::Exact(_) => "equals",
                Shape::Prefix(_) => "startswith",
                Shape::Suffix(_) => "endswith",
                Shape::Contains(_) => "contains",
                Shape::Anything | Shape::Other => "matches",
            },
            Self::Regex(_) => "re",
            Self::Network(_) => "cidr",
            Self::Number {
                part: None, comparison, ..
            } => match comparison {
                Comparison::Equal => "equals",
                Comparison::Less => "lt",
                Comparison::LessOrEqual => "lte",
                Comparison::Greater => "gt",
                Comparison::GreaterOrEqual => "gte",
                Comparison::NotEqual => "neq",
            },
            Self::Number { part: Some(part), .. } => match part {
                TimePart::Minute => "minute",
                TimePart::Hour => "hour",
                TimePart::Day => "day",
                TimePart::Week => "week",
                TimePart::Month => "month",
                TimePart::Year => "year",
            },
            Self::Present | Self::Valued => "exists",
        }
    }
}

impl fmt::Display for Ask {
    /// What is asked for, without the operator.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { pattern, .. } => {
                let bare = Pattern::of(
                    pattern
                        .pieces()
                        .iter()
                        .filter(|piece| **piece != crate::rule::Piece::Any)
                        .cloned(),
                );
                if self.operator() == "matches" {
                    pattern.fmt(f)
                } else {
                    bare.fmt(f)
                }
            }
            Self::Regex(expression) => f.write_str(expression.source()),
            Self::Network(network) => network.fmt(f),
            Self::Number { number, .. } => number.fmt(f),
            Self::Present | Self::Valued => f.write_str("true"),
        }
    }
}
