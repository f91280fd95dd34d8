//! A rule file cut into its top-level parts, so that one bad rule costs no more than itself.
//!
//! `rule`, `import`, `include`, `global` and `private` are reserved words of YARA
//! (<https://yara.readthedocs.io/en/stable/writingrules.html>): outside of comments, strings and regular expressions they
//! stand where a part begins, and nowhere else. So a part can be found without understanding what is in it, and after an
//! unbalanced brace the next one is found all the same. Whether a part is well-formed is the engine's to say.

/// What a part of a rule file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'s> {
    /// One rule.
    Rule,
    /// The import of a module.
    Import,
    /// Another file, by the name that stands there; empty where none does.
    Include(&'s str),
    /// Text in front of the first part that is no comment.
    Stray,
}

/// One part of a rule file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part<'s> {
    /// What it is.
    pub(crate) kind: Kind<'s>,
    /// Where it begins. Bytes.
    pub(crate) start: usize,
    /// It and what follows up to the next part.
    pub(crate) text: &'s str,
    /// Whether its condition holds a chain of operators so long that no engine should try to nest it.
    pub(crate) is_tangled: bool,
}

/// Tokens of a condition between two of `and`, `or`, `,` and `:` on one level of brackets. Each may nest what is before
/// it, and a syntax tree that is deeper than a stack ends the process.
const LONGEST_CHAIN: u32 = 400;
/// Brackets inside of one another.
const DEEPEST: usize = 100;

/// A rule file and what it says about itself.
#[derive(Debug, Default)]
pub(crate) struct Split<'s> {
    /// Its parts in order.
    pub(crate) parts: Vec<Part<'s>>,
    /// Whether a condition may ask for the MD5 of what is matched: the word stands where no metadata is set.
    pub(crate) asks_md5: bool,
}

/// A piece of rule text as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'s> {
    /// An identifier, keyword or number.
    Word(&'s str),
    /// A quoted string, without its quotes.
    Text(&'s str),
    /// A byte of its own.
    Mark(u8),
    /// Anything else that is neither blank nor comment.
    Other,
}

/// How tangled the condition of a rule is.
#[derive(Debug, Default)]
struct Chains {
    /// The tokens of the current chain on each open level; none outside of conditions.
    levels: Vec<u32>,
    is_tangled: bool,
}

impl Chains {
    fn see(&mut self, token: Token<'_>) {
        if token == Token::Word("condition") {
            self.levels = vec![0];
        }
        let Some(length) = self.levels.last_mut() else { return };
        match token {
            Token::Word("and" | "or") | Token::Mark(b',' | b':') => *length = 0,
            _ => *length += 1,
        }
        self.is_tangled |= *length > LONGEST_CHAIN;
        match token {
            Token::Mark(b'(' | b'[') if self.levels.len() < DEEPEST => self.levels.push(0),
            Token::Mark(b'(' | b'[') => self.is_tangled = true,
            Token::Mark(b')' | b']') if self.levels.len() > 1 => {
                self.levels.pop();
            }
            _ => {}
        }
    }
}

/// Cuts `text` into parts. Every byte from the first part on belongs to one.
pub(crate) fn split(text: &str) -> Split<'_> {
    let mut split = Split::default();
    let mut starts: Vec<(usize, Kind<'_>)> = Vec::new();
    let mut tangled: Vec<bool> = Vec::new();
    let mut chains = Chains::default();
    let mut modifier = None;
    let mut tokens = Tokens { text, at: 0, before: 0 }.peekable();
    while let Some((start, token)) = tokens.next() {
        let kind = match token {
            Token::Word("private" | "global") => {
                modifier = modifier.or(Some(start));
                continue;
            }
            Token::Word("rule") => Some(Kind::Rule),
            Token::Word("import") => Some(Kind::Import),
            Token::Word("include") => Some(Kind::Include(match tokens.peek() {
                Some((_, Token::Text(name))) => name,
                _ => "",
            })),
            Token::Word("md5") => {
                split.asks_md5 |= !is_assigned(text, start);
                None
            }
            _ => None,
        };
        if kind.is_some() {
            tangled.push(std::mem::take(&mut chains).is_tangled);
        }
        chains.see(token);
        match kind {
            Some(Kind::Rule) => starts.push((modifier.unwrap_or(start), Kind::Rule)),
            Some(kind) => starts.push((start, kind)),
            None if starts.is_empty() => {
                tangled.push(false);
                starts.push((modifier.unwrap_or(start), Kind::Stray));
            }
            None => {}
        }
        modifier = None;
    }
    // What was seen since the last part began is that part's; the first entry is of what was before all parts.
    tangled.push(chains.is_tangled);
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([text.len()]);
    split.parts = starts
        .iter()
        .zip(ends)
        .zip(tangled.into_iter().skip(1))
        .map(|(((start, kind), end), is_tangled)| Part {
            kind: *kind,
            start: *start,
            text: text.get(*start..end).unwrap_or_default(),
            is_tangled,
        })
        .collect();
    split
}

/// Whether what follows the word at `start` gives it a value: `md5 = "…"` among the metadata.
fn is_assigned(text: &str, start: usize) -> bool {
    let behind = text.get(start + "md5".len()..).unwrap_or_default().trim_start();
    behind.starts_with('=') && !behind.starts_with("==")
}

/// The tokens of a text, each with its place.
struct Tokens<'s> {
    text: &'s str,
    at: usize,
    /// The byte in front of the last word, by which `$rule` and `pe.rule` are told from `rule`.
    before: u8,
}

