//! A line becomes a signature: its words, with one mark for every value.
//!
//! Runs between spaces, brackets and separators are values where they hold a digit, several slashes or dots, or an at sign,
//! and words otherwise; nothing is said of any system. Then what belongs to one value is put together: a number and its
//! unit, a value and what stands behind it in brackets, a host and its port, the items of a list, a pattern that repeats. So
//! lines that were written by the same statement with more or fewer values have the same signature.

use super::kind::{Kinds, Shape, is_unit, names_a_time};

/// The mark of a value in a signature. Lines cannot forge it: it is no word's first byte, because it separates words.
pub(super) const VALUE: u8 = 1;

/// One word, separator or value of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Bytes of the line.
    pub(super) begin: usize,
    pub(super) end: usize,
    /// For values.
    pub(super) kinds: Kinds,
    /// Whether nothing stands between it and the token before.
    pub(super) glued: bool,
}

impl Token {
    /// A value where there are kinds, else a word or a separator.
    fn new(begin: usize, end: usize, kinds: Kinds, glued: bool) -> Self {
        Self {
            begin,
            end,
            kinds,
            glued,
        }
    }

    pub(super) fn is_value(&self) -> bool {
        self.kinds != Kinds::default()
    }

    fn text<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        line.get(self.begin..self.end).unwrap_or_default()
    }
}

/// Of longer lines the rest is one value.
const LONGEST_LINE: usize = 4_096;

/// A signature has no more tokens; what is left is one value.
const MOST_TOKENS: usize = 256;

/// The longest pattern whose repetitions are one.
const LONGEST_PERIOD: usize = 5;

const SPACE: u8 = 1;
const SEPARATOR: u8 = 2;

/// What each byte does: parts words, is a token by itself, or belongs to a word.
static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte <= 0x20 {
        classes[byte] = SPACE;
        byte += 1;
    }
    classes[0x7f] = SPACE;
    let separators = b"[](){}<>,;:=\"'|`!?\\*&^";
    let mut at = 0;
    while at < separators.len() {
        classes[separators[at] as usize] = SEPARATOR;
        at += 1;
    }
    classes
}

#[expect(clippy::indexing_slicing, reason = "a u8 indexes a table of 256")]
fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

/// Cuts `line` into `tokens`, which are emptied first.
pub(super) fn scan(line: &[u8], tokens: &mut Vec<Token>) {
    tokens.clear();
    let whole = line.len();
    let line = line.get(..LONGEST_LINE).unwrap_or(line);
    let mut at = 0;
    let mut glued = false;
    while let Some(&byte) = line.get(at) {
        match class(byte) {
            SPACE => {
                glued = false;
                at += 1;
            }
            _ if tokens.len() >= MOST_TOKENS => break,
            SEPARATOR => {
                separator(line, tokens, at, glued);
                glued = true;
                at += 1;
            }
            _ => {
                let end = word(line, tokens, at, glued);
                glued = true;
                at = end.max(at + 1);
            }
        }
    }
    if at < whole {
        value(line, tokens, Token::new(at, whole, Kinds::LIST, false));
    }
}

/// Where the run of bytes that belong to a word ends.
fn run(line: &[u8], begin: usize) -> usize {
    let rest = line.get(begin..).unwrap_or_default();
    let length = rest.iter().position(|byte| class(*byte) != 0);
    length.map_or(line.len(), |length| begin + length)
}

/// Takes the word at `begin`, and returns where the next token may begin.
fn word(line: &[u8], tokens: &mut Vec<Token>, begin: usize, glued: bool) -> usize {
    let mut end = run(line, begin);
    let first = line.get(begin).copied().unwrap_or_default();
    let url = line.get(end..end + 3) == Some(b"://");
    if url || (first == b'/' && end > begin + 1) {
        let rest = line.get(end..).unwrap_or_default();
        let stop = |byte: &u8| *byte <= b' ' || b"\"'<>()[]{},;|".contains(byte);
        end = rest.iter().position(stop).map_or(line.len(), |length| end + length);
        let kinds = if url { Kinds::URL } else { Kinds::PATH };
        value(line, tokens, Token::new(begin, trimmed(line, begin, end), kinds, glued));
        return end;
    }
    if let Some(end) = address(line, begin, end) {
        value(line, tokens, Token::new(begin, end, Kinds::ADDRESS, glued));
        return end;
    }
    let bare = trimmed(line, begin, end);
    let text = line.get(begin..bare).unwrap_or_default();
    match Shape::of(text).kind(text) {
        Some(kinds) => value(line, tokens, Token::new(begin, bare, kinds, glued)),
        None if names_a_time(text) && beside_a_number(line, tokens, bare) => {
            value(line, tokens, Token::new(begin, bare, Kinds::TIME, glued));
        }
        None if is_unit(text) && tokens.last().is_some_and(Token::is_value) => {
            if let Some(before) = tokens.last_mut() {
                before.end = bare;
            }
        }
        None => push(line, tokens, Token::new(begin, bare, Kinds::default(), glued)),
    }
    if bare < end {
        push(line, tokens, Token::new(bare, end, Kinds::default(), true));
    }
    end
}

/// Where a word ends without the full stops behind it.
fn trimmed(line: &[u8], begin: usize, end: usize) -> usize {
    let word = line.get(begin..end).unwrap_or_default();
    let stops = word.iter().rev().take_while(|byte| **byte == b'.').count();
    if stops < word.len() { end - stops } else { end }
}

