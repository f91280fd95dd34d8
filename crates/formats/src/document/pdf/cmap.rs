//! CMaps: codes to Unicode (ToUnicode) and codes to character identifiers (ISO 32000-2, sections 9.7.5 and 9.10.3).
//!
//! Ranges are kept as ranges: a declared range costs the same whatever its size. `usecmap` is not followed.

use super::lexer::{Lexer, Token};

/// How many ranges before the nearest are looked at, where ranges overlap.
const OVERLAP: usize = 8;

/// A mapping of codes.
#[derive(Clone, Debug, Default)]
pub(super) struct CMap {
    /// Length in bytes, first and last code.
    codespaces: Vec<(usize, u32, u32)>,
    texts: Vec<Range<Box<[u16]>>>,
    identifiers: Vec<Range<u32>>,
    pub(super) vertical: bool,
}

#[derive(Clone, Debug)]
struct Range<T> {
    first: u32,
    last: u32,
    /// What the first code maps to; the following count up from it.
    to: T,
}

impl CMap {
    pub(super) fn parse(data: &[u8]) -> Self {
        let mut map = Self::default();
        let mut lexer = Lexer::new(data, 0);
        let mut previous: Option<Token<'_>> = None;
        while let Some(token) = lexer.next() {
            match &token {
                Token::Keyword(b"begincodespacerange") => map.codespace_ranges(&mut lexer),
                Token::Keyword(b"beginbfchar") => map.text_entries(&mut lexer, Shape::Single),
                Token::Keyword(b"beginbfrange") => map.text_entries(&mut lexer, Shape::Range),
                Token::Keyword(b"begincidchar") => map.identifier_entries(&mut lexer, Shape::Single),
                Token::Keyword(b"begincidrange") => map.identifier_entries(&mut lexer, Shape::Range),
                Token::Integer(value) => {
                    if matches!(&previous, Some(Token::Name(name)) if name == b"WMode") {
                        map.vertical = *value == 1;
                    }
                }
                _ => {}
            }
            previous = Some(token);
        }
        // Stable: of equal beginnings the later definition is found first.
        map.texts.sort_by_key(|range| range.first);
        map.identifiers.sort_by_key(|range| range.first);
        map
    }

    fn codespace_ranges(&mut self, lexer: &mut Lexer<'_>) {
        while let (Some(Token::String(first)), Some(Token::String(last))) = (lexer.next(), lexer.next()) {
            if (1..=4).contains(&first.len()) && self.codespaces.len() < 256 {
                self.codespaces.push((first.len(), code(&first), code(&last)));
            }
        }
    }

    fn text_entries(&mut self, lexer: &mut Lexer<'_>, shape: Shape) {
        while let Some(Token::String(first)) = lexer.next() {
            let first = code(&first);
            let Some(last) = last(lexer, shape, first) else { return };
            match lexer.next() {
                Some(Token::String(text)) => self.texts.push(Range {
                    first,
                    last,
                    to: units(&text),
                }),
                Some(Token::ArrayStart) => {
                    let mut at = first;
                    while let Some(Token::String(text)) = lexer.next() {
                        if at <= last {
                            self.texts.push(Range {
                                first: at,
                                last: at,
                                to: units(&text),
                            });
                        }
                        at = at.saturating_add(1);
                    }
                }
                // A glyph name, which no current writer uses here.
                Some(Token::Name(_)) => {}
                _ => return,
            }
        }
    }

    fn identifier_entries(&mut self, lexer: &mut Lexer<'_>, shape: Shape) {
        while let Some(Token::String(first)) = lexer.next() {
            let first = code(&first);
            let Some(last) = last(lexer, shape, first) else { return };
            let Some(Token::Integer(to)) = lexer.next() else { return };
            self.identifiers.push(Range {
                first,
                last,
                to: u32::try_from(to).unwrap_or(0),
            });
        }
    }

    /// Appends the text of `code`; `false` if there is none.
    pub(super) fn text(&self, code: u32, out: &mut String) -> bool {
        let Some(range) = find(&self.texts, code) else {
            return false;
        };
        let mut units = range.to.to_vec();
        if let Some(last) = units.last_mut() {
            *last = last.wrapping_add((code - range.first) as u16);
        }
        let text = String::from_utf16_lossy(&units);
        let has_text = text.chars().any(|c| c != '\0' && c != '\u{FFFD}');
        if has_text {
            super::encoding::push_readable(&text, out);
        }
        has_text
    }

    /// The character identifier of `code`.
    pub(super) fn identifier(&self, code: u32) -> Option<u32> {
        find(&self.identifiers, code).map(|range| range.to.saturating_add(code - range.first))
    }

    pub(super) fn has_text(&self) -> bool {
        !self.texts.is_empty()
    }

    /// The length in bytes of the code at the start of `bytes`, by the code spaces.
    pub(super) fn code_length(&self, bytes: &[u8]) -> Option<usize> {
        (1..=4.min(bytes.len())).find(|length| {
            let value = bytes.get(..*length).map(code).unwrap_or_default();
            self.codespaces
                .iter()
                .any(|(size, first, last)| size == length && (*first..=*last).contains(&value))
        })
    }
}

#[derive(Clone, Copy)]
enum Shape {
    Single,
    Range,
}

fn find<T>(ranges: &[Range<T>], code: u32) -> Option<&Range<T>> {
    let after = ranges.partition_point(|range| range.first <= code);
    ranges
        .get(..after)?
        .iter()
        .rev()
        .take(OVERLAP)
        .find(|range| code <= range.last)
}

/// The code that an entry ends with: the one that it begins with, or the next string.
fn last(lexer: &mut Lexer<'_>, shape: Shape, first: u32) -> Option<u32> {
    match shape {
        Shape::Single => Some(first),
        Shape::Range => match lexer.next() {
            Some(Token::String(last)) => Some(code(&last)),
            _ => None,
        },
    }
}

/// A code of up to four bytes.
pub(super) fn code(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .take(4)
        .fold(0, |value, byte| (value << 8) | u32::from(*byte))
}

fn units(bytes: &[u8]) -> Box<[u16]> {
    // One byte alone is a character, too: some writers save the zero.
    bytes.chunks(2).take(256).map(|pair| code(pair) as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &[u8] = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /WMode 0 def
        1 begincodespacerange <0000> <FFFF> endcodespacerange
        2 beginbfchar <0003> <0020> <0010> <D83DDE00> endbfchar
        2 beginbfrange <0020> <0025> <0041> <0030> <0032> [<0066> <00660069> <FB02>] endbfrange
        1 begincidrange <0000> <00FF> 100 endcidrange endcmap";

    #[test]
    fn codes_to_text() {
        let map = CMap::parse(SOURCE);
        let mut out = String::new();
        for code in [0x20, 0x25, 3, 0x31, 0x32, 0x10] {
            assert!(map.text(code, &mut out));
        }
        assert_eq!(out, "AF fifl😀");
        assert!(!map.text(0x26, &mut out));
        assert_eq!((map.identifier(5), map.code_length(&[0, 1, 2])), (Some(105), Some(2)));
    }

    #[test]
    fn huge_ranges_cost_nothing() {
        let map = CMap::parse(b"beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange");
        let mut out = String::new();
        assert!(map.text(1, &mut out));
        assert_eq!(out, "B");
    }
}