impl<'s> Tokens<'s> {
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// Where what satisfies `inside` ends.
    fn run(&self, from: usize, inside: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        rest.iter()
            .position(|byte| !inside(*byte))
            .map_or(self.text.len(), |length| from + length)
    }

    /// Where the literal ends that was opened at `from` with `quote`: behind its end, or where its line ends, as none
    /// spans two.
    fn literal(&self, from: usize, quote: u8) -> usize {
        let mut at = from + 1;
        loop {
            at = self.run(at, |byte| byte != quote && byte != b'\\' && byte != b'\n');
            match self.byte(at) {
                b'\\' if self.byte(at + 1) != b'\n' => at += 2,
                b'\\' => at += 1,
                byte if byte == quote && at < self.text.len() => return at + 1,
                _ => return at.min(self.text.len()),
            }
        }
    }

    /// Where the comment ends that begins at `at`, if one does.
    fn comment(&self, at: usize) -> Option<usize> {
        match (self.byte(at), self.byte(at + 1)) {
            (b'/', b'/') => Some(self.run(at, |byte| byte != b'\n')),
            (b'/', b'*') => {
                let rest = self.text.get(at + 2..)?;
                Some(rest.find("*/").map_or(self.text.len(), |length| at + 2 + length + 2))
            }
            _ => None,
        }
    }
}

