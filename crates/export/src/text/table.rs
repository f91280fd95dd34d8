//! Tables of what is managed: feeds, knowledge, assets. They keep to the width of the screen.

use super::screen::{Paint, Screen};
use crate::Style;
use std::io::{self, Write};

/// Less room than this is not worth a column. Columns.
const LEAST: usize = 24;

/// On which side of its column a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Writes rows below their titles. The last column wraps; where too little room is left for it, each row becomes a block of
/// its own. A table without titles has no head, and cells that are missing are empty.
///
/// # Errors
/// Those of `out`.
pub fn table(titles: &[(&str, Side)], rows: &[Vec<String>], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut screen = Screen::new(*style, out);
    let wide = |at: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(at))
            .map(|cell| cell.chars().count());
        let title = titles.get(at).map_or(0, |(title, _)| title.chars().count());
        cells.max().unwrap_or_default().max(title)
    };
    let widths: Vec<usize> = (0..titles.len()).map(wide).collect();
    let Some((last, before)) = widths.split_last() else {
        return Ok(());
    };
    let taken: usize = before.iter().map(|width| width + 2).sum::<usize>() + 1;
    if style.width.saturating_sub(taken) < LEAST.min(*last) {
        return blocks(titles, rows, &mut screen);
    }
    let head: Vec<String> = titles.iter().map(|(title, _)| (*title).to_owned()).collect();
    let has_head = head.iter().any(|title| !title.is_empty());
    for row in has_head.then_some(&head).into_iter().chain(rows) {
        let mut column = 1;
        for (place, (width, (_, side))) in widths.iter().zip(titles).enumerate() {
            let cell = row.get(place).map_or("", String::as_str);
            screen.to(column);
            match side {
                _ if place + 1 == widths.len() => screen.wrapped(cell, style.width)?,
                Side::Left => drop(screen.put(cell)),
                Side::Right => drop(screen.put_right(cell, column + width)),
            }
            column += width + 2;
        }
        screen.end()?;
    }
    Ok(())
}

/// The first cell on a line of its own, the others below it behind their titles.
fn blocks(titles: &[(&str, Side)], rows: &[Vec<String>], screen: &mut Screen<'_>) -> io::Result<()> {
    let longest = titles.iter().skip(1).map(|(title, _)| title.chars().count()).max();
    let indent = 3 + longest.unwrap_or_default() + 2;
    let right = screen.style().width;
    for row in rows {
        let mut cells = row.iter().zip(titles);
        if let Some((first, _)) = cells.next() {
            screen.to(1).paint(Paint::Strong, first).end()?;
        }
        for (cell, (title, _)) in cells.filter(|(cell, _)| !cell.is_empty()) {
            screen.to(3).put(&title.to_lowercase()).to(indent);
            screen.wrapped(cell, right)?;
            screen.end()?;
        }
    }
    Ok(())
}

/// Writes texts behind their titles, one below the other; texts wrap.
///
/// # Errors
/// Those of `out`.
pub fn sheet(lines: &[(&str, String)], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|(title, text)| vec![(*title).to_owned(), text.clone()])
        .collect();
    table(&[("", Side::Left), ("", Side::Left)], &rows, style, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(width: usize, expected: &str) {
        let style = Style {
            width,
            ..Style::default()
        };
        let titles = [("FEED", Side::Left), ("ENTRIES", Side::Right), ("STATE", Side::Left)];
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [
            row(["own", "12", "fetched"]),
            row(["botnet", "3", "failed: there is nothing at its \u{1b} address"]),
        ];
        let mut out = Vec::new();
        table(&titles, &rows, &style, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn the_last_column_wraps() {
        let expected = " FEED    ENTRIES  STATE\n own          12  fetched\n botnet        3  failed: there is nothing\n                  at its \\u{1b} address\n";
        check(44, expected);
    }

    #[test]
    fn where_there_is_no_room_rows_become_blocks() {
        let expected = " own\n   entries  12\n   state    fetched\n botnet\n   entries  3\n   state    failed: there is\n            nothing at its\n            \\u{1b} address\n";
        check(30, expected);
    }
}
