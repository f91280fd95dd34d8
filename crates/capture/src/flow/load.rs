//! What conversations need of memory, and whose turn it is to be let go where that is too much.

use super::due::Slot;
use std::collections::VecDeque;

/// Conversations that are heard longer than others are spared so often, one after the other.
const SPARED: usize = 16;

/// The conversations of a table, in the order in which they began or were last spared.
#[derive(Debug)]
pub(super) struct Load {
    bytes: usize,
    most: usize,
    order: VecDeque<Turn>,
    /// Conversations that were let go.
    pub(super) let_go: u64,
}

/// A flow, by its place and its first frame, and its last frame when it was put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) slot: Slot,
    pub(super) flow: u64,
    pub(super) heard: u64,
}

impl Load {
    /// With room for so many bytes.
    pub(super) const fn new(most: usize) -> Self {
        Self {
            bytes: 0,
            most,
            order: VecDeque::new(),
            let_go: 0,
        }
    }

    /// A conversation needed `before` and needs `after`.
    pub(super) fn change(&mut self, before: usize, after: usize, turn: Turn) {
        self.bytes = (self.bytes + after).saturating_sub(before);
        if before == 0 && after > 0 {
            self.order.push_back(turn);
        }
    }

    /// Whether it is too much.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes > self.most
    }

    /// Forgets those that are over, if there are many of them.
    pub(super) fn clean(&mut self, flows: usize, is_open: impl FnMut(&Turn) -> bool) {
        if self.order.len() > 2 * flows + 1_024 {
            self.order.retain(is_open);
        }
    }

    /// Whose turn it is. `last` says of a conversation that is not over when it was heard last: those that go on are spared
    /// a few times, and whoever began and fell silent goes first.
    pub(super) fn turn(&mut self, mut last: impl FnMut(&Turn) -> Option<u64>) -> Option<Turn> {
        let mut spared = 0;
        while let Some(turn) = self.order.pop_front() {
            match last(&turn) {
                None => {}
                Some(heard) if heard > turn.heard && spared < SPARED => {
                    spared += 1;
                    self.order.push_back(Turn { heard, ..turn });
                }
                Some(_) => return Some(turn),
            }
        }
        None
    }
}
