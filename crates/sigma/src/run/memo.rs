//! A bounded memory for what was answered about values: logs repeat themselves.
//!
//! Answers are written one behind the other into a ring, the items and then the value, so that one look reads both; what is
//! oldest is overwritten. Each value has two places where its answer is noted, and takes the one that was used less lately.
//! What is asked and the value's bytes are compared in full: values whose hashes are made to collide push one another out,
//! and nothing more.

/// Longest value that is remembered. Bytes.
pub(crate) const LONGEST: usize = 4 << 10;
/// Most items of an answer that is remembered.
const ITEMS: usize = 4 << 10;
/// Places, a power of two.
const PLACES: usize = 1 << 15;
/// Bytes of the ring.
const RING: usize = 16 << 20;

/// Where an answer stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// Bytes written before it, and one; 0 where nothing stands here.
    at: u64,
    /// What was asked, and [`RECENT`].
    asked: u32,
    items: u16,
    length: u16,
}

/// Looked up since its neighbour was.
const RECENT: u32 = 1 << 31;

/// What is asked: the field, with every set of keywords a question of its own. Nothing where there are too many to tell apart.
pub(crate) fn asked(field: u32, is_number: bool, keywords: Option<usize>) -> Option<u32> {
    let keywords = keywords.map_or(Some(0), |set| u32::try_from(set + 1).ok().filter(|set| *set < 1 << 10))?;
    (field < 1 << 20).then_some(field | u32::from(is_number) << 20 | keywords << 21)
}

/// The two places of a slot.
pub(crate) type Pair = [Place; 2];

/// What was answered.
#[derive(Debug)]
pub(crate) struct Memo {
    places: Vec<Pair>,
    /// Grows up to [`RING`].
    ring: Vec<u8>,
    /// Bytes written so far, those skipped at the end of the ring counted.
    written: u64,
}

/// Where a value's answer may be noted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot(usize);

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn narrow(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Memo {
    pub(crate) fn new() -> Self {
        Self {
            places: vec![[Place::default(); 2]; PLACES / 2],
            ring: Vec::new(),
            written: 0,
        }
    }

    /// Where the answer for this value may be noted.
    pub(crate) fn slot(asked: u32, value: &[u8]) -> Slot {
        // Quick and weak: a value that is made to collide only pushes another out.
        let mix = |hash: u64, word: u64| (hash.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        let half = |bytes: &[u8]| bytes.try_into().map_or(0, u32::from_le_bytes);
        let mut hash = mix(u64::from(asked), wide(value.len()));
        if let Some(last) = value.last_chunk::<8>() {
            hash = value.chunks_exact(8).fold(hash, |hash, bytes| mix(hash, word(bytes)));
            hash = mix(hash, u64::from_le_bytes(*last));
        } else if let (Some(first), Some(last)) = (value.first_chunk::<4>(), value.last_chunk::<4>()) {
            hash = mix(hash, u64::from(half(first)) << 32 | u64::from(half(last)));
        } else if let [first, .., last] = value {
            let middle = value.get(value.len() / 2).copied().unwrap_or(0);
            hash = mix(
                hash,
                u64::from(*first) << 16 | u64::from(middle) << 8 | u64::from(*last),
            );
        } else {
            hash = mix(hash, value.first().copied().map_or(0, u64::from));
        }
        Slot(narrow((hash ^ hash >> 32) >> 16) % (PLACES / 2))
    }

    /// What stands at a slot. Asked for several values before any is looked at, the processor waits for all of them at once.
    pub(crate) fn pair(&self, slot: Slot) -> Pair {
        self.places.get(slot.0).copied().unwrap_or_default()
    }

    /// The items that were answered for the value, four bytes each, the lowest first.
    pub(crate) fn get(&mut self, slot: Slot, pair: &Pair, asked: u32, value: &[u8]) -> Option<&[u8]> {
        let ring = &self.ring;
        let written = self.written;
        let found = pair.iter().position(|place| {
            let is_kept = place.at != 0 && written - (place.at - 1) <= wide(RING);
            is_kept && place.asked & !RECENT == asked && usize::from(place.length) == value.len() && {
                let from = narrow((place.at - 1) % wide(RING)) + 4 * usize::from(place.items);
                ring.get(from..from + value.len()) == Some(value)
            }
        })?;
        let place = pair.get(found)?;
        if place.asked & RECENT == 0
            && let Some(pair) = self.places.get_mut(slot.0)
        {
            for (number, place) in pair.iter_mut().enumerate() {
                let is_recent = if number == found { RECENT } else { 0 };
                place.asked = place.asked & !RECENT | is_recent;
            }
        }
        let from = narrow((place.at - 1) % wide(RING));
        self.ring.get(from..from + 4 * usize::from(place.items))
    }

    /// Remembers the items.
    pub(crate) fn put(&mut self, slot: Slot, asked: u32, value: &[u8], items: &[u32]) {
        if items.len() > ITEMS || value.len() > LONGEST {
            return;
        }
        let size = 4 * items.len() + value.len();
        let mut from = narrow(self.written % wide(RING));
        if from + size > RING {
            self.written += wide(RING - from);
            from = 0;
        }
        if self.ring.len() < from + size {
            self.ring.resize(from + size, 0);
        }
        let Some(room) = self.ring.get_mut(from..from + size) else {
            return;
        };
        let (of_items, of_value) = room.split_at_mut(4 * items.len());
        for (bytes, item) in of_items.chunks_exact_mut(4).zip(items) {
            bytes.copy_from_slice(&item.to_le_bytes());
        }
        of_value.copy_from_slice(value);
        let place = Place {
            asked: asked | RECENT,
            at: self.written + 1,
            items: u16::try_from(items.len()).unwrap_or(u16::MAX),
            length: u16::try_from(value.len()).unwrap_or(u16::MAX),
        };
        self.written += wide(size);
        if let Some([one, other]) = self.places.get_mut(slot.0) {
            let (taken, left) = if one.asked & RECENT != 0 {
                (other, one)
            } else {
                (one, other)
            };
            *taken = place;
            left.asked &= !RECENT;
        }
    }
}
