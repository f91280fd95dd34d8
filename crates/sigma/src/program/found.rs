//! What was found in a value: each predicate once.

use super::bits::Bits;
use super::index::usize;

/// A label of a literal: the predicate holds, or, with this bit, has yet to be decided.
pub(crate) const CANDIDATE: u32 = 1 << 31;

/// Predicates that hold, and those to decide.
#[derive(Debug)]
pub(crate) struct Found {
    hits: Vec<u32>,
    candidates: Vec<u32>,
    /// Those in either list.
    seen: Bits,
}

impl Found {
    pub(crate) fn new(predicates: usize) -> Self {
        Self {
            hits: Vec::new(),
            candidates: Vec::new(),
            seen: Bits::new(predicates),
        }
    }

    /// Begins anew.
    pub(crate) fn clear(&mut self) {
        for number in self.hits.drain(..).chain(self.candidates.drain(..)) {
            self.seen.unset(usize(number & !CANDIDATE));
        }
    }

    /// Predicates that hold. Whoever marks them with the highest bit does so until the next [`Self::clear`].
    pub(crate) fn hits(&self) -> &[u32] {
        &self.hits
    }

    /// See [`Self::hits`].
    pub(crate) fn hits_mut(&mut self) -> &mut [u32] {
        &mut self.hits
    }

    /// Takes a label, if it is new.
    #[inline]
    pub(crate) fn hit(&mut self, label: u32) {
        let number = label & !CANDIDATE;
        if self.seen.insert(usize(number)) {
            if label & CANDIDATE == 0 {
                self.hits.push(number);
            } else {
                self.candidates.push(number);
            }
        }
    }

    /// Predicates that have yet to be decided join those that hold, or do not.
    pub(crate) fn settle(&mut self, mut holds: impl FnMut(u32) -> bool) {
        for number in self.candidates.drain(..) {
            if holds(number) {
                self.hits.push(number);
            } else {
                self.seen.unset(usize(number));
            }
        }
    }
}
