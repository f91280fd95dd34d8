//! Short texts by number, in which frequent pieces are one byte.
//!
//! The pieces first: their size (`u32`), then each as its length and its bytes. Then `blocks: u32`, for each block of
//! [`BLOCK`] the first number in it and where it lies (`u32` each), then the blocks: for each text the distance from the
//! number before (varint), its length in bytes as it is stored, and these: ASCII stands for itself, [`PLAIN`] for the
//! so many bytes that follow its length, and bytes from `0x80` up for pieces.

use super::spans::varint;
use super::u32_at;
use std::fmt;

/// Texts in a block.
const BLOCK: usize = 16;
/// What precedes other characters, with how many bytes they take.
const PLAIN: u8 = 0x01;

/// An embedded table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phrases {
    pieces: &'static [u8],
    index: &'static [u8],
    count: usize,
    blocks: &'static [u8],
}

/// A text as it is stored.
#[derive(Clone, Copy)]
pub(crate) struct Phrase {
    pieces: &'static [u8],
    stored: &'static [u8],
}

impl Phrases {
    /// Reads the header. What is not such a table is an empty one; tests look up something in each.
    pub(crate) const fn new(table: &'static [u8]) -> Self {
        let nothing = Self {
            pieces: &[],
            index: &[],
            count: 0,
            blocks: &[],
        };
        let Some((pieces, rest)) = table.split_first_chunk::<4>() else {
            return nothing;
        };
        let Some((pieces, rest)) = rest.split_at_checked(u32::from_le_bytes(*pieces) as usize) else {
            return nothing;
        };
        let Some((count, rest)) = rest.split_first_chunk::<4>() else {
            return nothing;
        };
        let count = u32::from_le_bytes(*count) as usize;
        match rest.split_at_checked(count * 8) {
            Some((index, blocks)) => Self {
                pieces,
                index,
                count,
                blocks,
            },
            None => nothing,
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The text of a number.
    pub(crate) fn get(&self, number: u32) -> Option<Phrase> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match u32_at(self.index, 2 * middle) {
                Some(first) if first <= number => low = middle + 1,
                _ => high = middle,
            }
        }
        let block = low.checked_sub(1)?;
        let mut at = u32_at(self.index, 2 * block)?;
        let mut bytes = self.blocks.get(u32_at(self.index, 2 * block + 1)? as usize..)?;
        for _ in 0..BLOCK {
            at = at.checked_add(u32::try_from(varint(&mut bytes)?).ok()?)?;
            let (length, rest) = bytes.split_first()?;
            let (stored, rest) = rest.split_at_checked(usize::from(*length))?;
            if at == number {
                return Some(Phrase {
                    pieces: self.pieces,
                    stored,
                });
            }
            if at > number {
                return None;
            }
            bytes = rest;
        }
        None
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut stored = self.stored.iter();
        while let Some(byte) = stored.next() {
            match *byte {
                PLAIN => {
                    let length = usize::from(stored.next().copied().unwrap_or_default());
                    let text = stored.as_slice().get(..length).unwrap_or_default();
                    f.write_str(std::str::from_utf8(text).unwrap_or_default())?;
                    stored = stored.as_slice().get(length..).unwrap_or_default().iter();
                }
                piece @ 0x80.. => f.write_str(self.piece(piece - 0x80).unwrap_or_default())?,
                ascii => write!(f, "{}", char::from(ascii))?,
            }
        }
        Ok(())
    }
}

impl Phrase {
    fn piece(&self, number: u8) -> Option<&'static str> {
        let mut pieces = self.pieces;
        for _ in 0..number {
            let (length, rest) = pieces.split_first()?;
            pieces = rest.get(usize::from(*length)..)?;
        }
        let (length, rest) = pieces.split_first()?;
        std::str::from_utf8(rest.get(..usize::from(*length))?).ok()
    }
}
