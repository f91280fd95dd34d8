//! Where records begin and end: lines, elements of JSON, events of XML, entries of a journal, lines that belong together.

use super::json::{dialect, end_of_value};
use super::{auditd, csv, evtx, journald, transcript, xml};

/// Where the next record is in what is left of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its first byte.
    pub(crate) start: usize,
    /// Behind its last.
    pub(crate) end: usize,
    /// Where the one after it is looked for; 0 where nothing is left.
    pub(crate) next: usize,
    /// It was broken off.
    pub(crate) is_broken: bool,
}

impl Frame {
    pub(crate) fn new(start: usize, end: usize, next: usize) -> Self {
        Self {
            start,
            end,
            next,
            is_broken: false,
        }
    }

    /// Nothing but bytes to pass over.
    pub(crate) fn skip(next: usize) -> Self {
        Self::new(next, next, next)
    }

    pub(crate) fn broken(start: usize, end: usize) -> Self {
        Self {
            is_broken: true,
            ..Self::new(start, end, end)
        }
    }
}

/// What frames the records of an input.
#[derive(Clone, Debug)]
pub(crate) enum Framing {
    Lines(Quotes),
    /// RFC 6587: each message behind its length.
    Octets,
    Json(Elements),
    Xml,
    Journal,
    Audit,
    Transcript,
    Evtx(Box<evtx::File>),
}

/// Whether a line goes on while a quote is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    Letters,
    HoldLines,
}

/// How far into a document the reader is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Elements {
    /// Inside the array of a wrapper.
    inside: bool,
    /// Objects of a wrapper that are still open behind its array.
    open: usize,
}

/// Lines of one row of a table at most, and its bytes.
const MOST_QUOTED: usize = 64 << 10;

impl Framing {
    /// What frames the records of an input that begins with `head`.
    pub(crate) fn of(head: &[u8], is_whole: bool) -> Self {
        let start = head.trim_ascii_start();
        if evtx::is(head) {
            Self::Evtx(Box::default())
        } else if start.starts_with(b"<") && xml::is(start) {
            Self::Xml
        } else if is_document(start, is_whole) {
            Self::Json(Elements::default())
        } else if journald::is(start) {
            Self::Journal
        } else if auditd::is(start) {
            Self::Audit
        } else if transcript::is(start) {
            Self::Transcript
        } else if octets(start).is_some() {
            Self::Octets
        } else if csv::is(start) {
            Self::Lines(Quotes::HoldLines)
        } else {
            Self::Lines(Quotes::Letters)
        }
    }

    /// The next record of `rest`, nothing where more is needed to tell.
    #[inline]
    pub(crate) fn next(&mut self, rest: &[u8], is_end: bool) -> Option<Frame> {
        if rest.is_empty() {
            return None;
        }
        match self {
            Self::Lines(Quotes::Letters) => line(rest, is_end),
            Self::Lines(Quotes::HoldLines) => row(rest, is_end),
            Self::Octets => message(rest, is_end),
            Self::Json(elements) => elements.next(rest, is_end),
            Self::Xml => xml::next(rest, is_end),
            Self::Journal => journald::next(rest, is_end),
            Self::Audit => auditd::next(rest, is_end),
            Self::Transcript => transcript::next(rest, is_end),
            Self::Evtx(_) => None,
        }
    }

    /// After a record that was cut.
    pub(crate) fn reset(&mut self) {
        if let Self::Json(elements) = self {
            *elements = Elements {
                inside: elements.inside,
                open: 0,
            };
        }
    }

    /// Whether lines are offered to every format.
    pub(crate) fn is_lines(&self) -> bool {
        matches!(self, Self::Lines(_) | Self::Octets)
    }
}

/// A line; at the end, what is left.
#[inline]
pub(crate) fn line(rest: &[u8], is_end: bool) -> Option<Frame> {
    let (end, next) = match memchr::memchr(b'\n', rest) {
        Some(at) => (at, at.saturating_add(1)),
        None if is_end => (rest.len(), rest.len()),
        None => return None,
    };
    let end = match rest.get(..end) {
        Some([.., b'\r']) => end.saturating_sub(1),
        _ => end,
    };
    Some(Frame::new(0, end, next))
}

/// A row of a table: line ends inside of quotes belong to it. A quote that nobody closes costs one row.
fn row(rest: &[u8], is_end: bool) -> Option<Frame> {
    let (mut at, mut quotes) = (0_usize, 0_usize);
    while let Some(found) = memchr::memchr2(b'\n', b'"', rest.get(at..).unwrap_or_default()) {
        let here = at.saturating_add(found);
        if rest.get(here) == Some(&b'"') {
            quotes = quotes.saturating_add(1);
        } else if quotes.is_multiple_of(2) {
            let end = if here > 0 && rest.get(here.saturating_sub(1)) == Some(&b'\r') {
                here - 1
            } else {
                here
            };
            return Some(Frame::new(0, end, here.saturating_add(1)));
        }
        at = here.saturating_add(1);
        if at > MOST_QUOTED {
            return line(rest, is_end);
        }
    }
    match quotes.is_multiple_of(2) {
        _ if !is_end => None,
        true => line(rest, true),
        false => line(rest, true).map(|frame| Frame {
            is_broken: frame.next == rest.len(),
            ..frame
        }),
    }
}

