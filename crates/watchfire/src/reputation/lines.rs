//! Values, one on each line, from a reader that may be slow, endless or hostile.
//!
//! Lines are handed over as soon as they are there, many at a time where many are. Blank lines and comments are left
//! out. What is not UTF-8 stays for whoever reads the value to refuse; a line that is longer than any value is cut.

use std::io::{self, BufRead, Read};
use std::ops::Range;

/// No value is longer. Bytes.
pub(crate) const LONGEST: usize = 64 << 10;
/// Read at a time. Bytes.
const BLOCK: usize = 256 << 10;
/// What some editors and shells put before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Some lines, without the space around them.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
    pub(crate) places: Vec<Range<usize>>,
}

impl Lines {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The line at a place.
    pub(crate) fn get(&self, place: &Range<usize>) -> &[u8] {
        self.bytes.get(place.clone()).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.places.iter().map(|place| self.get(place))
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
    }

    fn push(&mut self, line: &[u8], remarks: Remarks) {
        let bare = line.trim_ascii();
        // Other scripts have blanks of their own.
        let bare = match std::str::from_utf8(bare) {
            Ok(text) if !bare.is_ascii() => text.trim().as_bytes(),
            _ => bare,
        };
        if bare.is_empty() || (remarks == Remarks::LeftOut && bare.starts_with(b"#")) {
            return;
        }
        let from = self.bytes.len();
        self.bytes.extend_from_slice(bare);
        self.places.push(from..self.bytes.len());
    }
}

/// What becomes of lines that begin with `#`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remarks {
    /// They are comments.
    LeftOut,
    /// They are lines like any other: cells of a table.
    Taken,
}

/// Reads lines.
pub(crate) struct LineReader<'r> {
    input: &'r mut dyn Read,
    block: Vec<u8>,
    /// What of the block is not handed over yet.
    left: Range<usize>,
    /// The beginning of a line whose end is not read yet, at most one byte longer than any value.
    begun: Vec<u8>,
    is_first: bool,
    is_over: bool,
    remarks: Remarks,
}

impl<'r> LineReader<'r> {
    pub(crate) fn new(input: &'r mut dyn Read, remarks: Remarks) -> Self {
        Self {
            input,
            block: vec![0; BLOCK],
            left: 0..0,
            begun: Vec::new(),
            is_first: true,
            is_over: false,
            remarks,
        }
    }

    /// Puts the next lines into `lines`: at least `least` of them, unless the input ends, and then as many as are there,
    /// up to `most`. None at the end.
    pub(crate) fn next(&mut self, lines: &mut Lines, least: usize, most: usize) -> io::Result<()> {
        lines.clear();
        loop {
            self.take(lines, most)?;
            if lines.len() >= least.max(1) || self.is_over {
                return Ok(());
            }
            self.read()?;
            if self.is_over && !self.begun.is_empty() {
                lines.push(&self.begun, self.remarks);
                self.begun.clear();
            }
        }
    }

    /// Takes what lines there are in the block.
    fn take(&mut self, lines: &mut Lines, most: usize) -> io::Result<()> {
        while lines.len() < most && !self.left.is_empty() {
            let left = self.block.get(self.left.clone()).unwrap_or_default();
            let mut rest = left;
            let length = rest.skip_until(b'\n')?;
            let line = left.get(..length).unwrap_or_default();
            let is_whole = line.ends_with(b"\n");
            if is_whole && self.begun.is_empty() {
                lines.push(line.get(..LONGEST + 1).unwrap_or(line), self.remarks);
            } else {
                let room = (LONGEST + 1).saturating_sub(self.begun.len());
                self.begun.extend_from_slice(line.get(..room).unwrap_or(line));
                if is_whole {
                    lines.push(&self.begun, self.remarks);
                    self.begun.clear();
                }
            }
            self.left.start += length;
        }
        Ok(())
    }

    /// Reads what is there, and waits only if there is nothing.
    fn read(&mut self) -> io::Result<()> {
        let count = loop {
            match self.input.read(&mut self.block) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.is_over = count == 0;
        self.left = 0..count;
        if std::mem::take(&mut self.is_first)
            && self.block.get(..count).unwrap_or_default().starts_with(BYTE_ORDER_MARK)
        {
            self.left.start = BYTE_ORDER_MARK.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that hands out so many bytes at a time.
    struct Drops<'b>(&'b [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            let (now, later) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    #[track_caller]
    fn check(input: &[u8], expected: &[&[u8]]) {
        for drop in [1, 2, 7, 100_000] {
            for most in [1, 3, 1000] {
                let mut input = Drops(input, drop);
                let mut reader = LineReader::new(&mut input, Remarks::LeftOut);
                let (mut lines, mut all) = (Lines::default(), Vec::new());
                loop {
                    reader.next(&mut lines, 1, most).unwrap();
                    if lines.len() == 0 {
                        break;
                    }
                    assert!(lines.len() <= most);
                    all.extend(lines.iter().map(<[u8]>::to_vec));
                }
                assert_eq!(all, expected, "by {drop}, at most {most}");
            }
        }
    }

    #[test]
    fn lines_do_not_depend_on_how_they_arrive() {
        check(b"", &[]);
        check(b"\n\n  \n#c\n", &[]);
        check(b"a\r\n\n b \n# c\nd", &[b"a", b"b", b"d"]);
        check("\u{a0}a\u{a0}\n\u{a0}\n".as_bytes(), &[b"a"]);
        check(b"\xff\xfe\n\0\n", &[b"\xff\xfe", b"\0"]);
    }

    #[test]
    fn the_mark_of_an_editor_is_no_part_of_the_first_value() {
        let mut input: &[u8] = b"\xef\xbb\xbfa\n\xef\xbb\xbfb";
        let mut reader = LineReader::new(&mut input, Remarks::LeftOut);
        let mut lines = Lines::default();
        reader.next(&mut lines, 1, 10).unwrap();
        assert_eq!(lines.iter().next(), Some(&b"a"[..]));
    }

    #[test]
    fn a_cell_is_no_comment() {
        let mut input: &[u8] = b"#1\n2\n";
        let mut reader = LineReader::new(&mut input, Remarks::Taken);
        let mut lines = Lines::default();
        reader.next(&mut lines, 1, 10).unwrap();
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_line_without_an_end_takes_no_more_room_than_a_value() {
        let mut long = vec![b'x'; 3 << 20];
        long.extend_from_slice(b"\nnext\n");
        let mut input: &[u8] = &long;
        let mut reader = LineReader::new(&mut input, Remarks::LeftOut);
        let (mut lines, mut all) = (Lines::default(), Vec::new());
        loop {
            reader.next(&mut lines, 1, 10).unwrap();
            if lines.len() == 0 {
                break;
            }
            all.extend(lines.iter().map(<[u8]>::len));
        }
        assert_eq!(all, [LONGEST + 1, 4]);
        assert!(reader.begun.capacity() < 4 * LONGEST);
    }

    #[test]
    fn nothing_waits_for_more_than_was_asked_for() {
        let mut input = Drops(b"a\nb\nc\n", 2);
        let mut reader = LineReader::new(&mut input, Remarks::LeftOut);
        let mut lines = Lines::default();
        reader.next(&mut lines, 1, 10).unwrap();
        assert_eq!(lines.len(), 1);
        reader.next(&mut lines, 2, 10).unwrap();
        assert_eq!(lines.len(), 2);
    }
}
