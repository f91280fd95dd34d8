//! Bytes to tokens and values, forgiving as readers are (ISO 32000-2, sections 7.2 and 7.3).

use super::object::{Dict, Id, Object};

/// Arrays and dictionaries inside one another.
const MAX_DEPTH: u32 = 64;

/// A piece of syntax.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Integer(i64),
    Real(f64),
    String(Vec<u8>),
    Name(Vec<u8>),
    ArrayStart,
    ArrayEnd,
    DictStart,
    DictEnd,
    Keyword(&'a [u8]),
}

/// Walks over bytes; every call moves forward.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at: at.min(bytes.len()),
        }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn seek(&mut self, at: usize) {
        self.at = at.min(self.bytes.len());
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Skips white space and comments.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if is_space(byte) {
                self.at += 1;
            } else if byte == b'%' {
                let line = self.rest().iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                self.at += line.unwrap_or(self.rest().len());
            } else {
                return;
            }
        }
    }

    /// Skips `keyword` if it comes next.
    pub(super) fn accept(&mut self, keyword: &[u8]) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(keyword);
        if found {
            self.at += keyword.len();
        }
        found
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        self.skip_space();
        let first = self.peek()?;
        let second = self.bytes.get(self.at + 1).copied();
        Some(match first {
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number(),
            b'(' => Token::String(self.literal_string()),
            b'<' if second == Some(b'<') => self.take(2, Token::DictStart),
            b'<' => Token::String(self.hex_string()),
            b'>' if second == Some(b'>') => self.take(2, Token::DictEnd),
            b'[' => self.take(1, Token::ArrayStart),
            b']' => self.take(1, Token::ArrayEnd),
            b'/' => Token::Name(self.name()),
            b')' | b'>' | b'{' | b'}' => {
                let start = self.at;
                self.at += 1;
                Token::Keyword(self.bytes.get(start..self.at).unwrap_or_default())
            }
            _ => Token::Keyword(self.regular()),
        })
    }

    fn take(&mut self, length: usize, token: Token<'a>) -> Token<'a> {
        self.at += length;
        token
    }

    /// Characters up to the next delimiter or white space.
    fn regular(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest
            .iter()
            .position(|byte| is_space(*byte) || is_delimiter(*byte))
            .unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Numbers as writers write them: `-.5`, `--5`, `1.2.3`; what follows the number's characters is the next token.
    fn number(&mut self) -> Token<'a> {
        let rest = self.rest();
        let length = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.'))
            .unwrap_or(rest.len());
        self.at += length;
        let text = rest.get(..length).unwrap_or_default();
        let signs = text.iter().take_while(|byte| matches!(byte, b'+' | b'-')).count();
        let (sign, digits) = text.split_at_checked(signs).unwrap_or_default();
        let negative = sign.contains(&b'-');
        let mut integer = 0_i64;
        let mut fraction: Option<(f64, f64)> = None;
        for byte in digits {
            match (byte, &mut fraction) {
                (b'0'..=b'9', None) => {
                    integer = integer.saturating_mul(10).saturating_add(i64::from(byte - b'0'));
                }
                (b'0'..=b'9', Some((value, scale))) => {
                    *scale /= 10.0;
                    *value += f64::from(byte - b'0') * *scale;
                }
                (b'.', None) => fraction = Some((0.0, 1.0)),
                _ => break,
            }
        }
        let sign = if negative { -1 } else { 1 };
        match fraction {
            None => Token::Integer(integer.saturating_mul(sign)),
            Some((value, _)) => Token::Real((integer as f64 + value) * sign as f64),
        }
    }

    fn literal_string(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => {
                    depth += 1;
                    if depth > 1 {
                        out.push(byte);
                    }
                }
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                    out.push(byte);
                }
                b'\\' => self.escape(&mut out),
                b'\r' => {
                    self.at += usize::from(self.peek() == Some(b'\n'));
                    out.push(b'\n');
                }
                _ => out.push(byte),
            }
        }
        out
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\n' => {}
            b'\r' => self.at += usize::from(self.peek() == Some(b'\n')),
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    self.at += 1;
                    value = value * 8 + u32::from(digit - b'0');
                }
                out.push((value & 0xFF) as u8);
            }
            _ => out.push(byte),
        }
    }

    fn hex_string(&mut self) -> Vec<u8> {
        let body = self.rest().get(1..).unwrap_or_default();
        let length = memchr::memchr(b'>', body).unwrap_or(body.len());
        self.at = (self.at + length + 2).min(self.bytes.len());
        let digits = body.get(..length).unwrap_or_default();
        let mut digits = digits.iter().filter_map(|byte| char::from(*byte).to_digit(16));
        let mut out = Vec::with_capacity(length / 2 + 1);
        while let Some(high) = digits.next() {
            out.push((high * 16 + digits.next().unwrap_or(0)) as u8);
        }
        out
    }

    fn name(&mut self) -> Vec<u8> {
        self.at += 1;
        let raw = self.regular();
        if !raw.contains(&b'#') {
            return raw.to_vec();
        }
        let mut out = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((first, tail)) = rest.split_first() {
            let digit = |at: usize| tail.get(at).and_then(|byte| char::from(*byte).to_digit(16));
            match (first, digit(0), digit(1)) {
                (b'#', Some(high), Some(low)) => {
                    out.push((high * 16 + low) as u8);
                    rest = tail.get(2..).unwrap_or_default();
                }
                _ => {
                    out.push(*first);
                    rest = tail;
                }
            }
        }
        out
    }
}

