//! Lines, cells and words out of a stream of elements and text.

use super::element::Kind;
use super::reference::{Inside, at_start};
use super::tokenizer::TextKind;
use crate::document::Text;
use crate::document::text::is_invisible;

/// Cells without text that are kept as tabs in a row.
const MAX_TABS: usize = 64;

/// Collects text; breaks are remembered and only written before the next character.
#[derive(Debug, Default)]
pub(super) struct Flow {
    text: Text,
    newlines: usize,
    tabs: usize,
    space: bool,
    /// Open tables, and whether the row at hand already has a cell.
    tables: usize,
    in_row: bool,
    /// Nothing was written since the cell began, so a block in it does not break the row.
    cell_is_empty: bool,
}

impl Flow {
    /// Length of the text written so far.
    pub(super) fn len(&self) -> usize {
        self.text.text.len()
    }

    pub(super) fn since(&self, at: usize) -> &str {
        self.text.text.get(at..).unwrap_or_default()
    }

    pub(super) fn finish(mut self) -> Text {
        self.text.end_line();
        self.text
    }

    pub(super) fn start(&mut self, kind: Kind) {
        match kind {
            Kind::Row => {
                self.break_lines(1);
                self.in_row = false;
            }
            Kind::Cell => {
                if self.in_row {
                    // Blocks inside the cell before ended lines; the row goes on.
                    self.newlines = 0;
                    self.space = false;
                    self.tabs = (self.tabs + 1).min(MAX_TABS);
                }
                self.in_row = true;
                self.cell_is_empty = true;
            }
            Kind::Table => {
                self.tables += 1;
                self.break_lines(2);
                self.in_row = false;
            }
            _ => self.around(kind),
        }
    }

    pub(super) fn end(&mut self, kind: Kind) {
        match kind {
            Kind::Row => {
                self.cell_is_empty = false;
                self.break_lines(1);
                self.in_row = false;
            }
            Kind::Cell => self.cell_is_empty = false,
            Kind::Table => {
                self.cell_is_empty = false;
                self.tables = self.tables.saturating_sub(1);
                self.break_lines(2);
                self.in_row = self.tables > 0;
            }
            _ => self.around(kind),
        }
    }

    pub(super) fn void(&mut self, kind: Kind) {
        match kind {
            Kind::LineBreak => {
                self.newlines = (self.newlines + 1).min(2);
                self.tabs = 0;
                self.space = false;
            }
            Kind::Rule => self.break_lines(2),
            _ => {}
        }
    }

    fn around(&mut self, kind: Kind) {
        match kind {
            Kind::Block | Kind::Item => self.break_lines(1),
            Kind::Paragraph | Kind::P | Kind::Preformatted | Kind::List | Kind::Title => self.break_lines(2),
            _ => {}
        }
    }

    fn break_lines(&mut self, lines: usize) {
        if !self.cell_is_empty {
            self.newlines = self.newlines.max(lines);
            self.tabs = 0;
            self.space = false;
        }
    }

    /// Appends text that stands at `at` of the source.
    pub(super) fn append(&mut self, at: usize, text: &str, kind: TextKind, preformatted: bool) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let source = at + (text.len() - rest.len());
            let mut length = c.len_utf8();
            if let Some((decoded, taken)) = (c == '&' && kind == TextKind::Plain)
                .then(|| at_start(rest, Inside::Text))
                .flatten()
            {
                decoded.each(|c| self.character(source, c, preformatted));
                length = taken;
            } else {
                self.character(source, c, preformatted);
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }

    fn character(&mut self, source: usize, c: char, preformatted: bool) {
        match c {
            c if is_invisible(c) => {}
            '\n' if preformatted => {
                self.newlines = (self.newlines + 1).min(2);
                self.tabs = 0;
                self.space = false;
            }
            ' ' | '\t' if preformatted && self.newlines == 0 => self.push(source, c),
            ' ' | '\t' | '\n' | '\r' | '\u{0c}' => self.space = true,
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => self.space = true,
            // Joiners shape Arabic and emoji; between Latin letters they only split words.
            '\u{200C}' | '\u{200D}' if self.text.text.ends_with(|c: char| c.is_ascii()) => {}
            c => self.push(source, c),
        }
    }

    fn push(&mut self, source: usize, c: char) {
        let text = &mut self.text.text;
        let breaks = self.newlines > 0 || self.tabs > 0 || self.space;
        if breaks && !text.is_empty() {
            if self.newlines > 0 {
                while text.ends_with([' ', '\t']) {
                    text.pop();
                }
                let there = text.bytes().rev().take_while(|byte| *byte == b'\n').count();
                text.extend(std::iter::repeat_n('\n', self.newlines.saturating_sub(there)));
            }
            text.extend(std::iter::repeat_n('\t', self.tabs));
            if self.space && self.newlines == 0 && self.tabs == 0 && !text.ends_with([' ', '\t', '\n']) {
                text.push(' ');
            }
        }
        (self.newlines, self.tabs, self.space, self.cell_is_empty) = (0, 0, false, false);
        self.text.at_source(source);
        self.text.text.push(c);
    }
}
