//! Scripts cut into what folding needs: literals, numbers, words and signs.
//!
//! PowerShell, Visual Basic (VBScript and VBA) and JavaScript, as far as their literals and words differ. Comments go. One
//! pass; every character is looked at a bounded number of times. Absent: grammar.

use super::Language;
use watchfire_model::Layer;

/// A piece of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// What stands in quotes, escapes undone.
    Literal(String),
    /// A whole number.
    Number(i64),
    /// A name, keyword or named operator.
    Word(String),
    /// Anything else.
    Sign(&'static str),
    /// A sign that has no meaning here.
    Other(char),
    /// The end of a statement.
    End(char),
}

impl Token {
    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(self, Self::Sign(own) if *own == sign)
    }

    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// Signs that folding asks for. Longer ones stand before those that they begin with.
const SIGNS: &[&str] = &[
    "::", "..", "+=", "&=", "==", "=>", "(", ")", "[", "]", "{", "}", "+", "-", "*", "/", "&", "|", "=", ",", ".", "%",
    "^",
];

/// What was met on the way.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// Escapes where letters would do.
    pub(super) escapes: usize,
    /// Marks that the interpreter drops.
    pub(super) padding: usize,
}

impl Met {
    /// The layers that these numbers make. A few of each are ordinary.
    pub(super) fn layers(&self) -> impl Iterator<Item = Layer> {
        let escapes = (self.escapes >= 8).then_some(Layer::Escapes);
        escapes.into_iter().chain((self.padding >= 4).then_some(Layer::Padding))
    }
}

