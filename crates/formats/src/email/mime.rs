//! MIME parts (RFC 2046): where each begins and ends, and what it says about itself.
//!
//! One pass over the lines, whatever is nested in what: a line that begins with two dashes is looked up among the open
//! boundaries, and nothing is read twice. A part that is a mail itself is not opened here; it is an artifact of its own.

use super::field::{Fields, split};
use super::parameter::Parametrised;
use super::transfer::{Content, Transfer, decode};
use super::word;
use std::collections::HashMap;
use std::ops::Range;
use watchfire_model::Problem;

/// Multiparts in multiparts.
const DEEPEST: usize = 100;
/// Parts of one mail.
const MOST: usize = 10_000;

/// A part of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The multipart that it is in, by its place in the list.
    pub parent: Option<usize>,
    /// Multiparts around it.
    pub depth: usize,
    /// The declared type, or the one that holds where none is declared.
    pub content_type: Parametrised,
    /// `inline`, `attachment`, and the parameters of that.
    pub disposition: Parametrised,
    /// How its bytes travelled.
    pub transfer: Transfer,
    /// Its `Content-ID`, without the brackets.
    pub content_id: Option<String>,
    /// The file name that programs show.
    pub name: Option<String>,
    /// Another file name, where it carries two that differ.
    pub other_name: Option<String>,
    /// Another type that it declares, or another place where its parts begin.
    pub other_type: Option<String>,
    /// Whether its parts are listed after it.
    pub is_multipart: bool,
    /// Where its header stands in the mail.
    pub header: Range<usize>,
    /// Where its body stands in the mail.
    pub body: Range<usize>,
}

impl Part {
    /// The declared type, `text/html`.
    pub fn media_type(&self) -> &str {
        &self.content_type.value
    }

    /// Its bytes.
    pub fn content<'a>(&self, mail: &'a [u8]) -> Content<'a> {
        decode(mail.get(self.body.clone()).unwrap_or_default(), self.transfer)
    }

    /// Whether a reader is shown it as the text of the mail.
    pub fn is_body(&self) -> bool {
        matches!(self.media_type(), "text/plain" | "text/html") && self.disposition.value != "attachment"
    }
}

/// The parts of a mail, each multipart before its parts, and what is wrong with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The first is the mail itself.
    pub list: Vec<Part>,
    /// What is not as it should be.
    pub problems: Vec<Problem>,
}

/// Finds the parts of `mail`, whose header is `fields`.
pub fn parts(mail: &[u8], fields: &Fields<'_>) -> Parts {
    let body = usize::try_from(fields.body_start).unwrap_or(usize::MAX).min(mail.len());
    let mut reader = Reader {
        mail,
        parts: Parts::default(),
        open: Vec::new(),
        boundaries: HashMap::new(),
        ended: HashMap::new(),
        leaf: None,
        full: false,
    };
    reader.part(fields, 0..body, body);
    reader.lines(body);
    reader.finish()
}

/// A multipart whose end was not met.
struct Open {
    part: usize,
    boundary: Vec<u8>,
    has_parts: bool,
}

struct Reader<'a> {
    mail: &'a [u8],
    parts: Parts,
    open: Vec<Open>,
    /// Open multiparts by their boundary, the innermost last.
    boundaries: HashMap<Vec<u8>, Vec<usize>>,
    /// Boundaries of multiparts that have ended, with the part that each was of.
    ended: HashMap<Vec<u8>, usize>,
    /// The part whose body goes on.
    leaf: Option<usize>,
    full: bool,
}

