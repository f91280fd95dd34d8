//! Patterns of STIX 2.1 (part 4), as far as one value decides them.
//!
//! Comparisons `=`, `IN` and `ISSUBSET` over addresses, names, URLs, digests and e-mail addresses are taken, also where
//! `OR` joins them; so is `LIKE 'http://…%'` over URLs, which is the URLs that begin so.
//! What `AND` or `FOLLOWEDBY` joins holds only together, and taking its parts would assert more than
//! the author does; digests of a file are the exception, because they say which file it is whatever stands beside them.
//! Comparisons that only say how a value was met (`dst_ref.type`, ports) do not count as parts.

use super::value;

/// Deepest nesting of brackets.
const DEEPEST: usize = 24;
/// Most comparisons in one pattern.
const MOST: usize = 20_000;

/// A value that decides a pattern by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decisive {
    /// `ipv4-addr:value`
    pub(super) path: String,
    /// The value compared with.
    pub(super) value: String,
    /// Whether it is how the property begins.
    pub(super) begins: bool,
}

/// The values that decide a pattern by themselves, and why others do not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) values: Vec<Decisive>,
    /// Why some or all of it is not taken.
    pub(super) left_out: Option<&'static str>,
}

#[derive(Debug)]
enum Node {
    /// Path, values.
    Compare(String, Vec<String>),
    /// A property that begins so.
    Begins(String, String),
    /// One that cannot be taken, and why.
    Other(&'static str),
    /// How a value was met.
    Circumstance,
    And(Vec<Node>),
    Or(Vec<Node>),
}

/// Reads a pattern.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str) -> Result<Pattern, &'static str> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        comparisons: 0,
    };
    let node = parser.observations(0)?;
    if parser.at < tokens.len() {
        return Err("something follows the pattern");
    }
    let mut pattern = Pattern::default();
    collect(&node, false, &mut pattern);
    Ok(pattern)
}

fn collect(node: &Node, together: bool, out: &mut Pattern) {
    match node {
        Node::Compare(path, values) => {
            if together && !is_identity(path) {
                out.left_out = Some("it holds only together with other values");
                return;
            }
            out.values.extend(values.iter().map(|value| Decisive {
                path: path.clone(),
                value: value.clone(),
                begins: false,
            }));
        }
        Node::Begins(..) if together => out.left_out = Some("it holds only together with other values"),
        Node::Begins(path, value) => out.values.push(Decisive {
            path: path.clone(),
            value: value.clone(),
            begins: true,
        }),
        Node::Other(why) => out.left_out = Some(why),
        Node::Circumstance => {}
        Node::Or(nodes) => nodes.iter().for_each(|node| collect(node, together, out)),
        Node::And(nodes) => {
            let parts: Vec<&Node> = nodes
                .iter()
                .filter(|node| !matches!(node, Node::Circumstance))
                .collect();
            let together = together || parts.len() > 1;
            parts.into_iter().for_each(|node| collect(node, together, out));
        }
    }
}

fn is_identity(path: &str) -> bool {
    path.starts_with("file:hashes.") || path.starts_with("artifact:hashes.")
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A keyword, path or number.
    Word(String),
    Text(String),
    /// `[ ] ( ) ,` and operators.
    Sign(&'static str),
}

fn tokens(text: &str) -> Result<Vec<Token>, &'static str> {
    const SIGNS: &[&str] = &["[", "]", "(", ")", ",", "!=", "<>", "<=", ">=", "==", "=", "<", ">"];
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if out.len() > MOST * 4 {
            return Err("the pattern is too long");
        }
        if let Some(inside) = rest.strip_prefix('\'') {
            let (text, after) = quoted(inside).ok_or("a quote does not end")?;
            out.push(Token::Text(text));
            rest = after.trim_start();
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            out.push(Token::Sign(sign));
            rest = rest.strip_prefix(sign).unwrap_or_default().trim_start();
        } else {
            let (word, after) = word(rest)?;
            out.push(Token::Word(word));
            rest = after.trim_start();
        }
    }
    Ok(out)
}

