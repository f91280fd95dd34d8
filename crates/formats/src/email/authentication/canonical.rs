//! Canonical forms of header and body (RFC 6376, section 3.4), over which signatures are made.
//!
//! Mail that was kept with bare line feeds is read as if it had travelled with CRLF. The body is hashed once for each form
//! and length that signatures ask for.

use super::super::field::{Field, Fields};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;

/// How much a mail may change on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// Not at all.
    Simple,
    /// In its blanks and in the case of names.
    Relaxed,
}

impl Form {
    /// `simple` or `relaxed`.
    pub(crate) fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"simple" => Some(Self::Simple),
            b"relaxed" => Some(Self::Relaxed),
            _ => None,
        }
    }
}

/// Appends a field, without the end of its last line.
pub(crate) fn header(form: Form, field: &Field<'_>, out: &mut Vec<u8>) {
    header_without(form, field, 0..0, out);
}

/// Appends a field, leaving out a part of its value.
pub(crate) fn header_without(form: Form, field: &Field<'_>, left_out: Range<usize>, out: &mut Vec<u8>) {
    let before = field.value.get(..left_out.start).unwrap_or_default();
    let after = field.value.get(left_out.end..).unwrap_or_default();
    match form {
        Form::Simple => {
            let name = field.raw.len().saturating_sub(field.value.len());
            out.extend_from_slice(field.raw.get(..name).unwrap_or_default());
            with_line_ends(before, after, out);
        }
        Form::Relaxed => {
            out.extend(field.name.iter().map(u8::to_ascii_lowercase));
            out.push(b':');
            let start = out.len();
            for byte in before.iter().chain(after) {
                match byte {
                    b'\r' | b'\n' => {}
                    b' ' | b'\t' => {
                        if out.len() > start && out.last() != Some(&b' ') {
                            out.push(b' ');
                        }
                    }
                    _ => out.push(*byte),
                }
            }
            if out.len() > start && out.last() == Some(&b' ') {
                out.pop();
            }
        }
    }
}

/// Appends text with CRLF for every line end.
fn with_line_ends(before: &[u8], after: &[u8], out: &mut Vec<u8>) {
    for byte in before.iter().chain(after) {
        if *byte == b'\n' && out.last() != Some(&b'\r') {
            out.push(b'\r');
        }
        out.push(*byte);
    }
}

/// Which fields have which name, so that signatures can take them from the bottom up (section 5.4.2).
#[derive(Debug)]
pub(crate) struct Index<'f, 'a> {
    fields: &'f Fields<'a>,
    by_name: BTreeMap<Vec<u8>, Vec<usize>>,
}

impl<'f, 'a> Index<'f, 'a> {
    pub(crate) fn new(fields: &'f Fields<'a>) -> Self {
        let mut by_name: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        for (number, field) in fields.fields.iter().enumerate() {
            by_name.entry(field.name.to_ascii_lowercase()).or_default().push(number);
        }
        Self { fields, by_name }
    }

    /// Appends the fields of these names, each from the bottom up, with CRLF. A name without a field left adds nothing.
    /// The field `own` is the signature itself.
    pub(crate) fn signed(&self, form: Form, names: &[Vec<u8>], own: &Field<'_>, out: &mut Vec<u8>) {
        let mut left: BTreeMap<&[u8], usize> = BTreeMap::new();
        for name in names {
            let Some(numbers) = self.by_name.get(name) else {
                continue;
            };
            let left = left.entry(name).or_insert(numbers.len());
            while let Some(next) = left.checked_sub(1) {
                *left = next;
                let field = numbers.get(next).and_then(|number| self.fields.fields.get(*number));
                if let Some(field) = field.filter(|field| field.span != own.span) {
                    header(form, field, out);
                    out.extend_from_slice(b"\r\n");
                    break;
                }
            }
        }
    }
}

/// The digest of a body, or of its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyHash {
    pub(crate) sha256: [u8; 32],
    /// Bytes of the whole body in this form.
    pub(crate) length: u64,
}

/// A body and what was hashed of it.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    bytes: &'a [u8],
    hashed: BTreeMap<(Form, Option<u64>), BodyHash>,
}