/// The end of an IPv6 or MAC address that begins at `begin`, where there is one: hexadecimal digits and colons, with two
/// colons together or five or seven of them.
fn address(line: &[u8], begin: usize, end: usize) -> Option<usize> {
    if line.get(end) != Some(&b':') || end > begin + 4 {
        return None;
    }
    let rest = line.get(begin..).unwrap_or_default();
    let length = rest
        .iter()
        .take(50)
        .take_while(|byte| byte.is_ascii_hexdigit() || **byte == b':')
        .count();
    let text = rest.get(..length)?;
    let colons = text.iter().filter(|byte| **byte == b':').count();
    let doubled = text.windows(2).any(|pair| pair == b"::");
    let whole = rest.get(length).is_none_or(|byte| class(*byte) != 0);
    (whole && (colons == 5 || colons == 7 || (doubled && colons > 1))).then_some(begin + length)
}

/// Whether a number, or another name of a time, stands right before or after.
fn beside_a_number(line: &[u8], tokens: &[Token], end: usize) -> bool {
    let rest = line.get(end..).unwrap_or_default();
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let next = rest.get(spaces..).unwrap_or_default();
    let after = next.first().is_some_and(u8::is_ascii_digit) || next.get(..3).is_some_and(names_a_time);
    after || tokens.last().is_some_and(Token::is_value)
}

fn separator(line: &[u8], tokens: &mut Vec<Token>, at: usize, glued: bool) {
    // What stands in brackets right behind a value belongs to it: `host (address)`, `1500 bytes (1.46 KB)`, `name ()`.
    if line.get(at) == Some(&b')') {
        if let [.., value, open, inner] = tokens.as_slice()
            && value.is_value()
            && inner.is_value()
            && open.text(line) == b"("
        {
            tokens.truncate(tokens.len() - 2);
            extend(tokens, at + 1);
            return;
        }
        if let [.., value, open] = tokens.as_slice()
            && value.is_value()
            && open.text(line) == b"("
        {
            tokens.truncate(tokens.len() - 1);
            extend(tokens, at + 1);
            return;
        }
    }
    push(line, tokens, Token::new(at, at + 1, Kinds::default(), glued));
}

fn extend(tokens: &mut [Token], end: usize) {
    if let Some(last) = tokens.last_mut() {
        last.end = end;
    }
}

/// Takes a value, together with what before it belongs to it.
fn value(line: &[u8], tokens: &mut Vec<Token>, mut token: Token) {
    let mut kinds = token.kinds;
    if token.glued {
        match tokens.as_slice() {
            // A host and its port; an address and its port; hours and minutes.
            [.., host, colon]
                if colon.glued && colon.text(line) == b":" && (host.is_value() || host.text(line).contains(&b'.')) =>
            {
                kinds = if !host.is_value() {
                    Kinds::NAME
                } else if host.kinds == Kinds::NUMBER && kinds == Kinds::NUMBER {
                    Kinds::TIME
                } else {
                    host.kinds
                };
                token = Token::new(host.begin, token.end, kinds, host.glued);
                tokens.truncate(tokens.len() - 2);
            }
            // Less or more than a number.
            [.., sign] if matches!(sign.text(line), b"<" | b">") && kinds == Kinds::NUMBER => {
                token.begin = sign.begin;
                token.glued = sign.glued;
                tokens.truncate(tokens.len() - 1);
            }
            _ => {}
        }
    }
    match tokens.as_slice() {
        [.., before, comma] if comma.text(line) == b"," && before.is_value() => {
            tokens.truncate(tokens.len() - 1);
            join(tokens, token.end, Kinds::LIST);
        }
        [.., before] if before.is_value() => {
            let both = if before.kinds.and(kinds) == Kinds::TIME.and(Kinds::NUMBER)
                || before.kinds.and(kinds) == Kinds::TIME
            {
                Kinds::TIME
            } else {
                Kinds::LIST
            };
            join(tokens, token.end, both);
        }
        _ => push(line, tokens, Token { kinds, ..token }),
    }
}

fn join(tokens: &mut [Token], end: usize, kinds: Kinds) {
    if let Some(last) = tokens.last_mut() {
        last.end = end;
        last.kinds = kinds;
    }
}

/// Takes a token; where it ends a pattern with a value that stood there just before, the pattern is kept once.
fn push(line: &[u8], tokens: &mut Vec<Token>, token: Token) {
    tokens.push(token);
    let alike = |(one, other): (&Token, &Token)| match (one.is_value(), other.is_value()) {
        (true, true) => true,
        (false, false) => one.text(line) == other.text(line),
        _ => false,
    };
    for period in 2..=LONGEST_PERIOD {
        let Some(begin) = tokens.len().checked_sub(2 * period) else {
            break;
        };
        let (first, second) = tokens.get(begin..).unwrap_or_default().split_at(period);
        if second.iter().any(Token::is_value) && first.iter().zip(second).all(alike) {
            tokens.truncate(begin + period);
            let repeated = tokens.iter_mut().rev().take(period);
            repeated
                .filter(|token| token.is_value())
                .for_each(|token| token.kinds = Kinds::LIST);
            return;
        }
    }
}

/// Writes the signature of `tokens`: words and separators, each ended by a byte that parts words, and [`VALUE`] for values.
pub(super) fn signature(line: &[u8], tokens: &[Token], out: &mut Vec<u8>) {
    out.clear();
    for token in tokens {
        if token.is_value() {
            out.push(VALUE);
        } else {
            out.extend_from_slice(token.text(line));
        }
        out.push(0);
    }
}
