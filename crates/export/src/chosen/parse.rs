//! From an expression to steps.

use super::pattern::Pattern;
use super::{Ask, Literal, Network, Relation, Step, Test};
use std::fmt;
use std::net::IpAddr;

/// Bytes of the longest expression.
const LONGEST: usize = 64 << 10;
/// Parentheses within parentheses.
const DEEPEST: u32 = 64;

/// Why an expression makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhereError {
    /// Where, in bytes from its beginning.
    pub at: usize,
    /// In words: `a value is expected, but there is ')'`.
    pub message: String,
}

impl fmt::Display for WhereError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.at)
    }
}

impl std::error::Error for WhereError {}

/// A word, a sign, or what stands between quotes or slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Sign(&'t str),
    Quoted(&'t str),
    Pattern(&'t str),
}

struct Parser<'t> {
    tokens: Vec<(Token<'t>, usize)>,
    at: usize,
    end: usize,
    steps: Vec<Step>,
    depth: u32,
}

pub(super) fn steps(text: &str) -> Result<Vec<Step>, WhereError> {
    if text.len() > LONGEST {
        let message = format!("the expression is longer than {LONGEST} bytes");
        return Err(WhereError {
            at: text.len(),
            message,
        });
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        end: text.len(),
        steps: Vec::new(),
        depth: 0,
    };
    parser.any()?;
    match parser.peek() {
        None => Ok(parser.steps),
        Some(_) => Err(parser.expected("'and', 'or' or the end is")),
    }
}

/// Signs that stand for themselves, the longer ones first.
const SIGNS: [&str; 13] = ["&&", "||", "==", "!=", "<=", ">=", "=", "<", ">", "!", "(", ")", ","];

fn tokens(text: &str) -> Result<Vec<(Token<'_>, usize)>, WhereError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let is_pattern = first == '/'
            && matches!(tokens.last(), Some((Token::Word(word), _)) if word.eq_ignore_ascii_case("matches"));
        let (token, length) = if matches!(first, '"' | '\'') || is_pattern {
            let inner = rest.get(1..).unwrap_or_default();
            let Some(inside) = inside(inner, first) else {
                let message = format!("{first} has no end");
                return Err(WhereError { at, message });
            };
            let token = if is_pattern {
                Token::Pattern(inside)
            } else {
                Token::Quoted(inside)
            };
            (token, inside.len() + 2)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            let is_end = |c: char| c.is_whitespace() || "=!<>(),\"'&|".contains(c);
            let length = rest.find(is_end).unwrap_or(rest.len()).max(first.len_utf8());
            (Token::Word(rest.get(..length).unwrap_or_default()), length)
        };
        tokens.push((token, at));
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// What stands before the sign that ends it; in patterns, a backslash takes its meaning from it.
fn inside(text: &str, end: char) -> Option<&str> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if end == '/' && c == '\\' {
            is_escaped = true;
        } else if c == end {
            return text.get(..at);
        }
    }
    None
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).map(|(token, _)| *token)
    }

    fn is_next(&self, word: &str, sign: &str) -> bool {
        match self.peek() {
            Some(Token::Word(next)) => next.eq_ignore_ascii_case(word),
            Some(Token::Sign(next)) => next == sign,
            _ => false,
        }
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is_there = self.peek() == Some(Token::Sign(sign));
        self.at += usize::from(is_there);
        is_there
    }

    /// `what` comes with its verb: `a value is`.
    fn expected(&self, what: &str) -> WhereError {
        let (at, found) = match self.tokens.get(self.at) {
            Some((token, at)) => (*at, format!("there is '{}'", shown(*token))),
            None => (self.end, "the expression ends".to_owned()),
        };
        WhereError {
            at,
            message: format!("{what} expected, but {found}"),
        }
    }

    /// Terms of which one is enough.
    fn any(&mut self) -> Result<(), WhereError> {
        self.chain(("or", "||"), true, Self::all)
    }

    /// Terms that all have to hold.
    fn all(&mut self) -> Result<(), WhereError> {
        self.chain(("and", "&&"), false, Self::term)
    }

    fn chain(
        &mut self,
        (word, sign): (&str, &str),
        stands: bool,
        part: fn(&mut Self) -> Result<(), WhereError>,
    ) -> Result<(), WhereError> {
        part(self)?;
        let mut passes = Vec::new();
        while self.is_next(word, sign) {
            self.at += 1;
            passes.push(self.steps.len());
            self.steps.push(Step::Unless(stands, 0));
            part(self)?;
        }
        let end = self.steps.len();
        for pass in passes {
            if let Some(Step::Unless(_, until)) = self.steps.get_mut(pass) {
                *until = end;
            }
        }
        Ok(())
    }

    fn term(&mut self) -> Result<(), WhereError> {
        let mut is_turned = false;
        while self.is_next("not", "!") {
            self.at += 1;
            is_turned = !is_turned;
        }
        if self.peek() == Some(Token::Sign("(")) {
            self.inside()?;
        } else {
            self.ask()?;
        }
        if is_turned {
            self.steps.push(Step::Not);
        }
        Ok(())
    }

    fn inside(&mut self) -> Result<(), WhereError> {
        if self.depth >= DEEPEST {
            let mut error = self.expected("");
            error.message = format!("there are more than {DEEPEST} parentheses within one another");
            return Err(error);
        }
        self.at += 1;
        self.depth += 1;
        self.any()?;
        self.depth -= 1;
        if self.take_sign(")") {
            Ok(())
        } else {
            Err(self.expected("')' is"))
        }
    }

    fn ask(&mut self) -> Result<(), WhereError> {
        let field = match self.peek() {
            Some(Token::Word(word)) if is_field(word) => word.to_owned(),
            _ => return Err(self.expected("a field such as 'originator.port' or 'exchange.query' is")),
        };
        self.at += 1;
        // `port not in (80, 443)`
        let asks = |token: &(Token<'_>, usize)| matches!(token.0, Token::Word(word) if ASKING.iter().any(|own| own.eq_ignore_ascii_case(word)));
        let mut is_turned = self.is_next("not", "") && self.tokens.get(self.at + 1).is_some_and(asks);
        self.at += usize::from(is_turned);
        let test = match self.peek() {
            Some(Token::Sign(sign @ ("==" | "=" | "!="))) => {
                self.at += 1;
                is_turned = sign == "!=";
                Test::Is(vec![self.value()?])
            }
            Some(Token::Sign(sign @ ("<" | "<=" | ">" | ">="))) => {
                self.at += 1;
                let relation = match sign {
                    "<" => Relation::Less,
                    "<=" => Relation::AtMost,
                    ">" => Relation::More,
                    _ => Relation::AtLeast,
                };
                Test::Stands(relation, self.value()?)
            }
            _ if self.is_next("contains", "") => {
                self.at += 1;
                Test::Contains(self.value()?.text)
            }
            _ if self.is_next("matches", "") => {
                self.at += 1;
                self.pattern()?
            }
            _ if self.is_next("in", "") => {
                self.at += 1;
                Test::Is(self.list()?)
            }
            _ => Test::IsThere,
        };
        self.steps.push(Step::Ask(Ask { field, test }));
        if is_turned {
            self.steps.push(Step::Not);
        }
        Ok(())
    }

    fn pattern(&mut self) -> Result<Test, WhereError> {
        let text = match self.peek() {
            Some(Token::Pattern(text) | Token::Quoted(text)) => text,
            _ => return Err(self.expected("a pattern such as /^www[0-9]+/ is")),
        };
        let Some(pattern) = Pattern::new(text) else {
            return Err(self.expected("a pattern that is a regular expression, and no huge one, is"));
        };
        self.at += 1;
        Ok(Test::Matches(pattern))
    }

    fn list(&mut self) -> Result<Vec<Literal>, WhereError> {
        if !self.take_sign("(") {
            return Ok(vec![self.value()?]);
        }
        let mut values = vec![self.value()?];
        while self.take_sign(",") {
            values.push(self.value()?);
        }
        if self.take_sign(")") {
            Ok(values)
        } else {
            Err(self.expected("',' or ')' is"))
        }
    }

    fn value(&mut self) -> Result<Literal, WhereError> {
        let what = "a value such as 80, 1 MB, \"text\" or 10.0.0.0/8 is";
        let literal = match self.peek() {
            Some(Token::Quoted(text)) => Literal {
                number: None,
                ..literal(text)
            },
            Some(Token::Word(word)) => {
                let mut literal = literal(word);
                let unit = match self.tokens.get(self.at + 1) {
                    Some((Token::Word(unit), _)) => scale(unit),
                    _ => None,
                };
                if let (Some(number), Some(unit)) = (literal.number, unit) {
                    literal.number = Some(number * unit);
                    self.at += 1;
                } else if literal.number.is_none() {
                    literal.number = scaled(word);
                }
                literal
            }
            _ => return Err(self.expected(what)),
        };
        if literal.text.contains('/') && literal.network.is_none() && literal.text.parse::<f64>().is_err() {
            let address = literal.text.split('/').next().unwrap_or_default();
            if address.parse::<IpAddr>().is_ok() {
                return Err(self.expected("a network such as 10.0.0.0/8 is"));
            }
        }
        self.at += 1;
        Ok(literal)
    }
}

