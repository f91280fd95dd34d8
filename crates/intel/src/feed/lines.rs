//! Bytes and lines of an input in bounded memory, after a look at its beginning: what is no feed at all is said at once.

use super::FeedError;
use super::Place;
use super::formats::first_lines;
use memchr::{memchr, memmem, memrchr};
use std::borrow::Cow;
use std::io::{self, Read};

/// How much is looked at before anything is read as a feed. Bytes.
const HEAD: usize = 1024;
/// Read at once. Bytes.
const BLOCK: usize = 64 << 10;
/// Longest line that is kept; of longer ones the beginning is. Bytes.
pub(crate) const LONGEST: usize = 1 << 20;

/// An input whose beginning was looked at, without the byte-order mark.
pub(crate) struct Input<'r> {
    head: Vec<u8>,
    at: usize,
    rest: &'r mut dyn Read,
}

impl<'r> Input<'r> {
    /// Looks at the beginning. `wanted` is what the format calls itself.
    pub(crate) fn open(rest: &'r mut dyn Read, wanted: &'static str) -> Result<Self, FeedError> {
        let mut head = Vec::with_capacity(HEAD);
        (&mut *rest).take(HEAD as u64).read_to_end(&mut head)?;
        Self::of(head, rest, wanted)
    }

    /// Looks no further than the first line that is no comment: who waits for the first value of a slow input waits for
    /// nothing else.
    pub(crate) fn open_early(rest: &'r mut dyn Read, wanted: &'static str) -> Result<Self, FeedError> {
        let mut head = vec![0; HEAD];
        let mut length = 0;
        while let Some(room) = head.get_mut(length..).filter(|room| !room.is_empty()) {
            match rest.read(room) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
            let looked = head.get(..length).unwrap_or_default();
            let whole = memrchr(b'\n', looked).and_then(|end| looked.get(..end));
            if whole.is_some_and(|whole| first_lines(whole).next().is_some()) {
                break;
            }
        }
        head.truncate(length);
        Self::of(head, rest, wanted)
    }

    fn of(head: Vec<u8>, rest: &'r mut dyn Read, wanted: &'static str) -> Result<Self, FeedError> {
        refuse(&head, wanted)?;
        let at = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Ok(Self { head, at, rest })
    }

    /// The beginning.
    pub(crate) fn head(&self) -> &[u8] {
        self.head.get(self.at..).unwrap_or_default()
    }

    /// Whether it is JSON and no table or list.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.head().trim_ascii_start().first(), Some(b'{' | b'['))
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = self.head.get(self.at..).unwrap_or_default();
        if head.is_empty() {
            return self.rest.read(buffer);
        }
        let length = head.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(head) {
            *to = *from;
        }
        self.at += length;
        Ok(length)
    }
}

fn refuse(head: &[u8], wanted: &'static str) -> Result<(), FeedError> {
    let packed = [
        (b"\x1f\x8b".as_slice(), "gzip"),
        (b"PK\x03\x04", "zip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
    ];
    if let Some((_, with)) = packed.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(FeedError::Packed(with));
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(FeedError::Utf16);
    }
    if head.trim_ascii().is_empty() {
        return Err(FeedError::Empty);
    }
    if is_web_page(head) {
        return Err(FeedError::WebPage { wanted });
    }
    Ok(())
}

/// Whether it begins like HTML.
pub fn is_web_page(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let small: Vec<u8> = head.iter().take(HEAD).map(u8::to_ascii_lowercase).collect();
    let begins = ["<!doctype html", "<html", "<head", "<body", "<script", "<title", "<!--"];
    begins.iter().any(|begin| small.starts_with(begin.as_bytes()))
        || (small.starts_with(b"<?xml") && memmem::find(&small, b"<html").is_some())
}

/// The lines of an input, without their ends.
pub(crate) struct Lines<'r> {
    input: Input<'r>,
    buffer: Vec<u8>,
    start: usize,
    number: u64,
    ended: bool,
    /// Whether what comes next is the rest of a line whose beginning was given.
    inside: bool,
    /// What there is when nothing more may be read: whether it was too little.
    held: Option<bool>,
}

/// Where reading stood.
pub(crate) struct Stand {
    start: usize,
    number: u64,
    inside: bool,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'l> {
    /// From 1.
    pub(crate) number: u64,
    /// Without its end.
    pub(crate) bytes: &'l [u8],
    /// Whether it is longer than [`LONGEST`], and this is its beginning.
    pub(crate) is_cut: bool,
}

impl<'l> Line<'l> {
    pub(crate) fn place(&self) -> Place {
        Place::Line(self.number)
    }

