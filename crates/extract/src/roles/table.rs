//! Tables with a line of titles: which column a value stands in.
//!
//! Separators are pipes, tabs, commas, semicolons, or gaps of two spaces and more. Quoted CSV cells keep their
//! separators; a cell that goes on in the next line does not keep its column.

use super::outline::Column;
use super::vocabulary::{COLUMN_PARTS, COLUMNS};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Titles beyond these are not read.
const MOST_COLUMNS: usize = 40;
/// Longer cells are no titles, in bytes.
const LONGEST_TITLE: usize = 32;

/// The titles of a table.
#[derive(Debug)]
pub(super) struct Header {
    separator: Separator,
    /// Where each column begins in its line, and what it holds.
    columns: Vec<(usize, Column)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    Byte(u8),
    Gap,
}

impl Header {
    /// Reads a line as titles.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let separator = [b'|', b'\t', b';', b',']
            .into_iter()
            .find(|separator| line.contains(separator))
            .map_or(Separator::Gap, Separator::Byte);
        if separator == Separator::Gap && !line.trim_ascii().windows(2).any(|pair| pair == b"  ") {
            return None;
        }
        let mut columns = Vec::new();
        let mut known = 0;
        for (at, cell) in cells(line, separator).take(MOST_COLUMNS) {
            if cell.len() > LONGEST_TITLE {
                return None;
            }
            let column = column(cell);
            known += usize::from(column.is_some());
            columns.push((at, column.unwrap_or(Column::Other)));
        }
        let filled =
            columns.len() - usize::from(separator == Separator::Byte(b'|') && line.trim_ascii().starts_with(b"|"));
        let holds = columns
            .iter()
            .any(|(_, column)| matches!(column, Column::Indicator | Column::Value));
        // "Domain, IP and file" in a sentence is no head of a table.
        let needed = if separator == Separator::Byte(b',') {
            2.max(filled / 3)
        } else {
            1
        };
        (filled >= 2 && known >= needed && holds).then_some(Self { separator, columns })
    }

    /// A column says indicator.
    pub(super) fn names_indicators(&self) -> bool {
        self.columns.iter().any(|(_, column)| *column == Column::Indicator)
    }

    /// Whether `line` can be a row.
    pub(super) fn covers(&self, line: &[u8]) -> bool {
        match self.separator {
            Separator::Byte(separator) => line.contains(&separator),
            Separator::Gap => {
                let line = line.trim_ascii();
                line.windows(2).any(|pair| pair == b"  ") || !line.iter().any(u8::is_ascii_whitespace)
            }
        }
    }

    /// The column of byte `at` of `line`. A table without a column of indicators has columns of values only.
    pub(super) fn column(&self, line: &[u8], at: usize) -> Column {
        let number = match self.separator {
            Separator::Byte(_) => cells(line, self.separator)
                .take(MOST_COLUMNS)
                .take_while(|(start, _)| *start <= at)
                .count(),
            // Values begin under their titles, give or take.
            Separator::Gap => self.columns.iter().take_while(|(start, _)| *start <= at + 2).count(),
        };
        let column = self
            .columns
            .get(number.saturating_sub(1))
            .map_or(Column::Other, |(_, column)| *column);
        if column == Column::Value && self.names_indicators() && number > 1 {
            return Column::Other;
        }
        column
    }
}

/// What a title says.
fn column(cell: &[u8]) -> Option<Column> {
    let title = String::from_utf8_lossy(cell).to_lowercase();
    let title =
        title.trim_matches(|c: char| matches!(c, '"' | '*' | '#' | '_' | '`' | ':' | '\u{feff}') || c.is_whitespace());
    static TITLES: OnceLock<HashMap<&str, Column>> = OnceLock::new();
    let titles = TITLES.get_or_init(|| COLUMNS.iter().copied().collect());
    let part = || COLUMN_PARTS.iter().find(|(name, _)| title.contains(name));
    titles.get(title).copied().or_else(|| part().map(|(_, column)| *column))
}

/// The cells of a line and where they begin.
fn cells(line: &[u8], separator: Separator) -> Cells<'_> {
    Cells { line, at: 0, separator }
}

struct Cells<'l> {
    line: &'l [u8],
    at: usize,
    separator: Separator,
}

impl<'l> Iterator for Cells<'l> {
    type Item = (usize, &'l [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let rest = self.line.get(start..).filter(|_| start <= self.line.len())?;
        if let Separator::Byte(separator) = self.separator {
            let mut quoted = false;
            let length = rest
                .iter()
                .position(|byte| {
                    quoted ^= *byte == b'"';
                    *byte == separator && !quoted
                })
                .unwrap_or(rest.len());
            self.at = start + length + 1;
            return Some((start, rest.get(..length)?.trim_ascii()));
        }
        let lead = rest.iter().take_while(|byte| **byte == b' ').count();
        let cell = rest.get(lead..).filter(|cell| !cell.trim_ascii().is_empty())?;
        let length = cell.windows(2).position(|pair| pair == b"  ").unwrap_or(cell.len());
        self.at = start + lead + length;
        Some((start + lead, cell.get(..length)?.trim_ascii()))
    }
}
