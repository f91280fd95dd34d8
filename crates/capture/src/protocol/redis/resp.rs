//! RESP, the form of what Redis says (<https://redis.io/docs/latest/develop/reference/protocol-spec/>): lines that begin with
//! their type, and strings behind their length, in lists, maps and sets.

use super::super::Context;
use super::super::text::Lines;

/// Lists inside of one another.
const DEEPEST: usize = 16;
/// Elements of a value that are kept by themselves.
const MOST_PARTS: usize = 8;
/// Bytes of a text that are kept.
const LONGEST_TEXT: usize = 1 << 10;

/// A value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Value {
    /// The sign that it begins with; a line without one begins with nothing, and is a command.
    pub(super) kind: u8,
    /// All of it, cut.
    pub(super) text: Vec<u8>,
    /// Its first elements, each cut; or itself.
    pub(super) parts: Vec<Vec<u8>>,
}

/// Elements that are to come.
#[derive(Debug)]
struct Open {
    left: u64,
    /// What comes before a value and is no part of it.
    is_attribute: bool,
    /// Where its text begins, and how many parts there were.
    before: (usize, usize),
    is_first: bool,
}

/// A string on its way.
#[derive(Debug)]
struct Bulk {
    /// With the end of the line behind it.
    left: u64,
    text: Vec<u8>,
}

/// One side's values.
#[derive(Debug, Default)]
pub(super) struct Reader {
    lines: Lines,
    bulk: Option<Bulk>,
    open: Vec<Open>,
    value: Value,
    /// What came makes no sense, and nothing behind it is read.
    pub(super) is_broken: bool,
}

impl Reader {
    /// Bytes of memory that it holds.
    pub(super) fn memory(&self) -> usize {
        let bulk = self.bulk.as_ref().map_or(0, |bulk| bulk.text.capacity());
        let parts: usize = self.value.parts.iter().map(Vec::capacity).sum();
        self.lines.memory() + bulk + parts + self.value.text.capacity()
    }

    /// Takes bytes until a value is whole.
    pub(super) fn next(&mut self, bytes: &mut &[u8], context: &Context<'_>) -> Option<Value> {
        while !bytes.is_empty() && !self.is_broken {
            if let Some(bulk) = &mut self.bulk {
                let length = usize::try_from(bulk.left).unwrap_or(usize::MAX).min(bytes.len());
                let (part, rest) = bytes.split_at_checked(length)?;
                // The last two bytes are no part of it.
                let text = usize::try_from(bulk.left.saturating_sub(2)).unwrap_or(usize::MAX);
                keep(&mut bulk.text, part.get(..text.min(part.len())).unwrap_or_default());
                bulk.left -= part.len() as u64;
                *bytes = rest;
                if bulk.left == 0 {
                    let text = std::mem::take(&mut bulk.text);
                    self.bulk = None;
                    if let Some(value) = self.scalar(&text) {
                        return Some(value);
                    }
                }
                continue;
            }
            let line = self.lines.next(bytes, context)?;
            if let Some(value) = self.line(&line.text) {
                return Some(value);
            }
        }
        None
    }

    /// So many bytes are missing; whether that can be borne.
    pub(super) fn miss(&mut self, length: u64) -> bool {
        match &mut self.bulk {
            Some(bulk) if length < bulk.left => {
                bulk.left -= length;
                true
            }
            _ => false,
        }
    }