/// Builds values and counts what they cost.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    pub(super) lexer: Lexer<'a>,
    /// Whether `7 0 R` is a reference. It is not in content streams.
    references: bool,
    /// Values made so far, long strings counting more.
    pub(super) cost: u64,
    limit: u64,
    start: usize,
}

/// What comes next in a content stream.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Operand(Object),
    Operator(&'a [u8]),
}

impl<'a> Parser<'a> {
    /// A parser of objects in a file, which makes at most `limit` values.
    pub(super) fn of_file(bytes: &'a [u8], at: usize, limit: u64) -> Self {
        Self {
            lexer: Lexer::new(bytes, at),
            references: true,
            cost: 0,
            limit,
            start: at,
        }
    }

    /// A parser of a content stream.
    pub(super) fn of_content(bytes: &'a [u8]) -> Self {
        Self {
            lexer: Lexer::new(bytes, 0),
            references: false,
            cost: 0,
            limit: u64::MAX,
            start: 0,
        }
    }

    /// Bytes read so far.
    pub(super) fn consumed(&self) -> u64 {
        self.lexer.position().saturating_sub(self.start) as u64
    }

    /// The next value or operator of a content stream.
    pub(super) fn item(&mut self) -> Option<Item<'a>> {
        let token = self.lexer.next()?;
        Some(match token {
            Token::Keyword(keyword) => match constant(keyword) {
                Some(object) => Item::Operand(object),
                None => Item::Operator(keyword),
            },
            token => Item::Operand(self.value(token, 0)),
        })
    }

    /// The value at the parser's place. A keyword that is no value is left there.
    pub(super) fn object(&mut self) -> Option<Object> {
        let start = self.lexer.position();
        match self.lexer.next()? {
            Token::Keyword(keyword) => constant(keyword).or_else(|| {
                self.lexer.seek(start);
                None
            }),
            token => Some(self.value(token, 0)),
        }
    }

    fn value(&mut self, token: Token<'a>, depth: u32) -> Object {
        self.cost += 1;
        match token {
            Token::Integer(value) => self.reference(value).unwrap_or(Object::Integer(value)),
            Token::Real(value) => Object::Real(value),
            Token::String(string) => {
                self.cost += (string.len() / 32) as u64;
                Object::String(string)
            }
            Token::Name(name) => Object::Name(name),
            Token::ArrayStart if depth < MAX_DEPTH => Object::Array(self.array(depth + 1)),
            Token::DictStart if depth < MAX_DEPTH => Object::Dict(self.dict(depth + 1)),
            Token::Keyword(keyword) => constant(keyword).unwrap_or_default(),
            _ => Object::Null,
        }
    }

    fn reference(&mut self, number: i64) -> Option<Object> {
        if !self.references {
            return None;
        }
        let number = u32::try_from(number).ok()?;
        let mut ahead = self.lexer.clone();
        ahead.skip_space();
        if !ahead.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let Some(Token::Integer(generation)) = ahead.next() else {
            return None;
        };
        let generation = u32::try_from(generation).ok()?;
        ahead.skip_space();
        if ahead.peek() != Some(b'R') || ahead.next() != Some(Token::Keyword(b"R")) {
            return None;
        }
        self.lexer = ahead;
        Some(Object::Reference(Id { number, generation }))
    }

    fn array(&mut self, depth: u32) -> Vec<Object> {
        let mut items = Vec::new();
        while self.cost < self.limit {
            let start = self.lexer.position();
            match self.lexer.next() {
                None | Some(Token::ArrayEnd) => break,
                // An array that lost its end does not swallow the rest of the file.
                Some(Token::Keyword(b"endobj" | b"endstream" | b"obj") | Token::DictEnd) => {
                    self.lexer.seek(start);
                    break;
                }
                Some(Token::Keyword(keyword)) => items.extend(constant(keyword)),
                Some(token) => {
                    let value = self.value(token, depth);
                    items.push(value);
                }
            }
        }
        items
    }

    fn dict(&mut self, depth: u32) -> Dict {
        let mut dict = Dict::new();
        while self.cost < self.limit {
            let start = self.lexer.position();
            match self.lexer.next() {
                None | Some(Token::DictEnd) => break,
                Some(Token::Keyword(b"endobj" | b"endstream" | b"obj" | b"stream")) => {
                    self.lexer.seek(start);
                    break;
                }
                Some(Token::Name(key)) => {
                    let start = self.lexer.position();
                    match self.lexer.next() {
                        None => break,
                        Some(Token::DictEnd) => {
                            self.lexer.seek(start);
                        }
                        Some(token) => {
                            let value = self.value(token, depth);
                            dict.insert(key, value);
                        }
                    }
                }
                Some(_) => {}
            }
        }
        dict
    }
}