/// The length that `rest` begins with, and where the message behind it begins.
fn octets(rest: &[u8]) -> Option<(usize, usize)> {
    let len = super::scan::digits(rest);
    let number = super::scan::number(rest.get(..len)?)?;
    let start = len.checked_add(1)?;
    (rest.get(len..)?.starts_with(b" <") && len <= 6 && number > 0).then_some((usize::try_from(number).ok()?, start))
}

fn message(rest: &[u8], is_end: bool) -> Option<Frame> {
    let Some((len, start)) = octets(rest) else {
        if rest.len() < 8 && !is_end {
            return None;
        }
        if rest.first().is_some_and(u8::is_ascii_whitespace) {
            return Some(Frame::skip(1));
        }
        return line(rest, is_end);
    };
    let end = start.saturating_add(len);
    match rest.get(start..end) {
        Some(text) => {
            let shown = text.trim_ascii_end().len();
            Some(Frame::new(start, start.saturating_add(shown), end))
        }
        None if is_end => Some(Frame::broken(start, rest.len())),
        None => None,
    }
}

/// Whether text is one document, or several over more than one line each, and not an object on each line.
fn is_document(start: &[u8], is_whole: bool) -> bool {
    match start.first() {
        // Log lines begin with brackets too: what is in an array of logs are objects.
        Some(b'[') => start.get(1..).unwrap_or_default().trim_ascii_start().starts_with(b"{"),
        Some(b'{') => {
            let end = memchr::memchr(b'\n', start);
            let first = start.get(..end.unwrap_or(start.len())).unwrap_or(start);
            let is_object = end_of_value(first)
                .is_some_and(|end| first.get(end..).is_some_and(|rest| rest.trim_ascii().is_empty()));
            if dialect::wrapper(start.get(..16 << 10).unwrap_or(start)).is_some() {
                return true;
            }
            // An object that does not end on its line: the line is broken off, or goes on below.
            let is_open = matches!(first.get(1..).unwrap_or_default().trim_ascii(), b"");
            !is_object && (is_open || (end.is_some() && !is_whole_line(first)))
                || (end.is_none() && !is_whole && !is_object)
        }
        _ => false,
    }
}

/// Whether a line looks like an object that is whole, or was and is damaged.
fn is_whole_line(line: &[u8]) -> bool {
    line.trim_ascii_end().ends_with(b"}")
}

impl Elements {
    fn next(&mut self, rest: &[u8], is_end: bool) -> Option<Frame> {
        let mut at = rest.len().saturating_sub(rest.trim_ascii_start().len());
        loop {
            let here = rest.get(at..).unwrap_or_default();
            match here.first() {
                None => return Some(Frame::skip(at)),
                Some(b']') => {
                    self.open = if self.inside { self.open } else { 0 };
                    self.inside = false;
                    at = at.saturating_add(1);
                }
                Some(b'}') if !self.inside && self.open > 0 => {
                    self.open = self.open.saturating_sub(1);
                    at = at.saturating_add(1);
                }
                Some(b'"') if !self.inside && self.open > 0 => match end_of_value(here) {
                    Some(len) => at = at.saturating_add(len),
                    None if is_end => return Some(Frame::skip(rest.len())),
                    None => return if at == 0 { None } else { Some(Frame::skip(at)) },
                },
                Some(b'{' | b'[') if !self.inside && self.open > 0 => match end_of_value(here) {
                    Some(len) => at = at.saturating_add(len),
                    None if is_end => return Some(Frame::skip(rest.len())),
                    None => return if at == 0 { None } else { Some(Frame::skip(at)) },
                },
                Some(b',' | b':' | b' ' | b'\n' | b'\r' | b'\t') => at = at.saturating_add(1),
                Some(b'[') if !self.inside => {
                    self.inside = true;
                    at = at.saturating_add(1);
                }
                Some(b'{') => return self.object(rest, at, is_end),
                Some(_) if self.open > 0 && !self.inside => at = at.saturating_add(1),
                // Nothing that belongs here: the line is a record that no one can read.
                Some(_) => {
                    let frame = line(here, is_end)?;
                    return Some(Frame::new(
                        at,
                        at.saturating_add(frame.end),
                        at.saturating_add(frame.next),
                    ));
                }
            }
        }
    }

    fn object(&mut self, rest: &[u8], at: usize, is_end: bool) -> Option<Frame> {
        let here = rest.get(at..).unwrap_or_default();
        if !self.inside {
            let head = here.get(..16 << 10).unwrap_or(here);
            if let Some(inside) = dialect::wrapper(head) {
                let before = here.get(..inside).unwrap_or_default();
                self.open = before.iter().filter(|byte| **byte == b'{').count();
                self.inside = true;
                return Some(Frame::skip(at.saturating_add(inside)));
            }
            // Whether it is a wrapper is not known before its beginning is there.
            if head.len() < 4096 && !is_end && end_of_value(here).is_none() {
                return if at == 0 { None } else { Some(Frame::skip(at)) };
            }
        }
        match end_of_value(here) {
            Some(len) => {
                let end = at.saturating_add(len);
                Some(Frame::new(at, end, end))
            }
            None if is_end => Some(Frame::broken(at, rest.len())),
            None if at > 0 => Some(Frame::skip(at)),
            None => None,
        }
    }
}