/// A string up to its quote; a backslash escapes.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\'' => return Some((out, text.get(at + 1..)?)),
            '\\' => out.push(characters.next()?.1),
            c => out.push(c),
        }
    }
    None
}

/// A keyword, number or path, `file:hashes.'SHA-256'` with its quotes left out.
fn word(text: &str) -> Result<(String, &str), &'static str> {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let end = rest
            .find(|c: char| c.is_whitespace() || "[]()',=<>!".contains(c))
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        out.push_str(piece);
        // Keys of a dictionary and indices are parts of a path; a string behind a letter is a constant, `t'…'`.
        if let Some(inside) = after.strip_prefix('\'')
            && (out.ends_with(['.', ':']) || out == "t" || out == "h" || out == "b")
        {
            let (key, behind) = quoted(inside).ok_or("a quote does not end")?;
            out.push_str(&key);
            rest = behind;
        } else if let Some(inside) = after.strip_prefix('[')
            && out.contains(':')
        {
            let (index, behind) = inside.split_once(']').ok_or("a bracket does not end")?;
            out.push_str(&format!("[{index}]"));
            rest = behind;
        } else if out.is_empty() {
            return Err("a character that no pattern has");
        } else {
            return Ok((out, after));
        }
    }
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    comparisons: usize,
}

