//! What happened in a flow, as letters: see `watchfire_model::network::Flow::history`.

use crate::protocol::Side;

/// Letters of a flow.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    letters: String,
    /// Letters that both sides have had: bits of `A` to `Z`, the responder's in the upper half.
    seen: u64,
}

impl History {
    /// Letters that are kept; who begins and resets for ever writes no more.
    const MOST: usize = 64;

    /// Adds a letter, if it is its first. Whether it was there before.
    pub(super) fn first(&mut self, side: Side, letter: u8) -> bool {
        let shift = if side == Side::Originator { 0 } else { 32 };
        let bit = 1_u64 << (u32::from(letter.wrapping_sub(b'A')) % 32 + shift);
        let was_there = self.seen & bit != 0;
        if !was_there {
            self.seen |= bit;
            self.again(side, letter);
        }
        was_there
    }

    /// Adds a letter.
    pub(super) fn again(&mut self, side: Side, letter: u8) {
        if self.letters.len() < Self::MOST {
            // As many as most flows have, at once.
            self.letters.reserve(if self.letters.is_empty() { 12 } else { 1 });
            self.letters.push(char::from(match side {
                Side::Originator => letter,
                Side::Responder => letter.to_ascii_lowercase(),
            }));
        }
    }

    /// Says that the ends were swapped. What stands there changes its side.
    pub(super) fn swap(&mut self) {
        self.seen = self.seen.rotate_left(32);
        self.letters = self
            .letters
            .chars()
            .map(|letter| {
                if letter.is_ascii_uppercase() {
                    letter.to_ascii_lowercase()
                } else {
                    letter.to_ascii_uppercase()
                }
            })
            .collect();
        self.letters.insert(0, '^');
    }

    pub(super) fn take_letters(&mut self) -> String {
        std::mem::take(&mut self.letters)
    }
}

/// Something that comes back is written down at each tenfold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recurring(u32);

impl Recurring {
    pub(super) fn count(&mut self, history: &mut History, side: Side, letter: u8) {
        self.0 = self.0.saturating_add(1);
        if self.0 == 10_u32.pow(self.0.ilog10()) {
            history.again(side, letter);
        }
    }
}
