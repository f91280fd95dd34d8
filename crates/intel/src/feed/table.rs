//! Tables of text: RFC 4180 with what feeds do to it. Comments stand before the header, or the header is the last
//! comment; blanks stand before quotes; lines end either way.
//!
//! Own code rather than a crate's, because abuse.ch writes `"a", "b"`, which readers of RFC 4180 take for quotes inside
//! of a bare field. A quoted field may go over a few lines. A quote that never ends costs the lines that its end was
//! looked for in, and no more: not the memory for the rest of the feed.

use super::lines::{Input, Lines, Stand};
use super::{FeedError, Place, Reason, intake::Taker};

/// Lines that one record may go over.
const MOST_LINES: u64 = 32;
/// Fields of a record that are kept.
const MOST_FIELDS: usize = 256;

/// A table and where its reading stands.
pub(crate) struct Table<'r> {
    lines: Lines<'r>,
    delimiter: char,
    record: Record,
    /// The last comment so far.
    comment: String,
}

impl<'r> Table<'r> {
    pub(crate) fn new(input: Input<'r>, delimiter: char) -> Self {
        Self {
            lines: Lines::new(input),
            delimiter,
            record: Record::default(),
            comment: String::new(),
        }
    }

    /// The last comment so far, read as a record: where abuse.ch puts its header.
    pub(crate) fn comment(&self) -> Record {
        let mut record = Record::default();
        record.push(self.comment.trim_start_matches(['#', ' ']), self.delimiter);
        record
    }

    /// From now on nothing is read but what has come already.
    pub(crate) fn hold(&mut self) -> Stand {
        self.lines.hold()
    }

    /// Reads on as ever. Says whether what had come was too little for a record: then nothing of it has been read.
    pub(crate) fn release(&mut self, stand: &Stand) -> bool {
        self.lines.release(stand)
    }

    /// The next record.
    pub(crate) fn next(&mut self, taker: &mut Taker<'_>) -> Result<Option<&Record>, FeedError> {
        loop {
            let Some(line) = self.lines.next()? else {
                return Ok(None);
            };
            if line.is_cut {
                let place = line.place();
                taker.reject(place, Reason::Malformed, "the line is too long", &line.text());
                continue;
            }
            if line.bytes.starts_with(b"#") {
                self.comment = line.text().into_owned();
                continue;
            }
            if line.bytes.trim_ascii().is_empty() {
                continue;
            }
            self.record.clear(line.number);
            self.record.push(&line.text(), self.delimiter);
            if !self.record.open || self.complete(taker)? {
                return Ok(Some(&self.record));
            }
        }
    }

    /// Reads on until the open quote ends. Says whether it did.
    fn complete(&mut self, taker: &mut Taker<'_>) -> Result<bool, FeedError> {
        let place = self.record.place();
        for _ in 1..MOST_LINES {
            let Some(line) = self.lines.next()? else {
                return Err(FeedError::Truncated {
                    place,
                    why: "a quote does not end",
                });
            };
            self.record.push(&line.text(), self.delimiter);
            if !self.record.open {
                return Ok(true);
            }
        }
        for _ in 0..MOST_LINES {
            taker.reject(place, Reason::Malformed, "a quote does not end", self.record.get(0));
        }
        Ok(false)
    }
}

/// The fields of one record, in one string.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    text: String,
    ends: Vec<usize>,
    line: u64,
    /// Whether the last field is a quote that has not ended.
    open: bool,
}

impl Record {
    pub(crate) fn place(&self) -> Place {
        Place::Line(self.line)
    }

    /// A field, from 0; empty if there is none.
    pub(crate) fn get(&self, field: usize) -> &str {
        let Some(end) = self.ends.get(field) else {
            return self.text.get(..0).unwrap_or_default();
        };
        let start = field.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.copied().unwrap_or_default();
        self.text.get(start..*end).unwrap_or_default().trim()
    }

