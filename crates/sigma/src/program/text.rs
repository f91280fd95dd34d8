//! A text made ready to be searched: in lower case, with room on both sides, so that eight bytes can be read at any place.

use std::io::Write;

/// Zero bytes on both sides of a text.
pub(crate) const MARGIN: usize = 16;

/// Between texts that are searched together. No text holds it, and so nothing is found across it.
const BETWEEN: u8 = 0xff;

/// One text, or several one behind the other. Its memory is used again.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// Margin, text, margin, and whatever stood there before.
    bytes: Vec<u8>,
    /// Where the text ends.
    end: usize,
    is_ascii: bool,
}

impl Default for Prepared {
    fn default() -> Self {
        Self {
            bytes: vec![0; 4 * MARGIN],
            end: MARGIN,
            is_ascii: true,
        }
    }
}

/// Eight bytes, those of `A` to `Z` in lower case: no byte carries into the next.
fn lower_eight(bytes: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let low = bytes & (0x7f * ONES);
    let from_a = low + (0x80 - 0x41) * ONES;
    let behind_z = low + (0x7f - 0x5a) * ONES;
    bytes | ((from_a ^ behind_z) & !bytes & (0x80 * ONES)) >> 2
}

/// Up to eight bytes as a number, the first one lowest.
pub(crate) fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

impl Prepared {
    /// Begins anew.
    pub(crate) fn clear(&mut self) {
        self.end = MARGIN;
        self.is_ascii = true;
    }

    /// Room for so many more bytes, to be written to.
    fn room(&mut self, more: usize) -> &mut [u8] {
        let to = self.end + more;
        if self.bytes.len() < to + MARGIN {
            self.bytes.resize((to + MARGIN).next_power_of_two(), 0);
        }
        let room = self.bytes.get_mut(self.end..to).unwrap_or_default();
        self.end = to;
        room
    }

    /// Appends the lower case of a text.
    pub(crate) fn push_lower(&mut self, text: &str) {
        let from = self.end;
        let bytes = text.as_bytes();
        let room = self.room(bytes.len());
        let mut seen = 0;
        if let (Some(last), Some(room_of_last)) = (bytes.last_chunk::<8>(), room.len().checked_sub(8)) {
            let (words, _) = bytes.as_chunks::<8>();
            let (room_of_words, _) = room.as_chunks_mut::<8>();
            for (out, bytes) in room_of_words.iter_mut().zip(words) {
                let bytes = u64::from_le_bytes(*bytes);
                seen |= bytes;
                *out = lower_eight(bytes).to_le_bytes();
            }
            let last = u64::from_le_bytes(*last);
            seen |= last;
            if let Some(out) = room.get_mut(room_of_last..) {
                out.copy_from_slice(&lower_eight(last).to_le_bytes());
            }
        } else {
            for (out, byte) in room.iter_mut().zip(bytes) {
                seen |= u64::from(*byte);
                *out = byte.to_ascii_lowercase();
            }
        }
        if seen & 0x8080_8080_8080_8080 != 0 {
            self.end = from;
            self.is_ascii = false;
            let mut buffer = [0; 4];
            for c in text.chars().flat_map(char::to_lowercase) {
                self.push(c.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }

    /// Appends bytes as they are.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
    }

    /// Appends a text as it is.
    pub(crate) fn push_raw(&mut self, text: &str) {
        self.is_ascii &= text.is_ascii();
        self.push(text.as_bytes());
    }

    /// Appends the value's text, in lower case if asked for; nothing for null.
    pub(crate) fn push_value(&mut self, value: crate::Value<'_>, is_lower: bool) {
        match value {
            crate::Value::Text(text) if is_lower => self.push_lower(text),
            crate::Value::Text(text) => self.push_raw(text),
            crate::Value::Integer(number) => {
                let mut digits = [0; 20];
                let mut rest = digits.as_mut_slice();
                // The longest number has twenty characters.
                let _ = write!(rest, "{number}");
                let length = 20 - rest.len();
                self.push(digits.get(..length).unwrap_or_default());
            }
            other => {
                let text = other.text().unwrap_or_default();
                if is_lower {
                    self.push_lower(&text);
                } else {
                    self.push_raw(&text);
                }
            }
        }
    }

    /// Parts what was appended from what will be.
    pub(crate) fn part(&mut self) {
        self.push(&[BETWEEN]);
    }

    /// Ends the text: what stands behind it are zero bytes from now on.
    pub(crate) fn close(&mut self) {
        let end = self.end;
        self.room(MARGIN).fill(0);
        self.end = end;
    }

    /// The text.
    pub(crate) fn bare(&self) -> &[u8] {
        self.bytes.get(MARGIN..self.end).unwrap_or_default()
    }

    /// The text and the zero bytes behind it.
    pub(crate) fn padded(&self) -> &[u8] {
        self.bytes.get(MARGIN..self.end + MARGIN).unwrap_or_default()
    }

    /// The last eight bytes, the first of them lowest; zeros before a shorter text.
    pub(crate) fn last(&self) -> u64 {
        let before = self.bytes.get(..self.end).unwrap_or_default();
        before.last_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// No byte is above 127.
    pub(crate) fn is_ascii(&self) -> bool {
        self.is_ascii
    }
}
