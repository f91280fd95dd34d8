//! Names of fields as small integers.
//!
//! A name that was met gets a number, and the same name keeps it for as long as the table lives, so that whoever asks for
//! fields compares numbers and hashes no text. Names that a parser writes down ([`Key`]) are found by a hash that the
//! compiler made; names that a log brings are compared letter by letter. What a log brings is bounded: a name that finds no
//! place has no number ([`NameId::NONE`]) and is carried with its record.

use super::hash;

/// The number of a name in a [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(u32);

impl NameId {
    /// The name found no place in the table.
    pub const NONE: Self = Self(u32::MAX);
    /// What names without a parent have for a parent.
    pub(crate) const ROOT: Self = Self(u32::MAX - 1);

    /// As an index from 0. Names without a number have the largest there is.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A name that a parser writes down, with its hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    name: &'static str,
    hash: u64,
}

impl Key {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            hash: hash::of_text(name.as_bytes(), NameId::ROOT.0 as u64),
        }
    }
}

impl Key {
    /// Whether it is this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

/// A [`Key`] made by the compiler.
macro_rules! key {
    ($name:expr) => {
        const { &$crate::log::name::Key::new($name) }
    };
}
pub(crate) use key;

/// Names at most.
const MOST: usize = 1 << 16;
/// Bytes of all names together at most.
const MOST_BYTES: usize = 4 << 20;
/// How far a place is looked for. A log whose names were made to meet in one place gets no further.
const PROBES: usize = 32;

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u64,
    /// The number plus one; 0 where the place is free.
    id: u32,
    /// Whether hash alone decides: the name stands in the source of this program.
    is_fixed: bool,
    /// Where the last part of the name stands, and whose child it is.
    parent: u32,
    start: u32,
    len: u32,
}

/// The table of names.
#[derive(Clone, Debug)]
pub struct Names {
    /// All names and parts, one behind the other.
    text: String,
    /// Where each name stands.
    places: Vec<(u32, u32)>,
    slots: Vec<Slot>,
    used: usize,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            text: String::new(),
            places: Vec::new(),
            slots: vec![Slot::default(); 1024],
            used: 0,
        }
    }
}

impl Names {
    /// How many names have a number; numbers are below it.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether no name was met.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The name with a number; empty where there is none.
    pub fn get(&self, id: NameId) -> &str {
        let place = self.places.get(id.index());
        place.map_or("", |&(start, len)| piece(&self.text, start, len))
    }

    /// The number of a name that was met or is met now.
    pub fn id(&mut self, name: &str) -> NameId {
        self.child(NameId::ROOT, name)
    }

    /// The number of a name that the parser wrote down.
    #[inline]
    pub(crate) fn key(&mut self, key: &Key) -> NameId {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = key.hash as usize & mask;
        for _ in 0..PROBES {
            match self.slots.get(at) {
                Some(slot) if slot.is_fixed && slot.hash == key.hash => return NameId(slot.id.wrapping_sub(1)),
                Some(slot) if slot.id == 0 => break,
                _ => at = at.wrapping_add(1) & mask,
            }
        }
        self.new_key(key)
    }

    #[cold]
    fn new_key(&mut self, key: &Key) -> NameId {
        let id = self.child(NameId::ROOT, key.name);
        // From now on its hash is enough.
        if let Some(slot) = self
            .slots
            .iter_mut()
            .find(|slot| slot.hash == key.hash && slot.parent == NameId::ROOT.0 && slot.id == id.0.wrapping_add(1))
        {
            slot.is_fixed = true;
        }
        id
    }

    /// The number of a name, if it was met.
    pub fn known(&self, name: &str) -> Option<NameId> {
        self.find(hash_of(NameId::ROOT, name.as_bytes()), NameId::ROOT, name.as_bytes())
    }

    /// The number of the name that `part` makes below `parent`.
    #[inline]
    pub(crate) fn child(&mut self, parent: NameId, part: &str) -> NameId {
        self.child_of_bytes(parent, part.as_bytes())
    }

    /// The same for bytes, which are text once they are new. What is no UTF-8 has no number.
    #[inline]
    pub(crate) fn child_of_bytes(&mut self, parent: NameId, part: &[u8]) -> NameId {
        let hash = hash_of(parent, part);
        match self.find(hash, parent, part) {
            Some(id) => id,
            None => std::str::from_utf8(part).map_or(NameId::NONE, |part| self.insert(hash, parent, part)),
        }
    }

