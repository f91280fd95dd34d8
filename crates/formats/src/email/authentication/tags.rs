//! Lists of tags, `name=value; …` (RFC 6376, section 3.2): signatures, keys, policies.

use std::ops::Range;

/// Most tags of one list.
const MOST: usize = 64;

/// A list of tags, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tags<'a> {
    list: Vec<Tag<'a>>,
}

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a [u8],
    /// Its value without blanks around it.
    pub(crate) value: &'a [u8],
    /// Everything between `=` and `;`, in the text.
    pub(crate) between: Range<usize>,
}

/// Whether a byte is a blank, folding included.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// A text without blanks around it.
pub(crate) fn trimmed(mut text: &[u8]) -> &[u8] {
    while let Some((first, rest)) = text.split_first().filter(|(first, _)| is_blank(**first)) {
        let _blank = first;
        text = rest;
    }
    while let Some((last, rest)) = text.split_last().filter(|(last, _)| is_blank(**last)) {
        let _blank = last;
        text = rest;
    }
    text
}

/// The number that a text of digits writes; the largest where it does not fit.
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().fold(0_u64, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit.wrapping_sub(b'0')))
    }))
}

impl<'a> Tags<'a> {
    /// Reads a list. Nothing where it is not in order: a name twice, an empty tag that is not the last.
    pub(crate) fn read(text: &'a [u8]) -> Option<Self> {
        let mut tags = Self::default();
        let mut start = 0;
        while start < text.len() {
            let rest = text.get(start..)?;
            let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
            let piece = rest.get(..end)?;
            let next = start.saturating_add(end).saturating_add(1);
            if trimmed(piece).is_empty() {
                let is_last = next >= text.len() && !tags.list.is_empty();
                return is_last.then_some(tags);
            }
            tags.push(piece, start)?;
            start = next;
        }
        (!tags.list.is_empty()).then_some(tags)
    }

    fn push(&mut self, piece: &'a [u8], start: usize) -> Option<()> {
        let equals = memchr::memchr(b'=', piece)?;
        let name = trimmed(piece.get(..equals)?);
        let is_name = name.first().is_some_and(u8::is_ascii_alphabetic)
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if !is_name || self.list.len() >= MOST || self.tag(name).is_some() {
            return None;
        }
        let value_start = equals.saturating_add(1);
        self.list.push(Tag {
            name,
            value: trimmed(piece.get(value_start..)?),
            between: start.saturating_add(value_start)..start.saturating_add(piece.len()),
        });
        Some(())
    }

    /// The tag of this name, which has a case.
    pub(crate) fn tag(&self, name: &[u8]) -> Option<&Tag<'a>> {
        self.list.iter().find(|tag| tag.name == name)
    }

    /// The value of a tag.
    pub(crate) fn value(&self, name: &str) -> Option<&'a [u8]> {
        self.tag(name.as_bytes()).map(|tag| tag.value)
    }

    /// The tags in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Tag<'a>> {
        self.list.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[(&str, &str)]>) {
        let read = Tags::read(text.as_bytes());
        let listed = read.as_ref().map(|tags| {
            let pair = |tag: &Tag<'_>| {
                assert_eq!(trimmed(&text.as_bytes()[tag.between.clone()]), tag.value);
                (
                    String::from_utf8_lossy(tag.name).into_owned(),
                    String::from_utf8_lossy(tag.value).into_owned(),
                )
            };
            tags.iter().map(pair).collect::<Vec<_>>()
        });
        let expected = expected.map(|tags| {
            let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            tags.iter().map(own).collect::<Vec<_>>()
        });
        assert_eq!(listed, expected, "{text:?}");
    }

    #[test]
    fn lists_are_read_whole_or_not_at_all() {
        check("a=1", Some(&[("a", "1")]));
        check(" a = 1 ;\r\n b=; ", Some(&[("a", "1"), ("b", "")]));
        check("a=b=c;", Some(&[("a", "b=c")]));
        check("A=1;a=2", Some(&[("A", "1"), ("a", "2")]));
        for wrong in ["", " ", ";", "a", "a=1;;b=2", "a=1;a=2", "=1", "1=1", "a b=1"] {
            check(wrong, None);
        }
        check(&"a=1;".repeat(2), None);
    }

    #[test]
    fn numbers_never_overflow() {
        assert_eq!(number(b"12"), Some(12));
        assert_eq!(number(b"99999999999999999999999"), Some(u64::MAX));
        assert_eq!(number(b""), None);
        assert_eq!(number(b"1 2"), None);
    }
}
