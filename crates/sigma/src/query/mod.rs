//! What a person types to choose records: an expression over fields, made into the one rule of a program.
//!
//! ```text
//! or    = and  { ("or"  | "||") and }
//! and   = term { ("and" | "&&") term }
//! term  = ("not" | "!") term | "(" or ")" | "exists" "(" field ")" | text | field [ test ]
//! test  = ("=" | "==" | "!=") value
//!       | ("<" | "<=" | ">" | ">=") number [unit]
//!       | ["not"] ("contains" | "startswith" | "endswith") value
//!       | ["not"] "in" ( value | "(" value { "," value } ")" )
//!       | ("~" | "!~" | ["not"] "matches") /expression/[flags]
//! value = word | text | network | "null"
//! field = word | text
//! text  = "with * and ?" | 'as it stands'
//! ```
//!
//! It asks what rules ask, by the same engine: text without regard to case, `*` and `?` in words and between double quotes,
//! numbers that read the same, networks, regular expressions in linear time. A text alone may stand in any value; a field
//! alone asks whether there is something in it. `a != b` is `not a = b`, also where there is no such field. Words of the
//! language are understood in any case.
//!
//! Absent: arithmetic, comparisons of two fields, aggregations, modifiers that encode.

mod lexer;
mod parse;

use crate::program::Program;
use crate::rule::detection::Detection;
use crate::rule::{Collection, Condition, LogSource, Meta, Rule};
use std::fmt;

/// Why an expression makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Where, in bytes from its beginning.
    pub at: usize,
    /// In words: `a value is expected, but there is ')'`. What is quoted of the expression is escaped.
    pub message: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.at)
    }
}

impl std::error::Error for QueryError {}

/// Expressions of which all have to hold. One without any holds for every record.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// What is asked, under the names that the condition has for it.
    tests: Vec<(String, Detection)>,
    conditions: Vec<Condition>,
    expressions: usize,
}

impl Query {
    /// Reads one expression.
    ///
    /// # Errors
    /// Where it stops making sense, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let mut query = Self::default();
        query.and(text)?;
        Ok(query)
    }

    /// Reads one more, which has to hold, too.
    ///
    /// # Errors
    /// Where it stops making sense; then the query is as it was.
    pub fn and(&mut self, text: &str) -> Result<(), QueryError> {
        let before = (self.tests.len(), self.expressions);
        match parse::condition(text, self) {
            Ok(condition) => {
                self.conditions.push(condition);
                Ok(())
            }
            Err(error) => {
                self.tests.truncate(before.0);
                self.expressions = before.1;
                Err(error)
            }
        }
    }

    /// Whether any of its texts may stand in any value: then all values of a record have to be shown to it.
    pub fn has_keywords(&self) -> bool {
        let is_keyword =
            |(_, detection): &(String, Detection)| matches!(detection, Detection::Test(test) if test.field.is_none());
        self.tests.iter().any(is_keyword)
    }

    /// A program with one rule, [`RuleId(0)`](crate::RuleId), which holds where the query does.
    pub fn compile(self) -> Program {
        let rule = Rule {
            meta: Meta {
                title: "query".to_owned(),
                ..Meta::default()
            },
            logsource: LogSource::default(),
            selections: self.tests,
            conditions: vec![Condition::And(self.conditions)],
        };
        let collection = Collection {
            rules: vec![rule],
            ..Collection::default()
        };
        Program::build(collection).0
    }
}
