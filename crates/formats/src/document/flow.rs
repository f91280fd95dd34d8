//! Words, cells and lines out of a stream of characters and breaks.

use super::text::{Text, is_invisible};

/// Cells without text that are kept as tabs in a row.
const MAX_TABS: usize = 64;

/// Collects text. White space collapses; breaks are remembered and only written before the next character, so that
/// empty elements leave no trace and neighbours agree on one break.
#[derive(Debug, Default)]
pub(super) struct Flow {
    text: Text,
    newlines: usize,
    tabs: usize,
    space: bool,
    /// Open tables, and whether the row at hand already has a cell.
    tables: usize,
    in_row: bool,
    /// Nothing was written since the row began, and the breaks that were due before it.
    row_is_empty: bool,
    row_breaks: usize,
    /// Nothing was written since the cell began, so a block in it does not break the row.
    cell_is_empty: bool,
}

impl Flow {
    /// Length of the text written so far.
    pub(super) fn len(&self) -> usize {
        self.text.text.len()
    }

    /// The text written since it had this length.
    pub(super) fn since(&self, at: usize) -> &str {
        self.text.text.get(at..).unwrap_or_default()
    }

    pub(super) fn finish(mut self) -> Text {
        self.text.end_line();
        self.text
    }

    /// Begins a page, sheet or slide.
    pub(super) fn page(&mut self, number: u32) {
        self.text.end_line();
        (self.newlines, self.tabs, self.space) = (0, 0, false);
        (self.tables, self.in_row, self.cell_is_empty) = (0, false, false);
        self.text.at_page(number);
    }

    pub(super) fn start_table(&mut self) {
        self.tables += 1;
        self.break_lines(2);
        self.begin_row();
    }

    pub(super) fn end_table(&mut self) {
        self.cell_is_empty = false;
        self.tables = self.tables.saturating_sub(1);
        self.break_lines(2);
        self.in_row = self.tables > 0;
    }

    pub(super) fn start_row(&mut self) {
        self.break_lines(1);
        self.begin_row();
    }

    fn begin_row(&mut self) {
        self.in_row = false;
        self.row_is_empty = true;
        self.row_breaks = self.newlines;
    }

    pub(super) fn end_row(&mut self) {
        self.cell_is_empty = false;
        self.break_lines(1);
        self.in_row = false;
    }

    pub(super) fn start_cell(&mut self) {
        if self.in_row {
            // Blocks inside the cell before ended lines; the row goes on.
            self.newlines = if self.row_is_empty { self.row_breaks } else { 0 };
            self.tab();
        }
        self.in_row = true;
        self.cell_is_empty = true;
    }

    pub(super) fn end_cell(&mut self) {
        self.cell_is_empty = false;
    }

    /// The text that follows stands apart by a tab.
    pub(super) fn tab(&mut self) {
        self.space = false;
        self.tabs = (self.tabs + 1).min(MAX_TABS);
    }

    /// A break that stands there on purpose; several add up, to one empty line at most.
    pub(super) fn line_break(&mut self) {
        self.newlines = (self.newlines + 1).min(2);
        self.tabs = 0;
        self.space = false;
    }

    /// What follows begins a line, after `lines - 1` empty ones.
    pub(super) fn break_lines(&mut self, lines: usize) {
        if !self.cell_is_empty {
            self.newlines = self.newlines.max(lines);
            self.tabs = 0;
            self.space = false;
        }
    }

    /// Appends text that has no place in the artifact's bytes.
    pub(super) fn append(&mut self, text: &str) {
        text.chars().for_each(|c| self.character(None, c));
    }

    /// Appends text without white space that stands at `source` as it is.
    pub(super) fn word(&mut self, source: usize, text: &str) {
        self.write_breaks();
        self.text.at_source(source);
        self.text.text.push_str(text);
    }

    /// Appends a character that stands at `source`, as itself or as a space or nothing.
    pub(super) fn character(&mut self, source: Option<usize>, c: char) {
        match c {
            c if is_invisible(c) => {}
            ' ' | '\t' | '\n' | '\r' | '\u{0c}' => self.space = true,
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => self.space = true,
            // Joiners shape Arabic and emoji; between Latin letters they only split words.
            '\u{200C}' | '\u{200D}' if self.text.text.ends_with(|c: char| c.is_ascii()) => {}
            c => self.push(source, c),
        }
    }

    /// The same where white space counts.
    pub(super) fn preformatted(&mut self, source: Option<usize>, c: char) {
        match c {
            '\n' => self.line_break(),
            ' ' | '\t' if self.newlines == 0 => self.push(source, c),
            c => self.character(source, c),
        }
    }

    fn push(&mut self, source: Option<usize>, c: char) {
        self.write_breaks();
        if let Some(source) = source {
            self.text.at_source(source);
        }
        self.text.text.push(c);
    }

    fn write_breaks(&mut self) {
        let text = &mut self.text.text;
        let breaks = self.newlines > 0 || self.tabs > 0 || self.space;
        if breaks && !text.is_empty() {
            if self.newlines > 0 {
                text.truncate(text.trim_end_matches([' ', '\t']).len());
                let there = text.bytes().rev().take_while(|byte| *byte == b'\n').count();
                text.extend(std::iter::repeat_n('\n', self.newlines.saturating_sub(there)));
            }
            text.extend(std::iter::repeat_n('\t', self.tabs));
            if self.space && self.newlines == 0 && self.tabs == 0 && !text.ends_with([' ', '\t', '\n']) {
                text.push(' ');
            }
        }
        (self.newlines, self.tabs, self.space) = (0, 0, false);
        (self.cell_is_empty, self.row_is_empty) = (false, false);
    }
}
