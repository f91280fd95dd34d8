//! From an expression to a condition over tests.

use super::lexer::{Token, tokens};
use super::{Query, QueryError};
use crate::rule::detection::{Check, Detection, Test};
use crate::rule::modifier::Comparison;
use crate::rule::network::Network;
use crate::rule::pattern::{Pattern, Piece};
use crate::rule::regular::Expression;
use crate::rule::{Condition, joined};
use std::net::IpAddr;

/// Parentheses within parentheses: the depth of every recursion over the condition.
const DEEPEST: usize = 48;
/// Most tests of a query.
const TESTS: usize = 1_000;
/// Most regular expressions, each of which may take megabytes once it is used.
const EXPRESSIONS: usize = 64;

type Parsed<T> = Result<T, QueryError>;

struct Parser<'t, 'q> {
    tokens: Vec<(Token<'t>, usize)>,
    at: usize,
    end: usize,
    depth: usize,
    query: &'q mut Query,
}

/// Reads an expression, and puts what it asks behind what `query` asks already.
pub(super) fn condition(text: &str, query: &mut Query) -> Parsed<Condition> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        end: text.len(),
        depth: 0,
        query,
    };
    let condition = parser.any()?;
    match parser.peek() {
        None => Ok(condition),
        Some(_) => Err(parser.expected("'and', 'or' or the end is")),
    }
}