    pub(crate) fn text(&self) -> Cow<'l, str> {
        String::from_utf8_lossy(self.bytes)
    }
}

impl<'r> Lines<'r> {
    pub(crate) fn new(input: Input<'r>) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            number: 0,
            ended: false,
            inside: false,
            held: None,
        }
    }

    /// From now on nothing is read but what has come already.
    pub(crate) fn hold(&mut self) -> Stand {
        self.held = Some(false);
        Stand {
            start: self.start,
            number: self.number,
            inside: self.inside,
        }
    }

    /// Reads on as ever. Where what had come was too little, it is as if nothing of it had been read, and this says so.
    pub(crate) fn release(&mut self, stand: &Stand) -> bool {
        let was_too_little = self.held.take() == Some(true);
        if was_too_little {
            (self.start, self.number, self.inside) = (stand.start, stand.number, stand.inside);
        }
        was_too_little
    }

    /// The next line.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, FeedError> {
        if self.inside {
            self.skip()?;
        }
        let mut looked = 0;
        let (length, end) = loop {
            let pending = self.buffer.get(self.start..).unwrap_or_default();
            match memchr(b'\n', pending.get(looked..).unwrap_or_default()) {
                Some(at) => break (looked + at, looked + at + 1),
                None if self.ended && pending.is_empty() => return Ok(None),
                None if self.ended => break (pending.len(), pending.len()),
                None if pending.len() > LONGEST => {
                    self.inside = true;
                    break (LONGEST, LONGEST);
                }
                None if self.held == Some(true) => return Ok(None),
                None => looked = pending.len(),
            }
            self.fill()?;
        };
        let from = self.start;
        self.start += end;
        self.number += 1;
        let bytes = self.buffer.get(from..from + length).unwrap_or_default();
        Ok(Some(Line {
            number: self.number,
            bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes),
            is_cut: self.inside,
        }))
    }

    /// Reads one block more behind what is pending.
    fn fill(&mut self) -> Result<(), FeedError> {
        if let Some(too_little) = &mut self.held {
            *too_little = true;
            return Ok(());
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let before = self.buffer.len();
        self.buffer.resize(before + BLOCK, 0);
        let read = loop {
            match self.input.read(self.buffer.get_mut(before..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.buffer.truncate(before + read);
        self.ended = read == 0;
        Ok(())
    }

    /// Leaves out the rest of an endless line.
    fn skip(&mut self) -> Result<(), FeedError> {
        self.inside = false;
        loop {
            let pending = self.buffer.get(self.start..).unwrap_or_default();
            if let Some(at) = memchr(b'\n', pending) {
                self.start += at + 1;
                return Ok(());
            }
            self.start = self.buffer.len();
            if self.ended || self.held == Some(true) {
                return Ok(());
            }
            self.fill()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives little at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len()).min(self.0.len());
            let (now, later) = self.0.split_at(length);
            buffer[..length].copy_from_slice(now);
            self.0 = later;
            Ok(length)
        }
    }

    fn read(bytes: &[u8], drop: usize) -> Vec<(u64, usize, bool)> {
        let mut drops = Drops(bytes, drop);
        let mut lines = Lines::new(Input::open(&mut drops, "a list").unwrap());
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((line.number, line.bytes.len(), line.is_cut));
        }
        all
    }

    #[test]
    fn lines_end_with_either_end_and_the_last_may_have_none() {
        for drop in [1, 7, 1 << 20] {
            assert_eq!(
                read(b"\xef\xbb\xbfab\r\n\ncde\nf", drop),
                [(1, 2, false), (2, 0, false), (3, 3, false), (4, 1, false)]
            );
        }
    }

    #[test]
    fn an_endless_line_is_cut_and_the_next_is_whole() {
        let mut bytes = vec![b'x'; 3 * LONGEST];
        bytes.extend(b"\nnext\n");
        for drop in [1000, BLOCK, 1 << 30] {
            assert_eq!(read(&bytes, drop), [(1, LONGEST, true), (2, 4, false)]);
        }
    }

    #[test]
    fn what_is_no_feed_is_said_at_once() {
        let check = |bytes: &[u8], expected: &str| {
            let mut bytes = bytes;
            let error = Input::open(&mut bytes, "a list").err().unwrap();
            assert_eq!(error.to_string(), expected);
        };
        check(b"  \n<!DOCTYPE HTML><html>", "this is a web page, not a list");
        check(
            b"<?xml version='1.0'?><html xmlns='x'>",
            "this is a web page, not a list",
        );
        check(b"\x1f\x8b\x08", "it is packed with gzip");
        check(b"\xff\xfea\0", "it is UTF-16");
        check(b" \n", "it is empty");
    }
}
