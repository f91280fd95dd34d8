//! Words and lines out of glyphs and where they were painted.
//!
//! The order is the order of painting, which for nearly every producer is the reading order; columns come as they come.
//! A step along the baseline becomes a space or a tab, a step off it a new line.

use crate::document::Text;

/// A point or direction in the page's space.
pub(super) type Point = (f64, f64);

/// A gap wider than this many font sizes is a space.
const SPACE: f64 = 0.15;
/// A gap wider than this is a tab: the next cell of a table.
const TAB: f64 = 1.5;
/// A step back wider than this begins a new line.
const BACK: f64 = 0.7;
/// A step off the baseline wider than this begins a new line; less is a superscript.
const LINE: f64 = 0.5;
/// A step off the baseline wider than this leaves an empty line.
const PARAGRAPH: f64 = 1.9;

/// Where the glyph before ended.
#[derive(Clone, Copy, Debug)]
struct Pen {
    at: Point,
    direction: Point,
    size: f64,
}

/// A glyph as painted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Painted<'t> {
    pub(super) start: Point,
    pub(super) end: Point,
    /// Along the baseline, of length 1.
    pub(super) direction: Point,
    /// The font size in the page's space.
    pub(super) size: f64,
    pub(super) text: &'t str,
}

/// Where a stretch of the text stands on the page.
#[derive(Clone, Copy, Debug)]
struct Place {
    middle: (f32, f32),
    at: usize,
}

/// Glyphs on one page whose places are remembered, for the text under links.
const MAX_PLACES: usize = 1 << 20;

/// Builds the text of a document, page by page.
#[derive(Debug, Default)]
pub(super) struct Layout {
    text: Text,
    pen: Option<Pen>,
    places: Vec<Place>,
}

impl Layout {
    /// Begins a page.
    pub(super) fn page(&mut self, number: u32) {
        self.trim();
        self.text.end_line();
        self.text.at_page(number);
        self.pen = None;
        self.places.clear();
    }

    pub(super) fn finish(mut self) -> Text {
        self.trim();
        self.text.end_line();
        self.text
    }

    pub(super) fn len(&self) -> usize {
        self.text.text.len()
    }

    fn trim(&mut self) {
        let text = &mut self.text.text;
        text.truncate(text.trim_end_matches([' ', '\t']).len());
    }

    /// Takes one glyph.
    pub(super) fn glyph(&mut self, glyph: Painted<'_>) {
        let numbers = [glyph.start.0, glyph.start.1, glyph.end.0, glyph.end.1, glyph.size];
        if !numbers.iter().all(|number| number.is_finite()) || glyph.text.is_empty() {
            return;
        }
        self.separate(&glyph);
        let at = self.text.text.len();
        for c in glyph.text.chars() {
            let text = &mut self.text.text;
            if c != ' ' || !(text.is_empty() || text.ends_with([' ', '\t', '\n'])) {
                text.push(c);
            }
        }
        if self.places.len() < MAX_PLACES {
            let up = (
                -glyph.direction.1 * glyph.size * 0.25,
                glyph.direction.0 * glyph.size * 0.25,
            );
            let middle = (
                (glyph.start.0 + glyph.end.0) / 2.0 + up.0,
                (glyph.start.1 + glyph.end.1) / 2.0 + up.1,
            );
            self.places.push(Place {
                middle: (middle.0 as f32, middle.1 as f32),
                at,
            });
        }
        self.pen = Some(Pen {
            at: glyph.end,
            direction: glyph.direction,
            size: glyph.size,
        });
    }

    /// Writes what the step from the glyph before to this one means.
    fn separate(&mut self, glyph: &Painted<'_>) {
        let Some(pen) = self.pen else { return };
        let size = pen.size.max(glyph.size).max(f64::MIN_POSITIVE);
        let step = (glyph.start.0 - pen.at.0, glyph.start.1 - pen.at.1);
        let along = (step.0 * pen.direction.0 + step.1 * pen.direction.1) / size;
        let across = (step.1 * pen.direction.0 - step.0 * pen.direction.1).abs() / size;
        let turned = pen.direction.0 * glyph.direction.0 + pen.direction.1 * glyph.direction.1 < 0.9;
        if turned || across > PARAGRAPH {
            self.newline(2);
        } else if across > LINE || along < -BACK {
            self.newline(1);
        } else if along > TAB {
            self.gap('\t');
        } else if along > SPACE {
            self.gap(' ');
        }
    }

    fn newline(&mut self, lines: usize) {
        self.trim();
        let text = &mut self.text.text;
        let there = text.bytes().rev().take_while(|byte| *byte == b'\n').count();
        if !text.is_empty() {
            text.extend(std::iter::repeat_n('\n', lines.saturating_sub(there)));
        }
    }

    fn gap(&mut self, gap: char) {
        let text = &mut self.text.text;
        if gap == '\t' {
            text.truncate(text.trim_end_matches([' ', '\t']).len());
        }
        if !text.is_empty() && !text.ends_with([' ', '\t', '\n']) {
            text.push(gap);
        }
    }

    /// Glyphs on this page.
    pub(super) fn placed(&self) -> usize {
        self.places.len()
    }

    /// The text whose glyphs lie within a rectangle, in the order of the page.
    pub(super) fn text_within(&self, lower: Point, upper: Point) -> String {
        let mut out = String::new();
        let mut places = self.places.iter().peekable();
        while let Some(place) = places.next() {
            let (x, y) = (f64::from(place.middle.0), f64::from(place.middle.1));
            if x < lower.0 || x > upper.0 || y < lower.1 || y > upper.1 {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
                continue;
            }
            // What follows the glyph up to the next one goes with it, breaks included.
            let end = places.peek().map_or(self.text.text.len(), |next| next.at);
            out.push_str(self.text.text.get(place.at..end).unwrap_or_default());
        }
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyph(x: f64, y: f64, text: &str) -> Painted<'_> {
        let width = 5.0 * text.chars().count() as f64;
        Painted {
            start: (x, y),
            end: (x + width, y),
            direction: (1.0, 0.0),
            size: 10.0,
            text,
        }
    }

    #[test]
    fn steps_become_spaces_tabs_and_lines() {
        let mut layout = Layout::default();
        layout.page(1);
        for (x, y, text) in [
            (0.0, 100.0, "ev"),
            (10.5, 100.0, "il"),
            (23.0, 100.0, "and"),
            (80.0, 100.0, "cell"),
            (0.0, 88.0, "next"),
            (20.0, 91.0, "2"),
            (0.0, 60.0, "far "),
        ] {
            layout.glyph(glyph(x, y, text));
        }
        assert_eq!(layout.text_within((20.0, 95.0), (60.0, 110.0)), "and");
        layout.page(2);
        layout.glyph(glyph(f64::NAN, 0.0, "x"));
        layout.glyph(glyph(0.0, 0.0, "y"));
        let text = layout.finish();
        assert_eq!(text.text, "evil and\tcell\nnext2\n\nfar\ny\n");
        assert_eq!((text.page_at(0), text.page_at(text.text.len() - 1)), (Some(1), Some(2)));
    }
}
