//! HTML to tags and text, the way browsers do it (WHATWG HTML, section 13.2.5), in one pass.
//!
//! Nothing is an error: what browsers would drop (comments, instructions, an unfinished tag at the end) is a remark. Only
//! document types of ordinary length are left out. Script data escapes (`<!--` inside `<script>`) are not followed; the
//! element ends at its first end tag.

use memchr::{memchr, memmem};

/// A piece of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text with references still in it, at an offset of the source.
    Text { at: usize, text: &'a str, kind: TextKind },
    /// A start tag; its attributes are in [`Tokenizer::attributes`]. `closed` if it ends itself, which only XHTML knows.
    Start { name: &'a str, closed: bool },
    /// An end tag.
    End { name: &'a str },
    /// What browsers drop, as it stands at an offset of the source.
    Remark { at: usize, text: &'a str },
}

/// How text is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextKind {
    /// With character references.
    Plain,
    /// As it stands (script, style, CDATA).
    Raw,
}

/// An attribute of a start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    /// As written, references included, without quotes.
    pub(super) value: &'a str,
    /// Where the value stands in the source.
    pub(super) at: usize,
}

/// Walks over a page. Each call of [`Tokenizer::next`] moves forward, so the whole is linear.
#[derive(Debug)]
pub(super) struct Tokenizer<'a> {
    source: &'a str,
    at: usize,
    attributes: Vec<Attribute<'a>>,
    /// The element whose text is not markup, and how to read it.
    raw: Option<(&'a str, TextKind)>,
    xml: bool,
}

impl<'a> Tokenizer<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        // In XHTML a CDATA section is text; in HTML it is a comment.
        let xml = source
            .trim_start_matches(['\u{FEFF}', ' ', '\n', '\r', '\t'])
            .starts_with("<?xml");
        Self {
            source,
            at: 0,
            attributes: Vec::new(),
            raw: None,
            xml,
        }
    }

    /// Walks over a piece of the same page. Offsets are those of the page.
    pub(super) fn within(&self, from: usize, to: usize) -> Self {
        Self {
            source: self.slice(0, to),
            at: from,
            attributes: Vec::new(),
            raw: None,
            xml: false,
        }
    }

    /// Attributes of the start tag that was given last.
    pub(super) fn attributes(&self) -> &[Attribute<'a>] {
        &self.attributes
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        if let Some((name, kind)) = self.raw.take() {
            let start = self.at;
            let end = self.end_of_raw(name);
            self.at = end;
            if end > start {
                return Some(Token::Text {
                    at: start,
                    text: self.slice(start, end),
                    kind,
                });
            }
        }
        while self.at < self.source.len() {
            let start = self.at;
            if self.byte(start) != Some(b'<') {
                return Some(self.text_from(start));
            }
            match self.byte(start + 1) {
                Some(b'a'..=b'z' | b'A'..=b'Z') => {
                    let tag = self.start_tag(start + 1);
                    return tag.or_else(|| self.remark(start + 1, self.source.len()));
                }
                Some(b'/') => {
                    if let Some(token) = self.end_tag(start + 2) {
                        return Some(token);
                    }
                }
                Some(b'!') => {
                    if let Some(token) = self.declaration(start + 2) {
                        return Some(token);
                    }
                }
                Some(b'?') => {
                    let end = self.find(start + 2, b'>');
                    self.skip_past(end, b'>');
                    if let Some(token) = self.remark(start + 2, end) {
                        return Some(token);
                    }
                }
                _ => return Some(self.text_from(start)),
            }
        }
        None
    }

    fn remark(&self, from: usize, to: usize) -> Option<Token<'a>> {
        let text = self.slice(from, to);
        (!text.trim().is_empty()).then_some(Token::Remark { at: from, text })
    }

    /// Text from `start` to the next `<` that is not its first character.
    fn text_from(&mut self, start: usize) -> Token<'a> {
        self.at = self.find(start + 1, b'<');
        Token::Text {
            at: start,
            text: self.slice(start, self.at),
            kind: TextKind::Plain,
        }
    }

    fn start_tag(&mut self, start: usize) -> Option<Token<'a>> {
        let name_end = self.skip_while(start, |byte| !is_space(byte) && byte != b'/' && byte != b'>');
        let name = self.slice(start, name_end);
        self.at = name_end;
        self.attributes.clear();
        loop {
            let at = self.skip_while(self.at, |byte| is_space(byte) || byte == b'/');
            self.at = at;
            match self.byte(at) {
                // An unfinished tag at the end of the page is dropped.
                None => return None,
                Some(b'>') => {
                    self.at = at + 1;
                    break;
                }
                Some(_) => self.attribute(at),
            }
        }
        let closed = self.xml && self.at.checked_sub(2).is_some_and(|at| self.byte(at) == Some(b'/'));
        if !closed {
            self.raw = raw_text(name).map(|kind| (name, kind));
        }
        Some(Token::Start { name, closed })
    }

    fn attribute(&mut self, start: usize) {
        // A leading `=` is part of the name.
        let name_end = self.skip_while(start + 1, |byte| !is_space(byte) && !matches!(byte, b'/' | b'>' | b'='));
        let name_end = self.boundary(name_end);
        let name = self.slice(start, name_end);
        let equals = self.skip_while(name_end, is_space);
        if self.byte(equals) != Some(b'=') {
            self.at = equals;
            self.attributes.push(Attribute {
                name,
                value: "",
                at: name_end,
            });
            return;
        }
        let value = self.skip_while(equals + 1, is_space);
        let (from, to, after) = match self.byte(value) {
            Some(quote @ (b'"' | b'\'')) => {
                let end = self.find(value + 1, quote);
                (value + 1, end, end + 1)
            }
            _ => {
                let end = self.skip_while(value, |byte| !is_space(byte) && byte != b'>');
                (value, end, end)
            }
        };
        self.at = after.min(self.source.len());
        self.attributes.push(Attribute {
            name,
            value: self.slice(from, to),
            at: from,
        });
    }

    fn end_tag(&mut self, start: usize) -> Option<Token<'a>> {
        if !self.byte(start).is_some_and(|byte| byte.is_ascii_alphabetic()) {
            self.skip_past(start, b'>');
            return None;
        }
        let name_end = self.skip_while(start, |byte| !is_space(byte) && byte != b'/' && byte != b'>');
        self.skip_past(name_end, b'>');
        Some(Token::End {
            name: self.slice(start, name_end),
        })
    }

    /// What begins with `<!`: comments, CDATA sections, document types.
    fn declaration(&mut self, start: usize) -> Option<Token<'a>> {
        let rest = self.slice(start, self.source.len());
        if let Some(comment) = rest.strip_prefix("--") {
            let body = start + 2;
            let (length, after) = if comment.starts_with('>') {
                (0, 1)
            } else if comment.starts_with("->") {
                (0, 2)
            } else {
                end_of_comment(comment).unwrap_or((comment.len(), comment.len()))
            };
            self.at = body + after;
            return self.remark(body, body + length);
        }
        if let Some(text) = rest.strip_prefix("[CDATA[").filter(|_| self.xml) {
            let from = start + "[CDATA[".len();
            let (length, after) = match memmem::find(text.as_bytes(), b"]]>") {
                Some(end) => (end, end + 3),
                None => (text.len(), text.len()),
            };
            self.at = from + after;
            return Some(Token::Text {
                at: from,
                text: self.slice(from, from + length),
                kind: TextKind::Raw,
            });
        }
        let end = self.find(start, b'>');
        self.skip_past(end, b'>');
        let is_type = end - start <= LONGEST_TYPE && rest.as_bytes().get(..7).is_some_and(is_doctype);
        self.remark(start, end).filter(|_| !is_type)
    }

    /// Where the end tag of the raw text element `name` begins.
    fn end_of_raw(&self, name: &str) -> usize {
        let mut at = self.at;
        while at < self.source.len() {
            at = self.find(at, b'<');
            let after = at + 2 + name.len();
            let is_end = self.byte(at + 1) == Some(b'/')
                && self
                    .source
                    .get(at + 2..after)
                    .is_some_and(|found| found.eq_ignore_ascii_case(name))
                && self
                    .byte(after)
                    .is_none_or(|byte| is_space(byte) || byte == b'/' || byte == b'>');
            if is_end {
                return at;
            }
            at += 1;
        }
        self.source.len()
    }

    fn skip_past(&mut self, from: usize, byte: u8) {
        self.at = (self.find(from, byte) + 1).min(self.source.len());
    }

    fn find(&self, from: usize, byte: u8) -> usize {
        let rest = self.source.as_bytes().get(from..).unwrap_or_default();
        memchr(byte, rest).map_or(self.source.len(), |at| from + at)
    }

    fn skip_while(&self, from: usize, keep: impl Fn(u8) -> bool) -> usize {
        let rest = self.source.as_bytes().get(from..).unwrap_or_default();
        let kept = rest.iter().position(|byte| !keep(*byte)).unwrap_or(rest.len());
        (from + kept).min(self.source.len())
    }

    /// The next character boundary at or after `at`.
    fn boundary(&self, at: usize) -> usize {
        (at..self.source.len())
            .find(|at| self.source.is_char_boundary(*at))
            .unwrap_or(self.source.len())
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.source.as_bytes().get(at).copied()
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.source.get(from..to).unwrap_or_default()
    }
}

