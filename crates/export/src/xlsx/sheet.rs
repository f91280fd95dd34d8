//! Sheets of a workbook (ECMA-376, SpreadsheetML): rows of typed cells below a row of names.
//!
//! A cell of text is text in the file, whatever it begins with: no program takes it for a formula. Controls, bidirectional
//! and invisible characters come out as `\u{…}`, and what Excel would read as the escape of a character is itself escaped.

use super::zip::{Archive, Part};
use crate::xml::escaped;
use std::fmt::Write as _;
use std::io;
use watchfire_model::{Moment, Untrusted};

/// Rows of a sheet below its row of names, as many as Excel opens.
pub(super) const ROWS: u32 = 1_048_575;
/// Characters of a cell.
const CHARACTERS: usize = 32_767;
/// Whole numbers that a cell holds exactly.
const EXACT: u64 = 1 << 53;

/// What stands in a cell.
pub(super) enum Cell {
    Empty,
    Text(String),
    Number(u64),
    Fraction(f64),
    Time(Moment),
    Is(bool),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    pub(super) fn optional(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<Option<Moment>> for Cell {
    fn from(moment: Option<Moment>) -> Self {
        moment.map_or(Self::Empty, Self::Time)
    }
}

/// A column: its name, and how many characters wide it is.
pub(super) type Column = (&'static str, u8);

/// Writes rows, on further sheets when one is full.
pub(super) struct Sheets<'a, 'w> {
    archive: &'a mut Archive<'w>,
    /// Names of sheets in the order of their files.
    names: &'a mut Vec<String>,
}

impl<'a, 'w> Sheets<'a, 'w> {
    pub(super) fn new(archive: &'a mut Archive<'w>, names: &'a mut Vec<String>) -> Self {
        Self { archive, names }
    }

    /// A table, and how many rows it has.
    pub(super) fn table(
        &mut self,
        name: &str,
        columns: &[Column],
        rows: impl Iterator<Item = Vec<Cell>>,
        most: u32,
    ) -> io::Result<u64> {
        let mut rows = rows.peekable();
        let mut all = 0_u64;
        for number in 1_u32.. {
            let title = if number == 1 {
                name.to_owned()
            } else {
                format!("{name} {number}")
            };
            self.names.push(title);
            let part = self
                .archive
                .part(&format!("xl/worksheets/sheet{}.xml", self.names.len()))?;
            let written = sheet(part, columns, &mut rows, most)?;
            all = all.saturating_add(written.into());
            if rows.peek().is_none() {
                break;
            }
        }
        Ok(all)
    }
}

fn sheet(
    mut part: Part<'_, '_>,
    columns: &[Column],
    rows: &mut impl Iterator<Item = Vec<Cell>>,
    most: u32,
) -> io::Result<u32> {
    part.put(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet \
         xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetViews><sheetView workbookViewId=\"0\">\
         <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>",
    )?;
    let mut text = String::new();
    for (number, (_, width)) in columns.iter().enumerate() {
        let number = number + 1;
        let _ = write!(
            text,
            "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
        );
    }
    text.push_str("</cols><sheetData><row r=\"1\">");
    for (number, (name, _)) in columns.iter().enumerate() {
        inline(&column(number), 1, 2, name, &mut text);
    }
    text.push_str("</row>");
    part.put(&text)?;
    let names: Vec<String> = (0..columns.len()).map(column).collect();
    let mut last = 1_u32;
    while last <= most
        && let Some(cells) = rows.next()
    {
        last += 1;
        text.clear();
        let _ = write!(text, "<row r=\"{last}\">");
        for (cell, name) in cells.iter().zip(&names) {
            put(cell, name, last, &mut text);
        }
        text.push_str("</row>");
        part.put(&text)?;
    }
    let end = names.last().map_or("A", String::as_str);
    part.put(&format!("</sheetData><autoFilter ref=\"A1:{end}{last}\"/></worksheet>"))?;
    part.finish()?;
    Ok(last - 1)
}

fn put(cell: &Cell, column: &str, row: u32, out: &mut String) {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => inline(column, row, 3, text, out),
        Cell::Number(number) if *number <= EXACT => {
            let _ = write!(out, "<c r=\"{column}{row}\"><v>{number}</v></c>");
        }
        Cell::Number(number) => inline(column, row, 3, &number.to_string(), out),
        Cell::Fraction(number) => {
            let _ = write!(out, "<c r=\"{column}{row}\"><v>{number}</v></c>");
        }
        Cell::Time(moment) => match serial(*moment) {
            Some((day, second)) => {
                // Five digits behind the point are a second.
                let part = u64::try_from(second).unwrap_or_default().saturating_mul(10_000_000_000) / 86_400;
                let _ = write!(out, "<c r=\"{column}{row}\" s=\"1\"><v>{day}.{part:010}</v></c>");
            }
            None => inline(column, row, 3, &moment.to_string(), out),
        },
        Cell::Is(is) => {
            let _ = write!(out, "<c r=\"{column}{row}\" t=\"b\"><v>{}</v></c>", u8::from(*is));
        }
    }
}

/// Days since 1899-12-30, and seconds of the day; only from March 1900 on do all programs agree.
fn serial(moment: Moment) -> Option<(i64, i64)> {
    let (day, second) = (moment.unix().div_euclid(86_400), moment.unix().rem_euclid(86_400));
    let day = day.saturating_add(25_569);
    (day >= 61).then_some((day, second))
}

fn inline(column: &str, row: u32, style: u8, text: &str, out: &mut String) {
    let shown = shown(text);
    let _ = write!(
        out,
        "<c r=\"{column}{row}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
        escaped(&shown)
    );
}

/// What a cell shows: everything that could deceive is escaped, and no more than it holds.
fn shown(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'_');
    let mut shown = if is_plain {
        text.to_owned()
    } else {
        Untrusted::new(text).to_string().replace("_x", "_x005F_x")
    };
    // The limit counts units of UTF-16.
    if shown.len() > CHARACTERS && shown.encode_utf16().count() > CHARACTERS {
        let (mut units, mut end) = (0, 0);
        for (at, c) in shown.char_indices() {
            units += c.len_utf16();
            if units >= CHARACTERS {
                break;
            }
            end = at + c.len_utf8();
        }
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

/// `A`, `B`, …, `Z`, `AA`: the name of a column, counted from 0.
fn column(number: usize) -> String {
    let letter = |number: usize| char::from(b'A' + u8::try_from(number % 26).unwrap_or_default());
    match number / 26 {
        0 => letter(number).to_string(),
        above => format!("{}{}", letter(above - 1), letter(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_of_their_type() {
        let mut out = String::new();
        put(&Cell::Text("=1+1 _x0041_\u{202e}<".to_owned()), "A", 2, &mut out);
        put(&Cell::Number(7), "B", 2, &mut out);
        put(&Cell::Number(u64::MAX), "C", 2, &mut out);
        put(
            &Cell::Time(Moment::parse("2026-11-02T12:00:00Z").unwrap()),
            "D",
            2,
            &mut out,
        );
        put(&Cell::Empty, "E", 2, &mut out);
        assert_eq!(
            out,
            "<c r=\"A2\" s=\"3\" t=\"inlineStr\"><is><t xml:space=\"preserve\">=1+1 _x005F_x0041_\\u{202e}&lt;</t></is></c>\
             <c r=\"B2\"><v>7</v></c>\
             <c r=\"C2\" s=\"3\" t=\"inlineStr\"><is><t xml:space=\"preserve\">18446744073709551615</t></is></c>\
             <c r=\"D2\" s=\"1\"><v>46328.5000000000</v></c>"
        );
    }

    #[test]
    fn what_is_longer_than_a_cell_is_cut() {
        let cut = shown(&"é".repeat(40_000));
        assert_eq!(cut.encode_utf16().count(), CHARACTERS);
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn columns_are_counted_in_letters() {
        assert_eq!([0, 25, 26, 51, 52].map(column), ["A", "Z", "AA", "AZ", "BA"]);
        assert_eq!(serial(Moment::parse("1900-01-01").unwrap()), None);
    }
}
