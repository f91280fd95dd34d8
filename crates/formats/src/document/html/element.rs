//! What the elements of HTML do to the flow of text.

/// How an element takes part in the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text goes on within the line.
    Inline,
    /// Begins and ends a line.
    Block,
    /// Begins and ends a line, with an empty one between it and its neighbours.
    Paragraph,
    /// `<p>`: a paragraph that other blocks end.
    P,
    /// Keeps white space.
    Preformatted,
    /// `<br>`.
    LineBreak,
    /// `<hr>`.
    Rule,
    /// `<table>`.
    Table,
    /// `<tr>`.
    Row,
    /// `<td>`, `<th>`.
    Cell,
    /// `<li>`, `<dt>`, `<dd>`, `<option>`.
    Item,
    /// `<ul>`, `<ol>`, `<dl>`, `<select>`.
    List,
    /// `<a>`, `<area>`.
    Anchor,
    /// `<title>`.
    Title,
    /// Content that no browser shows.
    Unseen,
    /// Has no content and no end tag.
    Void,
}

/// What `name` does; names are compared without case.
pub(super) fn kind(name: &str) -> Kind {
    let mut buffer = [0_u8; 12];
    let Some(lower) = buffer.get_mut(..name.len()) else {
        return Kind::Inline;
    };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"p" => Kind::P,
        b"a" => Kind::Anchor,
        b"br" => Kind::LineBreak,
        b"hr" => Kind::Rule,
        b"table" => Kind::Table,
        b"tr" => Kind::Row,
        b"td" | b"th" => Kind::Cell,
        b"li" | b"dt" | b"dd" | b"option" => Kind::Item,
        b"ul" | b"ol" | b"dl" | b"select" | b"menu" | b"dir" => Kind::List,
        b"pre" | b"textarea" | b"listing" | b"xmp" => Kind::Preformatted,
        b"title" => Kind::Title,
        b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"blockquote" | b"figure" | b"article" | b"section" => {
            Kind::Paragraph
        }
        b"script" | b"style" | b"template" | b"iframe" | b"noembed" | b"noframes" | b"datalist" | b"object"
        | b"audio" | b"video" | b"canvas" => Kind::Unseen,
        b"div" | b"address" | b"aside" | b"body" | b"caption" | b"center" | b"details" | b"dialog" | b"fieldset"
        | b"figcaption" | b"footer" | b"form" | b"header" | b"hgroup" | b"html" | b"legend" | b"main" | b"nav"
        | b"optgroup" | b"search" | b"summary" | b"tbody" | b"tfoot" | b"thead" | b"head" => Kind::Block,
        b"area" | b"base" | b"basefont" | b"bgsound" | b"col" | b"embed" | b"frame" | b"img" | b"input" | b"link"
        | b"meta" | b"param" | b"source" | b"track" | b"wbr" => Kind::Void,
        _ => Kind::Inline,
    }
}

impl Kind {
    /// Whether a start tag ends an open `<p>`.
    pub(super) fn ends_paragraph(self) -> bool {
        use Kind::{Block, Item, List, P, Paragraph, Preformatted, Rule, Table};
        matches!(self, Block | Item | List | P | Paragraph | Preformatted | Rule | Table)
    }

    /// Whether the element has no content, and so no end.
    pub(super) fn is_empty(self) -> bool {
        matches!(self, Self::Void | Self::LineBreak | Self::Rule)
    }
}

/// Whether an inline style hides its element from a reader.
pub(super) fn hides(style: &str) -> bool {
    style.split(';').any(|declaration| {
        let Some((property, value)) = declaration.split_once(':') else {
            return false;
        };
        let value = || value.trim().trim_end_matches("!important").trim_end();
        let is = |expected: &str| value().eq_ignore_ascii_case(expected);
        let property = property.trim();
        let named = |name: &str| property.eq_ignore_ascii_case(name);
        match property.len() {
            7 if named("display") => is("none"),
            10 if named("visibility") => is("hidden") || is("collapse"),
            9 if named("font-size") => {
                let (number, unit) = measure(value());
                number.is_some_and(|number| number <= least_size(&unit))
            }
            7 if named("opacity") => measure(value()).0 == Some(0.0),
            8 if named("mso-hide") => is("all"),
            _ => false,
        }
    })
}

/// What an inline style says of a property.
pub(super) fn style<'s>(style: &'s str, wanted: &str) -> Option<&'s str> {
    style.split(';').find_map(|declaration| {
        let (property, value) = declaration.split_once(':')?;
        let value = value.trim().trim_end_matches("!important").trim_end();
        property.trim().eq_ignore_ascii_case(wanted).then_some(value)
    })
}

/// A number and its unit in lower case.
pub(super) fn measure(value: &str) -> (Option<f32>, String) {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let unit = value.get(number.len()..).unwrap_or_default().to_ascii_lowercase();
    (number.trim_end().parse().ok(), unit)
}

/// The largest size of letters in a unit that nobody can read: a pixel of a screen, or a tenth of ordinary letters.
fn least_size(unit: &str) -> f32 {
    match unit {
        "px" | "pt" => 1.0,
        "em" | "rem" | "ex" | "ch" | "pc" | "mm" => 0.1,
        "vw" | "vh" | "vmin" | "vmax" => 0.15,
        "%" => 10.0,
        "cm" | "in" | "q" => 0.01,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_that_hide() {
        for style in [
            "display:none",
            "color:red; DISPLAY : None !important",
            "font-size:0px",
            "font-size: 0",
            "FONT-SIZE: 1px",
            "font-size: 0.00000000000000000000000000042630vw;",
            "font-size:0.01em",
            "opacity: 0.0",
            "mso-hide:all",
        ] {
            assert!(hides(style), "{style}");
        }
        for style in [
            "",
            "display:block",
            "font-size:10px",
            "font-size:1.2em",
            "font-size:85%",
            "font-size:1",
            "font-size:small",
            "opacity:.05",
            "max-height:0",
            "x",
            "visibility:visible",
        ] {
            assert!(!hides(style), "{style}");
        }
    }

    #[test]
    fn names_have_any_case_and_length() {
        assert_eq!(
            (kind("TD"), kind("x-very-long-custom-element"), kind("é")),
            (Kind::Cell, Kind::Inline, Kind::Inline)
        );
    }
}
