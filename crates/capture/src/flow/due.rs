//! When to look whether a flow has fallen silent: a calendar of seconds.
//!
//! A flow is written down once, at the second at which it would end if nothing more came. What comes later moves nothing:
//! when that second is over, whoever was heard since is written down anew. So a packet costs nothing here. A place that is
//! written down stays so when its flow ends, and serves the next flow there.

use super::SECOND;
use std::collections::{BTreeMap, VecDeque};
use watchfire_model::Timestamp;

/// The place of a flow in its slab.
pub(super) type Slot = u32;

/// A second since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Second(i64);

impl Second {
    /// Behind all others.
    pub(super) const NEVER: Self = Self(i64::MAX);

    /// The one in which that is.
    #[inline]
    pub(super) const fn of(time: Timestamp) -> Self {
        Self(time.nanoseconds().div_euclid(SECOND as i64))
    }
}

/// Places of flows by the second at which these may end. A place may stand there more than once: what counts is which one
/// it says.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    seconds: BTreeMap<Second, VecDeque<Slot>>,
    entries: usize,
}

impl Calendar {
    pub(super) fn add(&mut self, second: Second, slot: Slot) {
        self.seconds.entry(second).or_default().push_back(slot);
        self.entries += 1;
    }

    /// Entries, those among them that do not count any more.
    pub(super) const fn len(&self) -> usize {
        self.entries
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.seconds.clear();
        self.entries = 0;
    }

    /// Takes out who stands at seconds that are over.
    pub(super) fn until(&mut self, now: Timestamp) -> Vec<(Second, VecDeque<Slot>)> {
        let is_over = self
            .seconds
            .first_key_value()
            .is_some_and(|(first, _)| *first < Second::of(now));
        if !is_over {
            return Vec::new();
        }
        let later = self.seconds.split_off(&Second::of(now));
        let over: Vec<_> = std::mem::replace(&mut self.seconds, later).into_iter().collect();
        self.entries -= over.iter().map(|(_, slots)| slots.len()).sum::<usize>();
        over
    }

    /// Takes out who stands there first.
    pub(super) fn pop(&mut self) -> Option<(Second, Slot)> {
        loop {
            let mut first = self.seconds.first_entry()?;
            if let Some(slot) = first.get_mut().pop_front() {
                self.entries -= 1;
                return Some((*first.key(), slot));
            }
            first.remove();
        }
    }
}