impl Parser<'_> {
    fn sign(&mut self, sign: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Sign(own)) if *own == sign);
        self.at += usize::from(is);
        is
    }

    fn keyword(&mut self, word: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Word(own)) if own.eq_ignore_ascii_case(word));
        self.at += usize::from(is);
        is
    }

    /// `[…] OR […]`, with qualifiers.
    fn observations(&mut self, depth: usize) -> Result<Node, &'static str> {
        let mut any = vec![];
        let mut all = vec![self.observation(depth)?];
        loop {
            if self.keyword("OR") {
                any.push(Node::And(std::mem::take(&mut all)));
            } else if !self.keyword("AND") && !self.keyword("FOLLOWEDBY") {
                break;
            }
            all.push(self.observation(depth)?);
        }
        any.push(Node::And(all));
        Ok(Node::Or(any))
    }

    fn observation(&mut self, depth: usize) -> Result<Node, &'static str> {
        if depth > DEEPEST {
            return Err("it is nested too deeply");
        }
        let node = if self.sign("(") {
            let node = self.observations(depth + 1)?;
            if !self.sign(")") {
                return Err("a parenthesis does not end");
            }
            node
        } else if self.sign("[") {
            let node = self.comparisons(depth + 1)?;
            if !self.sign("]") {
                return Err("a bracket does not end");
            }
            node
        } else {
            return Err("no observation where one is expected");
        };
        self.qualified(node)
    }

    /// `WITHIN 5 SECONDS`, `START t'…' STOP t'…'` say when; `REPEATS 5 TIMES` makes another assertion.
    fn qualified(&mut self, node: Node) -> Result<Node, &'static str> {
        let mut node = node;
        loop {
            if self.keyword("WITHIN") {
                self.at += 2;
            } else if self.keyword("START") {
                self.at += 3;
            } else if self.keyword("REPEATS") {
                self.at += 2;
                node = Node::Other("it must be met several times");
            } else if self.at > self.tokens.len() {
                return Err("a qualifier is cut off");
            } else {
                return Ok(node);
            }
        }
    }

    fn comparisons(&mut self, depth: usize) -> Result<Node, &'static str> {
        let mut any = vec![];
        let mut all = vec![self.comparison(depth)?];
        loop {
            if self.keyword("OR") {
                any.push(Node::And(std::mem::take(&mut all)));
            } else if !self.keyword("AND") {
                break;
            }
            all.push(self.comparison(depth)?);
        }
        any.push(Node::And(all));
        Ok(Node::Or(any))
    }

    fn comparison(&mut self, depth: usize) -> Result<Node, &'static str> {
        if depth > DEEPEST {
            return Err("it is nested too deeply");
        }
        self.comparisons += 1;
        if self.comparisons > MOST {
            return Err("the pattern is too long");
        }
        if self.sign("(") {
            let node = self.comparisons(depth + 1)?;
            return if self.sign(")") {
                Ok(node)
            } else {
                Err("a parenthesis does not end")
            };
        }
        if self.keyword("EXISTS") {
            self.at += 1;
            return Ok(Node::Other("it is about something being there at all"));
        }
        let Some(Token::Word(path)) = self.tokens.get(self.at) else {
            return Err("no property where one is expected");
        };
        let path = path.clone();
        if !path.contains(':') {
            return Err("no property where one is expected");
        }
        self.at += 1;
        let negated = self.keyword("NOT");
        if negated {
            self.operand()?;
            return Ok(Node::Other("it is about what something is not"));
        }
        let is_taken = matches!(
            self.tokens.get(self.at),
            Some(Token::Sign("=" | "==")) | Some(Token::Word(_))
        );
        let keyword = match self.tokens.get(self.at) {
            Some(Token::Word(word)) => word.to_ascii_uppercase(),
            _ => String::new(),
        };
        let values = self.operand()?;
        if is_circumstance(&path) {
            return Ok(Node::Circumstance);
        }
        if let [value] = &*values
            && let Some(beginning) = beginning(&path, value).filter(|_| keyword == "LIKE")
        {
            return Ok(Node::Begins(path, beginning.to_owned()));
        }
        if !is_taken || !matches!(&*keyword, "" | "IN" | "ISSUBSET") {
            return Ok(Node::Other("no comparison with a whole value"));
        }
        Ok(Node::Compare(path, values))
    }

    /// An operator and what stands to its right.
    fn operand(&mut self) -> Result<Vec<String>, &'static str> {
        let operator = self.tokens.get(self.at).ok_or("a comparison is cut off")?;
        if matches!(operator, Token::Sign("[" | "]" | "(" | ")" | ",") | Token::Text(_)) {
            return Err("no operator where one is expected");
        }
        self.at += 1;
        if !self.sign("(") {
            return Ok(vec![self.constant()?]);
        }
        let mut values = vec![self.constant()?];
        while self.sign(",") {
            values.push(self.constant()?);
        }
        if self.sign(")") {
            Ok(values)
        } else {
            Err("a parenthesis does not end")
        }
    }

    fn constant(&mut self) -> Result<String, &'static str> {
        let constant = match self.tokens.get(self.at) {
            Some(Token::Text(text) | Token::Word(text)) => text.clone(),
            _ => return Err("no constant where one is expected"),
        };
        self.at += 1;
        Ok(constant)
    }
}

/// What stands before the sign `%` of a comparison by `LIKE` that is about how URLs begin. A `_` is taken as itself, which
/// it meets among others.
fn beginning<'v>(path: &str, value: &'v str) -> Option<&'v str> {
    let beginning = value.strip_suffix('%').filter(|_| path == "url:value")?;
    (!beginning.contains('%') && value::is_beginning(beginning)).then_some(beginning)
}

