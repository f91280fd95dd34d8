//! What a rule that somebody wrote says of an artifact. A rule set is the work of its author: neither its names nor its
//! descriptions are ours, and its matches are facts until a detector weighs them.

use crate::{Span, Untrusted};
use serde::Serialize;

/// A rule that holds for an artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleMatch {
    /// Its name.
    pub rule: Untrusted,
    /// The file that it stands in.
    pub source: Untrusted,
    /// Its tags, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Untrusted>,
    /// What its author says about it, in order; names may repeat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<(Untrusted, MetadataValue)>,
    /// What of it was found where, in the rule's order and by place; bounded. Empty where the rule asks for no string.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub strings: Vec<StringMatch>,
    /// Whether more was found than [`RuleMatch::strings`] lists.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl RuleMatch {
    /// The first value under a name, in any case.
    pub fn get(&self, name: &str) -> Option<&MetadataValue> {
        let found = self
            .metadata
            .iter()
            .find(|(key, _)| key.raw().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    /// The first text under a name, in any case.
    pub fn text(&self, name: &str) -> Option<&Untrusted> {
        match self.get(name) {
            Some(MetadataValue::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// A value that an author gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MetadataValue {
    /// Text.
    Text(Untrusted),
    /// A number.
    Integer(i64),
    /// A switch.
    Boolean(bool),
}

/// One place where a string of a rule was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StringMatch {
    /// What the rule calls it, with its `$`.
    pub identifier: Untrusted,
    /// Where it stands. Bytes.
    pub span: Span,
    /// The beginning of what stands there: text, or two hexadecimal digits for each byte.
    pub excerpt: Untrusted,
}