    #[inline]
    fn find(&self, hash: u64, parent: NameId, part: &[u8]) -> Option<NameId> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        for _ in 0..PROBES {
            let slot = self.slots.get(at)?;
            if slot.id == 0 {
                return None;
            }
            if slot.hash == hash
                && slot.parent == parent.0
                && piece(&self.text, slot.start, slot.len).as_bytes() == part
            {
                return Some(NameId(slot.id.wrapping_sub(1)));
            }
            at = at.wrapping_add(1) & mask;
        }
        None
    }

    #[cold]
    fn insert(&mut self, hash: u64, parent: NameId, part: &str) -> NameId {
        let room = self.places.len() < MOST && self.used < 2 * MOST;
        if parent == NameId::NONE || !room || self.text.len().saturating_add(part.len()) > MOST_BYTES {
            return NameId::NONE;
        }
        let full = if parent == NameId::ROOT {
            None
        } else {
            Some(joined(self.get(parent), part))
        };
        let (id, start, len) = match full {
            // The whole name may be known from elsewhere; the part below its parent is another way to it.
            Some(full) => {
                let id = self.child(NameId::ROOT, &full);
                if id == NameId::NONE {
                    return id;
                }
                let Some((start, len)) = self.keep(part) else {
                    return NameId::NONE;
                };
                (id, start, len)
            }
            None => {
                let Some((start, len)) = self.keep(part) else {
                    return NameId::NONE;
                };
                let id = NameId(u32::try_from(self.places.len()).unwrap_or(u32::MAX));
                self.places.push((start, len));
                (id, start, len)
            }
        };
        if self.used.saturating_mul(2) >= self.slots.len() {
            self.grow();
        }
        let slot = Slot {
            hash,
            id: id.0.wrapping_add(1),
            is_fixed: false,
            parent: parent.0,
            start,
            len,
        };
        if self.put(slot) { id } else { NameId::NONE }
    }

    fn keep(&mut self, part: &str) -> Option<(u32, u32)> {
        let start = u32::try_from(self.text.len()).ok()?;
        let len = u32::try_from(part.len()).ok()?;
        self.text.push_str(part);
        Some((start, len))
    }

    fn put(&mut self, slot: Slot) -> bool {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = slot.hash as usize & mask;
        for _ in 0..PROBES {
            match self.slots.get_mut(at) {
                Some(free) if free.id == 0 => {
                    *free = slot;
                    self.used = self.used.saturating_add(1);
                    return true;
                }
                _ => at = at.wrapping_add(1) & mask,
            }
        }
        false
    }

    fn grow(&mut self) {
        let larger = vec![Slot::default(); self.slots.len().saturating_mul(2)];
        let slots = std::mem::replace(&mut self.slots, larger);
        self.used = 0;
        for slot in slots.into_iter().filter(|slot| slot.id != 0) {
            self.put(slot);
        }
    }
}

/// How a part hangs on its parent. Envelopes that say nothing of their own are left out of names, so that a Windows event
/// is called the same however it was exported: `Event.EventData.Image` is `Image`, `Event.System.Provider.#attributes.Name`
/// is `Provider_Name`, as in EVTX. So is the hit of a search (`_source`).
fn joined(parent: &str, part: &str) -> String {
    match (parent, part) {
        ("Event.EventData" | "Event.System" | "Event.UserData" | "_source", _) => part.to_owned(),
        (_, "#attributes") => format!("{parent}#"),
        (_, "#text") => parent.to_owned(),
        _ => match parent.strip_suffix('#') {
            Some(element) => format!("{element}_{part}"),
            None => format!("{parent}.{part}"),
        },
    }
}

#[inline]
fn hash_of(parent: NameId, part: &[u8]) -> u64 {
    hash::of_text(part, u64::from(parent.0))
}

fn piece(text: &str, start: u32, len: u32) -> &str {
    let start = start as usize;
    text.get(start..start.saturating_add(len as usize)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number_by_whatever_way_it_comes() {
        let mut names = Names::default();
        let user = names.key(key!("user.name"));
        assert_eq!(names.key(key!("user.name")), user);
        let parent = names.id("user");
        assert_eq!(names.child(parent, "name"), user);
        assert_eq!(names.child(parent, "name"), user);
        assert_eq!(names.get(user), "user.name");
        assert_ne!(names.id("other"), user);
    }

    #[test]
    fn envelopes_leave_no_trace_in_names() {
        let mut names = Names::default();
        let mut name = |path: &[&str]| {
            let id = path.iter().fold(NameId::ROOT, |id, part| names.child(id, part));
            names.get(id).to_owned()
        };
        assert_eq!(name(&["Event", "EventData", "Image"]), "Image");
        assert_eq!(
            name(&["Event", "System", "Provider", "#attributes", "Name"]),
            "Provider_Name"
        );
        assert_eq!(name(&["Event", "System", "EventID", "#text"]), "EventID");
        assert_eq!(name(&["a", "b", "c"]), "a.b.c");
        assert_eq!(name(&["_source", "host", "name"]), "host.name");
    }

    #[test]
    fn names_are_bounded() {
        let mut names = Names::default();
        for number in 0..100_000 {
            names.id(&format!("name-{number}"));
        }
        assert!(names.len() <= MOST);
        assert_eq!(names.id("one more"), NameId::NONE);
        assert_eq!(names.get(NameId::NONE), "");
    }
}
