//! Undoes how scripts put their texts together: literals joined, cut, reversed, replaced, made of numbers.
//!
//! Pieces are shifted onto a stack and its end is reduced as long as a rule holds, before the next piece comes: what is
//! inside is folded before what is around it, without recursion. Every rule shortens the stack; what variables and repeats
//! add is drawn from a fixed account. What comes out is a view of the script for reading, not a script to run: loops,
//! conditions and order of evaluation are not looked at.

use super::Language;
use super::token::{Token, Tokens};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::Layer;

mod call;

/// Longest literal that is made.
const LONGEST: usize = 4 << 20;
/// Variables that are remembered.
const VARIABLES: usize = 10_000;
/// Variables of PowerShell that hold the same on nearly every machine, out of which letters are taken.
const EVERYWHERE: &[(&str, &str)] = &[
    ("$env:comspec", "C:\\Windows\\system32\\cmd.exe"),
    ("$env:windir", "C:\\Windows"),
    ("$env:systemroot", "C:\\Windows"),
    ("$env:public", "C:\\Users\\Public"),
    ("$env:programdata", "C:\\ProgramData"),
    ("$pshome", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0"),
    ("$shellid", "Microsoft.PowerShell"),
    ("$verbosepreference", "SilentlyContinue"),
];
/// Longest name of a variable in a literal. Bytes.
const NAME: usize = 256;

/// A script, folded.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// The script as it reads now.
    pub(super) text: String,
    /// Its literals, in order.
    pub(super) literals: Vec<String>,
    /// What was undone.
    pub(super) layers: BTreeSet<Layer>,
}

/// Folds a script.
pub(super) fn fold(text: &str, language: Language) -> Folded {
    let mut tokens = Tokens::new(text, language);
    let mut folder = Folder {
        language,
        stack: Vec::new(),
        statement: 0,
        variables: BTreeMap::new(),
        layers: BTreeSet::new(),
        joined: 0,
        left: text.len().saturating_mul(8).saturating_add(1 << 16).min(64 << 20),
        steps: text.len().saturating_mul(8).saturating_add(1 << 16),
    };
    for token in tokens.by_ref() {
        folder.take(token);
    }
    folder.take(Token::End('\n'));
    folder.layers.extend(tokens.met.layers());
    // Texts are put together everywhere; a few pieces hide nothing.
    if folder.joined >= 6 {
        folder.layers.insert(Layer::Joined);
    }
    let literals = folder.stack.iter().filter_map(Token::literal).map(str::to_owned);
    Folded {
        literals: literals.collect(),
        text: render(&folder.stack, language),
        layers: folder.layers,
    }
}

struct Folder {
    language: Language,
    stack: Vec<Token>,
    /// Where the statement at hand begins.
    statement: usize,
    /// Variables that hold a literal, in lower case but for JavaScript.
    variables: BTreeMap<String, String>,
    layers: BTreeSet<Layer>,
    /// Literals that were joined.
    joined: usize,
    /// Bytes that may still be made.
    left: usize,
    /// Pieces and bytes in brackets that may still be looked at again.
    steps: usize,
}

impl Folder {
    fn take(&mut self, next: Token) {
        if self.language != Language::VisualBasic {
            let goes_on = ["+", "&", ",", "(", "=", ".", "|", "["]
                .iter()
                .any(|sign| self.sign(0, sign));
            if goes_on && next == Token::End('\n') {
                return;
            }
            if (next.is("+") || next.is(".")) && self.at(0) == Some(&Token::End('\n')) {
                self.stack.pop();
                self.statement = self.statement.min(self.stack.len());
            }
        }
        while self.reduce(&next) {}
        if matches!(next, Token::End(_)) || next.is("}") {
            self.assign();
        }
        let ends = matches!(next, Token::End(_)) || next.is("{") || next.is("}");
        self.push(next);
        if ends {
            self.statement = self.stack.len();
        }
    }

    fn push(&mut self, token: Token) {
        let token = match token {
            Token::Literal(text) if self.language == Language::PowerShell && text.contains('$') => {
                Token::Literal(self.expanded(text))
            }
            token => token,
        };
        self.stack.push(token);
    }

    /// The token `back` from the end, 0 for the last.
    fn at(&self, back: usize) -> Option<&Token> {
        self.stack.get(self.stack.len().checked_sub(back + 1)?)
    }

    fn sign(&self, back: usize, sign: &str) -> bool {
        self.at(back).is_some_and(|token| token.is(sign))
    }

    fn literal(&self, back: usize) -> Option<&str> {
        self.at(back)?.literal()
    }

    fn word(&self, back: usize, word: &str) -> bool {
        self.at(back)
            .and_then(Token::word)
            .is_some_and(|own| own.eq_ignore_ascii_case(word))
    }