impl Reader<'_> {
    fn problem(&mut self, problem: Problem) {
        if !self.parts.problems.iter().any(|known| known.code == problem.code) {
            self.parts.problems.push(problem);
        }
    }

    /// Goes through the lines of a body that begins at `at`.
    fn lines(&mut self, mut at: usize) {
        if self.open.is_empty() {
            return;
        }
        while let Some(start) = next_dashes(self.mail, at) {
            let end = line_end(self.mail, start);
            at = end;
            let Some((level, closes)) = self.delimiter(start, end).or_else(|| self.reopened(start, end)) else {
                continue;
            };
            self.end_leaf(start);
            self.close_above(level, start);
            // Nothing follows: the delimiter was the end.
            if end >= self.mail.len() && !closes {
                if let Some(open) = self.open.last_mut() {
                    open.has_parts = true;
                }
                break;
            }
            if closes {
                self.close_above(level.saturating_sub(1), start);
                continue;
            }
            if self.parts.list.len() >= MOST {
                self.full = true;
                let why = format!("the mail has more than {MOST} parts; the rest was not read");
                self.problem(Problem::warning("mail-too-many-parts", why));
                return;
            }
            if let Some(open) = self.open.last_mut() {
                open.has_parts = true;
            }
            at = self.header(end);
        }
    }

    /// Which open multipart the line belongs to (counted from 1), and whether it ends it.
    fn delimiter(&self, start: usize, end: usize) -> Option<(usize, bool)> {
        let line = self.mail.get(start..end)?.trim_ascii_end().strip_prefix(b"--")?;
        let level = |boundary: &[u8]| self.boundaries.get(boundary).and_then(|levels| levels.last().copied());
        if let Some(level) = level(line) {
            return Some((level, false));
        }
        let closing = line.strip_suffix(b"--")?;
        level(closing).map(|level| (level, true))
    }

    /// The same for a multipart that has ended already: what stands behind its end is read by some programs and not by others.
    fn reopened(&mut self, start: usize, end: usize) -> Option<(usize, bool)> {
        let line = self.mail.get(start..end)?.trim_ascii_end().strip_prefix(b"--")?;
        let part = *self.ended.get(line)?;
        let depth = self.parts.list.get(part)?.depth;
        if self.open.len() != depth {
            return None;
        }
        self.end_leaf(start);
        let why = "parts stand behind the end of all parts; some programs show them";
        self.problem(Problem::warning("mail-parts-behind-end", why));
        self.open.push(Open {
            part,
            boundary: line.to_vec(),
            has_parts: true,
        });
        let level = self.open.len();
        self.boundaries.entry(line.to_vec()).or_default().push(level);
        Some((level, false))
    }

    /// Reads the header of a part that begins at `start`. Where its body begins.
    fn header(&mut self, start: usize) -> usize {
        let mut at = start;
        let body = loop {
            if at >= self.mail.len() {
                break at;
            }
            let end = line_end(self.mail, at);
            let line = self.mail.get(at..end).unwrap_or_default();
            if matches!(line, b"\n" | b"\r\n") {
                break end;
            }
            // A delimiter where a header should be: the part has no body.
            if line.starts_with(b"--") && self.delimiter(at, end).is_some() {
                break at;
            }
            at = end;
        };
        let header = self.mail.get(start..body).unwrap_or_default();
        let fields = split(header);
        let end = start + usize::try_from(fields.body_start).unwrap_or_default();
        // Lines that are no fields, without an empty line before them, are text already.
        let body = if fields.body.is_empty() { body } else { end.min(body) };
        self.part(&fields, start..body, body);
        body
    }

    /// Adds a part whose header is `fields`.
    fn part(&mut self, fields: &Fields<'_>, header: Range<usize>, body: usize) {
        let parent = self.open.last().map(|open| open.part);
        let in_digest = parent.and_then(|parent| self.parts.list.get(parent));
        let in_digest = in_digest.is_some_and(|parent| parent.media_type() == "multipart/digest");
        let mut part = Part {
            parent,
            depth: self.open.len(),
            header,
            body: body..self.mail.len(),
            ..describe(fields, in_digest)
        };
        if fields.named("Content-Type").count() > 1 {
            let why = "a part declares several types; programs differ in which they take";
            self.problem(Problem::note("mail-several-types", why));
        }
        let boundary = part
            .content_type
            .get("boundary")
            .map(|boundary| boundary.trim_end().as_bytes().to_vec());
        let is_multipart = part.media_type().starts_with("multipart/");
        let index = self.parts.list.len();
        match boundary.filter(|boundary| is_multipart && !boundary.is_empty()) {
            Some(boundary) if self.open.len() < DEEPEST => {
                part.is_multipart = true;
                self.open.push(Open {
                    part: index,
                    boundary: boundary.clone(),
                    has_parts: false,
                });
                self.boundaries.entry(boundary).or_default().push(self.open.len());
                self.leaf = None;
            }
            Some(_) => {
                let why = format!("parts are nested deeper than {DEEPEST}; below that they were read as one text");
                self.problem(Problem::warning("mail-too-deep", why));
                self.leaf = Some(index);
            }
            None => {
                if is_multipart {
                    let why = "a part says that it has parts and not where they begin; it was read as text";
                    self.problem(Problem::warning("mail-no-boundary", why));
                    part.content_type.value = "text/plain".to_owned();
                }
                self.leaf = Some(index);
            }
        }
        self.parts.list.push(part);
    }

    /// The part whose body went on ends before the delimiter at `at`.
    fn end_leaf(&mut self, at: usize) {
        let end = before_line_break(self.mail, at);
        if let Some(leaf) = self.leaf.take().and_then(|leaf| self.parts.list.get_mut(leaf)) {
            leaf.body.end = end.max(leaf.body.start);
        }
    }

    /// Ends the multiparts inside of the one at `level`; at level 0, all.
    fn close_above(&mut self, level: usize, at: usize) {
        while self.open.len() > level {
            let Some(open) = self.open.pop() else { return };
            if let Some(levels) = self.boundaries.get_mut(&open.boundary) {
                levels.pop();
                if levels.is_empty() {
                    self.boundaries.remove(&open.boundary);
                }
            }
            self.ended.insert(open.boundary.clone(), open.part);
            let Some(part) = self.parts.list.get_mut(open.part) else {
                continue;
            };
            part.body.end = before_line_break(self.mail, at).max(part.body.start);
            if !open.has_parts {
                part.is_multipart = false;
                part.content_type.value = "text/plain".to_owned();
                let why = "a part says that it has parts, and none is there; it was read as text";
                self.problem(Problem::warning("mail-no-parts", why));
            }
        }
    }

    fn finish(mut self) -> Parts {
        if !self.open.is_empty() && !self.full {
            let why = "the end of a part is missing: the mail was cut, or it is made to be read differently by different programs";
            self.problem(Problem::note("mail-unended-part", why));
        }
        self.leaf = None;
        let end = self.mail.len();
        self.close_above(0, end);
        self.parts
    }
}