impl<'t> Parser<'t, '_> {
    fn peek(&self) -> Option<&Token<'t>> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn is_word(&self, ahead: usize, words: &[&str]) -> bool {
        match self.tokens.get(self.at.saturating_add(ahead)) {
            Some((Token::Word(next), _)) => words.iter().any(|word| word.eq_ignore_ascii_case(next)),
            _ => false,
        }
    }

    fn is_sign(&self, ahead: usize, sign: &str) -> bool {
        let token = self.tokens.get(self.at.saturating_add(ahead));
        matches!(token, Some((Token::Sign(next), _)) if *next == sign)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is_there = self.is_sign(0, sign);
        self.at += usize::from(is_there);
        is_there
    }

    fn error(&self, message: impl Into<String>) -> QueryError {
        QueryError {
            at: self.tokens.get(self.at).map_or(self.end, |(_, at)| *at),
            message: message.into(),
        }
    }

    /// `what` comes with its verb: `a value is`.
    fn expected(&self, what: &str) -> QueryError {
        let found = match self.peek() {
            Some(token) => format!("there is '{}'", token.shown()),
            None => "the expression ends".to_owned(),
        };
        self.error(format!("{what} expected, but {found}"))
    }

    /// Terms of which one is enough.
    fn any(&mut self) -> Parsed<Condition> {
        let mut parts = vec![self.all()?];
        while self.is_word(0, &["or"]) || self.is_sign(0, "||") {
            self.at += 1;
            parts.push(self.all()?);
        }
        Ok(joined(parts, Condition::Or))
    }

    /// Terms that all have to hold.
    fn all(&mut self) -> Parsed<Condition> {
        let mut parts = vec![self.term()?];
        while self.is_word(0, &["and"]) || self.is_sign(0, "&&") {
            self.at += 1;
            parts.push(self.term()?);
        }
        Ok(joined(parts, Condition::And))
    }

    fn term(&mut self) -> Parsed<Condition> {
        let mut is_turned = false;
        while self.is_word(0, &["not"]) || self.is_sign(0, "!") {
            self.at += 1;
            is_turned = !is_turned;
        }
        let term = if self.is_sign(0, "(") {
            self.inside()?
        } else if self.is_word(0, &["exists"]) && self.is_sign(1, "(") {
            self.exists()?
        } else {
            self.ask()?
        };
        Ok(turned(term, is_turned))
    }

    fn inside(&mut self) -> Parsed<Condition> {
        if self.depth >= DEEPEST {
            return Err(self.error(format!("there are more than {DEEPEST} parentheses within one another")));
        }
        self.at += 1;
        self.depth += 1;
        let inner = self.any()?;
        self.depth -= 1;
        if self.take_sign(")") {
            Ok(inner)
        } else {
            Err(self.expected("')' is"))
        }
    }

    fn exists(&mut self) -> Parsed<Condition> {
        self.at += 2;
        let field = self.field()?;
        if !self.take_sign(")") {
            return Err(self.expected("')' is"));
        }
        self.test(Some(field), vec![Check::Exists(true)])
    }

    /// The name of a field.
    fn field(&mut self) -> Parsed<String> {
        let name = match self.peek() {
            Some(Token::Word(word)) if is_field(word) => (*word).to_owned(),
            Some(Token::Text(text)) if !text.is_empty() => text.clone(),
            Some(Token::Plain(text)) if !text.is_empty() => (*text).to_owned(),
            _ => return Err(self.expected("a field such as 'user.name', or text between quotes, is")),
        };
        self.at += 1;
        Ok(name)
    }

    /// A field and what is asked of it, or text that may stand anywhere.
    fn ask(&mut self) -> Parsed<Condition> {
        let pattern = match self.peek() {
            Some(Token::Text(text)) => Some(Pattern::parse(text)),
            Some(Token::Plain(text)) => Some(Pattern::literal(*text)),
            _ => None,
        };
        let field = self.field()?;
        let mut is_turned = self.is_word(0, &["not"]) && self.is_word(1, WORDS);
        self.at += usize::from(is_turned);
        let checks = match self.peek() {
            Some(Token::Sign(sign @ ("=" | "==" | "!="))) => {
                is_turned = *sign == "!=";
                self.at += 1;
                self.value()?
            }
            Some(Token::Sign(sign @ ("<" | "<=" | ">" | ">="))) => {
                let comparison = match *sign {
                    "<" => Comparison::Less,
                    "<=" => Comparison::LessOrEqual,
                    ">" => Comparison::Greater,
                    _ => Comparison::GreaterOrEqual,
                };
                self.at += 1;
                vec![self.number(comparison)?]
            }
            Some(Token::Sign(sign @ ("~" | "!~"))) => {
                is_turned = *sign == "!~";
                self.at += 1;
                vec![self.expression()?]
            }
            Some(Token::Word(_)) if self.is_word(0, WORDS) => self.worded()?,
            // A text is no field unless something is asked of it.
            _ => match pattern {
                Some(pattern) => return self.test(None, vec![text(pattern.open(true, true))]),
                None => vec![text(Pattern::of([Piece::One, Piece::Any]))],
            },
        };
        Ok(turned(self.test(Some(field), checks)?, is_turned))
    }

    /// What stands behind a word that asks.
    fn worded(&mut self) -> Parsed<Vec<Check>> {
        let (is_in, is_expression) = (self.is_word(0, &["in"]), self.is_word(0, &["matches"]));
        let open = (!self.is_word(0, &["startswith"]), !self.is_word(0, &["endswith"]));
        self.at += 1;
        if is_in {
            self.list()
        } else if is_expression {
            Ok(vec![self.expression()?])
        } else {
            let pattern = self.pattern()?;
            Ok(vec![text(pattern.open(open.0, open.1))])
        }
    }

    fn list(&mut self) -> Parsed<Vec<Check>> {
        if !self.take_sign("(") {
            return self.value();
        }
        let mut checks = self.value()?;
        while self.take_sign(",") {
            checks.extend(self.value()?);
        }
        if self.take_sign(")") {
            Ok(checks)
        } else {
            Err(self.expected("',' or ')' is"))
        }
    }

    /// Text with its wildcards.
    fn pattern(&mut self) -> Parsed<Pattern> {
        let pattern = match self.peek() {
            Some(Token::Word(word)) => Pattern::parse(word),
            Some(Token::Text(text)) => Pattern::parse(text),
            Some(Token::Plain(text)) => Pattern::literal(*text),
            _ => return Err(self.expected("a value such as 4625, admin*, \"some text\" or 10.0.0.0/8 is")),
        };
        self.at += 1;
        Ok(pattern)
    }

    /// What a field may be, of which one is enough.
    fn value(&mut self) -> Parsed<Vec<Check>> {
        let Some(Token::Word(word)) = self.peek().cloned() else {
            return Ok(vec![text(self.pattern()?)]);
        };
        if word.eq_ignore_ascii_case("null") {
            self.at += 1;
            return Ok(vec![Check::Null]);
        }
        let address = word.split('/').next().unwrap_or_default();
        if address.parse::<IpAddr>().is_err() {
            return Ok(vec![text(self.pattern()?)]);
        }
        let Some(network) = Network::parse(word) else {
            return Err(self.expected("a network such as 10.0.0.0/8 is"));
        };
        self.at += 1;
        // Logs write one address in several ways, and some write it where no address belongs.
        let exact = (address.len() == word.len()).then(|| text(Pattern::literal(word)));
        Ok(exact.into_iter().chain([Check::Network(network)]).collect())
    }

    fn number(&mut self, comparison: Comparison) -> Parsed<Check> {
        let number = match self.peek() {
            Some(Token::Word(word)) => scaled(word),
            Some(Token::Text(text)) => scaled(text),
            Some(Token::Plain(text)) => scaled(text),
            _ => None,
        };
        let Some(number) = number else {
            return Err(self.expected("a number such as 500 or 1 MB is"));
        };
        self.at += 1;
        let unit = match self.peek() {
            Some(Token::Word(word)) => scale(word),
            _ => None,
        };
        self.at += usize::from(unit.is_some());
        Ok(Check::Number {
            part: None,
            comparison,
            number: number * unit.unwrap_or(1.0),
        })
    }

    fn expression(&mut self) -> Parsed<Check> {
        let (body, flags) = match self.peek() {
            Some(Token::Pattern(body, flags)) => ((*body).to_owned(), *flags),
            Some(Token::Text(text)) => (text.clone(), ""),
            Some(Token::Plain(text)) => ((*text).to_owned(), ""),
            _ => return Err(self.expected("a regular expression such as /^adm[0-9]+$/i is")),
        };
        if let Some(flag) = flags.chars().find(|flag| !matches!(flag, 'i' | 'm' | 's')) {
            return Err(self.error(format!("'{flag}' is no flag of an expression: there are i, m and s")));
        }
        let flags = if flags.is_empty() {
            String::new()
        } else {
            format!("(?{flags})")
        };
        self.query.expressions += 1;
        if self.query.expressions > EXPRESSIONS {
            return Err(self.error(format!("there are more than {EXPRESSIONS} regular expressions")));
        }
        let expression = Expression::new(format!("{flags}{body}")).map_err(|problem| {
            let hint = problem.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            self.error(format!("{}{hint}", problem.message))
        })?;
        self.at += 1;
        Ok(Check::Regex(expression))
    }

    /// One more test, by the name that the condition has for it.
    fn test(&mut self, field: Option<String>, checks: Vec<Check>) -> Parsed<Condition> {
        let number = self.query.tests.len();
        if number >= TESTS {
            return Err(self.error(format!("there are more than {TESTS} comparisons")));
        }
        let test = Test {
            field,
            groups: vec![checks],
            is_all: false,
            is_negated: false,
        };
        self.query.tests.push((number.to_string(), Detection::Test(test)));
        Ok(Condition::Name(number.to_string()))
    }
}