    fn line(&mut self, line: &[u8]) -> Option<Value> {
        let (sign, rest) = match line.split_first() {
            Some((sign, rest)) => (*sign, rest),
            None => return None,
        };
        if self.open.is_empty() {
            self.value.kind = if sign.is_ascii_alphanumeric() { 0 } else { sign };
        }
        let length = std::str::from_utf8(rest).ok().and_then(|text| text.parse::<i64>().ok());
        match sign {
            b'$' | b'=' | b'!' => match length.map(u64::try_from) {
                Some(Ok(length)) => {
                    self.bulk = Some(Bulk {
                        left: length.saturating_add(2),
                        text: Vec::new(),
                    });
                    None
                }
                // A length below zero stands for nothing.
                Some(Err(_)) => self.scalar(b""),
                None => self.broken(),
            },
            b'*' | b'~' | b'>' | b'%' | b'|' => match length.map(u64::try_from) {
                Some(Ok(count)) => {
                    let pairs = matches!(sign, b'%' | b'|');
                    self.list(if pairs { count.saturating_mul(2) } else { count }, sign == b'|')
                }
                Some(Err(_)) => self.scalar(b""),
                None => self.broken(),
            },
            b'+' | b'-' | b':' | b',' | b'#' | b'(' => self.scalar(rest),
            b'_' => self.scalar(b""),
            sign if sign.is_ascii_alphanumeric() && self.open.is_empty() => {
                self.value.parts = words(line);
                self.value.text = line.get(..LONGEST_TEXT).unwrap_or(line).to_vec();
                Some(std::mem::take(&mut self.value))
            }
            _ => self.broken(),
        }
    }

    fn broken(&mut self) -> Option<Value> {
        self.is_broken = true;
        None
    }

    fn list(&mut self, count: u64, is_attribute: bool) -> Option<Value> {
        if self.open.len() >= DEEPEST {
            return self.broken();
        }
        self.separate();
        self.open.push(Open {
            left: count,
            is_attribute,
            before: (self.value.text.len(), self.value.parts.len()),
            is_first: true,
        });
        keep(&mut self.value.text, b"[");
        self.close()
    }

    /// Something that has no elements.
    fn scalar(&mut self, text: &[u8]) -> Option<Value> {
        self.separate();
        keep(&mut self.value.text, text);
        if self.open.len() <= 1 && self.value.parts.len() < MOST_PARTS {
            let text = text.get(..LONGEST_TEXT).unwrap_or(text);
            self.value.parts.push(text.to_vec());
        }
        self.element();
        self.close()
    }

    fn separate(&mut self) {
        if let Some(open) = self.open.last_mut()
            && !std::mem::replace(&mut open.is_first, false)
        {
            keep(&mut self.value.text, b", ");
        }
    }

    fn element(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.left = open.left.saturating_sub(1);
        }
    }

    /// Ends the lists that are whole; the value, if that was the last.
    fn close(&mut self) -> Option<Value> {
        while let Some(open) = self.open.pop_if(|open| open.left == 0) {
            if open.is_attribute {
                // The value itself comes next.
                self.value.text.truncate(open.before.0);
                self.value.parts.truncate(open.before.1);
                if let Some(around) = self.open.last_mut() {
                    around.is_first = true;
                }
                return None;
            }
            keep(&mut self.value.text, b"]");
            self.element();
        }
        self.open.is_empty().then(|| std::mem::take(&mut self.value))
    }
}

/// Adds as much of a text as is kept.
fn keep(text: &mut Vec<u8>, more: &[u8]) {
    let room = LONGEST_TEXT.saturating_sub(text.len()).min(more.len());
    text.extend_from_slice(more.get(..room).unwrap_or_default());
}

/// The words of a command that is a line; blanks inside of quotes do not divide them.
fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let (mut word, mut quote, mut is_escaped) = (Vec::new(), None, false);
    for byte in line.iter().copied().chain([b' ']) {
        let is_blank = byte.is_ascii_whitespace() && quote.is_none();
        if !is_blank {
            word.push(byte);
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
            if words.len() >= MOST_PARTS {
                return words;
            }
        }
        match byte {
            b'\\' if !is_escaped && quote.is_some() => {
                is_escaped = true;
                continue;
            }
            b'"' | b'\'' if !is_escaped => match quote {
                None => quote = Some(byte),
                Some(open) if open == byte => quote = None,
                Some(_) => {}
            },
            _ => {}
        }
        is_escaped = false;
    }
    if !word.is_empty() {
        // The last blank was added here.
        word.pop();
        words.push(word);
    }
    words
}
