//! The modifiers behind a field's name, and which go together.

use crate::problem::{Problem, nearest};

/// A part of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Of the month, 1 to 31.
    Day,
    /// ISO 8601, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// With four digits.
    Year,
}

/// How numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// Equal.
    Equal,
    /// Less than.
    Less,
    /// Less than or equal.
    LessOrEqual,
    /// Greater than.
    Greater,
    /// Greater than or equal.
    GreaterOrEqual,
    /// Different.
    NotEqual,
}

impl Comparison {
    /// Whether `left` compares so with `right`.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::NotEqual => left != right,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modifier {
    Contains,
    StartsWith,
    EndsWith,
    All,
    Cased,
    Re,
    IgnoreCase,
    MultiLine,
    DotAll,
    Cidr,
    Base64,
    Base64Offset,
    Utf16,
    Utf16Little,
    Utf16Big,
    Windash,
    Exists,
    FieldRef,
    Expand,
    NotEqual,
    Compare(Comparison),
    Part(TimePart),
}

impl Modifier {
    /// Whether it turns text into the bytes of an encoding.
    pub(crate) fn encodes(self) -> bool {
        matches!(
            self,
            Self::Base64 | Self::Base64Offset | Self::Utf16 | Self::Utf16Little | Self::Utf16Big
        )
    }
}

/// Every modifier by its name.
const NAMES: &[(&str, Modifier)] = &[
    ("all", Modifier::All),
    ("base64", Modifier::Base64),
    ("base64offset", Modifier::Base64Offset),
    ("cased", Modifier::Cased),
    ("cidr", Modifier::Cidr),
    ("contains", Modifier::Contains),
    ("day", Modifier::Part(TimePart::Day)),
    ("endswith", Modifier::EndsWith),
    ("exists", Modifier::Exists),
    ("expand", Modifier::Expand),
    ("fieldref", Modifier::FieldRef),
    ("gt", Modifier::Compare(Comparison::Greater)),
    ("gte", Modifier::Compare(Comparison::GreaterOrEqual)),
    ("hour", Modifier::Part(TimePart::Hour)),
    ("i", Modifier::IgnoreCase),
    ("ignorecase", Modifier::IgnoreCase),
    ("lt", Modifier::Compare(Comparison::Less)),
    ("lte", Modifier::Compare(Comparison::LessOrEqual)),
    ("m", Modifier::MultiLine),
    ("minute", Modifier::Part(TimePart::Minute)),
    ("month", Modifier::Part(TimePart::Month)),
    ("multiline", Modifier::MultiLine),
    ("neq", Modifier::NotEqual),
    ("re", Modifier::Re),
    ("s", Modifier::DotAll),
    ("dotall", Modifier::DotAll),
    ("startswith", Modifier::StartsWith),
    ("utf16", Modifier::Utf16),
    ("utf16be", Modifier::Utf16Big),
    ("utf16le", Modifier::Utf16Little),
    ("week", Modifier::Part(TimePart::Week)),
    ("wide", Modifier::Utf16Little),
    ("windash", Modifier::Windash),
    ("year", Modifier::Part(TimePart::Year)),
];

/// The modifiers of one key, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Modifiers(Vec<Modifier>);

impl Modifiers {
    /// Reads what stands behind the field's name.
    pub(crate) fn parse(key: &str) -> Result<(Option<&str>, Self), Problem> {
        let mut parts = key.split('|');
        let field = parts.next().filter(|name| !name.is_empty());
        let mut modifiers = Self::default();
        for name in parts {
            let found = NAMES.iter().find(|(known, _)| *known == name);
            let Some((_, modifier)) = found else {
                let problem = Problem::error("modifier-unknown", format!("unknown modifier '{name}' in '{key}'"));
                let near = nearest(name, NAMES.iter().map(|(name, _)| *name));
                return Err(match near {
                    Some(near) => problem.hint(format!("did you mean '{near}'?")),
                    None => problem.hint("see docs/sigma.md for the modifiers of Sigma 2.1"),
                });
            };
            // Encodings make values longer, so that one that may be repeated makes them as long as it likes.
            if modifiers.has(*modifier) {
                let message = format!("the modifier '{name}' stands twice in '{key}'");
                return Err(Problem::error("modifier-combination", message).hint("write it once"));
            }
            modifiers.0.push(*modifier);
        }
        modifiers.check(key)?;
        Ok((field, modifiers))
    }

    pub(crate) fn has(&self, modifier: Modifier) -> bool {
        self.0.contains(&modifier)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Modifier> {
        self.0.iter().copied()
    }

    /// The comparison that is asked for.
    pub(crate) fn comparison(&self) -> Option<Comparison> {
        self.iter().find_map(|modifier| match modifier {
            Modifier::Compare(comparison) => Some(comparison),
            _ => None,
        })
    }

    /// The part of an instant that is asked for.
    pub(crate) fn part(&self) -> Option<TimePart> {
        self.iter().find_map(|modifier| match modifier {
            Modifier::Part(part) => Some(part),
            _ => None,
        })
    }

    /// Contradictions: a value is of one type, and what changes text needs text.
    fn check(&self, key: &str) -> Result<(), Problem> {
        let clash = |message: &str| Err(Problem::error("modifier-combination", format!("{message} in '{key}'")));
        let kinds = self.iter().filter(|modifier| {
            matches!(
                modifier,
                Modifier::Re | Modifier::Cidr | Modifier::Exists | Modifier::FieldRef | Modifier::Compare(_)
            )
        });
        if kinds.count() > 1 {
            return clash("modifiers for different types of values");
        }
        let is_text = |modifier: &Modifier| modifier.encodes() || *modifier == Modifier::Windash;
        let is_utf16 =
            |modifier: &&Modifier| matches!(modifier, Modifier::Utf16 | Modifier::Utf16Little | Modifier::Utf16Big);
        if self.0.iter().filter(is_utf16).count() > 1 {
            return clash("more than one of 'wide', 'utf16le', 'utf16be' and 'utf16'");
        }
        let is_place =
            |modifier: &Modifier| matches!(modifier, Modifier::Contains | Modifier::StartsWith | Modifier::EndsWith);
        let is_flag =
            |modifier: &Modifier| matches!(modifier, Modifier::IgnoreCase | Modifier::MultiLine | Modifier::DotAll);
        let typed = self.has(Modifier::Re)
            || self.has(Modifier::Cidr)
            || self.has(Modifier::Exists)
            || self.has(Modifier::FieldRef)
            || self.comparison().is_some()
            || self.part().is_some();
        let places_allowed = self.has(Modifier::Re) || self.has(Modifier::FieldRef);
        if typed && self.0.iter().any(is_text) {
            return clash("an encoding of text on a value that is no text");
        }
        if typed && !places_allowed && self.0.iter().any(is_place) {
            return clash("'contains', 'startswith' or 'endswith' on a value that is no text");
        }
        if !self.has(Modifier::Re) && self.0.iter().any(is_flag) {
            return clash("flags of regular expressions without 're'");
        }
        if self.part().is_some() && (self.has(Modifier::Re) || self.has(Modifier::Cidr) || self.has(Modifier::FieldRef))
        {
            return clash("a part of an instant is a number, which this is not compared with");
        }
        if self.has(Modifier::Exists) && self.0.len() > 1 {
            return clash("'exists' goes with no other modifier");
        }
        Ok(())
    }
}
