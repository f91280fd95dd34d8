//! What sections of the page are put together from.

use super::Markup;
use crate::chart::{class, glyph};
use watchfire_model::{Timestamp, Verdict};

/// A section of the page.
pub(super) struct Section {
    /// Its identifier.
    pub(super) id: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// What stands in it.
    pub(super) body: Markup,
}

/// Longest text of a cell, in characters. The rest is in the report beside the page.
const CELL: usize = 600;

/// Bytes of a list, beyond which it is cut: a page is to be read.
pub(super) const ROOM: usize = 250_000;

impl Markup {
    /// A text that somebody else may have written, as long as a cell may be.
    pub(super) fn brief(&mut self, text: &str) -> &mut Self {
        match text.char_indices().nth(CELL) {
            Some((end, _)) => self.told(text.get(..end).unwrap_or_default()).text("…"),
            None => self.told(text),
        }
    }

    /// An element with such a text.
    pub(super) fn brief_in(
        &mut self,
        name: &'static str,
        attributes: super::escape::Attributes<'_>,
        text: &str,
    ) -> &mut Self {
        self.open(name, attributes).brief(text).close(name)
    }

    /// A verdict: sign, word and colour.
    pub(super) fn badge(&mut self, verdict: Verdict) -> &mut Self {
        let shown = format!("badge {}", class(verdict));
        self.open("span", &[("class", &shown)]);
        self.element("span", &[("class", "glyph"), ("aria-hidden", "true")], glyph(verdict));
        self.text(&verdict.as_str().to_uppercase()).close("span")
    }

    /// An instant, for people and for machines.
    pub(super) fn time(&mut self, at: Timestamp) -> &mut Self {
        let precise = at.moment().to_string();
        self.open("time", &[("datetime", &precise)]);
        self.text(&clock(&precise)).close("time")
    }

    /// Begins a table with a name for whoever cannot see it. Wide tables scroll by themselves, by the keyboard too.
    pub(super) fn table(
        &mut self,
        class: &'static str,
        name: &str,
        columns: &[(&'static str, &'static str)],
    ) -> &mut Self {
        self.open(
            "div",
            &[
                ("class", "scroll"),
                ("role", "group"),
                ("aria-label", name),
                ("tabindex", "0"),
            ],
        );
        self.open("table", &[("class", class)]);
        self.element("caption", &[("class", "unseen")], name);
        self.open("thead", &[]).open("tr", &[]);
        for (title, class) in columns {
            self.element("th", &[("scope", "col"), ("class", class)], title);
        }
        self.close("tr").close("thead").newline().open("tbody", &[]).newline()
    }

    /// Ends it.
    pub(super) fn end_table(&mut self) -> &mut Self {
        self.close("tbody").close("table").close("div").newline()
    }

    /// Says that something was left out, and where it is.
    pub(super) fn more(&mut self, count: usize, what: &str) -> &mut Self {
        if count == 0 {
            return self;
        }
        self.element(
            "p",
            &[("class", "more")],
            &format!("{} more {what}: see the report in JSON", grouped(count as u64)),
        )
    }

    /// A term and what it is.
    pub(super) fn fact(&mut self, term: &'static str, what: &str) -> &mut Self {
        if what.is_empty() {
            return self;
        }
        self.open("div", &[])
            .element("dt", &[], term)
            .brief_in("dd", &[], what)
            .close("div")
    }
}

/// An instant for people: `2026-11-02 08:02:11`.
pub(super) fn clock(instant: &str) -> String {
    instant.trim_end_matches('Z').replacen('T', " ", 1)
}

/// A number with its digits in groups.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, shown) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), shown);
        }
    }

    #[test]
    fn no_cell_is_longer_than_it_may_be() {
        let mut out = Markup::default();
        out.brief(&"ä".repeat(10_000));
        assert_eq!(out.finish().chars().count(), CELL + 1);
    }
}
