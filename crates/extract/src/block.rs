//! Things of several lines: YARA rules and PGP keys.
//!
//! They are looked for ahead of the reader, and the text inside them is then read as usual, so that hashes in a rule's
//! metadata are found. All looking ahead together is bounded by a multiple of the text already read.

use crate::found::{Found, Sink};
use crate::reader::{Reader, is_edge};
use crate::text::{ALNUM, BLANK, DASH, DELIMITER, Text, is};
use watchfire_model::{Confidence, ObservableType};

/// Longest rule or key.
pub(crate) const MOST: usize = 65_536;

/// A YARA rule that begins with the word `start..end`.
pub(crate) fn word<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if end - start != 4
        || text.slice(start, end) != b"rule"
        || !is(text.at(end), BLANK)
        || !reader.types.contains(ObservableType::YaraRule)
    {
        return None;
    }
    reader.outside = true;
    let body = header(text, end)?;
    if !reader.may_look_ahead() {
        return None;
    }
    let stop = body_end(text, body, (start + MOST).min(text.len()));
    reader.looked_ahead(stop.unwrap_or(start + MOST).min(text.len()) - start);
    let stop = stop?;
    let first = preamble(text, start);
    reader.emit(
        Found::new(ObservableType::YaraRule, text.slice(first, stop), first, stop)
            .because(Confidence::High, "a rule with a condition"),
    );
    // Read on inside the rule.
    None
}

/// Behind `rule`: a name, tags, and the opening brace, whose index is returned.
fn header(text: Text<'_>, at: usize) -> Option<usize> {
    let name = text.skip(at, at + 8, BLANK);
    let name_end = text.skip(name, name + 129, ALNUM | DASH);
    if name_end == name || name_end - name > 128 || text.at(name).is_ascii_digit() {
        return None;
    }
    let mut at = name_end;
    let mut tags = false;
    while at < name_end + 256 {
        match text.at(at) {
            b'{' => return Some(at),
            b':' if !tags => tags = true,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            byte if tags && is(byte, ALNUM | DASH) => {}
            _ => return None,
        }
        at += 1;
    }
    None
}

/// One past the closing brace of a body that has a condition.
fn body_end(text: Text<'_>, open: usize, limit: usize) -> Option<usize> {
    let mut depth = 0u32;
    let mut condition = false;
    let mut at = open;
    while at < limit {
        match text.at(at) {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return condition.then_some(at + 1);
                }
            }
            b'"' => at = quoted_end(text, at, limit),
            b'/' if text.at(at + 1) == b'/' => at = line_end(text, at, limit),
            b'/' if text.at(at + 1) == b'*' => {
                at = (at + 2..limit)
                    .find(|i| text.at(*i) == b'*' && text.at(*i + 1) == b'/')
                    .map_or(limit, |i| i + 1);
            }
            b'/' if before_blanks(text, at) == b'=' => at = regex_end(text, at, limit),
            b'c' if is_edge(text.before(at)) && text.is_word(at, b"condition") && depth == 1 => {
                let colon = text.skip(at + 9, at + 13, BLANK);
                condition |= text.at(colon) == b':';
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn quoted_end(text: Text<'_>, open: usize, limit: usize) -> usize {
    let mut at = open + 1;
    while at < limit && !matches!(text.at(at), b'"' | b'\n') {
        at += 1 + usize::from(text.at(at) == b'\\');
    }
    at
}

fn regex_end(text: Text<'_>, open: usize, limit: usize) -> usize {
    let mut at = open + 1;
    while at < limit && !matches!(text.at(at), b'/' | b'\n') {
        at += 1 + usize::from(text.at(at) == b'\\');
    }
    at
}

fn line_end(text: Text<'_>, from: usize, limit: usize) -> usize {
    (from..limit).find(|at| text.at(*at) == b'\n').unwrap_or(limit)
}

fn before_blanks(text: Text<'_>, at: usize) -> u8 {
    text.before(text.skip_back(at, at.saturating_sub(8), BLANK))
}

/// The start of what belongs to a rule in front of it: `private`, `global`, and a block of imports and includes.
fn preamble(text: Text<'_>, rule: usize) -> usize {
    let mut start = rule;
    for _ in 0..2 {
        let end = text.skip_back(start, start.saturating_sub(8), BLANK);
        let word = text.skip_back(end, end.saturating_sub(8), ALNUM);
        if end < start && matches!(text.slice(word, end), b"private" | b"global") {
            start = word;
        }
    }
    // Lines of imports, includes and comments directly above.
    let floor = rule.saturating_sub(2048);
    let mut at = start;
    loop {
        let line_end = text.skip_back(at, floor, DELIMITER);
        if line_end == at || line_end <= floor {
            return start;
        }
        let line = (floor..line_end)
            .rev()
            .find(|i| text.at(*i) == b'\n')
            .map_or(floor, |i| i + 1);
        let first = text.skip(line, line_end, BLANK);
        if text.is_word(first, b"import ") || text.is_word(first, b"include ") {
            start = first;
        } else if !(text.is_word(first, b"//")
            || text.is_word(first, b"/*")
            || text.is_word(first, b"*/")
            || text.at(first) == b'*')
        {
            return start;
        }
        at = line;
        if line <= floor {
            return start;
        }
    }
}

const BEGIN: &[u8] = b"-----BEGIN PGP ";
const END: &[u8] = b"-----END PGP ";

/// A PGP key in ASCII armour (RFC 9580) that begins at the hyphen `start`.
pub(crate) fn armour<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    reader.outside |= text.slice(start, start + 5) == b"-----";
    if text.slice(start, start + BEGIN.len()) != BEGIN
        || !reader.types.contains(ObservableType::PgpKey)
        || !reader.may_look_ahead()
    {
        return None;
    }
    let window = text.slice(start, start + MOST);
    let end = memchr::memmem::find(window, END).and_then(|at| {
        let tail = window.get(at + END.len()..)?;
        let dashes = memchr::memmem::find(tail.get(..tail.len().min(40))?, b"-----")?;
        Some(start + at + END.len() + dashes + 5)
    });
    reader.looked_ahead(end.map_or(window.len(), |end| end - start));
    let end = end?;
    let found = Found::new(ObservableType::PgpKey, text.slice(start, end), start, end)
        .because(Confidence::High, "an armoured block");
    reader.emit(found).then_some(end)
}