    /// A field whose place is known only for some tables.
    pub(crate) fn at(&self, field: Option<usize>) -> &str {
        field.map_or("", |field| self.get(field))
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The field that a header calls by the first of these names that it has.
    pub(crate) fn find(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| (0..self.len()).find(|field| self.get(*field).eq_ignore_ascii_case(name)))
    }

    fn clear(&mut self, line: u64) {
        self.text.clear();
        self.ends.clear();
        self.line = line;
        self.open = false;
    }

    /// Appends a line: a record, or what follows of one whose quote is open.
    pub(crate) fn push(&mut self, line: &str, delimiter: char) {
        let mut rest = line;
        if self.open {
            self.text.push('\n');
        } else {
            rest = self.begin(rest);
        }
        loop {
            if self.open {
                let Some(after) = self.quoted(rest) else {
                    return;
                };
                self.open = false;
                rest = after;
            }
            let (field, more) = match rest.split_once(delimiter) {
                Some((field, more)) => (field, Some(more)),
                None => (rest, None),
            };
            self.text.push_str(field);
            if self.ends.len() < MOST_FIELDS {
                self.ends.push(self.text.len());
            }
            let Some(more) = more else {
                return;
            };
            rest = self.begin(more);
        }
    }

    /// Looks for a quote at the beginning of a field.
    fn begin<'l>(&mut self, rest: &'l str) -> &'l str {
        match rest.trim_start_matches(' ').strip_prefix('"') {
            Some(inside) => {
                self.open = true;
                inside
            }
            None => rest,
        }
    }

    /// Appends up to the end of a quote, and gives what is behind it.
    fn quoted<'l>(&mut self, mut rest: &'l str) -> Option<&'l str> {
        loop {
            let Some((before, after)) = rest.split_once('"') else {
                self.text.push_str(rest);
                return None;
            };
            self.text.push_str(before);
            let Some(doubled) = after.strip_prefix('"') else {
                return Some(after);
            };
            self.text.push('"');
            rest = doubled;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Options;

    fn read(text: &str, delimiter: char) -> (Result<Vec<Vec<String>>, FeedError>, u64) {
        let options = Options::default();
        let mut out = |_| {};
        let mut taker = Taker::new(&options, &mut out);
        let mut bytes = text.as_bytes();
        let mut table = Table::new(Input::open(&mut bytes, "a table").unwrap(), delimiter);
        let mut rows = Vec::new();
        let ended = loop {
            match table.next(&mut taker) {
                Ok(Some(record)) => rows.push((0..record.len()).map(|field| record.get(field).to_owned()).collect()),
                Ok(None) => break Ok(rows),
                Err(error) => break Err(error),
            }
        };
        (ended, taker.finish().not_taken())
    }

    #[track_caller]
    fn check(text: &str, delimiter: char, expected: &[&[&str]]) {
        let (rows, rejected) = read(text, delimiter);
        assert_eq!(rows.unwrap(), expected, "{text}");
        assert_eq!(rejected, 0);
    }

    #[test]
    fn fields_are_quoted_in_every_way() {
        check("# c\na,b,,d\r\n\n", ',', &[&["a", "b", "", "d"]]);
        check("\"a\", \"b,c\" ,\"d\"\"e\"\n", ',', &[&["a", "b,c", "d\"e"]]);
        check("a;\"b\nc;\";d", ';', &[&["a", "b\nc;", "d"]]);
        check("a\tb c\t\"\"", '\t', &[&["a", "b c", ""]]);
        check("it\"s,5\"", ',', &[&["it\"s", "5\""]]);
    }

    #[test]
    fn a_quote_that_does_not_end_costs_the_lines_it_was_looked_for_in() {
        let text = format!("a,\"b\n{}last,row\n", "x,y\n".repeat(31));
        let (rows, rejected) = read(&text, ',');
        assert_eq!(
            (rows.unwrap(), rejected),
            (vec![vec!["last".to_owned(), "row".to_owned()]], 32)
        );
        let (rows, _) = read("a,\"b", ',');
        assert!(matches!(
            rows,
            Err(FeedError::Truncated {
                place: Place::Line(1),
                ..
            })
        ));
    }
}
