//! A bounded memory for what was answered about values: logs repeat themselves.
//!
//! Each value has two places where it may stand, and takes the one that was used less lately. Field and bytes are compared
//! in full, so that values whose hashes are made to collide push one another out and nothing more.

use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hasher};

/// Longest value that is remembered. Bytes.
pub(crate) const LONGEST: usize = 1 << 10;
/// Places. At [`LONGEST`] bytes each they hold 16 MiB, in practice a tenth of that.
const PLACES: usize = 1 << 14;

#[derive(Clone, Debug, Default)]
struct Place {
    field: u32,
    /// Looked up since its neighbour was.
    is_recent: bool,
    is_used: bool,
    value: Vec<u8>,
    items: Vec<u32>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Memo {
    places: Vec<Place>,
    state: FixedState,
}

/// Where a value may stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot(usize);

impl Memo {
    pub(crate) fn new() -> Self {
        Self {
            places: vec![Place::default(); PLACES],
            state: FixedState::default(),
        }
    }

    /// Where this value of this field may stand.
    pub(crate) fn slot(&self, field: u32, value: &[u8]) -> Slot {
        let mut hasher = self.state.build_hasher();
        hasher.write_u32(field);
        hasher.write(value);
        let hash = usize::try_from(hasher.finish() >> 32).unwrap_or(0);
        Slot(hash % (PLACES / 2) * 2)
    }

    /// The items that were answered for the value.
    pub(crate) fn get(&mut self, slot: Slot, field: u32, value: &[u8]) -> Option<&[u32]> {
        let pair = self.places.get_mut(slot.0..slot.0 + 2)?;
        let at = pair.iter().position(|place| place.is_used && place.field == field && place.value == value)?;
        for (number, place) in pair.iter_mut().enumerate() {
            place.is_recent = number == at;
        }
        pair.get(at).map(|place| place.items.as_slice())
    }

    /// Remembers the items.
    pub(crate) fn put(&mut self, slot: Slot, field: u32, value: &[u8], items: &[u32]) {
        let Some(pair) = self.places.get_mut(slot.0..slot.0 + 2) else { return };
        let Some(place) = pair.iter_mut().find(|place| !place.is_recent) else { return };
        place.field = field;
        place.is_used = true;
        place.value.clear();
        place.value.extend_from_slice(value);
        place.items.clear();
        place.items.extend_from_slice(items);
        // The newest is kept longer than the one before it.
        pair.iter_mut().for_each(|place| place.is_recent = place.is_used && place.value == value && place.field == field);
    }
}
