//! What a page carries and does not show: scripts, event handlers, comments, templates, values of attributes.
//!
//! All of it is text at its place in the source, a piece to a line. Nothing is run: what a script would put together from
//! pieces is not known here.

use super::reference::{Inside, at_start};
use super::tokenizer::Attribute;
use crate::document::{Behind, Text};

/// Attributes that hold text or style for somebody; those that lead somewhere are links.
const CARRIERS: &[&str] = &[
    "srcdoc",
    "style",
    "value",
    "content",
    "alt",
    "title",
    "label",
    "placeholder",
];

/// Appends `text`, which stands at `at` of the source, as a line of its own; with the rules for references, if they are
/// to be replaced.
pub(super) fn put(into: &mut Text, at: usize, text: &str, references: Option<Inside>) {
    into.end_line();
    let mut rest = text;
    while !rest.is_empty() {
        let source = at + (text.len() - rest.len());
        let reference = references.and_then(|inside| at_start(rest, inside));
        let taken = if let Some((decoded, length)) = reference {
            into.at_source(source);
            decoded.each(|c| into.text.push(c));
            length
        } else {
            let stop = references.and_then(|_| memchr::memchr(b'&', rest.as_bytes().get(1..)?));
            let plain = stop.map_or(rest.len(), |stop| stop + 1);
            into.at_source(source);
            into.text.push_str(rest.get(..plain).unwrap_or_default());
            plain
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    into.end_line();
}

/// Takes what the attributes of a start tag carry.
pub(super) fn attributes(behind: &mut Behind, attributes: &[Attribute<'_>]) {
    for attribute in attributes {
        if attribute.value.trim().is_empty() {
            continue;
        }
        let starts = |prefix: &str| {
            let head = attribute.name.as_bytes().get(..prefix.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        if starts("on") {
            behind.active = true;
            put(
                &mut behind.scripts,
                attribute.at,
                attribute.value,
                Some(Inside::Attribute),
            );
        } else if starts("data-") || CARRIERS.iter().any(|name| name.eq_ignore_ascii_case(attribute.name)) {
            put(
                &mut behind.markup,
                attribute.at,
                attribute.value,
                Some(Inside::Attribute),
            );
        }
    }
}

/// Whether a start tag begins a script that a browser would run, and not a block of data (WHATWG HTML, section 4.12.1).
pub(super) fn runs(name: &str, attributes: &[Attribute<'_>]) -> bool {
    if !name.eq_ignore_ascii_case("script") {
        return false;
    }
    let kind = attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case("type"));
    let kind = kind.map(|kind| kind.value.to_ascii_lowercase()).unwrap_or_default();
    !["json", "html", "template", "xml"]
        .iter()
        .any(|data| kind.contains(data))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use watchfire_model::Budget;

    /// Scripts, comments and the rest of a page, each with its lines at their places.
    #[track_caller]
    fn check(source: &str, scripts: &[&str], comments: &[&str], markup: &[&str]) {
        let behind = read(source, &Budget::default()).behind;
        for (text, expected) in [
            (&behind.scripts, scripts),
            (&behind.comments, comments),
            (&behind.markup, markup),
        ] {
            assert_eq!(text.text.lines().collect::<Vec<_>>(), expected, "{source}");
            for (at, letter) in text.text.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()) {
                let at = usize::try_from(text.source_at(at).unwrap()).unwrap();
                assert!(source.get(at..).unwrap().starts_with(letter), "{letter} at {at}");
            }
        }
    }

    #[test]
    fn scripts_and_handlers_are_kept_as_they_stand() {
        check(
            "<script>a&amp;b<!--c</script><body onload='x(&quot;y&quot;)' ONCLICK=z><script type=module>m</script>",
            &["a&amp;b<!--c", "x(\"y\")", "z", "m"],
            &[],
            &[],
        );
        check("<script type='application/ld+json'>{}</script>", &[], &[], &["{}"]);
    }

    #[test]
    fn comments_and_instructions_are_kept() {
        check(
            "a<!-- one\ntwo --><?three ?><!four><b five",
            &[],
            &[" one", "two ", "three ?", "four", "b five"],
            &[],
        );
    }

    #[test]
    fn what_is_not_shown_is_kept() {
        check(
            "<template>a&lt;<i>b</i></template><style>c</style><input value=d data-e='f' class=g><iframe srcdoc='&lt;h>'>i</iframe>",
            &[],
            &[],
            &["a<", "b", "c", "d", "f", "<h>", "i"],
        );
    }

    #[test]
    fn a_page_says_whether_it_acts() {
        let active = |source: &str| read(source, &Budget::default()).behind.active;
        assert!(active("<script src=x></script>") && active("<p onclick=a>"));
        assert!(!active("<p>a</p><!-- script -->") && !active("<script type=text/x-template>a</script>"));
    }
}