fn constant(keyword: &[u8]) -> Option<Object> {
    match keyword {
        b"true" => Some(Object::Bool(true)),
        b"false" => Some(Object::Bool(false)),
        b"null" => Some(Object::Null),
        _ => None,
    }
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let object = Parser::of_file(source.as_bytes(), 0, 10_000).object();
        assert_eq!(show(&object.unwrap()), expected, "{source}");
    }

    fn show(object: &Object) -> String {
        match object {
            Object::String(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
            Object::Name(bytes) => format!("/{}", String::from_utf8_lossy(bytes)),
            Object::Array(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
            Object::Dict(dict) => {
                let entries = dict
                    .iter()
                    .map(|(key, value)| format!("{}={}", String::from_utf8_lossy(key), show(value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(" "))
            }
            Object::Integer(value) => value.to_string(),
            Object::Real(value) => format!("{value:?}"),
            Object::Reference(id) => format!("@{}.{}", id.number, id.generation),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn values() {
        check(
            "[1 -2 +.5 -.25 --3 1.5.7 4 0 R 5 0 true null]",
            "[1 -2 0.5 -0.25 -3 1.5 @4.0 5 0 Bool(true) Null]",
        );
        check("<< /A#42 (x) /B <</C [/D]>> /E >>", "{AB=\"x\" B={C=[/D]}}");
        check(
            r"(a\(b\)(c)\101\n\7\
d)",
            "\"a(b)(c)A\\n\\u{7}d\"",
        );
        check("<48 65 6C6c 6>", "\"Hell`\"");
        check("99999999999999999999", "9223372036854775807");
    }

    #[test]
    fn damage_does_not_swallow_what_follows() {
        check("[1 2 endobj 3", "[1 2]");
        check("<< /A 1 /B endobj", "{A=1 B=Null}");
        check("(open", "\"open\"");
        check("<4", "\"@\"");
        let deep = "[".repeat(100_000);
        assert!(Parser::of_file(deep.as_bytes(), 0, 1_000_000).object().is_some());
    }

    #[test]
    fn operators_and_operands() {
        let mut parser = Parser::of_content(b"0Tc 1 0 R(a)Tj T* (b)' ] [");
        let mut out = Vec::new();
        while let Some(item) = parser.item() {
            out.push(match item {
                Item::Operand(object) => show(&object),
                Item::Operator(name) => format!("!{}", String::from_utf8_lossy(name)),
            });
        }
        assert_eq!(out.join(" "), "0 !Tc 1 0 !R \"a\" !Tj !T* \"b\" !' Null []");
    }
}
