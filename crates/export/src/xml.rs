//! Text in XML 1.0.

use std::borrow::Cow;

/// Whether XML can hold every character of it (section 2.2): no control but tab and ends of lines.
pub(crate) fn holds(text: &str) -> bool {
    text.chars().all(is_character)
}

const fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// Text between tags or in an attribute. What XML cannot hold is U+FFFD.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            c if is_character(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_xml_means_nothing_any_more() {
        assert_eq!(
            escaped("a<b>&\"'\n\0\u{fffe}é"),
            "a&lt;b&gt;&amp;&quot;&#39;&#10;\u{fffd}\u{fffd}é"
        );
        assert!(holds("é\n") && !holds("\u{1b}") && !holds("\u{ffff}"));
    }
}
