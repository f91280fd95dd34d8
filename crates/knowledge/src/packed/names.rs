//! A static hash table from short byte strings to 16-bit values.
//!
//! `slots: u32`, then the slots, then the entries. A slot is empty (zero) or holds eight bits of the hash above the
//! offset of an entry, counted from one. Collisions are in the following slots, up to the first empty one. An entry is
//! `length: u8`, the value, the key. Keys are at most 255 bytes.

use super::hash::Hash;
use super::u32_at;

/// An embedded table.
#[derive(Clone, Copy)]
pub(crate) struct Names {
    count: u32,
    slots: &'static [u8],
    entries: &'static [u8],
}

impl Names {
    /// Reads the header. What is not such a table is an empty one; tests look up something in each.
    pub(crate) const fn new(table: &'static [u8]) -> Self {
        const EMPTY: Names = Names {
            count: 0,
            slots: &[],
            entries: &[],
        };
        let Some((count, rest)) = table.split_first_chunk::<4>() else {
            return EMPTY;
        };
        let count = u32::from_le_bytes(*count);
        match rest.split_at_checked(count as usize * 4) {
            Some((slots, entries)) => Self { count, slots, entries },
            None => EMPTY,
        }
    }

    /// The value of the key that hashes to `hash` and satisfies `is_it`.
    pub(crate) fn find(&self, hash: Hash, is_it: impl Fn(&[u8]) -> bool) -> Option<u16> {
        let mut at = hash.slot(self.count);
        for _ in 0..self.count {
            let slot = u32_at(self.slots, at as usize)?;
            if slot == 0 {
                return None;
            }
            if slot >> 24 == hash.mark() {
                let (key, value) = self.entry(slot & 0x00ff_ffff)?;
                if is_it(key) {
                    return Some(value);
                }
            }
            at = if at + 1 == self.count { 0 } else { at + 1 };
        }
        None
    }

    /// The value of `key`.
    pub(crate) fn get(&self, key: &[u8]) -> Option<u16> {
        self.find(Hash::of(key), |found| found == key)
    }

    /// The value of each domain that `host` is or lies below, from the shortest to the host itself, with the part of
    /// `host` that matched. `each` says whether to go on.
    pub(crate) fn walk<'a>(&self, host: &'a str, mut each: impl FnMut(&'a str, Option<u16>) -> bool) {
        let mut hash = Hash::EMPTY;
        let mut lookup = |start: usize, hash: Hash| match host.get(start..) {
            Some(domain) => each(domain, self.find(hash, |key| key == domain.as_bytes())),
            None => false,
        };
        for (at, byte) in host.bytes().enumerate().rev() {
            if byte == b'.' && !lookup(at + 1, hash) {
                return;
            }
            hash = hash.prepend(byte);
        }
        lookup(0, hash);
    }

    fn entry(&self, offset: u32) -> Option<(&'static [u8], u16)> {
        let entry = self.entries.get(offset.checked_sub(1)? as usize..)?;
        let (&[length, low, high], rest) = entry.split_first_chunk::<3>()?;
        Some((rest.get(..usize::from(length))?, u16::from_le_bytes([low, high])))
    }

    /// Every key and its value, in the order of the table.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static [u8], u16)> {
        let mut offset = 1;
        let table = *self;
        std::iter::from_fn(move || {
            let (key, value) = table.entry(offset)?;
            offset += 3 + key.len() as u32;
            Some((key, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One key, `b.c`, with the value 7, in a table of one slot.
    fn table() -> Names {
        let slot = (Hash::of(b"b.c").mark() << 24) | 1;
        let mut bytes = 1_u32.to_le_bytes().to_vec();
        bytes.extend(slot.to_le_bytes());
        bytes.extend([3, 7, 0]);
        bytes.extend(b"b.c");
        Names::new(bytes.leak())
    }

    #[test]
    fn only_the_very_key_is_found() {
        assert_eq!(table().get(b"b.c"), Some(7));
        for other in ["", "b.d", "b.", "a.b.c", "B.C"] {
            assert_eq!(table().get(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_walk_visits_every_parent_and_the_host() {
        let mut seen = Vec::new();
        table().walk("a.b.c", |domain, value| {
            seen.push((domain, value));
            true
        });
        assert_eq!(seen, [("c", None), ("b.c", Some(7)), ("a.b.c", None)]);
    }

    #[test]
    fn damaged_tables_are_empty() {
        for bytes in [&b""[..], b"\x01\0\0", b"\xff\xff\xff\xff", b"\x02\0\0\0\x01\0\0\0"] {
            assert_eq!(Names::new(bytes).get(b"b.c"), None);
        }
    }
}