/// Types of one part that are looked at besides the one that is taken.
const OTHER_TYPES: usize = 8;

/// What a part says about itself.
fn describe(fields: &Fields<'_>, in_digest: bool) -> Part {
    let value = |name: &'static str| fields.named(name).next().map(|field| field.value);
    // Of several, the last: programs differ, and most that were looked at take it.
    let mut types = fields.named("Content-Type").map(|field| field.value);
    let mut content_type = types.next_back().map(Parametrised::parse).unwrap_or_default();
    let other_type = types.take(OTHER_TYPES).map(Parametrised::parse).find(|other| {
        let differs = other.value != content_type.value || other.get("boundary") != content_type.get("boundary");
        differs && other.value.contains('/')
    });
    let other_type = other_type.map(|other| other.value);
    if !content_type.value.contains('/') {
        content_type.value = match content_type.value.as_str() {
            "html" | "text" if content_type.value == "html" => "text/html",
            _ if in_digest => "message/rfc822",
            _ => "text/plain",
        }
        .to_owned();
    }
    let disposition = value("Content-Disposition")
        .map(Parametrised::parse)
        .unwrap_or_default();
    let clean = |name: &str| -> Option<String> {
        let name: String = name.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')).collect();
        (!name.trim().is_empty()).then(|| name.trim().to_owned())
    };
    let names: Vec<String> = [
        disposition.get("filename"),
        content_type.get("name"),
        disposition.get("name"),
    ]
    .into_iter()
    .flatten()
    .filter_map(clean)
    .collect();
    let name = names.first().cloned();
    let other_name = names.into_iter().find(|other| Some(other) != name.as_ref());
    Part {
        transfer: value("Content-Transfer-Encoding")
            .map(|value| Transfer::parse(&String::from_utf8_lossy(value)))
            .unwrap_or_default(),
        content_id: value("Content-ID")
            .map(word::text)
            .map(|id| id.trim_matches(['<', '>']).to_owned()),
        name,
        other_name,
        other_type,
        content_type,
        disposition,
        ..Part::default()
    }
}

/// Where the next line begins that starts with two dashes, from the line start `at` on.
fn next_dashes(mail: &[u8], at: usize) -> Option<usize> {
    if mail.get(at..)?.starts_with(b"--") {
        return Some(at);
    }
    memchr::memmem::find(mail.get(at..)?, b"\n--").map(|found| at + found + 1)
}

