//! Links of a page: anchors with their text, and everything else that names a URL.

use super::element::{measure, style};
use super::reference::{Inside, decode};
use super::tokenizer::Attribute;
use crate::document::flow::Flow;
use watchfire_model::{Form, Link, Span, Untrusted};

/// Collects links as start tags pass by.
#[derive(Debug, Default)]
pub(super) struct Links {
    links: Vec<Link>,
    /// The anchor that is open.
    anchor: Option<Anchor>,
    base: Option<String>,
    forms: Vec<Form>,
    /// Inside a form, the last one.
    in_form: bool,
}

/// A link whose text is being written.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    /// Among the links.
    index: usize,
    /// Where its text begins.
    start: usize,
    /// It is a shape, which Outlook draws.
    is_shape: bool,
}

/// Whether an element is of the vector graphics that Outlook draws, and browsers do not (VML).
pub(super) fn is_shape(name: &str) -> bool {
    name.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("v:"))
}

impl Links {
    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    pub(super) fn finish(self) -> (Vec<Link>, Vec<Form>) {
        (self.links, self.forms)
    }

    /// What follows belongs to no form.
    pub(super) fn end_form(&mut self) {
        self.in_form = false;
    }

    /// Takes what a start tag says about forms; `action` is the link that it gave, if it gave one.
    fn form(&mut self, tag: &str, attributes: &[Attribute<'_>], action: Option<&Link>) {
        let value = |name: &str| {
            attributes
                .iter()
                .find(|a| a.name.eq_ignore_ascii_case(name))
                .map(|a| a.value)
        };
        let asks_password =
            tag == "input" && value("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("password"));
        let own = tag == "form" || action.is_some();
        if !own && !asks_password {
            return;
        }
        // A field outside of forms is read by a script.
        if own || !self.in_form {
            let asked = self.in_form && self.forms.last().is_some_and(|form| form.asks_password);
            self.forms.push(Form {
                action: action.map(|link| link.target.clone()).unwrap_or_default(),
                asks_password: asked && tag != "form",
                span: action.and_then(|link| link.span),
            });
            self.in_form |= tag == "form";
        }
        if asks_password && let Some(form) = self.forms.last_mut() {
            form.asks_password = true;
        }
    }

    /// Takes what the start tag `name` leads to; the visible text has `length` bytes so far, and the element is hidden or not.
    pub(super) fn collect(&mut self, name: &str, attributes: &[Attribute<'_>], length: usize, is_hidden: bool) {
        let tag = name.to_ascii_lowercase();
        let before = self.links.len();
        self.collect_links(&tag, attributes, length);
        if tag == "img" && (is_hidden || is_tiny(attributes)) {
            let pictures = self.links.get_mut(before..).into_iter().flatten();
            pictures.for_each(|link| link.unseen = true);
        }
        if matches!(tag.as_str(), "form" | "button" | "input") {
            let is_action = |attribute: &Attribute<'_>| {
                attribute.name.eq_ignore_ascii_case("action") || attribute.name.eq_ignore_ascii_case("formaction")
            };
            let action = attributes.iter().find(|attribute| is_action(attribute));
            let action = action.and_then(|action| {
                let mut fresh = self.links.get(before..)?.iter();
                let at = action.at as u64;
                fresh
                    .find(|link| link.span.is_some_and(|span| span.start == at))
                    .cloned()
            });
            self.form(&tag, attributes, action.as_ref());
        }
    }

    fn collect_links(&mut self, tag: &str, attributes: &[Attribute<'_>], length: usize) {
        for attribute in attributes {
            let wanted = match tag {
                "a" | "area" | "link" | "base" => &["href", "xlink:href", "ping"][..],
                "form" => &["action"],
                "button" | "input" => &["formaction", "src"],
                "meta" => &["content"],
                "img" | "iframe" | "script" | "embed" | "frame" | "source" | "audio" | "video" | "track"
                | "bgsound" => &["src", "longdesc", "poster"],
                "object" => &["data"],
                "body" | "table" | "td" => &["background"],
                "use" | "image" => &["href", "xlink:href"],
                "blockquote" | "q" | "ins" | "del" => &["cite"],
                shape if is_shape(shape) => &["href", "src", "o:href"],
                _ => return,
            };
            if !wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(attribute.name)) {
                continue;
            }
            match tag {
                "base" => {
                    self.base.get_or_insert_with(|| target(attribute.value));
                }
                "meta" => self.refresh(attributes, attribute),
                _ => {
                    let named = |name: &str| attribute.name.eq_ignore_ascii_case(name);
                    let is_shape = is_shape(tag);
                    let is_anchor = tag == "a" && !named("ping") || is_shape && named("href");
                    let followed = is_anchor || matches!(tag, "a" | "area" | "form" | "button") || named("formaction");
                    self.push(attribute.value, attribute.at, !followed);
                    if is_anchor && let Some(index) = self.links.len().checked_sub(1) {
                        self.anchor = Some(Anchor {
                            index,
                            start: length,
                            is_shape,
                        });
                    }
                }
            }
        }
    }

    /// Ends the open anchor, if there is one: its text is what was written since.
    pub(super) fn end_anchor(&mut self, flow: &Flow) {
        if let Some(anchor) = self.anchor.take()
            && let Some(link) = self.links.get_mut(anchor.index)
        {
            link.text = flow.since(anchor.start).trim().into();
        }
    }

    /// Ends the open anchor, if it is a shape.
    pub(super) fn end_shape(&mut self, flow: &Flow) {
        if self.anchor.is_some_and(|anchor| anchor.is_shape) {
            self.end_anchor(flow);
        }
    }

    /// Takes references against the base of `page`.
    pub(super) fn stand_in(&mut self, page: &Self) {
        self.base.clone_from(&page.base);
    }

    /// `<meta http-equiv=refresh content="0; url=…">`
    fn refresh(&mut self, attributes: &[Attribute<'_>], content: &Attribute<'_>) {
        let is_refresh = attributes.iter().any(|attribute| {
            attribute.name.eq_ignore_ascii_case("http-equiv") && attribute.value.trim().eq_ignore_ascii_case("refresh")
        });
        let lower = content.value.to_ascii_lowercase();
        let Some(at) = lower.find("url").filter(|_| is_refresh) else {
            return;
        };
        let Some(rest) = content.value.get(at + 3..) else {
            return;
        };
        let Some(value) = rest.trim_start().strip_prefix('=') else {
            return;
        };
        let value = value.trim_start().trim_start_matches(['\'', '"']);
        let value_at = content.at + (content.value.len() - value.len());
        let value = value.split(['\'', '"']).next().unwrap_or_default();
        self.push(value, value_at, false);
    }

    fn push(&mut self, value: &str, at: usize, loaded: bool) {
        let written = target(value);
        if written.is_empty() {
            return;
        }
        let target = match &self.base {
            Some(base) => resolve(base, &written).unwrap_or(written),
            None => written,
        };
        let span = Span {
            start: at as u64,
            end: (at + value.len()) as u64,
        };
        self.links.push(Link {
            target: target.into(),
            text: Untrusted::default(),
            loaded,
            unseen: false,
            in_outlook: false,
            span: Some(span),
            page: None,
        });
    }
}

/// Whether a picture has no more than one pixel, by its attributes or its style.
fn is_tiny(attributes: &[Attribute<'_>]) -> bool {
    let mut sides = [None; 2];
    for attribute in attributes {
        for (side, names) in sides.iter_mut().zip([["width", "max-width"], ["height", "max-height"]]) {
            let pixels = if attribute.name.eq_ignore_ascii_case(names[0]) {
                pixels(attribute.value)
            } else if attribute.name.eq_ignore_ascii_case("style") {
                names.iter().find_map(|name| pixels(style(attribute.value, name)?))
            } else {
                None
            };
            // A style wins over an attribute, and of both the less is seen.
            *side = match (*side, pixels) {
                (Some(known), Some(other)) => Some(f32::min(known, other)),
                (known, other) => known.or(other),
            };
        }
    }
    match sides {
        [Some(width), Some(height)] => width <= 1.0 && height <= 1.0 || width.min(height) <= 0.0,
        [Some(side), None] | [None, Some(side)] => side <= 0.0,
        [None, None] => false,
    }
}

/// A length in pixels or points; nothing where it is in another unit.
fn pixels(value: &str) -> Option<f32> {
    let (number, unit) = measure(value.trim());
    number.filter(|number| *number == 0.0 || matches!(unit.as_str(), "" | "px" | "pt"))
}

/// The value as a browser takes it: references replaced, tabs and line ends gone (WHATWG URL, section 4.4).
fn target(value: &str) -> String {
    let decoded = decode(value, Inside::Attribute);
    let trimmed = decoded.trim_matches(|c: char| c <= ' ');
    trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect()
}

/// `reference` against the page's `<base href>`. Dot segments are left as they are.
fn resolve(base: &str, reference: &str) -> Option<String> {
    let scheme_end = base.find("://")?;
    if has_scheme(reference) || reference.starts_with('#') {
        return None;
    }
    let (scheme, rest) = base.split_at_checked(scheme_end)?;
    let host_end = rest.get(3..)?.find(['/', '?', '#']).map_or(rest.len(), |end| end + 3);
    let (authority, path) = rest.split_at_checked(host_end)?;
    Some(if reference.starts_with("//") {
        format!("{scheme}:{reference}")
    } else if reference.starts_with('/') {
        format!("{scheme}{authority}{reference}")
    } else {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let folder = path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or("/");
        format!("{scheme}{authority}{folder}{reference}")
    })
}

fn has_scheme(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_against_the_base() {
        let base = "https://a.example/x/y.html?q";
        let check = |reference: &str, expected: Option<&str>| assert_eq!(resolve(base, reference).as_deref(), expected);
        check("z", Some("https://a.example/x/z"));
        check("/z", Some("https://a.example/z"));
        check("//b.example/z", Some("https://b.example/z"));
        check("mailto:a@b.example", None);
        check("#top", None);
        assert_eq!(
            resolve("https://a.example", "z").as_deref(),
            Some("https://a.example/z")
        );
        assert_eq!(resolve("nothing", "z"), None);
    }

    #[test]
    fn white_space_inside_targets_is_gone() {
        assert_eq!(target(" ht\ntps://a.example&#47;b\t "), "https://a.example/b");
    }
}
