//! Cross-reference tables and streams (ISO 32000-2, sections 7.5.4 and 7.5.8), and the search for objects without them.

use super::file::{File, Location};
use super::lexer::{Lexer, Parser, Token, is_space};
use super::object::{Dict, Object, Stream};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};

/// Sections that one file chains together: one for each time it was saved.
const MAX_SECTIONS: usize = 4096;

/// What the cross-references say. Nothing of it was checked.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) trailer: Dict,
    pub(super) locations: BTreeMap<u32, Location>,
}

/// What a search of the file found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The last object of each number.
    pub(super) locations: BTreeMap<u32, usize>,
    /// Trailers and dictionaries of cross-reference streams, in the order of the file.
    pub(super) trailers: Vec<Dict>,
}

/// Follows the chain of sections from the end of the file.
pub(super) fn read(file: &File<'_>) -> Table {
    let mut table = Table::default();
    // Offsets count from the header; some files have something before it.
    let header = memmem::find(
        file.bytes.get(..file.bytes.len().min(1024)).unwrap_or_default(),
        b"%PDF-",
    )
    .unwrap_or(0);
    let mut seen = BTreeSet::new();
    let mut queue: Vec<usize> = start(file.bytes).into_iter().collect();
    while let Some(offset) = queue.pop() {
        if seen.len() >= MAX_SECTIONS || !seen.insert(offset) || file.halted().is_some() {
            break;
        }
        let Some(at) = offset.checked_add(header) else { break };
        let Some(trailer) = section(file, at, header, &mut table.locations) else {
            break;
        };
        let link = |key: &str| trailer.get(key.as_bytes()).and_then(Object::as_size);
        // The stream of a hybrid file comes before the older sections, hence last onto the stack.
        queue.extend(link("Prev"));
        queue.extend(link("XRefStm"));
        for (key, value) in trailer {
            table.trailer.entry(key).or_insert(value);
        }
    }
    table
}

/// The offset after the last `startxref`.
fn start(bytes: &[u8]) -> Option<usize> {
    let at = memmem::rfind(bytes, b"startxref")?;
    match Lexer::new(bytes, at + b"startxref".len()).next() {
        Some(Token::Integer(offset)) => usize::try_from(offset).ok(),
        _ => None,
    }
}

/// One section at `at`, table or stream. Entries that are known already are newer and stay.
fn section(file: &File<'_>, at: usize, header: usize, locations: &mut BTreeMap<u32, Location>) -> Option<Dict> {
    let mut lexer = Lexer::new(file.bytes, at);
    if lexer.accept(b"xref") {
        return plain(file, lexer, header, locations);
    }
    let object = file.parse_at(at, None)?;
    let stream = object.as_stream()?;
    compressed(file, stream, header, locations);
    Some(stream.dict.clone())
}

fn plain(
    file: &File<'_>,
    mut lexer: Lexer<'_>,
    header: usize,
    locations: &mut BTreeMap<u32, Location>,
) -> Option<Dict> {
    while !lexer.accept(b"trailer") {
        let (Some(Token::Integer(first)), Some(Token::Integer(count))) = (lexer.next(), lexer.next()) else {
            return None;
        };
        let mut number = u32::try_from(first).ok()?;
        for _ in 0..count {
            let (Some(Token::Integer(offset)), Some(Token::Integer(_)), Some(Token::Keyword(kind))) =
                (lexer.next(), lexer.next(), lexer.next())
            else {
                return None;
            };
            if kind == b"n"
                && let Some(offset) = usize::try_from(offset)
                    .ok()
                    .and_then(|offset| offset.checked_add(header))
            {
                locations.entry(number).or_insert(Location::Offset(offset));
            }
            number = number.checked_add(1)?;
            file.charge(1);
            if file.halted().is_some() {
                return None;
            }
        }
    }
    let mut parser = file.parser(lexer.position());
    let trailer = parser.object();
    file.pay(&parser);
    trailer?.as_dict().cloned()
}

