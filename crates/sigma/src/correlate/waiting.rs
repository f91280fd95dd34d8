//! Matches that wait for earlier ones, by time; those of one time in the order in which they came.

use super::Match;
use std::collections::{BTreeMap, VecDeque};

/// When a match happened, and as which it came.
type At = (i64, u64);

/// See the module. Most come in order, and stand behind one another; the others are looked up.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    in_order: VecDeque<(At, Match)>,
    late: BTreeMap<At, Match>,
    sequence: u64,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.in_order.len() + self.late.len()
    }

    pub(super) fn push(&mut self, time: i64, one: Match) {
        let at = (time, self.sequence);
        self.sequence += 1;
        if self.in_order.back().is_none_or(|(last, _)| *last <= at) {
            self.in_order.push_back((at, one));
        } else {
            self.late.insert(at, one);
        }
    }

    /// The time of the first.
    pub(super) fn first(&self) -> Option<i64> {
        let one = self.in_order.front().map(|((time, _), _)| *time);
        let other = self.late.first_key_value().map(|((time, _), _)| *time);
        one.into_iter().chain(other).min()
    }

    pub(super) fn pop(&mut self) -> Option<(i64, Match)> {
        let one = self.in_order.front().map(|(at, _)| *at);
        let other = self.late.first_key_value().map(|(at, _)| *at);
        let is_late = match (one, other) {
            (Some(one), Some(other)) => other < one,
            (one, _) => one.is_none(),
        };
        let ((time, _), popped) = if is_late {
            self.late.pop_first()
        } else {
            self.in_order.pop_front()
        }?;
        Some((time, popped))
    }
}