/// Words of the language, in any case: those that join, and those that ask.
const JOINING: [&str; 3] = ["and", "or", "not"];
const ASKING: [&str; 3] = ["in", "contains", "matches"];

fn is_field(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        && !JOINING.iter().chain(&ASKING).any(|own| own.eq_ignore_ascii_case(word))
}

fn literal(text: &str) -> Literal {
    Literal {
        text: text.to_lowercase(),
        number: text.parse().ok().filter(|number: &f64| number.is_finite()),
        network: network(text),
    }
}

fn network(text: &str) -> Option<Network> {
    let (first, bits) = match text.split_once('/') {
        Some((first, bits)) => (first, Some(bits.parse().ok()?)),
        None => (text, None),
    };
    let first: IpAddr = first.parse().ok()?;
    let width = if first.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(width);
    (bits <= width).then_some(Network { first, bits })
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

/// `1MB`
fn scaled(word: &str) -> Option<f64> {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number: f64 = word.strip_suffix(unit)?.parse().ok()?;
    Some(number * scale(unit)?)
}

/// At most so much of a word is said back.
fn shown(token: Token<'_>) -> String {
    let (Token::Word(text) | Token::Sign(text) | Token::Quoted(text) | Token::Pattern(text)) = token;
    text.chars().take(40).flat_map(char::escape_debug).collect()
}