impl<'a> Body<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            hashed: BTreeMap::new(),
        }
    }

    /// The digest of the body's first `limit` bytes in this form, or of all of it.
    pub(crate) fn hash(&mut self, form: Form, limit: Option<u64>) -> BodyHash {
        let bytes = self.bytes;
        *self.hashed.entry((form, limit)).or_insert_with(|| {
            let mut sha256 = Sha256::new();
            let mut length = 0_u64;
            let mut left = limit.unwrap_or(u64::MAX);
            body(form, bytes, &mut |piece| {
                length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
                let taken = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
                sha256.update(piece.get(..taken).unwrap_or_default());
                left = left.saturating_sub(u64::try_from(taken).unwrap_or(u64::MAX));
            });
            BodyHash {
                sha256: sha256.finalize().into(),
                length,
            }
        })
    }
}

/// Hands over a body in its canonical form, piece by piece (sections 3.4.3 and 3.4.4).
pub(crate) fn body(form: Form, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
    let mut empty = 0_usize;
    let mut wrote = false;
    let mut rest = bytes;
    let mut relaxed = Vec::new();
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest);
        let (line, next) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, &[]));
        rest = next.get(1..).unwrap_or_default();
        let line = match end {
            Some(_) => line.strip_suffix(b"\r").unwrap_or(line),
            None => line,
        };
        let line = match form {
            Form::Simple => line,
            Form::Relaxed => {
                relax(line, &mut relaxed);
                relaxed.as_slice()
            }
        };
        if line.is_empty() {
            empty = empty.saturating_add(1);
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            out(b"\r\n");
        }
        out(line);
        out(b"\r\n");
        wrote = true;
    }
    // An empty body is one line end in the simple form, and nothing in the relaxed one.
    if !wrote && form == Form::Simple {
        out(b"\r\n");
    }
}

/// A line with one space for each run of blanks, and none at its end.
fn relax(line: &[u8], out: &mut Vec<u8>) {
    out.clear();
    for byte in line {
        match byte {
            b' ' | b'\t' => {
                if out.last() != Some(&b' ') {
                    out.push(b' ');
                }
            }
            _ => out.push(*byte),
        }
    }
    if out.last() == Some(&b' ') {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::field::split;
    use super::*;

    fn check(form: Form, mail: &str, expected_header: &str, expected_body: &str) {
        let fields = split(mail.as_bytes());
        let mut found = Vec::new();
        for field in &fields.fields {
            header(form, field, &mut found);
            found.extend_from_slice(b"\r\n");
        }
        assert_eq!(String::from_utf8_lossy(&found), expected_header, "{mail:?}");
        let mut found = Vec::new();
        body(form, fields.body, &mut |piece| found.extend_from_slice(piece));
        assert_eq!(String::from_utf8_lossy(&found), expected_body, "{mail:?}");
        let hash = Body::new(fields.body).hash(form, None);
        assert_eq!(hash.length, found.len() as u64);
    }

    /// The examples of section 3.4.5.
    #[test]
    fn the_examples_of_the_standard_hold() {
        let mail = "A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
        check(Form::Relaxed, mail, "a:X\r\nb:Y Z\r\n", " C\r\nD E\r\n");
        check(Form::Simple, mail, "A: X\r\nB : Y\t\r\n\tZ  \r\n", " C \r\nD \t E\r\n");
    }

    #[test]
    fn ends_of_lines_and_bodies_do_not_matter() {
        check(Form::Simple, "A: X\n y\n\nC", "A: X\r\n y\r\n", "C\r\n");
        check(Form::Relaxed, "A:\n\n", "a:\r\n", "");
        check(Form::Simple, "A:\n\n", "A:\r\n", "\r\n");
        check(Form::Simple, "A:\n\n\n\n", "A:\r\n", "\r\n");
        check(Form::Relaxed, "A:\n\n \t\n\n", "a:\r\n", "");
        check(Form::Relaxed, "A:\n\na\r\n\r\nb", "a:\r\n", "a\r\n\r\nb\r\n");
    }

    #[test]
    fn a_limit_hashes_the_beginning() {
        let mut body = Body::new(b"abc\n");
        let whole = Sha256::digest(b"abc\r\n");
        assert_eq!(body.hash(Form::Simple, None).sha256, whole.as_slice());
        assert_eq!(body.hash(Form::Simple, Some(5)).sha256, whole.as_slice());
        assert_eq!(
            body.hash(Form::Simple, Some(2)).sha256,
            Sha256::digest(b"ab").as_slice()
        );
        assert_eq!(body.hash(Form::Simple, Some(0)).length, 5);
    }
}
