//! Formulas of Excel as they are stored (MS-XLS 2.5.198), written out for reading.
//!
//! Operators and operands in reverse order, put back by a stack. Texts that are joined and characters by their numbers are
//! put together. What is not known ends a formula with `…`. Nothing is calculated.

use crate::bytes::{array, le16};

/// Longest formula that is written.
const LONGEST: usize = 64 << 10;

/// How operands are stored: before Excel 97, since then, and in binary workbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Old,
    New,
    Binary,
}

/// A text behind its number of letters, which takes `width` bytes; and its length in all.
pub(super) fn text_of(bytes: &[u8], width: usize, version: Version) -> Option<(String, usize)> {
    let letters = match width {
        1 => usize::from(*bytes.first()?),
        _ => usize::from(le16(bytes, 0)?),
    };
    match version {
        Version::Old => {
            let text = bytes.get(width..width.checked_add(letters)?)?;
            Some((text.iter().map(|byte| char::from(*byte)).collect(), width + letters))
        }
        Version::Binary => {
            let letters = usize::from(le16(bytes, 0)?);
            let text = bytes.get(2..2 + letters * 2)?;
            Some((crate::email::outlook::wide(text), 2 + letters * 2))
        }
        Version::New => {
            let is_wide = bytes.get(width)? & 1 != 0;
            let length = if is_wide { letters * 2 } else { letters };
            let start = width + 1;
            let text = bytes.get(start..start.checked_add(length)?)?;
            let text = match is_wide {
                true => crate::email::outlook::wide(text),
                false => text.iter().map(|byte| char::from(*byte)).collect(),
            };
            Some((text, start + length))
        }
    }
}

/// A cell by its row and column, both from 0: `A1`.
pub(super) fn cell(row: u16, column: u16) -> String {
    let mut letters = Vec::new();
    let mut rest = u32::from(column & 0x3fff) + 1;
    while rest > 0 {
        let digit = (rest - 1) % 26;
        letters.push(char::from_u32(u32::from(b'A') + digit).unwrap_or_default());
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u32::from(row) + 1)
}

/// A part of a formula: text in quotes is kept without them, so that it can be joined.
enum Part {
    Text(String),
    Other(String),
}

impl Part {
    fn shown(self) -> String {
        match self {
            Self::Text(text) => format!("\"{}\"", text.replace('"', "\"\"")),
            Self::Other(text) => text,
        }
    }
}

/// Functions by number (MS-XLS 2.5.198.17): those that act, and those that make texts.
const FUNCTIONS: &[(u16, &str)] = &[
    (1, "IF"),
    (4, "SUM"),
    (31, "MID"),
    (32, "LEN"),
    (33, "VALUE"),
    (36, "AND"),
    (37, "OR"),
    (38, "NOT"),
    (48, "TEXT"),
    (53, "GOTO"),
    (54, "HALT"),
    (55, "RETURN"),
    (74, "NOW"),
    (77, "AREAS"),
    (79, "ABSREF"),
    (80, "RELREF"),
    (88, "SET.NAME"),
    (89, "CALLER"),
    (90, "DEREF"),
    (91, "WINDOWS"),
    (94, "ACTIVE.CELL"),
    (95, "SELECTION"),
    (96, "FORMULA"),
    (110, "EXEC"),
    (111, "CHAR"),
    (112, "LOWER"),
    (113, "UPPER"),
    (115, "LEFT"),
    (116, "RIGHT"),
    (118, "TRIM"),
    (119, "REPLACE"),
    (120, "SUBSTITUTE"),
    (121, "CODE"),
    (124, "FIND"),
    (132, "FOPEN"),
    (133, "FCLOSE"),
    (134, "FSIZE"),
    (135, "FREADLN"),
    (136, "FREAD"),
    (137, "FWRITELN"),
    (138, "FWRITE"),
    (148, "INDIRECT"),
    (149, "REGISTER"),
    (150, "CALL"),
    (185, "GET.CELL"),
    (186, "GET.WORKSPACE"),
    (187, "GET.WINDOW"),
    (188, "GET.DOCUMENT"),
    (225, "END.IF"),
    (226, "ELSE"),
    (227, "ELSE.IF"),
    (228, "FOR.CELL"),
    (267, "UNREGISTER"),
    (268, "GET.WORKBOOK"),
    (336, "CONCATENATE"),
];