/// Words that ask something of the field before them.
const WORDS: &[&str] = &["contains", "startswith", "endswith", "in", "matches"];

fn text(pattern: Pattern) -> Check {
    Check::Text {
        pattern,
        is_cased: false,
    }
}

fn turned(condition: Condition, is_turned: bool) -> Condition {
    match condition {
        Condition::Not(inner) if is_turned => *inner,
        condition if is_turned => Condition::Not(Box::new(condition)),
        condition => condition,
    }
}

/// What could be a number or a word of the language is a name only between quotes.
fn is_field(word: &str) -> bool {
    let begins = word.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@' | '#'));
    let is_of_language = ["and", "or", "not"].iter().chain(WORDS);
    begins && !is_of_language.into_iter().any(|own| own.eq_ignore_ascii_case(word))
}

/// `500`, `1MB`
fn scaled(word: &str) -> Option<f64> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number = match word.parse() {
        Ok(number) => number,
        Err(_) => digits.parse::<f64>().ok()? * scale(word.strip_prefix(digits)?)?,
    };
    Some(number).filter(|number| number.is_finite())
}

/// Units of bytes; the ones without an `i` are decimal, as everywhere.
fn scale(unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "ki" | "kib" => 1024.0,
        "mi" | "mib" => 1_048_576.0,
        "gi" | "gib" => 1_073_741_824.0,
        _ => return None,
    })
}
