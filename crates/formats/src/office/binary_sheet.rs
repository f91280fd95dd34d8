//! Formulas on sheets of binary workbooks (MS-XLSB 2.1.7.36 and 2.4), and the names by which they run unasked.
//!
//! Records of a number and a length, both in groups of seven bits. Absent: values, formats, everything that is no formula.

use super::formula::{Version, cell, decompile};
use crate::bytes::le32;
use std::fmt::Write as _;

/// Text of the formulas of one sheet, in bytes.
const LONGEST: usize = 8 << 20;

/// A number in groups of seven bits, `most` of them; and what follows.
fn groups(bytes: &[u8], most: usize) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    let mut rest = bytes;
    for group in 0..most {
        let (byte, after) = rest.split_first()?;
        value |= usize::from(byte & 0x7f) << (7 * group);
        rest = after;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some((value, rest))
}

/// Records with their data.
fn records(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (&first, after) = rest.split_first()?;
        // Numbers keep their marks: a second byte follows where the first has one.
        let (kind, after) = match first & 0x80 {
            0 => (usize::from(first), after),
            _ => {
                let (second, after) = after.split_first()?;
                (usize::from(first & 0x7f) | usize::from(second & 0x7f) << 7, after)
            }
        };
        let (length, after) = groups(after, 4)?;
        let data = after.get(..length.min(after.len()))?;
        rest = after.get(data.len()..)?;
        Some((kind, data))
    })
}

/// The formulas of a sheet, a line each, with their cells.
pub(crate) fn formulas(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut row = 0;
    for (kind, data) in records(bytes) {
        if out.len() > LONGEST {
            break;
        }
        // A row; cells with a formula whose value is a text, a number, a truth value or an error.
        let value = match kind {
            0 => {
                row = le32(data, 0).unwrap_or_default();
                continue;
            }
            8 => le32(data, 8).and_then(|letters| usize::try_from(letters).ok()?.checked_mul(2)?.checked_add(4)),
            9 => Some(8),
            10 | 11 => Some(1),
            _ => continue,
        };
        let Some(at) = value.and_then(|value| value.checked_add(8 + 2)) else {
            continue;
        };
        let Some(length) = le32(data, at).and_then(|length| usize::try_from(length).ok()) else {
            continue;
        };
        let tokens = data.get(at + 4..).unwrap_or_default();
        let tokens = tokens.get(..length.min(tokens.len())).unwrap_or_default();
        let short = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        let place = cell(short(row), short(le32(data, 0).unwrap_or_default()));
        let _ = writeln!(out, "{place}: ={}", decompile(tokens, Version::Binary));
    }
    out
}

/// Names of a workbook by which macros run unasked.
pub(crate) fn automatic(workbook: &[u8]) -> Vec<String> {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let lower = workbook.to_ascii_lowercase();
    let names = ["auto_open", "auto_close", "auto_activate", "auto_deactivate"];
    let found = names
        .into_iter()
        .filter(|name| memchr::memmem::find(&lower, &wide(name)).is_some());
    found.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, data: &[u8]) -> Vec<u8> {
        [&[kind, data.len() as u8], data].concat()
    }

    #[test]
    fn formulas_of_a_binary_sheet_are_written_out() {
        let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let tokens = [
            &[0x17, 5, 0][..],
            &wide("cmd /"),
            &[0x17, 1, 0],
            &wide("c"),
            &[8, 0x24, 4, 0, 0, 0, 1, 0, 8, 0x42, 1, 110, 0],
        ]
        .concat();
        // Column 2, no style, a number, no flags.
        let cell = [
            &[2, 0, 0, 0, 0, 0, 0, 0][..],
            &[0; 8],
            &[0; 2],
            &(tokens.len() as u32).to_le_bytes(),
            &tokens,
        ]
        .concat();
        let sheet = [record(0, &[6, 0, 0, 0]), record(9, &cell), record(8, b"\0")].concat();
        assert_eq!(formulas(&sheet), "C7: =EXEC(\"cmd /c\"&B5)\n");
        for length in 0..sheet.len() {
            formulas(&sheet[..length]);
        }
    }

    #[test]
    fn names_that_run_are_found() {
        let text: Vec<u8> = "_xlnm.Auto_Open".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(automatic(&text), ["auto_open"]);
    }
}
