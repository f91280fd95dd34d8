//! Zone files cut into entries and words (RFC 1035, section 5.1): lines, parentheses, quotes, escapes, comments.

/// A word of an entry, with its escapes.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) text: Vec<u8>,
}

/// An entry: one line, or several in parentheses.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) line: usize,
    /// Whether the first word is a name: the line does not begin with a blank.
    pub(super) named: bool,
    pub(super) words: Vec<Word>,
}

/// The entries of a zone file.
pub(super) struct Entries<'t> {
    lines: std::iter::Enumerate<std::str::Lines<'t>>,
}

impl<'t> Entries<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            lines: text.lines().enumerate(),
        }
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let mut entry = Entry::default();
        let mut open = false;
        for (number, line) in self.lines.by_ref() {
            if entry.words.is_empty() && !open {
                entry.line = number.saturating_add(1);
                entry.named = !line.starts_with([' ', '\t']);
            }
            words(line, &mut open, &mut entry.words);
            if !open && !entry.words.is_empty() {
                return Some(entry);
            }
        }
        (!entry.words.is_empty()).then_some(entry)
    }
}

/// Adds the words of a line, up to a comment.
fn words(line: &str, open: &mut bool, out: &mut Vec<Word>) {
    let mut word: Option<Word> = None;
    let mut quoted = false;
    let mut escaped = false;
    for byte in line.bytes() {
        if !escaped && byte == b'"' {
            quoted = !quoted;
            // Quotes make a word, even an empty one.
            match (quoted, word.take()) {
                (true, before) => {
                    out.extend(before);
                    word = Some(Word::default());
                }
                (false, text) => out.extend(text),
            }
            continue;
        }
        let plain = quoted || escaped;
        match byte {
            b';' if !plain => break,
            b' ' | b'\t' | b'(' | b')' if !plain => {
                out.extend(word.take());
                match byte {
                    b'(' => *open = true,
                    b')' => *open = false,
                    _ => {}
                }
            }
            _ => word.get_or_insert_default().text.push(byte),
        }
        escaped = byte == b'\\' && !escaped;
    }
    out.extend(word);
}