impl<'s> Iterator for Tokens<'s> {
    type Item = (usize, Token<'s>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.at = self.run(self.at, |byte| byte.is_ascii_whitespace());
            match self.comment(self.at) {
                Some(end) => self.at = end,
                None => break,
            }
        }
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let (end, token) = match self.byte(start) {
            b'"' => {
                let end = self.literal(start, b'"');
                let inner = self.text.get(start + 1..end).unwrap_or_default();
                (end, Token::Text(inner.strip_suffix('"').unwrap_or(inner)))
            }
            b'/' => (self.literal(start, b'/'), Token::Other),
            byte if is_word(byte) => {
                let end = self.run(start, is_word);
                let is_named = matches!(self.before, b'$' | b'#' | b'@' | b'!' | b'.');
                let word = self.text.get(start..end).unwrap_or_default();
                (end, if is_named { Token::Other } else { Token::Word(word) })
            }
            byte if byte.is_ascii() => (start + 1, Token::Mark(byte)),
            // The rest of a character that is longer than a byte is not blank either, and ends no token.
            _ => (self.run(start + 1, |byte| !byte.is_ascii()), Token::Other),
        };
        self.before = self.byte(end - 1);
        self.at = end;
        Some((start, token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds and first lines.
    fn check(text: &str, expected: &[(Kind<'_>, &str)]) {
        let split = split(text);
        let seen: Vec<_> = split
            .parts
            .iter()
            .map(|part| (part.kind, part.text.lines().next().unwrap_or_default().trim()))
            .collect();
        assert_eq!(seen, expected);
        for part in &split.parts {
            assert!(text.get(part.start..).is_some_and(|rest| rest.starts_with(part.text)));
        }
    }

    #[test]
    fn rules_imports_and_includes_are_parts_of_their_own() {
        check(
            "// rule none\nimport \"pe\"\ninclude \"./other.yar\"\nprivate global rule A : tag { condition: true }\nrule B{condition:A}",
            &[
                (Kind::Import, "import \"pe\""),
                (Kind::Include("./other.yar"), "include \"./other.yar\""),
                (Kind::Rule, "private global rule A : tag { condition: true }"),
                (Kind::Rule, "rule B{condition:A}"),
            ],
        );
    }

    #[test]
    fn reserved_words_in_literals_comments_and_names_begin_nothing() {
        check(
            "rule A { meta: a = \"rule B {\" strings: $rule = /rule C \\/ { / $x = \"a\\\" rule D\" private /* rule E { */ condition: $rule and pe.import and #rule > 1 // rule F\n}",
            &[(
                Kind::Rule,
                "rule A { meta: a = \"rule B {\" strings: $rule = /rule C \\/ { / $x = \"a\\\" rule D\" private /* rule E { */ condition: $rule and pe.import and #rule > 1 // rule F",
            )],
        );
    }

    #[test]
    fn a_rule_that_never_ends_does_not_swallow_the_next() {
        check(
            "rule A { strings: $a = \"open\n $b = { 41 condition: $a\n\nglobal rule B { condition: true }",
            &[
                (Kind::Rule, "rule A { strings: $a = \"open"),
                (Kind::Rule, "global rule B { condition: true }"),
            ],
        );
    }

    #[test]
    fn what_is_no_part_at_all_is_stray() {
        check("MZ\u{90}\u{0} ü garbage", &[(Kind::Stray, "MZ\u{90}\u{0} ü garbage")]);
        check("  // nothing\n/* nor here", &[]);
        check("include", &[(Kind::Include(""), "include")]);
    }

    #[test]
    fn chains_are_told_from_lists() {
        for (condition, is_tangled) in [
            ("true".to_owned() + &" or a.b(0, 9) == \"x\"".repeat(5_000), false),
            ("1".to_owned() + &" + 1".repeat(5_000), true),
            ("1".to_owned() + &" + f(1, 1)".repeat(5_000), true),
            ("true".to_owned() + &" == (true and true)".repeat(5_000), true),
            ("(".repeat(5_000), true),
            ("uint8(1) == 2 and ".repeat(5_000) + "true", false),
        ] {
            let text = format!(
                "rule Before {{ condition: true }} rule A {{ strings: $a = {{ {} }} condition: {condition} }} rule Behind {{ condition: true }}",
                "41 ".repeat(2_000)
            );
            let seen: Vec<_> = split(&text).parts.iter().map(|part| part.is_tangled).collect();
            assert_eq!(seen, [false, is_tangled, false], "{condition:.40}");
        }
    }

    #[test]
    fn only_conditions_ask_for_the_md5() {
        for (text, asks) in [
            ("rule A { meta: md5 = \"0\" condition: true }", false),
            ("rule A { condition: hash.md5(0, 1) == \"0\" }", false),
            ("rule A { condition: md5 == \"0\" }", true),
            ("rule A { condition: \"0\" == md5 }", true),
        ] {
            assert_eq!(split(text).asks_md5, asks, "{text}");
        }
    }

    #[test]
    fn every_cut_of_a_file_is_read_to_its_end() {
        let text = "import \"pe\" rule A { strings: $a = \"x\\\" y\" $b = /a\\/b/i $c = { 41 ?? } condition: any of them } /* ü */";
        for (at, _) in text.char_indices() {
            let (head, tail) = text.split_at(at);
            let _ = (split(head), split(tail));
        }
    }
}