/// Cuts a script, piece by piece.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    language: Language,
    /// Whether a value was last: then `-` subtracts and `/` divides.
    after_value: bool,
    pub(super) met: Met,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str, language: Language) -> Self {
        Self {
            rest: text,
            language,
            after_value: false,
            met: Met::default(),
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Passes over blanks, comments and continued lines.
    fn skip(&mut self) {
        loop {
            let trimmed = self.rest.trim_start_matches([' ', '\t', '\u{a0}', '\u{feff}']);
            self.rest = trimmed;
            let to_line_end = |rest: &str| memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let length = match self.language {
                Language::PowerShell => {
                    if trimmed.starts_with("<#") {
                        trimmed.find("#>").map_or(trimmed.len(), |at| at + 2)
                    } else if trimmed.starts_with('#') {
                        to_line_end(trimmed)
                    } else if trimmed.starts_with("`\n") || trimmed.starts_with("`\r\n") {
                        trimmed.find('\n').map_or(1, |at| at + 1)
                    } else {
                        0
                    }
                }
                Language::VisualBasic => {
                    let is_remark = trimmed.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("rem "));
                    if trimmed.starts_with('\'') || (is_remark && !self.after_value) {
                        to_line_end(trimmed)
                    } else if trimmed.starts_with("_\n") || trimmed.starts_with("_\r\n") {
                        trimmed.find('\n').map_or(1, |at| at + 1)
                    } else {
                        0
                    }
                }
                _ => {
                    if trimmed.starts_with("/*@") || trimmed.starts_with("//@") {
                        // JScript runs what stands in these.
                        3
                    } else if trimmed.starts_with("//") {
                        to_line_end(trimmed)
                    } else if trimmed.starts_with("/*") {
                        trimmed.find("*/").map_or(trimmed.len(), |at| at + 2)
                    } else {
                        0
                    }
                }
            };
            if length == 0 {
                return;
            }
            self.advance(length);
        }
    }

    fn literal(&mut self, quote: char) -> Token {
        let (text, length) = match (self.language, quote) {
            (Language::PowerShell, '\'') => self.doubled('\'', false),
            (Language::PowerShell, _) => self.doubled('"', true),
            (Language::VisualBasic, _) => self.doubled('"', false),
            _ => self.escaped(quote),
        };
        self.advance(length);
        self.after_value = true;
        Token::Literal(text)
    }

    /// A literal in which the quote is written twice, and a backtick escapes where `has_backticks`.
    fn doubled(&mut self, quote: char, has_backticks: bool) -> (String, usize) {
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                if chars.next_if(|(_, next)| *next == quote).is_none() {
                    return (out, at + c.len_utf8());
                }
                out.push(quote);
            } else if c == '`' && has_backticks {
                match chars.next().map(|(_, c)| c) {
                    Some('n') => out.push('\n'),
                    Some('r') => out.push('\r'),
                    Some('t') => out.push('\t'),
                    Some('0') | None => {}
                    Some(other) => {
                        self.met.padding += usize::from(other.is_ascii_alphabetic());
                        out.push(other);
                    }
                }
            } else if c == '\n' && self.language == Language::VisualBasic {
                // Nobody closed it; lines end literals.
                return (out, at);
            } else {
                out.push(c);
            }
        }
        (out, self.rest.len())
    }

    /// A here-string of PowerShell.
    fn here(&mut self, quote: &str) -> Option<Token> {
        let body = self.rest.strip_prefix('@')?.strip_prefix(quote)?;
        let body = body.trim_start_matches([' ', '\t', '\r']).strip_prefix('\n')?;
        let end = format!("\n{quote}@");
        let length = body.find(&end).unwrap_or(body.len());
        let text = body.get(..length).unwrap_or_default().trim_end_matches('\r').to_owned();
        self.rest = body.get(length.saturating_add(end.len())..).unwrap_or_default();
        self.after_value = true;
        Some(Token::Literal(text))
    }

    /// A literal with backslashes.
    fn escaped(&mut self, quote: char) -> (String, usize) {
        let mut out = String::new();
        let mut at = quote.len_utf8();
        let mut pair = 0_u32;
        while let Some(rest) = self.rest.get(at..).filter(|rest| !rest.is_empty()) {
            let mut chars = rest.chars();
            let c = chars.next().unwrap_or_default();
            if c == quote {
                return (out, at + c.len_utf8());
            }
            if c == '\n' && quote != '`' {
                return (out, at);
            }
            if c != '\\' {
                out.push(c);
                at += c.len_utf8();
                continue;
            }
            let (code, length) = unescape(rest);
            at += length;
            let Some(code) = code else { continue };
            self.met.escapes += usize::from(length > 2 && (0x20..0x7f).contains(&code));
            match code {
                0xd800..0xdc00 => pair = code,
                0xdc00..0xe000 if pair != 0 => {
                    out.extend(char::from_u32(0x1_0000 + ((pair - 0xd800) << 10) + (code - 0xdc00)));
                    pair = 0;
                }
                code => out.extend(char::from_u32(code)),
            }
        }
        (out, self.rest.len())
    }

    fn word(&mut self) -> Option<Token> {
        let is_powershell = self.language == Language::PowerShell;
        let mut word = String::new();
        let mut length = 0;
        let mut chars = self.rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            let is_part = c.is_alphanumeric() || c == '_' || c == '$';
            let is_joint = is_powershell
                && match c {
                    '-' => next.is_some_and(char::is_alphabetic) && !word.starts_with('$'),
                    ':' => !word.is_empty() && next.is_some_and(char::is_alphabetic) && word.starts_with('$'),
                    '`' => next.is_some_and(char::is_alphanumeric),
                    _ => false,
                };
            if !is_part && !is_joint {
                break;
            }
            length = at + c.len_utf8();
            if c == '`' {
                self.met.padding += 1;
            } else {
                word.push(c);
            }
        }
        if word.is_empty() {
            return None;
        }
        self.advance(length);
        self.after_value = !word.starts_with('-');
        Some(match number(&word) {
            Some(number) => Token::Number(number),
            None => Token::Word(word),
        })
    }

    /// `&H41` of Visual Basic, and numbers with a sign in front where nothing can be subtracted from.
    fn signed(&mut self) -> Option<Token> {
        if self.language == Language::VisualBasic
            && let Some(digits) = self.rest.strip_prefix("&H").or_else(|| self.rest.strip_prefix("&h"))
        {
            let length = digits.bytes().take_while(u8::is_ascii_hexdigit).take(8).count();
            let value = i64::from_str_radix(digits.get(..length)?, 16).ok()?;
            self.advance(2 + length);
            self.rest = self.rest.strip_prefix('&').unwrap_or(self.rest);
            self.after_value = true;
            return Some(Token::Number(value));
        }
        if self.after_value {
            return None;
        }
        let digits = self.rest.strip_prefix('-')?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).take(15).count();
        let value: i64 = digits.get(..length)?.parse().ok()?;
        self.advance(1 + length);
        self.after_value = true;
        Some(Token::Number(-value))
    }

    /// A pattern between slashes, as a literal; only where nothing can be divided.
    fn pattern(&mut self) -> Option<Token> {
        if self.after_value || self.language != Language::JavaScript {
            return None;
        }
        let body = self.rest.strip_prefix('/')?;
        let mut is_escaped = false;
        let end = body.bytes().take(200).position(|byte| {
            let ends = byte == b'/' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends || byte == b'\n'
        })?;
        let text = body.get(..end)?.to_owned();
        if text.is_empty() || body.as_bytes().get(end) != Some(&b'/') {
            return None;
        }
        self.advance(end + 2);
        let flags = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        self.advance(flags);
        self.after_value = true;
        Some(Token::Literal(text))
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip();
        let first = self.rest.chars().next()?;
        let is_quote = match self.language {
            Language::VisualBasic => first == '"',
            Language::PowerShell => matches!(first, '"' | '\''),
            _ => matches!(first, '"' | '\'' | '`'),
        };
        if self.language == Language::PowerShell
            && let Some(token) = self.here("'").or_else(|| self.here("\""))
        {
            return Some(token);
        }
        if is_quote {
            return Some(self.literal(first));
        }
        if let Some(token) = self.signed().or_else(|| self.pattern()).or_else(|| self.word()) {
            return Some(token);
        }
        let ends = match self.language {
            Language::VisualBasic => matches!(first, '\n' | ':'),
            _ => matches!(first, '\n' | ';'),
        };
        if ends || first == '\r' {
            self.advance(1);
            self.after_value = false;
            return Some(Token::End(if first == '\r' { '\n' } else { first }));
        }
        if let Some(sign) = SIGNS.iter().find(|sign| self.rest.starts_with(**sign)) {
            self.advance(sign.len());
            self.after_value = matches!(*sign, ")" | "]" | "}");
            return Some(Token::Sign(sign));
        }
        self.advance(first.len_utf8());
        self.after_value = false;
        Some(Token::Other(first))
    }
}

