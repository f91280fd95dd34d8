//! Charts as SVG, drawn the same way for pages and for servers of pages.
//!
//! A chart is a function from numbers to elements. It sets no colour: classes say what a shape means, and the style sheet
//! of the page decides how that looks in light, in the dark and on paper. Every picture has a title and a description, no
//! meaning is carried by colour alone, and layouts depend on nothing but their input.

mod bars;
mod gauge;
mod graph;
mod map;
mod timeline;

pub(crate) use bars::{Bar, bars, columns};
pub(crate) use gauge::gauge;
pub(crate) use graph::{Edge, Node, Side, graph};
pub(crate) use map::{Spot, map};
pub(crate) use timeline::{Lane, Mark, Step, timeline};

use crate::html::Markup;
use watchfire_model::Verdict;

/// The class of what a verdict is said about.
pub(crate) const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Malicious => "malicious",
        Verdict::Suspicious => "suspicious",
        Verdict::Unknown => "unknown",
        Verdict::Benign => "benign",
    }
}

/// The sign of a verdict, so that nobody needs to see its colour.
pub(crate) const fn glyph(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Malicious => "█",
        Verdict::Suspicious => "▓",
        Verdict::Unknown => "▒",
        Verdict::Benign => "░",
    }
}

/// What a picture is called, and what it shows to whoever cannot see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caption<'c> {
    /// Its identifier on the page; constants of ours.
    pub(crate) id: &'static str,
    /// A few words.
    pub(crate) title: &'c str,
    /// One or two sentences.
    pub(crate) describes: &'c str,
}

/// Opens a picture of so many units.
fn open(caption: &Caption<'_>, class: &'static str, (width, height): (f64, f64), out: &mut Markup) {
    let (title, describes) = (format!("{}-title", caption.id), format!("{}-text", caption.id));
    let view = format!("0 0 {} {}", number(width), number(height));
    out.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("id", caption.id),
            ("class", class),
            ("viewBox", &view),
            ("role", "img"),
            ("aria-labelledby", &format!("{title} {describes}")),
        ],
    );
    out.told_in("title", &[("id", &title)], caption.title);
    out.told_in("desc", &[("id", &describes)], caption.describes);
}

/// Closes it.
fn close(out: &mut Markup) {
    out.close("svg").newline();
}

/// A coordinate: a tenth of a unit is finer than anybody sees.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A text at a place.
fn label(at: (f64, f64), class: &'static str, text: &str, out: &mut Markup) {
    let (x, y) = (number(at.0), number(at.1));
    out.told_in("text", &[("x", &x), ("y", &y), ("class", class)], text);
}

/// A text that is cut to so many characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A count as a length on a scale on which ten times as much is one step further.
#[expect(clippy::cast_precision_loss, reason = "no picture is that fine")]
fn steps(count: u64) -> f64 {
    (count as f64).max(1.0).log10()
}

/// So much of a whole, from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "no picture is that fine")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (part as f64 / whole as f64).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        for (value, text) in [(1.0, "1"), (-0.01, "0"), (2.25, "2.2"), (2.36, "2.4"), (-3.5, "-3.5")] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn long_labels_are_cut() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
    }
}
