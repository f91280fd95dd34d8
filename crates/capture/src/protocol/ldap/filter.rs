//! Filters of searches as text (RFC 4511 4.5.1.7, RFC 4515). They are gone through without calling oneself: whatever is
//! around what is written stands in a list of a bounded length.

use super::super::der::{Elements, elements};
use super::request::{HIDDEN, is_password};
use std::fmt::Write;

/// Filters around one another.
const DEEPEST: usize = 32;
/// Characters of the text.
const LONGEST: usize = 4_096;

const AND: u8 = 0xa0;
const OR: u8 = 0xa1;
const NOT: u8 = 0xa2;
const EQUAL: u8 = 0xa3;
const SUBSTRINGS: u8 = 0xa4;
const AT_LEAST: u8 = 0xa5;
const AT_MOST: u8 = 0xa6;
const PRESENT: u8 = 0x87;
const ALIKE: u8 = 0xa8;
const EXTENSIBLE: u8 = 0xa9;

/// The text of a filter; what is cut short or too deep ends in `…`.
pub(super) fn text(tag: u8, body: &[u8]) -> String {
    let mut text = String::new();
    let mut around: Vec<Elements<'_>> = Vec::new();
    let mut next = Some((tag, body));
    loop {
        if text.len() > LONGEST {
            text.push('…');
            return text;
        }
        match next {
            Some((tag @ (AND | OR | NOT), body)) => {
                if around.len() >= DEEPEST {
                    text.push('…');
                    return text;
                }
                text.push('(');
                text.push(match tag {
                    AND => '&',
                    OR => '|',
                    _ => '!',
                });
                around.push(elements(body));
            }
            Some((tag, body)) => item(tag, body, &mut text),
            None => {
                text.push(')');
                around.pop();
            }
        }
        match around.last_mut() {
            Some(inside) => next = inside.next(),
            None => return text,
        }
    }
}

/// A filter that has no others inside.
fn item(tag: u8, body: &[u8], text: &mut String) {
    let mut parts = elements(body).map(|(_, part)| part);
    text.push('(');
    match tag {
        PRESENT => {
            escape(body, text);
            text.push_str("=*");
        }
        EQUAL | AT_LEAST | AT_MOST | ALIKE => {
            let name = parts.next().unwrap_or_default();
            escape(name, text);
            text.push_str(match tag {
                AT_LEAST => ">=",
                AT_MOST => "<=",
                ALIKE => "~=",
                _ => "=",
            });
            value(name, parts.next().unwrap_or_default(), text);
        }
        SUBSTRINGS => {
            let name = parts.next().unwrap_or_default();
            escape(name, text);
            text.push('=');
            if is_password(name) {
                text.push_str(HIDDEN);
                text.push(')');
                return;
            }
            let mut last = 0;
            for (place, part) in elements(parts.next().unwrap_or_default()) {
                // At the beginning, anywhere, and at the end.
                if place != 0x80 {
                    text.push('*');
                }
                escape(part, text);
                last = place;
                if text.len() > LONGEST {
                    return;
                }
            }
            if last != 0x82 {
                text.push('*');
            }
        }
        EXTENSIBLE => {
            let of = |wanted: u8| elements(body).find(|(tag, _)| *tag == wanted).map(|(_, part)| part);
            let name = of(0x82).unwrap_or_default();
            escape(name, text);
            if of(0x84).is_some_and(|is| is.first().is_some_and(|is| *is != 0)) {
                text.push_str(":dn");
            }
            if let Some(rule) = of(0x81) {
                text.push(':');
                escape(rule, text);
            }
            text.push_str(":=");
            value(name, of(0x83).unwrap_or_default(), text);
        }
        _ => text.push('?'),
    }
    text.push(')');
}

/// What an attribute is compared with, but for passwords.
fn value(name: &[u8], value: &[u8], text: &mut String) {
    if is_password(name) {
        text.push_str(HIDDEN);
    } else {
        escape(value, text);
    }
}

/// A text, with what has a meaning in filters or is no text as `\` and its number.
fn escape(value: &[u8], text: &mut String) {
    for chunk in value.get(..LONGEST).unwrap_or(value).utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '*' | '(' | ')' | '\\' | '\0' => {
                    let _ = write!(text, "\\{:02x}", u32::from(c));
                }
                c => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\{byte:02x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        [&[tag, body.len() as u8][..], &body].concat()
    }

    fn shown(filter: &[u8]) -> String {
        let (tag, body) = elements(filter).next().unwrap();
        text(tag, body)
    }

    #[test]
    fn filters_are_written_as_they_are_in_tools() {
        let equal = wrap(EQUAL, &[&wrap(4, &[b"cn"]), &wrap(4, &[b"a(b*"])]);
        let present = wrap(PRESENT, &[b"objectClass"]);
        let both = wrap(AND, &[&equal, &wrap(NOT, &[&present])]);
        assert_eq!(shown(&both), r"(&(cn=a\28b\2a)(!(objectClass=*)))");
        let rule = wrap(
            EXTENSIBLE,
            &[
                &wrap(0x81, &[b"1.2.840.113556.1.4.803"]),
                &wrap(0x82, &[b"userAccountControl"]),
                &wrap(0x83, &[b"4194304"]),
            ],
        );
        assert_eq!(shown(&rule), "(userAccountControl:1.2.840.113556.1.4.803:=4194304)");
        let places = wrap(
            0x30,
            &[&wrap(0x80, &[b"a"]), &wrap(0x81, &[b"b"]), &wrap(0x82, &[b"c"])],
        );
        assert_eq!(shown(&wrap(SUBSTRINGS, &[&wrap(4, &[b"cn"]), &places])), "(cn=a*b*c)");
        let places = wrap(0x30, &[&wrap(0x81, &[b"b\xff"])]);
        assert_eq!(shown(&wrap(SUBSTRINGS, &[&wrap(4, &[b"cn"]), &places])), r"(cn=*b\ff*)");
    }

    #[test]
    fn filters_without_end_are_cut() {
        let deep = (0..50).fold(wrap(PRESENT, &[b"a"]), |inner, _| wrap(NOT, &[&inner]));
        assert!(shown(&deep).ends_with('…'));
        assert!(shown(&wrap(AND, &[&[PRESENT, 200]])).ends_with("(&)"));
    }
}