/// Where the line that begins at `start` ends, its line break included.
fn line_end(mail: &[u8], start: usize) -> usize {
    let rest = mail.get(start..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(mail.len(), |end| start + end + 1)
}

/// The line break before a delimiter belongs to the delimiter.
fn before_line_break(mail: &[u8], at: usize) -> usize {
    let before = mail.get(..at).unwrap_or_default();
    let before = before
        .strip_suffix(b"\n")
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    before.map_or(at, <[u8]>::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts as `depth type name body`, and the codes of problems.
    #[track_caller]
    fn check(mail: &str, expected: &[&str], problems: &[&str]) {
        let fields = split(mail.as_bytes());
        let parts = parts(mail.as_bytes(), &fields);
        let listed: Vec<String> = parts
            .list
            .iter()
            .map(|part| {
                let body = part.content(mail.as_bytes()).bytes;
                let body = if part.is_multipart {
                    "…".into()
                } else {
                    String::from_utf8_lossy(&body)
                };
                format!(
                    "{} {} {} {body}",
                    part.depth,
                    part.media_type(),
                    part.name.as_deref().unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(listed, expected);
        assert_eq!(
            parts.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
            problems
        );
    }

    #[test]
    fn a_mail_without_parts_is_its_own_part() {
        check("Subject: x\r\n\r\nhello\r\n", &["0 text/plain - hello\r\n"], &[]);
        check("", &["0 text/plain - "], &[]);
    }

    #[test]
    fn parts_are_found_in_parts() {
        let mail = "Content-Type: multipart/mixed; boundary=A\r\n\r\npreamble\r\n--A\r\nContent-Type: \
                    multipart/alternative; boundary=\"A B\"\r\n\r\n--A B\r\n\r\nplain\r\n--A B  \r\nContent-Type: \
                    text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<b>=3D</b>\r\n--A B--\r\n\r\n--A\r\nContent-Type: \
                    application/zip; name=x.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nSGk=\r\n--A--\r\nepilogue";
        check(
            mail,
            &[
                "0 multipart/mixed - …",
                "1 multipart/alternative - …",
                "2 text/plain - plain",
                "2 text/html - <b>=</b>",
                "1 application/zip x.zip Hi",
            ],
            &[],
        );
    }

    #[test]
    fn what_is_cut_or_wrong_is_read_as_far_as_it_goes() {
        check(
            "Content-Type: multipart/mixed; boundary=A\n\n--A\n\none\n--A\nContent-Type: text/html",
            &["0 multipart/mixed - …", "1 text/plain - one", "1 text/html - "],
            &["mail-unended-part"],
        );
        check(
            "Content-Type: multipart/mixed; boundary=A\n\nno part at all",
            &["0 text/plain - no part at all"],
            &["mail-unended-part", "mail-no-parts"],
        );
        check(
            "Content-Type: multipart/mixed\n\ntext",
            &["0 text/plain - text"],
            &["mail-no-boundary"],
        );
        // The outer delimiter ends what is open inside.
        check(
            "Content-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: multipart/x; boundary=B\n\n--B\n\nin\n--A\n\nout\n--A--\n",
            &[
                "0 multipart/mixed - …",
                "1 multipart/x - …",
                "2 text/plain - in",
                "1 text/plain - out",
            ],
            &[],
        );
        check(
            "Content-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: text/html\n--A--\n",
            &["0 multipart/mixed - …", "1 text/html - "],
            &[],
        );
    }

    #[test]
    fn what_stands_behind_the_end_is_read_too() {
        check(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\nepilogue\n--b\nContent-Type: text/html\n\ntwo\n--b--\n",
            &["0 multipart/mixed - …", "1 text/plain - one", "1 text/html - two"],
            &["mail-parts-behind-end"],
        );
    }

    #[test]
    fn nesting_without_end_is_bounded() {
        let mut mail = String::new();
        for level in 0..10_000 {
            mail.push_str(&format!(
                "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
            ));
        }
        let fields = split(mail.as_bytes());
        let found = parts(mail.as_bytes(), &fields);
        assert_eq!(found.list.len(), DEEPEST + 1);
        assert!(found.problems.iter().any(|problem| problem.code == "mail-too-deep"));
    }

    #[test]
    fn parts_without_end_are_bounded() {
        let mail = format!(
            "Content-Type: multipart/mixed; boundary=A\n\n{}",
            "--A\n\nx\n".repeat(MOST + 5)
        );
        let found = parts(mail.as_bytes(), &split(mail.as_bytes()));
        assert_eq!(found.list.len(), MOST);
        assert_eq!(found.problems.len(), 1);
    }
}