fn function(number: u16) -> String {
    let known = FUNCTIONS.iter().find(|(known, _)| *known == number & 0x7fff);
    let prefix = if number & 0x8000 != 0 { "COMMAND" } else { "FUNCTION" };
    known.map_or_else(
        || format!("{prefix}.{}", number & 0x7fff),
        |(_, name)| (*name).to_owned(),
    )
}

/// How many arguments a function takes whose number is not stored.
fn fixed(number: u16) -> usize {
    match number {
        10 | 19 | 34 | 35 | 63 | 74 | 94 | 95 => 0,
        30 | 48 | 117 => 2,
        31 => 3,
        119 => 4,
        _ => 1,
    }
}

/// Writes a formula out.
pub(super) fn decompile(mut tokens: &[u8], version: Version) -> String {
    let mut stack: Vec<Part> = Vec::new();
    let mut total = 0_usize;
    while let Some((&token, rest)) = tokens.split_first() {
        let Some(taken) = step(token, rest, version, &mut stack) else {
            stack.push(Part::Other("…".to_owned()));
            break;
        };
        total = total.saturating_add(stack.last().map_or(0, |part| match part {
            Part::Text(text) | Part::Other(text) => text.len(),
        }));
        // What copies itself cannot be written down again and again.
        if total > LONGEST {
            break;
        }
        tokens = rest.get(taken..).unwrap_or_default();
    }
    stack.into_iter().map(Part::shown).collect::<Vec<_>>().join(" ")
}

const OPERATORS: [&str; 15] = [
    "+", "-", "*", "/", "^", "&", "<", "<=", "=", ">=", ">", "<>", " ", ",", ":",
];

/// Takes one token; how many bytes belong to it.
fn step(token: u8, rest: &[u8], version: Version, stack: &mut Vec<Part>) -> Option<usize> {
    // Operands come in three classes.
    let base = if token >= 0x20 { token & 0x1f | 0x20 } else { token };
    match base {
        0x03..=0x11 => operator(base, stack),
        0x12 | 0x13 => {
            let operand = stack.pop()?.shown();
            let sign = if base == 0x12 { "+" } else { "-" };
            stack.push(Part::Other(format!("{sign}{operand}")));
            Some(0)
        }
        0x15 => {
            if let Some(Part::Other(inner)) = stack.last_mut() {
                *inner = format!("({inner})");
            }
            Some(0)
        }
        0x17 => {
            let (text, length) = text_of(rest, 1, version)?;
            stack.push(Part::Text(text));
            Some(length)
        }
        0x19 => attribute(rest, stack),
        0x21 => {
            let number = le16(rest, 0)?;
            call(number, fixed(number), stack);
            Some(2)
        }
        0x22 => {
            let count = usize::from(rest.first()? & 0x7f);
            call(le16(rest, 1)?, count, stack);
            Some(3)
        }
        // Shared formulas, percent, and what only helps to calculate.
        0x01 | 0x02 => Some(4),
        0x14 => Some(0),
        0x26..=0x28 => Some(6),
        0x29 | 0x2e | 0x2f => Some(2),
        _ => {
            let (text, length) = operand(base, rest, version)?;
            stack.push(Part::Other(text));
            Some(length)
        }
    }
}

/// An operator between two operands.
fn operator(token: u8, stack: &mut Vec<Part>) -> Option<usize> {
    let right = stack.pop()?;
    let left = stack.pop()?;
    let joined = match (left, right) {
        (Part::Text(left), Part::Text(right)) if token == 0x08 => Part::Text(left + &right),
        (left, right) => {
            let sign = OPERATORS.get(usize::from(token - 3))?;
            Part::Other(format!("{}{sign}{}", left.shown(), right.shown()))
        }
    };
    stack.push(joined);
    Some(0)
}