    /// Puts a token in the place of the last `count`.
    fn replace(&mut self, count: usize, with: Token) -> bool {
        let keep = self.stack.len().saturating_sub(count);
        if let Token::Literal(text) = &with {
            if text.len() > LONGEST || text.len() > self.left {
                return false;
            }
            self.left -= text.len();
        }
        self.stack.truncate(keep);
        self.stack.push(with);
        true
    }

    fn made(&mut self, count: usize, text: String, layer: Layer) -> bool {
        let is_made = self.replace(count, Token::Literal(text));
        if is_made {
            self.layers.insert(layer);
        }
        is_made
    }

    fn reduce(&mut self, next: &Token) -> bool {
        match self.at(0) {
            Some(Token::Sign(")")) => call::close(self),
            Some(Token::Sign("]")) => self.index(),
            Some(Token::Sign("}")) => call::piped(self),
            Some(Token::Literal(_)) => self.join(next) || self.operator(next),
            Some(Token::Number(_)) => self.character() || self.arithmetic(next),
            Some(Token::Word(_)) => self.substitute(next),
            _ => false,
        }
    }

    /// Two literals with a sign between that joins them.
    fn join(&mut self, next: &Token) -> bool {
        let joins = self.sign(1, "+") || (self.sign(1, "&") && self.language == Language::VisualBasic);
        let binds_more =
            next.is(".") || next.is("[") || next.word().is_some_and(|word| word.eq_ignore_ascii_case("-f"));
        if !joins || binds_more || self.literal(2).is_none() {
            return false;
        }
        let (Some(Token::Literal(right)), Some(_)) = (self.stack.pop(), self.stack.pop()) else {
            return false;
        };
        if let Some(Token::Literal(left)) = self.stack.last_mut()
            && left.len().saturating_add(right.len()) <= LONGEST
        {
            left.push_str(&right);
            self.joined += 1;
        }
        true
    }

    /// Operators of PowerShell between literals: `-f`, `-join`, `-replace`.
    fn operator(&mut self, next: &Token) -> bool {
        if self.language != Language::PowerShell || next.is(",") || next.is(".") || next.is("+") || next.is("[") {
            return false;
        }
        // Values in a row, back to the operator.
        let mut values = 1;
        while values < 2_000 && self.sign(values * 2 - 1, ",") && self.is_value(values * 2) {
            values += 1;
        }
        let operator = values * 2 - 1;
        let Some(name) = self.at(operator).and_then(Token::word).map(str::to_ascii_lowercase) else {
            return false;
        };
        let given: Vec<String> = (0..values).rev().filter_map(|value| self.value(value * 2)).collect();
        let left = operator + 1;
        match (name.as_str(), self.literal(left)) {
            ("-f", Some(format)) => match formatted(format, &given) {
                Some(text) => self.made(left + 1, text, Layer::Formatted),
                None => false,
            },
            ("-replace" | "-creplace" | "-ireplace", Some(text)) => {
                let pattern = given.first().map(|pattern| plain_pattern(pattern));
                let Some(Some(pattern)) = pattern else { return false };
                let with = given.get(1).map_or("", String::as_str);
                match self.replaced(text, &pattern, with) {
                    Some(text) => self.made(left + 1, text, Layer::Replaced),
                    None => false,
                }
            }
            ("-join", Some(_)) => call::joined_list(self, left, given.first().map_or("", String::as_str)),
            ("-join", None) if self.sign(left, ")") => {
                call::joined_parentheses(self, left, given.first().map_or("", String::as_str))
            }
            _ => false,
        }
    }

    fn is_value(&self, back: usize) -> bool {
        matches!(self.at(back), Some(Token::Literal(_) | Token::Number(_)))
    }

