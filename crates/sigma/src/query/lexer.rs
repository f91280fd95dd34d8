//! An expression as words, signs, and what stands between quotes or slashes.

use super::QueryError;

/// Bytes of the longest expression.
const LONGEST: usize = 64 << 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Word(&'t str),
    Sign(&'static str),
    /// Between double quotes: `*`, `?` and the backslash keep their meaning, and `\"` is a quote.
    Text(String),
    /// Between single quotes: as it stands.
    Plain(&'t str),
    /// A regular expression and its flags.
    Pattern(&'t str, &'t str),
}

impl Token<'_> {
    /// At most so much of it is said back.
    pub(super) fn shown(&self) -> String {
        let text = match self {
            Self::Word(text) | Self::Sign(text) | Self::Plain(text) | Self::Pattern(text, _) => text,
            Self::Text(text) => text.as_str(),
        };
        text.chars().take(40).flat_map(char::escape_debug).collect()
    }
}

/// Signs that stand for themselves, the longer ones first.
const SIGNS: [&str; 15] = [
    "&&", "||", "==", "!=", "!~", "<=", ">=", "=", "<", ">", "~", "!", "(", ")", ",",
];

/// The tokens of an expression, and where each begins.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token<'_>, usize)>, QueryError> {
    if text.len() > LONGEST {
        let message = format!("the expression is longer than {LONGEST} bytes");
        let at = text.len();
        return Err(QueryError { at, message });
    }
    let mut tokens: Vec<(Token<'_>, usize)> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let is_pattern = match tokens.last() {
            Some((Token::Sign(sign), _)) => matches!(*sign, "~" | "!~"),
            Some((Token::Word(word), _)) => word.eq_ignore_ascii_case("matches"),
            _ => false,
        };
        let inner = rest.get(1..).unwrap_or_default();
        let (token, length) = match first {
            '"' => {
                let inside = inside(inner, '"', true).ok_or_else(|| endless(at, "\""))?;
                (Token::Text(inside.replace("\\\"", "\"")), inside.len() + 2)
            }
            '\'' => {
                let inside = inside(inner, '\'', false).ok_or_else(|| endless(at, "'"))?;
                (Token::Plain(inside), inside.len() + 2)
            }
            '/' if is_pattern => {
                let inside = inside(inner, '/', true).ok_or_else(|| endless(at, "/"))?;
                let behind = inner.get(inside.len() + 1..).unwrap_or_default();
                let flags = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
                let flags = behind.get(..flags).unwrap_or_default();
                (Token::Pattern(inside, flags), inside.len() + 2 + flags.len())
            }
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => (Token::Sign(sign), sign.len()),
                None => {
                    let is_end = |c: char| c.is_whitespace() || "=!<>(),\"'~&|".contains(c);
                    let length = rest.find(is_end).unwrap_or(rest.len()).max(first.len_utf8());
                    (Token::Word(rest.get(..length).unwrap_or_default()), length)
                }
            },
        };
        tokens.push((token, at));
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

fn endless(at: usize, sign: &str) -> QueryError {
    let message = format!("{sign} has no end");
    QueryError { at, message }
}

/// What stands before the sign that ends it. A backslash may take its meaning from it.
fn inside(text: &str, end: char, escapes: bool) -> Option<&str> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' && escapes {
            is_escaped = true;
        } else if c == end {
            return text.get(..at);
        }
    }
    None
}
