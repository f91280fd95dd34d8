//! XML as documents carry it, piece by piece (XML 1.0, fifth edition), forgiving and linear.
//!
//! Names lose their prefix: parts are told apart by where they stand. Document types are skipped and entities other than
//! the five predefined are left as written, so that there is nothing to expand.

use memchr::{memchr, memmem};
use std::borrow::Cow;

/// A piece of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// A start tag; its attributes are asked of the reader. For `<x/>` an end follows.
    Start(&'a str),
    /// An end tag.
    End(&'a str),
    /// Text, references replaced.
    Text(Cow<'a, str>),
}

/// Walks over a part; every call moves forward.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    source: &'a str,
    at: usize,
    /// What stands in the start tag after its name.
    attributes: &'a str,
    /// The element that `/>` ends.
    pending_end: Option<&'a str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            at: 0,
            attributes: "",
            pending_end: None,
        }
    }

    pub(super) fn next(&mut self) -> Option<Event<'a>> {
        if let Some(name) = self.pending_end.take() {
            return Some(Event::End(name));
        }
        loop {
            let rest = self.source.get(self.at..).filter(|rest| !rest.is_empty())?;
            let Some(markup) = rest.strip_prefix('<') else {
                let length = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
                self.at += length;
                return Some(Event::Text(unescape(rest.get(..length)?)));
            };
            if let Some(comment) = markup.strip_prefix("!--") {
                self.skip(rest.len() - comment.len(), comment, "-->");
            } else if let Some(text) = markup.strip_prefix("![CDATA[") {
                let length = memmem::find(text.as_bytes(), b"]]>").unwrap_or(text.len());
                self.skip(rest.len() - text.len(), text, "]]>");
                return Some(Event::Text(Cow::Borrowed(text.get(..length)?)));
            } else if let Some(body) = markup.strip_prefix("!DOCTYPE") {
                let end = memchr(b'>', body.as_bytes()).unwrap_or(body.len());
                let subset = body.get(..end).is_some_and(|head| head.contains('['));
                self.skip(rest.len() - body.len(), body, if subset { "]>" } else { ">" });
            } else if let Some(body) = markup.strip_prefix(['!', '?']) {
                self.skip(rest.len() - body.len(), body, ">");
            } else if let Some(end) = markup.strip_prefix('/') {
                let name = end.split(['>', ' ', '\t', '\r', '\n']).next().unwrap_or_default();
                self.skip(rest.len() - end.len(), end, ">");
                return Some(Event::End(local(name)));
            } else {
                return Some(self.start(markup));
            }
        }
    }

    fn start(&mut self, markup: &'a str) -> Event<'a> {
        let length = tag_length(markup.as_bytes());
        self.at += 1 + (length + 1).min(markup.len());
        let tag = markup.get(..length).unwrap_or_default();
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name_length = tag.find([' ', '\t', '\r', '\n', '/']).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at_checked(name_length).unwrap_or((tag, ""));
        self.attributes = attributes;
        let name = local(name);
        self.pending_end = is_empty.then_some(name);
        Event::Start(name)
    }

    fn skip(&mut self, before: usize, body: &str, end: &str) {
        let length = memmem::find(body.as_bytes(), end.as_bytes()).map_or(body.len(), |at| at + end.len());
        self.at += before + length;
    }

    /// The attribute of this local name in the last start tag, whatever its prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes()
            .find(|(found, _)| local(found) == name)
            .map(|(_, value)| unescape(value))
    }

    /// The same, of those that have a prefix: `r:id` beside `id`.
    pub(super) fn prefixed(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut prefixed = self.attributes().filter(|(found, _)| found.contains(':'));
        prefixed
            .find(|(found, _)| local(found) == name)
            .map(|(_, value)| unescape(value))
    }

    fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (name, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, after) = after.get(1..)?.split_once(quote)?;
            rest = after;
            Some((name.trim(), value))
        })
    }

    /// Skips to the end of the element that was just started.
    pub(super) fn skip_element(&mut self) {
        let mut depth = 1_u64;
        while depth > 0 {
            match self.next() {
                Some(Event::Start(_)) => depth += 1,
                Some(Event::End(_)) => depth -= 1,
                Some(Event::Text(_)) => {}
                None => return,
            }
        }
    }
}

/// The length of a tag up to its `>`, which may stand in quotes.
fn tag_length(tag: &[u8]) -> usize {
    let mut quote = None;
    for (at, byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Replaces the predefined and numeric references.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        let (before, reference) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        // The longest that means anything is `&#x10FFFF;`.
        let end = reference.bytes().take(12).position(|byte| byte == b';');
        let decoded = end.and_then(|end| Some((decode(reference.get(1..end)?)?, end + 1)));
        let (c, length) = decoded.unwrap_or(('&', 1));
        out.push(c);
        rest = reference.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn decode(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let value = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            value.ok().and_then(char::from_u32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let mut reader = Reader::new(source);
        let mut out = String::new();
        while let Some(event) = reader.next() {
            match event {
                Event::Start(name) => {
                    out.push_str(&format!("<{name}"));
                    for (name, value) in reader.attributes() {
                        out.push_str(&format!(" {name}={}", unescape(value)));
                    }
                    out.push('>');
                }
                Event::End(name) => out.push_str(&format!("</{name}>")),
                Event::Text(text) => out.push_str(&text),
            }
        }
        assert_eq!(out, expected, "{source}");
    }

    #[test]
    fn elements_and_text() {
        check(
            "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e 'boom'>]><w:p r:id = \"1>2\" b='&lt;'/><!-- <c> --><d>&amp;&#65;&e;<![CDATA[<&]]></d >",
            "<p r:id=1>2 b=<></p><d>&A&e;<&</d>",
        );
    }

    #[test]
    fn damage_ends() {
        check("<a", "<a>");
        check("<a b='", "<a>");
        check("</a", "</a>");
        check("<!-- x", "");
        check("<![CDATA[x", "x");
        check("a & b &#xFFFFFFFF; &", "a & b &#xFFFFFFFF; &");
        check(&"<".repeat(1000), &format!("<{}>", "<".repeat(999)));
    }

    #[test]
    fn prefixed_attributes_are_told_apart() {
        let mut reader = Reader::new("<p:sldId id='256' r:id='rId2'/>");
        let _ = reader.next();
        assert_eq!(
            (reader.attribute("id").as_deref(), reader.prefixed("id").as_deref()),
            (Some("256"), Some("rId2"))
        );
    }
}
