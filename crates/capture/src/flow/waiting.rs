//! Which flow falls silent next: queues in the order of last use, one for each patience.

/// The place of a flow in its slab.
pub(super) type Slot = u32;

/// No slot.
const NONE: Slot = Slot::MAX;

/// The neighbours of a flow in its queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links {
    before: Slot,
    after: Slot,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            before: NONE,
            after: NONE,
        }
    }
}

/// A queue through the flows of a slab. Whoever is used goes to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queue {
    first: Slot,
    last: Slot,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            first: NONE,
            last: NONE,
        }
    }
}

/// What has links.
pub(super) trait Linked {
    fn links(&mut self, slot: Slot) -> Option<&mut Links>;
}

impl Queue {
    /// Who was not used for the longest time.
    pub(super) fn first(&self) -> Option<Slot> {
        (self.first != NONE).then_some(self.first)
    }

    pub(super) fn add(&mut self, slot: Slot, slab: &mut impl Linked) {
        let last = std::mem::replace(&mut self.last, slot);
        if let Some(links) = slab.links(slot) {
            *links = Links {
                before: last,
                after: NONE,
            };
        }
        match slab.links(last) {
            Some(links) => links.after = slot,
            None => self.first = slot,
        }
    }

    pub(super) fn remove(&mut self, slot: Slot, slab: &mut impl Linked) {
        let Some(Links { before, after }) = slab.links(slot).map(std::mem::take) else {
            return;
        };
        match slab.links(before) {
            Some(links) => links.after = after,
            None => self.first = after,
        }
        match slab.links(after) {
            Some(links) => links.before = before,
            None => self.last = before,
        }
    }
}
