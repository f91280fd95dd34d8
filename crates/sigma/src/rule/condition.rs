//! Conditions: `1 of selection_* and not (filter or all of them)`.
//!
//! From the least to the most binding: `or`, `and`, `not`, `x of`, brackets. Words are understood in any case, as pySigma
//! does. Not here: aggregations behind `|`, which Sigma 2 replaced by correlation rules; they are an error that says so.

use crate::problem::{Problem, nearest};

/// How a condition joins selections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A selection.
    Name(String),
    /// `1 of x*`, `all of them`.
    Of {
        /// How many, or all where there is no number.
        least: Option<u32>,
        /// Names with `*`, or nothing for `them`.
        pattern: Option<String>,
    },
    /// `not`.
    Not(Box<Condition>),
    /// `and`.
    And(Vec<Condition>),
    /// `or`.
    Or(Vec<Condition>),
}

/// Deepest nesting; also the depth of every recursion over conditions.
const DEPTH: usize = 48;
/// Most words of a condition.
const WORDS: usize = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Open,
    Close,
}

impl Condition {
    /// Reads a condition. Problems have no place; the caller knows it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, at: 0 };
        let condition = parser.or(0)?;
        match parser.next() {
            None => Ok(condition),
            Some(Token::Close) => Err(syntax("a ')' closes nothing")),
            Some(Token::Open) => Err(syntax("'and' or 'or' is missing before '('")),
            Some(Token::Word(word)) => Err(syntax(format!("'and' or 'or' is missing before '{word}'"))),
        }
    }

    /// Whether `not` stands anywhere but before all else.
    pub(crate) fn negates_within(&self) -> bool {
        fn has_not(condition: &Condition) -> bool {
            match condition {
                Condition::Name(_) | Condition::Of { .. } => false,
                Condition::Not(_) => true,
                Condition::And(parts) | Condition::Or(parts) => parts.iter().any(has_not),
            }
        }
        match self {
            Self::Not(inner) => has_not(inner),
            other => has_not(other),
        }
    }

    /// Calls `each` for every name and pattern.
    pub(crate) fn visit<'c>(&'c self, each: &mut impl FnMut(&'c Condition)) {
        match self {
            Self::Name(_) | Self::Of { .. } => each(self),
            Self::Not(inner) => inner.visit(each),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit(each)),
        }
    }
}

fn syntax(message: impl Into<String>) -> Problem {
    Problem::error("condition-syntax", message)
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Problem> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '(' | ')' => 1,
            '|' => {
                return Err(Problem::error(
                    "condition-aggregation",
                    "aggregations behind '|' are not part of Sigma 2",
                )
                .hint("write a correlation rule of type event_count or value_count"));
            }
            _ => rest
                .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '|'))
                .unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at(length);
        tokens.push(match c {
            '(' => Token::Open,
            ')' => Token::Close,
            _ => Token::Word(word),
        });
        if tokens.len() > WORDS {
            return Err(syntax(format!("the condition has more than {WORDS} words")));
        }
        rest = behind.trim_start();
    }
    Ok(tokens)
}

struct Parser<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
}

fn is(token: Option<Token<'_>>, word: &str) -> bool {
    matches!(token, Some(Token::Word(other)) if other.eq_ignore_ascii_case(word))
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token<'t>> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn or(&mut self, depth: usize) -> Result<Condition, Problem> {
        let mut parts = vec![self.and(depth)?];
        while is(self.peek(), "or") {
            self.at += 1;
            parts.push(self.and(depth)?);
        }
        Ok(joined(parts, Condition::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Condition, Problem> {
        let mut parts = vec![self.not(depth)?];
        while is(self.peek(), "and") {
            self.at += 1;
            parts.push(self.not(depth)?);
        }
        Ok(joined(parts, Condition::And))
    }

    fn not(&mut self, depth: usize) -> Result<Condition, Problem> {
        let mut is_negated = false;
        while is(self.peek(), "not") {
            self.at += 1;
            is_negated = !is_negated;
        }
        let inner = self.primary(depth)?;
        Ok(if is_negated {
            Condition::Not(Box::new(inner))
        } else {
            inner
        })
    }

    fn primary(&mut self, depth: usize) -> Result<Condition, Problem> {
        match self.next() {
            None => Err(syntax("the condition ends where a selection is expected")),
            Some(Token::Close) => Err(syntax("a ')' stands where a selection is expected")),
            Some(Token::Open) if depth >= DEPTH => {
                Err(syntax(format!("the condition is nested more than {DEPTH} levels deep")))
            }
            Some(Token::Open) => {
                let inner = self.or(depth + 1)?;
                match self.next() {
                    Some(Token::Close) => Ok(inner),
                    _ => Err(syntax("a '(' is never closed")),
                }
            }
            Some(Token::Word(word)) => self.word(word),
        }
    }

    fn word(&mut self, word: &str) -> Result<Condition, Problem> {
        if is(self.peek(), "of") {
            self.at += 1;
            return self.of(word);
        }
        if ["and", "or", "not", "of"]
            .iter()
            .any(|other| word.eq_ignore_ascii_case(other))
        {
            return Err(syntax(format!("'{word}' stands where a selection is expected")));
        }
        if word.contains('*') {
            return Err(syntax(format!("'{word}' needs '1 of' or 'all of' before it")));
        }
        Ok(Condition::Name(word.to_owned()))
    }

    fn of(&mut self, quantity: &str) -> Result<Condition, Problem> {
        let least = match quantity.to_ascii_lowercase().as_str() {
            "all" => None,
            "any" => Some(1),
            number => match number.parse() {
                Ok(number) if number > 0 => Some(number),
                _ => return Err(syntax(format!("'{quantity}' of what? write '1 of' or 'all of'"))),
            },
        };
        match self.next() {
            Some(Token::Word(word)) => {
                let pattern = (!word.eq_ignore_ascii_case("them")).then(|| word.to_owned());
                Ok(Condition::Of { least, pattern })
            }
            _ => Err(syntax(format!("'{quantity} of' is followed by nothing"))),
        }
    }
}

/// The only one of parts, or all of them joined.
pub(crate) fn joined<T>(mut parts: Vec<T>, join: fn(Vec<T>) -> T) -> T {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// Whether `name` is meant by `pattern`, in which `*` stands for anything; without a pattern (`them`), all are meant whose
/// names do not begin with an underscore.
pub(crate) fn is_meant(name: &str, pattern: Option<&str>) -> bool {
    let Some(pattern) = pattern else {
        return !name.starts_with('_');
    };
    let mut runs = pattern.split('*');
    let Some(mut rest) = runs.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let runs: Vec<&str> = runs.collect();
    let Some((last, middle)) = runs.split_last() else {
        return rest.is_empty();
    };
    for run in middle {
        let Some((_, behind)) = rest.split_once(run) else {
            return false;
        };
        rest = behind;
    }
    rest.ends_with(last)
}

/// A selection that is named but not there.
pub(crate) fn unknown<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Problem {
    let problem = Problem::error(
        "condition-name",
        format!("the condition names '{name}', which is no selection"),
    );
    match nearest(name, known) {
        Some(near) => problem.hint(format!("did you mean '{near}'?")),
        None => problem.hint("name a key of 'detection'"),
    }
}
