//! Builds the table that `src/packed/phrases.rs` searches.
//!
//! Pieces are found as byte pair encoding does: again and again, the most frequent pair of neighbours becomes one.

use crate::Result;
use crate::spans::varint;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Texts in a block, as in the reader.
const BLOCK: usize = 16;
const PLAIN: u8 = 0x01;
/// Pieces: what is left of a byte.
const PIECES: u16 = 128;
/// Longest piece in bytes.
const LONGEST: usize = 32;
/// Longest text in bytes.
const MOST: usize = 120;

/// A character, from 128 up a piece; what cannot be part of a piece is [`u16::MAX`].
type Symbol = u16;

pub(crate) fn build(texts: &BTreeMap<u32, String>) -> Result<Vec<u8>> {
    let texts: BTreeMap<u32, String> = texts.iter().map(|(number, text)| (*number, shortened(text))).collect();
    let mut lines: Vec<Vec<Symbol>> = texts.values().map(|text| symbols(text)).collect();
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for next in 0..PIECES {
        let Some(pair) = most_frequent(&lines, &pieces) else {
            break;
        };
        pieces.push([spelled(pair.0, &pieces), spelled(pair.1, &pieces)].concat());
        for line in &mut lines {
            join(line, pair, 128 + next);
        }
    }
    let mut head = Vec::new();
    for piece in &pieces {
        head.push(u8::try_from(piece.len())?);
        head.extend(piece);
    }
    let mut table = u32::try_from(head.len())?.to_le_bytes().to_vec();
    table.extend(head);
    let (mut index, mut blocks) = (Vec::new(), Vec::new());
    let entries: Vec<_> = texts.iter().zip(&lines).collect();
    for block in entries.chunks(BLOCK) {
        let mut before = None;
        for ((number, text), line) in block {
            let first = *before.get_or_insert_with(|| {
                index.extend(number.to_le_bytes());
                index.extend((blocks.len() as u32).to_le_bytes());
                **number
            });
            varint(u64::from(**number - first), &mut blocks);
            before = Some(**number);
            let stored = stored(line, text);
            blocks.push(u8::try_from(stored.len())?);
            blocks.extend(stored);
        }
    }
    table.extend(u32::try_from(entries.len().div_ceil(BLOCK))?.to_le_bytes());
    table.extend(index);
    table.extend(blocks);
    Ok(table)
}

/// One line of printable characters, not longer than [`MOST`].
pub(crate) fn shortened(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| {
            if c.is_control() || c.is_whitespace() || c == '\u{ad}' {
                ' '
            } else {
                c
            }
        })
        .collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut = clean.len().min(MOST);
    while !clean.is_char_boundary(cut) {
        cut -= 1;
    }
    clean.get(..cut).unwrap_or_default().trim_end().to_owned()
}

fn symbols(text: &str) -> Vec<Symbol> {
    text.bytes()
        .map(|byte| if byte < 0x80 { byte.into() } else { Symbol::MAX })
        .collect()
}

fn spelled(symbol: Symbol, pieces: &[Vec<u8>]) -> Vec<u8> {
    match symbol.checked_sub(128) {
        Some(piece) => pieces.get(usize::from(piece)).cloned().unwrap_or_default(),
        None => vec![symbol as u8],
    }
}

fn most_frequent(lines: &[Vec<Symbol>], pieces: &[Vec<u8>]) -> Option<(Symbol, Symbol)> {
    let mut counts: HashMap<(Symbol, Symbol), u64> = HashMap::new();
    for line in lines {
        for pair in line.array_windows::<2>() {
            *counts.entry((pair[0], pair[1])).or_default() += 1;
        }
    }
    let fits = |pair: &(Symbol, Symbol)| {
        pair.0 != Symbol::MAX
            && pair.1 != Symbol::MAX
            && spelled(pair.0, pieces).len() + spelled(pair.1, pieces).len() <= LONGEST
    };
    counts
        .into_iter()
        .filter(|(pair, _)| fits(pair))
        .min_by_key(|(pair, count)| (Reverse(*count), *pair))
        .map(|(pair, _)| pair)
}

fn join(line: &mut Vec<Symbol>, pair: (Symbol, Symbol), joined: Symbol) {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        match behind.split_first() {
            Some((second, behind)) if (*first, *second) == pair => {
                out.push(joined);
                rest = behind;
            }
            _ => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    *line = out;
}

fn stored(line: &[Symbol], text: &str) -> Vec<u8> {
    let mut plain = text.bytes().filter(|byte| *byte >= 0x80);
    let mut out = Vec::new();
    let mut rest = line;
    while let Some((symbol, behind)) = rest.split_first() {
        if *symbol == Symbol::MAX {
            let length = rest.iter().take_while(|symbol| **symbol == Symbol::MAX).count();
            out.extend([PLAIN, length as u8]);
            out.extend(plain.by_ref().take(length));
            rest = rest.get(length..).unwrap_or_default();
        } else {
            out.push(*symbol as u8);
            rest = behind;
        }
    }
    out
}
