//! The only place that writes text into markup.
//!
//! A [`Markup`] grows from elements and attributes whose names are constants of ours, and from texts that are escaped
//! whatever they hold (HTML Living Standard, 13.3 "Serializing HTML fragments"). Characters that act on what a reader sees
//! (controls, bidirectional overrides, invisible ones) come out as `\u{…}`, as everywhere in Watchfire. There is no way to
//! write markup that somebody else made.

use crate::line;
use watchfire_model::Untrusted;

/// Names and values of attributes, as an element opens with them.
pub(crate) type Attributes<'a> = &'a [(&'static str, &'a str)];

/// A page, or a part of one, that grows.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    out: String,
}

impl Markup {
    /// Opens an element.
    pub(crate) fn open(&mut self, name: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.begin(name, attributes);
        self.out.push('>');
        self
    }

    /// An element that has no content and no end in HTML.
    pub(crate) fn void(&mut self, name: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.open(name, attributes)
    }

    /// An element of SVG without content.
    pub(crate) fn shape(&mut self, name: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.begin(name, attributes);
        self.out.push_str("/>");
        self
    }

    /// Closes the element.
    pub(crate) fn close(&mut self, name: &'static str) -> &mut Self {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        self
    }

    /// Text, escaped.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        escape(text, &mut self.out);
        self
    }

    /// Text in which somebody may have written live values: defanged and escaped.
    pub(crate) fn told(&mut self, text: &str) -> &mut Self {
        self.text(&line::prose(text))
    }

    /// An element with nothing but text in it.
    pub(crate) fn element(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) -> &mut Self {
        self.open(name, attributes).text(text).close(name)
    }

    /// The same with live values defanged.
    pub(crate) fn told_in(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) -> &mut Self {
        self.open(name, attributes).told(text).close(name)
    }

    /// Ends a line: pages are read by people, too.
    pub(crate) fn newline(&mut self) -> &mut Self {
        self.out.push('\n');
        self
    }

    /// The content of a style or script element of ours, in which nothing is escaped.
    pub(crate) fn own_code(&mut self, code: &'static str) -> &mut Self {
        self.out.push_str(code);
        self
    }

    /// JSON as the content of a script element that is data: `<` never stands in it, so that nothing ends the element and
    /// nothing begins a comment in it (HTML Living Standard, 4.12.1.3 "Restrictions for contents of script elements").
    pub(crate) fn json(&mut self, json: &str) -> &mut Self {
        for piece in json.split_inclusive('<') {
            match piece.strip_suffix('<') {
                Some(before) => {
                    self.out.push_str(before);
                    self.out.push_str("\\u003c");
                }
                None => self.out.push_str(piece),
            }
        }
        self
    }

    /// Adds another part of the page.
    pub(crate) fn add(&mut self, part: Self) -> &mut Self {
        self.out.push_str(&part.out);
        self
    }

    /// Bytes so far.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// What was written.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn begin(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape(value, &mut self.out);
            self.out.push('"');
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            ' '..='~' => out.push(letter),
            _ if Untrusted::escapes(letter) => out.extend(letter.escape_unicode()),
            _ => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut markup = Markup::default();
        markup.text(text);
        assert_eq!(markup.finish(), expected);
        let mut markup = Markup::default();
        markup.shape("a", &[("b", text)]);
        assert_eq!(markup.finish(), format!("<a b=\"{expected}\"/>"));
    }

    #[test]
    fn text_and_attributes_hold_no_markup() {
        check("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
        check("\" onload=\"x", "&quot; onload=&quot;x");
        check("a' b` &lt;", "a&#39; b&#96; &amp;lt;");
    }

    #[test]
    fn what_acts_on_a_reader_is_shown() {
        check("a\u{202e}gpj.exe", r"a\u{202e}gpj.exe");
        check("\u{1b}[2J\r\n\0", r"\u{1b}[2J\u{d}\u{a}\u{0}");
        check("Zürich 東京", "Zürich 東京");
    }

    #[test]
    fn data_ends_no_script_element() {
        let mut markup = Markup::default();
        markup.json(r#"["</script><!--","<<"]"#);
        let json = markup.finish();
        assert_eq!(json, r#"["\u003c/script>\u003c!--","\u003c\u003c"]"#);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value[0], "</script><!--");
    }

    #[test]
    fn what_is_told_is_defanged() {
        let mut markup = Markup::default();
        markup.told("see http://evil.example/a");
        assert_eq!(markup.finish(), "see hxxp://evil[.]example/a");
    }
}