fn compressed(file: &File<'_>, stream: &Stream, header: usize, locations: &mut BTreeMap<u32, Location>) -> Option<()> {
    let numbers = |key: &str| -> Option<Vec<usize>> {
        file.get(&stream.dict, key)
            .as_array()?
            .iter()
            .map(Object::as_size)
            .collect()
    };
    let widths = numbers("W")?;
    let &[kind, second, third] = widths.get(..3)? else {
        return None;
    };
    let width = kind.checked_add(second)?.checked_add(third)?;
    if width == 0 || kind > 8 || second > 8 || third > 8 {
        return None;
    }
    let data = file.decode(stream);
    file.charge((data.len() / width) as u64);
    let mut entries = data.chunks_exact(width);
    let index = numbers("Index").unwrap_or_else(|| vec![0, usize::MAX]);
    for pair in index.chunks_exact(2) {
        let &[first, count] = pair else { break };
        for number in (first..).take(count) {
            let entry = entries.next()?;
            let (kind_bytes, rest) = entry.split_at_checked(kind)?;
            let (second_bytes, _) = rest.split_at_checked(second)?;
            let value = big_endian(second_bytes);
            let location = match if kind == 0 { 1 } else { big_endian(kind_bytes) } {
                1 => usize::try_from(value)
                    .ok()
                    .and_then(|offset| offset.checked_add(header))
                    .map(Location::Offset),
                2 => u32::try_from(value).ok().map(Location::Packed),
                _ => None,
            };
            if let (Some(location), Ok(number)) = (location, u32::try_from(number)) {
                locations.entry(number).or_insert(location);
            }
        }
    }
    Some(())
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte))
}

/// Searches the whole file for `N G obj` and trailers.
pub(super) fn scan(file: &File<'_>) -> Scan {
    let mut found = Scan::default();
    for at in memmem::find_iter(file.bytes, b"obj") {
        if let Some((number, start)) = header_before(file.bytes, at) {
            found.locations.insert(number, start);
        }
    }
    // What stands inside a dictionary that was read is part of it, so no byte is read twice.
    let mut read_to = 0;
    for at in memmem::find_iter(file.bytes, b"trailer") {
        if at >= read_to {
            let (dict, end) = dict_at(file, at + b"trailer".len());
            found.trailers.extend(dict);
            read_to = end;
        }
    }
    read_to = 0;
    for at in memmem::find_iter(file.bytes, b"/XRef") {
        // The dictionary began before; take it from its object.
        let window = file.bytes.get(at.saturating_sub(512)..at).unwrap_or_default();
        if let Some(before) = memmem::rfind(window, b"obj").filter(|_| at >= read_to) {
            let (dict, end) = dict_at(file, at.saturating_sub(window.len()) + before + 3);
            found.trailers.extend(dict);
            read_to = end;
        }
    }
    found
}

/// The dictionary at `at`, and where it ends.
fn dict_at(file: &File<'_>, at: usize) -> (Option<Dict>, usize) {
    if file.halted().is_some() {
        return (None, file.bytes.len());
    }
    let mut parser: Parser<'_> = file.parser(at);
    let object = parser.object();
    file.pay(&parser);
    let dict = match object {
        Some(Object::Dict(dict)) => Some(dict),
        _ => None,
    };
    (dict, parser.lexer.position())
}

/// The number of the object whose `obj` stands at `at`, and where its header begins.
fn header_before(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let window = bytes.get(at.saturating_sub(40)..at)?;
    let (rest, _generation) = number_before(window)?;
    let (rest, number) = number_before(rest)?;
    Some((number, at - (window.len() - rest.len())))
}

/// Cuts a number and the white space after it from the end.
fn number_before(bytes: &[u8]) -> Option<(&[u8], u32)> {
    let spaces = bytes.iter().rev().take_while(|byte| is_space(**byte)).count();
    let rest = bytes.get(..bytes.len() - spaces)?;
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (rest, digits) = rest.split_at_checked(rest.len() - digits)?;
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (spaces > 0).then_some((rest, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_before_obj() {
        let check =
            |text: &str, expected| assert_eq!(header_before(text.as_bytes(), text.find("obj").unwrap()), expected);
        check("x 12 0 obj", Some((12, 2)));
        check("12 0\r\nobj", Some((12, 0)));
        check("12 0obj", None);
        check("endobj", None);
        check("a 0 obj", None);
    }
}