    fn value(&self, back: usize) -> Option<String> {
        match self.at(back)? {
            Token::Literal(text) => Some(text.clone()),
            Token::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// `text` with one text in place of another, if that makes no more than may be made.
    fn replaced(&self, text: &str, from: &str, to: &str) -> Option<String> {
        if from.is_empty() {
            return None;
        }
        let count = memchr::memmem::find_iter(text.as_bytes(), from.as_bytes()).count();
        let grown = text.len().saturating_add(count.saturating_mul(to.len()));
        (grown <= self.left.min(LONGEST)).then(|| text.replace(from, to))
    }

    /// `[char]65`.
    fn character(&mut self) -> bool {
        let is_cast =
            self.language == Language::PowerShell && self.sign(1, "]") && self.word(2, "char") && self.sign(3, "[");
        let number = self.at(0).and_then(Token::number);
        match number.and_then(character).filter(|_| is_cast) {
            Some(c) => self.made(4, c.to_string(), Layer::CharacterCodes),
            None => false,
        }
    }

    fn arithmetic(&mut self, next: &Token) -> bool {
        let (Some(right), Some(left)) = (self.at(0).and_then(Token::number), self.at(2).and_then(Token::number)) else {
            return false;
        };
        let binds_more = next.is("*") || next.is("/") || next.is("%");
        let value = match self.at(1) {
            Some(Token::Sign("+")) if !binds_more => left.checked_add(right),
            Some(Token::Sign("-")) if !binds_more => left.checked_sub(right),
            Some(Token::Sign("*")) => left.checked_mul(right),
            Some(Token::Sign("/")) if right != 0 && left % right == 0 => left.checked_div(right),
            Some(Token::Sign("^")) if self.language == Language::JavaScript => Some(left ^ right),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("xor") || word.eq_ignore_ascii_case("-bxor") => {
                Some(left ^ right)
            }
            _ => None,
        };
        match value {
            Some(value) => self.replace(3, Token::Number(value)),
            None => false,
        }
    }

    /// What is asked for in square brackets: letters of PowerShell's texts, members of JavaScript's objects.
    fn index(&mut self) -> bool {
        match self.language {
            Language::PowerShell => self.letters(),
            Language::JavaScript => self.member(),
            _ => false,
        }
    }

    /// `x['name']`, as `x.name`.
    fn member(&mut self) -> bool {
        let is_name = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let Some(name) = self.literal(1).filter(|text| is_name(text)).map(str::to_owned) else {
            return false;
        };
        let is_object = match self.at(3) {
            Some(Token::Word(word)) => !matches!(word.as_str(), "return" | "typeof" | "case" | "in" | "of" | "else"),
            Some(Token::Sign(")" | "]")) => true,
            _ => false,
        };
        if !is_object || !self.sign(2, "[") {
            return false;
        }
        self.stack.truncate(self.stack.len().saturating_sub(3));
        self.stack.extend([Token::Sign("."), Token::Word(name)]);
        true
    }

    /// `'abc'[1]`, `'abc'[1,0]` and `'abc'[-1..-3]`: a letter, some of them, or some in a row.
    fn letters(&mut self) -> bool {
        let mut places = Vec::new();
        while let Some(place) = self.at(places.len() * 2 + 1).and_then(Token::number) {
            places.push(place);
            if !self.sign(places.len() * 2, ",") || places.len() > 2_000 {
                break;
            }
        }
        let open = places.len() * 2;
        if let (true, Some(text)) = (open > 0 && self.sign(open, "["), self.literal(open + 1)) {
            let letters: Vec<char> = text.chars().collect();
            let letters = places.iter().rev().map(|place| letter(&letters, *place));
            return match letters.collect::<Option<String>>() {
                Some(text) => self.made(open + 2, text, Layer::Substrings),
                None => false,
            };
        }
        let (Some(to), Some(from)) = (self.at(1).and_then(Token::number), self.at(3).and_then(Token::number)) else {
            return false;
        };
        let (true, true, Some(text)) = (self.sign(2, ".."), self.sign(4, "["), self.literal(5)) else {
            return false;
        };
        let letters: Vec<char> = text.chars().collect();
        let count = i64::try_from(letters.len()).unwrap_or(i64::MAX);
        let place = |index: i64| if index < 0 { index.saturating_add(count) } else { index };
        let (from, to) = (place(from), place(to));
        let get = |at: i64| letter(&letters, at.max(0));
        let text: String = if from <= to {
            (from.max(0)..=to.min(count)).filter_map(get).collect()
        } else {
            (to.max(0)..=from.min(count)).rev().filter_map(get).collect()
        };
        self.made(6, text, Layer::Reversed)
    }

    /// A variable that holds a literal, where its value is asked for.
    fn substitute(&mut self, next: &Token) -> bool {
        let is_target = next.is("=") || next.is("+=") || next.is("&=") || next.is("(");
        let is_member = self.sign(1, ".") || self.sign(1, "::");
        let is_declared = ["dim", "sub", "function", "const", "var", "let"]
            .iter()
            .any(|word| self.word(1, word));
        // What every machine has is of interest only where letters are taken out of it.
        let is_taken_apart = self.language == Language::PowerShell && (next.is("[") || next.is("."));
        if is_target || is_member || is_declared || self.variables.is_empty() && !is_taken_apart {
            return false;
        }
        let Some(name) = self.at(0).and_then(Token::word).and_then(|word| self.name(word)) else {
            return false;
        };
        let everywhere = || {
            let known = EVERYWHERE.iter().find(|(known, _)| is_taken_apart && *known == name)?;
            Some(known.1)
        };
        match self.variables.get(&name).map(String::as_str).or_else(everywhere) {
            Some(value) if value.len() <= self.left => {
                let value = value.to_owned();
                self.replace(1, Token::Literal(value))
            }
            _ => false,
        }
    }

    /// The name of a variable, in the one way in which it is kept.
    fn name(&self, word: &str) -> Option<String> {
        match self.language {
            Language::PowerShell => word.starts_with('$').then(|| word.to_ascii_lowercase()),
            Language::JavaScript => Some(word.to_owned()),
            _ => Some(word.to_ascii_lowercase()),
        }
    }

    /// Remembers what the statement that ends here gives a variable, and forgets what is no literal any more.
    fn assign(&mut self) {
        let statement = self.stack.get(self.statement..).unwrap_or_default();
        let mut words = statement.iter();
        let mut first = words.next();
        while first.and_then(Token::word).is_some_and(|word| {
            ["var", "let", "const", "set", "private", "public"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known))
        }) {
            first = words.next();
        }
        let Some(name) = first.and_then(Token::word).and_then(|word| self.name(word)) else {
            return;
        };
        let (operator, value, rest) = (words.next(), words.next(), words.next());
        let value = value
            .and_then(Token::literal)
            .filter(|_| rest.is_none())
            .map(str::to_owned);
        match (operator, value) {
            (Some(Token::Sign("=")), Some(value)) if value.len() <= self.left && self.variables.len() < VARIABLES => {
                self.left -= value.len();
                self.variables.insert(name, value);
            }
            (Some(Token::Sign("+=" | "&=")), Some(value)) => {
                if let Some(known) = self.variables.get_mut(&name)
                    && known.len().saturating_add(value.len()) <= LONGEST
                {
                    known.push_str(&value);
                    self.joined += 1;
                }
            }
            (Some(Token::Sign("=" | "+=" | "&=")), _) => {
                self.variables.remove(&name);
            }
            _ => {}
        }
    }

    /// A literal with the variables in it replaced by what they hold.
    fn expanded(&mut self, text: String) -> String {
        if self.variables.is_empty() {
            return text;
        }
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let braced = after.strip_prefix('{').and_then(|inner| {
                let end = inner.bytes().take(NAME).position(|byte| byte == b'}')?;
                Some((inner.get(..end)?, inner.get(end + 1..)?))
            });
            let length = after
                .bytes()
                .take(NAME)
                .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                .count();
            let (name, behind) = braced.unwrap_or_else(|| after.split_at_checked(length).unwrap_or((after, "")));
            match self.variables.get(&format!("${}", name.to_ascii_lowercase())) {
                Some(value) if value.len() <= self.left && out.len().saturating_add(value.len()) <= LONGEST => {
                    self.left -= value.len();
                    out.push_str(value);
                    rest = behind;
                }
                _ => {
                    out.push('$');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

/// A character by its number.
fn character(number: i64) -> Option<char> {
    u32::try_from(number).ok().and_then(char::from_u32)
}

/// A letter by its place, from the end where that is negative.
fn letter(letters: &[char], index: i64) -> Option<char> {
    let place = match usize::try_from(index) {
        Ok(index) => index,
        Err(_) => letters.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?,
    };
    letters.get(place).copied()
}

/// `'{1}{0}' -f 'b','a'`.
fn formatted(format: &str, values: &[String]) -> Option<String> {
    if !format.contains('{') {
        return None;
    }
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (index, behind) = after.split_once('}')?;
        let value = values.get(index.trim().parse::<usize>().ok()?)?;
        if out.len().saturating_add(value.len()) > LONGEST {
            return None;
        }
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// A pattern that stands for itself; nothing for one with a meaning.
fn plain_pattern(pattern: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next().filter(|next| !next.is_alphanumeric())?),
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' | '|' => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

/// The pieces as text again.
fn render(stack: &[Token], language: Language) -> String {
    let mut out = String::new();
    let mut is_apart = true;
    for token in stack {
        let is_wordy = !matches!(token, Token::Sign(_) | Token::Other(_) | Token::End(_));
        if is_wordy && !is_apart {
            out.push(' ');
        }
        is_apart = !is_wordy;
        match token {
            Token::Literal(text) => {
                let quote = if language != Language::VisualBasic && text.contains('"') {
                    '\''
                } else {
                    '"'
                };
                out.push(quote);
                out.push_str(text);
                out.push(quote);
            }
            Token::Number(number) => out.push_str(&number.to_string()),
            Token::Word(word) => out.push_str(word),
            Token::Sign(sign) => out.push_str(sign),
            Token::Other(c) | Token::End(c) => out.push(*c),
        }
    }
    out
}