/// A number in digits, or in hexadecimal ones.
fn number(word: &str) -> Option<i64> {
    if word.len() > 18 {
        return None;
    }
    match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None if word.bytes().all(|byte| byte.is_ascii_digit()) => word.parse().ok(),
        None => None,
    }
}

/// What a backslash and what follows stand for, and their length. Nothing for a line that goes on.
fn unescape(text: &str) -> (Option<u32>, usize) {
    let bytes = text.as_bytes();
    let hex = |from: usize, length: usize| {
        let digits = text.get(from..from + length)?;
        u32::from_str_radix(digits, 16)
            .ok()
            .filter(|_| !digits.starts_with('+'))
    };
    let simple = |code: u32| (Some(code), 2);
    match bytes.get(1) {
        Some(b'x') => hex(2, 2).map_or((Some(u32::from(b'x')), 2), |code| (Some(code), 4)),
        Some(b'u') if bytes.get(2) == Some(&b'{') => {
            let end = bytes.iter().take(12).position(|byte| *byte == b'}');
            let code = end.and_then(|end| Some((hex(3, end.checked_sub(3)?)?, end + 1)));
            code.map_or((Some(u32::from(b'u')), 2), |(code, length)| (Some(code), length))
        }
        Some(b'u') => hex(2, 4).map_or((Some(u32::from(b'u')), 2), |code| (Some(code), 6)),
        Some(b'n') => simple(10),
        Some(b'r') => simple(13),
        Some(b't') => simple(9),
        Some(b'b') => simple(8),
        Some(b'0'..=b'7') => {
            let digits = bytes
                .iter()
                .skip(1)
                .take(3)
                .take_while(|byte| matches!(byte, b'0'..=b'7'));
            let (mut value, mut length) = (0, 1);
            for digit in digits {
                value = value * 8 + u32::from(digit - b'0');
                length += 1;
            }
            (Some(value), length)
        }
        Some(b'\n') => (None, 2),
        Some(b'\r') => (None, if bytes.get(2) == Some(&b'\n') { 3 } else { 2 }),
        Some(_) => {
            let c = text.chars().nth(1).unwrap_or_default();
            (Some(u32::from(c)), 1 + c.len_utf8())
        }
        None => (None, 1),
    }
}