/// A constant or a place: how it is written, and its length.
fn operand(token: u8, rest: &[u8], version: Version) -> Option<(String, usize)> {
    let is_old = version == Version::Old;
    let by_version = |new, old| if is_old { old } else { new };
    // Rows take four bytes in binary workbooks.
    let wide = if version == Version::Binary { 2 } else { 0 };
    Some(match token {
        0x16 => (String::new(), 0),
        0x1c => ("#ERR".to_owned(), 1),
        0x1d => (if rest.first()? == &0 { "FALSE" } else { "TRUE" }.to_owned(), 1),
        0x1e => (le16(rest, 0)?.to_string(), 2),
        0x1f => (f64::from_le_bytes(array(rest, 0)?).to_string(), 8),
        0x20 => ("{…}".to_owned(), 7),
        0x23 => (format!("NAME{}", le16(rest, 0)?), by_version(4, 14)),
        0x24 | 0x2c => reference(rest, 0, version)?,
        0x25 | 0x2d if !is_old => (area(rest, 0, wide)?, 8 + 2 * wide),
        0x25 | 0x2d => ("AREA".to_owned(), 6),
        0x2a => ("#REF".to_owned(), by_version(4 + wide, 3)),
        0x39 => (format!("NAME{}", le16(rest, 2)?), by_version(6, 24)),
        0x3a if !is_old => {
            let (text, length) = reference(rest, 2, version)?;
            (text, length + 2)
        }
        0x3b if !is_old => (area(rest, 2, wide)?, 10 + 2 * wide),
        _ => return None,
    })
}

/// Two cells; rows take `wide` bytes more than two.
fn area(rest: &[u8], at: usize, wide: usize) -> Option<String> {
    let (second, columns) = (at + 2 + wide, at + 4 + 2 * wide);
    let first = cell(le16(rest, at)?, le16(rest, columns)?);
    Some(format!(
        "{first}:{}",
        cell(le16(rest, second)?, le16(rest, columns + 2)?)
    ))
}

fn reference(rest: &[u8], at: usize, version: Version) -> Option<(String, usize)> {
    let row = le16(rest, at)?;
    Some(match version {
        Version::Binary => (cell(row, le16(rest, at + 4)?), 6),
        Version::New => (cell(row, le16(rest, at + 2)?), 4),
        Version::Old => (cell(row & 0x3fff, u16::from(*rest.get(at + 2)?)), 3),
    })
}

/// What is said beside the formula: jumps, blanks, and a sum of one argument.
fn attribute(rest: &[u8], stack: &mut Vec<Part>) -> Option<usize> {
    let kind = *rest.first()?;
    let number = usize::from(le16(rest, 1)?);
    if kind & 0x10 != 0 {
        call(4, 1, stack);
    }
    Some(match kind & 0x04 {
        0 => 3,
        _ => 3 + (number + 1) * 2,
    })
}

/// A function of the last `count` operands.
fn call(number: u16, count: usize, stack: &mut Vec<Part>) {
    let mut arguments = stack.split_off(stack.len().saturating_sub(count));
    if number == 111
        && let [Part::Other(code)] = arguments.as_slice()
        && let Some(c) = code.parse::<f64>().ok().and_then(|code| char::from_u32(code as u32))
    {
        stack.push(Part::Text(c.to_string()));
        return;
    }
    if number == 336 && arguments.iter().all(|part| matches!(part, Part::Text(_))) {
        let joined = arguments.drain(..).map(|part| match part {
            Part::Text(text) | Part::Other(text) => text,
        });
        let joined = joined.collect();
        stack.push(Part::Text(joined));
        return;
    }
    let arguments: Vec<String> = arguments.into_iter().map(Part::shown).collect();
    // A user's own function has its name as the first argument.
    let text = match arguments.split_first() {
        Some((name, rest)) if number == 255 => format!("{name}({})", rest.join(",")),
        _ => format!("{}({})", function(number), arguments.join(",")),
    };
    stack.push(Part::Other(text));
}