/// The longest document type in use (XHTML 1.0 with its identifiers) has some 130 bytes.
const LONGEST_TYPE: usize = 256;

fn is_doctype(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"doctype")
}

/// Where a comment whose body starts at 0 ends, and one past its arrow.
fn end_of_comment(comment: &str) -> Option<(usize, usize)> {
    let bytes = comment.as_bytes();
    memmem::find_iter(bytes, b"--").find_map(|at| match (bytes.get(at + 2), bytes.get(at + 3)) {
        (Some(b'>'), _) => Some((at, at + 3)),
        (Some(b'!'), Some(b'>')) => Some((at, at + 4)),
        // `find_iter` does not overlap: `--->` has its arrow one byte later.
        (Some(b'-'), Some(b'>')) => Some((at + 1, at + 4)),
        _ => None,
    })
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// Elements whose text is not markup.
fn raw_text(name: &str) -> Option<TextKind> {
    let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if is(&["script", "style", "xmp", "iframe", "noembed", "noframes"]) {
        Some(TextKind::Raw)
    } else if is(&["title", "textarea"]) {
        Some(TextKind::Plain)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let mut tokenizer = Tokenizer::new(source);
        let mut out = Vec::new();
        while let Some(token) = tokenizer.next() {
            out.push(match token {
                Token::Text { at, text, .. } => {
                    assert_eq!(source.get(at..at + text.len()), Some(text));
                    format!("{text:?}")
                }
                Token::Start { name, .. } => {
                    let attributes = tokenizer
                        .attributes()
                        .iter()
                        .map(|a| format!(" {}={:?}", a.name, a.value));
                    format!("<{name}{}>", attributes.collect::<String>())
                }
                Token::End { name } => format!("</{name}>"),
                Token::Remark { at, text } => {
                    assert_eq!(source.get(at..at + text.len()), Some(text));
                    format!("#{text:?}")
                }
            });
        }
        assert_eq!(out.join(" "), expected, "{source}");
    }

    #[test]
    fn attributes_with_any_quotes_or_none() {
        check(
            "<a href=x.com/a CLASS='b c' id=\"d\" hidden =e= f=>t",
            r#"<a href="x.com/a" CLASS="b c" id="d" hidden="e=" f=""> "t""#,
        );
        check("<a/href=1/><br/>", r#"<a href="1/"> <br>"#);
        check("<p ü=é é>x", r#"<p ü="é" é=""> "x""#);
    }

    #[test]
    fn comments_and_declarations_are_remarks() {
        check(
            "<!doctype html>a<!-- <b> -->b<!-->c<!--->d<!--x--!>e<?php?>f<!x>g</>h</ i>j",
            r##""a" #" <b> " "b" "c" "d" #"x" "e" #"php?" "f" #"x" "g" "h" "j""##,
        );
        check("a<!--x--->b<!-- open", r##""a" #"x-" "b" #" open""##);
        check("<![CDATA[x]]>y", r##"#"[CDATA[x]]" "y""##);
        let long = format!("DOCTYPE {}", "x".repeat(300));
        check(&format!("<!{long}>"), &format!("#\"{long}\""));
        check("<?xml?><![CDATA[<x>]]>y", r##"#"xml?" "<x>" "y""##);
    }

    #[test]
    fn scripts_and_titles_are_raw() {
        check(
            "<script>if(a<b)'</scripty>'</SCRIPT >c",
            r#"<script> "if(a<b)'</scripty>'" </SCRIPT> "c""#,
        );
        check("<title>a<b></title>", r#"<title> "a<b>" </title>"#);
        check("<style>x", r#"<style> "x""#);
    }

    #[test]
    fn lone_angle_brackets_are_text() {
        check("1 < 2 <3 <", r#""1 " "< 2 " "<3 " "<""#);
    }

    #[test]
    fn unfinished_tags_are_remarks() {
        check("a<b c='d", r##""a" #"b c='d""##);
        check("a<b", r##""a" #"b""##);
        check("a</b", r#""a" </b>"#);
    }
}
