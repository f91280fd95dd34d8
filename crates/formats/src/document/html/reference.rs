//! Character references, named and numeric (WHATWG HTML, section 13.2.5.72 and following).

use super::entities::{LONGEST, NAMED};
use std::borrow::Cow;

/// Where a reference stands; the rules differ for those that lack a semicolon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    Text,
    Attribute,
}

/// A reference at the start of `text`, which begins with `&`: what it stands for and how many bytes it takes.
pub(super) fn at_start(text: &str, inside: Inside) -> Option<(Decoded, usize)> {
    let rest = text.strip_prefix('&')?;
    match rest.strip_prefix('#') {
        Some(number) => numeric(number).map(|(c, length)| (Decoded::Char(c), length + 2)),
        None => named(rest, inside).map(|(text, length)| (Decoded::Named(text), length + 1)),
    }
}

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    Char(char),
    Named(&'static str),
}

impl Decoded {
    pub(super) fn each(self, mut f: impl FnMut(char)) {
        match self {
            Self::Char(c) => f(c),
            Self::Named(text) => text.chars().for_each(f),
        }
    }
}

/// `text` with its references replaced.
pub(super) fn decode(text: &str, inside: Inside) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let Some((before, reference)) = rest.split_at_checked(at) else {
            break;
        };
        out.push_str(before);
        let length = match at_start(reference, inside) {
            Some((decoded, length)) => {
                decoded.each(|c| out.push(c));
                length
            }
            None => {
                out.push('&');
                1
            }
        };
        rest = reference.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn named(rest: &str, inside: Inside) -> Option<(&'static str, usize)> {
    let bytes = rest.as_bytes();
    let letters = bytes
        .iter()
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let longest = letters + usize::from(bytes.get(letters) == Some(&b';'));
    for length in (2..=longest).rev() {
        let Some(name) = rest.get(..length) else { continue };
        let Ok(found) = NAMED.binary_search_by(|(known, _)| (*known).cmp(name)) else {
            continue;
        };
        // A URL such as `?a=1&copy=2` must survive in an attribute.
        let glued = bytes
            .get(length)
            .is_some_and(|next| *next == b'=' || next.is_ascii_alphanumeric());
        if inside == Inside::Attribute && !name.ends_with(';') && glued {
            return None;
        }
        return NAMED.get(found).map(|(_, text)| (*text, length));
    }
    None
}

fn numeric(number: &str) -> Option<(char, usize)> {
    let (digits, prefix, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 1, 16),
        None => (number, 0, 10),
    };
    let count = digits
        .bytes()
        .take_while(|byte| char::from(*byte).is_digit(radix))
        .count();
    if count == 0 {
        return None;
    }
    let value = digits.chars().take(count).fold(0_u32, |value, digit| {
        value
            .saturating_mul(radix)
            .saturating_add(digit.to_digit(radix).unwrap_or(0))
    });
    let semicolon = usize::from(digits.as_bytes().get(count) == Some(&b';'));
    Some((code_point(value), prefix + count + semicolon))
}

/// Numbers of the C1 controls mean what they mean in Windows-1252.
fn code_point(value: u32) -> char {
    if let Ok(byte @ 0x80..=0x9f) = u8::try_from(value) {
        return encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(&[byte])
            .0
            .chars()
            .next()
            .unwrap_or('\u{FFFD}');
    }
    match value {
        0 => '\u{FFFD}',
        _ => char::from_u32(value).unwrap_or('\u{FFFD}'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(decode(text, Inside::Text), expected, "{text}");
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(NAMED.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn references_with_and_without_semicolon() {
        check("a&amp;b &ampc &lt&gt &nope; & &#", "a&b &c <> &nope; & &#");
        check("&notit; &notin;", "¬it; ∉");
    }

    #[test]
    fn punctuation_that_hides_urls() {
        check(
            "hxxp&colon;&sol;&sol;evil&period;example&#47;a&#x2F;b",
            "hxxp://evil.example/a/b",
        );
        check("&#104;&#x74&#116p", "http");
    }

    #[test]
    fn numbers_out_of_range_are_replaced() {
        check("&#0;&#xD800;&#99999999999999;&#x80;", "\u{FFFD}\u{FFFD}\u{FFFD}€");
    }

    #[test]
    fn query_strings_survive_in_attributes() {
        assert_eq!(
            decode("?a=1&copy=2&amp;lt=3&reg", Inside::Attribute),
            "?a=1&copy=2&lt=3®"
        );
    }
}