fn is_circumstance(path: &str) -> bool {
    path.ends_with(".type") || path.ends_with("_port") || path == "network-traffic:protocols[*]"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str], complete: bool) {
        let pattern = read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        let values: Vec<String> = pattern
            .values
            .iter()
            .map(|it| format!("{}={}{}", it.path, it.value, if it.begins { "%" } else { "" }))
            .collect();
        assert_eq!(values, expected, "{text}");
        assert_eq!(pattern.left_out.is_none(), complete, "{text}: {:?}", pattern.left_out);
    }

    #[test]
    fn what_decides_by_itself_is_taken() {
        check(
            "[ipv4-addr:value = '203.0.113.7']",
            &["ipv4-addr:value=203.0.113.7"],
            true,
        );
        check(
            "[ domain-name:value IN ('a.example', 'b.example') ]",
            &["domain-name:value=a.example", "domain-name:value=b.example"],
            true,
        );
        check(
            "[ipv4-addr:value ISSUBSET '203.0.113.0/24']",
            &["ipv4-addr:value=203.0.113.0/24"],
            true,
        );
        check(
            "[file:hashes.'SHA-256' = 'ab' OR file:hashes.MD5 = 'cd']",
            &["file:hashes.SHA-256=ab", "file:hashes.MD5=cd"],
            true,
        );
        check(
            "[url:value = 'http://a.example/it\\'s'] OR [domain-name:value = 'b.example'] WITHIN 5 SECONDS",
            &["url:value=http://a.example/it's", "domain-name:value=b.example"],
            true,
        );
        check(
            "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.7' AND network-traffic:dst_port = 443]",
            &["network-traffic:dst_ref.value=203.0.113.7"],
            true,
        );
        check(
            "([(ipv4-addr:value = '203.0.113.7')])",
            &["ipv4-addr:value=203.0.113.7"],
            true,
        );
        check(
            "[ipv4-addr:value = '203.0.113.7'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'",
            &["ipv4-addr:value=203.0.113.7"],
            true,
        );
    }

    #[test]
    fn how_a_url_begins_is_taken_once_its_path_has_begun() {
        check(
            "[url:value LIKE 'http://a.example/b/%']",
            &["url:value=http://a.example/b/%"],
            true,
        );
        check(
            "[url:value LIKE 'http://a.example/b_c%']",
            &["url:value=http://a.example/b_c%"],
            true,
        );
        check("[url:value LIKE 'http://a.example%']", &[], false);
        check("[url:value LIKE 'http://a.example/b?id=%']", &[], false);
        check("[url:value LIKE '%/b/%']", &[], false);
        check("[domain-name:value LIKE 'a/%']", &[], false);
        check(
            "[url:value LIKE 'http://a.example/b/%' AND url:value = 'http://b.example/']",
            &[],
            false,
        );
    }

    #[test]
    fn what_holds_only_together_is_left_out_but_for_digests() {
        check(
            "[file:name = 'a.exe' AND file:hashes.MD5 = 'cd']",
            &["file:hashes.MD5=cd"],
            false,
        );
        check(
            "[domain-name:value = 'a.example' AND url:value = 'http://b.example/']",
            &[],
            false,
        );
        check(
            "[ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [domain-name:value = 'b.example']",
            &[],
            false,
        );
        check("[ipv4-addr:value = '203.0.113.7'] REPEATS 5 TIMES", &[], false);
        check(
            "[ipv4-addr:value != '203.0.113.7' OR domain-name:value = 'b.example']",
            &["domain-name:value=b.example"],
            false,
        );
        check(
            "[file:name MATCHES '^a.*' OR domain-name:value NOT = 'c.example']",
            &[],
            false,
        );
        check("[a:b = 'c' OR x:y = 'd' AND z:w = 'e']", &["a:b=c"], false);
        check("[process:extensions.'a-b'.c[*] LIKE 'x%']", &[], false);
    }

    #[test]
    fn what_is_no_pattern_is_an_error() {
        let deep = format!("{}ipv4-addr:value = 'x'", "(".repeat(10_000));
        for text in [
            "",
            "[",
            "[]",
            "203.0.113.7",
            "[ipv4-addr:value]",
            "[ipv4-addr:value = ]",
            "[a:b = 'c",
            "[a:b = 'c'] x",
            "[a:b 'c']",
            "[a:b IN ('c'",
            "§",
            &deep,
            &format!("[{deep}"),
            "[a:b='c'] WITHIN",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
